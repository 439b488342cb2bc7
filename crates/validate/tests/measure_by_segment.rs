//! A model with a scorecard for each segment: the figures of each, held to every pair of rows counted one by one.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, Table, read_bytes};
use arrears_model::{Model, Scorer};
use arrears_validate::{BySegment, MeasureOptions, Ranked, Report, auc_interval, measure};
use std::fmt::Write;

fn model() -> Model {
    Model::from_bytes(include_bytes!("../../model/tests/samples/v3-segmented-tree.json")).unwrap()
}

/// 240 rows over all segments; outcomes by a rule that has little to do with the model.
fn table(rows: std::ops::Range<u32>, home: &str) -> Table {
    let mut csv = "客户,age,days_late,home,码,status\n".to_owned();
    for i in rows {
        let home = if home.is_empty() { ["owner", "rent", "parents"][(i % 3) as usize] } else { home };
        let status = if (i * i / 7) % 4 == 0 { "bad" } else { "good" };
        let late = [0, 0, 45, 3][(i / 3 % 4) as usize];
        let code = ["1", "2.5", ""][(i / 5 % 3) as usize];
        let _ = writeln!(csv, "{i},{},{late},{home},{code},{status}", 18 + i % 60);
    }
    read_bytes("rows.csv", Format::Csv, csv.as_bytes()).unwrap().table
}

fn report(table: &Table) -> Report {
    let rows: Vec<usize> = (0..table.rows()).collect();
    measure(&model(), table, &rows, "all rows", "rows.csv", &MeasureOptions::default()).unwrap()
}

/// Segment, outcome and pd of each row.
fn scored(table: &Table) -> Vec<(usize, bool, f64)> {
    let model = model();
    let mut scorer = Scorer::new(&model);
    let columns: Vec<_> = model.schema.fields.iter().map(|f| table.column(&f.name).unwrap()).collect();
    let row = |row: usize| {
        let values: Vec<_> = columns.iter().map(|c| c.value(row)).collect();
        let scored = scorer.score(&values).unwrap();
        let bad = table.column("status").unwrap().text(row, &[]).unwrap() == "bad";
        (scored.segment.unwrap(), bad, scored.pd.unwrap())
    };
    (0..table.rows()).map(row).collect()
}

#[test]
fn each_segment_and_the_pairs_within_and_between() {
    let table = table(0..240, "");
    let report = report(&table);
    let by: &BySegment = report.segments.as_ref().unwrap();
    let rows = scored(&table);
    let (mut won, mut pairs) = (0.0, 0.0);
    for (i, segment) in by.segments.iter().enumerate() {
        let own: Vec<_> = rows.iter().filter(|row| row.0 == i).collect();
        let bads = own.iter().filter(|row| row.1).count();
        assert!(own.len() > 20 && bads > 2, "{i}: {} {bads}", own.len());
        assert_eq!((segment.rows, segment.bads), (own.len() as u64, bads as u64));
        assert_eq!(segment.share, Some(own.len() as f64 / 240.0));
        assert_eq!(segment.training_share, Some([80.0, 90.0, 30.0][i] / 200.0));
        assert_eq!(segment.bad_rate, Some(bads as f64 / own.len() as f64));
        let mean = own.iter().map(|row| row.2).sum::<f64>() / own.len() as f64;
        assert!((segment.mean_pd.unwrap() - mean).abs() < 1e-12);
        let (mut mine, mut of) = (0.0, 0.0);
        for bad in own.iter().filter(|row| row.1) {
            for good in own.iter().filter(|row| !row.1) {
                mine += if bad.2 > good.2 {
                    1.0
                } else if bad.2 == good.2 {
                    0.5
                } else {
                    0.0
                };
                of += 1.0;
            }
        }
        assert!((segment.auc.unwrap() - mine / of).abs() < 1e-12);
        let (bad, pd): (Vec<bool>, Vec<f64>) = own.iter().map(|row| (row.1, row.2)).unzip();
        let interval = auc_interval(&Ranked::new(&bad, &pd).unwrap(), 0.95).unwrap();
        assert_eq!(segment.auc_interval, Some(interval));
        (won, pairs) = (won + mine, pairs + of);
    }
    assert_eq!(by.segments.iter().map(|s| s.rows).sum::<u64>(), report.data.measured);
    assert!((by.within_auc.unwrap() - won / pairs).abs() < 1e-12);
    let (mut between, mut all) = (0.0, 0.0);
    let mean = |segment: usize| by.segments[segment].mean_pd.unwrap();
    for bad in rows.iter().filter(|row| row.1) {
        for good in rows.iter().filter(|row| !row.1) {
            let (a, b) = (mean(bad.0), mean(good.0));
            between += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
            all += 1.0;
        }
    }
    assert!((by.between_auc.unwrap() - between / all).abs() < 1e-12);
    // The third segment has no characteristics: its customers all have one pd.
    assert_eq!(by.segments[2].auc, Some(0.5));
    let text = report.to_text();
    for line in
        ["Segments, each with a scorecard of its own", "S1: home in {private rent, rent}", "AUC within"]
    {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["segments"]["segments"][1]["name"], "S2: 好");
    assert!(json["clusters"].is_null());
}

#[test]
fn what_does_not_exist_is_absent() {
    // Renters only: the other segments have no rows.
    let report = report(&table(0..40, "rent"));
    let by = report.segments.as_ref().unwrap();
    assert_eq!((by.segments[0].rows, by.segments[1].rows, by.segments[2].rows), (40, 0, 0));
    let empty = &by.segments[1];
    assert_eq!((empty.auc, empty.bad_rate, empty.mean_pd, empty.auc_interval), (None, None, None, None));
    assert_eq!(by.between_auc, Some(0.5));
    assert_eq!(by.within_auc, report.discrimination.map(|d| d.auc));
    // One good row: no AUC anywhere, and the report stands all the same.
    let one = self::report(&table(7..8, "rent"));
    let by = one.segments.as_ref().unwrap();
    assert_eq!((by.within_auc, by.between_auc, by.segments[0].auc), (None, None, None));
}
