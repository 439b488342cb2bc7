//! What the features need of one table.

use super::compile::{fault, unknown};
use super::filter::Filter;
use super::lane::{DERIVED_COLUMNS, Lane, words};
use super::plan::{Job, Kernel, MappedColumn, Measure, Of, Span, TablePlan};
use crate::{Aggregate, Declaration, EventKind, FeatureError, ValueKind};

/// What is made of one table, and the columns that it has.
#[derive(Clone)]
pub(crate) struct Draft<'a> {
    kind: EventKind,
    mapped: Option<&'a [MappedColumn]>,
    pub(super) plan: TablePlan,
    lane_kinds: Vec<ValueKind>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(kind: EventKind, mapped: Option<&'a [MappedColumn]>) -> Draft<'a> {
        let plan = TablePlan { edges: vec![Some(0)], ..TablePlan::default() };
        Draft { kind, mapped, plan, lane_kinds: Vec::new() }
    }

    pub(super) fn is_mapped(&self) -> bool {
        self.mapped.is_some()
    }

    /// Adds what a feature needs, with one window.
    pub(super) fn add(
        &mut self,
        of: &Declaration,
        start: Option<u32>,
        end: Option<u32>,
        slot: usize,
    ) -> Result<(), FeatureError> {
        let kernel = kernel(of)?;
        let filter = of.filter.as_ref().map(|text| self.filter(of, text)).transpose()?;
        let values = match of.of.as_deref() {
            None => Of::Rows,
            Some("gap_days") => Of::Gap,
            Some("rows_7d") => Of::Recent,
            Some(name) => Of::Lane(self.values(of, name, kernel)?),
        };
        let span = Span { start: self.edge(start), end: self.edge(end), slot };
        let measures = &mut self.plan.measures;
        let measure =
            match measures.iter().position(|measure| (measure.filter, measure.of) == (filter, values)) {
                Some(measure) => measure,
                None => {
                    measures.push(Measure { filter, of: values, jobs: Vec::new() });
                    measures.len() - 1
                }
            };
        let jobs = &mut measures[measure].jobs;
        match jobs.iter_mut().find(|job| job.kernel == kernel) {
            Some(job) => job.spans.push(span),
            None => jobs.push(Job { kernel, spans: vec![span] }),
        }
        Ok(())
    }

    fn edge(&mut self, days: Option<u32>) -> usize {
        place(&mut self.plan.edges, days)
    }

    /// The lane that an aggregate works on: numbers, or codes of texts for `count` and `distinct`.
    fn values(&mut self, of: &Declaration, name: &str, kernel: Kernel) -> Result<usize, FeatureError> {
        if let Some((above, below)) = name.split_once('/') {
            let (above, below) = (self.number(of, above.trim())?, self.number(of, below.trim())?);
            return Ok(self.push(Lane::Ratio(above, below), ValueKind::Number));
        }
        let lane = self.lane(of, name)?;
        let any = matches!(kernel, Kernel::Count | Kernel::Distinct);
        match self.lane_kinds[lane] {
            ValueKind::Time if any => Ok(self.push(Lane::Micros(lane), ValueKind::Number)),
            ValueKind::Time => Ok(self.push(Lane::DaysSince(lane), ValueKind::Number)),
            ValueKind::Text if !any => Err(fault(
                of,
                &format!(
                    "{} needs numbers, and `{name}` is text: texts can be counted (`count`, `distinct`) or asked for in `where`",
                    of.aggregate.name()
                ),
            )),
            _ => Ok(lane),
        }
    }

    fn number(&mut self, of: &Declaration, name: &str) -> Result<usize, FeatureError> {
        let lane = self.lane(of, name)?;
        match self.lane_kinds[lane] {
            ValueKind::Number => Ok(lane),
            kind => Err(fault(
                of,
                &format!("a / b needs two columns of numbers, and `{name}` holds {}", words(kind)),
            )),
        }
    }

    /// The lane of a column: mapped or derived.
    pub(super) fn lane(&mut self, of: &Declaration, name: &str) -> Result<usize, FeatureError> {
        let mapped = self.mapped.unwrap_or(&[]);
        if let Some(column) = mapped.iter().find(|column| column.name == name) {
            let read = self.read(column);
            return Ok(self.push(Lane::Read(read), column.kind));
        }
        let derived = DERIVED_COLUMNS.iter().find(|column| column.name == name && self.has(column.of));
        if derived.is_none() {
            let names = mapped.iter().map(|column| column.name.as_str());
            let names = names
                .chain(DERIVED_COLUMNS.iter().filter(|column| self.has(column.of)).map(|column| column.name));
            return Err(unknown(of, format!("column of {}", self.kind.name()), name, names, true));
        }
        let lane = match name {
            "day" => Lane::Day,
            "weekday" => Lane::Weekday,
            "hour" => Lane::Hour,
            "age_days" => Lane::AgeDays,
            "days_late" => Lane::DaysLate { paid_at: self.lane(of, "paid_at")? },
            "open" => Lane::Open { paid_at: self.lane(of, "paid_at")? },
            "days_to_return" => Lane::DaysToReturn { ordered_at: self.lane(of, "ordered_at")? },
            _ => Lane::Outstanding {
                amount: self.lane(of, "amount")?,
                paid_at: self.lane(of, "paid_at")?,
                paid_amount: self.lane(of, "paid_amount").ok(),
            },
        };
        Ok(self.push(lane, ValueKind::Number))
    }

    fn has(&self, of: Option<EventKind>) -> bool {
        of.is_none_or(|kind| kind == self.kind)
    }

    fn push(&mut self, lane: Lane, kind: ValueKind) -> usize {
        let at = place(&mut self.plan.lanes, lane);
        if at == self.lane_kinds.len() {
            self.lane_kinds.push(kind);
        }
        at
    }

    /// The position of a column among those that are read, after the time from which on it is known.
    fn read(&mut self, column: &MappedColumn) -> usize {
        if let Some(at) = self.plan.columns.iter().position(|(name, _)| *name == column.name) {
            return at;
        }
        self.plan.columns.push((column.name.clone(), column.kind));
        self.plan.names.push(column.name.clone());
        let at = self.plan.columns.len() - 1;
        self.plan.late.push(None);
        let known =
            column.late.as_ref().and_then(|late| self.mapped?.iter().find(|other| other.name == *late));
        self.plan.late[at] = known.map(|known| self.read(known));
        at
    }

    fn filter(&mut self, of: &Declaration, text: &str) -> Result<usize, FeatureError> {
        if let Some(same) = self.plan.filters.iter().position(|filter| filter.text() == text) {
            return Ok(same);
        }
        let mapped = self.mapped.unwrap_or(&[]);
        let possible =
            |needs: &[&str]| needs.iter().all(|need| mapped.iter().any(|column| column.name == *need));
        let derived = DERIVED_COLUMNS.iter().filter(|column| !column.after_filter && self.has(column.of));
        let derived =
            derived.filter(|column| possible(column.needs)).map(|column| (column.name, ValueKind::Number));
        let offered: Vec<(&str, ValueKind)> =
            mapped.iter().map(|column| (column.name.as_str(), column.kind)).chain(derived).collect();
        let (expression, uses) = Filter::compile(&of.name, text, &offered)?;
        let mut lanes = vec![0; offered.len()];
        for used in uses {
            lanes[used] = self.lane(of, offered[used].0)?;
        }
        self.plan.filters.push(Filter::new(expression, lanes));
        Ok(self.plan.filters.len() - 1)
    }
}

/// The kernel of an aggregate, if the declaration has the parts that it needs and no others.
fn kernel(of: &Declaration) -> Result<Kernel, FeatureError> {
    use Aggregate::{Count, DaysSince, Quantile, Share, Streak};
    let name = of.aggregate.name();
    match (of.aggregate, &of.of) {
        (Count | Share | DaysSince | Streak, None) | (Count | Share, Some(_)) => {}
        (DaysSince | Streak, Some(_)) => {
            return Err(fault(of, &format!("{name} is of rows: it has no `of`")));
        }
        (_, Some(_)) => {}
        (_, None) => {
            return Err(fault(of, &format!("{name} needs a column: write for example `of = \"amount\"`")));
        }
    }
    if matches!(of.aggregate, Share | Streak) && of.filter.is_none() {
        return Err(fault(of, &format!("{name} needs a condition: write `where`")));
    }
    match (of.aggregate, of.q) {
        (Quantile, Some(q)) if (0.0..=1.0).contains(&q) => return Ok(Kernel::Quantile(q)),
        (Quantile, _) => return Err(fault(of, "quantile needs `q` from 0 to 1: `q = 0.5` is the median")),
        (_, Some(_)) => return Err(fault(of, "`q` belongs to quantile alone")),
        (_, None) => {}
    }
    Ok(match of.aggregate {
        Aggregate::Count => Kernel::Count,
        Aggregate::Sum => Kernel::Sum,
        Aggregate::Mean => Kernel::Mean,
        Aggregate::Min => Kernel::Min,
        Aggregate::Max => Kernel::Max,
        Aggregate::First => Kernel::First,
        Aggregate::Last => Kernel::Last,
        Aggregate::Distinct => Kernel::Distinct,
        Aggregate::Share => Kernel::Share,
        Aggregate::DaysSince => Kernel::DaysSince,
        Aggregate::Trend => Kernel::Trend,
        Aggregate::Streak => Kernel::Streak,
        Aggregate::Quantile | Aggregate::Ratio => {
            return Err(fault(of, "a ratio is of two features, not of rows"));
        }
    })
}

/// The position of a value in a list, at the end of which it is put if it is not there.
fn place<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|other| *other == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}
