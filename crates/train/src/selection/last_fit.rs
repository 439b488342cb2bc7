//! The last fit: coefficients of the right sign, and not 0 by chance.

use super::state::State;
use super::{Step, WrongSign};
use crate::engine::EngineError;
use crate::regression::{Note, Regression, RegressionParams, Sign};

/// Fits, drops what does not hold, and fits again, until everything left holds. Fills in the reasons of the
/// variables kept; returns their fit, in the order of the candidates.
pub(super) fn settle(state: &mut State<'_>) -> Result<Regression, EngineError> {
    let mut start: Option<(f64, Vec<f64>)> = None;
    let (members, fit) = loop {
        let members = state.alive.clone();
        let from = start.as_ref().map(|(intercept, coefficients)| (*intercept, &coefficients[..]));
        let fit = state.fit(&members, &params(state, members.len()), from)?;
        let separated = fit.notes.iter().any(|note| matches!(note, Note::Separation { .. }));
        if separated || !drop_failing(state, &members, &fit) {
            break (members, fit);
        }
        let stayed = members.iter().zip(&fit.coefficients).filter(|(i, _)| state.alive.contains(i));
        start = Some((fit.intercept, stayed.map(|(_, coefficient)| *coefficient).collect()));
    };
    // In the order of the candidates; the fits took the best first.
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_unstable_by_key(|at| members[*at]);
    let members: Vec<usize> = order.iter().map(|at| members[*at]).collect();
    let fit = fit.reordered(&order);
    for note in &fit.notes {
        state.notes.push(state.tell(note, &members));
    }
    report(state, &members, &fit);
    Ok(fit)
}

fn params(state: &State<'_>, columns: usize) -> RegressionParams {
    let constrain = state.params.wrong_sign == WrongSign::Constrain;
    let signs = if constrain { vec![Sign::NotPositive; columns] } else { Vec::new() };
    RegressionParams { signs, ..state.regression.clone() }
}

/// Drops what is held at 0, or else the worst of the wrong sign, or else the highest p-value. Tells whether
/// anything was dropped.
fn drop_failing(state: &mut State<'_>, members: &[usize], fit: &Regression) -> bool {
    let free: Vec<usize> = (0..members.len()).filter(|&at| !state.forced[members[at]]).collect();
    let zero: Vec<usize> = free.iter().copied().filter(|&at| fit.coefficients[at] == 0.0).collect();
    if !zero.is_empty() {
        for at in zero {
            let why = why_zero(state, fit, at);
            dismiss(state, members, fit, at, Step::Zero, why);
        }
        return true;
    }
    let largest = |value: &dyn Fn(usize) -> f64| {
        free.iter().copied().max_by(|&a, &b| value(a).total_cmp(&value(b))).map(|at| (at, value(at)))
    };
    let wrong = largest(&|at| fit.coefficients[at]).filter(|(_, coefficient)| *coefficient > 0.0);
    if let (Some((at, coefficient)), WrongSign::Drop) = (wrong, state.params.wrong_sign) {
        let why = wrong_sign(coefficient);
        dismiss(state, members, fit, at, Step::WrongSign, why);
        return true;
    }
    let (Some(limit), Some(p_values)) = (state.params.max_p_value, fit.p_values()) else { return false };
    let Some((at, p)) = largest(&|at| p_values[at + 1]).filter(|(_, p)| *p > limit) else { return false };
    dismiss(state, members, fit, at, Step::PValue, above(p, limit));
    true
}

fn wrong_sign(coefficient: f64) -> String {
    format!("its WoE has the wrong sign beside the others (coefficient {coefficient:+.4})")
}

fn above(p: f64, limit: f64) -> String {
    format!("p-value {p:.4} beside the others, above {limit}")
}

fn why_zero(state: &State<'_>, fit: &Regression, at: usize) -> String {
    let noted = fit.notes.iter().find_map(|note| match note {
        Note::Constant { column } if *column == at => Some("its bins have one and the same WoE"),
        Note::Collinear { column } if *column == at => Some("a combination of other variables that stay"),
        _ => None,
    });
    let held = match (state.params.wrong_sign, state.regression.l1 > 0.0) {
        (WrongSign::Constrain, false) => "the sign constraint holds its coefficient at 0",
        (WrongSign::Constrain, true) => "the L1 penalty or the sign constraint holds its coefficient at 0",
        (_, true) => "the L1 penalty holds its coefficient at 0",
        (_, false) => "its coefficient beside the others is 0",
    };
    noted.unwrap_or(held).to_owned()
}

fn dismiss(state: &mut State<'_>, members: &[usize], fit: &Regression, at: usize, step: Step, why: String) {
    let decision = &mut state.decisions[members[at]];
    decision.coefficient = Some(fit.coefficients[at]);
    decision.p_value = fit.p_values().map(|p| p[at + 1]);
    state.drop(members[at], step, why);
}

/// Reasons, coefficients and flags of the variables kept.
fn report(state: &mut State<'_>, members: &[usize], fit: &Regression) {
    let p_values = fit.p_values();
    for (at, &candidate) in members.iter().enumerate() {
        let coefficient = fit.coefficients[at];
        let p_value = p_values.as_ref().map(|p| p[at + 1]).filter(|_| coefficient != 0.0);
        let forced = if state.forced[candidate] { "forced in; " } else { "" };
        let p = p_value.map(|p| format!(", p-value {}", digits(p))).unwrap_or_default();
        let iv = state.candidates[candidate].iv;
        let mut flags = Vec::new();
        if coefficient > 0.0 {
            flags.push(wrong_sign(coefficient));
        } else if coefficient == 0.0 {
            flags.push(why_zero(state, fit, at));
        }
        let limit = state.params.max_p_value.filter(|limit| p_value.is_some_and(|p| p > *limit));
        flags.extend(limit.zip(p_value).map(|(limit, p)| above(p, limit)));
        let decision = &mut state.decisions[candidate];
        decision.reason = format!("{forced}IV {iv:.4}, coefficient {coefficient:+.4}{p}");
        decision.flags.extend(flags);
        (decision.coefficient, decision.p_value) = (Some(coefficient), p_value);
    }
}

fn digits(p: f64) -> String {
    if p < 0.0001 { "below 0.0001".to_owned() } else { format!("{p:.4}") }
}
