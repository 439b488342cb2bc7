//! Why features cannot be computed as they are declared.

use crate::EventKind;

/// A declaration, a date or a state that is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FeatureError {
    /// The time zone database does not know the zone.
    #[error("time_zone = {name:?} is no time zone: write an IANA name as `Europe/London` or `UTC`")]
    Zone {
        /// As written.
        name: String,
    },
    /// A moment that cannot be read.
    #[error(
        "as of {text:?}: expected a date (2026-09-30: the end of that day), a date with a time (2026-09-30T12:00:00) or \
         a moment (2026-09-30T12:00:00Z), from year 1 to 2199"
    )]
    AsOf {
        /// As written.
        text: String,
    },
    /// A name that does not exist.
    #[error("{place}: there is no {what} `{name}`{}", hint(.nearest, .known))]
    Unknown {
        /// Which declaration, or `[features] library`.
        place: String,
        /// What should have this name: `column of orders`.
        what: String,
        /// The name.
        name: String,
        /// The name that was perhaps meant.
        nearest: Option<String>,
        /// All names, if they are few.
        known: Vec<String>,
    },
    /// The table is not mapped.
    #[error("feature `{feature}`: table `{}` is not mapped: add a section [{}] with its file and columns", .kind.name(), .kind.name())]
    NoTable {
        /// The feature.
        feature: String,
        /// The table.
        kind: EventKind,
    },
    /// A declaration whose parts do not fit together.
    #[error("feature `{feature}`: {fault}")]
    Declaration {
        /// The feature.
        feature: String,
        /// What is wrong and how to mend it.
        fault: String,
    },
    /// A filter that is refused.
    #[error("feature `{feature}`: where = {text:?}: {source}")]
    Filter {
        /// The feature.
        feature: String,
        /// The filter.
        text: String,
        /// Why.
        source: Box<arrears_expression::Error>,
    },
    /// A library of features that cannot be read.
    #[error("features: {0}")]
    Toml(String),
    /// Events without a column that the plan reads.
    #[error("events of {}: column `{column}` is needed as {expected} and is not there as that", .kind.name())]
    Events {
        /// The table.
        kind: EventKind,
        /// The column.
        column: String,
        /// Its kind of values.
        expected: &'static str,
    },
    /// Comparison with peers before their statistics were taken.
    #[error("feature `{feature}` compares with peers: take their statistics first and give them to the plan")]
    NoPeers {
        /// The feature.
        feature: String,
    },
    /// A live state that cannot be read, or that no longer holds what is asked for.
    #[error("state of a customer: {0}")]
    State(String),
}

impl FeatureError {
    /// The same of another feature: the one that was chosen, where a part of it is in error.
    pub(crate) fn of_feature(mut self, name: &str) -> FeatureError {
        match &mut self {
            Self::NoTable { feature, .. }
            | Self::Declaration { feature, .. }
            | Self::Filter { feature, .. } => {
                *feature = name.to_owned();
            }
            Self::Unknown { place, .. } => *place = format!("feature `{name}`"),
            _ => {}
        }
        self
    }

    /// Whether another mapping of tables and columns would mend it.
    pub(crate) fn is_of_mapping(&self) -> bool {
        use arrears_expression::Error::UnknownName;
        match self {
            Self::NoTable { .. } | Self::Unknown { .. } => true,
            Self::Filter { source, .. } => matches!(**source, UnknownName { .. }),
            _ => false,
        }
    }
}

fn hint(nearest: &Option<String>, known: &[String]) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; there are {}", known.join(", ")),
    }
}
