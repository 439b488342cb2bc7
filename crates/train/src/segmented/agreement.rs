//! How alike two ways to part the same rows are.

use std::collections::BTreeMap;

/// Adjusted Rand index of two partitions: the share of pairs of rows on which both agree (together, or apart), less what
/// partitions into parts of these sizes agree on by chance, on a scale where the same partition has 1. 1 where
/// neither parts anything.
///
/// L. Hubert and P. Arabie, Comparing partitions, Journal of Classification 2 (1985).
pub(super) fn adjusted_rand(first: &[usize], second: &[usize]) -> f64 {
    let pairs = |count: u64| (count * count.saturating_sub(1) / 2) as f64;
    let mut cells: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let (mut of_first, mut of_second) = (BTreeMap::new(), BTreeMap::new());
    for (a, b) in first.iter().zip(second) {
        *cells.entry((*a, *b)).or_default() += 1;
        *of_first.entry(*a).or_insert(0u64) += 1;
        *of_second.entry(*b).or_insert(0u64) += 1;
    }
    let together: f64 = cells.into_values().map(pairs).sum();
    let (a, b): (f64, f64) =
        (of_first.into_values().map(pairs).sum(), of_second.into_values().map(pairs).sum());
    let all = pairs(first.len() as u64);
    let (chance, most) = (a * b / all, (a + b) / 2.0);
    if most == chance || all == 0.0 { 1.0 } else { (together - chance) / (most - chance) }
}

#[cfg(test)]
mod tests {
    use super::adjusted_rand;

    /// Values of scikit-learn 1.7.2, `adjusted_rand_score`.
    #[test]
    fn it_is_that_of_scikit_learn() {
        let close = |a: &[usize], b: &[usize], expected: f64| {
            let found = adjusted_rand(a, b);
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        };
        close(&[0, 0, 1, 1], &[1, 1, 0, 0], 1.0);
        close(&[0, 0, 1, 2], &[0, 0, 1, 1], 0.571_428_571_428_571_4);
        close(&[0, 0, 1, 1], &[0, 1, 0, 1], -0.5);
        close(&[0, 0, 0, 0], &[0, 1, 2, 3], 0.0);
        close(&[0, 0, 0], &[5, 5, 5], 1.0);
        close(&[0, 1, 2, 0, 1, 2, 0, 1, 2, 2], &[0, 1, 2, 0, 1, 1, 0, 0, 2, 2], 0.431_818_181_818_181_8);
    }
}
