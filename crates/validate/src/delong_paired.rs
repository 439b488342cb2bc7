//! Whether one model ranks better than another on the same rows: DeLong's paired test.

use serde::Serialize;

use crate::{Error, inputs, normal_quantile};

/// The AUC of two models on the same rows, and their difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AucDifference {
    /// AUC of the first model, ties one half.
    pub first: f64,
    /// AUC of the second.
    pub second: f64,
    /// `first - second`.
    pub difference: f64,
    /// Standard error of the difference; the two AUCs are of the same rows and so correlate.
    pub standard_error: f64,
    /// `difference / standard_error`; `None` where the standard error is 0.
    pub z: Option<f64>,
    /// Two-sided p-value of z by the normal distribution: 1 where the two rank alike, 0 where they differ by what has
    /// no error.
    pub p_value: f64,
    /// Lower end of the confidence interval of the difference.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// The confidence level of the interval.
    pub level: f64,
}

impl AucDifference {
    /// The figures that follow from a difference and the variance of it.
    ///
    /// `level` must lie strictly between 0 and 1.
    pub fn of(first: f64, second: f64, variance: f64, level: f64) -> Self {
        let (difference, standard_error) = (first - second, variance.max(0.0).sqrt());
        let z = (standard_error > 0.0).then(|| difference / standard_error);
        let p_value = match z {
            Some(z) => libm::erfc(z.abs() / std::f64::consts::SQRT_2),
            None if difference == 0.0 => 1.0,
            None => 0.0,
        };
        let reach = normal_quantile(0.5 + level / 2.0) * standard_error;
        let (lower, upper) = (difference - reach, difference + reach);
        Self { first, second, difference, standard_error, z, p_value, lower, upper, level }
    }

    /// Variance of the difference.
    pub fn variance(&self) -> f64 {
        self.standard_error * self.standard_error
    }
}

/// DeLong's test that two risks rank the same rows equally well.
///
/// Each bad row has a placement by each model: the share of goods it outranks, ties one half; each good row the
/// share of bads that outrank it. With d the difference of a row's two placements, the variance of the difference of
/// the AUCs is `var(d of bads) / bads + var(d of goods) / goods`, with n - 1 in both: the variance of E. DeLong, D.
/// DeLong and D. Clarke-Pearson, Biometrics 44 (1988), for the contrast (1, -1). Two sorts, O(n log n).
///
/// # Errors
/// Lengths that differ, a risk that is NaN, a `level` not strictly between 0 and 1, or fewer than two bads or goods.
pub fn compare_auc(bad: &[bool], first: &[f64], second: &[f64], level: f64) -> Result<AucDifference, Error> {
    inputs::level(level)?;
    for (what, risk) in [("first", first), ("second", second)] {
        inputs::one_a_row(what, bad.len(), risk)?;
        if let Some(row) = risk.iter().position(|r| r.is_nan()) {
            return Err(Error::Value { what, row, value: risk[row], expected: "a number" });
        }
    }
    let bads = bad.iter().filter(|bad| **bad).count();
    for (what, found) in [("bad rows", bads), ("good rows", bad.len() - bads)] {
        if found < 2 {
            return Err(Error::TooFew { what, needed: 2, found });
        }
    }
    let placed = [first, second].map(|risk| placements(bad, risk, bads));
    let [auc, other] = placed.each_ref().map(|placements| mean(bad, placements, true));
    let apart: Vec<f64> = placed[0].iter().zip(&placed[1]).map(|(a, b)| a - b).collect();
    let variance = [true, false].map(|class| {
        let mean = mean(bad, &apart, class);
        let own = bad.iter().zip(&apart).filter(|(bad, _)| **bad == class);
        let count = if class { bads } else { bad.len() - bads } as f64;
        own.map(|(_, d)| (d - mean) * (d - mean)).sum::<f64>() / (count - 1.0) / count
    });
    Ok(AucDifference::of(auc, other, variance[0] + variance[1], level))
}

/// Of a bad row the share of goods with a lower risk, of a good row the share of bads with a higher one, ties one half.
fn placements(bad: &[bool], risk: &[f64], bads: usize) -> Vec<f64> {
    let goods = bad.len() - bads;
    let mut order: Vec<usize> = (0..bad.len()).collect();
    // -0 and 0 are one risk.
    order.sort_unstable_by(|a, b| (risk[*a] + 0.0).total_cmp(&(risk[*b] + 0.0)));
    let mut placements = vec![0.0; bad.len()];
    let (mut goods_below, mut bads_above) = (0, bads);
    for tie in order.chunk_by(|a, b| risk[*a] == risk[*b]) {
        let tied_bads = tie.iter().filter(|row| bad[**row]).count();
        let tied_goods = tie.len() - tied_bads;
        bads_above -= tied_bads;
        for row in tie {
            placements[*row] = match bad[*row] {
                true => (2 * goods_below + tied_goods) as f64 / (2.0 * goods as f64),
                false => (2 * bads_above + tied_bads) as f64 / (2.0 * bads as f64),
            };
        }
        goods_below += tied_goods;
    }
    placements
}

fn mean(bad: &[bool], values: &[f64], class: bool) -> f64 {
    let own = bad.iter().zip(values).filter(|(bad, _)| **bad == class);
    let (sum, count) = own.fold((0.0, 0.0), |(sum, count), (_, value)| (sum + value, count + 1.0));
    sum / count
}
