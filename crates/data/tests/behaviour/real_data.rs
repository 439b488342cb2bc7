//! The large public data sets, where they are at hand.

use arrears_data::{ColumnType, ReadOptions, infer, open, read_all};
use std::path::PathBuf;

#[allow(clippy::print_stderr, reason = "a test that checks nothing says so")]
fn data_set(path: &str) -> Option<PathBuf> {
    match std::env::var_os("DATASETS_DIR") {
        Some(folder) => Some(PathBuf::from(folder).join(path)),
        None => {
            eprintln!("skipped: DATASETS_DIR is not set");
            None
        }
    }
}

#[test]
fn taiwan_card_holders() {
    let Some(path) = data_set("taiwan_default/UCI_Credit_Card.csv") else { return };
    let loaded = read_all(&path, &ReadOptions::default()).unwrap();
    assert_eq!((loaded.table.rows(), loaded.unreadable.len()), (30_000, 0));
    assert_eq!(loaded.table.columns().len(), 25);
    assert_eq!(loaded.table.line(29_999), 30_001);
    let columns = infer(&loaded.table, &[]);
    assert!(columns.iter().all(|c| c.kind == ColumnType::Number && c.missing == 0));
    assert_eq!(columns.iter().filter(|c| c.looks_like_id).map(|c| &c.column).collect::<Vec<_>>(), ["ID"]);
}

#[test]
fn online_retail_orders() {
    let Some(path) = data_set("online_retail_uci/online_retail.parquet") else { return };
    let mut rows = 0;
    for chunk in open(&path, &ReadOptions::default()).unwrap() {
        let chunk = chunk.unwrap();
        assert!(chunk.unreadable.is_empty() && chunk.table.rows() <= 8_192);
        assert_eq!(chunk.table.line(0), rows as u64 + 1);
        rows += chunk.table.rows();
    }
    assert_eq!(rows, 541_909);
}
