//! The typed program: a tree whose every part is known to be a number, a condition, a moment or a text.

use crate::Kind;

/// A part of any kind.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Number(Number),
    Condition(Condition),
    Time(Time),
    Text(Text),
}

/// Gives a double; NaN is missing.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Column(usize),
    /// NaN for `null`.
    Constant(f64),
    One(Operation, Box<Number>),
    Two(Arithmetic, Box<Number>, Box<Number>),
    Choice(Box<Condition>, Box<Number>, Box<Number>),
    /// Days of 86,400 seconds from the second to the first.
    Days(Box<Time>, Box<Time>),
    Size(Text),
    /// The size of a column's texts: a table by code, the how manyth of the program.
    ColumnSize {
        column: usize,
        table: usize,
    },
}

/// Of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Negative,
    Abs,
    Floor,
    Ceil,
    Round,
    Ln,
}

/// Of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Min,
    Max,
}

/// Gives a [`crate::Truth`].
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Column(usize),
    /// `None` for `null`.
    Constant(Option<bool>),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Choice(Box<Condition>, Box<Condition>, Box<Condition>),
    Numbers(Comparison, Number, Number),
    /// Conditions are only equal or not.
    Conditions(Comparison, Box<Condition>, Box<Condition>),
    Times(Comparison, Time, Time),
    Texts(Comparison, Text, Text),
    /// Is one of these numbers, ascending.
    OneOf(Number, Vec<f64>),
    Test(Text, TextTest),
    /// A test of a column's texts: a table by code, the how manyth of the program.
    ColumnTest {
        column: usize,
        table: usize,
    },
    Missing(Box<Typed>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Gives microseconds since 1970; [`NO_TIME`] is missing.
#[derive(Clone, Debug)]
pub(crate) enum Time {
    Column(usize),
    Constant(i64),
    Choice(Box<Condition>, Box<Time>, Box<Time>),
}

pub(crate) const NO_TIME: i64 = i64::MIN;

/// Gives a text or none.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Column(usize),
    /// `None` for `null`.
    Constant(Option<String>),
    Choice(Box<Condition>, Box<Text>, Box<Text>),
}

/// What is asked of a text beside constants.
#[derive(Clone, Debug)]
pub(crate) enum TextTest {
    Equals(String),
    /// Sorted by bytes.
    OneOf(Vec<String>),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
}

/// What is known of a column's texts before any row is looked at.
#[derive(Clone, Debug)]
pub(crate) enum TextTable {
    Test(TextTest),
    Size,
}

impl Typed {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Typed::Number(_) => Kind::Number,
            Typed::Condition(_) => Kind::Bool,
            Typed::Time(_) => Kind::Time,
            Typed::Text(_) => Kind::Text,
        }
    }
}

impl Comparison {
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterEqual => order.is_ge(),
        }
    }
}

impl Operation {
    #[inline]
    pub(crate) fn of(self, x: f64) -> f64 {
        match self {
            Operation::Negative => -x,
            Operation::Abs => x.abs(),
            Operation::Floor => x.floor(),
            Operation::Ceil => x.ceil(),
            Operation::Round => x.round(),
            // Of 0 or less there is none.
            Operation::Ln if x > 0.0 => libm::log(x),
            Operation::Ln => f64::NAN,
        }
    }
}

impl Arithmetic {
    /// The result, missing (NaN) if a side is missing or the result is not finite.
    #[inline]
    pub(crate) fn of(self, a: f64, b: f64) -> f64 {
        let result = match self {
            Arithmetic::Add => a + b,
            Arithmetic::Subtract => a - b,
            Arithmetic::Multiply => a * b,
            Arithmetic::Divide => a / b,
            Arithmetic::Remainder => a % b,
            // a missing side wins
            Arithmetic::Min => {
                if a < b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Arithmetic::Max => {
                if a > b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
        };
        if result.is_finite() { result } else { f64::NAN }
    }
}

impl TextTest {
    pub(crate) fn holds(&self, text: &str) -> bool {
        match self {
            TextTest::Equals(other) => text == other,
            TextTest::OneOf(list) => list.binary_search_by(|other| other.as_str().cmp(text)).is_ok(),
            TextTest::StartsWith(start) => text.starts_with(start),
            TextTest::EndsWith(end) => text.ends_with(end),
            TextTest::Contains(part) => text.contains(part.as_str()),
        }
    }
}

/// Letters (Unicode code points), as CEL counts them.
pub(crate) fn size(text: &str) -> f64 {
    text.chars().count() as f64
}
