//! How many segments: every number tried on the same rows, four figures for each, and a rule.

use super::coordinates::{Coordinates, coordinates, points};
use super::section::KmeansSection;
use crate::engine::{Engine, EngineError, KmeansParams};
use crate::error::TrainError;
use crate::fitted::Fitted;
use crate::rows::Rows;
use arrears_data::split::order_key;
use arrears_model::Predictor;
use arrears_validate::{Gap, Points, ReferenceBox, adjusted_rand_index, gap, gap_choice, silhouette};
use ndarray::{Array2, ArrayView1, ShapeBuilder};
use rayon::prelude::*;
use serde::Serialize;

/// Rows on which k is chosen, at most; the rest would change the figures little and cost much.
const MOST_ROWS: usize = 3000;
/// Rows of the silhouette, at most: it measures every pair.
const SILHOUETTE_ROWS: usize = 2500;
/// Sets of reference rows for the gap.
const REFERENCES: usize = 10;
/// Samples with replacement for the stability.
const BOOTSTRAPS: usize = 20;
/// Restarts and iterations of one fit, at most, and the movement of centres (in all, in standard deviations) below which it ends
/// at least: the last digits of a centre move few rows, and there are hundreds of fits.
const MOST_RESTARTS: usize = 10;
const MOST_ITERATIONS: u64 = 50;
const COARSE: f64 = 1e-3;
/// Segments that come back with at least this adjusted Rand index are stable: good recovery in the words of D. Steinley,
/// Psychological Methods 9 (2004).
const STABLE: f64 = 0.8;

/// What was tried, and what was chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceOfK {
    /// Training rows.
    pub rows: usize,
    /// Rows that the figures are of: all, or a sample of 3000.
    pub rows_measured: usize,
    /// One entry for each number of segments, from 1 (all rows together) on, ascending.
    pub candidates: Vec<CandidateK>,
    /// Where the curve of the inertia bends most: the largest distance from the line between its ends.
    pub elbow: usize,
    /// The first k whose gap is at least the largest one less its error; `None` where there is no gap.
    pub gap: Option<usize>,
    /// The number chosen.
    pub k: usize,
    /// The rule that chose it, in a sentence.
    pub why: String,
    /// The segments the figures are of.
    #[serde(skip)]
    judged: Judged,
}

/// Rows and the segments they were judged in.
#[derive(Clone, Debug, Default, PartialEq)]
struct Judged {
    /// Positions among the training rows.
    rows: Vec<usize>,
    /// The segment of each of them.
    segments: Vec<usize>,
}

/// One number of segments.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CandidateK {
    /// Number of segments.
    pub k: usize,
    /// Sum of squared distances to the own centre.
    pub inertia: f64,
    /// Mean silhouette, -1 to 1; none for one segment.
    pub silhouette: Option<f64>,
    /// Gap statistic against 10 sets of rows drawn evenly from the box of the principal axes, with its error; none where every
    /// row lies on its centre.
    pub gap: Option<Gap>,
    /// Mean adjusted Rand index of these segments and those fitted to 20 bootstrap samples, over the rows measured; none for
    /// one segment, or where no sample could be fitted.
    pub stability: Option<f64>,
}

/// Chooses the number of segments from 2 to the section's `max_k`.
///
/// The rule: of the numbers whose segments are stable (mean ARI of 0.8 or more over the bootstrap samples) the one with the
/// largest silhouette; where none is stable, the most stable one; the smaller of equal ones. A segment that another draw of
/// customers would not give again is no ground for a decision, however well parted it looks; among those that come back
/// the best parted ones are the easiest to tell.
///
/// # Errors
/// Those of [`fit_kmeans`](crate::kmeans::fit_kmeans). Numbers that the rows cannot be parted into are left out.
pub fn choose_k(rows: &Rows<'_>, section: &KmeansSection, engine: Engine) -> Result<ChoiceOfK, TrainError> {
    let Coordinates { transforms, .. } = coordinates(rows, section)?;
    let measured = sample(rows.len(), section.seed);
    let data = points(rows, &transforms, &measured);
    let most = section.max_k.unwrap_or(KmeansSection::DEFAULT_MAX_K);
    let restarts = section.restarts.min(MOST_RESTARTS);
    let (max_iterations, tolerance) =
        (section.max_iterations.min(MOST_ITERATIONS), section.tolerance.max(COARSE));
    let params = |k| KmeansParams { restarts, max_iterations, tolerance, ..section.params(k) };
    let tried = Tried::new(&data, section.seed, engine)?;
    let mut candidates = vec![tried.one_segment(&data)?];
    // By k, from 1 on.
    let mut segments = vec![vec![0; data.nrows()]];
    for k in 2..=most {
        match tried.segments(&data, &params(k)) {
            Err(EngineError::TooFewDistinct { .. } | EngineError::EmptyCluster { .. }) if k > 2 => break,
            found => {
                let (candidate, own) = found?;
                candidates.push(candidate);
                segments.push(own);
            }
        }
    }
    let mut choice = choice(rows.len(), data.nrows(), candidates);
    choice.judged = Judged { rows: measured, segments: segments.swap_remove(choice.k - 1) };
    Ok(choice)
}

impl ChoiceOfK {
    /// A warning where no number of segments comes back on other draws of the customers.
    pub(crate) fn instability(&self) -> Option<String> {
        let chosen = self.candidates.iter().find(|candidate| candidate.k == self.k)?;
        let stability = chosen.stability.filter(|stability| *stability < STABLE)?;
        Some(format!(
            "no number of segments comes back in bootstrap samples with an ARI of {STABLE}; the {} taken have {stability:.2}: \
             another draw of customers would part them differently, so decide nothing by these segments alone",
            self.k
        ))
    }

    /// A warning where the segments of all rows are not those that the figures are of: an adjusted Rand index below 0.8
    /// on the rows measured.
    pub(crate) fn doubt(&self, rows: &Rows<'_>, fitted: &Fitted) -> Option<String> {
        let Predictor::Centroids(centroids) = &fitted.predictor else { return None };
        let centers: Vec<Vec<f64>> = centroids.segments.iter().map(|s| s.center.clone()).collect();
        let now = assign(&points(rows, &fitted.transforms, &self.judged.rows), &centers);
        let agreement = adjusted_rand_index(&self.judged.segments, &now).ok().filter(|a| *a < STABLE)?;
        Some(format!(
            "k = {} was chosen for segments that the model does not have: fitted to all rows they are others (adjusted Rand \
             index {agreement:.2} on the rows measured); look at the segments, and give k where they do not suit",
            self.k
        ))
    }
}

/// Positions of at most [`MOST_ROWS`] rows, ascending: those with the smallest hash.
fn sample(rows: usize, seed: u64) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..rows).collect();
    if rows > MOST_ROWS {
        chosen.sort_unstable_by_key(|row| (order_key(seed, *row as u64), *row));
        chosen.truncate(MOST_ROWS);
        chosen.sort_unstable();
    }
    chosen
}

/// What all numbers of segments are held against.
struct Tried {
    engine: Engine,
    seed: u64,
    /// Reference rows over their unit, and that unit.
    references: Vec<(Array2<f64>, f64)>,
    /// Rows of each bootstrap sample.
    bootstraps: Vec<Vec<usize>>,
}

impl Tried {
    fn new(data: &Array2<f64>, seed: u64, engine: Engine) -> Result<Self, EngineError> {
        let (rows, columns) = data.dim();
        if rows == 0 {
            return Err(EngineError::Empty { rows, columns });
        }
        let flat: Vec<f64> = data.iter().copied().collect();
        let about = ReferenceBox::new(Points::new(&flat, columns).map_err(|e| failed(engine, e))?);
        let reference = |n: usize| {
            let values = about.draw(rows, order_key(seed, n as u64));
            // A few far rows make a wide box; engines take columns on their scale only.
            let unit = values.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
            let value = |(row, column)| values[row * columns + column] / unit;
            (Array2::from_shape_fn((rows, columns).f(), value), unit)
        };
        let bootstrap = |n: usize| {
            let draws = order_key(!seed, n as u64);
            // The high half of the product is an even number below `rows`.
            let draw = |i: usize| ((u128::from(order_key(draws, i as u64)) * rows as u128) >> 64) as usize;
            (0..rows).map(draw).collect()
        };
        let references = (0..REFERENCES).map(reference).collect();
        Ok(Self { engine, seed, references, bootstraps: (0..BOOTSTRAPS).map(bootstrap).collect() })
    }

    fn one_segment(&self, data: &Array2<f64>) -> Result<CandidateK, EngineError> {
        let references: Vec<f64> =
            self.references.iter().map(|(rows, unit)| spread(rows) * unit * unit).collect();
        let inertia = spread(data);
        let gap = gap(inertia, &references).ok();
        Ok(CandidateK { k: 1, inertia, silhouette: None, gap, stability: None })
    }

    /// The figures of so many segments, and the segment of each row.
    fn segments(
        &self,
        data: &Array2<f64>,
        params: &KmeansParams,
    ) -> Result<(CandidateK, Vec<usize>), EngineError> {
        let fit = self.engine.kmeans(data, params)?;
        let own = assign(data, &fit.centers);
        let flat: Vec<f64> = data.iter().copied().collect();
        let measured = Points::new(&flat, data.ncols())
            .and_then(|points| silhouette(points, &own, params.k, SILHOUETTE_ROWS, self.seed));
        let references: Vec<f64> = self
            .references
            .par_iter()
            .map(|(rows, unit)| Ok(self.engine.kmeans(rows, params)?.inertia * unit * unit))
            .collect::<Result<_, EngineError>>()?;
        let again = |rows: &Vec<usize>| {
            // A sample may hold too few different rows.
            let again = Array2::from_shape_fn(data.raw_dim().f(), |(row, column)| data[[rows[row], column]]);
            let fit = self.engine.kmeans(&again, params).ok()?;
            adjusted_rand_index(&own, &assign(data, &fit.centers)).ok()
        };
        let agreement: Vec<f64> = self.bootstraps.par_iter().filter_map(again).collect();
        let candidate = CandidateK {
            k: params.k,
            inertia: fit.inertia,
            silhouette: measured.ok().map(|s| s.mean),
            gap: gap(fit.inertia, &references).ok(),
            stability: (!agreement.is_empty())
                .then(|| agreement.iter().sum::<f64>() / agreement.len() as f64),
        };
        Ok((candidate, own))
    }
}

fn failed(engine: Engine, error: impl ToString) -> EngineError {
    EngineError::Failed { engine, message: error.to_string() }
}

/// Sum of squared distances to the mean.
fn spread(rows: &Array2<f64>) -> f64 {
    let of = |column: ArrayView1<'_, f64>| {
        let mean = column.sum() / column.len() as f64;
        column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
    };
    rows.columns().into_iter().map(of).sum()
}

/// The nearest centre of each row, the first of equals.
fn assign(rows: &Array2<f64>, centers: &[Vec<f64>]) -> Vec<usize> {
    let nearest = |row: ArrayView1<'_, f64>| {
        let mut best = (0, f64::INFINITY);
        for (at, center) in centers.iter().enumerate() {
            let distance = row.iter().zip(center).map(|(x, c)| (x - c) * (x - c)).sum::<f64>();
            if distance < best.1 {
                best = (at, distance);
            }
        }
        best.0
    };
    rows.rows().into_iter().map(nearest).collect()
}

fn choice(rows: usize, rows_measured: usize, candidates: Vec<CandidateK>) -> ChoiceOfK {
    // Strictly greater, so that the smaller of equal ones stays.
    let best = |of: &dyn Fn(&CandidateK) -> Option<f64>| {
        let figures = candidates.iter().filter_map(|c| Some((c.k, of(c)?)));
        figures.reduce(|best, next| if next.1 > best.1 { next } else { best })
    };
    let stable = best(&|c| c.silhouette.filter(|_| c.stability.is_some_and(|s| s >= STABLE)));
    let gaps: Vec<Gap> = candidates.iter().map_while(|c| c.gap).collect();
    let (elbow, gap) = (elbow(&candidates), gap_choice(&gaps).map(|at| candidates[at].k));
    let last = candidates.last().map_or(1, |c| c.k);
    let (k, rule) = match (stable, best(&|c| c.stability), best(&|c| c.silhouette)) {
        (Some((k, _)), ..) => {
            (k, "largest silhouette of those that come back in bootstrap samples (ARI 0.8 or more)")
        }
        (None, Some((k, _)), _) => {
            (k, "none comes back in bootstrap samples with an ARI of 0.8; this one does best")
        }
        (None, None, Some((k, _))) => (k, "largest silhouette; no bootstrap sample could be fitted"),
        (None, None, None) => (last, "the only number of segments that could be tried"),
    };
    let chosen = candidates.iter().find(|c| c.k == k);
    let figure = |of: Option<f64>| of.map_or("-".to_owned(), |x| format!("{x:.2}"));
    let silhouette = figure(chosen.and_then(|c| c.silhouette));
    let stability = figure(chosen.and_then(|c| c.stability));
    let others = match gap {
        Some(1) => "the gap finds no segments at all".to_owned(),
        Some(k) => format!("the gap {k}"),
        None => "there is no gap".to_owned(),
    };
    let why = format!(
        "k = {k} of 2 to {last}, measured on {rows_measured} rows: {rule}; silhouette {silhouette}, ARI {stability}; the elbow \
         would take {elbow}, {others}"
    );
    ChoiceOfK { rows, rows_measured, candidates, elbow, gap, k, why, judged: Judged::default() }
}

/// The k whose inertia lies farthest below the straight line from the first to the last, both axes taken as 0 to 1; the
/// smaller of equal ones.
fn elbow(candidates: &[CandidateK]) -> usize {
    let (Some(first), Some(last)) = (candidates.first(), candidates.last()) else { return 1 };
    let fall = first.inertia - last.inertia;
    let span = (last.k - first.k) as f64;
    // Both axes end at 1, so the distance from the line is this less a constant factor.
    let below = |c: &CandidateK| (first.inertia - c.inertia) / fall - (c.k - first.k) as f64 / span;
    let mut best = (first.k, 0.0);
    for candidate in candidates {
        let distance = below(candidate);
        // On a straight line rounding must not choose.
        if distance > best.1 + 1e-12 {
            best = (candidate.k, distance);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::{CandidateK, choice, elbow};
    use arrears_validate::Gap;

    fn candidate(k: usize, inertia: f64, silhouette: f64, stability: f64, gap: f64) -> CandidateK {
        let more = (k > 1).then_some(());
        let (silhouette, stability) = (more.map(|()| silhouette), more.map(|()| stability));
        CandidateK { k, inertia, silhouette, gap: Some(Gap { gap, error: 0.05 }), stability }
    }

    #[test]
    fn the_best_parted_of_the_stable_ones_is_taken() {
        let candidates = vec![
            candidate(1, 100.0, 0.0, 0.0, 0.1),
            candidate(2, 60.0, 0.30, 0.95, 0.3),
            candidate(3, 30.0, 0.40, 0.80, 0.6),
            candidate(4, 25.0, 0.50, 0.79, 0.64),
            candidate(5, 22.0, 0.40, 0.85, 0.7),
        ];
        let found = choice(50_000, 3000, candidates.clone());
        // 4 is best parted, but not stable; 5 is no better parted than 3.
        assert_eq!((found.k, found.elbow, found.gap), (3, 3, Some(5)));
        let text = "k = 3 of 2 to 5, measured on 3000 rows: largest silhouette of those that come back in bootstrap samples \
                    (ARI 0.8 or more); silhouette 0.40, ARI 0.80; the elbow would take 3, the gap 5";
        assert_eq!(found.why, text);
        let shaky = |c: CandidateK| CandidateK { stability: c.stability.map(|s| s / 2.0), ..c };
        let found = choice(50, 50, candidates.into_iter().map(shaky).collect());
        assert_eq!(found.k, 2);
        assert!(found.why.contains("none comes back"), "{}", found.why);
    }

    #[test]
    fn the_elbow_is_farthest_from_the_chord() {
        let curve = |inertias: &[f64]| {
            let of = |(i, x): (usize, &f64)| candidate(i + 1, *x, 0.0, 0.0, 0.0);
            elbow(&inertias.iter().enumerate().map(of).collect::<Vec<_>>())
        };
        // By hand: the chord falls by 22.5 a step; below it by 7.5, 35, 17.5.
        assert_eq!(curve(&[100.0, 70.0, 20.0, 15.0, 10.0]), 3);
        assert_eq!(curve(&[100.0, 75.0, 50.0, 25.0]), 1);
        assert_eq!(curve(&[10.0, 1.0]), 1);
    }
}
