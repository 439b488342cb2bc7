//! A training run with rejected applicants: read them, infer, fit again, see how much it matters.

use super::augment::bads;
use super::{
    Accepted, Augmented, INTERCEPT, PRUDENCES, Refit, RejectMethod, RejectParams, Sensitivity, augment,
    prudent, sensitivity,
};
use crate::error::TrainError;
use crate::fitted::{Fitted, log_odds_by_row};
use crate::recipe::Recipe;
use crate::rows::Rows;
use crate::scaling::scale_fitted;
use crate::train::fit;
use arrears_data::{Admitted, Cleaned, CleaningReport, ColumnRef, Loaded, Split, Table, clean_by_schema};
use arrears_model::scale::{Scale, probability};
use arrears_model::{Predictor, Schema};
use serde::Serialize;
use std::collections::BTreeSet;

/// The rejected applicants of a training run, and what they did to the model.
#[derive(Clone, Debug, Serialize)]
pub struct RejectReport {
    /// Name of their file, without folders.
    pub data: String,
    /// sha256 of the file.
    pub sha256: String,
    /// How they got outcomes.
    pub method: RejectMethod,
    /// The factor on their odds of bad.
    pub prudence: f64,
    /// What became of the rows of the file.
    pub cleaning: CleaningReport,
    /// What the user should know beyond that.
    pub notes: Vec<String>,
    /// What deserves a second look: that none of them counts as bad.
    #[serde(skip)]
    pub warning: Option<String>,
    /// Bad rate given to those that were kept.
    pub inferred_bad_rate: f64,
    /// Every method at several prudences, beside the model of the accepted alone.
    pub sensitivity: Sensitivity,
}

/// What comes out of the refit.
pub(crate) struct Refitted {
    /// Learned from accepted and rejected; without codes, which would be those of both.
    pub(crate) fitted: Fitted,
    pub(crate) scale: Option<Scale>,
    pub(crate) report: RejectReport,
}

/// Accepted training rows, then the rejected applicants, in one table.
struct Door<'a> {
    accepted: &'a Rows<'a>,
    table: Table,
}

/// Fits again with the applicants of a file, whose outcomes are inferred from `before`, the fit of the accepted rows.
pub(crate) fn refit_with_rejects(
    recipe: &Recipe,
    params: &RejectParams,
    accepted: &Rows<'_>,
    (cleaned, split): (&Cleaned, &Split),
    before: &Fitted,
    (loaded, name): (Loaded, &str),
) -> Result<Refitted, TrainError> {
    params.check()?;
    let schema = &accepted.schema;
    let shared = shared_ids(schema, &cleaned.table, &loaded.table);
    let admitted = clean_by_schema(loaded, schema, recipe.preparation.duplicates())
        .map_err(|source| TrainError::Rejects { name: name.to_owned(), source })?;
    let Admitted { table, report: cleaning, fingerprint, mut notes } = admitted;
    notes.extend((shared > 0).then(|| {
        format!(
            "{shared} rejected applicants have the id of an accepted one, trained on or held out; both count"
        )
    }));
    let fields: Vec<&str> = schema.fields.iter().map(|f| f.name.as_str()).collect();
    let known = cleaned.table.select(&fields).take(&split.train);
    let door = Door { accepted, table: Table::concat(vec![known, table])? };

    let pd = door.rejected_pd(before)?;
    let augmented = augment(&pd, params)?;
    let (mut fitted, scale) = door.with(&augmented, |rows| {
        let mut fitted = fit(recipe, rows)?;
        let scale = scale_fitted(recipe, rows, &mut fitted)?;
        Ok((fitted, scale))
    })?;
    let sensitivity = door.sensitivity(recipe, params, &pd, before, (cleaned, split))?;

    let inferred = bads(&augmented);
    let warning = (inferred == 0.0).then(|| none_bad(&pd, params));
    let report = RejectReport {
        data: name.to_owned(),
        sha256: fingerprint,
        method: params.method,
        prudence: params.prudence,
        cleaning,
        notes,
        warning,
        inferred_bad_rate: inferred / pd.len() as f64,
        sensitivity,
    };
    fitted.codes.clear();
    fitted.fit.notes.insert(0, report.summary());
    Ok(Refitted { fitted, scale, report })
}

impl Door<'_> {
    /// Pd of each rejected applicant by the model of the accepted.
    fn rejected_pd(&self, before: &Fitted) -> Result<Vec<f64>, TrainError> {
        let rejected: Vec<usize> = (self.accepted.len()..self.table.rows()).collect();
        let rows = Rows::with_outcomes(&self.accepted.schema, &self.table, &rejected, Vec::new(), None)?;
        Ok(pds(before, &rows))
    }

    /// Hands the accepted rows and the augmented ones to `learn`.
    fn with<T>(
        &self,
        augmented: &[Augmented],
        learn: impl FnOnce(&Rows<'_>) -> Result<T, TrainError>,
    ) -> Result<T, TrainError> {
        let n = self.accepted.len();
        let rows: Vec<usize> = (0..n).chain(augmented.iter().map(|part| n + part.row)).collect();
        let bad = self.accepted.bad.iter().copied().chain(augmented.iter().map(|part| part.bad)).collect();
        let weights = (0..n).map(|_| 1.0).chain(augmented.iter().map(|part| part.weight)).collect();
        learn(&Rows::with_outcomes(&self.accepted.schema, &self.table, &rows, bad, Some(weights))?)
    }

    fn sensitivity(
        &self,
        recipe: &Recipe,
        params: &RejectParams,
        pd: &[f64],
        before: &Fitted,
        (cleaned, split): (&Cleaned, &Split),
    ) -> Result<Sensitivity, TrainError> {
        let schema = &self.accepted.schema;
        let test = scorable(schema, &cleaned.table, &split.test);
        let held_out = Rows::from_table(schema, &cleaned.table, &test, cleaned.bad.as_deref(), None)?;
        let accepted = Accepted {
            rows: self.accepted.len() as f64,
            bads: self.accepted.bads() as f64,
            held_out: &held_out.bad,
        };
        let mut prudences = PRUDENCES.to_vec();
        if !prudences.contains(&params.prudence) {
            prudences.push(params.prudence);
            prudences.sort_by(f64::total_cmp);
        }
        let before = looked_at(before, &held_out);
        sensitivity(pd, &accepted, &before, params, &prudences, |augmented| {
            self.with(augmented, |rows| Ok(looked_at(&fit(recipe, rows)?, &held_out)))
        })
    }
}

impl RejectReport {
    /// One sentence for the fit notes.
    fn summary(&self) -> String {
        let s = &self.sensitivity;
        format!(
            "reject inference ({}, prudence {}): {} rejected applicants of {} (SHA-256 {}) joined the {} accepted; \
             bad rate of the accepted {:.1} %, inferred of the rejected {:.1} %. Bins and coefficients come from both \
             (standard errors take the inferred outcomes as known and are too small); counts by bin, default grades \
             and the rows held out are of the accepted only",
            self.method,
            self.prudence,
            s.rejected,
            self.data,
            self.sha256,
            s.accepted,
            100.0 * s.accepted_bad_rate,
            100.0 * self.inferred_bad_rate
        )
    }
}

/// What to say where every rejected applicant counts as good.
fn none_bad(pd: &[f64], params: &RejectParams) -> String {
    let highest = pd.iter().map(|p| prudent(*p, params.prudence)).fold(0.0, f64::max);
    let taken = format!("{} takes all {} rejected applicants for good", params.method, pd.len());
    match (params.method, params.cutoff) {
        (RejectMethod::HardCutoff, Some(cutoff)) => format!(
            "{taken}: their highest pd is {highest:.4}, below the cut-off of {cutoff}; lower `cutoff` in \
             [reject_inference], or leave it out"
        ),
        _ => format!("{taken}: their highest pd is {highest:.4}; raise `prudence` in [reject_inference]"),
    }
}

/// Probability of bad of every row, in terms of the rows that were fitted.
fn pds(fitted: &Fitted, rows: &Rows<'_>) -> Vec<f64> {
    match &fitted.predictor {
        Predictor::Additive(additive) => {
            let log_odds = log_odds_by_row(additive, rows, &fitted.transforms, &[]);
            log_odds.into_iter().map(probability).collect()
        }
        // Refused before anything was fitted.
        _ => Vec::new(),
    }
}

fn looked_at(fitted: &Fitted, held_out: &Rows<'_>) -> Refit {
    let mut coefficients: Vec<(String, f64)> =
        fitted.coefficients.iter().map(|c| (c.column.clone(), c.estimate)).collect();
    // The intercept comes first.
    coefficients.iter_mut().take(1).for_each(|first| INTERCEPT.clone_into(&mut first.0));
    Refit { coefficients, held_out_pd: pds(fitted, held_out) }
}

/// The rows of which no value is refused: a category that training never saw may be.
fn scorable(schema: &Schema, table: &Table, rows: &[usize]) -> Vec<usize> {
    let column = |name: &str| table.column(name);
    let columns: Vec<Option<ColumnRef<'_>>> = schema.fields.iter().map(|f| column(&f.name)).collect();
    let taken = |row: &usize| {
        schema.fields.iter().zip(&columns).all(|(field, column)| {
            column.is_some_and(|column| field.ingest(&schema.missing, column.value(*row)).is_ok())
        })
    };
    rows.iter().copied().filter(taken).collect()
}

/// Rows of `rejected` whose id occurs in `accepted`.
fn shared_ids(schema: &Schema, accepted: &Table, rejected: &Table) -> usize {
    let id = |table: &Table| -> Vec<String> {
        let column = schema.id.as_deref().and_then(|id| table.column(id));
        let text = |row| column.and_then(|c| c.text(row, &schema.missing)).map(|id| id.into_owned());
        (0..table.rows()).filter_map(text).collect()
    };
    let known: BTreeSet<String> = id(accepted).into_iter().collect();
    id(rejected).iter().filter(|id| known.contains(*id)).count()
}
