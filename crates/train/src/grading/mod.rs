//! A master scale: grades proposed from the pds of customers whose outcome is known.
//!
//! Customers are put in order of their pd and into fine bins; those of one pd stay together. Of all ways to join
//! neighbouring bins to grades, the one with the most information value is taken in which the bad rate rises from grade
//! to grade, neighbours differ significantly, and no grade is too large or too thin: the dynamic programme of
//! [`optimal`](crate::binning::optimal).
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`propose`] | the cuts, their names and figures |
//! | 2 | [`rewritten`](crate::grading::rewritten()) | a model with other grades, as a new version |

mod rewritten;

pub use rewritten::{Rewritten, known_outcomes, rewritten};

use crate::binning::bins::Worth;
use crate::binning::optimal::optimise;
use crate::binning::params::{BinningParams, Objective, Trend};
use crate::binning::significance::proportions_p_value;
use crate::binning::tally::{Moments, Tally};
use crate::error::TrainError;
use arrears_model::interval::wilson;
use arrears_model::scale::Grade;
use serde::Serialize;

/// What grades have to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct GradingParams {
    /// Fewest grades, from 2.
    pub min_grades: usize,
    /// Most grades, to 30.
    pub max_grades: usize,
    /// Largest share of the customers in a grade.
    pub max_share: f64,
    /// Least share of the customers in a grade.
    pub min_share: f64,
    /// Least bads in a grade, and least goods.
    pub min_bads: f64,
    /// Largest p-value of the two-proportion test between neighbours.
    pub max_p_value: f64,
    /// Fine bins from which grades are joined, 10 to 500.
    pub fine: usize,
}

impl Default for GradingParams {
    fn default() -> Self {
        Self {
            min_grades: 2,
            max_grades: 10,
            max_share: 0.5,
            min_share: 0.02,
            min_bads: 5.0,
            max_p_value: 0.05,
            fine: 200,
        }
    }
}

/// One grade and its customers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProposedGrade {
    /// Name, label and highest pd.
    #[serde(flatten)]
    pub grade: Grade,
    /// Customers, and bads among them.
    pub rows: u64,
    /// Bads among them.
    pub bads: u64,
    /// Part of all customers.
    pub share: f64,
    /// Bads over rows.
    pub bad_rate: f64,
    /// 95 % Wilson interval of the bad rate.
    pub interval: (f64, f64),
    /// Mean pd.
    pub mean_pd: f64,
    /// Two-sided p-value of the two-proportion test against the grade before; `None` of the first.
    pub p_value: Option<f64>,
}

/// The proposal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// Best first.
    pub grades: Vec<ProposedGrade>,
    /// Sum of the squared shares: 1 / n for n grades of one size, 1 for a single one.
    pub herfindahl: f64,
    /// Information value of the grades.
    pub iv: f64,
}

impl Proposal {
    /// The grades as `[[grades]]` of a recipe.
    ///
    /// # Errors
    /// When a value has no form in TOML (none has).
    pub fn to_toml(&self) -> Result<String, TrainError> {
        #[derive(Serialize)]
        struct Section<'a> {
            grades: Vec<&'a Grade>,
        }
        let section = Section { grades: self.grades.iter().map(|grade| &grade.grade).collect() };
        toml::to_string(&section)
            .map_err(|e| TrainError::Recipe { name: "grades".to_owned(), why: e.to_string() })
    }
}

/// Proposes grades. `pd` and `bad` have one entry for each customer.
///
/// # Errors
/// A parameter out of its range, one outcome only, or no way to keep all limits, with what stands against it.
pub fn propose(pd: &[f64], bad: &[bool], params: &GradingParams) -> Result<Proposal, TrainError> {
    check(params)?;
    let bads = bad.iter().filter(|bad| **bad).count() as u64;
    if bads == 0 || bads == bad.len() as u64 {
        return Err(TrainError::OneClass { rows: bad.len(), bads });
    }
    let fine = fine_bins(pd, bad, params.fine);
    let moments: Vec<Moments> = fine.iter().map(|bin| of_tally(bin.tally)).collect();
    let whole = moments.iter().fold(Moments::default(), |a, b| a.merge(*b));
    let binning = BinningParams {
        trend: Trend::Ascending,
        objective: Objective::Iv,
        min_bins: params.min_grades,
        max_bins: params.max_grades,
        min_share: params.min_share,
        max_share: params.max_share,
        min_bads: params.min_bads,
        min_goods: params.min_bads,
        max_p_value: params.max_p_value,
        ..BinningParams::default()
    };
    let best = optimise(&moments, whole, Worth::Distance(Objective::Iv), &binning, &[])
        .map_err(|why| TrainError::Infeasible { column: "pd".to_owned(), why })?;
    Ok(proposal(&fine, &best.runs, best.worth))
}

fn check(params: &GradingParams) -> Result<(), TrainError> {
    let wrong =
        |key, value: String, expected| Err(TrainError::Parameter { section: "grades", key, value, expected });
    let (fewest, most) = (params.min_grades, params.max_grades);
    if fewest < 2 || most > 30 || fewest > most {
        return wrong("grades", format!("{fewest} to {most}"), "from 2 to 30 grades");
    }
    if !(params.max_share > 0.0 && params.max_share <= 1.0) {
        return wrong("max_share", params.max_share.to_string(), "a share above 0, up to 1");
    }
    if !(params.min_share >= 0.0 && params.min_share < params.max_share) {
        return wrong("min_share", params.min_share.to_string(), "a share below max_share");
    }
    if !(params.max_p_value > 0.0 && params.max_p_value <= 1.0) {
        return wrong("max_p_value", params.max_p_value.to_string(), "a p-value above 0, up to 1");
    }
    if !(params.min_bads >= 0.0 && params.min_bads.is_finite()) {
        return wrong("min_bads", params.min_bads.to_string(), "a count");
    }
    if !(10..=500).contains(&params.fine) {
        return wrong("fine", params.fine.to_string(), "10 to 500 fine bins");
    }
    Ok(())
}

/// Customers of neighbouring pds.
#[derive(Clone, Copy, Debug)]
struct Fine {
    lowest: f64,
    highest: f64,
    sum: f64,
    tally: Tally,
}

/// At most `bins` bins of about equal size, ascending; equal pds stay together.
fn fine_bins(pd: &[f64], bad: &[bool], bins: usize) -> Vec<Fine> {
    let mut order: Vec<usize> = (0..pd.len()).collect();
    order.sort_by(|a, b| pd[*a].total_cmp(&pd[*b]));
    let mut fine: Vec<Fine> = Vec::new();
    let mut done = 0;
    for ties in order.chunk_by(|a, b| pd[*a] == pd[*b]) {
        let x = pd[ties[0]];
        // A bin is full once it reaches the next of `bins` equal parts of all rows.
        let full = fine.last().is_some_and(|last| {
            let begun = done - last.tally.count as usize;
            done * bins / pd.len() > begun * bins / pd.len()
        });
        if fine.is_empty() || full {
            fine.push(Fine { lowest: x, highest: x, sum: 0.0, tally: Tally::default() });
        }
        let last = fine.last_mut().expect("one was pushed");
        last.highest = x;
        ties.iter().for_each(|row| last.tally.add(bad[*row]));
        last.sum += x * ties.len() as f64;
        done += ties.len();
    }
    fine
}

fn of_tally(tally: Tally) -> Moments {
    let bads = tally.bads as f64;
    Moments { rows: tally.count, weight: tally.count as f64, sum: bads, squares: bads }
}

fn proposal(fine: &[Fine], runs: &[usize], iv: f64) -> Proposal {
    let all: u64 = fine.iter().map(|bin| bin.tally.count).sum();
    let names = names(runs.len());
    let (mut grades, mut from): (Vec<ProposedGrade>, usize) = (Vec::new(), 0);
    for (run, (name, label)) in runs.iter().zip(names) {
        let bins = &fine[from..from + run];
        from += run;
        let tally = bins.iter().fold(Tally::default(), |sum, bin| sum.merge(bin.tally));
        let max_pd = fine.get(from).map(|next| shortest(bins[run - 1].highest, next.lowest));
        let p_value = grades.last().and_then(|before: &ProposedGrade| {
            let counts = [before.rows, tally.count].map(|n| n as f64);
            proportions_p_value([before.bads, tally.bads].map(|n| n as f64), counts)
        });
        grades.push(ProposedGrade {
            grade: Grade { name, label, max_pd },
            rows: tally.count,
            bads: tally.bads,
            share: tally.count as f64 / all as f64,
            bad_rate: tally.bad_rate(),
            interval: wilson(tally.bads, tally.count, Z_95).unwrap_or((0.0, 1.0)),
            mean_pd: bins.iter().map(|bin| bin.sum).sum::<f64>() / tally.count as f64,
            p_value,
        });
    }
    let herfindahl = grades.iter().map(|grade| grade.share * grade.share).sum();
    Proposal { grades, herfindahl, iv }
}

/// The 97.5 % quantile of the normal distribution.
const Z_95: f64 = 1.959963984540054;

/// The four default names, or numbers where there are not four.
fn names(grades: usize) -> Vec<(String, Option<String>)> {
    let four = [("excellent", "优秀"), ("good", "良好"), ("fair", "一般"), ("at risk", "风险")];
    if grades == four.len() {
        return four.map(|(name, label)| (name.to_owned(), Some(label.to_owned()))).to_vec();
    }
    (1..=grades).map(|n| (format!("G{n}"), Some(format!("{n}级")))).collect()
}

/// The number of fewest digits that is at least `low` and below `high`.
fn shortest(low: f64, high: f64) -> f64 {
    for digits in 0..17 {
        let text = format!("{low:.digits$e}");
        let near: f64 = text.parse().unwrap_or(low);
        let unit = 10f64.powi(libm::floor(libm::log10(low.max(f64::MIN_POSITIVE))) as i32 - digits as i32);
        let up = if near >= low { near } else { format!("{:.digits$e}", near + unit).parse().unwrap_or(low) };
        if up >= low && up < high {
            return up;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn cuts_are_as_short_as_they_can_be() {
        for (low, high, cut) in [
            (0.0312, 0.0478, 0.04),
            (0.0312, 0.0317, 0.0312),
            (0.03121, 0.0317, 0.0313),
            (0.05, 0.06, 0.05),
            (0.0996, 0.2, 0.1),
            (0.123456789, 0.12345679, 0.123456789),
            (1e-9, 2e-7, 1e-9),
        ] {
            assert_eq!(shortest(low, high), cut);
        }
        let (low, high) = (0.1f64, 0.1f64.next_up());
        assert_eq!(shortest(low, high), low);
    }
}
