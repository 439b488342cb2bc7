//! Simulated tables: the same bytes on any threads, sorted, within their time, and with the risk that they tell.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use arrears_behavior::simulate::{RowOrder, Settings, simulate, start_of_day};
use arrears_data::{Format, ReadOptions, Table, read_all};
use std::collections::BTreeMap;
use std::path::Path;

const NAMES: [&str; 7] = ["customers", "orders", "payments", "returns", "reports", "financials", "truth"];

fn made(settings: &Settings) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    simulate(settings, folder.path()).unwrap();
    folder
}

fn csv(customers: u64) -> Settings {
    Settings { customers, format: Format::Csv, ..Settings::default() }
}

fn lines(folder: &Path, table: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(format!("{table}.csv"))).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

/// The cells of a column, by name.
fn cells(folder: &Path, table: &str, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(format!("{table}.csv"))).unwrap();
    let at = text.lines().next().unwrap().split(',').position(|column| column == name).unwrap();
    text.lines().skip(1).map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())).collect()
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    for format in [Format::Csv, Format::Parquet] {
        for order in [RowOrder::Customer, RowOrder::Time] {
            let settings = Settings { format, order, ..csv(1_500) };
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| bytes(made(&settings).path()))
            };
            let one = on(1);
            assert_eq!(one.len(), 9);
            assert!(one == on(3), "{format:?} {order:?}");
        }
    }
}

#[test]
fn another_seed_is_another_world_and_more_customers_leave_the_first_as_they_are() {
    let (few, more) = (made(&csv(60)), made(&csv(600)));
    for table in NAMES {
        let (few, more) = (lines(few.path(), table), lines(more.path(), table));
        assert_eq!(few, more[..few.len()], "{table}");
        assert!(more.len() > few.len());
    }
    let other = made(&Settings { seed: 2, ..csv(60) });
    assert_ne!(lines(few.path(), "orders"), lines(other.path(), "orders"));
}

#[test]
fn rows_are_sorted_as_asked_and_the_same_in_both_orders() {
    let by_customer = made(&csv(700));
    let by_time = made(&Settings { order: RowOrder::Time, ..csv(700) });
    let times =
        ["joined_at", "ordered_at", "due_at", "returned_at", "reported_at", "period_end", "joined_at"];
    for (table, time) in NAMES.iter().zip(times) {
        let keys = |folder: &Path| {
            cells(folder, table, "customer").into_iter().zip(cells(folder, table, time)).collect::<Vec<_>>()
        };
        assert!(keys(by_customer.path()).is_sorted(), "{table}");
        assert!(
            keys(by_time.path()).is_sorted_by_key(|(customer, at)| (at.clone(), customer.clone())),
            "{table}"
        );
        let sorted = |folder: &Path| {
            let mut lines = lines(folder, table);
            lines.sort();
            lines
        };
        assert_eq!(sorted(by_customer.path()), sorted(by_time.path()));
    }
}

#[test]
fn nothing_is_known_before_it_happened_or_after_the_end_and_all_say_that_they_are_simulated() {
    let folder = made(&csv(800));
    let end = "2026-01-01T00:00:00Z";
    let columns = [
        ("customers", "joined_at"),
        ("orders", "ordered_at"),
        ("payments", "due_at"),
        ("payments", "paid_at"),
        ("returns", "returned_at"),
        ("reports", "arrived_at"),
        ("financials", "arrived_at"),
    ];
    for (table, column) in columns {
        let cells = cells(folder.path(), table, column);
        assert!(cells.len() > 100 && cells.iter().all(|cell| cell.as_str() < end), "{table}.{column}");
    }
    for (table, early, late) in
        [("reports", "reported_at", "arrived_at"), ("financials", "period_end", "arrived_at")]
    {
        let pairs = cells(folder.path(), table, early).into_iter().zip(cells(folder.path(), table, late));
        assert!(pairs.into_iter().all(|(early, late)| early < late), "{table}");
    }
    let joined: BTreeMap<String, String> = cells(folder.path(), "customers", "customer")
        .into_iter()
        .zip(cells(folder.path(), "customers", "joined_at"))
        .collect();
    let orders = cells(folder.path(), "orders", "customer").into_iter().zip(cells(
        folder.path(),
        "orders",
        "ordered_at",
    ));
    assert!(orders.into_iter().all(|(customer, at)| joined[&customer] <= at));
    for table in NAMES {
        assert!(cells(folder.path(), table, "simulated").iter().all(|cell| cell == "yes"), "{table}");
    }
    assert!(
        std::fs::read_to_string(folder.path().join("README.md")).unwrap().contains("Nothing here is real")
    );
}

/// Of those who had not stopped paying a year before the end, as many stop within it as the known pd says: by tenths of
/// the pd, chi-square with ten degrees of freedom below its 99.9 % point, 29.59.
#[test]
fn as_many_stop_paying_as_the_truth_says() {
    let folder = made(&Settings { orders_per_year: 0.1, ..csv(40_000) });
    let cell = |name| cells(folder.path(), "truth", name);
    let start = "2025-01-01T00:00:00Z";
    let mut risks: Vec<(f64, bool)> = Vec::new();
    for ((pd, stops), joined) in cell("pd").into_iter().zip(cell("stops_paying_at")).zip(cell("joined_at")) {
        if joined.as_str() < start && (stops.is_empty() || stops.as_str() >= start) {
            risks.push((pd.parse().unwrap(), !stops.is_empty()));
        }
    }
    risks.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(risks.len() > 25_000);
    let mut chi_square = 0.0;
    for tenth in risks.chunks(risks.len().div_ceil(10)) {
        let expected: f64 = tenth.iter().map(|(pd, _)| pd).sum();
        let variance: f64 = tenth.iter().map(|(pd, _)| pd * (1.0 - pd)).sum();
        let found = tenth.iter().filter(|(_, bad)| *bad).count() as f64;
        chi_square += (found - expected).powi(2) / variance;
    }
    assert!(chi_square < 29.59, "{chi_square}");
    assert!(risks[0].0 < 0.01 && risks[risks.len() - 1].0 > 0.3, "risks differ");
}

/// Shares as the documented model has them, within what chance allows.
#[test]
fn serial_returners_stand_out_and_the_method_says_something_of_the_risk() {
    let folder = made(&csv(3_000));
    let count = |table: &str| {
        let mut counts = BTreeMap::<String, f64>::new();
        cells(folder.path(), table, "customer")
            .into_iter()
            .for_each(|customer| *counts.entry(customer).or_default() += 1.0);
        counts
    };
    let (orders, returns) = (count("orders"), count("returns"));
    let (mut shares, mut customers) = ([0.0; 2], [0.0; 2]);
    for (customer, serial) in cells(folder.path(), "truth", "customer").into_iter().zip(cells(
        folder.path(),
        "truth",
        "serial_returner",
    )) {
        let Some(orders) = orders.get(&customer) else { continue };
        let serial = usize::from(serial == "yes");
        shares[serial] += returns.get(&customer).unwrap_or(&0.0) / orders;
        customers[serial] += 1.0;
    }
    let [usual, serial] = [shares[0] / customers[0], shares[1] / customers[1]];
    assert!((0.05..0.15).contains(&usual) && (0.5..0.7).contains(&serial), "{usual} {serial}");
    assert!((0.06..0.11).contains(&(customers[1] / (customers[0] + customers[1]))));
    let paid = cells(folder.path(), "payments", "paid_at");
    let open = paid.iter().filter(|cell| cell.is_empty()).count() as f64 / paid.len() as f64;
    assert!((0.005..0.05).contains(&open), "{open}");
}

#[test]
fn parquet_holds_the_same_as_csv() {
    let of = |settings: &Settings, file: &str| -> Table {
        read_all(&made(settings).path().join(file), &ReadOptions::default()).unwrap().table
    };
    let csv_table = of(&csv(50), "reports.csv");
    let parquet = of(&Settings { format: Format::Parquet, ..csv(50) }, "reports.parquet");
    assert_eq!(csv_table.rows(), parquet.rows());
}

#[test]
fn settings_out_of_range_are_refused_and_days_are_days() {
    let folder = tempfile::tempdir().unwrap();
    for settings in [
        Settings { customers: 0, ..csv(1) },
        Settings { orders_per_year: 0.0, ..csv(1) },
        Settings { orders_per_year: f64::NAN, ..csv(1) },
        Settings { end: Settings::default().start, ..csv(1) },
        Settings { end: i64::MAX, ..csv(1) },
        Settings { start: i64::MIN, ..csv(1) },
    ] {
        assert!(simulate(&settings, folder.path()).is_err(), "{settings:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(start_of_day("1970-01-02"), Some(86_400));
    assert_eq!(start_of_day("2022-01-01"), Some(Settings::default().start));
    assert_eq!(start_of_day("2026-01-01"), Some(Settings::default().end));
    assert!(["", "2024-02-30", "2024-1-1", "2024-01-01T00"].iter().all(|text| start_of_day(text).is_none()));
}

/// `datasets/shop` is what the program makes of the settings in its README.
#[test]
fn the_bundled_shop_is_made_by_this_program() {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/shop");
    let made = bytes(made(&Settings { customers: 800, ..Settings::default() }).path());
    let bundled = bytes(&bundled);
    assert_eq!(made.keys().collect::<Vec<_>>(), bundled.keys().collect::<Vec<_>>());
    for (name, bytes) in &bundled {
        assert!(made[name] == *bytes, "{name} differs: make it again as its README says");
    }
    assert!(bundled.values().map(Vec::len).sum::<usize>() < 1_000_000);
}
