//! The outcome of each row: which of the two labels stands for bad, and which rows bear it.

use crate::columns::shorten;
use crate::different::{Different, different};
use crate::error::DataError;
use crate::table::{Table, text_of};
use arrears_model::schema::{Target, number_as_category};
use arrears_model::value::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Labels that stand for bad where the recipe does not say.
const WELL_KNOWN_BAD: [&str; 4] = ["bad", "default", "1", "true"];

/// Ways to mend a target, in the words of the command line and of the recipe.
const OTHER_COLUMN: &str = "name the outcome column with --target or `target` in [data]";
const BAD_LABEL: &str = "name the bad one with --positive or `positive` in [data]";
const TWO_LABELS: &str = "labels are not merged: make a column that says bad or good of every row (1 or 0) and name it \
                          with --target, or leave out the rows of labels that mean unknown by listing these in \
                          `missing` of [clean]";
const AN_AMOUNT: &str = "; numbers such as these are predicted as an amount by --kind amount-tree";
const BINNED_AMOUNT: &str = ", and `arrears bin` takes them for one without --positive";

/// A label in the one form in which labels are compared: numbers in shortest form, so `1.0` is `1`.
pub fn canonical_label(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() => number_as_category(x),
        _ => Cow::Borrowed(text),
    }
}

/// The outcome of each row, bad = true; `None` where the label is missing.
///
/// # Errors
/// [`DataError::MissingColumn`] without the target column; [`DataError::Target`] when a row bears a third
/// label.
pub fn outcomes(table: &Table, target: &Target, missing: &[String]) -> Result<Vec<Option<bool>>, DataError> {
    let Different { codes, values } = different(table.require(&target.column)?);
    let (bad, good) = (canonical_label(&target.bad), canonical_label(&target.good));
    let outcome = |value| match label(value, missing) {
        None => Ok(None),
        Some(label) if label == bad => Ok(Some(true)),
        Some(label) if label == good => Ok(Some(false)),
        Some(label) => Err(shorten(&label)),
    };
    let outcomes: Vec<_> = values.into_iter().map(outcome).collect();
    let of_row = |(row, code): (usize, Option<i32>)| match code.map(|code| &outcomes[code as usize]) {
        None => Ok(None),
        Some(Ok(outcome)) => Ok(*outcome),
        Some(Err(other)) => Err(DataError::Target {
            column: target.column.clone(),
            problem: format!(
                "line {} has {other:?}; expected `{bad}` (bad) or `{good}` (good)",
                table.line(row)
            ),
        }),
    };
    codes.iter().enumerate().map(of_row).collect()
}

fn label<'a>(value: Value<'a>, missing: &[String]) -> Option<Cow<'a, str>> {
    Some(match text_of(value, missing)? {
        Cow::Borrowed(text) => canonical_label(text),
        Cow::Owned(number) => Cow::Owned(number),
    })
}

/// Finds the two labels of a column and which is bad. Adds a note where that was not said but known.
pub(crate) fn resolve(
    table: &Table,
    column: &str,
    positive: Option<&str>,
    missing: &[String],
    notes: &mut Vec<String>,
) -> Result<Target, DataError> {
    let counts = counted(table, column, missing)?;
    let fail = |problem: String| Err(DataError::Target { column: column.to_owned(), problem });
    let shown = counts.iter().take(10).map(|(label, rows)| format!("{label:?} ({rows} rows)"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let labels: Vec<&str> = counts.keys().map(String::as_str).collect();
    let &[first, second] = labels.as_slice() else {
        return fail(match labels.len() {
            0 => format!("no row has a label; {OTHER_COLUMN}"),
            1 => format!("expected two labels, found only {shown}; {OTHER_COLUMN}"),
            n => format!(
                "expected two labels, found {n}: {shown}{}; {TWO_LABELS}{}",
                if n > 10 { ", ..." } else { "" },
                match (all_numbers(counts.keys()), positive) {
                    (false, _) => String::new(),
                    (true, None) => AN_AMOUNT.to_owned(),
                    (true, Some(_)) => format!("{AN_AMOUNT}{BINNED_AMOUNT}"),
                }
            ),
        });
    };
    let bad_first = match positive.map(canonical_label) {
        Some(positive) if positive == first => true,
        Some(positive) if positive == second => false,
        Some(positive) => {
            return fail(format!("positive is {positive:?}, but the labels are {shown}; {BAD_LABEL}"));
        }
        None => {
            let known = |label: &str| WELL_KNOWN_BAD.contains(&label.to_lowercase().as_str());
            if known(first) == known(second) {
                return fail(format!("which label is bad? There are {shown}; {BAD_LABEL}"));
            }
            known(first)
        }
    };
    let (bad, good) = if bad_first { (first, second) } else { (second, first) };
    if positive.is_none() {
        notes.push(format!("target `{column}`: {bad:?} is taken as bad, {good:?} as good"));
    }
    Ok(Target { column: column.to_owned(), bad: bad.to_owned(), good: good.to_owned() })
}

fn all_numbers<'a>(mut labels: impl Iterator<Item = &'a String>) -> bool {
    labels.all(|label| label.parse::<f64>().is_ok_and(f64::is_finite))
}

fn counted(table: &Table, column: &str, missing: &[String]) -> Result<BTreeMap<String, usize>, DataError> {
    let Different { codes, values } = different(table.require(column)?);
    let mut rows = vec![0; values.len()];
    codes.iter().flatten().for_each(|code| rows[code as usize] += 1);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (value, rows) in values.into_iter().zip(rows).filter(|(_, rows)| *rows > 0) {
        let Some(label) = label(value, missing) else { continue };
        *counts.entry(label.into_owned()).or_default() += rows;
        if counts.len() > 1_000 {
            let amount = if all_numbers(counts.keys()) { AN_AMOUNT } else { "" };
            let problem = format!("expected two labels, found more than 1,000; {OTHER_COLUMN}{amount}");
            return Err(DataError::Target { column: column.to_owned(), problem });
        }
    }
    Ok(counts)
}
