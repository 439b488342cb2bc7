//! What cannot be scored is named, and leaves the files of earlier runs alone.

use crate::common::{Room, csv, sample};
use arrears_serve::{Input, ScoreOptions, ServeError, load_model, score_file};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;

const ROW: [&str; 5] = ["1", "33", "0", "owner", "1"];

#[test]
fn every_missing_column_is_named_with_near_names() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", "客户,Age,Days Late,home\n1,33,0,owner\n");
    let error = room.score(&model, &input, "out.csv").unwrap_err();
    let ServeError::MissingColumns { missing, hints, .. } = &error else { panic!("{error}") };
    assert_eq!(missing, &["age", "days_late", "码"]);
    assert_eq!(hints, &["rename `Age` to `age`", "rename `Days Late` to `days_late`"]);
    let text = error.to_string();
    assert!(text.contains("in.csv") && text.contains("it has `客户`, `Age`, `Days Late`, `home`"), "{text}");
    assert_eq!(room.names(), ["in.csv"]);
}

#[test]
fn a_truncated_file_leaves_no_output() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    let rows: Vec<[String; 5]> =
        (0..30_000).map(|n| ROW.map(|v| if v == "1" { n.to_string() } else { v.into() })).collect();
    let rows: Vec<[&str; 5]> = rows.iter().map(|r| r.each_ref().map(String::as_str)).collect();
    writer.write_all(csv(&rows).as_bytes()).unwrap();
    let whole = writer.finish().unwrap();
    let input = room.file("in.csv.gz", &whole[..whole.len() - 100]);
    let error = room.score(&model, &input, "out.csv").unwrap_err();
    assert!(error.to_string().contains("truncated"), "{error}");
    assert_eq!(room.names(), ["in.csv.gz"]);

    room.file("out.csv", "earlier");
    room.file("rejects.csv", "earlier");
    room.score(&model, &input, "out.csv").unwrap_err();
    assert_eq!(fs::read_to_string(room.path("out.csv")).unwrap(), "earlier");
    assert_eq!(fs::read_to_string(room.path("rejects.csv")).unwrap(), "earlier");
}

#[test]
fn a_header_without_rows_gives_a_header_and_a_note() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", csv(&[]));
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert_eq!((summary.rows, summary.scored, summary.rejected), (0, 0, 0));
    assert!(summary.notes.iter().any(|n| n.contains("no rows")), "{:?}", summary.notes);
    let out = fs::read_to_string(room.path("out.csv")).unwrap();
    assert_eq!(out, "客户,pd,score,grade,reason_1,reason_2,reason_3,reason_4,flags,model\n");
}

#[test]
fn an_empty_file_is_an_error() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", "");
    let error = room.score(&model, &input, "out.csv").unwrap_err();
    assert!(error.to_string().contains("empty"), "{error}");
    assert_eq!(room.names(), ["in.csv"]);
}

#[test]
fn rejects_of_an_earlier_run_are_removed() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let broken = room.file("broken.csv", csv(&[ROW, ["2", "33", "late", "owner", "1"]]));
    let summary = room.score(&model, &broken, "out.csv").unwrap();
    assert!(summary.rejects.unwrap().ends_with("rejects.csv"));
    let fine = room.file("fine.csv", csv(&[ROW]));
    room.score(&model, &fine, "out.csv").unwrap();
    assert!(!room.path("rejects.csv").exists());
}

#[test]
fn input_output_and_rejects_are_three_files() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", csv(&[ROW]));
    let error = room.score(&model, &input, "in.csv").unwrap_err();
    assert!(matches!(error, ServeError::SameFile { one: "input", other: "output", .. }), "{error}");
    let error = room.score(&model, &input, "rejects.csv").unwrap_err();
    assert!(matches!(error, ServeError::SameFile { one: "output", other: "rejects", .. }), "{error}");
    assert_eq!(fs::read_to_string(&input).unwrap(), csv(&[ROW]));
}

#[test]
fn ids_come_from_the_model_the_option_or_the_line() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input =
        room.file("in.csv", "age,days_late,home,码,key,score\n33,0,owner,1,k1,5\n\n33,0,owner,1,k2,5\n");
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert!(summary.notes.iter().any(|n| n.contains("`客户`")), "{:?}", summary.notes);
    assert_eq!(room.load("out.csv").table.columns()[0], "row");
    let ids: Vec<_> = room.rows("out.csv").into_iter().map(|r| r[0].clone().unwrap()).collect();
    assert_eq!(ids, ["2", "4"]);

    let score = |id: &str| {
        let options = ScoreOptions { id: Some(id.to_owned()), ..room.options("out.csv") };
        score_file(&model, Input::file(&input), options, |_| {})
    };
    score("key").unwrap();
    assert_eq!(room.rows("out.csv")[1][0].as_deref(), Some("k2"));
    assert!(matches!(score("kee").unwrap_err(), ServeError::NoIdColumn { .. }));
    assert!(matches!(score("score").unwrap_err(), ServeError::IdName { .. }));
}

#[test]
fn more_than_four_reasons_are_refused() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", csv(&[ROW]));
    let options = ScoreOptions { reasons: 5, ..room.options("out.csv") };
    let error = score_file(&model, Input::file(&input), options, |_| {}).unwrap_err();
    assert!(matches!(error, ServeError::Reasons { found: 5 }), "{error}");
}

#[test]
fn another_kind_of_file_is_named_for_what_it_is() {
    let room = Room::new();
    let recipe = "# mine\nname = \"x\"\n\n[data]\ntarget = \"status\"\n";
    let cases: [(&str, &[u8], &str); 13] = [
        ("data.csv", b"id,age\n1,33\n", "looks like CSV"),
        ("data.tsv", b"\xef\xbb\xbfid\tage\r\n1\t33\r\n", "looks like CSV"),
        ("rows.ndjson", b"{\"id\": 1}\n{\"id\": 2}\n", "looks like NDJSON"),
        ("plot.png", b"\x89PNG\r\n\x1a\n\0\0", "is an image (PNG)"),
        ("data.parquet", b"PAR1....PAR1", "is a Parquet file"),
        ("book.xlsx", b"PK\x03\x04....", "is a zip file or a spreadsheet"),
        ("recipe.toml", recipe.as_bytes(), "looks like a recipe (TOML), which `arrears train` takes"),
        (
            "bare.toml",
            b"[data]\npath = \"x.csv\"\n",
            "looks like a recipe (TOML), which `arrears train` takes",
        ),
        ("other.json", b"{\n  \"a\": 1\n}\n", "is JSON of another kind"),
        ("card.md", b"# A card\n\nOf a model\n", "is text of another kind"),
        ("blank", b" \n\n", "holds only blanks"),
        ("nothing", b"", "is empty"),
        ("noise", b"\x00\xfe\x01\x02", "is binary, of no kind known here"),
    ];
    for (name, bytes, found) in cases {
        let file = room.file(name, bytes);
        let error = load_model(&file).unwrap_err();
        assert!(matches!(&error, ServeError::NotAModel { found: f, .. } if *f == found), "{name}: {error}");
        let text = error.to_string();
        assert!(
            text.contains(name) && text.contains("expected the `model.json` of a trained model"),
            "{text}"
        );
    }
}

#[test]
fn models_that_cannot_be_loaded_are_named() {
    let room = Room::new();
    let error = load_model(&room.path("nowhere.json")).unwrap_err().to_string();
    assert!(error.contains("nowhere.json"), "{error}");

    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/tests/samples/v1-tree.json");
    let bytes = fs::read(samples).unwrap();
    let cut = room.file("cut.json", &bytes[..bytes.len() / 2]);
    let error = load_model(&cut).unwrap_err();
    assert!(matches!(&error, ServeError::Model { .. }) && error.to_string().contains("cut.json"), "{error}");

    let text = String::from_utf8(bytes.clone()).unwrap();
    let saved_again = room.file("dos.json", text.replace('\n', "\r\n"));
    assert!(matches!(load_model(&saved_again).unwrap_err(), ServeError::Model { .. }));

    fs::create_dir_all(room.path("models/1.0.0")).unwrap();
    fs::write(room.path("models/1.0.0/model.json"), &bytes).unwrap();
    load_model(&room.path("models/1.0.0")).unwrap();
    let error = load_model(&room.path("models")).unwrap_err().to_string();
    assert!(error.contains("1.0.0"), "{error}");
}
