//! Types told from all rows.

use crate::csv;
use arrears_data::infer::is_iso_date;
use arrears_data::{ColumnType, DEFAULT_MISSING, Inferred, Preparation, Role, clean, infer};

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
    let expected = "8999 of 9000 values are numbers; line 9001 is \"n.a.\": declare type = \"number\" in [columns.x] to \
                    drop such rows, or list the text in `missing` of [clean]";
    assert_eq!(column.note.as_deref(), Some(expected));
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

/// A column of different numbers with one bad cell is neither free text nor a name of the rows.
#[test]
fn one_bad_cell_is_named_where_the_column_is_left_out() {
    let cell = |i: usize| if i == 3 { "abc".into() } else { format!("{}", i as f64 * 1.25) };
    let text = rows("x y,status", 3_000, |i| format!("{},{}", cell(i), ["good", "bad"][i % 2]));
    let preparation = Preparation::from_toml("[data]\ntarget = \"status\"\npositive = \"bad\"").unwrap();
    let report = clean(csv(text.clone()), &preparation).unwrap().report;
    let expected = "2999 of 3000 values are numbers; line 5 is \"abc\": declare type = \"number\" in [columns.\"x y\"] to \
                    drop such rows, or list the text in `missing` of [clean]";
    assert_eq!((report.types[0].role, report.types[0].note.as_deref()), (Role::LeftOut, Some(expected)));
    // Both ways out work.
    for (more, kept) in
        [("[columns.\"x y\"]\ntype = \"number\"", 2_999), ("[clean]\nmissing = [\"abc\"]", 3_000)]
    {
        let recipe = format!("[data]\ntarget = \"status\"\npositive = \"bad\"\n{more}");
        let report = clean(csv(&text), &Preparation::from_toml(&recipe).unwrap()).unwrap().report;
        assert_eq!(
            (report.types[0].role, report.types[0].kind),
            (Role::Feature, ColumnType::Number),
            "{more}"
        );
        assert_eq!(report.kept, kept, "{more}");
    }
    // Numbers one after the other still name rows, whatever one cell says.
    let text = rows("nr", 50, |i| if i == 7 { "seven".into() } else { i.to_string() });
    assert!(inferred(&text)[0].looks_like_id);
}

/// Decimal commas, commas between thousands and per cent signs make text of numbers; the note says so.
#[test]
fn numbers_in_other_writing_are_named() {
    let amount = |i: usize| if i < 9 { format!("{i}00") } else { format!("{},{:03}", i / 9, i * 7 % 1_000) };
    let text = rows("rate,amount,share,name", 200, |i| {
        format!("\"{},{}\",\"{}\",{}.5%,\"a,{}\"", i % 150, i % 10, amount(i), i % 120, i % 150)
    });
    let preparation = Preparation::from_toml("").unwrap();
    let types = clean(csv(text), &preparation).unwrap().report.types;
    for (column, example) in types[..3].iter().zip(["0,0", "1,063", "0.5%"]) {
        let note = column.note.as_deref().unwrap_or_default();
        assert_eq!(column.role, Role::LeftOut, "{}", column.column);
        assert!(
            note.contains(&format!(
                "look like numbers with a comma or a per cent sign, such as \"{example}\""
            ))
        );
        assert!(note.contains("with a point"), "{note}");
    }
    assert!(types[3].note.as_deref().unwrap().starts_with("150 different texts"), "{:?}", types[3]);
    // Where no two rows are alike too.
    let unlike = rows("rate", 200, |i| format!("\"{i},5\""));
    let types = clean(csv(unlike), &preparation).unwrap().report.types;
    assert!(types[0].note.as_deref().unwrap().contains("such as \"0,5\""), "{:?}", types[0]);
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
