//! The type of each column, told from all of its rows.

use crate::columns::shorten;
use crate::different::count_different;
use crate::number_writing::numbers_in_other_writing;
use crate::table::{ColumnData, ColumnRef, Table, present};
use arrears_model::schema::missing_numbers;
use arrow::array::{Array, Int32Array};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Texts read as missing where the recipe does not say. Blank text always is.
pub const DEFAULT_MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "?"];

/// Fewest rows from which "all values differ" says that a column names the rows.
const ROWS_TO_TELL_ID: usize = 10;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Every value is a finite number.
    Number,
    /// Text.
    Category,
    /// Every value is an ISO date `YYYY-MM-DD`, alone or with a time.
    Date,
    /// No value at all.
    Empty,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ColumnType::Number => "number",
            ColumnType::Category => "category",
            ColumnType::Date => "date",
            ColumnType::Empty => "empty",
        })
    }
}

/// What was found out about a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inferred {
    /// Name of the column.
    pub column: String,
    /// Its type.
    pub kind: ColumnType,
    /// Different values, missing not counted.
    pub distinct: usize,
    /// Rows with a value.
    pub present: usize,
    /// Rows without a value.
    pub missing: usize,
    /// True when the column names rows rather than describing them: every row has a value, all differ, and
    /// they are text, or consecutive integers, or the column is called `id`, `..._id`, `row` or `rownames`.
    /// Text and consecutive integers count from 10 rows on; text of which most are numbers counts as numbers.
    pub looks_like_id: bool,
    /// What the user should look at: a column of text where nine of ten values or more are numbers, or would be
    /// without decimal commas, commas between thousands and per cent signs.
    pub note: Option<String>,
}

/// Tells the type of every column from all rows. `missing` lists the texts that are no value.
pub fn infer(table: &Table, missing: &[String]) -> Vec<Inferred> {
    let columns = (0..table.columns().len()).into_par_iter();
    columns.map(|at| infer_column(table, table.column_at(at), missing)).collect()
}

/// Sums over the values of one column.
struct Tally<'a> {
    texts: Vec<&'a str>,
    /// Bits of the numbers.
    numbers: Vec<u64>,
    present: usize,
    numeric: usize,
    dates: usize,
    whole: bool,
    min: f64,
    max: f64,
    first_other: Option<(usize, &'a str)>,
}

impl<'a> Tally<'a> {
    fn new() -> Self {
        Tally {
            texts: Vec::new(),
            numbers: Vec::new(),
            present: 0,
            numeric: 0,
            dates: 0,
            whole: true,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            first_other: None,
        }
    }

    fn numeric(&mut self, x: f64, times: usize) {
        self.numeric += times;
        self.whole = self.whole && x.fract() == 0.0;
        self.min = self.min.min(x);
        self.max = self.max.max(x);
    }

    fn number(&mut self, x: f64) {
        self.present += 1;
        self.numbers.push((x + 0.0).to_bits());
        self.numeric(x, 1);
    }

    /// A text that is in `times` rows, `row` being the first.
    fn text(&mut self, row: usize, text: &'a str, times: usize) {
        self.present += times;
        self.texts.push(text);
        // Once texts of both kinds were seen, only the count of numbers matters.
        match text.parse::<f64>() {
            Ok(x) if x.is_finite() => self.numeric(x, times),
            _ => {
                self.dates += if is_iso_date(text) { times } else { 0 };
                if self.first_other.is_none_or(|(first, _)| row < first) {
                    self.first_other = Some((row, text));
                }
            }
        }
    }
}

fn tally<'a>(column: ColumnRef<'a>, missing: &[String]) -> Tally<'a> {
    let mut tally = Tally::new();
    let codes_for_missing: Vec<f64> =
        missing_numbers(missing).iter().filter_map(|m| m.parse().ok()).collect();
    match column.data() {
        ColumnData::Text(texts) => {
            let rows =
                texts.iter().enumerate().filter_map(|(row, text)| Some((row, present(text?, missing)?)));
            rows.for_each(|(row, text)| tally.text(row, text, 1));
        }
        ColumnData::Category { codes, texts } => {
            let rows = rows_of_codes(codes, texts.len());
            for (text, (times, first)) in texts.iter().zip(rows).filter(|(_, (times, _))| *times > 0) {
                if let Some(text) = text.and_then(|text| present(text, missing)) {
                    tally.text(first, text, times);
                }
            }
        }
        ColumnData::Number(numbers) => {
            let numbers = numbers.iter().flatten().filter(|x| !x.is_nan());
            numbers.filter(|x| !codes_for_missing.contains(x)).for_each(|x| tally.number(x));
        }
        ColumnData::Integer(integers) => {
            let numbers = integers.iter().flatten().map(|x| x as f64);
            numbers.filter(|x| !codes_for_missing.contains(x)).for_each(|x| tally.number(x));
        }
    }
    tally
}

/// For each code the number of its rows, and the first of them.
fn rows_of_codes(codes: &Int32Array, different: usize) -> Vec<(usize, usize)> {
    let mut rows = vec![(0, usize::MAX); different];
    for (row, code) in codes.iter().enumerate() {
        let Some(code) = code else { continue };
        let (times, first) = &mut rows[code as usize];
        *times += 1;
        *first = row.min(*first);
    }
    rows
}

fn infer_column(table: &Table, column: ColumnRef<'_>, missing: &[String]) -> Inferred {
    let tally = tally(column, missing);
    let kind = match tally.present {
        0 => ColumnType::Empty,
        n if tally.numeric == n => ColumnType::Number,
        n if tally.dates == n => ColumnType::Date,
        _ => ColumnType::Category,
    };
    // A column has texts or numbers.
    let distinct = count_different(&tally.texts) + count_different(&tally.numbers);
    let numbers = mostly_numbers(table, column.name(), kind, &tally);
    let like_numbers = kind == ColumnType::Number || numbers.is_some();
    let note = numbers.or_else(|| numbers_in_other_writing(kind, &tally.texts));
    Inferred {
        column: column.name().to_owned(),
        kind,
        distinct,
        present: tally.present,
        missing: table.rows() - tally.present,
        looks_like_id: distinct == table.rows() && names_rows(column.name(), like_numbers, kind, &tally),
        note,
    }
}

fn names_rows(name: &str, numbers: bool, kind: ColumnType, tally: &Tally<'_>) -> bool {
    let name = name.to_lowercase();
    if name == "id" || name.ends_with("_id") || name == "rownames" || name == "row" {
        return tally.present > 0;
    }
    let enough = tally.present >= ROWS_TO_TELL_ID;
    let consecutive = tally.whole && tally.max - tally.min + 1.0 == tally.present as f64;
    enough && if numbers { consecutive } else { kind == ColumnType::Category }
}

/// One bad cell makes text of a column of numbers: where it stands, and the two ways out.
fn mostly_numbers(table: &Table, name: &str, kind: ColumnType, tally: &Tally<'_>) -> Option<String> {
    let (row, text) = tally.first_other?;
    let mostly = kind == ColumnType::Category && tally.numeric * 10 >= tally.present * 9;
    mostly.then(|| {
        format!(
            "{} of {} values are numbers; line {} is {:?}: declare type = \"number\" in [columns.{}] to drop such \
             rows, or list the text in `missing` of [clean]",
            tally.numeric,
            tally.present,
            table.line(row),
            shorten(text),
            toml_key(name)
        )
    })
}

/// A name as TOML has it in a table header: bare where it can be.
fn toml_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { format!("{name:?}") }
}

/// True for `YYYY-MM-DD`, alone or followed by `T` or a blank and `HH:MM`, seconds, fraction, `Z` or offset.
pub fn is_iso_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        bytes
            .get(from..to)
            .filter(|b| b.iter().all(u8::is_ascii_digit))
            .and_then(|_| text[from..to].parse().ok())
    };
    let (Some(year), Some(month), Some(day)) = (digits(0, 4), digits(5, 7), digits(8, 10)) else {
        return false;
    };
    if bytes[4] != b'-' || bytes[7] != b'-' || !(1..=days_in(year, month)).contains(&day) {
        return false;
    }
    match bytes.get(10) {
        None => true,
        Some(b'T' | b' ') => is_iso_time(&bytes[11..]),
        Some(_) => false,
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// `HH:MM`, then optional `:SS`, optional fraction, optional `Z` or `+HH:MM`.
fn is_iso_time(bytes: &[u8]) -> bool {
    let pair = |rest: &[u8], most: u8| match rest {
        [a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => (a - b'0') * 10 + (b - b'0') <= most,
        _ => false,
    };
    if !pair(bytes, 23) || bytes.get(2) != Some(&b':') || !pair(&bytes[3..], 59) {
        return false;
    }
    let mut rest = &bytes[5..];
    if rest.first() == Some(&b':') {
        if !pair(&rest[1..], 60) {
            return false;
        }
        rest = &rest[3..];
        if rest.first() == Some(&b'.') {
            let digits = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            rest = &rest[1 + digits..];
        }
    }
    match rest {
        [] | [b'Z'] => true,
        [b'+' | b'-', hours @ ..] => {
            hours.len() == 5 && pair(hours, 23) && hours[2] == b':' && pair(&hours[3..], 59)
        }
        _ => false,
    }
}
