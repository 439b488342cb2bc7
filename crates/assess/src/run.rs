//! A run: all customers as of a date, beside what they were in the last run.

use crate::chunk::Job;
use crate::columns::Columns;
use crate::error::AssessError;
use crate::folder::Folder;
use crate::history::{History, RunRecord};
use crate::hysteresis::{Borders, MOST_GRADES};
use crate::report::Report;
use crate::results::{Gathered, Outputs, Results};
use crate::settings::Settings;
use crate::standing::Run;
use crate::summary::AssessSummary;
use arrears_behavior::{AsOf, Config, Error, ReadSettings, Snapshot};
use arrears_data::arrow::datatypes::{DataType, SchemaRef};
use arrears_expression as cel;
use arrears_model::Model;
use arrears_model::compiled::CompiledScorer;
use arrears_serve::{Overrides, ServeError, load_model};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// How a run is made.
pub struct RunOptions {
    /// The date or moment up to which everything counts.
    pub as_of: String,
    /// The folder of outputs.
    pub output: PathBuf,
    /// How the tables are read.
    pub read: ReadSettings,
    /// Whether runs as of this date or later make way.
    pub replace: bool,
    /// Whether the history stays as it is.
    pub dry_run: bool,
}

/// Assesses all customers as of a date, writes the folder of outputs and keeps the run in the history. `told` hears the number
/// of customers, now and then.
///
/// The same tables, model, settings and runs before it give the same run, on any number of threads.
///
/// # Errors
/// When anything cannot be read, does not fit or cannot be written. The history is then as it was, and there is no folder; but for
/// [`AssessError::Moved`].
pub fn assess(
    config: &Config,
    settings: &Settings,
    options: RunOptions,
    mut told: impl FnMut(u64) + Send,
) -> Result<AssessSummary, AssessError> {
    let model = model(config, settings)?;
    let snapshot = Snapshot::new(config, std::slice::from_ref(&options.as_of))?;
    let features = snapshot.schema();
    check_features(&model, &features)?;
    let exposure = exposure(config, settings, &features)?;
    let as_of = AsOf::parse(&options.as_of, &config.zone).map_err(Error::from)?;
    let overrides = settings.overrides.as_deref();
    let overrides = overrides.map(|file| Overrides::read(file, &as_of.date(), &model)).transpose()?;
    let mut history = History::open(&settings.history, !options.dry_run)?;
    let Turn { number, before, replaced } = turn(&history, config, settings, &options, &as_of)?;
    let previous = before.as_ref().map(|run| history.standings(run)).transpose()?;
    if !replaced.is_empty() {
        history.remove_from(number)?;
    }
    let folder = Folder::create(&options.output)?;
    let columns = Columns::new(&model, number, &options.as_of, previous.as_ref());
    let outputs = Outputs::create(&folder, columns.files())?;
    let run = Run {
        as_of: options.as_of.clone(),
        model: format!("{} {}", model.name, model.version),
        grades: model.grades.iter().map(|grade| grade.name.clone()).collect(),
        currency: config.currency.clone(),
    };
    let last = previous.as_ref().map(|previous| &previous.run);
    let report = Report::create(folder.made(), &run, last, settings.lgd)?;
    let by_pd = model.decisions.as_ref().is_none_or(|decisions| decisions.matrix.is_none());
    let job = Job {
        scorer: CompiledScorer::new(&model),
        borders: Borders::new(&model.grades, by_pd, settings.hysteresis),
        same_grades: previous.as_ref().is_some_and(|previous| previous.run.grades == run.grades),
        csv: outputs.csv.encoder(),
        parquet: outputs.parquet.encoder(),
        model: &model,
        overrides,
        exposure,
        previous,
        columns,
    };
    let mut results = Results::new(&job, outputs, report, history);
    let made = snapshot.for_each(
        options.read,
        |batch| job.chunk(&batch),
        |done| {
            told(results.add(done)?);
            Ok::<(), AssessError>(())
        },
    )?;
    let Gathered { history, assessment, rejected_by_cause, notes } = results.finish()?;
    let summary = AssessSummary {
        run: number,
        previous: before.map(|run| run.number),
        checksum: model.checksum().to_owned(),
        customers: made.cleaning.customers,
        rejected_by_cause,
        unknown: made.cleaning.customers - made.rows,
        assessment,
        replaced,
        written: !options.dry_run,
        history: settings.history.name(),
        output: folder.name(),
        notes,
        left_out: made.left_out,
        cleaning: made.cleaning,
    };
    history.commit(&record(config, settings, &model, &as_of, &summary)?)?;
    let name = folder.name();
    match folder.finish() {
        Ok(()) => Ok(summary),
        Err(source) => Err(AssessError::Moved { run: number, folder: name, source }),
    }
}

/// The model, which has to give grades.
fn model(config: &Config, settings: &Settings) -> Result<Model, AssessError> {
    let file = settings.model.as_deref().ok_or_else(|| AssessError::Config {
        file: config.file.clone(),
        why: "it names no model: add model = \"models/NAME/VERSION\" to [assess], or name one with --model"
            .to_owned(),
    })?;
    let model = load_model(file)?;
    let why = match (model.gives_pd(), model.grades.len()) {
        (false, _) => "it gives no pd; a run needs a model of who turns bad",
        (_, 0) => "it has no grades; give it some with `arrears grade`, or with [[grades]] in its recipe",
        (_, grades) if grades > MOST_GRADES => "it has more than 255 grades",
        _ => return Ok(model),
    };
    Err(AssessError::Model { model: model.name.clone(), why: why.to_owned() })
}

/// Checks that the configuration makes every column that the model reads.
fn check_features(model: &Model, features: &SchemaRef) -> Result<(), AssessError> {
    let lacks = |name: &&str| features.column_with_name(name).is_none();
    let missing: Vec<&str> = model.schema.inputs().map(|field| field.name.as_str()).filter(lacks).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (model, missing) = (model.name.clone(), missing.join("`, `"));
    let why = format!(
        "it reads `{missing}`, which the configuration does not make; declare the features in [features] or [[feature]] as they were \
         when it was trained"
    );
    Err(AssessError::Model { model, why })
}

/// The formula of what a customer owes.
fn exposure(
    config: &Config,
    settings: &Settings,
    features: &SchemaRef,
) -> Result<Option<cel::Expression>, AssessError> {
    let Some(formula) = &settings.exposure else { return Ok(None) };
    let kind = |kind: &DataType| if *kind == DataType::Utf8 { cel::Kind::Text } else { cel::Kind::Number };
    let columns = features.fields().iter().map(|field| (field.name().as_str(), kind(field.data_type())));
    let compiled = cel::Expression::compile_as(cel::Kind::Number, formula, &columns.collect::<Vec<_>>());
    let why = |error| format!("[assess] exposure `{formula}`: {error}");
    compiled.map(Some).map_err(|error| AssessError::Config { file: config.file.clone(), why: why(error) })
}

/// Where a run belongs among the others.
struct Turn {
    number: i64,
    before: Option<RunRecord>,
    replaced: Vec<i64>,
}

fn turn(
    history: &History,
    config: &Config,
    settings: &Settings,
    options: &RunOptions,
    as_of: &AsOf,
) -> Result<Turn, AssessError> {
    let name = || settings.history.name();
    let at = history.runs().partition_point(|run| run.moment < as_of.moment().0);
    let (earlier, later) = history.runs().split_at(at);
    if let Some(run) = later.first().filter(|_| !options.replace) {
        let (found, as_of) = (run.as_of.clone(), options.as_of.clone());
        return Err(AssessError::Order { place: name(), run: run.number, found, as_of });
    }
    let before = earlier.last().cloned();
    if let Some(run) = before.as_ref().filter(|run| run.currency != config.currency) {
        let problem = format!(
            "run {} is in {}, and the configuration in {}: amounts could not be compared; start another history",
            run.number, run.currency, config.currency
        );
        return Err(AssessError::History { place: name(), problem });
    }
    let number = before.as_ref().map_or(1, |run| run.number + 1);
    Ok(Turn { number, before, replaced: later.iter().map(|run| run.number).collect() })
}

fn record(
    config: &Config,
    settings: &Settings,
    model: &Model,
    as_of: &AsOf,
    summary: &AssessSummary,
) -> Result<RunRecord, AssessError> {
    let overrides = settings.overrides.as_deref().map(|file| {
        let failed = |error| ServeError::Overrides {
            file: file.display().to_string(),
            line: 0,
            why: format!("{error}"),
        };
        std::fs::read(file).map(|bytes| sha256(&bytes)).map_err(failed)
    });
    Ok(RunRecord {
        number: summary.run,
        as_of: summary.assessment.as_of.clone(),
        moment: as_of.moment().0,
        model: model.name.clone(),
        version: model.version.clone(),
        model_sha256: model.sha256().to_owned(),
        config_sha256: sha256(config.text.as_bytes()),
        overrides_sha256: overrides.transpose()?,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        currency: config.currency.clone(),
        grades: model.grades.iter().map(|grade| grade.name.clone()).collect(),
        margin: settings.hysteresis.margin,
        upgrade_runs: settings.hysteresis.runs as i64,
        customers: summary.customers as i64,
        assessed: summary.assessment.customers.now as i64,
        rejected: summary.assessment.customers.rejected as i64,
        unknown: summary.unknown as i64,
        gone: summary.assessment.customers.gone as i64,
    })
}

/// SHA-256 as hex.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
