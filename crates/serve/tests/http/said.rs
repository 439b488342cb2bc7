//! What the service says of itself: metrics and log, and that neither names a customer.

use crate::running::{CUSTOMER, Running, SCORECARD, model, root};
use arrears_data::{ReadOptions, read_all};
use arrears_model::{Scorer, Value};
use arrears_validate::psi;
use std::fs;

const CSV: &str = "content-type: text/csv";
const MODEL: &str = "model=\"credit-scorecard\",version=\"1.1.0\"";

#[test]
fn scores_rejects_and_requests_are_counted() {
    let running = Running::of(&[SCORECARD]);
    let csv = fs::read(root().join("datasets/credit/data.csv")).unwrap();
    let answer = running.post("/score", &[CSV], &csv).json();
    let rows = answer["rows"].as_array().unwrap();
    for grade in &model(SCORECARD).grades {
        let expected = rows.iter().filter(|row| row["grade"] == grade.name.as_str()).count();
        let name = format!("arrears_scored_total{{{MODEL},grade=\"{}\"}}", grade.name);
        assert_eq!(running.metric(&name), expected as f64, "{}", grade.name);
    }
    running.post("/score", &[], CUSTOMER.replace("129.0", "-1"));
    running.post("/score", &[], format!("[{}, 3]", CUSTOMER.replace("129.0", "\"x\"")));
    for (field, cause) in [("income", "out_of_range"), ("income", "not_a_number"), ("", "unreadable")] {
        let name = format!("arrears_rejected_total{{{MODEL},field=\"{field}\",cause=\"{cause}\"}}");
        assert_eq!(running.metric(&name), 1.0, "{name}");
    }
    assert_eq!(running.metric("arrears_requests_total{route=\"/score\",status=\"200\"}"), 2.0);
    assert_eq!(running.metric("arrears_requests_total{route=\"/score\",status=\"422\"}"), 1.0);
    assert_eq!(running.metric("arrears_request_seconds_count{route=\"/score\"}"), 3.0);
    assert_eq!(running.metric("arrears_request_seconds_bucket{route=\"/score\",le=\"+Inf\"}"), 3.0);
}

#[test]
fn live_psi_is_that_of_the_library() {
    let running = Running::of(&[SCORECARD]);
    let file = root().join("datasets/credit/data.csv");
    let text = fs::read_to_string(&file).unwrap();
    // The first 1,000 customers, in 500 requests of two.
    let lines: Vec<&str> = text.lines().collect();
    let mut client = running.client();
    for pair in lines[1..=1_000].chunks(2) {
        let body = format!("{}\n{}\n", lines[0], pair.join("\n"));
        assert_eq!(client.request("POST /score", &[CSV], body.as_bytes()).status, 200);
    }
    let model = model(SCORECARD);
    let table = read_all(&file, &ReadOptions::default()).unwrap().table;
    let mut scorer = Scorer::new(&model);
    let profile = &model.profile;
    let mut fields: Vec<Vec<u64>> = profile.fields.iter().map(|entry| vec![0; entry.counts.len()]).collect();
    let bands = profile.score.as_ref().unwrap();
    let (mut scores, mut rows) = (vec![0; bands.counts.len()], 0.0);
    for row in 0..1_000 {
        let columns = model.schema.fields.iter();
        let values: Vec<Value<'_>> = columns.map(|f| table.column(&f.name).unwrap().value(row)).collect();
        let Ok(scored) = scorer.score(&values) else { continue };
        rows += 1.0;
        scores[bands.band(scored.score.unwrap())] += 1;
        for (entry, counts) in profile.fields.iter().zip(&mut fields) {
            let transform = &model.transforms[entry.transform];
            let field = transform.field();
            counts[transform.bin(&model.schema.fields[field], scorer.cells()[field])] += 1;
        }
    }
    let metric = |name: &str, field: &str| running.metric(&format!("{name}{{{MODEL},field=\"{field}\"}}"));
    assert_eq!(metric("arrears_psi_rows", ""), rows);
    assert_eq!(metric("arrears_psi", ""), psi(&bands.counts, &scores).unwrap().psi);
    for (entry, counts) in profile.fields.iter().zip(&fields) {
        let name = &model.schema.fields[model.transforms[entry.transform].field()].name;
        let expected = psi(&entry.counts, counts).unwrap();
        assert_eq!(metric("arrears_psi", name), expected.psi, "{name}");
        assert_eq!(metric("arrears_psi_threshold", name), expected.adjusted_threshold);
    }
}

#[test]
fn old_customers_leave_the_psi() {
    let running = Running::of(&[SCORECARD]);
    let list = |home: &str| format!("[{}]", vec![CUSTOMER.replace("rent", home); 10_000].join(","));
    let rows = || running.metric(&format!("arrears_psi_rows{{{MODEL},field=\"home\"}}"));
    let drift = || running.metric(&format!("arrears_psi{{{MODEL},field=\"home\"}}"));
    running.post("/score", &[], list("rent"));
    let rent = drift();
    running.post("/score", &[], list("owner"));
    assert_ne!(drift(), rent);
    running.post("/score", &[], list("owner"));
    let owner = drift();
    assert_eq!(rows(), 10_000.0);
    running.post("/score", &[], CUSTOMER.replace("rent", "owner"));
    assert_eq!(rows(), 10_001.0);
    assert!((drift() - owner).abs() < 1e-3, "nobody who rents is left");
}

#[test]
fn the_page_is_as_prometheus_reads_it() {
    let running = Running::of(&[SCORECARD]);
    running.post("/score", &[], CUSTOMER);
    let answer = running.get("/metrics");
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let mut families = Vec::new();
    for line in answer.text().lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            families.push(family.split(' ').next().unwrap().to_owned());
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let plain = name.split('{').next().unwrap();
            assert!(plain.starts_with(families.last().unwrap().as_str()), "{line} stands under its family");
            assert_eq!(name.contains('{'), name.ends_with('}'), "{line}");
        }
    }
    let count = families.len();
    families.sort();
    families.dedup();
    assert_eq!(families.len(), count, "each family once");
}

#[test]
fn the_log_names_no_customer_and_ids_only_hashed() {
    let key = "a key of thirty-two random bytes";
    let running = Running::with(&[SCORECARD], |options, folder| {
        fs::write(folder.join("key"), key).unwrap();
        options.access_log = true;
        options.log_id_key = Some(folder.join("key"));
    });
    running.post("/score", &[], CUSTOMER.replace("rent", "wonderland"));
    running.post("/score", &[], CUSTOMER.replace("129.0", "\"wonderland\""));
    running.post("/score", &[], "{\"wonderland\": ");
    let log = running.stop().text();
    assert!(!log.contains("wonderland") && !log.contains("c-1") && !log.contains("846"), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<_> = lines.iter().filter(|line| line["event"] == "request").collect();
    assert_eq!(requests.len(), 3);
    // printf '"c-1"' | openssl dgst -sha256 -hmac 'a key of thirty-two random bytes'
    assert_eq!(requests[0]["ids"][0], "ebd03fb93b933bdef36755ef7d27cec0c769ba759942c0b8916155bc7aa9a898");
    assert_eq!((&requests[0]["rows"], &requests[0]["model"]), (&1.into(), &"credit-scorecard/1.1.0".into()));
    assert_eq!((&requests[2]["status"], &requests[2]["code"]), (&400.into(), &"bad_body".into()));
    let silent = Running::of(&[SCORECARD]);
    silent.post("/score", &[], CUSTOMER);
    assert!(!silent.stop().text().contains("\"request\""), "requests are logged where it is asked for");
}
