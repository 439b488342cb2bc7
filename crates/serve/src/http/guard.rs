//! What every request passes: who calls, whether there is a place, and afterwards the counts.

use crate::http::access_log::Told;
use crate::http::app::App;
use crate::http::fault::{Code, Fault};
use crate::http::limits::Place;
use crate::http::metrics::NO_ROUTE;
use crate::http::routes::{Access, ROUTES};
use crate::http::tokens::{Caller, Role};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Response};
use axum::middleware::Next;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) async fn guard(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<axum::body::Body> {
    let start = Instant::now();
    let path = request.extensions().get::<MatchedPath>();
    let route =
        path.and_then(|path| ROUTES.iter().position(|route| route.path == path.as_str())).unwrap_or(NO_ROUTE);
    let (response, caller) = match app.admit(route, request.headers()) {
        Ok((caller, _place)) => (next.run(request).await, caller),
        Err(fault) => (fault.response(), None),
    };
    app.account(route, &response, caller, start.elapsed());
    response
}

impl App {
    /// Whether a request may come in, and its place where it is one that scores.
    fn admit(&self, route: usize, headers: &HeaderMap) -> Result<(Option<Caller>, Option<Place>), Fault> {
        // What is no path needs a token too, so that paths cannot be tried out without one.
        let access = ROUTES.get(route).map_or(Access::Read, |route| route.access);
        let caller = match (&self.tokens, access) {
            (None, _) | (_, Access::Open) => None,
            (Some(tokens), Access::Read | Access::Score) => Some(tokens.caller(headers, Role::Score)?),
            (Some(tokens), Access::Admin) => Some(tokens.caller(headers, Role::Admin)?),
        };
        let place = if access == Access::Score { Some(self.gate.enter()?) } else { None };
        Ok((caller, place))
    }

    fn account(
        &self,
        route: usize,
        response: &Response<axum::body::Body>,
        caller: Option<Caller>,
        took: Duration,
    ) {
        let status = response.status().as_u16();
        let fault = response.extensions().get::<Code>().copied();
        self.metrics.answered(route, status, fault, took);
        if self.access.is_none() {
            return;
        }
        let told = response.extensions().get::<Told>();
        self.log.info(
            "request",
            json!({
                "route": ROUTES.get(route).map_or("other", |route| route.path),
                "status": status,
                "code": fault.map(Code::word),
                "microseconds": took.as_micros() as u64,
                "caller": caller.map(|caller| caller.0.to_string()),
                "model": told.map(|told| told.model.as_str()),
                "rows": told.map(|told| told.rows),
                "ids": told.map(|told| &told.ids).filter(|ids| !ids.is_empty()),
            }),
        );
    }
}
