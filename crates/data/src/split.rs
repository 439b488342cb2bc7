//! Rows to train on and rows to test on, the same on every machine.

use crate::different::{Different, different};
use crate::error::DataError;
use crate::infer::is_iso_date;
use crate::outcome::canonical_label;
use crate::preparation::{SplitMethod, SplitRecipe};
use crate::table::{ColumnRef, Table, text_of};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Positions of rows in the table, ascending; each row is in one of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to train on.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
    /// Rows on neither side: with `time` and `group`, those of the other side of the cut than their group.
    pub neither: Vec<usize>,
}

/// Divides the rows of a table.
///
/// - `random`: within each class of `bad` (one class where it is `None`) rows are ordered by
///   [`order_key`]`(seed, row)`, and the first `round(test x size of the class)` are held out (halves up).
/// - `time`: rows at or after `from`, or the latest `round(test x rows)`, are held out. Rows of one time are
///   never parted: those that share the time of the cut are all held out. Times are numbers, or ISO dates
///   compared as text.
/// - `column`: rows whose value is `test_value` are held out.
///
/// With `group` rows of one value in that column go together; a row without one goes alone. `random` deals groups as
/// it deals rows: a group stands in the place of its first row and is bad if one of its rows is. `time` draws groups
/// so too: of those drawn the rows after the cut are held out, of the others the rows before it are trained on,
/// and the rest is on neither side.
///
/// # Errors
/// When a row has no value to go by, or when one side would be empty; with the line of the row.
pub fn split(
    table: &Table,
    bad: Option<&[bool]>,
    recipe: &SplitRecipe,
    missing: &[String],
) -> Result<Split, DataError> {
    recipe.check()?;
    let share = recipe.test.unwrap_or(SplitRecipe::DEFAULT_TEST);
    let groups = recipe.group.as_deref().map(|column| groups(table, column, missing)).transpose()?;
    let drawn = || match &groups {
        None => random(&Vec::from_iter(0..table.rows()), table.rows(), bad, share, recipe.seed),
        Some(groups) => random_groups(groups, bad, share, recipe.seed),
    };
    let held_out = match (recipe.method, &recipe.column) {
        (SplitMethod::Random, _) | (_, None) => drawn(),
        (SplitMethod::Time, Some(column)) => by_time(table, column, recipe.from.as_deref(), share, missing)?,
        (SplitMethod::Column, Some(column)) => {
            let wanted = canonical_label(recipe.test_value.as_deref().unwrap_or_default()).into_owned();
            let Different { codes, values } = different(table.require(column)?);
            let held_out = |value| Some(canonical_label(&text_of(value, missing)?) == wanted);
            let held_out: Vec<Option<bool>> = values.into_iter().map(held_out).collect();
            let of_row = |(row, code): (usize, Option<i32>)| {
                code.and_then(|code| held_out[code as usize]).ok_or_else(|| no_value(table, column, row))
            };
            codes.iter().enumerate().map(of_row).collect::<Result<_, _>>()?
        }
    };
    let (rows, neither) = match (recipe.method, &groups) {
        (SplitMethod::Time, Some(_)) => {
            let drawn = drawn();
            (0..table.rows()).partition(|row| held_out[*row] == drawn[*row])
        }
        _ => (Vec::from_iter(0..table.rows()), Vec::new()),
    };
    let (test, train): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(|row| held_out[*row]);
    if test.is_empty() || train.is_empty() {
        return Err(DataError::Split(format!(
            "{} of {} rows would be held out and {} trained on; both sides need rows",
            test.len(),
            table.rows(),
            train.len()
        )));
    }
    Ok(Split { train, test, neither })
}

/// For each row the first row with the same value in `column`; itself where it has none.
///
/// # Errors
/// When there is no such column.
pub fn groups(table: &Table, column: &str, missing: &[String]) -> Result<Vec<usize>, DataError> {
    let Different { codes, values } = different(table.require(column)?);
    let known: Vec<bool> = values.into_iter().map(|value| text_of(value, missing).is_some()).collect();
    let mut first: Vec<Option<usize>> = vec![None; known.len()];
    let of_row = |(row, code): (usize, Option<i32>)| {
        let code = code.map(|code| code as usize).filter(|code| known[*code]);
        code.map_or(row, |code| *first[code].get_or_insert(row))
    };
    Ok(codes.iter().enumerate().map(of_row).collect())
}

/// The number by which rows are ordered: `mix(mix(seed) + row)` modulo 2^64, where `mix` is one step of
/// splitmix64: `z += 0x9e3779b97f4a7c15; z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
/// z = (z ^ z >> 27) * 0x94d049bb133111eb; z ^ z >> 31`.
pub fn order_key(seed: u64, row: u64) -> u64 {
    mix(mix(seed).wrapping_add(row))
}

fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// [`random`] of the groups, each in the place of its first row; then of their rows.
fn random_groups(groups: &[usize], bad: Option<&[bool]>, share: f64, seed: u64) -> Vec<bool> {
    let firsts: Vec<usize> = (0..groups.len()).filter(|row| groups[*row] == *row).collect();
    let any_bad = bad.map(|bad| {
        let mut any = vec![false; groups.len()];
        groups.iter().zip(bad).for_each(|(group, bad)| any[*group] |= bad);
        any
    });
    let held_out = random(&firsts, groups.len(), any_bad.as_deref(), share, seed);
    groups.iter().map(|group| held_out[*group]).collect()
}

/// Which of `rows` are held out, by position among all.
fn random(rows: &[usize], all: usize, bad: Option<&[bool]>, share: f64, seed: u64) -> Vec<bool> {
    let mut held_out = vec![false; all];
    for class in [false, true] {
        let members = rows.iter().copied().filter(|row| bad.map_or(!class, |bad| bad[*row] == class));
        let mut members: Vec<(u64, usize)> = members.map(|row| (order_key(seed, row as u64), row)).collect();
        let count = (share * members.len() as f64).round() as usize;
        if count < members.len() {
            members.select_nth_unstable(count);
        }
        members.iter().take(count).for_each(|(_, row)| held_out[*row] = true);
    }
    held_out
}

fn by_time(
    table: &Table,
    column: &str,
    from: Option<&str>,
    share: f64,
    missing: &[String],
) -> Result<Vec<bool>, DataError> {
    let texts = values(table, column, missing)?;
    let keys = TimeKeys::of(table, column, &texts)?;
    let cut = match from {
        Some(from) => keys.parse(from).ok_or_else(|| {
            DataError::recipe("split.from", format!("{from:?} is not of the kind of column `{column}`"))
        })?,
        None => {
            let count = ((share * table.rows() as f64).round() as usize).clamp(1, table.rows().max(1));
            let mut sorted: Vec<&Time> = keys.keys.iter().collect();
            sorted.sort_unstable_by(|a, b| a.order(b));
            match sorted.get(table.rows().wrapping_sub(count)) {
                Some(time) => (*time).clone(),
                None => return Ok(Vec::new()),
            }
        }
    };
    Ok(keys.keys.iter().map(|key| key.order(&cut) != Ordering::Less).collect())
}

/// A time in comparable form.
#[derive(Clone)]
enum Time {
    Number(f64),
    Date(String),
}

impl Time {
    fn order(&self, other: &Time) -> Ordering {
        match (self, other) {
            (Time::Number(a), Time::Number(b)) => a.total_cmp(b),
            (Time::Date(a), Time::Date(b)) => a.cmp(b),
            (Time::Number(_), Time::Date(_)) => Ordering::Less,
            (Time::Date(_), Time::Number(_)) => Ordering::Greater,
        }
    }
}

struct TimeKeys {
    numeric: bool,
    keys: Vec<Time>,
}

impl TimeKeys {
    fn of(table: &Table, column: &str, texts: &[Cow<'_, str>]) -> Result<TimeKeys, DataError> {
        let numeric = texts.iter().all(|text| parsed(text, true).is_some());
        let mut keys = Vec::with_capacity(texts.len());
        for (row, text) in texts.iter().enumerate() {
            keys.push(parsed(text, numeric).ok_or_else(|| {
                DataError::Split(format!(
                    "column `{column}` has {text:?} on line {}; \
                     expected numbers throughout, or ISO dates such as 2024-01-31 without a time offset",
                    table.line(row)
                ))
            })?);
        }
        Ok(TimeKeys { numeric, keys })
    }

    fn parse(&self, text: &str) -> Option<Time> {
        parsed(text.trim(), self.numeric)
    }
}

fn parsed(text: &str, numeric: bool) -> Option<Time> {
    if numeric {
        return text.parse().ok().filter(|x: &f64| x.is_finite()).map(|x| Time::Number(x + 0.0));
    }
    // An offset would break the order of texts, and so would a blank in the place of the T.
    let offset = text.get(10..).is_some_and(|time| time.contains(['+', '-']));
    (is_iso_date(text) && !offset).then(|| Time::Date(text.trim_end_matches('Z').replace(' ', "T")))
}

fn values<'a>(table: &'a Table, column: &str, missing: &[String]) -> Result<Vec<Cow<'a, str>>, DataError> {
    let values: ColumnRef<'a> = table.require(column)?;
    let value = |row: usize| values.text(row, missing).ok_or_else(|| no_value(table, column, row));
    (0..table.rows()).map(value).collect()
}

fn no_value(table: &Table, column: &str, row: usize) -> DataError {
    DataError::Split(format!("column `{column}` has no value on line {}", table.line(row)))
}
