//! Variance inflation: variables that several others together explain.

use super::Step;
use super::state::{Correlations, State};
use crate::regression::Cholesky;

/// What the others leave of a variable's variance below which it counts as their combination.
const COLLINEAR: f64 = 1e-10;

/// Drops the largest VIF while it is above the limit; among equals the one with the least IV.
pub(super) fn drop_inflated(state: &mut State<'_>, correlations: &Correlations) {
    let Some(limit) = state.params.max_vif else { return };
    loop {
        let factors = factors(&state.alive, correlations);
        let above = state.alive.iter().copied().zip(factors).filter(|(_, vif)| *vif > limit);
        let (forced, free): (Vec<_>, Vec<_>) = above.partition(|(candidate, _)| state.forced[*candidate]);
        let Some((candidate, vif)) = free.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
            for (candidate, vif) in forced {
                state.drop_unless_forced(candidate, Step::Inflation, reason(vif, limit));
            }
            return;
        };
        state.decisions[candidate].vif = Some(vif);
        state.drop(candidate, Step::Inflation, reason(vif, limit));
    }
}

fn reason(vif: f64, limit: f64) -> String {
    if vif.is_finite() {
        let explained = 100.0 * (1.0 - 1.0 / vif);
        format!("VIF {vif:.2} above {limit}: the other variables explain {explained:.1} % of it")
    } else {
        format!("a combination of the other variables (VIF infinite, above {limit})")
    }
}

/// Gives each variable kept its VIF.
pub(super) fn report(state: &mut State<'_>, correlations: &Correlations) {
    for (&candidate, vif) in state.alive.iter().zip(factors(&state.alive, correlations)) {
        state.decisions[candidate].vif = Some(vif);
    }
}

/// The diagonal of the inverse correlation matrix, `1 / (1 - R^2)`. A combination of the members before it is
/// infinite, and the rest is measured without it.
fn factors(members: &[usize], correlations: &Correlations) -> Vec<f64> {
    let n = members.len();
    let matrix: Vec<f64> = (0..n * n).map(|k| correlations.of(members[k / n], members[k % n])).collect();
    let decomposed = Cholesky::new(&matrix, n, &vec![false; n], COLLINEAR);
    let inverse = decomposed.inverse();
    (0..n).map(|i| if decomposed.left_out[i] { f64::INFINITY } else { inverse[i * n + i] }).collect()
}
