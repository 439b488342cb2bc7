//! Rows sorted by time in bounded memory: each goes to the temporary file of its time slice; the slices are read back,
//! sorted and written one after the other.

use super::tables::{AllRows, Rows, TABLES};
use super::{Error, Files, Settings, sort_by_time};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

/// Rows that a slice should have, about.
const SLICE_ROWS: f64 = 400_000.0;

/// Temporary files of one table that are open at once.
const MOST_SLICES: usize = 96;

/// The rows of all tables, by slice of time.
pub(super) struct Buckets {
    /// Seconds of the first moment, and of a slice.
    start: i64,
    length: i64,
    /// By table, by slice.
    files: Vec<Vec<BufWriter<File>>>,
}

impl Buckets {
    pub(super) fn new(settings: &Settings) -> Result<Buckets, Error> {
        // some four rows of the fullest table come with an order
        let span = settings.end - settings.start;
        let orders =
            settings.customers as f64 * settings.orders_per_year * (span as f64 / super::YEAR as f64);
        let slices = ((2.0 * orders / SLICE_ROWS).ceil() as usize).clamp(1, MOST_SLICES);
        let new = |_| Ok(BufWriter::with_capacity(1 << 14, tempfile::tempfile()?));
        let table = |_| (0..slices).map(new).collect::<Result<Vec<_>, Error>>();
        let files = TABLES.iter().map(table).collect::<Result<_, _>>()?;
        Ok(Buckets { start: settings.start, length: span / slices as i64 + 1, files })
    }

    /// Puts rows to those of their slices; rows from before the first moment (reports, statements) are in the first.
    pub(super) fn add(&mut self, made: &[AllRows]) -> Result<(), Error> {
        for rows in made {
            for ((rows, files), table) in rows.iter().zip(&mut self.files).zip(&TABLES) {
                for row in rows.0.chunks_exact(table.columns.len()) {
                    let slice = (row[table.at] - self.start).div_euclid(self.length);
                    let file = &mut files[slice.max(0) as usize];
                    row.iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))?;
                }
            }
        }
        Ok(())
    }

    /// Writes all rows, by time and then by customer.
    pub(super) fn write(self, files: &mut Files) -> Result<(), Error> {
        let times_as_text = files.times_as_text;
        for (table, slices) in self.files.into_iter().enumerate() {
            for slice in slices {
                let mut rows = read_back(slice)?;
                sort_by_time(&mut rows.0, table);
                files.files[table].write(table, std::iter::once(&rows), times_as_text)?;
            }
        }
        Ok(())
    }
}

fn read_back(file: BufWriter<File>) -> Result<Rows, Error> {
    let mut file = file.into_inner().map_err(|error| Error::Temporary(error.into_error()))?;
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let (values, _) = bytes.as_chunks();
    Ok(Rows(values.iter().map(|value| i64::from_le_bytes(*value)).collect()))
}
