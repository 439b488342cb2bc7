//! How the columns of a file become the columns of events.

use crate::config::{ColumnSource, Config, MissingKnown, Negative, SourceColumn, TableMapping};
use crate::read::batch::Rows;
use crate::read::cells::{Cells, NONE, Word};
use crate::read::column::{Fault, Read};
use crate::read::inputs::{Given, Inputs};
use crate::read::moments::{moments, why_no_times};
use crate::read::numbers::{amounts, can_be_numbers, in_unit, shown};
use crate::read::owners::Owners;
use crate::read::verdicts::{Converted, Verdicts};
use crate::read::words::{as_texts, words};
use crate::times::{Placeholders, TimeFormat, TimeReader};
use crate::{Amount, EventKind, ValueKind};
use arrears_data::DataError;
use arrears_data::arrow::array::{ArrayRef, BooleanArray};
use arrears_data::arrow::compute::filter;
use arrears_data::arrow::datatypes::DataType;
use arrears_data::arrow::error::ArrowError;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is read of the files of a table, and how.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) table: TableMapping,
    /// Ids of customers are whole numbers in all tables.
    pub(crate) numeric: bool,
    /// Who ordered, where the table has no customers.
    pub(crate) owners: Option<Arc<Owners>>,
    currency: String,
    missing: Vec<String>,
    missing_known: MissingKnown,
    readers: BTreeMap<String, TimeReader>,
    placeholders: Placeholders,
    /// Those of births.
    unborn: Placeholders,
}

pub(crate) const PLACEHOLDER: &str = "a day that stands for a missing one (placeholder_dates)";
pub(crate) const PLACEHOLDER_NOTE: &str = "a placeholder date was read as missing";
const ABSOLUTE: &str = "a number below zero lost its sign";
const NEGATIVE: &str = "a number below zero was kept";
const EARLY: &str = "known before it happened";
const KNOWN_AT: &str = "known_at is missing: taken to be known when it happened";

impl Layout {
    pub(crate) fn new(config: &Config, table: &TableMapping, numeric: bool) -> Layout {
        let times = [&table.at].into_iter().chain(&table.known_at);
        let mut readers = BTreeMap::new();
        for column in times.chain(&table.columns).filter(|c| c.kind == ValueKind::Time) {
            let formats = column.time_format.as_ref().unwrap_or(&table.time_format);
            let formats = formats.iter().filter_map(|format| TimeFormat::new(format).ok());
            readers.insert(column.name.clone(), TimeReader::new(formats.collect(), &config.zone));
        }
        Layout {
            table: table.clone(),
            numeric,
            owners: None,
            currency: config.currency.clone(),
            missing: config.clean.missing.clone(),
            missing_known: config.clean.missing_known_at,
            readers,
            placeholders: Placeholders::new(&config.clean.placeholder_dates, &config.zone),
            unborn: Placeholders::new(&config.clean.placeholder_births(), &config.zone),
        }
    }

    /// Checks that the columns of a file can be what they are mapped to; `kind_of` tells their arrow types.
    pub(crate) fn check(&self, kind_of: impl Fn(&str) -> Option<DataType>) -> Result<(), String> {
        let table = &self.table;
        for column in [&table.at].into_iter().chain(&table.known_at).chain(&table.columns) {
            let ColumnSource::Columns(names) = &column.source else { continue };
            let name = &names[0];
            let Some(kind) = kind_of(name) else { continue };
            let why = match column.kind {
                _ if names.len() > 1 && column.kind != ValueKind::Text => {
                    Some("several columns make an id; a number or a time has one".to_owned())
                }
                ValueKind::Text => None,
                ValueKind::Number if can_be_numbers(&kind) => None,
                ValueKind::Number => Some(format!("it holds values of type {kind}; expected numbers")),
                ValueKind::Time => why_no_times(&kind, &self.readers[&column.name]),
            };
            if let Some(why) = why {
                return Err(format!("column `{name}` cannot be `{}`: {why}", column.name));
            }
        }
        Ok(())
    }

    /// The rows of arrays, one for each input of a file; `line` tells where a row stands.
    pub(crate) fn convert(
        &self,
        inputs: &Inputs,
        arrays: &[ArrayRef],
        count: usize,
        line: impl Fn(usize) -> u64,
    ) -> Result<Converted, DataError> {
        let taken =
            inputs.condition.as_ref().map(|condition| condition.taken(arrays, &self.missing)).transpose()?;
        let Some(taken) = taken.filter(|taken| taken.contains(&false)) else {
            return self.convert_all(&Given { inputs, arrays, missing: &self.missing }, count, line);
        };
        let mask = BooleanArray::from(taken.clone());
        let arrays: Vec<ArrayRef> =
            arrays.iter().map(|array| filter(array, &mask)).collect::<Result<_, _>>()?;
        let rows: Vec<usize> = (0..count).filter(|row| taken[*row]).collect();
        let given = Given { inputs, arrays: &arrays, missing: &self.missing };
        let mut converted = self.convert_all(&given, rows.len(), |row| line(rows[row]))?;
        converted.fates.read = count as u64;
        converted.fates.filtered = (count - rows.len()) as u64;
        Ok(converted)
    }

    fn convert_all(
        &self,
        given: &Given<'_>,
        count: usize,
        line: impl Fn(usize) -> u64,
    ) -> Result<Converted, DataError> {
        let table = &self.table;
        let ((customer, moments), columns) = rayon::join(
            || rayon::join(|| self.customers(given), || self.moments(given)),
            || table.columns.par_iter().map(|column| self.column(column, given)).collect::<Vec<_>>(),
        );
        // of several faults of a row the first is told, in this order
        let (customer, mut verdicts) = customer?;
        let (at, known, of_times) = moments?;
        verdicts.join(of_times);
        let mut own = Vec::with_capacity(table.columns.len());
        for column in columns {
            let (cells, of_column) = column?;
            own.push(cells);
            verdicts.join(of_column);
        }
        // Several lines of one payment or return: an order is looked up by its texts.
        let customer = match (customer, &self.owners) {
            (Some(customer), _) => customer,
            (None, Some(owners)) => self.owned(owners, &own, count, &mut verdicts),
            (None, None) => Cells::Integer(vec![NONE; count]),
        };
        self.currencies(given, &mut verdicts)?;
        let rows = Rows { customer, at, known, cells: own };
        Ok(verdicts.settled(rows, count, line))
    }

    /// How the times of a column of a file are read: as the column that it is mapped to, or as the table says.
    pub(crate) fn reader(&self, input: &str) -> TimeReader {
        let table = &self.table;
        let columns = [&table.at].into_iter().chain(&table.known_at).chain(&table.columns);
        let mapped =
            |c: &&SourceColumn| matches!(&c.source, ColumnSource::Columns(names) if names == &[input]);
        let column = columns.filter(|c| c.kind == ValueKind::Time).find(mapped);
        self.readers[&column.unwrap_or(&table.at).name].clone()
    }

    /// The customers of an array alone.
    pub(crate) fn customer_cells(&self, array: &ArrayRef) -> Result<Cells, DataError> {
        let cells = words(array, &self.missing)?;
        Ok(if self.numeric { cells } else { as_texts(cells) })
    }

    fn cells(&self, column: &SourceColumn, given: &Given<'_>) -> Result<Read<Cells>, ArrowError> {
        if let Some(formula) = given.inputs.formulas.get(&column.name) {
            return Ok(formula
                .cells(given.arrays, &self.missing)?
                .map(|cells| self.of_formula(column, cells)));
        }
        if column.kind == ValueKind::Text {
            return given.texts(&column.source).map(Read::new);
        }
        let Some(array) = given.sources(&column.source).first().copied() else {
            return Ok(Read::new(Cells::Number(Vec::new())));
        };
        if column.kind == ValueKind::Time {
            let mut reader = self.readers[&column.name].clone();
            let placeholders = if column.name == "born_at" { &self.unborn } else { &self.placeholders };
            return Ok(moments(array, &self.missing, &mut reader, placeholders)?.map(Cells::Time));
        }
        let unit = if column.money { self.table.unit } else { Amount::ONE };
        Ok(amounts(array, &self.missing, unit)?.map(Cells::Number))
    }

    /// Amounts of a formula are in the unit of the columns that it reads.
    fn of_formula(&self, column: &SourceColumn, cells: Cells) -> Cells {
        match cells {
            Cells::Number(mut values) if column.money && self.table.unit != Amount::ONE => {
                values.iter_mut().for_each(|value| *value = in_unit(*value, self.table.unit).unwrap_or(NONE));
                Cells::Number(values)
            }
            cells => cells,
        }
    }

    fn customers(&self, given: &Given<'_>) -> Result<(Option<Cells>, Verdicts), ArrowError> {
        let mut verdicts = Verdicts::default();
        let Some(source) = &self.table.customer else { return Ok((None, verdicts)) };
        let cells = given.texts(source)?;
        let customer = if self.numeric { cells } else { as_texts(cells) };
        for row in customer.missing() {
            verdicts.missing(row, "customer", "expected the id of a customer; it is missing");
        }
        Ok((Some(customer), verdicts))
    }

    /// `at` and `known_at`.
    fn moments(&self, given: &Given<'_>) -> Result<(Vec<i64>, Vec<i64>, Verdicts), ArrowError> {
        let (table, mut verdicts) = (&self.table, Verdicts::default());
        let at = self.times(self.cells(&table.at, given)?, &table.at, &mut verdicts);
        let known = match &table.known_at {
            Some(column) => self.known(self.cells(column, given)?, column, &at, &mut verdicts),
            None => at.clone(),
        };
        Ok((at, known, verdicts))
    }

    fn column(&self, column: &SourceColumn, given: &Given<'_>) -> Result<(Cells, Verdicts), ArrowError> {
        let mut verdicts = Verdicts::default();
        let cells = self.checked(column, self.cells(column, given)?, &mut verdicts);
        Ok((cells, verdicts))
    }

    /// The customers that the orders of rows belong to.
    fn owned(&self, owners: &Owners, own: &[Cells], count: usize, verdicts: &mut Verdicts) -> Cells {
        let place = self.table.columns.iter().position(|column| column.name == "order");
        let Some(orders) = place.map(|place| &own[place]) else { return Cells::Integer(vec![NONE; count]) };
        let found = owners.customers(orders);
        for row in 0..count {
            if found.word(row) == Word::Missing {
                let value = orders.word(row);
                let fault = Fault {
                    row: row as u32,
                    value: value.text(&mut String::new()).to_owned(),
                    why: "expected the id of a known order, by which the customer is found".to_owned(),
                };
                verdicts.fault("order", fault);
            }
        }
        found
    }

    /// Times that every row must have.
    fn times(&self, read: Read<Cells>, column: &SourceColumn, verdicts: &mut Verdicts) -> Vec<i64> {
        let Read { values: Cells::Time(values), faults, placeholders } = read else {
            return Vec::new();
        };
        faults.into_iter().for_each(|fault| verdicts.fault(&column.name, fault));
        for row in placeholders {
            verdicts.fault(
                &column.name,
                Fault { row, value: String::new(), why: format!("it is {PLACEHOLDER}") },
            );
        }
        let values = Cells::Time(values);
        for row in values.missing() {
            verdicts.missing(row, &column.name, "expected a time; it is missing");
        }
        if let Cells::Time(values) = values { values } else { Vec::new() }
    }

    fn known(
        &self,
        read: Read<Cells>,
        column: &SourceColumn,
        at: &[i64],
        verdicts: &mut Verdicts,
    ) -> Vec<i64> {
        let mut values = match (self.missing_known, read) {
            (MissingKnown::Drop, read) => self.times(read, column, verdicts),
            (MissingKnown::At, Read { values: Cells::Time(values), faults, .. }) => {
                faults.into_iter().for_each(|fault| verdicts.fault(&column.name, fault));
                values
            }
            (MissingKnown::At, _) => at.to_vec(),
        };
        for (value, at) in values.iter_mut().zip(at) {
            if *value == NONE {
                *value = *at;
                if self.missing_known == MissingKnown::At {
                    verdicts.note(KNOWN_AT);
                }
            } else if *value < *at && self.table.kind != EventKind::Payments {
                verdicts.note(EARLY);
            }
        }
        values
    }

    /// Values with their faults told, negative ones treated, and required ones there.
    fn checked(&self, column: &SourceColumn, read: Read<Cells>, verdicts: &mut Verdicts) -> Cells {
        let Read { mut values, faults, placeholders } = read;
        faults.into_iter().for_each(|fault| verdicts.fault(&column.name, fault));
        placeholders.iter().for_each(|_| verdicts.note(PLACEHOLDER_NOTE));
        let required = self.table.kind.columns().iter().any(|c| c.required && c.name == column.name);
        if required {
            for row in values.missing() {
                verdicts.missing(row, &column.name, "expected a value; it is missing");
            }
        }
        if let (true, Cells::Number(numbers)) = (self.is_above_zero(column), &mut values) {
            self.treat_negative(column, numbers, verdicts);
        }
        values
    }

    /// Numbers that are not below zero in the real world.
    fn is_above_zero(&self, column: &SourceColumn) -> bool {
        let kinds = [EventKind::Orders, EventKind::Payments, EventKind::Returns];
        kinds.contains(&self.table.kind)
            && ["amount", "quantity", "paid_amount"].contains(&column.name.as_str())
    }

    fn treat_negative(&self, column: &SourceColumn, numbers: &mut [i64], verdicts: &mut Verdicts) {
        for (row, number) in numbers.iter_mut().enumerate() {
            if *number >= 0 || *number == NONE {
                continue;
            }
            match self.table.negative {
                Negative::Keep => verdicts.note(NEGATIVE),
                Negative::Absolute => {
                    *number = -*number;
                    verdicts.note(ABSOLUTE);
                }
                Negative::Drop => {
                    let why = "expected 0 or more; rows that are returns belong into [returns] with a `where`, and `negative` = \
                               \"absolute\" or \"keep\" takes them as they are";
                    let fault = Fault { row: row as u32, value: shown(*number), why: why.to_owned() };
                    verdicts.fault(&column.name, fault);
                }
            }
        }
    }

    /// Rows in another currency, or in none.
    fn currencies(&self, given: &Given<'_>, verdicts: &mut Verdicts) -> Result<(), ArrowError> {
        let Some(source) = &self.table.currency else { return Ok(()) };
        let found = given.texts(source)?;
        let mut space = String::new();
        for row in 0..found.len() {
            let word = found.word(row);
            let text = word.text(&mut space);
            if text != self.currency {
                *verdicts.foreign.entry(text.to_owned()).or_default() += 1;
                verdicts.dropped.push(row as u32);
            }
        }
        Ok(())
    }
}
