//! On processors without the instructions of [`crate::csv_chunk`]'s fast way all rows go the plain one.

use crate::csv_column::Column;
use crate::csv_scan::Scan;

/// Reads no rows.
pub(crate) struct Regular;

impl Regular {
    pub(crate) fn new() -> Option<Regular> {
        None
    }

    pub(crate) fn rows(&mut self, _: Scan<'_>, at: usize, _: usize, _: &mut [Column]) -> (usize, usize) {
        (0, at)
    }
}
