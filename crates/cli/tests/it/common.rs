//! Running the binary, and a small model to run it with.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// One finished run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// Checks the exit code and returns what went to standard output.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Run {
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in stderr:\n{}", self.err);
        }
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Run {
        for part in parts {
            assert!(self.out.contains(part), "no {part:?} in stdout:\n{}", self.out);
        }
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A folder to run in, removed at the end of the test.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Room {
        Room(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("arrears"));
        command.args(args).current_dir(self.0.path()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs the binary in this folder.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.command(args).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Runs the binary with bytes on its standard input.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.command(args);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Starts the binary, closes its standard output at once, and waits.
    pub(crate) fn run_unread(&self, args: &[&str]) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        child.wait_with_output().unwrap().into()
    }

    /// A room with a frozen scorecard in `model/`: columns 客户 (id), age, days_late, home, 码.
    pub(crate) fn with_model() -> Room {
        let room = Room::new();
        fs::create_dir(room.path("model")).unwrap();
        fs::copy(sample("scorecard"), room.path("model/model.json")).unwrap();
        room
    }

    /// A room with the bundled credit data and recipe.
    pub(crate) fn with_credit() -> Room {
        let room = Room::new();
        for name in ["data.csv", "recipe.toml"] {
            fs::copy(repository().join("datasets/credit").join(name), room.path(name)).unwrap();
        }
        room
    }
}

/// A frozen model of the model crate.
pub(crate) fn sample(name: &str) -> PathBuf {
    repository().join(format!("crates/model/tests/samples/v1-{name}.json"))
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Three customers the sample scorecard can score.
pub(crate) const CUSTOMERS: &str = "\
客户,age,days_late,home,码
c1,33,0,owner,1
c2,22,45,rent,2.5
c3,,,parents,
";
