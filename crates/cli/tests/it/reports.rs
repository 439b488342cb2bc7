//! `arrears reports` from end to end: a server on this machine, rows that `arrears features` reads, exit codes; and models of two scores.

use crate::common::Room;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// Answers one request on each connection: 404 for `C3`, 500 for `C4`, else a report whose score is the length of the id times 100.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(&stream.unwrap())));
    address
}

fn answer(mut stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines().map(|line| line.unwrap());
    let first = lines.next().unwrap_or_default();
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let customer =
        first.split(' ').nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    let (status, body) = match customer.as_str() {
        "C3" => ("404 Not Found", "{}".to_owned()),
        "C4" => ("500 Internal Server Error", "{}".to_owned()),
        _ => ("200 OK", format!(r#"{{"date":"2026-03-01","score":{}}}"#, 100 * customer.len())),
    };
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).unwrap();
}

fn config(address: &str) -> String {
    format!(
        r#"currency = "EUR"
time_zone = "UTC"
[agency.bureau]
url = "http://{address}/r/{{customer}}"
retries = 1
backoff = "1ms"
columns = {{ at = "/date", score = "/score" }}
[reports]
file = "reports.ndjson"
columns = {{ customer = "customer", at = "at", known_at = "known_at", agency = "agency", score = "score" }}
[features]
library = ["report_score"]
"#
    )
}

#[test]
fn rows_are_events_and_every_customer_is_accounted_for() {
    let room = Room::new();
    room.file("shop.toml", config(&server()));
    room.file("customers.csv", "customer,x\nC1,1\nC22,2\nC3,3\nC4,4\nC1,5\n,6\n");
    let ask = ["reports", "shop.toml", "--customers", "customers.csv", "-o", "reports.ndjson"];
    let failing = [&ask[..], &["--failures", "failed.csv"]].concat();
    room.run(&failing).ends(1).says(&[
        "1 rows have no customer, 1 repeat one",
        "bureau: 4 customers",
        "2  reports fetched",
        "1  without a report",
        "1  failed",
        "5  requests, 1 of them repetitions",
        "HTTP 500, at the last of 2 requests",
    ]);
    let failed = room.read("failed.csv");
    assert_eq!(
        failed,
        "customer,agency,instead,cause\nC4,bureau,nothing,\"HTTP 500, at the last of 2 requests\"\n"
    );
    // The second run asks for the one that failed alone.
    let run = room.run(&[&ask[..], &["--max-failures", "1", "--json"]].concat()).ends(0);
    let summary: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let [cached, requests] = ["cached", "requests"].map(|key| summary[0][key].as_u64().unwrap());
    assert_eq!((cached, requests), (2, 2));
    let rows = room.read("reports.ndjson");
    assert_eq!(rows.lines().count(), 2);
    // What was fetched today was not known before.
    let features = |as_of: &str| room.run(&["features", "shop.toml", "--as-of", as_of]).ends(0).out;
    let today = features("2100-01-01");
    let scores: Vec<&str> = today.lines().skip(1).filter_map(|line| line.rsplit(',').next()).collect();
    assert_eq!(scores, ["200", "300"], "{today}");
    assert_eq!(features("2026-03-31").lines().count(), 1, "no report was known by then");
}

#[test]
fn what_cannot_run_is_2_and_asks_nobody() {
    let room = Room::new();
    let address = server();
    room.file("customers.csv", "customer\nC1\n");
    let ask = ["reports", "shop.toml", "--customers", "customers.csv"];
    room.run(&ask).ends(2).says(&["shop.toml"]);
    room.file(
        "shop.toml",
        config(&address).replace("[agency.bureau]", "[agency.bureau]\nheaders = { K = \"ARREARS_NOT_SET\" }"),
    );
    room.run(&ask).ends(2).says(&["ARREARS_NOT_SET", "is not set"]);
    room.file("shop.toml", config(&address));
    room.run(&[&ask[..], &["--id", "id"]].concat()).ends(2).says(&["id"]);
    room.run(&[&ask[..], &["--as-of", "tomorrow"]].concat()).ends(2).says(&["--as-of"]);
    room.run(&[&ask[..], &["-o", "no/such/reports.ndjson"]].concat()).ends(2);
    room.run(&[&ask[..], &["--json"]].concat()).ends(2).says(&["-o"]);
    assert!(!room.path("reports-cache").exists(), "nobody was asked");
}

/// Scores of an internal model beside an agency's, made so that both say something of their own.
fn scored() -> String {
    let mut text = "id,pd,bureau,age,bad\n".to_owned();
    let mut state = 7u64;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1u64 << 31) as f64
    };
    for n in 0..1500 {
        let (own, agency) = (4.0 * draw() - 4.0, 2.0 * draw() - 1.0);
        let bad = draw() < 1.0 / (1.0 + (-own - agency).exp());
        let bureau = if n % 4 == 0 { String::new() } else { format!("{:.0}", 600.0 - 100.0 * agency) };
        text += &format!("C{n},{:.4},{bureau},{},{}\n", 1.0 / (1.0 + (-own).exp()), n % 120, u8::from(bad));
    }
    text
}

#[test]
fn a_blend_is_trained_scored_validated_and_shown() {
    let room = Room::new();
    room.file("scored.csv", scored());
    room.file(
        "blend.toml",
        "name = \"credit\"\n[data]\npath = \"scored.csv\"\ntarget = \"bad\"\npositive = \"1\"\nid = \"id\"\n[blend]\ninternal = { pd = \"pd\" }\nexternal = [{ column = \"bureau\" }]\n",
    );
    room.run(&["train", "blend.toml", "-o", "blend"]).ends(0).prints(&[
        "AUC of the scores alone and together",
        "without bureau",
        "log_odds_of_pd",
        "no bureau",
        "log-odds of bad = ",
    ]);
    room.run(&["inspect", "blend"]).ends(0).prints(&["log_odds_of_pd", "bureau"]);
    room.run(&["validate", "blend", "scored.csv"]).ends(0).prints(&["AUC"]);
    let rows = room.run(&["score", "blend", "scored.csv"]).ends(0).out;
    assert_eq!(rows.lines().count(), 1501);
    assert!(room.read("blend/card.md").contains("## Scores alone and together"));
    // The recipe beside the model makes it again.
    room.run(&["train", "blend/recipe.toml", "-o", "again"]).ends(0);
    assert_eq!(room.read("blend/model.json"), room.read("again/model.json"));
}

#[test]
fn a_matrix_prints_what_its_cells_were_like() {
    let room = Room::new();
    room.file("scored.csv", scored());
    let recipe = r#"name = "credit"
[data]
path = "scored.csv"
target = "bad"
positive = "1"
id = "id"
exclude = ["bureau", "age"]
[model]
kind = "logistic"
[[grades]]
name = "good"
max_pd = 0.15
[[grades]]
name = "poor"
[decisions]
inputs = [{ column = "bureau" }, { column = "age" }]
[decisions.matrix]
external = "bureau"
cuts = [600]
bands = ["weak", "strong"]
age = "age"
stale_after = 90
[decisions.matrix.grades]
good = { bands = ["poor", "good"], stale = "good", none = "good" }
poor = { bands = ["poor", "good"], stale = "poor", none = "poor" }
"#;
    room.file("matrix.toml", recipe);
    // Its own pd is a column, which formulas of decisions have a name for.
    room.file("scored.csv", scored().replacen("pd,", "internal_pd,", 1));
    let run = room.run(&["train", "matrix.toml", "-o", "m", "--json"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let cells = json["matrix"].as_array().unwrap();
    assert_eq!(cells.len(), 8);
    let rows: u64 = cells.iter().map(|cell| cell["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, json["rows"]["train"].as_u64().unwrap());
    room.run(&["train", "matrix.toml", "-o", "m"]).ends(0).prints(&[
        "Grades by two scores",
        "no report",
        "stale",
    ]);
    assert!(room.read("m/card.md").contains("## Grades by two scores"));
    // The grades of the scored file are those of the matrix, row for row.
    let scored = room.run(&["score", "m", "scored.csv"]).ends(0).out;
    let mut lines = scored.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let input = room.read("scored.csv");
    for (line, given) in lines.zip(input.lines().skip(1)) {
        let (found, given): (Vec<&str>, Vec<&str>) = (line.split(',').collect(), given.split(',').collect());
        let by_pd = if found[at("pd")].parse::<f64>().unwrap() <= 0.15 { "good" } else { "poor" };
        let expected = match (given[2].parse::<f64>(), given[3].parse::<f64>().unwrap()) {
            (Err(_), _) => by_pd,
            (_, age) if age > 90.0 => by_pd,
            (Ok(score), _) if score < 600.0 => "poor",
            _ => "good",
        };
        assert_eq!(found[at("grade")], expected, "{given:?}");
    }
    // Without the external column the grades are not known.
    let without: String = input.lines().map(|line| line.replacen(",bureau,", ",other,", 1) + "\n").collect();
    room.file("without.csv", without);
    room.run(&["validate", "m", "without.csv"]).ends(2).says(&["bureau"]);
}
