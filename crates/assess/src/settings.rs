//! Section `[assess]` of the configuration.

use crate::error::AssessError;
use crate::hysteresis::Hysteresis;
use arrears_behavior::Config;
use arrears_postgres::{Address, is_address};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What a run goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The model: its file or folder.
    pub model: Option<PathBuf>,
    /// Where the runs are kept. Default: `assess.sqlite` beside the configuration.
    pub history: Place,
    /// What a customer owes: a formula over the features, in the currency of the configuration.
    pub exposure: Option<String>,
    /// Loss given default, 0 to 1: the part of the exposure that a bad customer costs. Without one there is no expected loss.
    pub lgd: Option<f64>,
    /// The file of overrides.
    pub overrides: Option<PathBuf>,
    /// When a grade changes.
    pub hysteresis: Hysteresis,
}

/// Where runs are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(Box<Address>),
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    model: Option<PathBuf>,
    history: Option<String>,
    exposure: Option<String>,
    lgd: Option<f64>,
    overrides: Option<PathBuf>,
    hysteresis: Hysteresis,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    assess: Section,
}

impl Settings {
    /// Those of a configuration; without a section the defaults.
    ///
    /// # Errors
    /// When a key or value cannot be.
    pub fn of(config: &Config) -> Result<Settings, AssessError> {
        let failed = |why: String| AssessError::Config { file: config.file.clone(), why };
        let File { assess } = toml::from_str(&config.text).map_err(|error| failed(error.to_string()))?;
        assess.hysteresis.check().map_err(|why| failed(format!("[assess.hysteresis] {why}")))?;
        if let Some(lgd) = assess.lgd.filter(|lgd| !(0.0..=1.0).contains(lgd)) {
            return Err(failed(format!("[assess] lgd = {lgd}: it is a share, from 0 to 1")));
        }
        let folder = Path::new(&config.file).parent().unwrap_or(Path::new(""));
        let history = assess.history.as_deref().unwrap_or("assess.sqlite");
        Ok(Settings {
            model: assess.model.map(|model| folder.join(model)),
            history: Place::parse(history, folder)?,
            exposure: assess.exposure,
            lgd: assess.lgd,
            overrides: assess.overrides.map(|file| folder.join(file)),
            hysteresis: assess.hysteresis,
        })
    }
}

impl Place {
    /// A file relative to `folder`, the address of a PostgreSQL database (`postgres://USER@HOST/DATABASE`), or the name of the
    /// environment variable that holds one or the other (`$ARREARS_HISTORY`).
    ///
    /// # Errors
    /// When the variable is not set, or the address is none. What the variable holds is not repeated.
    pub fn parse(text: &str, folder: &Path) -> Result<Place, AssessError> {
        let held;
        let text = match text.strip_prefix('$') {
            None => text,
            Some(name) => {
                held = std::env::var(name).ok().filter(|value| !value.is_empty());
                held.as_deref().ok_or_else(|| AssessError::History {
                    place: text.to_owned(),
                    problem: format!("the environment variable {name} is not set; it holds a file or postgres://USER@HOST/DATABASE"),
                })?
            }
        };
        Ok(match is_address(text) {
            true => Place::Postgres(Box::new(Address::parse(text)?)),
            false => Place::File(folder.join(text)),
        })
    }

    /// What messages call it, without a password.
    pub fn name(&self) -> String {
        match self {
            Place::File(path) => path.display().to_string(),
            Place::Postgres(address) => address.name(),
        }
    }
}
