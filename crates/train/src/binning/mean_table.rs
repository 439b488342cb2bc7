//! The binning table of a target that is an amount: its mean by bin.

use super::evidence::{Evidence, told};
use super::table::{BinKind, check_lengths, in_row_of_other, part};
use super::tally::Moments;
use arrears_model::Field;
use arrears_model::transform::Transform;
use serde::Serialize;

/// The binning table of one variable for a target that is an amount, in units of the target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeanTable {
    /// The bins, in the order of the transform.
    pub bins: Vec<MeanRow>,
    /// Their sums.
    pub total: MeanTotal,
}

/// One bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeanRow {
    /// Its label, as [`Transform::bin_label`] gives it.
    pub bin: String,
    /// What it stands for.
    pub kind: BinKind,
    /// Rows.
    pub count: u64,
    /// Their weight; equal to `count` where rows have no weights.
    pub weight: f64,
    /// Their share of the weight of all rows.
    pub share: f64,
    /// Weighted mean of the target; `None` without weight.
    pub mean: Option<f64>,
    /// Weighted sum of the target.
    pub sum: f64,
    /// Standard deviation of the target (population: divided by the weight); `None` without weight.
    pub std: Option<f64>,
    /// Mean of what speaks for the bin (see `evidence`), less the mean of all rows; 0 without weight. What
    /// optbinning's table for a continuous target calls WoE.
    pub woe: f64,
    /// `share x |WoE|`; that of a bin with the WoE of another stands in the row of that one.
    pub iv: Option<f64>,
    /// Whose evidence it is scored with.
    pub evidence: Evidence,
    /// The bin whose WoE this one has, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_with: Option<usize>,
    /// Its label with long lists cut, as [`Transform::short_bin_label`] gives it; not in files.
    #[serde(skip)]
    pub short: String,
}

/// The sums of a [`MeanTable`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeanTotal {
    /// Rows.
    pub count: u64,
    /// Their weight.
    pub weight: f64,
    /// Weighted mean of the target; `None` without weight.
    pub mean: Option<f64>,
    /// Weighted sum of the target.
    pub sum: f64,
    /// Standard deviation of the target (population); `None` without weight.
    pub std: Option<f64>,
    /// Sum of `|WoE|` over the bins that hold rows.
    pub woe: f64,
    /// Sum of the IV.
    pub iv: f64,
}

/// The binning table of `field` for a target that is an amount. For `bins` and `evidence` see
/// [`binning_table`](super::table::binning_table).
///
/// # Panics
/// When `bins` and `evidence` do not have one entry for each bin of `transform`.
pub fn mean_table(
    field: &Field,
    transform: &Transform,
    bins: &[Moments],
    evidence: &[Evidence],
) -> MeanTable {
    check_lengths(field, transform, bins, evidence);
    let all = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let woe = |told: &Moments| if told.weight > 0.0 { told.mean() - all.mean() } else { 0.0 };
    let woe: Vec<f64> = told(bins, evidence).iter().map(woe).collect();
    let iv = |at: usize| part(bins[at].weight, all.weight) * woe[at].abs();
    let iv = in_row_of_other(evidence, (0..bins.len()).map(iv).collect());
    let row = |at: usize| MeanRow {
        bin: transform.bin_label(field, at),
        kind: BinKind::of(field, transform, at),
        count: bins[at].rows,
        weight: bins[at].weight,
        share: part(bins[at].weight, all.weight),
        mean: mean(bins[at]),
        sum: bins[at].sum,
        std: std(bins[at]),
        woe: woe[at],
        iv: iv[at],
        evidence: evidence[at],
        merged_with: evidence[at].other(),
        short: transform.short_bin_label(field, at),
    };
    let rows: Vec<MeanRow> = (0..bins.len()).map(row).collect();
    let total = MeanTotal {
        count: all.rows,
        weight: all.weight,
        mean: mean(all),
        sum: all.sum,
        std: std(all),
        woe: rows.iter().filter(|row| row.weight > 0.0).map(|row| row.woe.abs()).sum(),
        iv: iv.iter().flatten().sum(),
    };
    MeanTable { bins: rows, total }
}

fn mean(bin: Moments) -> Option<f64> {
    (bin.weight > 0.0).then(|| bin.mean())
}

/// From the sums of `y` and `y^2`, so digits are lost where the mean is far larger than the spread.
fn std(bin: Moments) -> Option<f64> {
    mean(bin).map(|mean| (bin.squares / bin.weight - mean * mean).max(0.0).sqrt())
}
