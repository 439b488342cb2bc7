//! Sample models, files, and reading results back.

use arrears_data::{Loaded, ReadOptions, read_all};
use arrears_model::{Model, Scored, Scorer, Value};
use arrears_serve::{Input, Output, ScoreOptions, ServeError, Summary, load_model, score_file};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Columns of the sample scorecard, its id first.
pub(crate) const HEADER: [&str; 5] = ["客户", "age", "days_late", "home", "码"];

/// A frozen sample of the model crate.
pub(crate) fn sample(name: &str) -> Model {
    sample_file(&format!("v1-{name}"))
}

/// A frozen sample of any format version.
pub(crate) fn sample_file(name: &str) -> Model {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/samples");
    load_model(&samples.join(format!("{name}.json"))).unwrap()
}

/// A folder that is removed at the end of the test.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Room {
        Room(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Scores `input` to the file `out`, rejects in `rejects.csv`.
    pub(crate) fn score(&self, model: &Model, input: &Path, out: &str) -> Result<Summary, ServeError> {
        score_file(model, Input::file(input), self.options(out), |_| {})
    }

    pub(crate) fn options(&self, out: &str) -> ScoreOptions {
        let (output, rejects) = (Output::file(self.path(out)), Output::file(self.path("rejects.csv")));
        ScoreOptions { output, rejects, reasons: 4, points: false, id: None, overrides: None }
    }

    /// All rows of a result file as text; `None` where empty or null.
    pub(crate) fn rows(&self, name: &str) -> Vec<Vec<Option<String>>> {
        rows(&self.load(name))
    }

    pub(crate) fn load(&self, name: &str) -> Loaded {
        read_all(&self.path(name), &ReadOptions::default()).unwrap()
    }
}

fn rows(loaded: &Loaded) -> Vec<Vec<Option<String>>> {
    let table = &loaded.table;
    let cell = |row, at| table.column_at(at).text(row, &[]).map(String::from);
    (0..table.rows()).map(|row| (0..table.columns().len()).map(|at| cell(row, at)).collect()).collect()
}

/// CSV with the sample scorecard's header.
pub(crate) fn csv(rows: &[[&str; 5]]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// What the plain scorer says of a row whose id stands first.
pub(crate) fn plain(model: &Model, row: &[impl AsRef<str>]) -> Option<Scored> {
    let values: Vec<Value<'_>> = row[1..].iter().map(|v| Value::Text(v.as_ref())).collect();
    Scorer::new(model).score(&values).ok()
}

/// The bits of a number in a result file.
pub(crate) fn bits(cell: &Option<String>) -> u64 {
    cell.as_ref().unwrap().parse::<f64>().unwrap().to_bits()
}
