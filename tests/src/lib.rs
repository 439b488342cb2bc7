//! What the tests of the whole workspace share: where things are, and one training run.

use arrears_data::{ReadOptions, read_all};
use arrears_train::{Recipe, TrainError, Trained, train};
use arrears_validate::{MeasureOptions, Report, measure};
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes a line for whoever runs the tests with `--nocapture`.
pub fn say(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
}

/// The folder of a larger data set, or `None` with a line on stderr where `DATASETS_DIR` is not set.
pub fn dataset(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("DATASETS_DIR");
    if folder.is_none() {
        say(&format!("skipped: DATASETS_DIR is not set, {path} is not read"));
    }
    folder.map(|folder| Path::new(&folder).join(path))
}

/// Trains on the file at `data` by a recipe's text and measures the held-out rows.
///
/// # Errors
/// See [`TrainError`].
pub fn train_and_measure(recipe: &Recipe, data: &Path) -> Result<(Trained, Report), TrainError> {
    let loaded = read_all(data, &ReadOptions::default())?;
    let name = data.file_name().unwrap_or_default().to_string_lossy();
    let trained = train(recipe, loaded, &name)?;
    let report = hold_out_report(&trained);
    Ok((trained, report))
}

/// The validation of a trained model on its held-out rows.
///
/// # Panics
/// When the rows the model was trained from cannot be measured, which is what a test wants to know.
pub fn hold_out_report(trained: &Trained) -> Report {
    let name = &trained.model.provenance.data;
    let options = MeasureOptions::default();
    measure(&trained.model, &trained.cleaned.table, &trained.split.test, "holdout", name, &options)
        .expect("held-out rows can be measured")
}
