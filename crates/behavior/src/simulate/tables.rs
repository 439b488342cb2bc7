//! The tables as columns of whole numbers, and as what files hold.

use super::customer::{CATEGORIES, GROUPS, REGIONS};
use super::{DAY, Error};
use arrears_data::arrow::array::TimestampMicrosecondArray;
use arrears_data::arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::io::Write as _;
use std::sync::{Arc, LazyLock};

/// What the whole numbers of a column stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum As {
    /// The number of a customer.
    Customer,
    /// An id with this letter: 100,000 times the customer and a number within.
    Id(char),
    /// One of these texts, by position.
    Text(&'static [&'static str]),
    /// A product: 1,000 times the category and a number within.
    Product,
    /// Seconds since 1970.
    Time,
    /// Hundredths of the currency.
    Cents,
    /// Whole numbers.
    Whole,
    /// The bits of a double.
    Double,
}

/// A missing value.
pub(crate) const NONE: i64 = i64::MIN;

/// A table: its file's name and its columns. `at` is the position of the time by which rows are sorted.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, As)],
    pub(crate) at: usize,
}

pub(crate) const CHANNELS: &[&str] = &["app", "shop", "telephone", "web"];
pub(crate) const METHODS: &[&str] = &["card", "cash on delivery", "instalment", "transfer", "wallet"];
pub(crate) const REASONS: &[&str] = &[
    "changed mind",
    "damaged",
    "late delivery",
    "not as described",
    "refused at the door",
    "too large",
    "too small",
];
pub(crate) const AGENCIES: &[&str] = &["Agency A", "Agency B"];
const YES: &[&str] = &["no", "yes"];

/// The six tables and the truth, in the order in which a customer's rows are made. Each has a column `simulated` more.
pub(crate) const TABLES: [Table; 7] = [
    Table {
        name: "customers",
        at: 1,
        columns: &[
            ("customer", As::Customer),
            ("joined_at", As::Time),
            ("born_at", As::Time),
            ("region", As::Text(&REGIONS)),
            ("group", As::Text(&GROUPS)),
        ],
    },
    Table {
        name: "orders",
        at: 2,
        columns: &[
            ("customer", As::Customer),
            ("order", As::Id('O')),
            ("ordered_at", As::Time),
            ("amount", As::Cents),
            ("quantity", As::Whole),
            ("discount", As::Cents),
            ("category", As::Text(&CATEGORIES)),
            ("product", As::Product),
            ("channel", As::Text(CHANNELS)),
            ("method", As::Text(METHODS)),
        ],
    },
    Table {
        name: "payments",
        at: 3,
        columns: &[
            ("customer", As::Customer),
            ("payment", As::Id('P')),
            ("order", As::Id('O')),
            ("due_at", As::Time),
            ("amount", As::Cents),
            ("paid_at", As::Time),
            ("paid_amount", As::Cents),
            ("method", As::Text(METHODS)),
        ],
    },
    Table {
        name: "returns",
        at: 3,
        columns: &[
            ("customer", As::Customer),
            ("return", As::Id('R')),
            ("order", As::Id('O')),
            ("returned_at", As::Time),
            ("amount", As::Cents),
            ("quantity", As::Whole),
            ("reason", As::Text(REASONS)),
            ("category", As::Text(&CATEGORIES)),
            ("product", As::Product),
        ],
    },
    Table {
        name: "reports",
        at: 1,
        columns: &[
            ("customer", As::Customer),
            ("reported_at", As::Time),
            ("arrived_at", As::Time),
            ("agency", As::Text(AGENCIES)),
            ("score", As::Whole),
            ("inquiries", As::Whole),
            ("accounts", As::Whole),
            ("delinquencies", As::Whole),
            ("balance", As::Cents),
            ("credit_limit", As::Cents),
            ("oldest_account_at", As::Time),
        ],
    },
    Table {
        name: "financials",
        at: 1,
        columns: &[
            ("customer", As::Customer),
            ("period_end", As::Time),
            ("arrived_at", As::Time),
            ("income", As::Cents),
            ("expenses", As::Cents),
            ("debt_service", As::Cents),
            ("debt", As::Cents),
            ("assets", As::Cents),
            ("current_assets", As::Cents),
            ("current_liabilities", As::Cents),
            ("retained_earnings", As::Cents),
            ("ebit", As::Cents),
            ("equity", As::Cents),
            ("market_equity", As::Cents),
            ("sales", As::Cents),
        ],
    },
    Table {
        name: "truth",
        at: 1,
        columns: &[
            ("customer", As::Customer),
            ("joined_at", As::Time),
            ("pd", As::Double),
            ("hazard", As::Double),
            ("ability", As::Double),
            ("will", As::Double),
            ("late_share", As::Double),
            ("return_share", As::Double),
            ("serial_returner", As::Text(YES)),
            ("stops_paying_at", As::Time),
            ("pays_again_at", As::Time),
            ("leaves_at", As::Time),
        ],
    },
];

/// Rows of one table, one after the other: as many numbers a row as the table has columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows(pub(crate) Vec<i64>);

/// Rows of all tables, in the order of [`TABLES`].
pub(crate) type AllRows = [Rows; TABLES.len()];

impl Table {
    /// The columns of the file, the last of which says that nothing of it is real.
    pub(crate) fn schema(&self, times_as_text: bool) -> SchemaRef {
        let kind = |kind: &As| match kind {
            As::Time if !times_as_text => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            As::Customer | As::Id(_) | As::Time => DataType::Utf8,
            As::Text(_) | As::Product => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            As::Cents | As::Double => DataType::Float64,
            As::Whole => DataType::Int64,
        };
        let fields = self.columns.iter().map(|(name, each)| Field::new(*name, kind(each), true));
        let simulated = Field::new("simulated", kind(&As::Text(YES)), true);
        Arc::new(Schema::new(fields.chain([simulated]).collect::<Vec<_>>()))
    }

    /// Rows as a batch of [`Table::schema`].
    pub(crate) fn batch(
        &self,
        rows: &Rows,
        times_as_text: bool,
        schema: &SchemaRef,
    ) -> Result<RecordBatch, Error> {
        let width = self.columns.len();
        let count = rows.0.len() / width;
        let column = |(at, (_, kind)): (usize, &(&str, As))| {
            let values = rows.0.iter().skip(at).step_by(width).copied();
            column(*kind, values, count, times_as_text)
        };
        let mut columns: Vec<ArrayRef> = self.columns.iter().enumerate().map(column).collect();
        columns.push(dictionary(YES, std::iter::repeat_n(1, count)));
        RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| Error::Data(error.into()))
    }
}

fn column(
    kind: As,
    values: impl Iterator<Item = i64> + Clone,
    count: usize,
    times_as_text: bool,
) -> ArrayRef {
    let some = |value: i64| (value != NONE).then_some(value);
    match kind {
        As::Customer => texts(values, count, 10, |out, value| write_padded(out, 'C', value, None)),
        As::Id(letter) => texts(values, count, 16, |out, value| {
            write_padded(out, letter, value / 100_000, Some(value % 100_000))
        }),
        As::Text(list) => dictionary(list, values),
        As::Product => coded(Arc::clone(&PRODUCTS), values),
        As::Time if times_as_text => texts(values, count, 20, write_time),
        As::Time => {
            let times = values.map(|value| some(value).map(|seconds| seconds * 1_000_000));
            Arc::new(TimestampMicrosecondArray::from_iter(times).with_timezone("UTC"))
        }
        As::Cents => Arc::new(Float64Array::from_iter(values.map(|v| some(v).map(|v| v as f64 / 100.0)))),
        As::Double => Arc::new(Float64Array::from_iter_values(values.map(|v| f64::from_bits(v as u64)))),
        As::Whole => Arc::new(Int64Array::from_iter(values.map(some))),
    }
}

/// The names of all products, made once.
static PRODUCTS: LazyLock<Arc<StringArray>> = LazyLock::new(|| {
    let name = |n| format!("{}-{:03}", CATEGORIES[n / 1000], n % 1000);
    Arc::new(StringArray::from_iter_values((0..CATEGORIES.len() * 1000).map(name)))
});

fn dictionary(texts: &'static [&'static str], values: impl Iterator<Item = i64>) -> ArrayRef {
    coded(Arc::new(StringArray::from_iter_values(texts)), values)
}

fn coded(texts: Arc<StringArray>, values: impl Iterator<Item = i64>) -> ArrayRef {
    let keys = Int32Array::from_iter(values.map(|value| (value != NONE).then_some(value as i32)));
    Arc::new(DictionaryArray::new(keys, texts))
}

/// Texts written one behind the other.
fn texts(
    values: impl Iterator<Item = i64>,
    count: usize,
    length: usize,
    write: impl Fn(&mut Vec<u8>, i64),
) -> ArrayRef {
    let mut builder = arrears_data::arrow::array::StringBuilder::with_capacity(count, count * length);
    let mut text = Vec::with_capacity(length + 8);
    for value in values {
        text.clear();
        write(&mut text, value);
        match std::str::from_utf8(&text) {
            Ok(text) if value != NONE => builder.append_value(text),
            _ => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}

/// `C000000012`, `O000000012-3`: as many digits for each customer, so that ids sort as their numbers do.
fn write_padded(out: &mut Vec<u8>, letter: char, customer: i64, number: Option<i64>) {
    out.push(letter as u8);
    let mut digits = [b'0'; 9];
    let mut rest = customer.unsigned_abs();
    for digit in digits.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits);
    if let Some(number) = number {
        // writing to a vector cannot fail
        let _ = write!(out, "-{number}");
    }
}

/// `2024-01-31T12:34:56Z`.
pub(crate) fn write_time(out: &mut Vec<u8>, seconds: i64) {
    if seconds == NONE {
        return;
    }
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
}

/// Year, month and day of a day since 1970, in the Gregorian calendar; years are counted from March inside, so that
/// the leap day comes last.
pub(crate) fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}
