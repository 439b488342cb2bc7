//! The columns of a file that are needed, and formulas over them.

use crate::ValueKind;
use crate::config::{ColumnSource, TableMapping};
use crate::read::cells::{Cells, NO_TEXT, NONE, Word};
use crate::read::column::Read;
use crate::read::moments::moments;
use crate::read::numbers::{amounts, of_f64};
use crate::read::texts::Interner;
use crate::read::words::{joined, words};
use crate::times::{Placeholders, TimeReader};
use arrears_data::arrow::array::ArrayRef;
use arrears_data::arrow::datatypes::DataType;
use arrears_data::arrow::error::ArrowError;
use arrears_expression::{Expression, Kind, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is needed of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    /// The columns that are read.
    pub(crate) columns: Vec<String>,
    /// Formulas by the column of events that they make.
    pub(crate) formulas: BTreeMap<String, Formula>,
    /// The condition of rows.
    pub(crate) condition: Option<Formula>,
}

/// A formula or condition over columns of a file.
#[derive(Clone, Debug)]
pub(crate) struct Formula {
    expression: Expression,
    /// For each column that it uses: its position among those it was compiled with, among those read, and how its times are read.
    used: Vec<Used>,
}

#[derive(Clone, Debug)]
struct Used {
    compiled: usize,
    read: usize,
    kind: Kind,
    reader: TimeReader,
}

/// The arrays of some rows.
pub(crate) struct Given<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) arrays: &'a [ArrayRef],
    pub(crate) missing: &'a [String],
}

impl Given<'_> {
    /// The arrays of a source.
    pub(crate) fn sources(&self, source: &ColumnSource) -> Vec<&ArrayRef> {
        let ColumnSource::Columns(names) = source else { return Vec::new() };
        let place = |name: &String| self.inputs.columns.iter().position(|input| input == name);
        names.iter().filter_map(|name| self.arrays.get(place(name)?)).collect()
    }

    /// The texts of a source; those of several columns joined.
    pub(crate) fn texts(&self, source: &ColumnSource) -> Result<Cells, ArrowError> {
        match self.sources(source).as_slice() {
            [one] => words(one, self.missing),
            several => {
                let parts = several.iter().map(|array| words(array, self.missing));
                Ok(joined(&parts.collect::<Result<Vec<_>, _>>()?))
            }
        }
    }
}

impl Inputs {
    /// What a table needs of a file with these columns.
    pub(crate) fn new(
        table: &TableMapping,
        file: &[(String, DataType)],
        reader: impl Fn(&str) -> TimeReader,
    ) -> Result<Inputs, String> {
        let mut inputs = Inputs::default();
        let times = [&table.at].into_iter().chain(&table.known_at).chain(&table.columns);
        let sources = table.customer.iter().chain(&table.currency).chain(times.clone().map(|c| &c.source));
        for source in sources {
            if let ColumnSource::Columns(names) = source {
                names.iter().for_each(|name| inputs.need(name));
            }
        }
        let kinds: Vec<(&str, Kind)> =
            file.iter().map(|(name, kind)| (name.as_str(), kind_of(table, name, kind))).collect();
        for column in times {
            if let ColumnSource::Formula(text) = &column.source {
                let expected = Kind::from(column.kind);
                let what = format!("columns.{}", column.name);
                let formula = inputs.compiled(text, expected, &kinds, &what, &reader)?;
                inputs.formulas.insert(column.name.clone(), formula);
            }
        }
        if let Some(text) = &table.condition {
            inputs.condition = Some(inputs.compiled(text, Kind::Bool, &kinds, "where", &reader)?);
        }
        Ok(inputs)
    }

    fn need(&mut self, name: &str) {
        if !self.columns.iter().any(|known| known == name) {
            self.columns.push(name.to_owned());
        }
    }

    fn compiled(
        &mut self,
        text: &str,
        expected: Kind,
        kinds: &[(&str, Kind)],
        what: &str,
        reader: &impl Fn(&str) -> TimeReader,
    ) -> Result<Formula, String> {
        let expression = Expression::compile_as(expected, text, kinds).map_err(|error| {
            let hint = match &error {
                arrears_expression::Error::Kind { .. } => {
                    "; columns of CSV and NDJSON are texts unless they are mapped as something else, or `kinds` says what they are: kinds = { \
                     Quantity = \"number\" }"
                }
                _ => "",
            };
            format!("{what} = `{text}`: {error}{hint}")
        })?;
        let mut used = Vec::new();
        for compiled in expression.uses().iter().copied() {
            let (name, kind) = kinds[compiled];
            self.need(name);
            let read = self.columns.iter().position(|known| known == name).unwrap_or_default();
            used.push(Used { compiled, read, kind, reader: reader(name) });
        }
        Ok(Formula { expression, used })
    }
}

impl From<ValueKind> for Kind {
    fn from(kind: ValueKind) -> Kind {
        match kind {
            ValueKind::Number => Kind::Number,
            ValueKind::Text => Kind::Text,
            ValueKind::Time => Kind::Time,
        }
    }
}

/// What a column of a file is in formulas: as `kinds` says, as the file's type says, or of text as it is mapped.
fn kind_of(table: &TableMapping, name: &str, kind: &DataType) -> Kind {
    if let Some(kind) = table.kinds.get(name) {
        return Kind::from(*kind);
    }
    let value = match kind {
        DataType::Dictionary(_, value) => value.as_ref(),
        kind => kind,
    };
    match value {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let mapped =
                |source: &ColumnSource| matches!(source, ColumnSource::Columns(names) if names == &[name]);
            let times = [&table.at].into_iter().chain(&table.known_at);
            let column = times.chain(&table.columns).find(|column| mapped(&column.source));
            column.map_or(Kind::Text, |column| Kind::from(column.kind))
        }
        kind if kind.is_numeric() => Kind::Number,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Kind::Time,
        _ => Kind::Text,
    }
}

impl Formula {
    /// The values of the rows.
    pub(crate) fn cells(&self, arrays: &[ArrayRef], missing: &[String]) -> Result<Read<Cells>, ArrowError> {
        let columns = self.columns(arrays, missing)?;
        let rows = arrays.first().map_or(0, |array| array.len());
        let of = |row: usize| self.expression.row_with(|column| self.value(&columns, column, row));
        let cells = match self.expression.kind() {
            Kind::Number => Cells::Number((0..rows).map(|row| number(of(row))).collect()),
            Kind::Time => Cells::Time(
                (0..rows).map(|row| if let Value::Time(time) = of(row) { time } else { NONE }).collect(),
            ),
            Kind::Text | Kind::Bool => {
                let mut texts = Interner::default();
                let codes = (0..rows).map(|row| match of(row) {
                    Value::Text(text) => texts.code(text),
                    Value::Bool(truth) => texts.code(if truth { "true" } else { "false" }),
                    _ => NO_TEXT,
                });
                let codes = codes.collect();
                Cells::Text { codes, texts: Arc::new(texts.into_texts()), distinct: true }
            }
        };
        let mut read = Read::new(cells);
        for column in columns {
            read.faults.extend(column.faults);
        }
        read.faults.sort_by_key(|fault| fault.row);
        Ok(read)
    }

    /// Which rows a condition takes. A row is not taken whose value cannot be read.
    pub(crate) fn taken(&self, arrays: &[ArrayRef], missing: &[String]) -> Result<Vec<bool>, ArrowError> {
        let columns = self.columns(arrays, missing)?;
        let rows = arrays.first().map_or(0, |array| array.len());
        let of = |row: usize| self.expression.row_with(|column| self.value(&columns, column, row));
        Ok((0..rows).map(|row| of(row) == Value::Bool(true)).collect())
    }

    fn columns(&self, arrays: &[ArrayRef], missing: &[String]) -> Result<Vec<Read<Cells>>, ArrowError> {
        let of = |used: &Used| {
            let array = &arrays[used.read];
            Ok(match used.kind {
                Kind::Number => amounts(array, missing, crate::Amount::ONE)?.map(Cells::Number),
                Kind::Time => moments(array, missing, &mut used.reader.clone(), &Placeholders::default())?
                    .map(Cells::Time),
                Kind::Text | Kind::Bool => Read::new(crate::read::words::as_texts(words(array, missing)?)),
            })
        };
        self.used.iter().map(of).collect()
    }

    fn value<'a>(&self, columns: &'a [Read<Cells>], column: usize, row: usize) -> Value<'a> {
        let Some(place) = self.used.iter().position(|used| used.compiled == column) else {
            return Value::Missing;
        };
        match &columns[place].values {
            Cells::Number(values) if values[row] != NONE => Value::Number(values[row] as f64 / 1e6),
            Cells::Time(values) if values[row] != NONE => Value::Time(values[row]),
            cells => match cells.word(row) {
                Word::Text(text) => Value::Text(text),
                _ => Value::Missing,
            },
        }
    }
}

fn number(value: Value<'_>) -> i64 {
    match value {
        Value::Number(x) => of_f64(x).unwrap_or(NONE),
        _ => NONE,
    }
}
