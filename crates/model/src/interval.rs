//! Confidence interval of a rate.

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
