//! What the bench binaries share: the rows, the clock and the answer's shape.
//!
//! A binary reads a Parquet file made by `peers/make_rows.py`, times one library call on the table in memory
//! several times, and prints one JSON line. `run.sh` runs them beside the peers.

use arrears_data::{Cleaned, Loaded, ReadOptions, clean, read_all};
use arrears_train::rows::Rows;
use arrears_train::{Recipe, TrainError};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// What a binary ends with: nothing, or the reason to print and exit with 1.
pub type Outcome = Result<(), Box<dyn Error>>;

/// The file's table; reading is not part of any timed call.
///
/// # Errors
/// Those of [`read_all`].
pub fn load(path: &str) -> Result<Loaded, TrainError> {
    Ok(read_all(Path::new(path), &ReadOptions::default())?)
}

/// A recipe for the generated files: the target is `bad`, repeated rows stay.
///
/// # Errors
/// When `more` is not TOML of a recipe.
pub fn recipe(more: &str) -> Result<Recipe, TrainError> {
    let text = format!("[data]\ntarget = \"bad\"\n[clean]\nduplicates = \"keep\"\n{more}");
    Recipe::from_toml(&text, "bench", "bench")
}

/// A cleaned file, all of whose rows are there to train on.
pub struct Data {
    cleaned: Cleaned,
    all: Vec<usize>,
}

impl Data {
    /// Reads and cleans a file.
    ///
    /// # Errors
    /// Those of reading and cleaning.
    pub fn read(path: &str) -> Result<Self, TrainError> {
        let cleaned = clean(load(path)?, &recipe("")?.preparation)?;
        let all = (0..cleaned.table.rows()).collect();
        Ok(Self { cleaned, all })
    }

    /// The rows, with their outcome.
    ///
    /// # Errors
    /// Those of ingestion.
    pub fn rows(&self) -> Result<Rows<'_>, TrainError> {
        let schema = self.cleaned.schema_for(&self.all);
        Rows::from_table(&schema, &self.cleaned.table, &self.all, self.cleaned.bad.as_deref(), None)
    }
}

/// Seconds of `runs` calls, sorted, and the answer of the last one. The answer of each call is dropped
/// outside the timed part.
///
/// # Panics
/// When `runs` is 0.
pub fn time<T>(runs: usize, mut call: impl FnMut() -> T) -> (Vec<f64>, T) {
    let mut seconds = Vec::with_capacity(runs);
    let mut last = None;
    for _ in 0..runs {
        let start = Instant::now();
        let answer = call();
        seconds.push(start.elapsed().as_secs_f64());
        last = Some(answer);
    }
    seconds.sort_by(f64::total_cmp);
    (seconds, last.expect("at least one run"))
}

/// What a call gives, and the most bytes it held at once beyond those held before.
pub fn most_beside<T>(memory: &PeakAlloc, call: impl FnOnce() -> T) -> (T, f64) {
    memory.reset_peak_usage();
    let before = memory.current_usage();
    let answer = call();
    (answer, memory.peak_usage().saturating_sub(before) as f64)
}

/// The line to print: task, seconds (best and median) and what the call found.
pub fn answer(task: &str, seconds: &[f64], found: &Value) -> Value {
    answer_of(OURS, task, seconds, found)
}

/// Our name in the lines.
const OURS: &str = "arrears";

/// Whose line a scoring of rows is: that without reasons stands beside the peers, which give none either.
pub fn package(reasons: usize) -> String {
    if reasons == 0 { OURS.to_owned() } else { format!("{OURS} with {reasons} reasons") }
}

/// [`answer`] under another name than ours.
pub fn answer_of(package: &str, task: &str, seconds: &[f64], found: &Value) -> Value {
    json!({
        "task": task,
        "package": package,
        "version": env!("CARGO_PKG_VERSION"),
        "best": seconds[0],
        "median": seconds[seconds.len() / 2],
        "runs": seconds.len(),
        "found": found,
    })
}
