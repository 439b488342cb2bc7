//! The challenger scores what the champion scored.

use crate::running::{CUSTOMER, Running, SCORECARD, TREE, model, root, wait_until};
use arrears_data::{ReadOptions, read_all};
use arrears_model::{Scorer, Value};

const LABELS: &str = "{champion=\"credit-scorecard/1.1.0\",challenger=\"credit-tree/1.1.0\"}";

fn with_challenger() -> Running {
    Running::with(&[SCORECARD, TREE], |options, _| {
        options.champion = Some("credit-scorecard".to_owned());
        options.challenger = Some("credit-tree/1.1.0".to_owned());
    })
}

#[test]
fn agreement_is_what_the_scorer_says() {
    let running = with_challenger();
    let file = root().join("datasets/credit/data.csv");
    let csv = std::fs::read(&file).unwrap();
    let answer = running.post("/score", &["content-type: text/csv"], &csv).json();
    assert_eq!(answer["model"]["name"], "credit-scorecard");
    let table = read_all(&file, &ReadOptions::default()).unwrap().table;
    let (champion, challenger) = (model(SCORECARD), model(TREE));
    let mut scorers = [Scorer::new(&champion), Scorer::new(&challenger)];
    let (mut both, mut difference, mut same) = (0.0, 0.0, 0.0);
    for row in 0..table.rows() {
        let scored = [&champion, &challenger].into_iter().zip(&mut scorers).map(|(model, scorer)| {
            let fields = model.schema.fields.iter();
            let values: Vec<Value<'_>> = fields.map(|f| table.column(&f.name).unwrap().value(row)).collect();
            scorer.score(&values).ok().map(|s| (s.pd.unwrap(), model.grades[s.grade.unwrap()].name.clone()))
        });
        if let [Some(a), Some(b)] = &scored.collect::<Vec<_>>()[..] {
            both += 1.0;
            difference += (a.0 - b.0).abs();
            same += f64::from(a.1 == b.1);
        }
    }
    let metric = |name: &str| running.metric(&format!("arrears_shadow_{name}_total{LABELS}"));
    wait_until("the challenger", || metric("scored") == both);
    assert!(both > 4_000.0 && same > 0.0 && same < both);
    assert_eq!((metric("pds"), metric("same_grade")), (both, same));
    assert!((metric("pd_difference") - difference).abs() < 1e-9);
}

#[test]
fn the_challenger_itself_and_refused_rows_are_not_compared() {
    let running = with_challenger();
    running.post("/models/credit-tree/score", &[], CUSTOMER);
    running.post("/score", &[], CUSTOMER.replace("129.0", "\"x\""));
    running.post("/score", &[], CUSTOMER);
    let metric = |name: &str| running.metric(&format!("arrears_shadow_{name}_total{LABELS}"));
    wait_until("the challenger", || metric("scored") == 1.0);
    assert_eq!(metric("pds"), 1.0);
    assert_eq!(running.metric("arrears_shadow_passed_over_total"), 0.0);
}
