//! Rows without an outcome, judged by the fields of a model.

use crate::csv;
use arrears_data::{Admitted, ColumnType, DropReason, Duplicates, Preparation, clean, clean_by_schema};
use arrears_model::Schema;
use arrears_model::value::Value;

const KNOWN: &str = "\
id,income,city,status
1,100,a,good
2,200,b,bad
3,300,a,good
4,,b,bad
";

fn schema(unseen: &str) -> Schema {
    let recipe = format!(
        "[data]\ntarget = \"status\"\npositive = \"bad\"\nid = \"id\"\n\
         [columns.income]\ntype = \"number\"\nmin = 0\nmax = 1000\n\
         [columns.city]\ntype = \"category\"\nunseen = \"{unseen}\"\n"
    );
    let known = clean(csv(KNOWN), &Preparation::from_toml(&recipe).unwrap()).unwrap();
    assert_eq!(known.report.types[1].kind, ColumnType::Number);
    known.schema_for(&[0, 1, 2, 3])
}

fn admitted(data: &str, unseen: &str, duplicates: Duplicates) -> Admitted {
    let admitted = clean_by_schema(csv(data), &schema(unseen), duplicates).unwrap();
    let report = &admitted.report;
    assert_eq!(report.read, report.kept + report.dropped.iter().map(|d| d.rows).sum::<u64>());
    assert_eq!(report.kept, admitted.table.rows() as u64);
    admitted
}

#[test]
fn the_model_s_fields_judge_and_not_the_file() {
    // By itself the file would make `income` text and drop nothing.
    let data = "city,income,id,more\na,12,9,x\nc,about 5,8,x\nb,2000,7,x\nc,NA,6,x\na,13,9,x\nd,1,5,x\n";
    let kept = admitted(data, "other", Duplicates::Drop);
    let dropped: Vec<_> = kept.report.dropped.iter().map(|d| (d.reason, d.examples[0].line)).collect();
    let expected = [(DropReason::NotANumber, 3), (DropReason::OutOfRange, 4), (DropReason::RepeatedId, 6)];
    assert_eq!(dropped, expected);
    assert_eq!(kept.table.columns(), ["income", "city"]);
    assert_eq!(kept.table.lines(), [2, 5, 7]);
    assert_eq!(kept.table.column("income").unwrap().value(0), Value::Number(12.0));
    let changed = &kept.report.changed[0];
    assert_eq!((changed.column.as_str(), changed.unseen), ("city", 2));
    assert!(kept.report.to_string().contains("2  categories of `city` not seen in training"));
    assert!(kept.notes.is_empty());
}

#[test]
fn an_unseen_category_is_refused_where_the_field_says_so() {
    let kept = admitted("city,income\na,12\nc,13\n", "reject", Duplicates::Drop);
    assert_eq!(kept.report.dropped[0].reason, DropReason::UnseenCategory);
    assert_eq!(kept.report.dropped[0].examples[0].value, "c");
    assert!(kept.notes[0].contains("`id`"), "{:?}", kept.notes);
}

#[test]
fn repeated_rows_can_stay_and_an_outcome_is_not_read() {
    let data = "id,income,city,status\n5,1,a,bad\n5,1,a,bad\n5,2,a,good\n";
    let kept = admitted(data, "other", Duplicates::Keep);
    assert_eq!((kept.report.kept, kept.report.duplicates_kept, kept.report.repeated_ids_kept), (3, 1, 1));
    assert!(kept.notes[0].contains("`status` is not read"), "{:?}", kept.notes);
}

#[test]
fn a_file_without_a_field_or_a_usable_row_is_an_error() {
    let fails =
        |data: &str| clean_by_schema(csv(data), &schema("reject"), Duplicates::Drop).unwrap_err().to_string();
    assert!(fails("id,income\n1,2\n").contains("no column `city`"));
    let all = fails("id,income,city\n1,2,z\n");
    assert!(all.contains("dropped all of them") && all.contains("not seen in training"), "{all}");
    assert!(fails("id,income,city\n").contains("no rows"));
}
