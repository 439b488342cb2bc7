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
/// are not whole. The scorecards of segments share the columns of the same name; a row has points in those of its own.
#[derive(Clone, Debug)]
pub struct RowPoints {
    names: Vec<String>,
    scale: Scale,
    /// By segment (one where there are none), then column: where its points come from.
    cards: Vec<Vec<Option<Source>>>,
}

/// Where the points of a column come from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The base points.
    Base(f64),
    /// A term, and its part of the base points.
    Term { at: usize, share: f64 },
}

impl RowPoints {
    /// For a model whose terms are all lookups or pairs; `None` for any other.
    pub fn of(model: &Model) -> Option<Self> {
        let scale = model.scale?;
        let additives: Vec<&Additive> = match &model.predictor {
            Predictor::Additive(additive) => vec![additive],
            Predictor::Segmented(segmented) => segmented.segments.iter().map(|s| &s.additive).collect(),
            Predictor::Tree(_) | Predictor::Centroids(_) | Predictor::AmountTree(_) => return None,
        };
        let linear = |additive: &&Additive| {
            additive.terms.iter().any(|term| matches!(term.shape, Shape::Linear { .. }))
        };
        if additives.iter().any(linear) {
            return None;
        }
        let columns: Vec<Vec<(String, Source)>> =
            additives.iter().map(|additive| columns(model, additive, &scale)).collect();
        let mut names: Vec<String> = Vec::new();
        for (name, _) in columns.iter().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let card = |columns: &Vec<(String, Source)>| {
            let of = |name| columns.iter().find(|(own, _)| own == name).map(|(_, source)| *source);
            names.iter().map(of).collect()
        };
        let cards = columns.iter().map(card).collect();
        Some(Self { names, scale, cards })
    }

    /// What each number of [`RowPoints::split`] is of: a field, two fields (`a and b`), or `base`. All differ.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The points of a row, in the order of [`RowPoints::names`]; `segment` is the row's, where the model has some,
    /// and `terms` the log-odds of its terms. They add up to its score: exactly where points are whole, else but for
    /// the rounding of sums. `None`: the scorecard of its segment has no such characteristic.
    pub fn split<'a>(
        &'a self,
        segment: Option<usize>,
        terms: &'a [f64],
    ) -> impl Iterator<Item = Option<f64>> + 'a {
        let card = &self.cards[segment.unwrap_or(0)];
        card.iter().map(move |source| {
            source.map(|source| match source {
                Source::Base(points) => points,
                Source::Term { at, share } => share + self.scale.term_points(terms[at]),
            })
        })
    }
}

/// The columns of one sum of terms, the base points first where they stand alone.
fn columns(model: &Model, additive: &Additive, scale: &Scale) -> Vec<(String, Source)> {
    let (base, share) = spread(additive, scale);
    let field = |transform: usize| &model.schema.fields[model.transforms[transform].field()].name;
    let mut taken = BTreeSet::new();
    let terms = additive.terms.iter().enumerate().map(|(at, term)| match &term.shape {
        Shape::Pair { with, .. } => {
            (format!("{} and {}", field(term.transform), field(*with)), Source::Term { at, share: 0.0 })
        }
        Shape::Lookup { .. } | Shape::Linear { .. } => {
            (field(term.transform).clone(), Source::Term { at, share })
        }
    });
    let mut columns: Vec<(String, Source)> =
        terms.map(|(name, source)| (free(name, &mut taken), source)).collect();
    if let Some(points) = base {
        // Another segment may have a characteristic of that name.
        taken.extend(model.schema.fields.iter().map(|field| field.name.clone()));
        columns.insert(0, (free("base".to_owned(), &mut taken), Source::Base(points)));
    }
    columns
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
