//! The built-in features, themselves declared in TOML, and what is chosen of them.

use crate::{Aggregate, Declaration, FeatureError, Selection, Window};
use arrears_expression::nearest;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Vec<Declaration>> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        feature: Vec<Declaration>,
    }
    toml::from_str::<File>(include_str!("../library.toml")).expect("a test reads library.toml").feature
});

/// The built-in features, grouped, each with its meaning, unit and reason.
pub fn library() -> &'static [Declaration] {
    &LIBRARY
}

/// The groups of the library, in its order.
pub fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = library().iter().map(|feature| feature.group.as_str()).collect();
    groups.dedup();
    groups
}

/// A feature of the library that was chosen.
pub(crate) struct Choice {
    pub(crate) declaration: &'static Declaration,
    /// It was chosen with its group, so it may be left out.
    pub(crate) by_group: bool,
}

/// What a selection takes from the library, in the order of the library, each feature once.
pub(crate) fn choose(selection: &Selection) -> Result<Vec<Choice>, FeatureError> {
    let (groups, asked) = (groups(), &selection.library.0);
    for name in asked {
        let known = groups.contains(&name.as_str()) || name == "all" || find(name).is_some();
        if !known {
            let features = library().iter().map(|feature| feature.name.as_str());
            return Err(FeatureError::Unknown {
                place: "[features] library".to_owned(),
                what: "group or feature".to_owned(),
                name: name.clone(),
                nearest: nearest(name, features.chain(groups.iter().copied()).chain(["all"]))
                    .map(str::to_owned),
                known: groups.iter().map(|group| (*group).to_owned()).chain(["all".to_owned()]).collect(),
            });
        }
    }
    let choice = |declaration: &'static Declaration| {
        let alone = asked.contains(&declaration.name);
        let by_group = asked.iter().any(|name| *name == declaration.group || name == "all");
        (alone || by_group).then_some(Choice { declaration, by_group: !alone })
    };
    Ok(library().iter().filter_map(choice).collect())
}

/// A feature of the library.
pub(crate) fn find(name: &str) -> Option<&'static Declaration> {
    library().iter().find(|feature| feature.name == name)
}

impl Declaration {
    /// The column's name in a window: with `window = "all"` alone just the name.
    pub fn column(&self, window: Window) -> String {
        match self.window.0[..] {
            [Window::All] => self.name.clone(),
            _ => format!("{}_{window}", self.name),
        }
    }

    /// What is computed, in words: `share of orders where method == "card"`.
    pub fn formula(&self) -> String {
        let event = self.event.map_or("", crate::EventKind::name);
        let of = self.of.as_deref().unwrap_or("rows");
        let rows = match self.aggregate {
            Aggregate::Ratio => return of.to_owned(),
            Aggregate::Count if self.of.is_none() => format!("count of {event}"),
            Aggregate::DaysSince => format!("days since the latest of {event}"),
            Aggregate::Streak => format!("streak of {event}"),
            Aggregate::Share if self.of.is_none() => format!("share of {event}"),
            Aggregate::Quantile => format!("quantile {} of {of} of {event}", self.q.unwrap_or(0.5)),
            aggregate => format!("{} of {of} of {event}", aggregate.name()),
        };
        self.filter.iter().fold(rows, |rows, filter| format!("{rows} where {filter}"))
    }
}

impl Aggregate {
    /// The word for it, as it is declared.
    pub fn name(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::Sum => "sum",
            Aggregate::Mean => "mean",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::First => "first",
            Aggregate::Last => "last",
            Aggregate::Distinct => "distinct",
            Aggregate::Share => "share",
            Aggregate::DaysSince => "days_since",
            Aggregate::Trend => "trend",
            Aggregate::Streak => "streak",
            Aggregate::Quantile => "quantile",
            Aggregate::Ratio => "ratio",
        }
    }
}
