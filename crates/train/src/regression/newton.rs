//! Newton's method on the sums of a pass, with steps halved until the objective does not rise.
//!
//! A Gram matrix from a point close by serves as well as a new one for all but the last step, at half the price,
//! so it is measured anew only where the coefficients have moved too far and at the end, for the standard
//! errors. The first steps go over a sample of the rows.

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
const LAST_STEP: f64 = 5e-9;
/// A Gram matrix serves until the coefficients have moved this far: each step then leaves a hundredth of the error.
const NEAR: f64 = 0.01;
const SAMPLE_STEP: f64 = 0.03;
const SAMPLE_ITERATIONS: u64 = 12;
/// Fewer rows, or fewer a column, are not worth a start on a sample.
const SAMPLE_FROM: usize = 1 << 15;
const SAMPLE_ROWS_A_COLUMN: usize = 1 << 10;
/// Beyond these log-odds the curvature of a sample says nothing about all rows.
const SAMPLE_ODDS: f64 = 15.0;
const MOST_HALVINGS: usize = 40;
/// Rounding of a sum of losses; an objective may seem to rise by this much.
const ROUNDING: f64 = 1e-13;

/// Where Newton's method stopped.
pub(super) struct Arrived {
    /// Scaled coefficients, intercept first.
    pub(super) beta: Vec<f64>,
    /// The last pass, its Gram matrix included. Where the method converged, one more small step lies between it
    /// and `beta`.
    pub(super) sums: Sums,
    pub(super) gradient_norm: f64,
    pub(super) iterations: u64,
    /// Columns held at 0 because they are constant or collinear, the intercept first.
    pub(super) left_out: Vec<bool>,
    pub(super) separation: Option<Separation>,
    /// Length of the step from the last pass.
    last_step: f64,
}

impl Arrived {
    /// Whether the sums are numbers; they are not where a value of a column is none or too large.
    pub(super) fn is_finite(&self) -> bool {
        self.gradient_norm.is_finite() && self.sums.gram.iter().all(|sum| sum.is_finite())
    }
}

/// Minimises over all rows, from `start` if given, otherwise from what a sample of the rows says.
pub(super) fn minimise(
    problem: &Prepared<'_>,
    penalty: &Penalty,
    params: &RegressionParams,
    start: Option<Vec<f64>>,
) -> Arrived {
    let newton = Newton {
        problem,
        penalty,
        params,
        rows: Rows::All,
        iterations: params.max_iterations,
        gradient: params.tolerance,
        step: LAST_STEP,
    };
    if let Some(start) = start {
        return newton.run(start, None);
    }
    let from = without_columns(problem);
    match start_on_sample(problem, penalty, params) {
        Some(sample) => {
            let share = problem.total_weight() / sample_weight(problem);
            let gram = sample.sums.gram.iter().map(|sum| sum * share).collect();
            let curvature = Curvature { gram, left_out: sample.left_out, moved: sample.last_step };
            let arrived = newton.run(sample.beta, Some(curvature));
            // A column that the sample took for independent and all rows do not: start again without it.
            let clean =
                arrived.left_out.iter().zip(&arrived.beta).all(|(left_out, b)| !left_out || *b == 0.0);
            if clean { arrived } else { newton.run(from, None) }
        }
        None => newton.run(from, None),
    }
}

/// All coefficients 0 and the intercept that fits the share of bads.
fn without_columns(problem: &Prepared<'_>) -> Vec<f64> {
    let mut start = vec![0.0; problem.columns.len() + 1];
    start[0] = libm::log(problem.bads / problem.goods);
    start
}

fn start_on_sample(problem: &Prepared<'_>, penalty: &Penalty, params: &RegressionParams) -> Option<Arrived> {
    let enough = SAMPLE_FROM.max(SAMPLE_ROWS_A_COLUMN * (problem.columns.len() + 1));
    let weight = sample_weight(problem);
    if problem.rows < enough || weight <= 0.0 {
        return None;
    }
    let penalty = &penalty.of_part(weight / problem.total_weight());
    let (rows, iterations, gradient, step) = (Rows::Sample, SAMPLE_ITERATIONS, f64::INFINITY, SAMPLE_STEP);
    let newton = Newton { problem, penalty, params, rows, iterations, gradient, step };
    let arrived = newton.run(without_columns(problem), None);
    (arrived.is_finite() && arrived.sums.largest < SAMPLE_ODDS).then_some(arrived)
}

/// A problem and when to stop.
struct Newton<'a> {
    problem: &'a Prepared<'a>,
    penalty: &'a Penalty,
    params: &'a RegressionParams,
    rows: Rows,
    /// Most steps.
    iterations: u64,
    /// The gradient has to be this small, and so has the step.
    gradient: f64,
    step: f64,
}

/// Second derivatives and how far away they were measured.
struct Curvature {
    gram: Vec<f64>,
    left_out: Vec<bool>,
    moved: f64,
}

/// A point, the pass there and its objective.
struct Point {
    beta: Vec<f64>,
    sums: Sums,
    objective: f64,
}

impl Point {
    fn moved(&self, step: &[f64], part: f64) -> Vec<f64> {
        self.beta.iter().zip(step).map(|(b, s)| b + part * s).collect()
    }
}

impl Newton<'_> {
    /// From `start`, with the curvature there if it is known.
    fn run(&self, start: Vec<f64>, known: Option<Curvature>) -> Arrived {
        let mut point = self.at(start, known.is_none());
        // What is collinear is settled once, by the first curvature of all rows: later some columns may look so
        // because the rows that tell them apart have probabilities near 0 or 1.
        let mut settled = known.is_none();
        let mut curvature = known.unwrap_or_else(|| self.measure(&point, None));
        let (mut iterations, mut last_size) = (0, f64::INFINITY);
        loop {
            let here = curvature.moved == 0.0;
            let norm = gradient_norm(self.problem, self.params, &point.beta, &point.sums.gradient);
            let step = self.step(&point, &curvature);
            let size = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
            let separation = self.separation(&point, here.then_some(&step), iterations);
            // Where rounding keeps the steps from shrinking, the gradient alone decides.
            let small = size <= self.step || (size < 1e-6 && size > last_size / 2.0);
            let arrived = here && small && norm <= self.gradient && separation.is_none();
            if arrived {
                point.beta = point.moved(&step, 1.0);
            }
            let stop = arrived || separation.is_some() || iterations >= self.iterations;
            let next = if stop { None } else { self.advance(&point, &step, &curvature) };
            match next {
                Some(next) => {
                    (point, last_size) = (next, size);
                    curvature.moved += size;
                    iterations += 1;
                }
                None if here || stop => {
                    return self.finish(point, curvature, (norm, size), iterations, separation);
                }
                None => point = self.at(point.beta, true),
            }
            if !point.sums.gram.is_empty() {
                curvature = self.measure(&point, settled.then_some(curvature.left_out));
                settled = true;
            }
        }
    }

    fn at(&self, beta: Vec<f64>, with_gram: bool) -> Point {
        let sums = pass(self.problem, &beta, self.rows, with_gram);
        let objective = sums.loss + self.penalty.value(&beta);
        Point { beta, sums, objective }
    }

    /// Takes over the Gram matrix of a pass. Constant columns are left out, and, without corners, those collinear
    /// with columns before them.
    fn measure(&self, point: &Point, left_out: Option<Vec<bool>>) -> Curvature {
        let gram = point.sums.gram.clone();
        let left_out = left_out.unwrap_or_else(|| {
            let constant = self.problem.scaled.iter().map(|scaled| scaled.constant);
            let constant: Vec<bool> = std::iter::once(false).chain(constant).collect();
            if self.penalty.has_corners() {
                return constant;
            }
            Cholesky::new(&self.penalised(&gram), point.beta.len(), &constant, COLLINEAR).left_out
        });
        Curvature { gram, left_out, moved: 0.0 }
    }

    /// The Gram matrix with the L2 penalty on its diagonal.
    fn penalised(&self, gram: &[f64]) -> Vec<f64> {
        let n = self.penalty.l2.len();
        let mut matrix = gram.to_vec();
        (0..n).for_each(|j| matrix[j * n + j] += self.penalty.l2[j]);
        matrix
    }

    /// To the minimum of the quadratic approximation.
    fn step(&self, point: &Point, curvature: &Curvature) -> Vec<f64> {
        let (beta, slope, n) = (&point.beta, &point.sums.gradient, point.beta.len());
        let Curvature { gram, left_out, .. } = curvature;
        let step: Vec<f64> = if self.penalty.has_corners() {
            let to = descend(beta, slope, gram, self.penalty, left_out);
            to.iter().zip(beta).map(|(to, from)| to - from).collect()
        } else {
            let downhill: Vec<f64> =
                (0..n).map(|j| -self.penalty.subgradient(j, beta[j], slope[j])).collect();
            Cholesky::new(&self.penalised(gram), n, left_out, COLLINEAR / 100.0).solve(&downhill)
        };
        if step.iter().all(|s| s.is_finite()) { step } else { vec![0.0; n] }
    }

    /// Only without a penalty, which gives every data set an optimum. Nothing is said on a sample.
    fn separation(&self, point: &Point, step: Option<&Vec<f64>>, iterations: u64) -> Option<Separation> {
        if !self.penalty.is_none() || self.rows == Rows::Sample {
            return None;
        }
        find_separation(self.problem, &point.beta, &point.sums, step.map(Vec::as_slice), iterations)
    }

    /// The first point on the way (all of the step, half, a quarter ...) where the objective has not risen; `None`
    /// if it rises however short the way. A step by a curvature from elsewhere has one try.
    fn advance(&self, from: &Point, step: &[f64], curvature: &Curvature) -> Option<Point> {
        let size = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
        if size == 0.0 {
            return None;
        }
        let moved = curvature.moved + size;
        // What one more step would leave with the curvature as it is: if next to nothing, it shall be the last.
        let measure = moved > NEAR || size * moved <= LAST_STEP || self.rows == Rows::Sample;
        let tries = if curvature.moved == 0.0 { MOST_HALVINGS } else { 1 };
        let parts = std::iter::successors(Some(1.0), |part| Some(part / 2.0)).take(tries);
        let mut points = parts.map(|part| self.at(from.moved(step, part), measure));
        points.find(|next| next.objective <= from.objective * (1.0 + ROUNDING))
    }

    fn finish(
        &self,
        point: Point,
        curvature: Curvature,
        (gradient_norm, last_step): (f64, f64),
        iterations: u64,
        separation: Option<Separation>,
    ) -> Arrived {
        let Point { beta, mut sums, .. } = point;
        if sums.gram.is_empty() {
            sums = pass(self.problem, &beta, self.rows, true);
        }
        let left_out = curvature.left_out;
        Arrived { beta, sums, gradient_norm, iterations, left_out, separation, last_step }
    }
}
