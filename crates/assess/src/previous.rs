//! The standings of the last run in memory, about 90 bytes a customer, by customer.

use crate::hysteresis::Held;
use crate::standing::{Run, Standing};
use ahash::RandomState;
use arrears_behavior::Texts;
use hashbrown::HashTable;
use std::collections::HashMap;

/// The last run.
pub(crate) struct Previous {
    pub(crate) run: Run,
    customers: Texts,
    kept: Vec<Kept>,
    by_customer: HashTable<u32>,
    hasher: RandomState,
    names: Names,
}

/// A standing without its texts. What there is not is NaN, or code 0.
struct Kept {
    pd: f64,
    score: f64,
    limit: f64,
    exposure: f64,
    held: Held,
    grade: u8,
    model_grade: u8,
    tier: u32,
    why: u32,
}

/// Texts that come again and again, each once; 0 stands for none.
#[derive(Default)]
struct Names {
    codes: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Names {
    fn code(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text else { return 0 };
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        self.texts.push(text.to_owned());
        let code = self.texts.len() as u32;
        self.codes.insert(text.to_owned(), code);
        code
    }

    fn text(&self, code: u32) -> Option<String> {
        self.texts.get((code as usize).checked_sub(1)?).cloned()
    }
}

fn there(x: f64) -> Option<f64> {
    Some(x).filter(|x| !x.is_nan())
}

impl Previous {
    pub(crate) fn new(run: Run) -> Previous {
        Previous {
            run,
            customers: Texts::default(),
            kept: Vec::new(),
            by_customer: HashTable::new(),
            hasher: RandomState::with_seeds(1, 2, 3, 4),
            names: Names::default(),
        }
    }

    /// Adds a customer, who must not be there yet.
    pub(crate) fn push(&mut self, standing: &Standing, held: Held) {
        let number = |x: Option<f64>| x.unwrap_or(f64::NAN);
        let at = self.kept.len() as u32;
        self.kept.push(Kept {
            pd: standing.pd,
            score: number(standing.score),
            limit: number(standing.limit),
            exposure: number(standing.exposure),
            held,
            grade: standing.grade as u8,
            model_grade: standing.model_grade as u8,
            tier: self.names.code(standing.tier.as_deref()),
            why: self.names.code(standing.why.as_deref()),
        });
        self.customers.push(&standing.customer);
        let (customers, hasher) = (&self.customers, &self.hasher);
        self.by_customer.insert_unique(hasher.hash_one(standing.customer.as_str()), at, |at| {
            hasher.hash_one(customers.get(*at as usize))
        });
    }

    /// How many customers.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// The place of a customer.
    pub(crate) fn find(&self, customer: &str) -> Option<usize> {
        let same = |at: &u32| self.customers.get(*at as usize) == customer;
        self.by_customer.find(self.hasher.hash_one(customer), same).map(|at| *at as usize)
    }

    /// What held before overrides.
    pub(crate) fn held(&self, at: usize) -> Held {
        self.kept[at].held
    }

    /// Position of the grade in the grades of that run.
    pub(crate) fn grade(&self, at: usize) -> usize {
        usize::from(self.kept[at].grade)
    }

    pub(crate) fn limit(&self, at: usize) -> Option<f64> {
        there(self.kept[at].limit)
    }

    /// The whole standing.
    pub(crate) fn standing(&self, at: usize) -> Standing {
        let kept = &self.kept[at];
        Standing {
            customer: self.customers.get(at).to_owned(),
            pd: kept.pd,
            score: there(kept.score),
            model_grade: usize::from(kept.model_grade),
            grade: usize::from(kept.grade),
            limit: there(kept.limit),
            tier: self.names.text(kept.tier),
            exposure: there(kept.exposure),
            why: self.names.text(kept.why),
        }
    }
}
