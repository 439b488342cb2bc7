//! Measures a model on a table: scores the rows, then takes every measure that applies.

use arrears_data::Table;
use arrears_model::scale::log_odds;
use arrears_model::{Model, Predictor};

use crate::by_segment::by_segment;
use crate::drift::stability;
use crate::observe::{Observed, ScoredRow, observe};
use crate::population::population_rate;
use crate::report::{
    Accuracy, DataSummary, Discrimination, GradeRow, ModelSummary, REPORT_FORMAT, REPORT_FORMAT_VERSION,
    Report,
};
use crate::segments::{clusters, ratio};
use crate::{
    Error, Ranked, StrategyParams, amounts, auc_interval, brier, calibration, confusion, gains, inputs,
    layout, log_loss, strategy,
};

/// How to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureOptions {
    /// Rows with this pd or more count as predicted bad in the confusion, 0 to 1. `None`: the bad rate of the
    /// model's training rows, or of the population where its pd was shifted to one.
    pub cutoff: Option<f64>,
    /// Bands of the gains and calibration tables, at least 1.
    pub bands: usize,
    /// Confidence level of the intervals, strictly between 0 and 1.
    pub level: f64,
    /// Chooses the rows of a sampled silhouette.
    pub seed: u64,
    /// Asks for the strategy table.
    pub strategy: Option<StrategyParams>,
}

impl Default for MeasureOptions {
    /// Training bad rate, 10 bands, 95 %, seed 0, no strategy table.
    fn default() -> Self {
        Self { cutoff: None, bands: 10, level: 0.95, seed: 0, strategy: None }
    }
}

impl MeasureOptions {
    fn check(&self) -> Result<(), Error> {
        inputs::level(self.level)?;
        self.strategy.as_ref().map_or(Ok(()), StrategyParams::check)?;
        if self.bands == 0 {
            return Err(Error::Parameter { name: "bands", value: 0.0, expected: "at least 1" });
        }
        match self.cutoff {
            Some(value) if !(0.0..=1.0).contains(&value) => {
                Err(Error::Parameter { name: "cutoff", value, expected: "a pd from 0 to 1" })
            }
            _ => Ok(()),
        }
    }
}

/// Measures `model` on the `rows` of `table` (positions from 0), which are the `part` of `data_name`.
///
/// Each row is scored as in every other place, then lands in one of three counts: refused (a value must not
/// be used), unlabelled (the model gives a pd, but the outcome column has neither of its labels), measured.
/// Labels are trimmed, and numbers compared in their shortest form, so `1.0` is `1`. What the rows do not
/// allow to be measured is left out of the report, with a note.
///
/// # Errors
/// An option out of range, a row the table does not have, or a column of the model the table does not have;
/// the outcome column may be absent.
pub fn measure(
    model: &Model,
    table: &Table,
    rows: &[usize],
    part: &str,
    data_name: &str,
    options: &MeasureOptions,
) -> Result<Report, Error> {
    options.check()?;
    let observed = observe(model, table, rows)?;
    let data = summary(model, &observed, part, data_name);
    let mut report = Report {
        format: REPORT_FORMAT,
        format_version: REPORT_FORMAT_VERSION,
        model: ModelSummary {
            name: model.name.clone(),
            version: model.version.clone(),
            kind: model.kind,
            sha256: model.sha256().to_owned(),
        },
        notes: label_notes(model, table, &data),
        data,
        discrimination: None,
        accuracy: None,
        confusion: None,
        gains: Vec::new(),
        strategy: None,
        calibration: None,
        amounts: None,
        grades: Vec::new(),
        stability: Default::default(),
        clusters: None,
        segments: None,
        gates: Vec::new(),
    };
    match &model.predictor {
        Predictor::Centroids(centroids) => {
            let clusters = clusters(model, centroids, &observed, options.seed, &mut report.notes);
            report.clusters = Some(clusters);
        }
        Predictor::Additive(_) | Predictor::Tree(_) | Predictor::Segmented(_) if report.data.measured > 0 => {
            let judged = Judged::new(&observed.scored);
            judge(&mut report, model, &judged, options)?;
            if let Predictor::Segmented(segmented) = &model.predictor {
                let segment_of: Vec<usize> = judged.rows.iter().filter_map(|row| row.segment).collect();
                report.segments =
                    Some(by_segment(segmented, &segment_of, &judged.bad, &judged.pd, options.level)?);
            }
        }
        Predictor::AmountTree(tree) => {
            let rows = observed.scored.iter().filter_map(|row| Some((row.actual?, row.amount?)));
            let (actual, predicted): (Vec<f64>, Vec<f64>) = rows.unzip();
            let for_all = tree.nodes[0].value;
            let measured = (!actual.is_empty()).then(|| amounts(&actual, &predicted, for_all, options.bands));
            report.amounts = measured.transpose()?;
            let cutoff =
                "the cut-off is a pd, and this model predicts an amount: there is no confusion table";
            report.notes.extend(options.cutoff.map(|_| cutoff.to_owned()));
        }
        Predictor::Additive(_) | Predictor::Tree(_) | Predictor::Segmented(_) => {}
    }
    if options.strategy.is_some() && report.strategy.is_none() {
        report.notes.push("strategy: it needs rows with a score and a known outcome".to_owned());
    }
    report.stability = stability(model, &observed, &mut report.notes);
    Ok(report)
}

fn summary(model: &Model, observed: &Observed, part: &str, data_name: &str) -> DataSummary {
    let scored = observed.scored.len() as u64;
    let known = |row: &&ScoredRow| row.bad.is_some() || row.actual.is_some();
    let labelled = observed.scored.iter().filter(known).count() as u64;
    let bads = observed.scored.iter().filter(|row| row.bad == Some(true)).count() as u64;
    let measured = if needs_outcome(model) { labelled } else { scored };
    let bads = (labelled > 0 && !model.gives_amount()).then_some(bads);
    DataSummary {
        name: data_name.to_owned(),
        part: part.to_owned(),
        rows: scored + observed.refused,
        measured,
        unlabelled: scored - measured,
        refused: observed.refused,
        labelled,
        bads,
        bad_rate: bads.and_then(|bads| ratio(bads as f64, labelled)),
        refused_examples: observed.examples.clone(),
        changed: observed.changed.clone(),
    }
}

/// Whether rows without a known outcome say nothing of the model.
fn needs_outcome(model: &Model) -> bool {
    model.gives_pd() || model.gives_amount()
}

/// Says why outcomes are not known, where that matters.
fn label_notes(model: &Model, table: &Table, data: &DataSummary) -> Vec<String> {
    let scored = data.rows - data.refused;
    let needs = if needs_outcome(model) {
        "all measures but PSI need the outcome"
    } else {
        "bad rates need the outcome"
    };
    let note = match (&model.schema.target, &model.schema.amount) {
        _ if data.rows == 0 => "there are no rows to measure".to_owned(),
        _ if scored == 0 => "every row was refused, so there is nothing to measure".to_owned(),
        (_, Some(column)) if table.column(column).is_none() => {
            format!("{needs}, but the data has no column `{column}`")
        }
        (_, Some(column)) if data.labelled < scored => {
            let rows = layout::rows(scored - data.labelled);
            format!("{needs}, not known for {rows}: no number from -1e100 to 1e100 in `{column}`")
        }
        (_, Some(_)) => return Vec::new(),
        (None, _) if model.gives_pd() => format!("{needs}, but the model names no outcome column"),
        (None, _) => return Vec::new(),
        (Some(target), _) if table.column(&target.column).is_none() => {
            format!("{needs}, but the data has no column `{}`", target.column)
        }
        (Some(target), _) if data.labelled < scored => format!(
            "{needs}, not known for {}: neither {:?} (bad) nor {:?} (good) in `{}`",
            layout::rows(scored - data.labelled),
            target.bad,
            target.good,
            target.column
        ),
        (Some(_), _) => return Vec::new(),
    };
    vec![note]
}

/// The rows with a pd and a known outcome.
struct Judged<'a> {
    bad: Vec<bool>,
    pd: Vec<f64>,
    rows: Vec<&'a ScoredRow>,
}

impl<'a> Judged<'a> {
    fn new(scored: &'a [ScoredRow]) -> Self {
        let mut judged = Self { bad: Vec::new(), pd: Vec::new(), rows: Vec::new() };
        for row in scored {
            if let (Some(bad), Some(pd)) = (row.bad, row.pd) {
                judged.bad.push(bad);
                judged.pd.push(pd);
                judged.rows.push(row);
            }
        }
        judged
    }
}

/// Fills in every measure of a pd against what happened.
fn judge(report: &mut Report, model: &Model, judged: &Judged, options: &MeasureOptions) -> Result<(), Error> {
    let Judged { bad, pd, .. } = judged;
    report.accuracy = Some(Accuracy { brier: brier(bad, pd)?, log_loss: log_loss(bad, pd)? });
    let population = population_rate(model);
    report.notes.extend(population.map(|rate| {
        format!(
            "the pd is in terms of a population with a bad rate of {}, as the recipe asks; rows with another bad \
             rate, such as those held out of training, must look badly calibrated, and bad rates and profits are those of the rows",
            layout::percent(rate)
        )
    }));
    match options.cutoff.or(population).or(training_bad_rate(model)) {
        Some(cutoff) => report.confusion = Some(confusion(bad, pd, cutoff)?),
        None => report.notes.push(
            "confusion: the model does not know the bad rate of its training rows; give a cut-off".to_owned(),
        ),
    }
    report.grades = grades(model, judged);
    if let (Some(params), Some(scale)) = (&options.strategy, &model.scale) {
        let scores: Vec<f64> = judged.rows.iter().filter_map(|row| row.score).collect();
        let mut strategy = strategy(bad, &scores, params)?;
        strategy.break_even_score = strategy
            .break_even_pd
            .filter(|pd| *pd > 0.0 && *pd < 1.0)
            .map(|pd| scale.exact_score(log_odds(pd)));
        report.strategy = Some(strategy);
    }
    match Ranked::new(bad, pd) {
        Ok(ranked) => {
            let interval = auc_interval(&ranked, options.level);
            let interval =
                interval.map_err(|error| report.notes.push(format!("interval of the AUC: {error}")));
            let (auc, gini, ks) = (ranked.auc(), ranked.gini(), ranked.ks());
            report.discrimination = Some(Discrimination { auc, auc_interval: interval.ok(), gini, ks });
            report.gains = gains(&ranked, options.bands)?;
            report.calibration = Some(calibration(&ranked, options.bands, options.level)?);
        }
        Err(error) => report.notes.push(format!("AUC, Gini, KS, gains and calibration: {error}")),
    }
    Ok(())
}

fn training_bad_rate(model: &Model) -> Option<f64> {
    let rows = model.provenance.rows;
    ratio(rows.train_bads? as f64, rows.train).filter(|rate| *rate <= 1.0)
}

fn grades(model: &Model, judged: &Judged) -> Vec<GradeRow> {
    let mut tallies = vec![(0u64, 0u64, 0.0); model.grades.len()];
    for ((row, bad), pd) in judged.rows.iter().zip(&judged.bad).zip(&judged.pd) {
        if let Some(grade) = row.grade {
            let tally = &mut tallies[grade];
            tally.0 += 1;
            tally.1 += u64::from(*bad);
            tally.2 += pd;
        }
    }
    let all = judged.rows.len() as f64;
    let row = |(grade, (rows, bads, pd)): (&arrears_model::scale::Grade, (u64, u64, f64))| GradeRow {
        grade: grade.name.clone(),
        label: grade.label.clone(),
        max_pd: grade.max_pd,
        rows,
        share: rows as f64 / all,
        bads,
        bad_rate: ratio(bads as f64, rows),
        mean_pd: ratio(pd, rows),
    };
    model.grades.iter().zip(tallies).map(row).collect()
}
