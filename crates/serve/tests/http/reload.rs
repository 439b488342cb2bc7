//! Models come, change, break and go while requests run.

use crate::running::{CUSTOMER, Running, SCORECARD, TREE, frozen, model, put, wait_until};
use arrears_model::Model;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

const OLD: (&str, &str) = ("credit-scorecard", "1.0.0");

fn champion(running: &Running) -> String {
    running.post("/score", &[], CUSTOMER).json()["model"]["version"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn no_request_is_dropped_while_models_are_swapped() {
    let running = Running::of(&[OLD]);
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let expected: Vec<(String, String)> = [OLD, SCORECARD]
        .map(|which| {
            let alone = Running::of(&[which]).post("/score", &[], CUSTOMER).json();
            (alone["model"]["checksum"].as_str().unwrap().to_owned(), alone.to_string())
        })
        .into();
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (stop, answered, mut client) = (stop.clone(), answered.clone(), running.client());
            let expected = expected.clone();
            thread::spawn(move || {
                while !stop.load(Relaxed) {
                    let answer = client.request("POST /score", &[], CUSTOMER.as_bytes());
                    assert_eq!(answer.status, 200, "{}", answer.text());
                    // One model or the other, never a mixture.
                    let answer = answer.json();
                    let known = expected.iter().find(|(sum, _)| answer["model"]["checksum"] == sum.as_str());
                    assert_eq!(known.unwrap().1, answer.to_string());
                    answered.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    let place = running.folder.path().join("credit-scorecard/1.0.0/model.json");
    for swap in 0..40 {
        fs::copy(frozen(if swap % 2 == 0 { SCORECARD } else { OLD }), &place).unwrap();
        running.service().reload();
    }
    assert_eq!(champion(&running), "1.0.0");
    stop.store(true, Relaxed);
    callers.into_iter().for_each(|caller| caller.join().unwrap());
    assert!(answered.load(Relaxed) > 40);
    assert!(running.metric("arrears_reloads_total") >= 40.0);
}

#[test]
fn a_new_version_is_seen_and_a_removed_one_goes() {
    let running = Running::of(&[OLD]);
    assert_eq!(champion(&running), "1.0.0");
    put(running.folder.path(), SCORECARD);
    wait_until("the new version", || champion(&running) == "1.1.0");
    fs::remove_dir_all(running.folder.path().join("credit-scorecard/1.1.0")).unwrap();
    wait_until("the old version", || champion(&running) == "1.0.0");
    fs::remove_dir_all(running.folder.path().join("credit-scorecard")).unwrap();
    wait_until("a problem", || running.metric("arrears_model_problems") == 1.0);
    assert_eq!(champion(&running), "1.0.0", "the last model stays");
}

#[test]
fn a_broken_file_leaves_the_old_model_serving() {
    let running = Running::of(&[SCORECARD]);
    let place = running.folder.path().join("credit-scorecard/1.1.0/model.json");
    let good = fs::read(&place).unwrap();
    let mut turned = good.clone();
    let at = good.len() / 2;
    turned[at] ^= 1;
    for broken in [&good[..good.len() / 2], &turned, b""] {
        fs::write(&place, broken).unwrap();
        running.service().reload();
        assert_eq!(champion(&running), "1.1.0");
        let problems = running.get("/models").json()["problems"].clone();
        let why = problems[0]["why"].as_str().unwrap();
        assert!(why.contains("credit-scorecard/1.1.0 stays in service"), "{why}");
        assert_eq!(running.metric("arrears_model_problems"), 1.0);
    }
    assert!(running.metric("arrears_failed_reloads_total") >= 1.0);
    assert!(running.log.text().contains("\"event\":\"model_not_loaded\""));
    fs::write(&place, &good).unwrap();
    wait_until("the mended file", || running.metric("arrears_model_problems") == 0.0);
}

#[test]
fn aliases_from_the_file_and_by_default() {
    let running = Running::with(&[OLD, SCORECARD, TREE], |_, folder| {
        fs::write(folder.join("serving.toml"), "champion = \"credit-scorecard/1.0.0\"\n").unwrap();
    });
    assert_eq!(champion(&running), "1.0.0");
    let used = running.post("/models/credit-scorecard/score", &[], CUSTOMER).json();
    assert_eq!(used["model"]["version"], "1.0.0", "of the champion's model its version is the one in use");
    let file = running.folder.path().join("serving.toml");
    fs::write(&file, "champion = \"credit-scorecard\"\n").unwrap();
    wait_until("the newest version", || champion(&running) == "1.1.0");
    for broken in ["champion = \"nobody\"", "champion", "chmpion = \"credit-tree\""] {
        fs::write(&file, broken).unwrap();
        running.service().reload();
        assert_eq!(champion(&running), "1.1.0");
        assert_eq!(running.metric("arrears_model_problems"), 1.0, "{broken}");
    }
    // Without a champion named, the challenger is not it.
    fs::remove_dir_all(running.folder.path().join("credit-tree")).unwrap();
    fs::write(&file, "challenger = \"credit-scorecard/1.1.0\"").unwrap();
    wait_until("the champion beside the challenger", || champion(&running) == "1.0.0");
}

#[test]
fn two_files_of_one_version_do_not_take_turns() {
    let running = Running::of(&[SCORECARD]);
    let copy = running.folder.path().join("another");
    fs::create_dir(&copy).unwrap();
    let mut parts = model(SCORECARD).into_parts();
    parts.provenance.program.push('x');
    fs::write(copy.join("model.json"), Model::new(parts).unwrap().to_bytes().unwrap()).unwrap();
    running.service().reload();
    let problems = running.get("/models").json()["problems"].clone();
    assert!(problems[0]["why"].as_str().unwrap().contains("served from another file"), "{problems}");
    assert_eq!(running.get("/models").json()["models"].as_array().unwrap().len(), 1);
}
