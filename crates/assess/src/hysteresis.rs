//! Hysteresis: a grade holds until the pd says clearly, or often enough, that it is another.
//!
//! Two things keep a grade from flickering. A border is passed only by a `margin` on the log-odds scale, as in the threshold
//! models of agency ratings (Altman and Rijken, "How rating agencies achieve rating stability", Journal of Banking & Finance 28,
//! 2004). And bad news count at once, good news when they last: an upgrade waits for `runs` runs in a row, as a probation does
//! before a debtor returns from default (EBA/GL/2016/07, section 7).
//!
//! What holds next depends on what held, on the grades that the last runs called for, and on the new pd; on nothing else, so that
//! a chain of runs can be made again.

use arrears_model::scale::{Grade, log_odds, probability};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Most runs that an upgrade can wait for.
pub const MOST_RUNS: usize = 12;

/// Most grades.
pub(crate) const MOST_GRADES: usize = 255;

/// Section `[assess.hysteresis]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hysteresis {
    /// By how much the pd has to pass the border of a grade, in log-odds; 0 to 3, default 0.2 (a fifth of the odds). 0: not at all.
    /// A downgrade by two grades or more, or into the worst, needs no margin.
    pub margin: f64,
    /// After how many runs in a row that call for a better grade it is given, 1 to 12, default 2. 1: at once.
    pub runs: usize,
}

impl Default for Hysteresis {
    fn default() -> Self {
        Self { margin: 0.2, runs: 2 }
    }
}

impl Hysteresis {
    /// The grade of the model always holds.
    pub const OFF: Hysteresis = Hysteresis { margin: 0.0, runs: 1 };

    /// # Errors
    /// What is out of range.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(0.0..=3.0).contains(&self.margin) {
            return Err(format!("margin = {}: expected 0 to 3, in log-odds", self.margin));
        }
        if !(1..=MOST_RUNS).contains(&self.runs) {
            return Err(format!("runs = {}: expected 1 to {MOST_RUNS}", self.runs));
        }
        Ok(())
    }
}

/// The grades that the last runs called for, oldest first: positions. As text they are ranks, the best grade 1: `3,2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    len: u8,
    grades: [u8; MOST_RUNS],
}

impl Calls {
    /// As positions of grades.
    pub fn grades(&self) -> &[u8] {
        &self.grades[..usize::from(self.len)]
    }

    /// The last of these and one more, `most` in all.
    fn then(&self, call: usize, most: usize) -> Calls {
        let all = self.grades();
        let mut next = Calls::default();
        let last = &all[all.len().saturating_sub(most - 1)..];
        for grade in last.iter().copied().chain([call as u8]) {
            next.grades[usize::from(next.len)] = grade;
            next.len += 1;
        }
        next
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, grade) in self.grades().iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "," }, u16::from(*grade) + 1)?;
        }
        Ok(())
    }
}

impl FromStr for Calls {
    type Err = ();

    fn from_str(text: &str) -> Result<Calls, ()> {
        let mut calls = Calls::default();
        for rank in text.split(',').filter(|rank| !rank.is_empty()) {
            let grade: u8 =
                rank.parse::<u16>().ok().and_then(|rank| u8::try_from(rank.checked_sub(1)?).ok()).ok_or(())?;
            *calls.grades.get_mut(usize::from(calls.len)).ok_or(())? = grade;
            calls.len += 1;
        }
        Ok(calls)
    }
}

/// What holds of a customer after a run, before overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Position of the grade.
    pub grade: usize,
    /// What the last runs called for, this one last.
    pub calls: Calls,
}

/// Hysteresis for the grades of a model.
#[derive(Clone, Debug)]
pub struct Borders {
    /// By grade but the last: the pd above which a customer of this grade is in a worse one.
    worse: Vec<f64>,
    /// By grade but the last: the pd up to which a customer of a worse grade is called into this one.
    better: Vec<f64>,
    /// Whether the pd alone makes the grade, so that it can be said how far it is from a border.
    by_pd: bool,
    runs: usize,
}

impl Borders {
    /// Of checked grades. Where not `by_pd`, as with a matrix of two scores, there is no margin: a run calls for the model's grade.
    pub fn new(grades: &[Grade], by_pd: bool, hysteresis: Hysteresis) -> Borders {
        let moved = |pd: f64, by: f64| if by == 0.0 { pd } else { probability(log_odds(pd) + by) };
        let borders = || grades.iter().filter_map(|grade| grade.max_pd);
        Borders {
            worse: borders().map(|pd| moved(pd, hysteresis.margin)).collect(),
            better: borders().map(|pd| moved(pd, -hysteresis.margin)).collect(),
            by_pd,
            runs: hysteresis.runs,
        }
    }

    /// What holds after a run that found `pd`, whose grade in the model is `model`. A customer without a previous standing has the
    /// grade of the model.
    ///
    /// A grade that is worse holds at once: by two or more, or the worst, wherever the pd is in it; the next one when the pd passes
    /// its border by the margin. A better grade holds when the last runs, as many as are set, all called for a better one: the
    /// worst of those that they called for. A run calls for the best grade whose border its pd passes by the margin.
    pub fn settle(&self, previous: Option<Held>, pd: f64, model: usize) -> Held {
        let Some(Held { grade: held, calls }) = previous else {
            return Held { grade: model, calls: Calls::default().then(model, self.runs) };
        };
        let call = self.call(held, pd, model);
        let calls = calls.then(call, self.runs);
        let worst = calls.grades().iter().map(|grade| usize::from(*grade)).max().unwrap_or(call);
        let grade = match call < held {
            true if calls.grades().len() < self.runs => held,
            true => worst.min(held),
            false => call,
        };
        Held { grade, calls }
    }

    /// The grade that a pd calls for, where `held` holds.
    fn call(&self, held: usize, pd: f64, model: usize) -> usize {
        if !self.by_pd {
            return model;
        }
        let last = self.worse.len();
        if model > held {
            let clear =
                model >= held + 2 || model == last || self.worse.get(held).is_some_and(|border| pd > *border);
            return if clear { model } else { held };
        }
        let reached = self.better.iter().position(|border| pd <= *border).unwrap_or(last);
        reached.clamp(model, held)
    }
}
