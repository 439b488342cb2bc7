//! Events written down plainly, and histories made of them.
#![allow(dead_code)] // each test takes what it needs

use arrears_behavior::{
    Amount, Column, EventKind, Events, History, LiveValue, Moment, Plan, ValueKind, Values,
};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(i64),
    Time(i64),
    Text(&'static str),
}

/// One row of an event table.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) customer: usize,
    pub(crate) kind: EventKind,
    pub(crate) at: i64,
    pub(crate) known_at: i64,
    pub(crate) cells: BTreeMap<&'static str, Cell>,
}

pub(crate) fn standard_columns(kind: EventKind) -> BTreeMap<&'static str, (ValueKind, Option<&'static str>)> {
    kind.columns().iter().map(|column| (column.name, (column.kind, column.late))).collect()
}

/// The value of a column as a delivered event carries it.
pub(crate) fn live_value<'a>(raw: &'a Raw, column: &str) -> LiveValue<'a> {
    match raw.cells.get(column) {
        None => LiveValue::Missing,
        Some(Cell::Number(number)) => LiveValue::Number(Amount(*number)),
        Some(Cell::Time(time)) => LiveValue::Time(Moment(*time)),
        Some(Cell::Text(text)) => LiveValue::Text(text),
    }
}

/// The history of all customers, with the columns that the plan reads.
pub(crate) fn history(raws: &[Raw], customers: usize, plan: &Plan) -> History {
    History {
        customers: (0..customers).map(|customer| format!("c{customer:05}")).collect(),
        events: EventKind::ALL.map(|kind| events(raws, customers, kind, plan.columns(kind))),
    }
}

fn events(raws: &[Raw], customers: usize, kind: EventKind, names: &[String]) -> Events {
    let mut rows: Vec<&Raw> = raws.iter().filter(|raw| raw.kind == kind).collect();
    let text = |raw: &Raw| {
        names.iter().map(|name| format!("{:?}", raw.cells.get(name.as_str()))).collect::<Vec<_>>()
    };
    rows.sort_by_key(|raw| (raw.customer, raw.at, raw.known_at, text(raw)));
    let kinds = standard_columns(kind);
    let columns = names.iter().map(|name| {
        let (value_kind, late) = kinds[name.as_str()];
        let cells = rows.iter().map(|raw| raw.cells.get(name.as_str()));
        let values = match value_kind {
            ValueKind::Number => Values::Number(cells.map(|cell| Amount(whole(cell))).collect()),
            ValueKind::Time => Values::Time(cells.map(|cell| Moment(whole(cell))).collect()),
            ValueKind::Text => texts(cells),
        };
        let late =
            late.map(|late| names.iter().position(|other| other == late).expect("the plan reads it too"));
        Column { name: name.clone(), late, values }
    });
    Events {
        kind,
        starts: (0..=customers).map(|c| rows.partition_point(|raw| raw.customer < c) as u32).collect(),
        columns: columns.collect(),
        at: rows.iter().map(|raw| Moment(raw.at)).collect(),
        known_at: rows.iter().map(|raw| Moment(raw.known_at)).collect(),
    }
}

fn whole(cell: Option<&Cell>) -> i64 {
    match cell {
        Some(Cell::Number(whole) | Cell::Time(whole)) => *whole,
        _ => i64::MIN,
    }
}

fn texts<'a>(cells: impl Iterator<Item = Option<&'a Cell>>) -> Values {
    let mut dictionary: Vec<String> = Vec::new();
    let codes = cells.map(|cell| match cell {
        Some(Cell::Text(text)) => {
            let there = dictionary.iter().position(|other| other == text);
            there.unwrap_or_else(|| {
                dictionary.push((*text).to_owned());
                dictionary.len() - 1
            }) as u32
        }
        _ => Values::NO_TEXT,
    });
    let codes = codes.collect();
    Values::Text { codes, dictionary: Arc::new(dictionary.iter().collect()) }
}
