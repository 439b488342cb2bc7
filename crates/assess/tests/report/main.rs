//! The report of a run: figures against the slow way, a hand-computed case, the tables and the page.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod by_hand;
mod files;
mod oracle;

use arrears_assess::{Run, Standing};

fn run(as_of: &str, model: &str, grades: &[&str]) -> Run {
    Run {
        as_of: as_of.into(),
        model: model.into(),
        grades: grades.iter().map(|g| (*g).into()).collect(),
        currency: "GBP".into(),
    }
}

/// A standing whose grade is the model's; `money` is limit and exposure.
fn standing(customer: &str, pd: f64, grade: usize, money: [Option<f64>; 2], tier: Option<&str>) -> Standing {
    Standing {
        customer: customer.into(),
        pd,
        score: None,
        model_grade: grade,
        grade,
        limit: money[0],
        tier: tier.map(Into::into),
        exposure: money[1],
        why: None,
    }
}
