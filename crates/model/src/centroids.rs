//! Centroids predictor: the nearest of k segments, how near, and what its customers are like.

use crate::error::{ModelError, invalid};
use crate::profile::countable;
use crate::schema::Schema;
use crate::transform::{Transform, bounded};
use crate::typical::{TypicalField, check_typical};
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
    /// What the training rows of each segment are like, field by field; empty where it was not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typical: Vec<TypicalField>,
}

/// Where a row lies among the segments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Position of the nearest segment; the first of equally near ones.
    pub segment: usize,
    /// Euclidean distance to its centre.
    pub distance: f64,
    /// Distance to the second nearest centre minus `distance`, 0 or more; `None` with one segment.
    pub margin: Option<f64>,
    /// Whether `distance` is above the segment's [`Segment::novelty`]; `None` without one.
    pub novel: Option<bool>,
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
    /// The 99.9 % training distance: the smallest within which at least that share of the segment's training rows lie. A
    /// row of the segment farther from the centre is novel. `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<f64>,
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

    /// The nearest segment, the distance to its centre, and how far the next one is.
    pub fn place(&self, point: &[f64]) -> Place {
        let (mut segment, mut nearest, mut second) = (0, f64::INFINITY, f64::INFINITY);
        for (i, of) in self.segments.iter().enumerate() {
            let squared = of.center.iter().zip(point).fold(0.0, |sum, (c, x)| sum + (x - c) * (x - c));
            if squared < nearest {
                (segment, nearest, second) = (i, squared, nearest);
            } else if squared < second {
                second = squared;
            }
        }
        let distance = nearest.sqrt();
        let margin = (self.segments.len() > 1).then(|| second.sqrt() - distance);
        let limit = self.segments.get(segment).and_then(|of| of.novelty);
        Place { segment, distance, margin, novel: limit.map(|limit| distance > limit) }
    }

    pub(crate) fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        if self.segments.is_empty() {
            return Err(invalid("there are no segments"));
        }
        if !countable(self.segments.iter().map(|s| s.count)) {
            return Err(invalid("the segments' counts must add up to at most 2^53"));
        }
        let number = |t: &usize| transforms.get(*t).is_some_and(Transform::gives_number);
        if !self.coordinates.iter().all(number) {
            return Err(invalid("a coordinate needs a transform that gives a number"));
        }
        check_typical(&self.typical, schema, self.segments.len())?;
        for segment in &self.segments {
            let fail = |what: &str| Err(invalid(format!("segment `{}`: {what}", segment.name)));
            if segment.center.len() != self.coordinates.len() {
                return fail("its centre needs one number for each coordinate");
            }
            if segment.center.iter().any(|c| !bounded(*c)) {
                return fail("its centre holds a number that is not finite, or beyond 1e9");
            }
            if segment.novelty.is_some_and(|limit| !limit.is_finite() || limit < 0.0) {
                return fail("its novelty must be a finite distance of 0 or more");
            }
            if segment.bads.is_some_and(|b| b > segment.count) {
                return fail("it has more bads than rows");
            }
        }
        Ok(())
    }
}
