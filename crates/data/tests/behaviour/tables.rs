//! Tables: choosing rows and columns, putting tables together.

use crate::{csv, full, texts};
use arrears_data::arrow::array::*;
use arrears_data::{DataError, Table, infer, outcomes};
use arrears_model::schema::Target;
use std::sync::Arc;

#[test]
fn take_select_without() {
    let table = csv("a,b,c\n1,x,p\n2,y,q\n3,z,r\n").table;
    let taken = table.take(&[2, 0, 2]);
    assert_eq!(full(&taken, "b"), ["z", "x", "z"]);
    assert_eq!(taken.lines(), [4, 2, 4]);
    assert_eq!(table.take(&[]).rows(), 0);
    assert_eq!(table.select(&["c", "none", "a"]).columns(), ["c", "a"]);
    assert_eq!(table.without(&["b"]).columns(), ["a", "c"]);
    let bare = table.without(&["a", "b", "c"]);
    assert_eq!((bare.rows(), bare.take(&[1]).line(0)), (3, 3));
    let error = table.require("d").unwrap_err().to_string();
    assert_eq!(error, "no column `d`: the file has a, b, c");
}

#[test]
fn concat_takes_the_union_and_falls_back_to_text() {
    let table = |columns: Vec<(&str, ArrayRef)>, line: u64| {
        Table::new(columns.into_iter().map(|(n, a)| (n.to_owned(), a)).collect(), vec![line]).unwrap()
    };
    let one = table(
        vec![("n", Arc::new(Int64Array::from(vec![1]))), ("x", Arc::new(Float64Array::from(vec![0.1])))],
        1,
    );
    let two = table(vec![("n", Arc::new(Int64Array::from(vec![2])))], 2);
    let three = table(
        vec![("x", Arc::new(StringArray::from(vec!["u"]))), ("n", Arc::new(Int64Array::from(vec![3])))],
        3,
    );
    let all = Table::concat(vec![one, two, three]).unwrap();
    assert_eq!(all.columns(), ["n", "x"]);
    assert_eq!(full(&all, "n"), ["1", "2", "3"]);
    assert!(matches!(all.column("n").unwrap().data(), arrears_data::table::ColumnData::Integer(_)));
    assert_eq!(texts(&all, "x"), [Some("0.1".to_owned()), None, Some("u".to_owned())]);
    assert_eq!(all.lines(), [1, 2, 3]);
    assert_eq!(Table::concat(Vec::new()).unwrap().rows(), 0);
}

#[test]
fn other_arrays_are_refused() {
    let array: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    assert!(matches!(Table::new(vec![("a".into(), array)], vec![1]), Err(DataError::Arrow(_))));
    let array: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    assert!(matches!(Table::new(vec![("a".into(), array)], vec![]), Err(DataError::Arrow(_))));
}

/// A 9 that means "unknown" is missing in a Parquet file as it is in a CSV file.
#[test]
fn a_missing_text_that_is_a_number_is_missing_in_typed_columns_too() {
    let target = Target { column: "y".into(), bad: "1".into(), good: "0".into() };
    let typed: [ArrayRef; 2] =
        [Arc::new(Int64Array::from(vec![0, 9, 1])), Arc::new(Float64Array::from(vec![0.0, 9.0, 1.0]))];
    let typed = typed.map(|y| Table::new(vec![("y".to_owned(), y)], vec![1, 2, 3]).unwrap());
    for table in typed.iter().chain([&csv("y\n0\n9\n1\n").table]) {
        let missing = ["9".to_owned()];
        assert_eq!(outcomes(table, &target, &missing).unwrap(), [Some(false), None, Some(true)]);
        let found = &infer(table, &missing)[0];
        assert_eq!((found.present, found.missing, found.distinct), (2, 1, 2));
    }
}
