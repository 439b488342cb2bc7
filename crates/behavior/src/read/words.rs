//! Texts of files: categories and ids.

use crate::read::cells::{Cells, NO_TEXT, NONE};
use crate::read::texts::{Interner, Texts};
use arrears_data::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrears_data::arrow::compute::cast;
use arrears_data::arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use arrears_data::arrow::error::ArrowError;
use std::sync::Arc;

/// The texts of an array, without blanks around them; those of `missing` are missing.
pub(crate) fn words(array: &ArrayRef, missing: &[String]) -> Result<Cells, ArrowError> {
    use DataType::*;
    match array.data_type() {
        Utf8 => Ok(of_texts(array.as_string::<i32>(), missing)),
        Dictionary(key, value) if **key == Int32 && **value == Utf8 => {
            let coded = array.as_dictionary::<Int32Type>();
            let texts = coded.values().as_string::<i32>();
            let (codes, texts) = distinct(plain(texts, missing));
            let code = |key: Option<i32>| key.map_or(NO_TEXT, |key| codes[key as usize]);
            let codes = match coded.keys().nulls() {
                None => coded.keys().values().iter().map(|key| codes[*key as usize]).collect(),
                Some(_) => coded.keys().iter().map(code).collect(),
            };
            Ok(Cells::Text { codes, texts: Arc::new(texts), distinct: true })
        }
        Dictionary(..) => words(&cast(array, &Dictionary(Box::new(Int32), Box::new(Utf8)))?, missing),
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => {
            Ok(of_integers(&cast(array, &Int64)?, missing))
        }
        Float16 | Float32 | Float64 => {
            let doubles = cast(array, &Float64)?;
            let texts = doubles
                .as_primitive::<Float64Type>()
                .iter()
                .map(|x| x.filter(|x| !x.is_nan()).map(arrears_model::schema::number_as_category));
            Ok(of_texts(&texts.collect::<StringArray>(), missing))
        }
        _ => Ok(of_texts(cast(array, &Utf8)?.as_string::<i32>(), missing)),
    }
}

fn of_integers(array: &ArrayRef, missing: &[String]) -> Cells {
    let integers = array.as_primitive::<Int64Type>();
    let absent: Vec<i64> = missing.iter().filter_map(|text| text.parse().ok()).collect();
    let value = |x: Option<i64>| x.filter(|x| !absent.contains(x)).unwrap_or(NONE);
    Cells::Integer(match (integers.nulls(), absent.is_empty()) {
        (None, true) => integers.values().to_vec(),
        _ => integers.iter().map(value).collect(),
    })
}

fn of_texts(array: &StringArray, missing: &[String]) -> Cells {
    let (codes, texts) = plain(array, missing);
    Cells::Text { codes, texts: Arc::new(texts), distinct: false }
}

/// The place of each text among those that are held.
fn plain(array: &StringArray, missing: &[String]) -> (Vec<u32>, Texts) {
    let longest = missing.iter().map(String::len).max().unwrap_or(0);
    if let Some(texts) = as_they_are(array, longest) {
        return ((0..texts.len() as u32).collect(), texts);
    }
    let mut codes = Vec::with_capacity(array.len());
    let mut texts = Texts::with_capacity(array.len(), array.value_data().len());
    for row in 0..array.len() {
        let text = if array.is_valid(row) { array.value(row).trim() } else { "" };
        if text.is_empty() || (text.len() <= longest && missing.iter().any(|m| m == text)) {
            codes.push(NO_TEXT);
        } else {
            codes.push(texts.len() as u32);
            texts.push(text);
        }
    }
    (codes, texts)
}

/// The texts at once, where none is missing, has blanks around it, or is so short that it may stand for a missing one.
fn as_they_are(array: &StringArray, longest: usize) -> Option<Texts> {
    let (ends, bytes) = (array.value_offsets(), array.value_data());
    let plain = |text: &[u8]| {
        let edge = |byte: &u8| byte.is_ascii_graphic();
        text.len() > longest && text.first().is_some_and(edge) && text.last().is_some_and(edge)
    };
    let all = array.null_count() == 0
        && ends.windows(2).all(|ends| plain(&bytes[ends[0] as usize..ends[1] as usize]));
    if !all {
        return None;
    }
    let (first, last) = (*ends.first()?, *ends.last()?);
    let text = std::str::from_utf8(&bytes[first as usize..last as usize]).ok()?;
    Some(Texts::new(ends[1..].iter().map(|end| (end - first) as u32).collect(), text.to_owned()))
}

/// Texts, each once: what becomes of their codes. Blanks that were cut may have told them apart.
fn distinct((mut codes, texts): (Vec<u32>, Texts)) -> (Vec<u32>, Texts) {
    if (1..texts.len()).all(|at| texts.get(at - 1) < texts.get(at)) {
        return (codes, texts);
    }
    let mut once = Interner::default();
    let new: Vec<u32> = texts.iter().map(|text| once.code(text)).collect();
    if once.texts().len() == texts.len() {
        return (codes, texts);
    }
    codes.iter_mut().filter(|code| **code != NO_TEXT).for_each(|code| *code = new[*code as usize]);
    (codes, once.into_texts())
}

/// The texts of several columns joined by `|`; missing where one of them is.
pub(crate) fn joined(parts: &[Cells]) -> Cells {
    let rows = parts.first().map_or(0, Cells::len);
    let (mut texts, mut codes) = (Texts::default(), Vec::with_capacity(rows));
    let (mut whole, mut space) = (String::new(), String::new());
    for row in 0..rows {
        let words: Vec<_> = parts.iter().map(|part| part.word(row)).collect();
        if words.contains(&crate::read::cells::Word::Missing) {
            codes.push(NO_TEXT);
            continue;
        }
        whole.clear();
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                whole.push('|');
            }
            whole.push_str(word.text(&mut space));
        }
        codes.push(texts.len() as u32);
        texts.push(&whole);
    }
    Cells::Text { codes, texts: Arc::new(texts), distinct: false }
}

/// Whole numbers as texts.
pub(crate) fn as_texts(cells: Cells) -> Cells {
    match cells {
        Cells::Integer(_) => joined(&[cells]),
        texts => texts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::cells::Word;
    use arrears_data::arrow::array::{Date32Array, DictionaryArray, Float64Array, Int32Array, UInt64Array};

    #[test]
    fn texts_of_every_kind() {
        let missing = ["NA".to_owned(), "-1".to_owned()];
        let check = |array: ArrayRef, expected: &[&str]| {
            let cells = words(&array, &missing).unwrap();
            let texts: Vec<String> =
                (0..cells.len()).map(|row| cells.word(row).text(&mut String::new()).to_owned()).collect();
            assert_eq!(texts, expected, "{}", array.data_type());
        };
        check(
            Arc::new(StringArray::from(vec![Some(" a "), None, Some("NA"), Some(""), Some("b")])),
            &["a", "", "", "", "b"],
        );
        let coded: DictionaryArray<Int32Type> =
            vec![Some("x"), None, Some(" NA"), Some("x")].into_iter().collect();
        check(Arc::new(coded), &["x", "", "", "x"]);
        check(Arc::new(Int32Array::from(vec![Some(17850), None, Some(-1)])), &["17850", "", ""]);
        check(Arc::new(UInt64Array::from(vec![u64::MAX])), &["18446744073709551615"]);
        check(Arc::new(Float64Array::from(vec![17850.0, f64::NAN, 0.5, -1.0])), &["17850", "", "0.5", ""]);
        check(Arc::new(Date32Array::from(vec![0])), &["1970-01-01"]);
    }

    #[test]
    fn several_columns_make_one_id() {
        let a = Cells::Integer(vec![1, NONE, 3]);
        let b =
            words(&(Arc::new(StringArray::from(vec![Some("x"), Some("y"), None])) as ArrayRef), &[]).unwrap();
        let cells = joined(&[a, b]);
        assert_eq!(
            (cells.word(0), cells.word(1), cells.word(2)),
            (Word::Text("1|x"), Word::Missing, Word::Missing)
        );
    }
}
