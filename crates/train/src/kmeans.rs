//! k-means: scaled numbers and category indicators -> segments.

use crate::engine::Engine;
use crate::error::TrainError;
use crate::fitted::Fitted;
use crate::rows::Rows;
use crate::segments::coordinates::{Coordinates, coordinates, points};
use crate::segments::{KmeansSection, effects, names, typical};
use arrears_data::ColumnRecipe;
use arrears_model::Predictor;
use arrears_model::centroids::{Centroids, Segment};
use arrears_model::provenance::Fit;
use ndarray::{Array2, ArrayView2};
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
    let all: Vec<usize> = (0..rows.len()).collect();
    let points = points(rows, &transforms, &all);
    let fit = engine.kmeans(&points, &section.params(k))?;
    let mut notes = Vec::new();
    if !fit.converged {
        notes.push(
            "k-means stopped before the centres came to rest; raise [kmeans] max_iterations".to_owned(),
        );
    }
    let segment = |center| Segment { name: String::new(), center, count: 0, bads: None, novelty: None };
    let mut model = Centroids {
        coordinates: (0..transforms.len()).collect(),
        segments: fit.centers.into_iter().map(segment).collect(),
        typical: Vec::new(),
    };
    let segment_of = place_rows(&mut model, points.view(), &rows.bad);
    let effects = effects(points.view(), &segment_of, k);
    let means = means(&points, &segment_of, &model);
    let names = names(&effects, &means, &transforms, &rows.schema, columns);
    model.segments.iter_mut().zip(names).for_each(|(segment, name)| segment.name = name);
    model.typical = typical(rows, &transforms, &segment_of, k);
    let fit = Fit { converged: Some(fit.converged), gradient_norm: None, notes };
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        predictor: Predictor::Centroids(model),
        fit,
        coefficients: Vec::new(),
        goodness: None,
        variables,
        stepwise: Vec::new(),
    })
}

/// Puts the largest segment first, counts rows and bads (`bad` is empty where they are not known), and sets the
/// novelty distances, all with the code that will score. Gives the segment of each row.
fn place_rows(model: &mut Centroids, points: ArrayView2<'_, f64>, bad: &[bool]) -> Vec<usize> {
    count(model, &place_all(model, points).0, bad);
    model.segments.sort_by_key(|s| std::cmp::Reverse(s.count));
    // Once more: a row that two centres are equally near to goes to the first of them.
    let (segment_of, distances) = place_all(model, points);
    count(model, &segment_of, bad);
    let mut own = vec![Vec::new(); model.segments.len()];
    segment_of.iter().zip(distances).for_each(|(segment, distance)| own[*segment].push(distance));
    for (segment, distances) in model.segments.iter_mut().zip(&mut own).filter(|(s, _)| s.count > 0) {
        let inside = (distances.len() * (ONE_NOVEL_IN - 1)).div_ceil(ONE_NOVEL_IN);
        let (_, limit, _) = distances.select_nth_unstable_by(inside - 1, f64::total_cmp);
        segment.novelty = Some(*limit);
    }
    segment_of
}

/// Segment of each row, and distance to its centre.
fn place_all(model: &Centroids, points: ArrayView2<'_, f64>) -> (Vec<usize>, Vec<f64>) {
    let mut point = Vec::new();
    let place = |row: ndarray::ArrayView1<'_, f64>| {
        point.clear();
        point.extend(row);
        let place = model.place(&point);
        (place.segment, place.distance)
    };
    points.rows().into_iter().map(place).unzip()
}

fn count(model: &mut Centroids, segment_of: &[usize], bad: &[bool]) {
    for segment in &mut model.segments {
        (segment.count, segment.bads) = (0, (!bad.is_empty()).then_some(0));
    }
    for (row, segment) in segment_of.iter().enumerate() {
        let segment = &mut model.segments[*segment];
        segment.count += 1;
        if let Some(bads) = &mut segment.bads {
            *bads += u64::from(bad[row]);
        }
    }
}

/// Mean of each coordinate over the rows of each segment.
fn means(points: &Array2<f64>, segment_of: &[usize], model: &Centroids) -> Vec<Vec<f64>> {
    let mut means = vec![vec![0.0; points.ncols()]; model.segments.len()];
    for (row, segment) in points.rows().into_iter().zip(segment_of) {
        means[*segment].iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    for (means, segment) in means.iter_mut().zip(&model.segments) {
        means.iter_mut().for_each(|sum| *sum /= segment.count.max(1) as f64);
    }
    means
}
