//! PSI of pd without keeping the pds: fine bins by the bits of the number, then tenths of the run before.

use arrears_validate::Drift;

/// Bins of an octave, a power of two.
const FINE: u32 = 6;
/// What is below 2^-20 is one bin.
const OCTAVES: u64 = 20;
const BINS: usize = ((OCTAVES << FINE) + 1) as usize;
/// Bins that the run before is cut into.
const PARTS: u64 = 10;

/// Customers by pd. A bin is at most 1.6 % wide, relative to its lower end.
#[derive(Clone, Debug)]
pub(crate) struct PdBins(Vec<u64>);

impl PdBins {
    pub(crate) fn new() -> PdBins {
        PdBins(vec![0; BINS])
    }

    pub(crate) fn add(&mut self, pd: f64) {
        self.0[bin(pd)] += 1;
    }

    /// The index of `now` against `before`, cut where `before` has its tenths as nearly as bins allow. `None` where one of the two
    /// has nobody, or all pds before are alike: a single bin cannot move.
    pub(crate) fn psi(before: &PdBins, now: &PdBins) -> Option<Drift> {
        let all: u64 = before.0.iter().sum();
        let (mut labels, mut expected, mut actual) = (Vec::new(), Vec::new(), Vec::new());
        let (mut passed, mut here, mut here_now, mut start) = (0, 0, 0, 0);
        for at in 0..BINS {
            here += before.0[at];
            here_now += now.0[at];
            let next_tenth = (passed * PARTS / all.max(1) + 1) * all;
            let last = at + 1 == BINS;
            // The last part takes what is left, so a cut needs customers of the run before on both its sides.
            if last || here > 0 && (passed + here) * PARTS >= next_tenth && passed + here < all {
                labels.push(label(start, at + 1));
                expected.push(here);
                actual.push(here_now);
                passed += here;
                (here, here_now, start) = (0, 0, at + 1);
            }
        }
        if labels.len() < 2 {
            return None;
        }
        Drift::new("pd", labels, &expected, &actual).ok()
    }
}

fn label(start: usize, end: usize) -> String {
    let low = if start == 0 { 0.0 } else { lower_end(start) };
    match end {
        BINS => format!("[{low}, 1]"),
        _ => format!("[{low}, {})", lower_end(end)),
    }
}

/// Position by exponent and leading bits: exact on every machine, and ascending.
fn bin(pd: f64) -> usize {
    let first = lower_end(1).to_bits() >> (52 - FINE);
    let bits = pd.clamp(0.0, 1.0).to_bits() >> (52 - FINE);
    (bits.saturating_sub(first - 1) as usize).min(BINS - 1)
}

fn lower_end(bin: usize) -> f64 {
    let first = (1023 - OCTAVES) << FINE;
    f64::from_bits((first + bin as u64 - 1) << (52 - FINE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrears_validate::psi;
    use proptest::prelude::*;

    #[test]
    fn each_pd_is_in_its_bin() {
        for at in 1..BINS - 1 {
            assert_eq!(bin(lower_end(at)), at);
            assert_eq!(bin(lower_end(at + 1).next_down()), at);
        }
        assert_eq!((bin(0.0), bin(1e-9), bin(1.0)), (0, 0, BINS - 1));
        assert_eq!(bin(lower_end(BINS - 1)), BINS - 1);
    }

    /// A crowd with one pd fills many tenths; the next part still wants a tenth of its own.
    #[test]
    fn a_crowd_does_not_leave_splinters() {
        let mut before = PdBins::new();
        for (pd, customers) in [(0.1, 50), (0.2, 1), (0.3, 49)] {
            (0..customers).for_each(|_| before.add(pd));
        }
        let parts: Vec<u64> =
            PdBins::psi(&before, &before).unwrap().bins.iter().map(|b| b.expected).collect();
        assert_eq!(parts, [50, 50]);
    }

    proptest! {
        /// The slow way: the labels read back as intervals, customers counted in each.
        #[test]
        fn parts_are_counts_of_intervals(
            before in prop::collection::vec(0.0..=1.0_f64, 1..300),
            now in prop::collection::vec(0.0..=1.0_f64, 1..300),
        ) {
            let (mut first, mut second) = (PdBins::new(), PdBins::new());
            before.iter().for_each(|pd| first.add(*pd));
            now.iter().for_each(|pd| second.add(*pd));
            let alike = before.iter().all(|pd| bin(*pd) == bin(before[0]));
            let drift = PdBins::psi(&first, &second);
            prop_assert_eq!(drift.is_none(), alike);
            let Some(drift) = drift else { return Ok(()) };
            let counts = |pds: &[f64]| -> Vec<u64> {
                drift.bins.iter().map(|b| {
                    let (low, high) = b.bin[1..b.bin.len() - 1].split_once(", ").unwrap();
                    let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
                    let closed = b.bin.ends_with(']');
                    pds.iter().filter(|pd| **pd >= low && (**pd < high || closed)).count() as u64
                }).collect()
            };
            let (expected, actual) = (counts(&before), counts(&now));
            prop_assert_eq!(expected.iter().sum::<u64>(), before.len() as u64);
            prop_assert!(expected.len() <= 10);
            prop_assert_eq!(&drift.psi, &psi(&expected, &actual).unwrap());
            // Evenly spread, no part is much more than a tenth.
            if before.len() >= 200 {
                prop_assert!(expected.len() >= 8);
                prop_assert!(expected.iter().all(|n| *n * 10 <= before.len() as u64 * 2));
            }
        }
    }
}
