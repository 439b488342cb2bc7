//! Centroids predictor: the nearest of k segments.

use crate::error::{ModelError, invalid};
use crate::profile::countable;
use crate::transform::{Transform, bounded};
use crate::value::Cell;
use serde::{Deserialize, Serialize};

/// k-means segments on fitted coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centroids {
    /// Positions of the transforms that give the coordinates.
    pub coordinates: Vec<usize>,
    /// The segments; k of them.
    pub segments: Vec<Segment>,
}

/// One segment of customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Short name, shown in tables.
    pub name: String,
    /// The centre, one number for each coordinate.
    pub center: Vec<f64>,
    /// Training rows nearest to this centre.
    pub count: u64,
    /// Bads among them, where the outcome was known.
    pub bads: Option<u64>,
}

impl Centroids {
    /// The coordinates of a row, written to `point` (cleared first).
    pub fn locate(&self, transforms: &[Transform], cells: &[Cell], point: &mut Vec<f64>) {
        point.clear();
        point.extend(self.coordinates.iter().map(|t| {
            let transform = &transforms[*t];
            transform.number(cells[transform.field()])
        }));
    }

    /// The nearest segment and the Euclidean distance to its centre; ties go to the first.
    pub fn nearest(&self, point: &[f64]) -> (usize, f64) {
        let mut best = (0, f64::INFINITY);
        for (i, segment) in self.segments.iter().enumerate() {
            let squared = segment.center.iter().zip(point).fold(0.0, |sum, (c, x)| sum + (x - c) * (x - c));
            if squared < best.1 {
                best = (i, squared);
            }
        }
        (best.0, best.1.sqrt())
    }

    pub(crate) fn check(&self, transforms: &[Transform]) -> Result<(), ModelError> {
        if self.segments.is_empty() {
            return Err(invalid("there are no segments"));
        }
        if !countable(self.segments.iter().map(|s| s.count)) {
            return Err(invalid("the segments' counts must add up to at most 2^53"));
        }
        let number = |t: &usize| {
            matches!(transforms.get(*t), Some(Transform::Standardise { .. } | Transform::Indicator { .. }))
        };
        if !self.coordinates.iter().all(number) {
            return Err(invalid("a coordinate needs a transform that gives a number"));
        }
        for segment in &self.segments {
            let fail = |what: &str| Err(invalid(format!("segment `{}`: {what}", segment.name)));
            if segment.center.len() != self.coordinates.len() {
                return fail("its centre needs one number for each coordinate");
            }
            if segment.center.iter().any(|c| !bounded(*c)) {
                return fail("its centre holds a number that is not finite, or beyond 1e9");
            }
            if segment.bads.is_some_and(|b| b > segment.count) {
                return fail("it has more bads than rows");
            }
        }
        Ok(())
    }
}
