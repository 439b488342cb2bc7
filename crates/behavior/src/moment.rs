//! When something happened.

/// A moment: whole microseconds since 1970-01-01T00:00:00Z, from year 0001 to year 9999. [`Moment::NONE`] stands for
/// no moment (not paid yet, not known).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// No moment. It is smaller than every moment.
    pub const NONE: Moment = Moment(i64::MIN);
}
