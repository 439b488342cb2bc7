//! Scorecard plus: a points table for every field and two-way tables for the pairs that matter, boosted in
//! rounds. As readable as a scorecard, as accurate as gradient boosted trees.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `axis` | each field into fine bins, and coarse ones for pairs |
//! | 2 | `boost`, `split` | every field's table in turn, a small step a round, until held-out rows gain no more |
//! | 3 | `rank` | pairs by the strength of their interaction over the additive model |
//! | 4 | `boost` | the chosen pairs, in rounds together |
//! | 5 | [`purify`](mod@purify) | what a pair says of one field alone moves into that field's table |
//! | 6 | `merge`, `pair_table`, `terms` | alike bins joined; tables become terms of an additive model |
//!
//! It is an explainable boosting machine (Lou, Caruana, Gehrke, Hooker: Accurate Intelligible Models with
//! Pairwise Interactions, KDD 2013) on the bins of a scorecard.

mod axis;
mod boost;

mod merge;
mod pair_table;
mod params;
pub mod purify;
mod rank;
mod split;
mod tables;
mod terms;
#[cfg(test)]
mod tests;

use crate::binning::BinningParams;
use crate::engine::{Engine, EngineError};
use crate::error::TrainError;
use crate::fitted::Fitted;
use crate::rows::Rows;
use arrears_model::Predictor;
use arrears_model::additive::Additive;
use arrears_model::model::Baseline;
use arrears_model::provenance::Fit;
use arrears_model::scale::probability;
use axis::{Axis, Coarse};
use boost::{Bag, Curve, Form, Unit, boost, mean_tables};
use rank::Ranked;
use split::Grid;
use tables::Tables;
use terms::Terms;

pub use params::PlusParams;

/// Fits a scorecard with pairs.
///
/// Of `binning` it takes `min_special_rows`: a missing or special bin with fewer training rows has no effect of
/// its own. The bins of the fields are those of `plus`.
///
/// # Errors
/// When a parameter is out of range, or no field has two bins.
pub fn fit_plus(
    rows: &Rows<'_>,
    binning: &BinningParams,
    plus: &PlusParams,
    baseline: Baseline,
) -> Result<Fitted, TrainError> {
    plus.check()?;
    if rows.weights.is_some() {
        return Err(
            EngineError::Unsupported { engine: Engine::Native, what: "weights in scorecard_plus" }.into()
        );
    }
    let axes: Vec<Axis> =
        (0..rows.schema.fields.len()).map(|field| Axis::of(rows, field, plus)).collect::<Result<_, _>>()?;
    let useful: Vec<usize> = (0..axes.len()).filter(|field| axes[*field].used() > 1).collect();
    if useful.is_empty() {
        return Err(TrainError::NoFeatures("every column has a single bin".to_owned()));
    }
    let axes: Vec<&Axis> = useful.iter().map(|field| &axes[*field]).collect();
    let bad: Vec<f64> = rows.bad.iter().map(|bad| f64::from(u8::from(*bad))).collect();
    let grown = grow(&axes, (&rows.bad, rows.groups.as_deref()), &bad, plus);
    let curves = grown.curves.clone();
    let mut tables = Tables::of(&axes, grown, plus);
    tables.purify();
    tables.settle_thin(binning.min_special_rows);
    let joined = tables.join_alike(plus);
    tables.calibrate(&bad);
    let Terms { transforms, terms, intercept, variables, notes } = Terms::of(&tables, joined, rows, baseline);
    let notes = notes_of(&curves).into_iter().chain(notes).collect();
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        coefficients: Vec::new(),
        goodness: None,
        predictor: Predictor::Additive(Additive { intercept, terms }),
        fit: Fit { converged: Some(curves.iter().all(|c| c.settled)), gradient_norm: None, notes },
        variables,
        stepwise: Vec::new(),
    })
}

/// Tables as boosting left them.
#[derive(Debug)]
struct Grown {
    intercept: f64,
    /// By field, then fine bin.
    mains: Vec<Vec<f64>>,
    coarse: Vec<Coarse>,
    pairs: Vec<Ranked>,
    /// By pair, then cell.
    grids: Vec<Vec<f64>>,
    /// Of the fields, and of the pairs where there are any.
    curves: Vec<Curve>,
}

fn grow(
    axes: &[&Axis],
    (labels, groups): (&[bool], Option<&[usize]>),
    bad: &[f64],
    params: &PlusParams,
) -> Grown {
    let fold_of = crate::folds::deal(labels, groups, params.folds, params.seed);
    let mut bags: Vec<Bag> = (0..params.folds).map(|fold| Bag::new(&fold_of, fold, bad)).collect();
    let intercept = bags.iter().map(|b| b.intercept).sum::<f64>() / bags.len() as f64;
    let mut units: Vec<Unit<'_>> = axes.iter().map(|axis| axis.unit()).collect();
    let mut curves = vec![boost(&mut bags, &units, 0, bad, params)];
    let mut tables = mean_tables(&bags);
    let coarse: Vec<Coarse> =
        axes.iter().zip(&tables).map(|(a, values)| Coarse::of(a, values, params)).collect();
    let codes: Vec<Vec<u16>> = coarse.iter().zip(axes).map(|(c, axis)| c.codes(axis)).collect();
    let pairs = rank::strongest(&coarse, &codes, bad, &probabilities(intercept, &units, &tables), params);
    if !pairs.is_empty() {
        units.extend(pairs.iter().map(|pair| pair_unit(&codes, &coarse, *pair)));
        curves.push(boost(&mut bags, &units, axes.len(), bad, params));
        tables = mean_tables(&bags);
    }
    let grids = tables.split_off(axes.len());
    Grown { intercept, mains: tables, coarse, pairs, grids, curves }
}

/// The probability of bad of every training row.
fn probabilities(intercept: f64, units: &[Unit<'_>], tables: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![intercept; units[0].codes.len()];
    for (unit, table) in units.iter().zip(tables) {
        sums.iter_mut().zip(unit.codes.iter()).for_each(|(sum, code)| *sum += table[usize::from(*code)]);
    }
    sums.into_iter().map(probability).collect()
}

fn pair_unit(codes: &[Vec<u16>], coarse: &[Coarse], pair: Ranked) -> Unit<'static> {
    let grid = Grid { rows: coarse[pair.first].bins, columns: coarse[pair.second].bins };
    let cell = |(a, b): (&u16, &u16)| (usize::from(*a) * grid.columns + usize::from(*b)) as u16;
    let codes = codes[pair.first].iter().zip(&codes[pair.second]).map(cell).collect();
    Unit { codes, bins: grid.rows * grid.columns, form: Form::Grid(grid) }
}

fn notes_of(curves: &[Curve]) -> Vec<String> {
    let mut notes = Vec::new();
    for (i, curve) in curves.iter().enumerate() {
        let what = if i == 0 { "fields" } else { "pairs" };
        notes.push(format!(
            "{what}: {} rounds; log loss of held-out training rows {:.5} before, {:.5} after",
            curve.rounds, curve.before, curve.after
        ));
        if !curve.settled {
            notes.push(format!("{what}: the held-out loss was still falling; raise [plus] rounds"));
        }
    }
    notes
}
