//! Segments for people: how many and why, who is in them, what they are like.

use crate::show;
use arrears_model::segment_table::{FieldValue, SegmentTable, segment_table};
use arrears_train::Trained;
use arrears_train::segments::ChoiceOfK;

/// Segments side by side in one table of profiles.
const ABREAST: usize = 4;

/// The choice of k, the segments and their profiles; empty for a model without segments.
pub(crate) fn of_training(trained: &Trained) -> String {
    let Some(table) = segment_table(&trained.model) else { return String::new() };
    let choice = trained.choice_of_k.as_ref().map(choice).unwrap_or_default();
    choice + &show::heading("Segments") + &segments(&table)
}

fn choice(choice: &ChoiceOfK) -> String {
    let rows = choice.candidates.iter().map(|c| {
        let optional = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:.3}"));
        let taken = if c.k == choice.k { "taken" } else { "" };
        vec![
            c.k.to_string(),
            format!("{:.0}", c.inertia),
            optional(c.silhouette),
            optional(c.gap.map(|g| g.gap)),
            optional(c.gap.map(|g| g.error)),
            optional(c.stability),
            taken.to_owned(),
        ]
    });
    let header = ["segments", "inertia", "silhouette", "gap", "+-", "stability (ARI)", ""];
    let table = show::table(&header, rows.collect(), &[0, 1, 2, 3, 4, 5]);
    format!("{}{table}  {}\n\n", show::heading("Number of segments"), choice.why)
}

/// The segments, and what their customers are like beside all customers.
pub(crate) fn segments(table: &SegmentTable) -> String {
    let bads = table.segments.iter().any(|s| s.bads.is_some());
    let rows = table.segments.iter().map(|s| {
        let mut row = vec![s.name.clone(), show::count(s.rows), show::share(s.rows, table.rows)];
        row.extend(bads.then(|| s.bads.map(|bads| show::share(bads, s.rows)).unwrap_or_default()));
        row.push(s.novelty.map_or(String::new(), |limit| format!("{limit:.2}")));
        row
    });
    let mut header = vec!["segment", "rows", "share"];
    header.extend(bads.then_some("bad rate"));
    header.push("novel beyond");
    let mut text = show::table(&header, rows.collect(), &[1, 2, 3, 4]);
    let title = "Their customers: mean / median, or the most frequent category; then how far from all customers, in \
                 standard deviations";
    text += &format!("\n{}", show::heading(title));
    let starts: Vec<usize> = (0..table.segments.len()).step_by(ABREAST).collect();
    let blocks: Vec<String> = starts.into_iter().map(|start| profiles(table, start)).collect();
    text + &blocks.join("\n")
}

/// Variables down, some segments across. A segment's name counts up to its first colon.
fn profiles(table: &SegmentTable, start: usize) -> String {
    let segments = &table.segments[start..table.segments.len().min(start + ABREAST)];
    let mut header = vec!["", "all"];
    for segment in segments {
        header.extend([segment.name.split(':').next().unwrap_or_default(), ""]);
    }
    let rows = table.all.iter().enumerate().map(|(field, all)| {
        let of = |value: &FieldValue| [value.text(), value.difference_text()];
        let values = segments.iter().flat_map(|s| of(&s.profile[field]));
        [all.variable.clone(), all.text()].into_iter().chain(values).collect()
    });
    let numbers: Vec<usize> = (0..segments.len()).map(|s| 3 + 2 * s).collect();
    show::table(&header, rows.collect(), &numbers)
}
