//! The plan: declared features, compiled once for the columns that there are.

use super::compile::Compiler;
use super::filter::Filter;
use super::lane::Lane;
use super::library;
use crate::live::fingerprint;
use crate::{Declaration, EventKind, FeatureError, Peers, Selection, ValueKind};
use std::sync::Arc;

/// The columns of the tables that are mapped: what features may use.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// One table a kind, in the order of [`EventKind::ALL`]; `None` where the table is not mapped.
    pub tables: [Option<Vec<MappedColumn>>; 6],
}

/// A column that is mapped. `at` and `known_at` are there always and need not be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedColumn {
    /// Its name: standard or declared.
    pub name: String,
    /// What its values are.
    pub kind: ValueKind,
    /// The time column that says from when on the value is known.
    pub late: Option<String>,
}

impl Columns {
    /// All tables with all their standard columns.
    pub fn standard() -> Columns {
        let column = |column: &crate::StandardColumn| MappedColumn {
            name: column.name.to_owned(),
            kind: column.kind,
            late: column.late.map(str::to_owned),
        };
        Columns { tables: EventKind::ALL.map(|kind| Some(kind.columns().iter().map(column).collect())) }
    }
}

/// Declared features, ready to be computed.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) tables: [TablePlan; 6],
    pub(crate) names: Arc<[String]>,
    /// Where the values of each name are.
    pub(crate) outputs: Arc<[usize]>,
    pub(crate) slots: usize,
    pub(crate) combinations: Vec<Combination>,
    /// The features that are compared with peers, and the statistics once they are given.
    pub(crate) compared: Vec<(String, usize)>,
    pub(crate) peers: Option<Arc<Peers>>,
    left_out: Vec<FeatureError>,
}

/// What is made of one table. Spans, lanes and filters are shared by all features that need the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct TablePlan {
    /// Names of the columns that are read, and the same with their kinds.
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<(String, ValueKind)>,
    /// Position among the columns of the time from which on each is known.
    pub(crate) late: Vec<Option<usize>>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) filters: Vec<Filter>,
    /// Where windows begin and end: days before the as-of moment, the first one 0; `None`: before everything.
    pub(crate) edges: Vec<Option<u32>>,
    pub(crate) measures: Vec<Measure>,
}

/// Rows and values, and what is asked of them.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    pub(crate) filter: Option<usize>,
    pub(crate) of: Of,
    pub(crate) jobs: Vec<Job>,
}

/// Which values of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// None: the rows themselves.
    Rows,
    Lane(usize),
    /// `gap_days`.
    Gap,
    /// `rows_7d`.
    Recent,
}

#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) kernel: Kernel,
    /// Those of one end together, the shorter before the longer.
    pub(crate) spans: Vec<Span>,
}

/// What is made of rows and values: [`crate::Aggregate`] with all that it depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kernel {
    Count,
    Sum,
    Mean,
    /// Of rows, or of sums.
    Share,
    Min,
    Max,
    First,
    Last,
    Distinct,
    DaysSince,
    Trend,
    Streak,
    Quantile(f64),
}

/// A window: events after the one edge, not after the other; and where its value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) slot: usize,
}

/// A value made of two others, or of one and the peers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Combination {
    pub(crate) slot: usize,
    pub(crate) of: Combine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Combine {
    /// The first by the second.
    Ratio(usize, usize),
    /// The first less the second.
    Difference(usize, usize),
    /// Standardised by the statistics of this place in [`Peers`].
    Peers(usize, usize),
}

impl Plan {
    /// Compiles what is selected from the library and what is declared.
    ///
    /// # Errors
    /// A name that does not exist (with the nearest one), a table or column that is not mapped, a declaration whose
    /// parts do not fit, two columns of one name, a filter that is refused.
    pub fn new(
        selection: &Selection,
        declared: &[Declaration],
        columns: &Columns,
    ) -> Result<Plan, FeatureError> {
        let mut compiler = Compiler::new(selection, declared, columns);
        for choice in library::choose(selection)? {
            compiler.library(choice)?;
        }
        for declaration in declared {
            compiler.declared(declaration)?;
        }
        Ok(compiler.finish())
    }

    /// The columns to read of a table, in the order in which their values break ties; empty: only `at` and `known_at`
    /// if [`Plan::reads`].
    pub fn columns(&self, kind: EventKind) -> &[String] {
        &self.tables[kind as usize].names
    }

    /// Whether any feature needs the table.
    pub fn reads(&self, kind: EventKind) -> bool {
        !self.tables[kind as usize].measures.is_empty() || !self.columns(kind).is_empty()
    }

    /// The names of the features, in the order of [`crate::FeatureTable::column`].
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Features of chosen groups that the mapped tables cannot give, each with what is missing.
    pub fn left_out(&self) -> &[FeatureError] {
        &self.left_out
    }

    /// Name and kind of each column that is read of a table, and the place of the time from which on it is known.
    pub(crate) fn read_columns(
        &self,
        kind: EventKind,
    ) -> impl Iterator<Item = (&str, ValueKind, Option<usize>)> {
        let table = &self.tables[kind as usize];
        table.columns.iter().zip(&table.late).map(|((name, kind), late)| (name.as_str(), *kind, *late))
    }

    /// How many days back the windows of a table reach; `None`: without end, or farther than their beginning.
    pub(crate) fn reach(&self, kind: EventKind) -> Option<u32> {
        let table = &self.tables[kind as usize];
        let farther = table.measures.iter().any(|measure| matches!(measure.of, Of::Gap | Of::Recent));
        // a group of peers is the latest known, however old
        let endless = farther || (kind == EventKind::Customers && !self.compared.is_empty());
        let days = table.edges.iter().try_fold(0, |most, days| days.map(|days| days.max(most)));
        days.filter(|_| !endless)
    }

    /// Tells plans apart that read other columns.
    pub(crate) fn fingerprint(&self) -> u64 {
        let columns = |kind: EventKind| {
            let column =
                |(name, kind, late): (&str, ValueKind, Option<usize>)| format!("{name} {kind:?} {late:?}");
            let columns: Vec<String> = self.read_columns(kind).map(column).collect();
            format!("{} {}", kind.name(), columns.join(","))
        };
        fingerprint(&EventKind::ALL.map(columns).each_ref().map(String::as_str))
    }

    pub(crate) fn assemble(mut compiled: Compiler<'_>) -> Plan {
        for table in &mut compiled.tables {
            let TablePlan { edges, measures, .. } = &mut table.plan;
            let back = |edge: usize| edges[edge].unwrap_or(u32::MAX);
            for job in measures.iter_mut().flat_map(|measure| &mut measure.jobs) {
                job.spans.sort_by_key(|span| (span.end, back(span.start)));
            }
        }
        let (names, outputs): (Vec<_>, Vec<_>) = compiled.outputs.into_iter().unzip();
        Plan {
            tables: compiled.tables.map(|table| table.plan),
            names: names.into(),
            outputs: outputs.into(),
            slots: compiled.slots,
            combinations: compiled.combinations,
            compared: compiled.compared,
            peers: None,
            left_out: compiled.left_out,
        }
    }
}
