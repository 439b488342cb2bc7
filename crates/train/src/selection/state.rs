//! Where a selection stands: who is still in, and what was decided of the others.

use super::{Candidate, Decision, SelectionParams, Step};
use crate::engine::EngineError;
use crate::regression::{
    Column, Design, Note, Observations, Regression, RegressionParams, correlations, regress, regress_near,
};

pub(super) struct State<'a> {
    pub(super) candidates: &'a [Candidate<'a>],
    pub(super) observations: &'a Observations<'a>,
    pub(super) params: &'a SelectionParams,
    pub(super) regression: &'a RegressionParams,
    /// Whether each candidate is in `force_in`.
    pub(super) forced: Vec<bool>,
    /// Candidates still in, the best first: forced ones, then by IV, then as they came.
    pub(super) alive: Vec<usize>,
    pub(super) decisions: Vec<Decision>,
    pub(super) notes: Vec<String>,
}

/// Correlations of some candidates.
pub(super) struct Correlations {
    /// Row of each candidate; `None` for those dropped before.
    row: Vec<Option<usize>>,
    size: usize,
    values: Vec<f64>,
}

impl Correlations {
    /// # Panics
    /// For a candidate that was dropped before the correlations were taken.
    pub(super) fn of(&self, a: usize, b: usize) -> f64 {
        let row = |candidate: usize| self.row[candidate].expect("still in when correlations were taken");
        self.values[row(a) * self.size + row(b)]
    }
}

impl<'a> State<'a> {
    pub(super) fn new(
        candidates: &'a [Candidate<'a>],
        observations: &'a Observations<'a>,
        params: &'a SelectionParams,
        regression: &'a RegressionParams,
    ) -> Self {
        let forced: Vec<bool> =
            candidates.iter().map(|c| params.force_in.iter().any(|name| name == c.name)).collect();
        let mut alive: Vec<usize> = (0..candidates.len()).collect();
        alive.sort_by(|&a, &b| {
            forced[b].cmp(&forced[a]).then(candidates[b].iv.total_cmp(&candidates[a].iv)).then(a.cmp(&b))
        });
        let decisions = vec![Decision::default(); candidates.len()];
        Self { candidates, observations, params, regression, forced, alive, decisions, notes: Vec::new() }
    }

    /// Drops a candidate.
    pub(super) fn drop(&mut self, candidate: usize, step: Step, reason: String) {
        self.alive.retain(|&other| other != candidate);
        self.decisions[candidate].dropped_by = Some(step);
        self.decisions[candidate].reason = reason;
    }

    /// Drops a candidate, or flags it if it is forced in. Tells whether it was dropped.
    pub(super) fn drop_unless_forced(&mut self, candidate: usize, step: Step, reason: String) -> bool {
        if self.forced[candidate] {
            self.decisions[candidate].flags.push(format!("forced in, although: {reason}"));
        } else {
            self.drop(candidate, step, reason);
        }
        !self.forced[candidate]
    }

    /// Quoted name, for reasons.
    pub(super) fn name(&self, candidate: usize) -> String {
        format!("`{}`", self.candidates[candidate].name)
    }

    pub(super) fn design(&self, members: &[usize]) -> Design<'a> {
        let column = |&i: &usize| Column::Codes(self.candidates[i].codes, self.candidates[i].woe);
        Design { columns: members.iter().map(column).collect(), rows: self.observations.bad.len() }
    }

    /// Fits these candidates, from a known start if there is one.
    pub(super) fn fit(
        &self,
        members: &[usize],
        params: &RegressionParams,
        start: Option<(f64, &[f64])>,
    ) -> Result<Regression, EngineError> {
        let design = self.design(members);
        match start {
            Some(start) => regress_near(&design, self.observations, params, start),
            None => regress(&design, self.observations, params),
        }
    }

    /// Correlations of the candidates still in.
    pub(super) fn correlations(&self) -> Result<Correlations, EngineError> {
        let values = correlations(&self.design(&self.alive), self.observations)?;
        let mut row = vec![None; self.candidates.len()];
        self.alive.iter().enumerate().for_each(|(at, &candidate)| row[candidate] = Some(at));
        Ok(Correlations { row, size: self.alive.len(), values })
    }

    /// A note of a fit of these candidates with their names.
    pub(super) fn tell(&self, note: &Note, members: &[usize]) -> String {
        let names: Vec<String> =
            members.iter().map(|&member| self.candidates[member].name.to_owned()).collect();
        note.with_names(&names)
    }
}
