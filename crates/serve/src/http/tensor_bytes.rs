//! Binary tensor data: little-endian numbers, or texts each with its length before it.

use arrears_model::schema::number_as_category;
use serde_json::value::RawValue;

/// The values of a tensor as JSON tokens; NaN as `null`.
///
/// # Errors
/// The bytes do not divide into values of that kind, the kind is not known, or there are more than `most`.
pub(crate) fn binary_values(datatype: &str, bytes: &[u8], most: usize) -> Result<Vec<Box<RawValue>>, String> {
    let values = match datatype {
        "FP64" => numbers(bytes, most, |b: [u8; 8]| float(f64::from_le_bytes(b)))?,
        "FP32" => numbers(bytes, most, |b: [u8; 4]| float(f64::from(f32::from_le_bytes(b))))?,
        "INT64" => numbers(bytes, most, i64::from_le_bytes)?,
        "INT32" => numbers(bytes, most, i32::from_le_bytes)?,
        "INT16" => numbers(bytes, most, i16::from_le_bytes)?,
        "INT8" => numbers(bytes, most, i8::from_le_bytes)?,
        "UINT64" => numbers(bytes, most, u64::from_le_bytes)?,
        "UINT32" => numbers(bytes, most, u32::from_le_bytes)?,
        "UINT16" => numbers(bytes, most, u16::from_le_bytes)?,
        "UINT8" => numbers(bytes, most, u8::from_le_bytes)?,
        "BOOL" => numbers(bytes, most, |[b]: [u8; 1]| b != 0)?,
        "BYTES" => texts(bytes, most)?,
        other => {
            return Err(format!("datatype {other:?} is not read here; expected FP64, INT64, BYTES or BOOL"));
        }
    };
    Ok(values)
}

fn numbers<const N: usize, T: serde::Serialize>(
    bytes: &[u8],
    most: usize,
    read: impl Fn([u8; N]) -> T,
) -> Result<Vec<Box<RawValue>>, String> {
    let (values, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(format!("its binary data do not divide into values of {N} bytes"));
    }
    if values.len() > most {
        return Err(format!("it has more than {most} values"));
    }
    values.iter().map(|bytes| token(&read(*bytes))).collect()
}

fn texts(mut bytes: &[u8], most: usize) -> Result<Vec<Box<RawValue>>, String> {
    let broken = || "its binary data are not texts with their lengths before them".to_owned();
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (text, rest) = rest.split_at_checked(length).ok_or_else(broken)?;
        let text = std::str::from_utf8(text).map_err(|_| "its texts are not UTF-8".to_owned())?;
        if values.len() == most {
            return Err(format!("it has more than {most} values"));
        }
        values.push(token(&text)?);
        bytes = rest;
    }
    Ok(values)
}

/// A double as the text that it is read as everywhere else: `15` for 15.0; an infinite one stays one, and is refused.
fn float(x: f64) -> Option<String> {
    (!x.is_nan()).then(|| number_as_category(x).into_owned())
}

fn token<T: serde::Serialize>(value: &T) -> Result<Box<RawValue>, String> {
    serde_json::value::to_raw_value(value).map_err(|e| e.to_string())
}
