//! The columns that features work on: those of the table as they were known, and those derived from them.

use crate::zone::DAY;
use crate::{Amount, AsOf, EventKind, Events, FeatureError, Moment, Texts, ValueKind, Values};
use std::borrow::Cow;
use std::sync::Arc;

/// A column that every table has, or one kind of table, without being mapped.
#[derive(Clone, Copy, Debug)]
pub struct DerivedColumn {
    /// The name, as features and filters use it.
    pub name: &'static str,
    /// The table that has it; `None`: all.
    pub of: Option<EventKind>,
    /// The columns that must be mapped.
    pub needs: &'static [&'static str],
    /// What it means, with its unit.
    pub meaning: &'static str,
    /// It is made of the rows that fulfil `where`, so `where` cannot use it.
    pub after_filter: bool,
}

/// All derived columns. Their values are numbers.
pub const DERIVED_COLUMNS: &[DerivedColumn] = &[
    derived("day", None, &[], "local date, as days since 1970-01-01"),
    derived("weekday", None, &[], "local day of the week, 1 (Monday) to 7 (Sunday)"),
    derived("hour", None, &[], "local hour, 0 to 23"),
    derived("age_days", None, &[], "local days from the event to the as-of day"),
    DerivedColumn {
        after_filter: true,
        ..derived(
            "gap_days",
            None,
            &[],
            "local days since the day before with such rows; one value a day with rows",
        )
    },
    DerivedColumn {
        after_filter: true,
        ..derived("rows_7d", None, &[], "such rows within the seven local days that end with this row's day")
    },
    derived(
        "days_late",
        Some(EventKind::Payments),
        &["paid_at"],
        "local days from the due day to the day of payment, below 0 if early; while it is open to the as-of day",
    ),
    derived("open", Some(EventKind::Payments), &["paid_at"], "1 while it is not paid in full, else 0"),
    derived(
        "outstanding",
        Some(EventKind::Payments),
        &["amount", "paid_at"],
        "amount while it is open, else amount less paid_amount (0 where that is not known), at least 0",
    ),
    derived(
        "days_to_return",
        Some(EventKind::Returns),
        &["ordered_at"],
        "local days from the order to the return",
    ),
];

const fn derived(
    name: &'static str,
    of: Option<EventKind>,
    needs: &'static [&'static str],
    meaning: &'static str,
) -> DerivedColumn {
    DerivedColumn { name, of, needs, meaning, after_filter: false }
}

/// How a column is made. Numbers are positions of lanes made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A column that is read, by its position in [`Events::columns`]; missing while not yet known.
    Read(usize),
    Day,
    Weekday,
    Hour,
    AgeDays,
    DaysLate {
        paid_at: usize,
    },
    Open {
        paid_at: usize,
    },
    Outstanding {
        amount: usize,
        paid_at: usize,
        paid_amount: Option<usize>,
    },
    DaysToReturn {
        ordered_at: usize,
    },
    /// Local days from a time to the as-of day.
    DaysSince(usize),
    /// A time as a whole number, to tell different ones.
    Micros(usize),
    /// The first by the second, rounded to a millionth (halves away from 0); missing by 0 or beyond the range.
    Ratio(usize, usize),
}

/// One value a row.
#[derive(Debug)]
pub(crate) enum LaneValues<'a> {
    Number(Cow<'a, [Amount]>),
    Time(Cow<'a, [Moment]>),
    Text(Cow<'a, [u32]>, &'a Arc<Texts>),
}

impl<'a> LaneValues<'a> {
    /// Its numbers; the plan was checked, so that others are never asked.
    pub(crate) fn numbers(&self) -> &[Amount] {
        match self {
            LaneValues::Number(values) => values,
            LaneValues::Time(_) | LaneValues::Text(..) => &[],
        }
    }

    pub(crate) fn times(&self) -> &[Moment] {
        match self {
            LaneValues::Time(values) => values,
            LaneValues::Number(_) | LaneValues::Text(..) => &[],
        }
    }
}

/// Buffers that lanes give back.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    numbers: Vec<Vec<Amount>>,
    times: Vec<Vec<Moment>>,
}

impl Pool {
    pub(crate) fn give_back(&mut self, lanes: Vec<LaneValues<'_>>) {
        for lane in lanes {
            match lane {
                LaneValues::Number(Cow::Owned(values)) => self.numbers.push(values),
                LaneValues::Time(Cow::Owned(values)) => self.times.push(values),
                _ => {}
            }
        }
    }

    fn numbers<'a>(&mut self, values: impl Iterator<Item = Amount>) -> LaneValues<'a> {
        let mut buffer = self.numbers.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend(values);
        LaneValues::Number(Cow::Owned(buffer))
    }
}

/// Makes the lanes of the rows of one table.
pub(crate) fn make<'a>(
    lanes: &[Lane],
    names: &[(String, ValueKind)],
    events: &'a Events,
    as_of: &AsOf,
    pool: &mut Pool,
) -> Result<Vec<LaneValues<'a>>, FeatureError> {
    let mut made = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let values = match *lane {
            Lane::Read(column) => {
                let (name, kind) = &names[column];
                read(events, column, name, *kind, as_of, pool)?
            }
            _ => derive(*lane, &made, events, as_of, pool),
        };
        made.push(values);
    }
    Ok(made)
}

fn read<'a>(
    events: &'a Events,
    column: usize,
    name: &str,
    kind: ValueKind,
    as_of: &AsOf,
    pool: &mut Pool,
) -> Result<LaneValues<'a>, FeatureError> {
    let found = events.columns.get(column).filter(|column| column.name == name);
    let found = found.or_else(|| events.columns.iter().find(|column| column.name == name));
    let missing =
        || FeatureError::Events { kind: events.kind, column: name.to_owned(), expected: words(kind) };
    let found = found.ok_or_else(missing)?;
    let known = match found.late.map(|at| events.columns.get(at).map(|column| &column.values)) {
        None => None,
        Some(Some(Values::Time(known))) => Some(known),
        Some(_) => return Err(missing()),
    };
    let unknown =
        |row: usize| known.is_some_and(|known| known[row] > as_of.moment() || known[row] == Moment::NONE);
    Ok(match (&found.values, kind) {
        (Values::Number(values), ValueKind::Number) if known.is_none() => {
            LaneValues::Number(Cow::Borrowed(values))
        }
        (Values::Number(values), ValueKind::Number) => pool.numbers(
            values.iter().enumerate().map(|(row, value)| if unknown(row) { Amount::NONE } else { *value }),
        ),
        (Values::Time(values), ValueKind::Time) if known.is_none() => LaneValues::Time(Cow::Borrowed(values)),
        (Values::Time(values), ValueKind::Time) => {
            let mut buffer = pool.times.pop().unwrap_or_default();
            buffer.clear();
            buffer.extend(
                values
                    .iter()
                    .enumerate()
                    .map(|(row, value)| if unknown(row) { Moment::NONE } else { *value }),
            );
            LaneValues::Time(Cow::Owned(buffer))
        }
        (Values::Text { codes, dictionary }, ValueKind::Text) if known.is_none() => {
            LaneValues::Text(Cow::Borrowed(codes), dictionary)
        }
        (Values::Text { codes, dictionary }, ValueKind::Text) => {
            let codes = codes
                .iter()
                .enumerate()
                .map(|(row, code)| if unknown(row) { Values::NO_TEXT } else { *code });
            LaneValues::Text(Cow::Owned(codes.collect()), dictionary)
        }
        _ => return Err(missing()),
    })
}

fn derive<'a>(
    lane: Lane,
    made: &[LaneValues<'_>],
    events: &Events,
    as_of: &AsOf,
    pool: &mut Pool,
) -> LaneValues<'a> {
    let (zone, today) = (as_of.zone(), as_of.day());
    let at = &events.at;
    let day = |moment: Moment| zone.day(moment);
    let paid_or_today = |paid: Moment| if paid == Moment::NONE { today } else { zone.day(paid) };
    match lane {
        // what is read never comes here
        Lane::Read(_) | Lane::Day => pool.numbers(at.iter().map(|at| whole(day(*at)))),
        // 1970-01-01 was a Thursday
        Lane::Weekday => pool.numbers(at.iter().map(|at| whole((day(*at) + 3).rem_euclid(7) + 1))),
        Lane::Hour => pool.numbers(at.iter().map(|at| whole(zone.wall(*at).rem_euclid(DAY) / (DAY / 24)))),
        Lane::AgeDays => pool.numbers(at.iter().map(|at| whole(today - day(*at)))),
        Lane::DaysLate { paid_at } => {
            let paid = made[paid_at].times();
            pool.numbers(at.iter().zip(paid).map(|(at, paid)| whole(paid_or_today(*paid) - day(*at))))
        }
        Lane::Open { paid_at } => {
            let paid = made[paid_at].times();
            pool.numbers(paid.iter().map(|paid| whole(i64::from(*paid == Moment::NONE))))
        }
        Lane::Outstanding { amount, paid_at, paid_amount } => {
            let (due, paid) = (made[amount].numbers(), made[paid_at].times());
            let part = |row: usize| paid_amount.map_or(Amount::NONE, |lane| made[lane].numbers()[row]);
            pool.numbers(
                (0..due.len()).map(|row| outstanding(due[row], paid[row] == Moment::NONE, part(row))),
            )
        }
        Lane::DaysToReturn { ordered_at } => {
            let ordered = made[ordered_at].times();
            pool.numbers(at.iter().zip(ordered).map(|(at, ordered)| match *ordered {
                Moment::NONE => Amount::NONE,
                ordered => whole(day(*at) - day(ordered)),
            }))
        }
        Lane::DaysSince(time) => pool.numbers(made[time].times().iter().map(|moment| match *moment {
            Moment::NONE => Amount::NONE,
            moment => whole(today - day(moment)),
        })),
        Lane::Micros(time) => pool.numbers(made[time].times().iter().map(|moment| Amount(moment.0))),
        Lane::Ratio(above, below) => {
            let both = made[above].numbers().iter().zip(made[below].numbers());
            pool.numbers(both.map(|(above, below)| ratio(*above, *below)))
        }
    }
}

/// A whole number as an amount.
fn whole(number: i64) -> Amount {
    Amount(number * Amount::ONE)
}

fn outstanding(due: Amount, open: bool, paid: Amount) -> Amount {
    match (due, open, paid) {
        (Amount::NONE, ..) => Amount::NONE,
        (due, true, _) => due,
        (_, false, Amount::NONE) => Amount(0),
        (due, false, paid) => Amount(due.0.saturating_sub(paid.0).max(0)),
    }
}

fn ratio(above: Amount, below: Amount) -> Amount {
    if above == Amount::NONE || below == Amount::NONE || below.0 == 0 {
        return Amount::NONE;
    }
    let negative = (above.0 < 0) != (below.0 < 0);
    let divisor = u128::from(below.0.unsigned_abs());
    let rounded = (u128::from(above.0.unsigned_abs()) * Amount::ONE as u128 + divisor / 2) / divisor;
    i64::try_from(rounded).map_or(Amount::NONE, |rounded| Amount(if negative { -rounded } else { rounded }))
}

/// What a kind of values is called in messages.
pub(crate) fn words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Number => "numbers",
        ValueKind::Text => "texts",
        ValueKind::Time => "times",
    }
}
