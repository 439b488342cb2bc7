//! Categories, special codes and missing values: every way of dealing them to the two sides.

use arrears_data::{Format, read_bytes};
use arrears_model::tree::{Side, Test, Tree};
use arrears_model::{Cell, Kind, ModelKind, Predictor};
use arrears_train::{Engine, Recipe, Trained, train};
use proptest::prelude::*;
use std::fmt::Write;

pub(crate) fn trained(csv: &str, recipe: &str) -> Trained {
    let mut recipe = Recipe::from_toml(recipe, "recipe.toml", "test").unwrap();
    recipe.model.kind = ModelKind::Tree;
    recipe.model.engine = Some(Engine::Native);
    train(&recipe, read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap(), "data.csv").unwrap()
}

pub(crate) fn tree(trained: &Trained) -> &Tree {
    let Predictor::Tree(tree) = &trained.model.predictor else { panic!("no tree") };
    tree
}

/// Of these cases (rows, bads) the most that any dealing to two sides gains, beside fixed rows on either side.
fn best_deal(cases: &[(f64, f64)], fixed: [(f64, f64); 2], impurity: impl Fn(f64, f64) -> f64) -> f64 {
    let deals = (0..1_usize << cases.len()).map(|deal| {
        let mut sides = fixed;
        for (at, (rows, bads)) in cases.iter().enumerate() {
            let side = &mut sides[deal >> at & 1];
            *side = (side.0 + rows, side.1 + bads);
        }
        let [(left, left_bads), (right, right_bads)] = sides;
        if left == 0.0 || right == 0.0 {
            return 0.0;
        }
        let all = impurity(left + right, left_bads + right_bads);
        all - impurity(left, left_bads) - impurity(right, right_bads)
    });
    deals.fold(0.0, f64::max)
}

fn impurity(gini: bool) -> impl Fn(f64, f64) -> f64 + Copy {
    move |rows, bads| {
        let part = |share: f64| match gini {
            true => share * (1.0 - share),
            false if share > 0.0 => -share * share.log2(),
            false => 0.0,
        };
        if rows == 0.0 { 0.0 } else { rows * (part(bads / rows) + part(1.0 - bads / rows)) }
    }
}

/// Rows and bads of what `keep` lets through.
fn tally<T>(rows: &[&(T, bool)], keep: impl Fn(&T) -> bool) -> (f64, f64) {
    let mine = rows.iter().filter(|(value, _)| keep(value));
    mine.fold((0.0, 0.0), |(rows, bads), (_, bad)| (rows + 1.0, bads + f64::from(u8::from(*bad))))
}

/// Every row is a training row but those that say otherwise.
const RECIPE: &str = "[data]\ntarget = \"bad\"\npositive = \"1\"\n[clean]\nduplicates = \"keep\"\n\
    [split]\nmethod = \"column\"\ncolumn = \"part\"\ntest_value = \"t\"\n";

/// A held-out part of both classes, `value` in the column `x`.
fn held_out(value: &str) -> String {
    format!("{value},0,t\n{value},1,t\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn categories_are_dealt_the_best_way(
        rows in prop::collection::vec((0_usize..7, any::<bool>(), 0.0..1.0), 8..60), gini: bool, max_depth in 1_usize..4,
    ) {
        // The seventh is missing; bads differ by category.
        let rows: Vec<(usize, bool)> = rows.into_iter().map(|(case, coin, x)| {
            (case, if coin { x < 0.5 } else { x * 8.0 < case as f64 })
        }).collect();
        prop_assume!(rows.iter().any(|r| r.1) && rows.iter().any(|r| !r.1));
        let mut csv = "x,bad,part\n".to_owned();
        for (case, bad) in &rows {
            let name = ["d", "a", "f", "c", "b", "e", ""][*case];
            let _ = writeln!(csv, "{name},{},l", u8::from(*bad));
        }
        prop_assume!(rows.iter().any(|r| r.0 != 6));
        csv += &held_out("a");
        let criterion = if gini { "gini" } else { "entropy" };
        let recipe =
            format!("{RECIPE}[columns.x]\ntype = \"category\"\n[tree]\nmin_leaf = 1\nmax_depth = {max_depth}\ncriterion = \"{criterion}\"\n");
        let trained = trained(&csv, &recipe);
        let tree = tree(&trained);
        if trained.model.schema.fields.is_empty() {
            prop_assert_eq!(tree.nodes.len(), 1);
            return Ok(());
        }
        let Kind::Category { categories, .. } = &trained.model.schema.fields[0].kind else { panic!("categories") };
        let cell = |case: usize| {
            let name = ["d", "a", "f", "c", "b", "e", ""][case];
            categories.iter().position(|c| c == name).map_or(Cell::Missing, Cell::Category)
        };
        let impurity = impurity(gini);
        let mut open = vec![(0, 0, rows.iter().collect::<Vec<_>>())];
        while let Some((at, depth, rows)) = open.pop() {
            let node = &tree.nodes[at];
            let tallies: Vec<_> = (0..7).map(|c| tally(&rows, |case| *case == c)).filter(|t| t.0 > 0.0).collect();
            let all = tally(&rows, |_| true);
            prop_assert_eq!((node.count as f64, node.bads as f64), all);
            let best = best_deal(&tallies, [(0.0, 0.0); 2], impurity);
            let Some(split) = &node.split else {
                prop_assert!(depth == max_depth || best < 1e-12, "a leaf could gain {}", best);
                continue;
            };
            let Test::In { categories: sides, other } = &split.test else { panic!("categories") };
            let (left, right): (Vec<_>, Vec<_>) =
                rows.iter().partition(|(case, _)| split.side(cell(*case)) == Side::Left);
            let (l, r) = (tally(&left, |_| true), tally(&right, |_| true));
            let found = impurity(all.0, all.1) - impurity(l.0, l.1) - impurity(r.0, r.1);
            prop_assert!(found > 0.0 && found >= best - 1e-11, "gains {}, the best {}", found, best);
            // What no row of the node had goes to the larger child.
            let larger = if l.0 > r.0 { Side::Left } else { Side::Right };
            prop_assert_eq!(*other, larger);
            for (category, side) in sides.iter().enumerate() {
                let has_rows = rows.iter().any(|(case, _)| cell(*case) == Cell::Category(category));
                prop_assert!(has_rows || *side == larger);
            }
            prop_assert!(rows.iter().any(|(case, _)| cell(*case) == Cell::Missing) || split.missing == larger);
            open.extend([(split.left, depth + 1, left), (split.right, depth + 1, right)]);
        }
    }

    /// Cases 0 to 3: special codes -1, -2, -3 and missing; others are numbers.
    #[test]
    fn special_codes_and_missing_go_the_best_way(
        rows in prop::collection::vec((0_usize..11, any::<bool>(), 0.0..1.0), 8..60), gini: bool, max_depth in 1_usize..4,
    ) {
        let rows: Vec<(usize, bool)> = rows.into_iter().map(|(case, coin, x)| {
            (case, if coin { x < 0.5 } else { x * 11.0 < (case * 3 % 11) as f64 })
        }).collect();
        prop_assume!(rows.iter().any(|r| r.1) && rows.iter().any(|r| !r.1));
        prop_assume!(rows.iter().any(|r| r.0 > 3));
        let mut csv = "x,bad,part\n".to_owned();
        for (case, bad) in &rows {
            let text = match case {
                0..3 => format!("-{}", case + 1),
                3 => String::new(),
                _ => format!("{}.5", case - 4),
            };
            let _ = writeln!(csv, "{text},{},l", u8::from(*bad));
        }
        csv += &held_out("1.5");
        let criterion = if gini { "gini" } else { "entropy" };
        let recipe =
            format!("{RECIPE}[columns.x]\ntype = \"number\"\nspecial = [-1, -2, -3]\n[tree]\nmin_leaf = 1\nmax_depth = {max_depth}\ncriterion = \"{criterion}\"\n");
        let trained = trained(&csv, &recipe);
        let tree = tree(&trained);
        if trained.model.schema.fields.is_empty() {
            prop_assert_eq!(tree.nodes.len(), 1);
            return Ok(());
        }
        let field = &trained.model.schema.fields[0];
        let cell = |case: usize| {
            let value = match case {
                3 => arrears_model::Value::Missing,
                0..3 => arrears_model::Value::Number(-(case as f64) - 1.0),
                _ => arrears_model::Value::Number(case as f64 - 3.5),
            };
            field.ingest(&trained.model.schema.missing, value).unwrap().0
        };
        let impurity = impurity(gini);
        let mut open = vec![(0, 0, rows.iter().collect::<Vec<_>>())];
        while let Some((at, depth, rows)) = open.pop() {
            let node = &tree.nodes[at];
            let floating: Vec<_> = (0..4).map(|c| tally(&rows, |case| *case == c)).filter(|t| t.0 > 0.0).collect();
            let all = tally(&rows, |_| true);
            prop_assert_eq!((node.count as f64, node.bads as f64), all);
            // Where to cut the numbers (none below from case 4 on), and every side for the others.
            let numbers = |range: std::ops::Range<usize>| tally(&rows, |case| range.contains(case));
            let best = (4..11).map(|from| best_deal(&floating, [numbers(4..from), numbers(from..11)], impurity));
            let best = best.fold(0.0, f64::max);
            let Some(split) = &node.split else {
                prop_assert!(depth == max_depth || best < 1e-12, "a leaf could gain {}", best);
                continue;
            };
            let (left, right): (Vec<_>, Vec<_>) =
                rows.iter().partition(|(case, _)| split.side(cell(*case)) == Side::Left);
            let (l, r) = (tally(&left, |_| true), tally(&right, |_| true));
            let found = impurity(all.0, all.1) - impurity(l.0, l.1) - impurity(r.0, r.1);
            prop_assert!(found > 0.0 && found >= best - 1e-11, "gains {}, the best {}", found, best);
            let larger = if l.0 > r.0 { Side::Left } else { Side::Right };
            let Test::Below { special, .. } = &split.test else { panic!("a number") };
            for (code, side) in special.iter().enumerate() {
                prop_assert!(rows.iter().any(|(case, _)| cell(*case) == Cell::Special(code)) || *side == larger);
            }
            open.extend([(split.left, depth + 1, left), (split.right, depth + 1, right)]);
        }
    }
}
