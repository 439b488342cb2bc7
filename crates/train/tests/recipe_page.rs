//! The page on recipes shows one that is read, and knows every key.

#![allow(clippy::unwrap_used, reason = "tests")]

use arrears_train::Recipe;
use arrears_train::binning::BinningParams;
use arrears_train::engine::{Engine, LogisticParams, TreeParams};
use arrears_train::grow::Criterion;
use arrears_train::reject_inference::RejectParams;
use arrears_train::segmented::{SegmentsBy, SegmentsParams};
use arrears_train::segments::{KmeansSection, Scaling};

const PAGE: &str = include_str!("../../../docs/recipe.md");

fn shown() -> &'static str {
    PAGE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap()
}

#[test]
fn the_recipe_shown_has_the_defaults_it_says() {
    let recipe = Recipe::from_toml(shown(), "recipe.md", "x").unwrap();
    let binning = BinningParams { variables: recipe.binning.variables.clone(), ..BinningParams::default() };
    assert_eq!(recipe.binning, binning);
    recipe.binning.check().unwrap();
    assert_eq!(recipe.binning.variables.len(), 2);
    assert_eq!(recipe.logistic, LogisticParams::default());
    let (criterion, monotone) = (Some(Criterion::Entropy), recipe.tree.monotone.clone());
    assert_eq!(recipe.tree, TreeParams { criterion, monotone, ..TreeParams::default() });
    assert_eq!(recipe.tree.monotone.len(), 1);
    let rejects = RejectParams { path: Some("rejected.csv".to_owned()), ..RejectParams::default() };
    assert_eq!(recipe.reject_inference, Some(rejects));
    assert_eq!(recipe.model.engine, Some(Engine::Native));
    let kmeans = KmeansSection { scaling: Some(Scaling::Standard), ..KmeansSection::default() };
    assert_eq!(recipe.kmeans, kmeans);
    // Weights and rejected applicants, each shown, do not go together.
    let mut unweighted = recipe;
    unweighted.preparation.data.weight = None;
    arrears_train::settings::check(&unweighted).unwrap();
}

#[test]
fn the_texts_read_as_missing_are_the_default_ones() {
    let recipe = Recipe::from_toml(shown(), "recipe.md", "x").unwrap();
    assert_eq!(recipe.preparation.clean.missing, arrears_data::DEFAULT_MISSING);
}

/// The section stands there as comments, for with it a recipe of another kind, or with weights, is refused.
#[test]
fn the_section_on_segments_has_the_defaults_it_says() {
    let from = shown().lines().skip_while(|line| !line.starts_with("# [segments]"));
    let section = from.take_while(|line| !line.is_empty()).map(|line| line.trim_start_matches("# "));
    let section: String = section.map(|line| format!("{line}\n")).collect();
    let shown = Recipe::from_toml(&section, "recipe.md", "x").unwrap().segments.unwrap();
    let usual = SegmentsParams::default();
    let named = |params: &SegmentsParams| SegmentsParams {
        fields: shown.fields.clone(),
        groups: shown.groups.clone(),
        column: shown.column.clone(),
        ..params.clone()
    };
    let tree = SegmentsParams { k: None, ..shown.clone() };
    assert_eq!(tree, named(&usual.clone().resolved()));
    let kmeans = SegmentsParams { by: SegmentsBy::Kmeans, depth: None, ..shown.clone() };
    assert_eq!(kmeans, named(&SegmentsParams { by: SegmentsBy::Kmeans, ..usual }.resolved()));
    assert!(shown.column.is_some() && !shown.fields.is_empty() && !shown.groups.is_empty());
}

#[test]
fn the_page_names_every_key() {
    let keys = |toml: String| {
        let keys = toml.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.to_owned());
        keys.collect::<Vec<String>>()
    };
    let own = toml::to_string(&BinningParams::default()).unwrap();
    let logistic = toml::to_string(&LogisticParams::default()).unwrap();
    let rejects = toml::to_string(&RejectParams::default()).unwrap();
    let kmeans = toml::to_string(&KmeansSection::default().resolved()).unwrap();
    let criterion = Some(Criterion::Entropy);
    let tree = toml::to_string(&TreeParams { criterion, ..TreeParams::default() }).unwrap();
    let all: Vec<String> = [own, logistic, tree, rejects, kmeans].into_iter().flat_map(keys).collect();
    assert!(all.len() > 20, "{all:?}");
    for key in all {
        assert!(shown().lines().any(|line| line.starts_with(&format!("{key} = "))), "no `{key}`");
    }
}
