//! The coefficients of a blend, their signs looked at, as terms of a sum.

use super::fields::Without;
use super::section::{BlendSection, External, Internal, Own};
use crate::engine::{Engine, LogisticFit, LogisticParams};
use crate::error::TrainError;
use crate::fitted::{Coefficient, Fitted, Goodness, VariableReport, set_baselines};
use crate::regression::{Column, Design};
use crate::rows::Rows;
use crate::scorecard::logistic_report;
use arrears_model::Predictor;
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::grade_matrix::Better;
use arrears_model::model::Baseline;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;
use arrears_validate::Ranked;

/// One external score of the rows: where it stands, who lacks it, and what those have of their own.
pub(super) struct Place<'a> {
    pub(super) external: &'a External,
    /// Position in the schema.
    pub(super) field: usize,
    pub(super) without: Without,
    pub(super) own: Option<Own>,
    /// Position of the field of the own slope, where there is one.
    pub(super) slope: Option<usize>,
}

/// What a column of the design stands for; the number is the position in the places.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    Internal,
    External(usize),
    Without(usize),
    Slope(usize),
}

/// Fits the blend. `internal` is the position of the internal log-odds, or score.
///
/// # Errors
/// The engine cannot fit, or a score points the wrong way or says nothing.
pub(super) fn fit(
    rows: &Rows<'_>,
    section: &BlendSection,
    internal: usize,
    places: &[Place<'_>],
    params: &LogisticParams,
    baseline: Baseline,
) -> Result<Fitted, TrainError> {
    let effects = effects(places);
    let columns: Vec<Vec<f64>> =
        effects.iter().map(|effect| column(rows, internal, places, *effect)).collect();
    let design = Design { columns: columns.iter().map(|c| Column::Numbers(c)).collect(), rows: rows.len() };
    let fit = Engine::Native.regression(&design, &rows.observations(), params)?;
    let names: Vec<String> =
        effects.iter().map(|effect| name(&rows.field(internal).name, places, *effect)).collect();
    let coefficients = Coefficient::list(&fit, &names);
    let of = |wanted: Effect| {
        let at = effects.iter().position(|effect| *effect == wanted);
        at.map_or(0.0, |at| fit.coefficients[at])
    };
    let sound = Sound { rows, section, internal, places, names: &names, coefficients: &coefficients };
    sound.check(&of)?;
    let (transforms, mut terms) = terms(rows, internal, places, &of);
    set_baselines(&mut terms, rows, &transforms, &[], baseline);
    for (term, transform) in terms.iter_mut().zip(&transforms) {
        // Of customers with a report it is 0 and has nothing to say, so against 0 it is measured.
        if places.iter().any(|place| place.slope == Some(transform.field())) {
            term.baseline = 0.0;
        }
    }
    let notes = notes(&rows.field(internal).name, places, &fit, &of);
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        predictor: Predictor::Additive(Additive { intercept: fit.intercept, terms }),
        fit: logistic_report(&fit, &names, notes),
        goodness: Goodness::of(&fit),
        coefficients,
        variables: variables(section, places),
        stepwise: Vec::new(),
    })
}

fn effects(places: &[Place<'_>]) -> Vec<Effect> {
    let of_place = |(at, place): (usize, &Place<'_>)| {
        let own = place.own.map(|_| Effect::Without(at));
        let slope = place.slope.map(|_| Effect::Slope(at));
        [Some(Effect::External(at)), own, slope].into_iter().flatten()
    };
    std::iter::once(Effect::Internal).chain(places.iter().enumerate().flat_map(of_place)).collect()
}

fn number(cell: Cell) -> Option<f64> {
    if let Cell::Number(x) = cell { Some(x) } else { None }
}

fn column(rows: &Rows<'_>, internal: usize, places: &[Place<'_>], effect: Effect) -> Vec<f64> {
    let of = |field: usize| rows.column(field).map(|cell| number(cell).unwrap_or(0.0)).collect();
    match effect {
        Effect::Internal => of(internal),
        Effect::External(at) => of(places[at].field),
        Effect::Without(at) => {
            rows.column(places[at].field).map(|cell| f64::from(u8::from(number(cell).is_none()))).collect()
        }
        Effect::Slope(at) => places[at].slope.map(of).unwrap_or_default(),
    }
}

fn name(internal: &str, places: &[Place<'_>], effect: Effect) -> String {
    let external = |at: usize| &places[at].external.column;
    match effect {
        Effect::Internal => internal.to_owned(),
        Effect::External(at) => external(at).clone(),
        Effect::Without(at) => format!("no {}", external(at)),
        Effect::Slope(at) => format!("{internal}, no {}", external(at)),
    }
}

/// The terms, in the units of the columns.
fn terms(
    rows: &Rows<'_>,
    internal: usize,
    places: &[Place<'_>],
    of: &impl Fn(Effect) -> f64,
) -> (Vec<Transform>, Vec<Term>) {
    let mut transforms = Vec::new();
    let mut terms = Vec::new();
    let mut add = |field: usize, slope: f64, missing: f64| {
        let special = vec![missing; rows.field(field).special().len()];
        terms.push(Term {
            transform: transforms.len(),
            coefficient: Some(slope),
            baseline: 0.0,
            shape: Shape::Linear { slope, missing, special },
        });
        transforms.push(Transform::Standardise { field, center: 0.0, scale: 1.0 });
    };
    add(internal, of(Effect::Internal), 0.0);
    for (at, place) in places.iter().enumerate() {
        let slope = of(Effect::External(at));
        // Where every training row has a report, one without counts as the mean.
        let missing = match place.own {
            Some(_) => of(Effect::Without(at)),
            None => slope * mean(rows, place.field),
        };
        add(place.field, slope, missing);
        place.slope.into_iter().for_each(|field| add(field, of(Effect::Slope(at)), 0.0));
    }
    (transforms, terms)
}

fn mean(rows: &Rows<'_>, field: usize) -> f64 {
    let numbers = rows.weighted_numbers(field);
    let weights: f64 = numbers.iter().map(|(_, w)| w).sum();
    numbers.iter().map(|(x, w)| x * (w / weights)).sum()
}

fn variables(section: &BlendSection, places: &[Place<'_>]) -> Vec<VariableReport> {
    let internal = match &section.internal {
        Internal::Pd(_) => "internal pd, its log-odds",
        Internal::Score(_) => "internal score",
    };
    let of = |variable: &str, reason: String| VariableReport {
        variable: variable.to_owned(),
        kept: true,
        iv: None,
        reason,
    };
    let external = |place: &Place<'_>| {
        let own = match place.own {
            None => String::new(),
            Some(Own::Intercept) => {
                format!(", {} rows without, with an intercept of their own", place.without.rows)
            }
            Some(Own::Slope) => {
                format!(", {} rows without, with an intercept and a slope of their own", place.without.rows)
            }
        };
        of(&place.external.column, format!("external score{own}"))
    };
    let first = of(section.internal.column(), internal.to_owned());
    std::iter::once(first).chain(places.iter().map(external)).collect()
}

/// The formula with its numbers, and what is to be known of customers without a report.
fn notes(
    internal: &str,
    places: &[Place<'_>],
    fit: &LogisticFit,
    of: &impl Fn(Effect) -> f64,
) -> Vec<String> {
    let mut formula =
        format!("log-odds of bad = {:.6} {:+.6} x {internal}", fit.intercept, of(Effect::Internal));
    let mut notes = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let column = &place.external.column;
        formula += &format!(" {:+.6} x {column}", of(Effect::External(at)));
        let mut without = format!("{:+.6}", of(Effect::Without(at)));
        if place.slope.is_some() {
            without += &format!(" {:+.6} x ({internal} {:+})", of(Effect::Slope(at)), -place.without.mean);
        }
        notes.push(match place.own {
            Some(_) => format!(
                "without {column} ({} rows, {} bad): {without} in its place",
                place.without.rows, place.without.bads
            ),
            None => {
                format!("no training row lacks {column}: a customer without it counts as one with its mean")
            }
        });
    }
    notes.insert(0, formula);
    notes
}

/// What the fit is looked at with.
struct Sound<'a> {
    rows: &'a Rows<'a>,
    section: &'a BlendSection,
    internal: usize,
    places: &'a [Place<'a>],
    names: &'a [String],
    coefficients: &'a [Coefficient],
}

impl Sound<'_> {
    /// A safer score must lower the odds, the internal one also where it stands alone.
    fn check(&self, of: &impl Fn(Effect) -> f64) -> Result<(), TrainError> {
        let internal = of(Effect::Internal);
        // 1 where a higher value is riskier.
        let way = if matches!(self.section.internal, Internal::Pd(_)) { 1.0 } else { -1.0 };
        let column = self.section.internal.column();
        if internal * way <= 0.0 {
            return Err(self.wrong(column, Effect::Internal, internal, way, self.internal));
        }
        // The least slope of the internal score that a customer can have who lacks some of the external ones.
        let mut least = internal * way;
        for (at, place) in self.places.iter().enumerate() {
            let column = &place.external.column;
            let slope = of(Effect::External(at));
            let way_of = if place.external.better == Better::High { -1.0 } else { 1.0 };
            if slope * way_of <= 0.0 {
                return Err(self.wrong(column, Effect::External(at), slope, way_of, place.field));
            }
            least += (of(Effect::Slope(at)) * way).min(0.0);
            if least <= 0.0 {
                return Err(TrainError::Blend {
                    column: column.clone(),
                    why: format!(
                        "for the {} training rows without it the internal score has a slope of {:.4}, which points the wrong \
                         way: give `{column}` `missing = \"intercept\"`, so that the slope is that of all customers, or look at these \
                         rows",
                        place.without.rows,
                        least * way
                    ),
                });
            }
        }
        Ok(())
    }

    fn wrong(&self, column: &str, effect: Effect, slope: f64, way: f64, field: usize) -> TrainError {
        let name = name(&self.rows.field(self.internal).name, self.places, effect);
        let at = self.names.iter().position(|known| *known == name);
        let error = at.and_then(|at| self.coefficients.get(at + 1)?.inference);
        let error =
            error.map_or(String::new(), |e| format!(" (error {:.3}, p {:.4})", e.standard_error, e.p_value));
        let alone = self.auc(field, way);
        let mend = match (alone, effect) {
            (Some(auc), Effect::Internal) if auc < 0.5 => {
                "it points the wrong way: a pd is higher, a score lower, the riskier the customer"
            }
            (Some(auc), _) if auc < 0.5 => {
                "it points the other way: give it the other `better`, `high` or `low`"
            }
            _ => "beside the other scores it adds nothing: leave it out",
        };
        let alone = alone.map_or(String::new(), |auc| format!(", and alone an AUC of {auc:.3}"));
        let expected = if way > 0.0 { "above" } else { "below" };
        TrainError::Blend {
            column: column.to_owned(),
            why: format!(
                "its coefficient is {slope:.3e}{error} where one {expected} 0 is expected{alone}; {mend}"
            ),
        }
    }

    /// How well a column ranks the training rows that have it; `way` is 1 where a higher value is riskier.
    fn auc(&self, field: usize, way: f64) -> Option<f64> {
        let cells = self.rows.column(field).zip(&self.rows.bad);
        let known = cells.filter_map(|(cell, bad)| Some((number(cell)? * way, *bad)));
        let (risk, bad): (Vec<f64>, Vec<bool>) = known.unzip();
        Ranked::new(&bad, &risk).ok().map(|ranked| ranked.auc())
    }
}
