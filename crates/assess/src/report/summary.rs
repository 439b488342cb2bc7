//! The headline figures by name.

use super::assessment::Assessment;

/// Name, value and unit (`customers`, `share`, `ratio`, `notches`, `index`, `money`) of each headline figure; a figure that does not exist
/// is there without a value, so that the rows of all runs are the same.
pub(crate) fn metrics(a: &Assessment) -> Vec<(&'static str, Option<f64>, &'static str)> {
    let had = a.previous.is_some();
    let n = |n: u64| Some(n as f64);
    let past = |n: u64| had.then_some(n as f64);
    let c = &a.customers;
    let moves = a.moves.as_ref();
    let moved = |of: fn(&super::Moves) -> super::Moved| moves.map(of);
    let (up, down) = (moved(|m| m.upgraded), moved(|m| m.downgraded));
    let (stable, worst) = (moved(|m| m.stable), moved(|m| m.into_worst));
    let mut all = vec![
        ("customers", n(c.now), "customers"),
        ("customers_before", past(c.before), "customers"),
        ("kept", past(c.kept), "customers"),
        ("new", past(c.new), "customers"),
        ("gone", past(c.gone), "customers"),
        ("rejected", n(c.rejected), "customers"),
        ("rejected_before", past(c.rejected_before), "customers"),
        ("mean_pd", a.now.mean_pd, "share"),
        ("mean_pd_before", a.before.and_then(|h| h.mean_pd), "share"),
        ("exposure", a.now.exposure, "money"),
        ("exposure_before", a.before.and_then(|h| h.exposure), "money"),
        ("limit", a.now.limit, "money"),
        ("limit_before", a.before.and_then(|h| h.limit), "money"),
        ("utilisation", a.now.utilisation, "share"),
        ("utilisation_before", a.before.and_then(|h| h.utilisation), "share"),
        ("over_limit_customers", n(a.now.over_limit), "customers"),
        ("over_limit_amount", Some(a.now.over_limit_amount), "money"),
        ("expected_loss", a.now.expected_loss, "money"),
        ("expected_loss_before", a.before.and_then(|h| h.expected_loss), "money"),
        ("stable", stable.map(|m| m.customers as f64), "customers"),
        ("stable_share", stable.and_then(|m| m.share), "share"),
        ("upgraded", up.map(|m| m.customers as f64), "customers"),
        ("upgraded_share", up.and_then(|m| m.share), "share"),
        ("upgraded_exposure", up.map(|m| m.exposure), "money"),
        ("downgraded", down.map(|m| m.customers as f64), "customers"),
        ("downgraded_share", down.and_then(|m| m.share), "share"),
        ("downgraded_exposure", down.map(|m| m.exposure), "money"),
        ("downgrades_per_upgrade", moves.and_then(|m| m.downgrades_per_upgrade), "ratio"),
        ("mean_notches", moves.and_then(|m| m.mean_notches), "notches"),
        ("unmatched", moved(|m| m.unmatched).map(|m| m.customers as f64), "customers"),
        ("into_worst_grade", worst.map(|m| m.customers as f64), "customers"),
        ("into_worst_grade_exposure", worst.map(|m| m.exposure), "money"),
    ];
    let cause = |cause: usize, of: fn(&super::CauseRow) -> u64| moves.map(|m| of(&m.causes[cause]) as f64);
    let held = |row: &super::CauseRow| row.held_from_upgrade + row.held_from_downgrade;
    let moved = |row: &super::CauseRow| row.upgraded + row.downgraded;
    all.extend([
        ("moved_by_model", cause(0, moved), "customers"),
        ("moved_by_hysteresis", cause(1, moved), "customers"),
        ("moved_by_override", cause(2, moved), "customers"),
        ("held_by_hysteresis", cause(1, held), "customers"),
        ("held_by_override", cause(2, held), "customers"),
        ("tier_changes", past(a.tier_changes), "customers"),
        ("limit_net_change", a.limits.as_ref().map(|l| l.net), "money"),
        ("grade_psi", a.grade_psi.as_ref().map(|d| d.psi.psi), "index"),
        ("grade_psi_threshold", a.grade_psi.as_ref().map(|d| d.psi.adjusted_threshold), "index"),
        ("pd_psi", a.pd_psi.as_ref().map(|d| d.psi.psi), "index"),
        ("pd_psi_threshold", a.pd_psi.as_ref().map(|d| d.psi.adjusted_threshold), "index"),
    ]);
    all
}
