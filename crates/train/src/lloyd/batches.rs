//! The whole fit of rows that come in batches, read once for each step.

use super::points::Points;
use super::restarts::{lowest, sample_size};
use super::seeding::fraction;
use super::step::Step;
use crate::engine::{EngineError, KmeansFit, KmeansParams, SCALE_LIMIT};
use ndarray::Array2;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// k-means of a table larger than memory. `open` begins a new reading of all rows, always the same ones in the same order,
/// on comparable scales (standardised). The first reading draws the sample on which the starts are tried, each further
/// one is a step of Lloyd's iterations. In memory are one batch, the sample (at most 131,072 rows, or 64 for each cluster) and
/// the sums of the clusters.
///
/// Where there are no more rows than the sample holds, the starts see what
/// [`Engine::kmeans`](crate::engine::Engine::kmeans) sees; the result does not depend on where batches end, but for the
/// last digits of the inertia.
///
/// # Errors
/// Those of `open`, and of [`Engine::kmeans`](crate::engine::Engine::kmeans).
///
/// # Panics
/// When batches have different numbers of columns.
pub fn kmeans_batches<P: Points, E: From<EngineError>, I: IntoIterator<Item = Result<P, E>>>(
    mut open: impl FnMut() -> I,
    params: &KmeansParams,
) -> Result<KmeansFit, E> {
    params.check()?;
    let mut sample = Reservoir::new(sample_size(params.k), params.seed);
    for batch in open() {
        sample.take(&batch?)?;
    }
    let mut centers = sample.start(params)?;
    let mut iterations = 0;
    loop {
        let mut step = Step::new(centers);
        for batch in open() {
            step.update(&batch?);
        }
        let stepped = step.finish();
        let converged = stepped.shift <= params.tolerance;
        if converged || iterations == params.max_iterations {
            return Ok(KmeansFit::of(
                stepped.centers,
                &stepped.counts,
                stepped.inertia,
                converged,
                iterations,
            )
            .ok_or(EngineError::EmptyCluster { k: params.k, restarts: params.restarts })?);
        }
        centers = stepped.next;
        iterations += 1;
    }
}

/// A sample of rows that come one after the other, each as likely as any other to be in it.
///
/// Source: algorithm R in J. Vitter, "Random sampling with a reservoir", ACM Transactions on Mathematical Software
/// 11, 1985.
struct Reservoir {
    size: usize,
    random: Xoshiro256PlusPlus,
    seen: usize,
    columns: usize,
    /// Row after row.
    values: Vec<f64>,
    /// Of each column the sum of squares.
    squares: Vec<f64>,
}

impl Reservoir {
    fn new(size: usize, seed: u64) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { size, random, seen: 0, columns: 0, values: Vec::new(), squares: Vec::new() }
    }

    fn take(&mut self, batch: &dyn Points) -> Result<(), EngineError> {
        if self.seen == 0 {
            self.columns = batch.columns();
            self.squares = vec![0.0; self.columns];
        }
        assert_eq!(batch.columns(), self.columns, "columns of a batch");
        // Rows of the batch that are drawn, and their places; a later one may take the place of an earlier one.
        let mut drawn: Vec<(usize, usize)> = Vec::new();
        for row in 0..batch.rows() {
            let before = self.seen + row;
            let place = match before < self.size {
                true => before,
                false => (fraction(&mut self.random) * (before + 1) as f64) as usize,
            };
            if place < self.size {
                drawn.push((row, place));
            }
        }
        let kept = (self.seen + batch.rows()).min(self.size);
        self.values.resize(kept * self.columns, 0.0);
        let mut column_values = vec![0.0; batch.rows()];
        for column in 0..self.columns {
            batch.fill(column, 0, &mut column_values);
            if let Some(row) = column_values.iter().position(|x| !x.is_finite()) {
                return Err(EngineError::NotFinite {
                    row: self.seen + row,
                    column,
                    value: column_values[row],
                });
            }
            self.squares[column] += column_values.iter().map(|x| x * x).sum::<f64>();
            drawn.iter().for_each(|(row, place)| {
                self.values[place * self.columns + column] = column_values[*row];
            });
        }
        self.seen += batch.rows();
        Ok(())
    }

    /// The best start on the sample.
    fn start(self, params: &KmeansParams) -> Result<Vec<Vec<f64>>, EngineError> {
        if self.values.is_empty() {
            return Err(EngineError::Empty { rows: self.seen, columns: self.columns });
        }
        for (column, squares) in self.squares.iter().enumerate() {
            let size = (squares / self.seen as f64).sqrt();
            if size > SCALE_LIMIT {
                return Err(EngineError::Unscaled { column, size, limit: SCALE_LIMIT });
            }
        }
        let rows = self.values.len() / self.columns;
        let sample = Array2::from_shape_vec((rows, self.columns), self.values);
        let sample = sample.expect("whole rows were kept");
        let best = lowest(&sample.view(), params, params.tolerance);
        let empty = EngineError::EmptyCluster { k: params.k, restarts: params.restarts };
        best.map(|best| best.centers).ok_or(empty)
    }
}
