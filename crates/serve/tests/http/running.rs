//! A service on a free port, with frozen models in a folder of its own.

use crate::client::{Answer, Client};
use arrears_model::Model;
use arrears_serve::http::{HttpOptions, Log, Service};
use arrears_serve::load_model;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One customer of `datasets/credit`, its keys in another order than the model's.
pub(crate) const CUSTOMER: &str = r#"{"id": "c-1", "price": 846, "seniority": 9, "home": "rent", "term_months": 60, "age": 30, "marital": "married",
 "records": "no", "job": "freelance", "expenses": 73, "income": 129.0, "assets": 0.0, "debt": 0.0, "amount": 800}"#;

pub(crate) const SCORECARD: (&str, &str) = ("credit-scorecard", "1.1.0");
pub(crate) const TREE: (&str, &str) = ("credit-tree", "1.1.0");
pub(crate) const SEGMENTS: (&str, &str) = ("credit-segments", "1.1.0");
pub(crate) const PLUS: (&str, &str) = ("credit-scorecard-plus", "1.1.0");

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The file of a frozen model.
pub(crate) fn frozen((name, version): (&str, &str)) -> PathBuf {
    root().join("models").join(name).join(version).join("model.json")
}

pub(crate) fn model(which: (&str, &str)) -> Model {
    load_model(&frozen(which)).unwrap()
}

/// Log lines of a service.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A service that runs until it is dropped or stopped.
pub(crate) struct Running {
    pub(crate) folder: TempDir,
    pub(crate) log: Lines,
    pub(crate) address: SocketAddr,
    service: Option<Service>,
}

impl Running {
    /// Serves frozen models.
    pub(crate) fn of(models: &[(&str, &str)]) -> Running {
        Running::with(models, |_, _| {})
    }

    /// The same, with the folder and the options changed before.
    pub(crate) fn with(models: &[(&str, &str)], change: impl FnOnce(&mut HttpOptions, &Path)) -> Running {
        let folder = tempfile::tempdir().unwrap();
        models.iter().for_each(|which| put(folder.path(), *which));
        let mut options = HttpOptions::new(folder.path());
        options.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        options.threads = 2;
        change(&mut options, folder.path());
        let log = Lines::default();
        let service = Service::start(&options, Log::to(log.clone())).unwrap();
        Running { folder, log, address: service.address(), service: Some(service) }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.client().request(&format!("GET {path}"), &[], b"")
    }

    pub(crate) fn post(&self, path: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Answer {
        self.client().request(&format!("POST {path}"), headers, body.as_ref())
    }

    /// The value of a metric; the name with its labels. 0 where it is not there.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let answer = self.get("/metrics");
        let line = answer.text().lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    pub(crate) fn service(&self) -> &Service {
        self.service.as_ref().unwrap()
    }

    pub(crate) fn stop(mut self) -> Lines {
        self.service.take().unwrap().stop();
        self.log.clone()
    }
}

/// Puts a frozen model into a folder of models.
pub(crate) fn put(folder: &Path, which: (&str, &str)) {
    let place = folder.join(which.0).join(which.1);
    fs::create_dir_all(&place).unwrap();
    fs::copy(frozen(which), place.join("model.json")).unwrap();
}

/// Waits until something holds; fails after 20 seconds.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
