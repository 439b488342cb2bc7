//! Stepwise selection: one variable enters or leaves at a time.
//!
//! With AIC or BIC the move is made that lowers the criterion most, so no model comes twice. The score statistic of a
//! variable outside and the Wald statistic of one inside are estimates of the change of the deviance; what counts is
//! the criterion of refitted models. Not all are refitted: the change is taken to be at most twice the score
//! statistic, which it reaches for a small bin without bads, and at least half the Wald statistic. A move that could
//! not even then lower the criterion, or by less than another one did, is not tried.
//!
//! With p-values a variable enters at the least p-value of the score test and leaves at the highest of the Wald
//! test; leaving goes first, and what has left does not come back.

use super::state::State;
use super::{Criterion, Step, Stepwise};
use crate::engine::EngineError;
use crate::regression::{Regression, RegressionParams, score_statistics};

/// One step of the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// The candidate, by index.
    pub candidate: usize,
    /// Whether it entered; otherwise it left.
    pub entered: bool,
    /// The criterion before and after; with p-values the p-value of the move (twice).
    pub criterion: (f64, f64),
}

/// An improvement by less than this part of the criterion is rounding.
const ROUNDING: f64 = 1e-10;

/// The model of a moment, over the candidates of the pool.
struct Model {
    pool: Vec<usize>,
    inside: Vec<bool>,
    /// 0 outside.
    coefficients: Vec<f64>,
    standard_errors: Vec<f64>,
    fit: Regression,
}

/// A move that may be worth a fit.
struct Proposal {
    at: usize,
    enters: bool,
    /// Estimated fall of the criterion.
    promise: f64,
    /// The most it may fall by.
    at_most: f64,
    p_value: f64,
}

/// Drops what stepwise selection leaves outside.
pub(super) fn stepwise(state: &mut State<'_>) -> Result<Vec<Move>, EngineError> {
    let (direction, criterion) = (state.params.stepwise, state.params.criterion);
    if direction == Stepwise::None {
        return Ok(Vec::new());
    }
    let pool = state.alive.clone();
    let inside = pool.iter().map(|&i| state.forced[i] || direction == Stepwise::Backward).collect();
    let mut model = Model::new(state, pool, inside, None)?;
    let mut path: Vec<Move> = Vec::new();
    if !model.fit.converged {
        let notes: Vec<String> =
            model.fit.notes.iter().map(|note| state.tell(note, &model.members())).collect();
        state.notes.push(format!("no stepwise selection: {}", notes.join("; ")));
        return Ok(path);
    }
    loop {
        let scores = model.scores(state)?;
        let proposals = model.proposals(state, &scores, &path);
        let Some((next, made)) = model.best_move(state, &proposals)? else {
            drop_outside(state, &model, &scores, &path, criterion);
            return Ok(path);
        };
        (model, _) = (next, path.push(made));
    }
}

impl Model {
    fn new(
        state: &State<'_>,
        pool: Vec<usize>,
        inside: Vec<bool>,
        start: Option<(f64, &[f64])>,
    ) -> Result<Self, EngineError> {
        let places: Vec<usize> = (0..pool.len()).filter(|&at| inside[at]).collect();
        let members: Vec<usize> = places.iter().map(|&at| pool[at]).collect();
        let start = start.map(|(intercept, all)| (intercept, places.iter().map(|&at| all[at]).collect()));
        let start: Option<(f64, Vec<f64>)> = start;
        let params = RegressionParams { signs: Vec::new(), ..state.regression.clone() };
        let fit = state.fit(&members, &params, start.as_ref().map(|(i, c)| (*i, &c[..])))?;
        let mut model = Self {
            coefficients: vec![0.0; pool.len()],
            standard_errors: vec![0.0; pool.len()],
            pool,
            inside,
            fit,
        };
        for (among, &at) in places.iter().enumerate() {
            model.coefficients[at] = model.fit.coefficients[among];
            model.standard_errors[at] = model.fit.standard_errors.as_ref().map_or(0.0, |e| e[among + 1]);
        }
        Ok(model)
    }

    fn members(&self) -> Vec<usize> {
        self.pool.iter().zip(&self.inside).filter(|(_, inside)| **inside).map(|(i, _)| *i).collect()
    }

    fn value(&self, criterion: Criterion) -> f64 {
        if criterion == Criterion::Bic { self.fit.bic } else { self.fit.aic }
    }

    /// What a parameter costs.
    fn price(&self, criterion: Criterion) -> f64 {
        if criterion == Criterion::Bic { libm::log(self.fit.weight) } else { 2.0 }
    }

    /// Score statistics of the pool, unless nothing may enter.
    fn scores(&self, state: &State<'_>) -> Result<Vec<f64>, EngineError> {
        if state.params.stepwise == Stepwise::Backward {
            return Ok(vec![0.0; self.pool.len()]);
        }
        let design = state.design(&self.pool);
        let at = (self.fit.intercept, &self.coefficients[..]);
        score_statistics(&design, state.observations, state.regression, at, &self.inside)
    }

    fn wald(&self, at: usize) -> f64 {
        let error = self.standard_errors[at];
        let z = if error > 0.0 { self.coefficients[at] / error } else { 0.0 };
        z * z
    }

    /// Moves worth a try, the most promising first.
    fn proposals(&self, state: &State<'_>, scores: &[f64], path: &[Move]) -> Vec<Proposal> {
        let criterion = state.params.criterion;
        let price = self.price(criterion);
        let propose = |at: usize| {
            let enters = !self.inside[at];
            let statistic = if enters { scores[at] } else { self.wald(at) };
            let (promise, at_most) = if enters {
                (statistic - price, 2.0 * statistic - price)
            } else {
                (price - statistic, price - statistic / 2.0)
            };
            let proposal = Proposal { at, enters, promise, at_most, p_value: p_value(statistic) };
            let worth = match criterion {
                Criterion::PValue if enters => {
                    proposal.p_value <= state.params.p_enter
                        && !path.iter().any(|made| made.candidate == self.pool[at])
                }
                Criterion::PValue => proposal.p_value > state.params.p_remove,
                Criterion::Aic | Criterion::Bic => at_most > 0.0,
            };
            worth.then_some(proposal)
        };
        let allowed = |at: &usize| match state.params.stepwise {
            Stepwise::Forward => !self.inside[*at],
            _ => !(self.inside[*at] && state.forced[self.pool[*at]]),
        };
        let mut proposals: Vec<Proposal> = (0..self.pool.len()).filter(allowed).filter_map(propose).collect();
        if criterion == Criterion::PValue {
            // The statistics that make p-values are compared: far out all p-values are 0.
            proposals.sort_by(|a, b| a.enters.cmp(&b.enters).then(b.promise.total_cmp(&a.promise)));
        } else {
            proposals.sort_by(|a, b| b.promise.total_cmp(&a.promise));
        }
        proposals
    }

    /// The sound refitted model with the lowest criterion, where that is lower than now; of two as low the one that
    /// promised more. With p-values the first sound one.
    fn best_move(
        &self,
        state: &State<'_>,
        proposals: &[Proposal],
    ) -> Result<Option<(Self, Move)>, EngineError> {
        let criterion = state.params.criterion;
        let by_p = criterion == Criterion::PValue;
        let now = self.value(criterion);
        let (mut best, mut lowest) = (None, now);
        for proposal in proposals {
            if !by_p && proposal.at_most <= now - lowest {
                continue;
            }
            let mut inside = self.inside.clone();
            inside[proposal.at] = proposal.enters;
            let start = (self.fit.intercept, &self.coefficients[..]);
            let next = Self::new(state, self.pool.clone(), inside, Some(start))?;
            let value = next.value(criterion);
            let better = by_p || value < lowest - ROUNDING * lowest.abs();
            if next.fit.converged && better {
                let values = if by_p { (proposal.p_value, proposal.p_value) } else { (now, value) };
                let candidate = self.pool[proposal.at];
                best = Some((next, Move { candidate, entered: proposal.enters, criterion: values }));
                if by_p {
                    break;
                }
                lowest = value;
            }
        }
        Ok(best)
    }
}

/// Upper tail of the chi-square distribution with one degree of freedom.
fn p_value(statistic: f64) -> f64 {
    libm::erfc((statistic / 2.0).sqrt())
}

fn drop_outside(state: &mut State<'_>, model: &Model, scores: &[f64], path: &[Move], criterion: Criterion) {
    let how = format!("stepwise ({}, {criterion})", state.params.stepwise);
    for (at, &candidate) in model.pool.iter().enumerate().filter(|(at, _)| !model.inside[*at]) {
        let left = path.iter().rev().find(|made| made.candidate == candidate);
        let (score, p) = (scores[at], p_value(scores[at]));
        let why = match (left, criterion) {
            (Some(Move { criterion: (p, _), .. }), Criterion::PValue) => {
                format!("it left with a p-value of {p:.4}, above {}", state.params.p_remove)
            }
            (Some(Move { criterion: (before, after), .. }), _) => {
                format!("leaving it out lowered the {criterion} from {before:.2} to {after:.2}")
            }
            (None, Criterion::PValue) => {
                format!("it would enter with a p-value of {p:.4}, above {}", state.params.p_enter)
            }
            (None, _) => {
                let price = model.price(criterion);
                format!(
                    "it does not lower the {criterion}: beside the others it takes about {score:.2} from the \
                     deviance and costs {price:.2}"
                )
            }
        };
        state.drop(candidate, Step::Stepwise, format!("{how}: {why}"));
    }
}
