//! The customers of a body, handed to [`Scoring`] one by one in the body's order.

use crate::http::fault::{Code, Fault};
use crate::http::json_list::list;
use crate::http::json_object::{Slot, read_object};
use crate::http::media::BodyKind;
use crate::http::outcome::{Cause, RowFault};
use crate::http::scoring::{Bounds, ScoredRequest, Scoring};
use crate::http::served::Served;
use crate::http::words::quoted;
use arrears_data::{Chunk, ColumnRef, DataError, Format, ReadOptions, open_reader, read_arrow_stream};
use arrears_model::Value;
use axum::body::Bytes;
use serde_json::value::RawValue;
use std::io::Cursor;

/// What a body is called in messages.
const BODY: &str = "the body";

/// Scores a body of `/score`.
///
/// # Errors
/// The body is not what its kind says, or breaks a bound.
pub(crate) fn score_body(
    served: &Served,
    kind: BodyKind,
    body: &Bytes,
    bounds: Bounds,
) -> Result<ScoredRequest, Fault> {
    let most = bounds.rows;
    let mut scoring = Scoring::new(served, bounds);
    let single = match kind {
        BodyKind::Json => json(served, text_of(body)?, &mut scoring)?,
        BodyKind::Ndjson => text_table(served, Format::Ndjson, body, &mut scoring)?,
        BodyKind::Csv => text_table(served, Format::Csv, body, &mut scoring)?,
        BodyKind::Arrow => {
            let schema = &served.model.schema;
            let names: Vec<&str> =
                schema.inputs().map(|f| f.name.as_str()).chain(schema.id.as_deref()).collect();
            for table in read_arrow_stream(BODY, body.clone(), &names, most).map_err(unusable)? {
                table_rows(served, &Chunk { table, unreadable: Vec::new() }, &mut scoring)?;
            }
            false
        }
    };
    scoring.finish(single)
}

/// The body as text.
///
/// # Errors
/// It is not UTF-8.
pub(crate) fn text_of(body: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(body).map_err(|_| Fault::body("the body is not UTF-8 text"))
}

/// A JSON fault by place, without what stands there.
pub(crate) fn bad_json(error: &serde_json::Error) -> Fault {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data => "it has another form than expected",
        _ => "it is not well formed",
    };
    Fault::body(format!(
        "the body is not JSON of customers: {what}, line {} column {}",
        error.line(),
        error.column()
    ))
}

/// JSON: an object, an array of objects, or an object with the array under `rows`.
fn json(served: &Served, text: &str, scoring: &mut Scoring<'_>) -> Result<bool, Fault> {
    if text.trim_start().starts_with('[') {
        let rows = list(text, scoring.most_rows(), bad_json)?;
        objects(served, &rows, scoring)?;
        return Ok(false);
    }
    let mut slots = Vec::new();
    let beside = read_object(text, &served.keys, &mut slots).map_err(|e| bad_json(&e))?;
    match beside.rows {
        Some(rows) => {
            let rows = list(rows.get(), scoring.most_rows(), bad_json)?;
            objects(served, &rows, scoring)?;
            Ok(false)
        }
        None => {
            scoring.slots(id_of(beside.id), &slots)?;
            Ok(true)
        }
    }
}

/// Rows that are each a JSON object; one that is none keeps its place.
pub(crate) fn objects<'a>(
    served: &Served,
    rows: &[&'a RawValue],
    scoring: &mut Scoring<'_>,
) -> Result<(), Fault> {
    let mut slots: Vec<Slot<'a>> = Vec::new();
    for row in rows {
        match read_object(row.get(), &served.keys, &mut slots) {
            Ok(beside) => scoring.slots(id_of(beside.id), &slots)?,
            Err(_) => scoring.unreadable()?,
        }
    }
    Ok(())
}

/// The id of a customer: a string or number, as it was written.
pub(crate) fn id_of(raw: Option<&RawValue>) -> Option<Box<str>> {
    let token = raw?.get();
    (!token.starts_with(['{', '[', 'n'])).then(|| token.into())
}

/// CSV and NDJSON, read as batch files are.
fn text_table(
    served: &Served,
    format: Format,
    body: &Bytes,
    scoring: &mut Scoring<'_>,
) -> Result<bool, Fault> {
    let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
    let source = open_reader(BODY, format, Cursor::new(body.clone()), &options).map_err(unusable)?;
    let known = |name: &String| source.columns().contains(name);
    let header: Vec<bool> = served.model.schema.inputs().map(|field| known(&field.name)).collect();
    scoring.columns(header.into_iter());
    for chunk in source {
        table_rows(served, &chunk.map_err(unusable)?, scoring)?;
    }
    Ok(false)
}

/// The rows of a table and those that could not be read, by their lines.
fn table_rows(served: &Served, chunk: &Chunk, scoring: &mut Scoring<'_>) -> Result<(), Fault> {
    let Chunk { table, unreadable } = chunk;
    let schema = &served.model.schema;
    let columns: Vec<Option<ColumnRef<'_>>> =
        schema.inputs().map(|field| table.column(&field.name)).collect();
    scoring.columns(columns.iter().map(Option::is_some));
    let id = schema.id.as_deref().and_then(|id| table.column(id));
    let mut values: Vec<Value<'_>> = Vec::with_capacity(columns.len());
    let mut unreadable = unreadable.iter().peekable();
    for at in 0..table.rows() {
        while let Some(row) = unreadable.next_if(|row| row.line < table.line(at)) {
            scoring.fails(None, unread(row))?;
        }
        values.clear();
        values.extend(columns.iter().map(|column| column.map_or(Value::Missing, |c| c.value(at))));
        scoring.values(id.and_then(|id| table_id(id, at)), &values, Vec::new())?;
    }
    unreadable.try_for_each(|row| scoring.fails(None, unread(row)))
}

fn unread(row: &arrears_data::Unreadable) -> RowFault {
    RowFault { expected: row.why.clone().into(), ..RowFault::of(Cause::Unreadable, row.column.as_deref()) }
}

fn table_id(column: ColumnRef<'_>, row: usize) -> Option<Box<str>> {
    match column.value(row) {
        Value::Number(x) => column.text(row, &[]).filter(|_| x.is_finite()).map(|text| text.into()),
        Value::Text(_) => column.text(row, &[]).map(|text| quoted(&text).into()),
        Value::Missing => None,
    }
}

fn unusable(error: DataError) -> Fault {
    let code = if matches!(error, DataError::TooLarge { .. }) { Code::TooLarge } else { Code::BadBody };
    Fault::new(code, error.to_string())
}
