//! `arrears train`: a table and a recipe become a model.

use crate::amount_text;
use crate::exit::Outcome;
use crate::leaf_text;
use crate::place::{FormatName, beside, file_name};
use crate::progress::Spinner;
use crate::recipe::{Columns, recipe_with_data};
use crate::scores_text;
use crate::segment_text;
use crate::show;
use crate::train_expert;
use crate::train_options;
use crate::train_text;
use anyhow::Context;
use arrears_data::{ReadOptions, Role, read_all};
use arrears_model::label::short_list;
use arrears_model::segment_table::segment_table;
use arrears_model::{Model, ModelKind};
use arrears_serve::load_model;
use arrears_train::folder::{K_PLOT, Sources, write_folder};
use arrears_train::grade_matrix::MatrixCell;
use arrears_train::segmented::{SegmentsBy, SegmentsParams};
use arrears_train::segments::NumberOfSegments;
use arrears_train::settings::without_unread;
use arrears_train::{Engine, Recipe, Trained, train_with_rejects};
use arrears_validate::{Amounts, MeasureOptions, Report, measure};
use clap::ValueEnum;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Train a model on customers whose outcome is known
#[derive(Debug, clap::Args)]
#[command(after_help = "\
SOURCE is a recipe (.toml), which names its data, or a data file. Options go before what the recipe says.
The model's folder holds model.json, card.md, vectors.ndjson and recipe.toml (with every default written out); k.svg too, with --k auto.
The same data, recipe and seed give the same bytes.

Examples:
  arrears train datasets/credit/recipe.toml
  arrears train datasets/credit/recipe.toml --kind tree --seed 11
  arrears train customers.csv --target status --positive bad --id customer_id --exclude phone,email
  arrears train customers.csv --target status --positive bad --segments tree
  arrears train accepted.csv --target status --positive bad --rejects-data rejected.csv
  arrears train datasets/credit/recipe.toml --kind tree --optimal
  arrears train defaulted.csv --target amount_lost --kind amount-tree
  arrears train customers.parquet --kind kmeans --k auto -o segments
  arrears train expert.toml
  arrears train expert.toml --data customers.csv --target status --positive bad")]
pub(crate) struct Args {
    /// A recipe (.toml), or a data file
    source: PathBuf,
    /// Data file to train on, instead of the one the recipe names
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Rejected applicants, whose outcomes are inferred, instead of the file the recipe names
    #[arg(long, value_name = "FILE")]
    rejects_data: Option<PathBuf>,
    /// Column of the outcome
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Label of the bad outcome
    #[arg(long, value_name = "LABEL")]
    positive: Option<String>,
    /// Kind of model [default: what the recipe says, else scorecard]
    #[arg(long, value_enum)]
    kind: Option<KindName>,
    /// Library that fits it [default: what the recipe says, else native where it can]
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// The best tree of all of 2 or 3 levels, below which a deeper one goes on [bare: 3, or `max_depth` where that is less]
    #[arg(long, value_name = "LEVELS", num_args = 0..=1, require_equals = true)]
    optimal: Option<Option<usize>>,
    /// Number of segments, or auto: chosen by silhouette and stability (kmeans)
    #[arg(long, value_name = "K")]
    k: Option<NumberOfSegments>,
    /// Part customers into segments, each with a scorecard of its own where that is better: tree, kmeans or
    /// column:NAME
    #[arg(long, value_name = "HOW", value_parser = train_options::segments_by)]
    segments: Option<(SegmentsBy, Option<String>)>,
    /// Column of row weights (scorecard, logistic, tree and amount-tree)
    #[arg(long, value_name = "COLUMN")]
    weight: Option<String>,
    /// Columns that are not features, instead of the recipe's
    #[arg(long, value_name = "COLUMN,..", value_delimiter = ',')]
    exclude: Option<Vec<String>>,
    /// Column that names the customer
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Seed of everything random: the split and the starting points of k-means
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Name of the model, to which its kind is added [default: `name` in the recipe, else SOURCE's file name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Folder to write [default: models/NAME-KIND/VERSION]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Format of the data, where the extension does not tell it
    #[arg(long, value_enum)]
    input_format: Option<FormatName>,
}

/// A kind of model, as it is named on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindName {
    /// Bins, weight of evidence, points.
    Scorecard,
    /// Boosted bins and pairs of columns, points; as accurate as boosted trees.
    ScorecardPlus,
    /// Logistic regression on standardised numbers and one-hot categories.
    Logistic,
    /// Decision tree.
    Tree,
    /// Decision tree that predicts an amount: a loss, days late.
    AmountTree,
    /// Segments.
    Kmeans,
    /// Points or coefficients that the recipe has in `expert`.
    Expert,
}

/// An engine, as it is named on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum EngineName {
    /// Our own, for every kind; the default.
    Native,
    /// The linfa libraries.
    Linfa,
    /// The smartcore library.
    Smartcore,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    let (recipe, data) = plan(&args)?;
    let Some(data) = data else { return train_expert::run(&args.source, &recipe, args.output, args.json) };
    let spinner = Spinner::new(format!("training {}", recipe.model_name()));
    let options = || ReadOptions { format: args.input_format.map(Into::into), ..ReadOptions::default() };
    let loaded = read_all(&data, &options())?;
    let rejects = rejects_file(&args, &recipe);
    let rejected = rejects.as_deref().map(|path| read_all(path, &options()).context("rejected applicants"));
    let rejected = rejected.transpose()?;
    let name = rejects.as_deref().map(file_name).unwrap_or_default();
    let rejected = rejected.map(|loaded| (loaded, name.as_str()));
    let trained = train_with_rejects(&recipe, loaded, &file_name(&data), rejected)?;
    let report = hold_out_report(&trained, &file_name(&data))?;
    drop(spinner);
    let model = &trained.model;
    let folder = args.output.unwrap_or_else(|| Path::new("models").join(&model.name).join(&model.version));
    let earlier = load_model(&folder).ok().filter(|earlier| earlier.sha256() != model.sha256());
    let sources = Sources { data: Some(&data), rejects: rejects.as_deref() };
    write_folder(&trained, &report, sources, &folder)?;
    if let Some(earlier) = earlier {
        show::say(&format!(
            "note: another model was in the folder and is replaced (checksum {})",
            earlier.checksum()
        ));
    }
    let matrix = trained.matrix_cells()?;
    let printed = show::print(&if args.json {
        as_json(&trained, &report, &matrix, &folder)?
    } else {
        text(&trained, &report, &matrix, &folder)
    });
    // Last, where they are seen; also by who reads no more than the head of the report.
    trained.warnings.iter().for_each(|warning| show::say(&format!("warning: {warning}")));
    printed?;
    Ok(Outcome::Done)
}

/// The file of the rejected applicants, where there is one.
fn rejects_file(args: &Args, recipe: &Recipe) -> Option<PathBuf> {
    let named = recipe.reject_inference.as_ref().and_then(|r| r.path.as_ref());
    args.rejects_data.clone().or(named.map(|path| beside(&args.source, path)))
}

/// The recipe with the options put over it, and the data file.
fn plan(args: &Args) -> anyhow::Result<(Recipe, Option<PathBuf>)> {
    let (mut recipe, data) = recipe_with_data(&args.source, args.data.as_deref())?;
    let Args { target, positive, id, weight, exclude, .. } = args;
    Columns { target, positive, id, weight, exclude }.put_over(&mut recipe);
    if let Some(seed) = args.seed {
        recipe.preparation.split.seed = seed;
        recipe.kmeans.seed = seed;
    }
    if let Some(name) = &args.name {
        recipe.name.clone_from(name);
    }
    if let Some((by, column)) = &args.segments {
        let named = recipe.segments.take().filter(|segments| segments.by == *by);
        let segments = named.unwrap_or_else(|| SegmentsParams { by: *by, ..SegmentsParams::default() });
        // Groups belong to the categories of their column.
        let groups = if segments.column == *column { segments.groups } else { Vec::new() };
        recipe.segments = Some(SegmentsParams { column: column.clone(), groups, ..segments });
    }
    if let Some(kind) = args.kind {
        let written_for = recipe.model.kind;
        recipe.model.kind = match kind {
            KindName::Scorecard => ModelKind::Scorecard,
            KindName::ScorecardPlus => ModelKind::ScorecardPlus,
            KindName::Logistic => ModelKind::Logistic,
            KindName::Tree => ModelKind::Tree,
            KindName::AmountTree => ModelKind::AmountTree,
            KindName::Kmeans => ModelKind::Kmeans,
            KindName::Expert => ModelKind::Expert,
        };
        if recipe.model.kind != written_for {
            recipe = for_another_kind(&recipe)?;
        }
    }
    if args.segments.is_some() && recipe.model.kind != ModelKind::Scorecard {
        let kind = recipe.model.kind;
        anyhow::bail!(
            "`--segments` is of scorecards, one for each segment; this is a {kind}: leave out one of the two"
        );
    }
    if args.positive.is_some() && recipe.model.kind == ModelKind::AmountTree {
        anyhow::bail!(
            "`--positive` names the label of a bad outcome; an amount-tree predicts a number: leave out one of the two"
        );
    }
    if let Some(levels) = args.optimal {
        train_options::put_optimal(levels, &mut recipe)?;
    }
    if let Some(k) = args.k {
        if recipe.model.kind != ModelKind::Kmeans {
            anyhow::bail!("--k is the number of segments; give --kind kmeans beside it");
        }
        recipe.kmeans.k = k;
        recipe.kmeans.max_k = recipe.kmeans.max_k.filter(|_| k == NumberOfSegments::Auto);
    }
    if let Some(engine) = args.engine {
        recipe.model.engine = Some(match engine {
            EngineName::Native => Engine::Native,
            EngineName::Linfa => Engine::Linfa,
            EngineName::Smartcore => Engine::Smartcore,
        });
    }
    Ok((recipe, data))
}

/// A recipe that was written for another kind, without what it says to that one alone.
fn for_another_kind(recipe: &Recipe) -> anyhow::Result<Recipe> {
    let (recipe, unread) = without_unread(recipe)?;
    if !unread.is_empty() {
        show::say(&format!("warning: kind `{}` does not use {}", recipe.model.kind, unread.join(", ")));
    }
    Ok(recipe)
}

/// The model on the rows that were held out of its training.
pub(crate) fn hold_out_report(trained: &Trained, data_name: &str) -> anyhow::Result<Report> {
    let (table, rows) = (&trained.cleaned.table, &trained.split.test);
    let mut report = measure(&trained.model, table, rows, "holdout", data_name, &MeasureOptions::default())?;
    report.notes.extend(trained.hold_out_remarks());
    Ok(report)
}

fn text(trained: &Trained, report: &Report, matrix: &[MatrixCell], folder: &Path) -> String {
    let cleaned = &trained.cleaned;
    let mut text = show::heading("Columns") + &columns(trained);
    text += &format!("\n{}{}", show::heading("Rows"), cleaned.report);
    let rows = trained.model.provenance.rows;
    let _ = writeln!(text, "{:>10}  train the model, {} held out", rows.train, rows.test);
    text += &train_text::kept_together(trained);
    text += &format!("\n{}{}", show::heading("Variables"), variables(trained));
    text += &format!("\n{}{}", show::heading("Fit"), fit(&trained.model));
    // What was worth a warning stands there already.
    let notes = cleaned.notes.iter().filter(|note| !trained.warnings.contains(note));
    notes.for_each(|note| text += &format!("  {note}\n"));
    let parts = [
        train_text::segments(trained),
        train_text::stepwise(trained),
        train_text::coefficients(trained),
        scores_text::blend(trained),
        scores_text::matrix(matrix),
        train_text::rejects(trained),
        segment_text::of_training(trained),
    ];
    for part in parts {
        text += &if part.is_empty() { part } else { format!("\n{part}") };
    }
    text += &leaf_text::leaves(&trained.model);
    text += &amount_text::leaves(&trained.model);
    text += &format!("\n{}{}", show::heading("On the rows held out"), key_figures(report));
    text += &train_text::remarks(&trained.hold_out_remarks());
    let model = &trained.model;
    let title = format!("{} {} (checksum {})", model.name, model.version, model.checksum());
    text += &format!("\n{}", show::heading(&title));
    let plot = trained.choice_of_k.as_ref().map(|_| (K_PLOT, "how the number of segments was chosen"));
    let files = FILES.into_iter().chain(plot);
    let files = files.map(|(file, what)| vec![folder.join(file).display().to_string(), what.to_owned()]);
    text + &show::table(&[], files.collect(), &[])
}

/// The files of a model's folder, and what is in them.
const FILES: [(&str, &str); 4] = [
    ("model.json", "the model"),
    ("card.md", "what it is and how good it is"),
    ("vectors.ndjson", "rows and the exact scores they must get"),
    ("recipe.toml", "how to make it again; --data (--rejects-data) where a file lies elsewhere"),
];

/// With more, excluded columns are told in one line.
const MOST_EXCLUDED: usize = 10;

fn columns(trained: &Trained) -> String {
    let types = &trained.cleaned.report.types;
    let excluded = types.iter().filter(|t| t.role == Role::Excluded);
    let excluded: Vec<&str> = excluded.map(|t| t.column.as_str()).collect();
    let many = excluded.len() > MOST_EXCLUDED;
    let rows = types.iter().filter(|t| !many || t.role != Role::Excluded).map(|t| {
        let (role, note) = (t.role.describe().to_owned(), t.note.clone().unwrap_or_default());
        vec![t.column.clone(), t.kind.to_string(), role, t.distinct.to_string(), t.missing.to_string(), note]
    });
    let table = show::table(&["column", "type", "role", "distinct", "missing", ""], rows.collect(), &[3, 4]);
    match many {
        true => format!("{table} and {} excluded columns: {}\n", excluded.len(), short_list(&excluded)),
        false => table,
    }
}

fn variables(trained: &Trained) -> String {
    let binned = trained.variables.iter().any(|v| v.iv.is_some());
    let rows = trained.variables.iter().map(|v| {
        let mut row = vec![v.variable.clone(), if v.kept { "kept" } else { "left out" }.to_owned()];
        row.extend(binned.then(|| v.iv.map(|iv| format!("{iv:.3}")).unwrap_or_default()));
        row.push(v.reason.clone());
        row
    });
    let header: &[&str] = if binned { &["variable", "", "IV", "why"] } else { &["variable", "", "why"] };
    show::table(header, rows.collect(), if binned { &[2] } else { &[] })
}

/// How the fit went, a line for each thing to know.
pub(crate) fn fit(model: &Model) -> String {
    let fit = &model.provenance.fit;
    let mut text = format!("  {} with {}", model.kind, model.provenance.engine);
    match fit.converged {
        Some(true) => text += ", converged",
        Some(false) => text += ", NOT converged",
        None => {}
    }
    if let Some(norm) = fit.gradient_norm {
        let _ = write!(text, ", gradient {norm:.1e} per row");
    }
    text.push('\n');
    fit.notes.iter().for_each(|note| text += &format!("  {note}\n"));
    text
}

/// The figures that say most, one a line.
pub(crate) fn key_figures(report: &Report) -> String {
    let measured = report.measured();
    let of_amounts = report.amounts.iter().flat_map(Amounts::figures);
    let of_amounts = of_amounts.map(|[name, value, remark]| vec![format!("  {name}"), value, remark]);
    let mut rows: Vec<Vec<String>> = of_amounts.collect();
    let mut figure = |name: &str, value: Option<f64>, remark: String| {
        rows.extend(value.map(|value| vec![format!("  {name}"), format!("{value:.4}"), remark]));
    };
    let interval = report.discrimination.as_ref().and_then(|d| d.auc_interval);
    let interval =
        interval.map(|i| format!("95% interval {:.4} to {:.4}", i.lower, i.upper)).unwrap_or_default();
    figure("AUC", measured.auc, interval);
    figure("Gini", measured.gini, String::new());
    figure("KS", measured.ks, String::new());
    figure("Brier score", measured.brier, String::new());
    figure("calibration error", measured.calibration_error, String::new());
    figure("inertia per row", measured.inertia_per_row, String::new());
    figure("silhouette", measured.silhouette, String::new());
    figure("PSI against training", measured.score_psi, String::new());
    let data = &report.data;
    let bads = data.bads.map(|bads| format!(", {} bad", show::count(bads))).unwrap_or_default();
    let head = format!("  {} rows{bads}\n", show::count(data.measured));
    head + &show::table(&[], rows, &[1])
}

fn as_json(
    trained: &Trained,
    report: &Report,
    matrix: &[MatrixCell],
    folder: &Path,
) -> anyhow::Result<String> {
    let model = &trained.model;
    let validation: serde_json::Value = serde_json::from_str(&report.to_json())?;
    let value = serde_json::json!({
        "name": model.name,
        "version": model.version,
        "kind": model.kind,
        "sha256": model.sha256(),
        "folder": folder.display().to_string(),
        "rows": model.provenance.rows,
        "fit": model.provenance.fit,
        "cleaning": trained.cleaned.report,
        "notes": trained.cleaned.notes,
        "warnings": trained.warnings,
        "variables": trained.variables,
        "stepwise": trained.stepwise,
        "coefficients": trained.coefficients,
        "goodness": trained.goodness,
        "segmented": trained.segments,
        "coefficient_remarks": trained.coefficient_remarks(),
        "rejects": trained.rejects,
        "choice_of_k": trained.choice_of_k,
        "blend": trained.blend,
        "matrix": matrix,
        "segments": segment_table(&trained.model),
        "validation": validation,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
