//! A scorecard for each segment, and all of them as one predictor.

use super::router::{Routed, members};
use crate::binning::tally::{tally, unzip};
use crate::error::TrainError;
use crate::fitted::{Coefficient, Fitted, StepwiseMove, VariableReport, log_odds_by_row};
use crate::rows::Rows;
use crate::scorecard::{ScorecardParams, fit_scorecard};
use arrears_model::Predictor;
use arrears_model::additive::{Additive, Shape};
use arrears_model::profile::FieldProfile;
use arrears_model::provenance::Fit;
use arrears_model::segmented::{Router, SegmentCard, Segmented};
use arrears_model::transform::Transform;
use rayon::prelude::*;

/// A scorecard; where no variable tells goods from bads, every row gets the odds of these rows and a note says so. With
/// goods or bads only, 0.5 is added to both.
///
/// # Errors
/// What a scorecard cannot be fitted for, but for want of variables.
pub(super) fn card_or_odds(rows: &Rows<'_>, params: &ScorecardParams<'_>) -> Result<Fitted, TrainError> {
    let (goods, bads) = rows.goods_and_bads();
    let one_class = goods == 0.0 || bads == 0.0;
    let fitted = if one_class {
        Err(TrainError::OneClass { rows: rows.len(), bads: rows.bads() })
    } else {
        fit_scorecard(rows, params)
    };
    let why = match fitted {
        Err(why @ (TrainError::NoFeatures(_) | TrainError::OneClass { .. })) => why.to_string(),
        other => return other,
    };
    let add = if one_class { 0.5 } else { 0.0 };
    let intercept = libm::log((bads + add) / (goods + add));
    let note = format!("all its customers have the same pd: {why}");
    let report = |field: &arrears_model::Field| VariableReport {
        variable: field.name.clone(),
        kept: false,
        iv: None,
        reason: "no variable is left".to_owned(),
    };
    Ok(Fitted {
        transforms: Vec::new(),
        codes: Vec::new(),
        predictor: Predictor::Additive(Additive { intercept, terms: Vec::new() }),
        fit: Fit { converged: None, gradient_norm: None, notes: vec![note] },
        coefficients: Vec::new(),
        goodness: None,
        variables: rows.schema.fields.iter().map(report).collect(),
        stepwise: Vec::new(),
    })
}

/// A scorecard for each segment of the router, the same way as the single one.
///
/// # Errors
/// [`TrainError::Segment`]: what its scorecard cannot be fitted for.
pub(super) fn fit_cards(
    rows: &Rows<'_>,
    routed: &Routed,
    params: &ScorecardParams<'_>,
) -> Result<Fitted, TrainError> {
    let Routed { router, mut transforms, names } = routed.clone();
    let members = members(&router, names.len(), &transforms, rows);
    let fit = |(name, members): (&String, &Vec<usize>)| {
        let in_table = rows.in_table(members);
        let part = rows.part(members, &in_table);
        let wrong = |source| TrainError::Segment { name: name.clone(), source: Box::new(source) };
        let fitted = card_or_odds(&part, params).map_err(wrong)?;
        Ok((profile(&fitted, &part), part.len() as u64, part.bads(), fitted))
    };
    let cards: Vec<_> = names.par_iter().zip(&members).map(fit).collect::<Result<_, TrainError>>()?;
    let mut segments = Vec::new();
    let mut fits = Vec::new();
    for (name, (mut profile, count, bads, mut fitted)) in names.iter().zip(cards) {
        let first = transforms.len();
        transforms.append(&mut fitted.transforms);
        profile.iter_mut().for_each(|entry| entry.transform += first);
        let Predictor::Additive(mut additive) = fitted.predictor.clone() else {
            unreachable!("a scorecard is a sum of terms")
        };
        additive.terms.iter_mut().for_each(|term| term.transform += first);
        segments.push(SegmentCard { name: name.clone(), count, bads, additive, profile });
        fits.push(fitted);
    }
    let routes: Vec<usize> = router.fields(&transforms);
    let predictor = Predictor::Segmented(Segmented { router, segments });
    Ok(together(rows, transforms, predictor, &names, fits, &routes))
}

/// The rows in the bins of the terms.
fn profile(fitted: &Fitted, part: &Rows<'_>) -> Vec<FieldProfile> {
    let Predictor::Additive(additive) = &fitted.predictor else { return Vec::new() };
    let terms = additive.terms.iter().filter_map(|term| match &term.shape {
        Shape::Lookup { values } => Some((term.transform, values.len())),
        Shape::Linear { .. } | Shape::Pair { .. } => None,
    });
    let entry = |(transform, bins): (usize, usize)| {
        let (counts, bads) = unzip(&tally(&fitted.codes[transform], bins, &part.bad));
        FieldProfile { transform, counts, bads }
    };
    terms.map(entry).collect()
}

/// `S2` of `S2: income < 1200`.
pub(super) fn short(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

/// What is told of the fits of all segments, each thing with the segment it is of.
fn together(
    rows: &Rows<'_>,
    transforms: Vec<Transform>,
    predictor: Predictor,
    names: &[String],
    fits: Vec<Fitted>,
    routes: &[usize],
) -> Fitted {
    let of = |i: usize, text: &str| format!("{} {text}", short(&names[i]));
    let mut fit = Fit { converged: Some(true), gradient_norm: None, notes: Vec::new() };
    let (mut coefficients, mut stepwise): (Vec<Coefficient>, Vec<StepwiseMove>) = (Vec::new(), Vec::new());
    for (i, own) in fits.iter().enumerate() {
        fit.converged = fit.converged.map(|all| all && own.fit.converged != Some(false));
        fit.gradient_norm = fit.gradient_norm.into_iter().chain(own.fit.gradient_norm).reduce(f64::max);
        fit.notes.extend(own.fit.notes.iter().map(|note| format!("{}: {note}", short(&names[i]))));
        let named = own.coefficients.iter().cloned();
        coefficients.extend(named.map(|c| Coefficient { column: of(i, &c.column), ..c }));
        let named = own.stepwise.iter().cloned();
        stepwise.extend(named.map(|s| StepwiseMove { variable: of(i, &s.variable), ..s }));
    }
    let variables = (0..rows.schema.fields.len()).map(|field| variable(field, names, &fits, routes));
    let variables = variables.collect();
    Fitted {
        transforms,
        codes: Vec::new(),
        predictor,
        fit,
        coefficients,
        goodness: None,
        variables,
        stepwise,
    }
}

/// What became of one variable in the scorecards of all segments; its IV is the largest.
fn variable(field: usize, names: &[String], fits: &[Fitted], routes: &[usize]) -> VariableReport {
    let reports: Vec<&VariableReport> = fits.iter().map(|fitted| &fitted.variables[field]).collect();
    let with = |kept| {
        let of = reports.iter().zip(names).filter(move |(report, _)| report.kept == kept);
        of.map(|(report, name)| (short(name), report.reason.as_str())).collect::<Vec<_>>()
    };
    let (kept, dropped) = (with(true), with(false));
    let route = routes.contains(&field);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(route.then(|| "tells segments apart".to_owned()));
    if !kept.is_empty() {
        let names: Vec<&str> = kept.iter().map(|(name, _)| *name).collect();
        parts.push(format!("in the scorecard of {}", names.join(", ")));
    }
    let same = kept.is_empty() && dropped.windows(2).all(|pair| pair[0].1 == pair[1].1);
    match dropped.first() {
        Some((_, reason)) if same => parts.push((*reason).to_owned()),
        _ => parts.extend(dropped.iter().map(|(name, reason)| format!("{name}: {reason}"))),
    }
    VariableReport {
        variable: reports[0].variable.clone(),
        kept: route || !kept.is_empty(),
        iv: reports.iter().filter_map(|report| report.iv).reduce(f64::max),
        reason: parts.join("; "),
    }
}

/// Calls `see` with each segment's scorecard, its rows among `rows` and these rows alone.
pub(crate) fn each_segment<E>(
    router: &Router,
    segments: &mut [SegmentCard],
    transforms: &[Transform],
    rows: &Rows<'_>,
    mut see: impl FnMut(&mut SegmentCard, &[usize], &Rows<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let members = members(router, segments.len(), transforms, rows);
    for (segment, members) in segments.iter_mut().zip(&members) {
        let in_table = rows.in_table(members);
        see(segment, members, &rows.part(members, &in_table))?;
    }
    Ok(())
}

/// Log-odds of bad of every row.
pub(crate) fn segmented_log_odds(
    segmented: &Segmented,
    rows: &Rows<'_>,
    transforms: &[Transform],
) -> Vec<f64> {
    let mut log_odds = vec![0.0; rows.len()];
    let members = members(&segmented.router, segmented.segments.len(), transforms, rows);
    for (segment, members) in segmented.segments.iter().zip(&members) {
        let in_table = rows.in_table(members);
        let own = log_odds_by_row(&segment.additive, &rows.part(members, &in_table), transforms, &[]);
        members.iter().zip(own).for_each(|(row, value)| log_odds[*row] = value);
    }
    log_odds
}
