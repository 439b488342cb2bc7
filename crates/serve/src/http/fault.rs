//! Why a request is not answered with scores: one shape of JSON for all routes.
//!
//! `{"error": "<what, and how to mend it>", "code": "<one word>", "field": "<where it is one field>"}`.
//! No value of any customer is repeated in it.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use std::borrow::Cow;

/// What went wrong, in a word that programs can count and compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Code {
    /// The body is not what its content type says.
    BadBody,
    /// A header or query parameter cannot be used.
    BadRequest,
    /// Fields of the model stand in no row.
    AbsentFields,
    /// The one customer cannot be scored.
    Refused,
    /// The body has too many bytes.
    TooLarge,
    /// The body has too many customers.
    TooManyRows,
    /// The content type is not read here.
    UnsupportedMedia,
    /// The body did not come, or was not scored, in time.
    Timeout,
    /// Too many requests at once.
    Busy,
    /// No known token.
    Unauthorized,
    /// The token's role does not reach here.
    Forbidden,
    /// No such model or version.
    NoModel,
    /// No such path.
    NotFound,
    /// The path has other methods.
    Method,
    /// The service is stopping.
    Stopping,
    /// The decision log cannot be written.
    NotRecorded,
    /// A defect of the service.
    Internal,
}

impl Code {
    pub(crate) const ALL: [Code; 17] = [
        Code::BadBody,
        Code::BadRequest,
        Code::AbsentFields,
        Code::Refused,
        Code::TooLarge,
        Code::TooManyRows,
        Code::UnsupportedMedia,
        Code::Timeout,
        Code::Busy,
        Code::Unauthorized,
        Code::Forbidden,
        Code::NoModel,
        Code::NotFound,
        Code::Method,
        Code::Stopping,
        Code::NotRecorded,
        Code::Internal,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Code::BadBody => "bad_body",
            Code::BadRequest => "bad_request",
            Code::AbsentFields => "absent_fields",
            Code::Refused => "refused",
            Code::TooLarge => "too_large",
            Code::TooManyRows => "too_many_rows",
            Code::UnsupportedMedia => "unsupported_media_type",
            Code::Timeout => "timeout",
            Code::Busy => "busy",
            Code::Unauthorized => "unauthorized",
            Code::Forbidden => "forbidden",
            Code::NoModel => "no_model",
            Code::NotFound => "not_found",
            Code::Method => "method_not_allowed",
            Code::Stopping => "stopping",
            Code::NotRecorded => "not_recorded",
            Code::Internal => "internal",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Code::BadBody | Code::BadRequest => StatusCode::BAD_REQUEST,
            Code::AbsentFields | Code::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            Code::TooLarge | Code::TooManyRows => StatusCode::PAYLOAD_TOO_LARGE,
            Code::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::Timeout => StatusCode::REQUEST_TIMEOUT,
            Code::Busy => StatusCode::TOO_MANY_REQUESTS,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NoModel | Code::NotFound => StatusCode::NOT_FOUND,
            Code::Method => StatusCode::METHOD_NOT_ALLOWED,
            Code::Stopping | Code::NotRecorded => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A request that gets no scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: Cow<'static, str>,
    pub(crate) field: Option<String>,
    /// Of a single customer that is refused: the id as a JSON token, and why in a word.
    pub(crate) customer: (Option<Box<str>>, Option<&'static str>),
}

impl Fault {
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Fault { code, message: message.into(), field: None, customer: (None, None) }
    }

    pub(crate) fn body(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(Code::BadBody, message)
    }

    /// The answer; its extensions hold the [`Code`], to be counted.
    pub(crate) fn response(&self) -> Response<Body> {
        let mut text = serde_json::json!({ "error": self.message, "code": self.code.word() });
        if let Some(field) = &self.field {
            text["field"] = field.as_str().into();
        }
        let (id, cause) = &self.customer;
        if let Some(cause) = cause {
            text["cause"] = (*cause).into();
        }
        if let Some(id) = id {
            // Ids are tokens of a body that was parsed.
            text["id"] = serde_json::from_str(id).unwrap_or_default();
        }
        let mut response = Response::new(Body::from(text.to_string()));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.code {
            Code::Busy | Code::Stopping | Code::NotRecorded => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Code::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // What is left of the body is not read, so the connection cannot be used again.
            Code::TooLarge | Code::Timeout => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response.extensions_mut().insert(self.code);
        response
    }
}

impl axum::response::IntoResponse for Fault {
    fn into_response(self) -> Response<Body> {
        self.response()
    }
}
