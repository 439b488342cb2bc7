//! What is said of many rows, column by column.

use super::block::Block;
use super::nearest::Points;
use super::reasons::NO_FIELD;
use super::terms::Sums;
use crate::decisions::Decided;
use crate::score::{MAX_REASONS, Reason, Scored};
use crate::value::{Flag, Refusal};

/// In place of a position where there is none: of a refused row, or a reason that a row does not have.
pub const NONE: u32 = u32::MAX;
const _: () = assert!(NONE == NO_FIELD);

/// What to say of each row besides the model's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Reasons of each row, 0 to [`MAX_REASONS`]; without them scoring is faster.
    pub reasons: usize,
    /// Whether the points that each reason costs are wanted too.
    pub losses: bool,
    /// Whether the log-odds of each term are wanted.
    pub terms: bool,
}

impl Default for Ask {
    /// All four reasons; neither their losses nor the terms.
    fn default() -> Self {
        Self { reasons: MAX_REASONS, losses: false, terms: false }
    }
}

/// What a model says of many rows, as [`Scored`] says it of one: one entry a row in the order of the rows, or no entries at all
/// where the model has no such answer. Where a row is refused, its numbers are NaN and its positions [`NONE`].
///
/// Keeps its memory, so that one value should serve for many calls.
#[derive(Debug, Default)]
pub struct Scores {
    /// How many rows there are.
    pub rows: usize,
    /// Probability of bad.
    pub pd: Vec<f64>,
    /// Points; higher is safer.
    pub score: Vec<f64>,
    /// Position of the grade in the model's grades.
    pub grade: Vec<u32>,
    /// Credit limit; NaN where a row has none. No entries where the model decides none.
    pub limit: Vec<f64>,
    /// Position of the tier.
    pub tier: Vec<u32>,
    /// The expected amount.
    pub amount: Vec<f64>,
    /// Position of the leaf in the tree's nodes.
    pub leaf: Vec<u32>,
    /// Position of the segment.
    pub segment: Vec<u32>,
    /// Distance to the segment's centre.
    pub distance: Vec<f64>,
    /// How much farther the second nearest centre is; empty with one segment.
    pub margin: Vec<f64>,
    /// Whether the row lies beyond its segment's novelty; `None` where the model does not know.
    pub novel: Vec<Option<bool>>,
    /// Fields that cost the most points, most first, then [`NONE`]; where [`Ask::reasons`] is above 0.
    pub reasons: Vec<[u32; MAX_REASONS]>,
    /// Points that they cost, then 0; where [`Ask::losses`].
    pub losses: Vec<[f64; MAX_REASONS]>,
    /// Log-odds of the terms, row by row; see [`Scores::terms`].
    pub(super) terms: Vec<f64>,
    /// Most terms a row has, and the number of terms by segment.
    pub(super) widths: (usize, Vec<usize>),
    /// Values that were not taken as they stood: row and flag, by row, then by field. Refused rows have none.
    pub flags: Vec<(usize, Flag)>,
    /// Rows that are refused, ascending, and the first value, in schema order, that is why.
    pub refused: Vec<(usize, Refusal)>,
    pub(super) work: Work,
}

/// Working memory.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) block: Block,
    pub(super) sums: Sums,
    pub(super) points: Points,
    /// Of models with segments: the rows of one, and their scores.
    pub(super) part: Block,
    pub(super) part_rows: Vec<u16>,
    pub(super) part_pd: Vec<f64>,
    pub(super) part_score: Vec<f64>,
    pub(super) part_grade: Vec<u32>,
}

impl Scores {
    /// The log-odds of a row's terms, in the model's order; those of its segment's scorecard where the model has some. Empty
    /// where they were not asked for or the row is refused.
    pub fn terms(&self, row: usize) -> &[f64] {
        let (most, by_segment) = &self.widths;
        let width = match self.segment.get(row) {
            Some(segment) => by_segment.get(*segment as usize),
            None => by_segment.first(),
        };
        if self.terms.is_empty() || self.refusal(row).is_some() {
            return &[];
        }
        width.map_or(&[], |width| &self.terms[row * most..][..*width])
    }

    /// Why a row is refused.
    pub fn refusal(&self, row: usize) -> Option<&Refusal> {
        let at = self.refused.binary_search_by_key(&row, |(row, _)| *row);
        at.ok().map(|at| &self.refused[at].1)
    }

    /// What is said of one row, in the form of the plain scorer. Without [`Ask::losses`] reasons have a loss of NaN.
    ///
    /// # Errors
    /// The row's refusal.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn row(&self, row: usize) -> Result<Scored, Refusal> {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        if let Some(refusal) = self.refusal(row) {
            return Err(refusal.clone());
        }
        let place = |column: &[u32]| column.get(row).map(|at| *at as usize);
        let from = self.flags.partition_point(|(of, _)| *of < row);
        let flags = self.flags[from..].iter().take_while(|(of, _)| *of == row).map(|(_, flag)| *flag);
        let fields = self.reasons.get(row).into_iter().flatten().enumerate();
        let loss = |at: usize| self.losses.get(row).map_or(f64::NAN, |losses| losses[at]);
        let reasons = fields.filter(|(_, field)| **field != NONE);
        Ok(Scored {
            pd: self.pd.get(row).copied(),
            score: self.score.get(row).copied(),
            grade: place(&self.grade),
            decided: Decided {
                limit: self.limit.get(row).copied().filter(|limit| !limit.is_nan()),
                tier: place(&self.tier),
            },
            amount: self.amount.get(row).copied(),
            leaf: place(&self.leaf),
            segment: place(&self.segment),
            distance: self.distance.get(row).copied(),
            margin: self.margin.get(row).copied(),
            novel: self.novel.get(row).copied().flatten(),
            reasons: reasons.map(|(at, field)| Reason { field: *field as usize, loss: loss(at) }).collect(),
            flags: flags.collect(),
        })
    }

    /// Puts what a refused row has into all columns.
    pub(super) fn blank(&mut self, row: usize) {
        let numbers = [
            &mut self.pd,
            &mut self.score,
            &mut self.limit,
            &mut self.amount,
            &mut self.distance,
            &mut self.margin,
        ];
        numbers.into_iter().filter_map(|column| column.get_mut(row)).for_each(|x| *x = f64::NAN);
        let places = [&mut self.grade, &mut self.tier, &mut self.leaf, &mut self.segment];
        places.into_iter().filter_map(|column| column.get_mut(row)).for_each(|at| *at = NONE);
        self.novel.get_mut(row).into_iter().for_each(|novel| *novel = None);
        self.reasons.get_mut(row).into_iter().for_each(|reasons| *reasons = [NONE; MAX_REASONS]);
        self.losses.get_mut(row).into_iter().for_each(|losses| *losses = [0.0; MAX_REASONS]);
    }
}
