//! How sure the AUC is: DeLong's variance and a confidence interval.

use serde::Serialize;

use crate::{Error, Ranked, inputs, normal_quantile};

/// An AUC with its standard error and confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AucInterval {
    /// The AUC itself, ties one half.
    pub auc: f64,
    /// Square root of DeLong's variance.
    pub standard_error: f64,
    /// Lower end, not below 0.
    pub lower: f64,
    /// Upper end, not above 1.
    pub upper: f64,
    /// The confidence level of the interval, for example 0.95.
    pub level: f64,
}

/// DeLong's two-sided confidence interval `auc -/+ z * standard error`, clipped to [0, 1].
///
/// Each bad row has a placement: the share of goods it outranks, ties one half; each good row likewise the
/// share of bads that outrank it. The variance is `var(bad placements) / bads + var(good placements) / goods`,
/// with n - 1 in both sample variances. The ties are sorted already, so the placements fall out of one pass:
/// these are the midranks of X. Sun and W. Xu, "Fast implementation of DeLong's algorithm", IEEE Signal
/// Processing Letters 21 (2014), after E. DeLong, D. DeLong and D. Clarke-Pearson, Biometrics 44 (1988).
///
/// With perfect separation the variance, and so the interval's width, is 0: read it with the row counts.
///
/// # Errors
/// `level` is not strictly between 0 and 1, or there are fewer than two bads or two goods.
pub fn auc_interval(ranked: &Ranked, level: f64) -> Result<AucInterval, Error> {
    inputs::level(level)?;
    for (what, found) in [("bad rows", ranked.bads()), ("good rows", ranked.goods())] {
        if found < 2 {
            return Err(Error::TooFew { what, needed: 2, found: found as usize });
        }
    }
    let auc = ranked.auc();
    let standard_error = variance(ranked, auc).sqrt();
    let reach = normal_quantile(0.5 + level / 2.0) * standard_error;
    Ok(AucInterval {
        auc,
        standard_error,
        lower: (auc - reach).clamp(0.0, 1.0),
        upper: (auc + reach).clamp(0.0, 1.0),
        level,
    })
}

fn variance(ranked: &Ranked, auc: f64) -> f64 {
    let (bads, goods) = (ranked.bads() as f64, ranked.goods() as f64);
    let (mut bads_above, mut goods_below) = (0, ranked.goods());
    let (mut of_bads, mut of_goods) = (0.0, 0.0);
    for tie in ranked.ties() {
        goods_below -= tie.goods;
        let bad_placement = (2 * goods_below + tie.goods) as f64 / (2.0 * goods);
        let good_placement = (2 * bads_above + tie.bads) as f64 / (2.0 * bads);
        bads_above += tie.bads;
        of_bads += tie.bads as f64 * (bad_placement - auc).powi(2);
        of_goods += tie.goods as f64 * (good_placement - auc).powi(2);
    }
    of_bads / (bads - 1.0) / bads + of_goods / (goods - 1.0) / goods
}
