//! A small shop: its tables in several forms, and its histories by a plain reading of the rules.

use arrears_behavior::{CleaningReport, Config, Error, EventKind, EventReader, Moment, ReadSettings, Values};
use arrears_data::arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// A file's order and format.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// Parquet by customer.
    Sorted,
    /// Parquet in no order, in two files.
    Shuffled,
    Csv,
    Ndjson,
}

/// An order: customer, order, day, perhaps the day on which it was known, amount, category.
type OrderRow = (u8, u8, i64, Option<i64>, i64, u8);

/// A return: customer, order, day, amount, reason.
type ReturnRow = (u8, u8, i64, i64, u8);

#[derive(Clone, Debug)]
pub(crate) struct Shop {
    orders: Vec<OrderRow>,
    returns: Vec<ReturnRow>,
}

const DAY: i64 = 86_400_000;
const START: i64 = 19_000 * DAY;

impl Shop {
    pub(crate) fn new(orders: &[OrderRow], returns: &[ReturnRow]) -> Shop {
        Shop { orders: orders.to_vec(), returns: returns.to_vec() }
    }

    /// Writes the tables and a configuration into a folder.
    pub(crate) fn written(&self, folder: &Path, form: Form, numbers: bool) -> Config {
        let (mut orders, mut returns) = (self.orders.clone(), self.returns.clone());
        if form == Form::Sorted {
            orders.sort_by_key(|row| sort_key(row.0, numbers));
            returns.sort_by_key(|row| sort_key(row.0, numbers));
        }
        let order = |row: &OrderRow| {
            vec![
                ("c", Cell::Id(row.0, numbers)),
                ("o", Cell::Number(f64::from(row.1))),
                ("t", Cell::Time(row.2)),
                ("k", row.3.map_or(Cell::Time(row.2), Cell::Time)),
                ("a", Cell::Number(row.4 as f64)),
                ("g", Cell::Text(["toys", "books", "food"][row.5 as usize])),
            ]
        };
        let back = |row: &ReturnRow| {
            vec![
                ("c", Cell::Id(row.0, numbers)),
                ("o", Cell::Number(f64::from(row.1))),
                ("t", Cell::Time(row.2)),
                ("a", Cell::Number(row.3 as f64)),
                ("r", Cell::Text(["broken", "late", "other"][row.4 as usize])),
            ]
        };
        let orders: Vec<_> = orders.iter().map(order).collect();
        let returns: Vec<_> = returns.iter().map(back).collect();
        let extension = match form {
            Form::Sorted | Form::Shuffled => "parquet",
            Form::Csv => "csv",
            Form::Ndjson => "ndjson",
        };
        let mut text = "currency = \"GBP\"\ntime_zone = \"UTC\"\n".to_owned();
        let tables = [
            ("orders", orders, "known_at = \"k\", amount = \"a\", category = \"g\""),
            ("returns", returns, "amount = \"a\", reason = \"r\""),
        ];
        for (name, rows, columns) in tables {
            if rows.is_empty() {
                continue;
            }
            let half = if form == Form::Shuffled { rows.len().div_ceil(2) } else { rows.len() };
            for (part, rows) in rows.chunks(half).enumerate() {
                write(&folder.join(format!("{name}-{part}.{extension}")), rows, form);
            }
            text.push_str(&format!(
                "[{name}]\nfile = \"{name}-*.{extension}\"\nnegative = \"keep\"\n\
                 columns = {{ customer = \"c\", order = \"o\", at = \"t\", {columns} }}\n"
            ));
        }
        if !text.contains('[') {
            // A shop without any rows has no tables.
            fs::write(folder.join("orders-0.csv"), "c,o,t,k,a,g\n").expect("a sound case");
            text.push_str(
                "[orders]\nfile = \"orders-0.csv\"\ncolumns = { customer = \"c\", order = \"o\", at = \"t\", known_at = \"k\", amount = \"a\", category = \"g\" }\n",
            );
        }
        Config::from_toml(&text, "shop.toml", folder).expect("a sound case")
    }
}

#[derive(Clone, Copy)]
enum Cell {
    Id(u8, bool),
    Number(f64),
    Time(i64),
    Text(&'static str),
}

/// A customer's id; as text `c9` comes after `c10`.
fn id(customer: u8, numbers: bool) -> String {
    if numbers { customer.to_string() } else { format!("c{customer}") }
}

fn sort_key(customer: u8, numbers: bool) -> (u8, String) {
    if numbers { (customer, String::new()) } else { (0, id(customer, numbers)) }
}

impl Cell {
    fn text(self) -> String {
        match self {
            Cell::Id(customer, numbers) => id(customer, numbers),
            Cell::Number(x) => x.to_string(),
            Cell::Time(day) => time_text(day),
            Cell::Text(text) => text.to_owned(),
        }
    }
}

fn time_text(day: i64) -> String {
    time(day).to_string()
}

fn time(day: i64) -> jiff_free::Iso {
    jiff_free::Iso(START + day * DAY)
}

/// Days as ISO 8601 without a library, so that the reader is held against something else.
mod jiff_free {
    pub(crate) struct Iso(pub(crate) i64);

    impl std::fmt::Display for Iso {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let mut days = self.0 / super::DAY;
            let mut year = 1970;
            let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            while days >= 365 + i64::from(leap(year)) {
                days -= 365 + i64::from(leap(year));
                year += 1;
            }
            let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let mut month = 0;
            while days >= lengths[month] {
                days -= lengths[month];
                month += 1;
            }
            write!(f, "{year:04}-{:02}-{:02}T00:00:00Z", month + 1, days + 1)
        }
    }
}

fn write(path: &Path, rows: &[Vec<(&'static str, Cell)>], form: Form) {
    let names: Vec<&str> = rows[0].iter().map(|(name, _)| *name).collect();
    match form {
        Form::Csv => {
            let lines =
                rows.iter().map(|row| row.iter().map(|(_, cell)| cell.text()).collect::<Vec<_>>().join(","));
            let lines: Vec<String> = std::iter::once(names.join(",")).chain(lines).collect();
            fs::write(path, lines.join("\n")).expect("a sound case");
        }
        Form::Ndjson => {
            let line = |row: &Vec<(&str, Cell)>| {
                let pairs: Vec<String> =
                    row.iter().map(|(name, cell)| format!("\"{name}\":\"{}\"", cell.text())).collect();
                format!("{{{}}}\n", pairs.join(","))
            };
            fs::write(path, rows.iter().map(line).collect::<String>()).expect("a sound case");
        }
        Form::Sorted | Form::Shuffled => {
            let column = |at: usize| -> ArrayRef {
                let cells = rows.iter().map(|row| row[at].1);
                match rows[0][at].1 {
                    Cell::Id(_, true) => Arc::new(
                        cells
                            .map(|cell| cell.text().parse::<i64>().expect("a sound case"))
                            .collect::<Int64Array>(),
                    ),
                    Cell::Id(_, false) | Cell::Text(_) => {
                        Arc::new(cells.map(|cell| Some(cell.text())).collect::<StringArray>())
                    }
                    Cell::Number(_) => {
                        let number = |cell| if let Cell::Number(x) = cell { x } else { 0.0 };
                        Arc::new(Float64Array::from_iter_values(cells.map(number)))
                    }
                    Cell::Time(_) => {
                        let count = |cell| if let Cell::Time(day) = cell { START + day * DAY } else { 0 };
                        Arc::new(
                            TimestampMillisecondArray::from_iter_values(cells.map(count))
                                .with_timezone("UTC"),
                        )
                    }
                }
            };
            let columns = names.iter().enumerate().map(|(at, name)| (*name, column(at)));
            let batch = RecordBatch::try_from_iter(columns).expect("a sound case");
            let mut out = parquet::arrow::ArrowWriter::try_new(
                File::create(path).expect("a sound case"),
                batch.schema(),
                None,
            )
            .expect("a sound case");
            out.write(&batch).expect("a sound case");
            out.close().expect("a sound case");
        }
    }
}

/// Each customer's rows as lines of text, in order.
pub(crate) type Lines = Vec<(String, Vec<String>)>;

/// What a plain reading of the rules makes of the rows: per customer the different rows, sorted; returns with the time of their order,
/// if it was known by then.
pub(crate) fn expected(shop: &Shop, numbers: bool) -> Lines {
    type Rows<T> = BTreeMap<(u8, String), BTreeSet<T>>;
    let key = |customer: u8| sort_key(customer, numbers);
    let mut orders: Rows<(i64, i64, String, i64, &str)> = BTreeMap::new();
    for (customer, order, at, known, amount, category) in &shop.orders {
        let row = (
            *at,
            known.unwrap_or(*at),
            order.to_string(),
            *amount,
            ["toys", "books", "food"][*category as usize],
        );
        orders.entry(key(*customer)).or_default().insert(row);
    }
    let mut returns: Rows<(i64, String, i64, &str, Option<i64>)> = BTreeMap::new();
    for (customer, order, at, amount, reason) in &shop.returns {
        let lines =
            orders.get(&key(*customer)).into_iter().flatten().filter(|line| line.2 == order.to_string());
        let placed = lines.map(|line| (line.0.max(line.1), line.0)).min();
        let placed = placed.filter(|(visible, at_order)| visible <= at && at_order <= at).map(|(_, at)| at);
        let row = (*at, order.to_string(), *amount, ["broken", "late", "other"][*reason as usize], placed);
        returns.entry(key(*customer)).or_default().insert(row);
    }
    let keys: BTreeSet<&(u8, String)> = orders.keys().chain(returns.keys()).collect();
    let mut all = Lines::new();
    for key in keys {
        let mut lines = Vec::new();
        for (at, known, order, amount, category) in orders.get(key).into_iter().flatten() {
            lines.push(format!("orders {} {} {order} {amount} {category}", time(*at), time(*known)));
        }
        for (at, order, amount, reason, placed) in returns.get(key).into_iter().flatten() {
            // Without a table of orders nobody asks when they were placed.
            let placed =
                (!shop.orders.is_empty()).then(|| format!(" {}", placed.map(time_text).unwrap_or_default()));
            let placed = placed.unwrap_or_default();
            lines.push(format!("returns {} {} {order} {amount} {reason}{placed}", time(*at), time(*at)));
        }
        all.push((if numbers { key.0.to_string() } else { key.1.clone() }, lines));
    }
    all
}

/// What the reader makes of them.
pub(crate) fn histories(config: &Config, settings: ReadSettings) -> (Lines, CleaningReport) {
    let asked = |kind: EventKind| -> Vec<String> {
        let columns = config.columns().tables[kind as usize].clone().into_iter().flatten();
        columns.map(|column| column.name).collect()
    };
    let mut all = Lines::new();
    let reader = EventReader::open(config, asked, settings).expect("a sound case");
    let report = reader.for_each(
        |history| {
            let mut lines = Lines::new();
            for (at, customer) in history.customers.iter().enumerate() {
                let rows = history.events.iter().flat_map(|events| {
                    events.rows(at).map(|row| {
                        let mut line = format!(
                            "{} {} {}",
                            events.kind.name(),
                            shown(events.at[row]),
                            shown(events.known_at[row])
                        );
                        for column in &events.columns {
                            line.push(' ');
                            line.push_str(&value(&column.values, row));
                        }
                        line
                    })
                });
                lines.push((customer.to_owned(), rows.collect()));
            }
            Ok::<_, Error>(lines)
        },
        |lines| {
            all.extend(lines);
            Ok(())
        },
    );
    (all, report.expect("a sound case"))
}

fn shown(moment: Moment) -> String {
    if moment == Moment::NONE { String::new() } else { jiff_free::Iso(moment.0 / 1_000).to_string() }
}

fn value(values: &Values, row: usize) -> String {
    match values {
        Values::Number(numbers) => (numbers[row].0 / 1_000_000).to_string(),
        Values::Time(times) => shown(times[row]),
        Values::Text { codes, dictionary } => {
            if codes[row] == Values::NO_TEXT {
                String::new()
            } else {
                dictionary[codes[row] as usize].to_owned()
            }
        }
    }
}
