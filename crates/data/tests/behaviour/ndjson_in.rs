//! NDJSON: raw numbers, keys that come and go, lines that are no flat object.

use crate::{full, source, texts};
use arrears_data::{DataError, Format, read_bytes};

fn ndjson(text: impl AsRef<[u8]>) -> arrears_data::Loaded {
    read_bytes("test.ndjson", Format::Ndjson, text.as_ref()).unwrap()
}

#[test]
fn scalars_keep_their_text() {
    let loaded = ndjson(
        "{\"n\": 1.50, \"s\": \"a\\u00e9\\n\\\"\", \"t\": true, \"z\": null, \"e\": 1e400, \"客户\": \"张\"}\n",
    );
    let table = &loaded.table;
    assert_eq!(table.columns(), ["n", "s", "t", "z", "e", "客户"]);
    assert_eq!(full(table, "n"), ["1.50"]);
    assert_eq!(full(table, "s"), ["aé\n\""]);
    assert_eq!(full(table, "t"), ["true"]);
    assert_eq!(texts(table, "z"), [None]);
    assert_eq!(full(table, "e"), ["1e400"]);
    assert_eq!(full(table, "客户"), ["张"]);
}

#[test]
fn keys_in_any_order_and_absent_ones() {
    let loaded = ndjson("{\"a\":1,\"b\":2}\n\n{\"b\":3}\r\n{\"c\":5,\"a\":4}");
    assert_eq!(loaded.table.columns(), ["a", "b", "c"]);
    assert_eq!(loaded.table.lines(), [1, 3, 4]);
    let some = |t: &str| Some(t.to_owned());
    assert_eq!(texts(&loaded.table, "a"), [some("1"), None, some("4")]);
    assert_eq!(texts(&loaded.table, "b"), [some("2"), some("3"), None]);
    assert_eq!(texts(&loaded.table, "c"), [None, None, some("5")]);
}

#[test]
fn later_chunks_add_columns_with_a_note() {
    let mut source = source(Format::Ndjson, b"{\"a\":1}\n{\"a\":2}\n{\"a\":3,\"b\":4}\n", 2);
    assert_eq!(source.columns(), ["a"]);
    assert_eq!(source.next().unwrap().unwrap().table.columns(), ["a"]);
    assert_eq!(source.next().unwrap().unwrap().table.columns(), ["a", "b"]);
    assert_eq!(source.notes().len(), 1);
    assert!(source.next().is_none());
}

#[test]
fn lines_that_are_no_flat_object_are_kept_apart() {
    let text = b"{\"a\":1}\n{\"a\":\n[1]\n{\"a\":{\"b\":1}}\n{\"a\":1,\"a\":2}\n{\"a\":\"\xff\"}\n{\"a\":\"\\ud800\"}\n{\"\":1}\n{\"a\":1} {\"a\":2}\n{\"a\":9}\n";
    let loaded = ndjson(text);
    assert_eq!(full(&loaded.table, "a"), ["1", "9"]);
    let found: Vec<_> = loaded.unreadable.iter().map(|u| (u.line, u.column.as_deref())).collect();
    let a = Some("a");
    assert_eq!(found, [(2, None), (3, None), (4, a), (5, a), (6, None), (7, a), (8, None), (9, None)]);
    assert!(loaded.unreadable[2].why.contains("not a nested value"));
    assert!(loaded.unreadable[3].why.contains("given twice"));
    assert!(loaded.unreadable[4].why.contains("UTF-8"));
    assert_eq!(loaded.rows_read(), 10);
}

#[test]
fn a_line_that_is_refused_adds_no_column() {
    let loaded = ndjson("{\"a\":1}\n{\"b\":1,\"c\":[1]}\n");
    assert_eq!(loaded.table.columns(), ["a"]);
}

#[test]
fn deep_nesting_is_refused_without_overflow() {
    let deep = format!("{{\"a\":{}1{}}}\n{{\"a\":1}}\n", "[".repeat(1 << 20), "]".repeat(1 << 20));
    let loaded = ndjson(deep);
    assert_eq!((loaded.table.rows(), loaded.unreadable.len()), (1, 1));
}

#[test]
fn empty_input_and_too_many_keys_are_faults() {
    for text in ["", "\n  \n"] {
        let error = read_bytes("t", Format::Ndjson, text.as_bytes()).unwrap_err();
        assert!(matches!(error, DataError::Empty { .. }), "{error}");
    }
    let wide: String = (0..3_400).map(|i| format!("{{\"a{i}\":1,\"b{i}\":1,\"c{i}\":1}}\n")).collect();
    let error = read_bytes("t", Format::Ndjson, wide.as_bytes()).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("more than 10000 different keys up to line 3334"), "{error}");
}
