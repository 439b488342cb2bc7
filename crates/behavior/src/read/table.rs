//! An open file of a table: its rows as events, some at a time.

use crate::Error;
use crate::config::ColumnSource;
use crate::read::batch::{OwnKey, ascend, key_of};
use crate::read::inputs::Inputs;
use crate::read::layout::Layout;
use crate::read::verdicts::{Converted, Refused};
use arrears_data::arrow::array::{ArrayRef, new_null_array};
use arrears_data::arrow::datatypes::DataType;
use arrears_data::{
    Chunk, DataError, Format, ParquetBatches, ParquetColumns, Piece, ReadOptions, Source, open,
};
use arrears_model::Schema;
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// An open file.
pub(crate) struct TableFile {
    layout: Arc<Layout>,
    inputs: Inputs,
    name: String,
    rows: Reader,
}

enum Reader {
    Parquet { batches: ParquetBatches, row: u64 },
    Text(Box<Source>),
}

/// The kind of the ids of customers in a file: whole numbers, where its type says so.
pub(crate) fn has_whole_numbers(path: &Path, column: &str) -> Result<bool, Error> {
    if Format::of_path(path)? != Format::Parquet {
        return Ok(false);
    }
    let file = ParquetColumns::open(path)?;
    Ok(file.kind(column).is_some_and(|kind| kind.is_integer() && *kind != DataType::UInt64))
}

impl TableFile {
    /// Opens a file; `batch` is how many rows of Parquet are read at a time.
    pub(crate) fn open(layout: &Arc<Layout>, path: &Path, batch: usize) -> Result<TableFile, Error> {
        let name = path.display().to_string();
        let fail = |why: String| Error::Table { table: layout.table.kind.name(), file: name.clone(), why };
        let format = Format::of_path(path)?;
        let of = |columns: Vec<(String, DataType)>| {
            let inputs = Inputs::new(&layout.table, &columns, |input| layout.reader(input)).map_err(fail)?;
            // Keys of NDJSON may come later in the file.
            if !matches!(format, Format::Ndjson | Format::NdjsonGz) {
                check_inputs(&inputs.columns, &columns).map_err(fail)?;
            }
            layout
                .check(|input| columns.iter().find(|(name, _)| name == input).map(|(_, kind)| kind.clone()))
                .map_err(fail)?;
            Ok::<Inputs, Error>(inputs)
        };
        if format == Format::Parquet {
            let file = ParquetColumns::open(path)?;
            let inputs = of(file.columns().map(|(name, kind)| (name.to_owned(), kind.clone())).collect())?;
            let columns: Vec<&str> = inputs.columns.iter().map(String::as_str).collect();
            let rows = Reader::Parquet { batches: file.read(&columns, batch)?, row: 0 };
            return Ok(TableFile { layout: layout.clone(), inputs, name, rows });
        }
        let mut source = open(path, &ReadOptions::default())?;
        let inputs = of(source.columns().iter().map(|name| (name.clone(), DataType::Utf8)).collect())?;
        let columns: Vec<&str> = inputs.columns.iter().map(String::as_str).collect();
        let schema = Schema { id: None, target: None, amount: None, missing: Vec::new(), fields: Vec::new() };
        source.read_for(&schema, &columns);
        Ok(TableFile { layout: layout.clone(), inputs, name, rows: Reader::Text(Box::new(source)) })
    }

    /// File as it was named.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The next rows, in file order.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Converted>>, Error> {
        let (layout, inputs) = (&self.layout, &self.inputs);
        match &mut self.rows {
            Reader::Parquet { batches, row } => {
                let Some(batch) = batches.next() else { return Ok(None) };
                let (count, arrays) = batch?;
                let first = *row + 1;
                *row += count as u64;
                let converted = layout.convert(inputs, &arrays, count, |row| first + row as u64)?;
                Ok(Some(vec![converted]))
            }
            Reader::Text(source) => {
                let Some(pieces) = source.next_pieces() else { return Ok(None) };
                let converted: Vec<Result<Vec<Converted>, DataError>> =
                    pieces?.into_par_iter().map(|piece| of_piece(layout, inputs, piece)).collect();
                let mut all = Vec::new();
                for converted in converted {
                    all.extend(converted?);
                }
                Ok(Some(all))
            }
        }
    }
}

fn check_inputs(inputs: &[String], columns: &[(String, DataType)]) -> Result<(), String> {
    let columns: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let Some(missing) = inputs.iter().find(|input| !columns.contains(&input.as_str())) else { return Ok(()) };
    let near = crate::config::nearest(missing, columns.iter().copied());
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    Err(format!("it has no column `{missing}`: {near}It has {}", columns.join(", ")))
}

fn of_piece(layout: &Layout, inputs: &Inputs, piece: Piece) -> Result<Vec<Converted>, DataError> {
    piece.chunks()?.into_iter().map(|chunk| of_chunk(layout, inputs, chunk)).collect()
}

fn of_chunk(layout: &Layout, inputs: &Inputs, chunk: Chunk) -> Result<Converted, DataError> {
    let Chunk { table, unreadable } = chunk;
    let arrays = inputs.columns.iter().map(|name| {
        let place = table.columns().iter().position(|column| column == name);
        place.map_or_else(
            || new_null_array(&DataType::Utf8, table.rows()),
            |at| table.batch().column(at).clone(),
        )
    });
    let arrays: Vec<ArrayRef> = arrays.collect();
    let mut converted = layout.convert(inputs, &arrays, table.rows(), |row| table.line(row))?;
    converted.fates.read += unreadable.len() as u64;
    let unreadable = unreadable.into_iter().map(|row| Refused {
        line: row.line,
        column: row.column.unwrap_or_default(),
        value: row.value,
        why: row.why,
    });
    converted.fates.refused.extend(unreadable);
    converted.fates.refused.sort_by_key(|refused| refused.line);
    Ok(converted)
}

/// The first and last customer of a file whose customers ascend; `None` where they do not. Text files are not looked at.
pub(crate) fn ascending(layout: &Layout, path: &Path) -> Result<Option<Ends>, Error> {
    let Some(ColumnSource::Columns(names)) = &layout.table.customer else { return Ok(None) };
    let ([name], Format::Parquet) = (names.as_slice(), Format::of_path(path)?) else { return Ok(None) };
    let file = ParquetColumns::open(path)?;
    let mut ends: Option<(OwnKey, OwnKey)> = None;
    for batch in file.read(&[name], 1 << 17)? {
        let (_, arrays) = batch?;
        let customer = layout.customer_cells(&arrays[0])?;
        let missing = customer.missing();
        let customer = if missing.is_empty() {
            customer
        } else {
            let mut keep = vec![true; customer.len()];
            missing.iter().for_each(|row| keep[*row] = false);
            customer.kept(&keep)
        };
        if customer.len() == 0 {
            continue;
        }
        let (first, last) = (key_of(&customer, 0), key_of(&customer, customer.len() - 1));
        if !ascend(&customer) || ends.as_ref().is_some_and(|(_, before)| before.key() > first) {
            return Ok(None);
        }
        let first = ends.map_or_else(|| first.own(), |(first, _)| first);
        ends = Some((first, last.own()));
    }
    Ok(Some(ends))
}

/// The first and last customer of a file; `None` of a file without any.
pub(crate) type Ends = Option<(OwnKey, OwnKey)>;
