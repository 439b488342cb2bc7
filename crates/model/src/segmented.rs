//! Segmented predictor: a router names a row's segment, the segment's own sum of terms scores it.

use crate::additive::{Additive, Shape};
use crate::centroids::Centroids;
use crate::error::{ModelError, invalid};
use crate::profile::{FieldProfile, countable};
use crate::schema::Schema;
use crate::transform::Transform;
use crate::tree::Tree;
use crate::value::Cell;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A scorecard for each segment. All of them are on the model's one list of transforms and its one scale: log-odds
/// are comparable, so a score means the same in every segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segmented {
    /// What decides which segment a row belongs to.
    pub router: Router,
    /// The segments: one for each leaf of a tree, in the order of the nodes, or for each centre.
    pub segments: Vec<SegmentCard>,
}

/// What decides which segment a row belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Router {
    /// The leaf that the row comes to.
    Tree(Tree),
    /// The nearest centre.
    Centroids(Centroids),
}

/// One segment with its scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentCard {
    /// Name in the output; no two are alike.
    pub name: String,
    /// Training rows of the segment: those of its leaf or centre.
    pub count: u64,
    /// Bads among them.
    pub bads: u64,
    /// The scorecard; its terms are lookups. Without terms every customer of the segment has the same pd.
    pub additive: Additive,
    /// The segment's training rows in the bins of its terms, for its points table.
    pub profile: Vec<FieldProfile>,
}

impl Router {
    /// Position of a row's segment. `path` and `point` are working memory; the coordinates of the row are left in
    /// `point` by centres.
    pub fn route(
        &self,
        transforms: &[Transform],
        cells: &[Cell],
        path: &mut Vec<usize>,
        point: &mut Vec<f64>,
    ) -> usize {
        match self {
            Self::Tree(tree) => {
                let leaf = tree.descend(cells, path);
                // A checked tree has that leaf among its leaves.
                tree.leaves().position(|l| l == leaf).unwrap_or(0)
            }
            Self::Centroids(centroids) => {
                centroids.locate(transforms, cells, point);
                centroids.place(point).segment
            }
        }
    }

    /// Positions of the fields that it reads, each once, ascending.
    pub fn fields(&self, transforms: &[Transform]) -> Vec<usize> {
        let fields: BTreeSet<usize> = match self {
            Self::Tree(tree) => tree.nodes.iter().flat_map(|n| &n.split).map(|s| s.field).collect(),
            Self::Centroids(c) => c.coordinates.iter().map(|t| transforms[*t].field()).collect(),
        };
        fields.into_iter().collect()
    }

    /// Training rows and bads of each segment.
    fn tallies(&self) -> Vec<(u64, Option<u64>)> {
        match self {
            Self::Tree(tree) => {
                tree.leaves().map(|leaf| (tree.nodes[leaf].count, Some(tree.nodes[leaf].bads))).collect()
            }
            Self::Centroids(centroids) => centroids.segments.iter().map(|s| (s.count, s.bads)).collect(),
        }
    }

    fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        match self {
            Self::Tree(tree) => tree.check(schema),
            Self::Centroids(centroids) => centroids.check(schema, transforms),
        }
    }
}

impl Segmented {
    pub(crate) fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        self.router.check(schema, transforms)?;
        let tallies = self.router.tallies();
        if tallies.len() != self.segments.len() {
            return Err(invalid(format!(
                "there are {} segments, and the router tells {} apart",
                self.segments.len(),
                tallies.len()
            )));
        }
        if !countable(self.segments.iter().map(|s| s.count)) {
            return Err(invalid("the segments' counts must add up to at most 2^53"));
        }
        let mut names = BTreeSet::new();
        for (segment, tally) in self.segments.iter().zip(tallies) {
            let fail = |what: &str| Err(invalid(format!("segment `{}`: {what}", segment.name)));
            if !names.insert(&segment.name) {
                return fail("another one has the same name");
            }
            if (segment.count, Some(segment.bads)) != tally {
                return fail("its rows and bads are not those of its leaf or centre");
            }
            segment.additive.check(schema, transforms)?;
            if !segment.additive.terms.iter().all(|t| matches!(t.shape, Shape::Lookup { .. })) {
                return fail("its terms must be lookups");
            }
            for entry in &segment.profile {
                entry.check(schema, transforms)?;
                if entry.counts.iter().sum::<u64>() != segment.count || entry.bads.is_empty() {
                    return fail("its profile must hold each of its rows once, with the bads");
                }
            }
        }
        if let Router::Centroids(centroids) = &self.router {
            let same = centroids.segments.iter().zip(&self.segments).all(|(a, b)| a.name == b.name);
            if !same {
                return Err(invalid("the centres must have the names of the segments"));
            }
        }
        Ok(())
    }
}
