//! Aggregates that go through the rows from the latest back: windows with one end share the way.

use super::lane::LaneValues;
use super::plan::{Job, Kernel};
use super::rows::Rows;
use crate::{Amount, Values};
use std::collections::HashSet;

/// Buffers.
#[derive(Debug, Default)]
pub(crate) struct Back {
    codes: SeenCodes,
    numbers: Vec<Amount>,
    many: HashSet<Amount>,
}

/// What grows as rows that count are added, from a customer's latest back.
trait Growing {
    /// Another customer.
    fn clear(&mut self);
    /// The next row.
    fn add(&mut self, row: usize);
    /// The value of the rows since [`Growing::clear`].
    fn value(&mut self) -> f64;
}

impl Back {
    /// Does a job that is not one of sums.
    pub(crate) fn run(&mut self, rows: &Rows<'_>, of: Option<&LaneValues<'_>>, job: &Job, out: &mut [f64]) {
        let Some(of) = of else { return };
        let numbers = of.numbers();
        match (job.kernel, of) {
            (Kernel::Min, _) => go(rows, job, out, &mut Extreme { numbers, sign: -1, best: i64::MIN }),
            (Kernel::Max, _) => go(rows, job, out, &mut Extreme { numbers, sign: 1, best: i64::MIN }),
            (Kernel::First, _) => go(rows, job, out, &mut First { rows, numbers, first: None }),
            (Kernel::Trend, _) => go(rows, job, out, &mut Slope { rows, numbers, sums: Moments::default() }),
            (Kernel::Quantile(q), _) => {
                go(rows, job, out, &mut Quantile { numbers, q, kept: &mut self.numbers })
            }
            (Kernel::Distinct, LaneValues::Text(codes, dictionary)) => {
                self.codes.fit(dictionary.len());
                go(rows, job, out, &mut DistinctCodes { codes, seen: &mut self.codes, count: 0 });
            }
            (Kernel::Distinct, _) => {
                let (seen, many) = (&mut self.numbers, &mut self.many);
                go(rows, job, out, &mut DistinctNumbers { numbers, seen, many });
            }
            _ => {}
        }
    }
}

/// Millionths as a double.
fn double(millionths: i64) -> f64 {
    millionths as f64 / Amount::ONE as f64
}

/// Fills the slots of a job. The spans of one end stand together, the shorter before the longer.
fn go(rows: &Rows<'_>, job: &Job, out: &mut [f64], growing: &mut impl Growing) {
    for spans in job.spans.chunk_by(|a, b| a.end == b.end) {
        let end = rows.edge(spans[0].end);
        for (customer, end) in end.iter().enumerate() {
            growing.clear();
            let mut row = *end as usize;
            for span in spans {
                let start = rows.edge(span.start)[customer] as usize;
                while row > start {
                    row -= 1;
                    if rows.counts(row) {
                        growing.add(row);
                    }
                }
                out[span.slot * rows.customers + customer] = growing.value();
            }
        }
    }
}

/// The largest number, or with sign -1 the smallest.
struct Extreme<'a> {
    numbers: &'a [Amount],
    sign: i64,
    best: i64,
}

impl Growing for Extreme<'_> {
    fn clear(&mut self) {
        self.best = i64::MIN;
    }

    #[inline]
    fn add(&mut self, row: usize) {
        // a missing number is i64::MIN with either sign
        self.best = self.best.max(self.numbers[row].0.wrapping_mul(self.sign));
    }

    fn value(&mut self) -> f64 {
        match self.best {
            i64::MIN => f64::NAN,
            best => double(best * self.sign),
        }
    }
}

struct First<'a> {
    rows: &'a Rows<'a>,
    numbers: &'a [Amount],
    first: Option<(usize, Amount)>,
}

impl Growing for First<'_> {
    fn clear(&mut self) {
        self.first = None;
    }

    fn add(&mut self, row: usize) {
        let events = self.rows.events;
        let number = self.numbers[row];
        if number == Amount::NONE {
            return;
        }
        let tied = |other: &usize| {
            (events.at[*other], events.known_at[*other]) == (events.at[row], events.known_at[row])
        };
        self.first = Some(match self.first {
            Some((other, best)) if tied(&other) => (row, best.max(number)),
            _ => (row, number),
        });
    }

    fn value(&mut self) -> f64 {
        self.first.map_or(f64::NAN, |(_, number)| double(number.0))
    }
}

/// Sums of a least-squares line: days d, values v.
#[derive(Clone, Copy, Default)]
struct Moments {
    n: i128,
    d: i128,
    dd: i128,
    v: i128,
    dv: i128,
}

struct Slope<'a> {
    rows: &'a Rows<'a>,
    numbers: &'a [Amount],
    sums: Moments,
}

impl Growing for Slope<'_> {
    fn clear(&mut self) {
        self.sums = Moments::default();
    }

    fn add(&mut self, row: usize) {
        let number = self.numbers[row];
        if number != Amount::NONE {
            let (d, v) = (i128::from(self.rows.day(row) - self.rows.today), i128::from(number.0));
            let sums = &mut self.sums;
            (sums.n, sums.d, sums.dd) = (sums.n + 1, sums.d + d, sums.dd + d * d);
            (sums.v, sums.dv) = (sums.v + v, sums.dv + d * v);
        }
    }

    fn value(&mut self) -> f64 {
        let Moments { n, d, dd, v, dv } = self.sums;
        let below = n * dd - d * d;
        if below == 0 {
            return f64::NAN;
        }
        let exact = n.checked_mul(dv).zip(d.checked_mul(v)).and_then(|(a, b)| a.checked_sub(b));
        // numbers of a size that no money has
        let above = exact.map_or_else(|| n as f64 * dv as f64 - d as f64 * v as f64, |exact| exact as f64);
        30.0 * above / below as f64 / Amount::ONE as f64
    }
}

struct Quantile<'a> {
    numbers: &'a [Amount],
    q: f64,
    kept: &'a mut Vec<Amount>,
}

impl Growing for Quantile<'_> {
    fn clear(&mut self) {
        self.kept.clear();
    }

    fn add(&mut self, row: usize) {
        if self.numbers[row] != Amount::NONE {
            self.kept.push(self.numbers[row]);
        }
    }

    fn value(&mut self) -> f64 {
        if self.kept.is_empty() {
            return f64::NAN;
        }
        self.kept.sort_unstable();
        let place = (self.kept.len() - 1) as f64 * self.q;
        let below = place as usize;
        let number = |at: usize| double(self.kept[at.min(self.kept.len() - 1)].0);
        number(below) + (place - below as f64) * (number(below + 1) - number(below))
    }
}

/// By code of a text: which customer had it last, counted from 1.
#[derive(Debug, Default)]
struct SeenCodes {
    by: Vec<u32>,
    customer: u32,
}

impl SeenCodes {
    fn fit(&mut self, codes: usize) {
        if self.by.len() < codes {
            self.by.resize(codes, 0);
        }
    }

    fn next_customer(&mut self) {
        self.customer = self.customer.wrapping_add(1);
        if self.customer == 0 {
            self.by.fill(0);
            self.customer = 1;
        }
    }
}

struct DistinctCodes<'a> {
    codes: &'a [u32],
    seen: &'a mut SeenCodes,
    count: u32,
}

impl Growing for DistinctCodes<'_> {
    fn clear(&mut self) {
        self.seen.next_customer();
        self.count = 0;
    }

    #[inline]
    fn add(&mut self, row: usize) {
        let code = self.codes[row];
        if code != Values::NO_TEXT {
            let by = &mut self.seen.by[code as usize];
            self.count += u32::from(*by != self.seen.customer);
            *by = self.seen.customer;
        }
    }

    fn value(&mut self) -> f64 {
        f64::from(self.count)
    }
}

/// Up to so many different numbers are compared one by one.
const FEW: usize = 32;

struct DistinctNumbers<'a> {
    numbers: &'a [Amount],
    /// The different numbers while they are few.
    seen: &'a mut Vec<Amount>,
    /// All of them once they are many.
    many: &'a mut HashSet<Amount>,
}

impl Growing for DistinctNumbers<'_> {
    fn clear(&mut self) {
        self.seen.clear();
        self.many.clear();
    }

    #[inline]
    fn add(&mut self, row: usize) {
        let number = self.numbers[row];
        if number == Amount::NONE || self.seen.last() == Some(&number) {
            return;
        }
        if self.seen.len() > FEW {
            self.many.insert(number);
        } else if !self.seen.contains(&number) {
            self.seen.push(number);
            if self.seen.len() > FEW {
                self.many.extend(self.seen.iter());
            }
        }
    }

    fn value(&mut self) -> f64 {
        self.seen.len().max(self.many.len()) as f64
    }
}
