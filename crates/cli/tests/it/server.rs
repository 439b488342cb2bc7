//! The PostgreSQL server that `tests/postgres/with_server.sh` starts beside the tests.

use crate::common::{Room, Run};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Says on standard error why a test is left out.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A database of its own on the server.
pub(crate) struct Database {
    folder: PathBuf,
    pub(crate) port: String,
    pub(crate) name: String,
}

impl Database {
    /// Makes a database; `None`, with a line on standard error, where no server is named.
    pub(crate) fn new(name: &str) -> Option<Database> {
        let Some(folder) = std::env::var_os("ARREARS_TEST_POSTGRES").map(PathBuf::from) else {
            skipped("ARREARS_TEST_POSTGRES is not set; tests/postgres/with_server.sh starts a server");
            return None;
        };
        let port = fs::read_to_string(folder.join("port")).unwrap().trim().to_owned();
        let mut database = Database { folder, port, name: "postgres".to_owned() };
        database.sql(&format!("drop database if exists {name} with (force)"));
        database.sql(&format!("create database {name}"));
        database.name = name.to_owned();
        Some(database)
    }

    /// The address through the socket, where nobody is asked for a password.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@/{}?host={}&port={}", self.name, self.folder.display(), self.port)
    }

    /// The superuser's password, which TCP asks for.
    pub(crate) fn password(&self) -> String {
        fs::read_to_string(self.folder.join("password")).unwrap().trim().to_owned()
    }

    pub(crate) fn root_certificate(&self) -> String {
        self.folder.join("root.crt").display().to_string()
    }

    fn psql(&self, args: &[&str]) -> Run {
        let mut command = Command::new("psql");
        command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h"]).arg(&self.folder);
        command.args(["-p", &self.port, "-d", &self.name]).args(args);
        command.output().unwrap().into()
    }

    /// What SQL gives, without the last line end.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.psql(&["-c", sql]).ends(0).out.trim_end_matches('\n').to_owned()
    }

    /// Loads a CSV file with a header into a table.
    #[track_caller]
    pub(crate) fn load(&self, table: &str, file: &str) {
        self.psql(&["-c", &format!("\\copy {table} from '{file}' csv header")]).ends(0);
    }

    /// The rows of a query as CSV with a header.
    #[track_caller]
    pub(crate) fn csv(&self, query: &str) -> String {
        self.psql(&["-c", &format!("copy ({query}) to stdout csv header")]).ends(0).out
    }
}

/// The rows of CSV by field, numbers as their bits; the server writes some numbers in another form than arrears.
pub(crate) fn bits(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let field = |text: &str| match text.parse::<f64>() {
        Ok(x) if text.contains(['.', 'e']) => format!("{:016x}", x.to_bits()),
        _ => text.to_owned(),
    };
    reader.records().map(|record| record.unwrap().iter().map(field).collect()).collect()
}

/// A room with the folder of the frozen model `name` as `model`.
pub(crate) fn room_with(model: &str) -> Room {
    let room = Room::with_credit();
    fs::create_dir(room.path("model")).unwrap();
    let from = repository().join("models").join(model).join("model.json");
    fs::copy(from, room.path("model/model.json")).unwrap();
    room
}

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
