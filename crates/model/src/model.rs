//! The model: its parts, and the checks that make the parts a model.

use crate::additive::Additive;
use crate::amount_tree::AmountTree;
use crate::centroids::Centroids;
use crate::decisions::Decisions;
use crate::error::{ModelError, invalid};
use crate::profile::Profile;
use crate::provenance::Provenance;
use crate::scale::{Grade, Scale, check_grades};
use crate::schema::Schema;
use crate::segmented::Segmented;
use crate::transform::Transform;
use crate::tree::Tree;
use crate::whole_points;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Everything a model file says, before it was checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Name of the model, also the name of its folder.
    pub name: String,
    /// Version of the model, chosen by its owner.
    pub version: String,
    /// What kind of model it is.
    pub kind: ModelKind,
    /// The columns it reads.
    pub schema: Schema,
    /// From cells to bins and numbers.
    pub transforms: Vec<Transform>,
    /// From bins and numbers to a prediction.
    pub predictor: Predictor,
    /// From log-odds to points; absent where the model gives no pd.
    pub scale: Option<Scale>,
    /// From pd to a grade; may be empty.
    pub grades: Vec<Grade>,
    /// Limit and tier by grade, where the model decides them. In the file only where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<Decisions>,
    /// How losses are measured for reason codes.
    pub baseline: Baseline,
    /// The training rows in bins.
    pub profile: Profile,
    /// What it was made from.
    pub provenance: Provenance,
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Bins, weight of evidence, logistic regression, points.
    Scorecard,
    /// Logistic regression on standardised numbers and one-hot categories.
    Logistic,
    /// Decision tree.
    Tree,
    /// k-means segments.
    Kmeans,
    /// Boosted bins and pairs of fields, points.
    ScorecardPlus,
    /// Decision tree that predicts an amount.
    AmountTree,
    /// Points or coefficients that people wrote down, not learned from data.
    Expert,
}

impl std::fmt::Display for ModelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Scorecard => "scorecard",
            Self::Logistic => "logistic",
            Self::Tree => "tree",
            Self::Kmeans => "kmeans",
            Self::ScorecardPlus => "scorecard-plus",
            Self::AmountTree => "amount-tree",
            Self::Expert => "expert",
        })
    }
}

impl std::str::FromStr for ModelKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "scorecard" => Ok(Self::Scorecard),
            "logistic" => Ok(Self::Logistic),
            "tree" => Ok(Self::Tree),
            "kmeans" => Ok(Self::Kmeans),
            "scorecard-plus" => Ok(Self::ScorecardPlus),
            "amount-tree" => Ok(Self::AmountTree),
            "expert" => Ok(Self::Expert),
            _ => Err(format!(
                "unknown kind `{name}`; expected scorecard, scorecard-plus, logistic, tree, amount-tree, kmeans or expert"
            )),
        }
    }
}

/// One of five predictors; each verb is one match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Predictor {
    /// Intercept + sum of terms.
    Additive(Additive),
    /// Decision tree.
    Tree(Tree),
    /// Nearest segment.
    Centroids(Centroids),
    /// A scorecard for each segment.
    Segmented(Segmented),
    /// Decision tree that predicts an amount.
    AmountTree(AmountTree),
}

/// Against what a term's loss of points is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    /// The best value the term gave any training row.
    Max,
    /// The mean over the training rows.
    Mean,
    /// Log-odds of 0: the term says nothing.
    Neutral,
}

/// A model that passed every check; scoring it cannot fail but for the row's own values.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    parts: Parts,
    sha256: String,
}

impl Deref for Model {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Model {
    /// Checks the parts against each other.
    ///
    /// # Errors
    /// [`ModelError::Invalid`], naming the part that is wrong.
    pub fn new(parts: Parts) -> Result<Self, ModelError> {
        parts.check()?;
        let sha256 = crate::file::seal(&parts)?.1;
        Ok(Self { parts, sha256 })
    }

    pub(crate) fn from_checked(parts: Parts, sha256: String) -> Self {
        Self { parts, sha256 }
    }

    /// SHA-256 of the model file's body, as hex; the model's fingerprint in every output.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The first 16 hex digits of [`Model::sha256`], for output rows.
    pub fn checksum(&self) -> &str {
        &self.sha256[..16]
    }

    /// Whether rows get a pd, a score and a grade.
    pub fn gives_pd(&self) -> bool {
        !matches!(self.predictor, Predictor::Centroids(_) | Predictor::AmountTree(_))
    }

    /// Whether rows get an amount.
    pub fn gives_amount(&self) -> bool {
        matches!(self.predictor, Predictor::AmountTree(_))
    }

    /// Names of the segments, in the order of [`Scored::segment`](crate::Scored::segment); empty for a model without.
    pub fn segment_names(&self) -> Vec<&str> {
        (0..).map_while(|segment| self.segment_name(segment)).collect()
    }

    /// Name of the segment at a position; `None` where there is no such segment.
    pub fn segment_name(&self, segment: usize) -> Option<&str> {
        match &self.predictor {
            Predictor::Centroids(centroids) => centroids.segments.get(segment).map(|s| s.name.as_str()),
            Predictor::Segmented(segmented) => segmented.segments.get(segment).map(|s| s.name.as_str()),
            Predictor::Additive(_) | Predictor::Tree(_) | Predictor::AmountTree(_) => None,
        }
    }

    /// The parts, to change one and check again.
    pub fn into_parts(self) -> Parts {
        self.parts
    }
}

impl Parts {
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        for (what, text) in [("name", &self.name), ("version", &self.version)] {
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
            if text.is_empty() || text.starts_with('.') || !text.chars().all(plain) {
                return Err(invalid(format!(
                    "{what} {text:?}: expected letters, digits and - _ . +, not starting with a dot"
                )));
            }
        }
        self.schema.check()?;
        self.transforms.iter().try_for_each(|t| t.check(&self.schema))?;
        match &self.predictor {
            Predictor::Additive(additive) => additive.check(&self.schema, &self.transforms)?,
            Predictor::Tree(tree) => tree.check(&self.schema)?,
            Predictor::Centroids(centroids) => centroids.check(&self.schema, &self.transforms)?,
            Predictor::Segmented(segmented) => segmented.check(&self.schema, &self.transforms)?,
            Predictor::AmountTree(tree) => tree.check(&self.schema)?,
        }
        let suits = matches!(
            (self.kind, &self.predictor),
            (
                ModelKind::Scorecard | ModelKind::ScorecardPlus | ModelKind::Logistic | ModelKind::Expert,
                Predictor::Additive(_)
            ) | (ModelKind::Tree, Predictor::Tree(_))
                | (ModelKind::Kmeans, Predictor::Centroids(_))
                | (ModelKind::Scorecard, Predictor::Segmented(_))
                | (ModelKind::AmountTree, Predictor::AmountTree(_))
        );
        if !suits {
            return Err(invalid(format!("kind `{}` does not suit its predictor", self.kind)));
        }
        let amounts = matches!(self.predictor, Predictor::AmountTree(_));
        if self.schema.amount.is_some() != amounts || (amounts && self.schema.target.is_some()) {
            return Err(invalid("a model of amounts names their column in `amount`, any other none there"));
        }
        if amounts && !self.grades.is_empty() {
            return Err(invalid("`grades` belong to models that give a pd"));
        }
        match (&self.predictor, &self.scale) {
            (Predictor::Centroids(_) | Predictor::AmountTree(_), None) => {}
            (
                predictor @ (Predictor::Additive(_) | Predictor::Tree(_) | Predictor::Segmented(_)),
                Some(scale),
            ) => {
                scale.check()?;
                whole_points::check(predictor, scale)?;
            }
            _ => return Err(invalid("`scale` belongs to models that give a pd, and to those only")),
        }
        check_grades(&self.grades)?;
        self.decisions.iter().try_for_each(|d| d.check(&self.schema, &self.grades))?;
        if self.provenance.fit.gradient_norm.is_some_and(|g| !g.is_finite()) {
            return Err(invalid("provenance: the gradient norm is not a finite number"));
        }
        self.profile.check(&self.schema, &self.transforms)
    }
}
