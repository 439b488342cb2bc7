//! A run as a row of `arrears_runs`.

use super::{number, text};
use crate::standing::Run;
use arrears_data::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrears_data::{DataError, Form, Table};
use std::sync::Arc;

/// A run of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its number, from 1.
    pub number: i64,
    /// The date or moment up to which everything counted, as it was given.
    pub as_of: String,
    /// The same in microseconds since 1970-01-01T00:00:00Z.
    pub moment: i64,
    /// Name of the model.
    pub model: String,
    /// Version of the model.
    pub version: String,
    /// SHA-256 of the model file's body, as hex.
    pub model_sha256: String,
    /// SHA-256 of the configuration, as hex.
    pub config_sha256: String,
    /// SHA-256 of the file of overrides, as hex, where there was one.
    pub overrides_sha256: Option<String>,
    /// Version of arrears.
    pub program: String,
    /// Currency of limits and exposures.
    pub currency: String,
    /// Names of the grades, best first.
    pub grades: Vec<String>,
    /// Margin of the hysteresis, in log-odds.
    pub margin: f64,
    /// Runs that an upgrade waited for.
    pub upgrade_runs: i64,
    /// Customers of the tables: those assessed, rejected and unknown.
    pub customers: i64,
    /// Customers with a standing.
    pub assessed: i64,
    /// Customers that the model refused.
    pub rejected: i64,
    /// Customers of whom nothing was known by then.
    pub unknown: i64,
    /// Customers with a standing in the run before and none in this one.
    pub gone: i64,
}

impl RunRecord {
    /// The columns of its table.
    pub(super) const COLUMNS: [(&'static str, Form); 18] = [
        ("run", Form::Number),
        ("as_of", Form::Text),
        ("as_of_moment", Form::Number),
        ("model", Form::Text),
        ("model_version", Form::Text),
        ("model_sha256", Form::Text),
        ("config_sha256", Form::Text),
        ("overrides_sha256", Form::Text),
        ("program", Form::Text),
        ("currency", Form::Text),
        ("grades", Form::Text),
        ("margin", Form::Number),
        ("upgrade_runs", Form::Number),
        ("customers", Form::Number),
        ("assessed", Form::Number),
        ("rejected", Form::Number),
        ("unknown", Form::Number),
        ("gone", Form::Number),
    ];

    /// What reports say of it.
    pub fn run(&self) -> Run {
        Run {
            as_of: self.as_of.clone(),
            model: format!("{} {}", self.model, self.version),
            grades: self.grades.clone(),
            currency: self.currency.clone(),
        }
    }

    /// A row that was read.
    pub(super) fn of(table: &Table, row: usize) -> Result<RunRecord, String> {
        let words = |name: &str| {
            let text = text(table, name, row).map(str::to_owned);
            text.ok_or_else(|| format!("a run of arrears_runs has no {name}"))
        };
        // Counts and moments are below 2^53, so a double holds them.
        let real = |name: &str| {
            number(table, name, row).ok_or_else(|| format!("a run of arrears_runs has no {name}"))
        };
        let whole = |name: &str| real(name).map(|x| x as i64);
        let grades = words("grades")?;
        let grades: Vec<String> = serde_json::from_str(&grades)
            .map_err(|_| format!("arrears_runs: grades `{grades}` are no JSON list of names"))?;
        Ok(RunRecord {
            number: whole("run")?,
            as_of: words("as_of")?,
            moment: whole("as_of_moment")?,
            model: words("model")?,
            version: words("model_version")?,
            model_sha256: words("model_sha256")?,
            config_sha256: words("config_sha256")?,
            overrides_sha256: text(table, "overrides_sha256", row).map(str::to_owned),
            program: words("program")?,
            currency: words("currency")?,
            grades,
            margin: real("margin")?,
            upgrade_runs: whole("upgrade_runs")?,
            customers: whole("customers")?,
            assessed: whole("assessed")?,
            rejected: whole("rejected")?,
            unknown: whole("unknown")?,
            gone: whole("gone")?,
        })
    }

    /// The row.
    pub(super) fn batch(&self) -> Result<RecordBatch, DataError> {
        let text = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
        let whole = |x: i64| Arc::new(Int64Array::from(vec![x])) as ArrayRef;
        let grades = serde_json::to_string(&self.grades).expect("texts are JSON");
        let columns: [ArrayRef; 18] = [
            whole(self.number),
            text(&self.as_of),
            whole(self.moment),
            text(&self.model),
            text(&self.version),
            text(&self.model_sha256),
            text(&self.config_sha256),
            Arc::new(StringArray::from(vec![self.overrides_sha256.as_deref()])),
            text(&self.program),
            text(&self.currency),
            text(&grades),
            Arc::new(Float64Array::from(vec![self.margin])),
            whole(self.upgrade_runs),
            whole(self.customers),
            whole(self.assessed),
            whole(self.rejected),
            whole(self.unknown),
            whole(self.gone),
        ];
        let names = RunRecord::COLUMNS.iter().map(|(name, _)| *name);
        Ok(RecordBatch::try_from_iter_with_nullable(
            names.zip(columns).map(|(name, column)| (name, column, true)),
        )?)
    }
}
