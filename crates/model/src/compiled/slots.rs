//! A field's slots: the finitely many parts that its values fall into.
//!
//! Within a slot all values get the same answer from [`Field::ingest`] and from every bin and question of the model, so that
//! whatever is said of a value can be kept in a table by slot.

use super::words::Words;
use crate::schema::{Field, Kind, Unseen};
use crate::value::{Cell, FlagKind, Value};

/// Position of a part of a field's values.
pub(super) type Slot = u16;
/// No value.
pub(super) const MISSING: Slot = 0;
/// A value that no slot of its own says to be refused: an infinite number, text that is no number.
pub(super) const REFUSED: Slot = 1;
/// The first interval of numbers, or the first category.
pub(super) const FIRST: Slot = 2;

/// The slots of one field.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    field: Field,
    missing: Vec<String>,
    /// Its categories, where it has some.
    words: Words,
    /// Where intervals of numbers meet, ascending: interval i holds `bounds[i - 1] <= x < bounds[i]`.
    pub(super) bounds: Vec<f64>,
    /// The slot of each interval.
    of_interval: Vec<Slot>,
    /// What each slot stands for.
    pub(super) parts: Vec<Part>,
    /// The first and the last of a run of slots whose values are taken as they stand; most values are in it or missing.
    pub(super) usual: (Slot, Slot),
}

/// What one slot stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    /// The cell; of an interval of numbers that are taken as they stand, that of one of them.
    pub(super) cell: Cell,
    /// Whether the slot is such an interval.
    pub(super) as_is: bool,
    pub(super) note: Note,
}

/// What is told of a value besides its cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Note {
    None,
    Flag(FlagKind),
    Refused,
}

impl Slots {
    /// The slots of `field`; `asked` are the numbers at which the model's bins and questions part its values. `None` where
    /// there would be more than a [`Slot`] can tell apart.
    pub(super) fn new(field: &Field, missing: &[String], asked: Vec<f64>) -> Option<Self> {
        let bounds = bounds(field, missing, asked);
        let mut parts = vec![
            Part { cell: Cell::Missing, as_is: false, note: Note::None },
            Part { cell: Cell::Missing, as_is: false, note: Note::Refused },
        ];
        let lowest = std::iter::once(f64::MIN).chain(bounds.iter().copied());
        let taken = lowest.map(|x| match field.ingest(missing, Value::Number(x)) {
            Ok((cell, None)) => Part { cell, as_is: matches!(cell, Cell::Number(_)), note: Note::None },
            Ok((cell, Some(kind))) => Part { cell, as_is: false, note: Note::Flag(kind) },
            Err(_) => parts[usize::from(REFUSED)],
        });
        let taken: Vec<Part> = taken.collect();
        if bounds.len().max(field.categories().len()) + 8 > usize::from(Slot::MAX) {
            return None;
        }
        let of_interval = match &field.kind {
            Kind::Number { .. } => {
                parts.extend(&taken);
                (FIRST..).take(taken.len()).collect()
            }
            Kind::Category { categories, unseen } => {
                let known = (0..categories.len()).map(Cell::Category);
                parts.extend(known.map(|cell| Part { cell, as_is: false, note: Note::None }));
                parts.push(unseen_part(*unseen, field.required));
                taken.iter().map(|part| category_slot(categories.len(), part)).collect()
            }
        };
        let usual = usual(&parts);
        let (field, missing, words) = (field.clone(), missing.to_vec(), Words::new(field.categories()));
        Some(Self { field, missing, words, bounds, of_interval, parts, usual })
    }

    /// Whether the field holds numbers.
    pub(super) fn numeric(&self) -> bool {
        matches!(self.field.kind, Kind::Number { .. })
    }

    /// The slot of a raw value, and the number it is where it is one.
    pub(super) fn of(&self, value: Value<'_>) -> (Slot, f64) {
        match value {
            Value::Missing => (self.missing_slot(), f64::NAN),
            Value::Number(x) => (self.of_number(x), x),
            Value::Text(text) => self.of_text(text.trim()),
        }
    }

    /// The slot of a value that is missing.
    pub(super) fn missing_slot(&self) -> Slot {
        if self.field.required { REFUSED } else { MISSING }
    }

    fn of_number(&self, x: f64) -> Slot {
        if x.is_finite() {
            self.of_interval[self.bounds.partition_point(|bound| *bound <= x)]
        } else if x.is_nan() {
            self.missing_slot()
        } else {
            REFUSED
        }
    }

    fn of_text(&self, text: &str) -> (Slot, f64) {
        if text.is_empty() || self.missing.iter().any(|m| m == text) {
            return (self.missing_slot(), f64::NAN);
        }
        match &self.field.kind {
            Kind::Number { .. } => match text.parse::<f64>() {
                Ok(x) if !x.is_nan() => (self.of_number(x), x),
                _ => (REFUSED, f64::NAN),
            },
            Kind::Category { categories, .. } => {
                let code = self.words.find(categories, text).unwrap_or(categories.len() as Slot);
                (FIRST + code, f64::NAN)
            }
        }
    }
}

/// All numbers at which anything may change, ascending, each once.
fn bounds(field: &Field, missing: &[String], asked: Vec<f64>) -> Vec<f64> {
    let mut bounds = asked;
    let numbers = missing.iter().chain(field.categories()).filter_map(|text| text.parse::<f64>().ok());
    numbers.for_each(|x| bounds.extend([x, x.next_up()]));
    if let Kind::Number { min, max, special, .. } = &field.kind {
        bounds.extend(*min);
        bounds.extend(max.map(f64::next_up));
        for code in special {
            let [from, to] = code.bounds();
            bounds.extend([from, to.next_up()]);
        }
    }
    bounds.retain(|x| x.is_finite());
    bounds.sort_by(f64::total_cmp);
    bounds.dedup_by(|a, b| a == b);
    bounds
}

fn unseen_part(policy: Unseen, required: bool) -> Part {
    let flag = Note::Flag(FlagKind::UnseenCategory);
    let (cell, note) = match policy {
        Unseen::Other => (Cell::Unseen, flag),
        Unseen::Missing if !required => (Cell::Missing, flag),
        Unseen::Missing | Unseen::Reject => (Cell::Missing, Note::Refused),
    };
    Part { cell, as_is: false, note }
}

/// The slot of a number in a field of so many categories.
fn category_slot(categories: usize, part: &Part) -> Slot {
    match (part.cell, part.note) {
        (Cell::Category(code), _) => FIRST + code as Slot,
        (Cell::Missing, Note::None) => MISSING,
        (_, Note::Refused) => REFUSED,
        _ => FIRST + categories as Slot,
    }
}

/// The longest run of intervals that are taken as they stand; of a category, those that were seen. Where there is none, a
/// run that no value is in.
fn usual(parts: &[Part]) -> (Slot, Slot) {
    let (mut best, mut from) = ((Slot::MAX, Slot::MAX), None);
    for (slot, part) in parts.iter().enumerate() {
        if !part.as_is && !matches!(part.cell, Cell::Category(_)) {
            from = None;
            continue;
        }
        let first = *from.get_or_insert(slot);
        if slot - first >= usize::from(best.1 - best.0) {
            best = (first as Slot, slot as Slot);
        }
    }
    best
}
