//! Which columns a reader is asked for, and in which form.

use crate::elsewhere::Form;
use arrears_model::schema::{Field, Kind, Schema};
use arrears_model::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What is asked of one column.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// Nothing: it may be left out.
    Nothing,
    /// Its values as they stand in the file.
    AsItStands,
    /// Numbers where all values of a chunk are numbers that a field takes, else as it stands.
    Numbers(Arc<NumberField>),
    /// Each different text once.
    Category,
}

/// A number field and the texts that are missing.
#[derive(Debug)]
pub(crate) struct NumberField {
    field: Field,
    missing: Arc<[String]>,
    /// Lowest and highest number that the field takes without a further question.
    sure: [f64; 2],
}

impl NumberField {
    fn new(field: &Field, missing: Arc<[String]>) -> NumberField {
        let Kind::Number { min, max, .. } = &field.kind else {
            return NumberField { field: field.clone(), missing, sure: [f64::NAN; 2] };
        };
        let sure = [min.unwrap_or(f64::MIN), max.unwrap_or(f64::MAX)];
        NumberField { field: field.clone(), missing, sure }
    }

    /// Whether the field takes a number; one that it refuses is shown as it was written, so its text must stay.
    #[inline]
    pub(crate) fn takes(&self, x: f64) -> bool {
        let [low, high] = self.sure;
        (low <= x && x <= high)
            || (x.is_finite() && self.field.ingest(&self.missing, Value::Number(x)).is_ok())
    }

    /// The number that says the same to the field as a text does, NaN where it is missing; `None` where no number does.
    pub(crate) fn number(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        if text.is_empty() || self.missing.iter().any(|m| m == text) {
            return Some(f64::NAN);
        }
        text.parse().ok().filter(|x: &f64| x.is_finite() && self.takes(*x))
    }
}

/// What is asked of the columns of a file.
#[derive(Clone, Debug, Default)]
pub(crate) enum Asked {
    /// Every column as it stands.
    #[default]
    All,
    /// Those of a schema in the form its fields take fastest, and some as they stand; by name.
    Some(HashMap<String, Wanted>),
}

impl Asked {
    pub(crate) fn of(schema: &Schema, as_they_stand: &[&str]) -> Asked {
        let missing: Arc<[String]> = schema.missing.clone().into();
        let fields = schema.inputs().map(|field| {
            let wanted = match &field.kind {
                Kind::Number { .. } => Wanted::Numbers(Arc::new(NumberField::new(field, missing.clone()))),
                Kind::Category { .. } => Wanted::Category,
            };
            (field.name.clone(), wanted)
        });
        let mut asked: HashMap<String, Wanted> = fields.collect();
        asked.extend(as_they_stand.iter().map(|name| ((*name).to_owned(), Wanted::AsItStands)));
        Asked::Some(asked)
    }

    pub(crate) fn column(&self, name: &str) -> Wanted {
        match self {
            Asked::All => Wanted::AsItStands,
            Asked::Some(asked) => asked.get(name).cloned().unwrap_or(Wanted::Nothing),
        }
    }

    /// The columns that are asked for, by position, and how they are to be read.
    pub(crate) fn forms(&self, columns: &[String]) -> Vec<(usize, Form)> {
        let form = |(at, name): (usize, &String)| match self.column(name) {
            Wanted::Nothing => None,
            Wanted::Numbers(_) => Some((at, Form::Number)),
            Wanted::AsItStands | Wanted::Category => Some((at, Form::Text)),
        };
        columns.iter().enumerate().filter_map(form).collect()
    }
}
