//! Which rows of a data file a model is measured on.
//!
//! A model remembers the SHA-256 of its training file and its recipe, so the rows that were held out of
//! training can be found again: same file, same cleaning, same split.

use arrears_data::{CleaningReport, DataError, Loaded, Preparation, Table, clean, clean_number_target};
use arrears_model::Model;
use std::fmt;

/// The part of a file that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// [`Part::Holdout`] of the training file, [`Part::All`] of any other (default).
    #[default]
    Auto,
    /// All rows, as they stand in the file.
    All,
    /// The rows the model was trained on; they flatter it.
    Train,
    /// The rows held out of training.
    Holdout,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::All => "all",
            Self::Train => "train",
            Self::Holdout => "holdout",
        })
    }
}

/// The rows to measure, and how they were found.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The table; cleaned where a part of the training file is measured.
    pub table: Table,
    /// Positions of the rows to measure in the table.
    pub rows: Vec<usize>,
    /// The part, never [`Part::Auto`].
    pub part: Part,
    /// What cleaning did, where a part of the training file is measured.
    pub cleaning: Option<CleaningReport>,
    /// What the user should know: why this part, rows that are not measured.
    pub notes: Vec<String>,
}

/// Finds the rows of a loaded file that a model is measured on.
///
/// The training file is known by its SHA-256. It is cleaned and split again by the recipe in the model, so
/// that the parts are those of training. Any other file is taken whole and as it stands.
///
/// # Errors
/// [`DataError::Split`] when `train` or `holdout` is asked of another file than the training file, or when the
/// recipe no longer gives the number of rows that the model remembers; whatever cleaning meets.
pub fn select_rows(model: &Model, loaded: Loaded, part: Part) -> Result<Selected, DataError> {
    let origin = &model.provenance;
    let trained_on_it = loaded.fingerprint == origin.data_sha256;
    let part = match (part, trained_on_it) {
        (Part::Auto, true) => Part::Holdout,
        (Part::Auto, false) => Part::All,
        (part, _) => part,
    };
    if part == Part::All {
        return Ok(whole(loaded, trained_on_it));
    }
    if !trained_on_it {
        return Err(DataError::Split(format!(
            "the {part} rows are known only in the file the model was trained on (`{}`, sha256 {}), and this file \
             has sha256 {}; measure all rows of it instead",
            origin.data, origin.data_sha256, loaded.fingerprint
        )));
    }
    let preparation = Preparation::from_toml(&origin.recipe)?;
    let cleaned = match model.gives_amount() {
        true => clean_number_target(loaded, &preparation)?,
        false => clean(loaded, &preparation)?,
    };
    let split = cleaned.split(&preparation.split)?;
    let found = (split.train.len() as u64, split.test.len() as u64);
    if found != (origin.rows.train, origin.rows.test) {
        return Err(DataError::Split(format!(
            "the recipe in the model now gives {} training and {} held-out rows, and training had {} and {}; \
             train the model again with this version",
            found.0, found.1, origin.rows.train, origin.rows.test
        )));
    }
    let rows = if part == Part::Train { split.train } else { split.test };
    let what = if part == Part::Train { "trained on" } else { "held out of training" };
    let notes = vec![format!(
        "this is the file the model was trained on; measured are the {} rows {what}",
        rows.len()
    )];
    Ok(Selected { table: cleaned.table, rows, part, cleaning: Some(cleaned.report), notes })
}

fn whole(loaded: Loaded, trained_on_it: bool) -> Selected {
    let Loaded { table, unreadable, mut notes, .. } = loaded;
    if trained_on_it {
        notes.push("the model was trained on rows of this file; its figures flatter it".to_owned());
    }
    if let Some(first) = unreadable.first() {
        notes.push(format!(
            "{} rows cannot be read and are not measured; the first is on line {}: {}",
            unreadable.len(),
            first.line,
            first.why
        ));
    }
    let rows = (0..table.rows()).collect();
    Selected { table, rows, part: Part::All, cleaning: None, notes }
}
