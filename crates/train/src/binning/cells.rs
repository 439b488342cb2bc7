//! Numbers counted in cells: quantile pre-bins, what they hold and the codes of the bins in the end, with light passes
//! over a column and next to no sorting.
//!
//! A cell is a range of numbers that share sign, exponent and the first nine bits of the fraction. Every row is coded by
//! its cell once. Where no pre-bin begins inside a cell, its counts are all that has to be known of it; only the rows of
//! the other cells, a few in a hundred, are looked at one by one.

use super::quantile::{Walk, ascending_bits, number_of};
use super::tally::Tally;
use crate::codes::Codes;
use crate::numbers::Numbers;

/// Cells of one column of numbers.
pub(crate) struct Cells<'a> {
    numbers: Numbers<'a>,
    /// The cell of each row.
    cells: Vec<u16>,
    /// By cell: rows in the upper half, bads in the lower.
    counts: Vec<u64>,
    /// Sign and exponent of each 512 cells, in ascending bits.
    powers: Vec<u64>,
    /// Cells of finite numbers with rows; numbers ascend.
    finite: Vec<u16>,
    /// Cells of NaN with rows.
    missing: Vec<u16>,
}

/// A power of two has a cell for each value of the first nine bits of the fraction.
const CELLS: usize = 1 << 9;
/// Bits of a number that do not say which cell it is in.
const WITHIN_BITS: u32 = 43;
/// Signs and exponents there are, and how many of them can be told apart in 16 bits.
const POWERS: usize = 1 << 12;
const MOST_POWERS: usize = (1 << 16) / CELLS;

impl<'a> Cells<'a> {
    /// Deals the rows into cells; NaN stands for missing. `None` for numbers of more powers of two than cells can be
    /// numbered for, and for more rows than can be counted.
    pub(crate) fn count(numbers: Numbers<'a>, bad: &[bool]) -> Option<Self> {
        if numbers.len() > u32::MAX as usize {
            return None;
        }
        let mut place = [0u8; POWERS];
        // The first place is never taken, so that 0 says "not met yet".
        let mut powers = vec![POWERS as u64];
        let mut counts = vec![0u64; CELLS];
        let mut cells = Vec::with_capacity(numbers.len());
        numbers.blocks(|first, block| {
            if powers.len() > MOST_POWERS {
                return;
            }
            for x in block {
                let power = (ascending_bits(*x) >> 52) as usize;
                if place[power] == 0 {
                    place[power] = powers.len().min(MOST_POWERS - 1) as u8;
                    powers.push(power as u64);
                    counts.resize(powers.len() * CELLS, 0);
                }
            }
            // Nothing grows from here on, which is what makes it fast.
            let counts = counts.as_mut_slice();
            cells.extend(block.iter().zip(&bad[first..]).map(|(x, bad)| {
                let bits = ascending_bits(*x);
                let cell = usize::from(place[(bits >> 52) as usize]) * CELLS
                    + (bits >> WITHIN_BITS) as usize % CELLS;
                counts[cell] += 1 << 32 | u64::from(*bad);
                cell as u16
            }));
        });
        if powers.len() > MOST_POWERS {
            return None;
        }
        let mut order: Vec<usize> = (1..powers.len()).collect();
        order.sort_unstable_by_key(|place| powers[*place]);
        // Every NaN lies beyond infinity, or before minus infinity.
        let bounds = [f64::MIN, f64::MAX].map(|x| ascending_bits(x) >> 52);
        let is_finite = |place: usize| (bounds[0]..=bounds[1]).contains(&powers[place]);
        let filled = order.iter().flat_map(|place| place * CELLS..(place + 1) * CELLS);
        let filled = filled.filter(|cell| counts[*cell] > 0).map(|cell| cell as u16);
        let (finite, missing) = filled.partition(|cell| is_finite(usize::from(*cell) / CELLS));
        Some(Self { numbers, cells, counts, powers, finite, missing })
    }

    /// Whether some number is NaN or infinite.
    pub(crate) fn has_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    fn tally(&self, cell: u16) -> Tally {
        let count = self.counts[usize::from(cell)];
        Tally { count: count >> 32, bads: count & 0xffff_ffff }
    }

    /// Splits into about `bins` quantile pre-bins, as [`super::quantile::quantile_splits`] makes them, and what each
    /// pre-bin holds, rows without a number at last. Cells of at most `whole` rows are never parted: their numbers
    /// count as one, the lowest that there could be.
    pub(crate) fn prebins(&self, bins: usize, whole: u64, bad: &[bool]) -> (Vec<f64>, Vec<Tally>) {
        let all = self.finite.iter().map(|cell| self.tally(*cell).count).sum();
        let mut rough = Walk::new(all, bins);
        let mut begins = Vec::new();
        for cell in &self.finite {
            let count = self.tally(*cell).count;
            if count > whole && rough.may_begin_within(count) {
                begins.push(*cell);
            }
            rough.inside(self.tally(*cell));
        }
        let mut values = self.values(&begins, bad).into_iter().peekable();
        let mut begins = begins.into_iter().peekable();
        let mut walk = Walk::new(all, bins);
        for cell in &self.finite {
            match begins.next_if_eq(cell) {
                None if self.tally(*cell).count <= whole => {
                    walk.value(number_of(self.lowest(*cell)), self.tally(*cell));
                }
                None => walk.inside(self.tally(*cell)),
                Some(_) => {}
            }
            while let Some((_, value, rows)) = values.next_if(|(of, ..)| of == cell) {
                walk.value(value, rows);
            }
        }
        let (splits, mut tallies) = walk.finish();
        let missing = self.missing.iter().map(|cell| self.tally(*cell));
        tallies.push(missing.fold(Tally::default(), Tally::merge));
        (splits, tallies)
    }

    /// The different values in some cells and the rows of each, in the order of the cells, values ascending.
    fn values(&self, cells: &[u16], bad: &[bool]) -> Vec<(u16, f64, Tally)> {
        /// Stands for a cell that is not asked for.
        const OTHER: u16 = u16::MAX;
        if cells.is_empty() {
            return Vec::new();
        }
        let mut place = vec![OTHER; self.counts.len()];
        cells.iter().zip(0..).for_each(|(cell, at)| place[usize::from(*cell)] = at);
        // The first value met in each cell is counted in passing: where a value is frequent, it is nearly always that.
        let mut firsts: Vec<Option<(u64, Tally)>> = vec![None; cells.len()];
        // Of each other row: the place of its cell, what its number has beyond the cell, and the outcome as last bit.
        let mut others: Vec<u64> = Vec::new();
        for (row, cell) in self.cells.iter().enumerate() {
            let at = place[usize::from(*cell)];
            if at == OTHER {
                continue;
            }
            let number =
                (u64::from(at) << WITHIN_BITS) | (ascending_bits(self.numbers.get(row)) % (1 << WITHIN_BITS));
            let (first, rows) = firsts[usize::from(at)].get_or_insert((number, Tally::default()));
            if *first == number {
                rows.add(bad[row]);
            } else {
                others.push(number << 1 | u64::from(bad[row]));
            }
        }
        others.sort_unstable();
        let mut values: Vec<(u64, Tally)> = Vec::with_capacity(others.len());
        let mut firsts = firsts.into_iter().flatten().peekable();
        for group in others.chunk_by(|a, b| a >> 1 == b >> 1) {
            let number = group[0] >> 1;
            values.extend(std::iter::from_fn(|| firsts.next_if(|(first, _)| *first < number)));
            let mut rows = Tally::default();
            group.iter().for_each(|row| rows.add(row & 1 == 1));
            values.push((number, rows));
        }
        values.extend(firsts);
        let of_cell = |(number, rows): (u64, Tally)| {
            let cell = cells[(number >> WITHIN_BITS) as usize];
            (cell, number_of(self.lowest(cell) | (number % (1 << WITHIN_BITS))), rows)
        };
        values.into_iter().map(of_cell).collect()
    }

    /// The ascending bits of the lowest number of a cell.
    fn lowest(&self, cell: u16) -> u64 {
        let (power, within) = (usize::from(cell) / CELLS, usize::from(cell) % CELLS);
        self.powers[power] << 52 | (within as u64) << WITHIN_BITS
    }

    /// The bin of every row: `[a, b)` between the ascending `splits`, then a last one for rows without a number.
    pub(crate) fn codes(&self, splits: &[f64]) -> Codes {
        /// Stands for a cell with a split inside.
        const LOOK: u8 = u8::MAX;
        let missing = splits.len() + 1;
        if missing >= usize::from(LOOK) {
            return Codes::of_numbers(&self.numbers.to_vec(), splits);
        }
        let code_of = |x: f64| splits.partition_point(|split| *split <= x) as u8;
        let mut code_by_cell = vec![missing as u8; self.counts.len()];
        for cell in &self.finite {
            let lowest = self.lowest(*cell);
            let (low, high) = (number_of(lowest), number_of(lowest | ((1 << WITHIN_BITS) - 1)));
            let code = code_of(low);
            code_by_cell[usize::from(*cell)] = if code_of(high) == code { code } else { LOOK };
        }
        if !code_by_cell.contains(&LOOK) {
            return Codes::Narrow(self.cells.iter().map(|cell| code_by_cell[usize::from(*cell)]).collect());
        }
        let code = |(row, cell): (usize, &u16)| match code_by_cell[usize::from(*cell)] {
            LOOK => code_of(self.numbers.get(row)),
            code => code,
        };
        Codes::Narrow(self.cells.iter().enumerate().map(code).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binning::quantile::quantile_splits;
    use proptest::prelude::*;

    /// What the cells say of these numbers, against sorting them all.
    fn agrees(numbers: &[f64], nulls_among: bool, bins: usize) -> Result<(), TestCaseError> {
        let bad: Vec<bool> = (0..numbers.len()).map(|row| row * row % 7 < 3).collect();
        let nulls = nulls_among.then(|| (0..numbers.len()).map(|row| row % 5 != 1).collect());
        let rows: Vec<usize> = (0..numbers.len()).collect();
        let view = Numbers::new(numbers, nulls.as_ref(), &rows, true);
        let all = view.to_vec();
        let cells = Cells::count(view, &bad);
        let (splits, tallies) = cells.as_ref().map(|cells| cells.prebins(bins, 0, &bad)).unwrap_or_default();
        let Some(cells) = cells else {
            let powers =
                all.iter().map(|x| (x + 0.0).to_bits() >> 52).collect::<std::collections::BTreeSet<_>>();
            prop_assert!(powers.len() >= MOST_POWERS - 1);
            return Ok(());
        };
        let mut present: Vec<f64> = all.iter().copied().filter(|x| !x.is_nan()).collect();
        prop_assert_eq!(&splits, &quantile_splits(&mut present, bins));
        prop_assert_eq!(cells.codes(&splits), Codes::of_numbers(&all, &splits));
        let codes = Codes::of_numbers(&all, &splits);
        prop_assert_eq!(tallies, crate::binning::tally::tally(&codes, splits.len() + 2, &bad));
        let few: Vec<f64> = splits.iter().copied().step_by(3).collect();
        prop_assert_eq!(cells.codes(&few), Codes::of_numbers(&all, &few));
        Ok(())
    }

    proptest! {
        #[test]
        fn cells_agree_with_sorting(
            coarse in prop::collection::vec(-3i32..30, 0..200),
            fine in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL, 0..300),
            near in prop::collection::vec(1.0f64..1.001, 0..300),
            bins in 1usize..300,
            nulls in any::<bool>(),
        ) {
            let coarse: Vec<f64> = coarse.into_iter().map(|x| f64::from(x) * 0.5).collect();
            let zeros = vec![0.0, -0.0, f64::NAN, -f64::NAN, f64::MIN, f64::MAX, -5e-324];
            let all = [&coarse[..], &fine, &near, &zeros].concat();
            for numbers in [coarse, fine, near, zeros, all] {
                agrees(&numbers, nulls, bins)?;
            }
        }
    }

    #[test]
    fn numbers_of_every_size_are_left_to_sorting() {
        let numbers: Vec<f64> = (-400..400).map(|power| 2f64.powi(power)).collect();
        assert!(Cells::count(Numbers::of(&numbers), &[false; 800]).is_none());
    }
}
