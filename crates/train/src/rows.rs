//! Training rows: the cleaned table after ingestion, as cells.

use crate::error::TrainError;
use arrears_data::{ColumnRef, Table};
use arrears_model::value::{Cell, Value};
use arrears_model::{Field, Schema};

/// Rows of cells in schema order, with their outcome where it is known.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The fields the cells belong to.
    pub schema: Schema,
    /// Whether each row is bad; empty where the outcome is not known.
    pub bad: Vec<bool>,
    cells: Vec<Cell>,
    len: usize,
}

impl Rows {
    /// Ingests the chosen rows of a cleaned table.
    ///
    /// # Errors
    /// When a field has no column, or a value is refused (cleaning should have dropped that row).
    pub fn from_table(
        schema: &Schema,
        table: &Table,
        rows: &[usize],
        bad: Option<&[bool]>,
    ) -> Result<Self, TrainError> {
        let columns: Vec<ColumnRef<'_>> = schema
            .fields
            .iter()
            .map(|f| table.column(&f.name).ok_or_else(|| TrainError::NoColumn(f.name.clone())))
            .collect::<Result<_, _>>()?;
        let mut cells = Vec::with_capacity(rows.len() * schema.fields.len());
        for &row in rows {
            for (field, column) in schema.fields.iter().zip(&columns) {
                let value = column.value(row);
                let (cell, _) = field.ingest(&schema.missing, value).map_err(|why| TrainError::Value {
                    line: table.line(row),
                    column: field.name.clone(),
                    value: value_text(value),
                    why,
                })?;
                cells.push(cell);
            }
        }
        let bad = bad.map(|all| rows.iter().map(|&r| all[r]).collect()).unwrap_or_default();
        Ok(Self { schema: schema.clone(), bad, cells, len: rows.len() })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of bads, where the outcome is known.
    pub fn bads(&self) -> u64 {
        self.bad.iter().filter(|b| **b).count() as u64
    }

    /// The cells of one row.
    pub fn row(&self, row: usize) -> &[Cell] {
        let width = self.schema.fields.len();
        &self.cells[row * width..(row + 1) * width]
    }

    /// The cells of one field, row by row.
    pub fn column(&self, field: usize) -> impl Iterator<Item = Cell> + '_ {
        (0..self.len).map(move |row| self.row(row)[field])
    }

    /// The finite numbers of one field; specials and missing left out.
    pub fn numbers(&self, field: usize) -> Vec<f64> {
        let number = |cell| if let Cell::Number(x) = cell { Some(x) } else { None };
        self.column(field).filter_map(number).collect()
    }

    /// The field at a position.
    pub fn field(&self, field: usize) -> &Field {
        &self.schema.fields[field]
    }
}

/// A value as it would be written in a file; for messages and vectors.
pub(crate) fn value_text(value: Value<'_>) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Number(x) => x.to_string(),
        Value::Text(text) => text.to_owned(),
    }
}
