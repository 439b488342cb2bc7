//! A table: named columns of text, numbers or integers, and the source line of each row.

use crate::different::coded;
use crate::error::DataError;
use arrears_model::schema::{number_as_category, stands_for_missing};
use arrears_model::value::Value;
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, StringBuilder, UInt64Array, new_null_array,
};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema};
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;

/// Rows of named columns. Each column is one of three arrow arrays: `Utf8`, `Float64`, or `Int64` whose
/// values a double holds exactly (|v| <= 2^53). After cleaning, a text column of few different texts is a
/// `Dictionary(Int32, Utf8)`.
#[derive(Clone, Debug)]
pub struct Table {
    batch: RecordBatch,
    names: Vec<String>,
    lines: Vec<u64>,
    left_out: Vec<LeftOut>,
}

/// A column of the file that a table cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Name of the column.
    pub column: String,
    /// Why it is not in the table.
    pub why: String,
}

/// One column, cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct ColumnRef<'a> {
    name: &'a str,
    data: ColumnData<'a>,
}

/// The arrow array behind a column.
#[derive(Clone, Copy, Debug)]
pub enum ColumnData<'a> {
    /// Text as it stood in the file.
    Text(&'a StringArray),
    /// The same with each different text kept once.
    Category {
        /// For each row the position of its text in `texts`; null where it is missing.
        codes: &'a Int32Array,
        /// Texts, some of which may be in no row.
        texts: &'a StringArray,
    },
    /// Doubles; NaN counts as missing.
    Number(&'a Float64Array),
    /// Integers that a double holds exactly.
    Integer(&'a Int64Array),
}

impl Table {
    /// A table of `columns`, in this order; `lines` holds the source line of each row.
    ///
    /// # Errors
    /// [`DataError::Arrow`] when lengths differ, or when a column is of another kind than the three of a file.
    pub fn new(columns: Vec<(String, ArrayRef)>, lines: Vec<u64>) -> Result<Table, DataError> {
        let plain = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::Float64 | DataType::Int64);
        if let Some((name, array)) = columns.iter().find(|(_, array)| !plain(array.data_type())) {
            return Err(arrow::error::ArrowError::SchemaError(format!(
                "column `{name}` is {}; expected Utf8, Float64 or Int64",
                array.data_type()
            ))
            .into());
        }
        Table::of_columns(columns, lines)
    }

    /// Columns of the three kinds, or dictionaries of text.
    pub(crate) fn of_columns(columns: Vec<(String, ArrayRef)>, lines: Vec<u64>) -> Result<Table, DataError> {
        let fields: Vec<Field> =
            columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
        let (names, arrays): (Vec<String>, Vec<ArrayRef>) = columns.into_iter().unzip();
        let options = RecordBatchOptions::new().with_row_count(Some(lines.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)?;
        Ok(Table { batch, names, lines, left_out: Vec::new() })
    }

    /// A table of text columns that has no rows.
    pub(crate) fn without_rows(names: &[String]) -> Result<Table, DataError> {
        let column = |name: &String| (name.clone(), new_null_array(&DataType::Utf8, 0));
        Table::new(names.iter().map(column).collect(), Vec::new())
    }

    pub(crate) fn with_left_out(mut self, left_out: Vec<LeftOut>) -> Table {
        self.left_out = left_out;
        self
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Names of the columns, in file order.
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// Source line of a row, from 1 (the header of a CSV file is line 1); for Parquet the row's number, from 1.
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// Source lines of all rows.
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// The arrow batch, for writing.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// Columns of the file that this table cannot hold.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The column called `name`, if there is one.
    pub fn column(&self, name: &str) -> Option<ColumnRef<'_>> {
        self.names.iter().position(|n| n == name).map(|at| self.column_at(at))
    }

    /// The column at this position of [`Table::columns`].
    pub fn column_at(&self, at: usize) -> ColumnRef<'_> {
        ColumnRef { name: &self.names[at], data: ColumnData::of(self.batch.column(at)) }
    }

    /// The column called `name`.
    ///
    /// # Errors
    /// [`DataError::MissingColumn`] with the columns there are, or why this one was left out.
    pub fn require(&self, name: &str) -> Result<ColumnRef<'_>, DataError> {
        self.column(name).ok_or_else(|| DataError::MissingColumn {
            column: name.to_owned(),
            problem: match self.left_out.iter().find(|l| l.column == name) {
                Some(left_out) => left_out.why.clone(),
                None => format!("the file has {}", self.names.join(", ")),
            },
        })
    }

    /// The rows at these positions, in this order.
    ///
    /// # Panics
    /// When a position is not below [`Table::rows`].
    pub fn take(&self, rows: &[usize]) -> Table {
        let lines = rows.iter().map(|row| self.lines[*row]).collect();
        let indices = UInt64Array::from_iter_values(rows.iter().map(|row| *row as u64));
        self.converted(lines, |_, array| take(array, &indices, None).expect("positions were checked above"))
    }

    /// Only the columns called `names`, in that order; names that the table lacks are passed over.
    pub fn select(&self, names: &[&str]) -> Table {
        let positions = names.iter().filter_map(|name| self.names.iter().position(|n| n == name));
        self.projected(positions.collect())
    }

    /// All columns but those called `names`.
    pub fn without(&self, names: &[&str]) -> Table {
        let keep = |at: &usize| !names.contains(&self.names[*at].as_str());
        self.projected((0..self.names.len()).filter(keep).collect())
    }

    /// The same rows with a column of numbers after the others, one for each row.
    ///
    /// # Errors
    /// [`DataError::Arrow`] when there are more or fewer numbers than rows.
    pub fn with_column(&self, name: &str, numbers: Vec<Option<f64>>) -> Result<Table, DataError> {
        let own = self.names.iter().cloned().zip(self.batch.columns().iter().cloned());
        let added: ArrayRef = Arc::new(Float64Array::from(numbers));
        let columns = own.chain([(name.to_owned(), added)]).collect();
        Ok(Table::of_columns(columns, self.lines.clone())?.with_left_out(self.left_out.clone()))
    }

    /// The same rows with the columns called `names` as numbers: blank texts and those of `missing` become missing,
    /// so does what is no number.
    pub(crate) fn with_numbers(&self, names: &[&str], missing: &[String]) -> Table {
        self.converted(self.lines.clone(), |name, array| match ColumnData::of(array) {
            _ if !names.contains(&name) => array.clone(),
            ColumnData::Number(_) => array.clone(),
            ColumnData::Integer(integers) => Arc::new(integers.unary::<_, Float64Type>(|x| x as f64)),
            ColumnData::Text(texts) => Arc::new(numbers(texts, missing)),
            ColumnData::Category { codes, texts } => {
                let numbers = numbers(texts, missing);
                take(&numbers, codes, None).expect("codes are positions of texts")
            }
        })
    }

    /// The same rows with text columns of few different texts as dictionaries.
    pub(crate) fn coded(&self) -> Table {
        self.converted(self.lines.clone(), |_, array| {
            let coded = array.as_string_opt::<i32>().and_then(coded);
            coded.map_or_else(
                || array.clone(),
                |(codes, texts)| Arc::new(DictionaryArray::new(codes, Arc::new(texts))),
            )
        })
    }

    fn converted(&self, lines: Vec<u64>, convert: impl Fn(&str, &ArrayRef) -> ArrayRef + Sync) -> Table {
        let columns = self.names.par_iter().zip(self.batch.columns());
        let columns = columns.map(|(name, array)| (name.clone(), convert(name, array)));
        self.rebuilt(columns.collect(), lines)
    }

    fn projected(&self, positions: Vec<usize>) -> Table {
        let columns = positions.iter().map(|at| (self.names[*at].clone(), self.batch.column(*at).clone()));
        self.rebuilt(columns.collect(), self.lines.clone())
    }

    fn rebuilt(&self, columns: Vec<(String, ArrayRef)>, lines: Vec<u64>) -> Table {
        Table::of_columns(columns, lines)
            .expect("columns of a table keep their kind and length")
            .with_left_out(self.left_out.clone())
    }

    /// All rows of `tables`, one table after the other; columns are the union of theirs, in first-seen order.
    /// Where a table lacks a column its values are missing; where kinds differ, the column becomes text.
    ///
    /// # Errors
    /// [`DataError::TooLarge`] when the texts of one column pass 2 GiB.
    pub fn concat(tables: Vec<Table>) -> Result<Table, DataError> {
        if tables.len() == 1 {
            return Ok(tables.into_iter().next().expect("there is one"));
        }
        let mut names: Vec<String> = Vec::new();
        let mut left_out: Vec<LeftOut> = Vec::new();
        for table in &tables {
            if names != table.names {
                let new: Vec<_> = table.names.iter().filter(|n| !names.contains(n)).cloned().collect();
                names.extend(new);
            }
            let new: Vec<_> = table.left_out.iter().filter(|l| !left_out.contains(l)).cloned().collect();
            left_out.extend(new);
        }
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let array = stacked(&tables, &name)?;
            columns.push((name, array));
        }
        let lines = tables.iter().flat_map(|t| &t.lines).copied().collect();
        Ok(Table::of_columns(columns, lines)?.with_left_out(left_out))
    }
}

fn numbers(texts: &StringArray, missing: &[String]) -> Float64Array {
    let number = |text: &str| {
        let x: f64 = present(text, missing)?.parse().ok()?;
        (!stands_for_missing(missing, x)).then_some(x)
    };
    texts.iter().map(|text| text.and_then(number)).collect()
}

fn stacked(tables: &[Table], name: &str) -> Result<ArrayRef, DataError> {
    let arrays: Vec<Option<&ArrayRef>> =
        tables.iter().map(|t| t.names.iter().position(|n| n == name).map(|at| t.batch.column(at))).collect();
    let mut kinds = arrays.iter().flatten().map(|a| a.data_type());
    let first = kinds.next().cloned().unwrap_or(DataType::Utf8);
    let kind = if kinds.all(|k| *k == first) { first } else { DataType::Utf8 };
    let parts = arrays.iter().zip(tables).map(|(array, table)| match array {
        Some(array) if *array.data_type() == kind => Ok((*array).clone()),
        Some(array) => as_text(array),
        None => Ok(new_null_array(&kind, table.rows())),
    });
    let parts: Vec<ArrayRef> = parts.collect::<Result<_, DataError>>()?;
    let bytes = |part: &ArrayRef| match ColumnData::of(part) {
        ColumnData::Text(texts) | ColumnData::Category { texts, .. } => texts.value_data().len(),
        ColumnData::Number(_) | ColumnData::Integer(_) => 0,
    };
    let bytes: usize = parts.iter().map(bytes).sum();
    if bytes > i32::MAX as usize {
        return Err(DataError::TooLarge {
            name: name.to_owned(),
            problem: format!("its texts take {bytes} bytes; at most 2 GiB a column are read at once"),
        });
    }
    let parts: Vec<&dyn Array> = parts.iter().map(|p| p.as_ref()).collect();
    Ok(concat(&parts)?)
}

/// A column as text: integers in full, doubles in shortest form, NaN as missing.
pub(crate) fn as_text(array: &ArrayRef) -> Result<ArrayRef, DataError> {
    let Some(numbers) = array.as_primitive_opt::<Float64Type>() else {
        return Ok(cast(array, &DataType::Utf8)?);
    };
    let mut texts = StringBuilder::new();
    for x in numbers {
        texts.append_option(x.filter(|x| !x.is_nan()).map(number_as_category));
    }
    Ok(Arc::new(texts.finish()))
}

impl<'a> ColumnData<'a> {
    /// The column of an array of one of these kinds.
    ///
    /// # Panics
    /// When it is of another kind.
    pub fn of(array: &'a ArrayRef) -> Self {
        match array.data_type() {
            DataType::Float64 => Self::Number(array.as_primitive::<Float64Type>()),
            DataType::Int64 => Self::Integer(array.as_primitive::<Int64Type>()),
            DataType::Utf8 => Self::Text(array.as_string::<i32>()),
            _ => {
                let dictionary = array.as_dictionary::<Int32Type>();
                Self::Category { codes: dictionary.keys(), texts: dictionary.values().as_string::<i32>() }
            }
        }
    }

    pub(crate) fn value(self, row: usize) -> Value<'a> {
        match self {
            Self::Text(texts) if texts.is_valid(row) => Value::Text(texts.value(row)),
            Self::Category { codes, texts } if codes.is_valid(row) => {
                Value::Text(texts.value(codes.value(row) as usize))
            }
            Self::Number(numbers) if numbers.is_valid(row) => Value::Number(numbers.value(row)),
            Self::Integer(numbers) if numbers.is_valid(row) => Value::Number(numbers.value(row) as f64),
            _ => Value::Missing,
        }
    }
}

impl<'a> ColumnRef<'a> {
    /// Name of the column.
    pub fn name(self) -> &'a str {
        self.name
    }

    /// The arrow array.
    pub fn data(self) -> ColumnData<'a> {
        self.data
    }

    /// The raw value of a row, ready for the schema's ingestion.
    ///
    /// # Panics
    /// When `row` is not below the table's rows.
    pub fn value(self, row: usize) -> Value<'a> {
        self.data.value(row)
    }

    /// The value of a row as text: blanks around it cut, numbers in shortest form. `None` where it is
    /// missing, blank, or one of the texts of `missing`.
    pub fn text(self, row: usize, missing: &[String]) -> Option<Cow<'a, str>> {
        text_of(self.value(row), missing)
    }
}

/// A value as text; see [`ColumnRef::text`].
pub(crate) fn text_of<'a>(value: Value<'a>, missing: &[String]) -> Option<Cow<'a, str>> {
    match value {
        Value::Missing => None,
        Value::Number(x) if x.is_nan() || stands_for_missing(missing, x) => None,
        Value::Number(x) => Some(number_as_category(x)),
        Value::Text(text) => present(text, missing).map(Cow::Borrowed),
    }
}

/// A text without the blanks around it; `None` where it stands for missing.
pub(crate) fn present<'a>(text: &'a str, missing: &[String]) -> Option<&'a str> {
    let text = text.trim();
    let absent = text.is_empty() || missing.iter().any(|m| m == text);
    (!absent).then_some(text)
}
