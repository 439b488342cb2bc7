//! The penalties and sign constraints, on the scaled columns, and what they do to the gradient.

use super::design::Prepared;
use super::{RegressionParams, Sign};

/// What is minimised beside the loss. One entry a coefficient, the intercept (never penalised) first.
#[derive(Clone, Debug)]
pub(super) struct Penalty {
    pub(super) l2: Vec<f64>,
    pub(super) l1: Vec<f64>,
    pub(super) signs: Vec<Sign>,
}

impl Penalty {
    /// A coefficient of a scaled column is `spread` times the one asked for, so its penalties shrink by that.
    pub(super) fn new(problem: &Prepared<'_>, params: &RegressionParams) -> Self {
        let spreads = || problem.scaled.iter().map(|s| s.spread);
        let signs =
            if params.signs.is_empty() { &vec![Sign::Free; problem.columns.len()] } else { &params.signs };
        Self {
            l2: std::iter::once(0.0).chain(spreads().map(|s| params.l2 / (s * s))).collect(),
            l1: std::iter::once(0.0).chain(spreads().map(|s| params.l1 / s)).collect(),
            signs: std::iter::once(Sign::Free).chain(signs.iter().copied()).collect(),
        }
    }

    /// The same balance between loss and penalty on a part of the rows.
    pub(super) fn of_part(&self, part: f64) -> Self {
        let shrink = |values: &[f64]| values.iter().map(|v| v * part).collect();
        Self { l2: shrink(&self.l2), l1: shrink(&self.l1), signs: self.signs.clone() }
    }

    /// Whether a Newton step alone may leave what is allowed or optimal: an L1 penalty or a sign.
    pub(super) fn has_corners(&self) -> bool {
        self.l1.iter().any(|&l1| l1 > 0.0) || self.signs.iter().any(|&sign| sign != Sign::Free)
    }

    pub(super) fn is_none(&self) -> bool {
        !self.has_corners() && self.l2.iter().all(|&l2| l2 == 0.0)
    }

    /// `l2/2 * |b|^2 + l1 * |b|_1`.
    pub(super) fn value(&self, beta: &[f64]) -> f64 {
        let terms = beta.iter().zip(&self.l2).zip(&self.l1);
        terms.map(|((b, l2), l1)| l2 / 2.0 * b * b + l1 * b.abs()).sum()
    }

    /// The subgradient of least size at each coefficient, where `slope` is the gradient of the loss: zero
    /// exactly where no allowed move of this coefficient alone makes the objective smaller.
    pub(super) fn subgradient(&self, j: usize, beta: f64, slope: f64) -> f64 {
        let slope = slope + self.l2[j] * beta;
        let l1 = self.l1[j];
        if beta != 0.0 {
            return slope + l1.copysign(beta);
        }
        let upwards = if self.signs[j].allows(1.0) { (slope + l1).min(0.0) } else { 0.0 };
        let downwards = if self.signs[j].allows(-1.0) { (slope - l1).max(0.0) } else { 0.0 };
        upwards + downwards
    }

    /// The coefficient that minimises `curvature/2 * b^2 - pull * b + l1 * |b|` among those allowed; the L2
    /// penalty is part of the curvature.
    pub(super) fn shrink(&self, j: usize, pull: f64, curvature: f64) -> f64 {
        let size = pull.abs() - self.l1[j];
        if size > 0.0 && self.signs[j].allows(pull) { (size / curvature).copysign(pull) } else { 0.0 }
    }
}

impl Sign {
    /// Whether a coefficient may have the sign of this number.
    pub(super) fn allows(self, number: f64) -> bool {
        match self {
            Self::Free => true,
            Self::NotPositive => number <= 0.0,
            Self::NotNegative => number >= 0.0,
        }
    }
}

/// Euclidean norm of the subgradient in the units of the columns, divided by the weight of the rows.
/// `gradient` and `beta` are those of the scaled columns.
pub(super) fn gradient_norm(
    problem: &Prepared<'_>,
    params: &RegressionParams,
    beta: &[f64],
    gradient: &[f64],
) -> f64 {
    let plain = Penalty {
        l2: vec![params.l2; problem.columns.len()],
        l1: vec![params.l1; problem.columns.len()],
        signs: if params.signs.is_empty() {
            vec![Sign::Free; problem.columns.len()]
        } else {
            params.signs.clone()
        },
    };
    let squares = problem.scaled.iter().enumerate().map(|(j, scaled)| {
        let slope = scaled.spread * gradient[j + 1] + scaled.centre * gradient[0];
        let subgradient = plain.subgradient(j, beta[j + 1] / scaled.spread, slope);
        subgradient * subgradient
    });
    (squares.sum::<f64>() + gradient[0] * gradient[0]).sqrt() / problem.total_weight()
}
