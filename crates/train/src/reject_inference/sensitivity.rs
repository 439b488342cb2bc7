//! How much the refitted model depends on the method and on the prudence.

use super::augment::bads;
use super::{Augmented, RejectMethod, RejectParams, augment};
use crate::error::TrainError;
use arrears_validate::Ranked;
use serde::Serialize;
// Writing to a String cannot fail, so the results of `writeln!` are let go.
use std::fmt::Write;

/// The prudence factors of a report where none are asked for.
pub const PRUDENCES: [f64; 4] = [1.0, 1.25, 1.5, 2.0];

/// What the intercept is called among the coefficients.
pub const INTERCEPT: &str = "(intercept)";

/// What the report needs to know of the accepted applicants.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'a> {
    /// Accepted applicants of known outcome, by weight.
    pub rows: f64,
    /// Bads among them, by weight.
    pub bads: f64,
    /// Outcomes of those held out of training.
    pub held_out: &'a [bool],
}

/// A fitted model, as far as the report looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refit {
    /// Name and coefficient of each variable, and of the [`INTERCEPT`].
    pub coefficients: Vec<(String, f64)>,
    /// Pd of each held-out accepted applicant, in the order of [`Accepted::held_out`].
    pub held_out_pd: Vec<f64>,
}

/// One method at one prudence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// The method.
    pub method: RejectMethod,
    /// The prudence factor.
    pub prudence: f64,
    /// Bad rate given to the rejected.
    pub inferred_bad_rate: f64,
    /// Bad rate of all who applied: accepted with their outcomes, rejected with the inferred ones.
    pub door_bad_rate: f64,
    /// AUC of the refitted model on the accepted held out; `None` where they hold one outcome only.
    pub auc: Option<f64>,
    /// Coefficient after - before, by name; a variable that one of the two lacks counts as 0 there.
    pub shifts: Vec<(String, f64)>,
    /// The largest of them, by absolute value.
    pub largest_shift: f64,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Accepted applicants of known outcome, by weight.
    pub accepted: f64,
    /// Rejected applicants.
    pub rejected: usize,
    /// Bad rate of the accepted.
    pub accepted_bad_rate: f64,
    /// AUC of the model of the accepted alone, on those held out.
    pub accepted_auc: Option<f64>,
    /// Methods in the order of [`RejectMethod::ALL`], prudence in the order given.
    pub cases: Vec<Case>,
}

/// Infers and refits with every method at every prudence.
///
/// `pd`: of each rejected applicant under `before`, the model of the accepted alone. `params`: bands, cut-off and seed;
/// its method and prudence do not matter. `fit` fits the accepted training rows, each with weight 1, together with
/// the rows it is given.
///
/// # Errors
/// A parameter out of its range, a pd that is no probability, no rejected applicants, or whatever `fit` meets.
pub fn sensitivity(
    pd: &[f64],
    accepted: &Accepted<'_>,
    before: &Refit,
    params: &RejectParams,
    prudences: &[f64],
    mut fit: impl FnMut(&[Augmented]) -> Result<Refit, TrainError>,
) -> Result<Sensitivity, TrainError> {
    if pd.is_empty() {
        return Err(TrainError::NoRejects);
    }
    let rejected = pd.len() as f64;
    let mut cases = Vec::new();
    for method in RejectMethod::ALL {
        for &prudence in prudences {
            let params = RejectParams { method, prudence, ..params.clone() };
            let augmented = augment(pd, &params)?;
            let inferred = bads(&augmented);
            let after = fit(&augmented)?;
            let shifts = shifts(before, &after);
            cases.push(Case {
                method,
                prudence,
                inferred_bad_rate: inferred / rejected,
                door_bad_rate: (accepted.bads + inferred) / (accepted.rows + rejected),
                auc: auc(accepted, &after),
                largest_shift: shifts
                    .iter()
                    .map(|s| s.1)
                    .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a }),
                shifts,
            });
        }
    }
    Ok(Sensitivity {
        accepted: accepted.rows,
        rejected: pd.len(),
        accepted_bad_rate: accepted.bads / accepted.rows,
        accepted_auc: auc(accepted, before),
        cases,
    })
}

fn auc(accepted: &Accepted<'_>, fit: &Refit) -> Option<f64> {
    Ranked::new(accepted.held_out, &fit.held_out_pd).ok().map(|ranked| ranked.auc())
}

/// Names of `before` in its order, then those only `after` has.
fn shifts(before: &Refit, after: &Refit) -> Vec<(String, f64)> {
    let of = |fit: &Refit, name: &str| {
        fit.coefficients.iter().find(|(n, _)| n == name).map_or(0.0, |(_, coefficient)| *coefficient)
    };
    let new = after.coefficients.iter().filter(|(n, _)| before.coefficients.iter().all(|(b, _)| b != n));
    let names = before.coefficients.iter().chain(new).map(|(name, _)| name);
    names.map(|name| (name.clone(), of(after, name) - of(before, name))).collect()
}

impl Case {
    /// The coefficient that moved farthest, in words: `+0.1234 (income)`.
    pub fn most_shifted(&self) -> String {
        let name = self.shifts.iter().find(|(_, shift)| *shift == self.largest_shift).map(|(name, _)| name);
        name.map_or(String::new(), |name| format!("{:+.4} ({name})", self.largest_shift))
    }
}

impl Sensitivity {
    /// The report as a Markdown table.
    pub fn to_markdown(&self) -> String {
        let auc = |auc: Option<f64>| auc.map_or(String::new(), |auc| format!("{auc:.4}"));
        let mut text = format!(
            "{} accepted applicants, bad rate {}, AUC {} on those held out; {} rejected.\n\n\
             | method | prudence | bad rate of the rejected | of all | AUC | largest shift of a coefficient |\n\
             |---|---|---|---|---|---|\n",
            self.accepted,
            percent(self.accepted_bad_rate),
            auc(self.accepted_auc),
            self.rejected
        );
        for case in &self.cases {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                case.method,
                case.prudence,
                percent(case.inferred_bad_rate),
                percent(case.door_bad_rate),
                auc(case.auc),
                case.most_shifted()
            );
        }
        text
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
