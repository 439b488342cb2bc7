//! What stops a run. What goes wrong with one customer does not: see [`crate::Fate`].

use std::path::PathBuf;

/// Why no reports can be fetched.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// The configuration is no TOML, or has a key or value that there is not.
    #[error("{file}: {why}")]
    Config {
        /// File as it was named.
        file: String,
        /// Where and what.
        why: String,
    },
    /// A setting that cannot be.
    #[error("{file}: [agency.{agency}] {key}: {found:?}: expected {expected}")]
    Setting {
        /// File as it was named.
        file: String,
        /// Name of the section.
        agency: String,
        /// Key in the section.
        key: String,
        /// The value given.
        found: String,
        /// What is possible.
        expected: &'static str,
    },
    /// A header's variable is not set.
    #[error(
        "[agency.{agency}] header `{header}`: the environment variable `{variable}` is not set, or no text of a header"
    )]
    Variable {
        /// Name of the section.
        agency: String,
        /// Name of the header.
        header: String,
        /// Name of the variable.
        variable: String,
    },
    /// Certificates to trust cannot be read.
    #[error(
        "certificates of authorities: {why}; name a PEM file with `certificates` in the section, or with SSL_CERT_FILE"
    )]
    Certificates {
        /// What is wrong.
        why: String,
    },
    /// The cache cannot be read or written.
    #[error("cache {}: {source}", .path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another run holds the cache.
    #[error("cache {} is in use by another run: wait for it, or name another folder with `cache`", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A line of the cache is none of ours.
    #[error("cache {} line {line}: {why}; move the file away to begin anew", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}
