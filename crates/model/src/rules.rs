//! A tree as rules: for each leaf, which values of each field lead there.
//!
//! A rule is the path to a leaf with the questions about one field merged into one condition. It says the same as
//! descending the tree: every row satisfies the rule of exactly one leaf, the leaf it falls into.

use crate::branch;
use crate::schema::{Field, Kind, Schema, Unseen};
use crate::special::Special;
use crate::tree::{Side, Split, Test, Tree};
use crate::value::Cell;
use serde::Serialize;

/// Which rows come to one leaf.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Position of the leaf in the tree's nodes.
    pub node: usize,
    /// One condition for each field that was asked on the way, in the order they were first asked. All must hold.
    pub conditions: Vec<Condition>,
}

/// Which cells of one field a rule takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Position of the field in the schema.
    pub field: usize,
    /// The known values.
    pub known: Known,
    /// Whether missing values are taken.
    pub missing: bool,
}

/// Which known values a condition takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Of a number field.
    Numbers {
        /// The numbers that are no special codes; absent where no number is taken.
        interval: Option<Interval>,
        /// For each special code of the field, whether it is taken.
        special: Vec<bool>,
    },
    /// Of a category field.
    Categories {
        /// For each category of the field, whether it is taken.
        members: Vec<bool>,
        /// Whether categories are taken that training never saw.
        other: bool,
    },
}

/// The numbers `from <= x < below`; an end that is absent bounds nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interval {
    /// The lowest number, itself taken.
    pub from: Option<f64>,
    /// The number below which all lie, itself not taken.
    pub below: Option<f64>,
}

/// A condition with names in place of positions, for programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NamedCondition {
    /// Name of the field.
    pub field: String,
    /// The known values that are taken.
    #[serde(flatten)]
    pub known: NamedKnown,
    /// Whether missing values are taken.
    pub missing: bool,
}

/// The known values that a condition takes, by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NamedKnown {
    /// Of a number field.
    Numbers {
        /// The numbers that are no special codes; absent where no number is taken.
        interval: Option<Interval>,
        /// The special codes.
        special: Vec<Special>,
    },
    /// Of a category field.
    Categories {
        /// The categories.
        categories: Vec<String>,
        /// Whether categories are taken that training never saw.
        other: bool,
    },
}

impl Tree {
    /// The rule of every leaf, in reading order: depth first, left before right.
    pub fn rules(&self, schema: &Schema) -> Vec<Rule> {
        branch::rules(&self.nodes, schema)
    }
}

impl Rule {
    /// Whether a row comes to the leaf; `cells` in the order of the schema.
    pub fn holds(&self, cells: &[Cell]) -> bool {
        self.conditions.iter().all(|condition| condition.holds(cells[condition.field]))
    }

    /// Whether no row can come to the leaf, because the answers on its path contradict each other.
    pub fn is_impossible(&self, schema: &Schema) -> bool {
        self.conditions.iter().any(|condition| condition.takes_nothing(&schema.fields[condition.field]))
    }

    /// What is asked of a field; anything where nothing is.
    pub(crate) fn condition(&self, field: usize, schema: &Schema) -> Condition {
        let asked = self.conditions.iter().find(|condition| condition.field == field);
        asked.cloned().unwrap_or_else(|| Condition::anything(field, &schema.fields[field]))
    }

    /// The conditions with names in place of positions.
    pub fn named(&self, schema: &Schema) -> Vec<NamedCondition> {
        self.conditions.iter().map(|condition| condition.named(&schema.fields[condition.field])).collect()
    }

    /// The rule of the child on that side.
    pub(crate) fn answered(&self, split: &Split, field: &Field, side: Side) -> Self {
        let mut conditions = self.conditions.clone();
        let at = conditions.iter().position(|c| c.field == split.field).unwrap_or_else(|| {
            conditions.push(Condition::anything(split.field, field));
            conditions.len() - 1
        });
        conditions[at].narrow(split, side);
        Self { node: split.child(side), conditions }
    }
}

impl Condition {
    fn anything(field: usize, of: &Field) -> Self {
        let known = match &of.kind {
            Kind::Number { special, .. } => {
                Known::Numbers { interval: Some(Interval::default()), special: vec![true; special.len()] }
            }
            Kind::Category { categories, .. } => {
                Known::Categories { members: vec![true; categories.len()], other: true }
            }
        };
        Self { field, known, missing: true }
    }

    /// Whether a cell is taken. One that cannot stand in such a field is as good as missing, as in the tree.
    pub fn holds(&self, cell: Cell) -> bool {
        match (&self.known, cell) {
            (Known::Numbers { interval, .. }, Cell::Number(x)) => interval.is_some_and(|i| i.holds(x)),
            (Known::Numbers { special, .. }, Cell::Special(code)) => special[code],
            (Known::Categories { members, .. }, Cell::Category(c)) => members[c],
            (Known::Categories { other, .. }, Cell::Unseen) => *other,
            _ => self.missing,
        }
    }

    fn named(&self, field: &Field) -> NamedCondition {
        let known = match &self.known {
            Known::Numbers { interval, special } => {
                NamedKnown::Numbers { interval: *interval, special: taken(field.special(), special) }
            }
            Known::Categories { members, other } => {
                NamedKnown::Categories { categories: taken(field.categories(), members), other: *other }
            }
        };
        NamedCondition { field: field.name.clone(), known, missing: self.missing }
    }

    pub(crate) fn takes_nothing(&self, field: &Field) -> bool {
        let known = match &self.known {
            Known::Numbers { interval, special } => interval.is_some() || special.contains(&true),
            Known::Categories { members, other } => {
                members.contains(&true) || (*other && field.knows_unseen())
            }
        };
        !known && !self.missing
    }

    /// Leaves what goes to that side.
    fn narrow(&mut self, split: &Split, side: Side) {
        self.missing &= split.missing == side;
        match (&mut self.known, &split.test) {
            (Known::Numbers { interval, special }, Test::Below { threshold, special: sides }) => {
                special.iter_mut().zip(sides).for_each(|(taken, code)| *taken &= *code == side);
                *interval = interval.and_then(|i| i.cut(*threshold, side));
            }
            (Known::Categories { members, other }, Test::In { categories, other: unseen }) => {
                members.iter_mut().zip(categories).for_each(|(taken, c)| *taken &= *c == side);
                *other &= *unseen == side;
            }
            // A checked tree asks numbers of number fields and categories of category fields.
            _ => {}
        }
    }
}

fn taken<T: Clone>(all: &[T], taken: &[bool]) -> Vec<T> {
    all.iter().zip(taken).filter(|(_, taken)| **taken).map(|(one, _)| one.clone()).collect()
}

impl Interval {
    /// Whether it takes `x`.
    pub fn holds(&self, x: f64) -> bool {
        self.from.is_none_or(|from| from <= x) && self.below.is_none_or(|below| x < below)
    }

    /// The part below a threshold, or the rest; `None` where no number is in it.
    pub(crate) fn cut(self, threshold: f64, side: Side) -> Option<Self> {
        let part = match side {
            Side::Left => Self { below: Some(self.below.map_or(threshold, |b| b.min(threshold))), ..self },
            // No number lies below the lowest: the end says nothing.
            Side::Right if threshold == f64::MIN => self,
            Side::Right => Self { from: Some(self.from.map_or(threshold, |f| f.max(threshold))), ..self },
        };
        let lowest = part.from.unwrap_or(f64::MIN);
        part.below.is_none_or(|below| lowest < below).then_some(part)
    }
}

impl Field {
    /// Whether a category that training never saw reaches the tree as such: not where it is read as missing or
    /// refused.
    pub(crate) fn knows_unseen(&self) -> bool {
        matches!(&self.kind, Kind::Category { unseen: Unseen::Other, .. })
    }
}
