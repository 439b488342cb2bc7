//! Segments that are the customers nearest to one of k centres.

use super::params::{Limits, SegmentsParams};
use super::router::{Routed, members, routing_fields};
use crate::engine::Engine;
use crate::error::TrainError;
use crate::kmeans::fit_kmeans;
use crate::rows::Rows;
use crate::segments::KmeansSection;
use arrears_model::Predictor;
use arrears_model::centroids::Centroids;
use arrears_model::segmented::Router;
use arrears_model::transform::Transform;
use std::collections::BTreeMap;

/// Fits k-means and leaves out centres whose segment is below the limits, the smallest first: their customers go to
/// the nearest of the others. `None` where a single one is left.
pub(super) fn by_kmeans(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    limits: Limits,
    engine: Engine,
) -> Result<Option<Routed>, TrainError> {
    let fields = routing_fields(rows, params)?;
    let section = KmeansSection { seed: params.seed, ..KmeansSection::default() };
    let k = params.k.unwrap_or(3);
    let fitted = fit_kmeans(&rows.with_fields(&fields), &section, k, &BTreeMap::new(), engine)?;
    let Predictor::Centroids(mut centroids) = fitted.predictor else { return Ok(None) };
    // A router needs the centres alone.
    centroids.typical.clear();
    centroids.segments.iter_mut().for_each(|segment| segment.novelty = None);
    let mut transforms = fitted.transforms;
    transforms.iter_mut().for_each(|transform| {
        let (Transform::Intervals { field, .. }
        | Transform::Groups { field, .. }
        | Transform::Standardise { field, .. }
        | Transform::LogStandardise { field, .. }
        | Transform::Indicator { field, .. }) = transform;
        *field = fields[*field];
    });
    while let Some(smallest) = smallest_below(&mut centroids, &transforms, rows, limits) {
        if centroids.segments.len() <= 2 {
            return Ok(None);
        }
        centroids.segments.remove(smallest);
    }
    for (i, segment) in centroids.segments.iter_mut().enumerate() {
        let words = segment.name.split_once(": ").map_or("", |(_, words)| words).to_owned();
        segment.name = format!("S{}: {words}", i + 1);
    }
    let names = centroids.segments.iter().map(|segment| segment.name.clone()).collect();
    Ok(Some(Routed { router: Router::Centroids(centroids), transforms, names }))
}

/// Counts the rows of each centre, and gives the one with the fewest among those below the limits.
fn smallest_below(
    centroids: &mut Centroids,
    transforms: &[Transform],
    rows: &Rows<'_>,
    limits: Limits,
) -> Option<usize> {
    let router = Router::Centroids(centroids.clone());
    let members = members(&router, centroids.segments.len(), transforms, rows);
    for (segment, members) in centroids.segments.iter_mut().zip(members) {
        segment.count = members.len() as u64;
        segment.bads = Some(members.iter().filter(|row| rows.bad[**row]).count() as u64);
    }
    let below = |at: &usize| {
        let segment = &centroids.segments[*at];
        !limits.kept(segment.count, segment.bads.unwrap_or(0))
    };
    (0..centroids.segments.len()).filter(below).min_by_key(|at| centroids.segments[*at].count)
}
