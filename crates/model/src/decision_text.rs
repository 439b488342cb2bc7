//! The decisions of a model in words, for `inspect` and the card.

use crate::decisions::{Rounding, Tiers};
use crate::grade_matrix::{Better, GradeMatrix};
use crate::model::Parts;
use std::fmt::Write as _;

/// One line for each rule; `None` of a model that decides nothing.
pub fn decision_text(model: &Parts) -> Option<String> {
    let decisions = model.decisions.as_ref()?;
    // Writing to a String does not fail.
    let mut text = String::new();
    if let Some(matrix) = &decisions.matrix {
        describe_matrix(&mut text, model, matrix);
    }
    if let Some(limit) = &decisions.limit {
        for (grade, of) in model.grades.iter().zip(&limit.grades) {
            let _ =
                writeln!(text, "limit of {}: {}, from {} to {}", grade.name, of.formula, of.floor, of.cap);
        }
        let way = match limit.rounding {
            Rounding::Down => "down",
            Rounding::Nearest => "to the nearest",
        };
        let missing = limit.missing.map_or("no limit".to_owned(), |x| format!("a limit of {x}"));
        let _ = writeln!(
            text,
            "limits are rounded {way} to multiples of {}; without a result: {missing}",
            limit.step
        );
        if limit.monotone {
            text += "a better grade never means a lower limit for the same row\n";
        }
    }
    if let Some(tiers) = &decisions.tiers {
        describe(&mut text, model, tiers);
    }
    Some(text)
}

fn describe_matrix(text: &mut String, model: &Parts, matrix: &GradeMatrix) {
    let better = match matrix.better {
        Better::High => "higher",
        Better::Low => "lower",
    };
    let _ = writeln!(text, "external score: {}, {better} is safer", matrix.external);
    for (at, band) in matrix.bands.iter().enumerate() {
        let low =
            at.checked_sub(1).map(|before| format!(" from {}", matrix.cuts[before])).unwrap_or_default();
        let high = matrix.cuts.get(at).map(|cut| format!(" below {cut}")).unwrap_or_default();
        let _ = writeln!(text, "external score {band}:{low}{high}");
    }
    if let Some(stale) = &matrix.stale {
        let _ = writeln!(text, "a report is stale where {} is above {} or not known", stale.age, stale.after);
    }
    for (row, grade) in model.grades.iter().enumerate() {
        let names = matrix.column_names().enumerate();
        let cells = names.map(|(at, name)| format!("{name} {}", model.grades[matrix.grade(row, at)].name));
        let _ = writeln!(text, "grade of {} by pd: {}", grade.name, cells.collect::<Vec<_>>().join(", "));
    }
}

fn describe(text: &mut String, model: &Parts, tiers: &Tiers) {
    let _ = writeln!(text, "value of a customer: {}", tiers.value);
    for (at, segment) in tiers.segments.iter().enumerate() {
        let low = at.checked_sub(1).map(|before| format!(" from {}", tiers.cuts[before])).unwrap_or_default();
        let high = tiers.cuts.get(at).map(|cut| format!(" below {cut}")).unwrap_or_default();
        let missing = if at == tiers.missing { ", and customers whose value is not known" } else { "" };
        let _ = writeln!(text, "value {segment}:{low}{high}{missing}");
    }
    for (grade, row) in model.grades.iter().zip(&tiers.cells) {
        let cells =
            tiers.segments.iter().zip(row).map(|(s, tier)| format!("{s} {}", tiers.tiers[*tier].name));
        let _ = writeln!(text, "tiers of {}: {}", grade.name, cells.collect::<Vec<_>>().join(", "));
    }
    for tier in &tiers.tiers {
        let _ = writeln!(text, "tier {}: {}", tier.name, tier.strategy());
    }
}
