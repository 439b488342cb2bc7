//! `arrears demo`: the main job once, on bundled data.

use crate::exit::Outcome;
use crate::progress::Spinner;
use crate::{demo_shop, show, train};
use anyhow::Context;
use arrears_data::arrow::array::{ArrayRef, StringArray};
use arrears_data::{Format, ReadOptions, Table, TableWriter, atomic_write, read_all, read_bytes};
use arrears_model::ModelKind;
use arrears_serve::summary::Count;
use arrears_serve::{Input, Output, ScoreOptions, Summary, score_file};
use arrears_train::folder::{Sources, write_folder};
use arrears_train::{Recipe, Trained};
use arrears_validate::{Gates, Report};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DATA: &[u8] = include_bytes!("../../../datasets/credit/data.csv");
const RECIPE: &str = include_str!("../../../datasets/credit/recipe.toml");

/// Limits for the two models that give a pd.
const GATES: &str = "\
# What a model must keep on the held-out customers before it ships.
min_rows = 1000
min_bads = 250
min_auc = 0.75
max_calibration_error = 0.05
max_score_psi = 0.1
";

/// Limits for the segments.
const SEGMENT_GATES: &str = "\
# What segments must keep on the held-out customers before they ship.
min_rows = 1000
min_silhouette = 0.05
max_score_psi = 0.1
";

/// Rows made to show what becomes of bad input: id, the column changed, the value put there.
const ODD_ROWS: [(&str, &str, &str); 4] = [
    ("odd-text", "income", "about 120"),
    ("odd-years", "seniority", "207"),
    ("odd-home", "home", "houseboat"),
    ("odd-blank", "income", ""),
];

/// Train, validate and score on bundled data: 4,454 real loan applicants, and simulated customers of a shop
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  arrears demo
  arrears demo -o look-at-this")]
pub(crate) struct Args {
    /// Folder to write; files of an earlier demo are replaced
    #[arg(short, long, value_name = "DIR", default_value = "arrears-demo")]
    output: PathBuf,
}

/// One of the three models, with what was found out about it.
struct Made {
    trained: Trained,
    report: Report,
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let dir = args.output.as_path();
    fs::create_dir_all(dir).with_context(|| format!("cannot make the folder `{}`", dir.display()))?;
    let files: [(&str, &[u8]); 4] = [
        ("data.csv", DATA),
        ("recipe.toml", RECIPE.as_bytes()),
        ("gates.toml", GATES.as_bytes()),
        ("gates-segments.toml", SEGMENT_GATES.as_bytes()),
    ];
    files.iter().try_for_each(|(name, bytes)| atomic_write(&dir.join(name), bytes))?;
    let spinner = Spinner::new("training");
    let kinds = [ModelKind::Scorecard, ModelKind::Tree, ModelKind::Kmeans];
    let made = kinds.into_iter().map(|kind| make(dir, kind)).collect::<anyhow::Result<Vec<Made>>>()?;
    let shop = demo_shop::make(dir)?;
    drop(spinner);
    show::print(&format!(
        "{}{} real loan applicants, data.csv and recipe.toml in {}/\n",
        show::heading("1. Customers whose outcome is known"),
        show::count(made[0].trained.model.provenance.rows.read),
        dir.display()
    ))?;
    show::print(&models_text(&made))?;

    let batch = dir.join("new-customers.csv");
    write_batch(&made[0].trained, &batch)?;
    let summaries = made.iter().map(|m| score(m, &batch, dir)).collect::<anyhow::Result<Vec<Summary>>>()?;
    show::print(&scored_text(&summaries, dir)?)?;
    show::print(&demo_shop::text(&shop))?;
    show::print(&next_text(dir, &made, &shop))?;
    let passed = made.iter().all(|m| m.report.passed());
    Ok(if passed { Outcome::Done } else { Outcome::CheckFailed })
}

/// Trains a model, measures it on the held-out rows, checks its gates and writes its folder.
fn make(dir: &Path, kind: ModelKind) -> anyhow::Result<Made> {
    let mut recipe = Recipe::from_toml(RECIPE, "recipe.toml", "credit")?;
    recipe.model.kind = kind;
    let loaded = read_bytes("data.csv", Format::Csv, DATA)?;
    let trained = arrears_train::train(&recipe, loaded, "data.csv")?;
    let mut report = train::hold_out_report(&trained, "data.csv")?;
    report.check(&Gates::from_toml(if kind == ModelKind::Kmeans { SEGMENT_GATES } else { GATES })?);
    let folder = dir.join("models").join(&trained.model.name).join(&trained.model.version);
    let sources = Sources { data: Some(&dir.join("data.csv")), ..Sources::default() };
    write_folder(&trained, &report, sources, &folder)?;
    Ok(Made { trained, report, folder })
}

fn models_text(made: &[Made]) -> String {
    let rows = made[0].trained.model.provenance.rows;
    let title = "2. Three models, trained on one part and measured on the rest";
    let text = format!(
        "\n{}{} rows to train on, {} held out\n\n",
        show::heading(title),
        show::count(rows.train),
        show::count(rows.test)
    );
    let lines = made.iter().map(|m| {
        let measured = m.report.measured();
        let figure = |value: Option<f64>| value.map(|v| format!("{v:.3}")).unwrap_or_default();
        let passed = m.report.gates.iter().filter(|g| g.passed).count();
        let verdict = if m.report.passed() { "PASS" } else { "FAIL" };
        vec![
            m.trained.model.name.clone(),
            figure(measured.auc),
            figure(measured.ks),
            figure(measured.calibration_error),
            figure(measured.silhouette),
            figure(measured.score_psi),
            format!("{passed} of {} {verdict}", m.report.gates.len()),
        ]
    });
    let header = ["model", "AUC", "KS", "calib. error", "silhouette", "PSI", "gates"];
    text + &show::verdicts(&show::table(&header, lines.collect(), &[1, 2, 3, 4, 5]))
}

/// New customers: the held-out ones without their outcome, and a few odd rows.
fn write_batch(trained: &Trained, path: &Path) -> anyhow::Result<()> {
    let known = trained.cleaned.table.take(&trained.split.test);
    let outcome = trained.cleaned.target.as_ref().map(|t| t.column.as_str());
    let customers = known.without(outcome.as_slice());
    let odd = odd_rows(&customers)?;
    let batch = Table::concat(vec![odd, customers])?;
    let mut writer = TableWriter::create(path, None, batch.batch().schema())?;
    writer.write(batch.batch())?;
    Ok(writer.finish()?)
}

/// The first customer again and again, each time with one value changed.
fn odd_rows(customers: &Table) -> anyhow::Result<Table> {
    let columns = customers.columns().iter().enumerate().map(|(at, name)| {
        let usual = customers.column_at(at).text(0, &[]);
        let values = ODD_ROWS.iter().map(|(id, column, value)| match name.as_str() {
            "id" => Some((*id).to_owned()),
            name if name == *column => Some((*value).to_owned()),
            _ => usual.as_deref().map(str::to_owned),
        });
        (name.clone(), Arc::new(values.collect::<StringArray>()) as ArrayRef)
    });
    Ok(Table::new(columns.collect(), (1..=ODD_ROWS.len() as u64).collect())?)
}

fn score(made: &Made, batch: &Path, dir: &Path) -> anyhow::Result<Summary> {
    let output = Output::file(dir.join(format!("scored-{}.csv", made.trained.model.kind)));
    let rejects = output.rejects_beside().context("a file has a place beside it")?;
    let options = ScoreOptions { output, rejects, reasons: 4, points: false, id: None, overrides: None };
    Ok(score_file(&made.trained.model, Input::file(batch), options, |_| {})?)
}

fn scored_text(summaries: &[Summary], dir: &Path) -> anyhow::Result<String> {
    let title = "3. New customers: the held-out ones without their outcome, and four odd rows";
    let summary = &summaries[0];
    let mut text = format!("\n{}{}/scored-scorecard.csv:\n\n", show::heading(title), dir.display());
    let columns = ["id", "pd", "score", "grade", "reason_1", "reason_2", "flags"];
    let scored = read_all(Path::new(&summary.output), &ReadOptions::default())?.table;
    let rows = first_rows(&scored, &columns, 7).into_iter().map(|mut row| {
        for (at, decimals) in [(1, 3), (2, 0)] {
            if let Ok(x) = row[at].parse::<f64>() {
                row[at] = format!("{x:.decimals$}");
            }
        }
        row
    });
    let header = ["id", "pd", "score", "grade", "first reason", "second reason", "flags"];
    text += &show::table(&header, rows.collect(), &[1, 2]);

    let share = |counts: &[Count], scored| {
        let share = |c: &Count| format!("{} {}", c.name, show::share(c.rows, scored));
        counts.iter().map(share).collect::<Vec<_>>().join(" | ")
    };
    text += &format!("\ngrades by the scorecard: {}\n", share(&summary.grades, summary.scored));
    text += &format!("grades by the tree: {}\n", share(&summaries[1].grades, summaries[1].scored));
    text += &format!("segments: {}\n", share(&summaries[2].segments, summaries[2].scored));

    let (all, scored) = (show::count(summary.rows), show::count(summary.scored));
    text += &format!("\n{scored} of {all} rows scored, {} rejected and not guessed:\n", summary.rejected);
    if let Some(rejects) = &summary.rejects {
        let rejects = read_all(Path::new(rejects), &ReadOptions::default())?.table;
        let header = ["line", "id", "column", "value", "why"];
        text += &show::table(&header, first_rows(&rejects, &header, rejects.rows()), &[0]);
    }
    Ok(text)
}

/// Some columns of the first rows of a table, as text.
fn first_rows(table: &Table, columns: &[&str], rows: usize) -> Vec<Vec<String>> {
    let cell = |row: usize, name: &&str| Some(table.column(name)?.text(row, &[])?.into_owned());
    let row = |row| columns.iter().map(|name| cell(row, name).unwrap_or_default()).collect();
    (0..table.rows().min(rows)).map(row).collect()
}

fn next_text(dir: &Path, made: &[Made], shop: &demo_shop::Shop) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "arrears".to_owned());
    let (dir, card, tree) = (dir.display(), made[0].folder.display(), made[1].folder.display());
    format!(
        "\n{}\
         {program} inspect {card}\n\
         {program} validate {card} {dir}/data.csv --gates {dir}/gates.toml\n\
         {program} score {tree} {dir}/new-customers.csv -o scored.csv\n\
         {}{program} train YOUR.csv --target COLUMN --positive BAD_LABEL\n",
        show::heading("Next"),
        demo_shop::commands(shop, &program)
    )
}
