//! The grade by two scores: every cell by brute force, by every scorer; the order that a matrix keeps; what a section refuses.

use arrears_model::compiled::{Ask, Column, Scores, Scratch};
use arrears_model::{CompiledScorer, Model, Scorer, Value};
use arrears_train::Recipe;
use arrears_train::expert::declared;
use proptest::prelude::*;

const SHOP: &str = r#"
name = "shop"
[[expert.zones]]
name = "good"
min_score = 20
[[expert.zones]]
name = "fair"
min_score = 10
[[expert.zones]]
name = "at risk"
[[expert.characteristics]]
column = "points"
slope = 1.0

[decisions]
inputs = [{ column = "bureau" }, { column = "age" }]
[decisions.matrix]
external = "bureau"
cuts = [500, 600]
bands = ["weak", "middle", "strong"]
age = "age"
stale_after = 90
[decisions.matrix.grades]
good = { bands = ["fair", "good", "good"], stale = "good", none = "fair" }
fair = { bands = ["at risk", "fair", "good"], stale = "fair", none = "fair" }
"at risk" = { bands = ["at risk", "at risk", "fair"], stale = "at risk", none = "at risk" }
[decisions.limit]
formula = "100"
cap = 100
missing = "none"
[decisions.limit.grades."at risk"]
formula = "0"
"#;

fn model(text: &str) -> Result<Model, String> {
    let recipe = Recipe::from_toml(text, "shop.toml", "shop").map_err(|e| e.to_string())?;
    declared(&recipe).map_err(|e| e.to_string())
}

/// What the file says, written out anew: grade names by points, score and age.
fn by_hand(points: f64, bureau: Option<f64>, age: Option<f64>) -> &'static str {
    let row = if points >= 20.0 {
        0
    } else if points >= 10.0 {
        1
    } else {
        2
    };
    let table = [
        ["fair", "good", "good", "good", "fair"],
        ["at risk", "fair", "good", "fair", "fair"],
        ["at risk", "at risk", "fair", "at risk", "at risk"],
    ];
    let column = match (bureau, age) {
        (None, _) => 4,
        (Some(_), None) => 3,
        (Some(_), Some(age)) if age > 90.0 => 3,
        (Some(x), _) if x < 500.0 => 0,
        (Some(x), _) if x < 600.0 => 1,
        _ => 2,
    };
    table[row][column]
}

/// The grade and the limit, by the plain scorer, by one compiled row, by a compiled block and from the file; all alike.
fn score(model: &Model, points: f64, bureau: Option<f64>, age: Option<f64>) -> (String, Option<f64>) {
    let row = [Some(points), bureau, age];
    let values = row.map(|x| x.map_or(Value::Missing, Value::Number));
    let plain = Scorer::new(model).score(&values).expect("a row");
    let (scorer, mut scratch) = (CompiledScorer::new(model), Scratch::default());
    let fast = scorer.score_row(&values, &mut scratch).expect("a row");
    assert_eq!(fast.with_flags(scratch.flags()), plain);
    let numbers = row.map(|x| [x.unwrap_or(f64::NAN)]);
    let columns: Vec<Column<'_>> =
        numbers.iter().map(|values| Column::Numbers { values, valid: None }).collect();
    let mut scores = Scores::default();
    scorer.score(&scorer.columns(1, &columns), 0..1, Ask { losses: true, ..Ask::default() }, &mut scores);
    assert_eq!(scores.row(0).expect("a row"), plain);
    let read = Model::from_bytes(&model.to_bytes().expect("bytes")).expect("the file");
    assert_eq!(Scorer::new(&read).score(&values).expect("a row"), plain);
    (model.grades[plain.grade.expect("a grade")].name.clone(), plain.decided.limit)
}

#[test]
fn every_cell_and_every_border() {
    let model = model(SHOP).expect("a sound model");
    let around = |cut: f64| [cut.next_down(), cut, cut.next_up()];
    let scores = around(500.0).into_iter().chain(around(600.0)).chain([0.0, 1000.0]).map(Some).chain([None]);
    for bureau in scores {
        for age in around(90.0).into_iter().chain([0.0, -1.0]).map(Some).chain([None]) {
            for points in [25.0, 15.0, 5.0] {
                let (grade, limit) = score(&model, points, bureau, age);
                assert_eq!(grade, by_hand(points, bureau, age), "{points} {bureau:?} {age:?}");
                // What follows from the grade follows from that of the matrix.
                assert_eq!(limit, Some(if grade == "at risk" { 0.0 } else { 100.0 }));
            }
        }
    }
}

#[test]
fn the_file_needs_version_4_and_says_what_it_does() {
    let model = model(SHOP).expect("a sound model");
    assert_eq!(model.format_version(), 4);
    let needed: Vec<bool> = model.fields_needed();
    assert_eq!(needed, [true, true, true], "validate asks for the columns of the grade");
    assert_eq!(model.fields_used(), [true, false, false]);
    let text = arrears_model::decision_text::decision_text(&model).expect("decisions");
    for line in [
        "external score: bureau, higher is safer",
        "external score middle: from 500 below 600",
        "a report is stale where age is above 90 or not known",
        "grade of fair by pd: weak at risk, middle fair, strong good, stale fair, no report fair",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn what_is_no_matrix_is_refused() {
    for (from, to, says) in [
        // A better pd with a worse grade; a better band with a worse grade.
        ("none = \"fair\" }\nfair", "none = \"at risk\" }\nfair", "a better pd never gives a worse grade"),
        (
            "[\"fair\", \"good\", \"good\"]",
            "[\"good\", \"fair\", \"good\"]",
            "a better band never gives a worse grade",
        ),
        ("cuts =", "better = \"low\"\ncuts =", "a better band never gives a worse grade"),
        ("[\"fair\", \"good\", \"good\"]", "[\"fair\", \"good\"]", "a grade in each band"),
        ("cuts = [500, 600]", "cuts = [600, 500]", "ascend"),
        ("cuts = [500, 600]", "cuts = [500]", "one more band than cuts"),
        ("\"fair\", \"good\", \"good\"]", "\"fiar\", \"good\", \"good\"]", "fiar"),
        ("stale = \"good\", ", "", "`stale` in this row"),
        ("age = \"age\"\n", "", "`age` beside it"),
        ("stale_after = 90\n", "", "`stale_after` beside it"),
        ("\ngood = {", "\ngreat = {", "great"),
        ("external = \"bureau\"", "external = \"burau\"", "burau"),
        ("stale_after = 90", "stale_after = -1", "0 to 1e9"),
    ] {
        assert!(SHOP.contains(from), "{from}");
        let error = model(&SHOP.replacen(from, to, 1)).expect_err(to);
        assert!(error.contains(says), "{to}: {error}");
    }
}

/// A matrix that a file was given by hand is checked too.
#[test]
fn a_file_with_another_matrix_is_refused() {
    let model = model(SHOP).expect("a sound model");
    let bytes = model.to_bytes().expect("bytes");
    let body = String::from_utf8(arrears_model::file::body(&bytes).expect("a body").to_vec()).expect("text");
    for (from, to) in [
        ("\"none\": 1", "\"none\": 3"),
        ("\"stale\": 0", "\"stale\": 2"),
        ("\"after\": 90.0", "\"after\": -90.0"),
        ("\"better\": \"high\"", "\"better\": \"low\""),
        ("\"format_version\": 4", "\"format_version\": 3"),
    ] {
        assert!(body.contains(from), "{from}");
        let changed = arrears_model::file::seal_body(body.replacen(from, to, 1).as_bytes());
        assert!(Model::from_bytes(&changed).is_err(), "{to}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Any matrix is either refused or never gives a worse grade to whom neither score is worse.
    #[test]
    fn grades_never_fall_as_scores_rise(
        cells in prop::collection::vec(0usize..3, 15),
        high in any::<bool>(),
        rows in prop::collection::vec((0.0..30.0f64, 400.0..700.0f64), 2..12),
    ) {
        let names = ["good", "fair", "at risk"];
        let row = |at: usize| {
            let c = |column: usize| names[cells[at * 5 + column]];
            format!(
                "\"{}\" = {{ bands = [\"{}\", \"{}\", \"{}\"], stale = \"{}\", none = \"{}\" }}\n",
                names[at], c(0), c(1), c(2), c(3), c(4)
            )
        };
        let (head, tail) = SHOP.split_once("[decisions.matrix.grades]\n").expect("the section");
        let (_, tail) = tail.split_once("[decisions.limit]").expect("the next one");
        let better = if high { "high" } else { "low" };
        let head = head.replace("external =", &format!("better = \"{better}\"\nexternal ="));
        let text = format!("{head}[decisions.matrix.grades]\n{}{}{}[decisions.limit]{tail}", row(0), row(1), row(2));
        let sorted = |cells: &[usize]| cells.is_sorted();
        let by_rows = (0..5).all(|c| sorted(&[cells[c], cells[5 + c], cells[10 + c]]));
        let by_bands = (0..3).all(|r| {
            let mut bands = cells[r * 5..r * 5 + 3].to_vec();
            if high { bands.reverse(); }
            sorted(&bands)
        });
        let made = model(&text);
        prop_assert_eq!(made.is_ok(), by_rows && by_bands);
        if let Ok(model) = made {
            let place = |name: &str| names.iter().position(|n| *n == name).expect("a grade");
            for (a, x) in &rows {
                for (b, y) in &rows {
                    let safer = if high { x >= y } else { x <= y };
                    if a >= b && safer {
                        let better = place(&score(&model, *a, Some(*x), Some(1.0)).0);
                        prop_assert!(better <= place(&score(&model, *b, Some(*y), Some(1.0)).0));
                    }
                }
            }
        }
    }
}
