//! Where a ranking is cut into bands.

/// Cuts ties, given by their rows and in rank order, into at most `bands` runs of about equal rows: for each run the number of
/// ties up to its end.
///
/// Where there are no more ties than bands, each tie is one: the leaves of a small tree stand apart. Otherwise band k closes
/// with the tie that holds row number `k * rows / bands` (rounded up), or before it where that is nearer to that row: a large
/// tie does not swallow those above it. A tie that reaches past several such rows closes one band for all of them, so
/// there can be fewer bands than asked for, but never an empty one.
pub(crate) fn band_ends(ties: &[u64], bands: usize) -> Vec<usize> {
    if ties.len() <= bands {
        return (1..=ties.len()).collect();
    }
    // Wide enough for any number of rows and bands.
    let (all, bands) = (ties.iter().map(|rows| u128::from(*rows)).sum::<u128>(), bands as u128);
    let last = |band: u128| (band * all).div_ceil(bands);
    let mut ends = Vec::new();
    let (mut start, mut rows, mut next) = (0, 0u128, 1u128);
    for (index, tie) in ties.iter().enumerate() {
        let before = rows;
        rows += u128::from(*tie);
        if rows >= last(next) && index > start && last(next) - before < rows - last(next) {
            ends.push(index);
            start = index;
            next += 1;
        }
        if rows >= last(next) {
            ends.push(index + 1);
            start = index + 1;
            next = rows * bands / all + 1;
        }
    }
    ends
}
