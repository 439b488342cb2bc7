//! What a body is, and what its answer is to be.

use crate::http::fault::{Code, Fault};
use axum::http::{HeaderMap, header};

/// The kinds of body with customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// `application/json`: an object, an array of objects, or `{"rows": [...]}`.
    Json,
    /// `application/x-ndjson`: an object a line.
    Ndjson,
    /// `text/csv`, with a header line.
    Csv,
    /// `application/vnd.apache.arrow.stream`.
    Arrow,
}

/// The kinds of answer with scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    Json,
    Csv,
    Arrow,
}

/// Media type of an Arrow IPC stream, as IANA has it.
pub(crate) const ARROW_STREAM: &str = "application/vnd.apache.arrow.stream";
pub(crate) const CSV: &str = "text/csv";
pub(crate) const JSON: &str = "application/json";
pub(crate) const NDJSON: &str = "application/x-ndjson";

impl BodyKind {
    /// By content type; JSON where there is none.
    ///
    /// # Errors
    /// Another content type, or a content encoding.
    pub(crate) fn of(headers: &HeaderMap) -> Result<BodyKind, Fault> {
        if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(Fault::new(Code::UnsupportedMedia, "send the body without a content encoding"));
        }
        let Some(named) = headers.get(header::CONTENT_TYPE) else { return Ok(BodyKind::Json) };
        let named = named.to_str().unwrap_or_default();
        let media = named.split(';').next().unwrap_or_default().trim();
        let known = [
            (JSON, BodyKind::Json),
            (CSV, BodyKind::Csv),
            (ARROW_STREAM, BodyKind::Arrow),
            (NDJSON, BodyKind::Ndjson),
            ("application/ndjson", BodyKind::Ndjson),
            ("application/jsonl", BodyKind::Ndjson),
            // What curl sends where nobody says otherwise.
            ("application/x-www-form-urlencoded", BodyKind::Json),
        ];
        known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(media)).map(|(_, kind)| kind).ok_or_else(
            || {
                let most = "expected the content type application/json, application/x-ndjson, text/csv or \
                            application/vnd.apache.arrow.stream";
                Fault::new(Code::UnsupportedMedia, most)
            },
        )
    }
}

impl AnswerKind {
    /// The first kind that `Accept` names; JSON where it names none.
    pub(crate) fn of(headers: &HeaderMap) -> AnswerKind {
        let Some(accept) = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()) else {
            return AnswerKind::Json;
        };
        let named = accept.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
        let kinds = named.filter_map(|media| match media {
            JSON => Some(AnswerKind::Json),
            CSV => Some(AnswerKind::Csv),
            ARROW_STREAM => Some(AnswerKind::Arrow),
            _ => None,
        });
        kinds.into_iter().next().unwrap_or(AnswerKind::Json)
    }

    pub(crate) fn media(self) -> &'static str {
        match self {
            AnswerKind::Json => JSON,
            AnswerKind::Csv => CSV,
            AnswerKind::Arrow => ARROW_STREAM,
        }
    }
}
