//! Optimal trees against a search through all trees, on small tables of every kind of column.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, Preparation, ReadOptions, clean, read_all, read_bytes};
use arrears_model::tree::{Side, Tree};
use arrears_model::value::Cell;
use arrears_model::{Kind, Predictor};
use arrears_train::Engine;
use arrears_train::engine::{ClassWeight, TreeParams};
use arrears_train::grow::{Criterion, Direction, classification_tree};
use arrears_train::rows::Rows;
use arrears_train::tree::fit_tree;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

/// Least common multiple of 1 to 40, so that impurities of up to 40 rows are whole numbers of its parts.
const PARTS: u64 = 5_342_931_457_063_200;

/// One row: x (a number, two special codes, missing), y (a number), c (a category), bad.
type Row = (u8, u8, u8, bool);

fn table(rows: &[Row]) -> String {
    let mut csv = "x,y,c,bad\n".to_owned();
    for (x, y, c, bad) in rows {
        let x = match x {
            0 => String::new(),
            1 => "-1".to_owned(),
            2 => "-2".to_owned(),
            x => (f64::from(*x) * 1.5).to_string(),
        };
        let c = if *c == 0 { String::new() } else { format!("c{c}") };
        let _ = writeln!(csv, "{x},{},{c},{}", f64::from(*y) / 4.0, u8::from(*bad));
    }
    csv
}

const RECIPE: &str = "[data]\ntarget = \"bad\"\n[clean]\nduplicates = \"keep\"\n[columns.x]\ntype = \"number\"\nspecial = [-1, -2]\n\
    [columns.y]\ntype = \"number\"\n[columns.c]\ntype = \"category\"\n";

/// The rows of a CSV text, to be looked at.
fn with_rows<T>(csv: &str, recipe: &str, look: impl FnOnce(&Rows<'_>) -> T) -> T {
    let loaded = read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap();
    let cleaned = clean(loaded, &Preparation::from_toml(recipe).unwrap()).unwrap();
    let all: Vec<usize> = (0..cleaned.table.rows()).collect();
    let bad = cleaned.bad.as_deref();
    look(&Rows::from_table(&cleaned.schema_for(&all), &cleaned.table, &all, bad, None).unwrap())
}

fn fit(rows: &Rows<'_>, params: &TreeParams) -> (Tree, Vec<String>) {
    let fitted = fit_tree(rows, params, Engine::Native).unwrap();
    let Predictor::Tree(tree) = fitted.predictor else { panic!("no tree") };
    (tree, fitted.fit.notes)
}

/// Sets of rows, one bit each.
type Set = u64;

/// All trees: what each question takes to the left, and who is bad.
struct Oracle {
    questions: Vec<Set>,
    bad: Set,
    min_leaf: u32,
}

/// A tree that the oracle found: its impurity, its leaves, its first question.
#[derive(Clone, Debug)]
struct Known<N> {
    impurity: N,
    leaves: usize,
    split: Option<(Set, Box<[Known<N>; 2]>)>,
}

impl Oracle {
    fn counts(&self, set: Set) -> (u64, u64) {
        (u64::from((set & self.bad).count_ones()), u64::from((set & !self.bad).count_ones()))
    }

    /// The best tree of a set: least impurity, then fewest leaves, then the first question.
    fn best<N: Copy + PartialOrd + std::ops::Add<Output = N>>(
        &self,
        set: Set,
        depth: usize,
        impurity: &impl Fn(u64, u64) -> N,
    ) -> Known<N> {
        let (bads, goods) = self.counts(set);
        let mut best = Known { impurity: impurity(bads, goods), leaves: 1, split: None };
        if depth == 0 {
            return best;
        }
        for question in &self.questions {
            let (left, right) = (set & question, set & !question);
            if left.count_ones().min(right.count_ones()) < self.min_leaf {
                continue;
            }
            let children = [left, right].map(|side| self.best(side, depth - 1, impurity));
            let total =
                (children[0].impurity + children[1].impurity, children[0].leaves + children[1].leaves);
            if total < (best.impurity, best.leaves) {
                best = Known {
                    impurity: total.0,
                    leaves: total.1,
                    split: Some((*question, Box::new(children))),
                };
            }
        }
        best
    }
}

/// Parts of a Gini impurity times its rows.
fn gini_parts(bads: u64, goods: u64) -> u64 {
    2 * bads * goods * PARTS.checked_div(bads + goods).unwrap_or(0)
}

fn cell_key(cell: Cell) -> usize {
    match cell {
        Cell::Category(category) => category,
        Cell::Special(code) => code,
        _ => usize::MAX,
    }
}

/// The rows with each of these cells, in order of their bad rate.
fn by_bad_rate(rows: &Rows<'_>, mut cells: Vec<Cell>, field: usize) -> Vec<Set> {
    cells.sort_by_key(|cell| cell_key(*cell));
    cells.dedup();
    let mut sets: Vec<Set> =
        cells.iter().map(|cell| set(rows, |row| rows.cell(row, field) == *cell)).collect();
    let bad = set(rows, |row| rows.bad[row]);
    let rate = |set: &Set| f64::from((set & bad).count_ones()) / f64::from(set.count_ones());
    sets.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
    sets
}

fn set(rows: &Rows<'_>, has: impl Fn(usize) -> bool) -> Set {
    (0..rows.len()).filter(|row| has(*row)).map(|row| 1 << row).sum()
}

fn unions(sets: &[Set]) -> Vec<Set> {
    (0..1usize << sets.len())
        .map(|way| sets.iter().enumerate().filter(|(at, _)| way >> at & 1 == 1).map(|(_, set)| set).sum())
        .collect()
}

/// Every question as the documentation has it, in its order; categories in every way if `all_deals`, whatever their number.
fn oracle(rows: &Rows<'_>, min_leaf: u64, all_deals: bool) -> Oracle {
    let mut questions = Vec::new();
    for field in 0..rows.schema.fields.len() {
        let cells: Vec<Cell> = (0..rows.len()).map(|row| rows.cell(row, field)).collect();
        let number = |cell: &Cell| if let Cell::Number(x) = cell { Some(*x) } else { None };
        let mut numbers: Vec<f64> = cells.iter().filter_map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        let others: Vec<Cell> = cells.iter().filter(|cell| number(cell).is_none()).copied().collect();
        let sets = by_bad_rate(rows, others, field);
        if matches!(rows.field(field).kind, Kind::Category { .. }) && sets.len() > 6 && !all_deals {
            questions.extend((1..sets.len()).map(|count| sets[..count].iter().sum::<Set>()));
            questions.extend(sets);
            continue;
        }
        questions.extend(unions(&sets));
        for way in unions(&sets) {
            for at in numbers.iter().skip(1) {
                questions.push(way | set(rows, |row| number(&cells[row]).is_some_and(|x| x < *at)));
            }
        }
    }
    Oracle { questions, bad: set(rows, |row| rows.bad[row]), min_leaf: u32::try_from(min_leaf).unwrap() }
}

/// The rows of each leaf of a tree, from left to right.
fn leaves(rows: &Rows<'_>, tree: &Tree, node: usize, set: Set) -> Vec<Set> {
    let Some(split) = &tree.nodes[node].split else { return vec![set] };
    let goes = |row: usize| split.side(rows.cell(row, split.field)) == Side::Left;
    let left: Set = (0..rows.len()).filter(|row| set >> row & 1 == 1 && goes(*row)).map(|row| 1 << row).sum();
    let mut found = leaves(rows, tree, split.left, left);
    found.extend(leaves(rows, tree, split.right, set & !left));
    found
}

fn known_leaves<N>(known: &Known<N>, set: Set) -> Vec<Set> {
    let Some((question, children)) = &known.split else { return vec![set] };
    let mut found = known_leaves(&children[0], set & question);
    found.extend(known_leaves(&children[1], set & !question));
    found
}

fn rows_of(categories: u8, most: usize) -> impl Strategy<Value = Vec<Row>> {
    let row = (0u8..7, 0u8..5, 0..categories, any::<bool>());
    prop::collection::vec(row, 4..most)
        .prop_filter("both classes", |rows| rows.iter().any(|row| row.3) && rows.iter().any(|row| !row.3))
}

fn optimal(depth: usize, min_leaf: u64, criterion: Criterion) -> TreeParams {
    TreeParams {
        optimal: depth,
        max_depth: depth,
        min_leaf,
        criterion: Some(criterion),
        ..TreeParams::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_tree_is_that_of_a_search_through_all(rows in rows_of(5, 40), min_leaf in 1u64..4) {
        with_rows(&table(&rows), RECIPE, |rows| {
            let oracle = oracle(rows, min_leaf, true);
            let all = set(rows, |_| true);
            let known = oracle.best(all, 2, &gini_parts);
            let (tree, _) = fit(rows, &optimal(2, min_leaf, Criterion::Gini));
            prop_assert_eq!(leaves(rows, &tree, 0, all), known_leaves(&known, all));
            Ok(())
        })?;
    }

    #[test]
    fn so_it_is_at_depth_3(rows in rows_of(3, 16), min_leaf in 1u64..3) {
        with_rows(&table(&rows), RECIPE, |rows| {
            let oracle = oracle(rows, min_leaf, true);
            let all = set(rows, |_| true);
            let known = oracle.best(all, 3, &gini_parts);
            let (tree, _) = fit(rows, &optimal(3, min_leaf, Criterion::Gini));
            prop_assert_eq!(leaves(rows, &tree, 0, all), known_leaves(&known, all));
            Ok(())
        })?;
    }

    #[test]
    fn entropy_and_class_weights_are_as_good_as_can_be(
        rows in rows_of(4, 24), min_leaf in 1u64..4, entropy: bool, balanced: bool,
    ) {
        with_rows(&table(&rows), RECIPE, |rows| {
            let oracle = oracle(rows, min_leaf, true);
            let all = set(rows, |_| true);
            let (bads, goods) = oracle.counts(all);
            let bad_weight = if balanced { goods as f64 / bads as f64 } else { 1.0 };
            let impurity = |bads: u64, goods: u64| {
                let (b, g) = (bads as f64 * bad_weight, goods as f64);
                let bits = |x: f64| if x > 0.0 { -x * (x / (b + g)).log2() } else { 0.0 };
                if entropy { bits(b) + bits(g) } else if b + g > 0.0 { 2.0 * b * g / (b + g) } else { 0.0 }
            };
            let known = oracle.best(all, 2, &impurity);
            let criterion = if entropy { Criterion::Entropy } else { Criterion::Gini };
            let class_weight = if balanced { ClassWeight::Balanced } else { ClassWeight::None };
            let params = TreeParams { class_weight, ..optimal(2, min_leaf, criterion) };
            let (tree, _) = fit(rows, &params);
            let found = leaves(rows, &tree, 0, all);
            prop_assert!(found.len() == 1 || found.iter().all(|set| u64::from(set.count_ones()) >= min_leaf));
            let total: f64 = found.iter().map(|set| oracle.counts(*set)).map(|(b, g)| impurity(b, g)).sum();
            let allowed = 1e-9 * impurity(bads, goods);
            prop_assert!((total - known.impurity).abs() <= allowed, "{total}, best {}", known.impurity);
            Ok(())
        })?;
    }

    /// Those of the greedy tree are asked as well, so all that is known is between which totals it must be.
    #[test]
    fn many_categories_are_cut_by_bad_rate_or_taken_out_one_by_one(rows in rows_of(9, 40), min_leaf in 1u64..3) {
        with_rows(&table(&rows), RECIPE, |rows| {
            let all = set(rows, |_| true);
            let of = |all_deals| oracle(rows, min_leaf, all_deals).best(all, 2, &gini_parts).impurity;
            let (tree, _) = fit(rows, &optimal(2, min_leaf, Criterion::Gini));
            let counts = oracle(rows, min_leaf, false);
            let total: u64 =
                leaves(rows, &tree, 0, all).iter().map(|set| counts.counts(*set)).map(|(b, g)| gini_parts(b, g)).sum();
            prop_assert!(total <= of(false) && total >= of(true), "{total}: {} to {}", of(true), of(false));
            Ok(())
        })?;
    }

    /// Joined intervals: no better than the best over all values, no worse than greedy growth.
    #[test]
    fn few_bins_still_beat_greedy_growth(rows in rows_of(2, 40), min_leaf in 1u64..3, bins in 2usize..4) {
        with_rows(&table(&rows), RECIPE, |rows| {
            let all = set(rows, |_| true);
            let oracle = oracle(rows, min_leaf, true);
            let total = |params: &TreeParams| -> u64 {
                let found = leaves(rows, &fit(rows, params).0, 0, all);
                found.iter().map(|set| oracle.counts(*set)).map(|(b, g)| gini_parts(b, g)).sum()
            };
            let params = optimal(2, min_leaf, Criterion::Gini);
            let coarse = total(&TreeParams { optimal_bins: Some(bins), ..params.clone() });
            prop_assert!(coarse >= oracle.best(all, 2, &gini_parts).impurity);
            let greedy = TreeParams { optimal: 0, ..params };
            prop_assert!(coarse <= total(&greedy));
            Ok(())
        })?;
    }

    #[test]
    fn weights_are_copies(rows in rows_of(3, 20), weights in prop::collection::vec(1u8..4, 20), depth in 2usize..4) {
        let columns = |copies: bool| -> (Vec<[f64; 2]>, Vec<bool>) {
            let times = |at: usize| if copies { usize::from(weights[at]) } else { 1 };
            let each = rows.iter().enumerate().flat_map(|(at, row)| std::iter::repeat_n(row, times(at)));
            let number = |x: u8| if x == 0 { f64::NAN } else { f64::from(x) };
            each.map(|(x, y, _, bad)| ([number(*x), f64::from(*y)], *bad)).unzip()
        };
        let fit = |(cells, bad): (Vec<[f64; 2]>, Vec<bool>), weights: Option<&[f64]>| {
            let [x, y] = [0, 1].map(|at| cells.iter().map(|row| row[at]).collect::<Vec<f64>>());
            classification_tree(&[&x, &y], &bad, weights, &optimal(depth, 1, Criterion::Entropy)).unwrap()
        };
        let weights: Vec<f64> = weights[..rows.len()].iter().map(|w| f64::from(*w)).collect();
        let (weighed, copied) = (fit(columns(false), Some(&weights)), fit(columns(true), None));
        let splits = |tree: &arrears_train::grow::DecisionTree| {
            tree.nodes.iter().map(|node| node.split.clone().map(|s| (s.column, s.threshold.to_bits()))).collect::<Vec<_>>()
        };
        prop_assert_eq!(splits(&weighed), splits(&copied));
    }
}

/// The rows of a bundled data set.
fn bundled<T>(name: &str, look: impl FnOnce(&Rows<'_>) -> T) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets").join(name);
    let preparation =
        Preparation::from_toml(&std::fs::read_to_string(folder.join("recipe.toml")).unwrap()).unwrap();
    let cleaned =
        clean(read_all(&folder.join("data.csv"), &ReadOptions::default()).unwrap(), &preparation).unwrap();
    let all: Vec<usize> = (0..cleaned.table.rows()).collect();
    look(
        &Rows::from_table(&cleaned.schema_for(&all), &cleaned.table, &all, cleaned.bad.as_deref(), None)
            .unwrap(),
    )
}

fn impurity(tree: &Tree) -> f64 {
    let leaves = tree.nodes.iter().filter(|node| node.split.is_none());
    leaves.map(|leaf| 2.0 * leaf.bads as f64 * (leaf.count - leaf.bads) as f64 / leaf.count as f64).sum()
}

#[test]
fn real_trees_gain_and_say_so() {
    for name in ["credit", "german"] {
        bundled(name, |rows| {
            for depth in [2, 3] {
                let params = optimal(depth, 30, Criterion::Gini);
                let (best, notes) = fit(rows, &params);
                let (greedy, _) = fit(rows, &TreeParams { optimal: 0, ..params });
                let root = &best.nodes[0];
                let fall = |tree| {
                    let all = 2.0 * root.bads as f64 * (root.count - root.bads) as f64 / root.count as f64;
                    100.0 * (1.0 - impurity(tree) / all)
                };
                assert!(fall(&best) >= fall(&greedy), "{name}, depth {depth}");
                let said =
                    format!("by {:.2} %, split by split chosen ones by {:.2} %", fall(&best), fall(&greedy));
                assert!(notes[0].ends_with(&said), "{notes:?}, expected {said}");
            }
        });
    }
}

#[test]
fn a_deeper_tree_grows_below_the_best_top() {
    bundled("german", |rows| {
        let (top, _) = fit(rows, &optimal(2, 20, Criterion::Entropy));
        let (deep, _) = fit(rows, &TreeParams { max_depth: 5, ..optimal(2, 20, Criterion::Entropy) });
        assert!(deep.nodes.len() > top.nodes.len() + 4, "{} nodes", deep.nodes.len());
        for (top, deep) in top.nodes.iter().zip(&deep.nodes) {
            assert_eq!((top.count, top.bads), (deep.count, deep.bads));
            assert!(top.split.is_none() || top.split == deep.split);
        }
        let pruned = TreeParams { max_depth: 5, folds: 4, ..optimal(2, 20, Criterion::Entropy) };
        assert!(fit(rows, &pruned).0.nodes.len() < deep.nodes.len());
    });
}

#[test]
fn it_is_the_same_on_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            bundled("credit", |rows| {
                fit(
                    rows,
                    &TreeParams { max_depth: 5, optimal_bins: Some(8), ..optimal(3, 20, Criterion::Entropy) },
                )
            })
        })
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(8));
}

/// Bad where an odd number of three columns is 1: no single question tells anything.
#[test]
fn it_sees_what_no_single_question_tells() {
    let column =
        |bit: usize| (0..64).map(|row| f64::from(u8::from(row >> bit & 1 == 1))).collect::<Vec<f64>>();
    let columns = [column(0), column(1), column(2), column(3)];
    let bad: Vec<bool> = (0..64).map(|row: usize| (row & 7).count_ones() % 2 == 1).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let params = optimal(3, 1, Criterion::Entropy);
    let tree = classification_tree(&columns, &bad, None, &params).unwrap();
    assert_eq!(tree.nodes.len(), 15);
    assert!(tree.nodes.iter().filter(|n| n.split.is_none()).all(|leaf| leaf.mean == 0.0 || leaf.mean == 1.0));
    let greedy = classification_tree(&columns, &bad, None, &TreeParams { optimal: 0, ..params }).unwrap();
    assert_eq!(greedy.nodes.len(), 1);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let fine = optimal(2, 1, Criterion::Gini);
    let refused = |params: &TreeParams| {
        let rows = table(&[(3, 0, 0, true), (4, 0, 0, false)]);
        with_rows(&rows, RECIPE, |rows| fit_tree(rows, params, Engine::Native).unwrap_err().to_string())
    };
    for (params, expected) in [
        (TreeParams { optimal: 4, max_depth: 6, ..fine.clone() }, "0, 2 or 3"),
        (TreeParams { optimal: 3, ..fine.clone() }, "`max_depth` or less"),
        (TreeParams { optimal_bins: Some(101), ..fine.clone() }, "2 to 100"),
        (TreeParams { optimal: 0, optimal_bins: Some(16), ..fine.clone() }, "`optimal = 2` or `3` beside it"),
        (TreeParams { criterion: Some(Criterion::ChiSquare), ..fine.clone() }, "gini or entropy"),
        (TreeParams { min_impurity_decrease: 0.01, ..fine.clone() }, "`alpha` prunes them"),
        (
            TreeParams { monotone: [("x".to_owned(), Direction::Ascending)].into(), ..fine },
            "beside `monotone`",
        ),
    ] {
        let text = refused(&params);
        assert!(text.contains(expected), "{text}");
    }
    let records = ndarray::array![[1.0], [2.0]];
    for engine in [Engine::Linfa, Engine::Smartcore] {
        let params = TreeParams { optimal: 2, ..TreeParams::default() };
        let text = engine.tree(&records, &[true, false], &params).unwrap_err().to_string();
        assert!(text.contains("optimal trees (`tree.optimal`)"), "{text}");
    }
}
