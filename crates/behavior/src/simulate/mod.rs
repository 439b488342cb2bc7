//! Simulated customers with a known risk: the six tables at any size, for tests, demonstrations and measurements.
//!
//! Each customer has an ability and a will to pay, which no table shows, and a stream of chance of its own. So the tables
//! are the same on any number of threads, a customer is the same whatever the number of customers, and memory does not
//! grow with it. Every table has a column `simulated`, and the folder a README that says so.
//!
//! | step | module | what it makes |
//! |---|---|---|
//! | 1 | `customer` | what a customer is like |
//! | 2 | `risk` | when nothing is paid, and the probability of that |
//! | 3 | `events`, `outside` | orders, payments, returns; reports and statements |
//! | 4 | `tables` | rows as columns of files |
//! | 5 | `by_time` | rows sorted by time instead of by customer, through temporary files |
//! | 6 | `folder` | README and configuration beside them |

mod by_time;
mod customer;
mod events;
mod folder;
mod outside;
mod random;
mod risk;
mod tables;

use arrears_data::arrow::datatypes::SchemaRef;
use arrears_data::{DataError, Format, TableWriter};
use by_time::Buckets;
use customer::Traits;
use events::Life;
use random::Random;
use rayon::prelude::*;
use std::io;
use std::path::Path;
use tables::{AllRows, NONE, Rows, TABLES};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Seconds of a year of 365.25 days.
const YEAR: i64 = 31_557_600;

/// Customers whose rows are made by one task.
const CHUNK: u64 = 512;

/// Chunks that are made before their rows are written.
const AT_ONCE: u64 = 16;

/// How many and what kind of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How many customers, from 1 to 100,000,000.
    pub customers: u64,
    /// Start of chance; the same seed gives the same bytes.
    pub seed: u64,
    /// First moment, in seconds since 1970-01-01T00:00:00Z: nobody joins before.
    pub start: i64,
    /// Last moment, not included: what happens or becomes known later is in no table.
    pub end: i64,
    /// Orders a year of the average customer, above 0 and up to 1,000.
    pub orders_per_year: f64,
    /// Format of the tables.
    pub format: Format,
    /// How rows are sorted.
    pub order: RowOrder,
}

/// How the rows of a table are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowOrder {
    /// By customer, then by time.
    #[default]
    Customer,
    /// By time, then by customer.
    Time,
}

/// Why tables cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is out of its range.
    #[error("{setting}: {value} is not {expected}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// Its value.
        value: String,
        /// Its range.
        expected: &'static str,
    },
    /// The folder for the tables cannot be made.
    #[error("folder `{folder}` cannot be made: {source}")]
    Folder {
        /// Its path.
        folder: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Rows that wait in temporary files to be sorted cannot be written or read.
    #[error("temporary file: {0}; temporary files need some 80 bytes a row in the folder that TMPDIR names")]
    Temporary(#[from] io::Error),
    /// A table cannot be written.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Table by table its name and rows; the truth is the last.
    pub tables: Vec<(&'static str, u64)>,
}

impl Default for Settings {
    /// A thousand customers from 2022 to 2025.
    fn default() -> Self {
        Settings {
            customers: 1_000,
            seed: 1,
            start: midnight_after(2021),
            end: midnight_after(2025),
            orders_per_year: 6.0,
            format: Format::Parquet,
            order: RowOrder::Customer,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), Error> {
        let wrong = |setting, value: String, expected| Err(Error::Setting { setting, value, expected });
        if !(1..=100_000_000).contains(&self.customers) {
            return wrong("customers", self.customers.to_string(), "from 1 to 100000000");
        }
        if !(self.orders_per_year > 0.0 && self.orders_per_year <= 1000.0) {
            return wrong("orders per year", self.orders_per_year.to_string(), "above 0 and up to 1000");
        }
        let years = midnight_after(1969)..=midnight_after(2199);
        if !years.contains(&self.start) || !years.contains(&self.end) || self.end - self.start < 60 * DAY {
            let value = format!("{} days", (self.end.saturating_sub(self.start)) / DAY);
            return wrong("time from first to last day", value, "at least 60 days between 1970 and 2199");
        }
        Ok(())
    }
}

/// Writes the six tables, the truth, a README and a configuration into a folder, which is made if need be.
///
/// Each file appears whole or not at all, the README last: a folder without one is not finished.
///
/// # Errors
/// When a setting is out of range, or something cannot be written.
pub fn simulate(settings: &Settings, folder: &Path) -> Result<Written, Error> {
    settings.check()?;
    let failed = |source| Error::Folder { folder: folder.display().to_string(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut files = Files::create(settings, folder)?;
    let mut buckets = match settings.order {
        RowOrder::Customer => None,
        RowOrder::Time => Some(Buckets::new(settings)?),
    };
    let chunks = settings.customers.div_ceil(CHUNK);
    for first in (0..chunks).step_by(AT_ONCE as usize) {
        let some = first..(first + AT_ONCE).min(chunks);
        let made: Vec<AllRows> = some.into_par_iter().map(|chunk| customers(settings, chunk)).collect();
        match &mut buckets {
            None => files.write(&made)?,
            Some(buckets) => buckets.add(&made)?,
        }
    }
    if let Some(buckets) = buckets {
        buckets.write(&mut files)?;
    }
    let written = files.finish()?;
    arrears_data::atomic_write(&folder.join("config.toml"), folder::config(settings).as_bytes())?;
    arrears_data::atomic_write(&folder.join("README.md"), folder::readme(settings, &written).as_bytes())?;
    Ok(written)
}

/// The tables' files in the making.
struct Files {
    files: Vec<File>,
    times_as_text: bool,
}

struct File {
    writer: TableWriter,
    schema: SchemaRef,
    rows: u64,
}

impl Files {
    fn create(settings: &Settings, folder: &Path) -> Result<Files, Error> {
        let times_as_text = settings.format != Format::Parquet;
        let file = |table: &tables::Table| {
            let path = folder.join(format!("{}.{}", table.name, folder::extension(settings.format)));
            let schema = table.schema(times_as_text);
            let writer = TableWriter::create(&path, Some(settings.format), schema.clone())?;
            Ok(File { writer, schema, rows: 0 })
        };
        let files = TABLES.iter().map(file).collect::<Result<_, Error>>()?;
        Ok(Files { files, times_as_text })
    }

    /// Adds the rows of some chunks, table by table side by side.
    fn write(&mut self, made: &[AllRows]) -> Result<(), Error> {
        let times_as_text = self.times_as_text;
        let tables = self.files.par_iter_mut().enumerate();
        tables.try_for_each(|(at, file)| file.write(at, made.iter().map(|rows| &rows[at]), times_as_text))
    }

    fn finish(self) -> Result<Written, Error> {
        let mut tables = Vec::new();
        for (file, table) in self.files.into_iter().zip(&TABLES) {
            tables.push((table.name, file.rows));
            file.writer.finish()?;
        }
        Ok(Written { tables })
    }
}

impl File {
    fn write<'r>(
        &mut self,
        table: usize,
        parts: impl Iterator<Item = &'r Rows>,
        times_as_text: bool,
    ) -> Result<(), Error> {
        let parts: Vec<&Rows> = parts.filter(|rows| !rows.0.is_empty()).collect();
        let encoder = self.writer.encoder();
        let encoded: Vec<Result<_, Error>> = parts
            .into_par_iter()
            .map(|rows| {
                let batch = TABLES[table].batch(rows, times_as_text, &self.schema)?;
                Ok((batch.num_rows() as u64, encoder.encode(batch)))
            })
            .collect();
        for part in encoded {
            let (rows, encoded) = part?;
            self.rows += rows;
            self.writer.append(vec![encoded])?;
        }
        Ok(())
    }
}

/// All rows of the customers of a chunk.
fn customers(settings: &Settings, chunk: u64) -> AllRows {
    let mut rows = AllRows::default();
    for number in chunk * CHUNK..((chunk + 1) * CHUNK).min(settings.customers) {
        let before: [usize; TABLES.len()] = std::array::from_fn(|table| rows[table].0.len());
        customer(settings, number, &mut rows);
        for (table, before) in before.into_iter().enumerate() {
            sort_by_time(&mut rows[table].0[before..], table);
        }
    }
    rows
}

/// All rows of one customer.
fn customer(settings: &Settings, number: u64, rows: &mut AllRows) {
    let mut random = Random::new(settings.seed, number);
    let traits = Traits::draw(settings, &mut random);
    let hazard = risk::hazard(&traits);
    let spell = risk::spell(hazard, traits.joined, settings.end, &mut random);
    let number = number as i64 + 1;
    rows[0].0.extend([number, traits.joined, traits.born, traits.region as i64, traits.group as i64]);
    let mut life = Life { settings, number, traits: &traits, spell, random, rows, counts: [0; 3] };
    life.orders();
    life.reports();
    life.financials();
    let known = |moment: Option<i64>| moment.filter(|moment| *moment < settings.end).unwrap_or(NONE);
    let double = |value: f64| value.to_bits() as i64;
    rows[TABLES.len() - 1].0.extend([
        number,
        traits.joined,
        double(risk::pd(hazard, settings.end - 365 * DAY, settings.end)),
        double(hazard),
        double(traits.ability),
        double(traits.will),
        double(traits.late),
        double(traits.returns),
        i64::from(traits.serial_returner),
        known(spell.map(|spell| spell.from)),
        known(spell.map(|spell| spell.until)),
        known(Some(traits.leaves)),
    ]);
}

/// Sorts the rows of a table by time; rows of one time stay in their order.
fn sort_by_time(rows: &mut [i64], table: usize) {
    let (width, at) = (TABLES[table].columns.len(), TABLES[table].at);
    let mut order: Vec<&[i64]> = rows.chunks_exact(width).collect();
    if order.is_sorted_by_key(|row| row[at]) {
        return;
    }
    order.sort_by_key(|row| row[at]);
    let sorted = order.concat();
    rows.copy_from_slice(&sorted);
}

/// The second after the last one of a year.
fn midnight_after(year: i64) -> i64 {
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    ((year - 1969) * 365 + leap_days(year) - leap_days(1969)) * DAY
}

/// Seconds from 1970-01-01T00:00:00Z to the start of a day written as `2024-01-31`; `None` if it is no day.
pub fn start_of_day(text: &str) -> Option<i64> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    is_plain.then(|| day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_second()))?
}
