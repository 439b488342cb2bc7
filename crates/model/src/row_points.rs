//! Points of one row by characteristic: what a customer's score is made of.

use crate::additive::{Additive, Shape};
use crate::model::{Model, Predictor};
use crate::points::{base_points, characteristics_of};
use crate::scale::Scale;
use std::collections::BTreeSet;

/// How the log-odds of a row's terms become points that add up to its score.
///
/// There is a column for each term, named by its field, or by both fields of a pair. The base points stand in every
/// characteristic in equal parts, as in the points table; in a column of their own where equal parts of whole points
/// are not whole.
#[derive(Clone, Debug)]
pub struct RowPoints {
    names: Vec<String>,
    scale: Scale,
    /// The base points, where they have a column: the first.
    base: Option<f64>,
    /// By term: its part of the base points.
    shares: Vec<f64>,
}

impl RowPoints {
    /// For a model whose terms are all lookups or pairs; `None` for any other.
    pub fn of(model: &Model) -> Option<Self> {
        let (Predictor::Additive(additive), Some(scale)) = (&model.predictor, model.scale) else {
            return None;
        };
        if additive.terms.iter().any(|term| matches!(term.shape, Shape::Linear { .. })) {
            return None;
        }
        let (base, share) = spread(additive, &scale);
        let pair = |shape: &Shape| matches!(shape, Shape::Pair { .. });
        let shares = additive.terms.iter().map(|term| if pair(&term.shape) { 0.0 } else { share }).collect();
        let field = |transform: usize| &model.schema.fields[model.transforms[transform].field()].name;
        let mut taken = BTreeSet::new();
        let terms = additive.terms.iter().map(|term| match &term.shape {
            Shape::Pair { with, .. } => format!("{} and {}", field(term.transform), field(*with)),
            Shape::Lookup { .. } | Shape::Linear { .. } => field(term.transform).clone(),
        });
        let mut names: Vec<String> = terms.map(|name| free(name, &mut taken)).collect();
        if base.is_some() {
            names.insert(0, free("base".to_owned(), &mut taken));
        }
        Some(Self { names, scale, base, shares })
    }

    /// What each number of [`RowPoints::split`] is of: a field, two fields (`a and b`), or `base`. All differ.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The points of a row, in the order of [`RowPoints::names`]; `terms` are the log-odds of its terms. They add up
    /// to its score: exactly where points are whole, else but for the rounding of sums.
    pub fn split<'a>(&'a self, terms: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let points =
            self.shares.iter().zip(terms).map(|(share, value)| share + self.scale.term_points(*value));
        self.base.into_iter().chain(points)
    }
}

/// The base points where they stand alone, and the part of them in each characteristic.
fn spread(additive: &Additive, scale: &Scale) -> (Option<f64>, f64) {
    let base = base_points(additive, scale);
    let share = base / characteristics_of(additive) as f64;
    // Without any characteristic the share is no finite number.
    let apart = !share.is_finite() || (scale.whole_points && share.fract() != 0.0);
    if apart { (Some(base), 0.0) } else { (None, share) }
}

/// The name, with a number where it is taken: two terms may read one field, and a field be called as a pair is.
fn free(name: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|n| format!("{name} {n}"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
    free.unwrap_or(name)
}
