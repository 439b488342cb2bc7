//! Comparison with peers, by hand.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use arrears_behavior::{AsOf, Columns, Declaration, EventKind, Plan, Selection, Zone};
use common::{Cell, Raw, history};
use std::collections::BTreeMap;
use std::sync::Arc;

const FEATURE: &str =
    "name = 'spent'\nevent = 'orders'\naggregate = 'sum'\nof = 'amount'\nwindow = 'all'\ncompare = 'peers'";

fn raw(customer: usize, kind: EventKind, at: i64, name: &'static str, cell: Cell) -> Raw {
    Raw { customer, kind, at, known_at: at, cells: BTreeMap::from([(name, cell)]) }
}

/// Group a spends 2, 4 and 9: mean 5, deviation sqrt(13); the only one of group b has no peers; the last customer
/// moves from b to a.
#[test]
fn z_is_among_the_group_as_last_known() {
    let declared: Declaration = toml::from_str(FEATURE).unwrap();
    let plan =
        Plan::new(&Selection::default(), std::slice::from_ref(&declared), &Columns::standard()).unwrap();
    let spent = |customer, amount: i64| {
        raw(customer, EventKind::Orders, 5, "amount", Cell::Number(amount * 1_000_000))
    };
    let group = |customer, at, name| raw(customer, EventKind::Customers, at, "group", Cell::Text(name));
    let raws = [
        spent(0, 2),
        spent(1, 4),
        spent(2, 100),
        spent(3, 9),
        group(0, 1, "a"),
        group(1, 1, "a"),
        group(2, 1, "b"),
        group(3, 1, "b"),
        group(3, 2, "a"),
    ];
    let (history, zone) = (history(&raws, 4, &plan), Arc::new(Zone::new("UTC").unwrap()));
    let as_of = AsOf::parse("2026-09-30", &zone).unwrap();
    assert!(plan.evaluate(&history, &as_of).unwrap_err().to_string().contains("take their statistics first"));
    let mut pass = plan.peer_pass().unwrap();
    pass.add(&history, &as_of).unwrap();
    let peers = pass.finish();
    let text = toml::to_string(&peers).unwrap();
    let plan = plan.with_peers(toml::from_str(&text).unwrap()).unwrap();
    let table = plan.evaluate(&history, &as_of).unwrap();
    assert_eq!(plan.names(), ["spent", "spent_vs_peers"]);
    let z = table.column(1);
    for (customer, expected) in [(0, -3.0), (1, -1.0), (3, 4.0)] {
        assert!((z[customer] - expected / 13.0_f64.sqrt()).abs() < 1e-12, "{customer}: {}", z[customer]);
    }
    assert!(z[2].is_nan());
}

/// As of 10 December two customers have spent 2 and 4; the third orders on the 20th, and is nobody's peer before.
#[test]
fn who_is_not_a_customer_yet_is_nobodys_peer() {
    let declared: Declaration = toml::from_str(FEATURE).unwrap();
    let plan =
        Plan::new(&Selection::default(), std::slice::from_ref(&declared), &Columns::standard()).unwrap();
    let zone = Arc::new(Zone::new("UTC").unwrap());
    let day = |day: u32| AsOf::parse(&format!("2026-12-{day:02}"), &zone).unwrap();
    let spent = |customer, on: u32, amount: i64| {
        let at = day(on).moment().0 - 1;
        raw(customer, EventKind::Orders, at, "amount", Cell::Number(amount * 1_000_000))
    };
    let raws = [spent(0, 1, 2), spent(1, 2, 4), spent(2, 20, 7)];
    let history = history(&raws, 3, &plan);
    let peers = |on: u32| {
        let mut pass = plan.peer_pass().unwrap();
        pass.add(&history, &day(on)).unwrap();
        pass.finish().groups[""][0]
    };
    let (before, after) = (peers(10), peers(25));
    assert_eq!((before.n, before.mean), (2, 3.0));
    assert!((before.deviation - 2.0_f64.sqrt()).abs() < 1e-12, "{}", before.deviation);
    assert_eq!(after.n, 3);
}
