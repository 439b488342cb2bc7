//! Special codes: numbers with a meaning of their own, such as 9999 = never, or -9 to -1 = refused.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One special code of a number field; it has a bin of its own.
///
/// In files a number, or a list `[from, to]` of the two ends of a closed range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, or a list [from, to] of two numbers")]
pub enum Special {
    /// This number.
    Value(f64),
    /// All numbers from the first to the second, both included.
    Range([f64; 2]),
}

impl Special {
    /// The lowest and the highest number it stands for.
    pub fn bounds(&self) -> [f64; 2] {
        match self {
            Self::Value(x) => [*x, *x],
            Self::Range(bounds) => *bounds,
        }
    }

    /// Whether it stands for `x`.
    pub fn holds(&self, x: f64) -> bool {
        let [from, to] = self.bounds();
        from <= x && x <= to
    }

    /// What its bin is called: `= 9999` or `-9 to -1`.
    pub fn label(&self) -> String {
        match self {
            Self::Value(x) => format!("= {x}"),
            Self::Range([from, to]) => format!("{from} to {to}"),
        }
    }

    /// What is wrong with a list of codes: they must be finite, ranges must run upwards, and each must lie
    /// wholly above the one before. `None` where nothing is.
    pub fn fault(codes: &[Self]) -> Option<&'static str> {
        if codes.iter().any(|code| code.bounds().iter().any(|x| !x.is_finite())) {
            Some("range and special codes must be finite numbers")
        } else if codes.iter().any(|code| matches!(code, Self::Range([from, to]) if from >= to)) {
            Some("a special range must run from a lower to a higher number")
        } else if !codes.is_sorted_by(|a, b| a.bounds()[1] < b.bounds()[0]) {
            Some("special codes must ascend and not overlap")
        } else {
            None
        }
    }
}

impl From<f64> for Special {
    fn from(x: f64) -> Self {
        Self::Value(x)
    }
}

impl fmt::Display for Special {
    /// The number, or `-9 to -1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(x) => write!(f, "{x}"),
            Self::Range([from, to]) => write!(f, "{from} to {to}"),
        }
    }
}
