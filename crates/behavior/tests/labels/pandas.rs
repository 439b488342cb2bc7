//! `reference/labels/make_reference.py` asks every bill on every day.

use crate::build::{Row, history};
use arrears_behavior::labels::{LabelSettings, RollRates, Vintages, labels};
use arrears_behavior::{AsOf, EventKind, History, Zone};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

fn reference() -> (Vec<Row>, Value) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/labels");
    let mut csv = csv::Reader::from_path(folder.join("events.csv")).unwrap();
    let row = |record: csv::StringRecord| Row {
        kind: EventKind::ALL.into_iter().find(|kind| kind.name() == &record[0]).unwrap(),
        customer: record[1].to_owned(),
        at: record[2].parse().unwrap(),
        known_at: record[3].parse().unwrap(),
        id: record[4].to_owned(),
        amount: record[5].parse().unwrap_or(0.0),
        paid_at: record[6].parse().ok(),
    };
    let rows = csv.records().map(|record| row(record.unwrap())).collect();
    let json = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    (rows, serde_json::from_str(&json).unwrap())
}

fn settings(options: &Value) -> LabelSettings {
    let toml: String =
        options.as_object().unwrap().iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    toml::from_str(&format!("complete_until = \"2024-12-31\"\n{toml}")).unwrap()
}

fn parts(rows: &[Row]) -> Vec<History> {
    let odd = |row: &&Row| row.customer.ends_with(['1', '3', '5', '7', '9']);
    let (odd, even): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(odd);
    [even, odd].map(|part| history(&part.into_iter().cloned().collect::<Vec<_>>())).into()
}

#[test]
fn labels_are_those_of_pandas() {
    let (rows, reference) = reference();
    let zone = Arc::new(Zone::new("Europe/London").unwrap());
    let history = history(&rows);
    let cases = reference["labels"].as_array().unwrap();
    assert_eq!(cases.len(), 25);
    for case in cases {
        let as_of = AsOf::parse(case["as_of"].as_str().unwrap(), &zone).unwrap();
        let found = labels(&history, &settings(&case["options"]), &as_of).unwrap();
        for (n, expected) in case["labels"].as_array().unwrap().iter().enumerate() {
            let place = format!("{} {} {}", &history.customers[n], case["as_of"], case["options"]);
            assert_eq!(expected[0].as_str().unwrap(), &history.customers[n]);
            assert_eq!(found.outcomes[n].name(), expected[1].as_str().unwrap(), "{place}");
            match expected[2].as_f64() {
                Some(worst) => assert_eq!(found.worst[n], worst, "{place}"),
                None => assert!(found.worst[n].is_nan(), "{place}"),
            }
        }
    }
}

#[test]
fn vintages_and_roll_rates_are_those_of_pandas_in_any_grouping_of_customers() {
    let (rows, reference) = reference();
    let zone = Arc::new(Zone::new("Europe/London").unwrap());
    for (materiality, expected) in reference["tables"].as_object().unwrap() {
        let settings = LabelSettings {
            materiality: materiality.parse().unwrap(),
            ..LabelSettings::past_due("2024-12-31")
        };
        let (mut vintages, mut rolls) = (Vintages::default(), RollRates::default());
        for part in parts(&rows) {
            let (mut more, mut moves) = (Vintages::default(), RollRates::default());
            more.add(&part, &settings, &zone).unwrap();
            moves.add(&part, &settings, &zone).unwrap();
            vintages.merge(&more);
            rolls.merge(&moves);
        }
        let cells: Vec<Value> = vintages
            .cells()
            .iter()
            .map(|cell| serde_json::json!([cell.cohort, cell.months_on_book, cell.customers, cell.bad]))
            .collect();
        assert_eq!(&Value::from(cells), &expected["vintages"]);
        let moves: Vec<Value> =
            rolls.by_month().iter().map(|(month, moves)| serde_json::json!([month, moves])).collect();
        assert_eq!(&Value::from(moves), &expected["rolls"]);
        let total: u64 = rolls.total().iter().flatten().sum();
        let by_month: u64 = rolls.by_month().iter().flat_map(|(_, moves)| moves.iter().flatten()).sum();
        assert_eq!(total, by_month);
    }
}
