//! The parts of the card on two scores: how a blend ranks, and what the cells of a matrix were like.

use crate::card::{cell, percent};
use crate::train::Trained;
use arrears_validate::AucDifference;
// Writing to a String cannot fail, so the results of `writeln!` are let go.
use std::fmt::Write;

/// The scores alone and together; empty of a model that is no blend.
pub(crate) fn blend(trained: &Trained) -> String {
    if trained.blend.is_empty() {
        return String::new();
    }
    let mut text = "## Scores alone and together\n\nAUC on the same rows, differences by DeLong's test.\n\n\
        | | rows | n | bads | internal | external | blend | blend - internal | blend - external |\n\
        |---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for c in &trained.blend {
        let auc = |found: Option<f64>| found.map_or("-".to_owned(), |auc| format!("{auc:.4}"));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            c.part,
            cell(&c.rows_are),
            c.rows,
            c.bads,
            auc(c.over_internal.map(|d| d.second)),
            auc(c.over_external.map(|d| d.second)),
            auc(c.over_internal.map(|d| d.first)),
            gain(c.over_internal),
            gain(c.over_external)
        );
    }
    text.push('\n');
    text
}

fn gain(difference: Option<AucDifference>) -> String {
    difference.map_or("-".to_owned(), |d| {
        format!("{:+.4} ({:+.4} to {:+.4}, p {:.4})", d.difference, d.lower, d.upper, d.p_value)
    })
}

/// The training rows in the cells of the matrix; empty of a model without one.
pub(crate) fn matrix(trained: &Trained) -> String {
    let cells = trained.matrix_cells().unwrap_or_default();
    if cells.is_empty() {
        return String::new();
    }
    let mut text = "## Grades by two scores\n\nOn the training rows.\n\n\
        | grade by pd | external score | grade | rows | bads | bad rate |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for found in cells {
        let rate = found.bad_rate.map_or("-".to_owned(), percent);
        let [by_pd, column, grade] = [&found.by_pd, &found.column, &found.grade].map(|text| cell(text));
        let _ = writeln!(text, "| {by_pd} | {column} | {grade} | {} | {} | {rate} |", found.rows, found.bads);
    }
    text.push('\n');
    text
}
