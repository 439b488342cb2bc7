//! Tables of several chunks: the same on any number of threads, and deep trees; what is refused.

use crate::cases::trained;
use arrears_train::engine::{Engine, EngineError, TreeParams};
use arrears_train::grow::{DecisionTree, RegressionTreeParams, classification_tree, regression_tree};
use ndarray::Array2;
use std::fmt::Write;

/// Numbers in [0, 1) from a seed: a multiplicative congruential generator (Park and Miller).
fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let next = |state: &u64| Some(state * 48_271 % 2_147_483_647);
    std::iter::successors(Some(seed), next).skip(1).map(|state| state as f64 / 2_147_483_647.0)
}

/// Three columns (some values missing, one column of few values), who is bad, and weights.
fn table(rows: usize) -> (Vec<Vec<f64>>, Vec<bool>, Vec<f64>) {
    let mut draw = noise(11);
    let mut next = || draw.next().unwrap();
    let mut columns = vec![Vec::new(); 3];
    let (mut bad, mut weights) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let (x, y, z) = (next(), next(), (next() * 30.0).floor());
        bad.push(next() < 0.1 + 0.4 * x * y + if z > 20.0 { 0.2 } else { 0.0 });
        weights.push(0.2 + next());
        columns[0].push(x);
        columns[1].push(if next() < 0.1 { f64::NAN } else { y });
        columns[2].push(z);
    }
    (columns, bad, weights)
}

fn views(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

fn on<T: Send>(threads: usize, work: impl Fn() -> T + Send + Sync) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn the_tree_is_the_same_on_any_number_of_threads() {
    let (columns, bad, weights) = table(120_000);
    let views = views(&columns);
    let params = TreeParams { max_depth: 9, min_leaf: 20, ..TreeParams::default() };
    let targets: Vec<f64> =
        weights.iter().zip(&bad).map(|(w, bad)| w * if *bad { 3.0 } else { 1.0 }).collect();
    let all = || -> [DecisionTree; 3] {
        [
            classification_tree(&views, &bad, None, &params).unwrap(),
            classification_tree(&views, &bad, Some(&weights), &params).unwrap(),
            regression_tree(&views, &targets, Some(&weights), &RegressionTreeParams(params.clone())).unwrap(),
        ]
    };
    let one = on(1, all);
    assert!(one.iter().all(|tree| tree.nodes.len() > 100));
    for threads in [2, 8] {
        assert!(on(threads, all) == one, "{threads} threads");
    }
}

#[test]
fn categories_wider_than_a_byte_are_the_same_on_any_number_of_threads() {
    let mut draw = noise(5);
    let mut csv = "c,x,bad,part\n".to_owned();
    for _ in 0..110_000 {
        let (c, x) = ((draw.next().unwrap() * 300.0) as usize, draw.next().unwrap());
        let bad = draw.next().unwrap() < 0.1 + (c * 7 % 300) as f64 / 600.0 + 0.3 * x;
        let _ = writeln!(csv, "c{c},{x:.4},{},l", u8::from(bad));
    }
    csv += "c1,0.5,0,t\nc2,0.5,1,t\n";
    let recipe = "[data]\ntarget = \"bad\"\npositive = \"1\"\n[clean]\nduplicates = \"keep\"\n[split]\nmethod = \"column\"\n\
        column = \"part\"\ntest_value = \"t\"\n[columns.c]\ntype = \"category\"\n[tree]\nmax_depth = 5\nmin_leaf = 30\n";
    let bytes = |threads| on(threads, || trained(&csv, recipe).model.to_bytes().unwrap());
    let one = bytes(1);
    assert!(bytes(2) == one && bytes(8) == one);
    let model = trained(&csv, recipe).model;
    let field = model.schema.position("c").unwrap();
    assert_eq!(model.schema.fields[field].categories().len(), 300);
    let arrears_model::Predictor::Tree(tree) = &model.predictor else { panic!("no tree") };
    assert!(tree.nodes.iter().filter_map(|n| n.split.as_ref()).any(|split| split.field == field));
}

/// Leaves of one class each, but for rows that share a bin in every column.
#[test]
fn deep_trees_part_all_that_can_be_parted() {
    let (columns, bad, _) = table(50_000);
    let params = TreeParams { max_depth: 60, min_leaf: 1, ..TreeParams::default() };
    let tree = classification_tree(&views(&columns), &bad, None, &params).unwrap();
    let leaves: Vec<_> = tree.nodes.iter().filter(|node| node.split.is_none()).collect();
    assert_eq!(leaves.iter().map(|leaf| leaf.rows).sum::<u64>(), 50_000);
    let mixed = leaves.iter().filter(|leaf| leaf.mean > 0.0 && leaf.mean < 1.0);
    let mixed: u64 = mixed.map(|leaf| leaf.rows).sum();
    assert!(mixed < 500, "{mixed} rows in mixed leaves");
    let params = TreeParams { max_depth: 30, ..params };
    let tree = classification_tree(&views(&columns), &bad, None, &params).unwrap();
    assert!(tree.nodes.len() > 10_000, "{}", tree.nodes.len());
}

#[test]
fn what_cannot_be_grown_is_refused() {
    let (x, bad) = ([1.0, 2.0, 3.0, 4.0], [true, false, true, false]);
    let params = TreeParams { min_leaf: 1, ..TreeParams::default() };
    let grown = |columns: &[&[f64]], bad: &[bool], weights: Option<&[f64]>| {
        classification_tree(columns, bad, weights, &params)
    };
    assert!(matches!(grown(&[], &bad, None), Err(EngineError::Empty { columns: 0, .. })));
    assert!(matches!(grown(&[&[]], &[], None), Err(EngineError::Empty { rows: 0, .. })));
    assert!(matches!(grown(&[&x], &[true; 4], None), Err(EngineError::OneClass { bad: 4, rows: 4 })));
    assert!(matches!(grown(&[&x], &[false; 4], None), Err(EngineError::OneClass { bad: 0, rows: 4 })));
    assert!(matches!(grown(&[&x, &x[..3]], &bad, None), Err(EngineError::Length { found: 3, rows: 4, .. })));
    assert!(matches!(grown(&[&x], &bad, Some(&[1.0; 3])), Err(EngineError::Length { found: 3, .. })));
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        let broken = [1.0, value, 3.0, 4.0];
        assert!(matches!(
            grown(&[&x, &broken], &bad, None),
            Err(EngineError::NotFinite { row: 1, column: 1, .. })
        ));
        let targets = RegressionTreeParams(params.clone());
        assert!(regression_tree(&[&broken], &x, None, &targets).is_err());
    }
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let weights = [1.0, 1.0, weight, 1.0];
        assert!(matches!(grown(&[&x], &bad, Some(&weights)), Err(EngineError::Observation { row: 2, .. })));
    }
    // Nothing to tell rows apart by is no error.
    assert_eq!(grown(&[&[f64::NAN; 4], &[7.0; 4]], &bad, None).unwrap().nodes.len(), 1);
    // The engine's door takes no missing values.
    let records = Array2::from_shape_vec((4, 1), vec![1.0, f64::NAN, 3.0, 4.0]).unwrap();
    assert!(matches!(
        Engine::Native.tree(&records, &bad, &params),
        Err(EngineError::NotFinite { row: 1, .. })
    ));
}
