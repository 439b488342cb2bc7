//! How far each segment lies from all other customers.

use ndarray::ArrayView2;

/// Standardised mean difference of every segment and coordinate: `effects[segment][coordinate]`.
///
/// d = (m - m') / sqrt((v + v') / 2), with mean m and population variance v of the coordinate in the segment, m' and v'
/// in all other rows; for an indicator this is the usual difference of shares over the pooled p (1 - p)
/// (P. C. Austin, Statistics in Medicine 28, 2009). Infinite where neither side varies and the means differ; 0 where they
/// are the same, or there are no other rows.
///
/// `points`: rows x coordinates; `segment_of`: the segment of each row. Added up in row order.
pub(crate) fn effects(points: ArrayView2<'_, f64>, segment_of: &[usize], segments: usize) -> Vec<Vec<f64>> {
    let columns = points.ncols();
    let mut own = vec![vec![Sums::default(); columns]; segments];
    for (row, segment) in points.rows().into_iter().zip(segment_of) {
        own[*segment].iter_mut().zip(row).for_each(|(sums, x)| sums.add(*x));
    }
    let mut effects = vec![vec![0.0; columns]; segments];
    for column in 0..columns {
        for segment in 0..segments {
            // Added up, not taken from a total: what is left of a total after subtraction may be noise.
            let mut others = Sums::default();
            (0..segments)
                .filter(|other| *other != segment)
                .for_each(|other| others.merge(own[other][column]));
            effects[segment][column] = own[segment][column].effect(others);
        }
    }
    effects
}

/// Rows, mean and sum of squared deviations, kept up to date row by row (B. P. Welford 1962).
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: f64,
    mean: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, x: f64) {
        self.rows += 1.0;
        let before = x - self.mean;
        self.mean += before / self.rows;
        self.squares += before * (x - self.mean);
    }

    /// Both together (T. F. Chan, G. H. Golub and R. J. LeVeque 1979).
    fn merge(&mut self, other: Self) {
        let rows = self.rows + other.rows;
        if other.rows > 0.0 {
            let apart = other.mean - self.mean;
            self.mean += apart * other.rows / rows;
            self.squares += other.squares + apart * apart * self.rows * other.rows / rows;
            self.rows = rows;
        }
    }

    fn effect(self, others: Self) -> f64 {
        if self.rows == 0.0 || others.rows == 0.0 {
            return 0.0;
        }
        let apart = self.mean - others.mean;
        let spread = ((self.squares / self.rows + others.squares / others.rows) / 2.0).sqrt();
        if apart == 0.0 { 0.0 } else { apart / spread }
    }
}

#[cfg(test)]
mod tests {
    use super::effects;
    use ndarray::array;

    /// By hand: segment 0 has 1, 3 (mean 2, variance 1), the others 5, 5, 8 (mean 6, variance 2).
    #[test]
    fn effects_are_those_worked_out_by_hand() {
        let points = array![[1.0, 0.0], [5.0, 1.0], [3.0, 0.0], [5.0, 1.0], [8.0, 1.0]];
        let found = effects(points.view(), &[0, 1, 0, 1, 2], 3);
        assert!((found[0][0] - (-4.0 / 1.5_f64.sqrt())).abs() < 1e-14, "{found:?}");
        assert_eq!(found[0][1], f64::NEG_INFINITY);
        // Segment 2 is 8; the others 1, 3, 5, 5 with mean 3.5 and variance 2.75.
        assert!((found[2][0] - 4.5 / 1.375_f64.sqrt()).abs() < 1e-14, "{found:?}");
        // Of the others half have 1 in the second column.
        assert!((found[2][1] - 0.5 / (0.25_f64 / 2.0).sqrt()).abs() < 1e-14, "{found:?}");
        assert_eq!(effects(points.view(), &[0; 5], 1), [[0.0, 0.0]]);
    }
}
