//! The binning table: what each bin holds and what it says about a binary outcome.

use super::evidence::{Evidence, told, woe};
use super::tally::Moments;
use arrears_model::Field;
use arrears_model::transform::Transform;
use serde::Serialize;

/// What a bin stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BinKind {
    /// An interval, or a group of categories.
    Regular,
    /// A special code.
    Special,
    /// Categories that training never saw.
    Unseen,
    /// No value.
    Missing,
}

impl BinKind {
    /// The kind of one bin of a binning transform of `field`.
    pub fn of(field: &Field, transform: &Transform, bin: usize) -> Self {
        let beyond = bin.checked_sub(transform.regular_bins());
        match (transform, beyond) {
            (_, None) => Self::Regular,
            (Transform::Groups { .. }, Some(0)) => Self::Unseen,
            (Transform::Intervals { .. }, Some(code)) if code < field.special().len() => Self::Special,
            _ => Self::Missing,
        }
    }
}

/// The binning table of one variable for a binary target. All weights are 1 where rows have none, so that
/// `weight`, `goods` and `bads` count rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinningTable {
    /// The bins, in the order of the transform.
    pub bins: Vec<BinRow>,
    /// Their sums.
    pub total: TotalRow,
}

/// One bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinRow {
    /// Its label, as [`Transform::bin_label`] gives it.
    pub bin: String,
    /// What it stands for.
    pub kind: BinKind,
    /// Rows.
    pub count: u64,
    /// Their weight.
    pub weight: f64,
    /// Their share of the weight of all rows.
    pub share: f64,
    /// Weight of the goods.
    pub goods: f64,
    /// Weight of the bads.
    pub bads: f64,
    /// `bads / weight`; `None` without weight.
    pub bad_rate: Option<f64>,
    /// `ln(share of goods / share of bads)`; higher is safer. Where there are no goods or no bads, 0.5 is added
    /// to both; 0 without weight. Of what speaks for the bin, see `evidence`.
    pub woe: f64,
    /// `(share of goods - share of bads) x WoE`, of the plain counts and the WoE that they are scored with. Bins with
    /// the WoE of another have none of their own: theirs stands in the row of that bin, so that the rows add up.
    pub iv: Option<f64>,
    /// Part of the Jensen-Shannon divergence of goods and bads, in nats: `(g ln(g/m) + b ln(b/m)) / 2`, where g
    /// and b are the bin's shares of goods and of bads and `m = (g + b)/2`; `0 ln 0 = 0`. Like IV it stands in the row
    /// of the bin whose WoE is used. Rows that take a WoE which is not theirs give `(g ln 2P + b ln 2(1 - P)) / 2`, where
    /// P = 1/(1 + exp(-WoE)) stands for `g/(g + b)`: what that WoE tells of them, below 0 where it misleads.
    pub js: Option<f64>,
    /// Whose evidence it is scored with.
    pub evidence: Evidence,
    /// The bin whose WoE this one has, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_with: Option<usize>,
    /// Its label with long lists cut, as [`Transform::short_bin_label`] gives it; not in files.
    #[serde(skip)]
    pub short: String,
}

/// The sums of a [`BinningTable`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TotalRow {
    /// Rows.
    pub count: u64,
    /// Their weight.
    pub weight: f64,
    /// Weight of the goods.
    pub goods: f64,
    /// Weight of the bads.
    pub bads: f64,
    /// `bads / weight`; `None` without weight.
    pub bad_rate: Option<f64>,
    /// Information value.
    pub iv: f64,
    /// Jensen-Shannon divergence, in nats; 0 to ln 2.
    pub js: f64,
}

/// The binning table of `field` for a binary target.
///
/// `bins` holds the moments of each bin of `transform`, where the target is 1 for a bad; `evidence` says for each
/// bin whose evidence speaks for it. WoE and IV follow [`arrears_model::points::woe`] and
/// [`arrears_model::points::iv`].
///
/// # Panics
/// When `bins` and `evidence` do not have one entry for each bin of `transform`.
pub fn binning_table(
    field: &Field,
    transform: &Transform,
    bins: &[Moments],
    evidence: &[Evidence],
) -> BinningTable {
    check_lengths(field, transform, bins, evidence);
    let all = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let told = told(bins, evidence);
    let woe: Vec<f64> = told.iter().map(|told| woe(*told, all)).collect();
    let shares: Vec<Shares> = bins.iter().map(|bin| Shares::of(*bin, all)).collect();
    let iv = |at: usize| (shares[at].good - shares[at].bad) * woe[at];
    let js = |at: usize| match evidence[at] {
        Evidence::Own | Evidence::Pooled(_) => jensen_shannon(&shares[at], &Shares::of(told[at], all)),
        Evidence::Taken(_) | Evidence::Neutral => told_divergence(&shares[at], woe[at]),
    };
    let iv = in_row_of_other(evidence, (0..bins.len()).map(iv).collect());
    let js = in_row_of_other(evidence, (0..bins.len()).map(js).collect());
    let row = |at: usize| BinRow {
        bin: transform.bin_label(field, at),
        kind: BinKind::of(field, transform, at),
        count: bins[at].rows,
        weight: bins[at].weight,
        share: part(bins[at].weight, all.weight),
        goods: goods(bins[at]),
        bads: bins[at].sum,
        bad_rate: rate(bins[at]),
        woe: woe[at],
        iv: iv[at],
        js: js[at],
        evidence: evidence[at],
        merged_with: evidence[at].other(),
        short: transform.short_bin_label(field, at),
    };
    let total = TotalRow {
        count: all.rows,
        weight: all.weight,
        goods: goods(all),
        bads: all.sum,
        bad_rate: rate(all),
        iv: iv.iter().flatten().sum(),
        js: js.iter().flatten().sum(),
    };
    BinningTable { bins: (0..bins.len()).map(row).collect(), total }
}

/// Gives what bins with the WoE of another add to the row of that one; theirs is then empty.
pub(crate) fn in_row_of_other(evidence: &[Evidence], parts: Vec<f64>) -> Vec<Option<f64>> {
    let mut rows: Vec<Option<f64>> = parts.iter().copied().map(Some).collect();
    for (at, other) in evidence.iter().enumerate().filter_map(|(at, e)| e.other().map(|other| (at, other))) {
        rows[at] = None;
        rows[other] = rows[other].map(|sum| sum + parts[at]);
    }
    rows
}

/// A bin's shares of all goods and of all bads.
struct Shares {
    good: f64,
    bad: f64,
}

impl Shares {
    fn of(bin: Moments, all: Moments) -> Self {
        Self { good: part(goods(bin), goods(all)), bad: part(bin.sum, all.sum) }
    }
}

/// Weight of the goods. Never below 0: sums of the same weights, fewer of them in the bads.
fn goods(bin: Moments) -> f64 {
    bin.weight - bin.sum
}

fn rate(bin: Moments) -> Option<f64> {
    (bin.weight > 0.0).then(|| bin.mean())
}

/// A part of a whole; 0 of nothing.
pub(crate) fn part(x: f64, whole: f64) -> f64 {
    if whole > 0.0 { x / whole } else { 0.0 }
}

fn jensen_shannon(own: &Shares, shared: &Shares) -> f64 {
    let middle = (shared.good + shared.bad) / 2.0;
    let term = |x: f64, ratio: f64| if x > 0.0 { x * libm::log(ratio / middle) } else { 0.0 };
    (term(own.good, shared.good) + term(own.bad, shared.bad)) / 2.0
}

/// The part of rows that are told apart by a WoE that is not of their own counts; 0 at WoE 0.
fn told_divergence(own: &Shares, woe: f64) -> f64 {
    // ln 2/(1 + exp(-woe)), without overflow.
    let log_part = |woe: f64| std::f64::consts::LN_2 - libm::log1p(libm::exp(-woe.abs())) + woe.min(0.0);
    (own.good * log_part(woe) + own.bad * log_part(-woe)) / 2.0
}

pub(crate) fn check_lengths(field: &Field, transform: &Transform, bins: &[Moments], evidence: &[Evidence]) {
    let expected = transform.bins(field).unwrap_or(0);
    assert!(
        bins.len() == expected && evidence.len() == expected,
        "`{}` has {expected} bins; got moments of {} and evidence of {}",
        field.name,
        bins.len(),
        evidence.len()
    );
}
