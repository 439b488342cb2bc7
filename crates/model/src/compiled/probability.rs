//! Log-odds -> pd, score and grade, for many rows at once; the same bits as [`scale`](crate::scale) gives.

use crate::model::Model;
use crate::scale::{Scale, probability};
use pulp::{Arch, NullaryFnOnce};

/// What turns log-odds into pd, score and grade.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    offset: f64,
    factor: f64,
    whole: bool,
    /// Upper bounds of all grades but the last.
    bounds: Vec<f64>,
    graded: bool,
}

impl Verdict {
    pub(super) fn new(model: &Model, scale: &Scale) -> Self {
        Self {
            offset: scale.offset(),
            factor: scale.factor(),
            whole: scale.whole_points,
            bounds: model.grades.iter().filter_map(|grade| grade.max_pd).collect(),
            graded: !model.grades.is_empty(),
        }
    }

    /// Points for one unit of log-odds.
    pub(super) fn factor(&self) -> f64 {
        self.factor
    }

    /// Whether there are grades.
    pub(super) fn graded(&self) -> bool {
        self.graded
    }

    /// [`Scale::score`].
    #[inline(always)]
    pub(super) fn score(&self, log_odds: f64) -> f64 {
        let points = self.offset - self.factor * log_odds;
        if self.whole { points.round() + 0.0 } else { points }
    }

    /// [`grade`](crate::scale::grade), where there are grades.
    #[inline(always)]
    pub(super) fn grade(&self, pd: f64) -> u32 {
        self.bounds.iter().map(|bound| u32::from(pd > *bound)).sum()
    }

    /// Pd, score and grade of each row; `grade` is empty where there are none.
    pub(super) fn give(
        &self,
        arch: Arch,
        log_odds: &[f64],
        pd: &mut [f64],
        score: &mut [f64],
        grade: &mut [u32],
    ) {
        arch.dispatch(Give { verdict: self, log_odds, pd, score });
        if self.graded {
            arch.dispatch(Grades { bounds: &self.bounds, pd, grade });
        }
    }
}

struct Give<'a> {
    verdict: &'a Verdict,
    log_odds: &'a [f64],
    pd: &'a mut [f64],
    score: &'a mut [f64],
}

impl NullaryFnOnce for Give<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { verdict, log_odds, pd, score } = self;
        let mut far = false;
        for (pd, x) in pd.iter_mut().zip(log_odds) {
            *pd = near_probability(*x);
            far |= x.abs() > FARTHEST;
        }
        if far {
            let rows = pd.iter_mut().zip(log_odds).filter(|(_, x)| x.abs() > FARTHEST);
            rows.for_each(|(pd, x)| *pd = probability(*x));
        }
        for (score, x) in score.iter_mut().zip(log_odds) {
            *score = verdict.score(*x);
        }
    }
}

struct Grades<'a> {
    bounds: &'a [f64],
    pd: &'a [f64],
    grade: &'a mut [u32],
}

impl NullaryFnOnce for Grades<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { bounds, pd, grade } = self;
        grade.fill(0);
        for bound in bounds {
            for (grade, pd) in grade.iter_mut().zip(pd) {
                *grade += u32::from(pd > bound);
            }
        }
    }
}

/// Log-odds beyond which [`near_probability`] does not hold: there e^-x is about to leave the normal numbers.
const FARTHEST: f64 = 700.0;

/// [`probability`] of log-odds of at most [`FARTHEST`] in magnitude, without a branch.
#[inline(always)]
fn near_probability(log_odds: f64) -> f64 {
    let e = exp_of_minus(log_odds.abs());
    let part = if log_odds >= 0.0 { 1.0 } else { e };
    part / (1.0 + e)
}

const LN2_HI: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LO: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const INV_LN2: f64 = f64::from_bits(0x3ff7_1547_652b_82fe);
const P: [f64; 5] = [
    f64::from_bits(0x3fc5_5555_5555_553e),
    f64::from_bits(0xbf66_c16c_16be_bd93),
    f64::from_bits(0x3f11_566a_af25_de2c),
    f64::from_bits(0xbebb_bd41_c5d2_6bf1),
    f64::from_bits(0x3e66_3769_72be_a4d0),
];
/// 2^52: added to a number of 0 or more it leaves the nearest whole number in the lowest bits.
const WHOLE: f64 = 4_503_599_627_370_496.0;
/// From here on the power of 2 is found by division; below it is 1, and below the next 0. The library compares the upper 32
/// bits of the number with those of 1.5 ln 2 and 0.5 ln 2.
const MANY: f64 = f64::from_bits(0x3ff0_a2b2_0000_0000);
const ONE: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
/// Below it e^-a is 1 - a.
const TINY: f64 = f64::from_bits(0x3e30_0001_0000_0000);

/// `libm::exp(-a)` for a from 0 to [`FARTHEST`]: the same operations in the same order (FreeBSD's `e_exp.c`), with
/// choices in place of branches so that the compiler takes several rows at once.
#[inline(always)]
fn exp_of_minus(a: f64) -> f64 {
    let x = -a;
    let quotient = INV_LN2 * a + 0.5;
    let nearest = (quotient + WHOLE) - WHOLE;
    let floor = if nearest > quotient { nearest - 1.0 } else { nearest };
    let few = if a >= ONE { 1.0 } else { 0.0 };
    let k = if a >= MANY { floor } else { few };
    let hi = x + k * LN2_HI;
    let lo = -(k * LN2_LO);
    let r = hi - lo;
    let rr = r * r;
    let c = r - rr * (P[0] + rr * (P[1] + rr * (P[2] + rr * (P[3] + rr * P[4]))));
    let y = 1.0 + (r * c / (2.0 - c) - lo + hi);
    // 2^-k: the whole number in the lowest bits of k + 2^52 is taken from the exponent of 1.
    let power = f64::from_bits(0x3ff_u64.wrapping_sub((k + WHOLE).to_bits()) << 52);
    if a < TINY { 1.0 + x } else { y * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(x: f64) {
        let (own, of_library) = (near_probability(x), probability(x));
        assert_eq!(own.to_bits(), of_library.to_bits(), "{x:e}: {own:e} and {of_library:e}");
    }

    /// Every branch of the library's function on both sides of its ends, and what lies around multiples of ln 2.
    #[test]
    fn probabilities_at_the_edges_have_the_library_s_bits() {
        let mut edges = vec![0.0, f64::MIN_POSITIVE, 5e-324, MANY, ONE, TINY, FARTHEST, 0.5, 1.0, 1e-300];
        edges.extend((0..2018).map(|half| f64::from(half) * 0.5 * std::f64::consts::LN_2));
        edges.extend((-1074..10).map(|power| libm::exp2(f64::from(power))));
        for edge in edges {
            let (mut below, mut above) = (edge, edge);
            for _ in 0..100 {
                for x in [below, above].into_iter().filter(|x| (0.0..=FARTHEST).contains(x)) {
                    same(x);
                    same(-x);
                }
                (below, above) = (below.next_down(), above.next_up());
            }
        }
    }

    /// Sixteen million numbers: even steps over the whole range, and of every magnitude.
    #[test]
    fn millions_of_probabilities_have_the_library_s_bits() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        for _ in 0..4_000_000 {
            same((random() - 0.5) * 2.0 * FARTHEST);
            same((random() - 0.5) * 40.0);
            same((random() - 0.5) * 4.0);
            let magnitude = libm::exp2(random() * -60.0 + 9.0);
            same(if random() < 0.5 { magnitude } else { -magnitude });
        }
    }

    #[test]
    fn rows_have_the_bits_of_the_plain_functions_at_any_size() {
        let scales = [false, true].map(|whole_points| Scale { whole_points, ..Scale::default() });
        let bounds = vec![0.01, 0.2, 0.5];
        for scale in scales {
            let verdict = Verdict {
                offset: scale.offset(),
                factor: scale.factor(),
                whole: scale.whole_points,
                bounds: bounds.clone(),
                graded: true,
            };
            for rows in [0, 1, 7, 33, 1000] {
                let log_odds: Vec<f64> = (0..rows).map(|i| libm::sinh(f64::from(i) * 0.08 - 9.0)).collect();
                let zeros = || vec![0.0; log_odds.len()];
                let (mut pd, mut score, mut grade) = (zeros(), zeros(), vec![0; log_odds.len()]);
                verdict.give(Arch::new(), &log_odds, &mut pd, &mut score, &mut grade);
                for (i, x) in log_odds.iter().enumerate() {
                    assert_eq!(pd[i].to_bits(), probability(*x).to_bits(), "{x}");
                    assert_eq!(score[i].to_bits(), scale.score(*x).to_bits(), "{x}");
                    assert_eq!(grade[i], bounds.iter().filter(|bound| pd[i] > **bound).count() as u32);
                }
            }
        }
    }
}
