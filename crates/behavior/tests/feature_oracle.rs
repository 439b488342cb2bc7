//! The plan against an oracle that follows the definitions, on random events.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/generate.rs"]
mod generate;
#[path = "common/oracle.rs"]
mod oracle;

use arrears_behavior::{
    Aggregate, AsOf, Columns, Compare, Declaration, EventKind, OneOrMany, Plan, Selection, Window, Zone,
};
use common::history;
use generate::{AROUND, CUSTOMERS, DAY, raws};
use oracle::{Asked, Condition, When, feature};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

const WINDOWS: [Window; 4] = [Window::Days(7), Window::Days(30), Window::Days(365), Window::All];
const ZONES: [&str; 5] = ["UTC", "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"];

/// Conditions in CEL, and the same by hand.
const ORDERS: [(&str, Condition); 5] = [
    ("method == 'card'", |row| row.text("method").map(|text| text == "card")),
    ("amount > 20", |row| row.number("amount").map(|amount| amount > 20_000_000)),
    ("category in ['a', 'b'] || quantity >= 2", |row| {
        let category = row.text("category").map(|text| text == "a" || text == "b");
        let quantity = row.number("quantity").map(|quantity| quantity >= 2_000_000);
        match (category, quantity) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }),
    ("hour < 6", |row| row.number("hour").map(|hour| hour < 6_000_000)),
    ("weekday >= 6 && channel != null", |row| {
        Some(row.number("weekday")? >= 6_000_000 && row.text("channel").is_some())
    }),
];
const PAYMENTS: [(&str, Condition); 3] = [
    ("days_late > 0", |row| row.number("days_late").map(|days| days > 0)),
    ("open == 0 && days_late >= 30", |row| {
        Some(row.number("open")? == 0 && row.number("days_late")? >= 30_000_000)
    }),
    ("method == 'cash_on_delivery'", |row| row.text("method").map(|text| text == "cash_on_delivery")),
];
const RETURNS: [(&str, Condition); 1] =
    [("days_to_return > 14", |row| row.number("days_to_return").map(|days| days > 14_000_000))];

/// Of a table the conditions, the columns that all aggregates are asked of, and the texts that are only counted.
type Table =
    (EventKind, &'static [(&'static str, Condition)], &'static [&'static str], &'static [&'static str]);

fn asked() -> Vec<(Declaration, Asked)> {
    use Aggregate::*;
    let numbers = [Count, Sum, Mean, Min, Max, First, Last, Distinct, Trend, Quantile];
    let tables: [Table; 5] = [
        (EventKind::Orders, &ORDERS, &["amount", "gap_days", "rows_7d", "day"], &["category", "order"]),
        (EventKind::Payments, &PAYMENTS, &["days_late", "outstanding", "paid_amount"], &["method"]),
        (EventKind::Returns, &RETURNS, &["days_to_return", "age_days"], &["reason"]),
        (EventKind::Reports, &[], &["score", "balance / credit_limit", "oldest_account_at"], &["agency"]),
        (EventKind::Financials, &[], &["debt / income"], &[]),
    ];
    let mut all = Vec::new();
    for (kind, conditions, columns, texts) in tables {
        let conditions = || std::iter::once(None).chain(conditions.iter().map(Some));
        for condition in conditions() {
            let mut add = |aggregate: Aggregate, of: Option<&'static str>| {
                let declaration = Declaration {
                    name: format!("f{}", all.len()),
                    event: Some(kind),
                    filter: condition.map(|(text, _)| (*text).to_owned()),
                    aggregate,
                    of: of.map(str::to_owned),
                    q: (aggregate == Quantile).then_some(0.3),
                    window: OneOrMany(WINDOWS.to_vec()),
                    compare: OneOrMany::default(),
                    group: String::new(),
                    meaning: String::new(),
                    unit: String::new(),
                    why: String::new(),
                };
                let asked = Asked {
                    kind,
                    condition: condition.map(|(_, condition)| *condition),
                    aggregate,
                    of,
                    q: 0.3,
                };
                all.push((declaration, asked));
            };
            columns
                .iter()
                .for_each(|column| numbers.iter().for_each(|aggregate| add(*aggregate, Some(column))));
            texts.iter().for_each(|column| {
                [Count, Distinct].iter().for_each(|aggregate| add(*aggregate, Some(column)))
            });
            [Count, DaysSince].iter().for_each(|aggregate| add(*aggregate, None));
            if condition.is_some() {
                [Share, Streak].iter().for_each(|aggregate| add(*aggregate, None));
                add(Share, Some(columns[0]));
            }
        }
    }
    all
}

/// The features, each also compared with the time before in one window.
static ASKED: LazyLock<Vec<(Declaration, Asked)>> = LazyLock::new(asked);
static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let mut declarations: Vec<Declaration> =
        ASKED.iter().map(|(declaration, _)| declaration.clone()).collect();
    let compared: Vec<Declaration> = declarations
        .iter()
        .map(|declaration| Declaration {
            name: format!("{}_c", declaration.name),
            window: OneOrMany(vec![Window::Days(30)]),
            compare: OneOrMany(vec![Compare::Change]),
            ..declaration.clone()
        })
        .collect();
    declarations.extend(compared);
    Plan::new(&Selection::default(), &declarations, &Columns::standard()).unwrap()
});

fn near(found: f64, expected: f64) -> bool {
    found.is_nan() && expected.is_nan() || (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn features_follow_their_definitions(raws in raws(), zone in 0..ZONES.len(), day in -40_i64..5, hour in proptest::option::of(0_i64..24)) {
        let zone = Arc::new(Zone::new(ZONES[zone]).unwrap());
        let reference = jiff::tz::TimeZone::get(zone.name()).unwrap();
        let midnight = AROUND + day * DAY;
        let (as_of, when) = match hour {
            None => {
                let date = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(midnight).unwrap()).date();
                (AsOf::parse(&date.to_string(), &zone).unwrap(), When::end_of(date, reference))
            }
            Some(hour) => {
                let moment = midnight + hour * DAY / 24;
                let as_of = AsOf::at(arrears_behavior::Moment(moment), &zone).unwrap();
                (as_of, When { zone: reference, moment, whole_day: None })
            }
        };
        prop_assert_eq!(as_of.moment().0, when.moment);
        let table = PLAN.evaluate(&history(&raws, CUSTOMERS, &PLAN), &as_of).unwrap();
        let mut names = PLAN.names().iter().zip(0..);
        let mut check = |of: &Declaration, expected: &dyn Fn(usize) -> f64| {
            let (name, column) = names.next().unwrap();
            for customer in 0..CUSTOMERS {
                let (found, expected) = (table.column(column)[customer], expected(customer));
                prop_assert!(near(found, expected), "{name} ({}) of {customer}: {found}, expected {expected}", of.formula());
            }
            Ok(())
        };
        for (declaration, asked) in ASKED.iter() {
            for window in WINDOWS {
                check(declaration, &|customer| feature(&raws, customer, asked, &when, window, false))?;
            }
        }
        for (declaration, asked) in ASKED.iter() {
            let of = |customer, past| feature(&raws, customer, asked, &when, Window::Days(30), past);
            check(declaration, &|customer| of(customer, false))?;
            check(declaration, &|customer| of(customer, false) - of(customer, true))?;
        }
    }
}
