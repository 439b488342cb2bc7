//! Gates: what passes, what fails, what is refused, and the JUnit report of it.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_validate::{Error, Gates, Measured, check, junit};

fn refused(toml: &str) -> String {
    Gates::from_toml(toml).unwrap_err().to_string()
}

/// Every gate, its limit, and a value that just passes and one that just fails.
const GATES: [(&str, f64, f64, f64); 14] = [
    ("min_rows", 100.0, 100.0, 99.0),
    ("min_bads", 20.0, 20.0, 19.0),
    ("max_reject_share", 0.01, 0.01, 0.011),
    ("min_auc", 0.75, 0.75, 0.749),
    ("min_auc_lower", 0.7, 0.7, 0.699),
    ("min_gini", 0.5, 0.5, 0.499),
    ("min_ks", 0.3, 0.3, 0.299),
    ("max_brier", 0.2, 0.2, 0.201),
    ("max_log_loss", 0.5, 0.5, 0.501),
    ("max_calibration_error", 0.05, 0.05, 0.051),
    ("max_score_psi", 0.25, 0.25, 0.251),
    ("max_feature_psi", 0.2, 0.2, 0.201),
    ("min_silhouette", 0.1, 0.1, 0.099),
    ("max_inertia_per_row", 4.0, 4.0, 4.001),
];

/// A measurement in which only the value of one gate is known.
fn measured(gate: &str, value: Option<f64>) -> Measured {
    let mut m = Measured::default();
    let field = match gate {
        "min_rows" => &mut m.rows,
        "min_bads" => &mut m.bads,
        "max_reject_share" => &mut m.reject_share,
        "min_auc" => &mut m.auc,
        "min_auc_lower" => &mut m.auc_lower,
        "min_gini" => &mut m.gini,
        "min_ks" => &mut m.ks,
        "max_brier" => &mut m.brier,
        "max_log_loss" => &mut m.log_loss,
        "max_calibration_error" => &mut m.calibration_error,
        "max_score_psi" => &mut m.score_psi,
        "max_feature_psi" => &mut m.feature_psi,
        "min_silhouette" => &mut m.silhouette,
        "max_inertia_per_row" => &mut m.inertia_per_row,
        other => panic!("no such gate: {other}"),
    };
    *field = value;
    m
}

#[test]
fn each_gate_looks_at_its_own_value_and_fails_without_it() {
    for (name, limit, passes, fails) in GATES {
        let gates = Gates::from_toml(&format!("{name} = {limit}")).unwrap();
        let verdict = |value| {
            let results = check(&gates, &measured(name, value));
            assert_eq!(results.len(), 1, "{name}");
            assert_eq!((results[0].name, results[0].limit), (name, limit));
            results[0].passed
        };
        assert!(verdict(Some(passes)), "{name}");
        assert!(!verdict(Some(fails)), "{name}");
        for unusable in [None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)] {
            assert!(!verdict(unusable), "{name} {unusable:?}");
        }
    }
}

#[test]
fn a_limit_of_nan_fails_even_when_set_from_code() {
    let gates = Gates { min_auc: Some(f64::NAN), max_brier: Some(f64::NAN), ..Gates::default() };
    let measured = Measured { auc: Some(0.9), brier: Some(0.1), ..Measured::default() };
    assert!(check(&gates, &measured).iter().all(|gate| !gate.passed));
}

#[test]
fn results_come_in_a_fixed_order_whatever_the_file_says() {
    let lines: Vec<String> =
        GATES.iter().rev().map(|(name, limit, ..)| format!("{name} = {limit}")).collect();
    let gates = Gates::from_toml(&lines.join("\n")).unwrap();
    let names: Vec<&str> = check(&gates, &Measured::default()).iter().map(|gate| gate.name).collect();
    assert_eq!(names, GATES.map(|gate| gate.0));
}

#[test]
fn a_mistyped_file_is_refused_with_what_is_known() {
    let unknown = refused("min_acu = 0.75");
    assert!(unknown.contains("unknown field `min_acu`"), "{unknown}");
    assert!(unknown.contains("line 1"), "{unknown}");
    for (name, ..) in GATES {
        assert!(unknown.contains(name), "{name} is not listed: {unknown}");
        assert!(refused("# nothing yet").contains(name));
        for wrong in ["'high'", "-5", "nan", "true"] {
            let said = refused(&format!("{name} = {wrong}"));
            assert!(said.contains(name), "{said}");
        }
    }
    assert!(matches!(Gates::from_toml(""), Err(Error::NoGates { .. })));
    let percent = refused("max_brier = 25");
    assert!(percent.contains("`max_brier` is 25, expected a number from 0 to 1"), "{percent}");
    assert!(refused("max_score_psi = -0.1").contains("expected a number from 0 or more"));
    assert!(matches!(Gates::from_toml("min_auc = "), Err(Error::GatesFile { .. })));
}

#[test]
fn junit_has_a_case_for_each_gate_and_no_clock() {
    let gates = Gates::from_toml("min_auc = 0.75\nmin_ks = 0.3\nmax_brier = 0.2").unwrap();
    let measured = Measured { auc: Some(0.7), brier: Some(0.15), ..Measured::default() };
    let found = junit("credit <hold-out>", &check(&gates, &measured)).unwrap();
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="arrears validate" tests="3" skipped="0" failures="2" errors="0">
    <testsuite name="credit &lt;hold-out&gt;" tests="3" skipped="0" errors="0" failures="2">
        <testcase name="min_auc" classname="gates">
            <failure message="min_auc is 0.7, the gate asks for at least 0.75" type="gate"/>
        </testcase>
        <testcase name="min_ks" classname="gates">
            <failure message="min_ks could not be computed, the gate asks for at least 0.3" type="gate"/>
        </testcase>
        <testcase name="max_brier" classname="gates"/>
    </testsuite>
</testsuites>
"#;
    assert_eq!(found, expected);
}
