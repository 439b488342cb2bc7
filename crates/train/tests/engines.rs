//! The engines against scikit-learn (logistic regression, k-means), against an exhaustive search (trees),
//! against each other and against themselves on other numbers of threads.
//!
//! The files in `reference/` are made by `make_reference.py` there.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_train::engine::{
    Engine, EngineError, KmeansParams, LogisticParams, TreeNode, TreeParams, TreeSplit,
};
use arrears_train::grow::Criterion;
use ndarray::{Array2, array};
use proptest::prelude::*;
use serde_json::Value;

const ENGINES: [Engine; 2] = [Engine::Linfa, Engine::Smartcore];
/// Those that find clusters.
const CLUSTERERS: [Engine; 3] = [Engine::Native, Engine::Linfa, Engine::Smartcore];
/// Those that fit a logistic regression.
const REGRESSIONS: [Engine; 3] = [Engine::Native, Engine::Linfa, Engine::Smartcore];

/// Those that grow a tree.
const TREES: [Engine; 3] = REGRESSIONS;

fn cases(text: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(!cases.is_empty());
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn table(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// Numbers in [0, 1) from a seed: a multiplicative congruential generator (Park and Miller).
fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let next = |state: &u64| Some(state * 48_271 % 2_147_483_647);
    std::iter::successors(Some(seed), next).skip(1).map(|state| state as f64 / 2_147_483_647.0)
}

/// A table and labels that depend on it, without an exact rule.
fn sample(rows: usize, columns: usize) -> (Array2<f64>, Vec<bool>) {
    let mut draw = noise(7);
    let records =
        Array2::from_shape_simple_fn((rows, columns), || draw.by_ref().take(4).sum::<f64>() * 1.7 - 3.4);
    let bad = records.rows().into_iter().map(|row| row[0] - row[1] + draw.next().unwrap() * 4.0 > 2.5);
    let bad = bad.collect();
    (records, bad)
}

#[test]
fn logistic_agrees_with_scikit_learn() {
    for case in cases(include_str!("reference/logistic.json")) {
        let records = table(&rows(&case["records"]));
        let bad: Vec<bool> = numbers(&case["bad"]).iter().map(|&b| b == 1.0).collect();
        let params = LogisticParams { l2: case["l2"].as_f64().unwrap(), ..LogisticParams::default() };
        let mut expected = numbers(&case["coefficients"]);
        expected.push(case["intercept"].as_f64().unwrap());
        for engine in REGRESSIONS {
            let fit = engine.logistic(&records, &bad, &params).unwrap();
            let found = fit.coefficients.iter().chain([&fit.intercept]);
            for (found, expected) in found.zip(&expected) {
                let off = (found - expected).abs();
                assert!(off <= 1e-5, "{engine}, {}: {found}, reference {expected}", case["name"]);
            }
            assert!(fit.converged && fit.gradient_norm <= 1e-7, "{engine}, {}: {fit:?}", case["name"]);
        }
    }
}

#[test]
fn logistic_gradient_is_the_mean_penalised_one() {
    // one iteration from zero leaves a gradient that can be checked by differences of the loss
    let (records, bad) = sample(200, 3);
    let params = LogisticParams { l2: 5.0, max_iterations: 1, tolerance: 1e-12, ..LogisticParams::default() };
    let fit = Engine::Linfa.logistic(&records, &bad, &params).unwrap();
    assert!(!fit.converged);
    let at: Vec<f64> = fit.coefficients.iter().copied().chain([fit.intercept]).collect();
    let loss = |weights: &[f64]| {
        let logloss = records.rows().into_iter().zip(&bad).map(|(row, &bad)| {
            let z = weights[3] + row.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
            if bad { (-z).exp().ln_1p() } else { z.exp().ln_1p() }
        });
        let penalty = weights[..3].iter().map(|w| w * w).sum::<f64>() * 5.0 / 2.0;
        (logloss.sum::<f64>() + penalty) / 200.0
    };
    let slopes = (0..4).map(|index| {
        let shifted = |by: f64| {
            let mut weights = at.clone();
            weights[index] += by;
            loss(&weights)
        };
        (shifted(1e-5) - shifted(-1e-5)) / 2e-5
    });
    let norm = slopes.map(|slope| slope * slope).sum::<f64>().sqrt();
    assert!((norm - fit.gradient_norm).abs() < 1e-8, "{norm} by differences, {} reported", fit.gradient_norm);
}

#[test]
fn logistic_says_when_classes_are_separated() {
    let records = array![[-2.0], [-1.0], [1.0], [3.0]];
    let bad = [false, false, true, true];
    for engine in REGRESSIONS {
        let unpenalised = LogisticParams { l2: 0.0, ..LogisticParams::default() };
        assert_eq!(engine.logistic(&records, &bad, &unpenalised), Err(EngineError::Separated));
        let fit = engine.logistic(&records, &bad, &LogisticParams::default()).unwrap();
        assert!(fit.converged && fit.coefficients[0] > 0.0);
    }
}

/// Gain of a split by the definition: fall of the Gini impurity, as a share of the node's rows.
fn gain(low: &[bool], high: &[bool]) -> f64 {
    let gini = |bad: &[bool]| {
        let share = bad.iter().filter(|&&b| b).count() as f64 / bad.len() as f64;
        2.0 * share * (1.0 - share)
    };
    let all = [low, high].concat();
    let after = gini(low) * low.len() as f64 + gini(high) * high.len() as f64;
    gini(&all) - after / all.len() as f64
}

/// Labels below a threshold and the others.
fn part(rows: &[(Vec<f64>, bool)], column: usize, threshold: f64) -> (Vec<bool>, Vec<bool>) {
    let (low, high): (Vec<_>, Vec<_>) = rows.iter().partition(|(row, _)| row[column] < threshold);
    let labels = |rows: Vec<&(Vec<f64>, bool)>| rows.iter().map(|row| row.1).collect();
    (labels(low), labels(high))
}

/// The best gain of any split that leaves enough rows on both sides: every value of every column tried.
fn best_gain(rows: &[(Vec<f64>, bool)], min_leaf: usize) -> f64 {
    let columns = rows[0].0.len();
    let tries = (0..columns).flat_map(|column| rows.iter().map(move |row| (column, row.0[column])));
    let parts = tries.map(|(column, threshold)| part(rows, column, threshold));
    let allowed = parts.filter(|(low, high)| low.len().min(high.len()) >= min_leaf);
    allowed.map(|(low, high)| gain(&low, &high)).fold(0.0, f64::max)
}

/// Walks the tree with the rows that reach each node, and holds every node to the exhaustive search.
fn check_tree(
    nodes: &[TreeNode],
    rows: &[(Vec<f64>, bool)],
    params: &TreeParams,
    slack: f64,
) -> Result<(), TestCaseError> {
    let min_leaf = params.min_leaf as usize;
    let mut open = vec![(0, 0, rows.to_vec())];
    let mut seen = 0;
    while let Some((index, depth, rows)) = open.pop() {
        seen += 1;
        let best = best_gain(&rows, min_leaf);
        let Some(TreeSplit { column, threshold, left, right }) = nodes[index].split else {
            prop_assert!(depth == params.max_depth || best <= slack, "a leaf could gain {best}");
            continue;
        };
        prop_assert!(depth < params.max_depth && left > index && right > index);
        let (low, high): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(row, _)| row[column] < threshold);
        let labels = |rows: &[(Vec<f64>, bool)]| rows.iter().map(|row| row.1).collect::<Vec<_>>();
        prop_assert!(low.len().min(high.len()) >= min_leaf);
        let found = gain(&labels(&low), &labels(&high));
        prop_assert!(found > 0.0 && found >= best - slack, "gains {found}, the best split {best}");
        open.extend([(left, depth + 1, low), (right, depth + 1, high)]);
    }
    prop_assert_eq!(seen, nodes.len());
    Ok(())
}

/// Small tables full of ties, on scales from 1e-9 (values far closer than 1e-5) to 1e9, with any share of bad.
fn tied_table(most_rows: usize) -> impl Strategy<Value = Vec<(Vec<f64>, bool)>> {
    let shape = (2..=most_rows, 1_usize..=4, 0.1..0.9, prop::sample::select(vec![1e-9, 1.0, 1e9]));
    let table = shape.prop_flat_map(|(rows, columns, share, scale)| {
        let value = (0_i32..6).prop_map(move |step| f64::from(step) * scale);
        prop::collection::vec((prop::collection::vec(value, columns), prop::bool::weighted(share)), rows)
    });
    table.prop_filter("both classes", |rows| rows.iter().any(|row| row.1) && rows.iter().any(|row| !row.1))
}

fn grown(engine: Engine, rows: &[(Vec<f64>, bool)], params: &TreeParams) -> Vec<TreeNode> {
    let records = table(&rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>());
    let bad: Vec<bool> = rows.iter().map(|row| row.1).collect();
    engine.tree(&records, &bad, params).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// In 16 rows two different gains differ by 2e-6 or more, which even linfa's `f32` tells apart.
    #[test]
    fn every_split_of_a_small_table_is_the_best(
        rows in tied_table(16), min_leaf in 1_u64..4, max_depth in 1_usize..4, seed: u64,
    ) {
        // The native engine has another criterion where none is named; linfa and smartcore know this one.
        let criterion = Some(Criterion::Gini);
        let params = TreeParams { max_depth, min_leaf, seed, criterion, ..TreeParams::default() };
        for engine in TREES {
            check_tree(&grown(engine, &rows, &params), &rows, &params, 1e-12)?;
        }
    }

    /// In larger tables linfa may take a split that is worse by the rounding of `f32`.
    #[test]
    fn every_split_of_a_larger_table_is_the_best(
        rows in tied_table(60), min_leaf in 1_u64..6, seed: u64,
    ) {
        let criterion = Some(Criterion::Gini);
        let params = TreeParams { max_depth: 5, min_leaf, seed, criterion, ..TreeParams::default() };
        check_tree(&grown(Engine::Native, &rows, &params), &rows, &params, 1e-12)?;
        check_tree(&grown(Engine::Smartcore, &rows, &params), &rows, &params, 1e-12)?;
        let unnamed = TreeParams { criterion: None, ..params.clone() };
        for engine in ENGINES {
            prop_assert_eq!(grown(engine, &rows, &unnamed), grown(engine, &rows, &params), "{}", engine);
        }
        check_tree(&grown(Engine::Linfa, &rows, &params), &rows, &params, 1e-6)?;
    }
}

/// Values that upset arithmetic: ties, zeros of both signs, the smallest and the largest taken, neighbours.
fn awkward_table() -> impl Strategy<Value = (Array2<f64>, Vec<bool>)> {
    let near = [0.0, -0.0, 1.0, 1.0_f64.next_up(), -1.0, 0.1];
    let far = [10.0, -10.0, 10.0_f64.next_down(), 30.0, 1e-300, 5e-324, 1e-11];
    let values = [near.as_slice(), &far].concat();
    (2_usize..14, 1_usize..4).prop_flat_map(move |(rows, columns)| {
        let cells = prop::collection::vec(prop::sample::select(values.clone()), rows * columns);
        let labels = prop::collection::vec(any::<bool>(), rows);
        (cells.prop_map(move |cells| Array2::from_shape_vec((rows, columns), cells).unwrap()), labels)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the table, the answer is an error or a fit of finite numbers, never a panic.
    #[test]
    fn awkward_tables_are_fitted_or_refused(
        (records, bad) in awkward_table(), penalised: bool, k in 2_usize..5, seed: u64,
    ) {
        let params = LogisticParams { l2: f64::from(u8::from(penalised)), ..LogisticParams::default() };
        for engine in ENGINES {
            if let Ok(fit) = engine.logistic(&records, &bad, &params) {
                prop_assert!(fit.gradient_norm.is_finite() && fit.intercept.is_finite(), "{engine}: {fit:?}");
                prop_assert!(fit.coefficients.iter().all(|coefficient| coefficient.is_finite()));
            }
        }
        for engine in CLUSTERERS {
            if let Ok(fit) = engine.kmeans(&records, &KmeansParams { k, seed, ..KmeansParams::default() }) {
                prop_assert!(fit.inertia.is_finite() && fit.centers.len() == k, "{engine}: {fit:?}");
            }
        }
        for engine in TREES {
            let one_class = bad.iter().all(|&b| b == bad[0]);
            let tree = engine.tree(&records, &bad, &TreeParams { min_leaf: 1, ..TreeParams::default() });
            prop_assert_eq!(tree.is_err(), one_class);
        }
    }
}

#[test]
fn tree_keeps_splits_between_leaves_of_the_same_majority() {
    // both sides are mostly good; the Gini impurity falls from 0.375 to (0 + 0.5) / 2
    let records = array![[0.0], [0.0], [1.0], [1.0]];
    let bad = [false, false, false, true];
    for engine in TREES {
        let criterion = Some(Criterion::Gini);
        let params =
            |min| TreeParams { min_leaf: 1, min_impurity_decrease: min, criterion, ..TreeParams::default() };
        let nodes = engine.tree(&records, &bad, &params(0.125)).unwrap();
        let split = TreeSplit { column: 0, threshold: 0.5, left: 1, right: 2 };
        let leaf = TreeNode { split: None };
        assert_eq!(nodes, [TreeNode { split: Some(split) }, leaf, leaf]);
        assert_eq!(engine.tree(&records, &bad, &params(0.126)).unwrap(), [leaf]);
    }
}

#[test]
fn tree_counts_a_gain_by_the_share_of_rows() {
    let records = array![[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
    let bad = [true, true, true, true, false, false, true];
    for engine in TREES {
        // the first split gains 0.408 - 0.190 = 0.218 and leaves one bad in three on the right;
        // the second takes their impurity 4/9 to 0, on 3/7 of all rows: 0.1905
        let criterion = Some(Criterion::Gini);
        let params =
            |min| TreeParams { min_leaf: 1, min_impurity_decrease: min, criterion, ..TreeParams::default() };
        let splits = |nodes: Vec<TreeNode>| nodes.iter().filter(|node| node.split.is_some()).count();
        assert_eq!(splits(engine.tree(&records, &bad, &params(0.190)).unwrap()), 2);
        assert_eq!(splits(engine.tree(&records, &bad, &params(0.191)).unwrap()), 1);
    }
}

#[test]
fn tree_parts_neighbouring_floats() {
    let low = 1.0_f64;
    for (low, high) in [(low, low.next_up()), (-0.0, 5e-324), (-f64::MAX, f64::MAX)] {
        let records = array![[low], [high], [low], [high]];
        let bad = [false, true, false, true];
        for engine in TREES {
            let params = TreeParams { min_leaf: 1, ..TreeParams::default() };
            let split = engine.tree(&records, &bad, &params).unwrap()[0].split.unwrap();
            assert!(low < split.threshold && split.threshold <= high, "{engine}: {low} {high} {split:?}");
        }
    }
    // both zeros are one value, which nothing can part
    let zeros = array![[0.0], [-0.0], [0.0], [-0.0]];
    for engine in TREES {
        let params = TreeParams { min_leaf: 1, ..TreeParams::default() };
        assert_eq!(engine.tree(&zeros, &[false, true, false, true], &params).unwrap().len(), 1);
    }
}

#[test]
fn kmeans_agrees_with_scikit_learn() {
    for case in cases(include_str!("reference/kmeans.json")) {
        let records = table(&rows(&case["records"]));
        let expected = rows(&case["centers"]);
        let best = case["inertia"].as_f64().unwrap();
        for engine in CLUSTERERS {
            let params = KmeansParams { k: expected.len(), ..KmeansParams::default() };
            let fit = engine.kmeans(&records, &params).unwrap();
            assert!(fit.converged, "{engine}, {}", case["name"]);
            assert!((fit.inertia / best - 1.0).abs() <= 0.01, "{engine}, {}: {fit:?}", case["name"]);
            if case["separate"] == true {
                let pairs = fit.centers.iter().flatten().zip(expected.iter().flatten());
                let off = pairs.map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max);
                assert!(off <= 1e-6, "{engine}, {}: {off}", case["name"]);
                assert!((fit.inertia / best - 1.0).abs() <= 1e-9, "{engine}: {} {best}", fit.inertia);
            }
        }
    }
}

#[test]
fn kmeans_orders_equal_segments_by_coordinates() {
    let records = array![[1.0, 9.0], [5.0, 0.0], [1.0, 2.0], [-3.0, 4.0], [-3.0, 4.0]];
    for engine in CLUSTERERS {
        let params = KmeansParams { k: 4, ..KmeansParams::default() };
        let fit = engine.kmeans(&records, &params).unwrap();
        assert_eq!(fit.centers, [[-3.0, 4.0], [1.0, 2.0], [1.0, 9.0], [5.0, 0.0]], "{engine}");
        assert_eq!(fit.inertia, 0.0);
    }
}

#[test]
fn kmeans_says_when_it_was_stopped_early() {
    let (records, _) = sample(500, 3);
    for engine in CLUSTERERS {
        let params = KmeansParams { max_iterations: 1, restarts: 1, ..KmeansParams::default() };
        assert!(!engine.kmeans(&records, &params).unwrap().converged, "{engine}");
    }
}

#[test]
fn fits_do_not_depend_on_threads() {
    let (records, bad) = sample(4_000, 6);
    let fit_all = |engine: Engine| {
        let logistic = engine.logistic(&records, &bad, &LogisticParams::default()).unwrap();
        let tree = engine.tree(&records, &bad, &TreeParams::default()).unwrap();
        let kmeans = engine.kmeans(&records, &KmeansParams { restarts: 3, ..KmeansParams::default() });
        assert!(logistic.converged && tree.len() > 10);
        (logistic, tree, kmeans.unwrap())
    };
    for engine in ENGINES {
        let here = fit_all(engine);
        for threads in [1, 1, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| fit_all(engine)), here, "{engine} on {threads} threads");
        }
    }
}

#[test]
fn engines_refuse_what_cannot_be_fitted() {
    let good = array![[0.0, 1.0], [1.0, 0.5], [2.0, 0.0]];
    let bad = [true, false, true];
    for engine in ENGINES {
        let logistic = |records: &Array2<f64>, bad: &[bool]| {
            engine.logistic(records, bad, &LogisticParams::default()).unwrap_err().to_string()
        };
        let tree = |records: &Array2<f64>, bad: &[bool]| {
            engine.tree(records, bad, &TreeParams::default()).unwrap_err().to_string()
        };
        let no_columns = Array2::zeros((3, 0));
        let no_rows = Array2::zeros((0, 2));
        for message in [logistic(&no_columns, &bad), tree(&no_columns, &bad)] {
            assert!(message.starts_with("3 rows and 0 columns"), "{message}");
        }
        for message in [logistic(&no_rows, &[]), tree(&no_rows, &[])] {
            assert!(message.starts_with("0 rows and 2 columns"), "{message}");
        }
        for message in [logistic(&good, &[true; 3]), tree(&good, &[true; 3])] {
            assert!(message.starts_with("3 of 3 rows are bad"), "{message}");
        }
        for message in [logistic(&good, &[true; 2]), tree(&good, &[true; 2])] {
            assert!(message.starts_with("3 rows but 2 labels"), "{message}");
        }
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut broken = good.clone();
            broken[[2, 1]] = value;
            for message in [logistic(&broken, &bad), tree(&broken, &bad)] {
                assert!(message.starts_with(&format!("row 2, column 1 is {value};")), "{message}");
            }
        }
        let large = &good * 1e300;
        let message = logistic(&large, &bad);
        assert!(message.starts_with("column 0 has a root mean square of inf, above 10;"), "{message}");
    }
    for engine in CLUSTERERS {
        let kmeans = |records: &Array2<f64>, k: usize| {
            let params = KmeansParams { k, ..KmeansParams::default() };
            engine.kmeans(records, &params).unwrap_err().to_string()
        };
        assert!(kmeans(&Array2::zeros((3, 0)), 2).starts_with("3 rows and 0 columns"));
        assert!(kmeans(&Array2::zeros((0, 2)), 2).starts_with("0 rows and 2 columns"));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut broken = good.clone();
            broken[[2, 1]] = value;
            assert!(kmeans(&broken, 2).starts_with(&format!("row 2, column 1 is {value};")));
        }
        let message = kmeans(&(&good * 1e300), 2);
        assert!(message.starts_with("column 0 has a root mean square of inf, above 10;"), "{message}");
        assert_eq!(kmeans(&(&good * 11.0), 2).split(';').nth(1), Some(" standardise the columns first"));
        assert_eq!(
            kmeans(&array![[1.0], [1.0], [2.0]], 3),
            "`kmeans.k` is 3 but only 2 rows are different; lower k"
        );
        assert!(kmeans(&good, 1).starts_with("parameter `kmeans.k` is 1; expected 2 or more"));
        assert!(kmeans(&good, 65_535).starts_with("parameter `kmeans.k` is 65535; expected at most 65,534"));
    }
}

#[test]
fn parameters_come_from_a_recipe_and_are_checked() {
    let params: TreeParams = serde_json::from_str(r#"{"max_depth": 3}"#).unwrap();
    assert_eq!(params, TreeParams { max_depth: 3, ..TreeParams::default() });
    assert!(serde_json::from_str::<TreeParams>(r#"{"max_dept": 3}"#).is_err());
    assert!(serde_json::from_str::<LogisticParams>(r#"{"penalty": 3}"#).is_err());
    assert!(serde_json::from_str::<KmeansParams>(r#"{"n": 3}"#).is_err());

    let (records, bad) = sample(50, 2);
    let logistic = |params| Engine::Linfa.logistic(&records, &bad, &params).unwrap_err();
    let tree = |params| Engine::Linfa.tree(&records, &bad, &params).unwrap_err();
    let kmeans = |params| Engine::Linfa.kmeans(&records, &params).unwrap_err();
    let (l, t, k) = (LogisticParams::default(), TreeParams::default(), KmeansParams::default());
    let chi_square = TreeParams { criterion: Some(Criterion::ChiSquare), ..t.clone() };
    let errors = [
        ("logistic.l2", logistic(LogisticParams { l2: -1.0, ..l.clone() })),
        ("logistic.l2", logistic(LogisticParams { l2: f64::NAN, ..l.clone() })),
        ("logistic.max_iterations", logistic(LogisticParams { max_iterations: 0, ..l.clone() })),
        ("logistic.tolerance", logistic(LogisticParams { tolerance: 0.0, ..l })),
        ("tree.max_depth", tree(TreeParams { max_depth: 0, ..t.clone() })),
        ("tree.min_leaf", tree(TreeParams { min_leaf: 0, ..t.clone() })),
        ("tree.min_impurity_decrease", tree(TreeParams { min_impurity_decrease: -0.1, ..t.clone() })),
        ("tree.min_impurity_decrease", tree(TreeParams { min_impurity_decrease: 0.1, ..chi_square.clone() })),
        ("tree.max_p_value", tree(TreeParams { max_p_value: 0.0, ..chi_square })),
        ("tree.max_p_value", tree(TreeParams { max_p_value: 0.01, ..t.clone() })),
        ("tree.smoothing", tree(TreeParams { smoothing: 0.0, ..t.clone() })),
        ("tree.alpha", tree(TreeParams { alpha: -1.0, ..t.clone() })),
        ("tree.alpha", tree(TreeParams { alpha: 0.1, folds: 5, ..t.clone() })),
        ("tree.folds", tree(TreeParams { folds: 1, ..t })),
        ("kmeans.k", kmeans(KmeansParams { k: 0, ..k.clone() })),
        ("kmeans.max_iterations", kmeans(KmeansParams { max_iterations: 0, ..k.clone() })),
        ("kmeans.restarts", kmeans(KmeansParams { restarts: 0, ..k.clone() })),
        ("kmeans.tolerance", kmeans(KmeansParams { tolerance: f64::INFINITY, ..k })),
    ];
    for (key, error) in errors {
        assert!(matches!(error, EngineError::Parameter { name, .. } if name == key), "{key}: {error}");
    }
}

#[test]
fn engine_names_are_read_and_written() {
    for engine in ENGINES {
        assert_eq!(engine.to_string().parse::<Engine>().unwrap(), engine);
        assert_eq!(serde_json::to_string(&engine).unwrap(), format!("\"{engine}\""));
    }
    let error = "sklearn".parse::<Engine>().unwrap_err().to_string();
    assert_eq!(error, "unknown engine `sklearn`; expected `native`, `linfa` or `smartcore`");
}
