//! Which settings each kind of model reads, and what becomes of those that nothing reads.
//!
//! | | scorecard | scorecard-plus | logistic | tree | amount-tree | k-means |
//! |---|---|---|---|---|---|---|
//! | `[binning]` | every key | `min_special_rows` | - | - | - | - |
//! | `[selection]` | every key | `force_out`, `max_iv` | `force_out` | `force_out` | `force_out` | `force_out` |
//! | weights (native engine) | yes | - | yes | yes | yes | - |
//! | `[reject_inference]` (native engine) | yes | - | yes | - | - | - |
//!
//! A tree of amounts reads of `[tree]` what has nothing to do with classes, and neither `[scale]` nor `[[grades]]` nor `positive`.
//! `[segments]` is read for a scorecard; weights and `[reject_inference]` do not go with it. `[plus]`, `[logistic]`, `[tree]` and `[kmeans]` name their learner and may stand side by side in one recipe. What a
//! learner cannot do with its own section, it says itself.
//!
//! A setting that is not read is an error where it was set, that is, differs from its default: without it the model
//! would be another one than its owner believes. The same holds for a setting that has a say only beside another one.

use crate::engine::{Engine, EngineError};
use crate::error::TrainError;
use crate::recipe::Recipe;
use crate::reject_inference::{RejectMethod, RejectParams};
use crate::scaling::ScaleSection;
use crate::segmented::SegmentsParams;
use crate::selection::{Criterion, SelectionParams, Stepwise};
use arrears_model::ModelKind;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Keys of a section.
#[derive(Clone, Copy)]
enum Keys {
    All,
    Only(&'static [&'static str]),
}

/// What a kind reads beside the section of its own.
struct Reads {
    binning: Keys,
    selection: Keys,
    /// Weights of rows.
    weights: bool,
    /// Rejected applicants.
    rejects: bool,
}

fn reads(kind: ModelKind) -> Reads {
    let (none, out) = (Keys::Only(&[]), Keys::Only(&["force_out"]));
    match kind {
        ModelKind::Scorecard => {
            Reads { binning: Keys::All, selection: Keys::All, weights: true, rejects: true }
        }
        ModelKind::ScorecardPlus => Reads {
            binning: Keys::Only(&["min_special_rows"]),
            selection: Keys::Only(&["force_out", "max_iv"]),
            weights: false,
            rejects: false,
        },
        ModelKind::Logistic => Reads { binning: none, selection: out, weights: true, rejects: true },
        ModelKind::Tree | ModelKind::AmountTree => {
            Reads { binning: none, selection: out, weights: true, rejects: false }
        }
        ModelKind::Kmeans => Reads { binning: none, selection: out, weights: false, rejects: false },
        ModelKind::Expert => Reads { binning: none, selection: none, weights: false, rejects: false },
    }
}

/// Refuses what the kind, the engine and the rest of the recipe do not go with.
///
/// # Errors
/// [`TrainError::Unread`], [`TrainError::Together`], [`TrainError::Parameter`] or an
/// engine that is no match.
pub fn check(recipe: &Recipe) -> Result<(), TrainError> {
    let (_, unread) = without_unread(recipe)?;
    if !unread.is_empty() {
        return Err(TrainError::Unread { kind: recipe.model.kind, keys: unread.join(", ") });
    }
    check_rows(recipe)?;
    recipe.kmeans.check()?;
    recipe.segments.as_ref().map_or(Ok(()), SegmentsParams::check)?;
    check_idle(recipe)
}

/// The recipe with what its kind does not read of `[binning]`, `[selection]`, `[segments]` and the like put back to the defaults, and the
/// names of those settings.
///
/// For a recipe that was written for one kind and is used for another; [`train`](crate::train()) refuses it as it is.
///
/// # Errors
/// When a value has no form in TOML (none that was read from TOML has).
pub fn without_unread(recipe: &Recipe) -> Result<(Recipe, Vec<String>), TrainError> {
    let reads = reads(recipe.model.kind);
    let wrong = |why: String| TrainError::Recipe { name: recipe.name.clone(), why };
    let (binning, mut unread) = part(&recipe.binning, "binning", reads.binning).map_err(wrong)?;
    let (selection, others) = part(&recipe.selection, "selection", reads.selection).map_err(wrong)?;
    unread.extend(others);
    let segments = recipe.segments.clone().filter(|_| recipe.model.kind == ModelKind::Scorecard);
    if segments.is_none() && recipe.segments.is_some() {
        unread.push("[segments]".to_owned());
    }
    let expert = recipe.expert.clone().filter(|_| recipe.model.kind == ModelKind::Expert);
    if expert.is_none() && recipe.expert.is_some() {
        unread.push("[expert]".to_owned());
    }
    let blend = recipe.blend.clone().filter(|_| recipe.model.kind == ModelKind::Logistic);
    if blend.is_none() && recipe.blend.is_some() {
        unread.push("[blend]".to_owned());
    }
    let mut read = Recipe { binning, selection, segments, expert, blend, ..recipe.clone() };
    if recipe.model.kind == ModelKind::AmountTree {
        unread.extend(drop_classes(&mut read).map_err(wrong)?);
    }
    Ok((read, unread))
}

/// What a tree of amounts reads of `[tree]`.
const AMOUNT_KEYS: [&str; 8] =
    ["alpha", "folds", "max_depth", "min_impurity_decrease", "min_leaf", "monotone", "seed", "smoothing"];

/// Puts back what only good and bad rows give a meaning, and names it.
fn drop_classes(recipe: &mut Recipe) -> Result<Vec<String>, String> {
    let (tree, mut unread) = part(&recipe.tree, "tree", Keys::Only(&AMOUNT_KEYS))?;
    recipe.tree = tree;
    let usual = ScaleSection::default();
    if recipe.scale.resolved() != usual.resolved() {
        unread.push("[scale]".to_owned());
        recipe.scale = usual;
    }
    if !std::mem::take(&mut recipe.grades).is_empty() {
        unread.push("[[grades]]".to_owned());
    }
    if recipe.preparation.data.positive.take().is_some() {
        unread.push("[data] positive".to_owned());
    }
    Ok(unread)
}

/// A section with only these keys set, and the names of the other keys that were.
fn part<T>(section: &T, name: &str, keys: Keys) -> Result<(T, Vec<String>), String>
where
    T: Clone + Default + Serialize + DeserializeOwned,
{
    let Keys::Only(read) = keys else { return Ok((section.clone(), Vec::new())) };
    let table = |section: &T| toml::Table::try_from(section).map_err(|e| e.to_string());
    let (mut set, usual) = (table(section)?, table(&T::default())?);
    set.retain(|key, value| usual.get(key) != Some(value));
    let unread = set.keys().filter(|key| !read.contains(&key.as_str()));
    let unread = unread.map(|key| format!("[{name}] {key}")).collect();
    set.retain(|key, _| read.contains(&key));
    Ok((set.try_into().map_err(|e: toml::de::Error| e.to_string())?, unread))
}

/// Weights and rejected applicants.
fn check_rows(recipe: &Recipe) -> Result<(), TrainError> {
    let (kind, engine) = (recipe.model.kind, recipe.model.engine());
    let (weight, rejects) = (recipe.preparation.data.weight.is_some(), recipe.reject_inference.is_some());
    let reads = reads(kind);
    let refuse = |what, with, mend| Err(TrainError::Together { what, with, mend });
    if weight && !reads.weights {
        let mend = "leave `weight` out of [data] and list the column in `exclude`, or train a scorecard, logistic, tree or \
                    amount-tree";
        return refuse("weights of rows", format!("kind `{kind}`"), mend);
    }
    if rejects && !reads.rejects {
        let mend = "leave out [reject_inference], or train a scorecard or logistic";
        return refuse("reject inference", format!("kind `{kind}`"), mend);
    }
    if recipe.segments.is_some() && (weight || rejects) {
        let what = if weight { "weights of rows" } else { "reject inference" };
        return refuse(what, "[segments]".to_owned(), "leave out one of the two");
    }
    if kind == ModelKind::ScorecardPlus && engine != Engine::Native {
        return Err(EngineError::Unsupported { engine, what: "scorecard-plus" }.into());
    }
    if kind == ModelKind::AmountTree && engine != Engine::Native {
        return Err(EngineError::Unsupported { engine, what: "amount-tree" }.into());
    }
    if weight && kind == ModelKind::Tree && engine != Engine::Native {
        return Err(EngineError::Unsupported { engine, what: "weights of rows" }.into());
    }
    if weight && rejects {
        let mend = "leave out one of the two; what a rejected applicant weighs is not known";
        return refuse("reject inference", "`weight` in [data]".to_owned(), mend);
    }
    if rejects && engine != Engine::Native {
        let what = "weights of rows, which reject inference needs";
        return Err(EngineError::Unsupported { engine, what }.into());
    }
    Ok(())
}

/// Settings that have a say only beside another one.
fn check_idle(recipe: &Recipe) -> Result<(), TrainError> {
    let (selection, usual) = (&recipe.selection, SelectionParams::default());
    let by_p_value = selection.criterion == Criterion::PValue;
    let p_value = "`criterion = \"p_value\"` beside it, without which it has no say";
    let stepwise = "`stepwise` beside it, without which it has no say";
    let asked = selection.stepwise != Stepwise::None;
    let (criterion, p_enter, p_remove) = (selection.criterion, selection.p_enter, selection.p_remove);
    // Section, key, value, whether it was set, whether it has a say, what it waits for.
    let mut settings = vec![
        ("selection", "criterion", criterion.to_string(), criterion != usual.criterion, asked, stepwise),
        ("selection", "p_enter", p_enter.to_string(), p_enter != usual.p_enter, by_p_value, p_value),
        ("selection", "p_remove", p_remove.to_string(), p_remove != usual.p_remove, by_p_value, p_value),
    ];
    if let Some(RejectParams { method, cutoff, bands, .. }) = &recipe.reject_inference {
        let section = "reject_inference";
        let (hard, parcelling) = (*method == RejectMethod::HardCutoff, *method == RejectMethod::Parcelling);
        let text = cutoff.unwrap_or_default().to_string();
        let set = *bands != RejectParams::default().bands;
        settings.extend([
            (section, "cutoff", text, cutoff.is_some(), hard, "`method = \"hard_cutoff\"` beside it"),
            (section, "bands", bands.to_string(), set, parcelling, "`method = \"parcelling\"` beside it"),
        ]);
    }
    let idle = settings.into_iter().find(|(.., set, has_say, _)| *set && !has_say);
    idle.map_or(Ok(()), |(section, key, value, .., expected)| {
        Err(TrainError::Parameter { section, key, value, expected })
    })
}
