//! How today's customers lie in the bins of the model's profile: live PSI.
//!
//! The last 10,000 to 20,000 customers count, so that a drift shows however long the service runs.

use arrears_model::{Cell, Model};
use arrears_validate::{Psi, psi};
use std::sync::{Mutex, PoisonError};

/// Customers after which the older counts are let go.
pub(crate) const WINDOW: u64 = 10_000;

/// Counts of one model.
pub(crate) struct Drift {
    /// Where the bins of each watched field begin; then where those of the score begin, and where they end.
    starts: Vec<usize>,
    /// A request holds the lock for as long as it takes to add its bins, once.
    window: Mutex<Window>,
}

/// Two generations: one is counted in, the one before it is read too.
struct Window {
    rows: u64,
    current: Vec<u64>,
    before: Vec<u64>,
}

/// Bins of the customers of one request, to be added at once when its answer is final.
pub(crate) struct Seen {
    bins: Vec<u32>,
    rows: u64,
}

/// A PSI and what it is of.
pub(crate) struct LivePsi<'m> {
    /// The field, or `None` for the score.
    pub(crate) field: Option<&'m str>,
    /// Against the profile.
    pub(crate) psi: Psi,
}

impl Drift {
    pub(crate) fn of(model: &Model) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        let score = model.profile.score.iter().map(|score| score.counts.len());
        for bins in model.profile.fields.iter().map(|entry| entry.counts.len()).chain(score) {
            end += bins;
            starts.push(end);
        }
        let window = Window { rows: 0, current: vec![0; end], before: vec![0; end] };
        Drift { starts, window: Mutex::new(window) }
    }

    /// For the customers of a request.
    pub(crate) fn nothing_seen(&self) -> Seen {
        Seen { bins: vec![0; self.starts[self.starts.len() - 1]], rows: 0 }
    }

    /// One scored customer; `cell` tells what became of each field.
    pub(crate) fn see(
        &self,
        seen: &mut Seen,
        model: &Model,
        cell: impl Fn(usize) -> Cell,
        score: Option<f64>,
    ) {
        seen.rows += 1;
        for (entry, start) in model.profile.fields.iter().zip(&self.starts) {
            let transform = &model.transforms[entry.transform];
            let field = transform.field();
            seen.bins[start + transform.bin(&model.schema.fields[field], cell(field))] += 1;
        }
        if let (Some(profile), Some(score)) = (&model.profile.score, score) {
            seen.bins[self.starts[model.profile.fields.len()] + profile.band(score)] += 1;
        }
    }

    /// Adds what a request saw.
    pub(crate) fn add(&self, seen: &Seen) {
        if seen.rows == 0 {
            return;
        }
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.current.iter_mut().zip(&seen.bins).for_each(|(count, more)| *count += u64::from(*more));
        window.rows += seen.rows;
        if window.rows >= WINDOW {
            let Window { rows, current, before } = &mut *window;
            std::mem::swap(current, before);
            current.fill(0);
            *rows = 0;
        }
    }

    /// The PSI of each watched field and of the score; empty before the first customer.
    pub(crate) fn psi<'m>(&self, model: &'m Model) -> Vec<LivePsi<'m>> {
        let counts: Vec<u64> = {
            let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
            window.current.iter().zip(&window.before).map(|(a, b)| a + b).collect()
        };
        let fields = model.profile.fields.iter().map(|entry| {
            let field = model.transforms[entry.transform].field();
            (Some(model.schema.fields[field].name.as_str()), &entry.counts)
        });
        let score = model.profile.score.iter().map(|score| (None, &score.counts));
        let live = fields.chain(score).zip(self.starts.windows(2)).filter_map(|((field, expected), ends)| {
            Some(LivePsi { field, psi: psi(expected, &counts[ends[0]..ends[1]]).ok()? })
        });
        live.collect()
    }
}
