//! The native k-means against the slow, obvious one from the same seeds, against itself on other numbers of threads, in
//! batches, and against what must hold for any k-means.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, clean, read_bytes};
use arrears_model::transform::Transform;
use arrears_train::engine::{EngineError, KmeansParams};
use arrears_train::lloyd::{Points, Settled, Step, TablePoints, assign, kmeans_batches, lloyd};
use arrears_train::rows::Rows;
use arrears_train::standardise::standardise;
use arrears_train::{Engine, Recipe};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};
use proptest::prelude::*;
use serde_json::Value;
use std::cmp::Reverse;
use std::fmt::Write;

/// Numbers in [0, 1) from a seed: a multiplicative congruential generator (Park and Miller).
fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let next = |state: &u64| Some(state * 48_271 % 2_147_483_647);
    std::iter::successors(Some(seed), next).skip(1).map(|state| state as f64 / 2_147_483_647.0)
}

/// Clusters that overlap, in `columns` columns.
fn clusters(rows: usize, columns: usize, apart: f64, seed: u64) -> Array2<f64> {
    let mut draw = noise(seed);
    let middles: Vec<f64> = (0..5 * columns).map(|_| (draw.next().unwrap() - 0.5) * apart).collect();
    let mut table = Array2::zeros((rows, columns));
    for mut row in table.rows_mut() {
        let cluster = (draw.next().unwrap() * 5.0) as usize;
        for (column, x) in row.iter_mut().enumerate() {
            *x = middles[cluster * columns + column] + draw.by_ref().take(4).sum::<f64>() - 2.0;
        }
    }
    table
}

fn squared(row: &[f64], center: &[f64]) -> f64 {
    row.iter().zip(center).map(|(x, c)| (x - c) * (x - c)).sum()
}

/// Nearest centre, the first of equals, and squared distance of each row.
fn nearest(rows: &[Vec<f64>], centers: &[Vec<f64>]) -> Vec<(usize, f64)> {
    let of_row = |row: &Vec<f64>| {
        let distances = centers.iter().map(|center| squared(row, center)).enumerate();
        distances.reduce(|best, next| if next.1 < best.1 { next } else { best }).unwrap()
    };
    rows.iter().map(of_row).collect()
}

fn mean<'a>(rows: impl Iterator<Item = &'a Vec<f64>> + Clone, columns: usize) -> Vec<f64> {
    let count = rows.clone().count() as f64;
    (0..columns).map(|column| rows.clone().map(|row| row[column]).sum::<f64>() / count).collect()
}

/// Lloyd's iterations by the definition: every distance in every pass, sums in the order of rows. A cluster without rows
/// gets the row farthest from its centre that does not leave another one empty.
fn plain_lloyd(rows: &[Vec<f64>], seeds: &[Vec<f64>], max_iterations: u64, tolerance: f64) -> Settled {
    let columns = rows[0].len();
    let mut centers = seeds.to_vec();
    let mut iterations = 0;
    loop {
        let found = nearest(rows, &centers);
        let labels: Vec<usize> = found.iter().map(|(label, _)| *label).collect();
        let count = |labels: &[usize], center| labels.iter().filter(|label| **label == center).count();
        let last = iterations == max_iterations;
        let mut moved = labels.clone();
        let mut by_distance: Vec<usize> = (0..rows.len()).filter(|row| found[*row].1 > 0.0).collect();
        by_distance.sort_by_key(|row| Reverse(found[*row].1.to_bits()));
        let mut far = by_distance.into_iter();
        for center in 0..centers.len() {
            if !last
                && count(&moved, center) == 0
                && let Some(row) = far.find(|row| count(&moved, moved[*row]) > 1)
            {
                moved[row] = center;
            }
        }
        let members = |center| {
            let moved = &moved;
            rows.iter().enumerate().filter(move |(row, _)| moved[*row] == center).map(|(_, row)| row)
        };
        let next: Vec<Vec<f64>> = (0..centers.len())
            .map(|center| match members(center).next() {
                Some(_) => mean(members(center), columns),
                None => centers[center].clone(),
            })
            .collect();
        let shift = squared(&centers.concat(), &next.concat()).sqrt();
        let empty = (0..centers.len()).any(|center| count(&labels, center) == 0);
        let converged = shift <= tolerance && moved == labels && !(last && empty);
        if converged || last {
            let counts = (0..centers.len()).map(|center| count(&labels, center) as u64).collect();
            let labels = labels.iter().map(|label| *label as u16).collect();
            return Settled { centers, labels, counts, iterations, converged };
        }
        centers = next;
        iterations += 1;
    }
}

fn rows_of(table: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
    table.rows().into_iter().map(|row| row.to_vec()).collect()
}

/// Same steps, same labels, centres within `slack`.
fn check_same(found: &Settled, expected: &Settled, slack: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.iterations, expected.iterations);
    prop_assert_eq!(found.converged, expected.converged);
    prop_assert_eq!(&found.labels, &expected.labels);
    prop_assert_eq!(&found.counts, &expected.counts);
    for (found, expected) in found.centers.iter().flatten().zip(expected.centers.iter().flatten()) {
        prop_assert!((found - expected).abs() <= slack, "{found}, by the definition {expected}");
    }
    Ok(())
}

/// Small tables of quarters: full of repeated rows and of equal distances, and every sum is exact.
fn tied_table() -> impl Strategy<Value = (Array2<f64>, Vec<Vec<f64>>)> {
    let shape = (1_usize..60, 1_usize..5, 1_usize..9, 1_i32..12);
    shape.prop_flat_map(|(rows, columns, k, steps)| {
        let value = || (-steps..=steps).prop_map(|step| f64::from(step) / 4.0);
        let table = prop::collection::vec(value(), rows * columns);
        let seeds = prop::collection::vec(prop::collection::vec(value(), columns), k);
        (table.prop_map(move |t| Array2::from_shape_vec((rows, columns), t).unwrap()), seeds)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Seeds need not be rows: many begin without one, and have to be given one.
    #[test]
    fn tied_tables_are_clustered_as_by_the_definition(
        (table, seeds) in tied_table(), most in 0_u64..30, tolerance in prop::sample::select(vec![0.0, 1e-6, 0.3, 5.0]),
    ) {
        let expected = plain_lloyd(&rows_of(table.view()), &seeds, most, tolerance);
        // Means need not be quarters: in the next pass a tie may be rounded apart, alike in both.
        check_same(&lloyd(&table.view(), &seeds, most, tolerance), &expected, 1e-12)?;
    }

    #[test]
    fn overlapping_clusters_are_found_as_by_the_definition(
        rows in 1_usize..600, columns in 1_usize..8, k in 1_usize..12, apart in 0.0..8.0, seed in 1_u64..1_000_000,
    ) {
        let table = clusters(rows, columns, apart, seed);
        let seeds: Vec<Vec<f64>> = (0..k).map(|at| table.row(at * rows / k).to_vec()).collect();
        let expected = plain_lloyd(&rows_of(table.view()), &seeds, 200, 1e-9);
        check_same(&lloyd(&table.view(), &seeds, 200, 1e-9), &expected, 1e-12)?;
        // The same by columns.
        let by_columns = table.t().as_standard_layout().into_owned();
        prop_assert_eq!(lloyd(&by_columns.t(), &seeds, 200, 1e-9), lloyd(&table.view(), &seeds, 200, 1e-9));
    }

    #[test]
    fn a_row_is_assigned_as_by_the_definition((table, centers) in tied_table()) {
        let expected = nearest(&rows_of(table.view()), &centers);
        let found = assign(&table.view(), &centers);
        let found = found.labels.iter().map(|label| usize::from(*label)).zip(found.squared);
        prop_assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    /// However rows are cut into batches and batches dealt out, a step moves the centres to the same bits.
    #[test]
    fn a_step_in_batches_is_a_step_of_the_whole(
        (table, seeds) in tied_table(), cuts in prop::collection::vec(0.0..1.0, 0..6), shared in 0_usize..6,
    ) {
        let rows = table.nrows();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut: &f64| (cut * rows as f64) as usize).collect();
        cuts.extend([0, rows]);
        cuts.sort_unstable();
        let mut whole = Step::new(seeds.clone());
        whole.update(&table.view());
        let (mut one, mut other) = (Step::new(seeds.clone()), Step::new(seeds.clone()));
        for (at, pair) in cuts.windows(2).enumerate() {
            let batch = table.slice_axis(Axis(0), Slice::from(pair[0]..pair[1]));
            if at < shared { one.update(&batch) } else { other.update(&batch) }
        }
        let (whole, parts) = (whole.finish(), one.merge(other).finish());
        prop_assert_eq!(&parts, &whole);
        // The same bits as those of the fit in memory.
        prop_assert_eq!(lloyd(&table.view(), &seeds, 1, 0.0).centers, match whole.shift == 0.0 {
            true => whole.centers,
            false => whole.next,
        });
    }
}

#[test]
fn scikit_learn_comes_to_the_same_from_the_same_seeds() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("reference/lloyd.json")).unwrap();
    for case in cases {
        let rows = |key: &str| -> Vec<Vec<f64>> { serde_json::from_value(case[key].clone()).unwrap() };
        let records = rows("records");
        let table = Array2::from_shape_vec((records.len(), records[0].len()), records.concat()).unwrap();
        let found = lloyd(&table.view(), &rows("seeds"), 1000, 0.0);
        assert!(found.converged, "{}", case["name"]);
        assert_eq!(serde_json::to_value(&found.labels).unwrap(), case["labels"], "{}", case["name"]);
        for (found, expected) in found.centers.iter().flatten().zip(rows("centers").iter().flatten()) {
            assert!((found - expected).abs() < 1e-12, "{}: {found}, scikit-learn {expected}", case["name"]);
        }
        let inertia = assign(&table.view(), &found.centers).squared.iter().sum::<f64>();
        assert!((inertia / case["inertia"].as_f64().unwrap() - 1.0).abs() < 1e-12, "{}", case["name"]);
    }
}

/// Missing numbers, special codes, limits and categories, in chosen rows of a table.
#[test]
fn a_table_is_read_as_its_transforms_say() {
    let mut csv = "plain,gaps,coded,kind\n".to_owned();
    let mut draw = noise(6);
    for row in 0..1_500 {
        let [x, y, z] = [(); 3].map(|()| draw.next().unwrap() * 50.0);
        let gap = if row % 7 == 0 { String::new() } else { y.to_string() };
        let coded = if row % 5 == 0 { "-9".to_owned() } else { z.to_string() };
        writeln!(csv, "{x},{gap},{coded},{}", ["a", "b", "c", ""][row % 4]).unwrap();
    }
    let recipe = "[clean]\nduplicates = \"keep\"\n[columns.coded]\nspecial = [-9]\n";
    let preparation = Recipe::from_toml(recipe, "r.toml", "r").unwrap().preparation;
    let cleaned = clean(read_bytes("d.csv", Format::Csv, csv.as_bytes()).unwrap(), &preparation).unwrap();
    for chosen in [(0..1_500).collect::<Vec<_>>(), (0..1_500).rev().step_by(3).collect()] {
        let schema = cleaned.schema_for(&chosen);
        let rows = Rows::from_table(&schema, &cleaned.table, &chosen, None, None).unwrap();
        let mut transforms: Vec<Transform> = (0..3).filter_map(|field| standardise(&rows, field)).collect();
        transforms.push(Transform::Indicator { field: 3, category: 1, scale: 2.0 });
        let points = TablePoints::new(&rows, &transforms);
        assert_eq!((points.rows(), points.columns()), (chosen.len(), 4));
        for (column, transform) in transforms.iter().enumerate() {
            let number = |row| transform.number(rows.cell(row, transform.field()));
            let expected: Vec<f64> = (40..400).map(number).collect();
            let mut found = vec![f64::NAN; 360];
            points.fill(column, 40, &mut found);
            assert_eq!(found, expected);
            assert!(column == 0 || expected.contains(&0.0));
            let some: Vec<usize> = (0..chosen.len()).step_by(17).collect();
            let mut found = vec![f64::NAN; some.len()];
            points.gather(column, &some, &mut found);
            assert_eq!(found, some.iter().map(|row| number(*row)).collect::<Vec<_>>());
        }
        let params = KmeansParams { k: 3, ..KmeansParams::default() };
        let value = |(row, column)| {
            let transform: &Transform = &transforms[column];
            transform.number(rows.cell(row, transform.field()))
        };
        let matrix = Array2::from_shape_fn((chosen.len(), 4), value);
        let fit = Engine::Native.kmeans_points(&points, &params).unwrap();
        assert_eq!(fit, Engine::Native.kmeans(&matrix, &params).unwrap());
        // The other engines are given the same matrix.
        let others = Engine::Smartcore.kmeans_points(&points, &params).unwrap();
        assert_eq!(others, Engine::Smartcore.kmeans(&matrix, &params).unwrap());
    }
}

#[test]
fn works_as_a_linfa_learner() {
    let dataset = DatasetBase::from(clusters(300, 2, 6.0, 8));
    let fit = KmeansParams { k: 5, ..KmeansParams::default() }.fit(&dataset).unwrap();
    let found: Array1<usize> = fit.predict(dataset.records());
    let expected = nearest(&rows_of(dataset.records().view()), &fit.centers);
    assert!(found.iter().eq(expected.iter().map(|(label, _)| label)));
    assert!((0..5).all(|center| found.iter().any(|label| *label == center)));
}

#[test]
fn many_rows_are_clustered_as_by_the_definition() {
    // Several chunks; the last passes read few rows.
    for (apart, k) in [(1.0, 7), (4.0, 3)] {
        let table = clusters(20_000, 3, apart, 11);
        let seeds: Vec<Vec<f64>> = (0..k).map(|at| table.row(at).to_vec()).collect();
        let expected = plain_lloyd(&rows_of(table.view()), &seeds, 150, 1e-4);
        assert!(expected.iterations > 8, "{}", expected.iterations);
        check_same(&lloyd(&table.view(), &seeds, 150, 1e-4), &expected, 1e-12).unwrap();
    }
}

#[test]
fn far_rows_do_not_blur_the_sums_of_others() {
    // One number of 1e8 among those near 1e-3, which a running sum in f64 would round to 1e-8.
    let mut table = clusters(5_000, 2, 1.0, 5) * 1e-3;
    table[[17, 0]] = 1e8;
    let seeds = [table.row(0).to_vec(), table.row(17).to_vec()];
    let found = lloyd(&table.view(), &seeds, 10, 0.0);
    assert_eq!(found.counts, [4_999, 1]);
    let expected = table.column(0).iter().filter(|x| **x < 1.0).sum::<f64>() / 4_999.0;
    assert!((found.centers[0][0] - expected).abs() < 1e-17, "{} {expected}", found.centers[0][0]);
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let table = clusters(40_000, 4, 3.0, 3);
    let params = KmeansParams { k: 6, restarts: 4, ..KmeansParams::default() };
    let fit = || serde_json::to_string(&Engine::Native.kmeans(&table, &params).unwrap()).unwrap();
    let here = fit();
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(fit), here, "{threads} threads");
    }
}

#[test]
fn inertia_never_rises_from_step_to_step() {
    let table = clusters(30_000, 5, 2.0, 9);
    let seeds: Vec<Vec<f64>> = (0..8).map(|at| table.row(at).to_vec()).collect();
    let mut before = f64::INFINITY;
    for most in 0..40 {
        let found = lloyd(&table.view(), &seeds, most, 0.0);
        let inertia = assign(&table.view(), &found.centers).squared.iter().sum::<f64>();
        assert!(inertia < before || found.iterations < most, "{most}: {inertia} after {before}");
        before = inertia;
    }
}

#[test]
fn a_start_on_a_sample_is_as_good_as_starts_on_all_rows() {
    for (apart, seed) in [(2.0, 1), (4.0, 2), (6.0, 3)] {
        let table = clusters(30_000, 4, apart, seed);
        let params = KmeansParams { k: 5, ..KmeansParams::default() };
        let fit = Engine::Native.kmeans(&table, &params).unwrap();
        assert!(fit.converged);
        // Starts on all rows, without a sample: the rows of eight parts as seeds.
        let best = (0..8).map(|part| {
            let seeds: Vec<Vec<f64>> = (0..5).map(|at| table.row(part * 3_000 + at * 500).to_vec()).collect();
            let found = lloyd(&table.view(), &seeds, 300, 1e-6);
            assign(&table.view(), &found.centers).squared.iter().sum::<f64>()
        });
        let best = best.fold(f64::INFINITY, f64::min);
        assert!(fit.inertia <= best * (1.0 + 1e-3), "{} after a sample, {best} without", fit.inertia);
    }
}

/// A table in batches of so many rows.
fn batches(
    table: &Array2<f64>,
    rows: usize,
) -> impl Iterator<Item = Result<ArrayView2<'_, f64>, EngineError>> {
    table.axis_chunks_iter(Axis(0), rows).map(Ok)
}

#[test]
fn batches_give_the_fit_of_the_whole_table() {
    // No more rows than a sample holds: the same starts, so the same centres.
    let params = KmeansParams { k: 4, ..KmeansParams::default() };
    let table = clusters(3_000, 3, 5.0, 21);
    let whole = Engine::Native.kmeans(&table, &params).unwrap();
    let found = kmeans_batches(|| batches(&table, 700), &params).unwrap();
    assert_eq!(found.centers, whole.centers);
    assert!((found.inertia / whole.inertia - 1.0).abs() < 1e-12);
    // More rows: another sample, but as good, and the same wherever batches end.
    let table = clusters(50_000, 3, 5.0, 22);
    let whole = Engine::Native.kmeans(&table, &params).unwrap();
    let found = kmeans_batches(|| batches(&table, 9_000), &params).unwrap();
    assert!(found.converged && (found.inertia / whole.inertia - 1.0).abs() < 1e-3, "{found:?} {whole:?}");
    let other = kmeans_batches(|| batches(&table, 123), &params).unwrap();
    assert_eq!((other.centers, other.iterations), (found.centers, found.iterations));
}

#[test]
fn batches_are_checked() {
    let params = KmeansParams { k: 3, ..KmeansParams::default() };
    let mut table = clusters(100, 2, 5.0, 4);
    let error = |table: &Array2<f64>| kmeans_batches(|| batches(table, 30), &params).unwrap_err().to_string();
    assert!(error(&(&table * 100.0)).starts_with("column 0 has a root mean square of"));
    assert!(error(&Array2::zeros((0, 2))).starts_with("0 rows"));
    assert!(error(&Array2::zeros((50, 2))).contains("lower `kmeans.k`"));
    table[[71, 1]] = f64::NAN;
    assert!(error(&table).starts_with("row 71, column 1 is NaN"));
}

#[test]
fn clusters_without_rows_get_the_farthest() {
    // All rows are nearest to the first seed; the others get 9, then -4.
    let table = Array2::from_shape_vec((5, 1), vec![0.0, 0.25, -4.0, 9.0, 0.25]).unwrap();
    let found = lloyd(&table.view(), &[vec![0.0], vec![100.0], vec![200.0]], 1, 0.0);
    assert_eq!(found.centers, [[0.5 / 3.0], [9.0], [-4.0]]);
    // Two different rows cannot fill three clusters.
    let table = Array2::from_shape_vec((4, 1), vec![1.0, 1.0, 2.0, 2.0]).unwrap();
    let found = lloyd(&table.view(), &[vec![1.0], vec![50.0], vec![60.0]], 20, 0.0);
    assert_eq!(found.counts.iter().sum::<u64>(), 4);
    assert_eq!(found.counts.iter().filter(|rows| **rows == 0).count(), 1);
}
