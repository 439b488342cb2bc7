//! The outcome of each row: which of the two labels stands for bad, and which rows bear it.

use crate::columns::shorten;
use crate::error::DataError;
use crate::table::{ColumnRef, Table};
use arrears_model::schema::{Target, number_as_category};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Labels that stand for bad where the recipe does not say.
const WELL_KNOWN_BAD: [&str; 4] = ["bad", "default", "1", "true"];

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
    let column = table.require(&target.column)?;
    let (bad, good) = (canonical_label(&target.bad), canonical_label(&target.good));
    let outcome = |row: usize| match label(column, row, missing) {
        None => Ok(None),
        Some(label) if label == bad => Ok(Some(true)),
        Some(label) if label == good => Ok(Some(false)),
        Some(label) => Err(DataError::Target {
            column: target.column.clone(),
            problem: format!(
                "line {} has {:?}; expected `{bad}` (bad) or `{good}` (good)",
                table.line(row),
                shorten(&label)
            ),
        }),
    };
    (0..table.rows()).map(outcome).collect()
}

fn label<'a>(column: ColumnRef<'a>, row: usize, missing: &[String]) -> Option<Cow<'a, str>> {
    let text = column.text(row, missing)?;
    Some(match text {
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
            0 => "no row has a label".to_owned(),
            1 => format!("expected two labels, found only {shown}"),
            n => format!(
                "expected two labels, found {n}: {shown}{}; \
                 list those that mean unknown in clean.missing, or choose another column",
                if n > 10 { ", ..." } else { "" }
            ),
        });
    };
    let bad_first = match positive.map(canonical_label) {
        Some(positive) if positive == first => true,
        Some(positive) if positive == second => false,
        Some(positive) => return fail(format!("positive is {positive:?}, but the labels are {shown}")),
        None => {
            let known = |label: &str| WELL_KNOWN_BAD.contains(&label.to_lowercase().as_str());
            if known(first) == known(second) {
                return fail(format!("say with positive which label is bad: {shown}"));
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

fn counted(table: &Table, column: &str, missing: &[String]) -> Result<BTreeMap<String, usize>, DataError> {
    let values = table.require(column)?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in 0..table.rows() {
        let Some(label) = label(values, row, missing) else { continue };
        if let Some(count) = counts.get_mut(label.as_ref()) {
            *count += 1;
        } else if counts.len() < 1_000 {
            counts.insert(label.into_owned(), 1);
        } else {
            let problem = "expected two labels, found more than 1,000; choose another column".to_owned();
            return Err(DataError::Target { column: column.to_owned(), problem });
        }
    }
    Ok(counts)
}
