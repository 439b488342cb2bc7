//! Quantile pre-bins: where a number may be split at all.

/// Split points that cut `values` into about `bins` groups of equal size.
///
/// Equal values are never parted. A value so frequent that it fills a bin alone gets one of its own.
/// A split is a value that occurs: bin i holds `splits[i-1] <= x < splits[i]`.
pub fn quantile_splits(values: &mut [f64], bins: usize) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let target = (values.len() as f64 / bins.max(1) as f64).max(1.0);
    let mut splits = Vec::new();
    let mut in_bin = 0.0;
    for group in values.chunk_by(|a, b| a == b) {
        let frequent = group.len() as f64 >= target;
        if in_bin > 0.0 && (in_bin >= target || frequent) {
            splits.push(group[0]);
            in_bin = 0.0;
        }
        in_bin += group.len() as f64;
    }
    splits
}

/// [`quantile_splits`] of `points` (value, weight above 0): a point of weight 2 counts as two.
pub fn weighted_quantile_splits(points: &mut [(f64, f64)], bins: usize) -> Vec<f64> {
    // Weights order equal values, so that their sum does not depend on the order of rows.
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    // Full to within rounding: ten rows of weight 0.1 are one.
    let target = total / bins.max(1) as f64 * (1.0 - 1e-9);
    let mut splits = Vec::new();
    let mut in_bin = 0.0;
    for group in points.chunk_by(|a, b| a.0 == b.0) {
        let weight: f64 = group.iter().map(|(_, weight)| weight).sum();
        if in_bin > 0.0 && (in_bin >= target || weight >= target) {
            splits.push(group[0].0);
            in_bin = 0.0;
        }
        in_bin += weight;
    }
    splits
}
