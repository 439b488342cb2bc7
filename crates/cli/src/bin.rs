//! `arrears bin`: variables in bins, and what each bin says about the outcome.

use crate::bin_text;
use crate::exit::Outcome;
use crate::place::{FormatName, file_name};
use crate::progress::Spinner;
use crate::recipe::{Columns, recipe_and_data};
use crate::show;
use anyhow::Context;
use arrears_data::{
    Cleaned, ReadOptions, atomic_write, clean, clean_number_target, has_number_target, know_snapshots,
    read_all,
};
use arrears_train::Recipe;
use arrears_train::binning::Trend;
use arrears_train::binning::analysis::{Analysis, AnalysisOptions, Cuts, VariableBins, analyse};
use arrears_train::binning::infeasible::{InfeasibleVariable, in_words};
use arrears_train::binning::plot::plot_svg;
use arrears_train::warnings::label_warning;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Show how variables part good from bad, bin by bin
#[derive(Debug, clap::Args)]
#[command(after_help = "\
SOURCE is a recipe (.toml), which names its data, or a data file. Options go before what the recipe says.
Without --var: all variables, the one with the highest information value (IV) first. With --var: their tables.
All rows that cleaning keeps are counted, also those a training run would hold out; --part train leaves these out, so that bins and counts are those of `arrears train`.
A target column of numbers with more than two values is an amount: the tables then show its mean by bin.

Examples:
  arrears bin customers.csv --target status --positive bad
  arrears bin datasets/credit/recipe.toml --var income --var job
  arrears bin customers.csv --target status --positive bad --var age --splits 25,35,50
  arrears bin customers.csv --target status --positive bad --special -1,999999 --plot plots
  arrears bin customers.csv --target days_late --var income
  arrears bin datasets/credit/recipe.toml --json > bins.json")]
pub(crate) struct Args {
    /// A recipe (.toml), or a data file
    source: PathBuf,
    /// Data file, instead of the one the recipe names
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Column of the outcome
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Label of the bad outcome
    #[arg(long, value_name = "LABEL")]
    positive: Option<String>,
    /// A variable to show bin by bin; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    var: Vec<String>,
    /// Where the bins of the one --var meet, instead of the best bins; a bin holds its lower end
    #[arg(
        long,
        value_name = "NUMBER,..",
        value_delimiter = ',',
        requires = "var",
        conflicts_with_all = ["trend", "max_bins", "min_share"],
        allow_hyphen_values = true
    )]
    splits: Option<Vec<f64>>,
    /// Numbers with a meaning of their own, in every number column; each gets its own bin
    #[arg(long, value_name = "NUMBER,..", value_delimiter = ',', allow_hyphen_values = true)]
    special: Option<Vec<f64>>,
    /// How the bad rate may run over a number [default: what the recipe says, else auto]
    #[arg(long, value_name = "TREND", value_parser = trend)]
    trend: Option<Trend>,
    /// Most regular bins of a variable [default: what the recipe says, else 8]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_bins: Option<usize>,
    /// Least share of the rows in a regular bin [default: what the recipe says, else 0.05]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    min_share: Option<f64>,
    /// Column of row weights
    #[arg(long, value_name = "COLUMN")]
    weight: Option<String>,
    /// Columns that are not features, instead of the recipe's
    #[arg(long, value_name = "COLUMN,..", value_delimiter = ',')]
    exclude: Option<Vec<String>>,
    /// Column that names the customer
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Texts read as missing, instead of the recipe's
    #[arg(long, value_name = "TEXT,..", value_delimiter = ',', allow_hyphen_values = true)]
    missing: Option<Vec<String>>,
    /// Rows to bin: all, or those that `arrears train` would train on
    #[arg(long, value_enum, default_value_t = PartName::All)]
    part: PartName,
    /// Write a plot (SVG) of each variable into this folder
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
    /// Print everything as JSON (docs/bin.md)
    #[arg(long)]
    json: bool,
    /// Format of the data, where the extension does not tell it
    #[arg(long, value_enum)]
    input_format: Option<FormatName>,
}

/// A part of the data, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum PartName {
    /// All rows that cleaning keeps.
    All,
    /// Those of them that a training run of the recipe does not hold out.
    Train,
}

/// The trends are those of the recipe, and so is the message about any other.
fn trend(text: &str) -> Result<Trend, String> {
    serde_json::from_value(text.into()).map_err(|e| e.to_string())
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (mut recipe, data) = plan(args)?;
    let spinner = Spinner::new(format!("binning {}", file_name(&data)));
    let format = args.input_format.map(Into::into);
    let loaded = read_all(&data, &ReadOptions { format, ..ReadOptions::default() })?;
    know_snapshots(&loaded.table, &mut recipe.preparation);
    let preparation = &recipe.preparation;
    let cleaned = if has_number_target(&loaded.table, preparation)? {
        clean_number_target(loaded, preparation)?
    } else {
        clean(loaded, preparation)?
    };
    let options = AnalysisOptions {
        variables: unique(&args.var),
        splits: args.splits.clone(),
        binning: recipe.binning.clone(),
        rows: (args.part == PartName::Train).then(|| training_rows(&recipe, &cleaned)).transpose()?,
    };
    let Analysis { variables, infeasible } = analyse(&cleaned, &options)?;
    check_trend(args, &variables)?;
    drop(spinner);
    let mut warnings = Vec::from_iter(warning(&recipe, &cleaned, options.rows.as_deref()));
    warnings.extend((!infeasible.is_empty()).then(|| format!("not binned: {}", in_words(&infeasible))));
    warnings.iter().for_each(|warning| show::say(&format!("warning: {warning}")));
    let plots = args.plot.as_deref().map(|folder| write_plots(&variables, folder)).transpose()?;
    let target = preparation.data.target.as_deref().unwrap_or_default();
    show::print(&if args.json {
        let part_rows = options.rows.as_ref().map(Vec::len);
        let told = Told { warnings: &warnings, part_rows, infeasible: &infeasible };
        as_json(&recipe, &cleaned, told, &variables, &file_name(&data), plots.as_deref())?
    } else {
        bin_text::text(target, &cleaned, options.rows.as_deref(), &variables, !args.var.is_empty())
    })?;
    if let (Some(folder), Some(plots)) = (&args.plot, &plots) {
        show::say(&format!("{} plots written to {}", plots.len(), folder.display()));
    }
    Ok(Outcome::Done)
}

/// The recipe with the options put over it, and the data file.
fn plan(args: &Args) -> anyhow::Result<(Recipe, PathBuf)> {
    let (mut recipe, data) = recipe_and_data(&args.source, args.data.as_deref())?;
    put_over(args, &mut recipe);
    Ok((recipe, data))
}

fn put_over(args: &Args, recipe: &mut Recipe) {
    let Args { target, positive, id, weight, exclude, .. } = args;
    Columns { target, positive, id, weight, exclude }.put_over(recipe);
    let preparation = &mut recipe.preparation;
    // Who asks for a column by name wants it as it is, even where it looks like an id.
    for column in &args.var {
        preparation.columns.entry(column.clone()).or_default();
    }
    if let Some(missing) = &args.missing {
        preparation.clean.missing.clone_from(missing);
    }
    if let Some(special) = &args.special {
        preparation.clean.special.clone_from(special);
    }
    let binning = &mut recipe.binning;
    for own in binning.variables.values_mut() {
        own.trend = own.trend.filter(|_| args.trend.is_none());
        own.max_bins = own.max_bins.filter(|_| args.max_bins.is_none());
    }
    binning.trend = args.trend.unwrap_or(binning.trend);
    binning.max_bins = args.max_bins.unwrap_or(binning.max_bins);
    binning.min_share = args.min_share.unwrap_or(binning.min_share);
}

/// A category that was asked for by name has no trend to be told.
fn check_trend(args: &Args, variables: &[VariableBins]) -> anyhow::Result<()> {
    let category =
        variables.iter().find(|v| matches!(v.cuts, Cuts::Groups(_)) && args.var.contains(&v.variable));
    match category.filter(|_| args.trend.is_some()) {
        Some(v) => anyhow::bail!(
            "--trend is for numbers: `{}` is a category, whose bins stand in order of their bad rate",
            v.variable
        ),
        None => Ok(()),
    }
}

/// The rows a training run would learn from: not held out, and of a weight above 0.
fn training_rows(recipe: &Recipe, cleaned: &Cleaned) -> anyhow::Result<Vec<usize>> {
    let mut rows = cleaned.split(&recipe.preparation.split)?.train;
    if let Some(weights) = &cleaned.weights {
        rows.retain(|row| weights[*row] > 0.0);
    }
    Ok(rows)
}

/// That the label of bad was guessed; said as `arrears train` says it.
fn warning(recipe: &Recipe, cleaned: &Cleaned, rows: Option<&[usize]>) -> Option<String> {
    let (bads, rows) = bads_and_rows(cleaned, rows)?;
    label_warning(&recipe.preparation, cleaned, bads, rows)
}

/// Bads among the rows that are binned, and how many these are; `None` where the target is an amount.
pub(crate) fn bads_and_rows(cleaned: &Cleaned, rows: Option<&[usize]>) -> Option<(u64, usize)> {
    let bad = cleaned.bad.as_ref()?;
    let bads = match rows {
        Some(rows) => rows.iter().filter(|row| bad[**row]).count(),
        None => bad.iter().filter(|bad| **bad).count(),
    };
    Some((bads as u64, rows.map_or(bad.len(), <[usize]>::len)))
}

/// What is told of a run beside its tables.
struct Told<'a> {
    warnings: &'a [String],
    /// Rows of the part that was binned, where it is not all.
    part_rows: Option<usize>,
    infeasible: &'a [InfeasibleVariable],
}

/// Each name once, in the order given.
fn unique(names: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.iter().filter(|name| seen.insert(name.as_str())).cloned().collect()
}

/// Writes `<variable>.svg` for each variable; returns the file names.
fn write_plots(variables: &[VariableBins], folder: &Path) -> anyhow::Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let mut taken = BTreeSet::new();
    let mut files = Vec::with_capacity(variables.len());
    for variable in variables {
        let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
        // A file system may hold 255 bytes, and may not tell capitals apart.
        let name: String = variable.variable.chars().map(plain).take(60).collect();
        let numbered = (2..).map(|n| format!("{name}-{n}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|n| taken.insert(n.to_lowercase()));
        let file = format!("{}.svg", free.unwrap_or(name));
        atomic_write(&folder.join(&file), plot_svg(variable).as_bytes())?;
        files.push(file);
    }
    Ok(files)
}

fn as_json(
    recipe: &Recipe,
    cleaned: &Cleaned,
    told: Told<'_>,
    variables: &[VariableBins],
    data: &str,
    plots: Option<&[String]>,
) -> anyhow::Result<String> {
    let columns = &recipe.preparation.data;
    let target = match &cleaned.target {
        Some(labels) => serde_json::to_value(labels)?,
        None => serde_json::json!({ "column": columns.target }),
    };
    let mut value = serde_json::json!({
        "data": data,
        "target": target,
        "weight": columns.weight,
        "cleaning": cleaned.report,
        "notes": cleaned.notes,
        "warnings": told.warnings,
        "training_rows": told.part_rows,
        "binning": recipe.binning,
        "variables": variables,
        "infeasible": told.infeasible,
    });
    if let (Some(plots), Some(variables)) = (plots, value["variables"].as_array_mut()) {
        for (variable, file) in variables.iter_mut().zip(plots) {
            variable["plot"] = file.as_str().into();
        }
    }
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
