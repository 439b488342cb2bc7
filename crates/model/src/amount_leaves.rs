//! The leaf table of an amount tree: its leaves as a policy, highest amount first.

use crate::interval::mean_interval;
use crate::model::{Model, Predictor};
use crate::rules::{NamedCondition, Rule};
use serde::Serialize;

/// One leaf of an amount tree. Counts, means and totals are of the training rows, whatever their weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AmountLeafRow {
    /// Number of the leaf: 1 has the highest value; equal ones in reading order. It belongs to the model and never changes.
    pub leaf: usize,
    /// The rule in words, every category named.
    pub words: String,
    /// The rule in words, long lists cut.
    #[serde(skip)]
    pub short: String,
    /// Rows in the leaf.
    pub count: u64,
    /// Their share of all rows; absent where the tree counts none.
    pub share: Option<f64>,
    /// Mean of their amounts; absent of an empty leaf.
    pub mean: Option<f64>,
    /// Standard deviation of their amounts; absent with fewer than two rows.
    pub deviation: Option<f64>,
    /// 95 % interval of the mean by Student's t; absent with fewer than two rows. See [`mean_interval`].
    pub interval: Option<(f64, f64)>,
    /// The amount the leaf predicts; smoothed, so not quite the mean.
    pub value: f64,
    /// Sum of the amounts in the leaf: `count x mean`.
    pub total: f64,
    /// Rows in this leaf and all with higher amounts, as a share of all rows.
    pub cumulative_share: Option<f64>,
    /// The total of these leaves as a share of the total of all; absent where a leaf has a total below 0, or all
    /// together none above it.
    pub cumulative_total_share: Option<f64>,
    /// The rule as data, by name.
    pub conditions: Vec<NamedCondition>,
    /// The rule as data, by position.
    #[serde(skip)]
    pub rule: Rule,
}

/// The leaves of an amount tree, highest value first; `None` of any other model.
pub fn amount_leaf_table(model: &Model) -> Option<Vec<AmountLeafRow>> {
    let Predictor::AmountTree(tree) = &model.predictor else { return None };
    let mut rules = tree.rules(&model.schema);
    // A stable sort keeps equal ones in reading order.
    rules.sort_by(|a, b| tree.nodes[b.node].value.total_cmp(&tree.nodes[a.node].value));
    let totals = || {
        rules.iter().map(|rule| {
            let node = &tree.nodes[rule.node];
            if node.count == 0 { 0.0 } else { node.count as f64 * node.mean }
        })
    };
    let count: u64 = rules.iter().map(|rule| tree.nodes[rule.node].count).sum();
    let whole: f64 = totals().sum();
    let parts = whole > 0.0 && totals().all(|total| total >= 0.0);
    let share = |part: u64| (count > 0).then(|| part as f64 / count as f64);
    let (mut rows, mut amount) = (0, 0.0);
    let row = |(at, (rule, total)): (usize, (Rule, f64))| {
        let node = &tree.nodes[rule.node];
        rows += node.count;
        amount += total;
        AmountLeafRow {
            leaf: at + 1,
            words: rule.words(&model.schema),
            short: rule.short_words(&model.schema),
            count: node.count,
            share: share(node.count),
            mean: (node.count > 0).then_some(node.mean),
            deviation: node.deviation,
            interval: node.deviation.map(|deviation| mean_interval(node.count, node.mean, deviation)),
            value: node.value,
            total,
            cumulative_share: share(rows),
            cumulative_total_share: parts.then(|| amount / whole),
            conditions: rule.named(&model.schema),
            rule,
        }
    };
    let totals: Vec<f64> = totals().collect();
    Some(rules.into_iter().zip(totals).enumerate().map(row).collect())
}
