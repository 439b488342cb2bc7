//! The fields that cost the most points: the four largest losses without sorting.

use crate::score::MAX_REASONS;
use pulp::{Arch, NullaryFnOnce, Simd, WithSimd};

/// Where a loss stands among all that a sum of lookups can cause: higher is before; 0 is no loss.
pub(super) type Key = u16;
/// In place of a reason where there is none.
pub(super) const NO_FIELD: u32 = u32::MAX;

/// All losses above 0 that single fields can cause, ranked. Equal ones stand in schema order, so that the four highest keys of a row
/// are its reasons.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    /// By key; the first is no loss.
    by_key: Vec<(f64, u32)>,
}

impl Ranks {
    /// Ranks pairs of a loss and its field; `None` where a [`Key`] cannot tell them apart.
    pub(super) fn new(losses: impl IntoIterator<Item = (f64, usize)>) -> Option<Self> {
        let lost = losses.into_iter().filter(|(loss, _)| *loss > 0.0);
        let mut by_key: Vec<(f64, u32)> = lost.map(|(loss, field)| (loss, field as u32)).collect();
        by_key.sort_by(Self::order);
        by_key.dedup();
        by_key.insert(0, (0.0, NO_FIELD));
        (by_key.len() <= usize::from(Key::MAX)).then_some(Self { by_key })
    }

    fn order(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
        a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))
    }

    /// The key of a loss that was ranked, or of none.
    pub(super) fn key(&self, loss: f64, field: usize) -> Key {
        let at = self.by_key[1..].binary_search_by(|entry| Self::order(entry, &(loss, field as u32)));
        at.map_or(0, |at| at as Key + 1)
    }

    #[inline]
    fn of(&self, key: Key) -> (f64, u32) {
        self.by_key[usize::from(key)]
    }
}

/// The four largest losses of each row of a block.
#[derive(Debug, Default)]
pub(super) struct Best {
    keys: [Vec<Key>; MAX_REASONS],
    losses: [Vec<f64>; MAX_REASONS],
    /// Positions of their fields, exact as numbers; [`NO_FIELD`] where there is none.
    fields: [Vec<f64>; MAX_REASONS],
}

impl Best {
    /// Forgets the keys of all rows.
    pub(super) fn clear_keys(&mut self, rows: usize) {
        for keys in &mut self.keys {
            keys.clear();
            keys.resize(rows, 0);
        }
    }

    /// Some more keys of each row.
    pub(super) fn insert_keys<const N: usize>(&mut self, arch: Arch, keys: [&[Key]; N]) {
        let best = self.keys.each_mut().map(Vec::as_mut_slice);
        arch.dispatch(InsertKeys { best, keys });
    }

    /// Forgets the losses of all rows, of which there are whole registers.
    pub(super) fn clear_losses(&mut self, rows: usize) {
        for (losses, fields) in self.losses.iter_mut().zip(&mut self.fields) {
            losses.clear();
            losses.resize(rows, 0.0);
            fields.clear();
            fields.resize(rows, f64::from(NO_FIELD));
        }
    }

    /// One more loss of each row, of a field after those before: `losses` times `factor`.
    pub(super) fn insert_losses(&mut self, arch: Arch, losses: &[f64], factor: f64, field: usize) {
        let best = self.losses.each_mut().map(Vec::as_mut_slice);
        let fields = self.fields.each_mut().map(Vec::as_mut_slice);
        arch.dispatch(InsertLosses { best, fields, losses, factor, field: field as f64 });
    }

    /// Tells the reasons and losses of each row, by its keys where there are `ranks`.
    #[inline]
    pub(super) fn each(
        &self,
        ranks: Option<&Ranks>,
        rows: usize,
        mut tell: impl FnMut(usize, [(f64, u32); MAX_REASONS]),
    ) {
        if let Some(ranks) = ranks {
            let [a, b, c, d] = &self.keys;
            for (row, (((a, b), c), d)) in a.iter().zip(b).zip(c).zip(d).enumerate() {
                tell(row, [ranks.of(*a), ranks.of(*b), ranks.of(*c), ranks.of(*d)]);
            }
        } else {
            let of = |at: usize, row: usize| (self.losses[at][row], self.fields[at][row] as u32);
            (0..rows).for_each(|row| tell(row, [of(0, row), of(1, row), of(2, row), of(3, row)]));
        }
    }
}

struct InsertKeys<'a, const N: usize> {
    best: [&'a mut [Key]; MAX_REASONS],
    keys: [&'a [Key]; N],
}

impl<const N: usize> NullaryFnOnce for InsertKeys<'_, N> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let [a, b, c, d] = self.best;
        let rows = a.len();
        let keys = self.keys.map(|keys| &keys[..rows]);
        for (row, (((a, b), c), d)) in a.iter_mut().zip(b).zip(c).zip(d).enumerate() {
            let mut best = [*a, *b, *c, *d];
            for keys in keys {
                let mut key = keys[row];
                for best in &mut best {
                    (*best, key) = ((*best).max(key), (*best).min(key));
                }
            }
            [*a, *b, *c, *d] = best;
        }
    }
}

struct InsertLosses<'a> {
    best: [&'a mut [f64]; MAX_REASONS],
    fields: [&'a mut [f64]; MAX_REASONS],
    losses: &'a [f64],
    factor: f64,
    field: f64,
}

impl WithSimd for InsertLosses<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let best = self.best.map(|best| S::as_mut_simd_f64s(best).0);
        let fields = self.fields.map(|fields| S::as_mut_simd_f64s(fields).0);
        let (factor, field) = (simd.splat_f64s(self.factor), simd.splat_f64s(self.field));
        for (at, losses) in S::as_simd_f64s(self.losses).0.iter().enumerate() {
            let loss = simd.mul_f64s(*losses, factor);
            let old: [_; MAX_REASONS] = [best[0][at], best[1][at], best[2][at], best[3][at]];
            let of: [_; MAX_REASONS] = [fields[0][at], fields[1][at], fields[2][at], fields[3][at]];
            // An equal loss stays behind those before it: they are of earlier fields.
            let above = old.map(|old| simd.less_than_f64s(old, loss));
            best[0][at] = simd.select_f64s(above[0], loss, old[0]);
            fields[0][at] = simd.select_f64s(above[0], field, of[0]);
            for place in 1..MAX_REASONS {
                let here = simd.select_f64s(above[place], loss, old[place]);
                best[place][at] = simd.select_f64s(above[place - 1], old[place - 1], here);
                let here = simd.select_f64s(above[place], field, of[place]);
                fields[place][at] = simd.select_f64s(above[place - 1], of[place - 1], here);
            }
        }
    }
}

/// The four largest losses of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Top {
    keys: [Key; MAX_REASONS],
    pub(super) best: [(f64, u32); MAX_REASONS],
}

impl Top {
    pub(super) const NONE: Self = Self { keys: [0; MAX_REASONS], best: [(0.0, NO_FIELD); MAX_REASONS] };

    /// One more key.
    pub(super) fn insert(&mut self, mut key: Key) {
        for best in &mut self.keys {
            (*best, key) = ((*best).max(key), (*best).min(key));
        }
    }

    /// What the keys inserted stand for.
    pub(super) fn name(&mut self, ranks: &Ranks) {
        self.best = self.keys.map(|key| ranks.of(key));
    }

    /// The largest of some losses, their fields in schema order.
    pub(super) fn choose(&mut self, losses: impl Iterator<Item = (usize, f64)>) {
        for (field, loss) in losses {
            // An equal loss stays behind those before it: they are of earlier fields.
            if let Some(at) = self.best.iter().position(|(best, _)| loss > *best) {
                self.best[at..].rotate_right(1);
                self.best[at] = (loss, field as u32);
            }
        }
    }
}
