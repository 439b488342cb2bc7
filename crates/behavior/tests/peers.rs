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
