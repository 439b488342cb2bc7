//! The binning of whole variables for people to read: tables and summaries, without a model.

use super::apart::explanations;
use super::declared::{check_declared, without_effect};
use super::infeasible::{InfeasibleVariable, feasible};
use super::mean_table::{MeanTable, mean_table};
use super::summary::{Summary, mean_summary, summary};
use super::table::{BinningTable, binning_table};
use super::tally::Target;
use super::{Binned, BinningParams, Trend, bin_fields};
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
    /// The rows to bin, ascending; `None` means all.
    pub rows: Option<Vec<usize>>,
}

/// What became of the variables.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// Those in bins, the one with the highest information value first, ties in column order.
    pub variables: Vec<VariableBins>,
    /// Those whose limits cannot be kept, in column order.
    pub infeasible: Vec<InfeasibleVariable>,
}

/// One variable in bins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariableBins {
    /// Name of the column.
    pub variable: String,
    /// Where the bins meet.
    #[serde(flatten)]
    pub cuts: Cuts,
    /// The trend its bins were held to, as found where that was `auto`; `none` for splits that were given.
    pub trend: Trend,
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

/// Bins the variables of rows of a cleaned table.
///
/// # Errors
/// Without a target; when a variable is no feature; when splits are given for more than one variable or for a
/// category, or do not ascend; when the limits cannot be kept of a variable that `options` names, or of any.
pub fn analyse(cleaned: &Cleaned, options: &AnalysisOptions) -> Result<Analysis, TrainError> {
    options.binning.check()?;
    check_declared(&options.binning, cleaned)?;
    let chosen = options.rows.clone().unwrap_or_else(|| (0..cleaned.table.rows()).collect());
    let schema = cleaned.schema_for(&chosen);
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
    let weights = cleaned.weights.as_deref();
    let rows = Rows::from_table(&schema, &cleaned.table, &chosen, cleaned.bad.as_deref(), weights)?;
    let amounts = cleaned.amounts.as_ref();
    let amounts = amounts.map(|all| chosen.iter().map(|row| all[*row]).collect::<Vec<f64>>());
    let target = match (&amounts, &cleaned.bad) {
        (Some(amounts), _) => Target::Number(amounts),
        (None, Some(_)) => Target::Bad(&rows.bad),
        (None, None) => return Err(TrainError::NoTarget { kind: "a binning table".to_owned() }),
    };
    let mut binning = options.binning.clone();
    if let Some(splits) = &options.splits {
        check_splits(&rows, &fields, splits)?;
        let own = binning.variables.entry(rows.field(fields[0]).name.clone()).or_default();
        own.splits = Some(splits.clone());
        own.merge = false;
    }
    let binned = bin_fields(&rows, &fields, target, &binning).into_iter();
    let (binned, infeasible) = feasible(binned, !options.variables.is_empty())?;
    let mut variables: Vec<VariableBins> =
        binned.iter().map(|binned| variable(rows.field(binned.transform.field()), binned, target)).collect();
    for variable in &mut variables {
        let field = schema.fields.iter().find(|field| field.name == variable.variable);
        let own = field.zip(options.binning.variables.get(&variable.variable));
        variable.notes.extend(own.map(|(field, own)| without_effect(field, own)).unwrap_or_default());
    }
    variables.sort_by(|a, b| b.summary.iv.total_cmp(&a.summary.iv));
    Ok(Analysis { variables, infeasible })
}

fn variable(field: &Field, binned: &Binned, target: Target<'_>) -> VariableBins {
    let Binned { transform, bins, evidence, .. } = binned;
    let number = matches!(field.kind, Kind::Number { .. });
    let (table, summary) = if matches!(target, Target::Number(_)) {
        let table = mean_table(field, transform, bins, evidence);
        let summary = mean_summary(&table, number);
        (AnyTable::Mean(table), summary)
    } else {
        let table = binning_table(field, transform, bins, evidence);
        let summary = summary(&table, number);
        (AnyTable::Binary(table), summary)
    };
    let cuts = match transform {
        Transform::Groups { groups, group_of, .. } => {
            let mut members = vec![Vec::new(); *groups];
            let each = field.categories().iter().zip(group_of);
            each.for_each(|(category, group)| members[*group].push(category.clone()));
            Cuts::Groups(members)
        }
        Transform::Intervals { splits, .. } => Cuts::Splits(splits.clone()),
        Transform::Standardise { .. } | Transform::LogStandardise { .. } | Transform::Indicator { .. } => {
            Cuts::Splits(Vec::new())
        }
    };
    let label = |bin| transform.short_bin_label(field, bin);
    let unseen = matches!(transform, Transform::Groups { .. }).then(|| transform.regular_bins());
    let mut notes = explanations(&label, bins, evidence, unseen);
    notes.extend(binned.notes.iter().cloned());
    notes.extend(binned.single.iter().map(|single| format!("a single bin: {single}")));
    notes.extend(binned.thin.iter().filter(|_| !matches!(target, Target::Number(_))).map(|bin| {
        format!("bin `{}` has only {} rows: a scorecard gives it WoE 0", label(*bin), bins[*bin].weight)
    }));
    VariableBins { variable: field.name.clone(), cuts, trend: binned.trend, summary, table, notes }
}

fn check_splits(rows: &Rows<'_>, fields: &[usize], splits: &[f64]) -> Result<(), TrainError> {
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
