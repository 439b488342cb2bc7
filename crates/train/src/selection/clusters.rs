//! Clusters of variables that say much the same: average linkage on the distance `1 - |r|`.

use super::Step;
use super::state::{Correlations, State};

/// Keeps the best variable of each cluster, and those forced in.
pub(super) fn drop_clustered(state: &mut State<'_>, correlations: &Correlations) {
    let (least, height) = match (state.params.clusters, state.params.cluster_height) {
        (Some(clusters), _) => (clusters, f64::INFINITY),
        (None, Some(height)) => (1, height),
        (None, None) => return,
    };
    let members = state.alive.clone();
    let distance = |a: usize, b: usize| 1.0 - correlations.of(members[a], members[b]).abs();
    for (number, cluster) in average_linkage(members.len(), distance, least, height).iter().enumerate() {
        let best = members[cluster[0]];
        state.decisions[best].cluster = Some(number);
        for &at in &cluster[1..] {
            let candidate = members[at];
            state.decisions[candidate].cluster = Some(number);
            let reason = format!(
                "in one cluster with {}, which stays (IV {:.4} against {:.4}); they correlate {:+.3}",
                state.name(best),
                state.candidates[best].iv,
                state.candidates[candidate].iv,
                correlations.of(best, candidate)
            );
            state.drop_unless_forced(candidate, Step::Cluster, reason);
        }
    }
}

/// Joins the two clusters with the least mean distance of their members, among equals the first, while there
/// are more than `least` clusters and that distance is at most `height`. Each cluster ascends, the clusters by
/// their first member.
fn average_linkage(
    size: usize,
    distance: impl Fn(usize, usize) -> f64,
    least: usize,
    height: f64,
) -> Vec<Vec<usize>> {
    let mut clusters: Vec<Vec<usize>> = (0..size).map(|i| vec![i]).collect();
    let mut apart: Vec<Vec<f64>> = (0..size).map(|i| (0..size).map(|j| distance(i, j)).collect()).collect();
    while clusters.len() > least {
        let pairs = apart.iter().enumerate().flat_map(|(i, row)| (0..i).map(move |j| (row[j], j, i)));
        let nearest = pairs.reduce(|best, next| if next.0 < best.0 { next } else { best });
        let Some((_, into, from)) = nearest.filter(|(near, ..)| *near <= height) else { break };
        let (a, b) = (clusters[into].len() as f64, clusters[from].len() as f64);
        let of_both = apart[into].iter().zip(&apart[from]).map(|(x, y)| (a * x + b * y) / (a + b));
        let mut joined_row: Vec<f64> = of_both.collect();
        for (row, distance) in apart.iter_mut().zip(&joined_row) {
            row[into] = *distance;
            row.remove(from);
        }
        joined_row.remove(from);
        apart[into] = joined_row;
        apart.remove(from);
        let joined = clusters.remove(from);
        clusters[into].extend(joined);
        clusters[into].sort_unstable();
    }
    clusters
}
