//! Section `[kmeans]` of a recipe: how many segments, and on which scale customers are compared.

use crate::engine::KmeansParams;
use crate::error::TrainError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Section `[kmeans]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KmeansSection {
    /// Number of segments, 2 or more, or `"auto"`: chosen among 2 to `max_k`. Default 4.
    pub k: NumberOfSegments,
    /// With `k = "auto"`: the most segments tried, 3 to 30. Default 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_k: Option<usize>,
    /// `standard` (default): mean and standard deviation; `robust`: median and interquartile range / 1.349.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// Columns of which sign(x) ln(1 + |x|) is scaled, not the number itself: skewed ones, such as amounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// See [`KmeansParams::max_iterations`].
    pub max_iterations: u64,
    /// See [`KmeansParams::restarts`].
    pub restarts: usize,
    /// See [`KmeansParams::seed`]. Draws the rows on which `k` is chosen, too.
    pub seed: u64,
    /// See [`KmeansParams::tolerance`].
    pub tolerance: f64,
}

impl Default for KmeansSection {
    fn default() -> Self {
        let KmeansParams { k, max_iterations, restarts, seed, tolerance } = KmeansParams::default();
        let k = NumberOfSegments::Fixed(k);
        Self { k, max_k: None, scaling: None, log: Vec::new(), max_iterations, restarts, seed, tolerance }
    }
}

impl KmeansSection {
    /// The most segments tried where `max_k` is not given.
    pub const DEFAULT_MAX_K: usize = 10;

    /// What an engine is told, for `k` segments.
    pub fn params(&self, k: usize) -> KmeansParams {
        let Self { max_iterations, restarts, seed, tolerance, .. } = *self;
        KmeansParams { k, max_iterations, restarts, seed, tolerance }
    }

    /// The section with its defaults filled in.
    pub fn resolved(&self) -> Self {
        let mut section = self.clone();
        section.scaling.get_or_insert_default();
        if section.k == NumberOfSegments::Auto {
            section.max_k.get_or_insert(Self::DEFAULT_MAX_K);
        }
        section
    }

    /// Checks what the engines do not check themselves.
    ///
    /// # Errors
    /// [`TrainError::Parameter`] for a `max_k` out of its range or without `k = "auto"`.
    pub fn check(&self) -> Result<(), TrainError> {
        let fail = |value: usize, expected| {
            Err(TrainError::Parameter { section: "kmeans", key: "max_k", value: value.to_string(), expected })
        };
        match self.max_k {
            Some(max) if self.k != NumberOfSegments::Auto => {
                fail(max, "`k = \"auto\"` beside it, without which it has no say")
            }
            Some(max) if !(3..=30).contains(&max) => fail(max, "3 to 30"),
            _ => Ok(()),
        }
    }
}

/// How many segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum NumberOfSegments {
    /// So many.
    Fixed(usize),
    /// As many as the rule of [`choose_k`](super::choose_k) finds.
    Auto,
}

/// As it stands in TOML.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a whole number, or \"auto\"")]
enum Written {
    Number(usize),
    Text(String),
}

impl TryFrom<Written> for NumberOfSegments {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(k) => Ok(Self::Fixed(k)),
            Written::Text(text) if text == "auto" => Ok(Self::Auto),
            Written::Text(text) => Err(format!("`{text}`: expected a whole number, or \"auto\"")),
        }
    }
}

impl From<NumberOfSegments> for Written {
    fn from(k: NumberOfSegments) -> Self {
        match k {
            NumberOfSegments::Fixed(k) => Self::Number(k),
            NumberOfSegments::Auto => Self::Text("auto".to_owned()),
        }
    }
}

impl FromStr for NumberOfSegments {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(k) => Ok(Self::Fixed(k)),
            Err(_) => Written::Text(text.to_owned()).try_into(),
        }
    }
}

/// How a number is brought onto the scale of distances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// (x - mean) / population standard deviation.
    #[default]
    Standard,
    /// (x - median) / (interquartile range / 1.349): a few far values change neither. 1.349 makes the spread of a normal
    /// distribution its standard deviation.
    Robust,
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::Robust => "robust",
        })
    }
}
