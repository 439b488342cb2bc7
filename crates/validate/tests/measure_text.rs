//! The report as people and programs read it.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod made;

use arrears_model::Model;
use arrears_validate::{Gates, Report};
use made::{logistic, measure_all, number, segments, table};
use serde_json::Value;

/// Eight rows, half of them bad; one more is refused and one has no known outcome.
fn report() -> Report {
    let data = table(&[
        ("x", &["-2", "-1.5", "-0.5", "NA", "0.5", "1.5", "2", "2", "0", "many"]),
        ("城市", &["北京", "上海", "北京", "上海", "北京", "广州", "北京", "上海", "北京", "上海"]),
        ("outcome", &["good", "good", "bad", "good", "good", "bad", "bad", "bad", "?", "bad"]),
    ]);
    let mut report = measure_all(&Model::new(logistic()).unwrap(), &data);
    let gates = "min_rows = 8\nmin_auc = 0.87499\nmax_brier = 0.1\nmin_ks = 0.75001\nmin_silhouette = 0.0";
    report.check(&Gates::from_toml(gates).unwrap());
    report
}

fn segment_report() -> Report {
    let data = table(&[
        ("x", &["0", "0", "1", "10", "9"]),
        ("y", &["1", "-1", "0", "0", "NA"]),
        ("城市", &["北京", "上海", "北京", "上海", "上海"]),
        ("outcome", &["bad", "good", "bad", "good", "good"]),
    ]);
    measure_all(&Model::new(segments()).unwrap(), &data)
}

/// Terminal columns of a line: Chinese characters take two.
fn width(line: &str) -> usize {
    line.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
}

/// The words of the one line that starts with `start`, after single blanks.
#[track_caller]
fn line(text: &str, start: &str) -> String {
    let squeezed = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let found: Vec<String> = squeezed.filter(|line| line.starts_with(start)).collect();
    assert_eq!(found.len(), 1, "{start} in\n{text}");
    found[0].clone()
}

#[test]
fn key_lines_say_what_was_measured() {
    let report = report();
    let text = report.to_text();
    let sha256 = &report.model.sha256[..16];
    assert_eq!(line(&text, "Model"), format!("Model arrears-test 1.2, logistic, sha256 {sha256}"));
    assert_eq!(line(&text, "Data"), "Data customers.csv, all rows");
    assert_eq!(
        line(&text, "Rows 8"),
        "Rows 8 of 10 rows measured, 4 bad (50.0%), 1 without a known outcome, 1 refused"
    );
    let interval = report.discrimination.unwrap().auc_interval.unwrap();
    assert_eq!(
        line(&text, "AUC"),
        format!("AUC 0.8750 95% interval {:.4} to {:.4}", interval.lower, interval.upper)
    );
    assert_eq!(line(&text, "Gini"), "Gini 0.7500");
    // 1 / (1 + e^-1.5)
    assert_eq!(line(&text, "KS"), "KS 0.7500 at pd 0.8176");
    assert_eq!(
        line(&text, "pd >="),
        "pd >= 0.4000: 3 of 4 bads found, 2 goods flagged; accuracy 62.5%, precision 60.0%, recall 75.0%"
    );
    assert_eq!(line(&text, "B 一般"), "B 一般 0.5000 2 25.0% 1 50.0% 43.9%");
    assert_eq!(
        line(&text, "11 x"),
        "11 x many expected a number such as 12.5, or one of the texts declared as missing"
    );
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("not known for 1 row: neither \"bad\" (bad) nor \"good\" (good) in `outcome`"));
    assert_eq!(line(&text, "`城市`, 1 row"), "`城市`, 1 row: unseen category");
}

#[test]
fn gates_say_pass_or_fail_and_never_hide_how_close_it_was() {
    let text = report().to_text();
    assert_eq!(line(&text, "min_rows"), "min_rows at least 8 8 PASS");
    assert_eq!(line(&text, "min_auc"), "min_auc at least 0.8750 0.8750 PASS");
    assert!(line(&text, "max_brier").ends_with("FAIL"));
    // 0.75 against 0.75001: with four decimals both would read 0.7500.
    assert_eq!(line(&text, "min_ks"), "min_ks at least 0.75001 0.75 FAIL");
    assert_eq!(line(&text, "min_silhouette"), "min_silhouette at least 0.0000 not computed FAIL");
    assert_eq!(text.lines().last().unwrap().trim(), "Gates failed: 3 of 5.");
    let mut good = report();
    good.check(&Gates::from_toml("min_rows = 8").unwrap());
    assert!(good.to_text().ends_with(" Gates passed: all 1.\n"));
}

#[test]
fn columns_stay_aligned_under_chinese_names() {
    let text = report().to_text();
    let grades = text.lines().skip_while(|line| *line != "Grades").skip(1);
    let grades: Vec<&str> = grades.take_while(|line| !line.is_empty()).collect();
    assert_eq!(grades.len(), 5, "header, rule and three grades");
    // The rule is as wide as the widest line with its margin; every other line ends with its last number.
    for line in grades.iter().filter(|line| !line.starts_with('─')) {
        assert_eq!(width(line) + 1, width(grades[1]), "{line}");
    }
}

#[test]
fn segments_are_shown_with_what_is_typical_of_them() {
    let text = segment_report().to_text();
    let all = line(&text, "S1: 低 x");
    assert!(all.starts_with("S1: 低 x 3 60.0% 75.0% 2 66.7% 1.0000"), "{all}");
    assert_eq!(line(&text, "城市 北京"), "城市 北京 67% 上海 100%");
    assert_eq!(line(&text, "x 0.33"), "x 0.33 9.50");
    assert_eq!(line(&text, "Variable S1"), "Variable S1 S2");
    assert!(line(&text, "Segment PSI").contains("shift, but few rows"));
}

#[test]
fn no_line_is_wider_than_a_hundred_columns_and_none_obeys_control_characters() {
    let long = "付款".repeat(90);
    let mut parts = logistic();
    parts.schema.fields[1].name = format!("{long}\u{1b}[31m");
    let name = parts.schema.fields[1].name.clone();
    let escape = format!("\u{1b}[2J{}", "x".repeat(300));
    let data = table(&[
        ("x", &["1", "0", &escape]),
        (&name, &["北京", "上海", "北京"]),
        ("outcome", &["bad", "good", "good"]),
    ]);
    let long = measure_all(&Model::new(parts).unwrap(), &data);
    for report in [report(), segment_report(), long] {
        let text = report.to_text();
        assert!(!text.contains('\u{1b}'));
        let widest = text.lines().max_by_key(|line| width(line)).unwrap();
        assert!(width(widest) <= 100, "{}: {widest}", width(widest));
        assert!(text.ends_with('\n') && text.lines().all(|line| line.trim_end() == line));
    }
}

#[test]
fn of_many_features_the_worst_are_shown() {
    let mut parts = logistic();
    parts.schema.fields.extend((0..30).map(|i| number(&format!("f{i}"))));
    for i in 0..30 {
        let field = 2 + i;
        parts.transforms.push(arrears_model::transform::Transform::Intervals { field, splits: vec![0.0] });
        let counts = vec![50 + i as u64, 50 - i as u64, 0];
        let transform = parts.transforms.len() - 1;
        parts.profile.fields.push(arrears_model::profile::FieldProfile { transform, counts, bads: vec![] });
    }
    let names: Vec<String> = (0..30).map(|i| format!("f{i}")).collect();
    let mut columns: Vec<(&str, &[&str])> =
        vec![("x", &["-2", "-1"]), ("城市", &["北京", "上海"]), ("outcome", &["bad", "good"])];
    columns.extend(names.iter().map(|name| (name.as_str(), ["1", "-1"].as_slice())));
    let report = measure_all(&Model::new(parts).unwrap(), &table(&columns));
    assert_eq!(report.stability.features.len(), 32);
    let text = report.to_text();
    let shown = text.lines().skip_while(|line| !line.starts_with("Features against")).skip(3);
    let shown: Vec<&str> = shown.take_while(|line| !line.starts_with(" and ")).collect();
    assert_eq!(shown.len(), 20);
    let psi: Vec<f64> =
        shown.iter().map(|row| row.split_whitespace().nth(1).unwrap().parse().unwrap()).collect();
    assert!(psi.is_sorted_by(|a, b| a >= b), "{psi:?}");
    assert!(line(&text, "and 12 more, of ").ends_with("at most"));
}

/// Every key of the JSON, wherever it stands.
fn keys(value: &Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn the_json_is_described_key_by_key_in_the_docs() {
    let docs = include_str!("../docs/report.md");
    let mut found = std::collections::BTreeSet::new();
    for report in [report(), segment_report()] {
        let json = report.to_json();
        assert_eq!(json, report.to_json());
        keys(&serde_json::from_str(&json).unwrap(), &mut found);
    }
    assert!(found.len() > 80, "{found:?}");
    let missing: Vec<_> = found.iter().filter(|key| !docs.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "docs/report.md does not describe {missing:?}");
}

#[test]
fn the_json_holds_the_numbers() {
    let json: Value = serde_json::from_str(&report().to_json()).unwrap();
    assert_eq!(json["format"], "arrears-report");
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["model"]["kind"], "logistic");
    assert_eq!(json["data"]["measured"], 8);
    assert_eq!(json["discrimination"]["auc"], 0.875);
    assert_eq!(json["stability"]["features"][1]["name"], "城市");
    assert_eq!(json["stability"]["score"]["band"], "stable");
    assert_eq!(json["grades"][2]["max_pd"], Value::Null);
    assert_eq!(json["gates"][0]["passed"], true);
    assert_eq!(json["clusters"], Value::Null);
    let json: Value = serde_json::from_str(&segment_report().to_json()).unwrap();
    assert_eq!(json["clusters"]["segments"][1]["features"][0]["typical"]["mean"], 9.5);
    assert_eq!(
        json["clusters"]["segments"][1]["features"][2]["typical"]["most_frequent"]["category"],
        "上海"
    );
}

#[test]
fn junit_names_the_model() {
    let junit = report().to_junit().unwrap();
    assert!(
        junit
            .contains(r#"<testsuite name="arrears-test@1.2" tests="5" skipped="0" errors="0" failures="3">"#),
        "{junit}"
    );
}
