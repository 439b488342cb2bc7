//! Transforms: from a field's cell to a bin or to a number on a fitted scale.
//!
//! Bins come in a fixed order, the same in fitting, scoring, points table, profile and exports:
//!
//! | transform | regular bins | then | last |
//! |---|---|---|---|
//! | `intervals` | `[a, b)` in ascending order | one for each special code | missing |
//! | `groups` | groups of categories | other (unseen) | missing |

use crate::error::{ModelError, invalid};
use crate::schema::{Field, Kind, Schema};
use crate::value::Cell;
use serde::{Deserialize, Serialize};

/// Largest magnitude of a standardised number, coefficient or log-odds value. Far beyond any real one,
/// and small enough that no product or sum of them can overflow, so a score is always a number.
pub const LARGEST: f64 = 1e9;

/// Whether a fitted number is finite and at most [`LARGEST`] in magnitude.
pub(crate) fn bounded(x: f64) -> bool {
    x.abs() <= LARGEST
}

/// sign(x) * ln(1 + |x|): a logarithm that takes every number, 0 to 0, and keeps their order.
pub fn signed_log(x: f64) -> f64 {
    libm::copysign(libm::log1p(x.abs()), x)
}

/// The number whose [`signed_log`] is `y`: sign(y) * (e^|y| - 1); infinite where that overflows.
pub fn signed_exp(y: f64) -> f64 {
    libm::copysign(libm::expm1(y.abs()), y)
}

/// One transform of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// Number -> bin, by split points.
    Intervals {
        /// Position of the field in the schema.
        field: usize,
        /// Where bins meet, ascending: bin i holds `splits[i-1] <= x < splits[i]`.
        splits: Vec<f64>,
    },
    /// Category -> bin, by group.
    Groups {
        /// Position of the field in the schema.
        field: usize,
        /// How many groups there are.
        groups: usize,
        /// For each category of the field, its group.
        group_of: Vec<usize>,
    },
    /// Number -> (x - center) / scale; missing and special codes give 0, the center.
    /// Held within plus or minus [`LARGEST`].
    Standardise {
        /// Position of the field in the schema.
        field: usize,
        /// Mean of the training rows; with robust scaling their median.
        center: f64,
        /// Standard deviation (population) of the training rows; with robust scaling their interquartile range
        /// / 1.349. Above 0.
        scale: f64,
    },
    /// Number -> (L(x) - center) / scale with L(x) = sign(x) * ln(1 + |x|), for skewed columns: 0 and negative numbers
    /// have their place too. Missing and special codes give 0, the center. Held within plus or minus [`LARGEST`].
    LogStandardise {
        /// Position of the field in the schema.
        field: usize,
        /// Center of L(x) over the training rows.
        center: f64,
        /// Spread of L(x) over the training rows; above 0.
        scale: f64,
    },
    /// Category -> 1 / scale for one category, 0 for every other and for missing.
    Indicator {
        /// Position of the field in the schema.
        field: usize,
        /// Position of the category in the field.
        category: usize,
        /// Divisor; above 0.
        scale: f64,
    },
}

impl Transform {
    /// Position of the field it reads.
    pub fn field(&self) -> usize {
        match self {
            Self::Intervals { field, .. }
            | Self::Groups { field, .. }
            | Self::Standardise { field, .. }
            | Self::LogStandardise { field, .. }
            | Self::Indicator { field, .. } => *field,
        }
    }

    /// Whether it gives numbers, not bins.
    pub fn gives_number(&self) -> bool {
        matches!(self, Self::Standardise { .. } | Self::LogStandardise { .. } | Self::Indicator { .. })
    }

    /// Number of bins with all special ones, or `None` where the transform gives numbers.
    pub fn bins(&self, field: &Field) -> Option<usize> {
        match self {
            Self::Intervals { splits, .. } => Some(splits.len() + 1 + field.special().len() + 1),
            Self::Groups { groups, .. } => Some(groups + 2),
            Self::Standardise { .. } | Self::LogStandardise { .. } | Self::Indicator { .. } => None,
        }
    }

    /// Number of regular bins: intervals or groups.
    pub fn regular_bins(&self) -> usize {
        match self {
            Self::Intervals { splits, .. } => splits.len() + 1,
            Self::Groups { groups, .. } => *groups,
            Self::Standardise { .. } | Self::LogStandardise { .. } | Self::Indicator { .. } => 0,
        }
    }

    /// The bin of a cell. A cell that cannot be (a category in a number field) counts as missing.
    pub fn bin(&self, field: &Field, cell: Cell) -> usize {
        match (self, cell) {
            (Self::Intervals { splits, .. }, Cell::Number(x)) => splits.partition_point(|s| *s <= x),
            (Self::Intervals { splits, .. }, Cell::Special(code)) => splits.len() + 1 + code,
            (Self::Intervals { splits, .. }, _) => splits.len() + 1 + field.special().len(),
            (Self::Groups { group_of, .. }, Cell::Category(c)) => group_of[c],
            (Self::Groups { groups, .. }, Cell::Unseen) => *groups,
            (Self::Groups { groups, .. }, _) => groups + 1,
            (Self::Standardise { .. } | Self::LogStandardise { .. } | Self::Indicator { .. }, _) => 0,
        }
    }

    /// The number a cell becomes; 0 for a cell without one.
    pub fn number(&self, cell: Cell) -> f64 {
        match (self, cell) {
            (Self::Standardise { center, scale, .. }, Cell::Number(x)) => {
                ((x - center) / scale).clamp(-LARGEST, LARGEST)
            }
            (Self::LogStandardise { center, scale, .. }, Cell::Number(x)) => {
                ((signed_log(x) - center) / scale).clamp(-LARGEST, LARGEST)
            }
            (Self::Indicator { category, scale, .. }, Cell::Category(c)) if c == *category => 1.0 / scale,
            _ => 0.0,
        }
    }

    /// What a bin is called in tables: `[10, 20)`, `= 9999`, `-9 to -1`, `rent, owner`, `other (unseen)`, `missing`.
    pub fn bin_label(&self, field: &Field, bin: usize) -> String {
        let regular = self.regular_bins();
        match self {
            Self::Intervals { splits, .. } if bin < regular => {
                let low = if bin == 0 { "(-inf".to_owned() } else { format!("[{}", splits[bin - 1]) };
                let high = splits.get(bin).map_or("inf".to_owned(), f64::to_string);
                format!("{low}, {high})")
            }
            Self::Groups { group_of, .. } if bin < regular => {
                let members = field.categories().iter().zip(group_of).filter(|(_, g)| **g == bin);
                members.map(|(c, _)| c.as_str()).collect::<Vec<_>>().join(", ")
            }
            Self::Groups { .. } if bin == regular => "other (unseen)".to_owned(),
            _ => match field.special().get(bin - regular) {
                Some(code) => code.label(),
                None => "missing".to_owned(),
            },
        }
    }

    pub(crate) fn check(&self, schema: &Schema) -> Result<(), ModelError> {
        let Some(field) = schema.fields.get(self.field()) else {
            return Err(invalid(format!("a transform reads field {}, which is not there", self.field())));
        };
        let fail = |what: &str| Err(invalid(format!("transform of `{}`: {what}", field.name)));
        let number = matches!(field.kind, Kind::Number { .. });
        let wants_number = !matches!(self, Self::Groups { .. } | Self::Indicator { .. });
        if number != wants_number {
            return fail("it does not suit the field's type");
        }
        match self {
            Self::Intervals { splits, .. } => {
                if splits.iter().any(|s| !s.is_finite()) || !splits.is_sorted_by(|a, b| a < b) {
                    return fail("splits must be finite, ascend and differ");
                }
            }
            Self::Groups { groups, group_of, .. } => {
                if group_of.len() != field.categories().len() || group_of.iter().any(|g| g >= groups) {
                    return fail("every category needs a group below `groups`");
                }
                // Bounds the memory a small file can ask for.
                if *groups > group_of.len() {
                    return fail("there are more groups than categories");
                }
            }
            Self::Standardise { center, scale, .. } | Self::LogStandardise { center, scale, .. } => {
                if !center.is_finite() || !scale.is_finite() || *scale <= 0.0 {
                    return fail("center must be finite and scale finite and above 0");
                }
            }
            Self::Indicator { category, scale, .. } => {
                let fine = scale.is_finite() && *scale > 0.0 && bounded(1.0 / scale);
                if *category >= field.categories().len() || !fine {
                    return fail("category must exist and scale be finite and at least 1e-9");
                }
            }
        }
        Ok(())
    }
}
