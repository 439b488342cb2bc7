//! Features straight from their definitions, slowly: calendars by jiff, one pass a feature, nothing shared.

use super::common::{Cell, Raw};
use arrears_behavior::{Aggregate, EventKind, Window};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// As of when: a moment, and the local wall clock that it is the last microsecond of or shows.
pub(crate) struct When {
    pub(crate) zone: TimeZone,
    pub(crate) moment: i64,
    pub(crate) whole_day: Option<Date>,
}

pub(crate) fn day(moment: i64, zone: &TimeZone) -> Date {
    zone.to_datetime(jiff::Timestamp::from_microsecond(moment).unwrap()).date()
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

pub(crate) fn hour(moment: i64, zone: &TimeZone) -> i64 {
    i64::from(zone.to_datetime(jiff::Timestamp::from_microsecond(moment).unwrap()).hour())
}

impl When {
    pub(crate) fn end_of(date: Date, zone: TimeZone) -> When {
        let next = date.tomorrow().unwrap().to_zoned(zone.clone()).unwrap().timestamp().as_microsecond();
        When { zone, moment: next - 1, whole_day: Some(date) }
    }

    /// Whether `at` lies in the window, `times` windows back.
    fn holds(&self, at: i64, window: Window, past: bool) -> bool {
        let Window::Days(length) = window else { return at <= self.moment };
        let (from, to) = if past { (2 * length, length) } else { (length, 0) };
        match self.whole_day {
            Some(today) => {
                let age = days_between(day(at, &self.zone), today);
                at <= self.moment && (i64::from(to)..i64::from(from)).contains(&age)
            }
            None => {
                let clock = self.zone.to_datetime(jiff::Timestamp::from_microsecond(self.moment).unwrap());
                let before = |days: u32| {
                    let clock = clock.checked_sub(jiff::Span::new().days(i64::from(days))).unwrap();
                    clock.to_zoned(self.zone.clone()).unwrap().timestamp().as_microsecond()
                };
                let to = if to == 0 { self.moment } else { before(to) };
                at <= to && at > before(from)
            }
        }
    }

    fn today(&self) -> Date {
        self.whole_day.unwrap_or_else(|| day(self.moment, &self.zone))
    }
}

/// A row as it was known.
pub(crate) struct Row<'a> {
    raw: &'a Raw,
    when: &'a When,
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Option<&Cell> {
        let column = self.raw.kind.columns().iter().find(|column| column.name == name).expect(name);
        match column.late.map(|late| self.raw.cells.get(late)) {
            Some(Some(Cell::Time(known))) if *known <= self.when.moment => self.raw.cells.get(name),
            Some(_) => None,
            None => self.raw.cells.get(name),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'static str> {
        self.cell(name).map(|cell| if let Cell::Text(text) = cell { *text } else { panic!("{name}") })
    }

    /// Millionths of a column, standard or derived.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        let zone = &self.when.zone;
        let since = |from: i64, to: Date| days_between(day(from, zone), to) * 1_000_000;
        let time =
            |name| self.cell(name).map(|cell| if let Cell::Time(time) = cell { *time } else { panic!() });
        let today = self.when.today();
        Some(match name {
            "day" => days_between(jiff::civil::date(1970, 1, 1), day(self.raw.at, zone)) * 1_000_000,
            "hour" => hour(self.raw.at, zone) * 1_000_000,
            "weekday" => i64::from(day(self.raw.at, zone).weekday().to_monday_one_offset()) * 1_000_000,
            "age_days" => since(self.raw.at, today),
            "days_late" => since(self.raw.at, time("paid_at").map_or(today, |paid| day(paid, zone))),
            "open" => i64::from(time("paid_at").is_none()) * 1_000_000,
            "outstanding" => match (self.number("amount")?, time("paid_at"), self.number("paid_amount")) {
                (due, None, _) => due,
                (_, Some(_), None) => 0,
                (due, Some(_), Some(paid)) => (due - paid).max(0),
            },
            "days_to_return" => since(time("ordered_at")?, day(self.raw.at, zone)),
            _ => match name.split_once(" / ") {
                Some((above, below)) => {
                    let (above, below) = (self.number(above)?, self.number(below)?);
                    let (above, below) = (i128::from(above) * 1_000_000, i128::from(below));
                    let sign = above.signum() * below.signum();
                    // halves away from 0
                    let twice = |number: i128| 2 * number.abs();
                    (below != 0).then(|| (sign * ((twice(above) + below.abs()) / twice(below))) as i64)?
                }
                None => match self.cell(name)? {
                    Cell::Number(number) => *number,
                    Cell::Time(time) => since(*time, today),
                    Cell::Text(text) => {
                        text.bytes().fold(0_i64, |sum, byte| sum.wrapping_mul(31) + i64::from(byte))
                    }
                },
            },
        })
    }
}

pub(crate) type Condition = fn(&Row<'_>) -> Option<bool>;

/// What is asked.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) kind: EventKind,
    pub(crate) condition: Option<Condition>,
    pub(crate) aggregate: Aggregate,
    pub(crate) of: Option<&'static str>,
    pub(crate) q: f64,
}

struct Value {
    at: i64,
    known_at: i64,
    day: i64,
    number: Option<i64>,
}

/// The feature of one customer.
pub(crate) fn feature(
    raws: &[Raw],
    customer: usize,
    asked: &Asked,
    when: &When,
    window: Window,
    past: bool,
) -> f64 {
    let of_customer = |raw: &&Raw| raw.customer == customer && raw.kind == asked.kind;
    let visible: Vec<Row<'_>> = raws
        .iter()
        .filter(of_customer)
        .filter(|raw| raw.at <= when.moment && raw.known_at <= when.moment)
        .map(|raw| Row { raw, when })
        .collect();
    let known = |row: &&Row<'_>| asked.condition.is_none_or(|condition| condition(row).is_some());
    let fulfils = |row: &&Row<'_>| asked.condition.is_none_or(|condition| condition(row) == Some(true));
    let inside = |row: &&Row<'_>| when.holds(row.raw.at, window, past);
    let counted: Vec<&Row<'_>> = visible.iter().filter(fulfils).collect();
    let days: Vec<i64> = counted.iter().map(|row| row.number("day").unwrap() / 1_000_000).collect();
    let value = |row: &Row<'_>| {
        let today = row.number("day").unwrap() / 1_000_000;
        let number = match asked.of {
            None => None,
            Some("gap_days") => {
                days.iter().filter(|day| **day < today).max().map(|day| (today - day) * 1_000_000)
            }
            Some("rows_7d") => {
                Some(days.iter().filter(|day| (today - 6..=today).contains(day)).count() as i64 * 1_000_000)
            }
            // different moments, not different days
            Some(name) if asked.aggregate == Aggregate::Distinct && name.ends_with("_at") => {
                match row.cell(name) {
                    Some(Cell::Time(time)) => Some(*time),
                    _ => None,
                }
            }
            Some(name) => row.number(name),
        };
        Value { at: row.raw.at, known_at: row.raw.known_at, day: today, number }
    };
    let mut values: Vec<Value> = counted.iter().copied().filter(inside).map(value).collect();
    if asked.of == Some("gap_days") {
        // one value a day, on the first row of that day in the window and out of it
        let mut seen: Vec<i64> = Vec::new();
        let first = |day: i64| {
            let of_day = counted.iter().filter(|row| row.number("day").unwrap() / 1_000_000 == day);
            of_day.map(|row| row.raw.at).min().unwrap()
        };
        values.retain(|value| {
            let keep = value.at == first(value.day) && !seen.contains(&value.day);
            if keep {
                seen.push(value.day);
            }
            keep
        });
    }
    let decided: Vec<Value> = visible.iter().filter(known).filter(inside).map(value).collect();
    let failed: Vec<&Row<'_>> =
        visible.iter().filter(inside).filter(|row| known(row) && !fulfils(row)).collect();
    aggregate(asked, when, values, &decided, &failed)
}

fn aggregate(asked: &Asked, when: &When, rows: Vec<Value>, decided: &[Value], failed: &[&Row<'_>]) -> f64 {
    let with: Vec<&Value> = rows.iter().filter(|row| row.number.is_some()).collect();
    let mut numbers: Vec<i64> = with.iter().filter_map(|row| row.number).collect();
    numbers.sort();
    let sum = |rows: &[Value]| rows.iter().filter_map(|row| row.number).map(i128::from).sum::<i128>() as f64;
    let double = |number: Option<&i64>| number.map_or(f64::NAN, |number| *number as f64 / 1e6);
    let pick = |best: Option<(i64, i64)>| {
        let of = with.iter().filter(|row| Some((row.at, row.known_at)) == best);
        double(of.filter_map(|row| row.number.as_ref()).max())
    };
    match asked.aggregate {
        Aggregate::Count if asked.of.is_none() => rows.len() as f64,
        Aggregate::Count => with.len() as f64,
        Aggregate::Sum => sum(&rows) / 1e6,
        Aggregate::Mean => sum(&rows) / 1e6 / with.len() as f64,
        Aggregate::Min => double(numbers.first()),
        Aggregate::Max => double(numbers.last()),
        Aggregate::First => pick(with.iter().map(|row| (row.at, row.known_at)).min()),
        Aggregate::Last => pick(with.iter().map(|row| (row.at, row.known_at)).max()),
        Aggregate::Distinct => {
            numbers.dedup();
            numbers.len() as f64
        }
        Aggregate::Share if asked.of.is_none() => rows.len() as f64 / decided.len() as f64,
        Aggregate::Share if sum(decided) == 0.0 => f64::NAN,
        Aggregate::Share => sum(&rows) / sum(decided),
        Aggregate::DaysSince => match rows.iter().map(|row| row.at).max() {
            Some(at) => days_between(day(at, &when.zone), when.today()) as f64,
            None => f64::NAN,
        },
        Aggregate::Streak => {
            let broken = failed.iter().map(|row| row.raw.at).max();
            rows.iter().filter(|row| Some(row.at) > broken).count() as f64
        }
        Aggregate::Trend => {
            let mean =
                |of: fn(&Value) -> f64| with.iter().map(|row| of(row)).sum::<f64>() / with.len() as f64;
            let (day, number) = (mean(|row| row.day as f64), mean(|row| row.number.unwrap() as f64 / 1e6));
            let (mut both, mut square) = (0.0, 0.0);
            for row in &with {
                let off = row.day as f64 - day;
                both += off * (row.number.unwrap() as f64 / 1e6 - number);
                square += off * off;
            }
            let same_day = with.iter().all(|row| row.day == with[0].day);
            if same_day { f64::NAN } else { 30.0 * both / square }
        }
        Aggregate::Quantile => {
            if numbers.is_empty() {
                return f64::NAN;
            }
            let place = asked.q * (numbers.len() - 1) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            let part = place - place.floor();
            (numbers[below] as f64 * (1.0 - part) + numbers[above] as f64 * part) / 1e6
        }
        Aggregate::Ratio => panic!("made of two"),
    }
}
