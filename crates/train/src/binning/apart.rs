//! Bins apart from the regular ones (missing, special codes, unseen categories): whose evidence speaks for them.
//!
//! | bin | policy | evidence |
//! |---|---|---|
//! | missing, special code | `own` | its own; a scorecard gives it WoE 0 below `min_special_rows` |
//! | | `most_alike` | pooled with the regular bin of the nearest bad rate, where that leaves the trend as it is; else that of this bin alone; none without rows |
//! | | `riskiest` | that of the regular bin with the lowest WoE, which stays as it is; also without rows |
//! | unseen category | | that of the regular bin that holds the rare categories, which stays as it is; none where there are no rare ones |

use super::bins::Worth;
use super::evidence::{Evidence, told, woe};
use super::params::{Apart, BinningParams, Trend};
use super::tally::Moments;
use std::cmp::Ordering;

/// What the policies have to know of a variable.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Regular bins; they come first.
    pub regular: usize,
    /// Whether it is a category, whose first bin apart is for unseen ones.
    pub category: bool,
    /// The regular bin that holds the rare categories.
    pub rare: Option<usize>,
    /// The trend of the regular bins.
    pub trend: Trend,
    /// What the bins are judged by.
    pub worth: Worth,
}

/// For each bin whose evidence speaks for it. `bins`: regular ones, then for a category the unseen and for a number
/// the special codes, then missing.
pub fn share_evidence(bins: &[Moments], shape: &Shape, params: &BinningParams) -> Vec<Evidence> {
    let mut evidence = vec![Evidence::Own; bins.len()];
    let mut apart = shape.regular..bins.len();
    if shape.category {
        let unseen = apart.next();
        unseen.into_iter().for_each(|bin| {
            evidence[bin] = shape.rare.map_or(Evidence::Neutral, Evidence::Taken);
        });
    }
    let policy = |bin: usize| policy(bin, bins.len(), params);
    // Pooling comes first: only after it is known which bin is the riskiest.
    for bin in apart.clone() {
        if policy(bin) == Apart::MostAlike {
            evidence[bin] = with_most_alike(bins, bin, &evidence, shape);
        }
    }
    let riskiest = riskiest(bins, &evidence, shape);
    for bin in apart.filter(|bin| policy(*bin) == Apart::Riskiest) {
        evidence[bin] = riskiest.map_or(Evidence::Neutral, Evidence::Taken);
    }
    evidence
}

/// The policy for a bin apart; the last one is that of missing values.
fn policy(bin: usize, bins: usize, params: &BinningParams) -> Apart {
    if bin + 1 == bins { params.missing } else { params.special }
}

/// Pools `bin` with the regular bin of the nearest bad rate (the first of two as near), unless that would change
/// the course of the WoE over the regular bins.
fn with_most_alike(bins: &[Moments], bin: usize, evidence: &[Evidence], shape: &Shape) -> Evidence {
    let gap = |other: &usize| (bins[*other].mean() - bins[bin].mean()).abs();
    let filled = (0..shape.regular).filter(|other| bins[*other].weight > 0.0);
    let nearest = filled.min_by(|a, b| gap(a).total_cmp(&gap(b)));
    let Some(nearest) = nearest.filter(|_| bins[bin].weight > 0.0) else { return Evidence::Neutral };
    let mut pooled = evidence.to_vec();
    pooled[bin] = Evidence::Pooled(nearest);
    let whole = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let same = same_course(&bins[..shape.regular], &told(bins, &pooled)[..shape.regular], whole, shape);
    if same { Evidence::Pooled(nearest) } else { Evidence::Taken(nearest) }
}

/// Whether each regular bin stands to the one before it as it did: above, below or level; and whether a curved trend
/// still curves its way. Then no trend is contradicted.
fn same_course(alone: &[Moments], pooled: &[Moments], whole: Moments, shape: &Shape) -> bool {
    let steps = |bins: &[Moments]| -> Vec<Ordering> {
        let filled = bins.iter().filter(|bin| bin.weight > 0.0);
        let levels: Vec<f64> = filled.map(|bin| level(*bin, whole, shape.worth)).collect();
        levels.windows(2).map(|pair| pair[0].total_cmp(&pair[1])).collect()
    };
    let means: Vec<f64> = pooled.iter().map(|bin| bin.mean()).collect();
    // As the search compares them: twice the middle against the two beside it.
    let curves = |bends: fn(f64, f64) -> bool| means.windows(3).all(|m| bends(m[0], 2.0 * m[1] - m[2]));
    let curved = match shape.trend {
        Trend::Convex => curves(|before, bound| before >= bound),
        Trend::Concave => curves(|before, bound| before <= bound),
        _ => true,
    };
    curved && steps(alone) == steps(pooled)
}

/// What a bin is scored by: WoE, or for an amount its mean, turned so that lower is riskier.
fn level(bin: Moments, whole: Moments, worth: Worth) -> f64 {
    match worth {
        Worth::Distance(_) => woe(bin, whole),
        Worth::Variance => -bin.mean(),
    }
}

/// The first of the regular bins with the lowest level, of what speaks for them.
fn riskiest(bins: &[Moments], evidence: &[Evidence], shape: &Shape) -> Option<usize> {
    let whole = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let told = told(bins, evidence);
    let level = |bin: &usize| level(told[*bin], whole, shape.worth);
    let filled = (0..shape.regular).filter(|bin| bins[*bin].weight > 0.0);
    filled.min_by(|a, b| level(a).total_cmp(&level(b)))
}

/// Bins with evidence of their own, but of few rows: a scorecard gives them WoE 0.
pub(super) fn thin(
    bins: &[Moments],
    evidence: &[Evidence],
    shape: &Shape,
    params: &BinningParams,
) -> Vec<usize> {
    let few = |bin: &usize| bins[*bin].weight > 0.0 && bins[*bin].weight < params.min_special_rows as f64;
    (shape.regular..bins.len()).filter(|bin| evidence[*bin] == Evidence::Own && few(bin)).collect()
}

/// Which bins could not be pooled as asked, in words.
pub(super) fn not_pooled(
    label: &dyn Fn(usize) -> String,
    bins: &[Moments],
    evidence: &[Evidence],
    shape: &Shape,
    params: &BinningParams,
) -> Vec<String> {
    let first = shape.regular + usize::from(shape.category);
    let asked = (first..bins.len()).filter(|bin| policy(*bin, bins.len(), params) == Apart::MostAlike);
    let say = |bin: usize| match evidence[bin] {
        Evidence::Taken(other) => Some(format!(
            "bin `{}` is most like `{}` but is not pooled with it: together they would change the course of the WoE \
             over the bins",
            label(bin),
            label(other)
        )),
        _ => None,
    };
    asked.filter_map(say).collect()
}

/// How to read the table: which bins have the WoE of another.
pub(super) fn explanations(
    label: &dyn Fn(usize) -> String,
    bins: &[Moments],
    evidence: &[Evidence],
    unseen: Option<usize>,
) -> Vec<String> {
    let say = |(bin, evidence): (usize, &Evidence)| {
        let (this, other) = (label(bin), evidence.other().map(label).unwrap_or_default());
        match evidence {
            Evidence::Taken(_) if unseen == Some(bin) => Some(format!(
                "a category that was never seen has the WoE of `{other}`, which holds the rare ones"
            )),
            _ if unseen == Some(bin) => {
                Some("a category that was never seen has WoE 0: there are no rare ones to go by".to_owned())
            }
            _ if bins[bin].weight <= 0.0 => None,
            Evidence::Pooled(_) => Some(format!(
                "bin `{this}` counts with `{other}`: one WoE of the rows of both; their IV and JS stand there"
            )),
            Evidence::Taken(_) => Some(format!(
                "bin `{this}` takes the WoE of `{other}`, which its rows do not change; the IV and JS there are of \
                 the rows of both, by that WoE"
            )),
            Evidence::Own | Evidence::Neutral => None,
        }
    };
    evidence.iter().enumerate().filter_map(say).collect()
}
