//! How limits changed.

use super::{Page, column, wide};
use crate::report::assessment::{LimitChange, LimitRow};
use crate::report::numbers::ABSENT;
use maud::{Markup, html};

pub(super) fn limits(page: &Page<'_>) -> Markup {
    let Some(limits) = &page.a.limits else { return html! {} };
    if page.a.now.limit.is_none() && page.a.before.is_none_or(|h| h.limit.is_none()) {
        return html! {};
    }
    let shown = [LimitChange::Raised, LimitChange::Cut, LimitChange::Granted, LimitChange::Withdrawn];
    html! {
        h2 { "Limit changes" }
        p.soft { "Amounts in " (page.currency()) "." }
        (wide("Limit changes", html! { table {
            thead { tr {
                (column("Change", true)) (column("Customers", false)) (column("Limits before", false))
                (column("Limits now", false)) (column("Difference", false))
            } }
            tbody { @for row in limits.all.iter().filter(|row| row.customers > 0) { tr {
                th scope="row" { (words(row.change)) }
                td { (page.count(row.customers)) }
                td { (page.money(Some(row.before))) }
                td { (page.money(Some(row.now))) }
                td { (page.style.difference(row.difference)) }
            } } }
            tfoot { tr {
                th scope="row" { "Net" }
                td { (page.count(limits.all.iter().map(|row| row.customers).sum())) }
                td { (page.money(Some(limits.all.iter().map(|row| row.before).sum()))) }
                td { (page.money(Some(limits.all.iter().map(|row| row.now).sum()))) }
                td { (page.style.difference(limits.net)) }
            } }
        } }))
        h3 { "By grade" }
        p.soft { "Grade now; of customers who are gone or could not be assessed, the grade before. Small: customers." }
        (wide("Limit changes by grade", html! { table {
            thead { tr {
                (column("Grade", true)) @for change in shown { (column(words(change), false)) }
                (column("Net, all changes", false))
            } }
            tbody { @for (grade, rows) in &limits.by_grade { tr {
                th scope="row" { (grade) }
                @for change in shown { (change_cell(page, rows.iter().find(|row| row.change == change))) }
                td { (page.style.difference(rows.iter().map(|row| row.difference).sum())) }
            } } }
        } }))
    }
}

fn change_cell(page: &Page<'_>, row: Option<&LimitRow>) -> Markup {
    html! { td { @match row {
        None => { (ABSENT) }
        Some(row) => { (page.style.difference(row.difference)) small { (page.count(row.customers)) } }
    } } }
}

fn words(change: LimitChange) -> &'static str {
    match change {
        LimitChange::Raised => "Raised",
        LimitChange::Cut => "Cut",
        LimitChange::Granted => "Granted, no credit before",
        LimitChange::Withdrawn => "Withdrawn, no credit now",
        LimitChange::Unchanged => "Unchanged",
        LimitChange::New => "New customers",
        LimitChange::Gone => "Gone customers",
        LimitChange::Rejected => "Could not be assessed",
    }
}
