//! Tables in and out, cleaning, splits: everything between a file and rows that can be trusted.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`mod@format`] | tells CSV, NDJSON and Parquet apart |
//! | | [`files`] | the files that a pattern stands for |
//! | 2 | [`source`] | opens a file and streams it as chunks; rows that cannot be read are kept apart |
//! | | [`elsewhere`] | rows that no file holds |
//! | | [`parquet_native`] | columns of Parquet as arrow gives them, times and decimals too |
//! | | [`arrow_stream`] | the same from an Arrow IPC stream in memory |
//! | 3 | [`table`] | named columns of text, numbers or integers, with the source line of each row |
//! | 4 | [`read`] | the whole file as one table, with its fingerprint |
//! | 5 | [`infer`](mod@infer) | the type of each column, from all of its rows |
//! | 6 | [`preparation`] | the recipe's sections `[data]`, `[clean]`, `[columns.X]`, `[split]` |
//! | 7 | [`clean`](mod@clean) | drops unusable rows and counts each of them |
//! | | [`by_schema`] | the same for rows without an outcome, by the fields of a model |
//! | 8 | [`outcome`], [`numbers`] | which rows are bad, or their outcome as a number; the weight of each row |
//! | 9 | [`cleaning_report`] | what cleaning did, to print and to keep |
//! | 10 | [`split`](mod@split) | rows to train on, rows to test on |
//! | 11 | [`write`](mod@write) | tables out, whole or not at all |
//!
//! No row is lost in silence: `rows read = rows kept + rows dropped + rows unreadable`.

pub mod arrow_stream;
pub mod by_schema;
mod caught;
pub mod clean;
pub mod cleaning_report;
mod columns;
#[cfg(test)]
mod csv_agreement;
#[cfg(any(test, fuzzing))]
mod csv_beside;
mod csv_chunk;
mod csv_column;
mod csv_cut;
#[cfg(target_arch = "x86_64")]
mod csv_ends;
mod csv_file;
mod csv_out;
#[cfg(target_arch = "x86_64")]
mod csv_regular;
#[cfg(not(target_arch = "x86_64"))]
#[path = "csv_no_regular.rs"]
mod csv_regular;
#[cfg(any(test, fuzzing))]
mod csv_rows;
mod csv_scan;
mod csv_short_texts;
mod different;
mod duplicates;
mod early_sync;
pub mod elsewhere;
pub mod error;
pub mod files;
pub mod format;
pub mod infer;
mod judge;
mod ndjson_rows;
#[cfg(target_arch = "x86_64")]
mod number_of_length;
mod number_writing;
pub mod numbers;
pub mod outcome;
mod parquet_codes;
mod parquet_columns;
mod parquet_doubles;
mod parquet_file;
pub mod parquet_native;
mod parquet_out;
mod parquet_pages;
mod parquet_rows;
mod place;
mod plain_number;
pub mod preparation;
#[cfg(any(test, fuzzing))]
mod quotes;
pub mod read;
mod roles;
mod snapshots;
pub mod source;
pub mod split;
pub mod table;
mod text_fault;
mod wanted;
pub mod write;

pub use arrow;
pub use caught::hide_caught_panics;

pub use arrow_stream::read_arrow_stream;
pub use by_schema::{Admitted, clean_by_schema};
pub use clean::{Cleaned, clean, clean_number_target};
pub use cleaning_report::{Changed, CleaningReport, ColumnReport, DropReason, Dropped, Example, Role};
#[cfg(fuzzing)]
pub use csv_beside::csv_readers_agree;
pub use elsewhere::{Elsewhere, Form, RowReader, RowWriter};
pub use error::DataError;
pub use files::{files_of_pattern, is_pattern};
pub use format::Format;
pub use infer::{ColumnType, DEFAULT_MISSING, Inferred, infer};
pub use numbers::{has_number_target, number_of};
pub use outcome::outcomes;
pub use parquet_native::{ParquetBatches, ParquetColumns};
pub use preparation::{
    CleanRecipe, ColumnRecipe, DataRecipe, DeclaredType, Duplicates, Preparation, SplitMethod, SplitRecipe,
};
pub use read::{Loaded, read_all, read_bytes};
pub use snapshots::know_snapshots;
pub use source::{Chunk, Piece, ReadOptions, Source, Unreadable, open, open_reader};
pub use split::{Split, groups, order_key, split};
pub use table::{ColumnRef, Table};
pub use write::{Encoded, Encoder, TableWriter, atomic_write};
