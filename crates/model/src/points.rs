//! Points table: what a scorecard gives for each bin, as the field reads it.

use crate::additive::Shape;
use crate::model::{Model, Predictor};
use serde::Serialize;

/// One row of the points table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointsRow {
    /// Name of the field.
    pub variable: String,
    /// Label of the bin.
    pub bin: String,
    /// Training rows in the bin; absent where the profile does not hold this term's bins.
    pub count: Option<u64>,
    /// Bads among them.
    pub bads: Option<u64>,
    /// Weight of evidence the bin is scored with: log-odds / coefficient, which is the WoE of the training
    /// rows but for bins that are too thin or were never seen. Where the term has no coefficient, the WoE of
    /// the training rows.
    pub woe: Option<f64>,
    /// Log-odds of bad that the bin adds.
    pub log_odds: f64,
    /// Points of the bin: `offset / number of terms - factor x (intercept / number of terms + log-odds)`,
    /// so that a customer's points add up to the score. Pairs do not count among the terms here: their
    /// points ([`pair_points`](crate::pairs::pair_points)) come on top.
    pub points: f64,
}

/// The points of every bin of a model whose terms are all lookups or pairs; `None` for any other model. Pairs
/// have tables of their own.
pub fn points_table(model: &Model) -> Option<Vec<PointsRow>> {
    let (Predictor::Additive(additive), Some(scale)) = (&model.predictor, &model.scale) else { return None };
    let pairs = additive.terms.iter().filter(|t| matches!(t.shape, Shape::Pair { .. })).count();
    let terms = (additive.terms.len() - pairs) as f64;
    let base = (scale.offset() - scale.factor() * additive.intercept) / terms;
    let mut rows = Vec::new();
    for term in &additive.terms {
        let values = match &term.shape {
            Shape::Lookup { values } => values,
            Shape::Pair { .. } => continue,
            Shape::Linear { .. } => return None,
        };
        let transform = &model.transforms[term.transform];
        let field = &model.schema.fields[transform.field()];
        let profile = model.profile.fields.iter().find(|p| p.transform == term.transform);
        let bads = profile.filter(|p| !p.bads.is_empty()).map(|p| p.bads.as_slice());
        let raw_woe = profile.zip(bads).map(|(p, bads)| woe(&p.counts, bads));
        let coefficient = term.coefficient.filter(|c| *c != 0.0);
        for (bin, value) in values.iter().enumerate() {
            rows.push(PointsRow {
                variable: field.name.clone(),
                bin: transform.bin_label(field, bin),
                count: profile.map(|p| p.counts[bin]),
                bads: bads.map(|b| b[bin]),
                woe: coefficient
                    .map(|c| value / c)
                    .filter(|w| w.is_finite())
                    .or(raw_woe.as_ref().map(|w| w[bin])),
                log_odds: *value,
                points: base - scale.factor() * value,
            });
        }
    }
    Some(rows)
}

/// Weight of evidence by bin: `ln(share of goods / share of bads)`; higher is safer.
///
/// `counts` and `bads` are by bin. Where a bin has no goods or no bads, 0.5 is added to both counts of
/// that bin only; an empty bin says nothing and has 0. With no goods or no bads at all every bin has 0.
pub fn woe(counts: &[u64], bads: &[u64]) -> Vec<f64> {
    let all_bads: u64 = bads.iter().sum();
    let all_goods = counts.iter().sum::<u64>() - all_bads;
    let one = |(count, bad): (&u64, &u64)| {
        let (good, bad) = (count - bad, *bad);
        if *count == 0 || all_bads == 0 || all_goods == 0 {
            return 0.0;
        }
        let add = if good == 0 || bad == 0 { 0.5 } else { 0.0 };
        let good_share = (good as f64 + add) / all_goods as f64;
        let bad_share = (bad as f64 + add) / all_bads as f64;
        libm::log(good_share / bad_share)
    };
    counts.iter().zip(bads).map(one).collect()
}

/// Information value: `sum of (share of goods - share of bads) x WoE`.
///
/// Shares are of the plain counts; only WoE sees the 0.5 of [`woe`].
pub fn iv(counts: &[u64], bads: &[u64]) -> f64 {
    let all_bads: u64 = bads.iter().sum();
    let all_goods = counts.iter().sum::<u64>() - all_bads;
    if all_bads == 0 || all_goods == 0 {
        return 0.0;
    }
    let share = |n: u64, of: u64| n as f64 / of as f64;
    let woe = woe(counts, bads);
    let cells = counts.iter().zip(bads).zip(woe);
    cells.map(|((n, b), w)| (share(n - b, all_goods) - share(*b, all_bads)) * w).sum()
}
