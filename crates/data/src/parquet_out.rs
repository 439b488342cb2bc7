//! Rows as Parquet: the columns of a row group are encoded side by side.

use crate::parquet_codes::Codes;
use crate::parquet_doubles::Doubles;
use crate::place::Sink;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnDescPtr, ColumnPath, SchemaDescPtr};
use rayon::prelude::*;
use std::io;
use std::sync::Arc;

/// Rows of a row group, so that what waits in memory stays small.
const GROUP_ROWS: usize = 1 << 17;

/// A Parquet file in the making.
pub(crate) struct ParquetOut {
    file: SerializedFileWriter<Sink>,
    factory: ArrowRowGroupWriterFactory,
    columns: SchemaDescPtr,
    kinds: Vec<Kind>,
    group: Option<Vec<Column>>,
    /// Rows and number of the row group in the making.
    rows: usize,
    number: usize,
}

/// How a column is written.
#[derive(Clone, Copy)]
enum Kind {
    Values,
    Codes,
    Doubles,
}

/// A column of the row group in the making.
enum Column {
    Values(Box<ArrowColumnWriter>),
    Codes(Codes),
    Doubles(Box<Doubles>),
}

/// A column of a row group, ready to be added to the file.
enum Chunk {
    Values(ArrowColumnChunk),
    Pages(Bytes, ColumnCloseResult),
}

impl ParquetOut {
    pub(crate) fn new(sink: Sink, schema: &SchemaRef) -> Result<ParquetOut> {
        // Readers get plain texts; how they came here is not theirs to know.
        let field = |field: &Arc<Field>| match field.data_type() {
            DataType::Dictionary(..) => Field::new(field.name(), DataType::Utf8, field.is_nullable()),
            _ => Field::clone(field),
        };
        let plain = Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()));
        let options =
            ArrowWriterOptions::new().with_properties(properties(&plain)).with_skip_arrow_metadata(true);
        let (file, factory) =
            ArrowWriter::try_new_with_options(sink, plain, options)?.into_serialized_writer()?;
        let kind = |field: &Arc<Field>| match field.data_type() {
            DataType::Dictionary(..) => Kind::Codes,
            DataType::Float64 => Kind::Doubles,
            _ => Kind::Values,
        };
        let kinds = schema.fields().iter().map(kind).collect();
        let columns = file.schema_descr().clone();
        Ok(ParquetOut { file, factory, columns: Arc::new(columns), kinds, group: None, rows: 0, number: 0 })
    }

    /// Adds the rows of batches.
    pub(crate) fn write(&mut self, batches: &[RecordBatch]) -> Result<()> {
        let mut fitting = Vec::new();
        for batch in batches {
            let mut batch = batch.clone();
            while self.rows + batch.num_rows() >= GROUP_ROWS {
                let room = GROUP_ROWS - self.rows;
                fitting.push(batch.slice(0, room));
                batch = batch.slice(room, batch.num_rows() - room);
                self.encode(&std::mem::take(&mut fitting))?;
                self.close_group()?;
            }
            self.rows += batch.num_rows();
            fitting.push(batch);
        }
        self.encode(&fitting)
    }

    /// Encodes rows that fit into the row group, one column a task.
    fn encode(&mut self, batches: &[RecordBatch]) -> Result<()> {
        if batches.iter().all(|batch| batch.num_rows() == 0) {
            return Ok(());
        }
        if self.group.is_none() {
            self.group = Some(self.new_columns()?);
        }
        let group = self.group.iter_mut().flatten().collect::<Vec<_>>();
        let written: Vec<Result<()>> = group
            .into_par_iter()
            .enumerate()
            .map(|(at, column)| batches.iter().try_for_each(|batch| column.add(batch, at)))
            .collect();
        written.into_iter().collect()
    }

    /// The columns of the next row group.
    fn new_columns(&self) -> Result<Vec<Column>> {
        let writers = self.factory.create_column_writers(self.number)?;
        let column = |(at, writer): (usize, ArrowColumnWriter)| match self.kinds[at] {
            Kind::Codes => Column::Codes(Codes::default()),
            Kind::Doubles => Column::Doubles(Box::new(Doubles::new(&self.columns.column(at)))),
            Kind::Values => Column::Values(Box::new(writer)),
        };
        Ok(writers.into_iter().enumerate().map(column).collect())
    }

    fn close_group(&mut self) -> Result<()> {
        self.rows = 0;
        let Some(group) = self.group.take() else { return Ok(()) };
        self.number += 1;
        let closed = group.into_par_iter().enumerate();
        let chunks: Vec<Result<Chunk>> =
            closed.map(|(at, column)| column.close(self.columns.column(at))).collect();
        let mut out = self.file.next_row_group()?;
        for chunk in chunks {
            match chunk? {
                Chunk::Values(chunk) => chunk.append_to_row_group(&mut out)?,
                Chunk::Pages(bytes, close) => out.append_column(&bytes, close)?,
            }
        }
        out.close()?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Sink> {
        self.close_group()?;
        self.file.into_inner()
    }
}

impl Column {
    /// Adds the values of a batch's column.
    fn add(&mut self, batch: &RecordBatch, at: usize) -> Result<()> {
        match self {
            Column::Codes(codes) => codes.add(batch.column(at).as_dictionary::<Int32Type>()),
            Column::Doubles(doubles) => doubles.add(batch.column(at).as_primitive::<Float64Type>())?,
            Column::Values(writer) => {
                let leaves = compute_leaves(batch.schema().field(at), batch.column(at))?;
                leaves.iter().try_for_each(|leaf| writer.write(leaf))?;
            }
        }
        Ok(())
    }

    fn close(self, of: ColumnDescPtr) -> Result<Chunk> {
        Ok(match self {
            Column::Values(writer) => Chunk::Values(writer.close()?),
            Column::Codes(codes) => {
                let (bytes, close) = codes.close(of)?;
                Chunk::Pages(bytes, close)
            }
            Column::Doubles(doubles) => {
                let (bytes, close) = doubles.close(of)?;
                Chunk::Pages(bytes, close)
            }
        })
    }
}

/// Integers are mostly ids that ascend.
fn properties(schema: &Schema) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by("arrears".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()));
    for field in schema.fields() {
        let column = || ColumnPath::new(vec![field.name().clone()]);
        properties = match field.data_type() {
            DataType::Int64 => properties
                .set_column_dictionary_enabled(column(), false)
                .set_column_encoding(column(), Encoding::DELTA_BINARY_PACKED),
            _ => properties,
        };
    }
    properties.build()
}

/// The system's own error where there is one.
pub(crate) fn io_of(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
