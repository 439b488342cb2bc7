//! Of two variables that say nearly the same, the one with more information stays.

use super::Step;
use super::state::{Correlations, State};

/// From the best variable down: one that correlates beyond the limit with a better one that stayed is dropped.
pub(super) fn drop_correlated(state: &mut State<'_>, correlations: &Correlations) {
    let limit = state.params.max_correlation;
    let mut stayed: Vec<usize> = Vec::new();
    for candidate in state.alive.clone() {
        let partner = strongest(candidate, &stayed, correlations);
        let Some((partner, r)) = partner.filter(|(_, r)| limit < 1.0 && r.abs() > limit) else {
            stayed.push(candidate);
            continue;
        };
        let (own, better) = (state.candidates[candidate].iv, state.candidates[partner].iv);
        let forced = if state.forced[partner] { "forced in, " } else { "" };
        let reason = format!(
            "correlates {r:+.3} with {}, which stays ({forced}IV {better:.4} against {own:.4}); the limit is {limit}",
            state.name(partner)
        );
        if state.drop_unless_forced(candidate, Step::Correlation, reason) {
            state.decisions[candidate].correlated_with = Some((partner, r));
        } else {
            stayed.push(candidate);
        }
    }
}

/// Tells each variable kept which other it correlates with most.
pub(super) fn report(state: &mut State<'_>, correlations: &Correlations) {
    for &candidate in &state.alive {
        state.decisions[candidate].correlated_with = strongest(candidate, &state.alive, correlations);
    }
}

/// Among equals the first.
fn strongest(candidate: usize, others: &[usize], correlations: &Correlations) -> Option<(usize, f64)> {
    let others = others.iter().filter(|&&other| other != candidate);
    others
        .map(|&other| (other, correlations.of(candidate, other)))
        .reduce(|best, next| if next.1.abs() > best.1.abs() { next } else { best })
}
