//! The same rows give the same numbers, bit for bit, whatever the formats in and out.

use crate::common::{HEADER, Room, csv, sample, sample_file};
use arrears_data::arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrears_data::{Format, Table, TableWriter};
use arrears_serve::{Input, Output, ScoreOptions, score_file};
use std::io::Write;
use std::sync::{Arc, Mutex};

const ROWS: [[&str; 5]; 5] = [
    ["7", "33", "0", "owner", "1"],
    ["3", "24.999999999999996", "9998", "rent", "2.5"],
    ["12", "17", "0.1", "tent", ""],
    ["5", "-4", "-5", "owner", "1"],
    ["6", "", "45", "", "2.5"],
];

/// The rows with numbers as numbers.
fn typed() -> Table {
    let number = |at: usize| -> ArrayRef {
        Arc::new(Float64Array::from_iter(ROWS.iter().map(|r| r[at].parse::<f64>().ok())))
    };
    let text =
        |at: usize| -> ArrayRef { Arc::new(StringArray::from_iter_values(ROWS.iter().map(|r| r[at]))) };
    let id: ArrayRef =
        Arc::new(Int64Array::from_iter_values(ROWS.iter().map(|r| r[0].parse::<i64>().unwrap())));
    let columns = [id, number(1), number(2), text(3), number(4)];
    let named = HEADER.iter().map(|h| (*h).to_owned()).zip(columns).collect();
    Table::new(named, vec![1, 2, 3, 4, 5]).unwrap()
}

#[test]
fn in_and_out() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let text = csv(&ROWS);
    room.file("in.csv", &text);
    room.file("in.csv.gz", gzip(text.as_bytes()));
    for name in ["in.parquet", "in.ndjson"] {
        let mut writer = TableWriter::create(&room.path(name), None, typed().batch().schema()).unwrap();
        writer.write(typed().batch()).unwrap();
        writer.finish().unwrap();
    }
    let mut results = Vec::new();
    for input in ["in.csv", "in.csv.gz", "in.ndjson", "in.parquet"] {
        for output in ["out.csv", "out.csv.gz", "out.ndjson", "out.parquet"] {
            let summary = room.score(&model, &room.path(input), output).unwrap();
            assert_eq!((summary.scored, summary.rejected), (4, 1), "{input} -> {output}");
            let found = room.load(output);
            let names = [
                "客户", "pd", "score", "grade", "reason_1", "reason_2", "reason_3", "reason_4", "flags",
                "model",
            ];
            assert_eq!(found.table.columns(), names, "{input} -> {output}");
            results.push((room.rows(output), format!("{input} -> {output}")));
            let rejects = room.rows("rejects.csv");
            assert_eq!(rejects.len(), 1);
            assert_eq!(rejects[0][1].as_deref(), Some("5"), "{input}");
            assert_eq!(rejects[0][2].as_deref(), Some("days_late"), "{input}");
            assert_eq!(rejects[0][3].as_deref(), Some("-5"), "{input}");
        }
    }
    let ids: Vec<_> = results[0].0.iter().map(|r| r[0].clone().unwrap()).collect();
    assert_eq!(ids, ["7", "3", "12", "6"]);
    assert_eq!(results[0].0[2][8].as_deref(), Some("age: out of range, clipped; home: unseen category"));
    for (rows, how) in &results[1..] {
        assert_eq!(rows, &results[0].0, "{how}");
    }
}

#[test]
fn parquet_keeps_whole_number_ids() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let mut writer = TableWriter::create(&room.path("in.parquet"), None, typed().batch().schema()).unwrap();
    writer.write(typed().batch()).unwrap();
    writer.finish().unwrap();
    room.score(&model, &room.path("in.parquet"), "out.parquet").unwrap();
    let loaded = room.load("out.parquet");
    assert_eq!(loaded.table.batch().column(0).data_type().to_string(), "Int64");
}

#[test]
fn csv_ids_stay_as_they_stood() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input =
        room.file("in.csv", csv(&[["007", "33", "0", "owner", "1"], [" a,b ", "33", "0", "owner", "1"]]));
    room.score(&model, &input, "out.csv").unwrap();
    let out = std::fs::read_to_string(room.path("out.csv")).unwrap();
    let starts: Vec<&str> = out.lines().skip(1).map(|l| &l[..4]).collect();
    assert_eq!(starts, ["007,", "\" a,"]);
}

#[test]
fn segments_have_their_own_columns() {
    let (room, model) = (Room::new(), sample("segments"));
    let input = room.file("in.csv", "channel,orders,amount,id\napp,4,120,x\n");
    let summary = room.score(&model, &input, "out.csv").unwrap();
    let columns = ["id", "segment", "distance", "margin", "novel", "flags", "model"];
    assert_eq!(room.load("out.csv").table.columns(), columns);
    // A model of before novelty does not say no; it says nothing.
    assert_eq!((room.rows("out.csv")[0][4].as_deref(), summary.novel), (None, None));
    assert!(!summary.to_text().contains("novel"));
    assert_eq!(summary.segments.iter().map(|s| s.rows).sum::<u64>(), 1);
    assert!(summary.grades.is_empty());
}

#[test]
fn novel_rows_are_named_and_counted() {
    let (room, model) = (Room::new(), sample_file("v3-segments"));
    let input =
        room.file("in.csv", "id,amount,orders,channel\na,120,4,web\nb,-5,-2,app\nc,500,9,web\nd,x,9,web\n");
    let summary = room.score(&model, &input, "out.csv").unwrap();
    let rows = room.rows("out.csv");
    let novel: Vec<_> = rows.iter().map(|row| row[4].as_deref()).collect();
    assert_eq!(novel, [Some("no"), Some("yes"), Some("no")]);
    // 0.587860... is what the second reader of the model crate says.
    assert!(rows[0][3].as_deref().unwrap().starts_with("0.58786034406123"), "{:?}", rows[0]);
    assert_eq!((summary.novel, summary.scored, summary.rejected), (Some(1), 3, 1));
    let text =
        "novel: 1 (33.3 %), farther from the centre of their segment than 99.9 % of its training rows\n";
    assert!(summary.to_text().contains(text), "{}", summary.to_text());
}

#[test]
fn fewer_reasons_are_fewer_columns() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", csv(&ROWS));
    let options = ScoreOptions { reasons: 1, ..room.options("out.csv") };
    score_file(&model, Input::file(&input), options, |_| {}).unwrap();
    let names = ["客户", "pd", "score", "grade", "reason_1", "flags", "model"];
    assert_eq!(room.load("out.csv").table.columns(), names);
}

/// What was written to a stream.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn streams_give_what_files_give() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", csv(&ROWS));
    room.score(&model, &input, "out.csv").unwrap();
    let (out, err) = (Shared::default(), Shared::default());
    let stream = |name: &str, to: &Shared| Output::Stream {
        name: name.to_owned(),
        format: Format::Csv,
        stream: Box::new(to.clone()),
    };
    let options =
        ScoreOptions { output: stream("out", &out), rejects: stream("err", &err), ..room.options("out.csv") };
    let stdin = Input::Stream {
        name: "stdin".to_owned(),
        format: Format::Csv,
        stream: Box::new(std::io::Cursor::new(csv(&ROWS).into_bytes())),
    };
    let summary = score_file(&model, stdin, options, |_| {}).unwrap();
    assert_eq!(summary.rejects, None);
    assert_eq!(*out.0.lock().unwrap(), std::fs::read(room.path("out.csv")).unwrap());
    assert_eq!(*err.0.lock().unwrap(), std::fs::read(room.path("rejects.csv")).unwrap());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}
