//! Rows from a PostgreSQL query: the same numbers as from a file, and what is said of queries that cannot be used.

use crate::common::Room;
use crate::server::{Database, bits, repository, room_with, skipped};
use std::path::Path;

const MODELS: [&str; 4] =
    ["credit-scorecard/1.1.0", "credit-scorecard-plus/1.1.0", "credit-tree/1.1.0", "credit-segments/1.1.0"];

/// The columns of a CSV file, those of numbers of the SQL type `number`.
fn columns(csv: &str, number: &str) -> String {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let kind = |at: usize| {
        let numbers = rows.iter().all(|row| row[at].is_empty() || row[at].parse::<f64>().is_ok());
        if numbers { number } else { "text" }
    };
    let columns = header.iter().enumerate().map(|(at, name)| format!("\"{name}\" {}", kind(at)));
    columns.collect::<Vec<_>>().join(", ")
}

/// Scores the file and the table that holds it: the outputs have the same bytes, and a table holds the same numbers bit for bit.
fn agrees(database: &Database, room: &Room, file: &str, id: &str, number: &str) {
    let url = database.url();
    database.sql("drop table if exists customers, scores");
    database.sql(&format!("create table customers ({})", columns(&room.read(file), number)));
    database.load("customers", room.path(file).to_str().unwrap());
    room.run(&["score", "model", file, "-o", "file.csv"]).ends(0);
    let query = format!("select * from customers order by \"{id}\"::int");
    room.run(&["score", "model", "--from", &url, "--query", &query, "-o", "table.csv"]).ends(0);
    assert_eq!(room.read("table.csv"), room.read("file.csv"), "{number}");
    let rows = room.read("file.csv").lines().count() - 1;
    let args =
        ["score", "model", "--from", &url, "--query", "table customers", "--to", &url, "--table", "scores"];
    room.run(&args).ends(0).says(&["which was made", "0 updated"]);
    let held = database.csv(&format!("select * from scores order by \"{id}\"::int"));
    assert_eq!(bits(&held), bits(&room.read("file.csv")));
    assert_eq!(database.sql("select count(*) from scores"), rows.to_string());
}

#[test]
fn a_table_is_scored_as_the_file_that_it_was_loaded_from() {
    let Some(database) = Database::new("agrees") else { return };
    for model in MODELS {
        let room = room_with(model);
        for number in ["numeric", "double precision", "text"] {
            agrees(&database, &room, "data.csv", "id", number);
        }
    }
}

#[test]
fn card_holders_of_taiwan() {
    let Some(folder) = std::env::var_os("DATASETS_DIR") else { return skipped("DATASETS_DIR is not set") };
    let Some(database) = Database::new("taiwan") else { return };
    let file = Path::new(&folder).join("taiwan_default");
    let found = std::fs::read_dir(&file).unwrap().map(|e| e.unwrap().path());
    let data = found.into_iter().find(|path| path.extension().is_some_and(|e| e == "csv")).unwrap();
    let room = Room::new();
    std::fs::copy(data, room.path("data.csv")).unwrap();
    let recipe = std::fs::read_to_string(repository().join("tests/recipes/taiwan.toml")).unwrap();
    room.file("recipe.toml", recipe);
    let train = ["train", "data.csv", "--target", "fraud", "--positive", "1", "--id", "ID", "-o", "model"];
    room.run(&train).ends(0);
    agrees(&database, &room, "data.csv", "ID", "double precision");
}

/// Each kind of value as the CSV that PostgreSQL would write of it: what is missing, refused or unseen is so in both. Booleans
/// are words, as in Parquet, and row numbers count rows, not lines.
#[test]
fn every_kind_of_value() {
    let Some(database) = Database::new("kinds") else { return };
    let room = Room::with_model();
    let values = [
        ("null", "null", "null", "null"),
        ("30::smallint", "0::bigint", "'owner'", "1::int"),
        ("30.50::numeric", "12345678901234567890::numeric", "E'private\\nrent'", "2.5::numeric"),
        ("30.1::real", "9999::real", "''", "2.50::numeric"),
        ("'NaN'::float8", "1", "'rent'", "1"),
        ("'NaN'::numeric", "1", "'rent'", "1"),
        ("'Infinity'::float8", "1", "'rent'", "1"),
        ("30", "'-Infinity'::float8", "'rent'", "1"),
        ("30", "-1", "'NA'", "-1"),
        ("30", "-0.5", "'rent'", "1"),
        ("1e300::float8", "1e-300::float8", "'a,\"b\"; ''c'''", "'x'::char(5)"),
        ("'x'", "1", "'rent'", "1"),
        ("30", "date '2024-01-31'", "'rent'", "1"),
        ("30", "1", "array['rent']", "'\\x01'::bytea"),
        ("30", "1", "'中文 🙂'", "interval '1 day'"),
        ("30", "1", "'owner '", "' 1 '"),
    ];
    let rows: Vec<String> = (values.iter().enumerate())
        .map(|(n, (age, late, home, code))| {
            format!(
                "select {n} as \"客户\", {age} as age, {late} as days_late, {home} as home, {code} as \"码\""
            )
        })
        .collect();
    for (n, row) in rows.iter().enumerate() {
        room.file("one.csv", database.csv(row));
        let said = room.run(&["score", "model", "one.csv", "--rejects", "file.rejects.csv"]).ends(0);
        let url = database.url();
        let query = room.run(&["score", "model", "--from", &url, "--query", row, "--rejects", "rejects.csv"]);
        assert_eq!(query.ends(0).out, said.out, "{row}");
        let rejects = |name: &str| std::fs::read_to_string(room.path(name)).unwrap_or_default();
        let (table, file) = (rejects("rejects.csv"), rejects("file.rejects.csv").replace("\n2,", "\n1,"));
        assert_eq!(table, file, "{row}");
        let refused = [4, 5, 6, 7, 9, 11, 12].contains(&n);
        assert_eq!(!table.is_empty(), refused, "{row}");
        let _ = std::fs::remove_file(room.path("rejects.csv"));
    }
    // All in one: whatever a column's type, a row that is refused bears its number.
    let texts = |row: &String| {
        format!("select \"客户\", age::text, days_late::text, home::text, \"码\"::text from ({row}) as r")
    };
    let all = rows.iter().map(texts).collect::<Vec<_>>().join(" union all ");
    let query = format!("select * from ({all}) as q order by \"客户\"");
    room.run(&["score", "model", "--from", &database.url(), "--query", &query, "-o", "all.csv"]).ends(0);
    let rejects = room.read("all.csv.rejects.csv");
    let lines: Vec<&str> = rejects.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(lines, ["5", "6", "7", "8", "10", "12", "13"]);
    // A boolean is `true`, not `t`.
    let query = "select true as home, null as age, null as days_late, null as \"码\", 7 as \"客户\"";
    room.run(&["score", "model", "--from", &database.url(), "--query", query, "-o", "b.csv"])
        .ends(0)
        .says(&["`home`: unseen category (\"true\" 1)"]);
}

#[test]
fn many_rows_in_many_blocks() {
    let Some(database) = Database::new("blocks") else { return };
    let room = Room::with_model();
    let query = "select n as \"客户\", n % 80 as age, (n % 50)::float8 - 0.25 as days_late, \
         case when n % 1000 = 7 then repeat('x', 20000) end as home, n as \"码\" from generate_series(1, 30000) as n";
    room.file("rows.csv", database.csv(query));
    room.run(&["score", "model", "rows.csv", "-o", "file.csv"]).ends(0);
    room.run(&["score", "model", "--from", &database.url(), "--query", query, "-o", "table.csv"]).ends(0);
    assert_eq!(room.read("table.csv"), room.read("file.csv"));
    let line =
        |row: &str| row.split_once(',').map(|(line, rest)| (line.parse::<u64>().unwrap(), rest.to_owned()));
    let rejects =
        |name: &str| room.read(name).lines().skip(1).map(|row| line(row).unwrap()).collect::<Vec<_>>();
    let (table, file) = (rejects("table.csv.rejects.csv"), rejects("file.csv.rejects.csv"));
    assert_eq!(table.len(), 600);
    assert!(table.iter().zip(&file).all(|(a, b)| (a.0 + 1, &a.1) == (b.0, &b.1)));
}

/// What a query says wrongly is shown with its place; what would write is refused, and nothing is written.
#[test]
fn queries_that_cannot_be_used() {
    let Some(database) = Database::new("queries") else { return };
    let room = Room::with_model();
    database.sql("create table c (\"客户\" int, age int, days_late int, home text, \"码\" text)");
    database.sql("create sequence s");
    database.sql("insert into c select n, 30, 5, 'rent', '1' from generate_series(1, 9) as n");
    let cases = [
        ("selec 1", "syntax error at or near \"selec\" (at character 1: `selec 1`)"),
        (
            "select agee from c",
            "hint: Perhaps you meant to reference the column \"c.age\" (at character 8: `agee from c`)",
        ),
        ("select *,\n age / (days_late - 5)::bigint as age from c", "two columns are called `age`"),
        (
            "select 1 as \"客户\", age / (days_late - 5) as age, days_late, home, \"码\" from c",
            "row 1 of the query: division by zero",
        ),
        ("delete from c returning *", "expected one SELECT"),
        ("with d as (delete from c returning *) select * from d", "expected one SELECT"),
        ("select * from c; delete from c", "cannot insert multiple commands"),
        ("select * from c) to stdout; delete from c; --", "syntax error"),
        ("select *, nextval('s') as days_late from c", "two columns are called `days_late`"),
        (
            "select \"客户\", nextval('s') as age, days_late, home, \"码\" from c",
            "cannot execute nextval() in a read-only transaction",
        ),
        (
            "select set_config('transaction_read_only', 'off', false) as home, age, days_late, \"码\" from c",
            "must be set before any query",
        ),
        ("select * from c where age > $1", "it has parameters such as $1"),
        ("create table d (n int)", "expected one SELECT"),
        ("", "expected one SELECT"),
        ("select age, days_late, home from c", "lacks a column of the model: `码`"),
    ];
    for (query, said) in cases {
        room.run(&["score", "model", "--from", &database.url(), "--query", query]).ends(2).says(&[said]);
    }
    assert_eq!(database.sql("select count(*), (select last_value from s) from c"), "9|1");
    for query in [
        "table c",
        "select * from c -- all",
        "select * from c /* all */ ; ",
        "with d as (select * from c) select * from d",
    ] {
        room.run(&["score", "model", "--from", &database.url(), "--query", query])
            .ends(0)
            .says(&["9 of 9 rows"]);
    }
    room.run(&["score", "model", "--from", &database.url(), "--query", "table c limit 0"])
        .ends(0)
        .says(&["no rows"]);
}

#[test]
fn flags_that_do_not_go_together() {
    let room = Room::with_model();
    room.file("new.csv", crate::common::CUSTOMERS);
    let url = "postgres://u:hunter2@nowhere.invalid/d";
    let cases: [(&[&str], &str); 13] = [
        (&["model", "--from", url], "--query"),
        (&["model", "new.csv", "--query", "x"], "--from URL"),
        (&["model", "new.csv", "--to", url], "--table"),
        (&["model", "new.csv", "--table", "t"], "--to URL"),
        (&["model", "new.csv", "--from", url, "--query", "x"], "cannot be used with"),
        (&["model", "new.csv", "--to", url, "--table", "t", "-o", "x.csv"], "cannot be used with"),
        (&["model", "new.csv", "--to", url, "--table", "t", "--resume"], "cannot be used with"),
        (&["model", "new.csv", "new.csv", "--to", url, "--table", "t"], "one file at a time"),
        (&["model", "--from", url, "--query", "x", "-o", "out/"], "name a file with -o"),
        (&["model", "new.csv", "-o", "out/", "--table", "t"], "--to URL"),
        (&["model", "new.csv", "--rejects", url], "--from URL --query SQL"),
        (&["model", url], "--from URL --query SQL"),
        (&[url, "new.csv"], "--from URL --query SQL"),
    ];
    for (args, said) in cases {
        let run = room.run(&[&["score"], args].concat()).ends(2).says(&[said]);
        assert!(!run.err.contains("hunter2"), "{}", run.err);
    }
}
