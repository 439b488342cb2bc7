//! What is fitted: columns, labels, weights and offset, checked and put on a common scale.

use crate::codes::Codes;
use crate::engine::EngineError;
use rayon::prelude::*;

/// One column of a design.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// One number a row.
    Numbers(&'a [f64]),
    /// One bin a row and the value of each bin (its WoE, say): a row has `values[code]`.
    Codes(&'a Codes, &'a [f64]),
}

/// The columns of a regression, without the intercept, which is always there.
#[derive(Clone, Debug)]
pub struct Design<'a> {
    /// Any scale and any number of columns, none included (the intercept alone).
    pub columns: Vec<Column<'a>>,
    /// Rows of every column.
    pub rows: usize,
}

/// What is known of each row beside its columns.
#[derive(Clone, Copy, Debug)]
pub struct Observations<'a> {
    /// Whether the row turned out bad.
    pub bad: &'a [bool],
    /// How often the row counts: 0 or more, finite. A weight of 2 is the same as the row twice. All 1 if `None`.
    pub weights: Option<&'a [f64]>,
    /// Log-odds of bad added as they are, without a coefficient; finite. All 0 if `None`.
    pub offset: Option<&'a [f64]>,
    /// Number of each row's group, such as its customer: cross-validation puts rows of one into one fold. Each row is
    /// its own if `None`.
    pub groups: Option<&'a [usize]>,
}

impl Column<'_> {
    /// The value of a row.
    ///
    /// # Panics
    /// When the row or its bin has no value.
    pub fn value(&self, row: usize) -> f64 {
        match self {
            Self::Numbers(values) => values[row],
            Self::Codes(codes, values) => values[codes.get(row)],
        }
    }
}

/// A column as the fit sees it: `(value - centre) / spread`, which changes neither the optimum nor the
/// penalties (they are scaled along) and keeps the digits that an uncentred Gram matrix would lose.
pub(super) struct Scaled {
    pub(super) centre: f64,
    /// Standard deviation; 1 for a constant column.
    pub(super) spread: f64,
    pub(super) constant: bool,
    /// Scaled value of each bin, filled up with zeros to 256 where codes have one byte.
    pub(super) table: Vec<f64>,
}

/// Squares of larger values overflow, those of smaller spreads vanish.
const LARGEST: f64 = 1e100;
const SMALLEST_SPREAD: f64 = 1e-100;
/// A column that varies less than this part of its size holds nothing but rounding.
const CONSTANT: f64 = 1e-12;
/// From so many rows on, centre and spread are those of every 16th chunk of 64 numbers.
const MANY_ROWS: usize = 1 << 15;
const PART: usize = 16;

/// Design and observations that passed every check.
pub(super) struct Prepared<'a> {
    pub(super) columns: &'a [Column<'a>],
    pub(super) scaled: Vec<Scaled>,
    pub(super) rows: usize,
    pub(super) bad: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) offset: Option<&'a [f64]>,
    /// Sum of the weights of the bad rows.
    pub(super) bads: f64,
    /// Sum of the weights of the good rows.
    pub(super) goods: f64,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(design: &'a Design<'a>, observations: &Observations<'a>) -> Result<Self, EngineError> {
        let rows = design.rows;
        let Observations { bad, weights, offset, groups: _ } = *observations;
        if rows == 0 {
            return Err(EngineError::Empty { rows, columns: design.columns.len() });
        }
        if bad.len() != rows {
            return Err(EngineError::Labels { rows, labels: bad.len() });
        }
        check_numbers("weight", weights, rows, |w| w.is_finite() && w >= 0.0, "a finite number, 0 or more")?;
        check_numbers("offset", offset, rows, f64::is_finite, "a finite number")?;
        let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
        let sum = |of: bool| (0..rows).filter(|&row| bad[row] == of).map(weight).sum::<f64>();
        let (bads, goods) = (sum(true), sum(false));
        if bads <= 0.0 || goods <= 0.0 {
            return Err(EngineError::OneClass { bad: bad.iter().filter(|&&b| b).count(), rows });
        }
        if !(bads + goods).is_finite() {
            return Err(EngineError::Observation {
                what: "sum of the weights",
                row: rows - 1,
                value: f64::INFINITY,
                expected: "a finite number",
            });
        }
        let scaled = design.columns.par_iter().enumerate().map(|(i, column)| scale(i, column, rows));
        let scaled = scaled.collect::<Result<_, _>>()?;
        Ok(Self { columns: &design.columns, scaled, rows, bad, weights, offset, bads, goods })
    }

    /// The column to blame for sums that are not finite.
    pub(super) fn find_unusable(&self) -> Option<EngineError> {
        let usable = |column: &Column<'_>| (0..self.rows).all(|row| column.value(row).abs() <= LARGEST);
        let (index, column) = self.columns.iter().enumerate().find(|(_, column)| !usable(column))?;
        Some(unusable(index, column, self.rows))
    }

    pub(super) fn total_weight(&self) -> f64 {
        self.bads + self.goods
    }

    /// Intercept and coefficients in the units of the columns, from scaled ones (intercept first).
    pub(super) fn unscale(&self, beta: &[f64]) -> (f64, Vec<f64>) {
        let coefficients: Vec<f64> = self.scaled.iter().zip(&beta[1..]).map(|(s, b)| b / s.spread).collect();
        let moved: f64 = self.scaled.iter().zip(&coefficients).map(|(s, c)| s.centre * c).sum();
        (beta[0] - moved, coefficients)
    }

    /// The inverse of [`Prepared::unscale`].
    pub(super) fn rescale(&self, intercept: f64, coefficients: &[f64]) -> Vec<f64> {
        let moved: f64 = self.scaled.iter().zip(coefficients).map(|(s, c)| s.centre * c).sum();
        let scaled = self.scaled.iter().zip(coefficients).map(|(s, c)| c * s.spread);
        std::iter::once(intercept + moved).chain(scaled).collect()
    }

    /// Writes the scaled values of the rows from `first` on into `out`; all of them have to exist.
    pub(super) fn expand(&self, column: usize, first: usize, out: &mut [f64]) {
        let scaled = &self.scaled[column];
        let rows = first..first + out.len();
        match self.columns[column] {
            Column::Numbers(values) => {
                let inverse = 1.0 / scaled.spread;
                for (out, value) in out.iter_mut().zip(&values[rows]) {
                    *out = (value - scaled.centre) * inverse;
                }
            }
            Column::Codes(Codes::Narrow(codes), _) => {
                let table: &[f64; 256] = scaled.table[..].try_into().expect("filled up to 256");
                for (out, &code) in out.iter_mut().zip(&codes[rows]) {
                    *out = table[usize::from(code)];
                }
            }
            Column::Codes(Codes::Wide(codes), _) => {
                for (out, &code) in out.iter_mut().zip(&codes[rows]) {
                    *out = scaled.table[usize::from(code)];
                }
            }
        }
    }
}

fn check_numbers(
    what: &'static str,
    values: Option<&[f64]>,
    rows: usize,
    allowed: impl Fn(f64) -> bool,
    expected: &'static str,
) -> Result<(), EngineError> {
    let Some(values) = values else { return Ok(()) };
    if values.len() != rows {
        return Err(EngineError::Length { what, found: values.len(), rows });
    }
    match values.iter().position(|&value| !allowed(value)) {
        Some(row) => Err(EngineError::Observation { what, row, value: values[row], expected }),
        None => Ok(()),
    }
}

/// Checks a column and finds its centre and spread. They only have to be near the mean and the standard
/// deviation, so weights play no part, the last digits do not matter, and of many numbers a part will do (unless
/// that part is constant). What is not finite elsewhere shows in the first pass.
fn scale(index: usize, column: &Column<'_>, rows: usize) -> Result<Scaled, EngineError> {
    let (mean, spread) = match column {
        Column::Numbers(values) => {
            check_length(values.len(), rows)?;
            let of_part = moments(values, if rows < MANY_ROWS { 1 } else { PART });
            if is_constant(of_part) { moments(values, 1) } else { of_part }
        }
        Column::Codes(codes, values) => {
            check_length(codes.len(), rows)?;
            let counts = count(codes);
            if counts.len() > values.len() {
                return Err(EngineError::Code {
                    column: index,
                    code: counts.len() - 1,
                    values: values.len(),
                });
            }
            table_moments(&counts, values)
        }
    };
    let usable = mean.abs() <= LARGEST && spread <= LARGEST;
    if !usable {
        return Err(unusable(index, column, rows));
    }
    let constant = is_constant((mean, spread));
    let spread = if constant { 1.0 } else { spread };
    let table = match column {
        Column::Numbers(_) => Vec::new(),
        Column::Codes(codes, values) => {
            let mut table: Vec<f64> = values.iter().map(|value| (value - mean) / spread).collect();
            // The value of a bin without rows may be anything; it is never multiplied with a row.
            if matches!(codes, Codes::Narrow(_)) {
                table.resize(256, 0.0);
            }
            table
        }
    };
    Ok(Scaled { centre: mean, spread, constant, table })
}

/// What is wrong with a column that has a value which is not finite or too large.
fn unusable(index: usize, column: &Column<'_>, rows: usize) -> EngineError {
    let value = |row| column.value(row);
    match (0..rows).find(|&row| !value(row).is_finite()) {
        Some(row) => EngineError::NotFinite { row, column: index, value: value(row) },
        None => {
            let size = (0..rows).map(|row| value(row).abs()).fold(0.0, f64::max);
            EngineError::Unscaled { column: index, size, limit: LARGEST }
        }
    }
}

/// Whether a column of this mean and spread holds nothing but rounding.
fn is_constant((mean, spread): (f64, f64)) -> bool {
    spread <= CONSTANT * mean.abs() || spread < SMALLEST_SPREAD
}

fn check_length(found: usize, rows: usize) -> Result<(), EngineError> {
    if found == rows { Ok(()) } else { Err(EngineError::Length { what: "column", found, rows }) }
}

/// Mean and standard deviation of every `part`th chunk, measured from the first value so that a large mean costs
/// no digits. Several sums side by side, because one after the other would wait for each addition.
fn moments(values: &[f64], part: usize) -> (f64, f64) {
    const LANES: usize = 8;
    const CHUNK: usize = 64;
    let origin = values[0];
    let (mut sums, mut squares, mut n) = ([0.0; LANES], [0.0; LANES], 0);
    for chunk in values.chunks(CHUNK).step_by(part) {
        n += chunk.len();
        for lanes in chunk.chunks(LANES) {
            for (lane, value) in lanes.iter().enumerate() {
                let away = value - origin;
                sums[lane] += away;
                squares[lane] += away * away;
            }
        }
    }
    let mean = sums.iter().sum::<f64>() / n as f64;
    let variance = squares.iter().sum::<f64>() / n as f64 - mean * mean;
    // `max` would turn NaN into 0.
    (origin + mean, if variance < 0.0 { 0.0 } else { variance.sqrt() })
}

/// Rows of each code, up to the largest that occurs.
fn count(codes: &Codes) -> Vec<u64> {
    let mut counts = match codes {
        Codes::Narrow(codes) => {
            let mut counts = vec![0; 1 << 8];
            codes.iter().for_each(|&code| counts[usize::from(code)] += 1);
            counts
        }
        Codes::Wide(codes) => {
            let mut counts = vec![0; 1 << 16];
            codes.iter().for_each(|&code| counts[usize::from(code)] += 1);
            counts
        }
    };
    while counts.last() == Some(&0) {
        counts.pop();
    }
    counts
}

fn table_moments(counts: &[u64], values: &[f64]) -> (f64, f64) {
    let used = || counts.iter().zip(values).filter(|(count, _)| **count > 0).map(|(c, v)| (*c as f64, *v));
    let n: f64 = used().map(|(count, _)| count).sum();
    let mean = used().map(|(count, value)| count * value).sum::<f64>() / n;
    let variance = used().map(|(count, value)| count * (value - mean) * (value - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}
