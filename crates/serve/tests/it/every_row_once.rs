//! Every input row is in the output or in the rejects, once, in input order, with the plain scorer's numbers.

use crate::common::{HEADER, Room, bits, plain, sample};
use arrears_model::Model;
use proptest::prelude::*;

/// One record of a messy file.
#[derive(Clone, Debug)]
enum Record {
    /// Five fields: the id is the record's number.
    Fields([&'static str; 4]),
    /// Bytes that are no row of this table; one line without its line feed.
    Broken(&'static [u8]),
    /// Not a row at all.
    Blank,
}

const NUMBERS: [&str; 16] = [
    "33", "17", "41.5", "", "NA", "-1", " 20 ", "9998", "9999", "-3", "1e300", "inf", "NaN", "twelve", "1,5",
    "+7",
];
const TEXTS: [&str; 10] =
    ["owner", "rent", " parents", "tent", "", "NA", "two\nlines", "a \"quote\"", "私人", "2.5"];
const BROKEN: [&[u8]; 4] = [b"1,2", b"1,33,0,owner,1,6", b"x,33,0,\xff\xfe,1", b"one field"];

fn record() -> impl Strategy<Value = Record> {
    let number = || prop::sample::select(NUMBERS.to_vec());
    let text = || prop::sample::select(TEXTS.to_vec());
    prop_oneof![
        12 => (number(), number(), text(), text()).prop_map(|(a, d, h, c)| Record::Fields([a, d, h, c])),
        2 => prop::sample::select(BROKEN.to_vec()).prop_map(Record::Broken),
        1 => Just(Record::Blank),
    ]
}

/// A row's line and, where it can be read, its fields.
type Written = (u64, Option<Vec<String>>);

/// The file's bytes, and for each row its line and, where it can be read, its fields.
fn write(records: &[Record]) -> (Vec<u8>, Vec<Written>) {
    let mut bytes = format!("{}\n", HEADER.join(",")).into_bytes();
    let (mut rows, mut line) = (Vec::new(), 2);
    for (n, record) in records.iter().enumerate() {
        let start = bytes.len();
        match record {
            Record::Fields(fields) => {
                let id = format!("c{n}");
                let row: Vec<String> =
                    std::iter::once(id.as_str()).chain(*fields).map(str::to_owned).collect();
                let mut writer = csv::Writer::from_writer(&mut bytes);
                writer.write_record(&row).unwrap();
                drop(writer);
                rows.push((line, Some(row)));
            }
            Record::Broken(text) => {
                bytes.extend_from_slice(text);
                bytes.push(b'\n');
                rows.push((line, None));
            }
            Record::Blank => bytes.push(b'\n'),
        }
        line += bytes[start..].iter().filter(|b| **b == b'\n').count() as u64;
    }
    (bytes, rows)
}

fn check(model: &Model, records: &[Record]) {
    let room = Room::new();
    let (bytes, rows) = write(records);
    let input = room.file("in.csv", bytes);
    let summary = room.score(model, &input, "out.csv").unwrap();

    let (mut scored, mut rejected) = (Vec::new(), Vec::new());
    for (line, row) in &rows {
        match row.as_ref().and_then(|row| Some((row, plain(model, row)?))) {
            Some((row, says)) => scored.push((row[0].clone(), says)),
            None => rejected.push((*line, row.as_ref().map(|row| row[0].clone()))),
        }
    }
    assert_eq!(summary.rows, rows.len() as u64);
    assert_eq!((summary.scored, summary.rejected), (scored.len() as u64, rejected.len() as u64));
    assert_eq!(summary.rejected_by_cause.values().sum::<u64>(), summary.rejected);
    assert_eq!(summary.grades.iter().map(|g| g.rows).sum::<u64>(), summary.scored);

    let out = room.rows("out.csv");
    assert_eq!(out.len(), scored.len());
    for (found, (id, says)) in out.iter().zip(&scored) {
        assert_eq!(found[0].as_ref(), Some(id));
        assert_eq!(bits(&found[1]), says.pd.unwrap().to_bits());
        assert_eq!(bits(&found[2]), says.score.unwrap().to_bits());
        assert_eq!(found[3].as_ref(), Some(&model.grades[says.grade.unwrap()].name));
        let reason = |n: usize| says.reasons.get(n).map(|r| model.schema.fields[r.field].reason_text());
        (0..4).for_each(|n| assert_eq!(found[4 + n].as_deref(), reason(n)));
        assert_eq!(found[8].is_some(), !says.flags.is_empty());
        assert_eq!(found[9].as_deref(), Some(model.checksum()));
    }
    let rejects = room.path("rejects.csv");
    assert_eq!(rejects.exists(), !rejected.is_empty());
    assert_eq!(summary.rejects.is_some(), !rejected.is_empty());
    if !rejected.is_empty() {
        let found = room.rows("rejects.csv");
        let found: Vec<_> =
            found.iter().map(|r| (r[0].as_ref().unwrap().parse().unwrap(), r[1].clone())).collect();
        assert_eq!(found, rejected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_messy_files(records in prop::collection::vec(record(), 0..60)) {
        check(&sample("scorecard"), &records);
    }
}

/// Three chunks, with rejects on both sides of each border.
#[test]
fn across_chunks() {
    let records: Vec<Record> = (0..20_000)
        .map(|n| match n % 7 {
            0 => Record::Broken(BROKEN[n % BROKEN.len()]),
            1 => Record::Fields(["17", "-3", "owner", "1"]),
            k => Record::Fields([NUMBERS[(n / 7) % 7], NUMBERS[k], TEXTS[n % 10], TEXTS[k]]),
        })
        .collect();
    check(&sample("scorecard"), &records);
}
