//! The report in a folder, as customers come.

use super::changes::Changes;
use super::{Assessment, Movements, html, tables};
use crate::{Run, Standing};
use arrears_data::{DataError, atomic_write};
use std::path::{Path, PathBuf};

/// The files of a report.
pub const FILES: [&str; 13] = [
    "report.html",
    "changes.csv",
    "changes.parquet",
    "grades.csv",
    "grades.parquet",
    "tiers.csv",
    "tiers.parquet",
    "migration.csv",
    "migration.parquet",
    "limits.csv",
    "limits.parquet",
    "summary.csv",
    "summary.parquet",
];

/// A report in the making: `report.html`, and as CSV and as Parquet the tables `changes`, `grades`, `tiers`, `migration`,
/// `limits` and `summary` (`docs/assess-report.md`). Each file appears whole or not at all, the page last; a report that is
/// dropped leaves nothing.
pub struct Report {
    folder: PathBuf,
    movements: Movements,
    changes: Changes,
}

impl Report {
    /// Starts a report in a folder that exists. `lgd` as in [`Movements::new`].
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(
        folder: &Path,
        current: &Run,
        previous: Option<&Run>,
        lgd: Option<f64>,
    ) -> Result<Report, DataError> {
        let changes = Changes::create(folder, current, previous)?;
        Ok(Report { folder: folder.to_owned(), movements: Movements::new(current, previous, lgd), changes })
    }

    /// Adds a customer as [`Movements::add`] does; the table `changes` has customers in the order in which they come.
    ///
    /// # Errors
    /// When the disk is full.
    ///
    /// # Panics
    /// As [`Movements::add`].
    pub fn add(&mut self, previous: Option<&Standing>, current: Option<&Standing>) -> Result<(), DataError> {
        self.movements.add(previous, current);
        self.changes.add(previous, current, false)
    }

    /// Adds a customer who could not be assessed now, as [`Movements::reject`] does.
    ///
    /// # Errors
    /// When the disk is full.
    ///
    /// # Panics
    /// As [`Movements::add`].
    pub fn reject(&mut self, previous: Option<&Standing>) -> Result<(), DataError> {
        self.movements.reject(previous);
        self.changes.add(previous, None, true)
    }

    /// Writes all files and gives the figures.
    ///
    /// # Errors
    /// When the folder cannot be written or the disk is full.
    pub fn finish(self) -> Result<Assessment, DataError> {
        let assessment = self.movements.finish();
        let tables = tables::tables(&self.folder, &assessment)?;
        self.changes.finish()?;
        tables.into_iter().try_for_each(|table| table.finish())?;
        atomic_write(&self.folder.join("report.html"), html::page(&assessment).as_bytes())?;
        Ok(assessment)
    }
}
