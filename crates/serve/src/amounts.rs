//! What the expected amounts of a batch are like.

use arrears_model::amount_text::{amount_decimals, amount_text};
use arrears_model::{Model, Predictor};
use serde::Serialize;

/// The expected amounts of the scored rows, in the unit of the amount.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AmountSummary {
    /// Their sum.
    pub total: f64,
    /// Their mean.
    pub mean: f64,
    /// The lowest one, the lower quartile, the median, the upper quartile and the highest one: each the lowest amount that at
    /// least so many of the rows do not exceed.
    pub quartiles: [f64; 5],
    /// Decimals of [`AmountSummary::to_text`].
    #[serde(skip)]
    decimals: usize,
}

/// Scored rows by leaf: a tree knows no more amounts than that.
pub(crate) struct AmountTally {
    /// The amount of each node.
    values: Vec<f64>,
    rows: Vec<u64>,
}

impl AmountTally {
    /// `None` of a model that predicts no amounts.
    pub(crate) fn of(model: &Model) -> Option<Self> {
        let Predictor::AmountTree(tree) = &model.predictor else { return None };
        let values: Vec<f64> = tree.nodes.iter().map(|node| node.value).collect();
        Some(Self { rows: vec![0; values.len()], values })
    }

    /// Counts rows by their leaves; refused ones have none.
    pub(crate) fn add(&mut self, leaves: &[u32]) {
        let counted = |leaf: &u32| self.rows.get_mut(*leaf as usize).into_iter().for_each(|rows| *rows += 1);
        leaves.iter().for_each(counted);
    }

    /// Adds what was counted of other rows of the same model.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows.iter_mut().zip(&other.rows).for_each(|(rows, more)| *rows += more);
    }

    /// `None` where no row was scored.
    pub(crate) fn finish(self) -> Option<AmountSummary> {
        let mut leaves: Vec<(f64, u64)> =
            self.values.into_iter().zip(self.rows).filter(|(_, rows)| *rows > 0).collect();
        leaves.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rows: u64 = leaves.iter().map(|(_, rows)| rows).sum();
        let total: f64 = leaves.iter().map(|(value, rows)| value * *rows as f64).sum();
        let quartile = |quarters: u64| {
            let wanted = (u128::from(rows) * u128::from(quarters)).div_ceil(4).max(1);
            let mut met = 0;
            let reached = |(_, rows): &&(f64, u64)| {
                met += u128::from(*rows);
                met >= wanted
            };
            leaves.iter().find(reached).map(|(value, _)| *value)
        };
        let (lowest, highest) = (leaves.first()?.0, leaves.last()?.0);
        let mut quartiles = [0.0; 5];
        for (quarters, place) in quartiles.iter_mut().enumerate() {
            *place = quartile(quarters as u64)?;
        }
        let spread = if highest > lowest { highest - lowest } else { highest.abs() };
        Some(AmountSummary { total, mean: total / rows as f64, quartiles, decimals: amount_decimals(spread) })
    }
}

impl AmountSummary {
    /// In one line.
    pub fn to_text(&self) -> String {
        let show = |amount: f64| amount_text(amount, self.decimals);
        let [lowest, lower, median, upper, highest] = self.quartiles.map(show);
        format!(
            "expected amounts: mean {}, total {}; lowest {lowest}, quartiles {lower}, {median} and {upper}, highest {highest}",
            show(self.mean),
            show(self.total)
        )
    }
}
