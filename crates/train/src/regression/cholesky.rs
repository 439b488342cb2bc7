//! Cholesky decomposition that passes over columns which add nothing to those before them.

/// `A = L L'` (Golub and Van Loan, Matrix Computations, section 4.2), without the rows and columns left out.
pub(crate) struct Cholesky {
    n: usize,
    lower: Vec<f64>,
    /// What has no pivot: left out from the start, or collinear with columns before.
    pub(crate) left_out: Vec<bool>,
}

impl Cholesky {
    /// Decomposes the symmetric matrix whose lower triangle stands in rows of `n`. A pivot at or below
    /// `tolerance` times the diagonal before elimination counts as rounding, and its column is left out.
    pub(crate) fn new(a: &[f64], n: usize, leave_out: &[bool], tolerance: f64) -> Self {
        let mut lower = vec![0.0; n * n];
        let mut left_out = leave_out.to_vec();
        for i in 0..n {
            if left_out[i] {
                continue;
            }
            for j in 0..i {
                if !left_out[j] {
                    let rest = a[i * n + j] - dot(&lower[i * n..i * n + j], &lower[j * n..j * n + j]);
                    lower[i * n + j] = rest / lower[j * n + j];
                }
            }
            let row = &lower[i * n..i * n + i];
            let pivot = a[i * n + i] - dot(row, row);
            if pivot > tolerance * a[i * n + i] && pivot.is_finite() {
                lower[i * n + i] = pivot.sqrt();
            } else {
                left_out[i] = true;
                lower[i * n..i * n + i].fill(0.0);
            }
        }
        Self { n, lower, left_out }
    }

    /// Solves `A x = b`; what is left out stays 0.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = b.to_vec();
        for i in 0..n {
            x[i] = if self.left_out[i] {
                0.0
            } else {
                (x[i] - dot(&self.lower[i * n..i * n + i], &x[..i])) / self.lower[i * n + i]
            };
        }
        for i in (0..n).rev().filter(|&i| !self.left_out[i]) {
            x[i] /= self.lower[i * n + i];
            let (done, row) = (x[i], &self.lower[i * n..i * n + i]);
            x[..i].iter_mut().zip(row).for_each(|(x, l)| *x -= l * done);
        }
        x
    }

    /// The inverse, in full; zero where something is left out.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let n = self.n;
        let mut inverse = vec![0.0; n * n];
        for i in (0..n).filter(|&i| !self.left_out[i]) {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            inverse[i * n..(i + 1) * n].copy_from_slice(&self.solve(&unit));
        }
        inverse
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collinear_column_is_left_out_and_the_rest_solved() {
        // columns a, a, b with a.a = 4, a.b = 2, b.b = 5
        let a = [4.0, 0.0, 0.0, 4.0, 4.0, 0.0, 2.0, 2.0, 5.0];
        let decomposed = Cholesky::new(&a, 3, &[false; 3], 1e-12);
        assert_eq!(decomposed.left_out, [false, true, false]);
        // 4x + 2y = 8, 2x + 5y = 12
        assert_eq!(decomposed.solve(&[8.0, 8.0, 12.0]), [1.0, 0.0, 2.0]);
        let expected = [5.0, 0.0, -2.0, 0.0, 0.0, 0.0, -2.0, 0.0, 4.0].map(|v| v / 16.0);
        assert_eq!(decomposed.inverse(), expected);
    }
}
