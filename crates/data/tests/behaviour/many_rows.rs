//! Enough rows that columns are kept as codes, or not, held against the obvious way on the file's own texts.

use crate::csv;
use arrears_data::table::ColumnData;
use arrears_data::{Cleaned, Format, Preparation, TableWriter, clean, order_key, read_all};
use std::collections::{BTreeMap, BTreeSet};

const HEADER: [&str; 4] = ["few", "many", "number", "outcome"];

/// 20,000 rows: texts with blanks around them, 6,000 different texts, numbers, and rows that repeat earlier ones.
fn rows() -> Vec<[String; 4]> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for i in 0..20_000_u64 {
        let pick = |column: u64, most: u64| order_key(column, i) % most;
        if i > 0 && pick(9, 10) == 0 {
            rows.push(rows[pick(10, i) as usize].clone());
            continue;
        }
        let few = ["a", " a", "b ", "", "?", "c", "1", "1.0"][pick(1, 8) as usize];
        let number = format!("{}", pick(3, 15_000) as f64 / 8.0);
        rows.push([few.to_owned(), format!("t{}", pick(2, 6_000)), number, format!("{}", pick(4, 2))]);
    }
    rows
}

fn text(rows: &[[String; 4]]) -> String {
    let lines = rows.iter().map(|row| row.join(",") + "\n");
    HEADER.join(",") + "\n" + &lines.collect::<String>()
}

fn cleaned(duplicates: &str) -> Cleaned {
    let recipe = format!(
        "[data]\ntarget = \"outcome\"\npositive = \"1\"\n[clean]\nduplicates = \"{duplicates}\"\n\
         [columns.many]\ntype = \"category\"\n"
    );
    clean(csv(text(&rows())), &Preparation::from_toml(&recipe).unwrap()).unwrap()
}

#[test]
fn different_values_categories_and_repeated_rows_are_those_of_plain_sets() {
    let (rows, kept) = (rows(), cleaned("keep"));
    let different: BTreeSet<&[String; 4]> = rows.iter().collect();
    assert_eq!(kept.report.duplicates_kept, (rows.len() - different.len()) as u64);
    let sets = HEADER.iter().enumerate().map(|(at, name)| {
        let texts = rows.iter().map(|row| row[at].trim()).filter(|text| !["", "?"].contains(text));
        (*name, texts.collect::<BTreeSet<&str>>())
    });
    let sets: BTreeMap<&str, BTreeSet<&str>> = sets.collect();
    for column in &kept.report.types {
        assert_eq!(column.distinct, sets[column.column.as_str()].len(), "{}", column.column);
    }
    let all: Vec<usize> = (0..rows.len()).collect();
    let schema = kept.schema_for(&all);
    for field in schema.fields.iter().filter(|field| field.name != "number") {
        assert!(field.categories().iter().eq(sets[field.name.as_str()].iter()), "{}", field.name);
    }
    let few = all.iter().filter(|row| rows[**row][0].trim() == "b").take(1).copied().collect::<Vec<_>>();
    assert_eq!(kept.schema_for(&few).fields[0].categories(), ["b"]);
    let data = |name| kept.table.column(name).unwrap().data();
    assert!(matches!(data("few"), ColumnData::Category { .. }));
    assert!(matches!(data("many"), ColumnData::Text(_)));
    assert!(matches!(data("number"), ColumnData::Number(_)));
}

#[test]
fn a_cleaned_table_is_written_as_its_file_had_it() {
    let mut seen = BTreeSet::new();
    let firsts: Vec<[String; 4]> = rows().into_iter().filter(|row| seen.insert(row.clone())).collect();
    let table = cleaned("drop").table;
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in
        [("a.csv", Format::Csv), ("a.ndjson", Format::Ndjson), ("a.parquet", Format::Parquet)]
    {
        let path = folder.path().join(name);
        let mut writer = TableWriter::create(&path, Some(format), table.batch().schema()).unwrap();
        writer.write(table.batch()).unwrap();
        writer.finish().unwrap();
        let back = read_all(&path, &Default::default()).unwrap().table;
        assert_eq!(back.rows(), firsts.len(), "{name}");
        for (at, column) in HEADER.iter().enumerate() {
            let column = back.column(column).unwrap();
            let same = |(row, first): (usize, &[String; 4])| {
                column.text(row, &[]).unwrap_or_default() == first[at].trim()
            };
            assert!(firsts.iter().enumerate().all(same), "{name} {}", column.name());
        }
        if format == Format::Csv {
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text(&firsts));
        }
    }
}
