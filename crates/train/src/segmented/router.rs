//! The router: what decides which segment a customer belongs to, learned from the training rows.

use super::centres::by_kmeans;
use super::column::by_column;
use super::leaves::by_tree;
use super::params::{Limits, SegmentsBy, SegmentsParams};
use crate::engine::Engine;
use crate::error::TrainError;
use crate::rows::Rows;
use arrears_model::segmented::Router;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;

/// A router on the full schema of the rows.
#[derive(Clone, Debug)]
pub(super) struct Routed {
    pub(super) router: Router,
    /// Transforms that the router reads.
    pub(super) transforms: Vec<Transform>,
    /// Names of the segments, in their order.
    pub(super) names: Vec<String>,
}

/// Learns a router whose every segment keeps the limits; `None` where there are no two such segments.
///
/// # Errors
/// A column that is no feature, or no category; what the engine cannot fit.
pub(super) fn route(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    limits: Limits,
    engine: Engine,
) -> Result<Option<Routed>, TrainError> {
    match params.by {
        SegmentsBy::Tree => by_tree(rows, params, limits, engine),
        SegmentsBy::Kmeans => by_kmeans(rows, params, limits, engine),
        SegmentsBy::Column => by_column(rows, params, limits),
    }
}

/// Checks that the columns named are features.
///
/// # Errors
/// [`TrainError::NoVariable`] for the first that is none.
pub(super) fn fields_of(
    rows: &Rows<'_>,
    key: &'static str,
    names: &[String],
) -> Result<Vec<usize>, TrainError> {
    let position = |name: &String| {
        rows.schema.fields.iter().position(|field| field.name == *name).ok_or_else(|| {
            let features: Vec<&str> = rows.schema.fields.iter().map(|field| field.name.as_str()).collect();
            let why = format!("expected one of: {}", features.join(", "));
            TrainError::NoRoute { key, name: name.clone(), why }
        })
    };
    let mut fields = names.iter().map(position).collect::<Result<Vec<usize>, TrainError>>()?;
    fields.sort_unstable();
    fields.dedup();
    Ok(fields)
}

/// The columns that may part customers: those named, or all.
pub(super) fn routing_fields(rows: &Rows<'_>, params: &SegmentsParams) -> Result<Vec<usize>, TrainError> {
    match params.fields.is_empty() {
        true => Ok((0..rows.schema.fields.len()).collect()),
        false => fields_of(rows, "fields", &params.fields),
    }
}

/// The rows of each of the segments, ascending.
pub(super) fn members(
    router: &Router,
    segments: usize,
    transforms: &[Transform],
    rows: &Rows<'_>,
) -> Vec<Vec<usize>> {
    let fields = router.fields(transforms);
    let mut cells = vec![Cell::Missing; rows.schema.fields.len()];
    let (mut path, mut point) = (Vec::new(), Vec::new());
    let mut members = vec![Vec::new(); segments];
    for row in 0..rows.len() {
        fields.iter().for_each(|field| cells[*field] = rows.cell(row, *field));
        members[router.route(transforms, &cells, &mut path, &mut point)].push(row);
    }
    members
}
