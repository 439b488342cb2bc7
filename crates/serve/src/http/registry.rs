//! The models in service: found in a folder, loaded anew when their files change, swapped while requests run.

use crate::error::ServeError;
use crate::http::aliases::{Aliases, Chosen};
use crate::http::find_models::{Found, find_models, stamp};
use crate::http::overriding::{OverrideOptions, Overriding};
use crate::http::served::Served;
use crate::http::version::newer;
use crate::load::load_file;
use arrears_model::Model;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Looks after which a model whose file is gone leaves the service: a file that is being replaced may be away for
/// a moment.
const LOOKS_GONE: u32 = 2;

/// The models at one moment. A request keeps the one it began with.
pub(crate) struct Snapshot {
    /// By name and version, in ascending order of both.
    pub(crate) models: Vec<Arc<Served>>,
    pub(crate) chosen: Chosen,
    /// Files that could not be loaded, and why.
    pub(crate) problems: Vec<Problem>,
}

/// A file that is not in service as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) file: String,
    pub(crate) what: String,
}

/// What a look at the folder found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// `name/version` of models that are in service since this look.
    pub(crate) loaded: Vec<String>,
    /// `name/version` of models that are not any more.
    pub(crate) removed: Vec<String>,
    /// Problems that were not there before.
    pub(crate) problems: Vec<Problem>,
}

/// Keeps the snapshot and what it was made from.
pub(crate) struct Registry {
    folder: PathBuf,
    aliases: Aliases,
    overrides: Option<OverrideOptions>,
    files: Mutex<Files>,
    snapshot: RwLock<Arc<Snapshot>>,
}

/// The files as they were seen last.
#[derive(Default)]
struct Files {
    models: BTreeMap<PathBuf, Known>,
    /// That of overrides, where there is one.
    overrides: Option<Found>,
}

/// A model file as it was seen last.
struct Known {
    found: Found,
    served: Option<Arc<Served>>,
    problem: Option<String>,
    /// Why the overrides as they stand are not in force for the model.
    unfit: Option<String>,
    gone: u32,
}

impl Registry {
    /// Loads all models of a folder.
    ///
    /// # Errors
    /// The folder cannot be read, no model in it can be loaded, or `serving.toml` cannot be used.
    pub(crate) fn open(
        folder: &Path,
        aliases: Aliases,
        overrides: Option<OverrideOptions>,
    ) -> Result<Self, ServeError> {
        let mut files = Files::default();
        files.look(find_models(folder)?, true, overrides.as_ref());
        let (models, problems) = in_service(&files.models);
        if models.is_empty() {
            let problems = problems.into_iter().map(|problem| problem.what).collect();
            return Err(ServeError::NoModels { folder: folder.display().to_string(), problems });
        }
        let chosen = aliases.choose(folder, &models)?;
        let snapshot = RwLock::new(Arc::new(Snapshot { models, chosen, problems }));
        Ok(Registry { folder: folder.to_owned(), aliases, overrides, files: Mutex::new(files), snapshot })
    }

    /// The models now.
    pub(crate) fn now(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the files: those that changed are loaded, with `all` every one. A file that cannot be loaded leaves
    /// what was loaded from it before in service.
    pub(crate) fn look(&self, all: bool) -> Changes {
        let before = self.now();
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folder_problem = None;
        match find_models(&self.folder) {
            Ok(found) => files.look(found, all, self.overrides.as_ref()),
            Err(error) => folder_problem = Some(self.problem(&error)),
        }
        let (mut models, mut problems) = in_service(&files.models);
        problems.extend(folder_problem);
        if models.is_empty() {
            models = before.models.clone();
            let what = "no model is left; the last ones stay in service".to_owned();
            problems.push(Problem { file: self.folder.display().to_string(), what });
        }
        let chosen = match self.aliases.choose(&self.folder, &models) {
            Ok(chosen) => chosen,
            Err(error) => {
                problems.push(self.problem(&error));
                before.chosen.clone()
            }
        };
        let after = Arc::new(Snapshot { models, chosen, problems });
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = after.clone();
        changes(&before, &after)
    }

    /// What people set for the customers of a request that comes now.
    pub(crate) fn overriding(&self, served: &Served) -> Option<Overriding> {
        let (options, overrides) = (self.overrides.as_ref()?, served.overrides()?);
        Some(Overriding::File(overrides, options.day().into()))
    }

    fn problem(&self, error: &ServeError) -> Problem {
        Problem { file: self.folder.display().to_string(), what: error.to_string() }
    }
}

impl Snapshot {
    /// A model by name and version. Without a version the champion's, where it is a version of that model, else the
    /// newest.
    pub(crate) fn find(&self, name: &str, version: Option<&str>) -> Option<&Arc<Served>> {
        let mut named = self.models.iter().filter(|served| served.model.name == name);
        match version {
            Some(version) => named.find(|served| served.model.version == version),
            None => {
                self.chosen.champion.as_ref().filter(|c| c.model.name == name).or_else(|| named.next_back())
            }
        }
    }

    /// The versions of a model, ascending.
    pub(crate) fn versions(&self, name: &str) -> Vec<&str> {
        let named = self.models.iter().filter(|served| served.model.name == name);
        named.map(|served| served.model.version.as_str()).collect()
    }
}

impl Files {
    /// Brings what is known of the files up to date.
    fn look(&mut self, found: Vec<Found>, all: bool, overrides: Option<&OverrideOptions>) {
        let stamp = overrides.and_then(|overrides| stamp(&overrides.file));
        let set_anew = all || stamp != self.overrides;
        self.overrides = stamp;
        for known in self.models.values_mut() {
            known.gone += 1;
        }
        for found in found {
            let path = found.path.clone();
            match self.models.get_mut(&path) {
                Some(known) if known.found == found && !all && !(set_anew && known.served.is_none()) => {
                    known.gone = 0
                }
                Some(known) => {
                    known.gone = 0;
                    known.found = found;
                    known.load(overrides);
                }
                None => {
                    let mut known = Known { found, served: None, problem: None, unfit: None, gone: 0 };
                    known.load(overrides);
                    self.models.insert(path, known);
                }
            }
        }
        self.models.retain(|_, known| known.gone < LOOKS_GONE);
        if set_anew {
            self.models.values_mut().for_each(|known| known.read_overrides(overrides));
        }
    }
}

impl Known {
    fn load(&mut self, overrides: Option<&OverrideOptions>) {
        let same = |served: &Arc<Served>, model: &Model| served.model.sha256() == model.sha256();
        let loaded = load_file(&self.found.path).and_then(|(model, file)| {
            if self.served.as_ref().is_some_and(|served| same(served, &model)) {
                return Ok(());
            }
            let served = Served::new(model, file);
            if let Some(overrides) = overrides {
                served.set_overrides(overrides.read(&served.model)?);
            }
            (self.served, self.unfit) = (Some(Arc::new(served)), None);
            Ok(())
        });
        self.problem = loaded.err().map(|error| {
            let stays = self.served.as_ref().map(|s| format!("; {} stays in service", s.full_name()));
            format!("{error}{}", stays.unwrap_or_default())
        });
    }

    /// What people set, read anew for the model in service. Where that cannot be, what was read before stays in force.
    fn read_overrides(&mut self, overrides: Option<&OverrideOptions>) {
        let (Some(overrides), Some(served)) = (overrides, &self.served) else { return };
        self.unfit = match overrides.read(&served.model) {
            Ok(read) => {
                served.set_overrides(read);
                None
            }
            Err(error) => Some(format!("{error}; those before stay in force for {}", served.full_name())),
        };
    }
}

/// The models of the files, in order, and what is wrong with some files.
fn in_service(files: &BTreeMap<PathBuf, Known>) -> (Vec<Arc<Served>>, Vec<Problem>) {
    let mut models: Vec<Arc<Served>> = Vec::new();
    let mut problems = Vec::new();
    for (path, known) in files {
        let mut problem = known.problem.clone();
        if let Some(served) = &known.served {
            let same =
                |model: &Model| (model.name == served.model.name) && model.version == served.model.version;
            if models.iter().any(|other| same(&other.model)) {
                problem = Some(format!("{} is served from another file", served.full_name()));
            } else {
                models.push(served.clone());
            }
        }
        let file = path.display().to_string();
        problems.extend(
            problem.into_iter().chain(known.unfit.clone()).map(|what| Problem { file: file.clone(), what }),
        );
    }
    models.sort_by(|a, b| {
        a.model.name.cmp(&b.model.name).then_with(|| newer(&a.model.version, &b.model.version))
    });
    (models, problems)
}

fn changes(before: &Snapshot, after: &Snapshot) -> Changes {
    let new_in = |a: &Snapshot, b: &Snapshot| {
        let known = |served: &&Arc<Served>| !b.models.iter().any(|other| Arc::ptr_eq(other, served));
        a.models.iter().filter(known).map(|served| served.full_name()).collect::<Vec<_>>()
    };
    let loaded = new_in(after, before);
    let mut removed = new_in(before, after);
    removed.retain(|name| !loaded.contains(name));
    let problems = after.problems.iter().filter(|p| !before.problems.contains(p)).cloned().collect();
    Changes { loaded, removed, problems }
}
