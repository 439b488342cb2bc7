//! The leaf table: the leaves of a tree as a policy, riskiest first.

use crate::interval::{Z_95, wilson};
use crate::model::{Model, Predictor};
use crate::rules::{NamedCondition, Rule};
use crate::scale::{grade, log_odds};
use serde::Serialize;

/// One leaf of a tree. Counts are of the training rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeafRow {
    /// Number of the leaf: 1 has the highest pd; equal ones in reading order. It belongs to the model and never changes.
    pub leaf: usize,
    /// The rule in words, every category named.
    pub words: String,
    /// The rule in words, long lists cut.
    #[serde(skip)]
    pub short: String,
    /// Customers in the leaf.
    pub count: u64,
    /// Their share of all customers; absent where the tree counts none.
    pub share: Option<f64>,
    /// Bads among them.
    pub bads: u64,
    /// `bads / count`; absent of an empty leaf.
    pub bad_rate: Option<f64>,
    /// Wilson's 95 % interval of the bad rate; absent of an empty leaf. See [`wilson`].
    pub interval: Option<(f64, f64)>,
    /// Probability of bad the leaf gives its customers; smoothed, so not quite the bad rate.
    pub pd: f64,
    /// Points.
    pub score: Option<f64>,
    /// Name of the grade.
    pub grade: Option<String>,
    /// Customers in this leaf and all riskier ones, as a share of all customers.
    pub cumulative_share: Option<f64>,
    /// Bads in this leaf and all riskier ones.
    pub cumulative_bads: u64,
    /// Those as a share of all bads; absent where there is no bad.
    pub cumulative_bads_share: Option<f64>,
    /// The rule as data, by name.
    pub conditions: Vec<NamedCondition>,
    /// The rule as data, by position.
    #[serde(skip)]
    pub rule: Rule,
}

/// The leaves of a tree, highest pd first; `None` of a model that is no tree.
pub fn leaf_table(model: &Model) -> Option<Vec<LeafRow>> {
    let Predictor::Tree(tree) = &model.predictor else { return None };
    let mut rules = tree.rules(&model.schema);
    // A stable sort keeps equal ones in reading order.
    rules.sort_by(|a, b| tree.nodes[b.node].pd.total_cmp(&tree.nodes[a.node].pd));
    let nodes = || rules.iter().map(|rule| &tree.nodes[rule.node]);
    let (count, bads) = (nodes().map(|n| n.count).sum(), nodes().map(|n| n.bads).sum());
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let (mut customers, mut caught) = (0, 0);
    let row = |(at, rule): (usize, Rule)| {
        let node = &tree.nodes[rule.node];
        customers += node.count;
        caught += node.bads;
        LeafRow {
            leaf: at + 1,
            words: rule.words(&model.schema),
            short: rule.short_words(&model.schema),
            count: node.count,
            share: share(node.count, count),
            bads: node.bads,
            bad_rate: share(node.bads, node.count),
            interval: wilson(node.bads, node.count, Z_95),
            pd: node.pd,
            score: model.scale.as_ref().map(|scale| scale.score(log_odds(node.pd))),
            grade: grade(&model.grades, node.pd).map(|g| model.grades[g].name.clone()),
            cumulative_share: share(customers, count),
            cumulative_bads: caught,
            cumulative_bads_share: share(caught, bads),
            conditions: rule.named(&model.schema),
            rule,
        }
    };
    Some(rules.into_iter().enumerate().map(row).collect())
}
