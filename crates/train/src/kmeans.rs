//! k-means: scaled numbers and category indicators -> segments.

use crate::engine::Engine;
use crate::error::TrainError;
use crate::fitted::Fitted;
use crate::lloyd::{Assigned, TablePoints, assign};
use crate::rows::Rows;
use crate::segments::coordinates::{Coordinates, coordinates};
use crate::segments::{KmeansSection, effects, names, typical};
use arrears_data::ColumnRecipe;
use arrears_model::Predictor;
use arrears_model::centroids::{Centroids, Segment};
use arrears_model::provenance::Fit;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Of so many training rows of a segment all but one lie within its [`Segment::novelty`].
const ONE_NOVEL_IN: usize = 1000;

/// Fits `k` segments.
///
/// Columns become coordinates as the section says. Segments are numbered by size and named after what sets them apart, in
/// the words that `columns` (the recipe's `[columns.X]`) have for high and low values.
///
/// # Errors
/// When no column varies, the section does not suit the columns, or the engine cannot fit.
pub fn fit_kmeans(
    rows: &Rows<'_>,
    section: &KmeansSection,
    k: usize,
    columns: &BTreeMap<String, ColumnRecipe>,
    engine: Engine,
) -> Result<Fitted, TrainError> {
    let Coordinates { transforms, variables } = coordinates(rows, section)?;
    let points = TablePoints::new(rows, &transforms);
    let fit = engine.kmeans_points(&points, &section.params(k))?;
    let mut notes = Vec::new();
    if !fit.converged {
        notes.push(
            "k-means stopped before the centres came to rest; raise [kmeans] max_iterations".to_owned(),
        );
    }
    let (centers, assigned) = largest_first(&points, fit.centers);
    let mut segments = segments(centers, &assigned, &rows.bad);
    let apart = effects(&points, &assigned.labels, k);
    let names = names(&apart, &transforms, &rows.schema, columns);
    segments.iter_mut().zip(names).for_each(|(segment, name)| segment.name = name);
    let typical = typical(rows, &transforms, &assigned.labels, k);
    let coordinates = (0..transforms.len()).collect();
    let fit = Fit { converged: Some(fit.converged), gradient_norm: None, notes };
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        predictor: Predictor::Centroids(Centroids { coordinates, segments, typical }),
        fit,
        coefficients: Vec::new(),
        goodness: None,
        variables,
        stepwise: Vec::new(),
    })
}

/// The centres with most rows first, and the centre of each row.
fn largest_first(points: &TablePoints<'_>, centers: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, Assigned) {
    let assigned = assign(points, &centers);
    let mut counts = vec![0u64; centers.len()];
    assigned.labels.iter().for_each(|label| counts[usize::from(*label)] += 1);
    if counts.is_sorted_by_key(|count| Reverse(*count)) {
        return (centers, assigned);
    }
    let mut sized: Vec<(u64, Vec<f64>)> = counts.into_iter().zip(centers).collect();
    sized.sort_by_key(|(count, _)| Reverse(*count));
    let centers: Vec<Vec<f64>> = sized.into_iter().map(|(_, center)| center).collect();
    // Once more: a row that two centres are equally near to goes to the first of them.
    let assigned = assign(points, &centers);
    (centers, assigned)
}

/// Segments without names: their rows, bads (`bad` is empty where they are not known) and novelty distances.
fn segments(centers: Vec<Vec<f64>>, assigned: &Assigned, bad: &[bool]) -> Vec<Segment> {
    let known = !bad.is_empty();
    let mut squared = vec![Vec::new(); centers.len()];
    let mut bads = vec![0; centers.len()];
    for (row, label) in assigned.labels.iter().enumerate() {
        squared[usize::from(*label)].push(assigned.squared[row]);
        bads[usize::from(*label)] += u64::from(known && bad[row]);
    }
    let segment = |((center, mut squared), bads): ((Vec<f64>, Vec<f64>), u64)| Segment {
        name: String::new(),
        center,
        count: squared.len() as u64,
        bads: known.then_some(bads),
        novelty: novelty(&mut squared),
    };
    centers.into_iter().zip(squared).zip(bads).map(segment).collect()
}

/// The smallest distance within which 99.9 % of the rows lie; `None` without rows.
fn novelty(squared: &mut [f64]) -> Option<f64> {
    let inside = (squared.len() * (ONE_NOVEL_IN - 1)).div_ceil(ONE_NOVEL_IN);
    let last = inside.checked_sub(1)?;
    let (_, limit, _) = squared.select_nth_unstable_by(last, f64::total_cmp);
    Some(limit.sqrt())
}

#[cfg(test)]
mod tests {
    use super::novelty;

    /// Of 2000 distances two may be farther, of 999 none, of 1001 one.
    #[test]
    fn one_in_a_thousand_is_novel() {
        let limit = |rows: u32| {
            let mut squared: Vec<f64> = (1..=rows).rev().map(|i| f64::from(i) * f64::from(i)).collect();
            novelty(&mut squared)
        };
        let of = |rows| limit(rows);
        assert_eq!(
            [of(0), of(1), of(999), of(1000), of(1001), of(2000)],
            [None, Some(1.0), Some(999.0), Some(999.0), Some(1000.0), Some(1998.0)]
        );
    }
}
