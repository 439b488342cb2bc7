//! Directions: what a customer's pd may do as one number rises and all else stays.

use crate::cases::{trained, tree};
use arrears_model::tree::{Node, Test, Tree};
use arrears_model::{Scorer, Value};
use proptest::prelude::*;
use std::fmt::Write;

/// Columns a, b (numbers, some missing) and c (categories), and who is bad.
type Row = (Option<u8>, Option<u8>, u8, bool);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = || prop::option::weighted(0.85, 0_u8..12);
    let row = (number(), number(), 0_u8..3, 0.0..1.0);
    let rows = (prop::collection::vec(row, 30..150), -0.5..0.5, 0.0..0.5);
    let rows = rows.prop_map(|(rows, slope, wave)| {
        let of = |(a, b, c, x): (Option<u8>, Option<u8>, u8, f64)| {
            let (u, v) = (f64::from(a.unwrap_or(3)) / 12.0, f64::from(b.unwrap_or(9)) / 12.0);
            let pd = 0.5 + slope * (u - 0.5) * f64::from(c) + wave * (9.0 * u + 7.0 * v).sin();
            (a, b, c, x < pd)
        };
        rows.into_iter().map(of).collect::<Vec<Row>>()
    });
    rows.prop_filter("both classes", |rows| rows.iter().any(|r| r.3) && rows.iter().any(|r| !r.3))
}

fn csv(rows: &[Row], weights: bool) -> String {
    let mut csv = "a,b,c,w,bad,part\n".to_owned();
    let text = |x: Option<u8>| x.map_or(String::new(), |x| format!("{x}.25"));
    for (at, (a, b, c, bad)) in rows.iter().enumerate() {
        let weight = if weights { 0.1 + (at * at % 17) as f64 / 3.0 } else { 1.0 };
        let _ = writeln!(csv, "{},{},k{c},{weight},{},l", text(*a), text(*b), u8::from(*bad));
    }
    csv + "1,1,k1,1,0,t\n2,2,k2,1,1,t\n"
}

const RECIPE: &str = "[clean]\nduplicates = \"keep\"\n[split]\nmethod = \"column\"\ncolumn = \"part\"\n\
    test_value = \"t\"\n[columns.a]\ntype = \"number\"\n[columns.b]\ntype = \"number\"\n[columns.c]\ntype = \"category\"\n";

fn recipe(weights: bool, tree: &str) -> String {
    let weight = if weights { "weight = \"w\"\n" } else { "exclude = [\"w\"]\n" };
    format!("[data]\ntarget = \"bad\"\npositive = \"1\"\n{weight}{RECIPE}[tree]\n{tree}")
}

/// Whether each split on `field` raises (or lowers) the pd and no later leaf crosses the middle of the two.
fn keeps(tree: &Tree, field: usize, rises: bool) -> bool {
    let mut open = vec![(0, f64::NEG_INFINITY, f64::INFINITY)];
    while let Some((at, low, high)) = open.pop() {
        let Node { pd, split, .. } = &tree.nodes[at];
        if !(low..=high).contains(pd) {
            return false;
        }
        let Some(split) = split else { continue };
        let (left, right) = (tree.nodes[split.left].pd, tree.nodes[split.right].pd);
        let is_numeric = matches!(&split.test, Test::Below { threshold, .. } if *threshold > f64::MIN);
        if split.field != field || !is_numeric {
            open.extend([(split.left, low, high), (split.right, low, high)]);
            continue;
        }
        let middle = f64::midpoint(left, right);
        let (up, down) =
            (if rises { split.right } else { split.left }, if rises { split.left } else { split.right });
        if tree.nodes[up].pd < tree.nodes[down].pd {
            return false;
        }
        open.extend([(up, middle, high), (down, low, middle)]);
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pd_follows_the_direction(
        rows in rows(), weights: bool, rises: bool, min_leaf in 1_u64..6, max_depth in 2_usize..7,
        criterion in prop::sample::select(vec!["gini", "entropy", "chi_square"]), balanced: bool, pruned: bool,
    ) {
        let direction = if rises { "ascending" } else { "descending" };
        let balanced = if balanced { "class_weight = \"balanced\"\n" } else { "" };
        let pruned = if pruned { "alpha = 0.005\n" } else { "" };
        let p = if criterion == "chi_square" { "max_p_value = 1.0\n" } else { "" };
        let limits = format!("min_leaf = {min_leaf}\nmax_depth = {max_depth}\ncriterion = \"{criterion}\"\n{p}{balanced}{pruned}");
        let csv = csv(&rows, weights);
        let asked = format!("{limits}[tree.monotone]\na = \"{direction}\"\n");
        let bound = trained(&csv, &recipe(weights, &asked));
        let free = trained(&csv, &recipe(weights, &limits));
        let field = |name: &str| bound.model.schema.position(name);
        // The schema holds the fields that splits ask for.
        let mut scorer = Scorer::new(&bound.model);
        let value = |x: Option<u8>| x.map_or(Value::Missing, |x| Value::Number(f64::from(x) + 0.25));
        let categories = ["k0", "k1", "k2"];
        for b in [None, Some(0), Some(3), Some(6), Some(11)] {
            for category in categories {
                let pds: Vec<f64> = (0..12).map(|a| {
                    let mut row = vec![Value::Missing; bound.model.schema.fields.len()];
                    let given = [("a", value(Some(a))), ("b", value(b)), ("c", Value::Text(category))];
                    for (name, value) in given {
                        if let Some(at) = field(name) {
                            row[at] = value;
                        }
                    }
                    scorer.score(&row).unwrap().pd.unwrap()
                }).collect();
                prop_assert!(pds.windows(2).all(|p| if rises { p[0] <= p[1] } else { p[0] >= p[1] }), "{:?}", pds);
            }
        }
        // A tree that keeps to the direction by itself is not changed.
        if let (Some(a), true) = (free.model.schema.position("a"), pruned.is_empty()) {
            if keeps(tree(&free), a, rises) {
                prop_assert_eq!(tree(&free), tree(&bound));
            }
        }
        if let Some(a) = field("a") {
            prop_assert!(keeps(tree(&bound), a, rises));
        }
    }
}

#[test]
fn directions_are_of_number_columns_that_exist() {
    let rows: Vec<Row> = (0..60).map(|i| (Some(i % 12), Some(i % 7), i % 3, i % 5 < 2)).collect();
    let error = |column: &str| {
        let text = recipe(false, &format!("[tree.monotone]\n{column} = \"ascending\"\n"));
        let mut recipe = arrears_train::Recipe::from_toml(&text, "recipe.toml", "test").unwrap();
        recipe.model.kind = arrears_model::ModelKind::Tree;
        let loaded =
            arrears_data::read_bytes("d.csv", arrears_data::Format::Csv, csv(&rows, false).as_bytes());
        arrears_train::train(&recipe, loaded.unwrap(), "d.csv").unwrap_err().to_string()
    };
    assert!(error("c").contains("this one has categories"), "{}", error("c"));
    assert!(error("nope").contains("names of columns"), "{}", error("nope"));
}
