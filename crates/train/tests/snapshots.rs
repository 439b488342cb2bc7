//! Rows of a customer as of several dates: folds keep them together, as the split does.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use arrears_data::{Format, read_bytes};
use arrears_model::{ModelKind, Scorer, Value};
use arrears_train::{Recipe, Trained, train};
use std::collections::BTreeSet;

const CUSTOMERS: usize = 600;

/// A row for each customer and date: the same values as of each date.
fn features(dates: &[&str]) -> String {
    let mut text = "customer,as_of,bad,held_out,x,y,z\n".to_owned();
    for date in dates {
        let mut state = 5_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        for customer in 0..CUSTOMERS {
            let (x, y, z) = (next(), next(), next());
            let bad = u8::from(next() < 0.15 + 0.5 * x * y);
            let held_out = u8::from(customer % 5 == 0);
            text += &format!("{customer},{date},{bad},{held_out},{x:.3},{y:.3},{z:.3}\n");
        }
    }
    text
}

fn trained(data: &str, recipe: &str) -> Trained {
    let recipe = Recipe::from_toml(recipe, "recipe.toml", "x").unwrap();
    train(&recipe, read_bytes("data.csv", Format::Csv, data.as_bytes()).unwrap(), "data.csv").unwrap()
}

/// By rows held out: the same customers, once or twice.
const BY_COLUMN: &str = "[split]\nmethod = \"column\"\ncolumn = \"held_out\"\ntest_value = 1\n";

#[test]
fn no_customer_is_trained_on_and_held_out() {
    let data = features(&["2024-01-31", "2024-02-29", "2024-03-31"]);
    let trained = trained(&data, "[data]\ntarget = \"bad\"\nexclude = [\"held_out\"]");
    let id = trained.cleaned.table.column("customer").unwrap();
    let customers = |rows: &[usize]| -> BTreeSet<String> {
        rows.iter().map(|row| id.text(*row, &[]).unwrap().into_owned()).collect()
    };
    let (train, test) = (customers(&trained.split.train), customers(&trained.split.test));
    assert!(train.is_disjoint(&test));
    assert_eq!((train.len() + test.len(), trained.split.test.len()), (CUSTOMERS, 3 * test.len()));
    assert_eq!(trained.model.schema.id.as_deref(), Some("customer"));
    let features: Vec<&str> = trained.model.schema.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(features, ["x", "y", "z"]);
    // The recipe beside the model says what was found, so that it means the same without the finding.
    for said in ["id = \"customer\"", "as_of = \"as_of\"", "group = \"customer\""] {
        assert!(trained.model.provenance.recipe.contains(said), "{}", trained.model.provenance.recipe);
    }
}

/// Of the pds that two models give to the customers.
fn largest_difference(a: &Trained, b: &Trained) -> f64 {
    let pds = |trained: &Trained| -> Vec<f64> {
        let fields = trained.model.schema.fields.iter();
        let columns: Vec<_> = fields.map(|f| a.cleaned.table.column(&f.name).unwrap()).collect();
        let mut scorer = Scorer::new(&trained.model);
        let mut pd = |row: usize| {
            let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(row)).collect();
            scorer.score(&values).unwrap().pd.unwrap()
        };
        (0..CUSTOMERS).map(&mut pd).collect()
    };
    pds(a).into_iter().zip(pds(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Every row twice is the same problem with all that counts rows doubled, if folds keep the two together; with one of
/// them in each fold, the other would have been seen.
#[test]
fn folds_do_not_see_a_customer_twice() {
    let once = features(&["2024-01-31"]);
    let twice = features(&["2024-01-31", "2024-02-29"]);
    let kinds = [
        (
            "kind = \"tree\"",
            "[tree]\nfolds = 5\nmin_leaf = 5\nsmoothing = 2",
            "[tree]\nfolds = 5\nmin_leaf = 10\nsmoothing = 4",
        ),
        ("kind = \"logistic\"", "[logistic]\nfolds = 4\nl2 = 1", "[logistic]\nfolds = 4\nl2 = 2"),
        ("kind = \"scorecard_plus\"", "[plus]\nmin_rows = 10\nl2 = 1", "[plus]\nmin_rows = 20\nl2 = 2"),
    ];
    for (kind, of_once, of_twice) in kinds {
        let recipe = |params: &str| {
            format!("[data]\ntarget = \"bad\"\nid = \"customer\"\n[model]\n{kind}\n{params}\n{BY_COLUMN}")
        };
        let (alone, together) = (trained(&once, &recipe(of_once)), trained(&twice, &recipe(of_twice)));
        // What a scorecard plus joins after boosting goes by tests, for which twice the rows are more evidence.
        let boosted = alone.recipe.model.kind == ModelKind::ScorecardPlus;
        let note = |trained: &Trained| trained.model.provenance.fit.notes[0].clone();
        if boosted {
            assert!(note(&alone).contains(" rounds"), "{}", note(&alone));
            assert_eq!(note(&alone), note(&together));
        } else {
            let differs = largest_difference(&alone, &together);
            assert!(differs < 1e-6, "{kind}: {differs}");
        }
        // The same without a word of dates: rows of a customer are in different folds.
        let apart =
            format!("{}\n[columns.as_of]\ntype = \"date\"\n[clean]\nduplicates = \"keep\"", recipe(of_twice));
        let apart = trained(&twice, &apart);
        assert!(!boosted || note(&alone) != note(&apart), "{}", note(&apart));
        let differs = largest_difference(&alone, &apart);
        assert!(differs > 1e-3, "{kind}: {differs} although each customer is seen twice");
    }
}
