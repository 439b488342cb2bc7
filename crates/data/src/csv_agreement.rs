//! The fast CSV reader says of any bytes what the plain one says.

use crate::csv_beside::{Read, check, fast, fast_in_one, plainly};
use crate::source::ReadOptions;
use crate::wanted::Asked;
use arrears_model::schema::{Field, Kind, OutOfRange, Schema, Unseen};
use arrears_model::special::Special;
use proptest::prelude::*;

/// Pieces of text that the rules of CSV are about.
const LIKELY: &[&str] = &[
    "a",
    "b",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\"",
    "\"",
    "\"\"",
    "\",\"",
    "\"\n",
    "1",
    "12.5",
    "中",
    ";",
    "\t",
    " ",
    "\u{feff}",
    "\r",
    "a,b\n",
    "\n\n",
    "x,y\n1,2\n",
    "some text that is longer than eight bytes",
];

fn likely() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        60 => prop::sample::select(LIKELY).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| {
        let mut bytes = pieces.concat();
        // As `Source` does it.
        while bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.drain(..3);
        }
        bytes
    })
}

fn schema() -> Schema {
    let number = |name: &str, min, max, out_of_range| Field {
        name: name.to_owned(),
        kind: Kind::Number { min, max, out_of_range, special: vec![Special::Value(999.0)] },
        reason: None,
        required: false,
        formula: None,
    };
    let categories = vec!["own".to_owned(), "rent".to_owned()];
    let category = Kind::Category { categories, unseen: Unseen::Reject };
    Schema {
        id: Some("id".to_owned()),
        target: None,
        amount: None,
        missing: vec!["NA".to_owned(), "-1".to_owned()],
        fields: vec![
            number("x", Some(0.0), Some(100.0), OutOfRange::Reject),
            number("y", None, None, OutOfRange::Reject),
            number("z", Some(10.0), None, OutOfRange::Clip),
            Field { name: "home".to_owned(), kind: category, reason: None, required: false, formula: None },
        ],
    }
}

const CELLS: &[&str] = &[
    "1",
    "12.5",
    " 7 ",
    "\"3\"",
    "",
    "NA",
    "-1",
    "-1.0",
    "999",
    "101",
    "-5",
    "1e2",
    "+3",
    ".5",
    "5.",
    "inf",
    "NaN",
    "1e999",
    "x",
    "1,5",
    "\"1\n2\"",
    "own",
    "rent",
    " own",
    "\"own\"",
    "tent",
    "0.1234567890123456789",
    "-0",
    "1 2",
    "0x1",
    "1_0",
    "\r",
];

/// What each field says to each row: cell and flag, or the value shown with the refusal.
fn ingested(schema: &Schema, (_, _, chunks): Read) -> Vec<String> {
    let mut said = Vec::new();
    for chunk in chunks {
        let columns: Vec<_> = schema.fields.iter().map(|f| chunk.table.require(&f.name).unwrap()).collect();
        for row in 0..chunk.table.rows() {
            let id = chunk.table.require("id").unwrap().value(row);
            let mut line = format!("{} {id:?}", chunk.table.line(row));
            for (field, column) in schema.fields.iter().zip(&columns) {
                let value = column.value(row);
                line += &match field.ingest(&schema.missing, value) {
                    Ok(taken) => format!(" {taken:?}"),
                    Err(refusal) => format!(" {refusal:?} {value:?}"),
                };
            }
            said.push(line);
        }
        said.extend(chunk.unreadable.iter().map(|row| format!("{row:?}")));
    }
    said.sort();
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_any_bytes(bytes in likely(), chunk_rows in 1usize..6) {
        check(&bytes, &ReadOptions { chunk_rows, ..ReadOptions::default() });
    }

    #[test]
    fn on_tables(
        rows in prop::collection::vec(prop::collection::vec(prop::sample::select(LIKELY), 0..12), 0..30),
        header in prop::sample::select(&["a", "a,b", "a,b\r", "\"a\",b,c", "a;b", "a\tb\tc", "\"a\nb\",c"][..]),
        chunk_rows in 1usize..6,
    ) {
        let rows: Vec<String> = rows.into_iter().map(|cells| cells.concat()).collect();
        check(format!("{header}\n{}", rows.join("\n")).as_bytes(), &ReadOptions { chunk_rows, ..ReadOptions::default() });
    }

    #[test]
    fn on_what_fields_take(
        rows in prop::collection::vec(prop::collection::vec(prop::sample::select(CELLS), 6), 0..20),
        (ragged, crlf, chunk_rows) in (any::<bool>(), any::<bool>(), 1usize..9),
    ) {
        let mut lines = vec!["id,x,y,unused,z,home".to_owned()];
        lines.extend(rows.iter().map(|cells| {
            let cells: Vec<&str> = cells.iter().map(|c| if ragged { c } else { c.trim_matches(['\r', ',']) }).collect();
            cells.join(",")
        }));
        let bytes = lines.join(if crlf { "\r\n" } else { "\n" });
        let (schema, options) = (schema(), ReadOptions { chunk_rows, ..ReadOptions::default() });
        let asked = Asked::of(&schema, &["id"]);
        let fast = fast(bytes.as_bytes(), &options, Some(&asked)).unwrap();
        fast.2.iter().for_each(|chunk| assert!(chunk.table.column("unused").is_none()));
        let plain = plainly(bytes.as_bytes(), &options).unwrap();
        let plain = ingested(&schema, plain);
        prop_assert_eq!(&plain, &ingested(&schema, fast));
        let in_one = fast_in_one(bytes.as_bytes(), &options, Some(&asked)).unwrap();
        prop_assert_eq!(&plain, &ingested(&schema, in_one));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rows as files have them, of which few are odd: most take the way of regular rows.
    #[test]
    fn on_rows_of_which_few_are_odd(
        rows in prop::collection::vec((any::<f64>(), 0u32..1_000_000, "[a-zé]{0,20}", -1e4..1e4f64), 1..400),
        odd in prop::collection::vec((0usize..400, 0usize..6, prop::sample::select(CELLS)), 0..6),
        (crlf, chunk_rows) in (any::<bool>(), prop::sample::select(vec![7usize, 100, 100_000])),
    ) {
        let mut cells: Vec<Vec<String>> = rows.into_iter().enumerate().map(|(id, (x, y, home, z))| {
            vec![id.to_string(), x.to_string(), y.to_string(), format!("{}", z as f32), z.to_string(), home]
        }).collect();
        for (row, column, cell) in odd {
            if let Some(row) = cells.get_mut(row) {
                row[column] = cell.to_owned();
            }
        }
        let lines: Vec<String> = cells.iter().map(|cells| cells.join(",")).collect();
        let bytes = format!("id,x,y,unused,z,home\n{}", lines.join(if crlf { "\r\n" } else { "\n" }));
        let (schema, options) = (schema(), ReadOptions { chunk_rows, ..ReadOptions::default() });
        let asked = Asked::of(&schema, &["id"]);
        let plain = ingested(&schema, plainly(bytes.as_bytes(), &options).unwrap());
        let in_one = fast_in_one(bytes.as_bytes(), &options, Some(&asked)).unwrap();
        prop_assert_eq!(plain, ingested(&schema, in_one));
    }
}

/// Columns whose values are all numbers come as numbers, categories as codes: otherwise nothing would be gained.
#[test]
fn plain_columns_are_typed() {
    let bytes = "id,x,y,unused,z,home\n1,2,,q,12,own\n2,NA,1e3,q,15,rent\n";
    let (_, _, chunks) =
        fast(bytes.as_bytes(), &ReadOptions::default(), Some(&Asked::of(&schema(), &["id"]))).unwrap();
    let kinds: Vec<String> =
        chunks[0].table.batch().columns().iter().map(|array| array.data_type().to_string()).collect();
    assert_eq!(kinds, ["Utf8", "Float64", "Float64", "Float64", "Dictionary(Int32, Utf8)"]);
}

/// A field as long as many blocks, with and without quotes.
#[test]
fn long_fields() {
    for quote in ["", "\""] {
        let long = "long text ".repeat(200_000);
        let text = format!("a,b\n1,2\n{quote}{long}{quote},\"\n\"\n3,4\n");
        check(text.as_bytes(), &ReadOptions::default());
    }
    let open = format!("a,b\n1,\"{}", "x\n".repeat(1 << 20));
    check(open.as_bytes(), &ReadOptions::default());
}
