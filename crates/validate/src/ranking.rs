//! One sort by risk, from which AUC, Gini, KS, gains and calibration are all read.

use crate::bands::band_ends;
use serde::Serialize;

use crate::{Error, inputs};

/// All rows with the same risk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tie {
    /// The risk they share.
    pub risk: f64,
    /// Rows that turned out bad.
    pub bads: u64,
    /// Rows that turned out good.
    pub goods: u64,
}

impl Tie {
    /// Rows in the tie, bad and good.
    pub fn rows(&self) -> u64 {
        self.bads + self.goods
    }
}

/// Outcomes sorted by risk, riskiest first, rows of equal risk taken together.
///
/// Holds at least one bad and one good row and no NaN, so every number below exists. Memory grows with the
/// number of distinct risks. -0.0 and 0.0 are the same risk; infinite risks are allowed and rank at the ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    ties: Vec<Tie>,
    bads: u64,
    goods: u64,
}

/// The largest gap between the two cumulative distributions, and where it opens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct KolmogorovSmirnov {
    /// max | share of bads - share of goods | over all cuts, from 0 to 1.
    pub ks: f64,
    /// The cut: rows with this risk or more are on the risky side. The riskiest such cut if several are equal.
    pub risk: f64,
    /// Share of all bads on the risky side.
    pub bad_share: f64,
    /// Share of all goods on the risky side.
    pub good_share: f64,
}

impl Ranked {
    /// Sorts `bad` outcomes by `risk`, where a higher risk means more likely bad.
    ///
    /// O(n log n), once; everything after is linear in the number of distinct risks.
    ///
    /// # Errors
    /// The lengths differ, there are no rows, a risk is NaN, or all rows are of one class.
    pub fn new(bad: &[bool], risk: &[f64]) -> Result<Self, Error> {
        inputs::one_a_row("risk", bad.len(), risk)?;
        if let Some(row) = risk.iter().position(|r| r.is_nan()) {
            return Err(Error::Value { what: "risk", row, value: risk[row], expected: "a number" });
        }
        let bads = bad.iter().filter(|&&b| b).count();
        for (what, found) in [("bad rows", bads), ("good rows", bad.len() - bads)] {
            if found == 0 {
                return Err(Error::TooFew { what, needed: 1, found });
            }
        }
        let mut rows: Vec<(f64, bool)> = risk.iter().copied().zip(bad.iter().copied()).collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let ties = rows
            .chunk_by(|a, b| a.0 == b.0)
            .map(|tie| {
                let bads = tie.iter().filter(|row| row.1).count();
                Tie { risk: tie[0].0, bads: bads as u64, goods: (tie.len() - bads) as u64 }
            })
            .collect();
        Ok(Self { ties, bads: bads as u64, goods: (bad.len() - bads) as u64 })
    }

    /// The ties, riskiest first; never empty.
    pub fn ties(&self) -> &[Tie] {
        &self.ties
    }

    /// Rows that turned out bad; at least 1.
    pub fn bads(&self) -> u64 {
        self.bads
    }

    /// Rows that turned out good; at least 1.
    pub fn goods(&self) -> u64 {
        self.goods
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.bads + self.goods
    }

    /// Area under the ROC curve: the chance that a random bad row has a higher risk than a random good row,
    /// ties counting one half.
    ///
    /// The pairs are counted in whole numbers; the one division at the end is the only rounding.
    pub fn auc(&self) -> f64 {
        let mut bads_above = 0u128;
        let mut half_wins = 0u128;
        for tie in &self.ties {
            half_wins += u128::from(tie.goods) * (2 * bads_above + u128::from(tie.bads));
            bads_above += u128::from(tie.bads);
        }
        half_wins as f64 / (2 * self.pairs()) as f64
    }

    /// Gini coefficient (accuracy ratio, Somers' D): 2 AUC - 1, from -1 to 1.
    pub fn gini(&self) -> f64 {
        2.0 * self.auc() - 1.0
    }

    /// Two-sided, two-sample Kolmogorov-Smirnov distance of the risks of bads and of goods.
    ///
    /// A model that ranks upside down has a large KS too; look at the AUC beside it.
    pub fn ks(&self) -> KolmogorovSmirnov {
        let (mut bads, mut goods) = (0u64, 0u64);
        let first = self.ties[0];
        let mut widest = (0u128, first.risk, first.bads, first.goods);
        for tie in &self.ties {
            bads += tie.bads;
            goods += tie.goods;
            let gap = self.gap(bads, goods);
            if gap > widest.0 {
                widest = (gap, tie.risk, bads, goods);
            }
        }
        let (gap, risk, bads, goods) = widest;
        KolmogorovSmirnov {
            ks: gap as f64 / self.pairs() as f64,
            risk,
            bad_share: bads as f64 / self.bads as f64,
            good_share: goods as f64 / self.goods as f64,
        }
    }

    /// | bads / all bads - goods / all goods |, scaled up by the number of pairs to a whole number.
    fn gap(&self, bads: u64, goods: u64) -> u128 {
        let bads = u128::from(bads) * u128::from(self.goods);
        bads.abs_diff(u128::from(goods) * u128::from(self.bads))
    }

    fn pairs(&self) -> u128 {
        u128::from(self.bads) * u128::from(self.goods)
    }

    /// Cuts the ties into at most `bands` runs of about equal rows, riskiest first, without splitting a tie. See [`band_ends`].
    ///
    /// # Errors
    /// `bands` is 0.
    pub(crate) fn bands(&self, bands: usize) -> Result<Vec<&[Tie]>, Error> {
        if bands == 0 {
            return Err(Error::Parameter { name: "bands", value: 0.0, expected: "at least 1" });
        }
        let rows: Vec<u64> = self.ties.iter().map(Tie::rows).collect();
        let mut start = 0;
        let run = |end: usize| &self.ties[std::mem::replace(&mut start, end)..end];
        Ok(band_ends(&rows, bands).into_iter().map(run).collect())
    }
}
