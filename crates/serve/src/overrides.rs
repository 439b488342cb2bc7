//! Overrides: grades and limits that people set for single customers, with reason, author and expiry.
//!
//! A CSV file with the columns `customer`, `field` (`grade` or `limit`), `value`, `reason`, `author` and `expires`, a date
//! `2026-12-31`, the last day on which it holds. What holds is told by a date that the caller gives, never by a clock. An
//! overridden grade brings its own limit and tier with it; a limit that is overridden too goes before that.

use crate::columns::IdColumn;
use crate::error::ServeError;
use arrears_data::{ColumnRef, Table};
use arrears_model::compiled::{CompiledScorer, NONE, Scores, Scratch};
use arrears_model::{Model, Value};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The overrides of a file that hold on a date, and those that do not any more.
#[derive(Clone, Debug)]
pub struct Overrides {
    customers: BTreeMap<String, OfCustomer>,
    /// Lines of the file that hold no more.
    expired: Vec<u64>,
    as_of: String,
    fingerprint: String,
}

/// What is overridden of one customer.
#[derive(Clone, Debug, Default)]
struct OfCustomer {
    /// Position of the grade.
    grade: Option<Override<u32>>,
    limit: Option<Override<f64>>,
}

/// One override.
#[derive(Clone, Debug)]
struct Override<T> {
    line: u64,
    value: T,
    /// The last day on which it holds.
    expires: String,
    why: String,
}

/// What people set that holds for a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Position of the grade in the model's grades.
    pub grade: Option<u32>,
    /// The limit.
    pub limit: Option<f64>,
    /// Who set what, until when and why.
    pub why: String,
    /// Lines of the file: of the grade, of the limit.
    pub lines: [Option<u64>; 2],
}

impl Holding {
    /// As it was written down with a decision.
    pub(crate) fn recorded(grade: Option<u32>, limit: Option<f64>, why: String) -> Self {
        Self { grade, limit, why, lines: [None; 2] }
    }
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
        let bytes = std::fs::read(path).map_err(|e| fault(0, format!("cannot be read: {e}")))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&bytes[..]);
        let mut found = Self {
            customers: BTreeMap::new(),
            expired: Vec::new(),
            as_of: as_of.to_owned(),
            fingerprint: format!("{} {as_of}", hex(&Sha256::digest(&bytes))),
        };
        for (at, line) in reader.deserialize::<Line>().enumerate() {
            // The header is line 1; a quoted line break only moves what comes after it.
            let number = at as u64 + 2;
            let line = line.map_err(|e| {
                fault(number, format!("{e}; expected customer,field,value,reason,author,expires"))
            })?;
            found.take(number, line, model).map_err(|why| fault(number, why))?;
        }
        Ok(found)
    }

    /// Takes a line up.
    ///
    /// # Errors
    /// Why it is no override of `model`.
    fn take(&mut self, number: u64, line: Line, model: &Model) -> Result<(), String> {
        let Line { customer, field, value, reason, author, expires } = line;
        if !is_date(&expires) {
            return Err(format!("expires {expires:?}: expected a date such as 2026-12-31"));
        }
        if [&customer, &reason, &author].iter().any(|text| text.is_empty()) {
            return Err("customer, reason and author must not be empty".to_owned());
        }
        let why = format!("{author}, until {expires}: {reason}");
        let new = Override { line: number, value: (), expires, why };
        let (grade, limit) = match field.as_str() {
            "grade" => (Some(grade_of(&value, model)?), None),
            "limit" => (None, Some(limit_of(&value, model)?)),
            _ => return Err(format!("field {field:?}: expected grade or limit")),
        };
        if *new.expires < *self.as_of {
            self.expired.push(number);
            return Ok(());
        }
        let of = self.customers.entry(customer).or_default();
        let before = match (grade, limit) {
            (Some(value), _) => of.grade.replace(new.with(value)).map(|before| before.line),
            (_, Some(value)) => of.limit.replace(new.with(value)).map(|before| before.line),
            (None, None) => None,
        };
        match before {
            Some(before) => Err(format!("line {before} overrides the same and holds too; leave one")),
            None => Ok(()),
        }
    }

    /// Tells these from others: their file's SHA-256 and the day.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What holds for a customer on the day that the file was read for; `None` where nothing does.
    pub fn of(&self, customer: &str) -> Option<Holding> {
        self.holding(customer, &self.as_of)
    }

    /// What holds for a customer on a day, which must not lie before the day that the file was read for.
    pub(crate) fn holding(&self, customer: &str, day: &str) -> Option<Holding> {
        let of = self.customers.get(customer.trim())?;
        let grade = of.grade.as_ref().filter(|of| *of.expires >= *day);
        let limit = of.limit.as_ref().filter(|of| *of.expires >= *day);
        let said = grade.map(|of| format!("grade by {}", of.why)).into_iter();
        let said: Vec<String> = said.chain(limit.map(|of| format!("limit by {}", of.why))).collect();
        (!said.is_empty()).then(|| Holding {
            grade: grade.map(|of| of.value),
            limit: limit.map(|of| of.value),
            why: said.join("; "),
            lines: [grade.map(|of| of.line), limit.map(|of| of.line)],
        })
    }

    /// Puts the overrides into the scores of the rows of a chunk. `columns` are those of the input fields.
    pub(crate) fn apply(
        &self,
        scorer: &CompiledScorer,
        id: &IdColumn,
        table: &Table,
        columns: &[ColumnRef<'_>],
        scores: &mut Scores,
    ) -> Applied {
        let mut applied =
            Applied { grade: scores.grade.clone(), limit: scores.limit.clone(), ..Applied::default() };
        applied.why.resize(scores.rows, None);
        if self.customers.is_empty() {
            return applied;
        }
        let mut scratch = Scratch::default();
        for row in 0..scores.rows {
            if scores.grade.get(row).is_none_or(|grade| *grade == NONE) {
                continue;
            }
            let customer = id.text(table, row);
            let Some(holding) = customer.and_then(|customer| self.of(&customer)) else { continue };
            if let Some(grade) = holding.grade {
                scores.grade[row] = grade;
                decide_again(scorer, columns, row, scores, &mut scratch);
            }
            if let Some(limit) = holding.limit {
                scores.limit[row] = limit;
            }
            applied.used.extend(holding.lines.into_iter().flatten());
            applied.why[row] = Some(holding.why);
        }
        applied
    }

    /// What a report has to say of the file, when the lines `used` were met in the input.
    pub fn notes(&self, used: &BTreeSet<u64>) -> Vec<String> {
        let lines = |lines: &[u64]| lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let of = |of: &OfCustomer| [of.grade.as_ref().map(|o| o.line), of.limit.as_ref().map(|o| o.line)];
        let all: BTreeSet<u64> = self.customers.values().flat_map(of).flatten().collect();
        let unknown: Vec<u64> = all.difference(used).copied().collect();
        let many = |n: usize| format!("{n} override{}", if n == 1 { "" } else { "s" });
        let mut notes = vec![format!("{} applied as of {}", many(used.len()), self.as_of)];
        if !self.expired.is_empty() {
            let expired = many(self.expired.len());
            notes.push(format!("{expired} expired before {}: line {}", self.as_of, lines(&self.expired)));
        }
        if !unknown.is_empty() {
            let are =
                if unknown.len() == 1 { "is of a customer that was" } else { "are of customers that were" };
            notes.push(format!("{} {are} not scored: line {}", many(unknown.len()), lines(&unknown)));
        }
        notes
    }
}

impl Override<()> {
    fn with<T>(self, value: T) -> Override<T> {
        Override { line: self.line, value, expires: self.expires, why: self.why }
    }
}

fn grade_of(value: &str, model: &Model) -> Result<u32, String> {
    let names = || model.grades.iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join(", ");
    let grade = model.grades.iter().position(|grade| grade.name == value);
    grade.map(|grade| grade as u32).ok_or_else(|| format!("grade {value:?}: expected one of {}", names()))
}

fn limit_of(value: &str, model: &Model) -> Result<f64, String> {
    if model.decisions.as_ref().is_none_or(|d| d.limit.is_none()) {
        return Err(format!("limit: `{}` decides no limits", model.name));
    }
    let amount = value.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
    amount.ok_or_else(|| format!("limit {value:?}: expected an amount of 0 or more"))
}

/// Limit and tier of a row in the grade that it has now.
fn decide_again(
    scorer: &CompiledScorer,
    columns: &[ColumnRef<'_>],
    row: usize,
    scores: &mut Scores,
    scratch: &mut Scratch,
) {
    let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(row)).collect();
    // The row was scored a moment ago, so it is scored again.
    let Ok(scored) = scorer.score_row(&values, scratch) else { return };
    let decided = scorer.decide(&scored, scores.grade[row] as usize, scratch);
    scores.limit.get_mut(row).into_iter().for_each(|to| *to = decided.limit.unwrap_or(f64::NAN));
    scores.tier.get_mut(row).into_iter().zip(decided.tier).for_each(|(to, tier)| *to = tier as u32);
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
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
pub(crate) fn is_date(text: &str) -> bool {
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
    use super::{Overrides, is_date};
    use arrears_model::Model;

    /// A service reads the file once and answers on many days.
    #[test]
    fn what_holds_is_told_by_the_day_of_the_question() {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/tests/samples/v4-expert.json");
        let model = Model::from_bytes(&std::fs::read(sample).unwrap()).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = "customer,field,value,reason,author,expires\n\
            C1,grade,fair,a,desk,2026-10-02\nC1,limit,0,b,desk,2026-10-05\nC1,limit,7,old,desk,2026-09-29\n";
        std::fs::write(file.path(), lines).unwrap();
        let overrides = Overrides::read(file.path(), "2026-09-30", &model).unwrap();
        let held = |day: &str| overrides.holding(" C1 ", day).map(|held| (held.grade, held.limit, held.why));
        let (grade, limit) = ("grade by desk, until 2026-10-02: a", "limit by desk, until 2026-10-05: b");
        assert_eq!(held("2026-10-02"), Some((Some(1), Some(0.0), format!("{grade}; {limit}"))));
        assert_eq!(held("2026-10-03"), Some((None, Some(0.0), limit.to_owned())));
        assert_eq!(held("2026-10-05"), Some((None, Some(0.0), limit.to_owned())));
        assert_eq!(held("2026-10-06"), None);
        assert_eq!(overrides.holding("C2", "2026-09-30"), None);
    }

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
