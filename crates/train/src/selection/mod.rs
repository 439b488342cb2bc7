//! Selection of variables: which stay in the model, with one reason for every variable kept or dropped.
//!
//! The steps, in this order; each sees what those before it left:
//!
//! | step | drops | by default |
//! |---|---|---|
//! | `force_out` | what the recipe names | nothing named |
//! | single value | fewer than two bins with rows | always, forced or not |
//! | missing | a share of missing values above `max_missing` | 0.95 |
//! | IV | below `min_iv`; above `max_iv` flagged as a likely leak, dropped with `drop_leaks` | 0, 0.5, flagged |
//! | `correlation` | of two variables beyond `max_correlation` the one with the lower IV | 0.95 |
//! | `clusters` | all but the best IV of each cluster | off |
//! | `inflation` | the largest VIF, while above `max_vif` | off |
//! | `stepwise` | what does not improve AIC, BIC or has too high a p-value | off |
//! | `last_fit` | coefficients held at 0; the largest of the wrong sign; the highest p-value above `max_p_value`, one by one | wrong signs |
//!
//! Variables in `force_in` pass every step but "single value"; what would have dropped them is flagged. Among
//! variables of the same IV the first one counts as the better. The decisions have the same bits on any number
//! of threads.

mod clusters;
mod correlation;
pub(crate) mod forced;
mod inflation;
mod last_fit;
mod params;
mod screen;
mod state;
mod stepwise;

use crate::codes::Codes;
use crate::error::TrainError;
use crate::regression::{Observations, Regression, RegressionParams};
use state::State;

/// The reason of a variable in `force_out`.
pub(crate) const FORCED_OUT: &str = "left out by `force_out`";

pub(crate) use params::edits;
pub use params::{Criterion, SelectionParams, Stepwise, WrongSign};
pub use stepwise::Move;

/// A variable that may enter the model, binned.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Name of the column.
    pub name: &'a str,
    /// Information value of its bins.
    pub iv: f64,
    /// Share of rows without a value, 0 to 1.
    pub missing_share: f64,
    /// The bin of each row.
    pub codes: &'a Codes,
    /// WoE of each bin, higher is safer; finite for bins with rows.
    pub woe: &'a [f64],
    /// Bins with rows.
    pub bins: usize,
}

/// The step that dropped a variable; see the table of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Named in `force_out`.
    ForceOut,
    /// A single bin.
    SingleValue,
    /// Too many missing values.
    Missing,
    /// Too little information.
    LowIv,
    /// A likely leak.
    Leak,
    /// Correlates with a better variable.
    Correlation,
    /// A better variable of its cluster stayed.
    Cluster,
    /// Explained by several others.
    Inflation,
    /// Left out by stepwise selection.
    Stepwise,
    /// Its coefficient was held at 0: by the sign constraint, the L1 penalty, or because it is a combination of
    /// others.
    Zero,
    /// A coefficient of the wrong sign.
    WrongSign,
    /// Its coefficient could be 0 by chance.
    PValue,
}

/// What became of one variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// The step that dropped it; `None` if it was kept.
    pub dropped_by: Option<Step>,
    /// Why it was kept or dropped, in words and figures.
    pub reason: String,
    /// What deserves a second look, whether kept or dropped: a likely leak, what a forced-in variable was
    /// spared. Empty for most.
    pub flags: Vec<String>,
    /// The variable it correlates most with, by index, and their (weighted Pearson) correlation: for a kept
    /// variable among those kept; for one dropped by correlation the one that stayed.
    pub correlated_with: Option<(usize, f64)>,
    /// Its cluster, from 0 in order of each cluster's best IV; `None` without clustering.
    pub cluster: Option<usize>,
    /// Variance inflation factor: for a kept variable among those kept, for one dropped by it when it was
    /// dropped. Infinite for a combination of others.
    pub vif: Option<f64>,
    /// Coefficient of its WoE: in the last fit, or where it was dropped by its sign or p-value.
    pub coefficient: Option<f64>,
    /// p-value (Wald test) of that coefficient, where there are standard errors.
    pub p_value: Option<f64>,
}

impl Decision {
    /// Whether the variable is in the model.
    pub fn kept(&self) -> bool {
        self.dropped_by.is_none()
    }
}

/// The outcome of a selection.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// One a candidate.
    pub decisions: Vec<Decision>,
    /// Candidates kept, ascending.
    pub kept: Vec<usize>,
    /// The fit of the candidates kept, in their order; of the intercept alone if none was kept.
    pub fit: Regression,
    /// The way of stepwise selection.
    pub path: Vec<Move>,
    /// What was not done as asked, and why.
    pub notes: Vec<String>,
}

/// Selects variables; see the module's table.
///
/// `regression` is the fit to select for: its penalties and tolerance hold in every fit made here, its signs are
/// set by `wrong_sign`. [`Selection::fit`] is that fit on the variables kept.
///
/// # Errors
/// Parameters out of range; a name in `force_in` or `force_out` that no candidate has; stepwise selection or
/// `max_p_value` with an L1 penalty, which leaves no sound tests; what [`regress`](crate::regression::regress)
/// refuses.
pub fn select(
    candidates: &[Candidate<'_>],
    observations: &Observations<'_>,
    params: &SelectionParams,
    regression: &RegressionParams,
) -> Result<Selection, TrainError> {
    params.check()?;
    params.check_names(&candidates.iter().map(|candidate| candidate.name).collect::<Vec<_>>())?;
    check_penalty(params, regression)?;
    let mut state = State::new(candidates, observations, params, regression);
    screen::screen(&mut state);
    let correlations = state.correlations()?;
    correlation::drop_correlated(&mut state, &correlations);
    clusters::drop_clustered(&mut state, &correlations);
    inflation::drop_inflated(&mut state, &correlations);
    let path = stepwise::stepwise(&mut state)?;
    let fit = last_fit::settle(&mut state)?;
    correlation::report(&mut state, &correlations);
    inflation::report(&mut state, &correlations);
    let mut kept = state.alive;
    kept.sort_unstable();
    Ok(Selection { decisions: state.decisions, kept, fit, path, notes: state.notes })
}

fn check_penalty(params: &SelectionParams, regression: &RegressionParams) -> Result<(), TrainError> {
    let refuse = |key, value: String| {
        let expected = "none with an L1 penalty, which leaves no sound tests and selects by itself";
        Err(TrainError::Parameter { section: "selection", key, value, expected })
    };
    match params.max_p_value {
        _ if regression.l1 == 0.0 => Ok(()),
        Some(p) => refuse("max_p_value", p.to_string()),
        None if params.stepwise != Stepwise::None => refuse("stepwise", params.stepwise.to_string()),
        None => Ok(()),
    }
}
