//! Segments on the model's card: how many and why, who is in them, what they are like.

use super::choose_k::ChoiceOfK;
use crate::card::{cell, percent};
use crate::folder::K_PLOT;
use crate::train::Trained;
use arrears_model::segment_table::{FieldValue, SegmentTable, segment_table};
// Writing to a String cannot fail, so the results of `writeln!` are let go.
use std::fmt::Write;

/// The sections of a k-means model; empty for others.
pub(crate) fn segments(trained: &Trained) -> String {
    let Some(table) = segment_table(&trained.model) else { return String::new() };
    let choice = trained.choice_of_k.as_ref().map(choice).unwrap_or_default();
    choice + &rows(&table) + &profiles(&table)
}

fn choice(choice: &ChoiceOfK) -> String {
    let mut text = "## Number of segments\n\n| segments | inertia | silhouette | gap | its error | stability (ARI) | |\n\
                    |---|---|---|---|---|---|---|\n"
        .to_owned();
    for c in &choice.candidates {
        let optional = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:.3}"));
        let (gap, error) = (optional(c.gap.map(|g| g.gap)), optional(c.gap.map(|g| g.error)));
        let (silhouette, stability) = (optional(c.silhouette), optional(c.stability));
        let taken = if c.k == choice.k { "taken" } else { "" };
        let _ = writeln!(
            text,
            "| {} | {:.0} | {silhouette} | {gap} | {error} | {stability} | {taken} |",
            c.k, c.inertia
        );
    }
    let _ = writeln!(text, "\n![{}]({K_PLOT})\n", choice.why);
    text
}

fn rows(table: &SegmentTable) -> String {
    let known = table.segments.iter().any(|s| s.bad_rate.is_some());
    let (header, line) = if known { (" bad rate |", "---|") } else { ("", "") };
    let mut text = format!(
        "## Segments\n\n| segment | rows | share |{header} novel beyond |\n|---|---|---|{line}---|\n"
    );
    for s in &table.segments {
        let optional = |share: Option<f64>| share.map_or(String::new(), percent);
        let novelty = s.novelty.map_or(String::new(), |limit| format!("{limit:.2}"));
        let (share, rate) = (optional(s.share), optional(s.bad_rate));
        let rate = if known { format!(" {rate} |") } else { String::new() };
        let _ = writeln!(text, "| {} | {} | {share} |{rate} {novelty} |", cell(&s.name), s.rows);
    }
    text + "\nA customer farther from the centre than 99.9 % of the segment's training rows is novel: unlike those the \
            segments were made from.\n\n"
}

fn profiles(table: &SegmentTable) -> String {
    let short = |name: &str| cell(name.split(':').next().unwrap_or_default());
    let names: Vec<String> = table.segments.iter().map(|s| short(&s.name)).collect();
    let mut text = format!(
        "## Customers of the segments\n\nMean / median, or the most frequent category with its share; in brackets how far from \
         all customers, in standard deviations.\n\n| variable | all | {} |\n|---|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for (field, all) in table.all.iter().enumerate() {
        let of = |value: &FieldValue| match value.difference {
            Some(_) => format!("{} ({})", cell(&value.text()), value.difference_text()),
            None => String::new(),
        };
        let values: Vec<String> = table.segments.iter().map(|s| of(&s.profile[field])).collect();
        let _ =
            writeln!(text, "| {} | {} | {} |", cell(&all.variable), cell(&all.text()), values.join(" | "));
    }
    text + "\n"
}
