//! Confidence intervals of a rate and of a mean.

/// 97.5 % quantile of the normal distribution, for two-sided intervals of 95 %.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Wilson's score interval for `hits` of `rows`, without continuity correction; `None` of no rows.
///
/// With p = hits / n: `(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`, inside [0, 1]. No hit gives a lower
/// end of exactly 0, nothing but hits an upper end of exactly 1. Source: E. B. Wilson, Probable inference, the law of
/// succession, and statistical inference, JASA 22 (1927), 209-212.
pub fn wilson(hits: u64, rows: u64, z: f64) -> Option<(f64, f64)> {
    if rows == 0 {
        return None;
    }
    let n = rows as f64;
    let rate = hits as f64 / n;
    let middle = rate + z * z / (2.0 * n);
    let reach = z * (rate * (1.0 - rate) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    let lower = if hits == 0 { 0.0 } else { ((middle - reach) / scale).max(0.0) };
    let upper = if hits == rows { 1.0 } else { ((middle + reach) / scale).min(1.0) };
    Some((lower, upper))
}

/// 95 % interval of the mean of `count` (two or more) amounts with this mean and sample standard deviation:
/// `mean ± t sqrt(deviation² / count)`, t the 97.5 % quantile of Student's t with `count - 1` degrees of freedom.
///
/// Right for amounts that are normal, and near right for any others in large leaves. (Student, The probable error of a
/// mean, Biometrika 6, 1908, 1-25.)
pub fn mean_interval(count: u64, mean: f64, deviation: f64) -> (f64, f64) {
    let reach = student_97_5(count.saturating_sub(1).max(1)) * deviation / (count as f64).sqrt();
    (mean - reach, mean + reach)
}

/// The 97.5 % quantile of Student's t with so many degrees of freedom, 1 or more, right to ten digits.
///
/// Up to 300 degrees of freedom by halving on the distribution function's finite series, beyond by the expansion in
/// powers of 1 / degrees (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 to 26.7.5).
pub fn student_97_5(degrees: u64) -> f64 {
    if degrees > 300 {
        return expansion(degrees as f64);
    }
    let (mut low, mut high) = (Z_95, 13.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if student_within(middle, degrees) < 0.95 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// `Z_95` and its odd powers over the powers of the degrees of freedom.
fn expansion(degrees: f64) -> f64 {
    let z = Z_95;
    let z2 = z * z;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * (z2 * (5.0 * z2 + 16.0) + 3.0) / 96.0;
    let third = z * (z2 * (z2 * (3.0 * z2 + 19.0) + 17.0) - 15.0) / 384.0;
    let fourth = z * (z2 * (z2 * (z2 * (79.0 * z2 + 776.0) + 1482.0) - 1920.0) - 945.0) / 92160.0;
    z + (first + (second + (third + fourth / degrees) / degrees) / degrees) / degrees
}

/// The chance that a Student's t lies from -t to t.
fn student_within(t: f64, degrees: u64) -> f64 {
    let ratio = t / (degrees as f64).sqrt();
    let square = 1.0 / (1.0 + ratio * ratio);
    let (cosine, sine) = (square.sqrt(), ratio * square.sqrt());
    let odd = degrees % 2 == 1;
    let (mut term, mut sum) = (if odd { cosine } else { 1.0 }, 0.0);
    for step in 0..degrees / 2 {
        sum += term;
        let step = step as f64;
        term *= square
            * if odd {
                (2.0 * step + 2.0) / (2.0 * step + 3.0)
            } else {
                (2.0 * step + 1.0) / (2.0 * step + 2.0)
            };
    }
    if odd { (libm::atan(ratio) + sine * sum) / std::f64::consts::FRAC_PI_2 } else { sine * sum }
}
