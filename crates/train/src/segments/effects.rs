//! How far each segment lies from all other customers.

use crate::lloyd::Points;
use rayon::prelude::*;

/// One coordinate of one segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    /// Standardised mean difference d = (m - m') / sqrt((v + v') / 2), with mean m and population variance v of the
    /// coordinate in the segment, m' and v' in all other rows; for an indicator this is the usual difference of shares
    /// (P. C. Austin, Statistics in Medicine 28, 2009). Infinite where neither side varies and the means differ; 0 where they are
    /// the same, or there are no other rows.
    pub(crate) size: f64,
    /// Mean of the coordinate in the segment.
    pub(crate) mean: f64,
}

/// Rows taken at once.
const CHUNK: usize = 4096;

/// `effects[segment][coordinate]`; `labels` are the segments of the rows. Each coordinate is added up in row order.
pub(crate) fn effects(points: &dyn Points, labels: &[u16], segments: usize) -> Vec<Vec<Effect>> {
    let of_column = |column: usize| {
        let mut own = vec![Sums::default(); segments];
        let mut buffer = [0.0; CHUNK];
        for (chunk, labels) in labels.chunks(CHUNK).enumerate() {
            let values = &mut buffer[..labels.len()];
            points.fill(column, chunk * CHUNK, values);
            labels.iter().zip(values).for_each(|(label, x)| own[usize::from(*label)].add(*x));
        }
        let effect = |segment: usize| {
            // Added up, not taken from a total: what is left of a total after subtraction may be noise.
            let mut others = Sums::default();
            (0..segments).filter(|other| *other != segment).for_each(|other| others.merge(own[other]));
            Effect { size: own[segment].effect(others), mean: own[segment].mean }
        };
        (0..segments).map(effect).collect()
    };
    let by_column: Vec<Vec<Effect>> = (0..points.columns()).into_par_iter().map(of_column).collect();
    (0..segments).map(|segment| by_column.iter().map(|column| column[segment]).collect()).collect()
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
        let found = effects(&points.view(), &[0, 1, 0, 1, 2], 3);
        assert!((found[0][0].size - (-4.0 / 1.5_f64.sqrt())).abs() < 1e-14, "{found:?}");
        assert_eq!(found[0][1].size, f64::NEG_INFINITY);
        // Segment 2 is 8; the others 1, 3, 5, 5 with mean 3.5 and variance 2.75.
        assert!((found[2][0].size - 4.5 / 1.375_f64.sqrt()).abs() < 1e-14, "{found:?}");
        // Of the others half have 1 in the second column.
        assert!((found[2][1].size - 0.5 / (0.25_f64 / 2.0).sqrt()).abs() < 1e-14, "{found:?}");
        assert_eq!((found[0][0].mean, found[2][1].mean), (2.0, 1.0));
        let alone = effects(&points.view(), &[0; 5], 1);
        assert_eq!(alone[0].iter().map(|e| e.size).collect::<Vec<_>>(), [0.0, 0.0]);
    }
}
