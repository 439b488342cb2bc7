//! The steps held together: what boosting says of a row is what the finished terms say of it.

use super::split::{Grid, Line, Sums, grid_step, line_step};
use super::tables::Tables;
use super::terms::Terms;
use super::*;
use crate::recipe::Recipe;
use arrears_data::{Cleaned, Format, clean, read_bytes};
use arrears_model::additive::Shape;
use arrears_model::scale::probability;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;
use std::fmt::Write;

/// A small generator of numbers in [0, 1), the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

const RECIPE: &str = r#"
[data]
target = "bad"
[columns.x]
special = [99, [-9, -1]]
"#;

/// Numbers with missing values, special codes and a range; a category with rare members; an interaction.
struct Customers {
    cleaned: Cleaned,
    all: Vec<usize>,
}

impl Customers {
    fn rows(&self) -> Rows<'_> {
        let schema = self.cleaned.schema_for(&self.all);
        let (table, bad) = (&self.cleaned.table, self.cleaned.bad.as_deref());
        Rows::from_table(&schema, table, &self.all, bad, None).expect("rows")
    }
}

fn customers(n: usize) -> Customers {
    let mut dice = Dice(3);
    let mut csv = "x,y,town,bad\n".to_owned();
    for row in 0..n {
        let (x, y) = (10.0 * dice.roll(), 10.0 * dice.roll());
        let town = if row % 100 == 0 { 3 + row / 100 % 2 } else { (dice.roll() * 3.0) as usize };
        let kind = dice.roll();
        let x_text = match () {
            () if kind < 0.05 => (-1 - (row % 9) as i64).to_string(),
            () if kind < 0.06 => "99".to_owned(),
            () if kind < 0.15 => String::new(),
            () => x.to_string(),
        };
        let tilt = if (x > 5.0) == (y > 5.0) { 1.5 } else { -1.5 };
        let log_odds = -2.0 + 0.2 * y + tilt + [0.0, 0.5, -0.5, 1.0, 1.0][town];
        let bad = u8::from(dice.roll() < probability(log_odds));
        let town = ["a", "b", "c", "rare", "rarer"][town];
        let _ = writeln!(csv, "{x_text},{y},{town},{bad}");
    }
    let recipe = Recipe::from_toml(RECIPE, "recipe.toml", "test").expect("a recipe");
    let loaded = read_bytes("data.csv", Format::Csv, csv.as_bytes()).expect("a table");
    let cleaned = clean(loaded, &recipe.preparation).expect("clean rows");
    Customers { all: (0..cleaned.table.rows()).collect(), cleaned }
}

#[test]
fn the_finished_terms_say_what_boosting_said() {
    let customers = customers(3000);
    let rows = customers.rows();
    let params = PlusParams { folds: 4, ..PlusParams::default() };
    let axes: Vec<Axis> = (0..3).map(|field| Axis::of(&rows, field, &params).expect("an axis")).collect();
    let axes: Vec<&Axis> = axes.iter().collect();
    let bad: Vec<f64> = rows.bad.iter().map(|bad| f64::from(u8::from(*bad))).collect();
    let mut tables = Tables::of(&axes, grow(&axes, (&rows.bad, None), &bad, &params), &params);
    assert!(!tables.pairs.is_empty(), "the planted interaction");
    let boosted = tables.log_odds();
    tables.purify();
    for (row, (before, after)) in boosted.iter().zip(tables.log_odds()).enumerate() {
        assert!((before - after).abs() < 1e-12, "row {row}: {before} became {after}");
    }
    for pair in &tables.pairs {
        let columns = pair.columns();
        for (at, weight) in margins(&pair.values, &pair.rows, columns) {
            assert!(at.abs() < 1e-12 * weight.max(1.0), "a margin of {at} over {weight} rows");
        }
    }
    for (axis, main) in axes.iter().zip(&tables.mains) {
        let mean: f64 = main.iter().zip(&axis.tallies).map(|(v, t)| v * t.count as f64).sum();
        assert!(mean.abs() < 1e-9, "a main effect of mean {mean}");
    }
    tables.settle_thin(30);
    let joined = tables.join_alike(&params);
    tables.calibrate(&bad);
    let expected = tables.log_odds();
    let pds: f64 = expected.iter().map(|x| probability(*x)).sum();
    assert!((pds - bad.iter().sum::<f64>()).abs() < 1e-9, "the pds add up to the bads");
    let terms = Terms::of(&tables, joined, &rows, Baseline::Mean);
    let additive = Additive { intercept: terms.intercept, terms: terms.terms };
    let mut shares = Vec::new();
    for (row, expected) in expected.iter().enumerate() {
        let cells: Vec<Cell> = (0..3).map(|field| rows.column(field).nth(row).expect("a cell")).collect();
        let found = additive.log_odds(&rows.schema, &terms.transforms, &cells, &mut shares);
        assert!((found - expected).abs() < 1e-12, "row {row}: {found} is not {expected}");
    }
}

/// Weighted sums of the rows and columns of a table, with their weights.
fn margins(values: &[f64], weights: &[f64], columns: usize) -> Vec<(f64, f64)> {
    let rows = values.len() / columns;
    let sum = |cells: Vec<usize>| {
        let weighted = cells.iter().map(|c| weights[*c] * values[*c]).sum::<f64>();
        (weighted, cells.iter().map(|c| weights[*c]).sum::<f64>())
    };
    let lines = (0..rows).map(|i| (0..columns).map(|j| i * columns + j).collect());
    lines.chain((0..columns).map(|j| (0..rows).map(|i| i * columns + j).collect())).map(sum).collect()
}

#[test]
fn bins_are_few_and_unseen_speaks_like_rare() {
    let customers = customers(3000);
    let rows = customers.rows();
    let plus = PlusParams { max_bins: 5, max_pair_bins: 3, ..PlusParams::default() };
    let fitted = fit_plus(&rows, &BinningParams::default(), &plus, Baseline::Max).expect("a fit");
    assert!(fitted.transforms.iter().all(|t| t.regular_bins() <= 5), "{:?}", fitted.transforms);
    let Predictor::Additive(additive) = &fitted.predictor else { panic!("no terms") };
    let mut town_seen = 0;
    for term in &additive.terms {
        let transform = &fitted.transforms[term.transform];
        match &term.shape {
            Shape::Lookup { values } => {
                let regular = &values[..transform.regular_bins()];
                let best = regular.iter().copied().fold(f64::INFINITY, f64::min);
                assert!(term.baseline <= best && values.contains(&term.baseline), "{values:?}");
                if let Transform::Groups { group_of, groups, .. } = transform {
                    town_seen += 1;
                    assert_eq!(group_of[3], group_of[4], "rare categories share a bin");
                    assert_eq!(values[*groups], values[group_of[3]], "{values:?} {group_of:?}");
                    assert_eq!(values[groups + 1], 0.0, "no town is missing");
                }
            }
            Shape::Pair { with, values } => {
                let sides = [transform, &fitted.transforms[*with]];
                let bins = sides.map(|t| t.bins(&rows.schema.fields[t.field()]).expect("bins"));
                assert_eq!(bins[0] * bins[1], values.len());
                assert!(sides.iter().all(|t| t.regular_bins() <= 3));
            }
            Shape::Linear { .. } => panic!("no slopes here"),
        }
    }
    assert_eq!(town_seen, 1);
}

/// Random sums by cell: some gradient, curvature and rows.
fn random_sums(cells: usize, dice: &mut Dice) -> Vec<Sums> {
    let one = |_| {
        let rows = (dice.roll() * 30.0).floor();
        Sums { gradient: (dice.roll() - 0.5) * rows, curvature: 0.2 * rows, rows }
    };
    (0..cells).map(one).collect()
}

/// What steps save: twice the fall of the quadratic `G s + (H + l2) s^2 / 2` over blocks of equal step.
fn saved(steps: &[f64], sums: &[Sums], params: &PlusParams) -> f64 {
    let mut blocks: Vec<(f64, Sums)> = Vec::new();
    for (step, sum) in steps.iter().zip(sums) {
        match blocks.iter_mut().find(|(s, _)| s == step) {
            Some((_, total)) => *total = total.plus(*sum),
            None => blocks.push((*step, *sum)),
        }
    }
    let of = |total: Sums| total.gradient * total.gradient / (total.curvature + params.l2);
    blocks.into_iter().map(|(_, total)| of(total)).sum()
}

#[test]
fn a_grid_step_is_the_best_of_all_two_level_cuts() {
    let params = PlusParams { min_rows: 20, ..PlusParams::default() };
    let mut dice = Dice(11);
    for case in 0..200 {
        let grid = Grid { rows: 2 + case % 4, columns: 2 + case / 4 % 4 };
        let sums = random_sums(grid.rows * grid.columns, &mut dice);
        let found = saved(&grid_step(grid, &sums, &params), &sums, &params);
        let best = brute_force(grid, &sums, &params);
        assert!((found - best).abs() < 1e-9 * best.max(1.0), "case {case}: {found} against {best}");
    }
}

/// Every cut of the whole, then every cut (or none) of each part the other way, cells summed one by one.
fn brute_force(grid: Grid, sums: &[Sums], params: &PlusParams) -> f64 {
    let total = |inside: &dyn Fn(usize, usize) -> bool| {
        let cells = (0..grid.rows).flat_map(|i| (0..grid.columns).map(move |j| (i, j)));
        let chosen = cells.filter(|(i, j)| inside(*i, *j)).map(|(i, j)| sums[i * grid.columns + j]);
        chosen.fold(Sums::default(), Sums::plus)
    };
    let gain = |s: Sums| s.gradient * s.gradient / (s.curvature + params.l2);
    let enough = |s: Sums| s.rows >= params.min_rows as f64;
    let mut best = gain(total(&|_, _| true));
    for turned in [false, true] {
        let place = |i: usize, j: usize| if turned { (j, i) } else { (i, j) };
        let (length, across) = if turned { (grid.columns, grid.rows) } else { (grid.rows, grid.columns) };
        for first in 1..length {
            let half = |upper: bool| {
                let inside = move |i, j| (place(i, j).0 < first) == upper;
                let mut best = (enough(total(&inside)), gain(total(&inside)));
                for second in 1..across {
                    let one = total(&|i, j| inside(i, j) && place(i, j).1 < second);
                    let other = total(&|i, j| inside(i, j) && place(i, j).1 >= second);
                    if enough(one) && enough(other) {
                        best.1 = best.1.max(gain(one) + gain(other));
                    }
                }
                best
            };
            let (upper, lower) = (half(true), half(false));
            if upper.0 && lower.0 {
                best = best.max(upper.1 + lower.1);
            }
        }
    }
    best
}

#[test]
fn a_line_step_moves_up_to_three_runs_and_thin_special_bins_not_at_all() {
    let params = PlusParams { min_rows: 20, learning_rate: 1.0, ..PlusParams::default() };
    let bin = |gradient, rows| Sums { gradient, curvature: 24.0, rows };
    // Runs -25, 0, 50 of the gradient, then a special bin with rows enough and one without.
    let gradients = [-25.0, -25.0, 0.0, 0.0, 50.0, 50.0];
    let mut sums: Vec<Sums> = gradients.iter().map(|g| bin(*g, 100.0)).collect();
    sums.extend([bin(25.0, 100.0), bin(25.0, 19.0)]);
    let steps = line_step(Line::Ordered { regular: 6 }, &sums, &params);
    let (low, high) = (50.0 / 49.0, -100.0 / 49.0);
    assert_eq!(steps, [low, low, 0.0, 0.0, high, high, -1.0, 0.0]);
    // Without an order of their own the same bins are sorted first: alike ones stand together.
    let mixed = [0, 4, 2, 1, 5, 3].map(|i| sums[i]);
    let steps = line_step(Line::Free, &mixed, &params);
    assert_eq!(steps, [low, high, 0.0, low, high, 0.0]);
}
