//! Aggregates that are differences of running sums: whatever the number of windows, a row is added once.

use super::lane::LaneValues;
use super::plan::{Job, Kernel};
use super::rows::Rows;
use crate::{Amount, Values};
use arrears_expression::Truth;

/// Running counts and sums over the rows of a chunk: entry `i` is of the rows before row `i`. Rows of other customers
/// are in both sums that are subtracted and so fall out; being whole numbers they do so exactly.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// Rows that count.
    rows: Running<u32>,
    /// Rows for which the condition is known.
    decided: Running<u32>,
    /// Rows that count and have a value, and the sum of their values.
    values: Running<u32>,
    sum: Running<i128>,
    /// The sum of values where the condition is known.
    decided_sum: Running<i128>,
    filter: Option<usize>,
}

#[derive(Debug, Default)]
struct Running<T> {
    fresh: bool,
    sums: Vec<T>,
}

impl<T: Copy + Default + std::ops::Add<Output = T>> Running<T> {
    fn get(&mut self, each: impl Iterator<Item = T>) -> &[T] {
        if !self.fresh {
            self.fresh = true;
            self.sums.clear();
            let mut sum = T::default();
            self.sums.push(sum);
            self.sums.extend(each.map(|value| {
                sum = sum + value;
                sum
            }));
        }
        &self.sums
    }
}

impl Sums {
    /// Another table or other events.
    pub(crate) fn forget_rows(&mut self) {
        self.filter = None;
    }

    /// Other values, perhaps another filter.
    pub(crate) fn start(&mut self, filter: usize) {
        if self.filter != Some(filter) {
            self.filter = Some(filter);
            self.rows.fresh = false;
            self.decided.fresh = false;
        }
        self.values.fresh = false;
        self.sum.fresh = false;
        self.decided_sum.fresh = false;
    }

    /// Does a job if it is one of sums.
    pub(crate) fn run(
        &mut self,
        rows: &Rows<'_>,
        of: Option<&LaneValues<'_>>,
        job: &Job,
        out: &mut [f64],
    ) -> bool {
        let truth = rows.truth;
        let is = |truth: &Truth| u32::from(*truth == Truth::True);
        let numbers = of.map(LaneValues::numbers).unwrap_or_default();
        match (job.kernel, of) {
            (Kernel::Count, None) => {
                let counts = self.rows.get(truth.iter().map(is));
                each(rows, job, out, |start, end| f64::from(counts[end] - counts[start]));
            }
            (Kernel::Count, Some(LaneValues::Text(codes, _))) => {
                let has = |code: &u32| u32::from(*code != Values::NO_TEXT);
                let counts = self
                    .values
                    .get(truth.iter().zip(codes.iter()).map(|(truth, code)| is(truth) & has(code)));
                each(rows, job, out, |start, end| f64::from(counts[end] - counts[start]));
            }
            (Kernel::Count, Some(_)) => {
                let counts = self.values.get(present(truth, numbers));
                each(rows, job, out, |start, end| f64::from(counts[end] - counts[start]));
            }
            (Kernel::Sum, _) => {
                let sums = self.sum.get(sums(truth, numbers));
                each(rows, job, out, |start, end| double(sums[end] - sums[start]));
            }
            (Kernel::Mean, _) => {
                let counts = self.values.get(present(truth, numbers));
                let sums = self.sum.get(sums(truth, numbers));
                each(rows, job, out, |start, end| {
                    double(sums[end] - sums[start]) / f64::from(counts[end] - counts[start])
                });
            }
            (Kernel::Share, None) => {
                let counts = self.rows.get(truth.iter().map(is));
                let decided = self.decided.get(truth.iter().map(|truth| u32::from(*truth != Truth::Missing)));
                each(rows, job, out, |start, end| {
                    f64::from(counts[end] - counts[start]) / f64::from(decided[end] - decided[start])
                });
            }
            (Kernel::Share, Some(_)) => {
                let part = self.sum.get(sums(truth, numbers));
                let known = truth
                    .iter()
                    .map(|truth| if *truth == Truth::Missing { Truth::Missing } else { Truth::True });
                let all =
                    self.decided_sum.get(known.zip(numbers).map(|(truth, number)| value(truth, *number)));
                each(rows, job, out, |start, end| match all[end] - all[start] {
                    0 => f64::NAN,
                    all => double(part[end] - part[start]) / double(all),
                });
            }
            (Kernel::DaysSince, _) => {
                latest(rows, job, out, |_| true, |row, _| (rows.today - rows.day(row)) as f64);
            }
            (Kernel::Last, _) => {
                let of =
                    |row: usize, customer: usize| double(i128::from(tied(rows, numbers, row, customer).0));
                latest(rows, job, out, |row| numbers[row] != Amount::NONE, of);
            }
            (Kernel::Streak, _) => {
                let counts = self.rows.get(truth.iter().map(is));
                streak(rows, job, out, counts);
            }
            _ => return false,
        }
        true
    }
}

fn value(truth: Truth, number: Amount) -> i128 {
    if truth == Truth::True && number != Amount::NONE { i128::from(number.0) } else { 0 }
}

fn sums(truth: &[Truth], numbers: &[Amount]) -> impl Iterator<Item = i128> {
    truth.iter().zip(numbers).map(|(truth, number)| value(*truth, *number))
}

fn present(truth: &[Truth], numbers: &[Amount]) -> impl Iterator<Item = u32> {
    truth
        .iter()
        .zip(numbers)
        .map(|(truth, number)| u32::from(*truth == Truth::True && *number != Amount::NONE))
}

/// Millionths as a double: rounded once to whole millionths that a double can hold, once more by the division.
pub(crate) fn double(millionths: i128) -> f64 {
    // written so that the compiler does not make one slow conversion of 128 bits of the two
    let is_small = (millionths as u128).wrapping_add(1 << 63) >> 64 == 0;
    let whole = if is_small { millionths as i64 as f64 } else { millionths as f64 };
    whole / Amount::ONE as f64
}

/// Fills the slots of a job from the first row of each window and the first one after it.
fn each(rows: &Rows<'_>, job: &Job, out: &mut [f64], value: impl Fn(usize, usize) -> f64) {
    for span in &job.spans {
        let (start, end) = (rows.edge(span.start), rows.edge(span.end));
        let out = &mut out[span.slot * rows.customers..][..rows.customers];
        for ((out, start), end) in out.iter_mut().zip(start).zip(end) {
            *out = value(*start as usize, *end as usize);
        }
    }
}

/// Fills the slots of a job from the latest row that counts and has a value; missing without one. The spans of one end
/// stand together, the shorter before the longer.
fn latest(
    rows: &Rows<'_>,
    job: &Job,
    out: &mut [f64],
    has: impl Fn(usize) -> bool,
    value: impl Fn(usize, usize) -> f64,
) {
    for spans in job.spans.chunk_by(|a, b| a.end == b.end) {
        for (customer, end) in rows.edge(spans[0].end).iter().enumerate() {
            let (mut row, mut found) = (*end as usize, None);
            for span in spans {
                let start = rows.edge(span.start)[customer] as usize;
                while found.is_none() && row > start {
                    row -= 1;
                    found = (rows.counts(row) && has(row)).then(|| value(row, customer));
                }
                out[span.slot * rows.customers + customer] = found.unwrap_or(f64::NAN);
            }
        }
    }
}

/// The largest number among the customer's rows that count and happened and were known at the same moments as `last`,
/// the last of them.
fn tied(rows: &Rows<'_>, numbers: &[Amount], last: usize, customer: usize) -> Amount {
    let moments = |row: usize| (rows.events.at[row], rows.events.known_at[row]);
    let same =
        (rows.events.starts[customer] as usize..last).rev().take_while(|row| moments(*row) == moments(last));
    // what is missing is smaller than every number
    same.filter(|row| rows.counts(*row)).fold(numbers[last], |most, row| most.max(numbers[row]))
}

/// Rows that count after the latest moment with a row that does not. The spans of one end stand together, the shorter
/// before the longer.
fn streak(rows: &Rows<'_>, job: &Job, out: &mut [f64], counts: &[u32]) {
    let at = &rows.events.at;
    for spans in job.spans.chunk_by(|a, b| a.end == b.end) {
        for (customer, end) in rows.edge(spans[0].end).iter().enumerate() {
            let end = *end as usize;
            let (mut row, mut first) = (end, None);
            for span in spans {
                let start = rows.edge(span.start)[customer] as usize;
                while first.is_none() && row > start {
                    row -= 1;
                    if rows.truth[row] == Truth::False {
                        first = Some((row + 1..end).find(|after| at[*after] != at[row]).unwrap_or(end));
                    }
                }
                out[span.slot * rows.customers + customer] =
                    f64::from(counts[end] - counts[first.unwrap_or(start)]);
            }
        }
    }
}
