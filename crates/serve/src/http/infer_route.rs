//! The Open Inference Protocol, version 2, over HTTP.

use crate::http::app::App;
use crate::http::fault::{Code, Fault};
use crate::http::info_route::text;
use crate::http::media::{BodyKind, JSON};
use crate::http::score_route::answer;
use crate::http::served::Served;
use crate::http::settle::Form;
use crate::http::tensor_answer::{tensors_answer, tensors_of};
use arrears_model::Kind;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Response<Body>, Fault>;

/// Length of the JSON part, where binary tensors stand behind it.
const HEAD_LENGTH: &str = "inference-header-content-length";

pub(crate) async fn server() -> Response<Body> {
    let body = json!({ "name": "arrears", "version": env!("CARGO_PKG_VERSION"), "extensions": [] });
    text(JSON, body.to_string())
}

pub(crate) async fn metadata(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    metadata_of(&app, &name, None)
}

pub(crate) async fn version_metadata(
    State(app): State<Arc<App>>,
    Path((name, version)): Path<(String, String)>,
) -> Answer {
    metadata_of(&app, &name, Some(&version))
}

pub(crate) async fn ready(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    ready_of(&app, &name, None)
}

pub(crate) async fn version_ready(
    State(app): State<Arc<App>>,
    Path((name, version)): Path<(String, String)>,
) -> Answer {
    ready_of(&app, &name, Some(&version))
}

pub(crate) async fn model(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Answer {
    let served = app.model(&name, None)?;
    infer(app, served, request).await
}

pub(crate) async fn version(
    State(app): State<Arc<App>>,
    Path((name, version)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let served = app.model(&name, Some(&version))?;
    infer(app, served, request).await
}

async fn infer(app: Arc<App>, served: Arc<Served>, request: Request) -> Answer {
    let head = match request.headers().get(HEAD_LENGTH) {
        None => {
            BodyKind::of(request.headers())?;
            None
        }
        Some(length) => {
            let length = length.to_str().ok().and_then(|text| text.parse().ok());
            Some(length.ok_or_else(|| {
                Fault::new(Code::BadRequest, "Inference-Header-Content-Length: expected a whole number")
            })?)
        }
    };
    answer(app, served, request, Form::Tensors(head), move |served, body, request| {
        Ok((JSON, tensors_answer(served, head, body, &request.customers)?))
    })
    .await
}

fn metadata_of(app: &App, name: &str, version: Option<&str>) -> Answer {
    let served = app.model(name, version)?;
    let now = app.registry.now();
    let versions = match version {
        Some(version) => vec![version],
        None => now.versions(name),
    };
    let tensor = |name: &str, datatype: &str| json!({ "name": name, "datatype": datatype, "shape": [-1] });
    let fields = served.model.schema.inputs();
    let inputs: Vec<Value> = fields
        .map(|field| match field.kind {
            Kind::Number { .. } => tensor(&field.name, "FP64"),
            Kind::Category { .. } => tensor(&field.name, "BYTES"),
        })
        .collect();
    let outputs: Vec<Value> =
        tensors_of(&served, &[]).iter().map(|(name, tensor_of)| tensor(name, tensor_of.datatype())).collect();
    let body = json!({
        "name": name, "versions": versions, "platform": "arrears", "inputs": inputs, "outputs": outputs,
    });
    Ok(text(JSON, body.to_string()))
}

fn ready_of(app: &App, name: &str, version: Option<&str>) -> Answer {
    let served = app.model(name, version)?;
    Ok(text(JSON, json!({ "name": served.model.name, "ready": true }).to_string()))
}
