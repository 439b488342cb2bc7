//! Training rows: the chosen rows of the cleaned table, read through the one ingestion.

use crate::codes::Codes;
use crate::error::TrainError;
use crate::numbers::Numbers;
use crate::regression::Observations;
use arrears_data::arrow::array::Array;
use arrears_data::table::ColumnData;
use arrears_data::{ColumnRef, Table};
use arrears_model::schema::missing_numbers;
use arrears_model::transform::Transform;
use arrears_model::value::{Cell, Value};
use arrears_model::{Field, Kind, Schema};
use rayon::prelude::*;

/// Rows of cells in schema order, with their outcome where it is known.
///
/// Numbers are not copied: a cell is made from the table's value each time it is asked for. Categories are looked up
/// once, and kept as codes of one or two bytes.
#[derive(Clone, Debug)]
pub struct Rows<'t> {
    /// The fields the cells belong to.
    pub schema: Schema,
    /// Whether each row is bad; empty where the outcome is not known.
    pub bad: Vec<bool>,
    /// The amount of each row, where the outcome is one; else empty.
    pub amounts: Vec<f64>,
    /// Weight of each row; `None` where each counts once.
    pub weights: Option<Vec<f64>>,
    /// Number of each row's group, such as its customer: rows of one go into one fold. `None` where each is its own.
    pub groups: Option<Vec<usize>>,
    columns: Vec<ColumnRef<'t>>,
    /// The texts that stand for missing and could be numbers: all that a number has to be compared with.
    missing_numbers: Vec<String>,
    rows: &'t [usize],
    /// Whether the rows follow each other in the table.
    one_run: bool,
    /// For a category field the category of every row, then unseen, then missing; `None` for a number.
    categories: Vec<Option<Codes>>,
}

impl<'t> Rows<'t> {
    /// Takes the chosen rows of a cleaned table. `bad` and `weights` have a value for each row of the table.
    ///
    /// # Errors
    /// When a field has no column, or a value is refused (cleaning should have dropped that row).
    pub fn from_table(
        schema: &Schema,
        table: &'t Table,
        rows: &'t [usize],
        bad: Option<&[bool]>,
        weights: Option<&[f64]>,
    ) -> Result<Self, TrainError> {
        let bad = bad.map(|all| rows.iter().map(|&r| all[r]).collect()).unwrap_or_default();
        let weights = weights.map(|all| rows.iter().map(|&r| all[r]).collect());
        Self::with_outcomes(schema, table, rows, bad, weights)
    }

    /// Takes the chosen rows of a table, in which a row may stand more than once. `bad` (empty where the outcome is
    /// not known) and `weights` have a value for each of `rows`.
    ///
    /// # Errors
    /// Those of [`Rows::from_table`].
    pub fn with_outcomes(
        schema: &Schema,
        table: &'t Table,
        rows: &'t [usize],
        bad: Vec<bool>,
        weights: Option<Vec<f64>>,
    ) -> Result<Self, TrainError> {
        let columns: Vec<ColumnRef<'t>> = schema
            .fields
            .iter()
            .map(|f| table.column(&f.name).ok_or_else(|| TrainError::NoColumn(f.name.clone())))
            .collect::<Result<_, _>>()?;
        let mut rows = Self {
            schema: schema.clone(),
            bad,
            amounts: Vec::new(),
            weights,
            groups: None,
            columns,
            missing_numbers: missing_numbers(&schema.missing),
            rows,
            one_run: rows.windows(2).all(|pair| pair[0] + 1 == pair[1]),
            categories: Vec::new(),
        };
        let read: Vec<(Option<Codes>, Option<usize>)> =
            (0..schema.fields.len()).into_par_iter().map(|field| rows.read(field)).collect();
        let refused = read.iter().enumerate().filter_map(|(field, (_, row))| Some(((*row)?, field)));
        if let Some((row, field)) = refused.min() {
            return Err(rows.refusal(table, row, field));
        }
        rows.categories = read.into_iter().map(|(codes, _)| codes).collect();
        Ok(rows)
    }

    /// Takes every value of a field once: the codes of a category, and the first row whose value is refused.
    fn read(&self, field: usize) -> (Option<Codes>, Option<usize>) {
        let known = self.field(field).categories().len();
        if matches!(self.field(field).kind, Kind::Number { .. }) || known + 2 > Codes::MOST_BINS {
            return (None, self.first_refused(field));
        }
        // A text is taken once, however many rows have it.
        let (codes, of_text) = match self.columns[field].data() {
            ColumnData::Category { codes, texts } => {
                let of_text = texts.iter().map(|t| self.take(t.map_or(Value::Missing, Value::Text), field));
                (Some(codes), of_text.collect())
            }
            _ => (None, Vec::new()),
        };
        let cell = |row: usize| match codes {
            Some(codes) if codes.is_valid(self.rows[row]) => of_text[codes.value(self.rows[row]) as usize],
            _ => self.ingest(row, field),
        };
        let mut refused = None;
        let code = |row| match cell(row) {
            Some(Cell::Category(category)) => category,
            Some(Cell::Unseen) => known,
            Some(_) => known + 1,
            None => {
                refused.get_or_insert(row);
                known + 1
            }
        };
        let codes = Codes::collect(known + 2, (0..self.len()).map(code));
        (Some(codes), refused)
    }

    /// The numbers of a field that takes every finite one as it stands; `None` for a field that has to be asked about
    /// each value.
    pub fn plain_numbers(&self, field: usize) -> Option<Numbers<'t>> {
        let ColumnData::Number(array) = self.columns[field].data() else { return None };
        let plain = self.schema.fields[field].takes_numbers_as_they_are(&self.missing_numbers);
        plain.then(|| Numbers::new(array.values(), array.nulls(), self.rows, self.one_run))
    }

    fn first_refused(&self, field: usize) -> Option<usize> {
        if let Some(numbers) = self.plain_numbers(field) {
            return numbers.position(f64::is_infinite);
        }
        (0..self.len()).find(|row| self.ingest(*row, field).is_none())
    }

    fn refusal(&self, table: &Table, row: usize, field: usize) -> TrainError {
        let value = self.columns[field].value(self.rows[row]);
        match self.field(field).ingest(&self.schema.missing, value) {
            Err(why) => TrainError::Value {
                line: table.line(self.rows[row]),
                column: self.field(field).name.clone(),
                value: value_text(value),
                why,
            },
            Ok(_) => unreachable!("it was refused a moment ago"),
        }
    }

    fn ingest(&self, row: usize, field: usize) -> Option<Cell> {
        self.take(self.columns[field].value(self.rows[row]), field)
    }

    fn take(&self, value: Value<'_>, field: usize) -> Option<Cell> {
        let missing = match value {
            Value::Number(_) => &self.missing_numbers,
            _ => &self.schema.missing,
        };
        self.schema.fields[field].ingest(missing, value).ok().map(|(cell, _)| cell)
    }

    /// Where some of these rows stand in the table, for [`Rows::part`].
    pub fn in_table(&self, members: &[usize]) -> Vec<usize> {
        members.iter().map(|row| self.rows[*row]).collect()
    }

    /// Some of these rows alone: `members` are positions among them, `in_table` what [`Rows::in_table`] says of those.
    pub fn part<'s>(&self, members: &[usize], in_table: &'s [usize]) -> Rows<'s>
    where
        't: 's,
    {
        let codes = |(field, codes): (usize, &Option<Codes>)| {
            let bins = self.field(field).categories().len() + 2;
            codes.as_ref().map(|codes| Codes::collect(bins, members.iter().map(|row| codes.get(*row))))
        };
        let bad =
            if self.bad.is_empty() { Vec::new() } else { members.iter().map(|r| self.bad[*r]).collect() };
        Rows {
            schema: self.schema.clone(),
            bad,
            amounts: members.iter().filter_map(|row| self.amounts.get(*row)).copied().collect(),
            weights: self.weights.as_ref().map(|all| members.iter().map(|row| all[*row]).collect()),
            groups: self.groups.as_ref().map(|all| members.iter().map(|row| all[*row]).collect()),
            columns: self.columns.clone(),
            missing_numbers: self.missing_numbers.clone(),
            rows: in_table,
            one_run: in_table.windows(2).all(|pair| pair[0] + 1 == pair[1]),
            categories: self.categories.iter().enumerate().map(codes).collect(),
        }
    }

    /// The same rows with some of their fields.
    pub fn with_fields(&self, fields: &[usize]) -> Self {
        let mut schema = self.schema.clone();
        schema.fields = fields.iter().map(|field| self.field(*field).clone()).collect();
        Self {
            schema,
            columns: fields.iter().map(|field| self.columns[*field]).collect(),
            categories: fields.iter().map(|field| self.categories[*field].clone()).collect(),
            ..self.clone()
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Weight of a row; 1 where rows have none.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// Weight of the goods and of the bads.
    pub fn goods_and_bads(&self) -> (f64, f64) {
        let Some(weights) = &self.weights else {
            return ((self.len() as u64 - self.bads()) as f64, self.bads() as f64);
        };
        self.bad.iter().zip(weights).fold((0.0, 0.0), |(goods, bads), (bad, weight)| {
            if *bad { (goods, bads + weight) } else { (goods + weight, bads) }
        })
    }

    /// Share of bads by weight; not a number where there is no weight.
    pub fn bad_rate(&self) -> f64 {
        let (goods, bads) = self.goods_and_bads();
        bads / (goods + bads)
    }

    /// Number of bads, where the outcome is known; without regard to weights.
    pub fn bads(&self) -> u64 {
        self.bad.iter().filter(|b| **b).count() as u64
    }

    /// Outcomes and weights, as a regression reads them.
    pub fn observations(&self) -> Observations<'_> {
        Observations {
            bad: &self.bad,
            weights: self.weights.as_deref(),
            offset: None,
            groups: self.groups.as_deref(),
        }
    }

    /// The cell of one row and field.
    pub fn cell(&self, row: usize, field: usize) -> Cell {
        let Some(codes) = &self.categories[field] else {
            // Every value was taken when the rows were made.
            return self.ingest(row, field).unwrap_or(Cell::Missing);
        };
        let known = self.field(field).categories().len();
        match codes.get(row) {
            category if category < known => Cell::Category(category),
            unseen if unseen == known => Cell::Unseen,
            _ => Cell::Missing,
        }
    }

    /// The cells of one row, in schema order.
    pub fn row(&self, row: usize) -> Vec<Cell> {
        (0..self.schema.fields.len()).map(|field| self.cell(row, field)).collect()
    }

    /// The cells of one field, row by row.
    pub fn column(&self, field: usize) -> impl Iterator<Item = Cell> + '_ {
        (0..self.len()).map(move |row| self.cell(row, field))
    }

    /// The finite numbers of one field; specials and missing left out.
    pub fn numbers(&self, field: usize) -> Vec<f64> {
        if let Some(numbers) = self.plain_numbers(field) {
            let mut all = numbers.to_vec();
            all.retain(|x| !x.is_nan());
            return all;
        }
        let number = |cell| if let Cell::Number(x) = cell { Some(x) } else { None };
        self.column(field).filter_map(number).collect()
    }

    /// [`Rows::numbers`] with the weight of their rows; rows of weight 0 left out.
    pub fn weighted_numbers(&self, field: usize) -> Vec<(f64, f64)> {
        let number = |(row, cell)| match cell {
            Cell::Number(x) => Some((x, self.weight(row))),
            _ => None,
        };
        self.column(field).enumerate().filter_map(number).filter(|(_, weight)| *weight > 0.0).collect()
    }

    /// The bin of every row by a binning transform.
    ///
    /// # Errors
    /// [`TrainError::TooManyBins`] for a column of more than 65,536 bins.
    pub fn codes(&self, transform: &Transform) -> Result<Codes, TrainError> {
        let field = self.field(transform.field());
        let bins = transform.bins(field).unwrap_or(0);
        if bins > Codes::MOST_BINS {
            return Err(TrainError::TooManyBins { column: field.name.clone(), bins });
        }
        if let (Transform::Groups { groups, group_of, .. }, Some(codes)) =
            (transform, &self.categories[transform.field()])
        {
            let map: Vec<usize> = group_of.iter().copied().chain([*groups, groups + 1]).collect();
            return Ok(codes.clone().mapped(&map));
        }
        if let (Transform::Intervals { splits, .. }, Some(numbers)) =
            (transform, self.plain_numbers(transform.field()))
        {
            return Ok(Codes::of_numbers(&numbers.to_vec(), splits));
        }
        let cells = self.column(transform.field());
        Ok(Codes::collect(bins, cells.map(|cell| transform.bin(field, cell))))
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
