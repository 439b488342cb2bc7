//! Cleaning: each row counted once, with its reason, line and value.

use crate::{csv, full};
use arrears_data::{Cleaned, CleaningReport, DataError, DropReason, Preparation, Role, clean, outcomes};
use arrears_model::schema::{Kind, Target};
use arrears_model::{Cell, Special, Value};

fn prepared(text: &str) -> Preparation {
    Preparation::from_toml(text).unwrap()
}

fn cleaned(data: &str, recipe: &str) -> Cleaned {
    let cleaned = clean(csv(data), &prepared(recipe)).unwrap();
    assert_adds_up(&cleaned);
    cleaned
}

fn assert_adds_up(cleaned: &Cleaned) {
    let report = &cleaned.report;
    let dropped: u64 = report.dropped.iter().map(|d| d.rows).sum();
    assert_eq!(report.read, report.kept + dropped + report.unreadable, "{report}");
    assert_eq!(report.kept, cleaned.table.rows() as u64);
    assert!(cleaned.bad.as_ref().is_none_or(|bad| bad.len() == cleaned.table.rows()));
}

fn failure(data: &str, recipe: &str) -> String {
    clean(csv(data), &prepared(recipe)).unwrap_err().to_string()
}

fn drops(report: &CleaningReport) -> Vec<(DropReason, Option<&str>, u64, Vec<u64>)> {
    let lines = |d: &arrears_data::Dropped| d.examples.iter().map(|e| e.line).collect();
    report.dropped.iter().map(|d| (d.reason, d.column.as_deref(), d.rows, lines(d))).collect()
}

/// Every reason once, in one file. Lines are counted from the header, line 1.
const EVERYTHING: &str = "\
id,income,city,status
1,100,上海,good
2,200,北京,bad
3,abc,上海,good
4,-5,上海,bad
5,300,北京,NA
1,100,上海,good
2,250,北京,bad
6,inf,上海,good
7,999,广州
8,9999999,广州,good
9, 400 ,广州,bad
";
const EVERYTHING_RECIPE: &str = r#"
[data]
target = "status"
positive = "bad"
id = "id"
[columns.income]
type = "number"
min = 0
max = 100000
special = [9999999, [-9, -6], 9999999.0]
"#;

#[test]
fn each_reason_is_counted_once() {
    let cleaned = cleaned(EVERYTHING, EVERYTHING_RECIPE);
    let income = Some("income");
    assert_eq!(
        drops(&cleaned.report),
        [
            (DropReason::MissingTarget, Some("status"), 1, vec![6]),
            (DropReason::NotANumber, income, 1, vec![4]),
            (DropReason::OutOfRange, income, 1, vec![5]),
            (DropReason::NotFinite, income, 1, vec![9]),
            (DropReason::ExactDuplicate, None, 1, vec![7]),
            (DropReason::RepeatedId, Some("id"), 1, vec![8]),
        ]
    );
    assert_eq!((cleaned.report.read, cleaned.report.unreadable, cleaned.report.kept), (11, 1, 4));
    assert_eq!(full(&cleaned.table, "id"), ["1", "2", "8", "9"]);
    assert_eq!(cleaned.table.lines(), [2, 3, 11, 12]);
    assert_eq!(cleaned.bad.as_deref(), Some(&[false, true, false, true][..]));
    assert_eq!(cleaned.report.dropped[1].examples[0].value, "abc");
}

#[test]
fn the_report_reads_well() {
    let report = cleaned(EVERYTHING, EVERYTHING_RECIPE).report;
    let expected = "        11  rows read
         1  unreadable, left out (line 10: expected 4 fields as in the header, found 3)
         1  dropped: outcome missing, column `status` (line 6: \"NA\")
         1  dropped: text in a number column, column `income` (line 4: \"abc\")
         1  dropped: number outside its range, column `income` (line 5: \"-5\")
         1  dropped: infinite number, column `income` (line 9: \"inf\")
         1  dropped: repeats an earlier row (line 7: \"\")
         1  dropped: repeats an earlier id, column `id` (line 8: \"2\")
         4  rows kept
";
    assert_eq!(report.to_string(), expected);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["dropped"][0]["reason"], "missing_target");
    assert_eq!(json["types"][1]["role"], "feature");
}

#[test]
fn categories_come_from_training_rows_only() {
    let cleaned = cleaned(EVERYTHING, EVERYTHING_RECIPE);
    let schema = cleaned.schema_for(&[0, 1]);
    assert_eq!(schema.id.as_deref(), Some("id"));
    let target = schema.target.as_ref().unwrap();
    assert_eq!(
        (target.column.as_str(), target.bad.as_str(), target.good.as_str()),
        ("status", "bad", "good")
    );
    let names: Vec<_> = schema.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["income", "city"]);
    assert_eq!(schema.fields[1].categories(), ["上海", "北京"]);
    assert_eq!(schema.fields[0].special(), [Special::Range([-9.0, -6.0]), Special::Value(9_999_999.0)]);
    let refused = schema.fields[0].ingest(&schema.missing, Value::Text("-7")).unwrap();
    assert_eq!(refused.0, Cell::Special(0));
    let unseen = schema.fields[1].ingest(&schema.missing, Value::Text("广州")).unwrap();
    assert_eq!(unseen.0, Cell::Unseen);
}

#[test]
fn every_training_row_is_taken_by_its_own_schema() {
    let data = "c,n,y\n x ,1,1\n?,?,0\n1.50, 2 ,0\n1.5,NA,1\n,3,0\n";
    let cleaned = cleaned(data, "[data]\ntarget = \"y\"\n[columns.c]\ntype = \"category\"");
    let rows: Vec<usize> = (0..cleaned.table.rows()).collect();
    let schema = cleaned.schema_for(&rows);
    assert_eq!(schema.fields[0].categories(), ["1.5", "1.50", "x"]);
    for field in &schema.fields {
        let column = cleaned.table.column(&field.name).unwrap();
        for row in &rows {
            let (cell, flag) = field.ingest(&schema.missing, column.value(*row)).unwrap();
            assert!(cell != Cell::Unseen && flag.is_none(), "{} row {row}", field.name);
        }
    }
}

#[test]
fn ranges_can_clip_or_read_as_missing() {
    let data = "a,b,y\n-1,50,0\n5,5,1\n-3,200,0\n";
    let recipe = "[data]\ntarget = \"y\"\n[columns.a]\nmin = 0\nout_of_range = \"clip\"\n\
                  [columns.b]\nmax = 100\nout_of_range = \"missing\"";
    let cleaned = cleaned(data, recipe);
    assert_eq!(cleaned.report.kept, 3);
    let changed: Vec<_> =
        cleaned.report.changed.iter().map(|c| (c.column.as_str(), c.read_as_missing, c.clipped)).collect();
    assert_eq!(changed, [("a", 0, 2), ("b", 1, 0)]);
    assert!(cleaned.report.to_string().contains("2  values outside the range of `a` moved to the bound"));
}

#[test]
fn duplicates_are_kept_and_counted_unless_an_id_is_declared() {
    let data = "id,x,y\n1,5,0\n1,5,0\n2,5,1\n1,6,0\n,7,1\n,8,0\n";
    let kept = cleaned(data, "[data]\ntarget = \"y\"");
    assert_eq!((kept.report.kept, kept.report.duplicates_kept), (6, 1));
    let with_id = cleaned(data, "[data]\ntarget = \"y\"\nid = \"id\"");
    // The two rows without an id repeat nobody.
    assert_eq!(full(&with_id.table, "x"), ["5", "5", "7", "8"]);
    let both = cleaned(data, "[data]\ntarget = \"y\"\nid = \"id\"\n[clean]\nduplicates = \"keep\"");
    assert_eq!((both.report.kept, both.report.duplicates_kept, both.report.repeated_ids_kept), (6, 1, 1));
    let dropped = cleaned(data, "[data]\ntarget = \"y\"\n[clean]\nduplicates = \"drop\"");
    assert_eq!(dropped.report.kept, 5);
}

#[test]
fn a_refused_row_does_not_hide_its_repetition() {
    // The first row of id 1 is refused, so the second is the first that stays.
    let cleaned = cleaned(
        "id,x,y\n1,-5,0\n1,5,0\n2,6,1\n",
        "[data]\ntarget = \"y\"\nid = \"id\"\n[columns.x]\nmin = 0",
    );
    assert_eq!(cleaned.table.lines(), [3, 4]);
}

fn roles(cleaned: &Cleaned) -> Vec<(&str, Role)> {
    cleaned.report.types.iter().map(|t| (t.column.as_str(), t.role)).collect()
}

#[test]
fn columns_without_use_are_left_out_with_a_reason() {
    let mut data = String::from("rownames,nr,date,empty,same,name,flag,city,note,y\n");
    for i in 0..60 {
        let flag = if i % 2 == 0 { "Y" } else { "" };
        data.push_str(&format!("{i},{i},2024-01-01,,k,n{},{flag},c{},z,{}\n", i % 40, i % 3, i % 2));
    }
    let recipe = "[data]\ntarget = \"y\"\nexclude = [\"note\"]\n";
    let plain = cleaned(&data, recipe);
    let (out, feature) = (Role::LeftOut, Role::Feature);
    assert_eq!(
        roles(&plain),
        [
            ("rownames", out),
            ("nr", out),
            ("date", out),
            ("empty", out),
            ("same", out),
            ("name", out),
            ("flag", feature),
            ("city", feature),
            ("note", Role::Excluded),
            ("y", Role::Target),
        ]
    );
    assert_eq!(plain.notes.iter().filter(|n| n.contains("is not used")).count(), 6);
    assert_eq!(plain.schema_for(&[0]).fields.len(), 2);
    let declared = cleaned(&data, &format!("{recipe}[columns.nr]\ntype = \"number\"\n[columns.name]\n"));
    assert_eq!(declared.schema_for(&[0]).fields.len(), 4);
    let by_date = cleaned(&data, &format!("{recipe}[split]\nmethod = \"time\"\ncolumn = \"nr\""));
    assert_eq!(roles(&by_date)[1], ("nr", Role::Split));
    assert_eq!(
        by_date.split(&prepared("[split]\nmethod = \"time\"\ncolumn = \"nr\"").split).unwrap().test.len(),
        15
    );
}

#[test]
fn many_categories_are_left_out() {
    let mut data = String::from("c,y\n");
    (0..3_000).for_each(|i| data.push_str(&format!("v{},{}\n", i % 1_001, i % 2)));
    assert_eq!(roles(&cleaned(&data, "[data]\ntarget = \"y\""))[0].1, Role::LeftOut);
    let fewer = data.replace("v1000,", "v0,");
    assert_eq!(roles(&cleaned(&fewer, "[data]\ntarget = \"y\""))[0].1, Role::Feature);
}

#[test]
fn labels_of_the_target() {
    let data = |bad: &str, good: &str| format!("x,y\n1,{bad}\n2,{good}\n3,{good}\n");
    let outcome = |bad: &str, good: &str| {
        let cleaned = cleaned(&data(bad, good), "[data]\ntarget = \"y\"");
        assert!(cleaned.notes.iter().any(|n| n.contains("is taken as bad")), "{:?}", cleaned.notes);
        cleaned.bad.unwrap()
    };
    for (bad, good) in
        [("1", "0"), ("1.0", "0.0"), ("bad", "good"), ("Default", "paid"), ("true", "false"), ("1", "2")]
    {
        assert_eq!(outcome(bad, good), [true, false, false], "{bad} {good}");
    }
    let named = cleaned(&data("yes", "no"), "[data]\ntarget = \"y\"\npositive = \"yes\"");
    assert_eq!(named.bad.unwrap(), [true, false, false]);
    let number = cleaned(&data("2.0", "1.0"), "[data]\ntarget = \"y\"\npositive = 2");
    assert_eq!(number.target.unwrap().bad, "2");
}

#[test]
fn targets_that_hold_no_two_labels_are_faults() {
    let y = "[data]\ntarget = \"y\"";
    let cases = [
        (
            "x,y\n1,yes\n2,no\n",
            y,
            "which label is bad? There are \"no\" (1 rows), \"yes\" (1 rows); name the bad one with --positive",
        ),
        ("x,y\n1,a\n2,b\n3,c\n", y, "found 3: \"a\" (1 rows), \"b\" (1 rows), \"c\" (1 rows)"),
        ("x,y\n1,a\n2,a\n", y, "found only \"a\" (2 rows)"),
        ("x,y\n1,\n2,NA\n", y, "no row has a label"),
        ("x,y\n1,a\n2,b\n", "[data]\ntarget = \"y\"\npositive = \"c\"", "positive is \"c\""),
        ("x,y\n1,0\n-1,1\n", "[data]\ntarget = \"y\"\n[columns.x]\nmin = 0", "only \"0\" is left"),
        ("x,y\n1,0\n", "[data]\ntarget = \"z\"", "no column `z`: the file has x, y"),
        ("x,y\n1,0\n2,1\n", "[data]\ntarget = \"y\"\n[columns.q]\n", "no column `q`"),
        ("x,y\n1,0\n2,1\n", "[data]\ntarget = \"y\"\n[columns.y]\n", "columns.y"),
        ("x,y\n1,0\n2,1\n", "[data]\ntarget = \"y\"\nid = \"y\"", "data.id"),
        ("x,y\n", y, "no rows"),
        ("x\n-1\n-2\n", "[columns.x]\nmin = 0", "cleaning dropped all of them"),
    ];
    for (data, recipe, expected) in cases {
        let error = failure(data, recipe);
        assert!(error.contains(expected), "{data:?} {recipe:?} gave {error}");
    }
    let many: String = (0..2_000).map(|i| format!("{i}\n")).collect();
    assert!(failure(&format!("y\n{many}"), y).contains("more than 1,000"));
}

#[test]
fn without_a_target_no_outcome() {
    let cleaned = cleaned("x,c\n1,a\n2,b\n", "");
    assert!(cleaned.bad.is_none() && cleaned.target.is_none());
    let schema = cleaned.schema_for(&[0, 1]);
    assert!(matches!(schema.fields[0].kind, Kind::Number { .. }));
    assert_eq!(schema.fields[1].categories(), ["a", "b"]);
}

#[test]
fn outcomes_of_new_rows() {
    let target = Target { column: "y".into(), bad: "1".into(), good: "0".into() };
    let table = csv("y\n1.0\n 0\nNA\n").table;
    assert_eq!(outcomes(&table, &target, &["NA".into()]).unwrap(), [Some(true), Some(false), None]);
    let error = outcomes(&table, &target, &[]).unwrap_err();
    assert!(matches!(error, DataError::Target { .. }));
    assert!(error.to_string().contains("line 4 has \"NA\"; expected `1` (bad) or `0` (good)"), "{error}");
}
