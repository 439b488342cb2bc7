//! The body of the Open Inference Protocol's `infer`: a tensor for each field.
//!
//! Tensors have shape `[n]` or `[n, 1]`. Their data stand in the JSON, or behind it in binary form (the protocol's binary
//! tensor data extension, which tritonclient uses unless told otherwise).

use crate::http::customers::text_of;
use crate::http::fault::Fault;
use crate::http::json_list::list;
use crate::http::keys::Key;
use crate::http::python_json::strict;
use crate::http::scoring::{Bounds, ScoredRequest, Scoring};
use crate::http::served::Served;
use crate::http::tensor_bytes::binary_values;
use axum::body::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The JSON of a request.
#[derive(Deserialize)]
pub(crate) struct InferRequest<'a> {
    /// Given back in the answer.
    #[serde(borrow)]
    pub(crate) id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) inputs: Vec<Input<'a>>,
    /// The outputs that are wanted; all where there is none.
    #[serde(borrow)]
    pub(crate) outputs: Option<Vec<Wanted<'a>>>,
    #[serde(default)]
    pub(crate) parameters: Parameters,
}

/// A tensor.
#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    pub(crate) shape: Vec<u64>,
    #[serde(borrow)]
    datatype: Cow<'a, str>,
    #[serde(default)]
    parameters: Parameters,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// An output that is wanted.
#[derive(Deserialize)]
pub(crate) struct Wanted<'a> {
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
}

/// The parameters that are read; others are passed over.
#[derive(Default, Deserialize)]
pub(crate) struct Parameters {
    /// `pd`: the tensors are columns of a table, as MLServer's clients say.
    pub(crate) content_type: Option<String>,
    binary_data_size: Option<u64>,
}

/// Parses the JSON part of a body.
///
/// # Errors
/// It is not such a request.
pub(crate) fn infer_request(body: &str) -> Result<InferRequest<'_>, Fault> {
    serde_json::from_str(body).map_err(|error| {
        Fault::body(format!(
            "the body is not an inference request, line {} column {}; expected inputs, each with name, shape, datatype \
             and data",
            error.line(),
            error.column()
        ))
    })
}

/// The JSON part of a body, and the binary part behind it. `head` is the length of the first; without it all is JSON.
///
/// # Errors
/// The body is shorter, or the JSON is not text.
pub(crate) fn parts(head: Option<usize>, body: &Bytes) -> Result<(Cow<'_, str>, &[u8]), Fault> {
    let head = head.unwrap_or(body.len());
    if head > body.len() {
        return Err(Fault::body("Inference-Header-Content-Length lies behind the end of the body"));
    }
    let (json, binary) = body.split_at(head);
    Ok((strict(text_of(json)?), binary))
}

/// Scores a body.
///
/// # Errors
/// The body is not such a request, its tensors do not fit each other, or it breaks a bound.
pub(crate) fn score_tensors(
    served: &Served,
    head: Option<usize>,
    body: &Bytes,
    bounds: Bounds,
) -> Result<ScoredRequest, Fault> {
    let (json, mut binary) = parts(head, body)?;
    let request = infer_request(&json)?;
    if let Some(other) = request.parameters.content_type.as_deref().filter(|kind| *kind != "pd") {
        return Err(Fault::body(format!("content_type {other:?} is not read here; expected pd, or none")));
    }
    let mut tensors: Vec<(Key, Tensor<'_>)> = Vec::new();
    let mut rows = None;
    for input in &request.inputs {
        let name = &input.name;
        let key = served.keys.find(name.trim(), usize::MAX);
        if tensors.iter().any(|(other, _)| *other == key) {
            return Err(Fault::body(format!("input `{name}` is given twice")));
        }
        let tensor = tensor(input, &mut binary, bounds.rows)?;
        if *rows.get_or_insert(tensor.rows()) != tensor.rows() {
            return Err(Fault::body(format!("input `{name}` has another length than the first input")));
        }
        // What nobody reads is not kept: a byte of it can take fifty in memory.
        if matches!(key, Key::Field(_) | Key::Id) {
            tensors.push((key, tensor));
        }
    }
    if !binary.is_empty() {
        return Err(Fault::body("there are more bytes behind the JSON than the tensors say"));
    }
    let lists: Vec<(Key, Vec<&RawValue>)> =
        tensors.iter().map(|(key, tensor)| (*key, tensor.values())).collect();
    let mut scoring = Scoring::new(served, bounds);
    scoring.keyed_columns(&lists)?;
    scoring.finish(false)
}

/// The values of a tensor as JSON tokens.
enum Tensor<'a> {
    Json(Vec<&'a RawValue>),
    Binary(Vec<Box<RawValue>>),
}

impl Tensor<'_> {
    fn rows(&self) -> usize {
        match self {
            Tensor::Json(values) => values.len(),
            Tensor::Binary(values) => values.len(),
        }
    }

    fn values(&self) -> Vec<&RawValue> {
        match self {
            Tensor::Json(values) => values.clone(),
            Tensor::Binary(values) => values.iter().map(AsRef::as_ref).collect(),
        }
    }
}

fn tensor<'a>(input: &Input<'a>, binary: &mut &[u8], most_rows: usize) -> Result<Tensor<'a>, Fault> {
    let failed = |what: &str| Fault::body(format!("input `{}`: {what}", input.name));
    let rows = match input.shape[..] {
        [n] | [n, 1] => n,
        _ => return Err(failed("expected the shape [n] or [n, 1], one input for each field")),
    };
    let values = match (input.data, input.parameters.binary_data_size) {
        (Some(data), None) => Tensor::Json(flat(data, most_rows, &failed)?),
        (None, Some(size)) => {
            let size = usize::try_from(size).ok().filter(|size| *size <= binary.len());
            let size = size.ok_or_else(|| failed("the body ends before its binary data"))?;
            let (bytes, rest) = binary.split_at(size);
            *binary = rest;
            Tensor::Binary(binary_values(&input.datatype, bytes, most_rows).map_err(|what| failed(&what))?)
        }
        _ => return Err(failed("expected data, or binary_data_size among its parameters")),
    };
    if values.rows() as u64 != rows {
        return Err(failed("its data have another length than its shape says"));
    }
    Ok(values)
}

/// The values of `[1, 2]` and of `[[1], [2]]`.
fn flat<'a>(
    data: &'a RawValue,
    most_rows: usize,
    failed: &impl Fn(&str) -> Fault,
) -> Result<Vec<&'a RawValue>, Fault> {
    let expected = || failed("expected a list of values as data");
    let outer = list(data.get(), most_rows, |_| expected())?;
    if !outer.iter().any(|value| value.get().starts_with('[')) {
        return Ok(outer);
    }
    let single =
        |value: &'a RawValue| serde_json::from_str::<[&RawValue; 1]>(value.get()).ok().map(|[one]| one);
    outer.into_iter().map(single).collect::<Option<_>>().ok_or_else(expected)
}
