//! The penalty that predicts best: each fold is predicted by a fit on the others.

use super::exponential::logistic;
use super::{Design, Observations, Prepared, RegressionParams, regress_from};
use crate::engine::EngineError;
use crate::folds::Heads;
use arrears_validate::Ranked;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// A penalty to try: `l2/2 * |b|^2 + l1 * |b|_1` beside the sum of the losses of the fold's training rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegressionPenalty {
    /// 0 or more.
    pub l2: f64,
    /// 0 or more.
    pub l1: f64,
}

/// How well a penalty predicts rows it has not seen.
#[derive(Clone, Debug, PartialEq)]
pub struct PenaltyScore {
    /// The penalty.
    pub penalty: RegressionPenalty,
    /// Mean over folds of the (weighted) mean log loss of the fold.
    pub log_loss: f64,
    /// Standard error of that mean: standard deviation over folds (n - 1) / square root of the folds.
    pub log_loss_error: f64,
    /// Mean over folds of the area under the ROC curve (rows of weight 0 left out, other weights not counted).
    pub auc: f64,
    /// Folds whose fit converged.
    pub converged: usize,
}

/// Scores in the order of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// One a penalty.
    pub scores: Vec<PenaltyScore>,
    /// Index of the least log loss; among equals the first.
    pub chosen: usize,
}

/// Tries every penalty of the grid on the same folds. The folds are drawn by `seed`, bads and goods apart, so
/// that each fold has its share of both; `params` gives everything but the penalty.
///
/// # Errors
/// Those of [`regress`](super::regress); an empty grid; fewer than 2 folds, or more than there are bad or good
/// rows with a weight.
pub fn cross_validate(
    design: &Design<'_>,
    observations: &Observations<'_>,
    params: &RegressionParams,
    grid: &[RegressionPenalty],
    folds: usize,
    seed: u64,
) -> Result<CrossValidation, EngineError> {
    if grid.is_empty() {
        let (name, value) = ("grid", "empty".to_owned());
        return Err(EngineError::Parameter { name, value, expected: "one penalty or more" });
    }
    let tried =
        |penalty: &RegressionPenalty| RegressionParams { l2: penalty.l2, l1: penalty.l1, ..params.clone() };
    grid.iter().try_for_each(|penalty| tried(penalty).check(design.columns.len()))?;
    Prepared::new(design, observations)?;
    let fold_of = draw_folds(observations, folds, seed)?;
    let mut outcomes = vec![Vec::new(); grid.len()];
    for fold in 0..folds {
        let given = |row: usize| observations.weights.map_or(1.0, |weights| weights[row]);
        let weight = |row: usize| if fold_of[row] == fold { 0.0 } else { given(row) };
        let weights: Vec<f64> = (0..design.rows).map(weight).collect();
        let problem = Prepared::new(design, &Observations { weights: Some(&weights), ..*observations })?;
        let held_out: Vec<usize> =
            (0..design.rows).filter(|&row| fold_of[row] == fold && given(row) > 0.0).collect();
        let mut start: Option<(f64, Vec<f64>)> = None;
        for (penalty, outcomes) in grid.iter().zip(&mut outcomes) {
            let from = start.as_ref().map(|(intercept, coefficients)| (*intercept, &coefficients[..]));
            let fit = regress_from(&problem, &tried(penalty), from)?;
            let odds = fit.log_odds(design, observations.offset);
            outcomes.push(score(observations, &held_out, &odds, fit.converged));
            start = fit.converged.then_some((fit.intercept, fit.coefficients));
        }
    }
    let scores: Vec<PenaltyScore> = grid.iter().zip(&outcomes).map(|(p, o)| summarise(*p, o)).collect();
    let better =
        |best: usize, next: usize| if scores[next].log_loss < scores[best].log_loss { next } else { best };
    let chosen = (1..scores.len()).fold(0, better);
    Ok(CrossValidation { scores, chosen })
}

/// The fold of each row: the rows of a class, shuffled (Fisher and Yates), are dealt out in turn; of a group its first
/// row stands for all.
fn draw_folds(observations: &Observations<'_>, folds: usize, seed: u64) -> Result<Vec<usize>, EngineError> {
    let mut random = Xoshiro256Plus::seed_from_u64(seed);
    let Heads { head, bad } = Heads::of(observations.bad, observations.groups);
    let mut fold_of = vec![0; bad.len()];
    for class in [true, false] {
        let counts = |row: &usize| observations.weights.is_none_or(|weights| weights[*row] > 0.0);
        let of_class = (0..fold_of.len()).filter(|&row| head[row] == row && bad[row] == class);
        let mut rows: Vec<usize> = of_class.filter(counts).collect();
        if folds < 2 || rows.len() < folds {
            let expected = "2 or more, at most the bad rows and at most the good rows";
            return Err(EngineError::Parameter { name: "folds", value: folds.to_string(), expected });
        }
        for last in (1..rows.len()).rev() {
            let below = (u128::from(random.next_u64()) * (last as u128 + 1)) >> 64;
            rows.swap(last, below as usize);
        }
        rows.iter().enumerate().for_each(|(turn, &row)| fold_of[row] = turn % folds);
    }
    Ok(head.into_iter().map(|head| fold_of[head]).collect())
}

/// What one fold says of one penalty.
#[derive(Clone)]
struct Outcome {
    log_loss: f64,
    auc: f64,
    converged: bool,
}

fn score(observations: &Observations<'_>, held_out: &[usize], odds: &[f64], converged: bool) -> Outcome {
    let weight = |row: usize| observations.weights.map_or(1.0, |weights| weights[row]);
    let loss = |row: usize| {
        let wrong = if observations.bad[row] { -odds[row] } else { odds[row] };
        weight(row) * (wrong.max(0.0) + libm::log1p(libm::exp(-wrong.abs())))
    };
    let total: f64 = held_out.iter().map(|&row| weight(row)).sum();
    let bad: Vec<bool> = held_out.iter().map(|&row| observations.bad[row]).collect();
    let risk: Vec<f64> = held_out.iter().map(|&row| logistic(odds[row])).collect();
    let ranked = Ranked::new(&bad, &risk).expect("a fold has bads and goods and finite log-odds");
    let log_loss = held_out.iter().map(|&row| loss(row)).sum::<f64>() / total;
    Outcome { log_loss, auc: ranked.auc(), converged }
}

fn summarise(penalty: RegressionPenalty, outcomes: &[Outcome]) -> PenaltyScore {
    let folds = outcomes.len() as f64;
    let mean = |value: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(value).sum::<f64>() / folds;
    let log_loss = mean(&|outcome| outcome.log_loss);
    let squares = mean(&|outcome| (outcome.log_loss - log_loss) * (outcome.log_loss - log_loss));
    PenaltyScore {
        penalty,
        log_loss,
        log_loss_error: (squares / (folds - 1.0)).sqrt(),
        auc: mean(&|outcome| outcome.auc),
        converged: outcomes.iter().filter(|outcome| outcome.converged).count(),
    }
}
