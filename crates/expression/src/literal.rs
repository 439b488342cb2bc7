//! Numbers, texts and moments as they are written in CEL.

use crate::Error;
use crate::token::shortened;

/// Whole numbers below are doubles exactly; this double stands for its neighbour too.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The number at the start of the text (a digit, or a point and a digit) and its length in bytes.
pub(crate) fn number(text: &str, at: usize) -> Result<(f64, usize), Error> {
    let length = number_length(text.as_bytes());
    let written = &text[..length];
    let fault = |fault| Error::Literal { at, literal: shortened(written), fault };
    if text[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return Err(fault("is followed by letters: numbers are written like 12, 0x1f, 1.5 or 1e-3"));
    }
    if let Some(digits) = written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")) {
        let number =
            u64::from_str_radix(digits, 16).map_err(|_| fault("has no or too many hexadecimal digits"))?;
        return whole(number as f64, length)
            .ok_or_else(|| fault("is a whole number of 2^53 or more, which doubles cannot tell apart"));
    }
    let number: f64 = written.parse().map_err(|_| fault("is not a number: 12, 1.5 or 1e-3"))?;
    if !number.is_finite() {
        return Err(fault("is too large for a double"));
    }
    if written.bytes().all(|b| b.is_ascii_digit()) {
        return whole(number, length)
            .ok_or_else(|| fault("is a whole number of 2^53 or more, which doubles cannot tell apart"));
    }
    Ok((number, length))
}

fn whole(number: f64, length: usize) -> Option<(f64, usize)> {
    (number < MAX_WHOLE).then_some((number, length))
}

fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    if bytes.len() > 1 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
        return 2 + bytes[2..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
    }
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(length + 1 + sign..).map_or(0, |_| digits(length + 1 + sign));
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// The text literal at the start (perhaps after `r`) and its length in bytes. Quotes are single, double or three of
/// either; without `raw`, a backslash begins an escape.
pub(crate) fn text(written: &str, at: usize, raw: bool) -> Result<(String, usize), Error> {
    let fault = |fault| Error::Literal { at, literal: shortened(written), fault };
    let open = usize::from(raw);
    let one = &written[open..open + 1];
    let three = one.repeat(3);
    let quote = if written[open..].starts_with(&three) { three.as_str() } else { one };
    let mut rest = &written[open + quote.len()..];
    let mut value = String::new();
    loop {
        if let Some(after) = rest.strip_prefix(quote) {
            return Ok((value, written.len() - after.len()));
        }
        let mut letters = rest.chars();
        match letters.next() {
            None => return Err(fault("has no closing quote")),
            Some('\n' | '\r') if quote.len() == 1 => return Err(fault("has no closing quote on its line")),
            Some('\\') if !raw => {
                let (letter, length) = escape(letters.as_str())
                    .ok_or_else(|| fault("has an unknown escape: write a backslash twice"))?;
                value.push(letter);
                rest = &letters.as_str()[length..];
            }
            Some(letter) => {
                value.push(letter);
                rest = letters.as_str();
            }
        }
    }
}

/// What follows a backslash: the letter meant and the length in bytes.
fn escape(after: &str) -> Option<(char, usize)> {
    let digits = |skip: usize, length: usize, radix: u32| {
        let digits = after.get(skip..skip + length)?;
        let is_plain = digits.chars().all(|c| c.is_digit(radix));
        let code = is_plain.then(|| u32::from_str_radix(digits, radix).ok())??;
        Some((char::from_u32(code)?, skip + length))
    };
    let letter = match after.chars().next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'v' => '\x0b',
        same @ ('\\' | '\'' | '"' | '`' | '?') => same,
        'x' | 'X' => return digits(1, 2, 16),
        'u' => return digits(1, 4, 16),
        'U' => return digits(1, 8, 16),
        '0'..='3' => return digits(0, 3, 8),
        _ => return None,
    };
    Some((letter, 1))
}

/// Microseconds since 1970 of a moment written by RFC 3339: `2024-01-31T00:00:00Z`, `2024-01-31T01:30:00.5+01:30`.
/// `None` if it is not one, or is before year 1 or after year 9999 in UTC. A 60th second is refused.
pub(crate) fn moment(written: &str) -> Option<i64> {
    let bytes = written.as_bytes();
    if !written.is_ascii() || bytes.len() < 20 {
        return None;
    }
    let part = |from: usize, to: usize| -> Option<i64> {
        let digits = written.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if signs.iter().any(|(i, sign)| bytes[*i] != *sign) {
        return None;
    }
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_in(year, month)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let (micros, zone) = fraction(&written[19..])?;
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    let moment = seconds * 1_000_000 + micros;
    let range = days_since_1970(1, 1, 1) * 86_400_000_000..days_since_1970(10_000, 1, 1) * 86_400_000_000;
    (year >= 1 && range.contains(&moment)).then_some(moment)
}

/// `.5+01:00` -> 500,000 microseconds and `+01:00`. At most six digits.
fn fraction(rest: &str) -> Option<(i64, &str)> {
    let Some(digits) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let number: i64 = (1..=6).contains(&length).then(|| digits[..length].parse().ok())??;
    Some((number * 10_i64.pow(6 - length as u32), &digits[length..]))
}

/// `Z` or `+01:30` in seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let bytes = zone.as_bytes();
    let number = |from: usize| -> Option<i64> {
        let digits = zone.get(from..from + 2)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    if bytes.len() != 6 || bytes[3] != b':' {
        return None;
    }
    let (hours, minutes) = (number(1)?, number(4)?);
    let seconds = (hours <= 23 && minutes <= 59).then_some(hours * 3600 + minutes * 60)?;
    match bytes[0] {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar: years counted from March, so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_from_march = (month + 9) % 12;
    let day_of_year = (153 * months_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}
