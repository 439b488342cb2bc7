//! `arrears grade`: a master scale for a model, proposed from customers whose outcome is known.

use crate::exit::Outcome;
use crate::place::{FormatName, file_name};
use crate::show;
use anyhow::{Context, bail};
use arrears_data::{ReadOptions, read_all};
use arrears_model::Model;
use arrears_serve::load_model;
use arrears_train::grading::{GradingParams, Proposal, known_outcomes, propose, rewritten};
use arrears_validate::{Part, select_rows};
use std::path::{Path, PathBuf};

/// Propose grades: cuts of the pd whose bad rates rise and differ significantly
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Of all ways to cut the pd, the one with the most information value is taken in which the bad rate rises from grade to grade, neighbours differ by the two-proportion test, and every grade keeps the limits. Prints the table and [[grades]] for a recipe. With -o the model is written with them as a new version. All rows of DATA count, also those the model was trained on.

Examples:
  arrears grade models/credit-scorecard/1.0.0 datasets/credit/data.csv
  arrears grade models/credit-scorecard/1.0.0 customers.csv --grades 4 --max-share 0.4
  arrears grade models/credit-scorecard/1.0.0 customers.csv -o models/credit-scorecard/1.1.0 --new-version 1.1.0")]
pub(crate) struct Args {
    /// A model.json, or the folder that holds it
    model: PathBuf,
    /// Customers with their outcomes
    data: PathBuf,
    /// So many grades [default: 2 to 10, as many as differ]
    #[arg(long, value_name = "N")]
    grades: Option<usize>,
    /// Most grades
    #[arg(long, value_name = "N", default_value_t = GradingParams::default().max_grades, conflicts_with = "grades")]
    max_grades: usize,
    /// Largest share of the customers in a grade
    #[arg(long, value_name = "SHARE", default_value_t = GradingParams::default().max_share)]
    max_share: f64,
    /// Least share of the customers in a grade
    #[arg(long, value_name = "SHARE", default_value_t = GradingParams::default().min_share)]
    min_share: f64,
    /// Least bads in a grade, and least goods
    #[arg(long, value_name = "N", default_value_t = GradingParams::default().min_bads)]
    min_bads: f64,
    /// Largest p-value between neighbours
    #[arg(long, value_name = "P", default_value_t = GradingParams::default().max_p_value)]
    max_p_value: f64,
    /// Folder for the model with these grades
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Version of that model [default: the next minor one, 1.1.0 after 1.0.0]
    #[arg(long, value_name = "VERSION", requires = "output")]
    new_version: Option<String>,
    /// Print the proposal as JSON
    #[arg(long)]
    json: bool,
    /// Format of DATA, where its extension does not tell it
    #[arg(long, value_enum)]
    input_format: Option<FormatName>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let model = load_model(&args.model)?;
    let format = args.input_format.map(Into::into);
    let loaded = read_all(&args.data, &ReadOptions { format, ..ReadOptions::default() })?;
    let fingerprint = loaded.fingerprint.clone();
    let selected = select_rows(&model, loaded, Part::All)?;
    let (pd, bad, left_out) = known_outcomes(&model, &selected.table, &selected.rows)?;
    if left_out > 0 {
        show::say(&format!(
            "note: {left_out} rows have no known outcome or cannot be scored, and are not counted"
        ));
    }
    let params = params(args);
    let proposal = propose(&pd, &bad, &params).context("no grades keep all limits")?;
    let grades: Vec<_> = proposal.grades.iter().map(|grade| grade.grade.clone()).collect();
    show::print(&if args.json {
        serde_json::to_string_pretty(&proposal)? + "\n"
    } else {
        text(&model, &proposal) + "\n" + &proposal.to_toml()?
    })?;
    if let Some(folder) = &args.output {
        let version = args.new_version.clone().or_else(|| next_minor(&model.version)).with_context(|| {
            format!("version `{}` has no next one: name it with --new-version", model.version)
        })?;
        let earlier = if args.model.is_dir() {
            args.model.as_path()
        } else {
            args.model.parent().unwrap_or(Path::new("."))
        };
        if folder.join("model.json").exists() {
            bail!("`{}` holds a model already: name another folder with -o", folder.display());
        }
        let name = file_name(&args.data);
        let note = format!(
            "{} grades proposed on {} customers of {name} (sha256 {fingerprint})",
            grades.len(),
            pd.len()
        );
        let new = rewritten(&model, grades, &version, note)?;
        new.write(earlier, folder)?;
        show::say(&format!("written to {} (checksum {})", folder.display(), new.model.checksum()));
    }
    Ok(Outcome::Done)
}

/// 1.3.0 after 1.2.7; `None` of a version of another form.
fn next_minor(version: &str) -> Option<String> {
    let parts: Vec<u64> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [major, minor, _] => Some(format!("{major}.{}.0", minor.checked_add(1)?)),
        _ => None,
    }
}

fn params(args: &Args) -> GradingParams {
    let usual = GradingParams::default();
    GradingParams {
        min_grades: args.grades.unwrap_or(usual.min_grades),
        max_grades: args.grades.unwrap_or(args.max_grades),
        max_share: args.max_share,
        min_share: args.min_share,
        min_bads: args.min_bads,
        max_p_value: args.max_p_value,
        fine: usual.fine,
    }
}

fn text(model: &Model, proposal: &Proposal) -> String {
    let rows = proposal.grades.iter().map(|g| {
        let bound = g.grade.max_pd.map_or("-".to_owned(), |pd| pd.to_string());
        let score = model.scale.and_then(|scale| g.grade.min_score(&scale));
        let (low, high) = g.interval;
        vec![
            format!("{} {}", g.grade.name, g.grade.label.as_deref().unwrap_or_default()),
            bound,
            score.map_or("-".to_owned(), |score| format!("{score:.1}")),
            show::count(g.rows),
            show::share(g.rows, proposal.grades.iter().map(|g| g.rows).sum()),
            show::count(g.bads),
            show::share(g.bads, g.rows),
            format!("{:.1}% to {:.1}%", 100.0 * low, 100.0 * high),
            format!("{:.1}%", 100.0 * g.mean_pd),
            g.p_value.map_or(String::new(), |p| {
                if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
            }),
        ]
    });
    let header = [
        "grade",
        "pd up to",
        "score from",
        "rows",
        "share",
        "bads",
        "bad rate",
        "95% interval",
        "mean pd",
        "p-value",
    ];
    let largest = proposal.grades.iter().map(|g| g.share).fold(0.0, f64::max);
    show::table(&header, rows.collect(), &[1, 2, 3, 4, 5, 6, 7, 8, 9])
        + &format!(
            "information value {:.4}, largest grade {:.1}%, Herfindahl index {:.4} ({:.4} for grades of one size)\n",
            proposal.iv,
            100.0 * largest,
            proposal.herfindahl,
            1.0 / proposal.grades.len() as f64
        )
}
