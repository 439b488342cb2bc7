//! What happened in a run, in counts.

use crate::report::Assessment;
use arrears_behavior::CleaningReport;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A run: what it found, and what was read and written. `customers` are those assessed, rejected and unknown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssessSummary {
    /// Number of the run in the history.
    pub run: i64,
    /// Number of the run before it.
    pub previous: Option<i64>,
    /// First 16 digits of the model's SHA-256.
    pub checksum: String,
    /// Customers of the tables.
    pub customers: u64,
    /// Refused customers by column and what was expected there.
    pub rejected_by_cause: BTreeMap<String, u64>,
    /// Customers of whom nothing was known by then.
    pub unknown: u64,
    /// What the run found, and what changed since the one before.
    pub assessment: Assessment,
    /// Runs that made way, or would in a dry run.
    pub replaced: Vec<i64>,
    /// Whether the run is in the history.
    pub written: bool,
    /// The history, without a password.
    pub history: String,
    /// The folder of outputs.
    pub output: String,
    /// What else the user should know.
    pub notes: Vec<String>,
    /// Features that the tables cannot give, each with why.
    pub left_out: BTreeMap<String, String>,
    /// What became of the rows of the tables.
    pub cleaning: CleaningReport,
}

impl AssessSummary {
    /// The summary as lines of text.
    pub fn to_text(&self) -> String {
        // Writing to a String does not fail.
        let mut text = self.cleaning.to_text();
        if !self.left_out.is_empty() {
            let names: Vec<&str> = self.left_out.keys().map(String::as_str).collect();
            let _ = writeln!(text, "not possible for lack of tables or columns: {}", names.join(", "));
        }
        let of = self.previous.map(|run| format!(", after run {run}")).unwrap_or_default();
        let found = &self.assessment.customers;
        let _ = writeln!(
            text,
            "run {}{of} (checksum of the model {}): {} of {} customers assessed, {} rejected, {} not known by then",
            self.run, self.checksum, found.now, self.customers, found.rejected, self.unknown
        );
        for (cause, rows) in &self.rejected_by_cause {
            let _ = writeln!(text, "{rows:>10}  {cause}");
        }
        let _ = writeln!(text);
        text += &self.assessment.to_text();
        if !self.replaced.is_empty() {
            let runs: Vec<String> = self.replaced.iter().map(i64::to_string).collect();
            let word = if self.written { "replaced" } else { "to be replaced" };
            let _ = writeln!(text, "{word}: run {}", runs.join(", "));
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        let kept = if self.written { "kept in" } else { "dry run: not written to" };
        let _ = write!(text, "{kept} history {}; outputs -> {}", self.history, self.output);
        text
    }
}
