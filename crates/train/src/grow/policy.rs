//! From a grown tree to the tree of a model: a side for every case.

use super::code::{Feature, Order, code_fields};
use super::learn::{Learned, Outcome, Problem};
use super::level::{Grown, GrownSplit};
use super::split::{Direction, Leaf};
use super::stats::{Counts, Labels, Source, Stats, Weighed};
use crate::engine::{EngineError, TreeParams};
use crate::error::TrainError;
use crate::rows::Rows;
use arrears_model::Kind;
use arrears_model::tree::{Node, Side, Split, Test, Tree};

/// Grows a tree on the rows; gives it with what has to be said of it.
pub(crate) fn native_tree(rows: &Rows<'_>, params: &TreeParams) -> Result<(Tree, Vec<String>), TrainError> {
    check_rows(rows)?;
    let directions = directions(rows, params)?;
    let features = code_fields(rows)?;
    match &rows.weights {
        None => learn(rows, &features, directions, &Labels(&rows.bad), params),
        Some(weights) => learn(rows, &features, directions, &Weighed::labels(&rows.bad, weights)?, params),
    }
}

/// Refuses more rows than can be counted.
pub(super) fn check_rows(rows: &Rows<'_>) -> Result<(), EngineError> {
    let (rows, limit) = (rows.len(), Counts::MOST_ROWS);
    if rows > limit { Err(EngineError::TooManyRows { rows, limit }) } else { Ok(()) }
}

/// The direction of each field.
pub(super) fn directions(rows: &Rows<'_>, params: &TreeParams) -> Result<Vec<Option<Direction>>, TrainError> {
    let wrong = |name: &String, expected| {
        let (section, key) = ("tree", "monotone");
        Err(TrainError::Parameter { section, key, value: name.clone(), expected })
    };
    for name in params.monotone.keys() {
        match rows.schema.position(name).map(|field| &rows.field(field).kind) {
            Some(Kind::Number { .. }) => {}
            Some(Kind::Category { .. }) => return wrong(name, "columns of numbers; this one has categories"),
            None => return wrong(name, "names of columns that are features"),
        }
    }
    Ok(rows.schema.fields.iter().map(|field| params.monotone.get(&field.name).copied()).collect())
}

fn learn<S: Source>(
    rows: &Rows<'_>,
    features: &[Feature<'_>],
    directions: Vec<Option<Direction>>,
    source: &S,
    params: &TreeParams,
) -> Result<(Tree, Vec<String>), TrainError> {
    let groups = rows.groups.as_deref();
    let problem = Problem { features, source, outcome: Outcome::Bad(&rows.bad), groups, directions };
    let Learned { tree, leaf, notes } = problem.learn(params)?;
    Ok((model_tree(rows, features, &tree, leaf), notes))
}

fn model_tree<S: Stats>(rows: &Rows<'_>, features: &[Feature<'_>], grown: &Grown<S>, leaf: Leaf) -> Tree {
    let bads = bads(rows, features, grown);
    let node = |(at, node): (usize, &super::level::GrownNode<S>)| Node {
        count: node.stats.rows(),
        bads: bads[at],
        pd: leaf.prediction(node.stats),
        split: node.split.as_ref().map(|split| model_split(rows, features, split)),
    };
    Tree { nodes: grown.nodes.iter().enumerate().map(node).collect() }
}

/// Bads of each node, whatever their weight.
fn bads<S: Stats>(rows: &Rows<'_>, features: &[Feature<'_>], grown: &Grown<S>) -> Vec<u64> {
    if rows.weights.is_none() {
        return grown.nodes.iter().map(|node| node.stats.sum() as u64).collect();
    }
    let mut bads = vec![0; grown.nodes.len()];
    let rows = (0..rows.len()).filter(|row| rows.bad[*row]);
    rows.for_each(|row| grown.way(features, row).for_each(|node| bads[node] += 1));
    bads
}

pub(super) fn model_split(rows: &Rows<'_>, features: &[Feature<'_>], split: &GrownSplit) -> Split {
    let side = |bin: usize| if split.lefts[bin] { Side::Left } else { Side::Right };
    let (test, missing) = match (&rows.field(split.feature).kind, &features[split.feature].order) {
        (Kind::Number { special, .. }, Order::Number(number)) => {
            let first = number.intervals;
            let special: Vec<Side> = (0..special.len()).map(|code| side(first + code)).collect();
            let missing = side(first + special.len());
            (Test::Below { threshold: split.threshold, special }, missing)
        }
        (kind, _) => {
            let Kind::Category { categories, .. } = kind else { unreachable!("numbers are coded as such") };
            let known = categories.len();
            (Test::In { categories: (0..known).map(side).collect(), other: side(known) }, side(known + 1))
        }
    };
    Split { field: split.feature, test, missing, left: split.left, right: split.right }
}
