//! The same of both databases. PostgreSQL is asked where `ARREARS_TEST_POSTGRES` names a server (tests/postgres/with_server.sh).

use super::{History, RunRecord};
use crate::hysteresis::Held;
use crate::settings::Place;
use crate::standing::Standing;
use arrears_data::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrears_postgres::{Address, Append};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Runs a test on each database there is; in PostgreSQL in a schema of its own.
fn each(name: &str, test: impl Fn(&Place)) {
    let room = tempfile::tempdir().unwrap();
    test(&Place::File(room.path().join("h.sqlite")));
    let Some(server) = std::env::var_os("ARREARS_TEST_POSTGRES") else { return };
    let server = Path::new(&server);
    let port = fs::read_to_string(server.join("port")).unwrap();
    let url = format!("postgres://postgres@/postgres?host={}&port={}", server.display(), port.trim());
    let mut made = Append::begin(&Address::parse(&url).unwrap(), "a test", "select 1").unwrap();
    made.execute(&format!("drop schema if exists {name} cascade; create schema {name}")).unwrap();
    made.commit().unwrap();
    let url = format!("{url}&options=-c%20search_path%3D{name}");
    test(&Place::Postgres(Box::new(Address::parse(&url).unwrap())));
}

fn record(number: i64, moment: i64, assessed: i64) -> RunRecord {
    RunRecord {
        number,
        as_of: format!("2026-09-{number:02}"),
        moment,
        model: "shop".to_owned(),
        version: "1.0.0".to_owned(),
        model_sha256: "ab".to_owned(),
        config_sha256: "cd".to_owned(),
        overrides_sha256: None,
        program: "0.1.0".to_owned(),
        currency: "EUR".to_owned(),
        grades: ["优秀", "it's \"fair\"", "at risk"].map(str::to_owned).to_vec(),
        margin: 0.2,
        upgrade_runs: 2,
        customers: assessed + 3,
        assessed,
        rejected: 1,
        unknown: 2,
        gone: 0,
    }
}

/// Values that do not survive every way: doubles to the last bit, texts of all sorts, and what there is not.
fn standings(run: i64) -> (RecordBatch, Vec<(Standing, Held)>) {
    let grades = record(run, 0, 0).grades;
    let standing = |customer: &str, pd: f64, grade: usize, limit: Option<f64>, why: Option<&str>| {
        let standing = Standing {
            customer: customer.to_owned(),
            pd,
            score: limit.map(|limit| limit / 3.0),
            model_grade: 2,
            grade,
            limit,
            tier: why.map(|why| format!("tier {why}")),
            exposure: limit.map(|x| -x),
            why: why.map(str::to_owned),
        };
        (standing, Held { grade: 1, calls: "2,3".parse().unwrap() })
    };
    let rows = vec![
        standing("10", 0.1 + 0.2, 0, Some(1e300), Some("it's; \"so\",\n\\ 客户")),
        standing("9", f64::from_bits(0x3f50_624d_d2f1_a9fd), 1, Some(0.0), None),
        standing("ä ", 5e-324, 2, None, Some("hysteresis")),
    ];
    let number = |of: fn(&Standing) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(|(row, _)| of(row)).collect::<Float64Array>())
    };
    let text = |of: &dyn Fn(&(Standing, Held)) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    let whole = |x: i64| Arc::new(Int64Array::from(vec![x; rows.len()])) as ArrayRef;
    let grade = |of: fn(&(Standing, Held)) -> usize| text(&|row| Some(grades[of(row)].clone()));
    let columns = [
        ("run", whole(run)),
        ("customer", text(&|(row, _)| Some(row.customer.clone()))),
        ("pd", number(|row| Some(row.pd))),
        ("score", number(|row| row.score)),
        ("model_grade", grade(|(row, _)| row.model_grade)),
        ("grade", grade(|(row, _)| row.grade)),
        ("grade_rank", whole(1)),
        ("held_grade", grade(|(_, held)| held.grade)),
        ("calls", text(&|(_, held)| Some(held.calls.to_string()))),
        ("credit_limit", number(|row| row.limit)),
        ("tier", text(&|(row, _)| row.tier.clone())),
        ("exposure", number(|row| row.exposure)),
        ("why", text(&|(row, _)| row.why.clone())),
    ];
    (
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap(),
        rows,
    )
}

fn write(place: &Place, number: i64) {
    let mut history = History::open(place, true).unwrap();
    history.append(&standings(number).0).unwrap();
    history.commit(&record(number, number * 1_790_000_000_123_456, 3)).unwrap();
}

fn numbers(place: &Place) -> Vec<i64> {
    History::open(place, false).unwrap().runs().iter().map(|run| run.number).collect()
}

#[test]
fn what_is_written_is_read_to_the_last_bit() {
    each("roundtrip", |place| {
        assert_eq!(numbers(place), [0; 0], "there is none yet");
        write(place, 1);
        write(place, 2);
        let mut history = History::open(place, true).unwrap();
        let runs = history.runs().to_vec();
        assert_eq!(runs, [1, 2].map(|n| record(n, n * 1_790_000_000_123_456, 3)));
        let previous = history.standings(&runs[1]).unwrap();
        for (standing, held) in standings(2).1 {
            let at = previous.find(&standing.customer).unwrap();
            assert_eq!((previous.standing(at), previous.held(at)), (standing, held));
        }
        assert_eq!((previous.find("1"), previous.len()), (None, 3));
    });
}

#[test]
fn what_is_not_committed_never_was() {
    each("uncommitted", |place| {
        for commits in [false, true, false] {
            let before = numbers(place);
            let mut history = History::open(place, true).unwrap();
            history.remove_from(1).unwrap();
            history.append(&standings(1).0).unwrap();
            if commits {
                history.commit(&record(1, 5, 3)).unwrap();
                assert_eq!(numbers(place), [1]);
            } else {
                drop(history);
                assert_eq!(numbers(place), before);
            }
        }
        let mut history = History::open(place, false).unwrap();
        let run = history.runs()[0].clone();
        assert_eq!(history.standings(&run).unwrap().len(), 3);
    });
}

#[test]
fn a_run_and_those_after_it_make_way() {
    each("replaced", |place| {
        (1..=3).for_each(|number| write(place, number));
        let mut history = History::open(place, true).unwrap();
        history.remove_from(2).unwrap();
        history.append(&standings(2).0).unwrap();
        history.commit(&record(2, 7, 3)).unwrap();
        assert_eq!(numbers(place), [1, 2]);
    });
}

#[test]
fn one_writes_and_others_read() {
    each("locked", |place| {
        write(place, 1);
        let mut first = History::open(place, true).unwrap();
        first.append(&standings(2).0).unwrap();
        assert_eq!(numbers(place), [1]);
        let second = History::open(place, true).err().unwrap().to_string();
        assert!(second.contains("try again when that has ended"), "{second}");
        first.commit(&record(2, 9, 3)).unwrap();
        assert_eq!(numbers(place), [1, 2]);
    });
}

#[test]
fn a_history_that_was_tampered_with_is_told() {
    each("tampered", |place| {
        write(place, 1);
        let told = |change: &str| {
            let mut history = History::open(place, true).unwrap();
            let run = history.runs()[0].clone();
            history.store.as_mut().unwrap().execute(change).unwrap();
            // Others see it when it is there.
            history.store.take().unwrap().commit().unwrap();
            History::open(place, false).unwrap().standings(&run).err().unwrap().to_string()
        };
        let why = told("update arrears_standings set held_grade = 'x' where customer = '9'");
        assert!(why.contains("customer `9`: held_grade `x` is not a grade of the run"), "{why}");
        let why = told("update arrears_standings set held_grade = grade, calls = '4' where customer = '9'");
        assert!(why.contains("customer `9`: calls are not ranks"), "{why}");
        let why = told("delete from arrears_standings where customer = '9'");
        assert!(why.contains("run 1 has 2 standings and counts 3"), "{why}");
    });
}

#[test]
fn what_is_no_history_is_left_alone() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("notes.txt");
    fs::write(&file, "no database, but long enough to be taken for one; ".repeat(40)).unwrap();
    let error = History::open(&Place::File(file.clone()), true).err().unwrap().to_string();
    assert!(error.contains("notes.txt") && error.contains("name another file"), "{error}");
    assert!(fs::read_to_string(&file).unwrap().starts_with("no database"));
    let nowhere = Place::File(room.path().join("none/h.sqlite"));
    assert!(
        History::open(&nowhere, true).err().unwrap().to_string().contains("check the name and the folder")
    );
}
