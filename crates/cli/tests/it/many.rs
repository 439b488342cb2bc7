//! Many files into a folder, and runs that are killed.

use crate::common::{CUSTOMERS, Room};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What a folder holds: names and bytes; without the manifest, whose lines hold times.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let named = entries.map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    });
    named.filter(|(name, _)| name != ".arrears-score.ndjson").collect()
}

fn branches(room: &Room, count: usize, rows: usize) {
    fs::create_dir(room.path("new")).unwrap();
    for file in 0..count {
        let row = |n: usize| match n % 50 {
            7 => format!("{file}-{n},33,late,owner,1\n"),
            _ => format!("{file}-{n},{},{},owner,{}\n", 20 + n % 60, n % 40, n % 3),
        };
        let rows: String = (0..rows).map(row).collect();
        room.file(&format!("new/b{file}.csv"), format!("客户,age,days_late,home,码\n{rows}"));
    }
}

#[test]
fn files_and_patterns_go_into_a_folder() {
    let room = Room::with_model();
    branches(&room, 3, 20);
    room.file("one.csv", CUSTOMERS);
    room.run(&["score", "model", "one.csv", "new/*.csv", "-o", "out/"])
        .ends(0)
        .says(&["4 files: 63 rows, 3 rejected"]);
    let names: Vec<String> = files(&room.path("out")).into_keys().collect();
    let rejects = ["b0.csv", "b1.csv", "b2.csv"].map(|name| format!("{name}.rejects.csv"));
    assert_eq!(names, ["b0.csv", &rejects[0], "b1.csv", &rejects[1], "b2.csv", &rejects[2], "one.csv"]);
    let alone = room.run(&["score", "model", "new/b1.csv"]).ends(0);
    assert_eq!(room.read("out/b1.csv"), alone.out);
    room.run(&["score", "model", "one.csv", "-o", "out/", "--format", "ndjson"]).ends(0);
    assert_eq!(room.read("out/one.ndjson").lines().count(), 3);
}

#[test]
fn what_cannot_be_meant_is_said() {
    let room = Room::with_model();
    branches(&room, 2, 5);
    let says = |args: &[&str], text: &str| {
        room.run(&[&["score", "model"], args].concat()).ends(2).says(&[text]);
    };
    says(&["new/b0.csv", "new/b1.csv"], "2 files need a folder to write to: -o FOLDER/");
    says(&["new/b0.csv", "--resume"], "--resume needs a folder");
    says(&["new/x*.csv", "-o", "out/"], "no file is called as `new/x*.csv`");
    says(&["-", "-o", "out/"], "standard input cannot go into a folder");
    says(&["new/b0.csv", "new/b0.csv", "-o", "out/"], "would both be written to");
    says(&["new/*.csv", "-o", "out/", "--rejects", "r.csv"], "--rejects is for one file");
    says(&["new/*.csv", "-o", "new/"], "input and output are both");
    assert!(!room.path("out").exists());
}

/// An output counts only as long as model, options, input and output are what they were.
#[test]
fn resume_believes_nothing_but_its_notes() {
    let room = Room::with_model();
    branches(&room, 3, 20);
    let run =
        |more: &[&str]| room.run(&[&["score", "model", "new/*.csv", "-o", "out/"], more].concat()).ends(0);
    fs::create_dir(room.path("out")).unwrap();
    room.file("out/b0.csv", "of another program");
    run(&["--resume"]).says(&["3 files: 60 rows"]);
    let whole = files(&room.path("out"));
    assert!(whole["b0.csv"].starts_with("客户,pd".as_bytes()));
    run(&["--resume"]).says(&["3 files, 3 of them earlier: 60 rows, 3 rejected"]);
    run(&["--resume", "--reasons", "1"]).says(&["3 files: 60 rows"]);
    run(&["--resume"]).says(&["3 files: 60 rows"]);
    run(&[]).says(&["3 files: 60 rows"]);

    let input = room.read("new/b1.csv");
    room.file("new/b1.csv", input.replace("1-3,23", "1-3,24"));
    run(&["--resume"]).says(&["3 files, 2 of them earlier"]);
    room.file("new/b1.csv", input);
    fs::remove_file(room.path("out/b2.csv.rejects.csv")).unwrap();
    run(&["--resume"]).says(&["3 files, 1 of them earlier"]);
    room.file("out/b0.csv", "changed");
    run(&["--resume"]).says(&["3 files, 2 of them earlier"]);
    let notes = fs::read_to_string(room.path("out/.arrears-score.ndjson")).unwrap();
    room.file("out/.arrears-score.ndjson", &notes[..notes.len() - 30]);
    run(&["--resume"]).says(&["3 files, 2 of them earlier"]);
    assert_eq!(files(&room.path("out")), whole);
}

/// A time of modification that was set back hides no change.
#[cfg(unix)]
#[test]
fn resume_sees_a_change_in_the_middle_of_a_file() {
    let room = Room::with_model();
    branches(&room, 2, 20_000);
    let run =
        |more: &[&str]| room.run(&[&["score", "model", "new/*.csv", "-o", "out/"], more].concat()).ends(0);
    run(&[]);
    let before = fs::read(room.path("new/b0.csv")).unwrap();
    let time = fs::metadata(room.path("new/b0.csv")).unwrap().modified().unwrap();
    let mut text = String::from_utf8(before).unwrap();
    let middle = text.len() / 2 + text[text.len() / 2..].find("owner").unwrap();
    text.replace_range(middle..middle + 5, "rent ");
    room.file("new/b0.csv", text);
    fs::File::options().append(true).open(room.path("new/b0.csv")).unwrap().set_modified(time).unwrap();
    run(&["--resume"]).says(&["2 files, 1 of them earlier"]);
    run(&["--resume"]).says(&["2 files, 2 of them earlier"]);
}

#[test]
fn a_file_that_cannot_be_scored_keeps_no_other_from_it() {
    let room = Room::with_model();
    branches(&room, 4, 20);
    let good = [room.read("new/b0.csv"), room.read("new/b2.csv")];
    room.run(&["score", "model", "new/*.csv", "-o", "whole/"]).ends(0);
    room.run(&["score", "model", "new/b0.csv", "-o", "out/"]).ends(0);
    room.file("new/b0.csv", good[0].replace("days_late", "late"));
    room.file("new/b2.csv", good[1][..good[1].len() - 9].replace("2-13,", "2-13,\""));
    let args = ["score", "model", "new/*.csv", "new/none.csv", "-o", "out/"];
    room.run(&args)
        .ends(2)
        .says(&["2 files: 40 rows, 2 rejected", "3 of 5 files could not be scored; --resume"])
        .says(&["`new/b0.csv` lacks a column of the model: `days_late`", "`out/b0.csv` of an earlier run"])
        .says(&["`new/b2.csv`: ", "line 15", "`new/none.csv`: "]);
    let whole = files(&room.path("whole"));
    let out = files(&room.path("out"));
    assert_eq!((&out["b1.csv"], &out["b3.csv"]), (&whole["b1.csv"], &whole["b3.csv"]));
    assert!(!out.contains_key("b2.csv"), "no half file");

    room.file("new/b0.csv", &good[0]);
    room.run(&["score", "model", "new/*.csv", "-o", "out/", "--resume"])
        .ends(2)
        .says(&["3 files, 2 of them earlier", "1 of 4 files could not be scored"]);
    room.file("new/b2.csv", &good[1]);
    room.run(&["score", "model", "new/*.csv", "-o", "out/", "--resume"])
        .ends(0)
        .says(&["4 files, 3 of them earlier: 80 rows, 4 rejected"]);
    assert_eq!(files(&room.path("out")), whole);
}

/// Starts a run and kills it after some time; whether it had ended by itself is returned.
fn killed(room: &Room, args: &[&str], after: Duration) -> bool {
    let mut command = room.command(args);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let ended = child.try_wait().unwrap().is_some();
    // On Unix this is SIGKILL.
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

/// 200 kills where larger data sets are tested too, else 20.
fn kills() -> u32 {
    if std::env::var_os("DATASETS_DIR").is_some() { 200 } else { 20 }
}

#[test]
fn a_killed_run_leaves_whole_files_and_resume_ends_it() {
    let room = Room::with_model();
    branches(&room, 5, 4_000);
    let start = Instant::now();
    room.run(&["score", "model", "new/*.csv", "-o", "whole/"]).ends(0);
    let takes = start.elapsed();
    let whole = files(&room.path("whole"));
    let args = ["score", "model", "new/*.csv", "-o", "out/", "--resume"];
    let (mut kills, mut dice, mut cut) = (kills(), 1_u64, 0);
    while kills > 0 {
        let _ = fs::remove_dir_all(room.path("out"));
        let mut kept = BTreeMap::new();
        for _ in 0..3 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let ended = killed(&room, &args, takes.mul_f64((dice >> 40) as f64 / (1 << 24) as f64));
            kills = kills.saturating_sub(1);
            cut += u32::from(!ended);
            let found = files(&room.path("out"));
            for (name, bytes) in found.iter().filter(|(name, _)| !name.ends_with(".tmp")) {
                assert_eq!(Some(bytes), whole.get(name), "{name} is torn");
            }
            // What a run has noted as finished is not written again.
            let times = noted(&room.path("out"));
            kept.iter().for_each(|(name, time)| assert_eq!(times.get(name), Some(time), "{name}"));
            kept = times;
        }
        room.run(&args).ends(0).says(&["5 files"]);
        assert_eq!(files(&room.path("out")), whole);
        let times = noted(&room.path("out"));
        assert_eq!(times.len(), 5);
        kept.iter().for_each(|(name, time)| assert_eq!(times.get(name), Some(time), "{name}"));
    }
    assert!(cut > 0, "no run was killed while it ran");
}

/// The outputs that the manifest notes, each once, and when they were written.
fn noted(folder: &Path) -> BTreeMap<String, std::time::SystemTime> {
    let text = fs::read_to_string(folder.join(".arrears-score.ndjson")).unwrap_or_default();
    let mut noted = BTreeMap::new();
    for line in text.lines().skip(1) {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let output = Path::new(line["output"].as_str().unwrap());
        let name = output.file_name().unwrap().to_str().unwrap().to_owned();
        let time = fs::metadata(folder.join(&name)).unwrap().modified().unwrap();
        assert!(noted.insert(name, time).is_none(), "{text}");
    }
    noted
}

#[test]
fn a_killed_run_leaves_the_old_output() {
    let room = Room::with_model();
    branches(&room, 1, 10_000);
    for name in ["out.csv", "out.csv.gz", "out.parquet", "out.ndjson"] {
        let args = ["score", "model", "new/b0.csv", "-o", name];
        let start = Instant::now();
        room.run(&args).ends(0);
        let (takes, whole) = (start.elapsed(), fs::read(room.path(name)).unwrap());
        for n in 0..kills() / 10 {
            room.file(name, "old");
            killed(&room, &args, takes * n / (kills() / 10));
            let found = fs::read(room.path(name)).unwrap();
            assert!(found == b"old" || found == whole, "{name} is torn");
        }
        // The next run takes away what the killed ones left behind.
        room.run(&args).ends(0);
        assert!(room.names().iter().all(|found| !found.ends_with(".tmp")), "{:?}", room.names());
    }
}
