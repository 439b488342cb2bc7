//! A table in memory through the compiled scorer, as rows of a file go through it.

use crate::columns::fields_of;
use crate::error::ServeError;
use crate::score_chunk::score_columns;
use arrears_data::Table;
use arrears_model::Schema;
use arrears_model::compiled::{Ask, CompiledScorer, Scores};

/// Scores the rows of a table; columns are found by name, others are passed over. The answers have the bits that
/// [`score_file`](crate::score_file) gives a file with these rows.
///
/// # Errors
/// When the table lacks a column of the model.
pub fn score_table(
    scorer: &CompiledScorer,
    schema: &Schema,
    table: &Table,
    ask: Ask,
    scores: &mut Scores,
) -> Result<(), ServeError> {
    score_columns(scorer, &fields_of(schema, table)?, table.rows(), ask, scores);
    Ok(())
}
