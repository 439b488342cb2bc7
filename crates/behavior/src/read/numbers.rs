//! Numbers of files as amounts.

use crate::Amount;
use crate::read::cells::NONE;
use crate::read::column::Read;
use arrears_data::arrow::array::{Array, ArrayRef, AsArray};
use arrears_data::arrow::compute::cast;
use arrears_data::arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, UInt64Type};
use arrears_data::arrow::error::ArrowError;

const TOO_LARGE: &str = "expected a number between -9.2e12 and 9.2e12";
const NO_NUMBER: &str = "expected a number such as 12.50";

/// Whether an array of this kind can be numbers.
pub(crate) fn can_be_numbers(kind: &DataType) -> bool {
    use DataType::*;
    match kind {
        Dictionary(_, value) => can_be_numbers(value),
        kind => kind.is_numeric() || matches!(kind, Utf8 | LargeUtf8 | Utf8View | Boolean | Null),
    }
}

/// The amounts of an array; `unit` is what 1 stands for, in millionths.
pub(crate) fn amounts(array: &ArrayRef, missing: &[String], unit: i64) -> Result<Read<Vec<i64>>, ArrowError> {
    use DataType::*;
    let mut read = match array.data_type() {
        Dictionary(_, value) => return amounts(&cast(array, value)?, missing, unit),
        Float16 | Float32 => return amounts(&cast(array, &Float64)?, missing, unit),
        Int8 | Int16 | Int32 | UInt8 | UInt16 | UInt32 | Boolean | Null => {
            return amounts(&cast(array, &Int64)?, missing, unit);
        }
        Decimal32(_, scale) | Decimal64(_, scale) => {
            return amounts(&cast(array, &Decimal128(38, *scale))?, missing, unit);
        }
        LargeUtf8 | Utf8View | Decimal256(..) => return amounts(&cast(array, &Utf8)?, missing, unit),
        Float64 => of_doubles(array),
        Int64 => {
            let values = array.as_primitive::<Int64Type>();
            each(values.iter(), |x| x.checked_mul(Amount::ONE).ok_or(TOO_LARGE))
        }
        UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            each(values.iter(), |x| {
                i64::try_from(x).ok().and_then(|x| x.checked_mul(Amount::ONE)).ok_or(TOO_LARGE)
            })
        }
        Decimal128(_, scale) => {
            let (values, scale) = (array.as_primitive::<Decimal128Type>(), *scale);
            each(values.iter(), |x| of_decimal(x, scale).ok_or(TOO_LARGE))
        }
        _ => {
            let values = array.as_string::<i32>();
            let present = |text: &str| {
                let text = text.trim();
                if text.is_empty() || missing.iter().any(|m| m == text) { Ok(NONE) } else { of_text(text) }
            };
            let mut read = Read::new(Vec::with_capacity(values.len()));
            for (row, text) in values.iter().enumerate() {
                match text.map_or(Ok(NONE), present) {
                    Ok(value) => read.values.push(value),
                    Err(why) => {
                        read.values.push(NONE);
                        read.fault(row, text.unwrap_or_default(), why);
                    }
                }
            }
            read
        }
    };
    if unit != Amount::ONE {
        for row in 0..read.values.len() {
            let value = read.values[row];
            if value != NONE {
                match in_unit(value, unit) {
                    Some(scaled) => read.values[row] = scaled,
                    None => read.fault(row, &shown(value), TOO_LARGE),
                }
            }
        }
    }
    Ok(read)
}

/// An amount whose 1 stands for `unit` millionths.
pub(crate) fn in_unit(value: i64, unit: i64) -> Option<i64> {
    rounded(i128::from(value) * i128::from(unit), i128::from(Amount::ONE))
}

/// The amount nearest to a number; `None` beyond the range.
pub(crate) fn of_f64(x: f64) -> Option<i64> {
    Some(nearest(x * 1e6)).filter(|v| *v != NONE && *v != i64::MAX)
}

/// An amount as people write it.
pub(crate) fn shown(amount: i64) -> String {
    let (sign, size) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    let (whole, part) = (size / 1_000_000, size % 1_000_000);
    let part = format!("{part:06}");
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

fn each<T: Copy + std::fmt::Display>(
    values: impl Iterator<Item = Option<T>>,
    amount: impl Fn(T) -> Result<i64, &'static str>,
) -> Read<Vec<i64>> {
    let mut read = Read::new(Vec::with_capacity(values.size_hint().0));
    for (row, value) in values.enumerate() {
        match value.map(|value| (value, amount(value))) {
            None => read.values.push(NONE),
            Some((_, Ok(value))) => read.values.push(value),
            Some((value, Err(why))) => {
                read.values.push(NONE);
                read.fault(row, &value.to_string(), why);
            }
        }
    }
    read
}

fn of_doubles(array: &ArrayRef) -> Read<Vec<i64>> {
    let doubles = array.as_primitive::<Float64Type>();
    let mut are_small = true;
    let small = |x: &f64| {
        are_small &= (x * 1e6).abs() < SMALL;
        nearest_of_small(x * 1e6)
    };
    let mut values: Vec<i64> = doubles.values().iter().map(small).collect();
    if !are_small {
        values = doubles.values().iter().map(|x| nearest(x * 1e6)).collect();
    }
    let mut read: Read<Vec<i64>> = Read::new(values);
    if let Some(nulls) = doubles.nulls().filter(|nulls| nulls.null_count() > 0) {
        read.values.iter_mut().zip(nulls).filter(|(_, valid)| !valid).for_each(|(value, _)| *value = NONE);
    }
    // Beyond the range of i64 the conversion stops at its ends.
    let outside = |value: &i64| *value == NONE || *value == i64::MAX;
    if !are_small && read.values.iter().any(outside) {
        for row in 0..doubles.len() {
            let x = doubles.value(row);
            if doubles.is_valid(row) && !x.is_nan() && outside(&read.values[row]) {
                read.values[row] = NONE;
                read.fault(row, &x.to_string(), TOO_LARGE);
            }
        }
    }
    read
}

/// Doubles below this have a bit to spare behind the point.
const SMALL: f64 = (1_u64 << 51) as f64;

/// As [`nearest`] of numbers below [`SMALL`] in size, several at once: added to 1.5 * 2^52 a number is rounded, halves to the
/// even neighbour, and its last bits are the whole number.
#[inline]
fn nearest_of_small(x: f64) -> i64 {
    const SHIFT: f64 = 3.0 * SMALL;
    let shifted = x + SHIFT;
    let rest = x - (shifted - SHIFT);
    let up = i64::from(x > 0.0 && rest >= 0.5) - i64::from(x < 0.0 && rest <= -0.5);
    (shifted.to_bits() as i64).wrapping_sub(SHIFT.to_bits() as i64).wrapping_add(up)
}

/// The nearest whole number, halves away from zero; [`NONE`] of what is no number.
#[inline]
fn nearest(x: f64) -> i64 {
    let whole = x as i64;
    let rest = x - whole as f64;
    let nearest = whole.saturating_add(i64::from(rest >= 0.5) - i64::from(rest <= -0.5));
    if x.is_nan() { NONE } else { nearest }
}

fn of_decimal(value: i128, scale: i8) -> Option<i64> {
    match 6 - i32::from(scale) {
        up @ 0.. => {
            i64::try_from(value.checked_mul(10_i128.checked_pow(up as u32)?)?).ok().filter(|v| *v != NONE)
        }
        down => match 10_i128.checked_pow(down.unsigned_abs()) {
            Some(divisor) => rounded(value, divisor),
            None => Some(0),
        },
    }
}

/// A quotient rounded to the nearest whole number, halves away from zero.
fn rounded(value: i128, divisor: i128) -> Option<i64> {
    let half = if value < 0 { -(divisor / 2) } else { divisor / 2 };
    i64::try_from(value.checked_add(half)? / divisor).ok().filter(|v| *v != NONE)
}

/// A number as text: digits with a point, perhaps a sign and an exponent. Exact, beyond six decimals rounded half away
/// from zero.
pub(crate) fn of_text(text: &str) -> Result<i64, &'static str> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (mut value, mut decimals, mut point, mut any) = (0_i128, 0_u32, false, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                any = true;
                // The seventh decimal says which way to round; what follows it does not count.
                if point && decimals == 7 {
                    continue;
                }
                value = value.checked_mul(10).filter(|v| *v < 1 << 100).ok_or(TOO_LARGE)?
                    + i128::from(byte - b'0');
                decimals += u32::from(point);
            }
            b'.' if !point => point = true,
            _ => return of_double(text),
        }
    }
    if !any {
        return Err(NO_NUMBER);
    }
    let value = if negative { -value } else { value };
    of_decimal(value, decimals as i8).ok_or(TOO_LARGE)
}

/// A number with an exponent.
fn of_double(text: &str) -> Result<i64, &'static str> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let x: f64 = text.parse().ok().filter(|_| plain).ok_or(NO_NUMBER)?;
    of_f64(x).ok_or(TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrears_data::arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray, UInt64Array};
    use proptest::prelude::*;
    use std::sync::Arc;

    #[test]
    fn texts_in_millionths() {
        for (text, value) in [
            ("12.5", 12_500_000),
            ("-0.0000005", -1),
            ("0.00000049999999999999", 0),
            ("0.0000005", 1),
            ("+3", 3_000_000),
            (".5", 500_000),
            ("1e3", 1_000_000_000),
            ("9223372036854.775807", i64::MAX),
        ] {
            assert_eq!(of_text(text), Ok(value), "{text}");
        }
        for text in ["", "-", "1,5", "1.2.3", "x", "inf", "NaN", "9223372036855", "1e14", "0x10", "1 000"] {
            assert!(of_text(text).is_err(), "{text}");
        }
        assert_eq!((shown(-1_500_000), shown(1), shown(0)), ("-1.5".into(), "0.000001".into(), "0".into()));
    }

    #[test]
    fn every_kind_of_array() {
        let check = |array: ArrayRef, unit: i64, expected: &[i64], faults: &[u32]| {
            let read = amounts(&array, &["-".to_owned()], unit).unwrap();
            assert_eq!(read.values, expected, "{}", array.data_type());
            assert_eq!(read.faults.iter().map(|f| f.row).collect::<Vec<_>>(), faults);
        };
        let doubles = vec![
            Some(0.1),
            None,
            Some(f64::NAN),
            Some(1e300),
            Some(f64::INFINITY),
            Some(-2.5e-7),
            Some(-5e-7),
        ];
        check(
            Arc::new(Float64Array::from(doubles)),
            1_000_000,
            &[100_000, NONE, NONE, NONE, NONE, 0, -1],
            &[3, 4],
        );
        check(
            Arc::new(Int64Array::from(vec![Some(250), None, Some(i64::MAX)])),
            10_000,
            &[2_500_000, NONE, NONE],
            &[2],
        );
        check(Arc::new(UInt64Array::from(vec![7, u64::MAX])), 1_000_000, &[7_000_000, NONE], &[1]);
        let decimals = Decimal128Array::from(vec![12_345, -15]).with_precision_and_scale(10, 2).unwrap();
        check(Arc::new(decimals), 1_000_000, &[123_450_000, -150_000], &[]);
        let decimals = Decimal128Array::from(vec![15, -15, 14]).with_precision_and_scale(10, 7).unwrap();
        check(Arc::new(decimals), 1_000_000, &[2, -2, 1], &[]);
        check(
            Arc::new(StringArray::from(vec![" 1.5 ", "-", "", "ten"])),
            1_000_000,
            &[1_500_000, NONE, NONE, NONE],
            &[3],
        );
    }

    proptest! {
        /// Rounded several at once as one by one: halves, their neighbours, and any.
        #[test]
        fn small_numbers_are_rounded_alike(
            halves in -(1i64 << 52) + 2..(1i64 << 52) - 1, step in -1i64..=1, any in -SMALL..SMALL,
        ) {
            let half = halves as f64 / 2.0;
            let beside = if half == 0.0 { 0.0 } else { f64::from_bits((half.to_bits() as i64 + step) as u64) };
            for x in [beside, -beside, any, any / 1e9] {
                prop_assert_eq!(nearest_of_small(x), nearest(x), "{}", x);
            }
        }

        /// A number of up to six decimals is the same from text, double and decimal.
        #[test]
        fn text_double_and_decimal_agree(millionths in -2_000_000_000_000_000i64..2_000_000_000_000_000) {
            let text = shown(millionths);
            prop_assert_eq!(of_text(&text), Ok(millionths));
            let x: f64 = text.parse().unwrap();
            prop_assert_eq!(nearest(x * 1e6), millionths);
            prop_assert_eq!(of_decimal(i128::from(millionths), 6), Some(millionths));
        }
    }
}
