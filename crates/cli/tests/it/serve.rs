//! `arrears serve` as a process: started, asked, told to stop.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

fn arrears() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("arrears"));
    command.env_remove("ARREARS_TOKENS");
    command
}

#[test]
fn a_token_is_shown_once_and_its_line_printed() {
    let made = arrears().args(["serve", "--new-token", "shop", "--role", "admin"]).output().unwrap();
    let (line, said) = (String::from_utf8(made.stdout).unwrap(), String::from_utf8(made.stderr).unwrap());
    assert!(made.status.success() && line.starts_with("shop admin ") && line.lines().count() == 1);
    assert!(said.contains("token of shop, shown this once: arrears_"));
}

#[test]
fn it_scores_with_a_token_and_ends_with_0_on_sigterm() {
    let made = arrears().args(["serve", "--new-token", "shop"]).output().unwrap();
    let said = String::from_utf8(made.stderr).unwrap();
    let token = said.trim().rsplit(' ').next().unwrap();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/credit-tree");
    let mut service = arrears()
        .arg("serve")
        .arg(models)
        .args(["--listen", "127.0.0.1:0", "--threads", "1"])
        .env("ARREARS_TOKENS", String::from_utf8(made.stdout).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(service.stderr.take().unwrap()).lines().map(Result::unwrap);
    let listening = lines.find(|line| line.contains("\"listening\"")).unwrap();
    let listening: serde_json::Value = serde_json::from_str(&listening).unwrap();
    let address = listening["address"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    for (authorization, expected) in
        [(format!("authorization: Bearer {token}\r\n"), "200"), (String::new(), "401")]
    {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head =
            format!("POST /score?absent=missing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{authorization}");
        stream.write_all(format!("{head}content-length: 12\r\n\r\n{{\"income\":3}}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{answer}");
    }
    Command::new("kill").arg(service.id().to_string()).status().unwrap();
    assert!(service.wait().unwrap().success());
    assert!(lines.any(|line| line.contains("\"all_answered\":true")));
}
