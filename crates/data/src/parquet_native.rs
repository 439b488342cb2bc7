//! Parquet columns as arrow gives them, with times as times and decimals as decimals, for those who need more than the three
//! kinds of a [`Table`](crate::Table).

use crate::error::DataError;
use crate::parquet_columns::coded;
use crate::parquet_file::ParquetFile;
use crate::parquet_pages::{check_footer, check_pages};
use crate::parquet_rows::guarded;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::Length;
use rayon::prelude::*;
use std::fs::File;
use std::path::Path;

/// Most bytes a value of a text column may take on average for it to be read as a dictionary: codes take fewer, ids that
/// hardly repeat take more.
const CODED_BYTES: i64 = 4;

/// An open Parquet file, whose columns are decoded as they stand.
pub struct ParquetColumns {
    name: String,
    file: ParquetFile,
    metadata: ArrowReaderMetadata,
    rows: u64,
}

/// Some columns of a file, batch by batch: an iterator of one array a column, in the order in which they were asked for.
pub struct ParquetBatches {
    name: String,
    decoders: Vec<ParquetRecordBatchReader>,
    batch: usize,
    row: u64,
    rows: u64,
}

impl ParquetColumns {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened or is no sound Parquet file.
    pub fn open(path: &Path) -> Result<ParquetColumns, DataError> {
        let name = path.display().to_string();
        let file = File::open(path).and_then(ParquetFile::new);
        let file = file.map_err(|source| DataError::Open { name: name.clone(), source })?;
        if file.len() == 0 {
            return Err(DataError::Empty { name, expected: "a Parquet file" });
        }
        guarded(&name, || check_footer(&file))?;
        let metadata = guarded(&name, || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()))?;
        let groups = metadata.metadata().row_groups().iter();
        let rows = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or_default()).sum();
        Ok(ParquetColumns { name, file, metadata, rows })
    }

    /// File as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows of the file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The columns and their arrow types, in file order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &DataType)> {
        self.metadata.schema().fields().iter().map(|field| (field.name().as_str(), field.data_type()))
    }

    /// The arrow type of a column; the first of its name.
    pub fn kind(&self, column: &str) -> Option<&DataType> {
        self.columns().find(|(name, _)| *name == column).map(|(_, kind)| kind)
    }

    /// Reads some columns, `batch` rows at a time. Text that takes few bytes comes as `Dictionary(Int32, Utf8)`.
    ///
    /// # Errors
    /// [`DataError::MissingColumn`], or when the file is damaged.
    pub fn read(&self, columns: &[&str], batch: usize) -> Result<ParquetBatches, DataError> {
        let decoders = columns.iter().map(|column| self.decoder(column, batch.max(1)));
        Ok(ParquetBatches {
            name: self.name.clone(),
            decoders: decoders.collect::<Result<_, _>>()?,
            batch: batch.max(1),
            row: 0,
            rows: self.rows,
        })
    }

    fn decoder(&self, column: &str, batch: usize) -> Result<ParquetRecordBatchReader, DataError> {
        let root = self.columns().position(|(name, _)| name == column).ok_or_else(|| {
            let names: Vec<&str> = self.columns().map(|(name, _)| name).collect();
            let problem = format!("`{}` has {}", self.name, names.join(", "));
            DataError::MissingColumn { column: column.to_owned(), problem }
        })?;
        let few =
            self.chunks_of(root).all(|chunk| chunk.uncompressed_size() <= CODED_BYTES * chunk.num_values());
        let metadata = few.then(|| coded(&self.metadata, root)).flatten();
        let metadata = metadata.unwrap_or_else(|| self.metadata.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), metadata);
        let mask = ProjectionMask::roots(builder.parquet_schema(), [root]);
        let builder = builder.with_projection(mask).with_batch_size(batch);
        guarded(&self.name, || {
            self.chunks_of(root).try_for_each(|chunk| check_pages(&self.file, chunk))?;
            builder.build()
        })
    }

    /// The chunks of a column, one or more in each group of rows.
    fn chunks_of(&self, root: usize) -> impl Iterator<Item = &ColumnChunkMetaData> {
        let descriptor = self.metadata.parquet_schema();
        let leaves =
            (0..descriptor.num_columns()).filter(move |leaf| descriptor.get_column_root_idx(*leaf) == root);
        let groups = self.metadata.metadata().row_groups();
        leaves.flat_map(move |leaf| groups.iter().map(move |group| group.column(leaf)))
    }
}

impl ParquetBatches {
    /// Rows of the next batch.
    fn next_rows(&self) -> usize {
        (self.rows - self.row).min(self.batch as u64) as usize
    }
}

impl Iterator for ParquetBatches {
    type Item = Result<(usize, Vec<ArrayRef>), DataError>;

    /// The number of rows and the arrays; all columns are decoded at once.
    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.next_rows();
        if rows == 0 {
            return None;
        }
        self.row += rows as u64;
        let name = &self.name;
        let decoded = self.decoders.par_iter_mut().map(|decoder| {
            let batch = guarded(name, || Ok(decoder.next().transpose()?))?;
            let array = batch.as_ref().and_then(|batch| batch.columns().first());
            array.filter(|array| array.len() == rows).cloned().ok_or_else(|| DataError::Damaged {
                name: name.clone(),
                problem: format!("a column has fewer values than the {} rows of the file", self.rows),
            })
        });
        // The first error in the order of columns, whichever thread met its own first.
        let decoded: Vec<Result<ArrayRef, DataError>> = decoded.collect();
        Some(decoded.into_iter().collect::<Result<Vec<_>, _>>().map(|arrays| (rows, arrays)))
    }
}

#[cfg(test)]
mod tests {
    use super::ParquetColumns;
    use arrow::array::{
        Array, ArrayRef, AsArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    };
    use arrow::datatypes::{DataType, Decimal128Type, TimestampMicrosecondType};
    use std::sync::Arc;

    #[test]
    fn times_and_decimals_stay_what_they_are_and_few_texts_are_codes() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("a.parquet");
        let rows = 5_000;
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("a long id {i:06}"))))),
            ("kind", Arc::new(StringArray::from_iter_values((0..rows).map(|i| ["one", "two"][i % 2])))),
            ("at", Arc::new(TimestampMicrosecondArray::from_iter_values((0..rows).map(|i| i as i64)))),
            ("day", Arc::new(Date32Array::from_iter_values((0..rows).map(|i| i as i32)))),
            ("n", Arc::new(Int64Array::from_iter_values(0..rows as i64))),
            (
                "money",
                Arc::new(
                    Decimal128Array::from_iter_values((0..rows).map(|i| i as i128))
                        .with_precision_and_scale(12, 2)
                        .unwrap(),
                ),
            ),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();

        let file = ParquetColumns::open(&path).unwrap();
        assert_eq!((file.rows(), file.kind("day")), (rows as u64, Some(&DataType::Date32)));
        let mut first = 0;
        for batch in file.read(&["money", "id", "kind", "at"], 1_500).unwrap() {
            let (count, arrays) = batch.unwrap();
            assert_eq!(count, 1_500.min(rows - first));
            assert_eq!(arrays[0].as_primitive::<Decimal128Type>().value(0), first as i128);
            assert_eq!(arrays[1].as_string::<i32>().value(0), format!("a long id {first:06}"));
            assert!(matches!(arrays[2].data_type(), DataType::Dictionary(..)), "{}", arrays[2].data_type());
            assert_eq!(arrays[3].as_primitive::<TimestampMicrosecondType>().value(1), first as i64 + 1);
            first += count;
        }
        assert_eq!(first, rows);
        let missing = file.read(&["nothing"], 10).err().unwrap().to_string();
        assert!(missing.contains("`nothing`") && missing.contains("kind"), "{missing}");
    }
}
