//! One row, by the same tables as many.

use super::plan::{Plan, Router};
use super::probability::Verdict;
use super::reasons::{NO_FIELD, Top};
use super::slots::{MISSING, Note, Slot};
use super::terms::Terms;
use super::{CompiledScorer, calculated};
use crate::decisions::Decided;
use crate::scale::probability;
use crate::score::{MAX_REASONS, Reason, Scored, Scorer};
use crate::value::{Cell, Flag, Refusal, Value};

/// What a model says of one row, as [`Scored`] does; without flags, which are kept in the [`Scratch`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScoredRow {
    /// Probability of bad.
    pub pd: Option<f64>,
    /// Points; higher is safer.
    pub score: Option<f64>,
    /// Position of the grade in the model's grades.
    pub grade: Option<usize>,
    /// Credit limit and tier.
    pub decided: Decided,
    /// The expected amount.
    pub amount: Option<f64>,
    /// Position of the leaf in the tree's nodes.
    pub leaf: Option<usize>,
    /// Position of the segment.
    pub segment: Option<usize>,
    /// Distance to the segment's centre.
    pub distance: Option<f64>,
    /// How much farther the second nearest centre is.
    pub margin: Option<f64>,
    /// Whether the row lies beyond its segment's novelty.
    pub novel: Option<bool>,
    reasons: [Option<Reason>; MAX_REASONS],
}

impl ScoredRow {
    /// What costs the most points, most first.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> + '_ {
        self.reasons.iter().flatten().copied()
    }

    /// The same with flags, as the plain scorer says it.
    pub fn with_flags(&self, flags: &[Flag]) -> Scored {
        Scored {
            pd: self.pd,
            score: self.score,
            grade: self.grade,
            decided: self.decided,
            amount: self.amount,
            leaf: self.leaf,
            segment: self.segment,
            distance: self.distance,
            margin: self.margin,
            novel: self.novel,
            reasons: self.reasons().collect(),
            flags: flags.to_vec(),
        }
    }
}

impl From<&Scored> for ScoredRow {
    fn from(scored: &Scored) -> Self {
        Self {
            pd: scored.pd,
            score: scored.score,
            grade: scored.grade,
            decided: scored.decided,
            amount: scored.amount,
            leaf: scored.leaf,
            segment: scored.segment,
            distance: scored.distance,
            margin: scored.margin,
            novel: scored.novel,
            reasons: std::array::from_fn(|i| scored.reasons.get(i).copied()),
        }
    }
}

/// Working memory of [`CompiledScorer::score_row`], and what it says besides the answer. One serves for many rows and any
/// model; after the first row of a model nothing is allocated any more.
#[derive(Debug, Default)]
pub struct Scratch {
    slots: Vec<Slot>,
    numbers: Vec<f64>,
    point: Vec<f64>,
    sum: Sum,
    flags: Vec<Flag>,
    /// Of a row scored by the plain scorer.
    cells: Vec<Cell>,
}

/// Working memory of a sum of terms.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) terms: Vec<f64>,
    pub(super) losses: Vec<f64>,
    pub(super) best: Top,
}

impl Default for Sum {
    fn default() -> Self {
        Self { terms: Vec::new(), losses: Vec::new(), best: Top::NONE }
    }
}

impl Scratch {
    /// Values of the row scored last that were not taken as they stood, in schema order.
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// The log-odds of each term for the row scored last, where the model is a sum of terms; of a model with a scorecard for
    /// each segment those of the row's segment.
    pub fn terms(&self) -> &[f64] {
        &self.sum.terms
    }
}

impl CompiledScorer {
    /// Scores one row of raw values, one for each field of the schema in its order, bit for bit as [`Scorer::score`] does.
    /// Values beyond the last field are ignored and absent ones count as missing. Nothing is allocated once `scratch` has
    /// served a row.
    ///
    /// # Errors
    /// [`Refusal`]: the first value, in schema order, that must not be used.
    pub fn score_row(&self, row: &[Value<'_>], scratch: &mut Scratch) -> Result<ScoredRow, Refusal> {
        if let Plan::Plain(model) = &self.plan {
            let mut scorer = Scorer::bound(model, self.formulas.clone(), self.decider.clone());
            let scored = scorer.score(row)?;
            scratch.flags.clone_from(&scored.flags);
            scratch.sum.terms.clear();
            scratch.sum.terms.extend(scorer.terms());
            scratch.cells.clear();
            scratch.cells.extend(scorer.cells());
            return Ok(ScoredRow::from(&scored));
        }
        self.read(row, scratch)?;
        let Scratch { slots, numbers, point, sum, .. } = scratch;
        sum.terms.clear();
        let mut scored = ScoredRow::default();
        match (&self.plan, &self.verdict) {
            (Plan::Sum(terms), Some(verdict)) => give(terms, verdict, slots, numbers, sum, &mut scored),
            (Plan::Tree { walk, leaves }, verdict) => {
                let at = walk.at(slots);
                let leaf = &leaves[at];
                scored.leaf = Some(at);
                scored.reasons = reasons(leaf.best);
                match verdict {
                    None => scored.amount = Some(leaf.amount),
                    Some(verdict) => {
                        scored.pd = Some(leaf.pd);
                        scored.score = Some(leaf.score);
                        scored.grade = verdict.graded().then_some(leaf.grade as usize);
                    }
                }
            }
            (Plan::Nearest(nearest), _) => {
                let place = nearest.at(slots, numbers, point);
                scored.segment = Some(place.segment);
                scored.distance = Some(place.distance);
                scored.margin = place.margin;
                scored.novel = place.novel;
            }
            (Plan::Segmented { router, cards }, Some(verdict)) => {
                let segment = match router {
                    Router::Tree { walk, segments } => segments[walk.at(slots)] as usize,
                    Router::Nearest(nearest) => nearest.at(slots, numbers, point).segment,
                };
                scored.segment = Some(segment);
                give(&cards[segment], verdict, slots, numbers, sum, &mut scored);
            }
            // A checked model has a scale wherever it gives a pd.
            (Plan::Sum(_) | Plan::Segmented { .. } | Plan::Plain(_), _) => {}
        }
        if let (Some(decider), Some(pd), Some(score), Some(grade)) =
            (&self.decider, scored.pd, scored.score, scored.grade)
        {
            let mut flags = std::mem::take(&mut scratch.flags);
            let cell = |at: usize| self.cell(at, scratch);
            let grade = decider.grade(cell, pd, score, grade);
            scored.grade = Some(grade);
            scored.decided = decider.decide(cell, pd, score, grade, |flag| flags.push(flag));
            scratch.flags = flags;
        }
        Ok(scored)
    }

    /// Limit and tier that the row which `scratch` served last, and of which the model said `scored`, has in another grade.
    ///
    /// # Panics
    /// There is no such grade, or `scratch` served no row of this model.
    pub fn decide(&self, scored: &ScoredRow, grade: usize, scratch: &Scratch) -> Decided {
        match (&self.decider, scored.pd, scored.score) {
            (Some(decider), Some(pd), Some(score)) => {
                decider.decide(|at| self.cell(at, scratch), pd, score, grade, |_| {})
            }
            _ => Decided::default(),
        }
    }

    /// What became of a field's value in the row that `scratch` served last, where that was scored: as [`Scorer::cells`].
    ///
    /// # Panics
    /// There is no such field, or `scratch` served no row of this model.
    pub fn cell(&self, field: usize, scratch: &Scratch) -> Cell {
        let Some(slots) = self.slots.get(field) else { return scratch.cells[field] };
        calculated::cell(slots, scratch.slots[field], scratch.numbers[field])
    }

    /// Slots, numbers and flags of a row.
    fn read(&self, row: &[Value<'_>], scratch: &mut Scratch) -> Result<(), Refusal> {
        let fields = self.slots.len();
        scratch.slots.resize(fields, MISSING);
        scratch.numbers.resize(fields, f64::NAN);
        scratch.flags.clear();
        // Room for a flag of each field, of the limit and of the tier, so that no later row needs more.
        scratch.flags.reserve(fields + 2);
        for at in 0..fields - self.formulas.len() {
            self.take(at, row.get(at).copied().unwrap_or(Value::Missing), scratch)?;
        }
        for (at, formula) in self.formulas.programs() {
            let read = (&scratch.slots[..], &scratch.numbers[..]);
            let value = calculated::of_row(formula, &self.schema, &self.slots, read);
            self.take(at, value, scratch)?;
        }
        Ok(())
    }

    /// Slot, number and flag of one field.
    #[inline]
    fn take(&self, at: usize, value: Value<'_>, scratch: &mut Scratch) -> Result<(), Refusal> {
        let field = &self.slots[at];
        let (slot, number) = field.of(value);
        match field.parts[usize::from(slot)].note {
            Note::None => {}
            Note::Flag(kind) => scratch.flags.push(Flag { field: at, kind }),
            Note::Refused => return Err(self.refusal(at, value)),
        }
        (scratch.slots[at], scratch.numbers[at]) = (slot, number);
        Ok(())
    }
}

/// The answer of a sum of terms.
fn give(
    terms: &Terms,
    verdict: &Verdict,
    slots: &[Slot],
    numbers: &[f64],
    sum: &mut Sum,
    scored: &mut ScoredRow,
) {
    let log_odds = terms.at(slots, numbers, verdict.factor(), sum);
    let pd = probability(log_odds);
    scored.pd = Some(pd);
    scored.score = Some(verdict.score(log_odds));
    scored.grade = verdict.graded().then(|| verdict.grade(pd) as usize);
    scored.reasons = reasons(sum.best.best);
}

fn reasons(best: [(f64, u32); MAX_REASONS]) -> [Option<Reason>; MAX_REASONS] {
    best.map(|(loss, field)| (field != NO_FIELD).then_some(Reason { field: field as usize, loss }))
}
