//! The model card: one page in Markdown for whoever has to trust the model.

use crate::amount_card;
use crate::expert::card::slopes;
use crate::scores_card;
use crate::segmented::Comparison;
use crate::segments::card::segments;
use crate::train::Trained;
use arrears_model::decision_text::decision_text;
use arrears_model::leaves::leaf_table;
use arrears_model::pairs::{pair_decimals, pair_points};
use arrears_model::points::{
    Characteristic, PointsRow, Spread, characteristics, points_decimals, points_table, segment_points,
};
use arrears_model::tree::Tree;
use arrears_model::{Model, Predictor};
use arrears_validate::{Amounts, Report};
// Writing to a String cannot fail, so the results of `writeln!` are let go.
use std::fmt::Write;

/// The card of a trained model; `report` is its validation on the held-out rows.
pub fn card(trained: &Trained, report: &Report) -> String {
    let model = &trained.model;
    let mut text = format!("# {} {}\n\n", model.name, model.version);
    text.push_str(&facts(model));
    text.push_str(&figures(report));
    text.push_str(&bullets(&trained.hold_out_remarks()));
    text.push_str(&variables(trained));
    text.push_str(&stepwise(trained));
    text.push_str(&compared(trained));
    text.push_str(&coefficients(trained));
    text.push_str(&scores_card::blend(trained));
    text.push_str(&rejects(trained));
    text.push_str(&match &model.predictor {
        Predictor::Additive(_) => points(model, trained.recipe.scale.spread) + &slopes(model) + &pairs(model),
        Predictor::Tree(tree) => rules(model, tree) + &leaves(model),
        Predictor::Centroids(_) => segments(trained),
        Predictor::Segmented(_) => segment_cards(model, trained.recipe.scale.spread),
        Predictor::AmountTree(tree) => amount_card::tree_and_leaves(model, tree),
    });
    text.push_str(&grades(model));
    text.push_str(&scores_card::matrix(trained));
    text.push_str("## Limits\n\n");
    text.push_str(match (model.gives_pd(), model.gives_amount()) {
        (true, _) => LIMITS,
        (false, true) => amount_card::LIMITS,
        (false, false) => SEGMENT_LIMITS,
    });
    text.push_str(match (model.gives_pd(), trained.recipe.scale.population_rate()) {
        (false, _) => "",
        (true, Some(_)) => POPULATION,
        (true, None) => SAMPLE,
    });
    text
}

/// The card of a version that was made from another one without training.
pub(crate) fn rewritten_card(model: &Model) -> String {
    let mut text = format!("# {} {}\n\n", model.name, model.version) + &facts(model);
    text.push_str(&match &model.predictor {
        Predictor::Additive(_) => points(model, Spread::Base) + &slopes(model) + &pairs(model),
        Predictor::Tree(tree) => rules(model, tree) + &leaves(model),
        Predictor::Segmented(_) => segment_cards(model, Spread::Base),
        Predictor::Centroids(_) | Predictor::AmountTree(_) => String::new(),
    });
    text + &grades(model) + "## Limits\n\n" + LIMITS
}

const LIMITS: &str = "\
    - It knows only customers like those it was trained on; watch the PSI of score and features.\n\
    - Reasons say what lowered this score, not what caused the behaviour.\n\
    - Which variables may be used for which decision is a question of law, not of this file.\n";

const SEGMENT_LIMITS: &str = "\
    - It knows only customers like those it was trained on; watch the PSI of segments and features.\n\
    - k-means parts any customers, also where no groups are; the silhouette says how far they stand apart.\n\
    - A name says what sets a segment apart from all other customers, not what each of its customers has.\n\
    - Which variables may be used for which decision is a question of law, not of this file.\n";

const SAMPLE: &str = "- Its pd is the share of bads in the training data's terms: where bads were over-sampled, pd is too high.\n";

const POPULATION: &str =
    "- Its pd is the share of bads in terms of the population named above, and as right as its bad rate.\n";

fn facts(model: &Model) -> String {
    let p = &model.provenance;
    let rows = &p.rows;
    let bads = rows.train_bads.map_or(String::new(), |bads| {
        format!(" ({bads} bad, bad rate {})", percent(bads as f64 / rows.train.max(1) as f64))
    });
    let outcome = match &model.predictor {
        Predictor::AmountTree(tree) => amount_card::spread(model, tree),
        _ => bads,
    };
    let fit = match (p.fit.converged, p.fit.gradient_norm) {
        (Some(converged), Some(norm)) => {
            format!(
                "| fit | {}, gradient norm {norm:.1e} per row |\n",
                if converged { "converged" } else { "NOT converged" }
            )
        }
        (Some(converged), None) => {
            format!("| fit | {} |\n", if converged { "converged" } else { "NOT converged" })
        }
        _ => String::new(),
    };
    let text = format!(
        "| | |\n|---|---|\n\
         | kind | {} |\n\
         | engine | {} |\n\
         | program | {} |\n\
         | data | {}, SHA-256 `{}` |\n\
         | rows | {} read, {} kept, {} trained on{outcome}, {} held out |\n\
         {fit}| checksum | `{}` |\n\n",
        model.kind,
        p.engine,
        p.program,
        p.data,
        p.data_sha256,
        rows.read,
        rows.kept,
        rows.train,
        rows.test,
        model.sha256()
    );
    text + &bullets(&p.fit.notes)
}

/// A list with an empty line after it; nothing where there are no notes.
pub(crate) fn bullets(notes: &[String]) -> String {
    let mut text: String = notes.iter().map(|note| format!("- {note}\n")).collect();
    if !notes.is_empty() {
        text.push('\n');
    }
    text
}

fn figures(report: &Report) -> String {
    let measured = report.measured();
    let amounts = report.amounts.is_some();
    let psi =
        if amounts { "PSI of the amount against training" } else { "PSI of the score against training" };
    let figures = [
        ("AUC", measured.auc),
        ("AUC, lower bound of the 95 % interval", measured.auc_lower),
        ("Gini", measured.gini),
        ("KS", measured.ks),
        ("Brier score", measured.brier),
        ("log loss", measured.log_loss),
        ("expected calibration error", measured.calibration_error),
        (psi, measured.score_psi),
        ("largest PSI of a feature", measured.feature_psi),
        ("silhouette", measured.silhouette),
        ("inertia per row", measured.inertia_per_row),
    ];
    let mut text = format!(
        "## On the {} rows ({})\n\n| figure | value |\n|---|---|\n",
        report.data.part, report.data.rows
    );
    for [name, value, remark] in report.amounts.iter().flat_map(Amounts::figures) {
        let remark = if remark.is_empty() { remark } else { format!(" ({remark})") };
        let _ = writeln!(text, "| {name} | {value}{remark} |");
    }
    for (name, value) in figures {
        if let Some(value) = value {
            let _ = writeln!(text, "| {name} | {value:.4} |");
        }
    }
    text.push('\n');
    text
}

fn variables(trained: &Trained) -> String {
    let binned = trained.variables.iter().any(|v| v.iv.is_some());
    let (header, line) = if binned { (" IV |", "---|") } else { ("", "") };
    let mut text = format!("## Variables\n\n| variable | used |{header} why |\n|---|---|{line}---|\n");
    for v in &trained.variables {
        let iv = v.iv.map_or(String::new(), |iv| format!("{iv:.3}"));
        let iv = if binned { format!(" {iv} |") } else { String::new() };
        let used = if v.kept { "yes" } else { "no" };
        let _ = writeln!(text, "| {} | {used} |{iv} {} |", cell(&v.variable), cell(&v.reason));
    }
    text.push('\n');
    text
}

fn stepwise(trained: &Trained) -> String {
    if trained.stepwise.is_empty() {
        return String::new();
    }
    let mut text =
        "## Stepwise selection\n\n| step | move | variable | criterion | before | after |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for (at, made) in trained.stepwise.iter().enumerate() {
        let way = if made.entered { "in" } else { "out" };
        let before = made.before.map(|before| format!("{before:.2}")).unwrap_or_default();
        let after = if made.before.is_some() { format!("{:.2}", made.after) } else { p_value(made.after) };
        let variable = cell(&made.variable);
        let _ =
            writeln!(text, "| {} | {way} | {variable} | {} | {before} | {after} |", at + 1, made.criterion);
    }
    text + "\n"
}

fn coefficients(trained: &Trained) -> String {
    if trained.coefficients.is_empty() {
        return String::new();
    }
    let mut text = "## Coefficients\n\nChange of the log-odds of bad.\n\n\
        | column | estimate | standard error | z | p-value | 95 % interval |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for c in &trained.coefficients {
        let inference = c.inference.map_or(" | | | ".to_owned(), |i| {
            let (low, high) = i.interval;
            format!("{:.4} | {:.2} | {} | {low:.4} to {high:.4}", i.standard_error, i.z, p_value(i.p_value))
        });
        let _ = writeln!(text, "| {} | {:.4} | {inference} |", cell(&c.column), c.estimate);
    }
    if let Some(g) = &trained.goodness {
        let _ = writeln!(
            text,
            "\n| deviance | null deviance | parameters | AIC | BIC |\n|---|---|---|---|---|\n\
             | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            g.deviance, g.null_deviance, g.degrees, g.aic, g.bic
        );
    }
    text.push('\n');
    text + &bullets(&trained.coefficient_remarks())
}

/// A p-value in four decimals.
fn p_value(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

fn rejects(trained: &Trained) -> String {
    let Some(rejects) = &trained.rejects else { return String::new() };
    let mut text = format!("## Reject inference\n\n```\n{}```\n\n", rejects.cleaning);
    text.push_str(&bullets(&rejects.notes));
    text.push_str(
        "How much the model depends on what is assumed of the rejected; AUC is of accepted applicants.\n\n",
    );
    text + &rejects.sensitivity.to_markdown() + "\n"
}

pub(crate) fn points(model: &Model, spread: Spread) -> String {
    let Some(rows) = points_table(model, spread) else { return String::new() };
    "## Points\n\n".to_owned() + &points_of(rows, characteristics(model, spread).unwrap_or_default())
}

fn points_of(rows: Vec<PointsRow>, ranges: Vec<Characteristic>) -> String {
    let decimals = points_decimals(&rows);
    let mut text =
        "| variable | bin | rows | bad rate | WoE | points |\n|---|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let rate = match (row.count, row.bads) {
            (Some(count), Some(bads)) if count > 0 => percent(bads as f64 / count as f64),
            _ => String::new(),
        };
        let count = row.count.map_or(String::new(), |n| n.to_string());
        let woe = row.woe.map_or(String::new(), |w| format!("{w:.3}"));
        let (variable, bin) = (cell(&row.variable), cell(&row.short));
        let _ =
            writeln!(text, "| {variable} | {bin} | {count} | {rate} | {woe} | {:.decimals$} |", row.points);
    }
    text.push_str("\n## Range of points\n\n| variable | worst | neutral | best |\n|---|---|---|---|\n");
    for c in ranges {
        let neutral = c.neutral.map_or(String::new(), |n| format!("{n:.1}"));
        let variable = cell(&c.variable);
        let _ = writeln!(text, "| {variable} | {:.decimals$} | {neutral} | {:.decimals$} |", c.worst, c.best);
    }
    text.push_str("\nNeutral points are the mean of the training rows: fewer than that lower a score.\n\n");
    text
}

fn pairs(model: &Model) -> String {
    let tables = pair_points(model);
    if tables.is_empty() {
        return String::new();
    }
    let mut text = "## Pairs\n\nPoints on top of those above, for two variables together.\n\n".to_owned();
    let decimals = pair_decimals(model);
    for pair in tables {
        let across: Vec<String> = pair.short[1].iter().map(|bin| cell(bin)).collect();
        let corner = format!("{} \\ {}", cell(&pair.first), cell(&pair.second));
        let _ = writeln!(text, "| {corner} | {} |", across.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(across.len() + 1));
        for (bin, points) in pair.short[0].iter().zip(&pair.points) {
            let points: Vec<String> = points.iter().map(|p| format!("{p:.decimals$}")).collect();
            let _ = writeln!(text, "| {} | {} |", cell(bin), points.join(" | "));
        }
        text.push('\n');
    }
    text
}

fn rules(model: &Model, tree: &Tree) -> String {
    let mut text = "## Tree\n\n```\n".to_owned();
    for row in tree.outline(&model.schema) {
        let (node, indent) = (&tree.nodes[row.node], "  ".repeat(row.depth));
        let _ = writeln!(text, "{indent}{}: PD {:.3}, {} customers", row.words, node.pd, node.count);
    }
    text.push_str("```\n\n");
    text
}

/// The leaf table with its rules, riskiest first.
fn leaves(model: &Model) -> String {
    let mut text = "## Rules\n\nRiskiest first; the last two columns add up from the top.\n\n\
        | leaf | rule | rows | bads | bad rate | 95 % interval | PD | score | grade | of rows | of bads |\n\
        |---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let share = |share: Option<f64>| share.map_or(String::new(), percent);
    for leaf in leaf_table(model).unwrap_or_default() {
        let interval = leaf.interval.map(|(low, high)| format!("{} to {}", percent(low), percent(high)));
        let score = leaf.score.map_or(String::new(), |score| format!("{score:.1}"));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {:.4} | {score} | {} | {} | {} |",
            leaf.leaf,
            cell(&leaf.short),
            leaf.count,
            leaf.bads,
            share(leaf.bad_rate),
            interval.unwrap_or_default(),
            leaf.pd,
            cell(leaf.grade.as_deref().unwrap_or_default()),
            share(leaf.cumulative_share),
            share(leaf.cumulative_bads_share),
        );
    }
    text + "\n"
}

/// The points of each segment, on its own rows.
fn segment_cards(model: &Model, spread: Spread) -> String {
    let mut text = String::new();
    for table in segment_points(model, spread) {
        let _ = write!(text, "## Points of {}\n\n", cell(&table.segment));
        text.push_str(&points_of(table.points, table.characteristics));
    }
    text
}

/// The single scorecard and those of segments beside each other, where the recipe asks for segments.
fn compared(trained: &Trained) -> String {
    let Some(Comparison { segments, .. }) =
        trained.segments.as_ref().and_then(|report| report.comparison.as_ref())
    else {
        return String::new();
    };
    let mut text = "## Segments\n\nFigures are of training rows that neither model has seen.\n\n\
        | segment | rows | bads | bad rate | characteristics | AUC, own scorecard | AUC, single scorecard | log loss, own \
        | log loss, single |\n|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for s in segments {
        let auc = |model: usize| s.auc.map_or(String::new(), |auc| format!("{:.4}", auc[model]));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.4} | {:.4} |",
            cell(&s.name),
            s.rows,
            s.bads,
            percent(s.bads as f64 / s.rows.max(1) as f64),
            s.characteristics,
            auc(0),
            auc(1),
            s.log_loss[0],
            s.log_loss[1]
        );
    }
    text + "\n"
}

pub(crate) fn grades(model: &Model) -> String {
    if model.grades.is_empty() {
        return String::new();
    }
    let decisions = decision_text(model);
    let decisions = decisions.map_or(String::new(), |text| format!("## Decisions\n\n```\n{text}```\n\n"));
    let mut text = "## Grades\n\n| grade | label | highest pd |\n|---|---|---|\n".to_owned();
    for grade in &model.grades {
        let label = grade.label.as_deref().unwrap_or("");
        let max = grade.max_pd.map_or("1".to_owned(), |p| p.to_string());
        let _ = writeln!(text, "| {} | {} | {max} |", cell(&grade.name), cell(label));
    }
    text.push('\n');
    text + &decisions
}

pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Text inside a Markdown table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
