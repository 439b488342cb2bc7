//! What is told of segments: the two models beside each other, and why one of them was taken.

use super::params::{Keep, SegmentsParams};
use arrears_validate::AucDifference;
use serde::Serialize;

/// The segments that were looked for, and what became of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentsReport {
    /// What parts customers: `tree`, `kmeans` or `column`.
    pub by: String,
    /// Whether the model has a scorecard for each segment; else it is the single scorecard.
    pub taken: bool,
    /// Whether it has them only because `keep = "always"` asks for them.
    pub forced: bool,
    /// Why, in a sentence with the figures.
    pub verdict: String,
    /// The two models beside each other; `None` where there are no two segments.
    pub comparison: Option<Comparison>,
}

/// The segmented model and the single scorecard on training rows that neither has seen. Lists of two have the
/// segmented model first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Folds, each predicted by models fitted on the others.
    pub folds: usize,
    /// Deals of the rows into folds.
    pub repeats: usize,
    /// AUC of the segmented model (`first`) and of the single scorecard (`second`), and the test of their difference.
    pub auc: AucDifference,
    /// Log loss of both, in nats.
    pub log_loss: [f64; 2],
    /// How alike the segments of the folds are to those of the model: the mean adjusted Rand index over the rows of the
    /// folds, 1 for the same segments, about 0 for what chance gives. By construction 1 for centres and columns.
    pub agreement: f64,
    /// The same for the customers of each segment.
    pub segments: Vec<SegmentFigures>,
}

/// One segment: its training rows, and both models on them where they had not seen them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SegmentFigures {
    /// Name of the segment.
    pub name: String,
    /// Training rows.
    pub rows: u64,
    /// Bads among them.
    pub bads: u64,
    /// Characteristics of its scorecard.
    pub characteristics: usize,
    /// AUC of both models inside the segment; `None` where no fold has bads and goods of it.
    pub auc: Option<[f64; 2]>,
    /// Log loss of both inside the segment, in nats.
    pub log_loss: [f64; 2],
}

impl Comparison {
    /// Whether the segmented model is better: its AUC by more than chance explains, its log loss not worse.
    pub fn better(&self, max_p_value: f64) -> bool {
        self.auc.difference > 0.0 && self.auc.p_value < max_p_value && self.log_loss[0] <= self.log_loss[1]
    }
}

impl SegmentsReport {
    /// No two segments keep the limits.
    pub(super) fn none(params: &SegmentsParams) -> Self {
        let verdict = format!(
            "a single scorecard, not one for each segment: by {} no two segments have {} rows, {} % of all, and {} bads \
             and goods each",
            params.by,
            params.min_rows,
            100.0 * params.min_share,
            params.min_bads
        );
        Self { by: params.by.to_string(), taken: false, forced: false, verdict, comparison: None }
    }

    /// The verdict on a comparison.
    pub(super) fn of(params: &SegmentsParams, comparison: Comparison) -> Self {
        let better = comparison.better(params.max_p_value);
        let taken = better || params.keep == Keep::Always;
        let (auc, [own, single]) = (comparison.auc, comparison.log_loss);
        let what = match (better, taken) {
            (true, _) => "a scorecard for each segment",
            (false, true) => {
                "a scorecard for each segment, as `keep = \"always\"` asks although it is no better"
            }
            (false, false) => "a single scorecard, not one for each segment",
        };
        let chance = auc.p_value >= params.max_p_value;
        let why = if auc.difference <= 0.0 && !chance {
            "they rank worse"
        } else if auc.difference <= 0.0 {
            "they rank no better"
        } else if chance {
            "the gain may be chance"
        } else if own > single {
            "they rank better, but their pd is worse"
        } else {
            "they rank better"
        };
        let verdict = format!(
            "{what}: {} segments by {} have an AUC of {:.4} against {:.4} of a single scorecard on training rows that \
             neither has seen ({} folds, dealt {}), a difference of {:+.4} (95 % interval {:+.4} to {:+.4}, p {}, \
             below {} counts), and a log loss of {own:.4} against {single:.4}: {why}{}",
            comparison.segments.len(),
            params.by,
            auc.first,
            auc.second,
            params.folds,
            if params.repeats == 1 { "once".to_owned() } else { format!("{} times", params.repeats) },
            auc.difference,
            auc.lower,
            auc.upper,
            if auc.p_value < 0.0001 { "< 0.0001".to_owned() } else { format!("= {:.4}", auc.p_value) },
            params.max_p_value,
            unlike(comparison.agreement),
        );
        Self {
            by: params.by.to_string(),
            taken,
            forced: taken && !better,
            verdict,
            comparison: Some(comparison),
        }
    }
}

/// Segments of folds less alike than this are worth a word.
const ALIKE: f64 = 0.6;

/// That the figures are of other segments than those of the model.
fn unlike(agreement: f64) -> String {
    if agreement >= ALIKE {
        return String::new();
    }
    format!(
        "; but the tree is not sure of its segments: those of the folds are like these by an adjusted Rand index of \
         {agreement:.2} only, and so the figures are of how segments are found more than of these"
    )
}
