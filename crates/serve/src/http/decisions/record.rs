//! A decision as the text of a line, and a line read back.
//!
//! Between its place in the chain and its hashes a line says which model scored, by which door and in which form the body came,
//! the body as it came, and what was said of each customer: the same JSON, with the shortest texts of numbers that
//! read back to the same bits, that `/score` answers with.

use crate::http::answer_json;
use crate::http::media::BodyKind;
use crate::http::overriding::Overriding;
use crate::http::settle::{Decision, Form};
use crate::overrides::Holding;
use arrears_model::Model;
use axum::body::Bytes;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

/// The words of a form: door, content, and the length of the JSON part of tensors.
fn words(form: Form) -> (&'static str, &'static str, Option<usize>) {
    let content = |kind| KINDS.into_iter().find(|(known, _)| *known == kind).map_or("json", |(_, word)| word);
    match form {
        Form::Customers(kind) => ("score", content(kind), None),
        Form::Tensors(head) => ("infer", "json", head),
        Form::Invocations(kind) => ("invocations", content(kind), None),
    }
}

const KINDS: [(BodyKind, &str); 4] = [
    (BodyKind::Json, "json"),
    (BodyKind::Ndjson, "ndjson"),
    (BodyKind::Csv, "csv"),
    (BodyKind::Arrow, "arrow"),
];

/// The members of a line but for its place in the chain; `status` is that of the answer.
pub(crate) fn record(decision: &Decision, status: u16) -> Vec<u8> {
    let Decision { served, form, body, bounds, request } = decision;
    let mut out = Vec::with_capacity(512 + body.len() + body.len() / 4 + 384 * request.customers.len());
    let (door, content, head) = words(*form);
    out.extend_from_slice(b"\"model\":{\"name\":");
    json(&mut out, &served.model.name);
    out.extend_from_slice(b",\"version\":");
    json(&mut out, &served.model.version);
    // Writing to a Vec does not fail.
    let _ = write!(
        out,
        r#","sha256":"{}"}},"door":"{door}","content":"{content}","absent":"{}","status":{status},"#,
        served.model.sha256(),
        if bounds.absent_is_missing { "missing" } else { "error" },
    );
    if let Some(head) = head {
        let _ = write!(out, "\"head\":{head},");
    }
    match std::str::from_utf8(body) {
        Ok(text) => {
            out.extend_from_slice(b"\"body\":");
            json(&mut out, text);
        }
        Err(_) => {
            let _ = write!(out, "\"body_base64\":\"{}\"", BASE64_STANDARD.encode(body));
        }
    }
    overrides(&mut out, decision);
    out.extend_from_slice(b",\"customers\":");
    answer_json::rows(&mut out, &served.words, &request.customers);
    out
}

/// What people set for customers of a request, where they did: without it the answer could not be made again.
fn overrides(out: &mut Vec<u8>, Decision { served, request, .. }: &Decision) {
    let changed = request.customers.iter().enumerate();
    let changed = changed.filter_map(|(at, customer)| Some((at, &customer.outcome.overridden()?.by)));
    let lines: Vec<RecordedOverride<'_>> = changed
        .map(|(customer, Holding { grade, limit, why, .. })| RecordedOverride {
            customer,
            grade: grade.map(|at| served.model.grades[at as usize].name.as_str().into()),
            limit: *limit,
            why: why.as_str().into(),
        })
        .collect();
    if !lines.is_empty() {
        out.extend_from_slice(b",\"overrides\":");
        // Writing to a Vec does not fail.
        let _ = serde_json::to_writer(out, &lines);
    }
}

/// What people set for one customer of a request.
#[derive(Serialize, Deserialize)]
struct RecordedOverride<'a> {
    /// Position in the body, from 0.
    customer: usize,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    grade: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<f64>,
    #[serde(borrow)]
    why: Cow<'a, str>,
}

fn json(out: &mut Vec<u8>, text: &str) {
    // Writing to a Vec does not fail.
    let _ = serde_json::to_writer(out, text);
}

/// A decision read back.
#[derive(Deserialize)]
pub(crate) struct Recorded<'a> {
    #[serde(borrow)]
    pub(crate) time: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) model: RecordedModel<'a>,
    #[serde(borrow)]
    door: Cow<'a, str>,
    #[serde(borrow)]
    content: Cow<'a, str>,
    head: Option<usize>,
    #[serde(borrow)]
    absent: Cow<'a, str>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(borrow)]
    body_base64: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    overrides: Vec<RecordedOverride<'a>>,
    /// What was said of each customer.
    #[serde(borrow)]
    pub(crate) customers: &'a RawValue,
}

/// The model of a decision.
#[derive(Deserialize)]
pub(crate) struct RecordedModel<'a> {
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) version: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) sha256: Cow<'a, str>,
}

impl<'a> Recorded<'a> {
    /// Reads a line; `None` where it is no decision.
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    /// How the body is read; `None` for words that this version does not know.
    pub(crate) fn form(&self) -> Option<Form> {
        let kind = KINDS.into_iter().find(|(_, word)| *word == self.content).map(|(kind, _)| kind)?;
        match self.door.as_ref() {
            "score" => Some(Form::Customers(kind)),
            "infer" => Some(Form::Tensors(self.head)),
            "invocations" => Some(Form::Invocations(kind)),
            _ => None,
        }
    }

    /// Whether fields that stand in no row count as missing; `None` for a word that this version does not know.
    pub(crate) fn absent_is_missing(&self) -> Option<bool> {
        match self.absent.as_ref() {
            "missing" => Some(true),
            "error" => Some(false),
            _ => None,
        }
    }

    /// What people set for customers, where they did.
    ///
    /// # Errors
    /// The model has no such grade.
    pub(crate) fn overriding(&self, model: &Model) -> Result<Option<Overriding>, String> {
        let holding = |of: &RecordedOverride<'_>| {
            let grade = of.grade.as_ref().map(|name| {
                let at = model.grades.iter().position(|grade| grade.name == *name);
                at.map(|at| at as u32).ok_or_else(|| format!("its model has no grade {name:?}"))
            });
            Ok((of.customer, Holding::recorded(grade.transpose()?, of.limit, of.why.to_string())))
        };
        let line = self.overrides.iter().map(holding).collect::<Result<BTreeMap<_, _>, String>>()?;
        Ok((!line.is_empty()).then(|| Overriding::Line(Arc::new(line))))
    }

    /// The body as it came; `None` where it cannot be read.
    pub(crate) fn body(&self) -> Option<Bytes> {
        match (&self.body, &self.body_base64) {
            (Some(text), None) => Some(Bytes::copy_from_slice(text.as_bytes())),
            (None, Some(text)) => BASE64_STANDARD.decode(text.as_bytes()).ok().map(Bytes::from),
            _ => None,
        }
    }
}
