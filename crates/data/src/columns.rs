//! Column names of a file: trimmed, complete, different from each other.

use crate::error::DataError;
use std::collections::BTreeSet;

/// Most columns a table may have; more is a wrong delimiter or a wrong file.
pub(crate) const MAX_COLUMNS: usize = 10_000;

/// Name given to a first column without one, as row numbers exported by data frames have.
pub(crate) const ROW_COLUMN: &str = "row";

/// Checks a header and returns its names without the blanks around them.
pub(crate) fn header(file: &str, names: Vec<String>) -> Result<Vec<String>, DataError> {
    let fail = |problem: String| Err(DataError::Header { name: file.to_owned(), problem });
    if names.len() > MAX_COLUMNS {
        return Err(too_many_columns(file, names.len()));
    }
    let mut seen = BTreeSet::new();
    let mut result = Vec::with_capacity(names.len());
    for (i, name) in names.into_iter().enumerate() {
        let mut name = name.trim().to_owned();
        if name.is_empty() {
            if i > 0 {
                return fail(format!("column {} has no name; give every column one", i + 1));
            }
            name = ROW_COLUMN.to_owned();
        }
        if name.contains('\r') {
            return fail("it holds a lone carriage return; save the file with LF or CRLF line ends".into());
        }
        if !seen.insert(name.clone()) {
            return fail(format!("two columns are called `{name}`; give each its own name"));
        }
        result.push(name);
    }
    Ok(result)
}

/// The error of a header with more names than are read.
pub(crate) fn too_many_columns(file: &str, count: usize) -> DataError {
    let problem = format!("{count} columns; at most {MAX_COLUMNS} are read");
    DataError::Header { name: file.to_owned(), problem }
}

/// Cuts a text for a message: at most 60 characters, with an ellipsis where it was cut.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
