//! Reports as rows of the table `reports`: customer, agency, at, known_at, then the columns of the agencies by name.

use crate::cache::{Answer, Cache};
use crate::settings::{Agency, ColumnKind};
use crate::summary::Fate;
use arrears_data::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_data::arrow::error::ArrowError;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of a batch, about.
const ROWS: usize = 8192;

/// The columns of the output. Times are texts in ISO 8601: `at` as the agency gives it, `known_at` in UTC.
pub fn schema(agencies: &[Agency]) -> SchemaRef {
    let columns = agencies.iter().flat_map(|agency| &agency.columns).filter(|column| column.name != "at");
    let kinds: BTreeMap<&str, bool> =
        columns.map(|c| (c.name.as_str(), c.kind == ColumnKind::Number)).collect();
    let first = ["customer", "agency", "at", "known_at"].map(|name| Field::new(name, DataType::Utf8, true));
    let rest = kinds.into_iter().map(|(name, number)| {
        Field::new(name, if number { DataType::Float64 } else { DataType::Utf8 }, true)
    });
    Arc::new(Schema::new(first.into_iter().chain(rest).collect::<Vec<_>>()))
}

/// The reports of the customers in their order, of each customer in the order of agencies and then of fetching. All that were ever
/// fetched are given, for features as of earlier dates; none of a customer whose run failed.
pub fn batches<'a>(
    schema: &'a SchemaRef,
    customers: &'a [String],
    agencies: &'a [(&'a Agency, &'a Cache, &'a [Fate])],
) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> + 'a {
    let rows = customers.iter().enumerate().flat_map(move |(at, customer)| {
        let kept =
            agencies.iter().filter(move |(_, _, fates)| !matches!(fates.get(at), Some(Fate::Failed(_))));
        kept.flat_map(move |(agency, cache, _)| {
            cache.of(customer).iter().map(move |answer| (*agency, answer))
        })
    });
    let mut rows = rows.filter(|(_, answer)| answer.values.is_some()).peekable();
    std::iter::from_fn(move || {
        rows.peek()?;
        Some(batch(schema, &rows.by_ref().take(ROWS).collect::<Vec<_>>()))
    })
}

fn batch(schema: &SchemaRef, rows: &[(&Agency, &Answer)]) -> Result<RecordBatch, ArrowError> {
    let value = |answer: &Answer, name: &str| answer.values.as_ref().and_then(|v| v.get(name).cloned());
    let text = |answer: &Answer, name: &str| match value(answer, name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let column = |field: &Arc<Field>| -> ArrayRef {
        let name = field.name().as_str();
        if *field.data_type() == DataType::Float64 {
            let numbers = rows.iter().map(|(_, answer)| value(answer, name).and_then(|v| v.as_f64()));
            return Arc::new(numbers.collect::<Float64Array>());
        }
        let texts = rows.iter().map(|(agency, answer)| match name {
            "customer" => Some(answer.customer.clone()),
            "agency" => Some(agency.name.clone()),
            "known_at" => Some(answer.fetched.to_string()),
            // Without a date of its own a report is as of when it came.
            "at" => text(answer, name).or_else(|| Some(answer.fetched.to_string())),
            _ => text(answer, name),
        });
        Arc::new(texts.collect::<StringArray>())
    };
    RecordBatch::try_new(schema.clone(), schema.fields().iter().map(column).collect())
}
