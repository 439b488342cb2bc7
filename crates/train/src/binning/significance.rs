//! Whether two bins differ by more than chance: p-values of two-sided tests. Weights count as repeated rows.

/// Two-proportion z-test with the pooled variance; equal to Pearson's chi-square test of the 2 x 2 table
/// without correction. `None` where a bin has no weight; 1 where nobody or everybody is bad.
pub fn proportions_p_value(bads: [f64; 2], weights: [f64; 2]) -> Option<f64> {
    if weights.iter().any(|w| *w <= 0.0) {
        return None;
    }
    let pooled = (bads[0] + bads[1]) / (weights[0] + weights[1]);
    let variance = pooled * (1.0 - pooled) * (1.0 / weights[0] + 1.0 / weights[1]);
    if variance <= 0.0 {
        return Some(1.0);
    }
    let z = (bads[0] / weights[0] - bads[1] / weights[1]).abs() / variance.sqrt();
    Some(libm::erfc(z / std::f64::consts::SQRT_2))
}

/// Welch's t-test of two means. `stds` are population standard deviations; the test takes them to those of
/// samples. `None` where a bin has a weight of 1 or less; where neither bin varies, 1 for equal means, else 0.
pub fn means_p_value(means: [f64; 2], stds: [f64; 2], weights: [f64; 2]) -> Option<f64> {
    if weights.iter().any(|w| *w <= 1.0) {
        return None;
    }
    // Variance of the mean: s^2 n/(n-1) / n.
    let of_mean = [0, 1].map(|i| stds[i] * stds[i] / (weights[i] - 1.0));
    let variance = of_mean[0] + of_mean[1];
    if variance == 0.0 {
        return Some(if means[0] == means[1] { 1.0 } else { 0.0 });
    }
    let t2 = (means[0] - means[1]) * (means[0] - means[1]) / variance;
    let spread = [0, 1].map(|i| of_mean[i] * of_mean[i] / (weights[i] - 1.0));
    let freedom = variance * variance / (spread[0] + spread[1]);
    // P(|T| > t) = I_x(freedom/2, 1/2) with x = freedom/(freedom + t^2).
    Some(regularised_beta(freedom / (freedom + t2), t2 / (freedom + t2), freedom / 2.0, 0.5))
}

/// The regularised incomplete beta function `I_x(a, b)`; `y = 1 - x` is given by the caller, who knows it to
/// more digits.
fn regularised_beta(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return if y <= 0.0 { 1.0 } else { 0.0 };
    }
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log(y) - log_beta);
    // The fraction converges fast below the mean of the distribution; above it the mirror image does.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(x, a, b) / a
    } else {
        1.0 - front * continued_fraction(y, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function (NIST DLMF 8.17.22), by Lentz's method.
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            step = c * d;
            value *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}
