//! `arrears inspect`: what is in a model.

use crate::exit::Outcome;
use crate::{amount_text, expert_text, leaf_text, segment_text, segments_text, show, train};
use anyhow::bail;
use arrears_data::atomic_write;
use arrears_model::additive::{Additive, Shape};
use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::centroids::Centroids;
use arrears_model::decision_text::decision_text;
use arrears_model::label::short_list;
use arrears_model::leaves::leaf_table;
use arrears_model::pairs::{pair_decimals, pair_points};
use arrears_model::points::{
    Characteristic, PointsRow, Spread, characteristics, points_decimals, points_table, segment_points,
};
use arrears_model::schema::Kind;
use arrears_model::segment_table::segment_table;
use arrears_model::transform::{Transform, signed_exp};
use arrears_model::tree::Tree;
use arrears_model::{Model, ModelKind, Parts, Predictor};
use arrears_serve::load_model;
use arrears_train::Recipe;
use arrears_train::tree_plot::tree_svg;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Show what is in a model: points, coefficients, rules or segments, grades and origin
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  arrears inspect models/credit-scorecard/1.0.0
  arrears inspect models/credit-scorecard/1.0.0 --base
  arrears inspect models/credit-tree/1.0.0/model.json | less
  arrears inspect models/credit-tree/1.0.0 --plot tree.svg
  arrears inspect models/credit-scorecard/1.0.0 --json | jq '.points[] | [.variable, .bin, .points]'")]
pub(crate) struct Args {
    /// A model.json, or the folder that holds it
    model: PathBuf,
    /// Print the whole model as JSON, with its points table
    #[arg(long)]
    json: bool,
    /// Show the base points in a row of their own, also where the model's recipe spreads them over the characteristics
    #[arg(long)]
    base: bool,
    /// Write a picture of a decision tree to this file (.svg)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let model = load_model(&args.model)?;
    if let Some(file) = &args.plot {
        if file.extension().is_some_and(|extension| extension != "svg") {
            bail!("--plot draws an SVG; name the file {}", file.with_extension("svg").display());
        }
        let Some(svg) = tree_svg(&model) else {
            bail!("--plot draws decision trees, and `{}` is of kind {}", model.name, model.kind);
        };
        atomic_write(file, svg.as_bytes())?;
    }
    let spread = if args.base { Spread::Base } else { own_spread(&model) };
    show::print(&if args.json { as_json(&model, spread)? } else { text(&model, spread) })?;
    Ok(Outcome::Done)
}

/// The form of points that the model's recipe asks for; a model made by hand has none.
fn own_spread(model: &Model) -> Spread {
    let recipe = Recipe::from_toml(&model.provenance.recipe, "recipe", &model.name);
    recipe.map_or(Spread::Characteristics, |recipe| recipe.scale.spread)
}

fn as_json(model: &Model, spread: Spread) -> anyhow::Result<String> {
    let parts: &Parts = model;
    let value = serde_json::json!({
        "sha256": model.sha256(),
        "checksum": model.checksum(),
        "points": points_table(model, spread),
        "characteristics": characteristics(model, spread),
        "pairs": pair_points(model),
        "rules": match amount_leaf_table(model) {
            Some(leaves) => serde_json::to_value(leaves)?,
            None => serde_json::to_value(leaf_table(model))?,
        },
        "segments": segment_table(model),
        "segment_points": segment_points(model, spread),
        "model": parts,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

pub(crate) fn text(model: &Model, spread: Spread) -> String {
    let mut text = head(model);
    text += &format!("\n{}{}", show::heading("Columns it reads"), columns(model));
    let (title, body) = match &model.predictor {
        Predictor::Additive(additive) => match points(model, spread) {
            Some(points) => ("Points", points),
            None if model.kind == ModelKind::Expert => ("Points for each unit", expert_text::slopes(model)),
            None => ("Coefficients, in log-odds of bad", coefficients(model, additive)),
        },
        Predictor::Tree(tree) => ("Tree", rules(model, tree)),
        Predictor::AmountTree(tree) => ("Tree", amount_text::questions(model, tree)),
        Predictor::Centroids(centroids) => (
            "Segments",
            match segment_table(model) {
                Some(table) if !table.all.is_empty() => segment_text::segments(&table),
                _ => segments(model, centroids),
            },
        ),
        Predictor::Segmented(segmented) => {
            ("Who belongs to which segment", segments_text::router(model, segmented))
        }
    };
    text += &format!("\n{}{body}", show::heading(title));
    text += &pairs(model);
    text += &leaf_text::leaves(model);
    text += &amount_text::leaves(model);
    text += &segments_text::cards(model, spread);
    if !model.grades.is_empty() {
        text += &format!("\n{}{}", show::heading("Grades"), grades(model));
    }
    if let Some(decisions) = decision_text(model) {
        text += &format!("\n{}{decisions}", show::heading("Decisions"));
    }
    text + &format!("\n{}{}", show::heading("Origin"), origin(model))
}

fn head(model: &Model) -> String {
    let rows = model.provenance.rows;
    let title = format!("{} {}, {}", model.name, model.version, model.kind);
    let mut text = show::heading(&title);
    let _ = writeln!(text, "checksum {}", model.checksum());
    if rows.read == 0 {
        let _ = write!(text, "written by hand; no data stand behind it");
    } else {
        let _ = write!(text, "trained on {} rows", show::count(rows.train));
    }
    if let Some(bads) = rows.train_bads {
        let _ = write!(text, ", {} bad ({})", show::count(bads), show::share(bads, rows.train));
    }
    text.push('\n');
    if let Predictor::AmountTree(tree) = &model.predictor {
        let _ = writeln!(text, "{}", amount_text::spread(model, tree));
    }
    if let Some(scale) = &model.scale {
        let _ = writeln!(
            text,
            "{} points at odds of {}:1, {} points to double the odds",
            short(scale.base_score),
            short(scale.base_odds),
            short(scale.pdo)
        );
    }
    text
}

/// A number with at most four decimals.
fn short(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

fn columns(model: &Model) -> String {
    let named = |name: Option<&String>, kind: &str| {
        name.map(|name| vec![name.clone(), kind.to_owned(), String::new(), String::new()])
    };
    let id = named(model.schema.id.as_ref(), "id");
    let fields = model.schema.fields.iter().map(|field| {
        let (kind, allowed) = match &field.kind {
            Kind::Number { .. } if field.formula.is_some() => {
                ("formula", field.formula.clone().unwrap_or_default())
            }
            Kind::Number { min, max, .. } => ("number", range(*min, *max)),
            Kind::Category { categories, .. } => {
                ("category", short_list(&categories.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        };
        vec![field.name.clone(), kind.to_owned(), allowed, field.reason.clone().unwrap_or_default()]
    });
    show::table(&["column", "type", "values", "reason text"], id.into_iter().chain(fields).collect(), &[])
}

fn range(min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => String::new(),
    }
}

/// The points table, where every term has bins.
fn points(model: &Model, spread: Spread) -> Option<String> {
    Some(points_of(points_table(model, spread)?, characteristics(model, spread)?))
}

/// A points table with the range of points of each characteristic below it.
pub(crate) fn points_of(rows: Vec<PointsRow>, ranges: Vec<Characteristic>) -> String {
    let mut last = String::new();
    let decimals = points_decimals(&rows);
    let rows = rows.into_iter().map(|row| {
        let variable = if row.variable == last { String::new() } else { row.variable.clone() };
        last = row.variable;
        let optional = |n: Option<u64>| n.map(show::count).unwrap_or_default();
        let rate = row.bads.zip(row.count).map(|(bads, count)| show::share(bads, count));
        let woe = row.woe.map(|woe| format!("{woe:.3}"));
        let points = format!("{:.decimals$}", row.points);
        vec![
            variable,
            row.short,
            optional(row.count),
            rate.unwrap_or_default(),
            woe.unwrap_or_default(),
            points,
        ]
    });
    let header = ["variable", "bin", "rows", "bad rate", "WoE", "points"];
    let points = show::table(&header, rows.collect(), &[2, 3, 4, 5]);
    let ranges = ranges.into_iter().map(|c| {
        let neutral = c.neutral.map_or(String::new(), |neutral| format!("{neutral:.1}"));
        vec![c.variable, format!("{:.decimals$}", c.worst), neutral, format!("{:.decimals$}", c.best)]
    });
    let header = ["variable", "worst", "neutral", "best"];
    let ranges = show::table(&header, ranges.collect(), &[1, 2, 3]);
    format!(
        "{points}\n{}{ranges}",
        show::heading("Range of points; neutral is the mean of the training rows")
    )
}

/// A two-way table for every pair, its points on top of those of the fields.
fn pairs(model: &Model) -> String {
    let mut text = String::new();
    let decimals = pair_decimals(model);
    for pair in pair_points(model) {
        let title = format!("Points on top, {} (down) with {} (across)", pair.first, pair.second);
        let header: Vec<&str> = std::iter::once("").chain(pair.short[1].iter().map(String::as_str)).collect();
        let rows = pair.short[0].iter().zip(&pair.points).map(|(bin, points)| {
            std::iter::once(bin.clone()).chain(points.iter().map(|p| format!("{p:.decimals$}"))).collect()
        });
        let numbers: Vec<usize> = (1..header.len()).collect();
        text += &format!("\n{}{}", show::heading(&title), show::table(&header, rows.collect(), &numbers));
    }
    text
}

fn coefficients(model: &Model, additive: &Additive) -> String {
    let mut rows = vec![vec!["(intercept)".to_owned(), String::new(), format!("{:.4}", additive.intercept)]];
    for term in &additive.terms {
        let transform = &model.transforms[term.transform];
        let field = &model.schema.fields[transform.field()];
        let mut row =
            |what: String, value: f64| rows.push(vec![field.name.clone(), what, format!("{value:.4}")]);
        match (&term.shape, transform) {
            (Shape::Lookup { values }, _) => {
                values.iter().enumerate().for_each(|(bin, v)| row(transform.short_bin_label(field, bin), *v));
            }
            (Shape::Linear { slope, missing, special }, Transform::Standardise { center, scale, .. }) => {
                row(format!("per {scale:.4} above {center:.4}"), *slope);
                field.special().iter().zip(special).for_each(|(code, v)| row(code.label(), *v));
                row("missing".to_owned(), *missing);
            }
            (Shape::Linear { slope, .. }, _) => row("slope".to_owned(), *slope),
            // Pairs have tables of their own.
            (Shape::Pair { .. }, _) => {}
        }
    }
    show::table(&["variable", "value", "log-odds"], rows, &[2])
}

/// The tree as indented rules, in reading order.
fn rules(model: &Model, tree: &Tree) -> String {
    let leaves: BTreeMap<usize, usize> =
        leaf_table(model).into_iter().flatten().map(|leaf| (leaf.rule.node, leaf.leaf)).collect();
    let mut text = String::new();
    for row in tree.outline(&model.schema) {
        let node = &tree.nodes[row.node];
        let indent = "  ".repeat(row.depth.min(show::DEEPEST_INDENT));
        let (rows, rate) = (show::count(node.count), show::share(node.bads, node.count));
        let _ = write!(text, "{indent}{}: {rows} rows, bad rate {rate}", row.words);
        let leaf = leaves.get(&row.node).map(|leaf| format!(" -> pd {:.4}, leaf {leaf}", node.pd));
        let _ = writeln!(text, "{}", leaf.unwrap_or_default());
    }
    text
}

/// The centres in the units of the columns: all there is in a file that does not say what segments are like.
pub(crate) fn segments(model: &Model, centroids: &Centroids) -> String {
    let all: u64 = centroids.segments.iter().map(|s| s.count).sum();
    let mut header = vec!["centre".to_owned()];
    header.extend(centroids.segments.iter().map(|s| s.name.clone()));
    let line = |name: &str, cell: &dyn Fn(usize) -> String| {
        std::iter::once(name.to_owned()).chain((0..centroids.segments.len()).map(cell)).collect::<Vec<_>>()
    };
    let segment = |s: usize| &centroids.segments[s];
    let mut rows = vec![line("rows", &|s| show::count(segment(s).count))];
    rows.push(line("share", &|s| show::share(segment(s).count, all)));
    if centroids.segments.iter().any(|s| s.bads.is_some()) {
        let rate = |s: usize| segment(s).bads.map(|bads| show::share(bads, segment(s).count));
        rows.push(line("bad rate", &|s| rate(s).unwrap_or_default()));
    }
    for (at, transform) in centroids.coordinates.iter().map(|t| &model.transforms[*t]).enumerate() {
        let field = &model.schema.fields[transform.field()];
        match transform {
            Transform::Standardise { center, scale, .. } => {
                rows.push(line(&field.name, &|s| format!("{:.2}", center + scale * segment(s).center[at])));
            }
            Transform::LogStandardise { center, scale, .. } => {
                let number = |s: usize| signed_exp(center + scale * segment(s).center[at]);
                rows.push(line(&field.name, &|s| format!("{:.2}", number(s))));
            }
            Transform::Indicator { category, scale, .. } => {
                let name = format!("{} = {}", field.name, field.categories()[*category]);
                rows.push(line(&name, &|s| format!("{:.1}%", 100.0 * scale * segment(s).center[at])));
            }
            // A checked model has numbers only in its coordinates.
            Transform::Intervals { .. } | Transform::Groups { .. } => {}
        }
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    show::table(&header, rows, &(1..header.len()).collect::<Vec<_>>())
}

fn grades(model: &Model) -> String {
    let rows = model.grades.iter().map(|grade| {
        let by_score = model.scale.filter(|_| model.kind == ModelKind::Expert);
        let bound = match (by_score, grade.max_pd) {
            (Some(scale), _) => {
                grade.min_score(&scale).map_or("below".to_owned(), |s| format!("score from {}", short(s)))
            }
            (None, max_pd) => max_pd.map_or("above".to_owned(), |max| format!("pd up to {max}")),
        };
        vec![grade.name.clone(), grade.label.clone().unwrap_or_default(), bound]
    });
    show::table(&["grade", "", ""], rows.collect(), &[])
}

fn origin(model: &Model) -> String {
    let origin = &model.provenance;
    let rows = origin.rows;
    let mut text = format!("  {}\n", origin.program);
    if rows.read == 0 {
        return text + &train::fit(model);
    }
    let _ = writeln!(text, "  data {} (sha256 {})", origin.data, origin.data_sha256);
    let _ = writeln!(
        text,
        "  {} rows read, {} kept, {} trained on, {} held out",
        show::count(rows.read),
        show::count(rows.kept),
        show::count(rows.train),
        show::count(rows.test)
    );
    text + &train::fit(model)
}
