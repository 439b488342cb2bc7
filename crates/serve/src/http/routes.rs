//! The paths of the service: who may call each, and what answers.

use crate::http::app::App;
use crate::http::fault::{Code, Fault};
use crate::http::guard::guard;
use crate::http::score_route as score;
use crate::http::{infer_route as infer, info_route as info};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::sync::Arc;

/// Who may call a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody: it tells nothing of models or customers.
    Open,
    /// Holders of any token.
    Read,
    /// Holders of any token; it takes a place among the requests that are scored at once.
    Score,
    /// Holders of an admin token.
    Admin,
}

/// A path and what it is for.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) summary: &'static str,
}

const fn route(method: &'static str, path: &'static str, access: Access, summary: &'static str) -> Route {
    Route { method, path, access, summary }
}

use Access::{Admin, Open, Read, Score};

/// Every path. Metrics name them, `/openapi.json` lists them, and [`router`] answers them.
pub(crate) const ROUTES: [Route; 21] = [
    route("post", "/score", Score, "Score one customer or many with the champion"),
    route("post", "/models/{model}/score", Score, "Score with the version of a model that is in use"),
    route("post", "/models/{model}/versions/{version}/score", Score, "Score with one version of a model"),
    route("get", "/models", Read, "The models in service, their files and problems"),
    route("get", "/models/{model}", Read, "The versions of a model and what they read"),
    route("get", "/v2", Open, "Open Inference Protocol: the server"),
    route("get", "/v2/health/live", Open, "Whether the service runs"),
    route("get", "/v2/health/ready", Open, "Whether the service takes requests"),
    route("get", "/v2/models/{model}", Read, "Open Inference Protocol: what a model takes and gives"),
    route("get", "/v2/models/{model}/ready", Read, "Whether a model takes requests"),
    route("post", "/v2/models/{model}/infer", Score, "Open Inference Protocol: score tensors"),
    route("get", "/v2/models/{model}/versions/{version}", Read, "The same of one version"),
    route("get", "/v2/models/{model}/versions/{version}/ready", Read, "Whether a version takes requests"),
    route("post", "/v2/models/{model}/versions/{version}/infer", Score, "Score tensors with one version"),
    route("post", "/invocations", Score, "MLflow: score with the champion"),
    route("get", "/ping", Open, "MLflow: whether the service takes requests"),
    route("get", "/health", Open, "MLflow: the same"),
    route("get", "/version", Open, "MLflow: the version of this program"),
    route("get", "/metrics", Admin, "Counts for Prometheus"),
    route("get", "/openapi.json", Read, "This service as an OpenAPI document"),
    route("get", "/", Open, "Where to begin"),
];

/// The service.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/score", post(score::champion))
        .route("/models/{model}/score", post(score::model))
        .route("/models/{model}/versions/{version}/score", post(score::version))
        .route("/models", get(info::models))
        .route("/models/{model}", get(info::model))
        .route("/v2", get(infer::server))
        .route("/v2/health/live", get(info::live))
        .route("/v2/health/ready", get(info::ready))
        .route("/v2/models/{model}", get(infer::metadata))
        .route("/v2/models/{model}/ready", get(infer::ready))
        .route("/v2/models/{model}/infer", post(infer::model))
        .route("/v2/models/{model}/versions/{version}", get(infer::version_metadata))
        .route("/v2/models/{model}/versions/{version}/ready", get(infer::version_ready))
        .route("/v2/models/{model}/versions/{version}/infer", post(infer::version))
        .route("/invocations", post(score::invocations))
        .route("/ping", get(info::ready))
        .route("/health", get(info::ready))
        .route("/version", get(info::version))
        .route("/metrics", get(info::metrics))
        .route("/openapi.json", get(info::openapi))
        .route("/", get(info::start))
        .method_not_allowed_fallback(|| async { Fault::new(Code::Method, "this path has another method") })
        .fallback(|| async {
            Fault::new(Code::NotFound, "there is no such path; GET /openapi.json lists them")
        })
        .layer(from_fn_with_state(app.clone(), guard))
        .with_state(app.clone())
}
