//! Scoring a range of rows, block by block.

use super::block::{BLOCK, Block};
use super::columns::Columns;
use super::plan::{Plan, Router};
use super::probability::Verdict;
use super::scores::{Ask, NONE, Scores, Work};
use super::terms::Terms;
use super::{CompiledScorer, calculated, walk::Leaf};
use crate::model::{Model, Predictor};
use crate::score::{MAX_REASONS, Scored, Scorer};
use crate::value::{Flag, Value};
use std::ops::Range;

/// Which columns a model fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gives {
    pd: bool,
    graded: bool,
    limit: bool,
    tier: bool,
    amount: bool,
    leaf: bool,
    segment: bool,
    distances: bool,
    margins: bool,
}

impl Gives {
    pub(super) fn of(model: &Model) -> Self {
        let (pd, amount, segments) = (model.gives_pd(), model.gives_amount(), model.segment_names().len());
        let decisions = model.decisions.as_ref();
        Self {
            limit: decisions.is_some_and(|d| d.limit.is_some()),
            tier: decisions.is_some_and(|d| d.tiers.is_some()),
            pd,
            graded: pd && !model.grades.is_empty(),
            amount,
            leaf: matches!(model.predictor, Predictor::Tree(_) | Predictor::AmountTree(_)),
            segment: segments > 0,
            distances: !pd && !amount,
            margins: !pd && segments > 1,
        }
    }
}

impl Gives {
    /// Gives each column but the terms its length.
    fn fit(&self, rows: usize, ask: Ask, scores: &mut Scores) {
        let when = |there: bool| if there { rows } else { 0 };
        let Gives { pd: gives_pd, graded, limit, tier, amount, leaf, segment, distances, margins } = *self;
        let reasons = (gives_pd || amount) && ask.reasons > 0;
        scores.rows = rows;
        scores.pd.resize(when(gives_pd), 0.0);
        scores.score.resize(when(gives_pd), 0.0);
        scores.grade.resize(when(graded), 0);
        scores.limit.resize(when(limit), f64::NAN);
        scores.tier.resize(when(tier), NONE);
        scores.amount.resize(when(amount), 0.0);
        scores.leaf.resize(when(leaf), 0);
        scores.segment.resize(when(segment), 0);
        scores.distance.resize(when(distances), 0.0);
        scores.margin.resize(when(margins), 0.0);
        scores.novel.resize(when(distances), None);
        scores.reasons.resize(when(reasons), [NONE; MAX_REASONS]);
        scores.losses.resize(when(reasons && ask.losses), [0.0; MAX_REASONS]);
        scores.widths.1.clear();
        scores.widths.0 = 0;
        scores.terms.clear();
        scores.flags.clear();
        scores.refused.clear();
    }
}

impl Scores {
    /// Answers that were given one by one, column by column; without terms.
    pub fn of<'a>(model: &Model, scored: impl ExactSizeIterator<Item = &'a Scored>, ask: Ask) -> Self {
        let mut scores = Self::default();
        Gives::of(model).fit(scored.len(), ask, &mut scores);
        scored.enumerate().for_each(|(row, scored)| put(&mut scores, row, ask, scored, &[]));
        scores
    }
}

impl CompiledScorer {
    /// Scores some rows of the columns; what was in `scores` before is gone. Row 0 of `scores` is the first of `rows`.
    ///
    /// A row is scored alike in any range and on any processor, bit for bit as [`Scorer::score`] scores it.
    ///
    /// # Panics
    /// When `rows` goes beyond the columns, or more than [`MAX_REASONS`] reasons are asked for.
    pub fn score(&self, columns: &Columns<'_>, rows: Range<usize>, ask: Ask, scores: &mut Scores) {
        assert!(rows.start <= rows.end && rows.end <= columns.rows, "rows {rows:?} of {}", columns.rows);
        assert!(ask.reasons <= MAX_REASONS, "at most {MAX_REASONS} reasons, not {}", ask.reasons);
        self.fit(rows.len(), ask, scores);
        let mut work = std::mem::take(&mut scores.work);
        for start in rows.clone().step_by(BLOCK) {
            let block = start..rows.end.min(start + BLOCK);
            if let Plan::Plain(model) = &self.plan {
                let scorer = Scorer::bound(model, self.formulas.clone(), self.decider.clone());
                score_plain(scorer, columns, block, start - rows.start, ask, scores);
                continue;
            }
            work.block.fit(self.slots.len());
            let inputs = &columns.fields[..self.slots.len() - self.formulas.len()];
            work.block.read(self.arch, &self.slots, &self.kept, inputs, block);
            work.block.calculate(self.arch, &self.slots, &self.formulas, &self.schema);
            self.score_block(start - rows.start, ask, &mut work, scores);
            let told = scores.flags.len();
            self.note(columns, start, start - rows.start, &work.block, scores);
            self.decide_block(start - rows.start, &work.block, scores);
            // Stable: what a row's values say stands before what was decided.
            scores.flags[told..].sort_by_key(|(row, _)| *row);
        }
        scores.work = work;
    }

    /// Grade, limit and tier of each row of a block that is not refused.
    fn decide_block(&self, at: usize, block: &Block, scores: &mut Scores) {
        let Some(decider) = &self.decider else { return };
        for row in 0..block.rows {
            let here = at + row;
            if scores.grade[here] == NONE {
                continue;
            }
            let cell = |field: usize| {
                let number = if self.kept[field] { block.numbers(field)[row] } else { f64::NAN };
                calculated::cell(&self.slots[field], block.slots(field)[row], number)
            };
            let (pd, score) = (scores.pd[here], scores.score[here]);
            let grade = decider.grade(cell, pd, score, scores.grade[here] as usize);
            scores.grade[here] = grade as u32;
            let decided = decider.decide(cell, pd, score, grade, |flag| scores.flags.push((here, flag)));
            scores.limit.get_mut(here).into_iter().for_each(|to| *to = decided.limit.unwrap_or(f64::NAN));
            scores.tier.get_mut(here).into_iter().zip(decided.tier).for_each(|(to, tier)| *to = tier as u32);
        }
    }

    /// Gives each column its length.
    fn fit(&self, rows: usize, ask: Ask, scores: &mut Scores) {
        self.gives.fit(rows, ask, scores);
        let (most, widths) = (&mut scores.widths.0, &mut scores.widths.1);
        widths.extend(self.widths.iter().filter(|_| ask.terms));
        *most = widths.iter().copied().max().unwrap_or(0);
        scores.terms.resize(rows * *most, 0.0);
    }

    fn score_block(&self, at: usize, ask: Ask, work: &mut Work, scores: &mut Scores) {
        let rows = work.block.rows;
        match (&self.plan, &self.verdict) {
            (Plan::Sum(terms), Some(verdict)) => {
                let Work { block, sums, .. } = work;
                terms.read(self.arch, block, ask.reasons > 0, verdict.factor(), sums);
                let here = at..at + rows;
                let grade = if verdict.graded() { &mut scores.grade[here.clone()] } else { &mut [] };
                let (pd, score) = (&mut scores.pd[here.clone()], &mut scores.score[here]);
                verdict.give(self.arch, &sums.log_odds, pd, score, grade);
                if ask.reasons > 0 {
                    terms.name(sums, |row, best| name(scores, at + row, ask, best));
                }
                if ask.terms {
                    let most = scores.widths.0;
                    terms.spread(self.arch, block, sums, &mut scores.terms, |row| (at + row) * most);
                }
            }
            (Plan::Tree { walk, leaves }, _) => {
                let places = &mut scores.leaf[at..at + rows];
                walk.read(&work.block, places);
                (0..rows).for_each(|row| tell(scores, at + row, ask, leaves));
            }
            (Plan::Nearest(nearest), _) => {
                nearest.read(self.arch, &work.block, &mut work.points);
                for row in 0..rows {
                    let place = nearest.place(&work.points, row);
                    scores.segment[at + row] = place.segment as u32;
                    scores.distance[at + row] = place.distance;
                    scores.margin.get_mut(at + row).into_iter().zip(place.margin).for_each(|(to, x)| *to = x);
                    scores.novel[at + row] = place.novel;
                }
            }
            (Plan::Segmented { router, cards }, Some(verdict)) => {
                self.route(router, work, &mut scores.segment[at..at + rows]);
                for (segment, terms) in cards.iter().enumerate() {
                    self.score_segment((segment, terms, verdict), at, ask, work, scores);
                }
            }
            // A checked model has a scale wherever it gives a pd.
            (Plan::Sum(_) | Plan::Segmented { .. } | Plan::Plain(_), _) => {}
        }
    }

    /// The segments of a block.
    fn route(&self, router: &Router, work: &mut Work, segments: &mut [u32]) {
        match router {
            Router::Tree { walk, segments: of_leaf } => {
                walk.read(&work.block, segments);
                segments.iter_mut().for_each(|place| *place = of_leaf[*place as usize]);
            }
            Router::Nearest(nearest) => {
                nearest.read(self.arch, &work.block, &mut work.points);
                let rows = segments.iter_mut().enumerate();
                rows.for_each(|(row, segment)| *segment = nearest.segment(&work.points, row) as u32);
            }
        }
    }

    /// The rows of a block that belong to a segment, scored by its scorecard.
    fn score_segment(
        &self,
        (segment, terms, verdict): (usize, &Terms, &Verdict),
        at: usize,
        ask: Ask,
        work: &mut Work,
        scores: &mut Scores,
    ) {
        let Work { block, sums, part, part_rows, part_pd, part_score, part_grade, .. } = work;
        part_rows.clear();
        let mine = (0..block.rows).filter(|row| scores.segment[at + row] as usize == segment);
        part_rows.extend(mine.map(|row| row as u16));
        if part_rows.is_empty() {
            return;
        }
        part.take(block, part_rows, terms.fields());
        terms.read(self.arch, part, ask.reasons > 0, verdict.factor(), sums);
        part_pd.resize(part.rows, 0.0);
        part_score.resize(part.rows, 0.0);
        part_grade.resize(if verdict.graded() { part.rows } else { 0 }, 0);
        verdict.give(self.arch, &sums.log_odds, part_pd, part_score, part_grade);
        for (i, row) in part_rows.iter().enumerate() {
            let row = at + usize::from(*row);
            scores.pd[row] = part_pd[i];
            scores.score[row] = part_score[i];
            scores.grade.get_mut(row).into_iter().zip(part_grade.get(i)).for_each(|(to, grade)| *to = *grade);
        }
        if ask.reasons > 0 {
            terms.name(sums, |i, best| name(scores, at + usize::from(part_rows[i]), ask, best));
        }
        if ask.terms {
            let most = scores.widths.0;
            let place = |i: usize| (at + usize::from(part_rows[i])) * most;
            terms.spread(self.arch, part, sums, &mut scores.terms, place);
        }
    }

    /// Flags and refusals of a block, which begins at row `start` of the columns and row `at` of the scores.
    fn note(&self, columns: &Columns<'_>, start: usize, at: usize, block: &Block, scores: &mut Scores) {
        scores.flags.extend(block.flags.iter().map(|(row, flag)| (at + row, *flag)));
        for (row, field) in &block.refused {
            let value = match self.schema.fields[*field].formula {
                None => columns.fields[*field].column.value(start + row),
                Some(_) => Value::Number(block.numbers(*field)[*row]),
            };
            scores.refused.push((at + row, self.refusal(*field, value)));
            scores.blank(at + row);
        }
    }
}

/// Writes a row's reasons.
#[inline]
fn name(scores: &mut Scores, row: usize, ask: Ask, best: [(f64, u32); MAX_REASONS]) {
    let mut fields = best.map(|(_, field)| field);
    fields[ask.reasons..].fill(NONE);
    scores.reasons[row] = fields;
    if ask.losses {
        let mut losses = best.map(|(loss, _)| loss);
        losses[ask.reasons..].fill(0.0);
        scores.losses[row] = losses;
    }
}

/// Writes what the leaf of a row says.
fn tell(scores: &mut Scores, row: usize, ask: Ask, leaves: &[Leaf]) {
    let leaf = &leaves[scores.leaf[row] as usize];
    // A model has the columns of its own answers only.
    let numbers =
        [(&mut scores.pd, leaf.pd), (&mut scores.score, leaf.score), (&mut scores.amount, leaf.amount)];
    numbers.into_iter().for_each(|(column, x)| column.get_mut(row).into_iter().for_each(|to| *to = x));
    scores.grade.get_mut(row).into_iter().for_each(|grade| *grade = leaf.grade);
    if ask.reasons > 0 {
        name(scores, row, ask, leaf.best);
    }
}

/// Rows scored by the plain scorer.
fn score_plain(
    mut scorer: Scorer<'_>,
    columns: &Columns<'_>,
    rows: Range<usize>,
    at: usize,
    ask: Ask,
    scores: &mut Scores,
) {
    let mut values: Vec<Value<'_>> = Vec::new();
    for (row, from) in (at..).zip(rows) {
        values.clear();
        values.extend(columns.fields.iter().map(|read| read.column.value(from)));
        match scorer.score(&values) {
            Ok(scored) => put(scores, row, ask, &scored, scorer.terms()),
            Err(refusal) => {
                scores.refused.push((row, refusal));
                scores.blank(row);
            }
        }
    }
}

/// Writes a row of the plain scorer.
fn put(scores: &mut Scores, row: usize, ask: Ask, scored: &Scored, terms: &[f64]) {
    let numbers = [
        (&mut scores.pd, scored.pd),
        (&mut scores.score, scored.score),
        (&mut scores.limit, Some(scored.decided.limit.unwrap_or(f64::NAN))),
        (&mut scores.amount, scored.amount),
        (&mut scores.distance, scored.distance),
        (&mut scores.margin, scored.margin),
    ];
    for (column, x) in numbers {
        column.get_mut(row).into_iter().zip(x).for_each(|(to, x)| *to = x);
    }
    let places = [
        (&mut scores.grade, scored.grade),
        (&mut scores.tier, scored.decided.tier),
        (&mut scores.leaf, scored.leaf),
        (&mut scores.segment, scored.segment),
    ];
    for (column, place) in places {
        column.get_mut(row).into_iter().zip(place).for_each(|(to, place)| *to = place as u32);
    }
    scores.novel.get_mut(row).into_iter().for_each(|novel| *novel = scored.novel);
    if !scores.reasons.is_empty() {
        let reason = |i: usize| scored.reasons.get(i).map_or((0.0, NONE), |r| (r.loss, r.field as u32));
        name(scores, row, ask, std::array::from_fn(reason));
    }
    if !scores.terms.is_empty() {
        let most = scores.widths.0;
        scores.terms[row * most..][..terms.len()].copy_from_slice(terms);
    }
    scores.flags.extend(scored.flags.iter().map(|flag: &Flag| (row, *flag)));
}
