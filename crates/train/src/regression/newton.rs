//! Newton's method on the sums of a pass, with steps halved until the objective does not rise.

use super::RegressionParams;
use super::cholesky::Cholesky;
use super::coordinate::descend;
use super::design::Prepared;
use super::gram::{Rows, Sums, pass, sample_weight};
use super::penalty::{Penalty, gradient_norm};
use super::separation::{Separation, find_separation};

/// What is left of a column after elimination, relative to before, below which it counts as collinear.
const COLLINEAR: f64 = 1e-12;
/// A step this small, in standard deviations of the columns, leaves an error of its square.
const LAST_STEP: f64 = 1e-9;
const SAMPLE_STEP: f64 = 0.03;
const SAMPLE_ITERATIONS: u64 = 12;
/// Fewer rows are not worth a start on a sample.
const SAMPLE_FROM: usize = 1 << 15;
/// Beyond these log-odds the curvature of a sample says nothing about all rows.
const SAMPLE_ODDS: f64 = 15.0;
const MOST_HALVINGS: u32 = 40;
/// Rounding of a sum of losses; an objective may seem to rise by this much.
const ROUNDING: f64 = 1e-13;

/// Where Newton's method stopped.
pub(super) struct Arrived {
    /// Scaled coefficients, intercept first.
    pub(super) beta: Vec<f64>,
    /// The last pass. Where the method converged, one more step of at most [`LAST_STEP`] lies between it and
    /// `beta`.
    pub(super) sums: Sums,
    pub(super) gradient_norm: f64,
    pub(super) iterations: u64,
    /// Columns held at 0 because they are constant or collinear, the intercept first.
    pub(super) left_out: Vec<bool>,
    pub(super) separation: Option<Separation>,
}

/// When to stop.
struct Stop {
    rows: Rows,
    iterations: u64,
    gradient: f64,
    step: f64,
}

/// Minimises over all rows, from `start` if given, otherwise from what a sample of the rows says.
pub(super) fn minimise(
    problem: &Prepared<'_>,
    penalty: &Penalty,
    params: &RegressionParams,
    start: Option<Vec<f64>>,
) -> Arrived {
    let start = start.or_else(|| start_on_sample(problem, penalty, params));
    let start = start.unwrap_or_else(|| without_columns(problem));
    let stop = Stop {
        rows: Rows::All,
        iterations: params.max_iterations,
        gradient: params.tolerance,
        step: LAST_STEP,
    };
    iterate(problem, penalty, params, start, &stop)
}

/// All coefficients 0 and the intercept that fits the share of bads.
fn without_columns(problem: &Prepared<'_>) -> Vec<f64> {
    let mut start = vec![0.0; problem.columns.len() + 1];
    start[0] = libm::log(problem.bads / problem.goods);
    start
}

fn start_on_sample(problem: &Prepared<'_>, penalty: &Penalty, params: &RegressionParams) -> Option<Vec<f64>> {
    if problem.rows < SAMPLE_FROM.max(64 * 16 * (problem.columns.len() + 1)) {
        return None;
    }
    let start = without_columns(problem);
    let stop = Stop {
        rows: Rows::Sample,
        iterations: SAMPLE_ITERATIONS,
        gradient: f64::INFINITY,
        step: SAMPLE_STEP,
    };
    let part = penalty.of_part(sample_weight(problem) / problem.total_weight());
    let arrived = iterate(problem, &part, params, start, &stop);
    let usable = arrived.gradient_norm.is_finite() && arrived.sums.largest < SAMPLE_ODDS;
    usable.then_some(arrived.beta)
}

/// A point, its pass and its objective.
struct Point {
    beta: Vec<f64>,
    sums: Sums,
    objective: f64,
}

impl Point {
    fn at(problem: &Prepared<'_>, penalty: &Penalty, beta: Vec<f64>, rows: Rows) -> Self {
        let sums = pass(problem, &beta, rows);
        let objective = sums.loss + penalty.value(&beta);
        Self { beta, sums, objective }
    }

    fn moved(&self, step: &[f64], part: f64) -> Vec<f64> {
        self.beta.iter().zip(step).map(|(b, s)| b + part * s).collect()
    }
}

fn iterate(
    problem: &Prepared<'_>,
    penalty: &Penalty,
    params: &RegressionParams,
    start: Vec<f64>,
    stop: &Stop,
) -> Arrived {
    let mut point = Point::at(problem, penalty, start, stop.rows);
    let left_out = left_out(problem, &point, penalty);
    let (mut iterations, mut last_size, mut separation) = (0, f64::INFINITY, None);
    loop {
        let norm = gradient_norm(problem, params, &point.beta, &point.sums.gradient);
        let step = step(&point, penalty, &left_out);
        let size = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
        if penalty.is_none() && stop.rows == Rows::All {
            separation = find_separation(problem, &point.beta, &point.sums, &step, iterations);
        }
        // Where rounding keeps the steps from shrinking, the gradient alone decides.
        let small = size <= stop.step || (size < 1e-6 && size > last_size / 2.0);
        let arrived = norm <= stop.gradient && small;
        if arrived && separation.is_none() {
            point.beta = point.moved(&step, 1.0);
        }
        let next = if arrived || separation.is_some() || iterations == stop.iterations {
            None
        } else {
            advance(problem, penalty, &point, &step, stop.rows)
        };
        let Some(next) = next else {
            let Point { beta, sums, .. } = point;
            return Arrived { beta, sums, gradient_norm: norm, iterations, left_out, separation };
        };
        (point, last_size) = (next, size);
        iterations += 1;
    }
}

/// Constant columns always; without corners also those collinear with the columns before them.
fn left_out(problem: &Prepared<'_>, point: &Point, penalty: &Penalty) -> Vec<bool> {
    let constant: Vec<bool> =
        std::iter::once(false).chain(problem.scaled.iter().map(|scaled| scaled.constant)).collect();
    if penalty.has_corners() {
        return constant;
    }
    Cholesky::new(&curvature(point, penalty), point.beta.len(), &constant, COLLINEAR).left_out
}

/// The Gram matrix with the L2 penalty on its diagonal.
fn curvature(point: &Point, penalty: &Penalty) -> Vec<f64> {
    let n = point.beta.len();
    let mut matrix = point.sums.gram.clone();
    (0..n).for_each(|j| matrix[j * n + j] += penalty.l2[j]);
    matrix
}

/// To the minimum of the quadratic approximation.
fn step(point: &Point, penalty: &Penalty, left_out: &[bool]) -> Vec<f64> {
    let (beta, sums) = (&point.beta, &point.sums);
    let step: Vec<f64> = if penalty.has_corners() {
        let to = descend(beta, &sums.gradient, &sums.gram, penalty, left_out);
        to.iter().zip(beta).map(|(to, from)| to - from).collect()
    } else {
        let downhill: Vec<f64> =
            (0..beta.len()).map(|j| -penalty.subgradient(j, beta[j], sums.gradient[j])).collect();
        Cholesky::new(&curvature(point, penalty), beta.len(), left_out, COLLINEAR / 100.0).solve(&downhill)
    };
    if step.iter().all(|s| s.is_finite()) { step } else { vec![0.0; beta.len()] }
}

/// The first point on the way (all of the step, half, a quarter ...) where the objective has not risen; `None`
/// if it rises however short the way.
fn advance(
    problem: &Prepared<'_>,
    penalty: &Penalty,
    from: &Point,
    step: &[f64],
    rows: Rows,
) -> Option<Point> {
    if step.iter().all(|s| *s == 0.0) {
        return None;
    }
    let mut part = 1.0;
    for _ in 0..MOST_HALVINGS {
        let next = Point::at(problem, penalty, from.moved(step, part), rows);
        if next.objective <= from.objective * (1.0 + ROUNDING) {
            return Some(next);
        }
        part /= 2.0;
    }
    None
}
