//! Quantiles of the normal and the chi-square distribution, for intervals and thresholds.

use std::f64::consts::PI;

/// The z below which a standard normal variable lies with probability `p`.
///
/// Algorithm AS 241 (PPND16) of M. J. Wichura, Applied Statistics 37 (1988): about 16 digits. `p` of 0 or less
/// gives minus infinity, 1 or more plus infinity, NaN gives NaN.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&CENTRE_TOP, r) / polynomial(&CENTRE_BOTTOM, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-tail.ln()).sqrt();
    let z = if r <= 5.0 {
        polynomial(&NEAR_TOP, r - 1.6) / polynomial(&NEAR_BOTTOM, r - 1.6)
    } else {
        polynomial(&FAR_TOP, r - 5.0) / polynomial(&FAR_BOTTOM, r - 5.0)
    };
    z.copysign(q)
}

/// The x below which a chi-square variable with `degrees` degrees of freedom lies with probability `p`.
///
/// Starts at the Wilson-Hilferty approximation and follows Newton on the distribution function, kept inside a
/// shrinking bracket. With 0 degrees the variable is always 0. Outside (0, 1), `p` of 0 or less gives 0, 1 or
/// more plus infinity, NaN gives NaN.
pub fn chi_square_quantile(p: f64, degrees: u32) -> f64 {
    if p.is_nan() {
        return p;
    }
    if degrees == 0 || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let k = f64::from(degrees);
    let ln_gamma = ln_gamma_of_half(degrees);
    let spread = 2.0 / (9.0 * k);
    let mut x = k * (1.0 - spread + normal_quantile(p) * spread.sqrt()).max(0.01).powi(3);
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..200 {
        let (below, density) = chi_square(x, k, ln_gamma);
        if below < p {
            low = x;
        } else {
            high = x;
        }
        let newton = x - (below - p) / density;
        let next = if newton > low && newton < high {
            newton
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * x
        };
        if (next - x).abs() <= 1e-14 * x {
            return next;
        }
        x = next;
    }
    x
}

/// Distribution function and density of chi-square with `k` degrees at `x > 0`.
///
/// The distribution function is the regularised incomplete gamma function P(k / 2, x / 2) by its series
/// `y^a e^-y / gamma(a + 1) * (1 + y / (a + 1) + y^2 / ((a + 1) (a + 2)) + ...)`, whose terms are all positive.
fn chi_square(x: f64, k: f64, ln_gamma: f64) -> (f64, f64) {
    let (a, y) = (0.5 * k, 0.5 * x);
    let front = (a * y.ln() - y - ln_gamma).exp();
    let (mut term, mut sum, mut divisor) = (1.0 / a, 1.0 / a, a);
    while term > sum * 1e-17 {
        divisor += 1.0;
        term *= y / divisor;
        sum += term;
    }
    (front * sum, front / x)
}

/// ln gamma(n / 2), from gamma(1/2) = sqrt(pi), gamma(1) = 1 and gamma(a + 1) = a gamma(a).
fn ln_gamma_of_half(n: u32) -> f64 {
    let (start, first) = if n % 2 == 1 { (0.5 * PI.ln(), 1) } else { (0.0, 2) };
    (first..n).step_by(2).fold(start, |sum, i| sum + (0.5 * f64::from(i)).ln())
}

/// c0 + c1 x + c2 x^2 + ...
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

// The rational approximations of AS 241: near the middle in 0.425^2 - (p - 0.5)^2, and in the tails in
// r = sqrt(-ln(tail probability)), up to 5 and beyond.
const CENTRE_TOP: [f64; 8] = [
    3.3871328727963665,
    133.14166789178438,
    1971.5909503065513,
    13731.69376550946,
    45921.95393154987,
    67265.7709270087,
    33430.57558358813,
    2509.0809287301227,
];
const CENTRE_BOTTOM: [f64; 8] = [
    1.0,
    42.31333070160091,
    687.1870074920579,
    5394.196021424751,
    21213.794301586597,
    39307.89580009271,
    28729.085735721943,
    5226.495278852854,
];
const NEAR_TOP: [f64; 8] = [
    1.4234371107496835,
    4.630337846156546,
    5.769497221460691,
    3.6478483247632045,
    1.2704582524523684,
    0.2417807251774506,
    0.022723844989269184,
    0.0007745450142783414,
];
const NEAR_BOTTOM: [f64; 8] = [
    1.0,
    2.053191626637759,
    1.6763848301838038,
    0.6897673349851,
    0.14810397642748008,
    0.015198666563616457,
    0.0005475938084995345,
    1.0507500716444169e-09,
];
const FAR_TOP: [f64; 8] = [
    6.657904643501103,
    5.463784911164114,
    1.7848265399172913,
    0.29656057182850487,
    0.026532189526576124,
    0.0012426609473880784,
    2.7115555687434876e-05,
    2.0103343992922881e-07,
];
const FAR_BOTTOM: [f64; 8] = [
    1.0,
    0.599832206555888,
    0.1369298809227358,
    0.014875361290850615,
    0.0007868691311456133,
    1.8463183175100548e-05,
    1.421511758316446e-07,
    2.0442631033899397e-15,
];
