//! Who may call what.

use crate::client::Answer;
use crate::running::{CUSTOMER, Running, SCORECARD};
use arrears_serve::http::{HttpOptions, Log, Role, Service, new_token};
use std::fs;

/// A service with a token of each role, and the two tokens.
fn guarded() -> (Running, String, String) {
    let (score, score_line) = new_token("shop", Role::Score).unwrap();
    let (admin, admin_line) = new_token("ops", Role::Admin).unwrap();
    let running = Running::with(&[SCORECARD], |options, folder| {
        let file = folder.join("tokens.txt");
        fs::write(&file, format!("# callers\n\n{score_line}\n")).unwrap();
        options.tokens = Some(file);
        options.token_lines = Some(admin_line);
        options.access_log = true;
    });
    (running, score, admin)
}

fn call(running: &Running, line: &str, token: &str) -> Answer {
    let header = format!("authorization: Bearer {token}");
    let headers: &[&str] = if token.is_empty() { &[] } else { &[&header] };
    running.client().request(line, headers, if line.starts_with("POST") { CUSTOMER.as_bytes() } else { b"" })
}

#[test]
fn roles_reach_what_they_may() {
    let (running, score, admin) = guarded();
    let other = new_token("shop", Role::Admin).unwrap().0;
    for (line, none, as_score) in [
        ("POST /score", 401, 200),
        ("POST /models/credit-scorecard/score", 401, 200),
        ("POST /invocations", 401, 400),
        ("GET /models", 401, 200),
        ("GET /openapi.json", 401, 200),
        ("GET /v2/models/credit-scorecard", 401, 200),
        ("GET /metrics", 401, 403),
        ("GET /nowhere", 401, 404),
        ("GET /v2/health/live", 200, 200),
        ("GET /v2/health/ready", 200, 200),
        ("GET /ping", 200, 200),
    ] {
        assert_eq!(call(&running, line, "").status, none, "{line} without a token");
        assert_eq!(call(&running, line, &other).status, none, "{line} with an unknown token");
        assert_eq!(call(&running, line, &score).status, as_score, "{line} as score");
        let as_admin = if as_score == 403 { 200 } else { as_score };
        assert_eq!(call(&running, line, &admin).status, as_admin, "{line} as admin");
    }
    let refused = call(&running, "POST /score", "");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    for nearly in [&score[..score.len() - 1], &format!("{score}0"), &score.to_uppercase(), "arrears_", "é"] {
        assert_eq!(call(&running, "POST /score", nearly).status, 401, "{nearly}");
    }
    let log = running.stop().text();
    assert!(log.contains("\"caller\":\"shop\"") && log.contains("\"caller\":\"ops\""));
    assert!(!log.contains(&score) && !log.contains(&admin), "tokens are not logged");
}

#[test]
fn tokens_are_random_and_their_lines_hold_hashes_only() {
    let (one, line) = new_token("shop", Role::Score).unwrap();
    let (two, _) = new_token("shop", Role::Score).unwrap();
    assert_ne!(one, two);
    assert_eq!(one.len(), "arrears_".len() + 64);
    assert!(line.starts_with("shop score ") && !line.contains(&one["arrears_".len()..]));
    assert!(new_token("a b", Role::Score).is_err() && new_token("", Role::Score).is_err());
}

#[test]
fn token_files_that_cannot_be_used_stop_the_start() {
    let line = new_token("shop", Role::Score).unwrap().1;
    let hash = line.split(' ').next_back().unwrap();
    for (text, expected) in [
        ("", "holds no token"),
        ("# nothing\n", "holds no token"),
        ("shop score", "line 1: expected a name"),
        (&format!("shop boss {hash}")[..], "expected the role score or admin"),
        (&format!("shop score {}", &hash[1..]), "64 hex digits"),
        (&format!("shop score {}x", &hash[1..]), "64 hex digits"),
        (&format!("{line}\n{line}"), "line 2: expected a name"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        crate::running::put(folder.path(), SCORECARD);
        let mut options = HttpOptions::new(folder.path());
        options.listen.set_port(0);
        options.token_lines = Some(text.to_owned());
        let error = Service::start(&options, Log::to(std::io::sink())).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
