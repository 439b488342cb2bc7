//! The strategy table as text.

use crate::layout::{Grid, count, maybe, percent};
use crate::{Strategy, StrategyRow};

const LEGEND: &str = " Approved: of this score or more. Rejects: bad rate of the rejected. Avoided, Lost: share of\n \
                      all bads and of all goods that are rejected. Odds: goods to a bad up to the next score.\n";

/// What the table is called, and the table.
pub(crate) fn strategy(strategy: &Strategy) -> (String, String) {
    let title = format!(
        "Approving from a score on, {} won by a good and {} lost by a bad",
        strategy.profit_per_good, strategy.loss_per_bad
    );
    let header =
        ["Score", "Approved", "Share", "Bad rate", "Rejects", "Avoided", "Lost", "Odds", "Profit", ""];
    let mut table = Grid::new(&header, &[9]);
    for (position, row) in strategy.rows.iter().enumerate() {
        table.row(cells(row, Some(position) == strategy.best));
    }
    let none = if strategy.best.is_none() { " No cut-off brings a profit: none is best.\n" } else { "" };
    (title, table.text() + LEGEND + &break_even(strategy) + none)
}

fn cells(row: &StrategyRow, best: bool) -> Vec<String> {
    vec![
        format!("{:.1}", row.cutoff),
        count(row.approved),
        percent(row.approved_share),
        maybe(row.approved_bad_rate, percent),
        maybe(row.rejected_bad_rate, percent),
        maybe(row.bads_avoided_share, percent),
        maybe(row.goods_lost_share, percent),
        maybe(row.band_odds, |odds| format!("{odds:.1}")),
        money(row.profit),
        if best { "best" } else { "" }.to_owned(),
    ]
}

fn break_even(strategy: &Strategy) -> String {
    let Some(odds) = strategy.break_even_odds else { return String::new() };
    let at = strategy
        .break_even_score
        .map_or(String::new(), |score| format!(", by the model's pd a score of {score:.1}"));
    format!(" A customer pays from odds of {odds:.2} goods to a bad on{at}.\n")
}

/// A whole amount with commas at the thousands.
fn money(amount: f64) -> String {
    // Beyond 2^53 the digits of a double mean nothing.
    if amount.abs() >= 9e15 {
        return format!("{amount:.3e}");
    }
    let whole = amount.round();
    format!("{}{}", if whole < 0.0 { "-" } else { "" }, count(whole.abs() as u64))
}
