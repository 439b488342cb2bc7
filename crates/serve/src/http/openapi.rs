//! The service as an OpenAPI 3.1 document, made from its routes and the schemas of its models.

use crate::http::fault::Code;
use crate::http::media::{ARROW_STREAM, CSV, JSON, NDJSON};
use crate::http::registry::Snapshot;
use crate::http::routes::{Access, ROUTES, Route};
use crate::http::served::Served;
use arrears_model::schema::{OutOfRange, Unseen};
use arrears_model::{Field, Kind};
use serde_json::{Map, Value, json};

/// The document.
pub(crate) fn document(now: &Snapshot, tokens: bool) -> Value {
    let mut schemas = answers();
    for served in &now.models {
        schemas.insert(schema_name(served), customer(served));
    }
    let mut paths = Map::new();
    for route in &ROUTES {
        paths.insert(route.path.to_owned(), json!({ route.method: operation(now, route, tokens) }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "arrears",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tells which customers will not pay, how sure that is, and why.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn schema_name(served: &Served) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') { c } else { '_' };
    served.full_name().replace('/', "-").chars().map(plain).collect::<String>() + "-customer"
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn operation(now: &Snapshot, route: &Route, tokens: bool) -> Value {
    let mut operation = json!({
        "summary": route.summary,
        "operationId": route.path.split('/').map(|part| part.trim_matches(['{', '}'])).collect::<Vec<_>>().join("_"),
        "responses": responses(route),
    });
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names.map(|name| parameter(now, name)).collect();
    if route.access == Access::Score {
        parameters.push(json!({
            "name": "absent", "in": "query", "required": false,
            "description": "Whether fields that stand in no row are an error or count as missing",
            "schema": { "type": "string", "enum": ["error", "missing"], "default": "error" },
        }));
        operation["requestBody"] = json!({ "required": true, "content": body(now, route) });
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if tokens && route.access != Access::Open {
        operation["security"] = json!([{ "token": [] }]);
    }
    operation
}

fn parameter(now: &Snapshot, name: &str) -> Value {
    let of = |served: &Served| match name {
        "model" => served.model.name.clone(),
        _ => served.model.version.clone(),
    };
    let mut known: Vec<String> = now.models.iter().map(|served| of(served)).collect();
    known.sort();
    known.dedup();
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "examples": known } })
}

fn body(now: &Snapshot, route: &Route) -> Value {
    let served = match (&now.chosen.champion, route.path.contains("{model}")) {
        (Some(champion), false) => vec![champion],
        _ => now.models.iter().collect(),
    };
    let customers: Vec<Value> = served.iter().map(|served| reference(&schema_name(served))).collect();
    let customer = json!({ "anyOf": customers });
    let rows = json!({ "type": "array", "items": customer });
    if route.path.ends_with("/infer") {
        return json!({ JSON: { "schema": reference("InferRequest") } });
    }
    let json_schema = if route.path == "/invocations" {
        let split = json!({ "type": "object", "required": ["columns", "data"], "properties": {
            "columns": { "type": "array", "items": { "type": "string" } },
            "data": { "type": "array", "items": { "type": "array" } },
        }});
        json!({ "oneOf": [
            { "type": "object", "required": ["dataframe_split"], "properties": { "dataframe_split": split } },
            { "type": "object", "required": ["dataframe_records"], "properties": { "dataframe_records": rows } },
            { "type": "object", "required": ["instances"], "properties": { "instances": rows } },
            { "type": "object", "required": ["inputs"], "properties": { "inputs": {
                "anyOf": [rows, { "type": "object", "additionalProperties": { "type": "array" } }] } } },
        ]})
    } else {
        let wrapped = json!({ "type": "object", "required": ["rows"], "properties": { "rows": rows } });
        json!({ "anyOf": [customer, rows, wrapped] })
    };
    let first = served.first().map(|served| &served.model.schema);
    let names: Vec<&str> =
        first.into_iter().flat_map(|s| s.inputs()).map(|field| field.name.as_str()).collect();
    let text = |what: &str, example: String| {
        let mut body = json!({ "schema": { "type": "string", "minLength": 1, "description": what } });
        if !names.is_empty() && !example.is_empty() {
            body["example"] = example.into();
        }
        body
    };
    let header = names.iter().map(|name| quoted_csv(name)).collect::<Vec<_>>().join(",");
    json!({
        JSON: { "schema": json_schema },
        CSV: text("A header line, then a customer a line", format!("{header}\n{}\n", ",".repeat(names.len().max(1) - 1))),
        NDJSON: text("A customer a line, as a JSON object", String::new()),
        ARROW_STREAM: text("An Arrow IPC stream", String::new()),
    })
}

/// A name as it stands in the header line.
fn quoted_csv(name: &str) -> String {
    match name.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name.to_owned(),
    }
}

/// A customer of one model.
fn customer(served: &Served) -> Value {
    let schema = &served.model.schema;
    let mut properties = Map::new();
    if let Some(id) = &schema.id {
        properties
            .insert(id.clone(), json!({ "type": ["string", "number", "null"], "description": "Given back" }));
    }
    for field in schema.inputs() {
        properties.insert(field.name.clone(), value(field, &schema.missing));
    }
    let required: Vec<&str> = schema.inputs().map(|field| field.name.as_str()).collect();
    json!({
        "type": "object",
        "description": format!("A customer as {} reads one; null where a value is not known", served.full_name()),
        "properties": properties,
        "required": required,
    })
}

/// The values of a field that are taken.
fn value(field: &Field, missing: &[String]) -> Value {
    let mut schema = match &field.kind {
        Kind::Number { min, max, out_of_range, special } => {
            let mut number = json!({ "type": ["number", "null"] });
            // Outside the range stand special codes too.
            if *out_of_range == OutOfRange::Reject && special.is_empty() {
                min.iter().for_each(|min| number["minimum"] = json!(min));
                max.iter().for_each(|max| number["maximum"] = json!(max));
            }
            if *out_of_range != OutOfRange::Reject {
                number["x-range"] = json!([min, max]);
            }
            if !special.is_empty() {
                number["x-special"] = special.iter().map(|code| Value::from(code.label())).collect();
            }
            number
        }
        Kind::Category { categories, unseen: Unseen::Reject } => {
            let all = categories.iter().map(|c| Value::from(c.as_str())).chain([Value::Null]);
            json!({ "enum": all.collect::<Vec<_>>() })
        }
        Kind::Category { categories, .. } => json!({ "type": ["string", "null"], "examples": categories }),
    };
    if let Some(reason) = &field.reason {
        schema["description"] = json!(reason);
    }
    if !missing.is_empty() {
        schema["x-missing"] = json!(missing);
    }
    schema
}

fn responses(route: &Route) -> Value {
    let media = match route.path {
        "/metrics" | "/version" => "text/plain",
        _ => JSON,
    };
    let good = match route.path {
        path if path.ends_with("/infer") => reference("InferAnswer"),
        "/invocations" => reference("Predictions"),
        path if path.ends_with("/score") => json!({ "anyOf": [reference("Score"), reference("Scores")] }),
        "/metrics" | "/version" => json!({ "type": "string" }),
        _ => json!({ "type": "object" }),
    };
    let mut content = json!({ media: { "schema": good } });
    if route.path.ends_with("/score") {
        content[CSV] = json!({ "schema": { "type": "string" } });
        content[ARROW_STREAM] = json!({ "schema": { "type": "string" } });
    }
    let mut responses =
        Map::from_iter([("200".to_owned(), json!({ "description": "Done", "content": content }))]);
    for code in Code::ALL {
        let status = code.status().as_u16().to_string();
        let described = responses.entry(status).or_insert_with(
            || json!({ "description": "", "content": { JSON: { "schema": reference("Fault") } } }),
        );
        let before = described["description"].as_str().unwrap_or_default();
        let gap = if before.is_empty() { "" } else { ", " };
        described["description"] = format!("{before}{gap}{}", code.word()).into();
    }
    responses.into()
}

/// The answers that are the same for all models.
fn answers() -> Map<String, Value> {
    let number = json!({ "type": ["number", "null"] });
    let text = json!({ "type": ["string", "null"] });
    let row = json!({
        "type": "object",
        "properties": {
            "pd": number, "score": number, "grade": text, "segment": text, "amount": number,
            "limit": number, "tier": { "type": "string" }, "strategy": { "type": "string" },
            "model_grade": text, "model_limit": number, "override": { "type": "string" },
            "leaf": { "type": "integer" },
            "distance": number, "margin": number, "novel": { "type": ["boolean", "null"] },
            "reasons": { "type": "array", "items": { "type": "object", "required": ["field", "text"] } },
            "flags": { "type": "array", "items": { "type": "object", "required": ["field", "what"] } },
            "error": { "type": "object", "required": ["cause", "expected"] },
        },
    });
    let rows = json!({ "type": "array", "items": reference("Row") });
    let named = |entries: Value| entries.as_object().cloned().unwrap_or_default();
    named(json!({
        "Row": row,
        "Score": { "allOf": [reference("Row"), { "type": "object", "required": ["model", "flags"] }] },
        "Scores": { "type": "object", "required": ["model", "scored", "rejected", "rows"],
            "properties": { "scored": { "type": "integer" }, "rejected": { "type": "integer" }, "rows": rows } },
        "Predictions": { "type": "object", "required": ["predictions"], "properties": { "predictions": rows } },
        "Fault": { "type": "object", "required": ["error", "code"], "properties": {
            "error": { "type": "string" }, "field": { "type": "string" },
            "id": { "type": ["string", "number", "boolean"] }, "cause": { "type": "string" },
            "code": { "enum": Code::ALL.map(Code::word) } } },
        "InferRequest": { "type": "object", "required": ["inputs"], "properties": {
            "id": { "type": "string" },
            "parameters": { "type": "object", "properties": { "content_type": { "enum": ["pd", null] } } },
            "inputs": { "type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["name", "shape", "datatype", "data"], "properties": {
                    "name": { "type": "string" },
                    "shape": { "description": "[n] or [n, 1]", "type": "array", "minItems": 1, "maxItems": 2,
                        "items": { "type": "integer", "minimum": 0 } },
                    "datatype": { "enum": ["FP64", "FP32", "INT64", "INT32", "BOOL", "BYTES"] },
                    "data": { "type": "array" } } } },
            "outputs": { "type": "array", "items": {
                "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } } } } },
        "InferAnswer": { "type": "object", "required": ["model_name", "model_version", "outputs"] },
    }))
}
