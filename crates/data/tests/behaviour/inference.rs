//! Types told from all rows.

use crate::csv;
use arrears_data::infer::is_iso_date;
use arrears_data::{ColumnType, DEFAULT_MISSING, Inferred, infer};

fn inferred(text: &str) -> Vec<Inferred> {
    infer(&csv(text).table, &DEFAULT_MISSING.map(str::to_owned))
}

fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    (0..count).for_each(|i| text.push_str(&format!("{}\n", row(i))));
    text
}

#[test]
fn kinds_with_missing_texts() {
    let columns =
        inferred("n,c,d,e,i\n1, x ,2024-02-29,NA,1\nNA,x,?,,inf\n -2e3 ,NULL,2024-01-01T10:00:00Z,nan,2\n");
    let found: Vec<_> = columns.iter().map(|c| (c.kind, c.distinct, c.present, c.missing)).collect();
    assert_eq!(
        found,
        [
            (ColumnType::Number, 2, 2, 1),
            (ColumnType::Category, 1, 2, 1),
            (ColumnType::Date, 2, 2, 1),
            (ColumnType::Empty, 0, 0, 3),
            (ColumnType::Category, 3, 3, 0),
        ]
    );
}

#[test]
fn one_text_in_the_last_row_makes_a_category_with_a_note() {
    let text = rows("x", 9_000, |i| if i == 8_999 { "n.a.".into() } else { format!("{}", i % 7) });
    let column = &inferred(&text)[0];
    assert_eq!(column.kind, ColumnType::Category);
    let note = column.note.as_deref().unwrap();
    assert!(note.contains("8999 of 9000") && note.contains("\"n.a.\" on line 9001"), "{note}");
}

#[test]
fn columns_that_name_rows() {
    let text = rows("nr,shuffled,amount,code,customer_id,gap", 20, |i| {
        format!(
            "{i},{},{},k{i},{},{}",
            (i * 7 + 3) % 20,
            i as f64 * 1.5,
            i * i,
            if i == 0 { String::new() } else { i.to_string() }
        )
    });
    let ids: Vec<_> = inferred(&text).iter().map(|c| c.looks_like_id).collect();
    assert_eq!(ids, [true, true, false, true, true, false]);
    // Too few rows to tell, unless the name tells.
    let few = inferred("nr,code,ID\n1,a,7\n2,b,9\n");
    assert_eq!(few.iter().map(|c| c.looks_like_id).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn iso_dates_and_others() {
    for good in [
        "2024-02-29",
        "2023-12-31 23:59",
        "2023-12-31T23:59:60",
        "2024-01-01T00:00:00.123456Z",
        "2024-01-01T00:00:00+08:00",
        "2024-01-01 00:00-11:30",
    ] {
        assert!(is_iso_date(good), "{good}");
    }
    for bad in [
        "",
        "2023-02-29",
        "2100-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-1-1",
        "2024/01/01",
        "20240101",
        "2024-01-01T",
        "2024-01-01T24:00",
        "2024-01-01T10",
        "2024-01-01x",
        "2024-01-01T10:00:00.",
        "2024-01-01T10:00+8",
        "二〇二四-01",
        "2024-01-0１",
    ] {
        assert!(!is_iso_date(bad), "{bad}");
    }
}
