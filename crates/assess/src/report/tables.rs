//! The small tables: `grades`, `tiers`, `migration`, `limits`, `summary`. `docs/assess-report.md` says what the columns mean.

use super::assessment::{Assessment, Group, Movement};
use super::summary::metrics;
use super::tidy::{Datum, Kind, TidyTable};
use arrears_data::DataError;
use std::path::Path;

/// Begins each table of both runs: whose figures these are.
const PERIOD: [(&str, Kind); 3] =
    [("as_of", Kind::Text), ("period", Kind::Text), ("period_as_of", Kind::Text)];

const HOLDING: [(&str, Kind); 12] = [
    ("customers", Kind::Count),
    ("share", Kind::Number),
    ("mean_pd", Kind::Number),
    ("customers_with_exposure", Kind::Count),
    ("exposure", Kind::Number),
    ("exposure_share", Kind::Number),
    ("customers_with_limit", Kind::Count),
    ("limit", Kind::Number),
    ("utilisation", Kind::Number),
    ("over_limit_customers", Kind::Count),
    ("over_limit_amount", Kind::Number),
    ("expected_loss", Kind::Number),
];

const CURRENCY: (&str, Kind) = ("currency", Kind::Text);

const MIGRATION: [(&str, Kind); 12] = [
    ("as_of", Kind::Text),
    ("previous_as_of", Kind::Text),
    ("from_grade", Kind::Text),
    ("from_position", Kind::Count),
    ("to_grade", Kind::Text),
    ("to_position", Kind::Count),
    ("movement", Kind::Text),
    ("customers", Kind::Count),
    ("row_share", Kind::Number),
    ("exposure", Kind::Number),
    ("row_exposure_share", Kind::Number),
    CURRENCY,
];

const LIMITS: [(&str, Kind); 9] = [
    ("as_of", Kind::Text),
    ("previous_as_of", Kind::Text),
    ("grade", Kind::Text),
    ("change", Kind::Text),
    ("customers", Kind::Count),
    ("limit_before", Kind::Number),
    ("limit_now", Kind::Number),
    ("difference", Kind::Number),
    CURRENCY,
];

const SUMMARY: [(&str, Kind); 4] =
    [("as_of", Kind::Text), ("metric", Kind::Text), ("value", Kind::Number), ("unit", Kind::Text)];

/// Makes the small tables, complete but without their names yet.
pub(crate) fn tables(folder: &Path, a: &Assessment) -> Result<Vec<TidyTable>, DataError> {
    Ok(vec![
        groups(folder, "grades", "grade", &a.grades, a)?,
        groups(folder, "tiers", "tier", &a.tiers, a)?,
        migration(folder, a)?,
        limits(folder, a)?,
        summary(folder, a)?,
    ])
}

fn groups(
    folder: &Path,
    table: &str,
    what: &str,
    groups: &[Group],
    a: &Assessment,
) -> Result<TidyTable, DataError> {
    let group = [(what, Kind::Text), ("position", Kind::Count)];
    let columns = [&PERIOD[..], &group, &HOLDING, &[CURRENCY]].concat();
    let mut table = TidyTable::create(folder, table, &columns)?;
    let earlier = a.previous.as_ref().map(|run| run.as_of.as_str());
    for (at, group) in groups.iter().enumerate() {
        let periods = [("now", Some(a.as_of.as_str()), group.now), ("before", earlier, group.before)];
        for (period, as_of, holding) in periods {
            let Some(h) = holding else { continue };
            table.row(&[
                Datum::text(&a.as_of),
                Datum::text(period),
                Datum::Text(as_of),
                Datum::Text(group.name.as_deref()),
                Datum::count(at as u64 + 1),
                Datum::count(h.customers),
                Datum::Number(h.share),
                Datum::Number(h.mean_pd),
                Datum::count(h.with_exposure),
                Datum::Number(h.exposure),
                Datum::Number(h.exposure_share),
                Datum::count(h.with_limit),
                Datum::Number(h.limit),
                Datum::Number(h.utilisation),
                Datum::count(h.over_limit),
                Datum::number(h.over_limit_amount),
                Datum::Number(h.expected_loss),
                Datum::text(&a.currency),
            ])?;
        }
    }
    Ok(table)
}

fn migration(folder: &Path, a: &Assessment) -> Result<TidyTable, DataError> {
    let mut table = TidyTable::create(folder, "migration", &MIGRATION)?;
    let Some((matrix, previous)) = a.migration.as_ref().zip(a.previous.as_ref()) else { return Ok(table) };
    let position = |at: usize, names: &[String]| (at < names.len()).then_some(at as i64 + 1);
    for (row, cells) in matrix.cells.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let to = matrix.to.get(column).map_or(cell.movement.name(), String::as_str);
            table.row(&[
                Datum::text(&a.as_of),
                Datum::text(&previous.as_of),
                Datum::text(matrix.from.get(row).map_or(Movement::New.name(), String::as_str)),
                Datum::Count(position(row, &matrix.from)),
                Datum::text(to),
                Datum::Count(position(column, &matrix.to)),
                Datum::text(cell.movement.name()),
                Datum::count(cell.customers),
                Datum::Number(cell.share),
                Datum::Number(cell.exposure),
                Datum::Number(cell.exposure_share),
                Datum::text(&a.currency),
            ])?;
        }
    }
    Ok(table)
}

fn limits(folder: &Path, a: &Assessment) -> Result<TidyTable, DataError> {
    let mut table = TidyTable::create(folder, "limits", &LIMITS)?;
    let Some((limits, previous)) = a.limits.as_ref().zip(a.previous.as_ref()) else { return Ok(table) };
    for (grade, rows) in &limits.by_grade {
        for row in rows {
            table.row(&[
                Datum::text(&a.as_of),
                Datum::text(&previous.as_of),
                Datum::text(grade),
                Datum::text(row.change.name()),
                Datum::count(row.customers),
                Datum::number(row.before),
                Datum::number(row.now),
                Datum::number(row.difference),
                Datum::text(&a.currency),
            ])?;
        }
    }
    Ok(table)
}

fn summary(folder: &Path, a: &Assessment) -> Result<TidyTable, DataError> {
    let mut table = TidyTable::create(folder, "summary", &SUMMARY)?;
    for (metric, value, unit) in metrics(a) {
        let unit = if unit == "money" { a.currency.as_str() } else { unit };
        table.row(&[Datum::text(&a.as_of), Datum::text(metric), Datum::Number(value), Datum::text(unit)])?;
    }
    Ok(table)
}
