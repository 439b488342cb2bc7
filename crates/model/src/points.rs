//! Points table: what a scorecard gives for each bin, as the field reads it.

use crate::additive::{Additive, Shape};
use crate::model::{Model, Predictor};
use crate::profile::FieldProfile;
use crate::scale::Scale;
use crate::transform::Transform;
use serde::{Deserialize, Serialize};

/// What the row of the base points is called in the column of variables.
pub const BASE_POINTS: &str = "base points";

/// Where the points table puts the base points, `offset - factor x intercept`. The scores are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// An equal share of them in every bin of every characteristic.
    #[default]
    Characteristics,
    /// In a row of their own, [`BASE_POINTS`], before the others.
    Base,
}

/// One row of the points table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointsRow {
    /// Name of the field, or [`BASE_POINTS`].
    pub variable: String,
    /// Label of the bin; empty for the base points.
    pub bin: String,
    /// Training rows in the bin; absent where the profile does not hold this term's bins.
    pub count: Option<u64>,
    /// Bads among them.
    pub bads: Option<u64>,
    /// Weight of evidence the bin is scored with: log-odds / coefficient, which is the WoE of the training
    /// rows but for bins that are too thin or were never seen. Where the term has no coefficient, the WoE of
    /// the training rows; of unseen categories, that of the bin whose log-odds they are given. Where points were rounded to whole numbers it is what the rounded points stand for.
    pub woe: Option<f64>,
    /// Log-odds of bad that the bin adds; the intercept for the base points.
    pub log_odds: f64,
    /// The label with long lists cut, as [`Transform::short_bin_label`](crate::transform::Transform::short_bin_label)
    /// gives it; not in files.
    #[serde(skip)]
    pub short: String,
    /// Points of the bin: its [`base_share`] - factor x log-odds, so that a customer's points add up to the score.
    pub points: f64,
}

/// Base points in each characteristic: `(offset - factor x intercept) / number of terms` where they are
/// spread, else 0.
pub fn base_share(additive: &Additive, scale: &Scale, spread: Spread) -> f64 {
    match spread {
        Spread::Characteristics => base_points(additive, scale) / characteristics_of(additive) as f64,
        Spread::Base => 0.0,
    }
}

/// Number of terms that are characteristics of their own: all but pairs.
pub fn characteristics_of(additive: &Additive) -> usize {
    additive.terms.iter().filter(|t| !matches!(t.shape, Shape::Pair { .. })).count()
}

/// Points of a customer whose every term gives 0: `offset - factor x intercept`, rounded where points are whole.
pub fn base_points(additive: &Additive, scale: &Scale) -> f64 {
    scale.score(additive.intercept)
}

/// The points of every bin of a model whose terms are all lookups or pairs; `None` for any other model. Pairs
/// have tables of their own ([`pair_points`](crate::pairs::pair_points)), which come on top.
///
/// The rows of a characteristic stand together, in the order of its bins.
pub fn points_table(model: &Model, spread: Spread) -> Option<Vec<PointsRow>> {
    let (Predictor::Additive(additive), Some(scale)) = (&model.predictor, &model.scale) else { return None };
    additive_points(model, additive, scale, &model.profile.fields, spread)
}

/// The points table of one segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentPoints {
    /// Name of the segment.
    pub segment: String,
    /// Its [`points_table`]; counts are of the segment's training rows.
    pub points: Vec<PointsRow>,
    /// Worst, neutral and best points, as [`characteristics`] gives them.
    pub characteristics: Vec<Characteristic>,
}

/// The points tables of a model with a scorecard for each segment, in the model's order; empty for any other. A
/// segment without characteristics has its base points in a row of their own, whatever `spread` says.
pub fn segment_points(model: &Model, spread: Spread) -> Vec<SegmentPoints> {
    let (Predictor::Segmented(segmented), Some(scale)) = (&model.predictor, &model.scale) else {
        return Vec::new();
    };
    let tables = segmented.segments.iter().filter_map(|segment| {
        let spread = if segment.additive.terms.is_empty() { Spread::Base } else { spread };
        let points = additive_points(model, &segment.additive, scale, &segment.profile, spread)?;
        let characteristics = ranges(&points, spread);
        Some(SegmentPoints { segment: segment.name.clone(), points, characteristics })
    });
    tables.collect()
}

fn additive_points(
    model: &Model,
    additive: &Additive,
    scale: &Scale,
    profiles: &[FieldProfile],
    spread: Spread,
) -> Option<Vec<PointsRow>> {
    let share = base_share(additive, scale, spread);
    let mut rows = Vec::new();
    if spread == Spread::Base {
        rows.push(PointsRow {
            variable: BASE_POINTS.to_owned(),
            bin: String::new(),
            short: String::new(),
            count: None,
            bads: None,
            woe: None,
            log_odds: additive.intercept,
            points: base_points(additive, scale),
        });
    }
    for term in &additive.terms {
        let values = match &term.shape {
            Shape::Lookup { values } => values,
            Shape::Pair { .. } => continue,
            Shape::Linear { .. } => return None,
        };
        let transform = &model.transforms[term.transform];
        let field = &model.schema.fields[transform.field()];
        let profile = profiles.iter().find(|p| p.transform == term.transform);
        let bads = profile.filter(|p| !p.bads.is_empty()).map(|p| p.bads.as_slice());
        let raw_woe = profile.zip(bads).map(|(p, bads)| {
            let mut woe = woe(&p.counts, bads);
            if let Some((unseen, as_seen)) = unseen_as_seen(transform, values, &p.counts) {
                woe[unseen] = woe[as_seen];
            }
            woe
        });
        let coefficient = term.coefficient.filter(|c| *c != 0.0);
        // Where a value is required, no row comes to the last bin.
        let met = values.len() - usize::from(field.required);
        for (bin, value) in values.iter().enumerate().take(met) {
            rows.push(PointsRow {
                variable: field.name.clone(),
                bin: transform.bin_label(field, bin),
                short: transform.short_bin_label(field, bin),
                count: profile.map(|p| p.counts[bin]),
                bads: bads.map(|b| b[bin]),
                woe: coefficient
                    // 0 added: no -0 in a table.
                    .map(|c| value / c + 0.0)
                    .filter(|w| w.is_finite())
                    .or(raw_woe.as_ref().map(|w| w[bin])),
                log_odds: *value,
                points: share + scale.term_points(*value),
            });
        }
    }
    Some(rows)
}

/// The bin of unseen categories, where no training row has fallen into it, and the regular bin whose log-odds it is
/// given; `None` where it is neutral.
fn unseen_as_seen(transform: &Transform, values: &[f64], counts: &[u64]) -> Option<(usize, usize)> {
    let Transform::Groups { groups, .. } = transform else { return None };
    let unseen = *groups;
    let as_seen = (0..unseen).find(|bin| values[*bin] == values[unseen])?;
    (counts[unseen] == 0 && values[unseen] != 0.0).then_some((unseen, as_seen))
}

/// What one characteristic can give a customer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Characteristic {
    /// Name of the field, or [`BASE_POINTS`].
    pub variable: String,
    /// Points of its worst bin.
    pub worst: f64,
    /// Mean points of the training rows: a customer with fewer loses against the average customer. Absent where
    /// the profile does not hold this term's bins.
    pub neutral: Option<f64>,
    /// Points of its best bin.
    pub best: f64,
}

/// Worst, neutral and best points of each characteristic, in the order of [`points_table`]. The worst add up to
/// the worst possible score, the best to the best, the neutral to the mean score of the training rows.
pub fn characteristics(model: &Model, spread: Spread) -> Option<Vec<Characteristic>> {
    Some(ranges(&points_table(model, spread)?, spread))
}

fn ranges(rows: &[PointsRow], spread: Spread) -> Vec<Characteristic> {
    let (base, rows) = rows.split_at(usize::from(spread == Spread::Base));
    let base = base.iter().map(|row| Characteristic {
        variable: row.variable.clone(),
        worst: row.points,
        neutral: Some(row.points),
        best: row.points,
    });
    let one = |rows: &[PointsRow]| {
        let points = rows.iter().map(|row| row.points);
        let counted: Option<Vec<u64>> = rows.iter().map(|row| row.count).collect();
        let mean = |counts: Vec<u64>| {
            let all: u64 = counts.iter().sum();
            let sum: f64 = counts.iter().zip(rows).map(|(n, row)| *n as f64 * row.points).sum();
            (all > 0).then(|| sum / all as f64)
        };
        Characteristic {
            variable: rows[0].variable.clone(),
            worst: points.clone().fold(f64::INFINITY, f64::min),
            neutral: counted.and_then(mean),
            best: points.fold(f64::NEG_INFINITY, f64::max),
        }
    };
    base.chain(rows.chunk_by(|a, b| a.variable == b.variable).map(one)).collect()
}

/// Decimals that show the points of a table in full: none where all are whole, else one.
pub fn points_decimals(rows: &[PointsRow]) -> usize {
    usize::from(rows.iter().any(|row| row.points.fract() != 0.0))
}

/// Weight of evidence by bin: `ln(share of goods / share of bads)`; higher is safer.
///
/// `counts` and `bads` are by bin. Where a bin has no goods or no bads, 0.5 is added to both counts of
/// that bin only; an empty bin says nothing and has 0. With no goods or no bads at all every bin has 0.
pub fn woe(counts: &[u64], bads: &[u64]) -> Vec<f64> {
    let all_bads: u64 = bads.iter().sum();
    let all_goods = counts.iter().sum::<u64>() - all_bads;
    let one = |(count, bad): (&u64, &u64)| {
        let (good, bad) = (count - bad, *bad);
        if *count == 0 || all_bads == 0 || all_goods == 0 {
            return 0.0;
        }
        let add = if good == 0 || bad == 0 { 0.5 } else { 0.0 };
        let good_share = (good as f64 + add) / all_goods as f64;
        let bad_share = (bad as f64 + add) / all_bads as f64;
        libm::log(good_share / bad_share)
    };
    counts.iter().zip(bads).map(one).collect()
}

/// Information value: `sum of (share of goods - share of bads) x WoE`.
///
/// Shares are of the plain counts; only WoE sees the 0.5 of [`woe`].
pub fn iv(counts: &[u64], bads: &[u64]) -> f64 {
    let all_bads: u64 = bads.iter().sum();
    let all_goods = counts.iter().sum::<u64>() - all_bads;
    if all_bads == 0 || all_goods == 0 {
        return 0.0;
    }
    let share = |n: u64, of: u64| n as f64 / of as f64;
    let woe = woe(counts, bads);
    let cells = counts.iter().zip(bads).zip(woe);
    cells.map(|((n, b), w)| (share(n - b, all_goods) - share(*b, all_bads)) * w).sum()
}
