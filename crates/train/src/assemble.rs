//! From learned parts to a model: profile, scale, grades, provenance.

use crate::binning::tally::{tally, unzip};
use crate::binning::{profile_bins, quantile_counts};
use crate::codes::Codes;
use crate::error::TrainError;
use crate::fitted::{Fitted, log_odds_by_row};
use crate::recipe::{Recipe, default_grades};
use crate::rows::Rows;
use crate::segmented::segmented_log_odds;
use arrears_model::profile::{FieldProfile, Profile, ScoreProfile};
use arrears_model::provenance::Provenance;
use arrears_model::scale::{Scale, log_odds};
use arrears_model::segmented::{Router, Segmented};
use arrears_model::transform::Transform;
use arrears_model::tree::Split;
use arrears_model::{Model, ModelKind, Parts, Predictor};
use rayon::prelude::*;

/// Puts the learned parts, on their `scale`, together and has them checked.
///
/// # Errors
/// When the parts do not make a model.
pub fn assemble(
    recipe: &Recipe,
    rows: &Rows<'_>,
    fitted: Fitted,
    scale: Option<Scale>,
    provenance: Provenance,
) -> Result<Model, TrainError> {
    let gives_pd = !matches!(recipe.model.kind, ModelKind::Kmeans | ModelKind::AmountTree);
    let bad_rate = recipe.scale.population_rate().unwrap_or(rows.bad_rate());
    let grades = match (gives_pd, recipe.grades.is_empty()) {
        (false, _) => Vec::new(),
        (true, true) => default_grades(bad_rate),
        (true, false) => recipe.grades.clone(),
    };
    let mut parts = Parts {
        name: recipe.model_name(),
        version: recipe.version.clone(),
        kind: recipe.model.kind,
        schema: rows.schema.clone(),
        transforms: fitted.transforms,
        predictor: fitted.predictor,
        scale,
        grades,
        decisions: None,
        baseline: recipe.model.baseline(),
        profile: Profile::default(),
        provenance,
    };
    let used = parts.fields_used();
    parts.profile.score = score_profile(&parts, rows, &fitted.codes);
    let several = matches!(parts.predictor, Predictor::Segmented(_));
    parts.profile.fields = field_profiles(&mut parts.transforms, rows, &fitted.codes, &used, several)?;
    keep_fields(&mut parts, &used);
    Ok(Model::new(parts)?)
}

/// One profile for each used field, on the predictor's own bins where it has some: where several scorecards bin a
/// field, on the finest bins. `codes` are those of
/// [`Fitted`].
fn field_profiles(
    transforms: &mut Vec<Transform>,
    rows: &Rows<'_>,
    codes: &[Codes],
    used: &[bool],
    several: bool,
) -> Result<Vec<FieldProfile>, TrainError> {
    let mut of_field = Vec::new();
    for field in (0..used.len()).filter(|f| used[*f]) {
        let bins = |t: &Transform| t.field() == field && t.bins(rows.field(field)).is_some();
        let own = (0..transforms.len()).rev().filter(|t| bins(&transforms[*t]));
        // Of equals the first.
        let finest = own.max_by_key(|t| if several { transforms[*t].regular_bins() } else { 0 });
        let transform = finest.unwrap_or_else(|| {
            transforms.push(profile_bins(rows, field));
            transforms.len() - 1
        });
        of_field.push((field, transform));
    }
    let profile = |(field, transform): (usize, usize)| {
        let bins = transforms[transform].bins(rows.field(field)).unwrap_or(0);
        let tallies = match codes.get(transform) {
            Some(codes) => tally(codes, bins, &rows.bad),
            None => tally(&rows.codes(&transforms[transform])?, bins, &rows.bad),
        };
        let (counts, bads) = unzip(&tallies);
        let bads = if rows.bad.is_empty() { Vec::new() } else { bads };
        Ok(FieldProfile { transform, counts, bads })
    };
    of_field.into_par_iter().map(profile).collect()
}

/// Ten bands of equal training counts, of the score or of the predicted amount.
fn score_profile(parts: &Parts, rows: &Rows<'_>, codes: &[Codes]) -> Option<ScoreProfile> {
    if let Predictor::AmountTree(tree) = &parts.predictor {
        let of_leaf =
            |leaf: usize| std::iter::repeat_n(tree.nodes[leaf].value, tree.nodes[leaf].count as usize);
        let amounts: Vec<f64> = tree.leaves().flat_map(of_leaf).collect();
        let (splits, counts) = quantile_counts(&amounts, 10);
        return Some(ScoreProfile { counts, splits });
    }
    let scale = parts.scale?;
    let log_odds = match &parts.predictor {
        Predictor::Additive(a) => log_odds_by_row(a, rows, &parts.transforms, codes),
        Predictor::Tree(t) => {
            // The nodes know how many rows came.
            let of_leaf = |leaf: usize| {
                let node = &t.nodes[leaf];
                std::iter::repeat_n(log_odds(node.pd), node.count as usize)
            };
            t.leaves().flat_map(of_leaf).collect()
        }
        Predictor::Centroids(_) | Predictor::AmountTree(_) => Vec::new(),
        Predictor::Segmented(s) => segmented_log_odds(s, rows, &parts.transforms),
    };
    let scores: Vec<f64> = log_odds.into_iter().map(|log_odds| scale.score(log_odds)).collect();
    let (splits, counts) = quantile_counts(&scores, 10);
    Some(ScoreProfile { counts, splits })
}

/// Leaves out the fields the predictor does not read, so that scoring does not ask for their columns.
fn keep_fields(parts: &mut Parts, used: &[bool]) {
    let mut at = 0;
    let new: Vec<usize> = used
        .iter()
        .map(|u| {
            at += usize::from(*u);
            at.saturating_sub(1)
        })
        .collect();
    let mut keep = used.iter();
    parts.schema.fields.retain(|_| keep.next().copied().unwrap_or(false));
    for transform in &mut parts.transforms {
        match transform {
            Transform::Intervals { field, .. }
            | Transform::Groups { field, .. }
            | Transform::Standardise { field, .. }
            | Transform::LogStandardise { field, .. }
            | Transform::Indicator { field, .. } => *field = new[*field],
        }
    }
    if let Predictor::Centroids(centroids) = &mut parts.predictor {
        centroids.typical.iter_mut().for_each(|t| t.field = new[t.field]);
    }
    let renumber = |split: &mut Split| split.field = new[split.field];
    match &mut parts.predictor {
        Predictor::AmountTree(tree) => tree.nodes.iter_mut().flat_map(|n| &mut n.split).for_each(renumber),
        Predictor::Tree(tree) | Predictor::Segmented(Segmented { router: Router::Tree(tree), .. }) => {
            tree.nodes.iter_mut().flat_map(|n| &mut n.split).for_each(renumber);
        }
        _ => {}
    }
}
