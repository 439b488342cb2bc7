//! Standings as columns: of the files of a run, and of the table in the history.

use crate::chunk::Assessed;
use crate::previous::Previous;
use arrears_data::DataError;
use arrears_data::arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_model::Model;
use arrears_model::compiled::NONE;
use arrears_model::decisions::Tier;
use std::sync::Arc;

/// Texts that many rows share.
type Shared = Arc<StringArray>;

/// How standings become columns.
pub(crate) struct Columns {
    files: SchemaRef,
    history: SchemaRef,
    run: i64,
    as_of: Shared,
    grades: Shared,
    previous_grades: Shared,
    /// Names and strategies.
    tiers: [Shared; 2],
    reasons: Shared,
}

/// Some standings: for files, and for the history.
pub(crate) struct Batches {
    pub(crate) files: RecordBatch,
    pub(crate) history: RecordBatch,
}

/// The tiers of a model.
pub(crate) fn tiers(model: &Model) -> Vec<&Tier> {
    model.decisions.iter().flat_map(|d| &d.tiers).flat_map(|tiers| &tiers.tiers).collect()
}

impl Columns {
    pub(crate) fn new(model: &Model, run: i64, as_of: &str, previous: Option<&Previous>) -> Columns {
        let shared = |texts: Vec<&str>| Arc::new(StringArray::from(texts));
        let tiers = tiers(model);
        let strategies = tiers.iter().map(|tier| Some(tier.strategy()).filter(|text| !text.is_empty()));
        let before = previous.iter().flat_map(|previous| &previous.run.grades);
        Columns {
            files: files_schema(),
            history: history_schema(),
            run,
            as_of: shared(vec![as_of]),
            grades: shared(model.grades.iter().map(|grade| grade.name.as_str()).collect()),
            previous_grades: shared(before.map(String::as_str).collect()),
            tiers: [
                shared(tiers.iter().map(|tier| tier.name.as_str()).collect()),
                Arc::new(strategies.collect::<StringArray>()),
            ],
            reasons: shared(model.schema.fields.iter().map(|field| field.reason_text()).collect()),
        }
    }

    /// The columns of the files.
    pub(crate) fn files(&self) -> SchemaRef {
        self.files.clone()
    }

    pub(crate) fn batches(
        &self,
        rows: &[Assessed],
        previous: Option<&Previous>,
    ) -> Result<Batches, DataError> {
        let number = |of: &dyn Fn(&Assessed) -> Option<f64>| -> ArrayRef {
            Arc::new(rows.iter().map(of).collect::<Float64Array>())
        };
        let text = |of: &dyn Fn(&Assessed) -> Option<String>| -> ArrayRef {
            Arc::new(rows.iter().map(of).collect::<StringArray>())
        };
        let before = |row: &Assessed| previous.zip(row.previous);
        let rank = |of: &dyn Fn(&Assessed) -> Option<usize>| -> ArrayRef {
            Arc::new(rows.iter().map(|row| of(row).map(|at| at as i64 + 1)).collect::<Int64Array>())
        };
        let grade = |of: &dyn Fn(&Assessed) -> Option<usize>| named(rows, &self.grades, of);
        let previous_grade = |row: &Assessed| before(row).map(|(previous, at)| previous.grade(at));
        let customers: ArrayRef =
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.standing.customer)));
        let pd = number(&|row| Some(row.standing.pd));
        let score = number(&|row| row.standing.score);
        let model_grade = grade(&|row| Some(row.standing.model_grade))?;
        let holds = grade(&|row| Some(row.standing.grade))?;
        let held = grade(&|row| Some(row.held.grade))?;
        let grade_before = named(rows, &self.previous_grades, &previous_grade)?;
        let limit = number(&|row| row.standing.limit);
        let limit_before = number(&|row| before(row).and_then(|(previous, at)| previous.limit(at)));
        let tier = named(rows, &self.tiers[0], &|row| row.tier)?;
        let strategy = named(rows, &self.tiers[1], &|row| row.tier)?;
        let exposure = number(&|row| row.standing.exposure);
        let why = text(&|row| row.standing.why.clone());
        let reasons = (0..4).map(|n| named(rows, &self.reasons, &|row| place(row.reasons[n])));
        let reasons = reasons.collect::<Result<Vec<_>, DataError>>()?;
        let as_of = named(rows, &self.as_of, &|_| Some(0))?;
        let files =
            [&customers, &as_of, &pd, &score, &model_grade, &holds, &grade_before, &limit, &limit_before];
        let files = files.into_iter().chain([&tier, &strategy, &exposure, &why]).chain(&reasons);
        let run: ArrayRef = Arc::new(Int64Array::from(vec![self.run; rows.len()]));
        let ranks = [rank(&|row| Some(row.standing.grade)), rank(&previous_grade)];
        let calls = text(&|row| Some(row.held.calls.to_string()));
        let history = [&run, &customers, &pd, &score, &model_grade, &holds, &grade_before].into_iter();
        let history =
            history.chain(&ranks).chain([&held, &calls, &limit, &limit_before, &tier, &exposure, &why]);
        let history = history.chain(&reasons);
        Ok(Batches {
            files: RecordBatch::try_new(self.files.clone(), files.cloned().collect())?,
            history: RecordBatch::try_new(self.history.clone(), history.cloned().collect())?,
        })
    }
}

fn place(place: u32) -> Option<usize> {
    (place != NONE).then_some(place as usize)
}

/// A column of few different texts.
fn named(
    rows: &[Assessed],
    names: &Shared,
    of: &dyn Fn(&Assessed) -> Option<usize>,
) -> Result<ArrayRef, DataError> {
    let codes: Int32Array = rows.iter().map(|row| of(row).map(|at| at as i32)).collect();
    Ok(Arc::new(DictionaryArray::try_new(codes, names.clone())?))
}

fn name() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn schema(fields: impl IntoIterator<Item = (&'static str, DataType)>) -> SchemaRef {
    Arc::new(Schema::new(
        fields.into_iter().map(|(name, kind)| Field::new(name, kind, true)).collect::<Vec<_>>(),
    ))
}

fn reason_fields() -> [(&'static str, DataType); 4] {
    ["reason_1", "reason_2", "reason_3", "reason_4"].map(|reason| (reason, name()))
}

fn files_schema() -> SchemaRef {
    let fields = [
        ("customer", DataType::Utf8),
        ("as_of", name()),
        ("pd", DataType::Float64),
        ("score", DataType::Float64),
        ("model_grade", name()),
        ("grade", name()),
        ("previous_grade", name()),
        ("limit", DataType::Float64),
        ("previous_limit", DataType::Float64),
        ("tier", name()),
        ("strategy", name()),
        ("exposure", DataType::Float64),
        ("why", DataType::Utf8),
    ];
    schema(fields.into_iter().chain(reason_fields()))
}

/// Those of `arrears_standings`.
fn history_schema() -> SchemaRef {
    let fields = [
        ("run", DataType::Int64),
        ("customer", DataType::Utf8),
        ("pd", DataType::Float64),
        ("score", DataType::Float64),
        ("model_grade", name()),
        ("grade", name()),
        ("previous_grade", name()),
        ("grade_rank", DataType::Int64),
        ("previous_grade_rank", DataType::Int64),
        ("held_grade", name()),
        ("calls", DataType::Utf8),
        ("credit_limit", DataType::Float64),
        ("previous_limit", DataType::Float64),
        ("tier", name()),
        ("exposure", DataType::Float64),
        ("why", DataType::Utf8),
    ];
    schema(fields.into_iter().chain(reason_fields()))
}
