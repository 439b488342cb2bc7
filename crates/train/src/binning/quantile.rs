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
