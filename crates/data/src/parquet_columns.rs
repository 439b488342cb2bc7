//! Parquet columns brought to text, doubles or integers.

use crate::error::DataError;
use crate::table::{LeftOut, as_text};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use std::sync::Arc;

/// Largest integer up to which a double holds every integer.
pub(crate) const EXACT: i64 = 1 << 53;

/// What a Parquet column becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Text,
    Number,
    Integer,
    /// A time with a zone: text in UTC, with a `Z`.
    Utc(TimeUnit),
}

/// What the column becomes, or why it is left out.
pub(crate) fn target_of(
    field: &Field,
    leaf: Option<usize>,
    metadata: &ParquetMetaData,
) -> Result<Target, LeftOut> {
    let target = target_of_kind(field.data_type(), || exact(leaf, metadata));
    target.map_err(|why| LeftOut { column: field.name().clone(), why })
}

/// What a column of an Arrow kind becomes; `exact` tells whether all of its integers are exact as doubles.
pub(crate) fn target_of_kind(kind: &DataType, exact: impl Fn() -> bool) -> Result<Target, String> {
    use DataType::*;
    let kind = match kind {
        Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    match kind {
        Utf8 | LargeUtf8 | Utf8View | Boolean | Date32 | Date64 | Time32(_) | Time64(_) => Ok(Target::Text),
        Null | Timestamp(_, None) => Ok(Target::Text),
        Timestamp(unit, Some(_)) => Ok(Target::Utc(*unit)),
        Int8 | Int16 | Int32 | UInt8 | UInt16 | UInt32 => Ok(Target::Integer),
        Int64 | UInt64 if exact() => Ok(Target::Integer),
        Int64 | UInt64 => Ok(Target::Text),
        Float16 | Float32 | Float64 => Ok(Target::Number),
        Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => Ok(Target::Number),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => {
            Err("its values are bytes, not text; write it as strings".to_owned())
        }
        other => Err(format!("its values are of type {other}; write it as plain numbers or strings")),
    }
}

/// True when the statistics of every row group say that all integers are exact as doubles.
fn exact(leaf: Option<usize>, metadata: &ParquetMetaData) -> bool {
    let Some(leaf) = leaf else { return false };
    metadata.row_groups().iter().all(|group| {
        let statistics = group.columns().get(leaf).and_then(|c| c.statistics());
        match statistics {
            Some(Statistics::Int64(s)) => match (s.min_opt(), s.max_opt()) {
                (Some(min), Some(max)) => *min >= -EXACT && *max <= EXACT && min <= max,
                _ => s.null_count_opt().is_some_and(|n| i64::try_from(n) == Ok(group.num_rows())),
            },
            _ => group.num_rows() == 0,
        }
    })
}

/// How to read the column of text at `root` as a dictionary, so that each different text is read once; `None` of other
/// kinds of columns.
pub(crate) fn coded(metadata: &ArrowReaderMetadata, root: usize) -> Option<ArrowReaderMetadata> {
    use DataType::*;
    let mut fields: Vec<Arc<Field>> = metadata.schema().fields().iter().cloned().collect();
    let field = fields.get_mut(root)?;
    let text = |kind: &DataType| matches!(kind, Utf8 | LargeUtf8 | Utf8View);
    match field.data_type() {
        Dictionary(_, value) if text(value) => {}
        kind if text(kind) => {}
        _ => return None,
    }
    let codes = Dictionary(Box::new(Int32), Box::new(Utf8));
    *field = Arc::new(Field::new(field.name(), codes, field.is_nullable()));
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options).ok()
}

/// Brings an array to its target.
///
/// # Errors
/// When integers break the file's own statistics.
pub(crate) fn converted(array: &ArrayRef, target: Target, name: &str) -> Result<ArrayRef, DataError> {
    match target {
        Target::Number => Ok(cast(array, &DataType::Float64)?),
        Target::Text => match array.data_type() {
            DataType::Utf8 => Ok(array.clone()),
            _ => as_text(array),
        },
        Target::Utc(unit) => {
            let utc = cast(array, &DataType::Timestamp(unit, Some("+00:00".into())))?;
            Ok(cast(&utc, &DataType::Utf8)?)
        }
        Target::Integer => {
            let integers = cast(array, &DataType::Int64)?;
            let values = integers.as_primitive::<Int64Type>();
            let honest = integers.null_count() == array.null_count()
                && values.iter().flatten().all(|v| (-EXACT..=EXACT).contains(&v));
            if !honest {
                return Err(DataError::Damaged {
                    name: name.to_owned(),
                    problem: "a column's integers lie outside the file's own statistics".to_owned(),
                });
            }
            Ok(integers)
        }
    }
}
