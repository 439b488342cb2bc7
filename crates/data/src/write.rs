//! Tables out: CSV, NDJSON or Parquet, chunk by chunk, whole or not at all.

use crate::error::DataError;
use crate::format::Format;
use crate::place::{Place, Sink, Target};
use crate::table::ColumnData;
use arrears_model::value::Value;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, SchemaRef};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as ParquetCompression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes record batches of `Utf8`, `Float64` and `Int64` columns, and dictionaries of `Utf8` as a cleaned table
/// has them.
///
/// A file is written beside its final place under a temporary name and moved there by
/// [`TableWriter::finish`]; a writer that is dropped leaves nothing behind. The same batches give the same
/// bytes. Missing values and NaN are an empty field in CSV and null in NDJSON.
pub struct TableWriter {
    name: String,
    schema: SchemaRef,
    encoder: Encoder,
    rows: u64,
}

enum Encoder {
    Csv(Box<csv::Writer<Sink>>),
    Ndjson(BufWriter<Sink>),
    Parquet(Box<ArrowWriter<Sink>>),
}

impl TableWriter {
    /// Writes a file; the format goes by its extension unless one is given.
    ///
    /// # Errors
    /// When the extension is unknown, the folder cannot be written, or a column is of another kind.
    pub fn create(path: &Path, format: Option<Format>, schema: SchemaRef) -> Result<TableWriter, DataError> {
        let format = match format {
            Some(format) => format,
            None => Format::of_path(path)?,
        };
        let name = path.display().to_string();
        let place = Place::open(path).map_err(|source| DataError::Write { name: name.clone(), source })?;
        TableWriter::new(name, format, Target::Place(place), schema)
    }

    /// Writes to a stream, such as standard output; what was written before an error stays written.
    ///
    /// # Errors
    /// When the stream fails, or a column is of another kind.
    pub fn to_stream(
        name: &str,
        format: Format,
        stream: impl Write + Send + 'static,
        schema: SchemaRef,
    ) -> Result<TableWriter, DataError> {
        TableWriter::new(name.to_owned(), format, Target::Stream(Box::new(stream)), schema)
    }

    fn new(
        name: String,
        format: Format,
        target: Target,
        schema: SchemaRef,
    ) -> Result<TableWriter, DataError> {
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let kinds = [DataType::Utf8, DataType::Float64, DataType::Int64, dictionary];
        if let Some(field) = schema.fields().iter().find(|f| !kinds.contains(f.data_type())) {
            return Err(arrow::error::ArrowError::SchemaError(format!(
                "column `{}` is {}; only Utf8, Float64 and Int64 are written",
                field.name(),
                field.data_type()
            ))
            .into());
        }
        let sink = match format.is_gzip() {
            true => Sink::Gzip(Box::new(GzEncoder::new(target, Compression::default()))),
            false => Sink::Plain(target),
        };
        let failed = |source| DataError::Write { name: name.clone(), source };
        let encoder = match format {
            Format::Csv | Format::CsvGz => {
                let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(sink);
                let header = schema.fields().iter().map(|f| f.name());
                writer.write_record(header).map_err(|e| failed(e.into()))?;
                Encoder::Csv(Box::new(writer))
            }
            Format::Ndjson | Format::NdjsonGz => Encoder::Ndjson(BufWriter::with_capacity(1 << 16, sink)),
            Format::Parquet => {
                let writer = ArrowWriter::try_new(sink, schema.clone(), Some(parquet_properties()));
                Encoder::Parquet(Box::new(writer.map_err(|e| failed(io_of(e)))?))
            }
        };
        Ok(TableWriter { name, schema, encoder, rows: 0 })
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// When the batch has other columns than the schema, the disk is full, or a number is infinite and the
    /// format is NDJSON, which has no word for it.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        if batch.schema().fields() != self.schema.fields() {
            return Err(arrow::error::ArrowError::SchemaError(format!(
                "the columns of a batch differ from those of `{}`",
                self.name
            ))
            .into());
        }
        let before = self.rows;
        self.rows += batch.num_rows() as u64;
        let failed = |source| DataError::Write { name: self.name.clone(), source };
        match &mut self.encoder {
            Encoder::Csv(writer) => write_csv(writer, batch).map_err(|e| failed(io_of_csv(e))),
            Encoder::Parquet(writer) => writer.write(batch).map_err(|e| failed(io_of(e))),
            Encoder::Ndjson(writer) => {
                if let Some((column, row)) = first_infinite(batch) {
                    let problem = "it is infinite, which JSON cannot say; write CSV or Parquet".to_owned();
                    let row = before + row as u64 + 1;
                    return Err(DataError::Unwritable { name: self.name.clone(), column, row, problem });
                }
                write_ndjson(writer, batch).map_err(failed)
            }
        }
    }

    /// Ends the file, makes sure that it is on the disk, and moves it to its place.
    ///
    /// # Errors
    /// When the disk is full or the place cannot be written; then nothing is left there.
    pub fn finish(self) -> Result<(), DataError> {
        let TableWriter { name, encoder, .. } = self;
        let sink = match encoder {
            Encoder::Csv(writer) => writer.into_inner().map_err(|e| e.into_error()),
            Encoder::Ndjson(writer) => writer.into_inner().map_err(|e| e.into_error()),
            Encoder::Parquet(writer) => writer.into_inner().map_err(io_of),
        };
        sink.and_then(Sink::finish).map_err(|source| DataError::Write { name, source })
    }
}

/// Writes a whole file at once, or nothing: the bytes go to a temporary file beside it, which then takes
/// its name.
///
/// # Errors
/// [`DataError::Write`] when the folder cannot be written or the disk is full.
pub fn atomic_write(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    let written = Place::open(path).and_then(|mut place| {
        place.write_all(bytes)?;
        place.finish()
    });
    written.map_err(|source| DataError::Write { name: path.display().to_string(), source })
}

fn parquet_properties() -> WriterProperties {
    WriterProperties::builder()
        .set_created_by("arrears".to_owned())
        .set_compression(ParquetCompression::ZSTD(ZstdLevel::default()))
        .build()
}

fn io_of(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

/// The number of a row as text in `buffer`; false where the row has none.
fn number_text(column: ColumnData<'_>, row: usize, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    let written = match column {
        ColumnData::Number(x) if x.is_valid(row) && !x.value(row).is_nan() => number(buffer, x.value(row)),
        ColumnData::Integer(x) if x.is_valid(row) => write!(buffer, "{}", x.value(row)),
        _ => return false,
    };
    // Writing to memory does not fail.
    written.is_ok()
}

/// A double in the shortest form that reads back as the same bits; very large and small ones with exponent.
fn number(out: &mut Vec<u8>, x: f64) -> io::Result<()> {
    match x.abs() {
        size if size != 0.0 && x.is_finite() && !(1e-5..1e16).contains(&size) => write!(out, "{x:e}"),
        _ => write!(out, "{x}"),
    }
}

/// The system's own error where there is one, so that a caller can see its kind (a broken pipe, a full disk).
fn io_of_csv(error: csv::Error) -> io::Error {
    if !error.is_io_error() {
        return io::Error::other(error);
    }
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn write_csv(writer: &mut csv::Writer<Sink>, batch: &RecordBatch) -> csv::Result<()> {
    let columns: Vec<ColumnData<'_>> = batch.columns().iter().map(ColumnData::of).collect();
    let mut buffer = Vec::new();
    for row in 0..batch.num_rows() {
        for column in &columns {
            match column.value(row) {
                Value::Text(text) => writer.write_field(text)?,
                _ if number_text(*column, row, &mut buffer) => writer.write_field(&buffer)?,
                _ => writer.write_field("")?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

fn write_ndjson(writer: &mut BufWriter<Sink>, batch: &RecordBatch) -> io::Result<()> {
    let schema = batch.schema();
    let columns = batch.columns().iter().zip(schema.fields());
    let columns: Vec<(ColumnData<'_>, String)> = columns
        .map(|(array, field)| Ok((ColumnData::of(array), serde_json::to_string(field.name())?)))
        .collect::<io::Result<_>>()?;
    let mut buffer = Vec::new();
    for row in 0..batch.num_rows() {
        for (at, (column, key)) in columns.iter().enumerate() {
            writer.write_all(if at == 0 { b"{" } else { b"," })?;
            writer.write_all(key.as_bytes())?;
            writer.write_all(b":")?;
            match column.value(row) {
                Value::Text(text) => serde_json::to_writer(&mut *writer, text)?,
                _ if number_text(*column, row, &mut buffer) => writer.write_all(&buffer)?,
                _ => writer.write_all(b"null")?,
            }
        }
        writer.write_all(if columns.is_empty() { b"{}\n" } else { b"}\n" })?;
    }
    Ok(())
}

fn first_infinite(batch: &RecordBatch) -> Option<(String, usize)> {
    let schema = batch.schema();
    batch.columns().iter().zip(schema.fields()).find_map(|(array, field)| {
        let numbers = array.as_primitive_opt::<Float64Type>()?;
        let row = numbers.iter().position(|x| x.is_some_and(f64::is_infinite))?;
        Some((field.name().clone(), row))
    })
}
