//! `POST /score` and its kin, and MLflow's `/invocations`: from request to answer.

use crate::http::answer_json;
use crate::http::answer_table::{to_arrow, to_csv};
use crate::http::app::App;
use crate::http::decisions::record::record;
use crate::http::fault::{Code, Fault};
use crate::http::invocations::predictions;
use crate::http::limits::Received;
use crate::http::media::{AnswerKind, BodyKind, JSON};
use crate::http::outcome::Outcome;
use crate::http::score_form::score_form;
use crate::http::scoring::{Bounds, ScoredRequest};
use crate::http::served::Served;
use crate::http::settle::{Decision, Form};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use std::sync::Arc;

type Answer = Result<Response<Body>, Fault>;

pub(crate) async fn champion(State(app): State<Arc<App>>, request: Request) -> Answer {
    let served = app.champion()?;
    score(app, served, request).await
}

pub(crate) async fn model(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Answer {
    let served = app.model(&name, None)?;
    score(app, served, request).await
}

pub(crate) async fn version(
    State(app): State<Arc<App>>,
    Path((name, version)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let served = app.model(&name, Some(&version))?;
    score(app, served, request).await
}

pub(crate) async fn invocations(State(app): State<Arc<App>>, request: Request) -> Answer {
    let served = app.champion()?;
    let form = Form::Invocations(BodyKind::of(request.headers())?);
    answer(app, served, request, form, |served, _, request| {
        Ok((JSON, predictions(&served.words, &request.customers)))
    })
    .await
}

async fn score(app: Arc<App>, served: Arc<Served>, request: Request) -> Answer {
    let form = Form::Customers(BodyKind::of(request.headers())?);
    let wanted = AnswerKind::of(request.headers());
    answer(app, served, request, form, move |served, _, request| {
        let bytes = match (wanted, &request.customers[..]) {
            (AnswerKind::Json, [customer]) if request.single => {
                if let Outcome::Failed(fault) = &customer.outcome {
                    let (field, cause) = (fault.field.clone(), Some(fault.cause.word()));
                    let customer = (customer.id.clone(), cause);
                    return Err(Fault { field, customer, ..Fault::new(Code::Refused, fault.sentence()) });
                }
                answer_json::one(&served.words, customer)
            }
            (AnswerKind::Json, customers) => answer_json::many(&served.words, customers),
            (AnswerKind::Csv, customers) => to_csv(served, customers)?,
            (AnswerKind::Arrow, customers) => to_arrow(served, customers)?,
        };
        Ok((wanted.media(), bytes))
    })
    .await
}

/// What is written as answer: its media type and bytes.
pub(crate) type Written = (&'static str, Vec<u8>);

/// Receives the body, scores it, has the answer written, settles, answers. A large body is scored on a thread of its own,
/// so that it keeps no other request waiting.
pub(crate) async fn answer(
    app: Arc<App>,
    served: Arc<Served>,
    request: Request,
    form: Form,
    write: impl Fn(&Served, &Bytes, &ScoredRequest) -> Result<Written, Fault> + Send + 'static,
) -> Answer {
    let (parts, body) = request.into_parts();
    let absent_is_missing = absent_is_missing(parts.uri.query())?;
    let Received { bytes, batch, deadline } = app.gate.receive(body).await?;
    let overriding = app.registry.overriding(&served);
    let bounds = Bounds { rows: app.gate.limits.rows, deadline, absent_is_missing, overriding };
    let recorded = app.decisions.is_some();
    let work = move || decide(served, form, bytes, bounds, recorded, write);
    let (decision, written, record) = match batch {
        None => work()?,
        Some(place) => {
            let scored = tokio::task::spawn_blocking(move || (work(), place)).await;
            let internal =
                |_| Fault::new(Code::Internal, "scoring broke off; this is a defect, please report it");
            scored.map_err(internal)?.0?
        }
    };
    let told = app.access.as_ref().map(|log| log.told(decision.served.full_name(), &decision.request));
    app.settle(decision, record, deadline).await?;
    let (media, bytes) = written?;
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Some(told) = told {
        response.extensions_mut().insert(told);
    }
    Ok(response)
}

/// A decision, its answer, and its line for the log where there is one.
type Decided = (Decision, Result<Written, Fault>, Option<Vec<u8>>);

/// Scores a body and writes the answer; a refused single customer is a decision too.
fn decide(
    served: Arc<Served>,
    form: Form,
    body: Bytes,
    bounds: Bounds,
    recorded: bool,
    write: impl Fn(&Served, &Bytes, &ScoredRequest) -> Result<Written, Fault>,
) -> Result<Decided, Fault> {
    let request = score_form(&served, form, &body, bounds.clone())?;
    let written = write(&served, &body, &request);
    let status = written.as_ref().map_or_else(|fault| fault.code.status(), |_| StatusCode::OK);
    let decision = Decision { served, form, body, bounds, request };
    let record = recorded.then(|| record(&decision, status.as_u16()));
    Ok((decision, written, record))
}

/// What the query says of fields that stand in no row.
fn absent_is_missing(query: Option<&str>) -> Result<bool, Fault> {
    match query {
        None | Some("") | Some("absent=error") => Ok(false),
        Some("absent=missing") => Ok(true),
        Some(_) => Err(Fault::new(Code::BadRequest, "expected no query, ?absent=error or ?absent=missing")),
    }
}

impl App {
    /// The model of `/score`.
    ///
    /// # Errors
    /// There are several models, and none is the champion.
    pub(crate) fn champion(&self) -> Result<Arc<Served>, Fault> {
        self.registry.now().chosen.champion.clone().ok_or_else(|| {
            Fault::new(
                Code::NoModel,
                "there are several models and no champion; name one in serving.toml, or score with \
                 /models/{model}/score",
            )
        })
    }

    /// A model by name and version.
    ///
    /// # Errors
    /// It is not in service.
    pub(crate) fn model(&self, name: &str, version: Option<&str>) -> Result<Arc<Served>, Fault> {
        let none = || Fault::new(Code::NoModel, "there is no such model or version; GET /models lists them");
        self.registry.now().find(name, version).cloned().ok_or_else(none)
    }
}
