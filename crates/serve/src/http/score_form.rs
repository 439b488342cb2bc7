//! A body of any form through a model: the one way for requests, the challenger, and whoever scores a kept body again.

use crate::http::customers::score_body;
use crate::http::fault::Fault;
use crate::http::invocations::score_invocations;
use crate::http::scoring::{Bounds, ScoredRequest};
use crate::http::served::Served;
use crate::http::settle::Form;
use crate::http::tensors::score_tensors;
use axum::body::Bytes;

/// Scores a body. The same bytes, form and model give the same bits.
///
/// # Errors
/// The body is not what its form says, or breaks a bound.
pub(crate) fn score_form(
    served: &Served,
    form: Form,
    body: &Bytes,
    bounds: Bounds,
) -> Result<ScoredRequest, Fault> {
    match form {
        Form::Customers(kind) => score_body(served, kind, body, bounds),
        Form::Invocations(kind) => score_invocations(served, kind, body, bounds),
        Form::Tensors(head) => score_tensors(served, head, body, bounds),
    }
}
