//! The part of `arrears demo` that begins with events: simulated customers of a shop, from their orders and payments to scores.

use crate::{show, train};
use anyhow::Context;
use arrears_behavior::{Config, ReadSettings, Snapshot, SnapshotSummary};
use arrears_data::{ReadOptions, TableWriter, atomic_write, read_all};
use arrears_model::ModelKind;
use arrears_serve::{Input, Output, ScoreOptions, Summary, score_file};
use arrears_train::folder::{Sources, write_folder};
use arrears_train::{Recipe, Trained};
use arrears_validate::Report;
use std::fs;
use std::path::{Path, PathBuf};

const CONFIG: &str = include_str!("../../../datasets/shop/config.toml");
const TABLES: [(&str, &[u8]); 6] = [
    ("customers.parquet", include_bytes!("../../../datasets/shop/customers.parquet")),
    ("orders.parquet", include_bytes!("../../../datasets/shop/orders.parquet")),
    ("payments.parquet", include_bytes!("../../../datasets/shop/payments.parquet")),
    ("returns.parquet", include_bytes!("../../../datasets/shop/returns.parquet")),
    ("reports.parquet", include_bytes!("../../../datasets/shop/reports.parquet")),
    ("financials.parquet", include_bytes!("../../../datasets/shop/financials.parquet")),
];

/// The ends of the quarters whose year after is over.
const TRAIN: [&str; 8] = [
    "2023-03-31",
    "2023-06-30",
    "2023-09-30",
    "2023-12-31",
    "2024-03-31",
    "2024-06-30",
    "2024-09-30",
    "2024-12-31",
];
const NOW: &str = "2025-12-31";

/// What came of the events.
pub(crate) struct Shop {
    folder: PathBuf,
    labelled: SnapshotSummary,
    trained: Trained,
    report: Report,
    scored: Summary,
}

/// Writes the tables, makes features of them, trains on those whose outcome is known, and scores today's.
pub(crate) fn make(dir: &Path) -> anyhow::Result<Shop> {
    let folder = dir.join("shop");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let config_file = folder.join("config.toml");
    atomic_write(&config_file, CONFIG.as_bytes())?;
    TABLES.iter().try_for_each(|(name, bytes)| atomic_write(&folder.join(name), bytes))?;
    let config = Config::read(&config_file)?;
    let training = folder.join("training.parquet");
    let labelled = features(Snapshot::new(&config, &TRAIN.map(str::to_owned))?.labelled()?, &training)?;
    let now = folder.join("now.parquet");
    features(Snapshot::new(&config, &[NOW.to_owned()])?, &now)?;

    let mut recipe = Recipe::from_toml("[data]\ntarget = \"bad\"\n", "recipe.toml", "shop")?;
    recipe.model.kind = ModelKind::Tree;
    let loaded = read_all(&training, &ReadOptions::default())?;
    let trained = arrears_train::train(&recipe, loaded, "training.parquet")?;
    let report = train::hold_out_report(&trained, "training.parquet")?;
    let model = dir.join("models").join(&trained.model.name).join(&trained.model.version);
    write_folder(&trained, &report, Sources { data: Some(&training), ..Sources::default() }, &model)?;
    let output = Output::file(folder.join("scored.csv"));
    let rejects = output.rejects_beside().context("a file has a place beside it")?;
    let options = ScoreOptions { output, rejects, reasons: 4, points: false, id: None, overrides: None };
    let scored = score_file(&trained.model, Input::file(&now), options, |_| {})?;
    Ok(Shop { folder, labelled, trained, report, scored })
}

fn features(snapshot: Snapshot<'_>, to: &Path) -> anyhow::Result<SnapshotSummary> {
    let writer = TableWriter::create(to, None, snapshot.schema())?;
    Ok(snapshot.write(ReadSettings::default(), writer, |_| {})?)
}

/// What was found, said to be simulated.
pub(crate) fn text(shop: &Shop) -> String {
    let folder = shop.folder.display();
    let tables = &shop.labelled.cleaning.tables;
    let events: u64 = tables.iter().map(|table| table.used).sum();
    let rows = shop.trained.model.provenance.rows;
    let bads = shop.trained.cleaned.bad.iter().flatten().filter(|bad| **bad).count();
    let measured = shop.report.measured();
    let auc = measured.auc.map(|auc| format!("{auc:.3}")).unwrap_or_default();
    let grades = shop.scored.grades.iter();
    let grades: Vec<String> = grades
        .map(|grade| format!("{} {}", grade.name, show::share(grade.rows, shop.scored.scored)))
        .collect();
    format!(
        "\n{}{} events of simulated customers (not real people) in {} tables, {folder}/\n\
         features as of {} dates: {} rows of {} features, {} bad (90 days past due in the year after)\n\
         {}: AUC {auc} on {} rows of customers held out at all dates\n\
         {} customers scored as of {NOW}, {}: {}\n",
        show::heading("4. From events to scores: simulated customers of a shop"),
        show::count(events),
        tables.len(),
        TRAIN.len(),
        show::count(shop.labelled.rows),
        shop.labelled.features,
        show::count(bads as u64),
        shop.trained.model.name,
        show::count(rows.test),
        show::count(shop.scored.scored),
        shop.scored.output,
        grades.join(" | ")
    )
}

/// The commands that do the same.
pub(crate) fn commands(shop: &Shop, program: &str) -> String {
    let folder = shop.folder.display();
    format!(
        "{program} features {folder}/config.toml --as-of {} --labels -o training.parquet\n\
         {program} train training.parquet --target bad --kind tree\n",
        TRAIN.join(",")
    )
}
