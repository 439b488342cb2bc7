//! Whole points: each bin's points rounded, and the log-odds that follow from them.

use crate::codes::Codes;
use crate::error::TrainError;
use crate::fitted::log_odds_by_row;
use crate::rows::Rows;
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::points::{Spread, base_points, base_share, characteristics_of};
use arrears_model::scale::Scale;
use arrears_model::transform::Transform;
use arrears_validate::Ranked;

/// What rounding did to the scores of the training rows, by their weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounding {
    /// Largest distance of the rounded from the exact score.
    pub largest_error: f64,
    /// Mean distance.
    pub mean_error: f64,
    /// Mean of rounded - exact score: above 0 where rounding makes customers look safer.
    pub bias: f64,
    /// AUC of the exact scores.
    pub exact_auc: f64,
    /// AUC of the rounded scores.
    pub rounded_auc: f64,
}

/// Rounds the points of every bin to the nearest whole number (halves away from 0) and replaces intercept and
/// values by the log-odds that give these points, so that every score is a whole number.
///
/// Rounded are the points as `spread` shows them. Rounding to the nearest keeps the order of the bins of a
/// characteristic, and makes ties only where the exact points round alike. A bin whose value is 0 keeps 0.
/// Terms that are neither lookups nor pairs stay as they are. Baselines are not touched; set them again.
///
/// Customers with the same score must have the same pd, bit for bit, or they would not count as ties. So the
/// log-odds of one point and the intercept are rounded to a power of two that is small enough not to matter and
/// large enough that no sum of terms is ever rounded. Where scores lie within P points of that of even odds, they
/// are whole to P^2 x 2^-52: 1e-9 for P = 2,000.
pub fn round_points(additive: &mut Additive, scale: &Scale, spread: Spread) {
    round_points_alike(&mut [additive], scale, spread);
}

/// [`round_points`] of several scorecards, so that customers with the same score have the same pd, bit for bit, whichever
/// of the scorecards they have it by: the log-odds of one point are the same in all, and the intercepts of the others
/// are that of the first and a whole number of points.
pub(super) fn round_points_alike(additives: &mut [&mut Additive], scale: &Scale, spread: Spread) {
    let factor = scale.factor();
    let whole: Vec<(f64, f64)> =
        additives.iter_mut().map(|additive| whole_values(additive, scale, spread)).collect();
    let Some((first, _)) = whole.first().copied() else { return };
    let distance = scale.offset() - first;
    let reach = |(base, reach): &(f64, f64)| (distance.abs() + (first - base).abs()) + reach;
    let grid = grid(whole.iter().map(reach).fold(1.0, f64::max) / factor);
    let point = on_grid(1.0 / factor, grid);
    for (additive, (base, _)) in additives.iter_mut().zip(whole) {
        additive.intercept = on_grid(distance / factor, grid) + (first - base) * point;
        for (values, _) in additive.terms.iter_mut().filter_map(table) {
            values.iter_mut().for_each(|value| *value *= point);
        }
    }
}

/// Puts whole points, against the share of the base, in place of all values. Gives the base points and the most that
/// the points of the terms can add up to.
fn whole_values(additive: &mut Additive, scale: &Scale, spread: Spread) -> (f64, f64) {
    let factor = scale.factor();
    // Without characteristics there is nothing to spread the base over.
    let spread = if characteristics_of(additive) == 0 { Spread::Base } else { spread };
    let exact_share = base_share(additive, scale, spread);
    let (share, base) = match spread {
        Spread::Characteristics => {
            let share = exact_share.round();
            (share, share * characteristics_of(additive) as f64)
        }
        Spread::Base => (0.0, base_points(additive, scale).round()),
    };
    let mut reach = 0.0;
    // Whole points against the share; the difference first, for 0 - 0 is 0 and not the -0 of a negated 0.
    for (values, alone) in additive.terms.iter_mut().filter_map(table) {
        // A pair's points come on top: it has no share in the base.
        let (share, exact) = if alone { (share, exact_share) } else { (0.0, 0.0) };
        values.iter_mut().for_each(|value| *value = share - (exact - factor * *value).round());
        reach += values.iter().map(|points| points.abs()).fold(0.0, f64::max);
    }
    (base, reach)
}

/// The values of a term by bin or cell, and whether it is a characteristic of its own.
fn table(term: &mut Term) -> Option<(&mut Vec<f64>, bool)> {
    match &mut term.shape {
        Shape::Lookup { values } => Some((values, true)),
        Shape::Pair { values, .. } => Some((values, false)),
        Shape::Linear { .. } => None,
    }
}

/// The least power of two of which sums up to `largest` are exact multiples.
fn grid(largest: f64) -> f64 {
    let (_, exponent) = libm::frexp(largest);
    libm::ldexp(1.0, exponent + 1 - f64::MANTISSA_DIGITS as i32)
}

fn on_grid(x: f64, grid: f64) -> f64 {
    (x / grid).round() * grid
}

/// Compares the scores before and after rounding on the training rows.
///
/// # Errors
/// All rows have one outcome, so that there is no AUC.
pub(super) fn compare(
    exact: &Additive,
    rounded: &Additive,
    scale: &Scale,
    rows: &Rows<'_>,
    transforms: &[Transform],
    codes: &[Codes],
) -> Result<Rounding, TrainError> {
    let risks = [exact, rounded].map(|additive| log_odds_by_row(additive, rows, transforms, codes));
    let [exact_auc, rounded_auc] = risks.each_ref().map(|risk| auc(rows, risk));
    let one_class = || TrainError::OneClass { rows: rows.len(), bads: rows.bads() };
    let errors = risks[0].iter().zip(&risks[1]).map(|(exact, rounded)| scale.factor() * (exact - rounded));
    let (goods, bads) = rows.goods_and_bads();
    let weighted = errors.clone().enumerate().map(|(row, error)| rows.weight(row) * error);
    Ok(Rounding {
        largest_error: errors.map(f64::abs).fold(0.0, f64::max),
        mean_error: weighted.clone().map(f64::abs).sum::<f64>() / (goods + bads),
        bias: weighted.sum::<f64>() / (goods + bads),
        exact_auc: exact_auc.ok_or_else(one_class)?,
        rounded_auc: rounded_auc.ok_or_else(one_class)?,
    })
}

/// AUC by weight: the share of the pairs of a bad and a good row in which the bad one has the higher risk, a pair
/// counting as the product of the weights, ties as half. `None` where the rows have one outcome.
fn auc(rows: &Rows, risk: &[f64]) -> Option<f64> {
    let Some(weights) = &rows.weights else {
        return Ranked::new(&rows.bad, risk).ok().map(|ranked| ranked.auc());
    };
    let mut order: Vec<usize> = (0..risk.len()).collect();
    order.sort_by(|a, b| risk[*a].total_cmp(&risk[*b]));
    let (mut goods, mut bads, mut won) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|a, b| risk[*a] == risk[*b]) {
        let of = |bad| tied.iter().filter(|row| rows.bad[**row] == bad).map(|row| weights[*row]).sum::<f64>();
        let (good, bad) = (of(false), of(true));
        won += bad * (goods + good / 2.0);
        (goods, bads) = (goods + good, bads + bad);
    }
    (goods > 0.0 && bads > 0.0).then(|| won / (goods * bads))
}
