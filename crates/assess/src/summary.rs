//! What happened in a run, in counts.

use crate::standing::Standing;
use arrears_behavior::CleaningReport;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A run in counts: `customers = assessed + rejected + unknown`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AssessSummary {
    /// Number of the run in the history.
    pub run: i64,
    /// As of when, as it was given.
    pub as_of: String,
    /// The run before it: number and as of when.
    pub previous: Option<(i64, String)>,
    /// Name of the model.
    pub model: String,
    /// Version of the model.
    pub version: String,
    /// First 16 digits of the model's SHA-256.
    pub checksum: String,
    /// Customers of the tables.
    pub customers: u64,
    /// Customers with a standing.
    pub assessed: u64,
    /// Customers whom the model refused.
    pub rejected: u64,
    /// Refused customers by column and what was expected there.
    pub rejected_by_cause: BTreeMap<String, u64>,
    /// Customers of whom nothing was known by then.
    pub unknown: u64,
    /// Customers by the grade that holds, best first.
    pub grades: Vec<(String, u64)>,
    /// Customers whose grade is kept by hysteresis.
    pub kept: u64,
    /// What changed since the run before.
    pub changes: Changes,
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

/// What changed between two runs, in customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// With a standing now and none before.
    pub new: u64,
    /// With a standing before and none now.
    pub gone: u64,
    /// In a better grade than before.
    pub upgraded: u64,
    /// In a worse grade than before.
    pub downgraded: u64,
    /// With a higher limit than before.
    pub limit_raised: u64,
    /// With a lower limit than before, or none any more.
    pub limit_cut: u64,
}

impl Changes {
    /// Counts a customer; `same_grades` tells whether both runs have the same grades, which are not compared otherwise.
    pub(crate) fn add(&mut self, previous: Option<&Standing>, current: Option<&Standing>, same_grades: bool) {
        let (previous, current) = match (previous, current) {
            (Some(previous), Some(current)) => (previous, current),
            (previous, current) => {
                self.new += u64::from(current.is_some());
                self.gone += u64::from(previous.is_some());
                return;
            }
        };
        self.upgraded += u64::from(same_grades && current.grade < previous.grade);
        self.downgraded += u64::from(same_grades && current.grade > previous.grade);
        let limit = |of: &Standing| of.limit.unwrap_or(0.0);
        self.limit_raised += u64::from(limit(current) > limit(previous));
        self.limit_cut += u64::from(limit(current) < limit(previous));
    }
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
        let _ = writeln!(
            text,
            "run {} as of {} with {} {} (checksum {}): {} of {} customers assessed, {} rejected, {} not known by then",
            self.run,
            self.as_of,
            self.model,
            self.version,
            self.checksum,
            self.assessed,
            self.customers,
            self.rejected,
            self.unknown
        );
        for (cause, rows) in &self.rejected_by_cause {
            let _ = writeln!(text, "{rows:>10}  {cause}");
        }
        let share = |(name, rows): &(String, u64)| {
            format!("{name} {rows} ({:.1} %)", 100.0 * *rows as f64 / self.assessed.max(1) as f64)
        };
        let _ = writeln!(text, "grades: {}", self.grades.iter().map(share).collect::<Vec<_>>().join(", "));
        if let Some((run, as_of)) = &self.previous {
            let Changes { new, gone, upgraded, downgraded, limit_raised, limit_cut } = self.changes;
            let _ = writeln!(
                text,
                "since run {run} as of {as_of}: {upgraded} upgraded, {downgraded} downgraded, {} kept by hysteresis; \
                 {limit_raised} limits raised, {limit_cut} cut; {new} new, {gone} gone",
                self.kept
            );
        }
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
