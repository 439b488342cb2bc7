//! Sections `[agency.NAME]` of a configuration.

use crate::error::ReportsError;
use crate::times::TimeFormat;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An agency: how it is asked, and what its answers mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Agency {
    /// Name of the section, and what stands in the column `agency`.
    pub name: String,
    /// Address of a report; `{customer}` is the customer's id, percent-encoded.
    pub url: String,
    /// Headers: name, environment variable with the value.
    pub headers: Vec<(String, String)>,
    /// Least time of a whole request, answer included, until it is given up.
    pub timeout: Duration,
    /// How often a request is made again after one that may have failed by chance.
    pub retries: u32,
    /// Wait before the first repetition; it doubles each time.
    pub backoff: Duration,
    /// Longest wait before a repetition; where the agency asks for a longer one nobody else is asked.
    pub max_wait: Duration,
    /// Requests at the same time.
    pub in_flight: usize,
    /// Most requests in a second.
    pub per_second: f64,
    /// Most requests in a run; `None` for no limit.
    pub max_requests: Option<u64>,
    /// Most time of a run; `None` for no limit.
    pub max_time: Option<Duration>,
    /// Age, since it was fetched, from which on a report is asked for again.
    pub stale: Duration,
    /// What is done with a stale report that could not be fetched again.
    pub on_failure: OnFailure,
    /// How long "no report" is believed.
    pub missing_for: Duration,
    /// Most bytes of an answer.
    pub max_bytes: u64,
    /// Folder of the cache.
    pub cache: PathBuf,
    /// PEM file of the authorities whose certificates are trusted; `None` for those of the system.
    pub certificates: Option<PathBuf>,
    /// Columns in the order of the output.
    pub columns: Vec<ReportColumn>,
}

/// What becomes of a stale report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It is used; its age is a feature.
    #[default]
    Use,
    /// The customer's reports of this agency are left out.
    Missing,
}

/// A column and where its value stands in an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportColumn {
    /// Name of the column.
    pub name: String,
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What the value is.
    pub kind: ColumnKind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnKind {
    /// A number, or a text that is one.
    Number,
    /// A text; numbers and true or false become one.
    Text,
    /// A date or a moment.
    Time(TimeFormat),
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    agency: BTreeMap<String, Section>,
    #[serde(flatten)]
    _others: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    timeout: Option<String>,
    retries: Option<u32>,
    backoff: Option<String>,
    max_wait: Option<String>,
    in_flight: Option<usize>,
    per_second: Option<f64>,
    max_requests: Option<u64>,
    max_time: Option<String>,
    stale: Option<String>,
    #[serde(default)]
    on_failure: OnFailure,
    missing_for: Option<String>,
    max_bytes: Option<u64>,
    cache: Option<PathBuf>,
    certificates: Option<PathBuf>,
    columns: BTreeMap<String, ColumnSection>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a JSON pointer, or { pointer, kind, format }")]
enum ColumnSection {
    Pointer(String),
    Full(FullColumn),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullColumn {
    pointer: String,
    kind: Option<KindName>,
    format: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Number,
    Text,
    Time,
}

/// Columns that features know, with what they are.
const STANDARD: [(&str, KindName); 8] = [
    ("at", KindName::Time),
    ("score", KindName::Number),
    ("inquiries", KindName::Number),
    ("accounts", KindName::Number),
    ("delinquencies", KindName::Number),
    ("balance", KindName::Number),
    ("credit_limit", KindName::Number),
    ("oldest_account_at", KindName::Time),
];

/// A moment, the end of a date in UTC, or now; `None` of another text.
pub fn moment(text: Option<&str>) -> Option<Timestamp> {
    let Some(text) = text else { return Some(Timestamp::now()) };
    let end = |date: Date| date.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| Some(end(text.parse().ok()?)?.timestamp()))
}

/// The agencies of a configuration, by name. `file` is its name, for messages; relative paths begin at its folder.
///
/// # Errors
/// The text is no TOML, has no `[agency.NAME]`, or one of them has a key or value that there is not.
pub fn agencies(text: &str, file: &Path) -> Result<Vec<Agency>, ReportsError> {
    let name = file.display().to_string();
    let wrong = |why: String| ReportsError::Config { file: name.clone(), why };
    let found: File = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    if found.agency.is_empty() {
        return Err(wrong("there is no section [agency.NAME]: see docs/reports.md".to_owned()));
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let checked = found.agency.into_iter();
    let checked = checked.map(|(agency, section)| section.checked(&Place { file: &name, agency, folder }));
    let all: Vec<Agency> = checked.collect::<Result<_, _>>()?;
    for (at, agency) in all.iter().enumerate() {
        let others = all[..at].iter().flat_map(|other| &other.columns);
        let number = |column: &ReportColumn| column.kind == ColumnKind::Number;
        let differs = |column: &&ReportColumn| {
            others.clone().any(|other| other.name == column.name && number(other) != number(column))
        };
        if let Some(column) = agency.columns.iter().find(differs) {
            let place = Place { file: &name, agency: agency.name.clone(), folder };
            let expected = "the kind that another agency gives this column, or another name";
            return Err(place.wrong("columns", &column.name, expected));
        }
    }
    Ok(all)
}

/// Where a section stands.
struct Place<'a> {
    file: &'a str,
    agency: String,
    folder: &'a Path,
}

impl Place<'_> {
    fn wrong(&self, key: &str, found: impl ToString, expected: &'static str) -> ReportsError {
        let (file, agency) = (self.file.to_owned(), self.agency.clone());
        ReportsError::Setting { file, agency, key: key.to_owned(), found: found.to_string(), expected }
    }

    fn duration(&self, key: &str, given: Option<&str>, usual: &str) -> Result<Duration, ReportsError> {
        let text = given.unwrap_or(usual);
        duration(text)
            .ok_or_else(|| self.wrong(key, text, "a time such as 500ms, 10s, 5m, 12h or 90d, above 0"))
    }

    fn within<T: PartialOrd + ToString + Copy>(
        &self,
        key: &str,
        value: T,
        range: std::ops::RangeInclusive<T>,
        expected: &'static str,
    ) -> Result<T, ReportsError> {
        if range.contains(&value) { Ok(value) } else { Err(self.wrong(key, value, expected)) }
    }
}

/// A whole number with its unit: `ms`, `s`, `m`, `h`, `d`; above 0, up to 36,500 days.
fn duration(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let number: u64 = number.parse().ok()?;
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let found = Duration::from_millis(number.checked_mul(unit)?);
    (!found.is_zero() && found <= Duration::from_secs(36_500 * 86_400)).then_some(found)
}

impl Section {
    fn checked(self, place: &Place<'_>) -> Result<Agency, ReportsError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if place.agency.is_empty() || !place.agency.chars().all(plain) {
            return Err(place.wrong("name", &place.agency, "letters, digits, - and _: it names a file"));
        }
        check_url(&self.url, place)?;
        let time =
            |key: &str, given: &Option<String>, usual: &str| place.duration(key, given.as_deref(), usual);
        let optional = |key: &str, given: &Option<String>| {
            given.as_deref().map(|given| place.duration(key, Some(given), "")).transpose()
        };
        let per_second = self.per_second.unwrap_or(10.0);
        let columns = self.columns.iter().map(|(name, column)| column.checked(name, place));
        let columns: Vec<ReportColumn> = columns.collect::<Result<_, _>>()?;
        if columns.iter().all(|column| column.name == "at") {
            return Err(place.wrong(
                "columns",
                "none",
                "at least one column beside `at`, such as score = \"/score\"",
            ));
        }
        Ok(Agency {
            timeout: time("timeout", &self.timeout, "10s")?,
            retries: place.within("retries", self.retries.unwrap_or(4), 0..=20, "0 to 20")?,
            backoff: time("backoff", &self.backoff, "500ms")?,
            max_wait: time("max_wait", &self.max_wait, "60s")?,
            in_flight: place.within("in_flight", self.in_flight.unwrap_or(4), 1..=64, "1 to 64")?,
            per_second: place.within("per_second", per_second, 0.001..=1000.0, "0.001 to 1000")?,
            max_requests: self.max_requests,
            max_time: optional("max_time", &self.max_time)?,
            stale: time("stale", &self.stale, "90d")?,
            on_failure: self.on_failure,
            missing_for: time("missing_for", &self.missing_for, "30d")?,
            max_bytes: place.within(
                "max_bytes",
                self.max_bytes.unwrap_or(1 << 20),
                1..=1 << 30,
                "1 to 2^30",
            )?,
            cache: place.folder.join(self.cache.unwrap_or_else(|| PathBuf::from("reports-cache"))),
            certificates: self.certificates.map(|file| place.folder.join(file)),
            headers: self.headers.into_iter().collect(),
            url: self.url,
            name: place.agency.clone(),
            columns,
        })
    }
}

/// Encrypted, or to this machine; the customer stands behind the name of the host.
fn check_url(url: &str, place: &Place<'_>) -> Result<(), ReportsError> {
    let expected = "https://HOST/PATH with {customer} in its path or query; http:// only to this machine (127.0.0.1, [::1], localhost)";
    let wrong = || place.wrong("url", url, expected);
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let end = rest.find(['/', '?']).ok_or_else(wrong)?;
    let (authority, behind) = rest.split_at(end);
    let sound = !authority.is_empty() && !authority.contains(['@', '{']) && behind.contains("{customer}");
    if sound && (scheme == "https" || (scheme == "http" && is_local(authority))) {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// Whether `host:port` is this machine.
pub(crate) fn is_local(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(host, "127.0.0.1" | "::1" | "localhost")
}

impl ColumnSection {
    fn checked(&self, name: &str, place: &Place<'_>) -> Result<ReportColumn, ReportsError> {
        let (pointer, kind, format) = match self {
            Self::Pointer(pointer) => (pointer, None, None),
            Self::Full(full) => (&full.pointer, full.kind, full.format.as_deref()),
        };
        let key = format!("columns.{name}");
        if matches!(name, "customer" | "agency" | "known_at") {
            return Err(place.wrong(&key, name, "another name: this column is written by the run itself"));
        }
        if !pointer.starts_with('/') {
            return Err(place.wrong(&key, pointer, "a JSON pointer, which begins with /: /report/score"));
        }
        let standard = STANDARD.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
        let kind = match (standard, kind) {
            (Some(standard), Some(kind)) if standard != kind => {
                return Err(place.wrong(&key, name, "no `kind`, or the one that this standard column has"));
            }
            (standard, kind) => standard.or(kind),
        };
        let kind = match (kind, format) {
            (None, _) => {
                return Err(place.wrong(
                    &key,
                    name,
                    "`kind`: number, text or time, for it is no standard column",
                ));
            }
            (Some(KindName::Time), format) => {
                let format = TimeFormat::of(format.unwrap_or("iso"));
                let expected = "iso, epoch_s, epoch_ms, or a pattern such as %d/%m/%Y";
                ColumnKind::Time(format.ok_or_else(|| place.wrong(&key, name, expected))?)
            }
            (Some(_), Some(_)) => return Err(place.wrong(&key, name, "`format` of times only")),
            (Some(KindName::Number), None) => ColumnKind::Number,
            (Some(KindName::Text), None) => ColumnKind::Text,
        };
        Ok(ReportColumn { name: name.to_owned(), pointer: pointer.clone(), kind })
    }
}
