//! The counts in Prometheus' text format.

use crate::http::app::App;
use crate::http::decisions::log_counts::LogCounts;
use crate::http::metrics::BUCKETS;
use crate::http::registry::Snapshot;
use std::fmt::{Display, Write as _};
use std::sync::atomic::Ordering::Relaxed;

/// A page of metrics that is being written.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let mut text = String::new();
        for (label, value) in labels {
            let gap = if text.is_empty() { "" } else { "," };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(text, "{gap}{label}=\"{value}\"");
        }
        let labels = if text.is_empty() { text } else { format!("{{{text}}}") };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }
}

/// All counts of a service.
pub(crate) fn metrics_text(app: &App) -> String {
    let now = app.registry.now();
    let mut page = Page::default();
    requests(&mut page, app);
    models(&mut page, app, &now);
    scores(&mut page, &now);
    drift(&mut page, &now);
    shadow(&mut page, app);
    app.decisions.iter().for_each(|log| decisions(&mut page, &log.counts));
    page.0
}

fn decisions(page: &mut Page, counts: &LogCounts) {
    for (name, help, count) in [
        ("arrears_decision_log_lines_total", "Decisions written to the log.", &counts.lines),
        ("arrears_decision_log_bytes_total", "Bytes of their lines.", &counts.bytes),
        (
            "arrears_decision_log_failures_total",
            "Writes to the log that failed, and tries to begin again.",
            &counts.failures,
        ),
        (
            "arrears_decision_log_refused_total",
            "Requests without an answer because of that.",
            &counts.refused,
        ),
    ] {
        page.single(name, "counter", help, count.load(Relaxed));
    }
    let ready = u8::from(!counts.failing.load(Relaxed));
    page.single(
        "arrears_decision_log_ready",
        "gauge",
        "1 while decisions can be written down, else 0.",
        ready,
    );
    let (name, help) = ("arrears_decision_log_sync_seconds", "Time of the fsync of each write to the log.");
    page.family(name, "histogram", help);
    histogram(page, name, &[], &counts.syncs());
}

/// A histogram over the latency buckets: counts by bucket, and the seconds of all.
fn histogram(page: &mut Page, name: &str, labels: &[(&str, &str)], (buckets, seconds): &(Vec<u64>, f64)) {
    let (all, mut up_to): (u64, u64) = (buckets.iter().sum(), 0);
    let bucket = format!("{name}_bucket");
    for (most, count) in BUCKETS.iter().zip(buckets) {
        up_to += count;
        page.sample(&bucket, &[labels, &[("le", &(*most as f64 / 1e6).to_string())]].concat(), up_to);
    }
    page.sample(&bucket, &[labels, &[("le", "+Inf")]].concat(), all);
    page.sample(&format!("{name}_sum"), labels, seconds);
    page.sample(&format!("{name}_count"), labels, all);
}

fn requests(page: &mut Page, app: &App) {
    page.family("arrears_requests_total", "counter", "Answered requests by route and status.");
    for (route, counts) in app.metrics.routes() {
        for (status, count) in counts.statuses().filter(|(_, count)| *count > 0) {
            let status = if status == 0 { "other".to_owned() } else { status.to_string() };
            page.sample("arrears_requests_total", &[("route", route), ("status", &status)], count);
        }
    }
    let name = "arrears_request_seconds";
    page.family(name, "histogram", "Time from the head of a request to its answer.");
    for (route, counts) in app.metrics.routes() {
        let latency = counts.latency();
        if latency.0.iter().any(|count| *count > 0) {
            histogram(page, name, &[("route", route)], &latency);
        }
    }
    page.family("arrears_refused_total", "counter", "Requests without scores by cause.");
    for (code, count) in app.metrics.faults() {
        page.sample("arrears_refused_total", &[("cause", code.word())], count);
    }
    let under_way = app.gate.under_way();
    page.single("arrears_requests_under_way", "gauge", "Requests that are being scored.", under_way);
    let batches = app.gate.batches_under_way();
    page.single("arrears_batches_under_way", "gauge", "Of these, requests with a large body.", batches);
}

fn models(page: &mut Page, app: &App, now: &Snapshot) {
    page.family("arrears_model_info", "gauge", "The models in service.");
    for served in &now.models {
        let model = &served.model;
        let alias = now.alias(served).unwrap_or("");
        let labels = [
            ("model", model.name.as_str()),
            ("version", &model.version),
            ("checksum", model.checksum()),
            ("alias", alias),
        ];
        page.sample("arrears_model_info", &labels, 1);
    }
    let problems = now.problems.len();
    page.single("arrears_model_problems", "gauge", "Files that are not in service as they stand.", problems);
    let reloads = app.metrics.reloads.load(Relaxed);
    page.single("arrears_reloads_total", "counter", "Times that models were swapped.", reloads);
    let failed = app.metrics.failed_reloads.load(Relaxed);
    page.single("arrears_failed_reloads_total", "counter", "Files that could not be loaded anew.", failed);
}

fn scores(page: &mut Page, now: &Snapshot) {
    page.family("arrears_scored_total", "counter", "Scored customers by grade.");
    for served in &now.models {
        let labels = [("model", served.model.name.as_str()), ("version", &served.model.version)];
        for (grade, count) in served.scored_by_grade() {
            if !grade.is_empty() || count > 0 {
                page.sample("arrears_scored_total", &[&labels[..], &[("grade", grade)]].concat(), count);
            }
        }
    }
    page.family("arrears_rejected_total", "counter", "Customers that were not scored, by field and cause.");
    for served in &now.models {
        let labels = [("model", served.model.name.as_str()), ("version", &served.model.version)];
        for (field, cause, count) in served.rejected() {
            let more = [("field", field.as_deref().unwrap_or("")), ("cause", cause.word())];
            page.sample("arrears_rejected_total", &[&labels[..], &more].concat(), count);
        }
    }
}

fn drift(page: &mut Page, now: &Snapshot) {
    let names = ["arrears_psi", "arrears_psi_threshold", "arrears_psi_rows"];
    let help = [
        "Population stability index against the training rows, over the last 10,000 to 20,000 customers; of the \
         score where field is empty.",
        "What chance alone exceeds once in twenty times.",
        "Customers that the index is of.",
    ];
    for (at, (name, help)) in names.into_iter().zip(help).enumerate() {
        page.family(name, "gauge", help);
        for served in &now.models {
            for live in served.drift.psi(&served.model) {
                let labels = [
                    ("model", served.model.name.as_str()),
                    ("version", &served.model.version),
                    ("field", live.field.unwrap_or("")),
                ];
                let value = [live.psi.psi, live.psi.adjusted_threshold, live.psi.actual_rows as f64][at];
                page.sample(name, &labels, value);
            }
        }
    }
}

fn shadow(page: &mut Page, app: &App) {
    let agreement = app.shadow.agreement();
    let mut family = |name: &str, help: &str, value: &dyn Fn(&crate::http::shadow::Agreement) -> f64| {
        page.family(name, "counter", help);
        for ((champion, challenger), agreement) in &agreement {
            page.sample(name, &[("champion", champion), ("challenger", challenger)], value(agreement));
        }
    };
    family("arrears_shadow_scored_total", "Customers that champion and challenger scored.", &|a| {
        a.both as f64
    });
    family("arrears_shadow_one_only_total", "Customers that only one of them scored.", &|a| {
        a.one_only as f64
    });
    family("arrears_shadow_pds_total", "Customers that both gave a pd.", &|a| a.pds as f64);
    family("arrears_shadow_pd_difference_total", "Sum of the absolute differences of their pds.", &|a| {
        a.pd_difference
    });
    family("arrears_shadow_same_grade_total", "Customers that got the same grade.", &|a| a.same_grade as f64);
    family(
        "arrears_shadow_unreadable_total",
        "Requests the challenger could not read, such as those without its fields.",
        &|a| a.unreadable as f64,
    );
    let passed_over = app.shadow.passed_over();
    let help = "Requests that the challenger had no time for.";
    page.single("arrears_shadow_passed_over_total", "counter", help, passed_over);
}
