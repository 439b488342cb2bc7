//! What the service says of itself and its models.

use crate::http::app::App;
use crate::http::decisions::DecisionLog;
use crate::http::fault::{Code, Fault};
use crate::http::media::JSON;
use crate::http::metrics_text::metrics_text;
use crate::http::openapi::document;
use crate::http::registry::Snapshot;
use crate::http::served::Served;
use arrears_model::Kind;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

type Answer = Result<Response<Body>, Fault>;

/// Content type of Prometheus' text format.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An answer of a media type.
pub(crate) fn text(media: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

pub(crate) async fn live() -> Response<Body> {
    text(JSON, json!({ "live": true }).to_string())
}

/// Ready until the service is told to stop, and while decisions can be written down: no new requests are sent to it else.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Answer {
    if app.stopping.load(Relaxed) {
        return Err(Fault::new(Code::Stopping, "the service is stopping"));
    }
    app.decisions.as_ref().map_or(Ok(()), DecisionLog::ready)?;
    Ok(text(JSON, json!({ "ready": true }).to_string()))
}

pub(crate) async fn version() -> Response<Body> {
    text("text/plain", env!("CARGO_PKG_VERSION").to_owned())
}

pub(crate) async fn start() -> Response<Body> {
    let links = json!({
        "service": "arrears",
        "version": env!("CARGO_PKG_VERSION"),
        "score": "POST /score",
        "models": "/models",
        "documentation": "/openapi.json",
    });
    text(JSON, links.to_string())
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response<Body> {
    text(PROMETHEUS, metrics_text(&app))
}

pub(crate) async fn openapi(State(app): State<Arc<App>>) -> Response<Body> {
    text(JSON, document(&app.registry.now(), app.tokens.is_some()).to_string())
}

pub(crate) async fn models(State(app): State<Arc<App>>) -> Response<Body> {
    let now = app.registry.now();
    let models: Vec<Value> = now.models.iter().map(|served| brief(&now, served)).collect();
    let problems: Vec<Value> =
        now.problems.iter().map(|problem| json!({ "file": problem.file, "why": problem.what })).collect();
    text(JSON, json!({ "models": models, "problems": problems }).to_string())
}

pub(crate) async fn model(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    let used = app.model(&name, None)?;
    let now = app.registry.now();
    let named = now.models.iter().filter(|served| served.model.name == name);
    let versions: Vec<Value> = named
        .map(|served| {
            let mut version = brief(&now, served);
            version["id"] = json!(served.model.schema.id);
            version["fields"] = served.model.schema.inputs().map(field).collect();
            version["grades"] = served.model.grades.iter().map(|g| Value::from(g.name.as_str())).collect();
            version["segments"] = json!(served.model.segment_names());
            version
        })
        .collect();
    let body = json!({ "name": name, "version_in_use": used.model.version, "versions": versions });
    Ok(text(JSON, body.to_string()))
}

fn brief(now: &Snapshot, served: &Arc<Served>) -> Value {
    let model = &served.model;
    json!({
        "name": model.name,
        "version": model.version,
        "kind": model.kind.to_string(),
        "checksum": model.checksum(),
        "alias": now.alias(served),
    })
}

fn field(field: &arrears_model::Field) -> Value {
    match &field.kind {
        Kind::Number { min, max, .. } => {
            json!({ "name": field.name, "type": "number", "min": min, "max": max, "reason": field.reason })
        }
        Kind::Category { categories, .. } => {
            json!({ "name": field.name, "type": "category", "categories": categories, "reason": field.reason })
        }
    }
}

impl Snapshot {
    /// `champion`, `challenger`, or none.
    pub(crate) fn alias(&self, served: &Arc<Served>) -> Option<&'static str> {
        let is = |chosen: &Option<Arc<Served>>| chosen.as_ref().is_some_and(|c| Arc::ptr_eq(c, served));
        match (is(&self.chosen.champion), is(&self.chosen.challenger)) {
            (true, _) => Some("champion"),
            (_, true) => Some("challenger"),
            _ => None,
        }
    }
}
