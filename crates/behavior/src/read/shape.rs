//! Which columns of a table a history has, and which tell rows apart.

use crate::config::{Config, Keep, ORDERED_AT, TableMapping};
use crate::{Error, EventKind, ValueKind};

/// What is made of the rows of a table.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) kind: EventKind,
    /// The columns of the history, in their order.
    pub(crate) asked: Vec<Asked>,
    /// All columns in the order that sorts rows: first those asked for.
    pub(crate) sorting: Vec<From>,
    /// The id of a payment or return.
    pub(crate) id: Option<usize>,
    /// The order that a row belongs to.
    pub(crate) order: Option<usize>,
    /// When a payment was paid.
    pub(crate) paid_at: Option<usize>,
    pub(crate) duplicates: Keep,
}

/// A column that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) kind: ValueKind,
    pub(crate) from: From,
    pub(crate) late: Option<usize>,
}

/// Where values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// The column of the table at this position.
    Cell(usize),
    /// The order of the row.
    Order,
}

impl Shape {
    /// `asked` are the columns that are needed; time columns from which on they are known are added.
    pub(crate) fn new(config: &Config, table: &TableMapping, asked: &[String]) -> Result<Shape, Error> {
        let place = |name: &str| table.columns.iter().position(|column| column.name == name);
        let joins = config.joins_ordered_at(table.kind);
        let mut names: Vec<&str> = asked.iter().map(String::as_str).collect();
        for name in asked {
            let late = place(name).and_then(|at| table.columns[at].late.as_deref());
            names.extend(late.filter(|late| !asked.iter().any(|name| name == late)));
        }
        let mut columns: Vec<Asked> = Vec::new();
        for name in names {
            if columns.iter().any(|known| known.name == name) {
                continue;
            }
            let (kind, from) = match place(name) {
                Some(at) => (table.columns[at].kind, From::Cell(at)),
                None if joins && name == ORDERED_AT => (ValueKind::Time, From::Order),
                None => {
                    let mapped: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                    let (table, column) = (table.kind.name(), name.to_owned());
                    return Err(Error::NoColumn { table, column, mapped: mapped.join(", ") });
                }
            };
            columns.push(Asked { name: name.to_owned(), kind, from, late: None });
        }
        let late = |column: &Asked| {
            let late = place(&column.name).and_then(|at| table.columns[at].late.as_deref())?;
            columns.iter().position(|known| known.name == late)
        };
        let lates: Vec<Option<usize>> = columns.iter().map(late).collect();
        columns.iter_mut().zip(lates).for_each(|(column, late)| column.late = late);
        let mut sorting: Vec<From> = columns.iter().map(|column| column.from).collect();
        let rest = (0..table.columns.len()).map(From::Cell).filter(|from| !sorting.contains(from));
        let rest: Vec<From> = rest.collect();
        sorting.extend(rest);
        Ok(Shape {
            kind: table.kind,
            asked: columns,
            sorting,
            id: match table.kind {
                EventKind::Payments => place("payment"),
                EventKind::Returns => place("return"),
                _ => None,
            },
            order: place("order"),
            paid_at: place("paid_at"),
            duplicates: table.duplicates,
        })
    }
}
