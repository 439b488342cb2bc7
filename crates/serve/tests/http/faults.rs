//! What stops a start, and how it is said.

use crate::running::{SCORECARD, frozen, put};
use arrears_serve::http::{HttpOptions, Log, Service};
use std::fs;
use std::path::Path;

fn fails(folder: &Path, change: impl FnOnce(&mut HttpOptions)) -> String {
    let mut options = HttpOptions::new(folder);
    options.listen.set_port(0);
    change(&mut options);
    Service::start(&options, Log::to(std::io::sink())).err().expect("an error").to_string()
}

#[test]
fn folders_without_a_sound_model() {
    let folder = tempfile::tempdir().unwrap();
    let error = fails(folder.path(), |_| {});
    assert!(error.contains("holds no model that can be served"), "{error}");
    let error = fails(&folder.path().join("absent"), |_| {});
    assert!(error.contains("expected a model.json, its folder"), "{error}");
    fs::write(folder.path().join("model.json"), b"{}").unwrap();
    let error = fails(folder.path(), |_| {});
    assert!(error.contains("model.json"), "the file at fault is named: {error}");
    let mut bytes = fs::read(frozen(SCORECARD)).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(folder.path().join("model.json"), bytes).unwrap();
    let error = fails(folder.path(), |_| {});
    assert!(error.contains("checksum"), "{error}");
}

#[test]
fn aliases_keys_and_addresses() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), SCORECARD);
    let error = fails(folder.path(), |options| options.champion = Some("credit-scorecard/9".to_owned()));
    assert!(error.contains("is not among the models: credit-scorecard/1.1.0"), "{error}");
    let error = fails(folder.path(), |options| options.listen = "203.0.113.1:1".parse().unwrap());
    assert!(error.contains("cannot listen on 203.0.113.1:1"), "{error}");
    let key = folder.path().join("key");
    fs::write(&key, "short").unwrap();
    let error = fails(folder.path(), |options| {
        options.access_log = true;
        options.log_id_key = Some(key);
    });
    assert!(error.contains("at least 16 random bytes"), "{error}");
    let error = fails(folder.path(), |options| options.tokens = Some(folder.path().join("no-tokens")));
    assert!(error.contains("no-tokens"), "{error}");
}
