//! Times of files as moments.

use crate::read::cells::NONE;
use crate::read::column::Read;
use crate::times::{Placeholders, RANGE, TimeFault, TimeReader};
use arrears_data::arrow::array::{Array, ArrayRef, AsArray};
use arrears_data::arrow::compute::cast;
use arrears_data::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrears_data::arrow::error::ArrowError;

const RANGE_WORDS: &str = "expected a time between the years 1 and 9999";

/// Why an array of this kind cannot be times by `reader`; `None` where it can.
pub(crate) fn why_no_times(kind: &DataType, reader: &TimeReader) -> Option<String> {
    use DataType::*;
    match kind {
        Dictionary(_, value) => why_no_times(value, reader),
        Utf8 | LargeUtf8 | Utf8View | Null | Timestamp(..) | Date32 | Date64 => None,
        kind if kind.is_integer() && (reader.epoch().is_some() || reader.has_pattern()) => None,
        kind if kind.is_floating() && reader.epoch().is_some() => None,
        kind if kind.is_numeric() => Some(
            "it holds numbers; say what they count with time_format = \"epoch_s\", \"epoch_ms\", \"epoch_us\" or \"epoch_ns\", or for \
             whole numbers such as 20240131 with a pattern, \"%Y%m%d\""
                .to_owned(),
        ),
        other => Some(format!("it holds values of type {other}; expected times, dates or texts")),
    }
}

/// The moments of an array. Placeholder days become missing.
pub(crate) fn moments(
    array: &ArrayRef,
    missing: &[String],
    reader: &mut TimeReader,
    placeholders: &Placeholders,
) -> Result<Read<Vec<i64>>, ArrowError> {
    use DataType::*;
    let mut read = match array.data_type() {
        Dictionary(_, value) => return moments(&cast(array, value)?, missing, reader, placeholders),
        LargeUtf8 | Utf8View => return moments(&cast(array, &Utf8)?, missing, reader, placeholders),
        Timestamp(TimeUnit::Microsecond, Some(_)) if are_moments(array) => {
            let mut moments = array.as_primitive::<TimestampMicrosecondType>().values().to_vec();
            if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
                moments
                    .iter_mut()
                    .zip(nulls)
                    .filter(|(_, valid)| !valid)
                    .for_each(|(moment, _)| *moment = NONE);
            }
            Read::new(moments)
        }
        Timestamp(unit, zone) => {
            let (unit, local) = (*unit, zone.is_none());
            of_counts(&cast(array, &Int64)?, |count| {
                let micros = micros(count, unit)?;
                if local {
                    reader.of_local(micros)
                } else {
                    Some(micros).filter(|m| (RANGE[0]..=RANGE[1]).contains(m))
                }
            })
        }
        Date32 => {
            let mut last = (i32::MIN, None);
            let days = array.as_primitive::<Date32Type>();
            collected(days.iter(), |day| {
                if last.0 != day {
                    last = (day, reader.of_day(i64::from(day)));
                }
                last.1
            })
        }
        Date64 => of_counts(&cast(array, &Int64)?, |millis| reader.of_local(millis.checked_mul(1_000)?)),
        kind if kind.is_integer() && reader.epoch().is_some() => {
            let per_second = reader.epoch().unwrap_or(1);
            of_counts(&cast(array, &Int64)?, |count| reader.of_number(count, per_second))
        }
        kind if kind.is_floating() && reader.epoch().is_some() => {
            let per_second = reader.epoch().unwrap_or(1);
            let doubles = cast(array, &Float64)?;
            let doubles = doubles.as_primitive::<Float64Type>().iter().map(|x| x.filter(|x| !x.is_nan()));
            collected(doubles, |count| reader.of_decimal(count, per_second))
        }
        Utf8 => of_texts(array, missing, reader),
        _ => of_texts(&cast(array, &Utf8)?, missing, reader),
    };
    if read.values.iter().all(|moment| *moment == NONE || placeholders.is_clear(*moment)) {
        return Ok(read);
    }
    for (row, moment) in read.values.iter_mut().enumerate() {
        if *moment != NONE && placeholders.holds(*moment) {
            *moment = NONE;
            read.placeholders.push(row as u32);
        }
    }
    Ok(read)
}

/// Whether each of an array's counts of microseconds is a moment.
fn are_moments(array: &ArrayRef) -> bool {
    let counts = array.as_primitive::<TimestampMicrosecondType>().values();
    counts.iter().all(|count| (RANGE[0]..=RANGE[1]).contains(count))
}

fn micros(count: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Second => count.checked_mul(1_000_000),
        TimeUnit::Millisecond => count.checked_mul(1_000),
        TimeUnit::Microsecond => Some(count),
        TimeUnit::Nanosecond => Some(count.div_euclid(1_000)),
    }
}

fn of_counts(array: &ArrayRef, moment: impl FnMut(i64) -> Option<i64>) -> Read<Vec<i64>> {
    collected(array.as_primitive::<Int64Type>().iter(), moment)
}

fn collected<T: Copy + std::fmt::Display>(
    counts: impl ExactSizeIterator<Item = Option<T>>,
    mut moment: impl FnMut(T) -> Option<i64>,
) -> Read<Vec<i64>> {
    let mut read = Read::new(Vec::with_capacity(counts.len()));
    for (row, count) in counts.enumerate() {
        match count.map(&mut moment) {
            None => read.values.push(NONE),
            Some(Some(moment)) => read.values.push(moment),
            Some(None) => {
                read.values.push(NONE);
                read.fault(row, &count.map(|c| c.to_string()).unwrap_or_default(), RANGE_WORDS);
            }
        }
    }
    read
}

fn of_texts(array: &ArrayRef, missing: &[String], reader: &mut TimeReader) -> Read<Vec<i64>> {
    let texts = array.as_string::<i32>();
    let mut read = Read::new(Vec::with_capacity(texts.len()));
    for (row, text) in texts.iter().enumerate() {
        let text = text.unwrap_or_default().trim();
        if text.is_empty() || missing.iter().any(|m| m == text) {
            read.values.push(NONE);
            continue;
        }
        match reader.moment(text) {
            Ok(moment) => read.values.push(moment),
            Err(fault) => {
                read.values.push(NONE);
                read.fault(
                    row,
                    text,
                    match fault {
                        TimeFault::Unknown => format!("expected a time by {}", reader.described()),
                        TimeFault::Ambiguous(why) => format!("expected a time with one meaning; {why}"),
                        TimeFault::OutOfRange => RANGE_WORDS.to_owned(),
                    },
                );
            }
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Zone;
    use crate::times::TimeFormat;
    use arrears_data::arrow::array::{
        Date32Array, Date64Array, Float64Array, Int64Array, StringArray, TimestampMillisecondArray,
        TimestampNanosecondArray, TimestampSecondArray,
    };
    use std::sync::Arc;

    #[test]
    fn every_kind_of_array() {
        let zone = Arc::new(Zone::new("Europe/London").unwrap());
        let check = |array: ArrayRef, formats: &[&str], expected: &[i64]| {
            let formats = formats.iter().map(|f| TimeFormat::new(f).unwrap()).collect();
            let mut reader = TimeReader::new(formats, &zone);
            assert_eq!(why_no_times(array.data_type(), &reader), None);
            let placeholders = Placeholders::new(&["1970-01-01".to_owned()], &zone);
            let read = moments(&array, &[], &mut reader, &placeholders).unwrap();
            assert_eq!(read.values, expected, "{}", array.data_type());
        };
        // 2024-07-01T12:00 in London is 11:00 in UTC.
        let (noon, utc) = (1_719_835_200, 1_719_831_600_000_000);
        check(Arc::new(TimestampSecondArray::from(vec![Some(noon), None, Some(5)])), &[], &[utc, NONE, NONE]);
        check(
            Arc::new(TimestampSecondArray::from(vec![noon]).with_timezone("+00:00")),
            &[],
            &[noon * 1_000_000],
        );
        check(Arc::new(TimestampMillisecondArray::from(vec![noon * 1_000])), &[], &[utc]);
        check(Arc::new(TimestampNanosecondArray::from(vec![noon * 1_000_000_000 + 999])), &[], &[utc]);
        check(Arc::new(Date32Array::from(vec![19_905, 19_905])), &[], &[utc - 12 * 3_600_000_000; 2]);
        check(Arc::new(Date64Array::from(vec![19_905 * 86_400_000])), &[], &[utc - 12 * 3_600_000_000]);
        check(Arc::new(Int64Array::from(vec![noon])), &["epoch_s"], &[noon * 1_000_000]);
        check(
            Arc::new(Float64Array::from(vec![noon as f64 + 0.5])),
            &["epoch_s"],
            &[noon * 1_000_000 + 500_000],
        );
        check(Arc::new(Int64Array::from(vec![20_240_701])), &["%Y%m%d"], &[utc - 12 * 3_600_000_000]);
        check(Arc::new(StringArray::from(vec![" 2024-07-01T12:00 ", ""])), &[], &[utc, NONE]);
    }

    #[test]
    fn numbers_are_times_only_where_declared() {
        let reader = TimeReader::new(Vec::new(), &Arc::new(Zone::new("UTC").unwrap()));
        assert!(why_no_times(&DataType::Int64, &reader).unwrap().contains("epoch_ms"));
        assert!(why_no_times(&DataType::Boolean, &reader).is_some());
    }
}
