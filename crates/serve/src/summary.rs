//! What happened to the rows of a batch, in counts.

use crate::amounts::{AmountSummary, AmountTally};
use crate::rejects::Rejected;
use arrears_data::ColumnRef;
use arrears_model::centroids::Centroids;
use arrears_model::compiled::Scores;
use arrears_model::schema::number_as_category;
use arrears_model::value::{Flag, FlagKind};
use arrears_model::{Model, Predictor, Value};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Unseen categories shown for each column.
const SHOWN: usize = 5;

/// Different unseen categories remembered for each column; what comes later is counted, not named.
const REMEMBERED: usize = 10_000;

/// Counts of one batch: `rows = scored + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the model.
    pub model: String,
    /// Version of the model.
    pub version: String,
    /// First 16 digits of the model's SHA-256, as in the output.
    pub checksum: String,
    /// Rows of the input.
    pub rows: u64,
    /// Rows in the output.
    pub scored: u64,
    /// Rows in the rejects.
    pub rejected: u64,
    /// Rejected rows by column and what was expected there.
    pub rejected_by_cause: BTreeMap<String, u64>,
    /// Rows without an id, where there is a column of ids; scored or rejected like any other.
    pub blank_ids: u64,
    /// Rows with the id of an earlier row, among the first 10 million ids; scored or rejected like any other.
    pub repeated_ids: u64,
    /// Scored rows with at least one flag.
    pub flagged: u64,
    /// Flags by column, then by what was done.
    pub flags: BTreeMap<String, BTreeMap<String, u64>>,
    /// Categories that training never saw, by column; the five most frequent of each.
    pub unseen: BTreeMap<String, Vec<Count>>,
    /// Scored rows by grade, in the model's order.
    pub grades: Vec<Count>,
    /// Scored rows by segment, in the model's order.
    pub segments: Vec<Count>,
    /// Scored rows farther from their centre than the 99.9 % training distance of their segment; `None` where the model
    /// does not know any.
    pub novel: Option<u64>,
    /// The expected amounts, where the model predicts those and rows were scored.
    pub amounts: Option<AmountSummary>,
    /// Lines of the overrides that were applied.
    pub overridden: BTreeSet<u64>,
    /// Where the scored rows are.
    pub output: String,
    /// The rejects file, where one was written.
    pub rejects: Option<String>,
    /// What else the user should know.
    pub notes: Vec<String>,
}

/// A name and its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The name.
    pub name: String,
    /// Rows that bear it.
    pub rows: u64,
}

/// The kinds of flags, in the order of their words.
const FLAGS: [FlagKind; 5] = [
    FlagKind::OutOfRangeClipped,
    FlagKind::OutOfRangeAsMissing,
    FlagKind::UnseenCategory,
    FlagKind::LimitByPolicy,
    FlagKind::TierByPolicy,
];

/// Counts rows while they pass.
pub(crate) struct Tally<'m> {
    model: &'m Model,
    scored: u64,
    flagged: u64,
    causes: BTreeMap<String, u64>,
    /// By field and position of the kind in [`FLAGS`].
    flags: BTreeMap<(usize, usize), u64>,
    unseen: BTreeMap<usize, BTreeMap<String, u64>>,
    grades: Vec<u64>,
    segments: Vec<u64>,
    novel: Option<u64>,
    amounts: Option<AmountTally>,
}

impl<'m> Tally<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        let known = |c: &Centroids| c.segments.iter().any(|s| s.novelty.is_some()).then_some(0);
        let novel = match &model.predictor {
            Predictor::Centroids(centroids) => known(centroids),
            _ => None,
        };
        Self {
            model,
            scored: 0,
            flagged: 0,
            causes: BTreeMap::new(),
            flags: BTreeMap::new(),
            unseen: BTreeMap::new(),
            grades: vec![0; model.grades.len()],
            segments: vec![0; model.segment_names().len()],
            novel,
            amounts: AmountTally::of(model),
        }
    }

    /// Counts the rows of a chunk that are not refused; `columns` are those of the fields.
    pub(crate) fn scored(&mut self, scores: &Scores, columns: &[ColumnRef<'_>]) {
        self.scored += (scores.rows - scores.refused.len()) as u64;
        let count = |counts: &mut [u64], places: &[u32]| {
            let counted = |place: &u32| counts.get_mut(*place as usize).into_iter().for_each(|n| *n += 1);
            places.iter().for_each(counted);
        };
        count(&mut self.grades, &scores.grade);
        count(&mut self.segments, &scores.segment);
        self.amounts.iter_mut().for_each(|amounts| amounts.add(&scores.leaf));
        if let Some(count) = &mut self.novel {
            *count += scores.novel.iter().filter(|novel| **novel == Some(true)).count() as u64;
        }
        let mut before = None;
        for (row, flag) in &scores.flags {
            self.flagged += u64::from(before.replace(row) != Some(row));
            self.flag(flag, columns.get(flag.field).map_or(Value::Missing, |column| column.value(*row)));
        }
    }

    fn flag(&mut self, flag: &Flag, value: Value<'_>) {
        let kind = FLAGS.iter().position(|kind| *kind == flag.kind).unwrap_or_default();
        *self.flags.entry((flag.field, kind)).or_default() += 1;
        if flag.kind != FlagKind::UnseenCategory {
            return;
        }
        let name = match value {
            Value::Text(text) => text.trim().chars().take(60).collect(),
            Value::Number(x) => number_as_category(x).into_owned(),
            Value::Missing => return,
        };
        self.unseen(flag.field, name, 1);
    }

    fn unseen(&mut self, field: usize, name: String, rows: u64) {
        let seen = self.unseen.entry(field).or_default();
        if seen.len() < REMEMBERED || seen.contains_key(&name) {
            *seen.entry(name).or_default() += rows;
        }
    }

    /// Adds what was counted of later rows.
    pub(crate) fn merge(&mut self, later: Tally<'_>) {
        self.scored += later.scored;
        self.flagged += later.flagged;
        self.novel = self.novel.zip(later.novel).map(|(a, b)| a + b);
        if let (Some(amounts), Some(later)) = (&mut self.amounts, later.amounts) {
            amounts.merge(&later);
        }
        self.grades.iter_mut().zip(later.grades).for_each(|(a, b)| *a += b);
        self.segments.iter_mut().zip(later.segments).for_each(|(a, b)| *a += b);
        later.causes.into_iter().for_each(|(cause, rows)| *self.causes.entry(cause).or_default() += rows);
        later.flags.into_iter().for_each(|(flag, rows)| *self.flags.entry(flag).or_default() += rows);
        for (field, names) in later.unseen {
            names.into_iter().for_each(|(name, rows)| self.unseen(field, name, rows));
        }
    }

    pub(crate) fn rejected(&mut self, rows: &[Rejected]) {
        for row in rows {
            *self.causes.entry(row.cause()).or_default() += 1;
        }
    }

    pub(crate) fn finish(self) -> Summary {
        let model = self.model;
        let column = |field: usize| model.schema.fields[field].name.clone();
        let mut flags: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for ((field, kind), count) in self.flags {
            flags.entry(column(field)).or_default().insert(FLAGS[kind].to_string(), count);
        }
        let named = |(name, rows): (&str, u64)| Count { name: name.to_owned(), rows };
        let grades = model.grades.iter().map(|g| g.name.as_str()).zip(self.grades);
        let segments = self.segments.iter().enumerate();
        let rejected = self.causes.values().sum();
        Summary {
            model: model.name.clone(),
            version: model.version.clone(),
            checksum: model.checksum().to_owned(),
            rows: self.scored + rejected,
            scored: self.scored,
            rejected,
            rejected_by_cause: self.causes,
            flagged: self.flagged,
            flags,
            unseen: self
                .unseen
                .into_iter()
                .map(|(field, seen)| (column(field), most_frequent(seen)))
                .collect(),
            grades: grades.map(named).collect(),
            segments: segments.filter_map(|(s, rows)| Some(named((model.segment_name(s)?, *rows)))).collect(),
            novel: self.novel,
            amounts: self.amounts.and_then(AmountTally::finish),
            ..Summary::default()
        }
    }
}

fn most_frequent(seen: BTreeMap<String, u64>) -> Vec<Count> {
    let mut counts: Vec<Count> = seen.into_iter().map(|(name, rows)| Count { name, rows }).collect();
    // A stable sort keeps ties in alphabetic order.
    counts.sort_by_key(|c| std::cmp::Reverse(c.rows));
    counts.truncate(SHOWN);
    counts
}

impl Summary {
    /// The summary as lines of text.
    pub fn to_text(&self) -> String {
        // Writing to a String does not fail.
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} of {} rows scored with {} {} (checksum {}) -> {}",
            self.scored, self.rows, self.model, self.version, self.checksum, self.output
        );
        for (title, counts) in [("grades", &self.grades), ("segments", &self.segments)] {
            if self.scored > 0 && !counts.is_empty() {
                let share = |c: &Count| {
                    format!("{} {} ({:.1} %)", c.name, c.rows, 100.0 * c.rows as f64 / self.scored as f64)
                };
                let _ =
                    writeln!(text, "{title}: {}", counts.iter().map(share).collect::<Vec<_>>().join(", "));
            }
        }
        if let Some(novel) = self.novel.filter(|_| self.scored > 0) {
            let share = 100.0 * novel as f64 / self.scored as f64;
            let _ = writeln!(
                text,
                "novel: {novel} ({share:.1} %), farther from the centre of their segment than 99.9 % of its training rows"
            );
        }
        if let Some(amounts) = &self.amounts {
            let _ = writeln!(text, "{}", amounts.to_text());
        }
        if self.rejected > 0 {
            let place = self.rejects.as_ref().map(|file| format!(" -> {file}")).unwrap_or_default();
            let _ = writeln!(text, "{} rejected{place}", self.rejected);
            for (cause, rows) in &self.rejected_by_cause {
                let _ = writeln!(text, "{rows:>10}  {cause}");
            }
        }
        if self.flagged > 0 {
            let _ = writeln!(text, "{} scored with a flag", self.flagged);
        }
        for (column, kinds) in &self.flags {
            for (kind, rows) in kinds {
                let unseen = FlagKind::UnseenCategory.to_string();
                let names = self.unseen.get(column).filter(|_| *kind == unseen);
                let names =
                    names.map(|n| n.iter().map(|c| format!("{:?} {}", c.name, c.rows)).collect::<Vec<_>>());
                let names = names.map(|n| format!(" ({})", n.join(", "))).unwrap_or_default();
                let _ = writeln!(text, "{rows:>10}  `{column}`: {kind}{names}");
            }
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }
}
