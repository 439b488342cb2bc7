//! The recipe: everything a training run was told, as TOML.

use crate::binning::BinningParams;
use crate::blend::BlendSection;
use crate::decisions::DecisionSection;
use crate::engine::{Engine, LogisticParams, TreeParams};
use crate::error::TrainError;
use crate::expert::ExpertSection;
use crate::expert::presets::completed;
use crate::plus::PlusParams;
use crate::reject_inference::RejectParams;
use crate::scaling::ScaleSection;
use crate::segmented::SegmentsParams;
use crate::segments::KmeansSection;
use crate::selection::SelectionParams;
use arrears_data::{Preparation, SplitMethod, SplitRecipe};
use arrears_model::ModelKind;
use arrears_model::model::Baseline;
use arrears_model::points::Spread;
use arrears_model::scale::Grade;
use serde::de::{Error, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

/// A training recipe. A model remembers it with every default written out.
#[derive(Clone, Debug, Serialize)]
pub struct Recipe {
    /// Name of the model and of its folder.
    pub name: String,
    /// Version of the model, chosen by its owner; default `1.0.0`.
    pub version: String,
    /// Sections `[data]`, `[clean]`, `[columns.*]` and `[split]`.
    #[serde(flatten)]
    pub preparation: Preparation,
    /// Section `[model]`.
    pub model: ModelSection,
    /// Section `[binning]`.
    pub binning: BinningParams,
    /// Section `[plus]`; written out for a scorecard plus only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plus: Option<PlusParams>,
    /// Section `[selection]`.
    pub selection: SelectionParams,
    /// Section `[segments]`; without it there is a single scorecard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<SegmentsParams>,
    /// Section `[logistic]`.
    pub logistic: LogisticParams,
    /// Section `[tree]`.
    pub tree: TreeParams,
    /// Section `[kmeans]`.
    pub kmeans: KmeansSection,
    /// Section `[scale]`.
    pub scale: ScaleSection,
    /// Section `[reject_inference]`; without it only the accepted count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject_inference: Option<RejectParams>,
    /// Section `[expert]`; of kind `expert` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expert: Option<ExpertSection>,
    /// Section `[blend]`; of kind `logistic` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blend: Option<BlendSection>,
    /// Section `[decisions]`; without it a model decides no more than the grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<DecisionSection>,
    /// Sections `[[grades]]`; empty means the four default grades.
    pub grades: Vec<Grade>,
}

/// Section `[model]`: what to train and with which engine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelSection {
    /// `scorecard` (default), `scorecard_plus` (or `scorecard-plus`, as on the command line), `logistic`, `tree`,
    /// `amount_tree` (or `amount-tree`) or `kmeans`.
    #[serde(deserialize_with = "kind")]
    pub kind: ModelKind,
    /// `native` (default), `linfa` or `smartcore`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// What reason codes measure losses against: `max`, `mean` or `neutral`. Default: `max` for scorecards,
    /// `mean` for a logistic regression, whose best value is the most extreme one. A tree always measures
    /// from its root, the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

/// A kind as models spell it, or as the command line does.
fn kind<'de, D: Deserializer<'de>>(name: D) -> Result<ModelKind, D::Error> {
    String::deserialize(name)?.replace('_', "-").parse().map_err(D::Error::custom)
}

impl Default for ModelSection {
    fn default() -> Self {
        Self { kind: ModelKind::Scorecard, engine: None, baseline: None }
    }
}

impl ModelSection {
    /// The engine asked for, or our own.
    pub fn engine(&self) -> Engine {
        self.engine.unwrap_or(Engine::Native)
    }

    /// The baseline asked for, or the one that suits the kind.
    pub fn baseline(&self) -> Baseline {
        match (self.kind, self.baseline) {
            (ModelKind::Tree | ModelKind::AmountTree, _) => Baseline::Mean,
            (_, Some(baseline)) => baseline,
            (ModelKind::Logistic, None) => Baseline::Mean,
            (
                ModelKind::Scorecard | ModelKind::ScorecardPlus | ModelKind::Kmeans | ModelKind::Expert,
                None,
            ) => Baseline::Max,
        }
    }
}

/// The whole file; the sections that [`Preparation`] reads are only let through here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    model: ModelSection,
    #[serde(default)]
    binning: BinningParams,
    plus: Option<PlusParams>,
    #[serde(default)]
    selection: SelectionParams,
    segments: Option<SegmentsParams>,
    #[serde(default)]
    logistic: LogisticParams,
    #[serde(default)]
    tree: TreeParams,
    #[serde(default)]
    kmeans: KmeansSection,
    #[serde(default)]
    scale: ScaleSection,
    reject_inference: Option<RejectParams>,
    expert: Option<ExpertSection>,
    blend: Option<BlendSection>,
    decisions: Option<DecisionSection>,
    #[serde(default)]
    grades: Vec<Grade>,
    #[serde(rename = "data")]
    _data: Option<IgnoredAny>,
    #[serde(rename = "clean")]
    _clean: Option<IgnoredAny>,
    #[serde(rename = "columns")]
    _columns: Option<IgnoredAny>,
    #[serde(rename = "split")]
    _split: Option<IgnoredAny>,
}

impl Recipe {
    /// Reads a recipe. `file` names it in messages; the model is called `fallback_name` where the recipe
    /// gives no name.
    ///
    /// # Errors
    /// When the text is not TOML or has a key or value that does not exist, with its position.
    pub fn from_toml(text: &str, file: &str, fallback_name: &str) -> Result<Self, TrainError> {
        let wrong = |e: toml::de::Error| TrainError::Recipe { name: file.to_owned(), why: e.to_string() };
        let completed = completed(text, file)?;
        if completed.is_some() {
            // What is wrong is told with the lines of the file.
            toml::from_str::<File>(text).map_err(wrong)?;
        }
        let text = completed.as_deref().unwrap_or(text);
        let preparation = Preparation::from_toml(text)?;
        let own: File = toml::from_str(text).map_err(wrong)?;
        Ok(Self {
            name: own.name.unwrap_or_else(|| plain_name(fallback_name)),
            version: own.version.unwrap_or_else(|| "1.0.0".to_owned()),
            preparation,
            model: own.model,
            binning: own.binning,
            plus: own.plus,
            selection: own.selection,
            segments: own.segments,
            logistic: own.logistic,
            tree: own.tree,
            kmeans: own.kmeans,
            scale: own.scale,
            reject_inference: own.reject_inference,
            expert: own.expert,
            blend: own.blend,
            decisions: own.decisions,
            grades: own.grades,
        })
    }

    /// The recipe as TOML; with every default written out where it is [`Recipe::resolved`].
    ///
    /// # Errors
    /// When a value has no form in TOML (none has).
    pub fn to_toml(&self) -> Result<String, TrainError> {
        toml::to_string(self).map_err(|e| TrainError::Recipe { name: self.name.clone(), why: e.to_string() })
    }

    /// The recipe with the defaults that depend on other keys filled in: the share held out, what becomes
    /// of duplicates, the engine, the baseline of reason codes, the points scale, and what sections `[plus]` and
    /// `[kmeans]` add where they are used.
    pub fn resolved(&self) -> Self {
        let mut recipe = self.clone();
        let duplicates = recipe.preparation.duplicates();
        recipe.preparation.clean.duplicates = Some(duplicates);
        recipe.model.baseline = Some(recipe.model.baseline());
        recipe.model.engine = Some(recipe.model.engine());
        recipe.scale = recipe.scale.resolved();
        recipe.segments = recipe.segments.map(SegmentsParams::resolved);
        if recipe.model.kind == ModelKind::Expert {
            // Its points are shown as they were written, with nothing of the base in them.
            recipe.scale.spread = Spread::Base;
        }
        if recipe.blend.is_some() && recipe.logistic.l2 == LogisticParams::default().l2 {
            // A blend is fitted without a penalty.
            recipe.logistic.l2 = 0.0;
        }
        if recipe.model.kind == ModelKind::ScorecardPlus {
            recipe.plus.get_or_insert_default();
        }
        if recipe.model.kind == ModelKind::Kmeans {
            recipe.kmeans = recipe.kmeans.resolved();
        }
        let split = &mut recipe.preparation.split;
        if split.method != SplitMethod::Column && split.from.is_none() {
            split.test.get_or_insert(SplitRecipe::DEFAULT_TEST);
        }
        recipe
    }

    /// Name of the model's folder: `<name>-<kind>`, with `segments` for k-means and `blend` for a blend of scores.
    pub fn model_name(&self) -> String {
        let kind = match self.model.kind {
            ModelKind::Kmeans => "segments".to_owned(),
            ModelKind::Logistic if self.blend.is_some() => "blend".to_owned(),
            kind => kind.to_string(),
        };
        format!("{}-{kind}", self.name)
    }
}

/// A file stem as a model name: letters, digits, `-` and `_` stay, the rest becomes `-`.
fn plain_name(stem: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = stem.chars().map(plain).collect();
    if name.is_empty() { "model".to_owned() } else { name }
}

/// The four default grades, cut where the pd is half, once and twice the training bad rate (for bad rates
/// above one third, halfway between the bad rate and 1 instead of twice).
///
/// Relative to the bad rate so that each grade has customers in any portfolio; a bank sets its own. Bounds
/// have two significant digits where that keeps them apart.
pub fn default_grades(bad_rate: f64) -> Vec<Grade> {
    let exact = [bad_rate / 2.0, bad_rate, (2.0 * bad_rate).min((1.0 + bad_rate) / 2.0)];
    let rounded = exact.map(two_digits);
    let apart = rounded[0] < rounded[1] && rounded[1] < rounded[2] && rounded[2] < 1.0;
    let [low, middle, high] = if apart { rounded } else { exact };
    let grade =
        |name: &str, label: &str, max_pd| Grade { name: name.into(), label: Some(label.into()), max_pd };
    vec![
        grade("excellent", "优秀", Some(low)),
        grade("good", "良好", Some(middle)),
        grade("fair", "一般", Some(high)),
        grade("at risk", "风险", None),
    ]
}

/// The nearest number with two significant digits.
fn two_digits(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}
