//! The report: everything measured of one model on one table, and the gates it was held to.

use arrears_model::ModelKind;
use serde::Serialize;

use crate::by_segment::BySegment;
use crate::drift::Stability;
use crate::observe::{ChangedValues, RefusedRow};
use crate::segments::Clusters;
use crate::{
    Amounts, AucInterval, Calibration, Confusion, Error, GainsRow, GateResult, Gates, KolmogorovSmirnov,
    Measured, Strategy,
};

/// First key of every report in JSON.
pub const REPORT_FORMAT: &str = "arrears-report";
/// Version of the JSON's shape; it changes when a key changes its meaning or goes.
pub const REPORT_FORMAT_VERSION: u32 = 1;

/// What was measured. `None` and empty lists: it could not be, or does not apply; `notes` says why.
///
/// Serialised, this is the JSON of `arrears validate --json`; `crates/validate/docs/report.md` describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`REPORT_FORMAT`].
    pub format: &'static str,
    /// [`REPORT_FORMAT_VERSION`].
    pub format_version: u32,
    /// The model.
    pub model: ModelSummary,
    /// The rows.
    pub data: DataSummary,
    /// How well the pd ranks.
    pub discrimination: Option<Discrimination>,
    /// How good the pd is as a probability, row by row.
    pub accuracy: Option<Accuracy>,
    /// Right and wrong at the cut-off.
    pub confusion: Option<Confusion>,
    /// Bads found, band by band, riskiest first.
    pub gains: Vec<GainsRow>,
    /// Approvals and profit by cut-off, where [`crate::MeasureOptions::strategy`] asks for it.
    pub strategy: Option<Strategy>,
    /// Predicted against observed bad rate.
    pub calibration: Option<Calibration>,
    /// Predicted against actual amounts, where the model predicts those.
    pub amounts: Option<Amounts>,
    /// The grades, safest first, as the model lists them.
    pub grades: Vec<GradeRow>,
    /// Score and features against the training rows.
    pub stability: Stability,
    /// The segments, where the model has some.
    pub clusters: Option<Clusters>,
    /// Each segment's own figures, where the model has a scorecard for each.
    pub segments: Option<BySegment>,
    /// What could not be computed and why, and what a reader must know.
    pub notes: Vec<String>,
    /// The gates checked by [`Report::check`]; empty before.
    pub gates: Vec<GateResult>,
}

/// Which model was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelSummary {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its kind.
    pub kind: ModelKind,
    /// SHA-256 of its file's body, as hex.
    pub sha256: String,
}

/// On which rows. `rows = measured + unlabelled + refused`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataSummary {
    /// Name of the data.
    pub name: String,
    /// Which part of it, for example `hold-out`.
    pub part: String,
    /// Rows given.
    pub rows: u64,
    /// Rows the measures are made of: scored and of known outcome; for k-means every scored row.
    pub measured: u64,
    /// Rows scored whose outcome is not known and whose model needs it.
    pub unlabelled: u64,
    /// Rows with a value that must not be scored.
    pub refused: u64,
    /// Measured rows whose outcome is known; less than `measured` only for k-means.
    pub labelled: u64,
    /// Bads among them; `None` where no outcome is known.
    pub bads: Option<u64>,
    /// `bads / labelled`.
    pub bad_rate: Option<f64>,
    /// The first refused rows, at most five.
    pub refused_examples: Vec<RefusedRow>,
    /// Values that were scored, but not as they stood.
    pub changed: Vec<ChangedValues>,
}

/// How well the pd ranks bads before goods.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Discrimination {
    /// Area under the ROC curve.
    pub auc: f64,
    /// Its confidence interval; `None` with fewer than two bads or goods.
    pub auc_interval: Option<AucInterval>,
    /// 2 AUC - 1.
    pub gini: f64,
    /// Kolmogorov-Smirnov distance, and the pd where it is found.
    pub ks: KolmogorovSmirnov,
}

/// How good the pd is as a probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Accuracy {
    /// Mean of (pd - outcome) squared.
    pub brier: f64,
    /// Mean of -ln(probability given to what happened), in nats.
    pub log_loss: f64,
}

/// One grade, measured. Shares and rates are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradeRow {
    /// Name of the grade.
    pub grade: String,
    /// Its name in another language or for display.
    pub label: Option<String>,
    /// Highest pd of the grade; absent in the last.
    pub max_pd: Option<f64>,
    /// Measured rows.
    pub rows: u64,
    /// Share of all measured rows.
    pub share: f64,
    /// Bads among the rows.
    pub bads: u64,
    /// `bads / rows`; `None` where there are no rows.
    pub bad_rate: Option<f64>,
    /// Mean pd; `None` where there are no rows.
    pub mean_pd: Option<f64>,
}

impl Report {
    /// The numbers the gates look at.
    ///
    /// The PSI of the features is the largest of all; if that of any feature of the model is not known, the
    /// largest is not known either.
    pub fn measured(&self) -> Measured {
        let discrimination = self.discrimination.as_ref();
        let clusters = self.clusters.as_ref();
        let features = self.stability.features.iter().map(|feature| feature.psi.psi);
        let amounts = self.amounts.as_ref();
        let rows = self.data.rows;
        Measured {
            auc: discrimination.map(|d| d.auc),
            auc_lower: discrimination.and_then(|d| d.auc_interval).map(|interval| interval.lower),
            gini: discrimination.map(|d| d.gini),
            ks: discrimination.map(|d| d.ks.ks),
            brier: self.accuracy.map(|a| a.brier),
            log_loss: self.accuracy.map(|a| a.log_loss),
            calibration_error: self.calibration.as_ref().map(|c| c.expected_error),
            mae: amounts.map(|a| a.mae),
            rmse: amounts.map(|a| a.rmse),
            r2: amounts.and_then(|a| a.r2),
            spearman: amounts.and_then(|a| a.spearman),
            mean_error: amounts.map(|a| a.mean_error.abs()),
            score_psi: self.stability.score.as_ref().map(|score| score.psi.psi),
            feature_psi: features.max_by(f64::total_cmp).filter(|_| self.stability.unknown.is_empty()),
            rows: Some(self.data.measured as f64),
            bads: self.data.bads.map(|bads| bads as f64),
            silhouette: clusters.and_then(|c| c.silhouette.as_ref()).map(|s| s.mean),
            inertia_per_row: clusters.and_then(|c| c.inertia_per_row),
            reject_share: (rows > 0).then(|| self.data.refused as f64 / rows as f64),
        }
    }

    /// Holds the report to the gates; the results replace those of an earlier check.
    pub fn check(&mut self, gates: &Gates) {
        self.gates = crate::check(gates, &self.measured());
    }

    /// Whether every gate checked so far passed; true where none was checked.
    pub fn passed(&self) -> bool {
        self.gates.iter().all(|gate| gate.passed)
    }

    /// The report as JSON, indented, with a line end. The same report gives the same bytes.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("a report has text keys and plain values");
        json.push('\n');
        json
    }

    /// The gates as JUnit XML; the suite is called `name@version` of the model.
    ///
    /// # Errors
    /// The XML writer refuses, which it has no reason to do.
    pub fn to_junit(&self) -> Result<String, Error> {
        crate::junit(&format!("{}@{}", self.model.name, self.model.version), &self.gates)
    }
}
