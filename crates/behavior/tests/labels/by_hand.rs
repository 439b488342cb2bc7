//! Days counted by hand.

use crate::build::{Row, history};
use arrears_behavior::labels::{LabelCounts, LabelSettings, Vintages, labels};
use arrears_behavior::{AsOf, EventKind, Zone};
use std::sync::Arc;

fn at(text: &str) -> i64 {
    AsOf::parse(text, &utc()).unwrap().moment().0.div_euclid(1_000_000)
}

fn utc() -> Arc<Zone> {
    Arc::new(Zone::new("UTC").unwrap())
}

fn joined(day: &str) -> Row {
    let at = at(day);
    Row {
        kind: EventKind::Customers,
        customer: "a".to_owned(),
        at,
        known_at: at,
        id: String::new(),
        amount: 0.0,
        paid_at: None,
    }
}

fn bill(due: &str, paid: Option<&str>, amount: f64) -> Row {
    Row { kind: EventKind::Payments, paid_at: paid.map(at), amount, ..joined(due) }
}

/// Outcome and worst days of customer `a`, as of the end of 2023.
fn label(rows: &[Row], settings: &LabelSettings) -> (&'static str, f64) {
    let mut rows = rows.to_vec();
    rows.push(joined("2023-01-01"));
    let as_of = AsOf::parse("2023-12-31", &utc()).unwrap();
    let labels = labels(&history(&rows), settings, &as_of).unwrap();
    (labels.outcomes[0].name(), labels.worst[0])
}

#[test]
fn the_ninetieth_day_after_the_due_date_makes_bad() {
    let usual = LabelSettings::past_due("2025-12-31");
    let paid = |day: &str| label(&[bill("2024-01-10", Some(day), 10.0)], &usual);
    // 10 January and 90 days is 9 April of a leap year
    assert_eq!(paid("2024-01-10"), ("good", 0.0));
    assert_eq!(paid("2024-01-11"), ("good", 0.0));
    assert_eq!(paid("2024-01-12"), ("good", 1.0));
    assert_eq!(paid("2024-02-09"), ("good", 29.0));
    assert_eq!(paid("2024-02-10"), ("indeterminate", 30.0));
    assert_eq!(paid("2024-04-09"), ("indeterminate", 89.0));
    assert_eq!(paid("2024-04-10"), ("bad", 90.0));
    // 365 days after the last of 2023 end on 30 December of a leap year
    assert_eq!(label(&[bill("2024-01-10", None, 10.0)], &usual), ("bad", 355.0));
}

#[test]
fn the_window_ends_after_its_last_day() {
    let usual = LabelSettings { performance_days: 100, ..LabelSettings::past_due("2025-12-31") };
    // the last day is 9 April 2024
    assert_eq!(label(&[bill("2024-01-10", None, 10.0)], &usual), ("bad", 90.0));
    assert_eq!(label(&[bill("2024-01-11", None, 10.0)], &usual), ("indeterminate", 89.0));
    let immature = LabelSettings { complete_until: "2024-04-08".to_owned(), ..usual.clone() };
    assert_eq!(label(&[bill("2024-01-10", None, 10.0)], &immature).0, "immature");
    let mature = LabelSettings { complete_until: "2024-04-09".to_owned(), ..usual };
    assert_eq!(label(&[bill("2024-01-10", None, 10.0)], &mature).0, "bad");
}

#[test]
fn who_is_late_at_the_observation_goes_on_counting_and_who_is_bad_is_left_out() {
    let usual = LabelSettings::past_due("2025-12-31");
    assert_eq!(label(&[bill("2023-11-01", Some("2024-01-31"), 10.0)], &usual), ("bad", 90.0));
    assert_eq!(label(&[bill("2023-11-01", Some("2024-01-30"), 10.0)], &usual), ("indeterminate", 89.0));
    assert_eq!(label(&[bill("2023-10-02", None, 10.0)], &usual).0, "already bad");
    assert_eq!(label(&[bill("2023-10-03", Some("2024-01-01"), 10.0)], &usual), ("good", 0.0));
    let strict = LabelSettings { already_bad_days: Some(1), ..usual };
    assert_eq!(label(&[bill("2023-12-30", None, 10.0)], &strict).0, "already bad");
}

/// A bill that is paid two hours after the observation was open then.
#[test]
fn nobody_is_left_out_or_kept_by_what_the_same_day_brings_later() {
    let usual = LabelSettings::past_due("2025-12-31");
    let mut paid_at_noon = bill("2023-01-10", Some("2023-12-31"), 10.0);
    paid_at_noon.paid_at = Some(at("2023-12-31T12:00:00"));
    let rows = history(&[joined("2023-01-01"), paid_at_noon]);
    let of =
        |text: &str| labels(&rows, &usual, &AsOf::parse(text, &utc()).unwrap()).unwrap().outcomes[0].name();
    assert_eq!(of("2023-12-31T10:00:00"), "already bad");
    assert_eq!(of("2023-12-31T14:00:00"), "good");
}

#[test]
fn small_arrears_do_not_count_until_they_add_up() {
    let usual = LabelSettings { materiality: 15.0, ..LabelSettings::past_due("2025-12-31") };
    let first = bill("2024-01-10", None, 10.0);
    assert_eq!(label(std::slice::from_ref(&first), &usual), ("good", 0.0));
    assert_eq!(label(&[first.clone(), bill("2024-06-01", None, 5.0)], &usual), ("good", 0.0));
    // from 2 June on more than 15 is past due, and the oldest of it since 10 January
    assert_eq!(label(&[first.clone(), bill("2024-06-01", None, 5.01)], &usual), ("bad", 355.0));
    assert_eq!(label(&[first, bill("2024-06-01", Some("2024-06-03"), 5.01)], &usual), ("bad", 144.0));
}

#[test]
fn every_customer_is_counted_once() {
    let usual = LabelSettings::past_due("2025-12-31");
    let as_of = AsOf::parse("2023-12-31", &utc()).unwrap();
    let rows: Vec<Row> = (0..5).map(|n| Row { customer: format!("c{n}"), ..joined("2023-06-01") }).collect();
    let mut counts = LabelCounts::default();
    counts.add(&labels(&history(&rows), &usual, &as_of).unwrap());
    assert_eq!(counts.0, [5, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn a_vintage_tells_only_months_that_are_over() {
    let settings = LabelSettings::past_due("2023-06-15");
    let mut vintages = Vintages::default();
    let rows = [joined("2023-01-31"), bill("2023-02-01", None, 1.0)];
    vintages.add(&history(&rows), &settings, &utc()).unwrap();
    let cells: Vec<(u32, u64)> =
        vintages.cells().iter().map(|cell| (cell.months_on_book, cell.bad)).collect();
    // ninety days after 1 February are over on 2 May, in the fourth month after January
    assert_eq!(cells, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 1)]);
}

#[test]
fn settings_out_of_range_and_unknown_keys_are_refused() {
    let read = |text: &str| toml::from_str::<LabelSettings>(text);
    assert!(read("kind = \"past_due\"").is_err(), "complete_until is needed");
    assert!(read("kind = \"past_due\"\ncomplete_until = \"2025-12-31\"\nbad-days = 3").is_err());
    let as_of = AsOf::parse("2023-12-31", &utc()).unwrap();
    let usual = LabelSettings::past_due("2025-12-31");
    for (wrong, key) in [
        (LabelSettings { performance_days: 0, ..usual.clone() }, "performance_days"),
        (LabelSettings { bad_days: 29, ..usual.clone() }, "indeterminate_days"),
        (LabelSettings { materiality: f64::NAN, ..usual.clone() }, "materiality"),
        (LabelSettings { complete_until: "soon".to_owned(), ..usual.clone() }, "complete_until"),
        (LabelSettings { complete_until: "2025-12-31T10:00".to_owned(), ..usual.clone() }, "complete_until"),
    ] {
        let error = labels(&history(&[joined("2023-01-01")]), &wrong, &as_of).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
    let mut none = history(&[joined("2023-01-01")]);
    none.events[2].columns.pop();
    let error = labels(&none, &usual, &as_of).unwrap_err().to_string();
    assert!(error.contains("`paid_at` of table `payments`"), "{error}");
}
