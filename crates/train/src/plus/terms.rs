//! Tables become the terms of an additive model, with a report on every field.

use super::axis::Axis;
use super::merge::Joined;
use super::pair_table::PairTable;
use super::tables::{NO_EFFECT, Tables};
use crate::fitted::{VariableReport, lookup_term};
use crate::rows::Rows;
use arrears_model::additive::{Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::points::iv;
use arrears_model::transform::Transform;

/// The terms of a fit, with their transforms.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) transforms: Vec<Transform>,
    pub(super) terms: Vec<Term>,
    pub(super) intercept: f64,
    pub(super) variables: Vec<VariableReport>,
    pub(super) notes: Vec<String>,
}

impl Terms {
    /// Fields first, then pairs; `joined` are the fields' bins in the end.
    pub(super) fn of(tables: &Tables<'_>, joined: Vec<Joined>, rows: &Rows, baseline: Baseline) -> Self {
        let mut terms = Self {
            transforms: Vec::new(),
            terms: Vec::new(),
            intercept: tables.intercept,
            variables: report(tables, &joined, rows),
            notes: Vec::new(),
        };
        for ((axis, joined), main) in tables.axes.iter().zip(joined).zip(&tables.mains) {
            terms.push_main(axis, joined, main, baseline);
        }
        for pair in &tables.pairs {
            terms.push_pair(tables, pair, baseline, rows);
        }
        terms
    }

    fn push_main(&mut self, axis: &Axis, joined: Joined, main: &[f64], baseline: Baseline) {
        if !has_effect(main) {
            return;
        }
        let mut term = lookup_term(self.transforms.len(), None, joined.values);
        let rows = axis.tallies.iter().map(|t| t.count as f64);
        term.baseline = base(main.iter().copied().zip(rows), baseline);
        self.transforms.push(joined.transform);
        self.terms.push(term);
    }

    fn push_pair(&mut self, tables: &Tables<'_>, pair: &PairTable, baseline: Baseline, rows: &Rows) {
        let [transform, with] = [0, 1].map(|side| {
            let coarse = &pair.sides[side].coarse.transform;
            self.transforms.iter().position(|t| t == coarse).unwrap_or_else(|| {
                self.transforms.push(coarse.clone());
                self.transforms.len() - 1
            })
        });
        let cells = pair.values.iter().copied().zip(pair.rows.iter().copied());
        self.terms.push(Term {
            transform,
            coefficient: None,
            baseline: base(cells, baseline),
            shape: Shape::Pair { with, values: pair.values.clone() },
        });
        let name = |side: usize| &rows.field(tables.axes[pair.sides[side].field].fine.field()).name;
        self.notes.push(format!(
            "pair {} x {}: interaction chi-squared {:.1}",
            name(0),
            name(1),
            pair.strength
        ));
    }
}

/// What a term's losses are measured against, from its values and the training rows that had each.
fn base(cells: impl Iterator<Item = (f64, f64)>, baseline: Baseline) -> f64 {
    let seen: Vec<(f64, f64)> = cells.filter(|(_, rows)| *rows > 0.0).collect();
    match baseline {
        Baseline::Max => seen.iter().map(|(value, _)| *value).reduce(f64::min).unwrap_or(0.0),
        Baseline::Mean => {
            let rows: f64 = seen.iter().map(|(_, rows)| rows).sum();
            seen.iter().map(|(value, n)| value * n).sum::<f64>() / rows
        }
        Baseline::Neutral => 0.0,
    }
}

fn has_effect(values: &[f64]) -> bool {
    values.iter().any(|v| v.abs() > NO_EFFECT)
}

fn report(tables: &Tables<'_>, joined: &[Joined], rows: &Rows) -> Vec<VariableReport> {
    let one = |field: usize| {
        let variable = rows.field(field).name.clone();
        let Some(at) = tables.axes.iter().position(|axis| axis.fine.field() == field) else {
            let reason = "it has no two bins to tell apart, or more than 65,536".to_owned();
            return VariableReport { variable, kept: false, iv: Some(0.0), reason };
        };
        let (mut counts, mut bads) = (vec![0; joined[at].values.len()], vec![0; joined[at].values.len()]);
        for (tally, bin) in tables.axes[at].tallies.iter().zip(&joined[at].of_fine) {
            counts[*bin] += tally.count;
            bads[*bin] += tally.bads;
        }
        let pairs = tables.pairs.iter().filter(|p| p.sides.iter().any(|side| side.field == at)).count();
        let reason = match (has_effect(&tables.mains[at]), pairs) {
            (false, 0) => "no effect beside the others".to_owned(),
            (false, n) => format!("in pairs only ({n})"),
            (true, 0) => "boosted".to_owned(),
            (true, n) => format!("boosted, in {n} pair{}", if n == 1 { "" } else { "s" }),
        };
        let kept = pairs > 0 || has_effect(&tables.mains[at]);
        VariableReport { variable, kept, iv: Some(iv(&counts, &bads)), reason }
    };
    (0..rows.schema.fields.len()).map(one).collect()
}
