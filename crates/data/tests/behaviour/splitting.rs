//! Splits: golden order, strata, times that stay together.

use crate::csv;
use arrears_data::split::order_key;
use arrears_data::{Preparation, Split, SplitRecipe, Table, split};
use proptest::prelude::*;

fn table(rows: usize) -> Table {
    csv(format!("x\n{}", "1\n".repeat(rows))).table
}

fn recipe(text: &str) -> SplitRecipe {
    Preparation::from_toml(&format!("[split]\n{text}")).unwrap().split
}

fn run(table: &Table, bad: Option<&[bool]>, text: &str) -> Split {
    split(table, bad, &recipe(text), &["NA".to_owned()]).unwrap()
}

fn failure(table: &Table, text: &str) -> String {
    split(table, None, &recipe(text), &["NA".to_owned()]).unwrap_err().to_string()
}

/// Made by the five lines of Python that follow the formula in the doc of `order_key`:
/// M = 2**64 - 1
/// def mix(z):
///     z = (z + 0x9e3779b97f4a7c15) & M; z = ((z ^ z >> 30) * 0xbf58476d1ce4e5b9) & M
///     z = ((z ^ z >> 27) * 0x94d049bb133111eb) & M; return z ^ z >> 31
/// key = lambda seed, row: mix((mix(seed) + row) & M)
const KEYS: [(u64, u64, u64); 4] = [
    (0, 0, 0xa706dd2f4d197e6f),
    (7, 0, 0xb8b4c2977eabce45),
    (7, 1, 0x27e8ac81e7bc3b89),
    (u64::MAX, u64::MAX, 0x5155e650b56274f2),
];

#[test]
fn order_keys_are_golden() {
    for (seed, row, key) in KEYS {
        assert_eq!(order_key(seed, row), key, "seed {seed}, row {row}");
    }
}

#[test]
fn random_rows_are_golden() {
    // From the same Python: sorted(range(20), key=lambda row: key(7, row))[:5], in ascending order.
    assert_eq!(run(&table(20), None, "test = 0.25").test, [1, 4, 11, 13, 17]);
}

proptest! {
    #[test]
    fn random_holds_out_the_same_share_of_each_class(
        bad in prop::collection::vec(any::<bool>(), 20..300),
        share in 0.1f64..0.9,
        seed in any::<u32>(),
    ) {
        let recipe = SplitRecipe { test: Some(share), seed: seed.into(), ..Default::default() };
        let rows = table(bad.len());
        let split = split(&rows, Some(&bad), &recipe, &[]).unwrap();
        for class in [true, false] {
            let size = bad.iter().filter(|b| **b == class).count();
            let held_out = split.test.iter().filter(|row| bad[**row] == class).count();
            prop_assert_eq!(held_out, (share * size as f64).round() as usize);
        }
        let mut all = [split.train, split.test].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..bad.len()).collect::<Vec<_>>());
    }

    #[test]
    fn times_never_straddle_the_cut(days in prop::collection::vec(1u32..9, 4..60), share in 0.05f64..0.9) {
        let text: String = days.iter().map(|d| format!("2024-01-0{d}\n")).collect();
        let table = csv(format!("d\n{text}")).table;
        let recipe = SplitRecipe { test: Some(share), ..recipe("method = \"time\"\ncolumn = \"d\"") };
        match split(&table, None, &recipe, &[]) {
            Ok(split) => {
                let latest_train = split.train.iter().map(|r| days[*r]).max().unwrap();
                let first_test = split.test.iter().map(|r| days[*r]).min().unwrap();
                prop_assert!(latest_train < first_test);
                prop_assert!(split.test.len() >= (share * days.len() as f64).round() as usize);
                // No smaller set of whole days is large enough.
                let without_first = split.test.iter().filter(|r| days[**r] > first_test).count();
                prop_assert!(without_first < ((share * days.len() as f64).round() as usize).max(1));
            }
            // Only when the day of the cut is the first of all.
            Err(_) => {
                let mut sorted = days.clone();
                sorted.sort_unstable();
                let count = ((share * days.len() as f64).round() as usize).max(1);
                prop_assert_eq!(sorted[days.len() - count], sorted[0]);
            }
        }
    }
}

#[test]
fn by_time_from_a_date_or_number() {
    let table = csv("d,n\n2023-12-31,9\n2024-01-01 00:00,10\n2024-01-01,100\n2023-05-01T10:00,8\n").table;
    let dates = run(&table, None, "method = \"time\"\ncolumn = \"d\"\nfrom = \"2024-01-01\"");
    assert_eq!(dates.test, [1, 2]);
    // As numbers, not as text: "9" is before "10".
    let numbers = run(&table, None, "method = \"time\"\ncolumn = \"n\"\nfrom = 10");
    assert_eq!(numbers.test, [1, 2]);
    assert_eq!(run(&table, None, "method = \"time\"\ncolumn = \"n\"\ntest = 0.25").test, [2]);
}

#[test]
fn by_column() {
    let table = csv("s\ntrain\n test \nx\ntest\n").table;
    assert_eq!(run(&table, None, "method = \"column\"\ncolumn = \"s\"\ntest_value = \"test\"").test, [1, 3]);
    let numbers = csv("s\n0\n1.0\n0\n").table;
    assert_eq!(run(&numbers, None, "method = \"column\"\ncolumn = \"s\"\ntest_value = 1").test, [1]);
}

#[test]
fn faults_name_line_and_column() {
    let missing = csv("d\n2024-01-01\nNA\n").table;
    let time = "method = \"time\"\ncolumn = \"d\"";
    assert!(failure(&missing, time).contains("column `d` has no value on line 3"));
    let mixed = csv("d\n2024-01-01\n7\n").table;
    assert!(failure(&mixed, time).contains("\"7\" on line 3"));
    let offset = csv("d\n2024-01-01T00:00+08:00\n2024-01-02\n").table;
    assert!(failure(&offset, time).contains("without a time offset"));
    let same = csv("d\n2024-01-01\n2024-01-01\n").table;
    assert!(failure(&same, time).contains("2 of 2 rows would be held out"));
    assert!(failure(&same, "method = \"time\"\ncolumn = \"d\"\nfrom = \"2025-01-01\"").contains("0 of 2"));
    assert!(failure(&same, "method = \"time\"\ncolumn = \"d\"\nfrom = 5").contains("split.from"));
    assert!(failure(&same, "method = \"time\"\ncolumn = \"e\"").contains("no column `e`"));
    assert!(failure(&table(1), "test = 0.25").contains("both sides need rows"));
}
