//! Answers as CSV and as Arrow: the columns of `arrears score`, and `error` for customers that were not scored.

use crate::http::answer_json::ABSENT;
use crate::http::fault::{Code, Fault};
use crate::http::outcome::{Customer, Outcome};
use crate::http::overriding::{self, Overridden};
use crate::http::served::Served;
use crate::output::{Layout, ROW_COLUMN};
use crate::overrides::Applied;
use arrears_data::arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrears_data::arrow::compute::{cast, take_record_batch};
use arrears_data::arrow::datatypes::{DataType, Field, Schema};
use arrears_data::arrow::ipc::writer::StreamWriter;
use arrears_data::{DataError, Format, TableWriter};
use arrears_model::compiled::{Ask, NONE, Scores};
use arrears_model::score::MAX_REASONS;
use arrears_model::{Model, Scored};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The answer as CSV.
pub(crate) fn to_csv(served: &Served, customers: &[Customer]) -> Result<Vec<u8>, Fault> {
    let write = || -> Result<Vec<u8>, DataError> {
        let batch = table(served, customers)?;
        let shared = Shared::default();
        let mut writer = TableWriter::to_stream("the answer", Format::Csv, shared.clone(), batch.schema())?;
        writer.write(&batch)?;
        writer.finish()?;
        Ok(shared.bytes())
    };
    write().map_err(|e| unwritten(&e))
}

/// The answer as an Arrow IPC stream of one batch.
pub(crate) fn to_arrow(served: &Served, customers: &[Customer]) -> Result<Vec<u8>, Fault> {
    let write = || -> Result<Vec<u8>, DataError> {
        let batch = table(served, customers)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
        writer.write(&batch)?;
        Ok(writer.into_inner()?)
    };
    write().map_err(|e| unwritten(&e))
}

fn unwritten(error: &DataError) -> Fault {
    Fault::new(Code::Internal, format!("the answer cannot be written: {error}"))
}

/// One row a customer, in order.
fn table(served: &Served, customers: &[Customer]) -> Result<RecordBatch, DataError> {
    let (model, overrides) = (&served.model, served.overrides().is_some());
    let named = customers.iter().any(|customer| customer.id.is_some());
    let name = model.schema.id.as_deref().filter(|_| named).unwrap_or(ROW_COLUMN);
    let kind = if named { DataType::Utf8 } else { DataType::Int64 };
    let layout = Layout::new(model, (name, kind), MAX_REASONS, None, overrides);
    let answers: Vec<&Scored> = customers.iter().filter_map(|customer| customer.outcome.scored()).collect();
    // The row of each customer among the scored ones.
    let mut next = 0..;
    let places: Vec<Option<u32>> =
        customers.iter().map(|customer| customer.outcome.scored().and_then(|_| next.next())).collect();
    let ids = |customers: &mut dyn Iterator<Item = (usize, &Customer)>| -> ArrayRef {
        match named {
            true => Arc::new(customers.map(|(_, customer)| id_text(customer)).collect::<StringArray>()),
            false => Arc::new(Int64Array::from_iter_values(customers.map(|(at, _)| at as i64 + 1))),
        }
    };
    let scored = &mut customers.iter().enumerate().filter(|(_, c)| c.outcome.scored().is_some());
    let scores = Scores::of(model, answers.iter().copied(), Ask::default());
    let all: Vec<usize> = (0..answers.len()).collect();
    let applied = overrides.then(|| applied(customers, &scores));
    let batch = layout.batch(&scores, &all, ids(scored), applied.as_ref())?;
    let batch = take_record_batch(&plain(&batch)?, &UInt32Array::from(places))?;
    let errors: StringArray = customers.iter().map(error_text).collect();
    let mut fields: Vec<Arc<Field>> = batch.schema().fields().to_vec();
    let mut columns = batch.columns().to_vec();
    columns[0] = ids(&mut customers.iter().enumerate());
    let flags = fields.iter().position(|field| field.name() == "flags");
    if let Some(at) = flags {
        columns[at] = with_absent(model, &columns[at], customers);
    }
    fields.push(Arc::new(Field::new("error", DataType::Utf8, true)));
    columns.push(Arc::new(errors));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// What people changed of the customers that were scored, whose answers are `scores`.
fn applied(customers: &[Customer], scores: &Scores) -> Applied {
    let mut applied =
        Applied { grade: scores.grade.clone(), limit: scores.limit.clone(), ..Applied::default() };
    let scored = customers.iter().filter(|customer| customer.outcome.scored().is_some());
    for (row, overridden) in scored.map(|customer| customer.outcome.overridden()).enumerate() {
        applied.why.push(overridden.map(|overridden| overridden.by.why.clone()));
        let Some(Overridden { grade, limit, .. }) = overridden else { continue };
        applied.grade[row] = grade.map_or(NONE, |grade| grade as u32);
        applied.limit.get_mut(row).into_iter().for_each(|to| *to = limit.unwrap_or(f64::NAN));
    }
    applied
}

/// Names as plain text: some readers of Arrow streams know no dictionaries.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, DataError> {
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Dictionary(..) => cast(column, &DataType::Utf8),
        _ => Ok(column.clone()),
    });
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(&columns);
    let fields: Vec<Field> =
        fields.map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true)).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The id as text: a JSON string without its quotes.
fn id_text(customer: &Customer) -> Option<String> {
    customer.id.as_deref().map(overriding::id_text)
}

fn error_text(customer: &Customer) -> Option<String> {
    match &customer.outcome {
        Outcome::Scored { .. } => None,
        Outcome::Failed(fault) => Some(fault.sentence()),
    }
}

/// The flags, with those of absent fields behind them.
fn with_absent(model: &Model, flags: &ArrayRef, customers: &[Customer]) -> ArrayRef {
    let Some(texts) = flags.as_any().downcast_ref::<StringArray>() else { return flags.clone() };
    let with = texts.iter().zip(customers).map(|(text, customer)| {
        let absent: &[usize] = match &customer.outcome {
            Outcome::Scored { absent, .. } => absent,
            Outcome::Failed(_) => &[],
        };
        let absent = absent.iter().map(|at| format!("{}: {ABSENT}", model.schema.fields[*at].name));
        let all: Vec<String> = text.map(str::to_owned).into_iter().chain(absent).collect();
        (!all.is_empty()).then(|| all.join("; "))
    });
    Arc::new(with.collect::<StringArray>())
}

/// Bytes that a writer takes as its own.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
