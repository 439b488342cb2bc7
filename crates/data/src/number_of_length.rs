//! Numbers whose length is known, read without a loop: to the same bits as `leading_number`.
//!
//! Up to eight bytes are looked at as one word, more as 32 bytes up to the end of the number. What stands before the point
//! is moved over it, all that is not of the number becomes zeros, and digits are put together by products of pairs, fours
//! and eights (Mula and Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions", 2018, for the manner).

use crate::plain_number::{eight_digits, no_digits, quotient};
use pulp::cast;
use pulp::x86::V3;
use std::arch::x86_64::__m256i;

/// 32 bytes from `n` on: the last `n` are ones.
static LAST: [u8; 64] = {
    let mut bytes = [0; 64];
    let mut at = 32;
    while at < 64 {
        bytes[at] = 0xff;
        at += 1;
    }
    bytes
};

/// Most digits that are taken, with zeros in front; of them at most 19 may count.
const DIGITS: usize = 24;

/// The number that stands from `start` to `end`; `None` where it has an exponent, a plus, too many digits, fewer than 33 bytes
/// up to its end, or is none.
#[inline(always)]
pub(crate) fn number_of_length(simd: V3, bytes: &[u8], start: usize, end: usize) -> Option<f64> {
    let length = end - start;
    let window: &[u8; 33] = bytes.get(end.wrapping_sub(33)..end)?.try_into().expect("33 bytes");
    match length {
        1..=8 => short(window, length),
        9..=26 => long(simd, window, length),
        _ => None,
    }
}

/// A number of at most eight bytes at the end of the window.
#[inline(always)]
fn short(window: &[u8; 33], length: usize) -> Option<f64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let word = u64::from_le_bytes(window[25..].try_into().expect("eight bytes"));
    let negative = window[33 - length] == b'-';
    let before = 8 * (8 - length + usize::from(negative)) as u32;
    let own = u64::MAX.checked_shl(before).unwrap_or(0);
    let mut word = (word & own) | (ZEROS & !own);
    let mut count = length - usize::from(negative);
    let mut decimals = 0;
    let mut others = no_digits(word);
    if others != 0 {
        let point = others.trailing_zeros() & !7;
        if (word >> point) as u8 != b'.' {
            return None;
        }
        let whole = word & ((1 << point) - 1);
        word = (word & (u64::MAX << point << 8)) | whole << 8 | u64::from(b'0');
        others = no_digits(word);
        decimals = 7 - point as usize / 8;
        count -= 1;
    }
    if others != 0 || count == 0 {
        return None;
    }
    let size = quotient(eight_digits(word), decimals);
    Some(if negative { -size } else { size })
}

/// A number of at most 32 bytes at the end of the window.
#[inline(always)]
fn long(simd: V3, window: &[u8; 33], length: usize) -> Option<f64> {
    let (avx, avx2) = (simd.avx, simd.avx2);
    let part = |bytes: &[u8]| -> __m256i { cast::<[u8; 32], _>(bytes.try_into().expect("32 bytes")) };
    let (digits, moved) = (part(&window[1..]), part(&window[..32]));
    let point = avx._mm256_set1_epi8(b'.' as i8);
    let points =
        avx2._mm256_movemask_epi8(avx2._mm256_cmpeq_epi8(digits, point)) as u32 & u32::MAX << (32 - length);
    // All 32 where there is no point: then nothing is moved.
    let behind = points.leading_zeros() as usize;
    let negative = window[33 - length] == b'-';
    let count = length - usize::from(negative) - usize::from(points != 0);
    if count.wrapping_sub(1) >= DIGITS {
        return None;
    }
    let all = avx2._mm256_blendv_epi8(moved, digits, part(&LAST[behind..behind + 32]));
    let ones = avx2._mm256_sub_epi8(all, avx._mm256_set1_epi8(b'0' as i8));
    let ones = avx2._mm256_and_si256(ones, part(&LAST[count..count + 32]));
    let nines = avx._mm256_set1_epi8(9);
    if avx2._mm256_movemask_epi8(avx2._mm256_cmpeq_epi8(avx2._mm256_max_epu8(ones, nines), nines)) != -1 {
        return None;
    }
    let pairs = avx2._mm256_maddubs_epi16(ones, avx._mm256_set1_epi16(0x010a));
    let fours = avx2._mm256_madd_epi16(pairs, avx._mm256_set1_epi32(0x0001_0064));
    let upper = avx2._mm256_mul_epu32(fours, avx._mm256_set1_epi64x(10_000));
    let eights = avx2._mm256_add_epi64(upper, avx2._mm256_srli_epi64::<32>(fours));
    let [_, high, middle, low]: [u64; 4] = cast(eights);
    if high > 999 {
        return None;
    }
    let mantissa = high * 10_000_000_000_000_000 + middle * 100_000_000 + low;
    let size = quotient(mantissa, if points == 0 { 0 } else { behind });
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::number_of_length;
    use proptest::prelude::*;
    use pulp::x86::V3;

    /// The number in the middle of other bytes.
    fn read(text: &str) -> Option<f64> {
        let simd = V3::try_new()?;
        let bytes = format!("{}\n7.5,-{text},0.25\n", "9,".repeat(20));
        number_of_length(simd, bytes.as_bytes(), 46, 46 + text.len())
    }

    /// What is read is what `str::parse` says.
    fn check(text: &str) {
        if let Some(x) = read(text) {
            assert_eq!(text.parse().map(f64::to_bits), Ok(x.to_bits()), "{text}");
        }
    }

    #[test]
    fn usual_numbers_are_read_here() {
        if V3::try_new().is_none() {
            return;
        }
        let usual = [
            "0",
            "-0",
            "7",
            "12.",
            ".5",
            "-.5",
            "600.0",
            "0.1",
            "-0.000001",
            "00012",
            "12345678",
            "-1234567",
            "123.4567",
            "1234567.",
            ".1234567",
            "-123.456",
            "0.44091029883015176",
            "-2789.769418065027",
            "9007199254740993",
            "9999999999999999999",
            "-9.999999999999999999",
            "0.0000001234567890123456",
            "0.00000000000000000000001",
            "0.00000000000000000000000",
            "000000000000000000000001",
            "12345678.",
            "-0.3",
        ];
        for text in usual {
            assert!(read(text).is_some(), "{text}");
            check(text);
        }
        let others = [
            "",
            "-",
            ".",
            "-.",
            "+1",
            "1e5",
            "1.2.3",
            "1-2",
            "--1",
            "x",
            " 1",
            "1 ",
            "NaN",
            "inf",
            "12345678901234567890",
            "1.2345678901234567e-05",
            "123456789.1.2",
            "..",
            "12/34",
            "1:2",
            "1234567890x",
            "0.00000000000000000000000000001",
        ];
        others.iter().for_each(|text| assert_eq!(read(text), None, "{text}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200_000))]

        #[test]
        fn any_digits(text in "-?[0-9]{0,22}\\.?[0-9]{0,22}") {
            check(&text);
        }

        #[test]
        fn any_doubles(bits: u64, decimals in 0usize..20) {
            let x = f64::from_bits(bits);
            check(&x.to_string());
            check(&format!("{:.decimals$}", x % 1e6));
            check(&format!("{}", (x % 1e6) as f32));
        }

        #[test]
        fn any_bytes(text in "[-+.0-9eE/: x]{0,26}") {
            check(&text);
        }

        /// Halfway between two doubles, and next to it.
        #[test]
        fn near_ties(whole in 1u64 << 53..1 << 56, decimals in 0usize..6, step in -1i64..2) {
            let digits = whole.wrapping_add_signed(step).to_string();
            let at = digits.len() - decimals;
            check(&format!("{}.{}", &digits[..at], &digits[at..]));
        }
    }
}
