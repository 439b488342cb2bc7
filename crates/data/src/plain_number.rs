//! Decimal numbers as files hold them, read in a few nanoseconds: to the same bits as `str::parse`.
//!
//! Up to 19 digits fit a `u64`. With a short mantissa and a small power of ten one operation on doubles is exact (Clinger,
//! "How to read floating point numbers accurately", 1990); with a longer one the product with a 128-bit reciprocal of the
//! power is rounded (Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51, 2021), whose
//! section 9 shows that powers from 10^-27 on need no check. Whatever else there is takes the way of `str::parse`.

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Most decimals that are rounded here: 5^27 is the largest power of five below 2^63.
const DECIMALS: usize = 27;

/// For each number of decimals the first 128 bits of 5^-decimals, rounded up.
const RECIPROCALS: [u128; DECIMALS + 1] = reciprocals();

const fn reciprocals() -> [u128; DECIMALS + 1] {
    let mut table = [0; DECIMALS + 1];
    let (mut decimals, mut power) = (1, 5_u128);
    while decimals <= DECIMALS {
        // Long division of 2^(bits + 127), where 2^bits is the first power of two not below the divisor.
        let mut bits = 0;
        while (1 << bits) < power {
            bits += 1;
        }
        let (mut quotient, mut rest, mut at) = (0_u128, 1_u128, 0);
        while at < bits + 127 {
            rest <<= 1;
            quotient <<= 1;
            if rest >= power {
                rest -= power;
                quotient += 1;
            }
            at += 1;
        }
        table[decimals] = quotient + 1;
        power *= 5;
        decimals += 1;
    }
    table
}

/// For each number of decimals the exponent of a double whose mantissa is 2^63 / 10^decimals, less one.
const EXPONENTS: [u64; DECIMALS + 1] = {
    let (mut table, mut decimals) = ([0; DECIMALS + 1], 0);
    while decimals <= DECIMALS {
        // floor(log2(10^-decimals)) by a product, right for all powers of a double.
        let binary = (-(decimals as i64) * 217_706) >> 16;
        table[decimals] = (binary + 63 + 1023 - 1) as u64;
        decimals += 1;
    }
    table
};

/// The number at the start of `bytes` and how many bytes it takes; `None` where there is none, or one that is not read
/// here: too many digits, a large exponent, `inf`.
#[inline]
pub(crate) fn leading_number(bytes: &[u8]) -> Option<(f64, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative || bytes.first() == Some(&b'+'));
    let mut mantissa = 0_u64;
    let mut at = digits(bytes, start, &mut mantissa);
    let mut count = at - start;
    let mut decimals = 0;
    if bytes.get(at) == Some(&b'.') {
        let point = at + 1;
        at = digits(bytes, point, &mut mantissa);
        decimals = at - point;
        count += decimals;
    }
    if count == 0 || (count > 19 && significant(&bytes[start..at]) > 19) {
        return None;
    }
    let mut power = -(decimals as i64);
    if let Some(b'e' | b'E') = bytes.get(at) {
        let (exponent, end) = exponent(bytes, at + 1)?;
        power += exponent;
        at = end;
    }
    let size = scaled(mantissa, power)?;
    Some((if negative { -size } else { size }, at))
}

/// Adds the digits from `at` on to `number`; returns where they end.
#[inline]
fn digits(bytes: &[u8], mut at: usize, number: &mut u64) -> usize {
    while let Some(eight) = bytes.get(at..at + 8) {
        let eight = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
        let others = no_digits(eight);
        if others == 0 {
            *number = number.wrapping_mul(100_000_000).wrapping_add(eight_digits(eight));
            at += 8;
            continue;
        }
        // Digits before the first other byte go to the end of the eight, behind zeros: how many there are is then no
        // branch that the processor would have to guess.
        let count = others.trailing_zeros() / 8;
        let zeros = 0x3030_3030_3030_3030_u64.checked_shr(8 * count).unwrap_or(0);
        let moved = eight.checked_shl(64 - 8 * count).unwrap_or(0) | zeros;
        *number = number.wrapping_mul(POWERS[count as usize]).wrapping_add(eight_digits(moved));
        return at + count as usize;
    }
    while let Some(digit) = bytes.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        *number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    at
}

/// Ten to the power of how many digits there are.
const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The highest bit of each byte that is not `0` to `9`; above the lowest of them there may be false ones.
#[inline]
pub(crate) fn no_digits(eight: u64) -> u64 {
    let above = eight.wrapping_add(0x4646_4646_4646_4646);
    let below = eight.wrapping_sub(0x3030_3030_3030_3030);
    (above | below) & 0x8080_8080_8080_8080
}

/// Eight digits as a number; pairs, then fours, then all are put together.
#[inline]
pub(crate) fn eight_digits(eight: u64) -> u64 {
    let ones = eight.wrapping_sub(0x3030_3030_3030_3030);
    let pairs = ones.wrapping_mul(10).wrapping_add(ones >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

/// Digits after the leading zeros.
fn significant(number: &[u8]) -> usize {
    let digits = number.iter().filter(|b| **b != b'.');
    digits.skip_while(|b| **b == b'0').count()
}

/// An exponent of at most four digits, and where it ends.
fn exponent(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let negative = bytes.get(at) == Some(&b'-');
    let start = at + usize::from(negative || bytes.get(at) == Some(&b'+'));
    let mut size = 0;
    let end = digits(bytes, start, &mut size);
    let size = i64::try_from(size).ok().filter(|_| (1..=4).contains(&(end - start)))?;
    Some((if negative { -size } else { size }, end))
}

/// `mantissa` times ten to the power `power`, rounded to the nearest double, ties to even.
#[inline]
fn scaled(mantissa: u64, power: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    if mantissa <= 1 << 53 {
        match power {
            0..=22 => return Some(mantissa as f64 * TENS[power as usize]),
            -22..0 => return Some(mantissa as f64 / TENS[-power as usize]),
            _ => {}
        }
    }
    match power {
        0 => Some(mantissa as f64),
        -27..0 => Some(rounded(mantissa, -power as usize)),
        _ => None,
    }
}

/// `mantissa / 10^decimals` for 0 to 27 decimals, rounded to the nearest double, ties to even.
#[inline(always)]
pub(crate) fn quotient(mantissa: u64, decimals: usize) -> f64 {
    if decimals == 0 {
        return mantissa as f64;
    }
    // A column has short numbers or long ones, so this is easy to guess for the processor.
    if mantissa <= 1 << 24
        && let Some(power) = TENS.get(decimals)
    {
        return mantissa as f64 / power;
    }
    if mantissa == 0 { 0.0 } else { rounded(mantissa, decimals) }
}

/// `mantissa / 10^decimals` for 1 to 27 decimals and a mantissa above 0.
#[inline]
fn rounded(mantissa: u64, decimals: usize) -> f64 {
    let shift = mantissa.leading_zeros();
    let normal = mantissa << shift;
    let reciprocal = RECIPROCALS[decimals];
    let product = u128::from(normal) * (reciprocal >> 64);
    let (mut high, mut low) = ((product >> 64) as u64, product as u64);
    // The 55 bits that are used depend on the lower half of the reciprocal only where all others are ones.
    if high & 0x1ff == 0x1ff {
        let second = ((u128::from(normal) * (reciprocal & u128::from(u64::MAX))) >> 64) as u64;
        let carried;
        (low, carried) = low.overflowing_add(second);
        high += u64::from(carried);
    }
    let upper = high >> 63;
    let mut bits = high >> (upper + 9);
    if low <= 1 {
        bits = to_even(bits, decimals, bits << (upper + 9) == high);
    }
    let mantissa = (bits + (bits & 1)) >> 1;
    // The highest bit of the mantissa, and one more where rounding made it longer, add to the exponent.
    let exponent = EXPONENTS[decimals] + upper - u64::from(shift);
    f64::from_bits((exponent << 52) + mantissa)
}

/// The bits of a mantissa and one more behind it; where they are halfway between two doubles, and the even one is below, that.
#[cold]
fn to_even(bits: u64, decimals: usize, exact: bool) -> u64 {
    if exact && decimals <= 4 && bits & 3 == 1 { bits & !1 } else { bits }
}

#[cfg(test)]
mod tests {
    use super::leading_number;
    use proptest::prelude::*;

    /// What `str::parse` says of the whole text, where the number read here takes all of it.
    fn check(text: &str) {
        if let Some((x, length)) = leading_number(text.as_bytes()) {
            let expected: Result<f64, _> = text[..length].parse();
            assert_eq!(expected.map(f64::to_bits), Ok(x.to_bits()), "{text}");
        }
    }

    #[test]
    fn usual_numbers_are_read_here() {
        for text in [
            "0",
            "-0",
            "+3",
            "12.",
            ".5",
            "1e5",
            "1E-5",
            "12.50",
            "600.0",
            "0.1",
            "-0.000001",
            "00012",
            "1e22",
            "9007199254740993",
            "0.30000000000000004",
            "12345678901234567.89",
            "0.00012345678901234567",
            "4.35",
            "123456789.123456789",
            "9999999999999999999",
        ] {
            let (_, length) = leading_number(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(length, text.len(), "{text}");
            check(text);
        }
        for text in ["", "-", ".", "e5", "x", "inf", "NaN", "1e", "1e+", "12345678901234567890", "1e400"] {
            assert_eq!(leading_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(leading_number(b"12,5"), Some((12.0, 2)));
        assert_eq!(leading_number(b"1_000"), Some((1.0, 1)));
    }

    /// Halves between two doubles, one digit above and one below: where rounding goes wrong first.
    #[test]
    fn ties_go_to_even() {
        for k in 0..20_000_u64 {
            let middle = (1_u64 << 53) + 2 * k + 1;
            for text in [
                format!("{middle}"),
                format!("{middle}.0"),
                format!("{middle}.1"),
                format!("{}.9", middle - 1),
            ] {
                check(&text);
            }
            let quarter = (1_u64 << 51) + k;
            for decimals in ["125", "375", "625", "875", "1251", "1249"] {
                check(&format!("{quarter}.{decimals}"));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn any_mantissa_with_any_decimals(mantissa: u64, digits in 1usize..=20, decimals in 0usize..24) {
            let text = format!("{mantissa:020}");
            let text = &text[20 - digits..];
            let split = digits.saturating_sub(decimals);
            check(&format!("{}.{}", &text[..split], &text[split..]));
            check(&format!("{text}e-{decimals}"));
            check(&format!("0.{}{text}", "0".repeat(decimals / 3)));
        }

        #[test]
        fn any_double_as_it_is_written(bits: u64, plain in -1e6..1e6_f64) {
            check(&format!("{}", f64::from_bits(bits)));
            check(&format!("{:e}", f64::from_bits(bits)));
            check(&format!("{plain}"));
            check(&format!("{plain:.3}"));
        }

        #[test]
        fn any_text(text in "[-+]?[0-9.eE,\" ]{0,30}") {
            check(&text);
        }
    }
}
