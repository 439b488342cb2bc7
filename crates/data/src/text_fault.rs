//! What text must not hold: a quote that stays open, a NUL byte, a record without end.

/// Longest record that is read: a stray quote is reported before it has swallowed more than this.
pub(crate) const MAX_RECORD: u64 = 64 << 20;

/// What was found; travels inside an [`std::io::Error`] where a stream is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextFault {
    #[error("the quote opened on line {line} is never closed")]
    OpenQuote { line: u64 },
    #[error("line {line} holds a NUL byte; save the file as UTF-8 text")]
    Nul { line: u64 },
    #[error(
        "the record that starts on line {line} is longer than 64 MiB; look for a quote that is never closed"
    )]
    LongRecord { line: u64 },
}
