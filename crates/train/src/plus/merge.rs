//! Fine bins joined again where the model makes no difference between them, so that tables stay readable.

use super::PlusParams;
use super::split::Line;
use arrears_model::transform::Transform;

/// What one join may cost: half the curvature-weighted square of what it moves, so about log loss, summed over
/// the training rows.
const NEGLIGIBLE_LOSS: f64 = 0.02;

/// Bins after joining.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub(super) transform: Transform,
    /// By joined bin.
    pub(super) values: Vec<f64>,
    /// The joined bin of every fine bin.
    pub(super) of_fine: Vec<usize>,
}

/// A run of neighbouring bins with one value.
#[derive(Clone, Debug)]
struct Run {
    bins: Vec<usize>,
    weight: f64,
    value: f64,
}

/// Joins regular bins with alike values, neighbours only (categories: neighbours by value), the cheapest first,
/// while that costs next to nothing or there are more than `max_bins`.
///
/// `values` and `weights` are by bin of `fine`; special bins, missing and other stay as they are.
pub(super) fn join_alike(
    fine: &Transform,
    line: Line,
    values: &[f64],
    weights: &[f64],
    params: &PlusParams,
) -> Joined {
    let regular = fine.regular_bins();
    let mut order: Vec<usize> = (0..regular).collect();
    if line == Line::Free {
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    }
    let one = |bin: usize| Run { bins: vec![bin], weight: weights[bin], value: values[bin] };
    let mut runs: Vec<Run> = order.into_iter().map(one).collect();
    while runs.len() > 1 {
        let cheapest = (0..runs.len() - 1)
            .map(|i| (i, cost(&runs[i], &runs[i + 1])))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, cost)| *cost <= NEGLIGIBLE_LOSS || runs.len() > params.max_bins);
        let Some((at, _)) = cheapest else { break };
        let next = runs.remove(at + 1);
        join(&mut runs[at], next);
    }
    let mut joined: Vec<f64> = runs.iter().map(|run| run.value).collect();
    joined.extend(&values[regular..]);
    let mut of_fine: Vec<usize> =
        (0..values.len()).map(|bin| (bin + runs.len()).saturating_sub(regular)).collect();
    for (at, run) in runs.iter().enumerate() {
        run.bins.iter().for_each(|bin| of_fine[*bin] = at);
    }
    Joined { transform: joined_transform(fine, &runs), values: joined, of_fine }
}

fn cost(a: &Run, b: &Run) -> f64 {
    pooling_cost(a.weight, b.weight, a.value - b.value)
}

/// What it costs to give two values their weighted mean.
fn pooling_cost(one: f64, other: f64, difference: f64) -> f64 {
    let weight = one + other;
    if weight > 0.0 { 0.5 * one * other / weight * difference * difference } else { 0.0 }
}

fn join(run: &mut Run, next: Run) {
    let weight = run.weight + next.weight;
    if weight > 0.0 {
        run.value = (run.weight * run.value + next.weight * next.value) / weight;
    }
    run.weight = weight;
    run.bins.extend(next.bins);
}

fn joined_transform(fine: &Transform, runs: &[Run]) -> Transform {
    match fine {
        Transform::Intervals { field, splits } => {
            let mut at = 0;
            let kept = runs[..runs.len() - 1].iter().map(|run| {
                at += run.bins.len();
                splits[at - 1]
            });
            Transform::Intervals { field: *field, splits: kept.collect() }
        }
        Transform::Groups { field, group_of, .. } => {
            let run_of = |group: &usize| runs.iter().position(|run| run.bins.contains(group)).unwrap_or(0);
            let group_of = group_of.iter().map(run_of).collect();
            Transform::Groups { field: *field, groups: runs.len(), group_of }
        }
        other => other.clone(),
    }
}

/// A row or a column of a pair's table, or several joined.
#[derive(Clone, Debug)]
pub(super) struct Strip {
    /// The lines it was joined from.
    pub(super) lines: Vec<usize>,
    /// Curvature by cell.
    pub(super) weights: Vec<f64>,
    /// Log-odds by cell.
    pub(super) values: Vec<f64>,
    /// Training rows by cell.
    pub(super) rows: Vec<f64>,
}

/// Joins neighbouring lines by the same rule as single bins.
pub(super) fn join_lines(mut lines: Vec<Strip>, most: usize) -> Vec<Strip> {
    while lines.len() > 1 {
        let cheapest = (0..lines.len() - 1)
            .map(|i| (i, line_cost(&lines[i], &lines[i + 1])))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, cost)| *cost <= NEGLIGIBLE_LOSS || lines.len() > most);
        let Some((at, _)) = cheapest else { break };
        let next = lines.remove(at + 1);
        let line = &mut lines[at];
        line.lines.extend(next.lines);
        for i in 0..line.values.len() {
            let weight = line.weights[i] + next.weights[i];
            let share = if weight > 0.0 { next.weights[i] / weight } else { 0.5 };
            line.values[i] += share * (next.values[i] - line.values[i]);
            line.weights[i] = weight;
            line.rows[i] += next.rows[i];
        }
    }
    lines
}

fn line_cost(a: &Strip, b: &Strip) -> f64 {
    let cells = a.weights.iter().zip(&b.weights).zip(a.values.iter().zip(&b.values));
    cells.map(|((wa, wb), (va, vb))| pooling_cost(*wa, *wb, va - vb)).sum()
}
