//! Rows from a PostgreSQL query, and results into a PostgreSQL table.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`address`] | reads the URL, with libpq's environment variables and password file behind it |
//! | 2 | `tls`, `session` | connects, encrypted as `sslmode` asks |
//! | 3 | [`query`] | a query's rows as chunks, from one binary `COPY ... TO STDOUT` |
//! | | `decode`, `numeric` | its bytes as columns |
//! | 4 | [`table_name`] | the name of a table as SQL reads it |
//! | | `target` | makes the table, or checks that it takes the rows |
//! | | [`upsert`] | the rows into the table in one transaction, by id |
//! | | [`append`] | rows behind those of tables, in one transaction with what goes before |
//! | | `encode` | batches as the bytes of a binary `COPY ... FROM STDIN` |
//!
//! Passwords are in no message: errors name a server as `user@host:port/database`.

pub mod address;
pub mod append;
mod decode;
mod encode;
pub mod error;
mod numeric;
mod password_file;
pub mod query;
mod server_error;
mod session;
pub mod table_name;
mod target;
mod tls;
pub mod upsert;

pub use address::{Address, is_address};
pub use append::Append;
pub use error::PostgresError;
pub use query::Query;
pub use table_name::TableName;
pub use upsert::{IdType, Upsert, Written};
