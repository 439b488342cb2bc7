//! What cannot be scored: exit code 2, a message that names the file and the way out, and no output file.

use crate::common::{CUSTOMERS, Room, sample};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;

#[track_caller]
fn refused(room: &Room, data: &str, parts: &[&str]) {
    let before = room.names();
    let run = room.run(&["score", "model", data, "-o", "out.csv"]).ends(2).says(&["error: "]).says(parts);
    assert_eq!(run.out, "");
    assert_eq!(room.names(), before);
}

#[test]
fn wrong_header() {
    let room = Room::with_model();
    room.file("new.csv", "客户,Age,dayslate\nc1,33,0\n");
    let near = ["rename `Age` to `age`", "rename `dayslate` to `days_late`"];
    refused(&room, "new.csv", &["new.csv", "`age`, `days_late`, `home`, `码`", near[0], near[1], "help: "]);
    room.file("twice.csv", "客户,age,age,days_late,home,码\nc1,33,33,0,owner,1\n");
    refused(&room, "twice.csv", &["twice.csv", "`age`"]);
}

#[test]
fn empty_file_and_header_alone() {
    let room = Room::with_model();
    room.file("empty.csv", "");
    refused(&room, "empty.csv", &["empty.csv", "is empty"]);
    room.file("header.csv", CUSTOMERS.lines().next().unwrap());
    let run = room.run(&["score", "model", "header.csv"]).ends(0).says(&["no rows"]);
    assert_eq!(run.out.lines().count(), 1);
}

#[test]
fn truncated_gzip() {
    let room = Room::with_model();
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(CUSTOMERS.as_bytes()).unwrap();
    let bytes = writer.finish().unwrap();
    room.file("whole.csv.gz", &bytes);
    room.run(&["score", "model", "whole.csv.gz"]).ends(0);
    room.file("cut.csv.gz", &bytes[..bytes.len() - 9]);
    refused(&room, "cut.csv.gz", &["cut.csv.gz", "truncated"]);
}

#[test]
fn bad_utf8_is_a_reject_in_a_row_and_an_error_in_the_header() {
    let room = Room::with_model();
    let mut bytes = CUSTOMERS.as_bytes().to_vec();
    bytes.extend_from_slice(b"c4,33,0,\xff\xfe,1\n");
    room.file("new.csv", &bytes);
    let run = room.run(&["score", "model", "new.csv"]).ends(0);
    run.says(&["\n5,,home,", "expected UTF-8 text", "3 of 4 rows scored"]);
    room.file("header.csv", b"\xff\xfe\xfd,age\n1,2\n");
    refused(&room, "header.csv", &["header.csv", "UTF-"]);
}

#[test]
fn a_file_in_latin_1_says_how_to_convert_it() {
    let room = Room::new();
    room.file("all.csv", b"name,status\nM\xfcller,good\nM\xfcllerin,bad\n");
    let run = room.run(&["train", "all.csv", "--target", "status"]).ends(2);
    let run = run.says(&["line 2: expected UTF-8 text", "`iconv -f LATIN1 -t UTF-8`"]);
    assert!(!run.err.contains("delimiter"), "{}", run.err);
    // Where only some rows hold such letters, the others are used and the report says the same.
    room.file("some.csv", b"x,status\n1,0\n2,1\n\xfc,1\n1,1\n2,0\n");
    room.run(&["bin", "some.csv", "--target", "status"]).ends(0).prints(&["`iconv -f LATIN1 -t UTF-8`"]);
}

#[test]
fn wrong_kind_of_file() {
    let room = Room::with_model();
    room.file("new.xlsx", CUSTOMERS);
    refused(&room, "new.xlsx", &["new.xlsx", "no known extension", ".parquet"]);
    room.file("new.parquet", CUSTOMERS);
    refused(&room, "new.parquet", &["new.parquet"]);
    room.file("zip.csv", b"PK\x03\x04 something");
    refused(&room, "zip.csv", &["zip.csv", "spreadsheet"]);
    refused(&room, "nowhere.csv", &["nowhere.csv", "cannot open"]);
    refused(&room, "model", &["model"]);
}

#[test]
fn output_that_would_destroy_the_input() {
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    room.run(&["score", "model", "new.csv", "-o", "./new.csv"]).ends(2).says(&["input and output"]);
    assert_eq!(room.read("new.csv"), CUSTOMERS);
}

#[test]
fn missing_and_corrupt_models() {
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    let bytes = fs::read(sample("scorecard")).unwrap();
    room.file("cut.json", &bytes[..bytes.len() - 200]);
    let changed = String::from_utf8(bytes).unwrap().replace("\"intercept\": -1.5", "\"intercept\": -9.5");
    room.file("changed.json", changed);
    room.file("other.json", "{\"a\": 1}");
    fs::create_dir(room.path("nothing")).unwrap();
    for (model, part) in [
        ("nowhere.json", "cannot read model"),
        ("nothing", "model.json"),
        ("cut.json", "sha256"),
        ("changed.json", "checksum mismatch"),
        ("other.json", "is JSON of another kind"),
    ] {
        for args in
            [vec!["score", model, "new.csv"], vec!["inspect", model], vec!["validate", model, "new.csv"]]
        {
            let run = room.run(&args).ends(2).says(&["error: ", model, part, "help: "]);
            assert_eq!(run.out, "");
        }
    }
}
