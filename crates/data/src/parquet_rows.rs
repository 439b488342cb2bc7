//! Parquet as chunks.

use crate::columns::header;
use crate::error::DataError;
use crate::parquet_columns::{Target, converted, target_of};
use crate::parquet_file::ParquetFile;
use crate::source::{CHUNK_VALUES, Chunk, ReadOptions};
use crate::table::{LeftOut, Table};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::Length;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads record batches and brings their columns to the three kinds of a table.
pub(crate) struct ParquetRows {
    name: String,
    reader: ParquetRecordBatchReader,
    columns: Vec<String>,
    targets: Vec<Target>,
    left_out: Vec<LeftOut>,
    notes: Vec<String>,
    row: u64,
}

impl ParquetRows {
    pub(crate) fn new(name: &str, file: File, options: &ReadOptions) -> Result<ParquetRows, DataError> {
        let file =
            ParquetFile::new(file).map_err(|source| DataError::Open { name: name.to_owned(), source })?;
        if file.len() == 0 {
            return Err(DataError::Empty { name: name.to_owned(), expected: "a Parquet file" });
        }
        let builder = guarded(name, || ParquetRecordBatchReaderBuilder::try_new(file))?;
        let schema = builder.schema().clone();
        let descriptor = builder.parquet_schema();
        let mut names = Vec::new();
        let (mut targets, mut roots, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (root, field) in schema.fields().iter().enumerate() {
            let leaf =
                (0..descriptor.num_columns()).find(|leaf| descriptor.get_column_root_idx(*leaf) == root);
            match target_of(field, leaf, builder.metadata()) {
                Ok(target) => {
                    names.push(field.name().clone());
                    targets.push(target);
                    roots.push(root);
                }
                Err(column) => left_out.push(column),
            }
        }
        let columns = header(name, names)?;
        let notes =
            left_out.iter().map(|l| format!("column `{}` is left out: {}", l.column, l.why)).collect();
        let mask = ProjectionMask::roots(descriptor, roots);
        let most = options.chunk_rows.min(CHUNK_VALUES / columns.len().max(1)).max(1);
        let builder = builder.with_projection(mask).with_batch_size(most);
        let reader = guarded(name, || builder.build())?;
        Ok(ParquetRows { name: name.to_owned(), reader, columns, targets, left_out, notes, row: 0 })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(crate) fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let next = guarded(&self.name, || Ok(self.reader.next().transpose()?))?;
        let Some(batch) = next else { return Ok(None) };
        let rows = batch.num_rows() as u64;
        let arrays = batch.columns().iter().zip(&self.targets);
        let arrays = guarded(&self.name, || {
            Ok(arrays
                .map(|(array, target)| converted(array, *target, &self.name))
                .collect::<Result<Vec<_>, _>>())
        })??;
        let lines = (self.row + 1..=self.row + rows).collect();
        self.row += rows;
        let columns = self.columns.iter().cloned().zip(arrays).collect();
        let table = Table::new(columns, lines)?.with_left_out(self.left_out.clone());
        Ok(Some(Chunk { table, unreadable: Vec::new() }))
    }
}

/// Runs a step of the Parquet reader. On damaged bytes the reader may panic instead of returning an
/// error; the panic is caught here and becomes one. The reader is not used again after an error.
fn guarded<T>(name: &str, step: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, DataError> {
    let damaged = |problem: String| DataError::Damaged { name: name.to_owned(), problem };
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::EOF(problem))) => Err(DataError::Truncated { name: name.to_owned(), problem }),
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(_) => Err(damaged("its pages do not fit its schema".to_owned())),
    }
}
