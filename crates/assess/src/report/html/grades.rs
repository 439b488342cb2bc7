//! Customers and money by grade.

use super::{Page, column, wide};
use crate::report::assessment::{Group, Holding};
use maud::{Markup, html};

/// Shares of customers now and before, with bars.
pub(super) fn grades(page: &Page<'_>) -> Markup {
    let a = page.a;
    let had = a.before.is_some();
    let row = |name: &str, now: Option<&Holding>, before: Option<&Holding>, bar: bool| {
        let share = |h: Option<&Holding>| h.and_then(|h| h.share);
        html! { tr {
            th scope="row" { (name) }
            td.bars { @if bar { (bars(a.grades.iter(), |h| h.share, now, before)) } }
            td { (page.customers_before(now)) }
            td { (page.percent(share(now))) }
            @if had {
                td { (page.customers_before(before)) }
                td { (page.percent(share(before))) }
            }
            td { (page.pd(now.and_then(|h| h.mean_pd))) }
            @if had { td { (page.pd(before.and_then(|h| h.mean_pd))) } }
        } }
    };
    html! {
        h2 { "Grades" }
        (legend(had))
        (wide("Customers by grade", html! { table {
            thead { tr {
                (column("Grade", true)) (column("Share of customers", true)) (column("Customers", false)) (column("Share", false))
                @if had { (column("Before", false)) (column("Share before", false)) }
                (column("Mean pd", false)) @if had { (column("Mean pd before", false)) }
            } }
            tbody { @for group in &a.grades { (row(name(group), group.now.as_ref(), group.before.as_ref(), true)) } }
            tfoot { (row("All", Some(&a.now), a.before.as_ref(), false)) }
        } }))
    }
}

/// Exposure, limits and what is over them.
pub(super) fn exposure(page: &Page<'_>) -> Markup {
    let a = page.a;
    if a.now.exposure.is_none() && a.now.limit.is_none() {
        return html! {};
    }
    let had = a.before.is_some_and(|h| h.exposure.is_some());
    let loss = a.lgd.is_some();
    let row = |name: &str, now: &Holding, before: Option<&Holding>, bar: bool| {
        html! { tr {
            th scope="row" { (name) }
            td.bars { @if bar { (bars(a.grades.iter(), |h| h.exposure, Some(now), before.filter(|_| had))) } }
            td { (page.money(now.exposure)) }
            td { (page.percent(now.exposure_share)) }
            @if had { td { (page.money(before.and_then(|h| h.exposure))) } }
            td { (page.money(now.limit)) }
            td { (page.percent(now.utilisation)) }
            td { (page.count(now.over_limit)) }
            td { (page.money(Some(now.over_limit_amount))) }
            @if loss { td { (page.money(now.expected_loss)) } }
        } }
    };
    html! {
        h2 { "Exposure by grade" }
        p.soft { "Amounts in " (page.currency()) "." }
        (legend(had))
        (wide("Exposure by grade", html! { table {
            thead { tr {
                (column("Grade", true)) (column("Now and before", true)) (column("Exposure", false)) (column("Share", false))
                @if had { (column("Before", false)) }
                (column("Limit", false)) (column("Utilisation", false)) (column("Customers over limit", false))
                (column("Amount over", false)) @if loss { (column("Expected loss", false)) }
            } }
            tbody { @for group in &a.grades { @if let Some(now) = &group.now {
                (row(name(group), now, group.before.as_ref(), true))
            } } }
            tfoot { (row("All", &a.now, a.before.as_ref(), false)) }
        } }))
    }
}

/// What the bars are.
fn legend(had: bool) -> Markup {
    html! { p.soft.legend {
        span { span.key {} "now" } @if had { span { span.key.before {} "before" } }
    } }
}

pub(super) fn name(group: &Group) -> &str {
    group.name.as_deref().unwrap_or("(none)")
}

/// One bar for now and a thinner one for before; the longest of all groups fills the width. The numbers stand beside them.
fn bars<'a>(
    groups: impl Iterator<Item = &'a Group>,
    of: impl Fn(&Holding) -> Option<f64>,
    now: Option<&Holding>,
    before: Option<&Holding>,
) -> Markup {
    let all = groups.flat_map(|group| [group.now, group.before]).flatten().filter_map(|h| of(&h));
    let longest = all.fold(0.0, f64::max);
    let width = |h: Option<&Holding>| {
        let part = h.and_then(&of).filter(|_| longest > 0.0)?;
        Some(format!("--w:{:.1}", 100.0 * part.max(0.0) / longest))
    };
    html! {
        @if let Some(width) = width(now) { i style=(width) aria-hidden="true" {} }
        @if let Some(width) = width(before) { i.before style=(width) aria-hidden="true" {} }
    }
}
