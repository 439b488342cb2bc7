//! The model's fields found among the file's columns, by name.

use crate::error::{ServeError, listed};
use crate::output::{ROW_COLUMN, own_columns};
use arrears_data::arrow::array::{ArrayRef, Int64Array, UInt64Array};
use arrears_data::arrow::compute::take;
use arrears_data::arrow::datatypes::DataType;
use arrears_data::{ColumnRef, DataError, Source, Table};
use arrears_model::row_points::RowPoints;
use arrears_model::{Model, Schema};
use std::borrow::Cow;
use std::sync::Arc;

/// Which column of the input names each row of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IdColumn {
    /// A column of the input.
    Named(String),
    /// None: rows are named by their source line.
    Line,
}

impl IdColumn {
    /// Name of the first output column.
    pub(crate) fn name(&self) -> &str {
        match self {
            IdColumn::Named(name) => name,
            IdColumn::Line => ROW_COLUMN,
        }
    }

    /// Kind of the first output column.
    pub(crate) fn kind(&self, source: &Source) -> DataType {
        match self {
            IdColumn::Named(name) => source.kind(name),
            IdColumn::Line => DataType::Int64,
        }
    }

    /// The column of the input, where it is one.
    pub(crate) fn of_input(&self) -> Option<&str> {
        match self {
            IdColumn::Named(name) => Some(name),
            IdColumn::Line => None,
        }
    }

    /// The ids of some rows of a chunk, as they stood.
    pub(crate) fn values(&self, table: &Table, rows: &[usize]) -> Result<ArrayRef, DataError> {
        let named = match self {
            IdColumn::Named(name) => table.batch().column_by_name(name),
            IdColumn::Line => None,
        };
        match named {
            Some(array) if rows.len() == table.rows() => Ok(array.clone()),
            Some(array) => {
                let rows = UInt64Array::from_iter_values(rows.iter().map(|row| *row as u64));
                Ok(take(array, &rows, None)?)
            }
            None => {
                Ok(Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| table.line(*row) as i64))))
            }
        }
    }

    /// The id of one row as text; `None` where there is none.
    pub(crate) fn text(&self, table: &Table, row: usize) -> Option<String> {
        let IdColumn::Named(name) = self else { return None };
        table.column(name)?.text(row, &[]).map(Cow::into_owned)
    }
}

/// Checks that the input has every column the model reads.
pub(crate) fn check_columns(schema: &Schema, source: &Source) -> Result<(), ServeError> {
    let found = source.columns();
    let absent = schema.inputs().map(|f| &f.name).filter(|name| !found.contains(name));
    let missing: Vec<String> = absent.cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let near = missing.iter().filter_map(|name| {
        let near = found.iter().find(|f| plain(f) == plain(name))?;
        Some(format!("rename `{near}` to `{name}`"))
    });
    let left_out =
        source.notes().iter().filter(|note| missing.iter().any(|m| note.contains(&format!("`{m}`"))));
    let hints = near.chain(left_out.cloned()).collect();
    Err(ServeError::MissingColumns { file: source.name().to_owned(), missing, found: found.to_vec(), hints })
}

/// A name without what people write differently: case, blanks, `_`, `-` and `.`.
fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '.'));
    kept.flat_map(char::to_lowercase).collect()
}

/// The id column: the one asked for, else the model's, else none. A note tells when the model's is absent.
pub(crate) fn choose_id(
    model: &Model,
    source: &Source,
    asked: Option<&str>,
    points: Option<&RowPoints>,
    notes: &mut Vec<String>,
) -> Result<IdColumn, ServeError> {
    let found = source.columns();
    let has = |name: &str| found.iter().any(|f| f == name);
    let id = match (asked, model.schema.id.as_deref()) {
        (Some(id), _) if has(id) => IdColumn::Named(id.to_owned()),
        (Some(id), _) => {
            let (file, id) = (source.name().to_owned(), id.to_owned());
            return Err(ServeError::NoIdColumn { file, id, found: found.to_vec() });
        }
        (None, Some(id)) if has(id) => IdColumn::Named(id.to_owned()),
        (None, Some(id)) => {
            notes.push(format!(
                "there is no id column `{id}`; rows are named by their line, in `{ROW_COLUMN}`"
            ));
            IdColumn::Line
        }
        (None, None) => IdColumn::Line,
    };
    if own_columns(model, points).iter().any(|own| own == id.name()) {
        return Err(ServeError::IdName { id: id.name().to_owned() });
    }
    Ok(id)
}

/// What the input has beyond what the model reads, as a note.
pub(crate) fn note_unused(schema: &Schema, id: &IdColumn, found: &[String]) -> Option<String> {
    let used = |name: &String| {
        schema.inputs().any(|field| field.name == *name) || *id == IdColumn::Named(name.clone())
    };
    let unused: Vec<String> = found.iter().filter(|name| !used(name)).cloned().collect();
    let columns = if unused.len() == 1 { "column is" } else { "columns are" };
    (!unused.is_empty())
        .then(|| format!("{} {columns} not read by the model: {}", unused.len(), listed(&unused)))
}

/// The column of each input field in one chunk, in schema order.
pub(crate) fn fields_of<'t>(schema: &Schema, table: &'t Table) -> Result<Vec<ColumnRef<'t>>, ServeError> {
    schema.inputs().map(|field| Ok(table.require(&field.name)?)).collect()
}
