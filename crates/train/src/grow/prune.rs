//! Cost-complexity pruning: leaves that do not pay for themselves are taken back, weakest first (Breiman et al.,
//! Classification and Regression Trees, 1984, chapter 3).

use super::level::Grown;
use super::stats::Stats;

/// The order in which the splits of a tree are taken back.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// Penalties of a leaf from which on a smaller tree is better, ascending, and the nodes that become leaves there.
    pub(crate) steps: Vec<(f64, Vec<usize>)>,
}

/// The path of a tree. `risk`: what a node would cost as a leaf, its impurity times its weight.
pub(crate) fn path<S: Stats>(tree: &Grown<S>, risk: impl Fn(S) -> f64) -> Path {
    let risks: Vec<f64> = tree.nodes.iter().map(|node| risk(node.stats)).collect();
    let mut pruned = vec![false; tree.nodes.len()];
    let mut steps: Vec<(f64, Vec<usize>)> = Vec::new();
    loop {
        // Cost and leaves of each node's subtree as it stands; children stand after their parents.
        let mut below: Vec<(f64, usize)> = risks.iter().map(|risk| (*risk, 1)).collect();
        let mut links: Vec<(f64, usize)> = Vec::new();
        for (at, node) in tree.nodes.iter().enumerate().rev() {
            let Some(split) = node.split.as_ref().filter(|_| !pruned[at]) else { continue };
            let ((left, lefts), (right, rights)) = (below[split.left], below[split.right]);
            below[at] = (left + right, lefts + rights);
            links.push(((risks[at] - left - right) / (lefts + rights - 1) as f64, at));
        }
        let reached = reachable(tree, &pruned);
        links.retain(|(_, at)| reached[*at]);
        let Some(weakest) = links.iter().map(|(link, _)| *link).reduce(f64::min) else {
            return Path { steps };
        };
        // Penalties never fall on the way; rounding must not make them.
        let penalty = steps.last().map_or(weakest, |(last, _)| last.max(weakest)).max(0.0);
        let nodes: Vec<usize> =
            links.iter().filter(|(link, _)| *link <= weakest).map(|(_, at)| *at).collect();
        nodes.iter().for_each(|at| pruned[*at] = true);
        match steps.last_mut().filter(|(last, _)| *last == penalty) {
            Some((_, before)) => before.extend(nodes),
            None => steps.push((penalty, nodes)),
        }
    }
}

fn reachable<S>(tree: &Grown<S>, pruned: &[bool]) -> Vec<bool> {
    let mut reached = vec![false; tree.nodes.len()];
    reached[0] = true;
    for (at, node) in tree.nodes.iter().enumerate() {
        if let Some(split) = node.split.as_ref().filter(|_| reached[at] && !pruned[at]) {
            (reached[split.left], reached[split.right]) = (true, true);
        }
    }
    reached
}

impl Path {
    /// Whether the split of each of so many nodes is taken back where a leaf costs `penalty`.
    fn taken_back(&self, nodes: usize, penalty: f64) -> Vec<bool> {
        let mut leaf = vec![false; nodes];
        let taken = self.steps.iter().take_while(|(step, _)| *step <= penalty);
        taken.flat_map(|(_, nodes)| nodes).for_each(|at| leaf[*at] = true);
        leaf
    }

    /// The leaves of the tree that is best where a leaf costs `penalty`.
    pub(crate) fn leaves<S>(&self, tree: &Grown<S>, penalty: f64) -> Vec<usize> {
        let leaf = self.taken_back(tree.nodes.len(), penalty);
        let reached = reachable(tree, &leaf);
        (0..leaf.len()).filter(|at| reached[*at] && (leaf[*at] || tree.nodes[*at].split.is_none())).collect()
    }

    /// The tree that is best where a leaf costs `penalty`.
    pub(crate) fn pruned<S: Clone>(&self, tree: &Grown<S>, penalty: f64) -> Grown<S> {
        let leaf = self.taken_back(tree.nodes.len(), penalty);
        let reached = reachable(tree, &leaf);
        let mut place = vec![0; tree.nodes.len()];
        let kept = (0..tree.nodes.len()).filter(|at| reached[*at]);
        kept.clone().enumerate().for_each(|(new, old)| place[old] = new);
        let nodes = kept.map(|at| {
            let mut node = tree.nodes[at].clone();
            node.split = node.split.filter(|_| !leaf[at]);
            if let Some(split) = &mut node.split {
                (split.left, split.right) = (place[split.left], place[split.right]);
            }
            node
        });
        Grown { nodes: nodes.collect() }
    }

    /// Penalties, one between each two steps: the geometric mean, that of the first step halved and the last doubled.
    pub(crate) fn between(&self) -> Vec<f64> {
        let steps: Vec<f64> = self.steps.iter().map(|(penalty, _)| *penalty).collect();
        let mut between = vec![0.0];
        between.extend(steps.windows(2).map(|pair| libm::sqrt(pair[0] * pair[1])));
        between.extend(steps.last().map(|last| 2.0 * last));
        between
    }
}
