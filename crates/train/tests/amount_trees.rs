//! Trees that predict amounts, through the whole of a training run: held to scikit-learn
//! (`reference/make_amounts.py`), to their own rows, and to what a recipe may ask of them.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::amount_tree::AmountTree;
use arrears_model::value::Cell;
use arrears_model::{Model, ModelKind, Predictor, Scorer, Value};
use arrears_train::folder::{Sources, write_folder};
use arrears_train::rows::Rows;
use arrears_train::tree_plot::tree_svg;
use arrears_train::vectors::expected;
use arrears_train::{Recipe, TrainError, Trained, train};
use arrears_validate::{MeasureOptions, measure};
use proptest::prelude::*;
use serde::Deserialize;
use std::fmt::Write;

fn run(csv: &str, recipe: &str) -> Result<Trained, TrainError> {
    let recipe = Recipe::from_toml(recipe, "recipe.toml", "test").unwrap();
    train(&recipe, read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap(), "data.csv")
}

fn tree(model: &Model) -> &AmountTree {
    let Predictor::AmountTree(tree) = &model.predictor else { panic!("a tree of amounts") };
    tree
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} is not {expected}");
}

#[derive(Deserialize)]
struct Case {
    columns: Vec<Vec<f64>>,
    amounts: Vec<f64>,
    weights: Option<Vec<f64>>,
    min_leaf: u64,
    max_depth: usize,
    alpha: f64,
    smoothing: f64,
    leaves: usize,
    count_mean_deviation_value: Vec<(u64, f64, f64, f64)>,
}

#[test]
fn the_leaves_are_those_of_scikit_learn() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("reference/tree_amounts.json")).unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let mut csv = "x0,x1,x2,w,y,part\n".to_owned();
        for (row, amount) in case.amounts.iter().enumerate() {
            let [a, b, c] = [0, 1, 2].map(|column| case.columns[column][row]);
            let weight = case.weights.as_ref().map_or(1.0, |weights| weights[row]);
            let _ = writeln!(csv, "{a},{b},{c},{weight},{amount},train");
        }
        csv += "1,2,3,1,0,test\n";
        let Case { min_leaf, max_depth, alpha, smoothing, .. } = case;
        let weight = if case.weights.is_some() { "weight = \"w\"" } else { "exclude = [\"w\"]" };
        let recipe = format!(
            "[data]\ntarget = \"y\"\n{weight}\n[split]\nmethod = \"column\"\ncolumn = \"part\"\ntest_value = \"test\"\n\
             [model]\nkind = \"amount_tree\"\n[tree]\nmin_leaf = {min_leaf}\nmax_depth = {max_depth}\n\
             alpha = {alpha}\nsmoothing = {smoothing}\n"
        );
        let trained = run(&csv, &recipe).unwrap();
        let tree = tree(&trained.model);
        assert_eq!(tree.leaves().count(), case.leaves);
        let names: Vec<usize> =
            trained.model.schema.fields.iter().map(|f| f.name[1..].parse().unwrap()).collect();
        let mut scorer = Scorer::new(&trained.model);
        for (row, (count, mean, deviation, value)) in case.count_mean_deviation_value.iter().enumerate() {
            let values: Vec<Value<'_>> =
                names.iter().map(|column| Value::Number(case.columns[*column][row])).collect();
            let scored = scorer.score(&values).unwrap();
            let leaf = &tree.nodes[scored.leaf.unwrap()];
            assert_eq!(leaf.count, *count);
            close(leaf.mean, *mean);
            close(leaf.deviation.unwrap(), *deviation);
            close(scored.amount.unwrap(), *value);
        }
    }
}

/// Numbers with missing values and a code, categories, weights, amounts of any sign with ties.
#[derive(Clone, Debug)]
struct Drawn {
    rows: Vec<(Option<i32>, i32, usize, i32, f64)>,
    weighted: bool,
    monotone: bool,
    min_leaf: u64,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let number = prop_oneof![4 => (0..30).prop_map(Some), 1 => Just(None), 1 => Just(Some(-9))];
    let row = (number, 0..8, 0..4usize, -20..60, 0.1..4.0f64);
    (prop::collection::vec(row, 30..90), any::<bool>(), any::<bool>(), 1..9u64)
        .prop_map(|(rows, weighted, monotone, min_leaf)| Drawn { rows, weighted, monotone, min_leaf })
}

impl Drawn {
    fn train(&self) -> Result<Trained, TrainError> {
        let mut csv = "n,m,c,w,y\n".to_owned();
        for (n, m, c, y, w) in &self.rows {
            let n = n.map_or(String::new(), |n| n.to_string());
            let _ = writeln!(csv, "{n},{m},{},{w},{y}.5", ["a", "b", "c", ""][*c]);
        }
        let weight = if self.weighted { "weight = \"w\"" } else { "exclude = [\"w\"]" };
        let monotone = if self.monotone { "monotone = { n = \"ascending\" }" } else { "" };
        let recipe = format!(
            "[data]\ntarget = \"y\"\n{weight}\n[clean]\nduplicates = \"keep\"\n[columns.n]\nspecial = [-9]\n\
             [columns.m]\ntype = \"number\"\n[columns.c]\ntype = \"category\"\n\
             [model]\nkind = \"amount-tree\"\n[tree]\nmin_leaf = {}\n{monotone}\n",
            self.min_leaf
        );
        run(&csv, &recipe)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_node_holds_its_rows_and_every_rule_its_leaf(drawn in drawn()) {
        let trained = match drawn.train() {
            Ok(trained) => trained,
            Err(TrainError::OneAmount { .. }) => return Ok(()),
            Err(other) => panic!("{other}"),
        };
        let (model, cleaned) = (&trained.model, &trained.cleaned);
        let tree = tree(model);
        let rows = Rows::from_table(&model.schema, &cleaned.table, &trained.split.train, None, None).unwrap();
        let amounts: Vec<f64> =
            trained.split.train.iter().map(|row| cleaned.amounts.as_ref().unwrap()[*row]).collect();
        let weight = |at: usize| cleaned.weights.as_ref().map_or(1.0, |w| w[trained.split.train[at]]);
        let rules = tree.rules(&model.schema);
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); tree.nodes.len()];
        let mut path = Vec::new();
        for at in 0..rows.len() {
            let cells = rows.row(at);
            let leaf = tree.descend(&cells, &mut path);
            path.iter().for_each(|node| members[*node].push(at));
            let taken: Vec<usize> = rules.iter().filter(|rule| rule.holds(&cells)).map(|rule| rule.node).collect();
            prop_assert_eq!(taken, [leaf]);
        }
        let mean = |of: &[usize], w: &dyn Fn(usize) -> f64| {
            of.iter().map(|at| w(*at) * amounts[*at]).sum::<f64>() / of.iter().map(|at| w(*at)).sum::<f64>()
        };
        let all = mean(&members[0], &weight);
        for (node, members) in tree.nodes.iter().zip(&members) {
            prop_assert_eq!(node.count, members.len() as u64);
            let fewest = if tree.nodes.len() > 1 { drawn.min_leaf } else { 1 };
            prop_assert!(node.count >= fewest);
            let plain = mean(members, &|_| 1.0);
            close(node.mean, plain);
            let squares: f64 = members.iter().map(|at| (amounts[*at] - plain).powi(2)).sum();
            let deviation = (members.len() > 1).then(|| (squares / (members.len() - 1) as f64).sqrt());
            prop_assert_eq!(node.deviation.is_some(), deviation.is_some());
            close(node.deviation.unwrap_or_default(), deviation.unwrap_or_default());
            let w: f64 = members.iter().map(|at| weight(*at)).sum();
            close(node.value, (mean(members, &weight) * w + 2.0 * all) / (w + 2.0));
        }
        // The bands of the prediction count every training row.
        prop_assert_eq!(model.profile.score.as_ref().unwrap().counts.iter().sum::<u64>(), rows.len() as u64);
        if drawn.monotone && let Some(n) = model.schema.position("n") {
            for at in 0..rows.len() {
                let mut cells = rows.row(at);
                let mut last = f64::NEG_INFINITY;
                for x in 0..30 {
                    cells[n] = Cell::Number(f64::from(x));
                    let value = tree.nodes[tree.descend(&cells, &mut path)].value;
                    prop_assert!(value >= last - 1e-12, "{} falls to {value} at n = {x}", last);
                    last = value;
                }
            }
        }
    }
}

/// 3,000 orders; what is sent back rises with `value`, doubles for shoes, and falls with `tenure`.
fn orders() -> String {
    let mut csv = "id,value,tenure,goods,noise,w,returned\n".to_owned();
    for i in 0..3000_u64 {
        let drawn = |n: u32, below: u64| (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(n) % below;
        let (value, tenure, noise) = (drawn(7, 400), drawn(23, 60), drawn(41, 100));
        let goods = ["shoes", "books", "tools"][drawn(3, 3) as usize];
        let times = if goods == "shoes" { 2 } else { 1 };
        let returned = times * value * (80 - tenure) / 80 + noise;
        let _ = writeln!(csv, "c{i},{value},{tenure},{goods},{noise},{},{returned}.25", 1 + i % 3);
    }
    csv
}

const RECIPE: &str = "[data]\nid = \"id\"\ntarget = \"returned\"\nweight = \"w\"\n[model]\nkind = \"amount_tree\"\n\
                      [tree]\nmonotone = { value = \"ascending\" }\nfolds = 5\nmax_depth = 8\nmin_leaf = 20\n";

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let made: Vec<_> = [1, 2, 8]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&orders(), RECIPE).unwrap().model.to_bytes().unwrap())
        })
        .collect();
    assert!(made[0] == made[1] && made[1] == made[2]);
}

#[test]
fn the_folder_tells_of_amounts() {
    let trained = run(&orders(), RECIPE).unwrap();
    let model = &trained.model;
    assert_eq!((model.kind, model.name.as_str()), (ModelKind::AmountTree, "test-amount-tree"));
    assert_eq!(model.schema.amount.as_deref(), Some("returned"));
    assert_eq!((model.schema.target.as_ref(), model.scale, model.grades.len()), (None, None, 0));
    assert_eq!(model.provenance.rows.train_bads, None);
    let notes = model.provenance.fit.notes.join("\n");
    for part in
        ["cross-validation over 5 folds", "rows are weighted by `w`: 2250 training rows of total weight"]
    {
        assert!(notes.contains(part), "{notes}");
    }
    let (table, test) = (&trained.cleaned.table, &trained.split.test);
    let report = measure(model, table, test, "holdout", "d.csv", &MeasureOptions::default()).unwrap();
    let found = report.amounts.as_ref().unwrap();
    assert!(found.r2.unwrap() > 0.8 && found.mae < found.mean_alone.mae / 2.0, "{found:?}");
    let room = tempfile::tempdir().unwrap();
    write_folder(&trained, &report, Sources::default(), room.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(room.path().join(name)).unwrap();
    let card = read("card.md");
    for part in [
        "| kind | amount-tree |",
        "2250 trained on (mean of `returned` ",
        "| MAE | ",
        "| PSI of the amount against training |",
        "## Tree\n\n```\nall customers: ",
        " expected, 2,250 customers\n",
        "| leaf | rule | rows | mean | standard deviation | 95 % interval of the mean | expected |",
        "- Reasons say what raised this amount",
    ] {
        assert!(card.contains(part), "{part} is not in\n{card}");
    }
    assert!(!card.contains("pd") && !card.contains("bad rate"), "{card}");
    // The frozen vectors replay, each with its amount.
    let vectors = read("vectors.ndjson");
    assert!(vectors.lines().filter(|line| line.contains("\"amount\":")).count() >= 90);
    for line in vectors.lines() {
        let vector: arrears_train::vectors::Vector = serde_json::from_str(line).unwrap();
        assert_eq!(expected(model, &vector.values(model)), vector.expected);
    }
    let svg = tree_svg(model).unwrap();
    for part in
        ["over twice the mean of all", "returned: 2,250 customers, mean ", ">expected ", " expected; "]
    {
        assert!(svg.contains(part), "{part}");
    }
    let boxes = svg.matches("<g><title>").count();
    // One for each node, and one for each line to a child.
    assert_eq!(boxes, 2 * tree(model).nodes.len() - 1);
}

fn refusal(more: &str) -> String {
    let recipe =
        format!("[data]\nid = \"id\"\ntarget = \"returned\"\n[model]\nkind = \"amount_tree\"\n{more}");
    run(&orders(), &recipe).unwrap_err().to_string()
}

#[test]
fn what_has_no_meaning_for_amounts_is_refused() {
    let unread = |keys: &str| {
        format!(
            "kind `amount-tree` does not use {keys}: take that out of the recipe, or train a kind that does"
        )
    };
    for (more, expected) in [
        ("[tree]\ncriterion = \"gini\"\n", unread("[tree] criterion")),
        ("[tree]\nclass_weight = \"balanced\"\n", unread("[tree] class_weight")),
        ("[tree]\noptimal = 2\n", unread("[tree] optimal")),
        ("[scale]\npdo = 40\n", unread("[scale]")),
        ("[[grades]]\nname = \"A\"\n", unread("[[grades]]")),
        ("[segments]\nby = \"tree\"\n", unread("[segments]")),
        ("[binning]\nmax_bins = 5\n", unread("[binning] max_bins")),
        ("engine = \"linfa\"\n", "the engine `linfa` knows no amount-tree; choose another engine".to_owned()),
        (
            "[reject_inference]\npath = \"r.csv\"\n",
            "reject inference cannot be used with kind `amount-tree`".to_owned(),
        ),
        ("[tree]\nmin_impurity_decrease = -1\n", "parameter `tree.min_impurity_decrease` is -1".to_owned()),
        (
            "[tree]\nmonotone = { goods = \"ascending\" }\n",
            "[tree] monotone = goods: expected columns of".to_owned(),
        ),
        ("[tree]\nfolds = 100000\n", "parameter `tree.folds` is 100000".to_owned()),
    ] {
        let found = refusal(more);
        assert!(found.contains(&expected), "{more}: {found}");
    }
    let positive = "[data]\ntarget = \"returned\"\npositive = \"1\"\n[model]\nkind = \"amount-tree\"\n";
    let found = run(&orders(), positive).unwrap_err().to_string();
    assert_eq!(found, unread("[data] positive"));
    // A gain above 1 is a matter of the unit here.
    assert!(run(&orders(), &format!("{RECIPE}min_impurity_decrease = 50\n")).is_ok());
}

#[test]
fn an_amount_far_from_all_others_is_told() {
    let recipe = "[data]\nid = \"id\"\ntarget = \"returned\"\n[model]\nkind = \"amount-tree\"\n";
    assert!(run(&orders(), recipe).unwrap().warnings.is_empty());
    let one = orders().replace("c7,", "c7,1,1,books,1,1,50000\nc7000,");
    let warnings = run(&one, recipe).unwrap().warnings;
    let said = warnings.iter().any(|w| w.starts_with("the one amount 50000 makes "));
    assert!(said && warnings.iter().any(|w| w.contains("of `returned` over all 2251 rows")), "{warnings:?}");
}

#[test]
fn targets_that_are_no_amounts_say_so() {
    let kind = |name: &str| format!("[data]\ntarget = \"returned\"\n[model]\nkind = \"{name}\"\n");
    for other in ["tree", "scorecard", "logistic"] {
        let found = run(&orders(), &kind(other)).unwrap_err().to_string();
        assert!(found.contains("expected two labels") && found.contains("--kind amount-tree"), "{found}");
    }
    let labels = run(&orders(), "[data]\ntarget = \"goods\"\n[model]\nkind = \"amount-tree\"\n").unwrap_err();
    assert!(labels.to_string().starts_with("target column `goods`: no row has a finite number"), "{labels}");
    let none = run(&orders(), "[model]\nkind = \"amount-tree\"\n").unwrap_err().to_string();
    assert!(none.starts_with("kind `amount-tree` needs an outcome"), "{none}");
    let split = "[split]\nmethod = \"column\"\ncolumn = \"p\"\ntest_value = \"b\"\n[tree]\nmin_leaf = 1\n";
    let recipe = format!("[data]\ntarget = \"y\"\n[model]\nkind = \"amount-tree\"\n{split}");
    let alike = run("x,y,p\n1,5,a\n2,5,a\n3,6,b\n", &recipe).unwrap_err().to_string();
    assert_eq!(alike, "all 2 training rows have the amount 5: there is nothing to predict");
    let huge = run("x,y,p\n1,5,a\n2,2e100,a\n3,6,b\n", &recipe).unwrap_err().to_string();
    assert!(huge.contains("from -1e100 to 1e100"), "{huge}");
}
