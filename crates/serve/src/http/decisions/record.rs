//! A decision as the text of a line, and a line read back.
//!
//! Between its place in the chain and its hashes a line says which model scored, by which door and in which form the body came,
//! the body as it came, and what was said of each customer: the same JSON, with the shortest texts of numbers that
//! read back to the same bits, that `/score` answers with.

use crate::http::answer_json;
use crate::http::media::BodyKind;
use crate::http::settle::{Decision, Form};
use axum::body::Bytes;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::Write;

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
    out.extend_from_slice(b",\"customers\":");
    answer_json::rows(&mut out, &served.words, &request.customers);
    out
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

    /// The body as it came; `None` where it cannot be read.
    pub(crate) fn body(&self) -> Option<Bytes> {
        match (&self.body, &self.body_base64) {
            (Some(text), None) => Some(Bytes::copy_from_slice(text.as_bytes())),
            (None, Some(text)) => BASE64_STANDARD.decode(text.as_bytes()).ok().map(Bytes::from),
            _ => None,
        }
    }
}
