//! Cleaning: types resolved, unusable rows dropped and counted, columns without use left out.

use crate::cleaning_report::{Changed, CleaningReport, ColumnReport, DropReason, Dropped, Example, Role};
use crate::columns::shorten;
use crate::different::different;
use crate::duplicates::repeated;
use crate::error::DataError;
use crate::judge::{Verdict, judge};
use crate::numbers::{RowNumbers, amounts, weights};
use crate::outcome::{outcomes, resolve};
use crate::preparation::{DataRecipe, Duplicates, Preparation, SplitRecipe};
use crate::read::Loaded;
use crate::roles::{fields, roles};
use crate::source::{NOT_UTF8, TO_UTF8, Unreadable};
use crate::split::{Split, split};
use crate::table::{ColumnRef, Table, text_of};
use arrears_model::schema::{Field, Kind, Schema, Target};
use arrears_model::value::{FlagKind, RefusalKind};
use arrow::array::Array;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Rows that can be trusted, and what is known about their columns.
#[derive(Clone, Debug)]
pub struct Cleaned {
    /// The rows kept, in file order, with all columns of the file; those of number features as numbers.
    pub table: Table,
    /// The outcome of each row kept, bad = true; `None` without a target.
    pub bad: Option<Vec<bool>>,
    /// The outcome of each row kept as a number, where the target is an amount; see [`clean_number_target`].
    pub amounts: Option<Vec<f64>>,
    /// The weight of each row kept; `None` where the recipe names no column of weights.
    pub weights: Option<Vec<f64>>,
    /// The target column and its two labels.
    pub target: Option<Target>,
    /// What was dropped, changed and left out.
    pub report: CleaningReport,
    /// sha256 of the file the rows came from; see [`Loaded::fingerprint`].
    pub fingerprint: String,
    /// What the user should know beyond the report.
    pub notes: Vec<String>,
    /// Column of the amounts, where the target is one.
    amount: Option<String>,
    id: Option<String>,
    missing: Vec<String>,
    fields: Vec<Field>,
}

/// Cleans the rows of a file by a recipe.
///
/// A row is dropped for the first of these that holds: its outcome is missing; its weight is missing or
/// no number of 0 or more; a number column (in file order) refuses its value; it repeats an earlier row that
/// stays; it repeats the id of one (of the same date, where the recipe names `as_of`). Values are judged by [`Field::ingest`], the one ingestion that scoring
/// uses too.
///
/// # Errors
/// When the recipe names a column that is not there, when the target does not hold two labels, when
/// no row is left, or when all weights are 0.
pub fn clean(loaded: Loaded, preparation: &Preparation) -> Result<Cleaned, DataError> {
    clean_rows(loaded, preparation, false)
}

/// Cleans the rows of a file whose target is an amount: a row without a finite number in the target column is
/// dropped, and [`Cleaned::amounts`] takes the place of [`Cleaned::bad`]. For the rest like [`clean`].
///
/// # Errors
/// Those of [`clean`], but for the two labels; [`DataError::Target`] when no row has a number, or all rows left have
/// one amount.
pub fn clean_number_target(loaded: Loaded, preparation: &Preparation) -> Result<Cleaned, DataError> {
    clean_rows(loaded, preparation, true)
}

fn clean_rows(loaded: Loaded, preparation: &Preparation, number_target: bool) -> Result<Cleaned, DataError> {
    preparation.check()?;
    let Loaded { table, unreadable, fingerprint, mut notes } = loaded;
    let data = &preparation.data;
    let missing = preparation.missing();
    check_any_rows(&table, &unreadable)?;
    let table = table.coded();
    let types = roles(&table, preparation, &missing)?;
    let fields = fields(&types, preparation);
    let column = data.target.as_deref();
    let amounts = column.filter(|_| number_target).map(|c| amounts(&table, c, &missing)).transpose()?;
    let weights = data.weight.as_deref().map(|c| weights(&table, c, &missing)).transpose()?;
    let target = column
        .filter(|_| !number_target)
        .map(|column| resolve(&table, column, data.positive.as_deref(), &missing, &mut notes))
        .transpose()?;
    let mut sieve = Sieve::new(&table, &missing);
    let bad = target.as_ref().map(|target| outcomes(&table, target, &missing)).transpose()?;
    if let (Some(target), Some(bad)) = (&target, &bad) {
        sieve.drop_unknown_outcomes(&target.column, bad)?;
    }
    for (column, numbers) in [(column, &amounts), (data.weight.as_deref(), &weights)] {
        if let (Some(column), Some(numbers)) = (column, numbers) {
            sieve.drop_without_number(column, numbers)?;
        }
    }
    // Every text is a category here; which of them a model knows is settled on its training rows.
    let judged: Vec<&Field> = fields.iter().filter(|f| matches!(f.kind, Kind::Number { .. })).collect();
    let names: Vec<&str> = judged.iter().map(|f| f.name.as_str()).collect();
    let numbers = table.with_numbers(&names, &missing);
    let verdicts = judge(&table, &numbers, &judged, &missing)?;
    sieve.drop_refused(&judged, &verdicts)?;
    let (duplicates_kept, repeated_ids_kept) =
        sieve.drop_repeated(data.id.as_deref(), data.as_of.as_deref(), preparation.duplicates())?;
    let rows = sieve.alive();
    let changed = sieve.changes(&judged, &verdicts);
    let report = CleaningReport {
        read: (table.rows() + unreadable.len()) as u64,
        unreadable: unreadable.len() as u64,
        unreadable_examples: unreadable.into_iter().take(3).collect(),
        kept: rows.len() as u64,
        dropped: sieve.dropped,
        changed,
        duplicates_kept,
        repeated_ids_kept,
        types,
    };
    if rows.is_empty() {
        return Err(no_rows_left(&report));
    }
    let bad = bad.map(|bad| rows.iter().map(|row| bad[*row] == Some(true)).collect::<Vec<bool>>());
    if let (Some(target), Some(bad)) = (&target, &bad) {
        check_both_classes(target, bad, &report)?;
    }
    let kept = |numbers: RowNumbers| rows.iter().filter_map(|row| numbers[*row].ok()).collect::<Vec<f64>>();
    let (amounts, weights) = (amounts.map(kept), weights.map(kept));
    check_numbers(data, amounts.as_deref(), weights.as_deref())?;
    // What has been judged as a number is one from here on: training and validation read it many times.
    let table = if rows.len() == numbers.rows() { numbers } else { numbers.take(&rows) };
    notes.extend(notes_on_columns(&report.types));
    let id = data.id.clone();
    let amount = data.target.clone().filter(|_| number_target);
    Ok(Cleaned {
        table,
        bad,
        amounts,
        weights,
        target,
        report,
        fingerprint,
        notes,
        amount,
        id,
        missing,
        fields,
    })
}

impl Cleaned {
    /// The schema of a model trained on these rows of [`Cleaned::table`]: features in file order, their
    /// categories taken from these rows only, so that nothing is learnt from rows held out.
    ///
    /// # Panics
    /// When a position is not below the table's rows.
    pub fn schema_for(&self, training_rows: &[usize]) -> Schema {
        let mut fields = self.fields.clone();
        for field in &mut fields {
            let Some(column) = self.table.column(&field.name) else { continue };
            if let Kind::Category { categories, .. } = &mut field.kind {
                let different = different(column);
                let mut seen = vec![false; different.values.len()];
                let codes = training_rows.iter().filter(|row| different.codes.is_valid(**row));
                codes.for_each(|row| seen[different.codes.value(*row) as usize] = true);
                let seen = different.values.into_iter().zip(seen).filter(|(_, seen)| *seen);
                let texts: BTreeSet<Cow<'_, str>> =
                    seen.filter_map(|(value, _)| text_of(value, &self.missing)).collect();
                *categories = texts.into_iter().map(Cow::into_owned).collect();
            }
        }
        let Self { id, target, amount, missing, .. } = self;
        Schema {
            id: id.clone(),
            target: target.clone(),
            amount: amount.clone(),
            missing: missing.clone(),
            fields,
        }
    }

    /// Divides the rows into those to train on and those held out; see [`split`].
    ///
    /// # Errors
    /// Those of [`split`].
    pub fn split(&self, recipe: &SplitRecipe) -> Result<Split, DataError> {
        split(&self.table, self.bad.as_deref(), recipe, &self.missing)
    }
}

/// Rows still in play, and those dropped so far.
pub(crate) struct Sieve<'a> {
    table: &'a Table,
    missing: &'a [String],
    alive: Vec<bool>,
    pub(crate) dropped: Vec<Dropped>,
}

impl<'a> Sieve<'a> {
    pub(crate) fn new(table: &'a Table, missing: &'a [String]) -> Self {
        Sieve { table, missing, alive: vec![true; table.rows()], dropped: Vec::new() }
    }

    /// The rows still in play, ascending.
    pub(crate) fn alive(&self) -> Vec<usize> {
        (0..self.alive.len()).filter(|row| self.alive[*row]).collect()
    }

    fn drop_row(&mut self, row: usize, reason: DropReason, column: Option<ColumnRef<'_>>) {
        self.alive[row] = false;
        let name = column.map(ColumnRef::name);
        let known = self.dropped.iter().position(|d| d.reason == reason && d.column.as_deref() == name);
        let at = known.unwrap_or_else(|| {
            let column = name.map(str::to_owned);
            self.dropped.push(Dropped { reason, column, rows: 0, examples: Vec::new() });
            self.dropped.len() - 1
        });
        let entry = &mut self.dropped[at];
        entry.rows += 1;
        if entry.examples.len() < 3 {
            let value = column.and_then(|c| c.text(row, &[])).unwrap_or_default();
            entry.examples.push(Example { line: self.table.line(row), value: shorten(&value) });
        }
    }

    fn drop_unknown_outcomes(&mut self, column: &str, bad: &[Option<bool>]) -> Result<(), DataError> {
        let column = self.table.require(column)?;
        for (row, outcome) in bad.iter().enumerate() {
            if outcome.is_none() {
                self.drop_row(row, DropReason::MissingTarget, Some(column));
            }
        }
        Ok(())
    }

    fn drop_without_number(&mut self, column: &str, numbers: &RowNumbers) -> Result<(), DataError> {
        let column = self.table.require(column)?;
        for (row, number) in numbers.iter().enumerate() {
            if let (true, Err(reason)) = (self.alive[row], number) {
                self.drop_row(row, *reason, Some(column));
            }
        }
        Ok(())
    }

    /// Drops the rows that a field refuses; the first field that does is the reason.
    pub(crate) fn drop_refused(
        &mut self,
        fields: &[&Field],
        verdicts: &[Vec<Verdict>],
    ) -> Result<(), DataError> {
        for (field, verdicts) in fields.iter().zip(verdicts) {
            let column = self.table.require(&field.name)?;
            for (row, verdict) in verdicts {
                let (true, Err(refusal)) = (self.alive[*row], verdict) else { continue };
                let reason = match refusal {
                    RefusalKind::NotANumber => DropReason::NotANumber,
                    RefusalKind::UnseenCategory => DropReason::UnseenCategory,
                    RefusalKind::NotFinite => DropReason::NotFinite,
                    RefusalKind::OutOfRange { .. } => DropReason::OutOfRange,
                    RefusalKind::Missing => DropReason::MissingValue,
                };
                self.drop_row(*row, reason, Some(column));
            }
        }
        Ok(())
    }

    /// The values in rows still in play that were not taken as they stood.
    pub(crate) fn changes(&self, fields: &[&Field], verdicts: &[Vec<Verdict>]) -> Vec<Changed> {
        let change = |(field, verdicts): (&&Field, &Vec<Verdict>)| {
            let alive = verdicts.iter().filter(|(row, _)| self.alive[*row]);
            let mut change =
                Changed { column: field.name.clone(), read_as_missing: 0, clipped: 0, unseen: 0 };
            for flag in alive.filter_map(|(_, verdict)| verdict.as_ref().ok()) {
                match flag {
                    FlagKind::OutOfRangeAsMissing => change.read_as_missing += 1,
                    FlagKind::OutOfRangeClipped => change.clipped += 1,
                    FlagKind::UnseenCategory => change.unseen += 1,
                    // No column has them: they are of a model's decisions.
                    FlagKind::LimitByPolicy | FlagKind::TierByPolicy => {}
                }
            }
            (change.read_as_missing + change.clipped + change.unseen > 0).then_some(change)
        };
        fields.iter().zip(verdicts).filter_map(change).collect()
    }

    /// Drops or counts repeated rows and ids (with `as_of`: ids of one date); returns how many of each stay.
    pub(crate) fn drop_repeated(
        &mut self,
        id: Option<&str>,
        as_of: Option<&str>,
        policy: Duplicates,
    ) -> Result<(u64, u64), DataError> {
        let all: Vec<ColumnRef<'_>> =
            (0..self.table.columns().len()).map(|at| self.table.column_at(at)).collect();
        let exact = repeated(self.table, &all, &self.alive);
        let exact_kept = self.settle(&exact, policy, DropReason::ExactDuplicate, None);
        let Some(id) = id else { return Ok((exact_kept, 0)) };
        let id = self.table.require(id)?;
        // A row without an id repeats nothing.
        let candidates: Vec<bool> = (0..self.table.rows())
            .map(|row| self.alive[row] && !exact[row] && id.text(row, self.missing).is_some())
            .collect();
        let mut key = vec![id];
        key.extend(as_of.map(|column| self.table.require(column)).transpose()?);
        let same_id = repeated(self.table, &key, &candidates);
        let reason = if as_of.is_some() { DropReason::RepeatedIdAndDate } else { DropReason::RepeatedId };
        Ok((exact_kept, self.settle(&same_id, policy, reason, Some(id))))
    }

    fn settle(
        &mut self,
        repeated: &[bool],
        policy: Duplicates,
        reason: DropReason,
        column: Option<ColumnRef<'_>>,
    ) -> u64 {
        let rows: Vec<usize> = (0..repeated.len()).filter(|row| repeated[*row]).collect();
        if policy == Duplicates::Keep {
            return rows.len() as u64;
        }
        rows.into_iter().for_each(|row| self.drop_row(row, reason, column));
        0
    }
}

/// # Errors
/// When the file has no row that can be read.
pub(crate) fn check_any_rows(table: &Table, unreadable: &[Unreadable]) -> Result<(), DataError> {
    if table.rows() > 0 {
        return Ok(());
    }
    let Some(first) = unreadable.first() else {
        return Err(DataError::NoRows("the file has a header and nothing below it".to_owned()));
    };
    let mend = match first.why == NOT_UTF8 {
        true => TO_UTF8,
        false => "check the delimiter, the quotes and the header",
    };
    Err(DataError::NoRows(format!(
        "none of the {} rows below the header can be read (line {}: {}); {mend}. A row that cannot be read is left out \
         and counted, but one at least must be readable",
        unreadable.len(),
        first.line,
        first.why
    )))
}

pub(crate) fn no_rows_left(report: &CleaningReport) -> DataError {
    DataError::NoRows(format!("cleaning dropped all of them:\n{report}"))
}

fn check_both_classes(target: &Target, bad: &[bool], report: &CleaningReport) -> Result<(), DataError> {
    let bads = bad.iter().filter(|b| **b).count();
    if bads > 0 && bads < bad.len() {
        return Ok(());
    }
    let label = if bads == 0 { &target.good } else { &target.bad };
    Err(DataError::Target {
        column: target.column.clone(),
        problem: format!("after cleaning only {label:?} is left:\n{report}"),
    })
}

fn check_numbers(
    data: &DataRecipe,
    amounts: Option<&[f64]>,
    weights: Option<&[f64]>,
) -> Result<(), DataError> {
    if let (Some(column), Some(amounts)) = (&data.target, amounts)
        && amounts.iter().all(|x| *x == amounts[0])
    {
        let problem = format!("after cleaning all rows have {}", amounts[0]);
        return Err(DataError::Target { column: column.clone(), problem });
    }
    match weights {
        Some(weights) if weights.iter().all(|w| *w == 0.0) => {
            Err(DataError::recipe("data.weight", "after cleaning all weights are 0"))
        }
        _ => Ok(()),
    }
}

fn notes_on_columns(columns: &[ColumnReport]) -> Vec<String> {
    let notable = columns.iter().filter_map(|c| Some((c, c.note.as_ref()?)));
    notable
        .map(|(column, note)| match column.role {
            Role::LeftOut => format!("column `{}` is not used: {note}", column.column),
            _ if column.doubtful => format!("column `{}` is used as text: {note}", column.column),
            _ => format!("column `{}`: {note}", column.column),
        })
        .collect()
}
