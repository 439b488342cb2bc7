//! True, false and not known.

/// A condition's value. The order False < Missing < True makes `&&` the smaller and `||` the larger of two (the logic
/// of Kleene, which SQL's `WHERE` uses): what is missing decides nothing that the other side has decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Truth {
    /// It does not hold.
    False = 0,
    /// It cannot be told, because a value is missing.
    #[default]
    Missing = 1,
    /// It holds.
    True = 2,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    /// What is missing stays missing.
    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Missing => Truth::Missing,
            Truth::True => Truth::False,
        }
    }
}
