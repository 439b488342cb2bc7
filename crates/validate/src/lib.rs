//! Measures how good a model is, and decides whether it may ship.
//!
//! Two layers. The metrics work on plain slices: what happened (`bad`), what was predicted (`pd`, or any risk that
//! is higher for the worse customer), counts by bin, and rows of numbers. [`measure()`] puts a model and a table
//! through all that apply and gives a [`Report`]. Bad is 1, and the positive class. A number that does not exist
//! is an [`Error`] or `None`, never 0.
//!
//! | module | what it does |
//! |---|---|
//! | `part` | [`select_rows`]: finds the rows held out of training again |
//! | `observe` | scores every row and counts each as scored or refused |
//! | `measure` | [`measure()`]: the assembly of all below |
//! | `population` | the bad rate the pd is in terms of |
//! | `inputs` | checks lengths, ranges and NaN, once |
//! | `ranking` | [`Ranked`]: one sort by risk, then AUC, Gini and KS |
//! | `bands` | where a ranking is cut into bands |
//! | `delong` | [`auc_interval`]: how sure the AUC is |
//! | `delong_paired` | [`compare_auc`]: whether one of two models ranks better on the same rows |
//! | `gains` | [`gains()`]: bads found, band by band, riskiest first |
//! | `strategy` | [`strategy()`]: approvals, bads avoided and profit by cut-off |
//! | `calibration` | [`calibration()`]: predicted against observed bad rate, band by band |
//! | `probability` | [`brier`] and [`log_loss`] |
//! | `amounts`, `amounts_text` | [`amounts()`]: predicted against actual amounts, where a model predicts those |
//! | `confusion` | [`confusion()`]: right and wrong at a cut-off |
//! | `stability` | [`psi`]: has the population moved since training |
//! | `drift` | [`Stability`]: the PSI of the score and of each feature |
//! | `clusters` | [`inertia`] and [`silhouette`] of segments |
//! | `agreement`, `gap` | [`adjusted_rand_index`] of two partitions; [`gap()`]: segments against rows without any |
//! | `segments` | [`Clusters`]: how segments hold together and who is in them |
//! | `by_segment` | [`BySegment`]: each segment of a model that has a scorecard for each |
//! | `quantiles` | the normal and chi-square quantiles that the intervals and thresholds need |
//! | `gates` | [`Gates`] from a TOML file and [`check`] |
//! | `report` | [`Report`]: all of it, and as JSON (`docs/report.md`) |
//! | `text`, `strategy_text`, `layout` | [`Report::to_text`] for a terminal |
//! | `junit` | [`junit()`]: the gates as a CI report |
//! | `error` | [`Error`] |
//!
//! The metrics are held to scikit-learn and scipy in `tests/`.

mod agreement;
mod amounts;
mod amounts_text;
mod bands;
mod by_segment;
mod calibration;
mod clusters;
mod confusion;
mod delong;
mod delong_paired;
mod drift;
mod error;
mod gains;
mod gap;
mod gates;
mod inputs;
mod junit;
pub mod layout;
mod measure;
mod observe;
mod part;
mod population;
mod probability;
mod quantiles;
mod ranking;
mod report;
mod segments;
mod stability;
mod strategy;
mod strategy_text;
mod text;

pub use agreement::adjusted_rand_index;
pub use amounts::{AmountBand, Amounts, MeanAlone, amounts};
pub use by_segment::{BySegment, SegmentMeasure};
pub use calibration::{Calibration, CalibrationBand, calibration};
pub use clusters::{Points, SILHOUETTE_ROWS, SegmentSilhouette, Silhouette, inertia, silhouette};
pub use confusion::{Confusion, confusion};
pub use delong::{AucInterval, auc_interval};
pub use delong_paired::{AucDifference, compare_auc};
pub use drift::{Drift, DriftBin, Stability};
pub use error::Error;
pub use gains::{GainsRow, gains};
pub use gap::{Gap, ReferenceBox, gap, gap_choice};
pub use gates::{Bound, GateResult, Gates, Measured, check};
pub use junit::junit;
pub use measure::{MeasureOptions, measure};
pub use observe::{ChangedValues, RefusedRow};
pub use part::{Part, Selected, select_rows};
pub use probability::{brier, log_loss};
pub use quantiles::{chi_square_quantile, normal_quantile};
pub use ranking::{KolmogorovSmirnov, Ranked, Tie};
pub use report::{
    Accuracy, DataSummary, Discrimination, GradeRow, ModelSummary, REPORT_FORMAT, REPORT_FORMAT_VERSION,
    Report,
};
pub use segments::{Clusters, SegmentFeature, SegmentProfile, Typical};
pub use stability::{Psi, SHIFT_BELOW, STABLE_BELOW, StabilityBand, psi};
pub use strategy::{Cutoffs, MOST_CUTOFFS, Strategy, StrategyParams, StrategyRow, strategy};
