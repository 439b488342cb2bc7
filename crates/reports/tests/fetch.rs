//! Runs against a real server on this machine that answers well, badly, late, too much or not at all.

mod server;

use arrears_reports::cache::{Answer, Cache};
use arrears_reports::{Agency, Fate, Fetch, Fetched, ReportsError, Summary, agencies, batches, schema};
use server::{agency, server};
use std::path::Path as FilePath;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn run(agency: &Agency, customers: &[&str], days: i64) -> (Fetched, Cache) {
    let customers: Vec<String> = customers.iter().map(|c| (*c).to_owned()).collect();
    let as_of = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let mut cache = Cache::open(agency).expect("a cache");
    let fetched =
        Fetch::new(agency, as_of, 0).expect("a client").run(&customers, &mut cache, |_| ()).expect("a run");
    assert_eq!(fetched.fates.len(), customers.len());
    (fetched, cache)
}

fn failed(fate: &Fate) -> &str {
    let Fate::Failed(why) = fate else { panic!("{fate:?}") };
    why
}

#[test]
fn every_answer_has_its_fate() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "");
    let cases: [(&str, Result<Fate, &str>, usize); 16] = [
        ("fine", Ok(Fate::Fetched), 1),
        ("text", Ok(Fate::Fetched), 1),
        ("unknown", Ok(Fate::NoReport), 1),
        ("nothing", Ok(Fate::NoReport), 1),
        ("twice", Ok(Fate::Fetched), 3),
        ("broken", Err("HTTP 500, at the last of 4 requests"), 4),
        ("bad", Err("HTTP 400"), 1),
        ("slow", Err("no answer in time, at the last of 4 requests"), 4),
        ("huge", Err("more than 10000 bytes"), 1),
        ("deep", Err("10000 bytes"), 1),
        ("garbage", Err("no JSON"), 1),
        ("empty", Err("none of the columns"), 1),
        ("word", Err("column `score` at /report/score: expected a number, found another text"), 1),
        ("list", Err("found a list"), 1),
        ("away", Err("another host"), 1),
        ("round", Err("redirected more than 3 times"), 4),
    ];
    let customers: Vec<&str> = cases.iter().map(|(customer, ..)| *customer).collect();
    let (fetched, cache) = run(&agency, &customers, 0);
    for ((customer, expected, _), fate) in cases.iter().zip(&fetched.fates) {
        match expected {
            Ok(expected) => assert_eq!(fate, expected, "{customer}"),
            Err(part) => assert!(failed(fate).contains(part), "{customer}: {fate:?}"),
        }
    }
    let seen = server.seen.lock().expect("unharmed");
    for (customer, _, requests) in &cases {
        assert_eq!(seen.asked[*customer].len(), *requests, "{customer}");
    }
    let summary = Summary::of(&agency, &fetched, &cache);
    let all =
        summary.fetched + summary.cached + summary.no_report + summary.no_report_cached + summary.stale_used;
    assert_eq!(all + summary.failed, summary.customers);
    assert_eq!((summary.fetched, summary.no_report, summary.failed), (3, 2, 11));
    // Redirects are steps of one request.
    assert_eq!(summary.requests as usize, seen.asked.values().map(Vec::len).sum::<usize>() - 3);
    assert_eq!(summary.repeated, 2 + 3 + 3);
    assert_eq!(cache.of("text")[0].values.as_ref().expect("values")["score"], 712.5);
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "").with_bytes(1 << 20);
    let (fetched, _) = run(&agency, &["deep"], 0);
    assert!(failed(&fetched.fates[0]).contains("recursion limit"), "{fetched:?}");
}

trait WithBytes {
    fn with_bytes(self, bytes: u64) -> Self;
}

impl WithBytes for Agency {
    fn with_bytes(self, max_bytes: u64) -> Self {
        Agency { max_bytes, ..self }
    }
}

#[test]
fn redirects_on_the_host_are_followed() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let (fetched, cache) = run(&agency(&server.address, &folder, ""), &["moved"], 0);
    assert_eq!(fetched.fates, [Fate::Fetched]);
    assert_eq!(cache.of("moved")[0].values.as_ref().expect("values")["score"], 650.0);
}

#[test]
fn retry_after_holds_all_back() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "in_flight = 1");
    let (fetched, _) = run(&agency, &["later", "fine-1"], 0);
    assert_eq!(fetched.fates, [Fate::Fetched, Fate::Fetched]);
    let seen = server.seen.lock().expect("unharmed");
    let later = &seen.asked["later"];
    assert!(later[1] - later[0] >= Duration::from_millis(990), "the agency asked for a second");
}

#[test]
fn no_more_than_so_many_at_once_and_a_second() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let customers: Vec<String> = (0..12).map(|n| format!("some-{n}")).collect();
    let names: Vec<&str> = customers.iter().map(String::as_str).collect();
    run(&agency(&server.address, &folder, "in_flight = 3"), &names, 0);
    {
        let seen = server.seen.lock().expect("unharmed");
        assert!((2..=3).contains(&seen.most), "{} at once", seen.most);
    }
    let folder = TempDir::new().expect("a folder");
    let mut slowly = agency(&server.address, &folder, "in_flight = 8");
    slowly.per_second = 20.0;
    let begun = Instant::now();
    run(&slowly, &["a-1", "a-2", "a-3", "a-4", "a-5", "a-6"], 0);
    assert!(
        begun.elapsed() >= Duration::from_millis(250),
        "six requests, 50 ms apart: {:?}",
        begun.elapsed()
    );
}

#[test]
fn a_budget_is_kept_and_a_refusal_ends_the_asking() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "max_requests = 3\nin_flight = 1");
    let (fetched, _) = run(&agency, &["a-1", "a-2", "a-3", "a-4", "a-5"], 0);
    assert_eq!(fetched.requests, 3);
    assert_eq!(&fetched.fates[..3], [Fate::Fetched, Fate::Fetched, Fate::Fetched]);
    assert!(fetched.fates[3..].iter().all(|fate| failed(fate).contains("max_requests")));
    // What came is kept: the next run goes on.
    let (fetched, _) = run(&agency, &["a-1", "a-2", "a-3", "a-4", "a-5"], 0);
    assert_eq!(fetched.requests, 2);
    assert_eq!(&fetched.fates[2..], [Fate::Cached, Fate::Fetched, Fate::Fetched]);
    let (fetched, _) = run(&agency, &["c-1", "tomorrow", "c-2"], 0);
    assert_eq!(fetched.requests, 2, "who asks for a day gets it");
    assert!(failed(&fetched.fates[2]).contains("longer pause"));
    let (fetched, _) = run(&agency, &["b-1", "locked", "b-2", "b-3"], 0);
    assert_eq!(fetched.requests, 2, "wrong credentials lock nobody out");
    assert!(failed(&fetched.fates[1]).contains("401"));
    assert!(failed(&fetched.fates[3]).starts_with("not asked: HTTP 401"));
}

#[test]
fn the_cache_answers_until_it_is_stale() {
    let folder = TempDir::new().expect("a folder");
    let more = "stale = \"90d\"\nmissing_for = \"30d\"";
    let server = server();
    let up = agency(&server.address, &folder, more);
    let names = ["known", "unknown"];
    assert_eq!(run(&up, &names, 0).0.fates, [Fate::Fetched, Fate::NoReport]);
    for (days, requests, fates) in [
        (0, 0, [Fate::Cached, Fate::NoReportCached]),
        (29, 0, [Fate::Cached, Fate::NoReportCached]),
        (31, 1, [Fate::Cached, Fate::NoReport]),
        (89, 1, [Fate::Cached, Fate::NoReport]),
        (91, 2, [Fate::Fetched, Fate::NoReport]),
    ] {
        let (fetched, _) = run(&up, &names, days);
        assert_eq!((fetched.requests, fetched.fates.as_slice()), (requests, fates.as_slice()), "{days} days");
    }
    // A column that is new in the configuration is asked for.
    let mut wider = up.clone();
    wider.columns.push(arrears_reports::settings::ReportColumn {
        name: "thin".to_owned(),
        pointer: "/report/thin".to_owned(),
        kind: arrears_reports::settings::ColumnKind::Text,
    });
    assert_eq!(run(&wider, &["known"], 0).0.fates, [Fate::Fetched]);
    // The agency is away.
    drop(server);
    let (fetched, cache) = run(&up, &names, 91);
    assert!(
        matches!(&fetched.fates[0], Fate::StaleUsed(why) if why.starts_with("connection")),
        "{fetched:?}"
    );
    failed(&fetched.fates[1]);
    assert_eq!(rows(&up, &names, &cache, &fetched.fates).len(), 3);
    drop(cache);
    let (fetched, cache) =
        run(&agency("127.0.0.1:9", &folder, &format!("{more}\non_failure = \"missing\"")), &names, 91);
    failed(&fetched.fates[0]);
    assert!(rows(&up, &names, &cache, &fetched.fates).is_empty(), "a stale report is left out");
}

/// Customer, agency, at, known_at, score of each row.
fn rows(
    agency: &Agency,
    customers: &[&str],
    cache: &Cache,
    fates: &[Fate],
) -> Vec<(String, String, String, f64)> {
    use arrears_data::arrow::array::{Array, Float64Array, StringArray};
    let customers: Vec<String> = customers.iter().map(|c| (*c).to_owned()).collect();
    let (schema, one) = (schema(std::slice::from_ref(agency)), [(agency, cache, fates)]);
    let mut found = Vec::new();
    for batch in batches(&schema, &customers, &one) {
        let batch = batch.expect("a batch");
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).expect("a column").as_any().downcast_ref::<StringArray>();
            column.expect("texts").value(row).to_owned()
        };
        let scores = batch.column_by_name("score").expect("a column").as_any().downcast_ref::<Float64Array>();
        let scores = scores.expect("numbers");
        for row in 0..batch.num_rows() {
            assert_eq!(text("agency", row), "test");
            let score = if scores.is_valid(row) { scores.value(row) } else { f64::NAN };
            found.push((text("customer", row), text("at", row), text("known_at", row), score));
        }
    }
    found
}

#[test]
fn a_report_is_known_from_when_it_was_fetched() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "");
    let before = jiff::Timestamp::now();
    let (fetched, cache) = run(&agency, &["b", "a", "unknown"], 0);
    let rows = rows(&agency, &["b", "a", "unknown"], &cache, &fetched.fates);
    let names: Vec<&str> = rows.iter().map(|(customer, ..)| customer.as_str()).collect();
    assert_eq!(names, ["b", "a"], "in the order of the customers");
    for (_, at, known_at, score) in &rows {
        assert_eq!((at.as_str(), *score), ("2026-03-01", 650.0));
        let known: jiff::Timestamp = known_at.parse().expect("a moment");
        assert!(known >= before && known <= jiff::Timestamp::now());
    }
}

#[test]
fn ids_cannot_leave_their_place_in_the_address() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "");
    let strange = ["a/../../b", "..", "x?y=z#w", "客户 1", "100%25", "a&b+c"];
    let (fetched, _) = run(&agency, &strange, 0);
    assert!(fetched.fates.iter().all(|fate| *fate == Fate::Fetched), "{fetched:?}");
    let seen = server.seen.lock().expect("unharmed");
    let asked: Vec<&str> = seen.asked.keys().map(String::as_str).collect();
    let mut expected = strange.to_vec();
    expected.sort_unstable();
    assert_eq!(asked, expected);
}

#[test]
fn an_interrupted_run_leaves_a_usable_cache() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let agency = agency(&server.address, &folder, "");
    run(&agency, &["a", "b", "c"], 0);
    let file = folder.path().join("reports-cache/test.ndjson");
    let whole = std::fs::read(&file).expect("the cache");
    // Cut at every byte of the last line: at most one answer is lost, and asked for again.
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("two lines") + 1;
    for cut in (last..whole.len()).step_by(7) {
        std::fs::write(&file, &whole[..cut]).expect("a cache");
        let (fetched, cache) = run(&agency, &["a", "b", "c"], 0);
        assert_eq!(fetched.requests, 1, "cut at {cut}");
        assert_eq!(cache.cut_off as usize, cut - last);
        let lines = std::fs::read_to_string(&file).expect("text");
        let answers = lines.lines().map(|line| serde_json::from_str::<Answer>(line).expect("an answer"));
        assert_eq!(answers.count(), 3);
    }
    let held = Cache::open(&agency).expect("a cache");
    assert!(matches!(Cache::open(&agency), Err(ReportsError::Busy { .. })), "one run at a time");
    drop(held);
    std::fs::write(&file, "{\"customer\":1}\n").expect("a cache");
    let error = Cache::open(&agency).expect_err("no answer").to_string();
    assert!(error.contains("line 1"), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let other = TempDir::new().expect("a folder");
        let agency = Agency { cache: other.path().to_owned(), ..agency };
        drop(Cache::open(&agency).expect("a cache"));
        let mode = std::fs::metadata(other.path().join("test.ndjson")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn headers_come_from_the_environment() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    // A variable that every run of cargo sets.
    let with = agency(&server.address, &folder, "headers = { X-Key = \"CARGO_PKG_NAME\" }");
    run(&with, &["a"], 0);
    let seen = server.seen.lock().expect("unharmed");
    assert_eq!(seen.headers[0]["x-key"], "arrears-reports");
    assert_eq!(seen.headers[0]["accept"], "application/json");
    drop(seen);
    let without = agency(&server.address, &folder, "headers = { X-Key = \"ARREARS_NO_SUCH\" }");
    let error = Fetch::new(&without, jiff::Timestamp::now(), 0).expect_err("not set").to_string();
    assert!(error.contains("ARREARS_NO_SUCH") && error.contains("X-Key"), "{error}");
}

#[test]
fn sections_that_cannot_be_are_refused() {
    let sound = "[agency.a]\nurl = \"https://a.example/{customer}\"\nstale = \"90d\"\n[agency.a.columns]\nscore = \"/s\"\n";
    let read = |text: &str| agencies(text, FilePath::new("shop.toml"));
    assert_eq!(read(sound).expect("a sound section")[0].stale, Duration::from_secs(90 * 86_400));
    for (from, to, says) in [
        ("https://", "http://", "http:// only to this machine"),
        ("{customer}", "x", "{customer}"),
        ("a.example/{customer}", "{customer}.example/", "{customer}"),
        ("https://a", "https://me:word@a", "https://HOST"),
        ("90d", "90", "a time such as"),
        ("90d", "0d", "above 0"),
        ("stale", "stall", "stall"),
        ("\"/s\"", "\"s\"", "JSON pointer"),
        ("score =", "vip =", "kind"),
        ("score =", "customer =", "another name"),
        ("\"/s\"", "{ pointer = \"/s\", kind = \"text\" }", "this standard column"),
        ("\"/s\"", "{ pointer = \"/s\", format = \"iso\" }", "of times only"),
        ("score = \"/s\"", "at = \"/d\"", "at least one column"),
        ("[agency.a]\n", "[agency.a]\nin_flight = 0\n", "1 to 64"),
        ("[agency.a", "[agencies.a", "no section [agency.NAME]"),
        ("agency.a", "agency.\"a/b\"", "it names a file"),
    ] {
        assert!(sound.contains(from), "{from}");
        let error = read(&sound.replace(from, to)).expect_err(to).to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
}
