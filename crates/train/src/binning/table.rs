//! The binning table: what each bin holds and what it says about a binary outcome.

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
    /// to both; 0 without weight. Of all bins with the same evidence together.
    pub woe: f64,
    /// `(share of goods - share of bads) x WoE`, of the plain counts.
    pub iv: f64,
    /// Part of the Jensen-Shannon divergence of goods and bads, in nats: `(g ln(g/m) + b ln(b/m)) / 2`, where g
    /// and b are the bin's shares of goods and of bads and `m = (g + b)/2`; `0 ln 0 = 0`. The ratios are those
    /// of all bins with the same evidence together, so that their parts add up to that of the joint bin.
    pub js: f64,
    /// The bin whose evidence this one shares, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_with: Option<usize>,
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
/// `bins` holds the moments of each bin of `transform`, where the target is 1 for a bad; `merged` says for each
/// bin whose evidence it shares (itself, where it stands alone). WoE and IV follow
/// [`arrears_model::points::woe`] and [`arrears_model::points::iv`].
///
/// # Panics
/// When `bins` and `merged` do not have one entry for each bin of `transform`.
pub fn binning_table(
    field: &Field,
    transform: &Transform,
    bins: &[Moments],
    merged: &[usize],
) -> BinningTable {
    check_lengths(field, transform, bins, merged);
    let all = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let joint = joint_moments(bins, merged);
    let rows: Vec<BinRow> = (0..bins.len())
        .map(|at| {
            let (own, shared) = (Shares::of(bins[at], all), Shares::of(joint[merged[at]], all));
            let woe = woe(joint[merged[at]], all);
            BinRow {
                bin: transform.bin_label(field, at),
                kind: BinKind::of(field, transform, at),
                count: bins[at].rows,
                weight: bins[at].weight,
                share: part(bins[at].weight, all.weight),
                goods: goods(bins[at]),
                bads: bins[at].sum,
                bad_rate: rate(bins[at]),
                woe,
                iv: (own.good - own.bad) * woe,
                js: jensen_shannon(&own, &shared),
                merged_with: (merged[at] != at).then_some(merged[at]),
            }
        })
        .collect();
    let total = TotalRow {
        count: all.rows,
        weight: all.weight,
        goods: goods(all),
        bads: all.sum,
        bad_rate: rate(all),
        iv: rows.iter().map(|row| row.iv).sum(),
        js: rows.iter().map(|row| row.js).sum(),
    };
    BinningTable { bins: rows, total }
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

/// [`arrears_model::points::woe`] of one bin, with weights.
fn woe(bin: Moments, all: Moments) -> f64 {
    let (good, bad, all_goods, all_bads) = (goods(bin), bin.sum, goods(all), all.sum);
    if bin.weight == 0.0 || all_goods == 0.0 || all_bads == 0.0 {
        return 0.0;
    }
    let add = if good == 0.0 || bad == 0.0 { 0.5 } else { 0.0 };
    libm::log(((good + add) / all_goods) / ((bad + add) / all_bads))
}

fn jensen_shannon(own: &Shares, shared: &Shares) -> f64 {
    let middle = (shared.good + shared.bad) / 2.0;
    let term = |x: f64, ratio: f64| if x > 0.0 { x * libm::log(ratio / middle) } else { 0.0 };
    (term(own.good, shared.good) + term(own.bad, shared.bad)) / 2.0
}

/// For each bin whose evidence is shared, the sums over all that share it; its own for one that stands alone.
pub(crate) fn joint_moments(bins: &[Moments], merged: &[usize]) -> Vec<Moments> {
    let mut joint = vec![Moments::default(); bins.len()];
    for (bin, with) in bins.iter().zip(merged) {
        joint[*with] = joint[*with].merge(*bin);
    }
    joint
}

pub(crate) fn check_lengths(field: &Field, transform: &Transform, bins: &[Moments], merged: &[usize]) {
    let expected = transform.bins(field).unwrap_or(0);
    assert!(
        bins.len() == expected && merged.len() == expected,
        "`{}` has {expected} bins; got moments of {} and evidence of {}",
        field.name,
        bins.len(),
        merged.len()
    );
}
