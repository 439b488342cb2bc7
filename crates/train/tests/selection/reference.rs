//! Against numpy, statsmodels and scipy; `../reference/selection.json` is made by `../reference/make_selection.py`.

use crate::data::{Data, close, nothing};
use arrears_train::selection::{Criterion, SelectionParams, Step, Stepwise};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("../reference/selection.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

#[test]
fn correlations_agree_with_numpy() {
    let reference = reference();
    let mut data = Data::german();
    assert!(data.iv.iter().zip(numbers(&reference["iv"])).all(|(a, b)| close(*a, b, 1e-12)));
    let weights = (0..data.bad.len()).map(|row| (row % 4) as f64).collect();
    for (key, weights) in [("plain", None), ("weighted", Some(weights))] {
        data.weights = weights;
        let rows: Vec<Vec<f64>> =
            reference["correlations"][key].as_array().unwrap().iter().map(numbers).collect();
        let selection = data.select(&nothing());
        assert_eq!(selection.kept.len(), data.names.len());
        for (i, decision) in selection.decisions.iter().enumerate() {
            let (partner, r) = decision.correlated_with.unwrap();
            assert!(close(r, rows[i][partner], 1e-12), "{key} {i} {partner}: {r} {}", rows[i][partner]);
            assert!((0..rows.len()).all(|j| j == i || rows[i][j].abs() <= r.abs() + 1e-12), "{key} {i}");
        }
    }
}

#[test]
fn variance_inflation_agrees_with_statsmodels() {
    let (reference, data) = (reference(), Data::german());
    let all = data.select(&nothing());
    for (decision, expected) in all.decisions.iter().zip(numbers(&reference["vif"])) {
        assert!(close(decision.vif.unwrap(), expected, 1e-10), "{:?} {expected}", decision.vif);
    }
    let some = data.select(&SelectionParams { max_vif: Some(1.15), ..nothing() });
    assert_eq!(data.kept(&some), texts(&reference["vif_below_1.15"]));
    let dropped = some.decisions.iter().find(|d| !d.kept()).unwrap();
    assert_eq!(dropped.dropped_by, Some(Step::Inflation));
    assert!(dropped.vif.unwrap() > 1.15 && dropped.reason.contains("above 1.15"), "{}", dropped.reason);
}

#[test]
fn clusters_agree_with_scipy() {
    let (reference, data) = (reference(), Data::german());
    let count = |count| SelectionParams { clusters: Some(count), ..nothing() };
    let height = |height| SelectionParams { cluster_height: Some(height), ..nothing() };
    let asked: [(_, Vec<SelectionParams>); 2] = [
        ("counts", (1..=data.names.len()).map(count).collect()),
        ("heights", [0.6, 0.75, 0.85, 0.9, 0.95].map(height).to_vec()),
    ];
    let expected = |key| reference["clusters"][key].as_array().unwrap().iter().map(numbers);
    for (key, (params, expected)) in
        asked.iter().flat_map(|(key, params)| params.iter().zip(expected(key)).map(move |pair| (key, pair)))
    {
        let selection = data.select(params);
        let found: Vec<usize> = selection.decisions.iter().map(|d| d.cluster.unwrap()).collect();
        for i in 0..found.len() {
            for j in 0..i {
                assert_eq!(found[i] == found[j], expected[i] == expected[j], "{key}: {i} and {j}");
            }
            let better = (0..found.len()).any(|j| found[j] == found[i] && data.iv[j] > data.iv[i]);
            assert_eq!(selection.decisions[i].kept(), !better, "{key}: {i}");
        }
    }
}

#[test]
fn stepwise_agrees_with_the_best_of_all_moves_in_statsmodels() {
    let (reference, data) = (reference(), Data::german());
    for (name, expected) in reference["stepwise"].as_object().unwrap() {
        let (direction, criterion) = name.split_once(' ').unwrap();
        let stepwise = match direction {
            "forward" => Stepwise::Forward,
            "backward" => Stepwise::Backward,
            _ => Stepwise::Both,
        };
        let criterion = if criterion == "aic" { Criterion::Aic } else { Criterion::Bic };
        let selection = data.select(&SelectionParams { stepwise, criterion, ..nothing() });
        let path: Vec<&str> = selection.path.iter().map(|made| &*data.names[made.candidate]).collect();
        assert_eq!(path, texts(&expected["path"]), "{name}");
        assert_eq!(data.kept(&selection), texts(&expected["kept"]), "{name}");
        let found = if criterion == Criterion::Aic { selection.fit.aic } else { selection.fit.bic };
        assert!(close(found, expected["criterion"].as_f64().unwrap(), 1e-9), "{name}: {found}");
        assert!(close(selection.path.last().unwrap().criterion.1, found, 1e-12), "{name}");
    }
}

#[test]
fn p_values_enter_and_stay_as_in_statsmodels() {
    let (reference, data) = (reference(), Data::german());
    let params = SelectionParams { stepwise: Stepwise::Both, criterion: Criterion::PValue, ..nothing() };
    let selection = data.select(&params);
    let entered: Vec<&str> =
        selection.path.iter().filter(|m| m.entered).map(|m| &*data.names[m.candidate]).collect();
    assert_eq!(entered, texts(&reference["p_value"]["entered"]));
    assert_eq!(data.kept(&selection), texts(&reference["p_value"]["kept"]));
    assert!(selection.decisions.iter().all(|d| !d.kept() || d.p_value.unwrap() <= 0.05));
}
