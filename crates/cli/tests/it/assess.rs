//! The periodic run through the binary, on the simulated shop.

use crate::common::Room;
use crate::server::Database;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const TABLES: [&str; 6] = ["customers", "orders", "payments", "returns", "reports", "financials"];

/// The model: few features, and decisions on all that decisions can have.
const RECIPE: &str = r#"
name = "shop"
[data]
target = "bad"
positive = "1"
path = "training.csv"
exclude = ["customer", "as_of"]
[decisions]
inputs = [{ column = "orders_amount_365d" }]
[decisions.limit]
formula = "0.5 * orders_amount_365d"
cap = 2000
step = 10
missing = 0
[decisions.limit.grades."at risk"]
formula = "0"
[decisions.tiers]
value = "orders_amount_365d"
cuts = [300]
segments = ["low", "high"]
missing = "low"
tiers = [{ name = "A", service = "adviser" }, { name = "B" }]
[decisions.tiers.matrix]
excellent = ["B", "A"]
good = ["B", "A"]
fair = ["B", "B"]
"at risk" = ["B", "B"]
"#;

const ASSESS: &str = r#"
[assess]
model = "model"
exposure = "overdue_amount"
"#;

/// Few features: the model is not what is tested.
const LIBRARY: &str =
    r#"["orders_amount", "orders_basket", "payments_on_time_streak", "days_since_late", "overdue_amount"]"#;

/// The shop with a model trained on two dates of the past.
fn shop() -> Room {
    let room = Room::new();
    let shop = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/shop"));
    for table in TABLES.map(|name| format!("{name}.parquet")) {
        fs::copy(shop.join(&table), room.path(&table)).unwrap();
    }
    let config = fs::read_to_string(shop.join("config.toml")).unwrap();
    let config = config.replace("\"all\"", LIBRARY);
    room.file("shop.toml", config + ASSESS);
    room.file("recipe.toml", RECIPE);
    room.run(&[
        "features",
        "shop.toml",
        "--as-of",
        "2023-12-31,2024-12-31",
        "--labels",
        "-o",
        "training.csv",
    ])
    .ends(0);
    room.run(&["train", "recipe.toml", "-o", "model"]).ends(0);
    room
}

fn assess(room: &Room, as_of: &str, more: &[&str]) -> serde_json::Value {
    let args = [&["assess", "shop.toml", "--as-of", as_of, "--json"], more].concat();
    serde_json::from_str(&room.run(&args).ends(0).out).unwrap()
}

/// The rows of a CSV file by their first column, each by column.
fn rows(csv: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        let row: BTreeMap<String, String> =
            header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect();
        (row[&header[0]].clone(), row)
    };
    reader.records().map(|found| row(found.unwrap())).collect()
}

/// The bytes of all files of a folder.
fn bytes(room: &Room, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(room.path(folder)).unwrap();
    let file =
        |path: &Path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap());
    entries.map(|entry| file(&entry.unwrap().path())).collect()
}

const QUARTERS: [&str; 3] = ["2025-03-31", "2025-06-30", "2025-09-30"];

#[test]
fn the_first_run_is_features_and_score() {
    let room = shop();
    let summary = assess(&room, "2025-03-31", &[]);
    let found = |name: &str| summary["assessment"]["customers"][name].as_u64().unwrap();
    let (all, unknown) = (summary["customers"].as_u64().unwrap(), summary["unknown"].as_u64().unwrap());
    assert_eq!(all, found("now") + found("rejected") + unknown);
    assert!(found("now") > 500 && unknown > 0, "{summary}");
    room.run(&["features", "shop.toml", "--as-of", "2025-03-31", "-o", "features.csv"]).ends(0);
    room.run(&["score", "model", "features.csv", "--id", "customer", "-o", "scored.csv"]).ends(0);
    let (standings, scored) =
        (rows(&room.read("assess-2025-03-31/standings.csv")), rows(&room.read("scored.csv")));
    assert_eq!(standings.len() as u64, found("now"));
    assert_eq!(standings.keys().collect::<Vec<_>>(), scored.keys().collect::<Vec<_>>());
    let columns =
        ["pd", "score", "grade", "limit", "tier", "strategy", "reason_1", "reason_2", "reason_3", "reason_4"];
    let features = rows(&room.read("features.csv"));
    for (customer, standing) in &standings {
        for column in columns {
            assert_eq!(standing[column], scored[customer][column], "{customer}: {column}");
        }
        assert_eq!((&standing["model_grade"], standing["why"].as_str()), (&standing["grade"], ""));
        assert_eq!((standing["previous_grade"].as_str(), standing["previous_limit"].as_str()), ("", ""));
        assert_eq!(standing["exposure"], features[customer]["overdue_amount"], "{customer}");
    }
    let tables = ["changes", "grades", "limits", "migration", "standings", "summary", "tiers"];
    let mut files: Vec<String> =
        tables.iter().flat_map(|name| [format!("{name}.csv"), format!("{name}.parquet")]).collect();
    files.extend(["rejected.csv".to_owned(), "report.html".to_owned()]);
    files.sort_unstable();
    assert!(bytes(&room, "assess-2025-03-31").into_keys().eq(files));
}

#[test]
fn runs_follow_each_other_and_can_be_made_again() {
    let room = shop();
    let mut before: Option<BTreeMap<String, BTreeMap<String, String>>> = None;
    let mut kept = 0;
    for (at, quarter) in QUARTERS.iter().enumerate() {
        let summary = assess(&room, quarter, &[]);
        assert_eq!(summary["run"], at as u64 + 1);
        let now = rows(&room.read(&format!("assess-{quarter}/standings.csv")));
        for (customer, row) in &now {
            let last = before.as_ref().and_then(|before| before.get(customer));
            let of = |column: &str| last.map(|last| last[column].clone()).unwrap_or_default();
            assert_eq!(
                (&row["previous_grade"], &row["previous_limit"]),
                (&of("grade"), &of("limit")),
                "{customer}"
            );
            assert_eq!(row["why"] == "hysteresis", row["grade"] != row["model_grade"], "{customer}");
            kept += u64::from(row["why"] == "hysteresis");
        }
        let new =
            now.keys().filter(|c| before.as_ref().is_none_or(|before| !before.contains_key(*c))).count();
        assert_eq!(summary["assessment"]["customers"]["new"], new as u64);
        if before.is_some() {
            the_matrix_is_that_of_the_standings(&room.read(&format!("assess-{quarter}/migration.csv")), &now);
        }
        before = Some(now);
    }
    assert!(kept > 10, "hysteresis kept {kept} grades");
    let first: Vec<_> = QUARTERS.iter().map(|quarter| bytes(&room, &format!("assess-{quarter}"))).collect();

    // Neither the same date again nor an earlier one, unless it is said.
    for quarter in ["2025-09-30", "2025-05-31"] {
        let run = room.run(&["assess", "shop.toml", "--as-of", quarter, "-o", "no"]).ends(2);
        run.says(&[
            "runs follow each other in time",
            "--replace",
            if quarter == "2025-09-30" { "run 3" } else { "run 2" },
        ]);
        assert!(!room.path("no").exists());
    }
    // A dry run says what a run would, and is none.
    for _ in 0..2 {
        let summary = assess(&room, "2025-12-31", &["--dry-run", "-o", "dry"]);
        assert_eq!((&summary["run"], &summary["written"]), (&4.into(), &false.into()));
    }
    // The whole chain again, on one thread: the same bytes.
    for (at, quarter) in QUARTERS.iter().enumerate() {
        let args = ["assess", "shop.toml", "--as-of", quarter, "--replace"];
        let done = room.command(&args).env("RAYON_NUM_THREADS", "1").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(bytes(&room, &format!("assess-{quarter}")), first[at], "{quarter}");
    }
}

/// The migration matrix counts the standings by their grade before and now.
fn the_matrix_is_that_of_the_standings(matrix: &str, standings: &BTreeMap<String, BTreeMap<String, String>>) {
    let mut reader = csv::Reader::from_reader(matrix.as_bytes());
    let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        let customers: u64 = row["customers"].parse().unwrap();
        if customers > 0 && row["movement"] != "gone" {
            let from = if row["movement"] == "new" { "" } else { row["from_grade"].as_str() };
            *found.entry((from.to_owned(), row["to_grade"].clone())).or_default() += customers;
        }
    }
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in standings.values() {
        *expected.entry((row["previous_grade"].clone(), row["grade"].clone())).or_default() += 1;
    }
    assert_eq!(found, expected);
}

#[test]
fn overrides_go_before_hysteresis_and_bring_their_limit() {
    let room = shop();
    assess(&room, "2025-03-31", &[]);
    assess(&room, "2025-06-30", &["-o", "plain", "--dry-run"]);
    let plain = rows(&room.read("plain/standings.csv"));
    let held = plain.values().find(|row| row["why"] == "hysteresis").unwrap();
    let good = plain.values().find(|row| row["grade"] != "at risk" && row["why"].is_empty()).unwrap();
    let overrides = format!(
        "customer,field,value,reason,author,expires\n{},grade,at risk,fraud,desk,2025-06-30\n{},limit,77,telephone,desk,2025-12-31\n\
         nobody,limit,5,telephone,desk,2025-12-31\n{},grade,at risk,old,desk,2025-06-29\n",
        held["customer"], good["customer"], good["customer"]
    );
    room.file("overrides.csv", overrides);
    let summary = assess(&room, "2025-06-30", &["--overrides", "overrides.csv"]);
    let now = rows(&room.read("assess-2025-06-30/standings.csv"));
    let set = &now[&held["customer"]];
    assert_eq!((set["grade"].as_str(), set["limit"].as_str()), ("at risk", "0"));
    assert_eq!(set["why"], "grade by desk, until 2025-06-30: fraud");
    assert_eq!((&set["pd"], &set["model_grade"]), (&held["pd"], &held["model_grade"]));
    let set = &now[&good["customer"]];
    assert_eq!((&set["grade"], set["limit"].as_str()), (&good["grade"], "77"));
    let notes = summary["notes"].to_string();
    assert!(notes.contains("2 overrides applied") && notes.contains("not scored: line 4"), "{notes}");
    // The override is over: what was held behind it goes on.
    assess(&room, "2025-09-30", &[]);
    let after = rows(&room.read("assess-2025-09-30/standings.csv"));
    assert_eq!(after[&held["customer"]]["previous_grade"], "at risk");
    assert_eq!(after[&good["customer"]]["previous_limit"], "77");
}

const TINY: &str = r#"
currency = "GBP"
time_zone = "Europe/London"
[orders]
file = "orders.csv"
columns = { customer = "id", order = "no", at = "at", amount = "amount" }
[[feature]]
name = "dearest"
event = "orders"
aggregate = "max"
of = "amount"
window = ["30d"]
[assess]
model = "tiny"
exposure = "dearest_30d * 2.0"
"#;

const TINY_RECIPE: &str = r#"
name = "tiny"
[data]
id = "customer"
[[expert.zones]]
name = "good"
min_score = 20
[[expert.zones]]
name = "fair"
[[expert.characteristics]]
column = "dearest_30d"
bins = [{ below = 5, points = 10 }, { points = 30 }]
"#;

/// By hand: a falls silent and is refused, b spends less, c comes back, d is new, e is not in the tables any more.
#[test]
fn every_customer_is_accounted_for() {
    let room = Room::new();
    room.file("shop.toml", TINY);
    room.file("recipe.toml", TINY_RECIPE);
    room.run(&["train", "recipe.toml", "-o", "tiny"]).ends(0);
    let june = "a,1,2024-06-10,3\nb,2,2024-06-11,7\nc,3,2024-01-01,9\n";
    room.file("orders.csv", format!("id,no,at,amount\n{june}d,4,2024-07-15,9\ne,5,2024-06-12,8\n"));
    let first = assess(&room, "2024-06-30", &[]);
    room.file(
        "orders.csv",
        format!("id,no,at,amount\n{june}d,4,2024-07-15,9\nb,6,2024-07-20,2\nc,7,2024-07-20,9\n"),
    );
    let second = assess(&room, "2024-07-31", &[]);
    let counts = |summary: &serde_json::Value| {
        let found = &summary["assessment"]["customers"];
        [&summary["customers"], &found["now"], &found["rejected"], &summary["unknown"]]
            .map(|n| n.as_u64().unwrap())
    };
    assert_eq!((counts(&first), counts(&second)), ([5, 3, 1, 1], [4, 3, 1, 0]));
    let (found, moves) = (&second["assessment"]["customers"], &second["assessment"]["moves"]);
    let came_and_went = ["new", "gone", "rejected_before"].map(|name| found[name].as_u64().unwrap());
    let moved = ["upgraded", "downgraded"].map(|name| moves[name]["customers"].as_u64().unwrap());
    assert_eq!((came_and_went, moved), ([2, 1, 1], [0, 1]));
    let standings = |folder: &str| -> Vec<String> {
        let of = |row: &BTreeMap<String, String>| {
            ["customer", "score", "grade", "previous_grade", "exposure"]
                .map(|column| row[column].clone())
                .join(" ")
        };
        rows(&room.read(&format!("{folder}/standings.csv"))).values().map(of).collect()
    };
    assert_eq!(standings("assess-2024-06-30"), ["a 10 fair  6", "b 30 good  14", "e 30 good  16"]);
    assert_eq!(standings("assess-2024-07-31"), ["b 10 fair good 4", "c 30 good  18", "d 30 good  18"]);
    let refused = "dearest_30d,,expected a value: the model has no answer without one\n";
    for (folder, customer) in [("assess-2024-06-30", "c"), ("assess-2024-07-31", "a")] {
        assert_eq!(
            room.read(&format!("{folder}/rejected.csv")),
            format!("customer,column,value,why\n{customer},{refused}")
        );
    }
    let text = room.run(&["assess", "shop.toml", "--as-of", "2024-07-31", "--replace"]).ends(0);
    text.says(&["run 2, after run 1", "Assessment as of 2024-07-31", "2 new, 1 gone", "replaced: run 2"]);
}

#[test]
fn what_is_missing_is_said() {
    let room = shop();
    let config = room.read("shop.toml");
    let told = |change: (&str, &str), says: &[&str]| {
        room.file("shop.toml", config.replace(change.0, change.1));
        room.run(&["assess", "shop.toml", "--as-of", "2025-03-31"]).ends(2).says(says);
    };
    told(("model = \"model\"", ""), &["it names no model", "--model"]);
    told(("model = \"model\"", "modle = \"model\""), &["modle"]);
    told(
        ("\"payments_on_time_streak\", \"days_since_late\", ", ""),
        &["it reads `", "which the configuration does not make"],
    );
    told(
        ("exposure = \"overdue_amount\"", "exposure = \"overdue_amuont\""),
        &["exposure", "did you mean `overdue_amount`"],
    );
    told(("exposure = ", "hysteresis = { runs = 0 }\nexposure = "), &["runs = 0: expected 1 to 12"]);
    told(("exposure = ", "history = \"$ARREARS_NO_SUCH\"\nexposure = "), &["ARREARS_NO_SUCH is not set"]);
    told(
        ("exposure = ", "history = \"postgres://u:hunter2@h:x/d\"\nexposure = "),
        &["the port is no number"],
    );
    told(("exposure = ", "history = \"shop.toml\"\nexposure = "), &["name another file"]);
    room.file("shop.toml", &config);
    // A folder with anything of others is not touched.
    fs::create_dir(room.path("mine")).unwrap();
    room.file("mine/notes.txt", "mine");
    room.run(&["assess", "shop.toml", "--as-of", "2025-03-31", "-o", "mine"])
        .ends(2)
        .says(&["`notes.txt`, which no run wrote"]);
    assert_eq!(room.read("mine/notes.txt"), "mine");
    assert_eq!(assess(&room, "2025-03-31", &["-o", "out"])["run"], 1, "no run was kept");
}

/// Killed at any moment, a run is in the history whole or not at all, and its folder too.
#[test]
fn a_kill_leaves_the_history_as_it_was() {
    let room = shop();
    assess(&room, "2025-03-31", &[]);
    let whole = bytes(&room, "assess-2025-03-31");
    for wait in [1, 5, 10, 20, 30, 40, 60, 80, 120, 200] {
        let args = ["assess", "shop.toml", "--as-of", "2025-06-30", "--replace", "-o", "killed"];
        let mut child = room.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        if room.path("killed").exists() {
            assert_eq!(bytes(&room, "killed").len(), whole.len(), "after {wait} ms");
        }
        let next = assess(&room, "2025-09-30", &["--dry-run", "-o", "next"]);
        let run = next["previous"].as_u64().unwrap();
        assert!([1, 2].contains(&run), "after {wait} ms: {next}");
        // A standing too few or too many would have been told.
        assert_eq!(next["run"].as_u64().unwrap(), run + 1);
    }
    assert_eq!(bytes(&room, "assess-2025-03-31"), whole);
    assess(&room, "2025-06-30", &["--replace", "-o", "killed"]);
    assert!(!room.names().iter().any(|name| name.contains("arrears-tmp")), "{:?}", room.names());
}

#[test]
fn postgres_keeps_the_same_history() {
    let Some(database) = Database::new("assess") else { return };
    let room = shop();
    for quarter in QUARTERS {
        assess(&room, quarter, &[]);
        let folder = format!("pg-{quarter}");
        let run = room.command(&[
            "assess",
            "shop.toml",
            "--as-of",
            quarter,
            "--history",
            "$HISTORY",
            "-o",
            &folder,
        ]);
        let mut run = run;
        let done = run.env("HISTORY", database.url()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(bytes(&room, &folder), bytes(&room, &format!("assess-{quarter}")));
    }
    let told =
        room.run(&["assess", "shop.toml", "--as-of", "2025-09-30", "--history", &database.url()]).ends(2);
    told.says(&["run 3 is as of 2025-09-30"]);
    assert_eq!(
        database.sql("select string_agg(run || ' ' || as_of, ',' order by run) from arrears_runs"),
        "1 2025-03-31,2 2025-06-30,3 2025-09-30"
    );
    let counted = "select bool_and(assessed = (select count(*) from arrears_standings s where s.run = r.run)) from arrears_runs r";
    assert_eq!(database.sql(counted), "t");
}
