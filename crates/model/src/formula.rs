//! Fields that are calculated from others: a formula in the Common Expression Language over the fields that a row has.
//!
//! A number field is a number in a formula, a category its text. What is missing, a special code or a category that training
//! never saw is missing there, and so is a result that is no finite number, such as that of a division by zero.

use crate::error::{ModelError, invalid};
use crate::schema::{Field, Kind, Schema};
use crate::value::{Cell, Value};
use arrears_expression as cel;

/// The formulas of a schema, compiled.
#[derive(Clone, Debug, Default)]
pub struct Formulas(Vec<(usize, cel::Expression)>);

impl Formulas {
    /// Of the schema of a checked model.
    ///
    /// # Panics
    /// When a formula is none, which the check of a model finds.
    pub fn of(schema: &Schema) -> Self {
        let columns = columns(schema);
        let compiled = schema.fields.iter().enumerate().filter_map(|(at, field)| {
            let formula = field.formula.as_deref()?;
            let program = cel::Expression::compile_as(cel::Kind::Number, formula, &columns);
            Some((at, program.expect("the formulas of a checked schema compile")))
        });
        Self(compiled.collect())
    }

    /// Whether the schema has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The position of each field with a formula, and its program.
    pub(crate) fn programs(&self) -> impl Iterator<Item = (usize, &cel::Expression)> {
        self.0.iter().map(|(at, program)| (*at, program))
    }

    /// The result of each formula on the cells of a row, as a raw value of its field.
    pub fn results<'a>(
        &'a self,
        schema: &'a Schema,
        cells: &'a [Cell],
    ) -> impl Iterator<Item = (usize, Value<'static>)> + 'a {
        self.0.iter().map(|(at, program)| {
            let result = program.row_with(|field| cell_value(&schema.fields[field], cells[field]));
            (*at, number(result).map_or(Value::Missing, Value::Number))
        })
    }
}

/// The columns that formulas may name, by position in the schema. A field with a formula is not one of them: its name is
/// taken, and its kind is that of no number.
pub(crate) fn columns(schema: &Schema) -> Vec<(&str, cel::Kind)> {
    let kind = |field: &Field| match field.kind {
        Kind::Number { .. } => cel::Kind::Number,
        Kind::Category { .. } => cel::Kind::Text,
    };
    schema.fields.iter().map(|field| (field.name.as_str(), kind(field))).collect()
}

/// What a formula sees of a cell.
pub(crate) fn cell_value(field: &Field, cell: Cell) -> cel::Value<'_> {
    match cell {
        Cell::Number(x) => cel::Value::Number(x),
        Cell::Category(at) => cel::Value::Text(&field.categories()[at]),
        Cell::Missing | Cell::Special(_) | Cell::Unseen => cel::Value::Missing,
    }
}

/// The number that a formula gave, if any.
pub(crate) fn number(value: cel::Value<'_>) -> Option<f64> {
    match value {
        cel::Value::Number(x) => Some(x),
        _ => None,
    }
}

/// # Errors
/// A formula of a category field, one that is no formula over the fields, or one that reads a formula's result.
pub(crate) fn check(schema: &Schema) -> Result<(), ModelError> {
    let columns = columns(schema);
    if !schema.fields.is_sorted_by_key(|field| field.formula.is_some()) {
        return Err(invalid("fields with a formula stand after those that a row has"));
    }
    for field in &schema.fields {
        let Some(formula) = &field.formula else { continue };
        let fail = |what: String| Err(invalid(format!("formula of `{}`: {what}", field.name)));
        if !matches!(field.kind, Kind::Number { .. }) {
            return fail("only a number has one".to_owned());
        }
        let program = match cel::Expression::compile_as(cel::Kind::Number, formula, &columns) {
            Ok(program) => program,
            Err(error) => return fail(error.to_string()),
        };
        let chained = program.uses().iter().map(|at| &schema.fields[*at]).find(|f| f.formula.is_some());
        if let Some(other) = chained {
            return fail(format!("it reads `{}`, which is a formula too; write that out", other.name));
        }
    }
    Ok(())
}
