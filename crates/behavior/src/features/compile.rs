//! From declarations to a plan: what is the same is computed once.

use super::filter::Filter;
use super::lane::{DERIVED_COLUMNS, Lane, words};
use super::library::{self, Choice};
use super::plan::{Combination, Combine, Columns, Job, Kernel, MappedColumn, Measure, Of, Plan, Span, TablePlan};
use crate::{Aggregate, Compare, Declaration, EventKind, FeatureError, Selection, ValueKind, Window};
use arrears_expression::nearest;

/// A plan that is being made.
#[derive(Clone)]
pub(crate) struct Compiler<'a> {
    selection: &'a Selection,
    declared: &'a [Declaration],
    pub(crate) tables: [Draft<'a>; 6],
    pub(crate) outputs: Vec<(String, usize)>,
    pub(crate) slots: usize,
    pub(crate) combinations: Vec<Combination>,
    pub(crate) compared: Vec<String>,
    pub(crate) left_out: Vec<FeatureError>,
    /// Slots that have been given: whose, in which window, of the time before it.
    made: Vec<(&'a Declaration, Window, bool, usize)>,
}

/// What is made of one table, and the columns that it has.
#[derive(Clone)]
pub(crate) struct Draft<'a> {
    kind: EventKind,
    mapped: Option<&'a [MappedColumn]>,
    pub(crate) plan: TablePlan,
    lane_kinds: Vec<ValueKind>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(selection: &'a Selection, declared: &'a [Declaration], columns: &'a Columns) -> Compiler<'a> {
        let draft = |kind: EventKind| Draft {
            kind,
            mapped: columns.tables[kind as usize].as_deref(),
            plan: TablePlan { edges: vec![Some(0)], ..TablePlan::default() },
            lane_kinds: Vec::new(),
        };
        Compiler {
            selection,
            declared,
            tables: EventKind::ALL.map(draft),
            outputs: Vec::new(),
            slots: 0,
            combinations: Vec::new(),
            compared: Vec::new(),
            left_out: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Adds a feature of the library; one of a group is left out if the mapped tables cannot give it.
    pub(crate) fn library(&mut self, choice: Choice) -> Result<(), FeatureError> {
        let mut with = self.clone();
        match with.declared(choice.declaration) {
            Ok(()) => *self = with,
            Err(error @ (FeatureError::NoTable { .. } | FeatureError::Unknown { .. })) if choice.by_group => {
                self.left_out.push(error);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Adds a declared feature in all its windows, each with its comparisons.
    pub(crate) fn declared(&mut self, of: &'a Declaration) -> Result<(), FeatureError> {
        let letters = of.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !letters || !of.name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(fault(of, "a name has lower-case letters, digits and `_`, and begins with a letter"));
        }
        let windows = if of.window.0.is_empty() { &self.selection.windows.0 } else { &of.window.0 };
        if windows.is_empty() {
            return Err(fault(of, "no window: write `window = \"90d\"`, or `windows` in [features]"));
        }
        for window in windows {
            let slot = self.slot(of, *window, false)?;
            let name = of.column(*window);
            for compare in &of.compare.0 {
                let compared = self.compare(of, *window, *compare, slot)?;
                self.output(of, format!("{name}{}", compare.ending()), compared)?;
            }
            self.output(of, name, slot)?;
        }
        Ok(())
    }

    fn output(&mut self, of: &Declaration, name: String, slot: usize) -> Result<(), FeatureError> {
        if self.outputs.iter().any(|(other, _)| *other == name) {
            return Err(fault(of, &format!("there is already a column `{name}`: give one of the two another name")));
        }
        self.outputs.push((name, slot));
        Ok(())
    }

    fn compare(&mut self, of: &'a Declaration, window: Window, compare: Compare, slot: usize) -> Result<usize, FeatureError> {
        let combine = match compare {
            Compare::Peers => {
                self.table(of, EventKind::Customers)?.lane(of, "group")?;
                self.compared.push(of.column(window));
                Combine::Peers(slot, self.compared.len() - 1)
            }
            Compare::Past => Combine::Ratio(slot, self.slot(of, window, true)?),
            Compare::Change => Combine::Difference(slot, self.slot(of, window, true)?),
        };
        Ok(self.combine(combine))
    }

    fn combine(&mut self, of: Combine) -> usize {
        let slot = self.next_slot();
        self.combinations.push(Combination { slot, of });
        slot
    }

    fn next_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// Where the value of a feature in a window goes; `past`: in the window of the same length just before.
    fn slot(&mut self, of: &'a Declaration, window: Window, past: bool) -> Result<usize, FeatureError> {
        let same = |made: &&(&'a Declaration, Window, bool, usize)| {
            std::ptr::eq(made.0, of) && (made.1, made.2) == (window, past)
        };
        if let Some(made) = self.made.iter().find(same) {
            return Ok(made.3);
        }
        let (start, end) = match (window, past) {
            (Window::Days(days), false) => (Some(days), Some(0)),
            (Window::Days(days), true) => (Some(2 * days), Some(days)),
            (Window::All, false) => (None, Some(0)),
            (Window::All, true) => return Err(fault(of, "there is no time before `all`: compare needs a window of days")),
        };
        let slot = match of.aggregate {
            Aggregate::Ratio => {
                let (above, below) = self.parts(of)?;
                let (above, below) = (self.slot(above, window, past)?, self.slot(below, window, past)?);
                self.combine(Combine::Ratio(above, below))
            }
            _ => {
                let kind = of.event.ok_or_else(|| fault(of, "no event: write for example `event = \"orders\"`"))?;
                let slot = self.next_slot();
                self.table(of, kind)?.add(of, start, end, slot)?;
                slot
            }
        };
        self.made.push((of, window, past, slot));
        Ok(slot)
    }

    fn table(&mut self, of: &Declaration, kind: EventKind) -> Result<&mut Draft<'a>, FeatureError> {
        let draft = &mut self.tables[kind as usize];
        match draft.mapped {
            Some(_) => Ok(draft),
            None => Err(FeatureError::NoTable { feature: of.name.clone(), kind }),
        }
    }

    /// The two features of a ratio.
    fn parts(&self, of: &'a Declaration) -> Result<(&'a Declaration, &'a Declaration), FeatureError> {
        if of.event.is_some() || of.filter.is_some() {
            return Err(fault(of, "a ratio has no `event` and no `where`: its two features have them"));
        }
        let Some((above, below)) = of.of.as_deref().and_then(|of| of.split_once('/')) else {
            return Err(fault(of, "a ratio needs `of = \"a / b\"` with the names of two features"));
        };
        Ok((self.part(of, above.trim())?, self.part(of, below.trim())?))
    }

    fn part(&self, of: &'a Declaration, name: &str) -> Result<&'a Declaration, FeatureError> {
        let ours = self.declared.iter().any(|declared| std::ptr::eq(declared, of));
        let declared = if ours { self.declared } else { &[] };
        let found = declared.iter().find(|feature| feature.name == name).or_else(|| library::find(name));
        let part = found.ok_or_else(|| {
            let names = declared.iter().chain(library::library()).map(|feature| feature.name.as_str());
            unknown(of, "feature".to_owned(), name, names, false)
        })?;
        match part.aggregate {
            Aggregate::Ratio => Err(fault(of, &format!("`{name}` is a ratio itself: name features that are none"))),
            _ => Ok(part),
        }
    }

    pub(crate) fn finish(self) -> Plan {
        Plan::assemble(self)
    }
}

impl<'a> Draft<'a> {
    /// Adds what a feature needs, with one window.
    fn add(&mut self, of: &Declaration, start: Option<u32>, end: Option<u32>, slot: usize) -> Result<(), FeatureError> {
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
        let measure = match measures.iter().position(|measure| (measure.filter, measure.of) == (filter, values)) {
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
            kind => Err(fault(of, &format!("a / b needs two columns of numbers, and `{name}` holds {}", words(kind)))),
        }
    }

    /// The lane of a column: mapped or derived.
    fn lane(&mut self, of: &Declaration, name: &str) -> Result<usize, FeatureError> {
        let mapped = self.mapped.unwrap_or(&[]);
        if let Some(column) = mapped.iter().find(|column| column.name == name) {
            let read = self.read(column);
            return Ok(self.push(Lane::Read(read), column.kind));
        }
        let derived = DERIVED_COLUMNS.iter().find(|column| column.name == name && self.has(column.of));
        if derived.is_none() {
            let names = mapped.iter().map(|column| column.name.as_str());
            let names = names.chain(DERIVED_COLUMNS.iter().filter(|column| self.has(column.of)).map(|column| column.name));
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
        let known = column.late.as_ref().and_then(|late| self.mapped?.iter().find(|other| other.name == *late));
        self.plan.late[at] = known.map(|known| self.read(known));
        at
    }

    fn filter(&mut self, of: &Declaration, text: &str) -> Result<usize, FeatureError> {
        if let Some(same) = self.plan.filters.iter().position(|filter| filter.text() == text) {
            return Ok(same);
        }
        let mapped = self.mapped.unwrap_or(&[]);
        let possible = |needs: &[&str]| needs.iter().all(|need| mapped.iter().any(|column| column.name == *need));
        let derived = DERIVED_COLUMNS.iter().filter(|column| !column.after_filter && self.has(column.of));
        let derived = derived.filter(|column| possible(column.needs)).map(|column| (column.name, ValueKind::Number));
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
        (DaysSince | Streak, Some(_)) => return Err(fault(of, &format!("{name} is of rows: it has no `of`"))),
        (_, Some(_)) => {}
        (_, None) => return Err(fault(of, &format!("{name} needs a column: write for example `of = \"amount\"`"))),
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
        Aggregate::Quantile | Aggregate::Ratio => return Err(fault(of, "a ratio is of two features, not of rows")),
    })
}

/// The position of a value in a list, at the end of which it is put if it is not there.
fn place<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|other| *other == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

fn fault(of: &Declaration, fault: &str) -> FeatureError {
    FeatureError::Declaration { feature: of.name.clone(), fault: fault.to_owned() }
}

fn unknown<'n>(
    of: &Declaration,
    what: String,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    list: bool,
) -> FeatureError {
    FeatureError::Unknown {
        place: format!("feature `{}`", of.name),
        what,
        name: name.to_owned(),
        nearest: nearest(name, known.clone()).map(str::to_owned),
        known: if list { known.map(str::to_owned).collect() } else { Vec::new() },
    }
}
