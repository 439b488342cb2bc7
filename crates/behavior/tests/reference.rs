//! Purchase features against pandas: `tests/reference/make_rfm.py`.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use arrears_behavior::{AsOf, Columns, Declaration, EventKind, Plan, Selection, Zone};
use common::{Cell, Raw, history};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
struct Reference {
    /// Customer, date, pieces, dollars.
    purchases: Vec<(u32, String, i64, f64)>,
    snapshots: Vec<Snapshot>,
}

#[derive(Deserialize)]
struct Snapshot {
    as_of: String,
    features: BTreeMap<String, BTreeMap<String, Option<f64>>>,
}

#[derive(Deserialize)]
struct Config {
    features: Selection,
    feature: Vec<Declaration>,
}

const CONFIG: &str = r#"
[features]
library = ["purchase", "rfm"]
windows = ["30d", "90d", "365d"]

[[feature]]
name = "spent"
event = "orders"
aggregate = "sum"
of = "amount"
compare = "change"
"#;

/// `ARREARS_RFM` names another reference of the same form, made from the real file.
fn reference() -> Reference {
    let path = std::env::var("ARREARS_RFM").unwrap_or_else(|_| "tests/reference/rfm.json".to_owned());
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn features_are_those_of_pandas() {
    let reference = reference();
    let config: Config = toml::from_str(CONFIG).unwrap();
    let plan = Plan::new(&config.features, &config.feature, &Columns::standard()).unwrap();
    let mut ids: Vec<u32> = reference.purchases.iter().map(|purchase| purchase.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let zone = Arc::new(Zone::new("America/New_York").unwrap());
    let raws: Vec<Raw> = reference
        .purchases
        .iter()
        .enumerate()
        .map(|(row, purchase)| raw(row, purchase, &ids, &zone))
        .collect();
    let history = history(&raws, ids.len(), &plan);
    let mut compared = 0;
    for snapshot in &reference.snapshots {
        let table = plan.evaluate(&history, &AsOf::parse(&snapshot.as_of, &zone).unwrap()).unwrap();
        let known: Vec<String> =
            ids.iter().zip(&table.known).filter(|(_, known)| **known).map(|(id, _)| id.to_string()).collect();
        assert_eq!(known.len(), snapshot.features.len(), "customers known on {}", snapshot.as_of);
        for (id, expected) in &snapshot.features {
            let customer = ids.binary_search(&id.parse().unwrap()).unwrap();
            for (name, expected) in expected {
                let column =
                    plan.names().iter().position(|other| other == name).unwrap_or_else(|| panic!("{name}"));
                let (found, expected) = (table.column(column)[customer], expected.unwrap_or(f64::NAN));
                let near = (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
                assert!(
                    near || found.is_nan() && expected.is_nan(),
                    "{name} of {id}: {found}, pandas has {expected}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 8_000, "{compared}");
}

/// Noon of the day in the zone; every purchase is an order.
fn raw(
    row: usize,
    (customer, date, pieces, dollars): &(u32, String, i64, f64),
    ids: &[u32],
    zone: &Arc<Zone>,
) -> Raw {
    let at = AsOf::parse(&format!("{date}T12:00:00"), zone).unwrap().moment().0;
    let order: &'static str = Box::leak(row.to_string().into_boxed_str());
    Raw {
        customer: ids.binary_search(customer).unwrap(),
        kind: EventKind::Orders,
        at,
        known_at: at,
        cells: BTreeMap::from([
            ("order", Cell::Text(order)),
            ("quantity", Cell::Number(pieces * 1_000_000)),
            ("amount", Cell::Number((dollars * 100.0).round() as i64 * 10_000)),
        ]),
    }
}
