//! Training with next to no bads or goods: the model is made, and a warning says what it is worth.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::ModelKind;
use arrears_train::{Recipe, Trained, train};

/// Rows to train on and rows held out, as (rows, bads) each; bads have low `x`.
fn run(to_train: (usize, usize), held_out: (usize, usize), kind: ModelKind) -> Trained {
    let mut csv = String::from("x,part,y\n");
    for (part, (rows, bads)) in [("train", to_train), ("test", held_out)] {
        for i in 0..rows {
            let bad = i < bads;
            let x = (i * 37) % 100 + if bad { 0 } else { 40 };
            csv += &format!("{x},{part},{}\n", u8::from(bad));
        }
    }
    let text = "[data]\ntarget = \"y\"\npositive = \"1\"\n[clean]\nduplicates = \"keep\"\n[split]\nmethod = \"column\"\n\
                column = \"part\"\ntest_value = \"test\"\n[binning]\nmin_iv = 0\n[selection]\nforce_in = [\"x\"]";
    let text = if kind == ModelKind::Scorecard { text } else { text.split("[binning]").next().unwrap() };
    let mut recipe = Recipe::from_toml(text, "recipe.toml", "t").unwrap();
    recipe.model.kind = kind;
    train(&recipe, read_bytes("t.csv", Format::Csv, csv.as_bytes()).unwrap(), "t.csv").unwrap()
}

/// The warnings that speak of too few.
fn said(trained: &Trained) -> Vec<&str> {
    let few = |w: &&str| w.starts_with("only ") || w.starts_with("no ");
    trained.warnings.iter().map(String::as_str).filter(few).collect()
}

#[test]
fn few_bads_or_goods_are_a_warning() {
    let few = run((500, 7), (100, 3), ModelKind::Scorecard);
    let expected = "only 7 bads to train on: with fewer than 50 of them bins, coefficients and figures are mostly \
                    chance; gather more rows";
    assert_eq!(said(&few), [expected]);
    assert!(few.model.provenance.fit.notes.iter().any(|note| note == expected), "the model remembers it");
    for (bads, warned) in [(49, true), (50, false), (450, false), (451, true)] {
        let trained = run((500, bads), (100, 30), ModelKind::Tree);
        assert_eq!(said(&trained).len(), usize::from(warned), "{bads}: {:?}", trained.warnings);
    }
    let goods = run((500, 460), (100, 30), ModelKind::Tree);
    assert!(said(&goods)[0].starts_with("only 40 goods to train on: "), "{:?}", goods.warnings);
    assert!(said(&run((500, 1), (100, 30), ModelKind::Tree))[0].starts_with("only 1 bad to train on: "));
    // Clusters do not learn from the outcome.
    assert_eq!(said(&run((500, 7), (100, 0), ModelKind::Kmeans)), [""; 0]);
}

#[test]
fn rows_held_out_without_bads_are_a_warning() {
    let expected = |outcome| {
        format!(
            "no {outcome} among the 100 rows held out: nothing there can tell how well the model parts good from bad"
        )
    };
    assert_eq!(said(&run((500, 200), (100, 0), ModelKind::Tree)), [expected("bads")]);
    assert_eq!(said(&run((500, 200), (100, 100), ModelKind::Tree)), [expected("goods")]);
    assert_eq!(said(&run((500, 200), (100, 1), ModelKind::Tree)), [""; 0]);
}
