//! PostgreSQL's `numeric` from its binary form: digits to the base 10,000, sign and scale.
//!
//! Source: `numeric_send` in PostgreSQL's `src/backend/utils/adt/numeric.c`.

use std::fmt::Write as _;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const PLUS_INFINITY: u16 = 0xD000;
const MINUS_INFINITY: u16 = 0xF000;

/// Powers of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The double nearest to the number, as its decimal text reads; `None` of bytes that are no numeric.
pub(crate) fn double(bytes: &[u8]) -> Option<f64> {
    let Parts { digits, weight, sign, scale } = parts(bytes)?;
    match sign {
        0 | NEGATIVE => {}
        PLUS_INFINITY => return Some(f64::INFINITY),
        MINUS_INFINITY => return Some(f64::NEG_INFINITY),
        NAN => return Some(f64::NAN),
        _ => return None,
    }
    // Up to three groups of digits are an integer below 2^53; a division of two exact doubles rounds once.
    let after = digits.len() as i32 / 2 - 1 - i32::from(weight);
    if digits.len() <= 6 && (0..=5).contains(&after) {
        let whole = groups(digits).fold(0_u64, |whole, group| whole * 10_000 + u64::from(group));
        let x = whole as f64 / EXACT_POWERS[4 * after as usize];
        // As text there is no negative zero.
        return Some(if sign == NEGATIVE && whole != 0 { -x } else { x });
    }
    text(digits, weight, sign, scale).parse().ok()
}

struct Parts<'a> {
    digits: &'a [u8],
    /// Power of 10,000 of the first group.
    weight: i16,
    sign: u16,
    /// Decimals.
    scale: u16,
}

fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let word = |at: usize| Some(u16::from_be_bytes([*bytes.get(2 * at)?, *bytes.get(2 * at + 1)?]));
    let digits = bytes.get(8..)?;
    let sound = digits.len() == 2 * usize::from(word(0)?) && groups(digits).all(|group| group < 10_000);
    sound.then_some(Parts { digits, weight: word(1)? as i16, sign: word(2)?, scale: word(3)? & 0x3fff })
}

fn groups(digits: &[u8]) -> impl Iterator<Item = u16> {
    digits.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

/// The number in decimal.
fn text(digits: &[u8], weight: i16, sign: u16, scale: u16) -> String {
    let mut text = String::from(if sign == NEGATIVE { "-" } else { "" });
    let group = |power: i32| {
        let at = i32::from(weight) - power;
        usize::try_from(at).ok().and_then(|at| groups(digits.get(2 * at..)?).next()).unwrap_or(0)
    };
    text.push('0');
    for power in (0..=i32::from(weight)).rev() {
        // Writing to a String does not fail.
        let _ = write!(text, "{:04}", group(power));
    }
    text.push('.');
    let mut decimals = String::new();
    for power in 1..=i32::from(scale.div_ceil(4)) {
        let _ = write!(decimals, "{:04}", group(-power));
    }
    text.push_str(&decimals[..usize::from(scale).min(decimals.len())]);
    text
}

#[cfg(test)]
mod tests {
    use super::double;
    use proptest::prelude::*;

    /// The bytes of a decimal, as `numeric_send` makes them: made from the text alone.
    fn sent(text: &str) -> Vec<u8> {
        let (sign, plain) = text.strip_prefix('-').map_or((0_u16, text), |plain| (0x4000, plain));
        let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
        let scale = decimals.len();
        let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
        let decimals = format!("{decimals}{}", "0".repeat((4 - scale % 4) % 4));
        let groups: Vec<u16> = (whole.clone() + &decimals)
            .as_bytes()
            .chunks(4)
            .map(|group| std::str::from_utf8(group).unwrap().parse().unwrap())
            .collect();
        let mut weight = whole.len() as i32 / 4 - 1;
        let leading = groups.iter().take_while(|group| **group == 0).count();
        let mut groups = groups[leading..].to_vec();
        weight -= leading as i32;
        while groups.last() == Some(&0) {
            groups.pop();
        }
        if groups.is_empty() {
            weight = 0;
        }
        let head = [
            groups.len() as u16,
            weight as i16 as u16,
            if groups.is_empty() { 0 } else { sign },
            scale as u16,
        ];
        head.into_iter().chain(groups).flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn known_numbers() {
        let texts = [
            "0",
            "0.00",
            "1",
            "-1.50",
            "10000",
            "12345678.9",
            "0.0001",
            "0.00000000000001",
            "99999999999999999999999.99",
            "123456789012345678",
            "9007199254740993",
            "100000000",
        ];
        for text in texts {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(double(&sent(text)).unwrap().to_bits(), expected.to_bits(), "{text}");
        }
        let special = |sign: u16| double(&[[0, 0], [0, 0], sign.to_be_bytes(), [0, 0]].concat());
        assert!(special(0xC000).unwrap().is_nan());
        assert_eq!((special(0xD000), special(0xF000)), (Some(f64::INFINITY), Some(f64::NEG_INFINITY)));
        assert_eq!((special(0x1234), double(&[]), double(&[0; 7])), (None, None, None));
        // A count of groups that are not there, and a group beyond 9,999.
        assert_eq!(double(&[0, 1, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(double(&[0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        /// The standard library reads the text to the same bits.
        #[test]
        fn as_the_text_reads(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,25})?") {
            let expected: f64 = text.parse().unwrap();
            let expected = if expected == 0.0 { 0.0 } else { expected };
            prop_assert_eq!(double(&sent(&text)).unwrap().to_bits(), expected.to_bits());
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            let _ = double(&bytes);
        }
    }
}
