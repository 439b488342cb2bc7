//! A JSON document as values of columns.

use crate::settings::{ColumnKind, ReportColumn};
use serde_json::{Map, Value};

/// The value of each column, by its name; null where the document has none. Numbers are numbers, the others texts.
///
/// # Errors
/// Why the document is no report: no JSON, a value of another kind, or none of the columns in it.
pub(crate) fn values(body: &[u8], columns: &[ReportColumn]) -> Result<Map<String, Value>, String> {
    // Nesting beyond 128 levels is an error of the reader.
    let document: Value = serde_json::from_slice(body).map_err(|e| format!("the answer is no JSON: {e}"))?;
    let mut values = Map::new();
    for column in columns {
        let found = document.pointer(&column.pointer).unwrap_or(&Value::Null);
        values.insert(column.name.clone(), value(column, found)?);
    }
    if columns.iter().all(|column| column.name == "at" || values[&column.name].is_null()) {
        return Err("the answer has none of the columns: do the pointers fit it?".to_owned());
    }
    Ok(values)
}

fn value(column: &ReportColumn, found: &Value) -> Result<Value, String> {
    let blank = |text: &String| text.trim().is_empty();
    match found {
        Value::Null => return Ok(Value::Null),
        Value::String(text) if blank(text) => return Ok(Value::Null),
        _ => {}
    }
    let (taken, expected) = match &column.kind {
        ColumnKind::Number => (number(found), "a number"),
        ColumnKind::Text => (text(found), "a text"),
        ColumnKind::Time(format) => (format.read(found).map(Value::String), "a time in the declared format"),
    };
    taken.ok_or_else(|| {
        // What a person's report says is not repeated in messages.
        let what = match found {
            Value::Bool(_) => "true or false",
            Value::Number(_) => "another number",
            Value::String(_) => "another text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            Value::Null => "null",
        };
        format!("column `{}` at {}: expected {expected}, found {what}", column.name, column.pointer)
    })
}

fn number(found: &Value) -> Option<Value> {
    let x = match found {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    serde_json::Number::from_f64(x).map(Value::Number)
}

fn text(found: &Value) -> Option<Value> {
    Some(Value::String(match found {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    }))
}
