//! Parquet as chunks: each column that was asked for is decoded by a reader of its own, all of them at once.

use crate::caught::caught;
use crate::columns::header;
use crate::error::DataError;
use crate::parquet_columns::{Target, coded, converted, target_of};
use crate::parquet_file::ParquetFile;
use crate::parquet_pages::{check_footer, check_pages};
use crate::source::{CHUNK_VALUES, Chunk, ReadOptions};
use crate::table::{LeftOut, Table};
use crate::wanted::{Asked, Wanted};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::Length;
use rayon::prelude::*;
use std::fs::File;

/// Chunks that are decoded at once: a page is opened once for several of them.
const CHUNKS: usize = 8;

/// An open file, whose columns become the three kinds of a table, or dictionaries of text.
pub(crate) struct ParquetRows {
    name: String,
    file: ParquetFile,
    metadata: ArrowReaderMetadata,
    columns: Vec<String>,
    targets: Vec<Target>,
    /// Position of each column in the file.
    roots: Vec<usize>,
    left_out: Vec<LeftOut>,
    notes: Vec<String>,
    chunk_rows: usize,
    asked: Asked,
    /// Opened with the first rows.
    decoders: Option<Vec<Decoder>>,
    /// Rows given so far, and rows of the file.
    row: u64,
    rows: u64,
}

/// Reads one column.
struct Decoder {
    name: String,
    target: Target,
    coded: bool,
    reader: ParquetRecordBatchReader,
}

impl ParquetRows {
    pub(crate) fn new(name: &str, file: File, options: &ReadOptions) -> Result<ParquetRows, DataError> {
        let file =
            ParquetFile::new(file).map_err(|source| DataError::Open { name: name.to_owned(), source })?;
        if file.len() == 0 {
            return Err(DataError::Empty { name: name.to_owned(), expected: "a Parquet file" });
        }
        guarded(name, || check_footer(&file))?;
        let metadata = guarded(name, || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()))?;
        let descriptor = metadata.parquet_schema();
        let mut names = Vec::new();
        let (mut targets, mut roots, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (root, field) in metadata.schema().fields().iter().enumerate() {
            let leaf =
                (0..descriptor.num_columns()).find(|leaf| descriptor.get_column_root_idx(*leaf) == root);
            match target_of(field, leaf, metadata.metadata()) {
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
        let groups = metadata.metadata().row_groups().iter();
        let rows = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or_default()).sum();
        Ok(ParquetRows {
            name: name.to_owned(),
            file,
            metadata,
            columns,
            targets,
            roots,
            left_out,
            notes,
            chunk_rows: options.chunk_rows,
            asked: Asked::All,
            decoders: None,
            row: 0,
            rows,
        })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What is asked of the columns; before the first rows.
    pub(crate) fn ask(&mut self, asked: Asked) {
        self.asked = asked;
    }

    /// The kind of a column that is read as it stands.
    pub(crate) fn kind(&self, column: usize) -> DataType {
        match self.targets[column] {
            Target::Text | Target::Utc(_) => DataType::Utf8,
            Target::Number => DataType::Float64,
            Target::Integer => DataType::Int64,
        }
    }

    /// Rows given so far, and rows of the file.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.row, self.rows)
    }

    /// The next chunks, in file order.
    pub(crate) fn next_chunks(&mut self) -> Result<Option<Vec<Chunk>>, DataError> {
        let width = (0..self.columns.len()).filter(|at| self.wanted(*at).is_some()).count().max(1);
        let most = self.chunk_rows.min(CHUNK_VALUES / width).max(1);
        let together = (most * CHUNKS).min((CHUNK_VALUES / width).max(most));
        if self.decoders.is_none() {
            self.decoders = Some(self.opened(together)?);
        }
        if self.row == self.rows {
            return Ok(None);
        }
        let rows = (self.rows - self.row).min(together as u64) as usize;
        let name = &self.name;
        let decoders = self.decoders.iter_mut().flatten().collect::<Vec<_>>();
        let decoded = decoders.into_par_iter().map(|decoder| decoder.next(name, rows));
        // The first error in the order of columns, whichever thread met its own first.
        let decoded: Vec<Result<ArrayRef, DataError>> = decoded.collect();
        let arrays = decoded.into_iter().collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&String> = self.decoders.iter().flatten().map(|decoder| &decoder.name).collect();
        let first = self.row + 1;
        self.row += rows as u64;
        let chunk = |start: usize| {
            let length = most.min(rows - start);
            let columns = names.iter().zip(&arrays);
            let columns = columns.map(|(name, array)| ((*name).clone(), array.slice(start, length)));
            let from = first + start as u64;
            let table = Table::of_columns(columns.collect(), (from..from + length as u64).collect())?;
            Ok(Chunk { table: table.with_left_out(self.left_out.clone()), unreadable: Vec::new() })
        };
        (0..rows).step_by(most).map(chunk).collect::<Result<_, DataError>>().map(Some)
    }

    fn wanted(&self, column: usize) -> Option<Wanted> {
        match self.asked.column(&self.columns[column]) {
            Wanted::Nothing => None,
            wanted => Some(wanted),
        }
    }

    /// The chunks of a column, one or more in each group of rows.
    fn chunks_of(&self, root: usize) -> impl Iterator<Item = &ColumnChunkMetaData> {
        let descriptor = self.metadata.parquet_schema();
        let leaves =
            (0..descriptor.num_columns()).filter(move |leaf| descriptor.get_column_root_idx(*leaf) == root);
        let groups = self.metadata.metadata().row_groups();
        leaves.flat_map(move |leaf| groups.iter().map(move |group| group.column(leaf)))
    }

    fn opened(&self, batch: usize) -> Result<Vec<Decoder>, DataError> {
        let asked = (0..self.columns.len()).filter_map(|at| Some((at, self.wanted(at)?)));
        let decoder = |(at, wanted): (usize, Wanted)| {
            let (root, target) = (self.roots[at], self.targets[at]);
            let codes = match wanted {
                Wanted::Category if target == Target::Text => coded(&self.metadata, root),
                _ => None,
            };
            let coded = codes.is_some();
            let metadata = codes.unwrap_or_else(|| self.metadata.clone());
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), metadata);
            let mask = ProjectionMask::roots(builder.parquet_schema(), [root]);
            let builder = builder.with_projection(mask).with_batch_size(batch);
            let reader = guarded(&self.name, || {
                self.chunks_of(root).try_for_each(|chunk| check_pages(&self.file, chunk))?;
                builder.build()
            })?;
            Ok(Decoder { name: self.columns[at].clone(), target, coded, reader })
        };
        asked.map(decoder).collect()
    }
}

impl Decoder {
    /// The values of the next `rows` rows.
    fn next(&mut self, file: &str, rows: usize) -> Result<ArrayRef, DataError> {
        let damaged = |problem: String| DataError::Damaged { name: file.to_owned(), problem };
        let batch = guarded(file, || Ok(self.reader.next().transpose()?))?;
        let array = batch.as_ref().and_then(|batch| batch.columns().first());
        match array.filter(|array| array.len() == rows) {
            Some(array) if self.coded => Ok(array.clone()),
            Some(array) => guarded(file, || Ok(converted(array, self.target, file)))?,
            None => {
                let found = array.map_or(0, |array| array.len());
                Err(damaged(format!("column `{}` has {found} values where {rows} rows are", self.name)))
            }
        }
    }
}

/// Runs a step of the Parquet reader. On damaged bytes the reader may panic instead of returning an
/// error; the panic is caught here and becomes one. The reader is not used again after an error.
pub(crate) fn guarded<T>(name: &str, step: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, DataError> {
    let damaged = |problem: String| DataError::Damaged { name: name.to_owned(), problem };
    match caught(step) {
        Some(Ok(value)) => Ok(value),
        Some(Err(ParquetError::EOF(problem))) => Err(DataError::Truncated { name: name.to_owned(), problem }),
        Some(Err(error)) => Err(damaged(error.to_string())),
        None => Err(damaged("its pages do not fit its schema".to_owned())),
    }
}
