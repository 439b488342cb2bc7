//! Tables out: CSV, NDJSON or Parquet, chunk by chunk, whole or not at all.

use crate::csv_out::{csv_header, csv_rows, number_text};
use crate::elsewhere::RowWriter;
use crate::error::DataError;
use crate::format::Format;
use crate::parquet_out::{ParquetOut, io_of};
use crate::place::{Place, Sink, Target};
use crate::table::ColumnData;
use arrears_model::value::Value;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, SchemaRef, TimeUnit};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};
use std::path::Path;

/// Writes record batches of `Utf8`, `Float64` and `Int64` columns, and dictionaries of `Utf8` as a cleaned table
/// has them; in Parquet also moments in UTC, in microseconds.
///
/// A file is written beside its final place under a temporary name and moved there by
/// [`TableWriter::finish`]; a writer that is dropped leaves nothing behind. The same batches give the same
/// bytes. Missing values and NaN are an empty field in CSV and null in NDJSON.
pub struct TableWriter {
    name: String,
    schema: SchemaRef,
    encoder: Encoder,
    out: Out,
    rows: u64,
}

/// Turns batches into what a [`TableWriter`] adds to its file, on any thread.
#[derive(Clone, Copy, Debug)]
pub struct Encoder(Text);

/// The texts of a file; none of Parquet and of what is no file.
#[derive(Clone, Copy, Debug)]
enum Text {
    Csv,
    Ndjson,
    None,
}

/// Rows as a [`TableWriter`] adds them to its file.
pub struct Encoded {
    rows: u64,
    form: Form,
}

enum Form {
    Text(Vec<u8>),
    Batch(RecordBatch),
    /// A row, from 0, whose number in a column the format cannot say.
    Unwritable {
        column: String,
        row: usize,
    },
}

enum Out {
    Text(Sink),
    Parquet(Box<ParquetOut>),
    Elsewhere(Box<dyn RowWriter>),
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

    /// Gives the rows to a writer that keeps them elsewhere than in a file.
    pub fn to_rows(name: &str, rows: Box<dyn RowWriter>, schema: SchemaRef) -> TableWriter {
        let out = Out::Elsewhere(rows);
        TableWriter { name: name.to_owned(), schema, encoder: Encoder(Text::None), out, rows: 0 }
    }

    fn new(
        name: String,
        format: Format,
        target: Target,
        schema: SchemaRef,
    ) -> Result<TableWriter, DataError> {
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let mut kinds = vec![DataType::Utf8, DataType::Float64, DataType::Int64, dictionary];
        if format == Format::Parquet {
            kinds.push(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        }
        if let Some(field) = schema.fields().iter().find(|f| !kinds.contains(f.data_type())) {
            return Err(arrow::error::ArrowError::SchemaError(format!(
                "column `{}` is {}; only Utf8, Float64 and Int64 are written, and in Parquet moments in UTC",
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
            Format::Csv | Format::CsvGz => Text::Csv,
            Format::Ndjson | Format::NdjsonGz => Text::Ndjson,
            Format::Parquet => Text::None,
        };
        let out = match encoder {
            Text::None => {
                Out::Parquet(Box::new(ParquetOut::new(sink, &schema).map_err(|e| failed(io_of(e)))?))
            }
            Text::Ndjson => Out::Text(sink),
            Text::Csv => {
                let (mut sink, mut header) = (sink, Vec::new());
                csv_header(&mut header, schema.fields().iter().map(|f| f.name().as_str()));
                sink.write_all(&header).map_err(failed)?;
                Out::Text(sink)
            }
        };
        Ok(TableWriter { name, schema, encoder: Encoder(encoder), out, rows: 0 })
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
        let encoded = self.encoder.encode(batch.clone());
        self.append(vec![encoded])
    }

    /// What encodes batches for this file; those must have its columns.
    pub fn encoder(&self) -> Encoder {
        self.encoder
    }

    /// Adds rows to the file, in this order.
    ///
    /// # Errors
    /// As [`TableWriter::write`].
    pub fn append(&mut self, encoded: Vec<Encoded>) -> Result<(), DataError> {
        let failed = |source| DataError::Write { name: self.name.clone(), source };
        let mut batches = Vec::new();
        for Encoded { rows, form } in encoded {
            match (form, &mut self.out) {
                (Form::Text(text), Out::Text(sink)) => sink.write_all(&text).map_err(failed)?,
                (Form::Batch(batch), _) => batches.push(batch),
                (Form::Unwritable { column, row }, _) => {
                    let problem = "it is infinite, which JSON cannot say; write CSV or Parquet".to_owned();
                    let row = self.rows + row as u64 + 1;
                    return Err(DataError::Unwritable { name: self.name.clone(), column, row, problem });
                }
                (Form::Text(_), Out::Parquet(_) | Out::Elsewhere(_)) => {
                    return Err(failed(io::Error::other("text does not belong where batches are taken")));
                }
            }
            self.rows += rows;
        }
        match &mut self.out {
            Out::Parquet(out) => out.write(&batches).map_err(|e| failed(io_of(e))),
            Out::Elsewhere(out) => {
                batches.iter().try_for_each(|b| out.write(b)).map_err(DataError::Elsewhere)
            }
            Out::Text(_) => Ok(()),
        }
    }

    /// Ends the file, makes sure that it is on the disk, and moves it to its place.
    ///
    /// # Errors
    /// When the disk is full or the place cannot be written; then nothing is left there.
    pub fn finish(self) -> Result<(), DataError> {
        let TableWriter { name, out, .. } = self;
        let sink = match out {
            Out::Elsewhere(out) => return out.finish().map_err(DataError::Elsewhere),
            Out::Text(sink) => Ok(sink),
            Out::Parquet(out) => out.finish().map_err(io_of),
        };
        sink.and_then(Sink::finish).map_err(|source| DataError::Write { name, source })
    }
}

impl Encoder {
    /// The rows of a batch, ready to be added.
    pub fn encode(self, batch: RecordBatch) -> Encoded {
        let rows = batch.num_rows() as u64;
        let mut text = Vec::new();
        let form = match self.0 {
            Text::None => Form::Batch(batch),
            Text::Csv => {
                csv_rows(&mut text, &batch);
                Form::Text(text)
            }
            Text::Ndjson => match first_infinite(&batch) {
                Some((column, row)) => Form::Unwritable { column, row },
                None => {
                    ndjson_rows(&mut text, &batch);
                    Form::Text(text)
                }
            },
        };
        Encoded { rows, form }
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

/// Adds the rows of a batch as NDJSON; its numbers are finite.
fn ndjson_rows(out: &mut Vec<u8>, batch: &RecordBatch) {
    let schema = batch.schema();
    let columns = batch.columns().iter().zip(schema.fields());
    let columns: Vec<(ColumnData<'_>, Vec<u8>)> =
        columns.map(|(array, field)| (ColumnData::of(array), json_text(field.name()))).collect();
    for row in 0..batch.num_rows() {
        for (at, (column, key)) in columns.iter().enumerate() {
            out.push(if at == 0 { b'{' } else { b',' });
            out.extend_from_slice(key);
            out.push(b':');
            match column.value(row) {
                Value::Text(text) => out.extend_from_slice(&json_text(text)),
                _ if number_text(*column, row, |text| out.extend_from_slice(text)) => {}
                _ => out.extend_from_slice(b"null"),
            }
        }
        out.extend_from_slice(if columns.is_empty() { b"{}\n" } else { b"}\n" });
    }
}

fn json_text(text: &str) -> Vec<u8> {
    serde_json::to_vec(text).expect("a text is JSON")
}

fn first_infinite(batch: &RecordBatch) -> Option<(String, usize)> {
    let schema = batch.schema();
    batch.columns().iter().zip(schema.fields()).find_map(|(array, field)| {
        let numbers = array.as_primitive_opt::<Float64Type>()?;
        let row = numbers.iter().position(|x| x.is_some_and(f64::is_infinite))?;
        Some((field.name().clone(), row))
    })
}
