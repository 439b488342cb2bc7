//! Some customers from their features to their standings.

use crate::columns::{Batches, Columns, tiers};
use crate::error::AssessError;
use crate::hysteresis::{Borders, Held};
use crate::previous::Previous;
use crate::standing::{HYSTERESIS, Standing};
use arrears_data::arrow::array::{Array, AsArray, RecordBatch};
use arrears_data::{ColumnRef, DataError, Encoded, Encoder, Table};
use arrears_expression as cel;
use arrears_model::compiled::{Ask, CompiledScorer, NONE, Scores, Scratch};
use arrears_model::decisions::Decided;
use arrears_model::score::MAX_REASONS;
use arrears_model::{Model, Value};
use arrears_serve::{Overrides, ServeError, score_table};

/// What is the same for all customers of a run.
pub(crate) struct Job<'a> {
    pub(crate) model: &'a Model,
    pub(crate) scorer: CompiledScorer,
    pub(crate) borders: Borders,
    pub(crate) overrides: Option<Overrides>,
    /// What a customer owes, over the columns of the features.
    pub(crate) exposure: Option<cel::Expression>,
    pub(crate) previous: Option<Previous>,
    /// Whether the last run had the same grades: what held of others says nothing.
    pub(crate) same_grades: bool,
    pub(crate) columns: Columns,
    pub(crate) csv: Encoder,
    pub(crate) parquet: Encoder,
}

/// A customer with a standing.
pub(crate) struct Assessed {
    pub(crate) standing: Standing,
    pub(crate) held: Held,
    /// Place in the last run.
    pub(crate) previous: Option<usize>,
    /// Position of the tier in the model's.
    pub(crate) tier: Option<usize>,
    /// Fields that cost the most points, most first, then [`NONE`].
    pub(crate) reasons: [u32; MAX_REASONS],
}

/// A customer whom the model refused.
pub(crate) struct Refused {
    pub(crate) customer: String,
    pub(crate) column: String,
    pub(crate) value: String,
    pub(crate) why: String,
}

/// What came out of some customers.
pub(crate) struct Done {
    pub(crate) assessed: Vec<Assessed>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) csv: Encoded,
    pub(crate) parquet: Encoded,
    pub(crate) history: RecordBatch,
    /// Lines of the overrides that were applied.
    pub(crate) overridden: Vec<u64>,
}

impl Job<'_> {
    /// Assesses the customers of a batch of features.
    pub(crate) fn chunk(&self, batch: &RecordBatch) -> Result<Done, AssessError> {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns = names.zip(batch.columns().iter().cloned()).collect();
        let table = Table::new(columns, (1..=batch.num_rows() as u64).collect())?;
        let (mut scores, ask) = (Scores::default(), Ask { reasons: MAX_REASONS, ..Ask::default() });
        score_table(&self.scorer, &self.model.schema, &table, ask, &mut scores)?;
        let mut rows = Rows::new(self, &table, &scores)?;
        let customers = batch.column(0).as_string::<i32>();
        let mut assessed = Vec::with_capacity(customers.len() - scores.refused.len());
        let mut refused = Vec::with_capacity(scores.refused.len());
        let mut refusals = scores.refused.iter().peekable();
        for row in 0..customers.len() {
            let customer = customers.value(row).to_owned();
            match refusals.next_if(|(of, _)| *of == row) {
                None => assessed.push(rows.assess(row, customer)),
                Some((_, refusal)) => refused.push(Refused {
                    customer,
                    column: refusal.column.clone(),
                    value: refusal.value.clone(),
                    why: refusal.kind.to_string(),
                }),
            }
        }
        let overridden = rows.overridden;
        let Batches { files, history } = self.columns.batches(&assessed, self.previous.as_ref())?;
        let (csv, parquet) = (self.csv.encode(files.clone()), self.parquet.encode(files));
        Ok(Done { assessed, refused, csv, parquet, history, overridden })
    }
}

/// The scored rows of a chunk.
struct Rows<'a> {
    job: &'a Job<'a>,
    table: &'a Table,
    scores: &'a Scores,
    /// Columns of the model's fields.
    fields: Vec<ColumnRef<'a>>,
    tiers: Vec<&'a str>,
    /// For rows whose grade is not the model's.
    scratch: Scratch,
    overridden: Vec<u64>,
}

impl<'a> Rows<'a> {
    fn new(job: &'a Job<'a>, table: &'a Table, scores: &'a Scores) -> Result<Rows<'a>, AssessError> {
        let fields = job.model.schema.inputs().map(|field| table.require(&field.name));
        let fields = fields.collect::<Result<_, DataError>>().map_err(ServeError::from)?;
        let tiers = tiers(job.model).iter().map(|tier| tier.name.as_str()).collect();
        Ok(Rows { job, table, scores, fields, tiers, scratch: Scratch::default(), overridden: Vec::new() })
    }

    /// The standing of a row that is not refused.
    fn assess(&mut self, row: usize, customer: String) -> Assessed {
        let (job, scores) = (self.job, self.scores);
        let pd = scores.pd[row];
        let model_grade = scores.grade[row] as usize;
        let at = job.previous.as_ref().and_then(|previous| previous.find(&customer));
        let before = job.previous.as_ref().zip(at).filter(|_| job.same_grades);
        let held = job.borders.settle(before.map(|(previous, at)| previous.held(at)), pd, model_grade);
        let set = job.overrides.as_ref().and_then(|overrides| overrides.of(&customer));
        let grade = set.as_ref().and_then(|set| set.grade).map_or(held.grade, |grade| grade as usize);
        let Decided { limit, tier } = match grade == model_grade {
            true => Decided {
                limit: scores.limit.get(row).copied().filter(|limit| !limit.is_nan()),
                tier: scores.tier.get(row).filter(|tier| **tier != NONE).map(|tier| *tier as usize),
            },
            false => self.decide(row, grade),
        };
        let waits = grade != model_grade && set.as_ref().is_none_or(|set| set.grade.is_none());
        let mut why: Vec<&str> = waits.then_some(HYSTERESIS).into_iter().collect();
        why.extend(set.as_ref().map(|set| set.why.as_str()));
        let standing = Standing {
            pd,
            score: scores.score.get(row).copied(),
            model_grade,
            grade,
            limit: set.as_ref().and_then(|set| set.limit).or(limit),
            tier: tier.map(|tier| self.tiers[tier].to_owned()),
            exposure: self.exposure(row),
            why: (!why.is_empty()).then(|| why.join("; ")),
            customer,
        };
        self.overridden.extend(set.into_iter().flat_map(|set| set.lines).flatten());
        Assessed { standing, held, previous: at, tier, reasons: scores.reasons[row] }
    }

    /// Limit and tier of a row in another grade than the model's.
    fn decide(&mut self, row: usize, grade: usize) -> Decided {
        let values: Vec<Value<'_>> = self.fields.iter().map(|field| field.value(row)).collect();
        // The row was scored a moment ago, so it is scored again.
        let Ok(scored) = self.job.scorer.score_row(&values, &mut self.scratch) else {
            return Decided::default();
        };
        self.job.scorer.decide(&scored, grade, &self.scratch)
    }

    /// What a customer owes; `None` where the formula has no result.
    fn exposure(&self, row: usize) -> Option<f64> {
        let formula = self.job.exposure.as_ref()?;
        let result = formula.row_with(|at| match self.table.column_at(at).value(row) {
            Value::Number(x) => cel::Value::Number(x),
            Value::Text(text) => cel::Value::Text(text),
            Value::Missing => cel::Value::Missing,
        });
        match result {
            cel::Value::Number(x) => Some(x),
            _ => None,
        }
    }
}
