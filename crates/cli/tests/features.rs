//! `arrears features` from end to end.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

const CONFIG: &str = "currency = \"GBP\"\ntime_zone = \"Europe/London\"\n\
    [orders]\nfile = \"orders.csv\"\ncolumns = { customer = \"id\", order = \"no\", at = \"at\", amount = \"amount\" }\n\
    [[feature]]\nname = \"spent\"\nevent = \"orders\"\naggregate = \"sum\"\nof = \"amount\"\nwindow = [\"30d\", \"all\"]\n";

/// London has summer time: 23:30 UTC is on the next day.
const ORDERS: &str = "id,no,at,amount\nb,1,2024-06-30T22:30:00Z,5.5\nb,2,2024-06-30T23:30:00Z,7\na,3,2024-05-31 12:00,1\na,4,2024-06-01 12:00,2\n\
    c,5,2024-07-02,9\nd,6,2024-06-01,-1\n,7,2024-06-01,1\na,4,2024-06-01 12:00,2\n";

fn arrears(room: &Path, args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("arrears").expect("a sound case").current_dir(room).args(args).assert()
}

fn room() -> tempfile::TempDir {
    let room = tempfile::tempdir().expect("a sound case");
    fs::write(room.path().join("shop.toml"), CONFIG).expect("a sound case");
    fs::write(room.path().join("orders.csv"), ORDERS).expect("a sound case");
    room
}

#[test]
fn a_row_a_customer_and_date() {
    let room = room();
    let done = arrears(
        room.path(),
        &["features", "shop.toml", "--as-of", "2024-06-30,2024-07-01T00:30:00Z", "--rejects", "r.csv"],
    )
    .success();
    let output = done.get_output();
    let expected = "customer,as_of,spent_30d,spent_all\na,2024-06-30,2,3\na,2024-07-01T00:30:00Z,2,3\nb,2024-06-30,5.5,5.5\nb,2024-07-01T00:30:00Z,12.5,12.5\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let told = String::from_utf8_lossy(&output.stderr);
    for words in [
        "orders: 8 rows read, 5 used",
        "left out 1: customer",
        "left out 1: amount",
        "the same row",
        "as of 2024-06-30: 2 customers",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let rejects = fs::read_to_string(room.path().join("r.csv")).expect("a sound case");
    assert_eq!(rejects.lines().count(), 4, "{rejects}");
    assert!(
        rejects.starts_with("table,file,line,customer,column,value,why\norders,orders.csv,7,,amount,-1,"),
        "{rejects}"
    );
}

#[test]
fn parquet_ndjson_and_reports() {
    let room = room();
    for (file, format) in [("f.parquet", "parquet"), ("f.ndjson", "ndjson")] {
        let args =
            ["features", "shop.toml", "--as-of", "2024-06-30", "-o", file, "--json", "--report", "r.txt"];
        let done = arrears(room.path(), &args).success();
        let report: serde_json::Value =
            serde_json::from_slice(&done.get_output().stdout).expect("a sound case");
        assert_eq!(
            (&report["rows"], &report["cleaning"]["tables"][0]["read"]),
            (&2.into(), &8.into()),
            "{format}"
        );
        assert!(
            fs::read_to_string(room.path().join("r.txt"))
                .expect("a sound case")
                .contains("2 rows of 2 features -> f.")
        );
    }
    let ndjson = fs::read_to_string(room.path().join("f.ndjson")).expect("a sound case");
    assert!(
        ndjson.starts_with("{\"customer\":\"a\",\"as_of\":\"2024-06-30\",\"spent_30d\":2,\"spent_all\":3}"),
        "{ndjson}"
    );
}

/// Exit code 2, a message that says how to mend it, and no output.
#[test]
fn what_cannot_run() {
    let room = room();
    let config = |text: &str| fs::write(room.path().join("shop.toml"), text).expect("a sound case");
    let refused = |args: &[&str], words: &str| {
        let all = [&["features", "shop.toml", "-o", "out.csv"], args].concat();
        let done = arrears(room.path(), &all).code(2);
        let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(told.contains(words), "{words}: {told}");
        assert!(!room.path().join("out.csv").exists());
    };
    refused(&[], "--as-of");
    refused(&["--as-of", "yesterday"], "expected a date");
    refused(&["--as-of", "2024-06-30", "--rejects", "shop.toml"], "named twice");
    config(&CONFIG.replace("amount = \"amount\"", "amount = \"amuont\""));
    refused(&["--as-of", "2024-06-30"], "did you mean `amount`?");
    config(CONFIG.split("[[feature]]").next().expect("a sound case"));
    refused(&["--as-of", "2024-06-30"], "declares no features");
    config(&CONFIG.replace("event = \"orders\"", "event = \"returns\""));
    refused(&["--as-of", "2024-06-30"], "returns");
    config(&CONFIG.replace("amount = \"amount\"", "amount = \"amount\", currency = \"no\""));
    refused(&["--as-of", "2024-06-30"], "declares GBP");
}

/// Features and labels of a simulated shop: what `--labels` writes are the rows of both that are good or bad.
#[test]
fn rows_to_train_on() {
    let room = tempfile::tempdir().expect("a sound case");
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/shop/config.toml");
    let dates = "2024-06-30,2024-12-31";
    arrears(room.path(), &["features", config, "--as-of", dates, "-o", "features.csv"]).success();
    arrears(room.path(), &["labels", config, "--as-of", dates, "-o", "labels.csv"]).success();
    let done =
        arrears(room.path(), &["features", config, "--as-of", dates, "--labels", "-o", "training.csv"])
            .success();
    let read = |file: &str| fs::read_to_string(room.path().join(file)).expect("a sound case");
    let labels = read("labels.csv");
    let bad: std::collections::BTreeMap<&str, &str> = labels
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (&line[..fields[0].len() + 1 + fields[1].len()], fields[3])
        })
        .filter(|(_, bad)| !bad.is_empty())
        .collect();
    assert!(bad.values().any(|bad| *bad == "1") && bad.values().any(|bad| *bad == "0"));
    let features = read("features.csv");
    let expected: Vec<String> = features
        .lines()
        .skip(1)
        .filter_map(|line| {
            let key = line.match_indices(',').nth(1).map(|(at, _)| &line[..at])?;
            Some(format!("{key},{}{}", bad.get(key)?, &line[key.len()..]))
        })
        .collect();
    let training = read("training.csv");
    assert!(training.starts_with("customer,as_of,bad,"));
    assert_eq!(training.lines().skip(1).collect::<Vec<_>>(), expected);
    let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(
        told.contains(&format!("{} rows of", bad.len())) && told.contains(" not yet a customer"),
        "{told}"
    );
    let none = Command::cargo_bin("arrears")
        .expect("a sound case")
        .arg("features")
        .arg(config)
        .args(["--as-of", "2024-06-30", "--labels", "-o"])
        .arg(room.path().join("x.csv"))
        .arg("--json")
        .assert()
        .success();
    let json: serde_json::Value = serde_json::from_slice(&none.get_output().stdout).expect("a sound case");
    assert_eq!(json["labels"][0][0], "2024-06-30");
}
