//! Results into a PostgreSQL table: made, checked, written by id.

use crate::common::{CUSTOMERS, Room};
use crate::server::Database;

/// The output columns of the sample scorecard behind the id, as a table has them.
const COLUMNS: &str = "pd float8, score float8, grade text, reason_1 text, reason_2 text, reason_3 text, \
     reason_4 text, flags text, model text";

fn into(room: &Room, database: &Database, data: &str, table: &str) -> crate::common::Run {
    room.run(&["score", "model", data, "--to", &database.url(), "--table", table])
}

#[test]
fn rows_are_inserted_once_and_then_updated() {
    let Some(database) = Database::new("upsert") else { return };
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    into(&room, &database, "new.csv", "scores")
        .ends(0)
        .says(&["3 rows written into table \"scores\", which was made: 3 inserted, 0 updated"]);
    let first = database.csv("select * from scores order by 1");
    into(&room, &database, "new.csv", "scores").ends(0).says(&["table \"scores\": 0 inserted, 3 updated"]);
    assert_eq!(database.csv("select * from scores order by 1"), first);
    room.file("more.csv", CUSTOMERS.replace("c1,33", "c9,33").replace("c2,22", "c2,60"));
    into(&room, &database, "more.csv", "scores").ends(0).says(&["1 inserted, 2 updated"]);
    let ids = database.sql("select string_agg(\"客户\", ',' order by \"客户\") from scores");
    assert_eq!(ids, "c1,c2,c3,c9");
    let after = database.csv("select * from scores order by 1");
    assert_eq!(first.lines().nth(1), after.lines().nth(1), "a row that did not come stays");
    assert_ne!(first.lines().nth(2), after.lines().nth(2), "a row that came is changed");
    assert_eq!(database.sql("select count(*) from scores where flags is null"), "4", "no flag is NULL");
    // Without rows nothing is written, and the table is made.
    room.file("none.csv", CUSTOMERS.lines().next().unwrap());
    into(&room, &database, "none.csv", "nobody").ends(0).says(&["0 rows written", "which was made"]);
    let kinds = "select string_agg(data_type, ',' order by ordinal_position) from information_schema.columns where table_name = 'nobody'";
    assert_eq!(
        database.sql(kinds),
        "text,double precision,double precision,text,text,text,text,text,text,text"
    );
}

#[test]
fn a_table_keeps_what_else_it_has_and_its_type_of_ids() {
    let Some(database) = Database::new("ids") else { return };
    let room = Room::with_model();
    room.file(
        "new.csv",
        CUSTOMERS.replace("c1", "007").replace("c2", " 8 ").replace("c3", "9007199254740993"),
    );
    for (table, kind, shown) in [
        ("numbers", "bigint", "7,8,9007199254740993"),
        ("decimals", "numeric", "7,8,9007199254740993"),
        ("texts", "varchar(20)", " 8 ,007,9007199254740993"),
    ] {
        database.sql(&format!(
            "create table {table} (note text default 'kept', \"客户\" {kind} unique, {COLUMNS}, branch int not null default 5)"
        ));
        into(&room, &database, "new.csv", table).ends(0).says(&["3 inserted"]);
        database.sql(&format!("update {table} set note = 'mine', pd = null"));
        into(&room, &database, "new.csv", table).ends(0).says(&["3 updated"]);
        let ids = format!(
            "select string_agg(\"客户\"::text, ',' order by \"客户\"), min(note), min(branch), count(pd) from {table}"
        );
        assert_eq!(database.sql(&ids), format!("{shown}|mine|5|3"));
    }
    // Other tables hold the rows of this one; which are new, their ids tell.
    database.sql(&format!(
        "create table parts (\"客户\" bigint primary key, {COLUMNS}) partition by hash (\"客户\")"
    ));
    for n in 0..2 {
        database.sql(&format!(
            "create table part{n} partition of parts for values with (modulus 2, remainder {n})"
        ));
    }
    database.sql("insert into parts (\"客户\") values (8)");
    into(&room, &database, "new.csv", "parts").ends(0).says(&["2 inserted, 1 updated"]);
    // A table that leaves rows out does not do so unheard.
    database.sql(&format!("create table partly (\"客户\" text primary key, {COLUMNS})"));
    database.sql("create function not_all() returns trigger language plpgsql as 'begin return case when new.\"客户\" = ''007'' then null else new end; end'");
    database.sql("create trigger not_all before insert on partly for each row execute function not_all()");
    into(&room, &database, "new.csv", "partly")
        .ends(2)
        .says(&["rows; a trigger of the table leaves the others out"]);
    assert_eq!(database.sql("select count(*) from partly"), "0");
    // A table that is made takes the kind of ids that the query gives.
    for (id, kind) in
        [("7::int", "bigint"), ("'7'::varchar(9)", "text"), ("7.0", "numeric"), ("gen_random_uuid()", "uuid")]
    {
        database.sql("drop table if exists made");
        let query =
            format!("select {id} as \"客户\", 30 as age, 1 as days_late, 'rent' as home, 1 as \"码\"");
        let url = database.url();
        room.run(&["score", "model", "--from", &url, "--query", &query, "--to", &url, "--table", "made"])
            .ends(0);
        let found = "select data_type from information_schema.columns where table_name = 'made' and column_name = '客户'";
        assert_eq!(database.sql(found), kind);
    }
}

/// What does not fit is said before a row is scored, with the way to mend it; and nothing is changed.
#[test]
fn tables_that_do_not_fit() {
    let Some(database) = Database::new("fits") else { return };
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    let without_pd = COLUMNS.replace("pd float8, ", "");
    let short = COLUMNS.replace("grade text", "grade varchar(3)");
    let tables = [
        ("no_pd", format!("\"客户\" text primary key, {without_pd}"), "add column \"pd\" double precision"),
        (
            "small",
            format!("\"客户\" text primary key, {}", COLUMNS.replace("pd float8", "pd real")),
            "\"pd\" is real; expected double precision",
        ),
        (
            "cents",
            format!("\"客户\" text primary key, {}", COLUMNS.replace("pd float8", "pd numeric(6,4)")),
            "\"pd\" is numeric(6,4); expected double precision",
        ),
        (
            "no_key",
            format!("\"客户\" text, {COLUMNS}"),
            "alter table \"public\".\"no_key\" add unique (\"客户\")",
        ),
        (
            "two_keys",
            format!("\"客户\" text, {COLUMNS}, unique (\"客户\", model)"),
            "no unique key on \"客户\" alone",
        ),
        (
            "late_key",
            format!("\"客户\" text unique deferrable, {COLUMNS}"),
            "no unique key on \"客户\" alone",
        ),
        (
            "needs",
            format!("\"客户\" text primary key, {COLUMNS}, branch int not null"),
            "\"branch\" must not be null and has no default",
        ),
        (
            "short",
            format!("\"客户\" text primary key, {short}"),
            "value too long for type character varying(3)",
        ),
        (
            "numbers",
            format!("\"客户\" int primary key, {COLUMNS}"),
            "invalid input syntax for type integer: \"c1\"",
        ),
    ];
    for (name, columns, said) in &tables {
        database.sql(&format!("create table {name} ({columns})"));
        into(&room, &database, "new.csv", name).ends(2).says(&[said]);
        assert_eq!(database.sql(&format!("select count(*) from {name}")), "0");
    }
    database.sql("create view seen as select 1 as \"客户\"");
    into(&room, &database, "new.csv", "seen").ends(2).says(&["it is a view; expected an ordinary table"]);
    into(&room, &database, "new.csv", "nowhere.scores").ends(2).says(&["schema \"nowhere\" does not exist"]);
    database.sql(&format!("create table mine (\"客户\" text primary key, {COLUMNS})"));
    database.sql("drop role if exists clerk_of_a_test");
    database.sql("create role clerk_of_a_test login");
    let url = database.url().replace("postgres@", "clerk_of_a_test@");
    let args = ["score", "model", "new.csv", "--to", &url, "--table", "mine"];
    room.run(&args)
        .ends(2)
        .says(&["grant select, insert, update on \"public\".\"mine\" to \"clerk_of_a_test\""]);
    database.sql("grant select, insert, update on mine to clerk_of_a_test");
    room.run(&args).ends(0).says(&["3 inserted"]);
    database.sql("drop owned by clerk_of_a_test; drop role clerk_of_a_test");
}

#[test]
fn ids_that_are_absent_or_come_twice() {
    let Some(database) = Database::new("twice") else { return };
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    into(&room, &database, "new.csv", "scores").ends(0);
    let before = database.csv("select * from scores order by 1");
    let again = format!("{CUSTOMERS}c2,60,,owner,1\nc9,60,,owner,1\nc3,60,,owner,1\nc2,61,,owner,1\n");
    room.file("twice.csv", again);
    into(&room, &database, "twice.csv", "scores")
        .ends(2)
        .says(&["3 rows have the id `c2`, and 1 more ids come more than once", "is as it was"]);
    room.file("blank.csv", format!("{CUSTOMERS} ,60,,owner,1\n"));
    into(&room, &database, "blank.csv", "scores").ends(2).says(&[
        "row 4 of the results",
        "no id in `客户`",
        "--id",
    ]);
    room.file("none.csv", CUSTOMERS.replace("客户", "name"));
    into(&room, &database, "none.csv", "scores").ends(2).says(&["no column of ids", "--id"]);
    // Two texts, one number.
    database.sql(&format!("create table numbers (\"客户\" int primary key, {COLUMNS})"));
    room.file("same.csv", CUSTOMERS.replace("c1", "7").replace("c2", "07").replace("c3", "8"));
    into(&room, &database, "same.csv", "numbers").ends(2).says(&["2 rows have the id `7`"]);
    assert_eq!(database.csv("select * from scores order by 1"), before);
}

/// A name is one table, whatever it holds; what is no name is refused.
#[test]
fn names_of_tables() {
    let Some(database) = Database::new("names") else { return };
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    database.sql("create schema \"Risk 1\"");
    database.sql("create table victim (n int)");
    let odd = [
        "\"a; drop table victim; --\"",
        "\"it''s\"",
        "\"x\"\" y.z\"",
        "\"Risk 1\".\"分数\"",
        "Plain",
        "\"pg_temp\"",
    ];
    for name in odd {
        into(&room, &database, "new.csv", name).ends(0).says(&["3 inserted"]);
        into(&room, &database, "new.csv", name).ends(0).says(&["3 updated"]);
    }
    let names = "select string_agg(relname, '|' order by oid) from pg_class where relkind = 'r' and oid > 16383 and relname <> 'victim'";
    assert_eq!(database.sql(names), "a; drop table victim; --|it''s|x\" y.z|分数|plain|pg_temp");
    let none = [
        "a; drop table victim",
        "a--",
        "a b",
        "\"a",
        "a.b.c",
        "",
        "a'",
        "\"\"",
        "(select 1)",
        "a/*",
        "victim\\",
    ];
    for name in none {
        into(&room, &database, "new.csv", name).ends(2).says(&["the table's name"]);
    }
    assert_eq!(database.sql("select count(*) from victim"), "0");
}
