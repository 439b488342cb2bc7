//! Which model is the champion and which the challenger: flags, else `serving.toml`, else the newest version.

use crate::error::ServeError;
use crate::http::served::Served;
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

/// Name of the file beside the models.
pub(crate) const SERVING_FILE: &str = "serving.toml";

/// What the command line says; `None` leaves it to the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases {
    pub(crate) champion: Option<String>,
    pub(crate) challenger: Option<String>,
}

/// The models behind the two names.
#[derive(Clone, Default)]
pub(crate) struct Chosen {
    pub(crate) champion: Option<Arc<Served>>,
    pub(crate) challenger: Option<Arc<Served>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServingFile {
    champion: Option<String>,
    challenger: Option<String>,
}

impl Aliases {
    /// Looks the two up among the models, which ascend by name and version.
    ///
    /// # Errors
    /// The file cannot be read, or names a model that is not there.
    pub(crate) fn choose(&self, folder: &Path, models: &[Arc<Served>]) -> Result<Chosen, ServeError> {
        let path = folder.join(SERVING_FILE);
        let file = path.display().to_string();
        let failed = |problem: String| ServeError::Serving { file: file.clone(), problem };
        let written: ServingFile = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|e| failed(e.to_string()))?,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                ServingFile::default()
            }
            Err(e) => return Err(failed(e.to_string())),
        };
        let find = |flag: &Option<String>, written: &Option<String>, alias: &str| {
            let Some(wanted) = flag.as_ref().or(written.as_ref()) else { return Ok(None) };
            let (name, version) = match wanted.split_once('/') {
                Some((name, version)) => (name, Some(version)),
                None => (wanted.as_str(), None),
            };
            let is = |s: &&Arc<Served>| s.model.name == name && version.is_none_or(|v| v == s.model.version);
            match models.iter().rev().find(is) {
                Some(served) => Ok(Some(served.clone())),
                None => {
                    let known: Vec<String> = models.iter().map(|served| served.full_name()).collect();
                    Err(failed(format!("{alias} `{wanted}` is not among the models: {}", known.join(", "))))
                }
            }
        };
        let challenger = find(&self.challenger, &written.challenger, "challenger")?;
        let champion = find(&self.champion, &written.champion, "champion")?;
        let champion = champion.or_else(|| newest(models, challenger.as_ref()));
        Ok(Chosen { champion, challenger })
    }
}

/// The newest version of the only model there is, the challenger left aside; `None` where there are several models.
fn newest(models: &[Arc<Served>], challenger: Option<&Arc<Served>>) -> Option<Arc<Served>> {
    let mut left = models.iter().filter(|served| !challenger.is_some_and(|c| Arc::ptr_eq(c, served)));
    let newest = left.next_back()?;
    left.all(|served| served.model.name == newest.model.name).then(|| newest.clone())
}
