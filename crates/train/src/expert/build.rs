//! From section `[expert]` to the parts of a model, on a given scale.

use super::section::{CharacteristicSection, ExpertSection, InputSection, Policy, PolicyWord};
use crate::error::TrainError;
use crate::scaling::{PointsForm, round_points};
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::points::Spread;
use arrears_model::scale::{Grade, Scale, probability};
use arrears_model::schema::{Field, Kind, OutOfRange, Unseen};
use arrears_model::transform::Transform;

/// What a written scorecard becomes: parts of a model whose score is the sum of the written points.
#[derive(Clone, Debug)]
pub(super) struct Built {
    pub(super) fields: Vec<Field>,
    pub(super) transforms: Vec<Transform>,
    pub(super) additive: Additive,
    /// The scale; it knows whether points are whole.
    pub(super) scale: Scale,
    pub(super) grades: Vec<Grade>,
}

/// One characteristic in points.
struct Written {
    field: Field,
    transform: Transform,
    points: Points,
}

enum Points {
    /// By bin of the transform.
    Bins(Vec<f64>),
    /// For each unit, for a missing value, for each special code.
    Slope(f64, f64, Vec<f64>),
}

/// Puts the written points on `scale`: log-odds of bad = (offset - score) / factor.
///
/// # Errors
/// What [`ExpertSection::check`] finds.
pub(super) fn build(section: &ExpertSection, scale: &Scale, baseline: Baseline) -> Result<Built, TrainError> {
    section.check()?;
    let (base, multipliers) = multipliers(section);
    // Columns of the data stand before what is calculated from them.
    let (calculated, read): (Vec<_>, Vec<_>) =
        section.characteristics.iter().zip(multipliers).partition(|(c, _)| c.formula.is_some());
    let first = read.len() + section.inputs.len();
    let places = (0..read.len()).chain(first..);
    let all = places.zip(read.iter().chain(&calculated));
    let written: Vec<Written> = all.map(|(at, (c, times))| written(section, c, at, *times)).collect();
    let whole = section.points == PointsForm::Integer || is_whole(&written, base);
    let factor = scale.factor();
    let log_odds = |points: f64| 0.0 - points / factor;
    let (mut fields, mut transforms, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (transform, Written { field, transform: of, points }) in written.into_iter().enumerate() {
        let shape = match points {
            Points::Bins(points) => Shape::Lookup { values: points.into_iter().map(log_odds).collect() },
            Points::Slope(slope, missing, special) => Shape::Linear {
                slope: log_odds(slope),
                missing: log_odds(missing),
                special: special.into_iter().map(log_odds).collect(),
            },
        };
        if fields.len() == read.len() {
            fields.extend(section.inputs.iter().map(input));
        }
        fields.push(field);
        transforms.push(of);
        terms.push(Term { transform, coefficient: None, baseline: 0.0, shape });
    }
    if fields.len() == read.len() {
        fields.extend(section.inputs.iter().map(input));
    }
    let mut additive = Additive { intercept: (scale.offset() - base) / factor, terms };
    let mut scale = *scale;
    if whole {
        round_points(&mut additive, &scale, Spread::Base);
        scale.whole_points = true;
    }
    additive.terms.iter_mut().for_each(|term| term.baseline = best(&term.shape, baseline));
    let grades = grades(section, &scale);
    Ok(Built { fields, transforms, additive, scale, grades })
}

/// The base points, and by how much the points of each characteristic are multiplied: with weights the part of the
/// range that a weight stands for, over 100. Whole points share the range by largest remainders, so that the best of all
/// add up to it.
fn multipliers(section: &ExpertSection) -> (f64, Vec<f64>) {
    let (Some(min), Some(max)) = (section.min_score, section.max_score) else {
        return (section.base_points.unwrap_or(0.0), vec![1.0; section.characteristics.len()]);
    };
    let weights: Vec<f64> = section.characteristics.iter().filter_map(|c| c.weight).collect();
    let all: f64 = weights.iter().sum();
    let mut best: Vec<f64> = weights.iter().map(|weight| (max - min) * weight / all).collect();
    if section.points == PointsForm::Integer {
        let mut left = (max - min).round() - best.iter().map(|points| points.floor()).sum::<f64>();
        let mut order: Vec<usize> = (0..best.len()).collect();
        order.sort_by(|a, b| best[*b].fract().total_cmp(&best[*a].fract()).then(a.cmp(b)));
        for at in order {
            let one = left.clamp(0.0, 1.0).round();
            (best[at], left) = (best[at].floor() + one, left - one);
        }
    }
    (min, best.into_iter().map(|points| points / 100.0).collect())
}

/// The field of a column that formulas read.
fn input(of: &InputSection) -> Field {
    let kind =
        Kind::Number { min: of.min, max: of.max, out_of_range: OutOfRange::Reject, special: Vec::new() };
    Field { name: of.column.clone(), kind, reason: None, required: false, formula: None }
}

fn written(section: &ExpertSection, of: &CharacteristicSection, field: usize, times: f64) -> Written {
    let missing = of.missing.unwrap_or(section.missing);
    let required = missing == Policy::Word(PolicyWord::Reject);
    let missing = points_of(missing);
    let mut codes = of.special.clone();
    codes.sort_by(|a, b| a.code.bounds()[0].total_cmp(&b.code.bounds()[0]));
    let special: Vec<f64> = codes.iter().map(|code| code.points).collect();
    let number = Kind::Number {
        min: of.min,
        max: of.max,
        out_of_range: of.out_of_range.unwrap_or(OutOfRange::Reject),
        special: codes.iter().map(|code| code.code).collect(),
    };
    let (kind, transform, points) = if let Some(slope) = of.slope {
        let standardise = Transform::Standardise { field, center: 0.0, scale: 1.0 };
        (number, standardise, Points::Slope(slope, missing, special))
    } else if of.groups.is_empty() {
        let splits = of.bins.iter().filter_map(|bin| bin.below).collect();
        let points = of.bins.iter().map(|bin| bin.points).chain(special).chain([missing]).collect();
        (number, Transform::Intervals { field, splits }, Points::Bins(points))
    } else {
        let (kind, transform, points) = grouped(of, field, missing);
        (kind, transform, Points::Bins(points))
    };
    let points = match points {
        Points::Bins(points) => Points::Bins(points.into_iter().map(|points| points * times).collect()),
        slope @ Points::Slope(..) => slope,
    };
    let name = section.column(of).to_owned();
    Written {
        field: Field { name, kind, reason: of.reason.clone(), required, formula: of.formula.clone() },
        transform,
        points,
    }
}

/// A characteristic by categories: the points of its groups, of others, of missing.
fn grouped(of: &CharacteristicSection, field: usize, missing: f64) -> (Kind, Transform, Vec<f64>) {
    let members = of.groups.iter().enumerate().flat_map(|(at, g)| g.of.iter().map(move |c| (c.clone(), at)));
    let mut members: Vec<(String, usize)> = members.collect();
    members.sort();
    let (categories, group_of): (Vec<String>, Vec<usize>) = members.into_iter().unzip();
    let unseen = match of.other.unwrap_or_default() {
        Policy::Points(_) => Unseen::Other,
        Policy::Word(PolicyWord::Reject) => Unseen::Reject,
        Policy::Word(PolicyWord::Missing) => Unseen::Missing,
    };
    let other = points_of(of.other.unwrap_or_default());
    let points = of.groups.iter().map(|group| group.points).chain([other, missing]).collect();
    let transform = Transform::Groups { field, groups: of.groups.len(), group_of };
    (Kind::Category { categories, unseen }, transform, points)
}

/// The points of a policy; 0 for a word, whose rows never come to have points.
fn points_of(policy: Policy) -> f64 {
    match policy {
        Policy::Points(points) => points,
        Policy::Word(_) => 0.0,
    }
}

fn is_whole(written: &[Written], base: f64) -> bool {
    let whole = |x: &f64| x.fract() == 0.0;
    whole(&base)
        && written.iter().all(|w| match &w.points {
            Points::Bins(points) => points.iter().all(whole),
            Points::Slope(..) => false,
        })
}

/// The log-odds against which a term's losses are measured: the best that a bin gives, or 0.
fn best(shape: &Shape, baseline: Baseline) -> f64 {
    match (shape, baseline) {
        (Shape::Lookup { values }, Baseline::Max) => values.iter().copied().fold(f64::INFINITY, f64::min),
        _ => 0.0,
    }
}

/// How far below its lowest score a zone still begins where points are not whole: a sum of floats misses a bound by less.
const HAIR: f64 = 1e-9;

/// The zones as grades: a score of at least `min_score` is a pd of at most that of `min_score`.
fn grades(section: &ExpertSection, scale: &Scale) -> Vec<Grade> {
    let max_pd = |min_score: f64| {
        let hair = if scale.whole_points { 0.5 } else { HAIR * min_score.abs().max(1.0) };
        probability((scale.offset() - (min_score - hair)) / scale.factor())
    };
    let grade = |zone: &super::section::Zone| Grade {
        name: zone.name.clone(),
        label: zone.label.clone(),
        max_pd: zone.min_score.map(max_pd),
    };
    section.zones.iter().map(grade).collect()
}
