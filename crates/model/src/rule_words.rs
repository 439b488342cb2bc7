//! Rules in words: `income < 120 and records = yes`.
//!
//! A sentence is the shortest that is exactly true of the values as they are written. A special code is a number to
//! its reader, so it is named where the numbers alone would put it on the wrong side: `x < 5 or = 9999`,
//! `x >= 5 and x != 9999`. Missing values are named where they come too, and `x is known` says that they do not.
//! `not in` takes missing and unseen categories unless it names them.

use crate::label::short_list;
use crate::rules::{Condition, Interval, Known, Rule};
use crate::schema::{Field, Schema};
use crate::special::Special;
use crate::tree::{Side, Split, Test};

/// What a category that training never saw is called.
const OTHER: &str = "other (unseen)";
const MISSING: &str = "missing";
const IMPOSSIBLE: &str = "no customer can come here";

impl Rule {
    /// The rule in words, every category named. `any customer` where nothing is asked, `no customer can come here`
    /// where the answers on the path contradict each other.
    pub fn words(&self, schema: &Schema) -> String {
        self.join(schema, &|names| names.join(", "))
    }

    /// [`Rule::words`] with long lists cut as [`short_list`] does it.
    pub fn short_words(&self, schema: &Schema) -> String {
        self.join(schema, &|names| short_list(&names.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn join(&self, schema: &Schema, list: &dyn Fn(&[String]) -> String) -> String {
        if self.is_impossible(schema) {
            return IMPOSSIBLE.to_owned();
        }
        let words = |c: &Condition| sentence(c, &schema.fields[c.field], list);
        let parts: Vec<Sentence> = self.conditions.iter().filter_map(words).collect();
        let several = parts.len() > 1;
        let shown = parts.into_iter().map(|part| match part.either && several {
            true => format!("({})", part.text),
            false => part.text,
        });
        let text = shown.collect::<Vec<_>>().join(" and ");
        if text.is_empty() { "any customer".to_owned() } else { text }
    }
}

impl Condition {
    /// What it says of its field, long lists cut: `25 <= age < 40`.
    pub(crate) fn short_words(&self, field: &Field) -> String {
        if self.takes_nothing(field) {
            return IMPOSSIBLE.to_owned();
        }
        let said =
            sentence(self, field, &|names| short_list(&names.iter().map(String::as_str).collect::<Vec<_>>()));
        said.map_or_else(|| format!("any {}", name(field)), |said| said.text)
    }
}

impl Split {
    /// What goes to that side of all that `can` come to the split, piece by piece and without the field's name: `["< 120",
    /// "= 9999", "missing"]`, `["owner", "rent", "other (unseen)"]`. Empty where nothing does.
    pub(crate) fn answers(&self, field: &Field, side: Side, can: &Condition) -> Vec<String> {
        let mut pieces: Vec<String> = match (&self.test, &can.known) {
            (Test::Below { threshold, special }, Known::Numbers { interval, special: coming }) => {
                // The lowest threshold parts missing values and special codes from all numbers.
                let any = interval.and_then(|interval| interval.cut(*threshold, side)).is_some();
                let numbers = match (*threshold == f64::MIN, side) {
                    _ if !any => None,
                    (true, Side::Left) => None,
                    (true, Side::Right) => Some("any number".to_owned()),
                    (false, Side::Left) => Some(format!("< {}", number(*threshold))),
                    (false, Side::Right) => Some(format!(">= {}", number(*threshold))),
                };
                let codes = field.special().iter().zip(special.iter().zip(coming));
                let codes = codes.filter(|(_, (goes, comes))| **goes == side && **comes);
                numbers.into_iter().chain(codes.map(|(code, _)| code.label())).collect()
            }
            (Test::In { categories, other }, Known::Categories { members, other: unseen }) => {
                let names = field.categories().iter().zip(categories.iter().zip(members));
                let names = names.filter(|(_, (goes, comes))| **goes == side && **comes);
                let unseen = (*other == side && *unseen && field.knows_unseen()).then(|| OTHER.to_owned());
                names.map(|(name, _)| quoted(name)).chain(unseen).collect()
            }
            // A checked tree asks numbers of number fields and categories of category fields.
            _ => Vec::new(),
        };
        pieces.extend((self.missing == side && can.missing).then(|| MISSING.to_owned()));
        pieces
    }
}

/// What one condition says; `either` where an `or` stands in it.
struct Sentence {
    text: String,
    either: bool,
}

impl Sentence {
    fn plain(text: String) -> Option<Self> {
        Some(Self { text, either: false })
    }
}

/// A condition in words; `None` where it takes every value.
fn sentence(condition: &Condition, field: &Field, list: &dyn Fn(&[String]) -> String) -> Option<Sentence> {
    match &condition.known {
        Known::Numbers { interval, special } => numbers(condition, field, interval.as_ref(), special, list),
        Known::Categories { members, other } => categories(condition, field, members, *other, list),
    }
}

/// The codes among the special ones that `chosen` tells.
fn codes(field: &Field, chosen: impl Fn(usize, [f64; 2]) -> bool) -> Vec<&Special> {
    let all = field.special().iter().enumerate();
    all.filter(|(at, code)| chosen(*at, code.bounds())).map(|(_, code)| code).collect()
}

fn numbers(
    condition: &Condition,
    field: &Field,
    interval: Option<&Interval>,
    special: &[bool],
    list: &dyn Fn(&[String]) -> String,
) -> Option<Sentence> {
    let name = name(field);
    let touches = |[from, to]: [f64; 2]| {
        interval.is_some_and(|i| i.from.is_none_or(|f| f <= to) && i.below.is_none_or(|b| from < b))
    };
    let inside = |bounds: [f64; 2]| interval.is_some_and(|i| bounds.iter().all(|x| i.holds(*x)));
    let but = codes(field, |at, bounds| !special[at] && touches(bounds));
    let also = codes(field, |at, bounds| special[at] && !inside(bounds));
    let range = interval.and_then(|i| interval_words(&name, i));
    let base = match (interval, range) {
        (None, _) => None,
        (Some(_), Some(range)) => Some(range),
        (Some(_), None) if !condition.missing => Some(format!("{name} is known")),
        // Every number and missing, but for some codes.
        (Some(_), None) => return except(&name, &but, list).and_then(Sentence::plain),
    };
    let base = base.map(|base| match except(&name, &but, list) {
        Some(except) => format!("{base} and {except}"),
        None => base,
    });
    let missing = condition.missing.then(|| MISSING.to_owned());
    let more: Vec<String> = also.iter().map(ToString::to_string).chain(missing).collect();
    let only_missing = also.is_empty();
    let Some(base) = base else {
        return Sentence::plain(match (&more[..], only_missing, also.first()) {
            (_, true, _) => format!("{name} is missing"),
            ([_], _, Some(Special::Value(x))) => format!("{name} = {x}"),
            _ => format!("{name} in {{{}}}", list(&more)),
        });
    };
    let base = if base.contains(" and ") && !more.is_empty() { format!("({base})") } else { base };
    match (&more[..], only_missing, also.first()) {
        ([], ..) => Sentence::plain(base),
        (_, true, _) => Some(Sentence { text: format!("{base} or missing"), either: true }),
        ([_], _, Some(code)) => Some(Sentence { text: format!("{base} or {}", code.label()), either: true }),
        _ => Some(Sentence { text: format!("{base} or in {{{}}}", list(&more)), either: true }),
    }
}

/// `45 <= age < 60`; `None` of all numbers.
fn interval_words(name: &str, interval: &Interval) -> Option<String> {
    match (interval.from, interval.below) {
        (Some(from), Some(below)) => Some(format!("{} <= {name} < {}", number(from), number(below))),
        (Some(from), None) => Some(format!("{name} >= {}", number(from))),
        (None, Some(below)) => Some(format!("{name} < {}", number(below))),
        (None, None) => None,
    }
}

/// `x != 9999`, `x not in {-1, 9999}`; `None` of no code.
fn except(name: &str, but: &[&Special], list: &dyn Fn(&[String]) -> String) -> Option<String> {
    match but {
        [] => None,
        [Special::Value(x)] => Some(format!("{name} != {x}")),
        codes => {
            let codes: Vec<String> = codes.iter().map(|code| code.to_string()).collect();
            Some(format!("{name} not in {{{}}}", list(&codes)))
        }
    }
}

fn categories(
    condition: &Condition,
    field: &Field,
    members: &[bool],
    other: bool,
    list: &dyn Fn(&[String]) -> String,
) -> Option<Sentence> {
    let name = name(field);
    let side = |taken: bool| {
        let named = field.categories().iter().zip(members).filter(|(_, member)| **member == taken);
        let unseen = other == taken && field.knows_unseen();
        Group {
            names: named.map(|(category, _)| quoted(category)).collect(),
            rest: [(unseen, OTHER), (condition.missing == taken, MISSING)]
                .into_iter()
                .filter_map(|(here, word)| here.then_some(word))
                .collect(),
        }
    };
    let (taken, left) = (side(true), side(false));
    Sentence::plain(match (&taken.names[..], &taken.rest[..], &left.names[..], &left.rest[..]) {
        (_, _, [], []) => return None,
        (_, _, [], [MISSING]) => format!("{name} is known"),
        ([], [MISSING], ..) => format!("{name} is missing"),
        _ => {
            // Which way is shorter does not depend on how lists are cut.
            let whole = |names: &[String]| names.join(", ");
            let inside = taken.words(&name, "=", "in", &whole).chars().count();
            let outside = left.words(&name, "!=", "not in", &whole).chars().count();
            match outside < inside {
                true => left.words(&name, "!=", "not in", list),
                false => taken.words(&name, "=", "in", list),
            }
        }
    })
}

/// Categories by name, then what stands beside them and is never cut away.
struct Group {
    names: Vec<String>,
    rest: Vec<&'static str>,
}

impl Group {
    fn words(&self, field: &str, one: &str, several: &str, list: &dyn Fn(&[String]) -> String) -> String {
        let names = list(&self.names);
        match (&self.names[..], &self.rest[..]) {
            ([_], []) => format!("{field} {one} {names}"),
            (_, []) => format!("{field} {several} {{{names}}}"),
            ([], rest) => format!("{field} {several} {{{}}}", rest.join(", ")),
            (_, rest) => format!("{field} {several} {{{names}, {}}}", rest.join(", ")),
        }
    }
}

/// A field's name on one line.
fn name(field: &Field) -> String {
    field.name.replace(|c: char| c.is_control(), " ")
}

/// A category as it is; in quotes where it could be read as something else.
fn quoted(category: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, ',' | '{' | '}' | '"');
    let taken = category == OTHER || category == MISSING || category.trim() != category;
    let taken = taken || category.contains(" or ") || category.contains(" and ");
    if category.is_empty() || taken || category.contains(odd) {
        format!("{category:?}")
    } else {
        category.to_owned()
    }
}

/// A threshold with all its digits, in as few characters as it takes.
fn number(x: f64) -> String {
    // 0 added: no -0.
    let x = x + 0.0;
    let plain = x == 0.0 || (1e-7..1e15).contains(&x.abs());
    if plain { format!("{x}") } else { format!("{x:e}") }
}
