//! The rows that a feature may count, and the columns that are made only of rows that fulfil its condition.

use super::lane::LaneValues;
use crate::{Amount, Events, Zone};
use arrears_expression::Truth;
use std::borrow::Cow;
use std::ops::Range;

/// Rows of one table, with the condition of one filter.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) events: &'a Events,
    pub(crate) customers: usize,
    /// Edge by edge, customer by customer, the first row after it.
    pub(crate) edges: &'a [u32],
    pub(crate) truth: &'a [Truth],
    pub(crate) today: i64,
    pub(crate) zone: &'a Zone,
}

impl<'a> Rows<'a> {
    /// The first row after an edge, customer by customer.
    pub(crate) fn edge(&self, edge: usize) -> &'a [u32] {
        &self.edges[edge * self.customers..][..self.customers]
    }

    /// The rows of a customer that happened by the as-of moment.
    fn past(&self, customer: usize) -> Range<usize> {
        self.events.starts[customer] as usize..self.edges[customer] as usize
    }

    /// Whether the row counts.
    #[inline]
    pub(crate) fn counts(&self, row: usize) -> bool {
        self.truth[row] == Truth::True
    }

    /// The local date of a row, as days since 1970-01-01.
    #[inline]
    pub(crate) fn day(&self, row: usize) -> i64 {
        self.zone.day(self.events.at[row])
    }
}

/// Columns made of the rows that count; [`crate::DERIVED_COLUMNS`] says how.
#[derive(Debug, Default)]
pub(crate) struct After {
    values: Option<LaneValues<'static>>,
}

impl After {
    fn fill(
        &mut self,
        rows: &Rows<'_>,
        mut each: impl FnMut(&mut [Amount], Range<usize>),
    ) -> &LaneValues<'static> {
        let mut buffer = match self.values.take() {
            Some(LaneValues::Number(Cow::Owned(buffer))) => buffer,
            _ => Vec::new(),
        };
        buffer.clear();
        buffer.resize(rows.truth.len(), Amount::NONE);
        for customer in 0..rows.customers {
            each(&mut buffer, rows.past(customer));
        }
        self.values.insert(LaneValues::Number(Cow::Owned(buffer)))
    }

    /// `gap_days`: the first row of each day has the days since the day before with rows.
    pub(crate) fn gaps(&mut self, rows: &Rows<'_>) -> &LaneValues<'static> {
        self.fill(rows, |gaps, past| {
            let mut last = None;
            for row in past.filter(|row| rows.counts(*row)) {
                let day = rows.day(row);
                if let Some(last) = last.filter(|last| *last != day) {
                    gaps[row] = Amount((day - last) * Amount::ONE);
                }
                last = Some(day);
            }
        })
    }

    /// `rows_7d`: rows within the seven days that end with the row's day.
    pub(crate) fn recent(&mut self, rows: &Rows<'_>) -> &LaneValues<'static> {
        let (mut days, mut place) = (Vec::new(), Vec::new());
        self.fill(rows, |counts, past| {
            days.clear();
            place.clear();
            for row in past.filter(|row| rows.counts(*row)) {
                days.push(rows.day(row));
                place.push(row);
            }
            let (mut start, mut end) = (0, 0);
            for (day, row) in days.iter().zip(&place) {
                while days[start] <= day - 7 {
                    start += 1;
                }
                while end < days.len() && days[end] <= *day {
                    end += 1;
                }
                counts[*row] = Amount((end - start) as i64 * Amount::ONE);
            }
        })
    }
}
