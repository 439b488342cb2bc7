use crate::{sample, sample_path};
use arrears_model::interval::{Z_95, wilson};
use arrears_model::leaves::leaf_table;
use arrears_model::{Model, Predictor};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    hits: u64,
    rows: u64,
    lower: f64,
    upper: f64,
}

#[test]
fn intervals_are_those_of_statsmodels() {
    let path = sample_path("../reference/wilson.json");
    let cases: Vec<Reference> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(cases.len() > 30);
    for Reference { hits, rows, lower, upper } in cases {
        let found = wilson(hits, rows, Z_95).unwrap();
        assert!(
            (found.0 - lower).abs() < 1e-12 && (found.1 - upper).abs() < 1e-12,
            "{hits} of {rows}: {found:?}"
        );
        assert!(hits > 0 || found.0 == 0.0);
        assert!(hits < rows || found.1 == 1.0);
    }
    assert_eq!(wilson(0, 0, Z_95), None);
}

/// Leaves of the sample: 60 customers with 6 bads, 10 with 2, 20 with 14 and 10 with 8, pd (bads + 1) / (count + 2).
#[test]
fn the_leaf_table_of_the_sample_by_hand() {
    let rows = leaf_table(&sample("v1-tree")).unwrap();
    let seen: Vec<_> =
        rows.iter().map(|r| (r.leaf, r.rule.node, r.count, r.bads, r.cumulative_bads)).collect();
    assert_eq!(seen, [(1, 6, 10, 8, 8), (2, 5, 20, 14, 22), (3, 3, 10, 2, 24), (4, 1, 60, 6, 30)]);
    assert_eq!(
        rows.iter().map(|r| r.words.as_str()).collect::<Vec<_>>(),
        [
            "orders >= 12 and reason in {late, size}",
            "(3.5 <= orders < 12 or in {-7, missing}) and reason in {late, size}",
            "(orders >= 3.5 or in {-7, missing}) and reason not in {late, size}",
            "orders < 3.5 and orders != -7",
        ]
    );
    let close = |x: f64, y: f64| assert!((x - y).abs() < 1e-9, "{x} is not {y}");
    for (row, share, rate, cumulative, caught) in [
        (&rows[0], 0.1, 0.8, 0.1, 8.0 / 30.0),
        (&rows[1], 0.2, 0.7, 0.3, 22.0 / 30.0),
        (&rows[3], 0.6, 0.1, 1.0, 1.0),
    ] {
        close(row.share.unwrap(), share);
        close(row.bad_rate.unwrap(), rate);
        close(row.cumulative_share.unwrap(), cumulative);
        close(row.cumulative_bads_share.unwrap(), caught);
    }
    // 600 at 50:1, 20 to double; pd 0.75 is odds of 1:3.
    close(rows[0].score.unwrap(), 600.0 + 20.0 * (1.0 / 150f64).log2());
    assert_eq!(rows[0].pd, 0.75);
    assert_eq!(rows[0].interval, wilson(8, 10, Z_95));
}

#[test]
fn equal_leaves_stand_in_reading_order_and_empty_ones_have_no_rate() {
    let mut parts = sample("v1-tree").into_parts();
    let Predictor::Tree(tree) = &mut parts.predictor else { panic!("a tree") };
    // The leaf that stands first in the file is read last.
    let root = tree.nodes[0].split.as_mut().unwrap();
    (root.left, root.right) = (root.right, root.left);
    for node in &mut tree.nodes {
        (node.pd, node.count, node.bads) = (0.5, 0, 0);
    }
    let rows = leaf_table(&Model::new(parts).unwrap()).unwrap();
    let order: Vec<_> = rows.iter().map(|r| (r.leaf, r.rule.node)).collect();
    assert_eq!(order, [(1, 3), (2, 5), (3, 6), (4, 1)]);
    assert!(
        rows.iter()
            .all(|r| (r.share, r.bad_rate, r.interval, r.cumulative_bads_share) == (None, None, None, None))
    );
}

#[test]
fn only_trees_have_leaves() {
    for name in ["v1-scorecard", "v1-segments"] {
        assert_eq!(leaf_table(&sample(name)), None);
    }
    assert!(matches!(sample("v1-tree").predictor, Predictor::Tree(_)));
}
