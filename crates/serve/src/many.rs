//! Many files into one folder, one output for each, and going on where an earlier run ended.

use crate::batch::{Progress, ScoreOptions, score_with};
use crate::error::ServeError;
use crate::manifest::{Fingerprint, Finished, Manifest, Settings};
use crate::overrides::Overrides;
use crate::places::{Input, Output, check_different};
use crate::summary::Summary;
use arrears_data::Format;
use arrears_model::Model;
use arrears_model::compiled::CompiledScorer;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Version of the manifest's lines.
const VERSION: u32 = 2;

/// Which files are scored, where to, and what is said of each row.
#[derive(Clone, Debug)]
pub struct ManyOptions {
    /// The files, in the order in which they are scored.
    pub inputs: Vec<PathBuf>,
    /// Their format, where the extensions do not say it.
    pub input_format: Option<Format>,
    /// The folder of the outputs; it is made where it is not there. An output is called as its input, its rejects the
    /// same with `.rejects.csv` behind.
    pub folder: PathBuf,
    /// Format of the outputs, where it is another than the input's; then the extension is its own.
    pub format: Option<Format>,
    /// Reasons for each row, 0 to 4.
    pub reasons: usize,
    /// Whether each row gets its points by characteristic.
    pub points: bool,
    /// Column that names each row, instead of the model's.
    pub id: Option<String>,
    /// Grades and limits that people set, for all files.
    pub overrides: Option<Arc<Overrides>>,
    /// Whether inputs that an earlier run finished are passed over. One counts as finished when the folder's manifest says so
    /// for the same model and options, and input, output and rejects are as they were then.
    pub resume: bool,
}

/// How far a run over many files is.
#[derive(Clone, Copy, Debug)]
pub struct ManyProgress {
    /// The file that is scored, from 1, and how many there are.
    pub file: (usize, usize),
    /// Rows scored or rejected in this run.
    pub rows: u64,
    /// How much of all bytes that this run reads was read, from 0 to 1.
    pub read: f64,
}

/// What became of one input.
#[derive(Debug)]
pub enum ManyOutcome {
    /// It was scored now.
    Scored(Box<Summary>),
    /// An earlier run had scored it.
    Kept {
        /// The output.
        output: String,
        /// Rows of the input.
        rows: u64,
        /// Rows in the rejects.
        rejected: u64,
        /// Lines of the overrides that were applied.
        overridden: BTreeSet<u64>,
    },
    /// It could not be scored. Its output is not there, or is one of an earlier run.
    Failed {
        /// The input.
        input: String,
        /// Why.
        why: Box<ServeError>,
        /// The output of an earlier run, where it is still there.
        earlier: Option<String>,
    },
}

/// Scores many files, one after the other; see [`score_file`](crate::score_file). One that cannot be scored keeps no other from it;
/// a run with [`ManyOptions::resume`] tries it again.
///
/// # Errors
/// Before anything is scored, when two inputs would have one output, or an output would be its own input. Later only what
/// would keep every further file from being scored: options that the model does not have, a manifest that cannot be
/// written. The outputs before it stay, and a run with [`ManyOptions::resume`] goes on there.
pub fn score_files(
    model: &Model,
    options: &ManyOptions,
    mut progress: impl FnMut(ManyProgress),
) -> Result<Vec<ManyOutcome>, ServeError> {
    let outputs = outputs(options)?;
    let made = |source| ServeError::Folder { folder: options.folder.display().to_string(), source };
    fs::create_dir_all(&options.folder).map_err(made)?;
    let settings = Settings {
        arrears_score: VERSION,
        model: model.checksum().to_owned(),
        reasons: options.reasons,
        points: options.points,
        id: options.id.clone(),
        input_format: options.input_format.map(|format| format!("{format:?}")),
        overrides: options.overrides.as_ref().map(|overrides| overrides.fingerprint().to_owned()),
    };
    let mut manifest = Manifest::open(&options.folder, &settings, options.resume)?;
    let scorer = CompiledScorer::new(model);
    let kept: Vec<Option<Finished>> =
        outputs.iter().map(|(input, output)| manifest.done(input, output).cloned()).collect();
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len()) as f64;
    let sizes =
        outputs.iter().zip(&kept).map(|((input, _), kept)| if kept.is_some() { 0.0 } else { size(input) });
    let sizes: Vec<f64> = sizes.collect();
    let all = sizes.iter().sum::<f64>().max(1.0);
    let (mut rows, mut read, mut outcomes) = (0, 0.0, Vec::with_capacity(outputs.len()));
    for (at, ((input, output), kept)) in outputs.iter().zip(kept).enumerate() {
        if let Some(Finished { rows, rejected, overridden, .. }) = kept {
            let output = output.display().to_string();
            outcomes.push(ManyOutcome::Kept { output, rows, rejected, overridden });
            continue;
        }
        let before = read;
        let mut told = |one: Progress| {
            let part = one.read.unwrap_or_default() * sizes[at];
            progress(ManyProgress {
                file: (at + 1, outputs.len()),
                rows: rows + one.rows,
                read: (before + part) / all,
            });
        };
        read += sizes[at];
        outcomes.push(match score_one(model, &scorer, options, (input, output), &mut manifest, &mut told) {
            Ok(summary) => {
                rows += summary.rows;
                ManyOutcome::Scored(Box::new(summary))
            }
            Err(error) if stops_all(&error) => return Err(error),
            Err(error) => ManyOutcome::Failed {
                input: input.display().to_string(),
                why: Box::new(error),
                earlier: output.exists().then(|| output.display().to_string()),
            },
        });
    }
    Ok(outcomes)
}

/// Whether every other file would meet the same error.
fn stops_all(error: &ServeError) -> bool {
    matches!(error, ServeError::Manifest { .. } | ServeError::Reasons { .. } | ServeError::NoPoints { .. })
}

fn score_one(
    model: &Model,
    scorer: &CompiledScorer,
    options: &ManyOptions,
    (input, output): (&Path, &Path),
    manifest: &mut Manifest,
    progress: &mut dyn FnMut(Progress),
) -> Result<Summary, ServeError> {
    // Taken before it is read: a file that changes meanwhile is not taken for the one that was scored.
    let failed = |source| ServeError::Fingerprint { file: input.display().to_string(), source };
    let read = Fingerprint::of(input).map_err(failed)?;
    let to = Output::file(output);
    let rejects = to.rejects_beside().expect("a file has a place beside it");
    let beside = rejects.path().map(Path::to_owned);
    let ManyOptions { reasons, points, .. } = *options;
    let (id, overrides) = (options.id.clone(), options.overrides.clone());
    let one = ScoreOptions { output: to, rejects, reasons, points, id, overrides };
    let from = Input::File { path: input.to_owned(), format: options.input_format };
    let summary = score_with(model, scorer, from, one, progress)?;
    let print = |path: &Path| {
        Fingerprint::of(path)
            .map_err(|source| ServeError::Fingerprint { file: path.display().to_string(), source })
    };
    let rejects = match (&summary.rejects, beside) {
        (Some(_), Some(path)) => Some((path.clone(), print(&path)?)),
        _ => None,
    };
    manifest.add(&Finished {
        input: input.to_owned(),
        read,
        output: output.to_owned(),
        written: print(output)?,
        rejects,
        rows: summary.rows,
        rejected: summary.rejected,
        overridden: summary.overridden.clone(),
    })?;
    Ok(summary)
}

/// The output of each input.
fn outputs(options: &ManyOptions) -> Result<Vec<(PathBuf, PathBuf)>, ServeError> {
    let mut taken: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut outputs = Vec::with_capacity(options.inputs.len());
    for input in &options.inputs {
        let name = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy().into_owned();
        let extension = options.format.or_else(|| Format::of_path(input).err().and(options.input_format));
        let name = match extension {
            Some(format) => format!("{}{}", stem(&name), format.extension()),
            None => name,
        };
        let output = options.folder.join(name);
        if let Some(other) = taken.insert(output.clone(), input) {
            return Err(ServeError::SameOutput {
                one: other.display().to_string(),
                other: input.display().to_string(),
                output: output.display().to_string(),
            });
        }
        let from = Input::File { path: input.clone(), format: options.input_format };
        let to = Output::file(&output);
        check_different(&from, &to, &to.rejects_beside().expect("a file has a place beside it"))?;
        outputs.push((input.clone(), output));
    }
    Ok(outputs)
}

/// A file's name without the extensions that tell a format: `a.b` of `a.b.csv.gz`.
fn stem(name: &str) -> &str {
    let lower = name.to_lowercase();
    let known = [".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz", ".parquet"];
    let longest = known.iter().filter(|known| lower.ends_with(*known)).map(|known| known.len()).max();
    longest.and_then(|length| name.get(..name.len() - length)).filter(|stem| !stem.is_empty()).unwrap_or(name)
}
