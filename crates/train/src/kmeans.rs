//! k-means: standardised numbers and category indicators -> segments.

use crate::engine::{Engine, KmeansParams};
use crate::error::TrainError;
use crate::fitted::{Fitted, VariableReport};
use crate::lloyd::{TablePoints, assign};
use crate::rows::Rows;
use crate::standardise::standardise;
use arrears_model::centroids::{Centroids, Segment};
use arrears_model::provenance::Fit;
use arrears_model::transform::Transform;
use arrears_model::{Kind, Predictor};
use std::f64::consts::SQRT_2;

/// A coordinate this far from the mean, in standard deviations, goes into a segment's name.
const NOTABLE: f64 = 0.4;

/// Fits k-means segments.
///
/// Numbers are standardised (missing and special codes stand at the mean). A category gives one
/// indicator for each category, divided by the square root of 2, so that two customers who differ in it
/// lie one standard deviation apart. Segments are numbered by size and named after what sets them apart.
///
/// # Errors
/// When no column varies, or the engine cannot fit.
pub fn fit_kmeans(rows: &Rows<'_>, params: &KmeansParams, engine: Engine) -> Result<Fitted, TrainError> {
    let mut transforms = Vec::new();
    let mut variables = Vec::new();
    for field in 0..rows.schema.fields.len() {
        let before = transforms.len();
        match &rows.field(field).kind {
            Kind::Number { .. } => transforms.extend(standardise(rows, field)),
            Kind::Category { categories, .. } if categories.len() > 1 => {
                let all = 0..categories.len();
                transforms.extend(all.map(|category| Transform::Indicator {
                    field,
                    category,
                    scale: SQRT_2,
                }));
            }
            Kind::Category { .. } => {}
        }
        let kept = transforms.len() > before;
        let reason = if kept { "used" } else { "a single value: it says nothing" };
        let variable = rows.field(field).name.clone();
        variables.push(VariableReport { variable, kept, iv: None, reason: reason.to_owned() });
    }
    if transforms.is_empty() {
        return Err(TrainError::NoFeatures("every column holds a single value".to_owned()));
    }
    let points = TablePoints::new(rows, &transforms);
    let fit = engine.kmeans_points(&points, params)?;
    let nearest = assign(&points, &fit.centers).labels;
    let mut notes = Vec::new();
    if !fit.converged {
        notes.push(
            "k-means stopped before the centres came to rest; raise [kmeans] max_iterations".to_owned(),
        );
    }
    let predictor = Predictor::Centroids(segments(rows, &transforms, fit.centers, &nearest));
    let fit = Fit { converged: Some(fit.converged), gradient_norm: None, notes };
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        predictor,
        fit,
        coefficients: Vec::new(),
        goodness: None,
        variables,
        stepwise: Vec::new(),
    })
}

/// Counts the training rows of each centre, of which `nearest` has the index; largest segment first.
fn segments(rows: &Rows<'_>, transforms: &[Transform], centers: Vec<Vec<f64>>, nearest: &[u16]) -> Centroids {
    let known = !rows.bad.is_empty();
    let segment = |center| Segment { name: String::new(), center, count: 0, bads: known.then_some(0) };
    let mut model = Centroids {
        coordinates: (0..transforms.len()).collect(),
        segments: centers.into_iter().map(segment).collect(),
    };
    let mut tallies = vec![(0u64, 0u64); model.segments.len()];
    for (row, nearest) in nearest.iter().enumerate() {
        let (count, bads) = &mut tallies[usize::from(*nearest)];
        *count += 1;
        *bads += u64::from(known && rows.bad[row]);
    }
    for (segment, (count, bads)) in model.segments.iter_mut().zip(tallies) {
        segment.count = count;
        segment.bads = known.then_some(bads);
    }
    model.segments.sort_by_key(|s| std::cmp::Reverse(s.count));
    let means = coordinate_means(&model);
    for (i, segment) in model.segments.iter_mut().enumerate() {
        segment.name = name(i + 1, &segment.center, &means, rows, transforms);
    }
    model
}

/// Mean of each coordinate over all training rows, from the centres and their counts.
fn coordinate_means(model: &Centroids) -> Vec<f64> {
    let rows: u64 = model.segments.iter().map(|s| s.count).sum();
    (0..model.coordinates.len())
        .map(|c| model.segments.iter().map(|s| s.center[c] * s.count as f64).sum::<f64>() / rows as f64)
        .collect()
}

/// `S2: high price, high amount`: the two coordinates farthest from the mean, if far enough.
fn name(number: usize, center: &[f64], means: &[f64], rows: &Rows<'_>, transforms: &[Transform]) -> String {
    let mut apart: Vec<(usize, f64)> = center.iter().zip(means).map(|(c, m)| c - m).enumerate().collect();
    apart.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let words: Vec<String> = apart
        .into_iter()
        .filter(|(_, distance)| distance.abs() >= NOTABLE)
        .take(2)
        .map(|(c, distance)| {
            let field = rows.field(transforms[c].field());
            match &transforms[c] {
                Transform::Indicator { category, .. } => {
                    let sign = if distance > 0.0 { "=" } else { "not" };
                    format!("{} {sign} {}", field.name, field.categories()[*category])
                }
                _ if distance > 0.0 => format!("high {}", field.name),
                _ => format!("low {}", field.name),
            }
        })
        .collect();
    if words.is_empty() {
        format!("S{number}: near the mean")
    } else {
        format!("S{number}: {}", words.join(", "))
    }
}
