//! Aggregates that go through the rows from the latest back: nested windows of one end share the way.

use super::lane::LaneValues;
use super::plan::{Job, Kernel, Span};
use super::rows::Rows;
use super::sums::double;
use crate::{Amount, Values};
use std::collections::HashSet;

/// Buffers.
#[derive(Debug, Default)]
pub(crate) struct Back {
    /// By code of a text: when it was seen last, counted in customers.
    seen: Vec<u32>,
    now: u32,
    numbers: Vec<Amount>,
    many: HashSet<Amount>,
    spans: Vec<Span>,
}

/// What grows as rows are added, from the latest back.
trait Growing {
    /// A customer's next row; it counts.
    fn add(&mut self, row: usize);
    /// The value of the rows added since the start.
    fn value(&mut self) -> f64;
}

impl Back {
    pub(crate) fn run(&mut self, rows: &Rows<'_>, of: Option<&LaneValues<'_>>, job: &Job, out: &mut [f64]) {
        let Some(of) = of else { return };
        let numbers = of.numbers();
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        spans.extend_from_slice(&job.spans);
        match job.kernel {
            Kernel::Min => go(rows, &mut spans, out, |_| Extreme { numbers, best: None, larger: false }),
            Kernel::Max => go(rows, &mut spans, out, |_| Extreme { numbers, best: None, larger: true }),
            _ => {}
        }
        self.spans = spans;
    }
}
