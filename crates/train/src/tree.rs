//! Decision tree: ordered columns for the engine, then an explicit branch for every case.

use crate::binning::single_groups;
use crate::binning::tally::{Tally, tally};
use crate::engine::{Engine, TreeNode, TreeParams, TreeSplit};
use crate::error::TrainError;
use crate::fitted::{Fitted, VariableReport};
use crate::grow::{native_amount_tree, native_tree};
use crate::rows::Rows;
use arrears_model::provenance::Fit;
use arrears_model::tree::{Node, Side, Split, Test, Tree};
use arrears_model::value::Cell;
use arrears_model::{Kind, Predictor};
use ndarray::Array2;

/// Numbers in the engine's table stay above this; what lies below stands for missing and special codes.
const LOWEST_NUMBER: f64 = -1e300;

/// The order of a field's cells in the engine's table.
enum Order {
    /// Missing, then the special codes, then the numbers.
    Number,
    /// Rank by bad rate: of each category, and of missing.
    Category { ranks: Vec<f64>, missing: f64 },
}

/// Fits a decision tree.
///
/// The native engine parts missing values, special codes and categories by gain (see [`crate::grow`]). The others see one
/// ordered column for each field: in a number column missing values and special codes stand below every number, so a
/// split can part them off; categories (and missing) stand in order of their bad rate, which contains the best two-way
/// split of two classes. Each leaf's pd is smoothed, see [`TreeParams::smoothing`]. Where no training row decided, a case
/// goes to the larger child, to the right one when both are equal.
///
/// # Errors
/// When there is no field, or the engine cannot fit.
pub fn fit_tree(rows: &Rows<'_>, params: &TreeParams, engine: Engine) -> Result<Fitted, TrainError> {
    check_fields(rows)?;
    let (tree, notes) = match engine {
        Engine::Native => native_tree(rows, params)?,
        Engine::Linfa | Engine::Smartcore => (tree_of_engine(rows, params, engine)?, Vec::new()),
    };
    let used: Vec<usize> = tree.nodes.iter().filter_map(|n| n.split.as_ref()).map(|s| s.field).collect();
    Ok(fitted(rows, Predictor::Tree(tree), &used, notes))
}

/// Fits a tree that predicts the amounts of the rows, with the native engine: [`settings`](crate::settings) refuses any other.
///
/// # Errors
/// When there is no field, an amount is out of range, or a parameter is.
pub fn fit_amount_tree(rows: &Rows<'_>, params: &TreeParams) -> Result<Fitted, TrainError> {
    check_fields(rows)?;
    let (tree, notes) = native_amount_tree(rows, params)?;
    let used: Vec<usize> = tree.nodes.iter().filter_map(|n| n.split.as_ref()).map(|s| s.field).collect();
    Ok(fitted(rows, Predictor::AmountTree(tree), &used, notes))
}

fn check_fields(rows: &Rows<'_>) -> Result<(), TrainError> {
    match rows.schema.fields.is_empty() {
        true => Err(TrainError::NoFeatures("the data have no feature column".to_owned())),
        false => Ok(()),
    }
}

/// A tree as a learner gives it; `used`: the fields it asks for.
fn fitted(rows: &Rows<'_>, predictor: Predictor, used: &[usize], notes: Vec<String>) -> Fitted {
    let variables = (0..rows.schema.fields.len())
        .map(|field| {
            let kept = used.contains(&field);
            let reason = if kept { "used in a split" } else { "no split uses it" };
            let variable = rows.field(field).name.clone();
            VariableReport { variable, kept, iv: None, reason: reason.to_owned() }
        })
        .collect();
    Fitted {
        transforms: Vec::new(),
        codes: Vec::new(),
        predictor,
        fit: Fit { notes, ..Fit::default() },
        coefficients: Vec::new(),
        goodness: None,
        variables,
        stepwise: Vec::new(),
    }
}

/// A tree whose splits another engine finds.
fn tree_of_engine(rows: &Rows<'_>, params: &TreeParams, engine: Engine) -> Result<Tree, TrainError> {
    let fields = rows.schema.fields.len();
    let orders: Vec<Order> = (0..fields).map(|field| order(rows, field)).collect::<Result<_, _>>()?;
    let mut table = Array2::zeros((rows.len(), fields));
    for (field, order) in orders.iter().enumerate() {
        for (row, cell) in rows.column(field).enumerate() {
            table[[row, field]] = order.place(cell);
        }
    }
    let grown = engine.tree(&table, &rows.bad, params)?;
    Ok(count(rows, &grown, &orders, params.smoothing))
}

impl Order {
    fn place(&self, cell: Cell) -> f64 {
        match (self, cell) {
            (Self::Number, Cell::Number(x)) => x.max(LOWEST_NUMBER.next_up()),
            // -1.8e308 and its next larger neighbours.
            (Self::Number, Cell::Special(code)) => (0..=code).fold(f64::MIN, |place, _| place.next_up()),
            (Self::Number, _) => f64::MIN,
            (Self::Category { ranks, .. }, Cell::Category(c)) => ranks[c],
            (Self::Category { missing, .. }, _) => *missing,
        }
    }
}

fn order(rows: &Rows<'_>, field: usize) -> Result<Order, TrainError> {
    let Kind::Category { categories, .. } = &rows.field(field).kind else { return Ok(Order::Number) };
    let each = rows.codes(&single_groups(field, categories.len()))?;
    let tallies = tally(&each, categories.len() + 2, &rows.bad);
    let missing = categories.len();
    let of = |i: usize| if i == missing { tallies[tallies.len() - 1] } else { tallies[i] };
    let mut by_rate: Vec<usize> = (0..=missing).collect();
    by_rate.sort_by(|a, b| of(*a).cmp_bad_rate(of(*b)).then(a.cmp(b)));
    let mut ranks = vec![0.0; missing + 1];
    for (rank, i) in by_rate.into_iter().enumerate() {
        ranks[i] = rank as f64;
    }
    let missing = ranks.pop().unwrap_or(0.0);
    Ok(Order::Category { ranks, missing })
}

/// Sends the training rows down the tree, node by node: counts, pd and a side for every case.
fn count(rows: &Rows<'_>, grown: &[TreeNode], orders: &[Order], smoothing: f64) -> Tree {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); grown.len()];
    members[0] = (0..rows.len()).collect();
    let mut nodes = Vec::with_capacity(grown.len());
    for (i, node) in grown.iter().enumerate() {
        let mine = std::mem::take(&mut members[i]);
        let mut here = Tally::default();
        mine.iter().for_each(|row| here.add(rows.bad[*row]));
        let split = node.split.as_ref().map(|split| {
            let decided = decide(rows, split, &orders[split.column], &mine);
            for row in mine {
                let side = decided.side(rows.cell(row, split.column));
                members[decided.child(side)].push(row);
            }
            decided
        });
        let pd = (here.bads as f64 + rows.bad_rate() * smoothing) / (here.count as f64 + smoothing);
        nodes.push(Node { count: here.count, bads: here.bads, pd, split });
    }
    Tree { nodes }
}

fn decide(rows: &Rows<'_>, split: &TreeSplit, order: &Order, members: &[usize]) -> Split {
    let TreeSplit { column: field, threshold, left, right } = *split;
    let below = |cell| order.place(cell) < threshold;
    let lefts = members.iter().filter(|row| below(rows.cell(**row, field))).count();
    let larger = if 2 * lefts > members.len() { Side::Left } else { Side::Right };
    let side = |cell: Cell| {
        if !members.iter().any(|row| rows.cell(*row, field) == cell) {
            larger
        } else if below(cell) {
            Side::Left
        } else {
            Side::Right
        }
    };
    let test = match &rows.field(field).kind {
        Kind::Number { special, .. } => Test::Below {
            // Below every number: the split parts missing or special codes from all numbers.
            threshold: if threshold <= LOWEST_NUMBER { f64::MIN } else { threshold },
            special: (0..special.len()).map(|code| side(Cell::Special(code))).collect(),
        },
        Kind::Category { categories, .. } => Test::In {
            categories: (0..categories.len()).map(|c| side(Cell::Category(c))).collect(),
            other: larger,
        },
    };
    Split { field, test, missing: side(Cell::Missing), left, right }
}
