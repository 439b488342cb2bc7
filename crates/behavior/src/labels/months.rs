//! Calendar months as numbers: months since January of year 0.

use jiff::civil::Date;

/// The month of a day since 1970-01-01.
pub(super) fn month_of(day: i64) -> i64 {
    let date = date(day);
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// The last day of a month, as days since 1970-01-01.
pub(super) fn last_day(month: i64) -> i64 {
    let next = month + 1;
    let first = Date::new(next.div_euclid(12) as i16, next.rem_euclid(12) as i8 + 1, 1).unwrap_or(Date::MAX);
    days(first) - 1
}

/// `2024-01`.
pub(super) fn name(month: i64) -> String {
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

fn date(day: i64) -> Date {
    let span = jiff::Span::new().try_days(day).unwrap_or_default();
    Date::constant(1970, 1, 1).saturating_add(span)
}

fn days(date: Date) -> i64 {
    let span = date.since((jiff::Unit::Day, Date::constant(1970, 1, 1)));
    span.map_or(0, |span| i64::from(span.get_days()))
}
