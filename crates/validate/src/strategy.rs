//! The strategy table: what approving from a score on would have brought, cut-off by cut-off.

use serde::Serialize;

use crate::{Error, inputs};

/// Most cut-offs a table may have.
pub const MOST_CUTOFFS: usize = 1000;

/// What to cut at, and what customers bring.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategyParams {
    /// Profit of an approved customer who pays, 0 or more.
    pub profit_per_good: f64,
    /// Loss of an approved customer who turns out bad, 0 or more.
    pub loss_per_bad: f64,
    /// Where to cut.
    pub cutoffs: Cutoffs,
}

/// Where a strategy table cuts.
#[derive(Debug, Clone, PartialEq)]
pub enum Cutoffs {
    /// At the lowest score and the nine deciles of the scores.
    Deciles,
    /// At every multiple of this number of points from the last one not above the lowest score to the highest
    /// score; above 0.
    Step(f64),
    /// At these scores.
    Given(Vec<f64>),
}

/// The strategy table of one set of customers of known outcome. Customers of a cut-off's score or more are approved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strategy {
    /// Profit of an approved good customer.
    pub profit_per_good: f64,
    /// Loss of an approved bad customer.
    pub loss_per_bad: f64,
    /// Odds good:bad from which on a customer pays: `loss per bad / profit per good`; `None` where goods bring
    /// nothing.
    pub break_even_odds: Option<f64>,
    /// The same as a probability: a customer of a lower pd pays. `profit / (profit + loss)`; `None` where neither
    /// brings anything.
    pub break_even_pd: Option<f64>,
    /// Score of a customer of break-even odds, where the caller knows the scale of the score.
    pub break_even_score: Option<f64>,
    /// Position of the row with the highest profit, of equal ones the lowest cut-off; `None` where no row has a profit
    /// above 0.
    pub best: Option<usize>,
    /// One row a cut-off, the lowest first.
    pub rows: Vec<StrategyRow>,
}

/// What one cut-off would have brought. Shares and rates are from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StrategyRow {
    /// Customers of this score or more are approved.
    pub cutoff: f64,
    /// Approved customers.
    pub approved: u64,
    /// Share of all customers.
    pub approved_share: f64,
    /// Bads among the approved.
    pub approved_bads: u64,
    /// `approved_bads / approved`; `None` where nobody is approved.
    pub approved_bad_rate: Option<f64>,
    /// Rejected customers.
    pub rejected: u64,
    /// Bads among the rejected over the rejected; `None` where nobody is rejected.
    pub rejected_bad_rate: Option<f64>,
    /// Bads among the rejected.
    pub bads_avoided: u64,
    /// Share of all bads; `None` where there are none.
    pub bads_avoided_share: Option<f64>,
    /// Goods among the rejected.
    pub goods_lost: u64,
    /// Share of all goods; `None` where there are none.
    pub goods_lost_share: Option<f64>,
    /// Odds good:bad of the customers between this cut-off and the next higher one; `None` without bads there.
    pub band_odds: Option<f64>,
    /// `profit_per_good x approved goods - loss_per_bad x approved bads`.
    pub profit: f64,
    /// `profit / approved`; `None` where nobody is approved.
    pub profit_per_approved: Option<f64>,
}

impl StrategyParams {
    /// # Errors
    /// A profit or loss that is negative or no number, a step that is not above 0, no or too many given cut-offs,
    /// or one that is no finite number.
    pub fn check(&self) -> Result<(), Error> {
        for (name, value) in [("profit per good", self.profit_per_good), ("loss per bad", self.loss_per_bad)]
        {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::Parameter { name, value, expected: "a finite number, 0 or more" });
            }
        }
        match &self.cutoffs {
            Cutoffs::Deciles => Ok(()),
            Cutoffs::Step(step) if step.is_finite() && *step > 0.0 => Ok(()),
            Cutoffs::Step(value) => {
                Err(Error::Parameter { name: "cut-off step", value: *value, expected: "a number above 0" })
            }
            Cutoffs::Given(cutoffs) => match cutoffs.iter().find(|c| !c.is_finite()) {
                Some(value) => {
                    Err(Error::Parameter { name: "cut-offs", value: *value, expected: "finite scores" })
                }
                None if cutoffs.is_empty() => Err(Error::Empty { what: "cut-offs" }),
                None => few_enough(cutoffs.len() as f64),
            },
        }
    }
}

/// Counts customers on both sides of each cut-off.
///
/// `bad` and `score` have one value a customer; a higher score is safer. Cut-offs are sorted and repeated ones left
/// out. O(n log n).
///
/// # Errors
/// The lengths differ, there are no customers, a score is not finite, or a parameter is out of its range
/// ([`StrategyParams::check`]; a step so small that there would be more than [`MOST_CUTOFFS`]).
pub fn strategy(bad: &[bool], score: &[f64], params: &StrategyParams) -> Result<Strategy, Error> {
    params.check()?;
    inputs::one_a_row("score", bad.len(), score)?;
    if let Some(row) = score.iter().position(|s| !s.is_finite()) {
        return Err(Error::Value { what: "score", row, value: score[row], expected: "a finite number" });
    }
    let mut customers: Vec<(f64, bool)> = score.iter().copied().zip(bad.iter().copied()).collect();
    customers.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let cutoffs = places(&customers, &params.cutoffs)?;
    // Bads among the customers before each position.
    let bads_before: Vec<u64> = std::iter::once(0)
        .chain(customers.iter().scan(0, |sum, customer| {
            *sum += u64::from(customer.1);
            Some(*sum)
        }))
        .collect();
    let sides = Sides { customers: customers.len(), bads: bads_before[customers.len()], params };
    let at = |cutoff: f64| {
        let rejected = customers.partition_point(|customer| customer.0 < cutoff);
        (rejected as u64, bads_before[rejected])
    };
    let mut rows: Vec<StrategyRow> = Vec::with_capacity(cutoffs.len());
    for (i, &cutoff) in cutoffs.iter().enumerate() {
        let above = cutoffs.get(i + 1).map_or((sides.customers as u64, sides.bads), |next| at(*next));
        rows.push(sides.row(cutoff, at(cutoff), above));
    }
    let best = (0..rows.len()).rev().max_by(|a, b| rows[*a].profit.total_cmp(&rows[*b].profit));
    let best = best.filter(|row| rows[*row].profit > 0.0);
    let &StrategyParams { profit_per_good, loss_per_bad, .. } = params;
    Ok(Strategy {
        profit_per_good,
        loss_per_bad,
        break_even_odds: Some(loss_per_bad / profit_per_good).filter(|odds| odds.is_finite()),
        break_even_pd: Some(profit_per_good / (profit_per_good + loss_per_bad)).filter(|pd| pd.is_finite()),
        break_even_score: None,
        best,
        rows,
    })
}

/// All customers, and what they bring.
struct Sides<'a> {
    customers: usize,
    bads: u64,
    params: &'a StrategyParams,
}

impl Sides<'_> {
    /// The row of a cut-off: customers and bads below it, and below the next higher cut-off.
    fn row(&self, cutoff: f64, below: (u64, u64), below_next: (u64, u64)) -> StrategyRow {
        let (all, goods) = (self.customers as u64, self.customers as u64 - self.bads);
        let (rejected, bads_avoided) = below;
        let (approved, approved_bads) = (all - rejected, self.bads - bads_avoided);
        let goods_lost = rejected - bads_avoided;
        let band_bads = below_next.1 - bads_avoided;
        let band_goods = below_next.0 - rejected - band_bads;
        let profit = self.params.profit_per_good * (approved - approved_bads) as f64
            - self.params.loss_per_bad * approved_bads as f64;
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        StrategyRow {
            cutoff,
            approved,
            approved_share: approved as f64 / all as f64,
            approved_bads,
            approved_bad_rate: share(approved_bads, approved),
            rejected,
            rejected_bad_rate: share(bads_avoided, rejected),
            bads_avoided,
            bads_avoided_share: share(bads_avoided, self.bads),
            goods_lost,
            goods_lost_share: share(goods_lost, goods),
            band_odds: share(band_goods, band_bads),
            profit,
            profit_per_approved: (approved > 0).then(|| profit / approved as f64),
        }
    }
}

/// The cut-offs, ascending, each once. `customers` ascend by score and are not empty.
fn places(customers: &[(f64, bool)], cutoffs: &Cutoffs) -> Result<Vec<f64>, Error> {
    let mut places = match cutoffs {
        Cutoffs::Deciles => (0..10).map(|k| customers[k * customers.len() / 10].0).collect(),
        Cutoffs::Given(cutoffs) => cutoffs.clone(),
        Cutoffs::Step(step) => {
            let first = (customers[0].0 / step).floor();
            let last = (customers[customers.len() - 1].0 / step).floor();
            few_enough(last - first + 1.0)?;
            (0..=(last - first) as usize).map(|k| (first + k as f64) * step).collect()
        }
    };
    places.sort_unstable_by(f64::total_cmp);
    places.dedup_by(|a, b| a == b);
    Ok(places)
}

fn few_enough(cutoffs: f64) -> Result<(), Error> {
    if cutoffs <= MOST_CUTOFFS as f64 {
        return Ok(());
    }
    Err(Error::Parameter {
        name: "number of cut-offs",
        value: cutoffs,
        expected: "at most 1000: take a larger step",
    })
}
