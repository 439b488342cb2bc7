//! From which grade to which, who decided, and the largest downgrades.

use super::{Page, column, wide};
use crate::report::assessment::{Cause, CauseRow, Cell, Migration, Movement};
use crate::report::numbers::ABSENT;
use maud::{Markup, html};

/// Most of the tone in a cell, in percent: little enough for text to stay readable.
const HOTTEST: f64 = 45.0;

/// Heat by the square root of the share: few customers show too, and those who move more than those who stay.
const HEAT_STAYED: f64 = 45.0;
const HEAT_MOVED: f64 = 100.0;

pub(super) fn migration(page: &Page<'_>) -> Markup {
    let Some((matrix, moves)) = page.a.migration.as_ref().zip(page.a.moves.as_ref()) else {
        return html! {};
    };
    let money = matrix.cells.iter().flatten().any(|cell| cell.exposure.is_some_and(|x| x > 0.0));
    let moved =
        |row: &CauseRow| row.upgraded + row.downgraded + row.held_from_upgrade + row.held_from_downgrade;
    let others = moves.causes.iter().filter(|row| row.cause != Cause::Model).map(moved).sum::<u64>();
    html! {
        h2 { "Migration" }
        p.soft { "Rows: grade before; columns: grade now, best first. A cell gives the share of its row." }
        p.soft.legend {
            span { span.key.stable {} "same, framed" } span { span.key.downgrade {} "▼ worse" } span { span.key.upgrade {} "▲ better" }
        }
        h3 { "By customers" }
        (heat(page, matrix, "Migration by customers", |c| c.share, |c| page.count(c.customers)))
        @if money {
            h3 { "By exposure before, " (page.currency()) }
            (heat(page, matrix, "Migration by exposure", |c| c.exposure_share, |c| page.money(c.exposure)))
        }
        @if moves.compared > 0 {
        h3 { "Who decided" }
        (wide("Who decided on grades", html! { table {
            thead { tr {
                (column("The grade is that of", true)) (column("Downgraded", false)) (column("Upgraded", false))
                (column("Held, the model says worse", false)) (column("Held, the model says better", false))
            } }
            tbody { @for row in &moves.causes { tr {
                th scope="row" { (cause(row.cause)) }
                td { (page.count(row.downgraded)) }
                td { (page.count(row.upgraded)) }
                @if row.cause == Cause::Model { td { (ABSENT) } td { (ABSENT) } } @else {
                    td { (page.count(row.held_from_downgrade)) }
                    td { (page.count(row.held_from_upgrade)) }
                }
            } } }
        } }))
        @if others == 0 { p.soft { "Every compared grade is the model's." } }
        }
    }
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Model => "the model",
        Cause::Hysteresis => "hysteresis",
        Cause::Override => "an override",
    }
}

/// A matrix with the share of the row large and `amount` small; columns of the rejected only where there are any.
fn heat(
    page: &Page<'_>,
    matrix: &Migration,
    label: &str,
    share: impl Fn(&Cell) -> Option<f64>,
    amount: impl Fn(&Cell) -> String,
) -> Markup {
    let rejected = page.a.customers.rejected > 0;
    let shown = matrix.to.len() + 1 + usize::from(rejected);
    let new = page.a.customers.new + page.a.customers.rejected - page.a.customers.rejected_before > 0;
    let rows = matrix.cells.iter().enumerate().filter(|(row, _)| *row < matrix.from.len() || new);
    wide(
        label,
        html! { table.heat {
            thead { tr {
                th scope="col" { "Before ╲ now" }
                @for name in &matrix.to { th scope="col" title=(name) { span { (name) } } }
                th scope="col" { "gone" }
                @if rejected { th scope="col" { "not assessed" } }
            } }
            tbody { @for (row, cells) in rows { tr {
                th scope="row" { (matrix.from.get(row).map_or("new", String::as_str)) }
                @for cell in &cells[..shown] { (heat_cell(page, cell, share(cell), &amount)) }
            } } }
        } },
    )
}

fn heat_cell(page: &Page<'_>, cell: &Cell, share: Option<f64>, amount: impl Fn(&Cell) -> String) -> Markup {
    if cell.customers == 0 {
        return html! { td class={ "none " @if cell.movement == Movement::Stable { "stable" } } { "0" } };
    }
    let scale = match cell.movement {
        Movement::Downgrade | Movement::Upgrade => HEAT_MOVED,
        _ => HEAT_STAYED,
    };
    let heat = format!("--h:{:.0}", (scale * share.unwrap_or(0.0).max(0.0).sqrt()).min(HOTTEST));
    let sign = match cell.movement {
        Movement::Downgrade => "▼ ",
        Movement::Upgrade => "▲ ",
        _ => "",
    };
    html! { td class=(cell.movement.name()) style=(heat) {
        span aria-hidden="true" { (sign) } (page.percent(share)) small { (amount(cell)) }
    } }
}

/// The largest downgrades.
pub(super) fn top(page: &Page<'_>) -> Markup {
    let Some(moves) = &page.a.moves else { return html! {} };
    let top = &page.a.top_downgrades;
    html! {
        h2 { "Largest downgrades" }
        @if top.is_empty() { p { "No customer was downgraded." } } @else {
            p.soft {
                (page.count(top.len() as u64)) " of " (page.count(moves.downgraded.customers))
                ", by exposure in " (page.currency()) "; the table " code { "changes" } " has all."
            }
            (wide("Largest downgrades", html! { table {
                thead { tr {
                    (column("Customer", true)) (column("From", true)) (column("To", true)) (column("Exposure", false))
                    (column("Pd before", false)) (column("Pd now", false)) (column("Limit before", false))
                    (column("Limit now", false)) (column("Decided by", true))
                } }
                tbody { @for d in top { tr {
                    th scope="row" { (d.customer) }
                    td.text { (d.from) }
                    td.text { (d.to) @if d.notches > 1 { small { (d.notches) " grades" } } }
                    td { (page.money(d.exposure)) }
                    td { (page.pd(Some(d.pd_before))) }
                    td { (page.pd(Some(d.pd))) }
                    td { (page.money(d.limit_before)) }
                    td { (page.money(d.limit)) }
                    td.text { (d.why.as_deref().unwrap_or("model")) }
                } } }
            } }))
        }
    }
}
