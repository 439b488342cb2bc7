//! The segmented model against the single scorecard, on training rows that neither of the two has seen.

use super::agreement::adjusted_rand;
use super::cards::{card_or_odds, fit_cards, segmented_log_odds};
use super::params::{Limits, SegmentsBy, SegmentsParams};
use super::report::{Comparison, SegmentFigures};
use super::router::{Routed, members, route};
use crate::error::TrainError;
use crate::fitted::{Fitted, log_odds_by_row};
use crate::folds::{Heads, deal};
use crate::rows::Rows;
use crate::scorecard::ScorecardParams;
use arrears_model::Predictor;
use arrears_model::segmented::SegmentCard;
use arrears_validate::{AucDifference, Ranked, compare_auc};
use rayon::prelude::*;

/// Level of the intervals.
const LEVEL: f64 = 0.95;

/// What the two models say of the rows of one fold, which neither was fitted on.
struct Fold {
    rows: Vec<usize>,
    /// Log-odds of bad by the segmented model, and by the single scorecard.
    log_odds: [Vec<f64>; 2],
    auc: AucDifference,
    /// The segment of each of the rows by the fold's own router.
    segment_of: Vec<usize>,
}

/// Fits both models on the other folds, the whole way - bins, selection, coefficients, and a router that looks at
/// outcomes - and lets them predict each fold in turn, over as many deals of the rows as the parameters say. Centres
/// and the categories of a column are not learned from outcomes, so those of all training rows are taken: k-means on
/// a fold may end in other segments than those of the model.
///
/// AUCs are means over folds: a pair of rows counts where one pair of models has seen neither row. The variance of
/// a deal is that of the mean of its folds, by DeLong's paired test in each; that of the whole is the mean over
/// deals, not less, for all deals are of the same rows.
///
/// # Errors
/// What the models cannot be fitted for; folds with fewer than two bads or goods.
pub(super) fn compare(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    card: &ScorecardParams<'_>,
    (routed, segments): (&Routed, &[SegmentCard]),
) -> Result<Comparison, TrainError> {
    let groups = rows.groups.as_deref();
    let (goods, bads) = Heads::of(&rows.bad, groups).goods_and_bads();
    if goods.min(bads) < 2 * params.folds {
        let (key, value) = ("folds", params.folds.to_string());
        let expected = "at most half of the bad training rows, and of the good ones";
        return Err(TrainError::Parameter { section: "segments", key, value, expected });
    }
    let deals: Vec<Vec<usize>> = (0..params.repeats)
        .map(|repeat| deal(&rows.bad, groups, params.folds, params.seed.wrapping_add(repeat as u64)))
        .collect();
    let all: Vec<(usize, usize)> =
        (0..params.repeats).flat_map(|repeat| (0..params.folds).map(move |fold| (repeat, fold))).collect();
    let one = |(repeat, fold): &(usize, usize)| predict(rows, params, card, routed, &deals[*repeat], *fold);
    let folds: Vec<Fold> = all.par_iter().map(one).collect::<Result<_, TrainError>>()?;
    let mean = |of: &dyn Fn(&Fold) -> f64| folds.iter().map(of).sum::<f64>() / folds.len() as f64;
    let (first, second) = (mean(&|fold| fold.auc.first), mean(&|fold| fold.auc.second));
    let variance = mean(&|fold| fold.auc.variance()) / params.folds as f64;
    let everywhere: Vec<usize> = (0..rows.len()).collect();
    let whole = figures(rows, &folds, &everywhere);
    let members = members(&routed.router, segments.len(), &routed.transforms, rows);
    let mut segment_of = vec![0; rows.len()];
    for (segment, members) in members.iter().enumerate() {
        members.iter().for_each(|row| segment_of[*row] = segment);
    }
    let agreed = |fold: &Fold| {
        let own: Vec<usize> = fold.rows.iter().map(|row| segment_of[*row]).collect();
        adjusted_rand(&own, &fold.segment_of)
    };
    let agreement = mean(&agreed);
    let segments = segments.iter().zip(&members).map(|(segment, members)| SegmentFigures {
        name: segment.name.clone(),
        rows: segment.count,
        bads: segment.bads,
        characteristics: segment.additive.terms.len(),
        ..figures(rows, &folds, members)
    });
    Ok(Comparison {
        folds: params.folds,
        repeats: params.repeats,
        auc: AucDifference::of(first, second, variance, LEVEL),
        log_loss: whole.log_loss,
        agreement,
        segments: segments.collect(),
    })
}

/// Fits both models without the rows of one fold, which they then predict.
fn predict(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    card: &ScorecardParams<'_>,
    routed: &Routed,
    fold_of: &[usize],
    fold: usize,
) -> Result<Fold, TrainError> {
    let (out, rest): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(|row| fold_of[*row] == fold);
    let (out_in_table, rest_in_table) = (rows.in_table(&out), rows.in_table(&rest));
    let (test, train) = (rows.part(&out, &out_in_table), rows.part(&rest, &rest_in_table));
    let single = card_or_odds(&train, card)?;
    let routed = match params.by {
        SegmentsBy::Tree => {
            let limits = Limits::of(params, train.len(), train.len() as f64 / rows.len() as f64);
            route(&train, params, limits, card.engine)?
        }
        SegmentsBy::Kmeans | SegmentsBy::Column => Some(routed.clone()),
    };
    let alone = log_odds(&single, &test);
    let mut segment_of = vec![0; test.len()];
    let parted = match &routed {
        Some(routed) => {
            let members = members(&routed.router, routed.names.len(), &routed.transforms, &test);
            for (segment, members) in members.iter().enumerate() {
                members.iter().for_each(|row| segment_of[*row] = segment);
            }
            log_odds(&fit_cards(&train, routed, card)?, &test)
        }
        // These rows leave no two segments: the same model twice.
        None => alone.clone(),
    };
    let auc = compare_auc(&test.bad, &parted, &alone, LEVEL)
        .expect("a fold has bads and goods, log-odds are finite");
    Ok(Fold { rows: out, log_odds: [parted, alone], auc, segment_of })
}

fn log_odds(fitted: &Fitted, rows: &Rows<'_>) -> Vec<f64> {
    match &fitted.predictor {
        Predictor::Additive(additive) => log_odds_by_row(additive, rows, &fitted.transforms, &[]),
        Predictor::Segmented(segmented) => segmented_log_odds(segmented, rows, &fitted.transforms),
        _ => unreachable!("both models are scorecards"),
    }
}

/// AUC and log loss of both models on some of the rows (ascending): of AUC over pairs of rows of one fold, by the number
/// of pairs.
fn figures(rows: &Rows<'_>, folds: &[Fold], members: &[usize]) -> SegmentFigures {
    let mut asked = vec![false; rows.len()];
    members.iter().for_each(|row| asked[*row] = true);
    let (mut won, mut pairs) = ([0.0; 2], 0.0);
    let (mut loss, mut counted) = ([0.0; 2], 0.0);
    for fold in folds {
        let own: Vec<usize> = (0..fold.rows.len()).filter(|i| asked[fold.rows[*i]]).collect();
        let bad: Vec<bool> = own.iter().map(|i| rows.bad[fold.rows[*i]]).collect();
        for (model, all) in fold.log_odds.iter().enumerate() {
            let log_odds: Vec<f64> = own.iter().map(|i| all[*i]).collect();
            loss[model] += bad.iter().zip(&log_odds).map(|(bad, value)| log_loss(*bad, *value)).sum::<f64>();
            if let Ok(ranked) = Ranked::new(&bad, &log_odds) {
                let own = ranked.bads() as f64 * ranked.goods() as f64;
                won[model] += ranked.auc() * own;
                pairs += if model == 0 { own } else { 0.0 };
            }
        }
        counted += own.len() as f64;
    }
    SegmentFigures {
        auc: (pairs > 0.0).then(|| won.map(|won| won / pairs)),
        log_loss: loss.map(|loss| loss / counted),
        ..SegmentFigures::default()
    }
}

/// `ln(1 + e^x)` of the log-odds of what did not happen.
fn log_loss(bad: bool, log_odds: f64) -> f64 {
    let wrong = if bad { -log_odds } else { log_odds };
    wrong.max(0.0) + libm::log1p(libm::exp(-wrong.abs()))
}
