//! The binning of whole variables for people to read: tables and summaries, without a model.

use super::mean_table::{MeanTable, mean_table};
use super::quantile::quantile_splits;
use super::summary::{Summary, mean_summary, summary};
use super::table::{BinningTable, binning_table};
use super::tally::Moments;
use super::{BinningParams, bin_field, single_groups};
use crate::error::TrainError;
use crate::rows::Rows;
use arrears_data::{Cleaned, Role};
use arrears_model::transform::Transform;
use arrears_model::{Field, Kind};
use serde::Serialize;

/// Which variables to bin, and how.
#[derive(Clone, Debug, Default)]
pub struct AnalysisOptions {
    /// The variables; empty means all features.
    pub variables: Vec<String>,
    /// Where the bins of the one variable meet, instead of the best bins: finite numbers, ascending.
    pub splits: Option<Vec<f64>>,
    /// How bins are found.
    pub binning: BinningParams,
}

/// One variable in bins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariableBins {
    /// Name of the column.
    pub variable: String,
    /// Where the bins meet.
    #[serde(flatten)]
    pub cuts: Cuts,
    /// The variable in a few figures.
    pub summary: Summary,
    /// Bin by bin.
    pub table: AnyTable,
    /// What the reader should know beyond the figures.
    pub notes: Vec<String>,
}

/// Where the regular bins of a variable meet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cuts {
    /// Of a number: bin i holds `splits[i-1] <= x < splits[i]`.
    Splits(Vec<f64>),
    /// Of a category: the categories of each bin.
    Groups(Vec<Vec<String>>),
}

/// The table that suits the target.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyTable {
    /// Of two outcomes.
    Binary(BinningTable),
    /// Of an amount.
    Mean(MeanTable),
}

/// Bins the variables of all rows of a cleaned table, the one with the highest information value first, ties in
/// column order.
///
/// # Errors
/// Without a target; when a variable is no feature; when splits are given for more than one variable or for a
/// category, or do not ascend.
pub fn analyse(cleaned: &Cleaned, options: &AnalysisOptions) -> Result<Vec<VariableBins>, TrainError> {
    options.binning.check()?;
    let all: Vec<usize> = (0..cleaned.table.rows()).collect();
    let schema = cleaned.schema_for(&all);
    let fields = options.variables.iter().map(|name| {
        schema.position(name).ok_or_else(|| TrainError::NotAFeature {
            column: name.clone(),
            why: why_no_feature(cleaned, name),
        })
    });
    let mut fields = fields.collect::<Result<Vec<usize>, _>>()?;
    if fields.is_empty() {
        fields = (0..schema.fields.len()).collect();
    }
    let target: Vec<f64> = match (&cleaned.amounts, &cleaned.bad) {
        (Some(amounts), _) => amounts.clone(),
        (None, Some(bad)) => bad.iter().map(|bad| f64::from(u8::from(*bad))).collect(),
        (None, None) => return Err(TrainError::NoTarget { kind: "binning table".to_owned() }),
    };
    let rows = Rows::from_table(&schema, &cleaned.table, &all, cleaned.bad.as_deref())?;
    if let Some(splits) = &options.splits {
        check_splits(&rows, &fields, splits)?;
    }
    let mut variables: Vec<VariableBins> = fields
        .into_iter()
        .map(|field| {
            let chosen = choose_bins(&rows, field, options);
            let bins = moments(&rows, &chosen.transform, &target, cleaned.weights.as_deref());
            variable(rows.field(field), chosen, &bins, cleaned.amounts.is_some())
        })
        .collect();
    variables.sort_by(|a, b| b.summary.iv.total_cmp(&a.summary.iv));
    Ok(variables)
}

/// The weighted moments of the target in each bin of a transform, the rows in order.
pub fn moments(rows: &Rows, transform: &Transform, target: &[f64], weights: Option<&[f64]>) -> Vec<Moments> {
    let field = rows.field(transform.field());
    let mut bins = vec![Moments::default(); transform.bins(field).unwrap_or(0)];
    for (row, cell) in rows.column(transform.field()).enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[row]);
        bins[transform.bin(field, cell)].add(weight, target[row]);
    }
    bins
}

/// A transform, and for each of its bins the one whose evidence it shares.
struct Chosen {
    transform: Transform,
    merged: Vec<usize>,
    notes: Vec<String>,
}

/// The bins of one field: those the user gave; else the best ones for a binary outcome; for an amount bins of
/// equal size, or each category alone.
fn choose_bins(rows: &Rows, field: usize, options: &AnalysisOptions) -> Chosen {
    let transform = match (&options.splits, &rows.field(field).kind) {
        (Some(splits), _) => Transform::Intervals { field, splits: splits.clone() },
        (None, _) if !rows.bad.is_empty() => bin_field(rows, field, &options.binning).transform,
        (None, Kind::Number { .. }) => {
            let splits = quantile_splits(&mut rows.numbers(field), options.binning.max_bins);
            Transform::Intervals { field, splits }
        }
        (None, Kind::Category { categories, .. }) => single_groups(field, categories.len()),
    };
    let bins = transform.bins(rows.field(field)).unwrap_or(0);
    Chosen { transform, merged: (0..bins).collect(), notes: Vec::new() }
}

fn variable(field: &Field, chosen: Chosen, bins: &[Moments], amount: bool) -> VariableBins {
    let Chosen { transform, merged, notes } = chosen;
    let number = matches!(field.kind, Kind::Number { .. });
    let (table, summary) = if amount {
        let table = mean_table(field, &transform, bins, &merged);
        let summary = mean_summary(&table, number);
        (AnyTable::Mean(table), summary)
    } else {
        let table = binning_table(field, &transform, bins, &merged);
        let summary = summary(&table, number);
        (AnyTable::Binary(table), summary)
    };
    let cuts = match transform {
        Transform::Groups { groups, group_of, .. } => {
            let mut members = vec![Vec::new(); groups];
            let each = field.categories().iter().zip(group_of);
            each.for_each(|(category, group)| members[group].push(category.clone()));
            Cuts::Groups(members)
        }
        Transform::Intervals { splits, .. } => Cuts::Splits(splits),
        Transform::Standardise { .. } | Transform::Indicator { .. } => Cuts::Splits(Vec::new()),
    };
    VariableBins { variable: field.name.clone(), cuts, summary, table, notes }
}

fn check_splits(rows: &Rows, fields: &[usize], splits: &[f64]) -> Result<(), TrainError> {
    let fail = |problem: String| Err(TrainError::Splits(problem));
    let [field] = fields else {
        return fail(format!("they are those of one variable, and {} are to be binned", fields.len()));
    };
    let field = rows.field(*field);
    if matches!(field.kind, Kind::Category { .. }) {
        return fail(format!("`{}` is a category; only a number can be split", field.name));
    }
    let ascending = splits.windows(2).all(|pair| pair[0] < pair[1]);
    if splits.is_empty() || !ascending || splits.iter().any(|split| !split.is_finite()) {
        return fail(format!("expected finite numbers, each above the one before, got {splits:?}"));
    }
    Ok(())
}

fn why_no_feature(cleaned: &Cleaned, name: &str) -> String {
    match cleaned.report.types.iter().find(|column| column.column == name) {
        None => format!("the data have {}", cleaned.table.columns().join(", ")),
        Some(column) => match (&column.note, column.role) {
            (Some(note), Role::LeftOut) => note.clone(),
            (_, role) => format!("its role is: {}", role.describe()),
        },
    }
}
