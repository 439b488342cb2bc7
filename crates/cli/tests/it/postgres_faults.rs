//! Connections that break, locks, kills, certificates and passwords: the table is as it was, or has all rows.

use crate::common::{CUSTOMERS, Room, Run};
use crate::server::Database;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Rows that take the server some seconds, so that there is a time in between.
const SLOW: &str = "select n as \"客户\", 30 as age, 1 as days_late, 'rent' as home, 1 as \"码\" \
     from generate_series(1, 40000) as n where n % 100 <> 0 or pg_sleep(0.005)::text = ''";

/// The same without waiting.
const QUICK: &str = "select n as \"客户\", 30 as age, 1 as days_late, 'rent' as home, 1 as \"码\" from generate_series(1, 40000) as n";

fn start(room: &Room, args: &[&str]) -> Child {
    let mut command = room.command(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) -> Run {
    child.wait_with_output().unwrap().into()
}

/// Waits until SQL gives `expected`.
#[track_caller]
fn wait_for(database: &Database, sql: &str, expected: &str) {
    let start = Instant::now();
    while database.sql(sql) != expected {
        assert!(start.elapsed() < Duration::from_secs(60), "{sql} does not become {expected}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A table that holds two rows, and its text.
fn with_old_rows(database: &Database, room: &Room) -> String {
    room.file("old.csv", "客户,age,days_late,home,码\n1,60,,owner,1\n50000,60,,owner,1\n");
    room.run(&["score", "model", "old.csv", "--to", &database.url(), "--table", "scores"]).ends(0);
    database.csv("select * from scores order by 1")
}

fn named(database: &Database, application: &str) -> String {
    format!("{}&application_name={application}", database.url())
}

#[test]
fn a_connection_that_is_cut_off_leaves_the_table_as_it_was() {
    let Some(database) = Database::new("cut") else { return };
    let room = Room::with_model();
    let old = with_old_rows(&database, &room);
    let (reader, writer) = (named(&database, "reader"), named(&database, "writer"));
    let args = ["score", "model", "--from", &reader, "--query", SLOW, "--to", &writer, "--table", "scores"];
    for cut in ["reader", "writer"] {
        let child = start(&room, &args);
        let running = format!(
            "select count(*) from pg_stat_activity where application_name = '{cut}' and query ilike '%copy%'"
        );
        wait_for(&database, &running, "1");
        database.sql(&format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{cut}'"
        ));
        let said =
            if cut == "reader" { "of the query: " } else { "table \"public\".\"scores\" is as it was" };
        end(child).ends(2).says(&[said, "terminating connection due to administrator command"]);
        assert_eq!(database.csv("select * from scores order by 1"), old);
        // The server takes a moment to see that nobody is there any more.
        let left = "select count(*) from pg_stat_activity where application_name in ('reader', 'writer')";
        wait_for(&database, left, "0");
        assert_eq!(database.csv("select * from scores order by 1"), old);
    }
}

#[test]
fn a_lock_that_does_not_come_leaves_the_table_as_it_was() {
    let Some(database) = Database::new("locked") else { return };
    let room = Room::with_model();
    let old = with_old_rows(&database, &room);
    room.file("new.csv", CUSTOMERS.replace("c1", "1"));
    let holder = format!("{}&application_name=holder", database.url());
    let mut psql = std::process::Command::new("psql");
    psql.args(["-Xq", &holder, "-c", "begin; lock table scores in share mode; select pg_sleep(60)"]);
    let mut holding = psql.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for(
        &database,
        "select count(*) from pg_locks where mode = 'ShareLock' and granted and locktype = 'relation'",
        "1",
    );
    let url = format!("{}&options=-c%20lock_timeout%3D200ms", database.url());
    room.run(&["score", "model", "new.csv", "--to", &url, "--table", "scores"]).ends(2).says(&[
        "is as it was",
        "lock timeout",
        "try again later",
    ]);
    database.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holder'");
    holding.wait().unwrap();
    assert_eq!(database.csv("select * from scores order by 1"), old);
}

/// SIGKILL at any time: the table has the old rows or all of the new ones, and the next run ends well.
#[test]
fn a_killed_run_leaves_all_rows_or_none() {
    let Some(database) = Database::new("killed") else { return };
    let room = Room::with_model();
    let old = with_old_rows(&database, &room);
    let url = named(&database, "writer");
    let args = ["score", "model", "--from", &url, "--query", QUICK, "--to", &url, "--table", "scores"];
    let start_of_all = Instant::now();
    room.run(&args).ends(0).says(&["39,999 inserted, 1 updated"]);
    let takes = start_of_all.elapsed();
    let new = database.csv("select * from scores order by 1");
    let (mut dice, mut cut, mut whole) = (7_u64, 0, 0);
    for _ in 0..20 {
        database.sql("delete from scores where \"客户\" not in ('1', '50000')");
        room.run(&["score", "model", "old.csv", "--to", &database.url(), "--table", "scores"]).ends(0);
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = start(&room, &args);
        std::thread::sleep(takes.mul_f64(1.2 * (dice >> 40) as f64 / (1 << 24) as f64));
        let _ = child.kill();
        child.wait().unwrap();
        wait_for(&database, "select count(*) from pg_stat_activity where application_name = 'writer'", "0");
        let found = database.csv("select * from scores order by 1");
        assert!(found == old || found == new, "the table is torn");
        cut += u32::from(found == old);
        whole += u32::from(found == new);
    }
    assert!(cut > 0 && whole + cut == 20, "no run was killed while it ran");
    room.run(&args).ends(0);
    assert_eq!(database.csv("select * from scores order by 1"), new);
}

#[test]
fn certificates_are_compared_as_sslmode_asks() {
    let Some(database) = Database::new("certificates") else { return };
    let room = Room::with_model();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem();
    room.file("other.crt", other);
    room.file("empty.crt", "");
    let root = database.root_certificate();
    // 30 years where the connection is encrypted, 90 where it is not.
    let query = "select 'x' as \"客户\", case when ssl then 30 else 90 end as age, 1 as days_late, 'rent' as home, 1 as \"码\" \
         from pg_stat_ssl where pid = pg_backend_pid()";
    let run = |host: &str, tail: &str| {
        let (port, name, password) = (&database.port, &database.name, database.password());
        let url = format!("postgres://postgres:{password}@{host}:{port}/{name}?{tail}");
        let run = room.run(&["score", "model", "--from", &url, "--query", query]);
        assert!(!run.err.contains(&password), "{}", run.err);
        run
    };
    let encrypted = run("localhost", "sslmode=require").ends(0).out;
    let plain = run("localhost", "sslmode=disable").ends(0).out;
    assert_ne!(encrypted, plain);
    let trusted = format!("&sslrootcert={root}");
    let cases = [
        ("localhost", "", true),
        ("localhost", &format!("sslmode=verify-ca{trusted}"), true),
        ("127.0.0.1", &format!("sslmode=verify-ca{trusted}"), true),
        ("localhost", &format!("sslmode=verify-full{trusted}"), true),
        ("127.0.0.1", &format!("sslmode=verify-full{trusted}"), false),
        ("localhost", "sslmode=verify-full&sslrootcert=other.crt", false),
        ("localhost", "sslmode=verify-ca&sslrootcert=other.crt", false),
        ("localhost", "sslmode=require&sslrootcert=other.crt", false),
        ("localhost", "sslmode=verify-full&sslrootcert=empty.crt", false),
        ("localhost", "sslmode=verify-full&sslrootcert=none.crt", false),
    ];
    for (host, tail, good) in cases {
        match good {
            true => assert_eq!(run(host, tail).ends(0).out, encrypted, "{host} {tail}"),
            false => drop(run(host, tail).ends(2).says(&["certificate"])),
        }
    }
    run("localhost", "sslmode=verify-full").ends(2).says(&["add sslrootcert=FILE"]);
}

/// A password comes from the URL, the environment or the password file, and goes into no message.
#[test]
fn passwords() {
    let Some(database) = Database::new("passwords") else { return };
    let room = Room::with_model();
    let (port, name, right) = (&database.port, &database.name, database.password());
    let query = "select 'x' as \"客户\", 30 as age, 1 as days_late, 'rent' as home, 1 as \"码\"";
    let with = |user: &str, env: &[(&str, &str)]| -> Run {
        let url = format!("postgres://{user}@localhost:{port}/{name}");
        let mut command = room.command(&["score", "model", "--from", &url, "--query", query]);
        command.env_remove("PGPASSWORD").env("HOME", room.path("")).envs(env.iter().copied());
        let run: Run = command.output().unwrap().into();
        for secret in ["hunter2", &right] {
            assert!(!run.err.contains(secret) && !run.out.contains(secret), "{}", run.err);
        }
        run
    };
    with(&format!("postgres:{right}"), &[]).ends(0);
    with("postgres", &[("PGPASSWORD", &right)]).ends(0);
    with("postgres", &[]).ends(2).says(&["password missing", "PGPASSWORD"]);
    with("postgres:hunter2", &[]).ends(2).says(&["password authentication failed for user \"postgres\""]);
    with("postgres", &[("PGPASSWORD", "hunter2")]).ends(2).says(&["password authentication failed"]);
    room.file(".pgpass", format!("localhost:*:other:*:hunter2\nlocalhost:{port}:*:postgres:{right}\n"));
    with("postgres", &[]).ends(2).says(&["which only its owner may read"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = room.path(".pgpass");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        with("postgres", &[]).ends(0);
        let file = file.display().to_string();
        with("postgres", &[("PGPASSFILE", &file), ("HOME", "/nowhere")]).ends(0);
    }
    with("postgres:hunter2%", &[]).ends(2);
    with("postgres:hunter2/x", &[]).ends(2).says(&["the address of the database"]);
}
