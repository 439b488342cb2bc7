//! How well the scores rank alone and together, on the same rows.

use super::section::{BlendSection, Internal};
use crate::error::TrainError;
use arrears_data::{Cleaned, Split};
use arrears_model::grade_matrix::Better;
use arrears_model::{Cell, Model, Scorer, Value};
use arrears_validate::{AucDifference, compare_auc};
use serde::Serialize;

/// The AUCs of internal score, external score and blend on some rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// `training` or `held out`.
    pub part: &'static str,
    /// Which of its rows: `all`, `with COLUMN`, `without COLUMN`.
    pub rows_are: String,
    /// So many.
    pub rows: u64,
    /// Bads among them.
    pub bads: u64,
    /// Blend against internal score by DeLong's test; `None` with fewer than two bads or goods.
    pub over_internal: Option<AucDifference>,
    /// Blend against the external score, on rows that have it.
    pub over_external: Option<AucDifference>,
}

/// Level of the intervals of differences.
const LEVEL: f64 = 0.95;

/// A row with its outcome, and its risk by each score: higher is riskier.
struct Risk {
    bad: bool,
    blend: f64,
    internal: f64,
    external: Vec<Option<f64>>,
}

/// The rows held out, then the training rows: of each all, then those with and without each external score. Every row counts once,
/// whatever its weight.
///
/// # Errors
/// A column that is not in the table.
pub(super) fn compared(
    section: &BlendSection,
    model: &Model,
    cleaned: &Cleaned,
    split: &Split,
) -> Result<Vec<Compared>, TrainError> {
    let mut found = Vec::new();
    for (part, rows) in [("held out", &split.test), ("training", &split.train)] {
        let risks = risks(section, model, cleaned, rows)?;
        found.push(compare(part, "all".to_owned(), risks.iter(), None));
        for (at, external) in section.external.iter().enumerate() {
            let has = |risk: &&Risk| risk.external[at].is_some();
            let column = &external.column;
            found.push(compare(part, format!("with {column}"), risks.iter().filter(has), Some(at)));
            let without = risks.iter().filter(|risk| !has(risk));
            found.push(compare(part, format!("without {column}"), without, None));
        }
    }
    found.retain(|compared| compared.rows > 0);
    Ok(found)
}

fn risks(
    section: &BlendSection,
    model: &Model,
    cleaned: &Cleaned,
    rows: &[usize],
) -> Result<Vec<Risk>, TrainError> {
    let Some(bad) = &cleaned.bad else { return Ok(Vec::new()) };
    let table = &cleaned.table;
    let column = |name: &str| table.column(name).ok_or_else(|| TrainError::NoColumn(name.to_owned()));
    let columns = model.schema.inputs().map(|field| column(&field.name));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let place = |name: &str| model.schema.position(name);
    let internal = place(section.internal.column());
    let external: Vec<Option<usize>> = section.external.iter().map(|e| place(&e.column)).collect();
    let mut scorer = Scorer::new(model);
    let mut risks = Vec::new();
    for row in rows {
        let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(*row)).collect();
        // A row without an internal score has no answer.
        let Some(score) = scorer.score(&values).ok().and_then(|scored| scored.pd) else { continue };
        let number = |at: Option<usize>| match scorer.cells()[at?] {
            Cell::Number(x) => Some(x),
            _ => None,
        };
        let Some(own) = number(internal) else { continue };
        let way = |better: Better| if better == Better::High { -1.0 } else { 1.0 };
        let external = section.external.iter().zip(&external);
        risks.push(Risk {
            bad: bad[*row],
            blend: score,
            internal: if matches!(section.internal, Internal::Pd(_)) { own } else { -own },
            external: external.map(|(e, at)| Some(way(e.better) * number(*at)?)).collect(),
        });
    }
    Ok(risks)
}

fn compare<'a>(
    part: &'static str,
    rows_are: String,
    risks: impl Iterator<Item = &'a Risk>,
    external: Option<usize>,
) -> Compared {
    let risks: Vec<&Risk> = risks.collect();
    let bad: Vec<bool> = risks.iter().map(|risk| risk.bad).collect();
    let blend: Vec<f64> = risks.iter().map(|risk| risk.blend).collect();
    // Fewer than two bads or goods say nothing.
    let against = |other: Vec<f64>| compare_auc(&bad, &blend, &other, LEVEL).ok();
    Compared {
        part,
        rows_are,
        rows: bad.len() as u64,
        bads: bad.iter().filter(|bad| **bad).count() as u64,
        over_internal: against(risks.iter().map(|risk| risk.internal).collect()),
        over_external: external
            .and_then(|at| against(risks.iter().filter_map(|risk| risk.external[at]).collect())),
    }
}
