//! Row weights, targets that are amounts, and special codes of all number columns.

use crate::csv;
use arrears_data::{
    Cleaned, DropReason, Loaded, Preparation, Role, clean, clean_number_target, has_number_target,
};
use arrears_model::Special;
use arrears_model::schema::Kind;

fn prepared(text: &str) -> Preparation {
    Preparation::from_toml(text).unwrap()
}

fn drops(cleaned: &Cleaned) -> Vec<(DropReason, &str, u64)> {
    let report = &cleaned.report;
    let dropped: u64 = report.dropped.iter().map(|d| d.rows).sum();
    assert_eq!(report.read, report.kept + dropped + report.unreadable, "{report}");
    report.dropped.iter().map(|d| (d.reason, d.column.as_deref().unwrap_or(""), d.rows)).collect()
}

const WEIGHTED: &str = "\
x,w,y
1.5,2.5,0
2,,1
3,-1,0
4,inf,1
5,much,0
6,0,1
7, 1e3 ,NA
8,NA,NA
9,NaN,0
10,-0.0,0
";

#[test]
fn a_row_without_a_usable_weight_is_dropped_with_its_cause() {
    let cleaned = clean(csv(WEIGHTED), &prepared("[data]\ntarget = \"y\"\nweight = \"w\"")).unwrap();
    assert_eq!(
        drops(&cleaned),
        [
            (DropReason::MissingTarget, "y", 2),
            (DropReason::MissingWeight, "w", 2),
            (DropReason::NegativeWeight, "w", 1),
            (DropReason::NotFinite, "w", 1),
            (DropReason::NotANumber, "w", 1),
        ]
    );
    assert_eq!(cleaned.weights.as_deref(), Some(&[2.5, 0.0, 0.0][..]));
    assert_eq!(cleaned.bad.as_deref(), Some(&[false, true, false][..]));
    assert!(cleaned.amounts.is_none());
    let report = cleaned.report.to_string();
    assert!(
        report.contains("2  dropped: weight missing, column `w` (line 3: \"\"; line 10: \"NaN\")"),
        "{report}"
    );
    assert!(report.contains("1  dropped: weight below 0, column `w` (line 4: \"-1\")"), "{report}");
    let weight = cleaned.report.types.iter().find(|t| t.column == "w").unwrap();
    assert_eq!((weight.role, weight.role.describe()), (Role::Weight, "weight"));
    let schema = cleaned.schema_for(&[0, 1, 2]);
    assert_eq!(schema.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["x"]);
}

#[test]
fn without_a_column_of_weights_there_are_none() {
    let cleaned = clean(csv("x,w,y\n1,2,0\n3,4,1\n5,-6,1\n"), &prepared("[data]\ntarget = \"y\"")).unwrap();
    assert!(cleaned.weights.is_none() && cleaned.report.kept == 3);
}

#[test]
fn weights_of_typed_columns_are_read_alike() {
    let json = "{\"x\":1,\"w\":2,\"y\":0}\n{\"x\":2,\"w\":0.5,\"y\":1}\n{\"x\":3,\"w\":null,\"y\":1}\n";
    let loaded = arrears_data::read_bytes("t.ndjson", arrears_data::Format::Ndjson, json.as_bytes()).unwrap();
    let cleaned = clean(loaded, &prepared("[data]\ntarget = \"y\"\nweight = \"w\"")).unwrap();
    assert_eq!(cleaned.weights.as_deref(), Some(&[2.0, 0.5][..]));
}

#[test]
fn faults_of_the_weight_name_the_key() {
    let cases = [
        ("weight = \"v\"", "no column `v`"),
        ("weight = \"y\"", "data.weight"),
        ("id = \"x\"\nweight = \"x\"", "data.weight"),
        ("weight = \"w\"\n[columns.w]\ntype = \"number\"", "columns.w"),
        ("weight = \"zero\"", "all weights are 0"),
    ];
    for (recipe, part) in cases {
        let recipe = prepared(&format!("[data]\ntarget = \"y\"\n{recipe}"));
        let error = clean(csv("x,w,zero,y\n1,1,0,0\n2,1,0,1\n"), &recipe).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

fn target(data: &str) -> (Loaded, Preparation) {
    (csv(data), prepared("[data]\ntarget = \"y\""))
}

#[test]
fn an_amount_is_told_from_two_labels() {
    let told = |data: &str, recipe: &str| has_number_target(&csv(data).table, &prepared(recipe)).unwrap();
    let y = "[data]\ntarget = \"y\"";
    assert!(told("x,y\n1,0\n2,1\n3,2.5\n", y));
    assert!(told("x,y\n1,0\n2,NA\n3,2.5\n4,7\n", y));
    assert!(!told("x,y\n1,0\n2,1\n3,1.0\n4,-0\n", y), "two numbers, however they are written");
    assert!(!told("x,y\n1,0\n2,1\n3,2\n", "[data]\ntarget = \"y\"\npositive = 1"), "a label was named");
    assert!(!told("x,y\n1,0\n2,1\n3,2\n4,bad\n", y), "a text");
    assert!(!told("x,y\n1,0\n2,1\n3,2\n4,inf\n", y), "no finite number");
    assert!(!told("x,y\n1,0\n2,1\n3,2\n", ""), "no target");
    assert!(has_number_target(&csv("x\n1\n").table, &prepared(y)).is_err());
}

#[test]
fn amounts_take_the_place_of_outcomes() {
    let (loaded, recipe) = target("x,y\n1,10\n2,\n3,30\n4,some\n5,-inf\n6,20\n");
    let cleaned = clean_number_target(loaded, &recipe).unwrap();
    assert_eq!(
        drops(&cleaned),
        [
            (DropReason::MissingTarget, "y", 1),
            (DropReason::NotANumber, "y", 1),
            (DropReason::NotFinite, "y", 1),
        ]
    );
    assert_eq!(cleaned.amounts.as_deref(), Some(&[10.0, 30.0, 20.0][..]));
    assert!(cleaned.bad.is_none() && cleaned.target.is_none());
    let roles: Vec<Role> = cleaned.report.types.iter().map(|t| t.role).collect();
    assert_eq!(roles, [Role::Feature, Role::Target]);
    let (loaded, recipe) = target("x,y\n1,10\n2,10\n3,\n");
    let error = clean_number_target(loaded, &recipe).unwrap_err().to_string();
    assert!(error.contains("column `y`") && error.contains("all rows have 10"), "{error}");
}

#[test]
fn special_codes_of_all_number_columns() {
    let recipe = "[data]\ntarget = \"y\"\n[clean]\nspecial = [-1, 999]\n\
                  [columns.a]\nmin = 0\nmax = 100\nspecial = [-9, -1]";
    let data = "a,b,c,y\n-1,5,k,0\n-9,-1,l,1\n50,999,k,1\n999,7,-1,0\n";
    let cleaned = clean(csv(data), &prepared(recipe)).unwrap();
    assert_eq!(cleaned.report.kept, 4, "a code may lie outside the range: {}", cleaned.report);
    let schema = cleaned.schema_for(&[0, 1, 2, 3]);
    assert_eq!(schema.fields[0].special(), [-9.0, -1.0, 999.0].map(Special::Value));
    assert_eq!(schema.fields[1].special(), [-1.0, 999.0].map(Special::Value));
    assert!(matches!(schema.fields[2].kind, Kind::Category { .. }));
    let error = Preparation::from_toml("[clean]\nspecial = [inf]").unwrap_err().to_string();
    assert!(error.contains("clean.special"), "{error}");
    let written = toml::to_string(&prepared(recipe)).unwrap();
    assert_eq!(prepared(&written), prepared(recipe));
}
