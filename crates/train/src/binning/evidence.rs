//! Weight of evidence by bin, with the policies for bins apart: missing, special, unseen.

use super::bins::evidence;
use super::params::{Apart, BinningParams};
use super::tally::Moments;
use std::cmp::Ordering;

/// For each bin, the bin whose evidence it shares: itself, or the regular one it is merged with.
///
/// `bins`: regular ones, then for categories unseen and for numbers the special codes, then missing.
/// `rare`: the regular bin of rare categories, which speaks for unseen ones.
pub fn share_evidence(
    bins: &[Moments],
    regular: usize,
    categories: bool,
    rare: Option<usize>,
    params: &BinningParams,
) -> Vec<usize> {
    let mut merged: Vec<usize> = (0..bins.len()).collect();
    let filled = || (0..regular).filter(|bin| bins[*bin].weight > 0.0);
    let by_mean = |a: &usize, b: &usize| bins[*a].mean().total_cmp(&bins[*b].mean());
    for bin in regular..bins.len() {
        if categories && bin == regular {
            // An unseen category is most like the rare ones that were seen.
            merged[bin] = rare.unwrap_or(bin);
            continue;
        }
        let policy = if bin + 1 == bins.len() { params.missing } else { params.special };
        let known = bins[bin].weight > 0.0;
        let partner = match policy {
            Apart::Own => None,
            Apart::Riskiest => filled().max_by(by_mean),
            Apart::MostAlike => {
                let gap = |other: usize| (bins[other].mean() - bins[bin].mean()).abs();
                filled().filter(|_| known).min_by(|a, b| gap(*a).total_cmp(&gap(*b)).then(Ordering::Equal))
            }
        };
        merged[bin] = partner.unwrap_or(bin);
    }
    merged
}

/// The bins after merging: each holds the sum of all bins that share its evidence.
pub fn pooled(bins: &[Moments], merged: &[usize]) -> Vec<Moments> {
    let mut sums = vec![Moments::default(); bins.len()];
    for (bin, root) in bins.iter().zip(merged) {
        sums[*root] = sums[*root].merge(*bin);
    }
    merged.iter().map(|root| sums[*root]).collect()
}

/// WoE by bin: `ln(share of goods / share of bads)` of the pooled bin; 0 for a bin without rows.
pub fn woe_by_bin(bins: &[Moments], merged: &[usize]) -> Vec<f64> {
    let whole = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let (all_bads, all_goods) = (whole.sum, whole.weight - whole.sum);
    let one = |bin: &Moments| {
        if bin.weight <= 0.0 || all_bads <= 0.0 || all_goods <= 0.0 {
            return 0.0;
        }
        evidence(bin.weight - bin.sum, bin.sum, all_goods, all_bads)
    };
    pooled(bins, merged).iter().map(one).collect()
}

/// Information value over the bins after merging: `sum of (share of goods - share of bads) x WoE`.
pub fn information_value(bins: &[Moments], merged: &[usize]) -> f64 {
    let whole = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let (all_bads, all_goods) = (whole.sum, whole.weight - whole.sum);
    if all_bads <= 0.0 || all_goods <= 0.0 {
        return 0.0;
    }
    let woe = woe_by_bin(bins, merged);
    let part = |(bin, woe): (&Moments, f64)| ((bin.weight - bin.sum) / all_goods - bin.sum / all_bads) * woe;
    bins.iter().zip(woe).map(part).sum()
}
