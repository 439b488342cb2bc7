//! What the segments of a k-means model look like on the rows measured.

use arrears_model::centroids::Centroids;
use arrears_model::value::Cell;
use arrears_model::{Kind, Model, Schema};
use serde::Serialize;

use crate::observe::Observed;
use crate::{Error, Points, SILHOUETTE_ROWS, Silhouette, inertia, silhouette};

/// How well the segments hold together, and who is in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clusters {
    /// Sum over all rows of the squared distance to the row's own centre.
    pub inertia: Option<f64>,
    /// Inertia divided by the rows.
    pub inertia_per_row: Option<f64>,
    /// Mean silhouette, of all and of each segment.
    pub silhouette: Option<Silhouette>,
    /// Rows farther from their centre than the 99.9 % training distance of their segment; `None` where the model does not
    /// know any.
    pub novel: Option<u64>,
    /// The segments, in the order of the model.
    pub segments: Vec<SegmentProfile>,
}

/// One segment, measured. Shares and rates are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentProfile {
    /// Name of the segment.
    pub name: String,
    /// Rows nearest to its centre.
    pub rows: u64,
    /// Share of all scored rows; `None` where there are none.
    pub share: Option<f64>,
    /// Share of the training rows; `None` where the model does not know.
    pub training_share: Option<f64>,
    /// Rows whose outcome is known.
    pub labelled: u64,
    /// Bads among them; `None` where no outcome is known.
    pub bads: Option<u64>,
    /// `bads / labelled`.
    pub bad_rate: Option<f64>,
    /// Mean distance to the centre.
    pub mean_distance: Option<f64>,
    /// What its rows are like, one entry for each field of the model.
    pub features: Vec<SegmentFeature>,
}

/// What a segment's rows have in one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentFeature {
    /// Name of the field.
    pub variable: String,
    /// The typical value; `None` where no row has one.
    pub typical: Option<Typical>,
}

/// The typical value of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Typical {
    /// Mean of the numbers; missing values and special codes are left out.
    Mean(f64),
    /// The most frequent category, the first in byte order of equally frequent ones.
    MostFrequent {
        /// The category.
        category: String,
        /// Share of the segment's rows that have it.
        share: f64,
    },
}

/// Running means and counts, for each segment and field.
pub(crate) struct SegmentTally {
    segments: Vec<Vec<FieldTally>>,
}

#[derive(Clone)]
enum FieldTally {
    Number { rows: u64, mean: f64 },
    Category { rows: Vec<u64> },
}

impl SegmentTally {
    pub(crate) fn new(schema: &Schema, segments: usize) -> Self {
        let empty = schema.fields.iter().map(|field| match &field.kind {
            Kind::Number { .. } => FieldTally::Number { rows: 0, mean: 0.0 },
            Kind::Category { categories, .. } => FieldTally::Category { rows: vec![0; categories.len()] },
        });
        Self { segments: vec![empty.collect(); segments] }
    }

    pub(crate) fn add(&mut self, segment: usize, cells: &[Cell]) {
        for (tally, cell) in self.segments[segment].iter_mut().zip(cells) {
            match (tally, cell) {
                (FieldTally::Number { rows, mean }, Cell::Number(x)) => {
                    *rows += 1;
                    *mean += (x - *mean) / *rows as f64;
                }
                (FieldTally::Category { rows }, Cell::Category(category)) => rows[*category] += 1,
                _ => {}
            }
        }
    }

    fn features(&self, schema: &Schema, segment: usize, all: u64) -> Vec<SegmentFeature> {
        let feature = |(field, tally): (&arrears_model::Field, &FieldTally)| {
            let typical = match tally {
                FieldTally::Number { rows, mean } => {
                    (*rows > 0 && mean.is_finite()).then_some(Typical::Mean(*mean))
                }
                FieldTally::Category { rows } => {
                    let most = rows.iter().copied().max().filter(|most| *most > 0);
                    most.and_then(|most| {
                        let at = rows.iter().position(|n| *n == most)?;
                        let category = field.categories()[at].clone();
                        Some(Typical::MostFrequent { category, share: most as f64 / all as f64 })
                    })
                }
            };
            SegmentFeature { variable: field.name.clone(), typical }
        };
        schema.fields.iter().zip(&self.segments[segment]).map(feature).collect()
    }
}

/// Measures the segments; what cannot be measured goes to `notes`.
pub(crate) fn clusters(
    model: &Model,
    centroids: &Centroids,
    observed: &Observed,
    seed: u64,
    notes: &mut Vec<String>,
) -> Clusters {
    let mut note = |what: &str, error: Error| notes.push(format!("{what}: {error}"));
    let segment: Vec<usize> = observed.scored.iter().filter_map(|row| row.segment).collect();
    let dims = centroids.coordinates.len();
    let centres: Vec<f64> = centroids.segments.iter().flat_map(|s| s.center.iter().copied()).collect();
    let (mut total, mut shape) = (None, None);
    match (Points::new(&observed.points, dims), Points::new(&centres, dims)) {
        (Ok(points), Ok(centres)) => {
            total = inertia(points, centres, &segment).map_err(|error| note("inertia", error)).ok();
            let measured = silhouette(points, &segment, centroids.segments.len(), SILHOUETTE_ROWS, seed);
            shape = measured.map_err(|error| note("silhouette", error)).ok();
        }
        (Err(error), _) | (_, Err(error)) => note("inertia and silhouette", error),
    }
    Clusters {
        inertia: total,
        inertia_per_row: total.map(|total| total / segment.len() as f64),
        silhouette: shape,
        novel: centroids
            .segments
            .iter()
            .any(|s| s.novelty.is_some())
            .then(|| observed.scored.iter().filter(|row| row.novel == Some(true)).count() as u64),
        segments: (0..centroids.segments.len()).map(|s| profile(model, centroids, observed, s)).collect(),
    }
}

fn profile(model: &Model, centroids: &Centroids, observed: &Observed, position: usize) -> SegmentProfile {
    let segment = &centroids.segments[position];
    let trained: u64 = centroids.segments.iter().map(|s| s.count).sum();
    let (mut rows, mut labelled, mut bads, mut distance) = (0u64, 0u64, 0u64, 0.0);
    for row in observed.scored.iter().filter(|row| row.segment == Some(position)) {
        rows += 1;
        labelled += u64::from(row.bad.is_some());
        bads += u64::from(row.bad == Some(true));
        distance += row.distance.unwrap_or_default();
    }
    SegmentProfile {
        name: segment.name.clone(),
        rows,
        share: ratio(rows as f64, observed.scored.len() as u64),
        training_share: ratio(segment.count as f64, trained),
        labelled,
        bads: (labelled > 0).then_some(bads),
        bad_rate: ratio(bads as f64, labelled),
        mean_distance: ratio(distance, rows),
        features: observed.tally.features(&model.schema, position, rows),
    }
}

/// `sum / rows`, where there are rows.
pub(crate) fn ratio(sum: f64, rows: u64) -> Option<f64> {
    (rows > 0).then(|| sum / rows as f64)
}
