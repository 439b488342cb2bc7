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
    /// Rows that count and have a value.
    values: Running<u32>,
    /// Sums of values where no sum of all can pass 64 bits, which is nearly always; else the other ones.
    narrow: OfValues<i64>,
    wide: OfValues<i128>,
    is_narrow: Option<bool>,
    filter: Option<usize>,
}

/// Running sums of values.
#[derive(Debug, Default)]
struct OfValues<T> {
    /// Of rows that count.
    sum: Running<T>,
    /// Of rows for which the condition is known.
    decided: Running<T>,
}

/// A whole number that holds a sum of amounts.
trait Whole: Copy + Default + std::ops::Add<Output = Self> + std::ops::Sub<Output = Self> + PartialEq {
    fn of(amount: Amount) -> Self;
    fn double(self) -> f64;
}

impl Whole for i64 {
    fn of(amount: Amount) -> i64 {
        amount.0
    }

    fn double(self) -> f64 {
        self as f64 / Amount::ONE as f64
    }
}

impl Whole for i128 {
    fn of(amount: Amount) -> i128 {
        i128::from(amount.0)
    }

    fn double(self) -> f64 {
        double(self)
    }
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
        self.is_narrow = None;
        self.narrow.forget();
        self.wide.forget();
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
            (Kernel::Sum | Kernel::Mean, _) | (Kernel::Share, Some(_)) => {
                // no sum of as many numbers of at most this size passes 64 bits
                let most = i64::MAX / (numbers.len() as i64 + 1);
                let fits =
                    |number: &Amount| number.0.unsigned_abs() <= most as u64 || *number == Amount::NONE;
                if *self.is_narrow.get_or_insert_with(|| numbers.iter().all(fits)) {
                    self.narrow.run(rows, numbers, &mut self.values, job, out);
                } else {
                    self.wide.run(rows, numbers, &mut self.values, job, out);
                }
            }
            (Kernel::Share, None) => {
                let counts = self.rows.get(truth.iter().map(is));
                let decided = self.decided.get(truth.iter().map(|truth| u32::from(*truth != Truth::Missing)));
                each(rows, job, out, |start, end| {
                    f64::from(counts[end] - counts[start]) / f64::from(decided[end] - decided[start])
                });
            }
            (Kernel::DaysSince, _) => {
                latest(rows, job, out, |_| true, |row, _| (rows.today - rows.day(row)) as f64);
            }
            (Kernel::Last, _) => {
                let of = |row: usize, customer: usize| tied(rows, numbers, row, customer).0.double();
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

impl<T: Whole> OfValues<T> {
    fn forget(&mut self) {
        self.sum.fresh = false;
        self.decided.fresh = false;
    }

    /// Does a job of sums of values.
    fn run(
        &mut self,
        rows: &Rows<'_>,
        numbers: &[Amount],
        values: &mut Running<u32>,
        job: &Job,
        out: &mut [f64],
    ) {
        let truth = rows.truth;
        let value = |is: bool, number: Amount| {
            if is && number != Amount::NONE { T::of(number) } else { T::default() }
        };
        let both = || truth.iter().zip(numbers);
        let sums = self.sum.get(both().map(|(truth, number)| value(*truth == Truth::True, *number)));
        match job.kernel {
            Kernel::Mean => {
                let counts = values.get(present(truth, numbers));
                each(rows, job, out, |start, end| {
                    (sums[end] - sums[start]).double() / f64::from(counts[end] - counts[start])
                });
            }
            Kernel::Share => {
                let decided = both().map(|(truth, number)| value(*truth != Truth::Missing, *number));
                let decided = self.decided.get(decided);
                each(rows, job, out, |start, end| {
                    let all = decided[end] - decided[start];
                    let part = (sums[end] - sums[start]).double() / all.double();
                    if all == T::default() { f64::NAN } else { part }
                });
            }
            _ => each(rows, job, out, |start, end| (sums[end] - sums[start]).double()),
        }
    }
}

fn present(truth: &[Truth], numbers: &[Amount]) -> impl Iterator<Item = u32> {
    truth
        .iter()
        .zip(numbers)
        .map(|(truth, number)| u32::from(*truth == Truth::True && *number != Amount::NONE))
}

/// Millionths as a double: rounded once to whole millionths that a double can hold, once more by the division.
fn double(millionths: i128) -> f64 {
    let whole = i64::try_from(millionths).map_or(millionths as f64, |small| small as f64);
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
