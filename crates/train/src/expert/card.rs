//! What the card of an expert model says.

use crate::card::{bullets, cell, grades, points};
use arrears_model::points::Spread;
use arrears_model::slopes::linear_points;
use arrears_model::{Model, ModelKind};
// Writing to a String cannot fail, so the results of `writeln!` are let go.
use std::fmt::Write;

/// The card of an expert model that no data stand behind.
pub(super) fn declared_card(model: &Model) -> String {
    let mut text = format!("# {} {}\n\n", model.name, model.version);
    let p = &model.provenance;
    let _ = write!(
        text,
        "| | |\n|---|---|\n| kind | {}, written by hand |\n| program | {} |\n| data | none |\n| checksum | `{}` |\n\n",
        model.kind,
        p.program,
        model.sha256()
    );
    text += &bullets(&p.fit.notes);
    text += &points(model, Spread::Base);
    text += &slopes(model);
    text += &grades(model);
    text + "## Limits\n\n" + EXPERT_LIMITS
}

/// The points for each unit of an expert model's ratios.
pub(crate) fn slopes(model: &Model) -> String {
    let slopes = linear_points(model);
    if slopes.is_empty() || model.kind != ModelKind::Expert {
        return String::new();
    }
    let mut text =
        "## Points for each unit\n\n| variable | points for each unit | missing |\n|---|---|---|\n"
            .to_owned();
    for row in slopes {
        let missing = row.missing.map_or("row rejected".to_owned(), |points| format!("{points:.4}"));
        let _ = writeln!(text, "| {} | {:.4} | {missing} |", cell(&row.variable), row.slope);
    }
    text + "\n"
}

const EXPERT_LIMITS: &str = "\
    - Nobody has tested it on your customers: train it with data and an outcome, and watch AUC and calibration.\n\
    - Its points are judgement; its order of customers is no better than that.\n\
    - Which variables may be used for which decision is a question of law, not of this file.\n";
