//! `exp` and the logistic function in plain arithmetic: the same bits on every machine, several rows at once.
//!
//! `libm::exp` gives the same bits everywhere too, but branches and so works on one number at a time; in a fit
//! on a million rows it would take longer than everything else.

/// `1.5 * 2^52`: added to a small number, it rounds it to a whole one and leaves that in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts; the first has 21 trailing zero bits, so that its product with a whole number up to 1022
/// is exact (Cody and Waite, Software Manual for the Elementary Functions, 1980).
const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1/13!, 1/12!, ... 1/2!: the Taylor series. On +-ln(2)/2 the rest is below 5e-18.
const TAYLOR: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// `e^x` for `x` of 0 or less, within one unit in the last place. Below -708 it gives `e^-708`, about 3e-308.
#[inline(always)]
pub(super) fn exp_nonpositive(x: f64) -> f64 {
    let x = if x < -708.0 { -708.0 } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let twos = rounded - ROUND;
    let rest = (x - twos * LN2_HIGH) - twos * LN2_LOW;
    let mut series = TAYLOR[0];
    for coefficient in &TAYLOR[1..] {
        series = series * rest + coefficient;
    }
    let power = 1.0 + (rest + rest * rest * series);
    // The whole number stands in the lowest bits of `rounded`; moved up, it is the exponent of 2^twos.
    power * f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52)
}

/// Probability of bad at these log-odds: `1 / (1 + e^-x)`.
#[inline]
pub(super) fn logistic(log_odds: f64) -> f64 {
    let small = exp_nonpositive(-log_odds.abs());
    if log_odds >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_one_unit_of_libm() {
        for i in 0..200_000 {
            let x = -(f64::from(i) * 0.003_541_7);
            let (found, expected) = (exp_nonpositive(x), libm::exp(x));
            if x > -708.0 {
                let units = found.to_bits().abs_diff(expected.to_bits());
                assert!(units <= 1, "exp({x}): {found:e} is {units} units from {expected:e}");
            }
        }
        assert_eq!(exp_nonpositive(0.0), 1.0);
        assert_eq!(exp_nonpositive(-1e300), exp_nonpositive(-708.0));
        assert_eq!(exp_nonpositive(f64::NEG_INFINITY), exp_nonpositive(-708.0));
    }

    #[test]
    fn logistic_of_large_odds_keeps_its_digits() {
        assert_eq!(logistic(0.0), 0.5);
        let expected = libm::exp(-40.0);
        assert!((logistic(-40.0) / expected - 1.0).abs() < 1e-15);
        assert_eq!(logistic(800.0), 1.0);
    }
}
