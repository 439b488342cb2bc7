//! One request: what came back, and whether asking again can help.

use crate::error::ReportsError;
use crate::settings::{Agency, is_local};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::{Agent, Body, Proxy};

/// What came back.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    /// The body of a report.
    Report(Vec<u8>),
    /// The agency knows nothing of the customer.
    NoReport,
    /// It may go well the next time, not before this wait where the agency names one.
    Again(String, Option<Duration>),
    /// It will not go well the next time.
    Never(String),
    /// It will not go well for any customer.
    Refused(String),
}

/// All but a few characters, so that no id can be taken for a part of the path.
const ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Redirects that are followed, on the same host.
const REDIRECTS: usize = 3;

/// Where systems keep the authorities that they trust.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// Makes requests to one agency.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    url: String,
    headers: HeaderMap,
    max_bytes: u64,
}

impl Client {
    /// With the headers' values from the environment.
    ///
    /// # Errors
    /// A variable is not set, or the certificates cannot be read.
    pub(crate) fn new(agency: &Agency) -> Result<Self, ReportsError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        for (header, variable) in &agency.headers {
            let missing = || ReportsError::Variable {
                agency: agency.name.clone(),
                header: header.clone(),
                variable: variable.clone(),
            };
            let name: HeaderName = header.parse().map_err(|_| missing())?;
            let value = std::env::var(variable).map_err(|_| missing())?;
            let mut value = HeaderValue::from_str(&value).map_err(|_| missing())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let authority = agency.url.split("://").nth(1).unwrap_or_default();
        let config = Agent::config_builder()
            .timeout_global(Some(agency.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections_per_host(agency.in_flight)
            .user_agent(concat!("arrears/", env!("CARGO_PKG_VERSION")));
        // A proxy of the environment is for other machines.
        let local = is_local(authority.split(['/', '?']).next().unwrap_or_default());
        let config = config.proxy(if local { None } else { Proxy::try_from_env() });
        let config = match agency.url.starts_with("https:") {
            true => config.tls_config(tls(agency.certificates.as_deref())?),
            false => config,
        };
        let agent = Agent::new_with_config(config.build());
        Ok(Self { agent, url: agency.url.clone(), headers, max_bytes: agency.max_bytes })
    }

    /// Asks for the report of a customer.
    pub(crate) fn ask(&self, customer: &str) -> Reply {
        let id = utf8_percent_encode(customer, ID).to_string();
        let mut url = self.url.replace("{customer}", &id);
        for _ in 0..=REDIRECTS {
            let mut request = self.agent.get(&url);
            if let Some(headers) = request.headers_mut() {
                headers.extend(self.headers.clone());
            }
            let mut response = match request.call() {
                Ok(response) => response,
                Err(error) => return failed(error),
            };
            if !response.status().is_redirection() {
                return self.answer(&mut response);
            }
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            match to.and_then(|to| redirected(&url, to)) {
                Some(to) => url = to,
                None => return Reply::Never("redirected to another host, which is not followed".to_owned()),
            }
        }
        Reply::Never(format!("redirected more than {REDIRECTS} times"))
    }

    fn answer(&self, response: &mut Response<Body>) -> Reply {
        let status = response.status();
        match status {
            StatusCode::NOT_FOUND | StatusCode::NO_CONTENT | StatusCode::GONE => Reply::NoReport,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Reply::Refused(format!("HTTP {}: the agency refuses the credentials", status.as_u16()))
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => again(status, response),
            _ if status.is_server_error() => again(status, response),
            _ if status.is_success() => {
                match response.body_mut().with_config().limit(self.max_bytes).read_to_vec() {
                    Ok(body) => Reply::Report(body),
                    Err(error) => failed(error),
                }
            }
            _ => Reply::Never(format!("HTTP {}", status.as_u16())),
        }
    }
}

fn again(status: StatusCode, response: &Response<Body>) -> Reply {
    let after = response.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok());
    Reply::Again(format!("HTTP {}", status.as_u16()), after.and_then(|after| wait(after, Timestamp::now())))
}

/// `Retry-After`: seconds, or a date.
fn wait(after: &str, now: Timestamp) -> Option<Duration> {
    let after = after.trim();
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(after).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// What the network did may be otherwise the next time; what the agency says in a way that is no HTTP may not.
fn failed(error: ureq::Error) -> Reply {
    match error {
        ureq::Error::Timeout(_) => Reply::Again("no answer in time".to_owned(), None),
        ureq::Error::HostNotFound => Reply::Again("the host is not known".to_owned(), None),
        ureq::Error::ConnectionFailed => Reply::Again("no connection".to_owned(), None),
        // The kind alone: texts of systems differ, and causes are counted.
        ureq::Error::Io(error) => Reply::Again(format!("connection: {}", error.kind()), None),
        ureq::Error::BodyExceedsLimit(most) => {
            Reply::Never(format!("the answer has more than {most} bytes (max_bytes)"))
        }
        other => Reply::Never(other.to_string()),
    }
}

/// The address that a redirect leads to, where that is on the same host.
fn redirected(from: &str, to: &str) -> Option<String> {
    let from: Uri = from.parse().ok()?;
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    if to.starts_with('/') && !to.starts_with("//") {
        return Some(format!("{scheme}://{authority}{to}"));
    }
    let uri: Uri = to.parse().ok()?;
    (uri.scheme_str() == Some(scheme) && uri.authority() == Some(authority)).then(|| to.to_owned())
}

fn tls(certificates: Option<&Path>) -> Result<TlsConfig, ReportsError> {
    let fail = |why: String| ReportsError::Certificates { why };
    let named =
        certificates.map(Path::to_owned).or_else(|| std::env::var_os("SSL_CERT_FILE").map(PathBuf::from));
    let usual = || BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file());
    let path =
        named.or_else(usual).ok_or_else(|| fail("this system has none in a usual place".to_owned()))?;
    let pem = std::fs::read(&path).map_err(|e| fail(format!("{}: {e}", path.display())))?;
    let mut roots = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) =
            item.map_err(|e| fail(format!("{}: {e}", path.display())))?
        {
            roots.push(certificate);
        }
    }
    if roots.is_empty() {
        return Err(fail(format!("{} holds none", path.display())));
    }
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

#[cfg(test)]
mod tests {
    use super::{redirected, wait};
    use jiff::Timestamp;
    use std::time::Duration;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2015-10-21T07:28:00Z".parse().expect("a moment");
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:27:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
        assert_eq!(wait("-5", now), None);
    }

    #[test]
    fn redirects_stay_on_the_host() {
        let from = "https://a.example:8443/r/1";
        assert_eq!(redirected(from, "/v2/r/1").as_deref(), Some("https://a.example:8443/v2/r/1"));
        assert!(redirected(from, "https://a.example:8443/v2").is_some());
        for other in [
            "http://a.example:8443/v2",
            "https://a.example/v2",
            "https://b.example:8443/",
            "//b.example/",
            "v2",
        ] {
            assert_eq!(redirected(from, other), None, "{other}");
        }
    }
}
