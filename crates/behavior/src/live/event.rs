//! An event as it is delivered.

use crate::{Amount, EventKind, Moment};

/// An event of one customer.
#[derive(Clone, Copy, Debug)]
pub struct LiveEvent<'a> {
    /// Which table it is a row of.
    pub kind: EventKind,
    /// Tells it from every other event of the customer in this table, and stays the same when it is delivered again or
    /// with more of its values: a [`fingerprint`] of its key in the source (order and line, payment).
    pub id: u64,
    /// When it happened.
    pub at: Moment,
    /// From when on it was known.
    pub known_at: Moment,
    /// The values of [`crate::Plan::columns`], in that order.
    pub values: &'a [LiveValue<'a>],
}

/// A value of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LiveValue<'a> {
    /// Not known, or not yet.
    Missing,
    /// A number.
    Number(Amount),
    /// A moment.
    Time(Moment),
    /// A text.
    Text(&'a str),
}

/// A number that stays the same for the same texts, on every platform and in every version: FNV-1a of 64 bits over the
/// texts with their lengths (Fowler, Noll, Vo), and a last mix of its bits.
pub fn fingerprint(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    for text in texts {
        (text.len() as u64).to_le_bytes().into_iter().for_each(&mut add);
        text.bytes().for_each(&mut add);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ hash >> 29
}
