//! What can be wrong with a model file.

/// Why bytes are not a model that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Not JSON, or not the JSON of a model: position and cause are the parser's.
    #[error("not a model file: {0}; expected the JSON that `arrears train` writes")]
    Json(#[from] serde_json::Error),
    /// Another format or a version this program does not know.
    #[error(
        "format `{format}` version {version} is not known here; this program reads `{}` versions 1 to {}",
        crate::file::FORMAT,
        crate::file::FORMAT_VERSION
    )]
    Format {
        /// The `format` found.
        format: String,
        /// The `format_version` found.
        version: u64,
    },
    /// The checksum line is absent or does not stand where it must.
    #[error("the last line must be the file's `sha256`; the file was cut or rewritten by another program")]
    NoChecksum,
    /// The file was changed after it was written.
    #[error(
        "checksum mismatch: the file says {expected}, its content gives {found}; train again, or fetch the file again"
    )]
    Checksum {
        /// The checksum in the file.
        expected: String,
        /// The checksum of the bytes before it.
        found: String,
    },
    /// A part contradicts another or is out of bounds.
    #[error("invalid model: {0}")]
    Invalid(String),
}

pub(crate) fn invalid(what: impl Into<String>) -> ModelError {
    ModelError::Invalid(what.into())
}
