//! How a feature is declared: serde structs and what each word means.

use crate::EventKind;
use serde::{Deserialize, Serialize};

/// The section `[features]`: what is taken from the library, in which windows.
///
/// ```toml
/// [features]
/// library = ["purchase", "payment", "returns_count"]   # groups, single features, or "all"
/// windows = ["30d", "90d", "365d", "all"]
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Groups or features of the library, or `all`. Of a group, features whose tables or columns are not mapped are
    /// left out and told ([`crate::Plan::left_out`]); a feature that is named itself must be possible.
    #[serde(default)]
    pub library: OneOrMany<String>,
    /// Windows of the library's features (those apart that are of all time by their nature) and of declared features
    /// that name none.
    #[serde(default = "default_windows")]
    pub windows: OneOrMany<Window>,
}

impl Default for Selection {
    fn default() -> Selection {
        Selection { library: OneOrMany::default(), windows: default_windows() }
    }
}

fn default_windows() -> OneOrMany<Window> {
    OneOrMany(vec![Window::Days(30), Window::Days(90), Window::Days(365), Window::All])
}

/// One feature, in one window or several: `[[feature]]`.
///
/// ```toml
/// [[feature]]
/// name = "orders_web_amount"
/// event = "orders"
/// where = 'channel == "web"'
/// aggregate = "sum"
/// of = "amount"
/// window = ["30d", "90d"]
/// compare = "past"
/// ```
///
/// It makes a column a window, `NAME_WINDOW` (`orders_web_amount_30d`); with `window = "all"` alone just `NAME`. Each
/// comparison adds one more, with the ending of [`Compare`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Lower-case letters, digits and `_`, beginning with a letter.
    pub name: String,
    /// The table whose rows are counted. None for `aggregate = "ratio"`.
    #[serde(default, with = "event_name", skip_serializing_if = "Option::is_none")]
    pub event: Option<EventKind>,
    /// A condition in CEL over the columns of a row, as they were known. Only rows for which it is true count.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// What is made of the rows.
    pub aggregate: Aggregate,
    /// The column that is added up and so on, or `a / b` of two number columns; for `ratio`, of two features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// For `quantile`: which, between 0 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<f64>,
    /// One or more windows; those of [`Selection::windows`] where none is given.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub window: OneOrMany<Window>,
    /// Comparisons that are added.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub compare: OneOrMany<Compare>,
    /// The group of the library that it belongs to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// What it says of a customer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub meaning: String,
    /// In what it is counted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Why a lender or a shop looks at it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What is made of the rows that count. `of` rows are those where the column has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many rows (with `of`: where it has a value).
    Count,
    /// The sum of `of`; 0 without rows.
    Sum,
    /// The sum of `of` by their number; missing without rows.
    Mean,
    /// The smallest `of`.
    Min,
    /// The largest `of`.
    Max,
    /// `of` of the earliest row; of rows that happened and were known at the same moments the largest.
    First,
    /// `of` of the latest row; of rows that happened and were known at the same moments the largest.
    Last,
    /// How many different values `of` has.
    Distinct,
    /// Rows for which `where` is true, by all for which it is true or false (rows with too little known count on
    /// neither side). With `of`: the sums of it. Missing if the divisor is 0.
    Share,
    /// Local days from the latest row to the as-of day; missing without rows.
    DaysSince,
    /// The least-squares slope of `of` over the local days of the rows, a 30 days:
    /// 30 (n Σdv - Σd Σv) / (n Σd² - (Σd)²). Missing with rows on fewer than two days.
    Trend,
    /// How many of the latest rows fulfil `where` without a break. A moment with a row that does not ends it; rows
    /// with too little known neither count nor end it.
    Streak,
    /// The `q` quantile of `of`, between the two nearest values in proportion (Hyndman and Fan 1996, type 7).
    Quantile,
    /// One feature by another in the same window: `of = "returns_amount / orders_amount"`; missing if the divisor is 0.
    Ratio,
}

/// How far back rows count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Window {
    /// Local days up to the as-of moment: `90d`.
    Days(u32),
    /// Everything known: `all`.
    All,
}

/// With what a feature is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The value by that of the window of the same length just before; missing if that is 0. Ending `_vs_past`.
    Past,
    /// The value less that of the window of the same length just before. Ending `_change`.
    Change,
    /// (value - mean) / standard deviation (n - 1) among the customers of the same `group` of the table customers, as
    /// frozen by a first pass; missing with fewer than two peers or equal ones. Ending `_vs_peers`.
    Peers,
}

impl Window {
    /// The longest window: a hundred years.
    pub const MOST_DAYS: u32 = 36_525;
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Window, String> {
        let days = text.strip_suffix('d').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        match days.and_then(|digits| digits.parse().ok()) {
            Some(days) if (1..=Window::MOST_DAYS).contains(&days) => Ok(Window::Days(days)),
            _ if text == "all" => Ok(Window::All),
            _ => Err(format!(
                "window {text:?}: expected `all` or days as `90d`, from 1d to {}d",
                Window::MOST_DAYS
            )),
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Window::Days(days) => write!(to, "{days}d"),
            Window::All => to.write_str("all"),
        }
    }
}

impl From<Window> for String {
    fn from(window: Window) -> String {
        window.to_string()
    }
}

impl Compare {
    /// The ending of the column's name.
    pub fn ending(self) -> &'static str {
        match self {
            Compare::Past => "_vs_past",
            Compare::Change => "_change",
            Compare::Peers => "_vs_peers",
        }
    }
}

/// A list that may be written as its only entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("a text or a list of texts")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|only| OneOrMany(vec![only]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(OneOrMany(values))
            }
        }
        from.deserialize_any(Either(std::marker::PhantomData))
    }
}

/// An [`EventKind`] by the name of its table.
mod event_name {
    use crate::EventKind;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(kind: &Option<EventKind>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.map_or("", EventKind::name))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<EventKind>, D::Error> {
        let name = String::deserialize(from)?;
        let found = EventKind::ALL.into_iter().find(|kind| kind.name() == name);
        let names = || EventKind::ALL.map(EventKind::name).join(", ");
        found
            .map(Some)
            .ok_or_else(|| D::Error::custom(format!("event {name:?}: expected one of {}", names())))
    }
}
