//! How much, as a whole number.

/// A number of an event (money, quantity, score): whole millionths, from -9.2e12 to 9.2e12. [`Amount::NONE`] is a
/// missing number.
///
/// Whole numbers add up to the same sum in any order and any grouping, which doubles do not. So a feature has the same
/// bits whether events come as a batch, one at a time or merged from parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Amount(pub i64);

impl Amount {
    /// A missing number.
    pub const NONE: Amount = Amount(i64::MIN);
    /// Millionths in one.
    pub const ONE: i64 = 1_000_000;
}
