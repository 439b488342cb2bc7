//! Overrides: grades and limits that people set for single customers, with reason, author and expiry.
//!
//! A CSV file with the columns `customer`, `field` (`grade` or `limit`), `value`, `reason`, `author` and `expires`, a date
//! `2026-12-31`, the last day on which it holds. What holds is told by a date that the caller gives, never by a clock. An
//! overridden grade brings its own limit and tier with it; a limit that is overridden too goes before that.

use crate::columns::IdColumn;
use crate::error::ServeError;
use arrears_data::{ColumnRef, Table};
use arrears_model::compiled::{NONE, Scores};
use arrears_model::decisions::Decider;
use arrears_model::{Model, Scorer, Value};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

/// The overrides of a file that hold on a date, and those that do not any more.
#[derive(Clone, Debug)]
pub struct Overrides {
    /// By customer.
    grades: BTreeMap<String, Override<u32>>,
    limits: BTreeMap<String, Override<f64>>,
    /// Lines of the file that hold no more.
    expired: Vec<u64>,
    as_of: String,
    decider: Option<Decider>,
}

/// One override.
#[derive(Clone, Debug)]
struct Override<T> {
    line: u64,
    value: T,
    why: String,
}

/// A line of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    customer: String,
    field: String,
    value: String,
    reason: String,
    author: String,
    expires: String,
}

impl Overrides {
    /// Reads the overrides of `model` that hold on `as_of`, a date such as `2026-09-30`.
    ///
    /// # Errors
    /// [`ServeError::Overrides`] with file and line: a column that is absent or not known, a date that is none, a grade that the
    /// model does not have, a limit that is no amount or of a model without limits, no reason or author, or two overrides of
    /// one thing that hold at once.
    pub fn read(path: &Path, as_of: &str, model: &Model) -> Result<Self, ServeError> {
        let file = path.display().to_string();
        let fault = |line: u64, why: String| ServeError::Overrides { file: file.clone(), line, why };
        if !is_date(as_of) {
            return Err(fault(0, format!("--as-of {as_of:?}: expected a date such as 2026-09-30")));
        }
        let opened = File::open(path).map_err(|e| fault(0, format!("cannot be read: {e}")))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(opened);
        let mut found = Self {
            grades: BTreeMap::new(),
            limits: BTreeMap::new(),
            expired: Vec::new(),
            as_of: as_of.to_owned(),
            decider: Decider::of(model),
        };
        let limited = model.decisions.as_ref().is_some_and(|d| d.limit.is_some());
        for (at, line) in reader.deserialize::<Line>().enumerate() {
            // The header is line 1; a quoted line break only moves what comes after it.
            let number = at as u64 + 2;
            let line = line.map_err(|e| {
                fault(number, format!("{e}; expected customer,field,value,reason,author,expires"))
            })?;
            let Line { customer, field, value, reason, author, expires } = line;
            if !is_date(&expires) {
                return Err(fault(
                    number,
                    format!("expires {expires:?}: expected a date such as 2026-12-31"),
                ));
            }
            if [&customer, &reason, &author].iter().any(|text| text.is_empty()) {
                return Err(fault(number, "customer, reason and author must not be empty".to_owned()));
            }
            let why = format!("{author}, until {expires}: {reason}");
            let holds = *expires >= *as_of;
            let earlier = match field.as_str() {
                "grade" => {
                    let grade = model.grades.iter().position(|grade| grade.name == value);
                    let names =
                        || model.grades.iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join(", ");
                    let value = grade.ok_or_else(|| {
                        fault(number, format!("grade {value:?}: expected one of {}", names()))
                    })?;
                    let new = Override { line: number, value: value as u32, why };
                    if holds { found.grades.insert(customer, new).map(|o| o.line) } else { None }
                }
                "limit" if !limited => {
                    return Err(fault(number, format!("limit: `{}` decides no limits", model.name)));
                }
                "limit" => {
                    let amount = value.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
                    let value = amount.ok_or_else(|| {
                        fault(number, format!("limit {value:?}: expected an amount of 0 or more"))
                    })?;
                    let new = Override { line: number, value, why };
                    if holds { found.limits.insert(customer, new).map(|o| o.line) } else { None }
                }
                _ => return Err(fault(number, format!("field {field:?}: expected grade or limit"))),
            };
            if let Some(earlier) = earlier {
                return Err(fault(
                    number,
                    format!("line {earlier} overrides the same and holds too; leave one"),
                ));
            }
            if !holds {
                found.expired.push(number);
            }
        }
        Ok(found)
    }

    /// What is set for a customer; `None` where nothing is.
    pub fn of(&self, customer: &str) -> Option<Overridden> {
        let (grade, limit) = (self.grades.get(customer), self.limits.get(customer));
        let said = grade.map(|of| format!("grade by {}", of.why)).into_iter();
        let said: Vec<String> = said.chain(limit.map(|of| format!("limit by {}", of.why))).collect();
        let lines = grade.map(|of| of.line).into_iter().chain(limit.map(|of| of.line)).collect();
        (!said.is_empty()).then(|| Overridden {
            grade: grade.map(|of| of.value as usize),
            limit: limit.map(|of| of.value),
            why: said.join("; "),
            lines,
        })
    }

    /// Puts the overrides into the scores of the rows of a chunk. `columns` are those of the input fields.
    pub(crate) fn apply(
        &self,
        model: &Model,
        id: &IdColumn,
        table: &Table,
        columns: &[ColumnRef<'_>],
        scores: &mut Scores,
    ) -> Applied {
        let mut applied =
            Applied { grade: scores.grade.clone(), limit: scores.limit.clone(), ..Applied::default() };
        applied.why.resize(scores.rows, None);
        if self.grades.is_empty() && self.limits.is_empty() {
            return applied;
        }
        for row in 0..scores.rows {
            let Some(customer) =
                id.text(table, row).filter(|_| scores.grade.get(row).is_some_and(|g| *g != NONE))
            else {
                continue;
            };
            let Some(of) = self.of(customer.trim()) else { continue };
            if let Some(grade) = of.grade {
                scores.grade[row] = grade as u32;
                self.decide_again(model, columns, row, scores);
            }
            of.limit.into_iter().for_each(|limit| scores.limit[row] = limit);
            applied.used.extend(of.lines);
            applied.why[row] = Some(of.why);
        }
        applied
    }

    /// Limit and tier of a row in the grade that it has now.
    fn decide_again(&self, model: &Model, columns: &[ColumnRef<'_>], row: usize, scores: &mut Scores) {
        let Some(decider) = &self.decider else { return };
        let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(row)).collect();
        let mut scorer = Scorer::new(model);
        // The row was scored a moment ago, so it is scored again.
        let (Ok(_), cells) = (scorer.score(&values), scorer.cells()) else { return };
        let grade = scores.grade[row] as usize;
        let decided =
            decider.decide(|at| cells[at], scores.pd[row], scores.score[row], grade, &mut Vec::new());
        scores.limit.get_mut(row).into_iter().for_each(|to| *to = decided.limit.unwrap_or(f64::NAN));
        scores.tier.get_mut(row).into_iter().zip(decided.tier).for_each(|(to, tier)| *to = tier as u32);
    }

    /// What a report has to say of the file, when the lines `used` were met in the input.
    pub fn notes(&self, used: &BTreeSet<u64>) -> Vec<String> {
        let lines = |lines: &[u64]| lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let all = self.grades.values().map(|o| o.line).chain(self.limits.values().map(|o| o.line));
        let unknown: BTreeSet<u64> = all.filter(|line| !used.contains(line)).collect();
        let unknown: Vec<u64> = unknown.into_iter().collect();
        let mut notes = vec![format!("{} overrides applied as of {}", used.len(), self.as_of)];
        if !self.expired.is_empty() {
            let n = self.expired.len();
            notes.push(format!("{n} overrides expired before {}: line {}", self.as_of, lines(&self.expired)));
        }
        if !unknown.is_empty() {
            let n = unknown.len();
            notes.push(format!(
                "{n} overrides are of customers that were not scored: line {}",
                lines(&unknown)
            ));
        }
        notes
    }
}

/// What people set for a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Overridden {
    /// Position of the grade in the model's grades.
    pub grade: Option<usize>,
    /// The limit.
    pub limit: Option<f64>,
    /// What, by whom, until when and why.
    pub why: String,
    /// Lines of the file that say so.
    pub lines: Vec<u64>,
}

/// What overrides changed in a chunk.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Grades before.
    pub(crate) grade: Vec<u32>,
    /// Limits before; none where the model decides none.
    pub(crate) limit: Vec<f64>,
    /// By row: who changed what, until when and why.
    pub(crate) why: Vec<Option<String>>,
    /// Lines of the file that were applied.
    pub(crate) used: BTreeSet<u64>,
}

/// Whether a text is a date of the calendar, written as `2026-09-30`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = bytes
        .iter()
        .enumerate()
        .all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if bytes.len() != 10 || !digits {
        return false;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_of_the_calendar() {
        for good in ["2026-09-30", "2024-02-29", "2000-02-29", "0001-01-01"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2026-9-30",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "30.09.2026",
            "",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
