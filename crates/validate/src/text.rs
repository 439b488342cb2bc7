//! The report as plain text for a terminal: short, aligned, without colour.

use crate::amounts_text;
use crate::drift::Drift;
use crate::layout::{ABSENT, Grid, count, maybe, metric, percent, rows};
use crate::segments::{SegmentFeature, Typical};
use crate::{
    Bound, BySegment, Calibration, Clusters, Confusion, GainsRow, GateResult, GradeRow, Report, StabilityBand,
};

/// Segments side by side in one block of the table of typical values.
const SEGMENTS_ABREAST: usize = 6;

/// Most features in the table of features; the JSON has all of them.
const FEATURES_SHOWN: usize = 20;

impl Report {
    /// The report for people: key figures first, then a table for each measure, gates last.
    ///
    /// No line is wider than 100 columns. Metrics have 4 decimals, rates are percentages with 1 decimal. Each gate's
    /// line ends in `PASS` or `FAIL`.
    pub fn to_text(&self) -> String {
        let mut sections = vec![head(self), key_figures(self)];
        sections.extend(self.confusion.as_ref().map(confusion));
        if !self.gains.is_empty() {
            sections.push(titled("Gains, riskiest band first", gains(&self.gains)));
        }
        if let Some(strategy) = &self.strategy {
            let (title, table) = crate::strategy_text::strategy(strategy);
            sections.push(titled(&title, table));
        }
        sections.extend(self.calibration.as_ref().map(calibration));
        if let Some(amounts) = &self.amounts {
            sections
                .push(titled("Predicted against actual, highest band first", amounts_text::bands(amounts)));
        }
        if !self.grades.is_empty() {
            sections.push(titled("Grades", grades(&self.grades)));
        }
        if let Some(segments) = &self.segments {
            sections.push(by_segment(segments));
        }
        if let Some(clusters) = &self.clusters {
            sections.push(titled("Segments", segments(clusters)));
            sections.push(titled("Typical customer of each segment", typical(clusters)));
        }
        if !self.stability.features.is_empty() {
            sections.push(titled("Features against the training rows, worst first", drifts(self)));
        }
        if !self.data.refused_examples.is_empty() {
            sections.push(titled("Refused rows, the first ones", refused(self)));
        }
        if !self.notes.is_empty() || !self.data.changed.is_empty() {
            sections.push(titled("Notes", notes(self)));
        }
        if !self.gates.is_empty() {
            sections.push(titled("Gates", gates(&self.gates)));
        }
        sections.join("\n")
    }
}

fn titled(title: &str, table: String) -> String {
    format!("{title}\n{table}")
}

fn head(report: &Report) -> String {
    let (model, data) = (&report.model, &report.data);
    let mut counted = format!("{} of {} measured", count(data.measured), rows(data.rows));
    if let (Some(bads), Some(rate)) = (data.bads, data.bad_rate) {
        counted += &format!(", {} bad ({})", count(bads), percent(rate));
    }
    for (n, what) in [(data.unlabelled, "without a known outcome"), (data.refused, "refused")] {
        if n > 0 {
            counted += &format!(", {} {what}", count(n));
        }
    }
    let mut table = Grid::plain(&[0, 1]);
    let sha256: String = model.sha256.chars().take(16).collect();
    let kind = model.kind;
    table.row(vec!["Model".into(), format!("{} {}, {kind}, sha256 {sha256}", model.name, model.version)]);
    table.row(vec!["Data".into(), format!("{}, {}", data.name, data.part)]);
    table.row(vec!["Rows".into(), counted]);
    table.text()
}

fn key_figures(report: &Report) -> String {
    let mut table = Grid::new(&["Figure", "Value", ""], &[0, 2]);
    for figure in report.amounts.iter().flat_map(crate::Amounts::figures) {
        table.row(figure.to_vec());
    }
    let mut figure = |name: &str, value: f64, remark: String| {
        table.row(vec![name.to_owned(), metric(value), remark]);
    };
    if let Some(d) = &report.discrimination {
        let interval = d.auc_interval.map_or("interval not known".to_owned(), |i| {
            format!("{} interval {} to {}", level(i.level), metric(i.lower), metric(i.upper))
        });
        figure("AUC", d.auc, interval);
        figure("Gini", d.gini, String::new());
        figure("KS", d.ks.ks, format!("at pd {}", metric(d.ks.risk)));
    }
    if let Some(accuracy) = report.accuracy {
        figure("Brier score", accuracy.brier, String::new());
        figure("Log loss", accuracy.log_loss, String::new());
    }
    if let Some(c) = &report.calibration {
        let remark = format!("mean pd {}, bad rate {}", percent(c.mean_pd), percent(c.bad_rate));
        figure("Calibration error", c.expected_error, remark);
    }
    if let Some(clusters) = &report.clusters {
        if let Some(inertia) = clusters.inertia_per_row {
            figure("Inertia per row", inertia, String::new());
        }
        if let Some(s) = &clusters.silhouette {
            let sampled = format!("on a sample of {}", rows(s.rows_measured as u64));
            figure("Silhouette", s.mean, if s.rows_measured < s.rows { sampled } else { String::new() });
        }
    }
    if let Some((novel, clusters)) = report.clusters.as_ref().and_then(|c| Some((c.novel?, c))) {
        let all: u64 = clusters.segments.iter().map(|s| s.rows).sum();
        let share = novel as f64 / all.max(1) as f64;
        figure("Novel", share, format!("{}; 0.1 % in training", rows(novel)));
    }
    if let Some(drift) = &report.stability.score {
        let name = match drift.name.as_str() {
            "segment" => "Segment PSI",
            "amount" => "Amount PSI",
            _ => "Score PSI",
        };
        let chance = metric(drift.psi.adjusted_threshold);
        figure(name, drift.psi.psi, format!("{}; chance alone reaches {chance}", reading(drift)));
    }
    table.text()
}

/// A confidence level without needless decimals: `95%`, `99.5%`.
fn level(level: f64) -> String {
    format!("{}%", (1e6 * level).round() / 1e4)
}

/// How to read a PSI: its band, softened where chance alone explains it.
fn reading(drift: &Drift) -> &'static str {
    let chance = drift.psi.psi <= drift.psi.adjusted_threshold;
    match (drift.psi.band, chance) {
        (StabilityBand::Stable, _) => "stable",
        (StabilityBand::Shift, false) => "shift",
        (StabilityBand::Shift, true) => "shift, but few rows",
        (StabilityBand::Unstable, false) => "unstable",
        (StabilityBand::Unstable, true) => "unstable, but few rows",
    }
}

fn confusion(c: &Confusion) -> String {
    let bads = count(c.true_positives + c.false_negatives);
    let (found, flagged) = (count(c.true_positives), count(c.false_positives));
    let rates = [("accuracy", c.accuracy), ("precision", c.precision), ("recall", c.recall)];
    let rates = rates.map(|(name, rate)| format!("{name} {}", maybe(rate, percent))).join(", ");
    let mut line = Grid::plain(&[0]);
    let cutoff = metric(c.cutoff);
    line.row(vec![format!("pd >= {cutoff}: {found} of {bads} bads found, {flagged} goods flagged; {rates}")]);
    line.text()
}

fn gains(bands: &[GainsRow]) -> String {
    let header =
        ["Band", "Pd from", "to", "Rows", "Bads", "Bad rate", "Bads found", "Goods found", "Lift", "KS"];
    let mut table = Grid::new(&header, &[]);
    for row in bands {
        table.row(vec![
            row.band.to_string(),
            metric(row.lowest_risk),
            metric(row.highest_risk),
            count(row.rows),
            count(row.bads),
            percent(row.bad_rate),
            percent(row.cumulative_bad_share),
            percent(row.cumulative_good_share),
            format!("{:.2}", row.lift),
            metric(row.ks),
        ]);
    }
    table.text()
}

fn calibration(c: &Calibration) -> String {
    let interval = format!("{} interval", level(c.level));
    let header = ["Band", "Rows", "Mean pd", "Bad rate", &interval, "Pd is"];
    let mut table = Grid::new(&header, &[5]);
    for band in &c.bands {
        let verdict = if band.mean_pd < band.lower {
            "too low"
        } else if band.mean_pd > band.upper {
            "too high"
        } else {
            "in line"
        };
        table.row(vec![
            band.band.to_string(),
            count(band.rows),
            percent(band.mean_pd),
            percent(band.bad_rate),
            format!("{} to {}", percent(band.lower), percent(band.upper)),
            verdict.to_owned(),
        ]);
    }
    titled("Calibration, riskiest band first", table.text())
}

fn grades(grades: &[GradeRow]) -> String {
    let header = ["Grade", "Pd up to", "Rows", "Share", "Bads", "Bad rate", "Mean pd"];
    let mut table = Grid::new(&header, &[0]);
    for row in grades {
        let label = row.label.as_ref().map_or(String::new(), |label| format!(" {label}"));
        table.row(vec![
            format!("{}{label}", row.grade),
            maybe(row.max_pd, metric),
            count(row.rows),
            percent(row.share),
            count(row.bads),
            maybe(row.bad_rate, percent),
            maybe(row.mean_pd, percent),
        ]);
    }
    table.text()
}

/// In the table a segment's name counts up to its first colon; the names stand below in full.
fn by_segment(by: &BySegment) -> String {
    let short = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let header =
        ["Segment", "Rows", "Share", "In training", "Bads", "Bad rate", "Mean pd", "AUC", "Interval"];
    let mut table = Grid::new(&header, &[0]);
    for segment in &by.segments {
        let interval = segment.auc_interval.map(|i| format!("{} to {}", metric(i.lower), metric(i.upper)));
        table.row(vec![
            short(&segment.name),
            count(segment.rows),
            maybe(segment.share, percent),
            maybe(segment.training_share, percent),
            count(segment.bads),
            maybe(segment.bad_rate, percent),
            maybe(segment.mean_pd, percent),
            maybe(segment.auc, metric),
            interval.unwrap_or(ABSENT.to_owned()),
        ]);
    }
    let mut line = Grid::plain(&[0]);
    by.segments.iter().filter(|s| s.name.contains(':')).for_each(|s| line.row(vec![s.name.clone()]));
    line.row(vec![format!(
        "AUC within segments {}; of the segments alone, without their scorecards, {}",
        maybe(by.within_auc, metric),
        maybe(by.between_auc, metric)
    )]);
    titled("Segments, each with a scorecard of its own", table.text() + &line.text())
}

fn segments(clusters: &Clusters) -> String {
    let header = ["Segment", "Rows", "Share", "In training", "Bads", "Bad rate", "Distance", "Silhouette"];
    let mut table = Grid::new(&header, &[0]);
    for (position, segment) in clusters.segments.iter().enumerate() {
        let silhouette = clusters.silhouette.as_ref().and_then(|s| s.segments.get(position)?.mean);
        table.row(vec![
            segment.name.clone(),
            count(segment.rows),
            maybe(segment.share, percent),
            maybe(segment.training_share, percent),
            segment.bads.map_or(ABSENT.to_owned(), count),
            maybe(segment.bad_rate, percent),
            maybe(segment.mean_distance, metric),
            maybe(silhouette, metric),
        ]);
    }
    table.text()
}

/// Variables down, segments across, a few at a time. A segment's name counts up to its first colon.
fn typical(clusters: &Clusters) -> String {
    let mut blocks = Vec::new();
    for segments in clusters.segments.chunks(SEGMENTS_ABREAST) {
        let names = segments.iter().map(|s| s.name.split(':').next().unwrap_or_default());
        let header: Vec<&str> = ["Variable"].into_iter().chain(names).collect();
        let mut table = Grid::new(&header, &[0]);
        let fields = segments.first().map_or(0, |s| s.features.len());
        for field in 0..fields {
            let name = segments[0].features[field].variable.clone();
            let cells = segments.iter().map(|s| typical_value(&s.features[field]));
            table.row([name].into_iter().chain(cells).collect());
        }
        blocks.push(table.text());
    }
    blocks.join("\n")
}

fn typical_value(feature: &SegmentFeature) -> String {
    match &feature.typical {
        None => ABSENT.to_owned(),
        Some(Typical::Mean(mean)) if mean.abs() >= 1e9 => format!("{mean:.3e}"),
        Some(Typical::Mean(mean)) if mean.abs() >= 100.0 => format!("{mean:.0}"),
        Some(Typical::Mean(mean)) => format!("{mean:.2}"),
        Some(Typical::MostFrequent { category, share }) => format!("{category} {:.0}%", 100.0 * share),
    }
}

fn drifts(report: &Report) -> String {
    let mut features: Vec<&Drift> = report.stability.features.iter().collect();
    features.sort_by(|a, b| b.psi.psi.total_cmp(&a.psi.psi));
    let mut table = Grid::new(&["Variable", "PSI", "By chance up to", "Reading"], &[0, 3]);
    for drift in features.iter().take(FEATURES_SHOWN) {
        let (psi, chance) = (metric(drift.psi.psi), metric(drift.psi.adjusted_threshold));
        table.row(vec![drift.name.clone(), psi, chance, reading(drift).to_owned()]);
    }
    let more = features.get(FEATURES_SHOWN).map_or(String::new(), |next| {
        format!(" and {} more, of {} at most\n", features.len() - FEATURES_SHOWN, metric(next.psi.psi))
    });
    table.text() + &more
}

fn refused(report: &Report) -> String {
    let mut table = Grid::new(&["Line", "Column", "Value", "Why"], &[1, 2, 3]);
    for row in &report.data.refused_examples {
        table.row(vec![row.line.to_string(), row.column.clone(), row.value.clone(), row.why.clone()]);
    }
    table.text()
}

fn notes(report: &Report) -> String {
    let mut table = Grid::plain(&[0]);
    for note in &report.notes {
        table.row(vec![note.clone()]);
    }
    for changed in &report.data.changed {
        table.row(vec![format!("`{}`, {}: {}", changed.column, rows(changed.rows), changed.what)]);
    }
    table.text()
}

fn gates(gates: &[GateResult]) -> String {
    let mut table = Grid::new(&["Gate", "Asked", "Found", "Result"], &[0, 1, 3]);
    for gate in gates {
        let side = match gate.bound {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
        };
        let mut limit = gate_number(gate.name, gate.limit);
        let mut found = gate.value.map_or("not computed".to_owned(), |value| gate_number(gate.name, value));
        if let Some(value) = gate.value.filter(|_| !gate.passed && found == limit) {
            // So close that rounding would hide which side it fell on.
            (limit, found) = (gate.limit.to_string(), value.to_string());
        }
        let verdict = if gate.passed { "PASS" } else { "FAIL" };
        table.row(vec![gate.name.to_owned(), format!("{side} {limit}"), found, verdict.to_owned()]);
    }
    let failed = gates.iter().filter(|gate| !gate.passed).count();
    let verdict = match failed {
        0 => format!(" Gates passed: all {}.\n", gates.len()),
        _ => format!(" Gates failed: {failed} of {}.\n", gates.len()),
    };
    table.text() + &verdict
}

/// Gates on rows and bads count whole numbers, all others are metrics.
fn gate_number(name: &str, x: f64) -> String {
    if matches!(name, "min_rows" | "min_bads") { count(x as u64) } else { metric(x) }
}
