//! Which fields a model reads to make its prediction.

use crate::branch::Branch;
use crate::formula::Formulas;
use crate::model::{Parts, Predictor};
use crate::segmented::Router;

impl Parts {
    /// For each field whether the prediction needs it: the predictor reads it, or a formula whose result the predictor reads.
    pub fn fields_used(&self) -> Vec<bool> {
        let mut used = vec![false; self.schema.fields.len()];
        self.read_by_predictor(&mut |field| used[field] = true);
        for (field, program) in Formulas::of(&self.schema).programs() {
            if used[field] {
                program.uses().iter().for_each(|input| used[*input] = true);
            }
        }
        used
    }

    /// For each field whether pd, score and grade need it: the prediction does, or the matrix of two scores.
    pub fn fields_needed(&self) -> Vec<bool> {
        let mut needed = self.fields_used();
        let of_grade = self.decisions.iter().flat_map(|decisions| decisions.fields_of_grade(&self.schema));
        let formulas = Formulas::of(&self.schema);
        for at in of_grade {
            needed[at] = true;
            let program = formulas.programs().find(|(field, _)| *field == at);
            program.into_iter().flat_map(|(_, p)| p.uses()).for_each(|input| needed[*input] = true);
        }
        needed
    }

    fn read_by_predictor(&self, read: &mut dyn FnMut(usize)) {
        let mut splits = |nodes: &mut dyn Iterator<Item = usize>| nodes.for_each(&mut *read);
        match &self.predictor {
            Predictor::Additive(a) => {
                a.terms.iter().flat_map(|t| t.shares(&self.transforms)).for_each(|(field, _)| read(field));
            }
            Predictor::Tree(t) => splits(&mut t.nodes.iter().filter_map(Branch::split).map(|s| s.field)),
            Predictor::AmountTree(t) => {
                splits(&mut t.nodes.iter().filter_map(Branch::split).map(|s| s.field))
            }
            Predictor::Centroids(c) => {
                c.coordinates.iter().for_each(|at| read(self.transforms[*at].field()));
            }
            Predictor::Segmented(s) => {
                let terms = s.segments.iter().flat_map(|segment| &segment.additive.terms);
                terms.for_each(|term| read(self.transforms[term.transform].field()));
                match &s.router {
                    Router::Tree(t) => t.nodes.iter().filter_map(Branch::split).for_each(|s| read(s.field)),
                    Router::Centroids(c) => {
                        c.coordinates.iter().for_each(|at| read(self.transforms[*at].field()));
                    }
                }
            }
        }
    }
}
