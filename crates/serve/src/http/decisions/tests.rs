//! Journals that are cut, damaged, failed and opened again; read by a second, plain reader of chains.

use crate::http::answer_json;
use crate::http::decisions::journal::{Journal, Record};
use crate::http::decisions::kept_models::MODELS;
use crate::http::decisions::segment::{path_of, segments};
use crate::http::options::DecisionLogOptions;
use crate::http::outcome::{Customer, Outcome};
use crate::http::served::Served;
use crate::load::load_file;
use arrears_model::Scored;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A folder in memory where there is one: thousands of logs are opened, each with several fsyncs.
fn room() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn served() -> Arc<Served> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/credit-tree/1.1.0/model.json");
    let (model, file) = load_file(&file).unwrap();
    Arc::new(Served::new(model, file))
}

fn options(folder: &Path, segment_bytes: u64) -> DecisionLogOptions {
    DecisionLogOptions { folder: folder.to_owned(), segment_bytes }
}

fn open(folder: &Path) -> Journal {
    Journal::open(&options(folder, 1 << 20)).unwrap()
}

/// Appends decisions that say their own sequence number; a batch a count.
fn append(journal: &mut Journal, served: &Arc<Served>, batches: &[usize]) {
    for count in batches {
        let first = journal.standing().seq + 1;
        let record =
            |n| Record { served: served.clone(), text: format!(r#""body":"\u00e9 {n}""#).into_bytes() };
        journal.append(&(first..first + *count as u64).map(record).collect::<Vec<_>>()).unwrap();
    }
}

/// The sequence numbers of a log whose chain is whole, by the rule of docs/serve.md.
fn read(folder: &Path) -> Vec<u64> {
    let (mut prev, mut found) = ("0".repeat(64), Vec::new());
    for number in segments(folder).unwrap() {
        let text = fs::read_to_string(path_of(folder, number)).unwrap();
        assert!(text.ends_with('\n'));
        for (at, line) in text.lines().enumerate() {
            let (sealed, rest) = line.rsplit_once(",\"hash\":").unwrap();
            let hash: String = Sha256::digest(sealed).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(rest, format!("\"{hash}\"}}"));
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["prev"], prev.as_str());
            prev = hash;
            if at == 0 {
                assert_eq!(
                    (&line["segment"], &line["after"]),
                    (&number.into(), &(found.len() as u64).into())
                );
            } else {
                found.push(line["seq"].as_u64().unwrap());
                assert_eq!(line["body"], format!("\u{e9} {}", found.len()));
            }
        }
    }
    assert_eq!(found, (1..=found.len() as u64).collect::<Vec<_>>());
    found
}

/// A log of five decisions, written in batches of 1, 2 and 2; its segment's bytes, and where each line ends.
fn five(served: &Arc<Served>) -> (TempDir, Vec<u8>, Vec<usize>) {
    let folder = room();
    append(&mut open(folder.path()), served, &[1, 2, 2]);
    let bytes = fs::read(path_of(folder.path(), 1)).unwrap();
    let ends = (1..=bytes.len()).filter(|end| bytes[end - 1] == b'\n').collect();
    (folder, bytes, ends)
}

#[test]
fn a_segment_cut_anywhere_keeps_its_whole_lines() {
    let served = served();
    let (folder, bytes, ends) = five(&served);
    let (log, torn) = (path_of(folder.path(), 1), path_of(folder.path(), 1).with_extension("torn"));
    for cut in 0..=bytes.len() {
        fs::write(&log, &bytes[..cut]).unwrap();
        let _ = fs::remove_file(&torn);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let opened = Journal::open(&options(folder.path(), 1 << 20));
        if whole == 0 {
            // A header has its name only once it is whole.
            assert!(opened.err().unwrap().to_string().contains("line 1: expected the header"));
            continue;
        }
        let mut journal = opened.unwrap();
        let rest = &bytes[ends[whole - 1]..cut];
        assert_eq!((journal.standing().seq, journal.standing().torn), (whole as u64 - 1, rest.len() as u64));
        assert_eq!(fs::read(&torn).unwrap_or_default(), rest, "what is cut off is kept");
        append(&mut journal, &served, &[1]);
        assert_eq!(read(folder.path()).len(), whole);
    }
}

#[test]
fn damage_is_cut_off_where_nothing_was_answered_and_refused_elsewhere() {
    let served = served();
    let (folder, bytes, ends) = five(&served);
    let log = path_of(folder.path(), 1);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&log, &changed).unwrap();
        let line = ends.iter().filter(|end| **end <= at).count();
        match Journal::open(&options(folder.path(), 1 << 20)) {
            // Decisions 4 and 5 were written together, and nothing says that they were on the disk.
            Ok(journal) => {
                assert!(line > 3, "byte {at}");
                assert_eq!(journal.standing().seq, line as u64 - 1);
            }
            Err(error) => {
                assert!(line <= 3, "byte {at}: {error}");
                assert_eq!(fs::read(&log).unwrap(), changed, "nothing is touched");
                assert!(error.to_string().contains(&format!("line {}", line + 1)), "{error}");
            }
        }
    }
    // A power cut may lose the first page of a batch and keep the second.
    let mut holes = bytes.clone();
    holes[ends[3]..ends[4] - 7].fill(0);
    fs::write(&log, &holes).unwrap();
    assert_eq!(open(folder.path()).standing().seq, 3);
    assert_eq!(read(folder.path()), [1, 2, 3]);
}

#[test]
fn segments_continue_the_chain() {
    let (folder, served) = (room(), served());
    for _ in 0..3 {
        let mut journal = Journal::open(&options(folder.path(), 1_000)).unwrap();
        append(&mut journal, &served, &[1; 20]);
    }
    assert_eq!(read(folder.path()).len(), 60);
    let names = segments(folder.path()).unwrap();
    assert!(names.len() > 10);
    let most = names.iter().map(|n| fs::metadata(path_of(folder.path(), *n)).unwrap().len()).max().unwrap();
    assert!(most < 1_400, "{most}");
    fs::remove_file(path_of(folder.path(), 5)).unwrap();
    let error = Journal::open(&options(folder.path(), 1_000)).err().unwrap().to_string();
    assert!(error.contains("decisions-00000005.ndjson` is missing"), "{error}");
}

#[test]
fn one_process_at_a_time() {
    let folder = room();
    let journal = open(folder.path());
    let error = Journal::open(&options(folder.path(), 1)).err().unwrap().to_string();
    assert!(error.contains("another service writes to it"), "{error}");
    drop(journal);
    open(folder.path());
}

#[test]
fn a_failed_write_is_cut_back_and_the_log_goes_on() {
    let (folder, served) = (room(), served());
    let mut journal = open(folder.path());
    let log = path_of(folder.path(), 1);
    let fail = |journal: &mut Journal, log: &Path| {
        // As a full disk does: part of the lines is written, then an error.
        OpenOptions::new().append(true).open(log).unwrap().write_all(b"{\"seq\":1,\"dur").unwrap();
        journal.break_file(File::open(log).unwrap());
        let record = Record { served: served.clone(), text: b"\"body\":1".to_vec() };
        let before = journal.standing();
        assert!(journal.append(std::slice::from_ref(&record)).is_err());
        assert!(journal.mend().is_err() && journal.is_damaged());
        assert!(journal.append(&[record]).is_err(), "nothing is written before it is mended");
        assert_eq!((journal.standing().seq, journal.standing().hash), (before.seq, before.hash));
        journal.break_file(OpenOptions::new().append(true).open(log).unwrap());
        journal.mend().unwrap();
    };
    fail(&mut journal, &log);
    assert_eq!(journal.standing().segment, 1, "an empty segment is begun anew");
    append(&mut journal, &served, &[2]);
    fail(&mut journal, &log);
    assert_eq!(journal.standing().segment, 2);
    append(&mut journal, &served, &[1, 1]);
    assert_eq!(read(folder.path()), [1, 2, 3, 4]);
    drop(journal);
    assert_eq!(open(folder.path()).standing().torn, 0);
}

#[test]
fn a_damaged_copy_of_a_model_is_written_anew() {
    let (folder, served) = (room(), served());
    let copy = folder.path().join(MODELS).join(format!("{}.json", served.model.sha256()));
    for spoiled in [&b""[..], b"x"] {
        append(&mut open(folder.path()), &served, &[1]);
        assert_eq!(fs::read(&copy).unwrap(), served.file);
        fs::write(&copy, spoiled).unwrap();
    }
}

#[test]
fn numbers_of_a_line_read_back_to_the_same_bits() {
    let served = served();
    let mut runner =
        TestRunner::new(Config { cases: 20_000, failure_persistence: None, ..Config::default() });
    let done = runner.run(&any::<u64>().prop_map(f64::from_bits), |x| {
        prop_assume!(x.is_finite());
        let scored = Scored { pd: Some(x), ..Scored::default() };
        let customer =
            Customer { id: None, outcome: Outcome::Scored { scored, absent: Vec::new(), overridden: None } };
        let mut rows = Vec::new();
        answer_json::rows(&mut rows, &served.words, &[customer]);
        let rows: serde_json::Value = serde_json::from_slice(&rows).unwrap();
        prop_assert_eq!(rows[0]["pd"].as_f64().unwrap().to_bits(), x.to_bits());
        Ok(())
    });
    done.unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = room();
    let log = folder.path().join("a/log");
    drop(open(&log));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&log), mode(&path_of(&log, 1))), (0o700, 0o600));
}
