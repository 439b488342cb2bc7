//! The fast scorer: a model turned once into flat arrays.
//!
//! Every field's values fall into finitely many slots; bins, points, questions of trees, flags and refusals become tables by
//! slot, made by asking the plain functions of this crate. So there is nothing here that decides anything anew, and every
//! answer has the bits of the plain [`Scorer`](crate::Scorer), which stays as the readable reference.
//!
//! | module | holds, in the order data flows |
//! |---|---|
//! | `columns` | columns as callers have them; a dictionary's entries are ingested once |
//! | `slots`, `words` | what a field's values can be told apart into |
//! | `block` | about a thousand rows as slots and numbers, with flags and refusals |
//! | `calculated` | fields that are a formula over others |
//! | `terms`, `lookup`, `line` | sums of terms: scorecards, pairs, logistic regression |
//! | `walk`, `nearest` | trees, k-means |
//! | `reasons`, `probability` | the four largest losses; pd, score and grade |
//! | `plan` | which of these a model needs |
//! | `fill`, `scores` | the answers, column by column |
//! | `row` | one row without allocation |
//!
//! ```
//! use arrears_model::compiled::{Ask, Column, CompiledScorer, Scores, Scratch};
//! use arrears_model::{Model, Value};
//!
//! # fn read() -> Model {
//! #     let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/v1-scorecard.json");
//! #     Model::from_bytes(&std::fs::read(path).unwrap()).unwrap()
//! # }
//! let model = read(); // its fields: age and days late are numbers, home and a code are categories
//! let scorer = CompiledScorer::new(&model);
//!
//! // Many rows: one column for each field of the schema. Missing are the second age and all codes.
//! let homes = [Value::Text("rent"), Value::Text("owner")];
//! let columns = scorer.columns(2, &[
//!     Column::Numbers { values: &[31.0, f64::NAN], valid: None },
//!     Column::Integers { values: &[0, -5], valid: None },
//!     Column::Codes { codes: &[1, 0], valid: None, entries: &homes },
//!     Column::Missing,
//! ]);
//! let mut scores = Scores::default(); // one for many calls: it keeps its memory
//! scorer.score(&columns, 0..2, Ask::default(), &mut scores);
//! assert_eq!(scores.refused.len(), 1);
//! assert_eq!(scores.refusal(1).unwrap().column, "days_late");
//!
//! // One row.
//! let row = [Value::Number(31.0), Value::Number(0.0), Value::Text("owner"), Value::Missing];
//! let mut scratch = Scratch::default(); // one for many rows
//! let scored = scorer.score_row(&row, &mut scratch).unwrap();
//! assert_eq!(scored.pd, Some(scores.pd[0]));
//! assert_eq!(scored.reasons().count(), scores.row(0).unwrap().reasons.len());
//! ```

mod block;
mod calculated;
mod columns;
mod fill;
mod line;
mod lookup;
mod nearest;
mod plan;
mod probability;
mod reasons;
mod row;
mod scores;
mod slots;
mod terms;
mod walk;
mod words;

pub use columns::{Column, Columns, RowValues, Valid};
pub use row::{ScoredRow, Scratch};
pub use scores::{Ask, NONE, Scores};

use crate::decisions::Decider;
use crate::formula::Formulas;
use crate::model::Model;
use crate::schema::Schema;
use crate::score::refused;
use crate::value::{Refusal, RefusalKind, Value};
use fill::Gives;
use plan::Plan;
use probability::Verdict;
use pulp::Arch;
use slots::Slots;
use std::sync::Arc;

/// A model in flat arrays. It owns them, so that threads and requests can share one in an [`Arc`].
///
/// Many rows: [`CompiledScorer::columns`], then [`CompiledScorer::score`] for any range of them. One row:
/// [`CompiledScorer::score_row`].
#[derive(Clone, Debug)]
pub struct CompiledScorer {
    schema: Schema,
    /// By field; none of a plan that is scored row by row.
    slots: Vec<Slots>,
    /// By field: whether its numbers are calculated with.
    kept: Vec<bool>,
    /// What turns log-odds into pd, score and grade, where the model gives them.
    verdict: Option<Verdict>,
    plan: Plan,
    formulas: Arc<Formulas>,
    /// Limit and tier, where the model decides them.
    decider: Option<Arc<Decider>>,
    gives: Gives,
    /// Number of terms, by segment where the model has some; none where it is no sum of terms.
    widths: Vec<usize>,
    /// The widest arithmetic of this processor. All of them do the same operations on a row in the same order, so the bits
    /// are the same.
    arch: Arch,
}

impl CompiledScorer {
    /// Compiles a model: some microseconds for a scorecard. A model whose tables would take more than about 64 MB, or with a
    /// field of more than 65,000 different bins or categories, is scored row by row by the plain scorer instead: the
    /// same answers, slower.
    pub fn new(model: &Model) -> Self {
        let verdict = model.scale.as_ref().map(|scale| Verdict::new(model, scale));
        let (slots, plan) = Plan::new(model, verdict.as_ref());
        let mut kept = vec![false; slots.len()];
        let widths = plan.widths();
        let formulas = Arc::new(Formulas::of(&model.schema));
        let decider = Decider::of(model).map(Arc::new);
        if !slots.is_empty() {
            calculated::keep(&formulas, &mut kept);
            decider.iter().flat_map(|decider| decider.fields()).for_each(|field| kept[field] = true);
        }
        plan.number_fields().for_each(|field| kept[field] = true);
        Self {
            schema: model.schema.clone(),
            slots,
            kept,
            verdict,
            plan,
            formulas,
            decider,
            gives: Gives::of(model),
            widths,
            arch: Arch::new(),
        }
    }

    /// The fields of a row and what becomes of their values.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The refusal of a value that was found to be refused.
    fn refusal(&self, field: usize, value: Value<'_>) -> Refusal {
        let of = &self.schema.fields[field];
        let kind = of.ingest(self.schema.missing_of(of), value).err();
        // Only a caller's column that gives another value when it is read again comes to the other case.
        let kind = kind.unwrap_or(RefusalKind::NotANumber);
        refused(of, value, kind)
    }
}
