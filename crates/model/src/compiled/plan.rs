//! Which tables a model needs.

use super::nearest::Nearest;
use super::probability::Verdict;
use super::slots::Slots;
use super::terms::Terms;
use super::walk::{Leaf, Walk, leaves_of_amounts, leaves_of_pds};
use crate::additive::{Additive, Shape};
use crate::branch::Branch;
use crate::model::{Model, Predictor};
use crate::segmented::{self, Segmented};
use crate::transform::Transform;
use crate::tree::Test;
use std::collections::BTreeSet;

/// Most entries of all tables together; models have a few thousand, and a file made up to fill the memory must not.
const ROOM: usize = 1 << 22;

/// How a model is scored; one variant for each predictor.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    Sum(Terms),
    Tree {
        walk: Walk,
        leaves: Vec<Leaf>,
    },
    Nearest(Nearest),
    Segmented {
        router: Router,
        cards: Vec<Terms>,
    },
    /// Row by row by the plain scorer: where tables would be too large.
    Plain(Box<Model>),
}

/// What decides which segment a row belongs to.
#[derive(Clone, Debug)]
pub(super) enum Router {
    /// The segment of each leaf, by position in the nodes.
    Tree {
        walk: Walk,
        segments: Vec<u32>,
    },
    Nearest(Nearest),
}

impl Plan {
    /// The slots of all fields and the tables.
    pub(super) fn new(model: &Model, verdict: Option<&Verdict>) -> (Vec<Slots>, Self) {
        let schema = &model.schema;
        let fields = schema.fields.iter().zip(asked(model));
        let slots: Option<Vec<Slots>> =
            fields.map(|(field, at)| Slots::new(field, schema.missing_of(field), at)).collect();
        let plan = slots.filter(|slots| size(model, slots) <= ROOM).and_then(|slots| {
            let plan = Self::tabled(model, verdict, &slots)?;
            Some((slots, plan))
        });
        plan.unwrap_or_else(|| (Vec::new(), Self::Plain(Box::new(model.clone()))))
    }

    fn tabled(model: &Model, verdict: Option<&Verdict>, slots: &[Slots]) -> Option<Self> {
        Some(match &model.predictor {
            Predictor::Additive(additive) => Self::Sum(Terms::new(model, slots, additive, verdict?)),
            Predictor::Tree(tree) => Self::Tree {
                walk: Walk::new(&tree.nodes, slots),
                leaves: leaves_of_pds(tree, slots.len(), verdict?),
            },
            Predictor::AmountTree(tree) => Self::Tree {
                walk: Walk::new(&tree.nodes, slots),
                leaves: leaves_of_amounts(tree, slots.len()),
            },
            Predictor::Centroids(centroids) => Self::Nearest(Nearest::new(model, centroids, slots)),
            Predictor::Segmented(segmented) => {
                let cards = segmented.segments.iter();
                let cards = cards.map(|card| Some(Terms::new(model, slots, &card.additive, verdict?)));
                Self::Segmented {
                    router: Router::new(model, segmented, slots),
                    cards: cards.collect::<Option<_>>()?,
                }
            }
        })
    }

    /// Number of terms, by segment where the model has some; none where it is no sum of terms.
    pub(super) fn widths(&self) -> Vec<usize> {
        let terms = |additive: &Additive| additive.terms.len();
        match self {
            Self::Sum(sum) => vec![sum.terms.len()],
            Self::Segmented { cards, .. } => cards.iter().map(|card| card.terms.len()).collect(),
            Self::Tree { .. } | Self::Nearest(_) => Vec::new(),
            Self::Plain(model) => match &model.predictor {
                Predictor::Additive(additive) => vec![terms(additive)],
                Predictor::Segmented(s) => s.segments.iter().map(|card| terms(&card.additive)).collect(),
                Predictor::Tree(_) | Predictor::Centroids(_) | Predictor::AmountTree(_) => Vec::new(),
            },
        }
    }

    /// Fields whose numbers are calculated with.
    pub(super) fn number_fields(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Self::Sum(terms) => Box::new(terms.number_fields()),
            Self::Nearest(nearest) | Self::Segmented { router: Router::Nearest(nearest), .. } => {
                Box::new(nearest.number_fields())
            }
            Self::Tree { .. } | Self::Segmented { .. } | Self::Plain(_) => Box::new(std::iter::empty()),
        }
    }
}

impl Router {
    fn new(model: &Model, segmented: &Segmented, slots: &[Slots]) -> Self {
        match &segmented.router {
            segmented::Router::Centroids(centroids) => Self::Nearest(Nearest::new(model, centroids, slots)),
            segmented::Router::Tree(tree) => {
                let mut segments = vec![0; tree.nodes.len()];
                tree.leaves().enumerate().for_each(|(segment, leaf)| segments[leaf] = segment as u32);
                Self::Tree { walk: Walk::new(&tree.nodes, slots), segments }
            }
        }
    }
}

/// By field, the numbers at which bins and questions part its values.
fn asked(model: &Model) -> Vec<Vec<f64>> {
    let mut asked = vec![Vec::new(); model.schema.fields.len()];
    let mut transforms = BTreeSet::new();
    let of_sum = |additive: &Additive, transforms: &mut BTreeSet<usize>| {
        for term in &additive.terms {
            transforms.insert(term.transform);
            if let Shape::Pair { with, .. } = &term.shape {
                transforms.insert(*with);
            }
        }
    };
    match &model.predictor {
        Predictor::Additive(additive) => of_sum(additive, &mut transforms),
        Predictor::Tree(tree) => thresholds(&tree.nodes, &mut asked),
        Predictor::AmountTree(tree) => thresholds(&tree.nodes, &mut asked),
        Predictor::Centroids(_) => {}
        Predictor::Segmented(segmented) => {
            segmented.segments.iter().for_each(|card| of_sum(&card.additive, &mut transforms));
            if let segmented::Router::Tree(tree) = &segmented.router {
                thresholds(&tree.nodes, &mut asked);
            }
        }
    }
    for transform in transforms {
        if let Transform::Intervals { field, splits } = &model.transforms[transform] {
            asked[*field].extend(splits);
        }
    }
    asked
}

fn thresholds(nodes: &[impl Branch], asked: &mut [Vec<f64>]) {
    for split in nodes.iter().filter_map(Branch::split) {
        if let Test::Below { threshold, .. } = &split.test {
            asked[split.field].push(*threshold);
        }
    }
}

/// Entries that all tables would have.
fn size(model: &Model, slots: &[Slots]) -> usize {
    match &model.predictor {
        Predictor::Additive(additive) => Terms::size(model, slots, additive),
        Predictor::Tree(tree) => Walk::size(&tree.nodes, slots),
        Predictor::AmountTree(tree) => Walk::size(&tree.nodes, slots),
        Predictor::Centroids(centroids) => Nearest::size(model, centroids, slots),
        Predictor::Segmented(segmented) => {
            let router = match &segmented.router {
                segmented::Router::Tree(tree) => Walk::size(&tree.nodes, slots),
                segmented::Router::Centroids(centroids) => Nearest::size(model, centroids, slots),
            };
            let cards = segmented.segments.iter().map(|card| Terms::size(model, slots, &card.additive));
            router + cards.sum::<usize>()
        }
    }
}
