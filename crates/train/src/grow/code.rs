//! Features coded to bins once, so that a node is known by counting bins.

use crate::binning::cells::Cells;
use crate::binning::quantile::quantile_splits;
use crate::binning::single_groups;
use crate::codes::Codes;
use crate::error::TrainError;
use crate::numbers::Numbers;
use crate::rows::Rows;
use arrears_model::Kind;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;
use rayon::prelude::*;

/// Most intervals of a number: with missing values they fit one byte.
const MOST_INTERVALS: usize = 254;
/// Up to so many rows each number has an interval of its own, however many there are: with few rows in an interval chance
/// may hide the best threshold inside another than the best one.
const FEW_ROWS: usize = 1 << 11;

/// One feature of all rows.
pub(crate) struct Feature<'a> {
    /// The bin of each row.
    pub(crate) codes: Codes,
    /// Number of bins.
    pub(crate) bins: usize,
    /// What the bins are.
    pub(crate) order: Order<'a>,
}

/// What the bins of a feature are.
pub(crate) enum Order<'a> {
    /// Ascending intervals, then bins that go to either side: special codes, missing.
    Number(Number<'a>),
    /// Every bin goes to either side.
    Category,
}

/// The intervals of a number.
pub(crate) struct Number<'a> {
    /// How many there are.
    pub(crate) intervals: usize,
    /// The number of each interval where it holds one alone; empty where intervals hold many.
    pub(crate) alone: Vec<f64>,
    values: Values<'a>,
}

enum Values<'a> {
    Plain(Numbers<'a>),
    Cells(&'a Rows<'a>, usize),
}

impl Number<'_> {
    /// The number of a row; NaN where it has none.
    pub(crate) fn value(&self, row: usize) -> f64 {
        match &self.values {
            Values::Plain(numbers) => numbers.get(row),
            Values::Cells(rows, field) => match rows.cell(row, *field) {
                Cell::Number(x) => x,
                _ => f64::NAN,
            },
        }
    }
}

/// All fields of the rows.
///
/// # Errors
/// [`TrainError::TooManyBins`] for a category field of more than 65,000 categories.
pub(crate) fn code_fields<'a>(rows: &'a Rows<'a>) -> Result<Vec<Feature<'a>>, TrainError> {
    // Amounts have no bads.
    let nobody = if rows.bad.is_empty() { vec![false; rows.len()] } else { Vec::new() };
    let bad = if rows.bad.is_empty() { &nobody } else { &rows.bad };
    (0..rows.schema.fields.len()).into_par_iter().map(|field| code_field(rows, field, bad)).collect()
}

fn code_field<'a>(rows: &'a Rows<'a>, field: usize, bad: &[bool]) -> Result<Feature<'a>, TrainError> {
    let special = match &rows.field(field).kind {
        Kind::Category { categories, .. } => {
            let codes = rows.codes(&single_groups(field, categories.len()))?;
            return Ok(Feature { codes, bins: categories.len() + 2, order: Order::Category });
        }
        Kind::Number { special, .. } => special.len(),
    };
    if let Some(numbers) = rows.plain_numbers(field) {
        let infinite = "rows with infinite numbers were refused when the rows were made";
        return Ok(code_numbers(numbers, bad).expect(infinite));
    }
    let mut numbers = rows.numbers(field);
    let most = most_alone(rows.len()).saturating_sub(special).max(2);
    let alone = distinct(&Numbers::of(&numbers), most);
    let splits = match &alone {
        Some(alone) => inner(alone),
        None => quantile_splits(&mut numbers, most),
    };
    let intervals = splits.len() + 1;
    let codes = rows.codes(&Transform::Intervals { field, splits })?;
    let number = Number { intervals, alone: alone.unwrap_or_default(), values: Values::Cells(rows, field) };
    Ok(Feature { codes, bins: intervals + special + 1, order: Order::Number(number) })
}

/// A column of numbers, NaN for missing; `bad` has a value for each. Gives the row of an infinite number, where there is
/// one.
pub(crate) fn code_numbers<'a>(numbers: Numbers<'a>, bad: &[bool]) -> Result<Feature<'a>, usize> {
    let alone = distinct(&numbers, most_alone(numbers.len()));
    let (codes, intervals) = match &alone {
        Some(alone) => {
            if alone.iter().any(|x| x.is_infinite()) {
                refuse_infinite(&numbers)?;
            }
            let splits = inner(alone);
            (code_by(&numbers, &splits), splits.len() + 1)
        }
        None => code_many(&numbers, bad)?,
    };
    let number = Number { intervals, alone: alone.unwrap_or_default(), values: Values::Plain(numbers) };
    Ok(Feature { codes, bins: intervals + 1, order: Order::Number(number) })
}

/// How many different numbers have an interval each, among so many rows.
fn most_alone(rows: usize) -> usize {
    if rows <= FEW_ROWS { FEW_ROWS } else { MOST_INTERVALS }
}

fn refuse_infinite(numbers: &Numbers<'_>) -> Result<(), usize> {
    numbers.position(f64::is_infinite).map_or(Ok(()), Err)
}

/// The codes of numbers in intervals of many, and how many there are of these.
fn code_many(numbers: &Numbers<'_>, bad: &[bool]) -> Result<(Codes, usize), usize> {
    let Some(cells) = Cells::count(numbers.clone(), bad) else {
        refuse_infinite(numbers)?;
        let mut all = numbers.to_vec();
        all.retain(|x| !x.is_nan());
        let splits = quantile_splits(&mut all, MOST_INTERVALS);
        return Ok((code_by(numbers, &splits), splits.len() + 1));
    };
    if cells.has_missing() {
        refuse_infinite(numbers)?;
    }
    // Thresholds are looked for inside intervals later, so these need not be of quite the same size.
    let whole = (numbers.len() / (4 * MOST_INTERVALS)) as u64;
    let (splits, _) = cells.prebins(MOST_INTERVALS, whole, bad);
    Ok((cells.codes(&splits), splits.len() + 1))
}

/// Where each of these numbers but the first begins an interval.
fn inner(alone: &[f64]) -> Vec<f64> {
    alone.get(1..).unwrap_or_default().to_vec()
}

fn code_by(numbers: &Numbers<'_>, splits: &[f64]) -> Codes {
    if splits.len() > MOST_INTERVALS {
        return Codes::of_numbers(&numbers.to_vec(), splits);
    }
    let mut codes = Vec::with_capacity(numbers.len());
    let code = |x: &f64| if x.is_nan() { splits.len() + 1 } else { splits.partition_point(|s| *s <= *x) };
    numbers.blocks(|_, block| codes.extend(block.iter().map(|x| code(x) as u8)));
    Codes::Narrow(codes)
}

/// The different numbers, ascending, NaN left out; `None` where there are more than `most`.
fn distinct(numbers: &Numbers<'_>, most: usize) -> Option<Vec<f64>> {
    let mut met: Vec<f64> = Vec::new();
    // Numbers met lately, by a mixture of their bits: most are told at once.
    let mut lately = [f64::NAN; 256];
    numbers.blocks(|_, block| {
        if met.len() > most {
            return;
        }
        for x in block.iter().filter(|x| !x.is_nan()) {
            let place = ((x + 0.0).to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
            if lately[place] == *x {
                continue;
            }
            lately[place] = *x;
            if let Err(at) = met.binary_search_by(|other| other.total_cmp(&(x + 0.0))) {
                met.insert(at, x + 0.0);
            }
        }
    });
    (met.len() <= most).then_some(met)
}
