//! A table of plain types, row by row, into a CSV and a Parquet file at once.

use arrears_data::arrow::array::{ArrayRef, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_data::{DataError, TableWriter};
use std::path::Path;
use std::sync::Arc;

/// Rows that wait in memory.
const ROWS: usize = 1 << 13;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Count,
    Number,
}

/// A value of a row; `None` is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Datum<'a> {
    Text(Option<&'a str>),
    Count(Option<i64>),
    Number(Option<f64>),
}

impl<'a> Datum<'a> {
    pub(crate) fn text(text: &'a str) -> Datum<'a> {
        Datum::Text(Some(text))
    }

    pub(crate) fn count(n: u64) -> Datum<'a> {
        Datum::Count(i64::try_from(n).ok())
    }

    pub(crate) fn number(x: f64) -> Datum<'a> {
        Datum::Number(Some(x))
    }
}

enum Builder {
    Text(StringBuilder),
    Count(Int64Builder),
    Number(Float64Builder),
}

/// `<folder>/<name>.csv` and `<folder>/<name>.parquet` in the making.
pub(crate) struct TidyTable {
    writers: [TableWriter; 2],
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
}

impl TidyTable {
    pub(crate) fn create(
        folder: &Path,
        name: &str,
        columns: &[(&str, Kind)],
    ) -> Result<TidyTable, DataError> {
        let field = |(name, kind): &(&str, Kind)| {
            let data_type = match kind {
                Kind::Text => DataType::Utf8,
                Kind::Count => DataType::Int64,
                Kind::Number => DataType::Float64,
            };
            Field::new(*name, data_type, true)
        };
        let schema: SchemaRef = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let builder = |(_, kind): &(&str, Kind)| match kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Count => Builder::Count(Int64Builder::new()),
            Kind::Number => Builder::Number(Float64Builder::new()),
        };
        let file = |extension: &str| folder.join(format!("{name}.{extension}"));
        let writers = [
            TableWriter::create(&file("csv"), None, schema.clone())?,
            TableWriter::create(&file("parquet"), None, schema.clone())?,
        ];
        Ok(TidyTable { writers, schema, builders: columns.iter().map(builder).collect(), rows: 0 })
    }

    /// Adds a row, which has a value of its kind for each column.
    pub(crate) fn row(&mut self, row: &[Datum<'_>]) -> Result<(), DataError> {
        debug_assert_eq!(row.len(), self.builders.len());
        for (builder, datum) in self.builders.iter_mut().zip(row) {
            match (builder, datum) {
                (Builder::Text(builder), Datum::Text(text)) => builder.append_option(*text),
                (Builder::Count(builder), Datum::Count(n)) => builder.append_option(*n),
                (Builder::Number(builder), Datum::Number(x)) => builder.append_option(*x),
                (_, datum) => unreachable!("the tables of this crate give {datum:?} to a column of its kind"),
            }
        }
        self.rows += 1;
        if self.rows == ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), DataError> {
        self.rows = 0;
        let array = |builder: &mut Builder| -> ArrayRef {
            match builder {
                Builder::Text(builder) => Arc::new(builder.finish()),
                Builder::Count(builder) => Arc::new(builder.finish()),
                Builder::Number(builder) => Arc::new(builder.finish()),
            }
        };
        let batch = RecordBatch::try_new(self.schema.clone(), self.builders.iter_mut().map(array).collect())?;
        self.writers.iter_mut().try_for_each(|writer| writer.write(&batch))
    }

    /// Ends both files and gives them their names.
    pub(crate) fn finish(mut self) -> Result<(), DataError> {
        self.flush()?;
        self.writers.into_iter().try_for_each(TableWriter::finish)
    }
}
