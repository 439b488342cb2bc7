//! Quantile pre-bins: where a number may be split at all.

/// Split points that cut `values` into about `bins` groups of equal size.
///
/// Equal values are never parted. A value so frequent that it fills a bin alone gets one of its own.
/// A split is a value that occurs: bin i holds `splits[i-1] <= x < splits[i]`.
pub fn quantile_splits(values: &mut [f64], bins: usize) -> Vec<f64> {
    sort(values);
    let mut walk = Walk::new(values.len(), bins);
    walk.sorted(values);
    walk.splits
}

/// [`quantile_splits`] of numbers in any order, NaN left out, with little sorting: they are first counted in cells by
/// their leading bits, and only the cells in which a bin may end are looked into.
pub fn quantile_splits_of(numbers: &[f64], bins: usize) -> Vec<f64> {
    let mut counts = vec![0u32; CELLS];
    numbers.iter().for_each(|x| counts[cell(*x)] += 1);
    // Every NaN lies beyond infinity, or before minus infinity.
    let finite = cell(f64::MIN)..cell(f64::MAX) + 1;
    let used: Vec<usize> = finite.filter(|cell| counts[*cell] > 0).collect();
    let total = used.iter().map(|cell| counts[*cell] as usize).sum();
    let mut walk = Walk::new(total, bins);
    let needed = cells_with_ends(&used, &counts, walk.target);
    let mut inside: Vec<f64> = numbers.iter().copied().filter(|x| needed[cell(*x)]).collect();
    sort(&mut inside);
    let mut rest = inside.as_slice();
    for cell in used {
        let rows = counts[cell] as usize;
        if needed[cell] {
            let (values, later) = rest.split_at(rows);
            walk.sorted(values);
            rest = later;
        } else {
            walk.in_bin += rows as f64;
        }
    }
    walk.splits
}

/// The cells in which a bin may end. Where in a cell its values lie is not known here, so neither is how many rows
/// stand in the open bin; what is known are ranges that number may lie in.
fn cells_with_ends(used: &[usize], counts: &[u32], target: f64) -> Vec<bool> {
    let mut needed = vec![false; CELLS];
    let mut open: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    for cell in used {
        let rows = f64::from(counts[*cell]);
        let mut after: Vec<(f64, f64)> = Vec::new();
        for (least, most) in open {
            if most + rows < target {
                after.push((least + rows, most + rows));
                continue;
            }
            needed[*cell] = true;
            // The bin was full before, and ends at the first value here; or it ends at a later one;
            after.push((if rows < target && least >= target { rows } else { 1.0 }, rows));
            // or it was not full, and is not or only just full after the last value.
            if least < target {
                after.push((least + rows, most.min(target) + rows));
            }
        }
        after.sort_by(|a, b| a.0.total_cmp(&b.0));
        open = after;
        open.dedup_by(|next, kept| {
            let meets = next.0 <= kept.1 + 1.0;
            kept.1 = if meets { kept.1.max(next.1) } else { kept.1 };
            meets
        });
    }
    needed
}

/// Cells by sign, exponent and the first eight bits of the fraction: 256 in each power of two.
const CELLS: usize = 1 << CELL_BITS;
const CELL_BITS: u32 = 20;

/// The cell of a number; cells ascend with the numbers, and equal numbers have one cell.
fn cell(x: f64) -> usize {
    // Adding zero makes -0 into 0, which it equals.
    (ascending_bits(x + 0.0) >> (64 - CELL_BITS)) as usize
}

/// Bits that compare as unsigned whole numbers like the floats by `total_cmp`.
fn ascending_bits(x: f64) -> u64 {
    let bits = x.to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
}

/// Goes through the values in order and notes where bins end.
struct Walk {
    target: f64,
    in_bin: f64,
    splits: Vec<f64>,
}

impl Walk {
    fn new(values: usize, bins: usize) -> Self {
        Self { target: (values as f64 / bins.max(1) as f64).max(1.0), in_bin: 0.0, splits: Vec::new() }
    }

    fn sorted(&mut self, values: &[f64]) {
        for group in values.chunk_by(|a, b| a == b) {
            let frequent = group.len() as f64 >= self.target;
            if self.in_bin > 0.0 && (self.in_bin >= self.target || frequent) {
                self.splits.push(group[0]);
                self.in_bin = 0.0;
            }
            self.in_bin += group.len() as f64;
        }
    }
}

/// Sorts by `total_cmp`, as whole numbers in the same order: comparing those costs one instruction.
fn sort(values: &mut [f64]) {
    let bits = |x: f64| f64::from_bits(ascending_bits(x));
    values.iter_mut().for_each(|x| *x = bits(*x));
    values.sort_unstable_by_key(|x| x.to_bits());
    let value = |bits: u64| f64::from_bits(bits ^ ((!(bits as i64) >> 63) as u64 | 1 << 63));
    values.iter_mut().for_each(|x| *x = value(x.to_bits()));
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
