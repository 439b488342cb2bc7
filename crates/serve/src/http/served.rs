//! One model in service: what it is, what its answers are written with, and what it has counted.

use crate::http::drift::Drift;
use crate::http::keys::Keys;
use crate::http::outcome::{Cause, Customer, Outcome};
use crate::http::scoring::ScoredRequest;
use crate::http::words::Words;
use crate::overrides::Overrides;
use arrears_model::Model;
use arrears_model::compiled::CompiledScorer;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A loaded model. Counts live as long as it does: a model that is loaded anew begins at 0.
pub(crate) struct Served {
    pub(crate) model: Model,
    /// The model in flat arrays: what scores.
    pub(crate) scorer: CompiledScorer,
    /// The model's file as it was read.
    pub(crate) file: Vec<u8>,
    pub(crate) keys: Keys,
    pub(crate) words: Words,
    pub(crate) drift: Drift,
    /// What people set; swapped when the file changes.
    overrides: RwLock<Option<Arc<Overrides>>>,
    /// Scored customers by grade; the last entry counts those without.
    grades: Vec<AtomicU64>,
    rejects: Mutex<BTreeMap<(Option<String>, Cause), u64>>,
}

impl Served {
    pub(crate) fn new(model: Model, file: Vec<u8>) -> Self {
        Served {
            scorer: CompiledScorer::new(&model),
            keys: Keys::of(&model.schema),
            words: Words::of(&model),
            drift: Drift::of(&model),
            overrides: RwLock::new(None),
            grades: (0..=model.grades.len()).map(|_| AtomicU64::new(0)).collect(),
            rejects: Mutex::new(BTreeMap::new()),
            model,
            file,
        }
    }

    /// What people set for customers, where the service has overrides.
    pub(crate) fn overrides(&self) -> Option<Arc<Overrides>> {
        self.overrides.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_overrides(&self, overrides: Arc<Overrides>) {
        *self.overrides.write().unwrap_or_else(PoisonError::into_inner) = Some(overrides);
    }

    /// Counts the customers of a request whose answer is final.
    pub(crate) fn count(&self, request: &ScoredRequest) {
        self.drift.add(&request.seen);
        for Customer { outcome, .. } in &request.customers {
            match outcome {
                Outcome::Scored { scored, .. } => {
                    self.grades[scored.grade.unwrap_or(self.model.grades.len())].fetch_add(1, Relaxed);
                }
                Outcome::Failed(fault) => {
                    // Names of fields only: what a body calls its own columns must not fill the memory.
                    let field = fault.field.clone().filter(|f| self.model.schema.position(f).is_some());
                    let mut rejects = self.rejects.lock().unwrap_or_else(PoisonError::into_inner);
                    *rejects.entry((field, fault.cause)).or_default() += 1;
                }
            }
        }
    }

    /// Scored customers by the name of their grade; those without one under the empty name.
    pub(crate) fn scored_by_grade(&self) -> Vec<(&str, u64)> {
        let names = self.model.grades.iter().map(|grade| grade.name.as_str()).chain([""]);
        names.zip(self.grades.iter().map(|count| count.load(Relaxed))).collect()
    }

    /// Customers that were not scored, by field and cause.
    pub(crate) fn rejected(&self) -> Vec<(Option<String>, Cause, u64)> {
        let rejects = self.rejects.lock().unwrap_or_else(PoisonError::into_inner);
        rejects.iter().map(|((field, cause), rows)| (field.clone(), *cause, *rows)).collect()
    }

    /// `name/version`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.model.name, self.model.version)
    }
}
