//! Tiers, stability and what the words mean.

use super::grades::name;
use super::{Page, column, wide};
use crate::report::assessment::{Group, Holding};
use arrears_validate::{Drift, StabilityBand};
use maud::{Markup, html};

pub(super) fn tiers(page: &Page<'_>) -> Markup {
    let a = page.a;
    if a.tiers.iter().all(|tier| tier.name.is_none()) {
        return html! {};
    }
    let had = a.before.is_some();
    let empty = |h: &Option<Holding>| h.as_ref().is_none_or(|h| h.customers == 0);
    let shown = |tier: &&Group| !(empty(&tier.now) && empty(&tier.before));
    html! {
        h2 { "Tiers" }
        @if had { p.soft { (page.count(a.tier_changes)) " of " (page.count(a.customers.kept)) " customers in both runs changed their tier." } }
        (wide("Customers by tier", html! { table {
            thead { tr {
                (column("Tier", true)) (column("Customers", false)) (column("Share", false))
                @if had { (column("Before", false)) (column("Share before", false)) }
                (column("Mean pd", false)) (column("Exposure", false)) (column("Limit", false))
            } }
            tbody { @for tier in a.tiers.iter().filter(shown) { tr {
                th scope="row" { (name(tier)) }
                td { (page.customers_before(tier.now.as_ref())) }
                td { (page.percent(tier.now.and_then(|h| h.share))) }
                @if had {
                    td { (page.customers_before(tier.before.as_ref())) }
                    td { (page.percent(tier.before.and_then(|h| h.share))) }
                }
                td { (page.pd(tier.now.and_then(|h| h.mean_pd))) }
                td { (page.money(tier.now.and_then(|h| h.exposure))) }
                td { (page.money(tier.now.and_then(|h| h.limit))) }
            } } }
        } }))
    }
}

pub(super) fn stability(page: &Page<'_>) -> Markup {
    let psis = [("Grades", &page.a.grade_psi), ("Pd, in tenths of the run before", &page.a.pd_psi)];
    if psis.iter().all(|(_, psi)| psi.is_none()) {
        return html! {};
    }
    html! {
        h2 { "Stability against the run before" }
        (wide("Stability", html! { table {
            thead { tr {
                (column("Shares of", true)) (column("PSI", false)) (column("By chance up to", false)) (column("Reading", true))
            } }
            tbody { @for (what, drift) in psis { @if let Some(drift) = drift { tr {
                th scope="row" { (what) }
                td { (page.style.number(drift.psi.psi, 4)) }
                td { (page.style.number(drift.psi.adjusted_threshold, 4)) }
                td.text { (reading(drift)) }
            } } } }
        } }))
    }
}

/// How to read a PSI: its band, softened where chance alone explains it.
pub(crate) fn reading(drift: &Drift) -> &'static str {
    let chance = drift.psi.psi <= drift.psi.adjusted_threshold;
    match (drift.psi.band, chance) {
        (StabilityBand::Stable, _) => "stable",
        (StabilityBand::Shift, false) => "shift",
        (StabilityBand::Shift, true) => "shift, but few customers",
        (StabilityBand::Unstable, false) => "unstable",
        (StabilityBand::Unstable, true) => "unstable, but few customers",
    }
}

pub(super) fn definitions(page: &Page<'_>) -> Markup {
    html! { footer {
        p {
            "Pd: probability of default, or of what the model calls bad. Exposure: what a customer owes. Utilisation: exposure / limit of "
            "the customers whose exposure and limit are both known. Over limit: exposure above the limit. No limit and a limit of 0 are "
            "alike: no credit."
        }
        @if page.a.previous.is_some() { p {
            "Downgraded, upgraded, same: shares of the customers in both runs, their exposure now. The matrix by exposure has the exposure "
            "before; of new customers, now. PSI: below 0.10 stable, to 0.25 shift, from there on unstable; below the threshold beside it "
            "chance alone explains it."
        } }
        @if let Some(lgd) = page.a.lgd { p {
            "Expected loss: pd × exposure × LGD, with an LGD of " (page.percent(Some(lgd))) " as declared."
        } }
    } }
}
