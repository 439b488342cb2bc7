//! A tree as a policy, for people: what each leaf holds, riskiest first, and who comes there.

use crate::show;
use arrears_model::Model;
use arrears_model::leaves::{LeafRow, leaf_table};

/// The leaf table and the rules; empty of a model that is no tree.
pub(crate) fn leaves(model: &Model) -> String {
    let Some(leaves) = leaf_table(model) else { return String::new() };
    format!(
        "\n{}{}\n{}{}",
        show::heading("Leaves, riskiest first"),
        table(&leaves),
        show::heading("Rules"),
        rules(&leaves)
    )
}

fn table(leaves: &[LeafRow]) -> String {
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1}%", 100.0 * share));
    let rows = leaves.iter().map(|leaf| {
        let interval =
            leaf.interval.map(|(low, high)| format!("{} to {}", percent(Some(low)), percent(Some(high))));
        vec![
            leaf.leaf.to_string(),
            show::count(leaf.count),
            percent(leaf.share),
            show::count(leaf.bads),
            percent(leaf.bad_rate),
            interval.unwrap_or_default(),
            format!("{:.4}", leaf.pd),
            leaf.score.map(|score| format!("{score:.1}")).unwrap_or_default(),
            leaf.grade.clone().unwrap_or_default(),
            percent(leaf.cumulative_share),
            percent(leaf.cumulative_bads_share),
        ]
    });
    let header = [
        "leaf",
        "rows",
        "share",
        "bads",
        "bad rate",
        "95% interval",
        "pd",
        "score",
        "grade",
        "of rows",
        "of bads",
    ];
    show::table(&header, rows.collect(), &[0, 1, 2, 3, 4, 5, 6, 7, 9, 10])
        + "  of rows, of bads: the share of all that is in this leaf and the riskier ones\n"
}

fn rules(leaves: &[LeafRow]) -> String {
    let digits = leaves.len().to_string().len();
    let line = |leaf: &LeafRow| {
        let end = if leaf.count == 1 { "" } else { "s" };
        let verdict = format!("-> pd {:.4}, {} row{end}", leaf.pd, show::count(leaf.count));
        let clauses: Vec<&str> =
            leaf.short.split_inclusive(" and ").map(str::trim_end).chain([&*verdict]).collect();
        show::hanging(&format!(" {:>digits$}  ", leaf.leaf), &clauses)
    };
    leaves.iter().map(line).collect()
}
