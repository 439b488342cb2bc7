//! A model of amounts: its columns in the output, and what is said of the batch.

use crate::common::{Room, bits, sample_file};
use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::{Scorer, Value};
use arrears_serve::{Input, ScoreOptions, ServeError, score_file};

const ROWS: &str = "id,orders,reason,more\na,0,late,x\nb,12,late,x\nc,3.5,colour,x\nd,12,size,x\ne,many,late,x\nf,8,late,x\n";

#[test]
fn every_row_gets_its_leaf_and_amount() {
    let (room, model) = (Room::new(), sample_file("v3-amount-tree"));
    let input = room.file("in.csv", ROWS);
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert_eq!((summary.scored, summary.rejected), (5, 1));
    let names = room.load("out.csv").table.columns().to_vec();
    let own = ["amount", "leaf", "reason_1", "reason_2", "reason_3", "reason_4", "flags", "model"];
    assert_eq!((names[0].as_str(), &names[1..]), ("id", &own.map(str::to_owned)[..]));
    let leaves = amount_leaf_table(&model).unwrap();
    let lines = ROWS.lines().skip(1).filter(|line| !line.starts_with('e'));
    for (row, line) in room.rows("out.csv").iter().zip(lines) {
        let values: Vec<Value<'_>> = line.split(',').skip(1).map(Value::Text).collect();
        let expected = Scorer::new(&model).score(&values).unwrap();
        assert_eq!(bits(&row[1]), expected.amount.unwrap().to_bits());
        let leaf = leaves.iter().find(|leaf| Some(leaf.rule.node) == expected.leaf).unwrap();
        assert_eq!(row[2].as_deref(), Some(leaf.leaf.to_string().as_str()));
        let first = expected.reasons.first().map(|reason| model.schema.fields[reason.field].reason_text());
        assert_eq!(row[3].as_deref(), first);
    }
    // Amounts, ascending: -2.375, 3.108..., 39.44..., 43.866..., 104.79...
    let amounts = summary.amounts.as_ref().unwrap();
    let all: Vec<f64> =
        [3, 1, 5, 7, 8].map(|node| leaves.iter().find(|l| l.rule.node == node).unwrap().value).into();
    assert_eq!(amounts.quartiles.to_vec(), all);
    assert!((amounts.total - all.iter().sum::<f64>()).abs() < 1e-12);
    assert!((amounts.mean - amounts.total / 5.0).abs() < 1e-12);
    let said = "expected amounts: mean 37.77, total 188.83; lowest -2.38, quartiles 3.11, 39.44 and 43.87, highest 104.79";
    assert!(summary.to_text().contains(said), "{}", summary.to_text());
}

#[test]
fn reasons_can_be_left_out_and_points_cannot_be_had() {
    let (room, model) = (Room::new(), sample_file("v3-amount-tree"));
    let input = room.file("in.csv", ROWS);
    let options = ScoreOptions { reasons: 1, ..room.options("out.parquet") };
    score_file(&model, Input::file(&input), options, |_| {}).unwrap();
    let names = room.load("out.parquet").table.columns().to_vec();
    assert_eq!(names, ["id", "amount", "leaf", "reason_1", "flags", "model"]);
    let options = ScoreOptions { points: true, ..room.options("points.csv") };
    let error = score_file(&model, Input::file(&input), options, |_| {}).unwrap_err();
    assert!(matches!(error, ServeError::NoPoints { .. }), "{error}");
}

#[test]
fn no_row_no_amounts_and_the_amount_s_name_is_taken() {
    let (room, model) = (Room::new(), sample_file("v3-amount-tree"));
    let empty = room.file("empty.csv", "id,orders,reason\n");
    let summary = room.score(&model, &empty, "out.csv").unwrap();
    assert!(summary.amounts.is_none() && !summary.to_text().contains("expected amounts"));
    let named = room.file("named.csv", "amount,orders,reason\n1,2,late\n");
    let options = ScoreOptions { id: Some("amount".to_owned()), ..room.options("out.csv") };
    let error = score_file(&model, Input::file(&named), options, |_| {}).unwrap_err();
    assert!(matches!(error, ServeError::IdName { .. }), "{error}");
}
