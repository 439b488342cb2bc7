//! Bin codes: which bin each row of a column fell into, one byte a row (two where there are many bins).

use rayon::prelude::*;

/// Least rows that one thread codes at once.
const CHUNK: usize = 1 << 14;

/// The bin of every row of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// At most 256 bins.
    Narrow(Vec<u8>),
    /// At most 65,536 bins.
    Wide(Vec<u16>),
}

impl Codes {
    /// Most bins a column can have.
    pub const MOST_BINS: usize = 1 << 16;

    /// The codes of `rows` for a column of `bins` bins.
    ///
    /// # Panics
    /// When `bins` is above [`Codes::MOST_BINS`] or a code is not below `bins`.
    pub fn collect(bins: usize, rows: impl Iterator<Item = usize>) -> Self {
        assert!(bins <= Self::MOST_BINS, "{bins} bins; at most {} can be coded", Self::MOST_BINS);
        let checked = |code: usize| {
            assert!(code < bins, "code {code} of {bins} bins");
            code
        };
        if bins <= 1 << 8 {
            Self::Narrow(rows.map(|code| checked(code) as u8).collect())
        } else {
            Self::Wide(rows.map(|code| checked(code) as u16).collect())
        }
    }

    /// The codes of numbers in intervals: `[a, b)` between the ascending `splits`, then a last bin for NaN.
    ///
    /// # Panics
    /// With more bins than [`Codes::MOST_BINS`].
    pub fn of_numbers(numbers: &[f64], splits: &[f64]) -> Self {
        let missing = splits.len() + 1;
        assert!(missing < Self::MOST_BINS, "{missing} intervals; too many to be coded");
        let code = |x: &f64| if x.is_nan() { missing } else { splits.partition_point(|s| *s <= *x) };
        if missing < 1 << 8 {
            Self::Narrow(numbers.par_iter().with_min_len(CHUNK).map(|x| code(x) as u8).collect())
        } else {
            Self::Wide(numbers.par_iter().with_min_len(CHUNK).map(|x| code(x) as u16).collect())
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(codes) => codes.len(),
            Self::Wide(codes) => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bin of a row.
    ///
    /// # Panics
    /// When `row` is not below [`Codes::len`].
    pub fn get(&self, row: usize) -> usize {
        match self {
            Self::Narrow(codes) => usize::from(codes[row]),
            Self::Wide(codes) => usize::from(codes[row]),
        }
    }

    /// The codes after joining bins: row by row `bin_of[code]`. One byte a row stays one byte.
    ///
    /// # Panics
    /// When a code has no entry in `bin_of`, or an entry is too large for the width of the codes.
    pub fn mapped(self, bin_of: &[usize]) -> Self {
        match self {
            Self::Narrow(mut codes) => {
                let map: Vec<u8> = bin_of.iter().map(|bin| narrow(*bin)).collect();
                codes.iter_mut().for_each(|code| *code = map[usize::from(*code)]);
                Self::Narrow(codes)
            }
            Self::Wide(codes) if bin_of.iter().all(|bin| *bin < 1 << 8) => {
                Self::Narrow(codes.iter().map(|code| bin_of[usize::from(*code)] as u8).collect())
            }
            Self::Wide(codes) => {
                Self::Wide(codes.iter().map(|code| bin_of[usize::from(*code)] as u16).collect())
            }
        }
    }
}

fn narrow(bin: usize) -> u8 {
    u8::try_from(bin).expect("joining bins gives no more of them")
}
