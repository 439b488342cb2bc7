//! One boosting step: sums of gradient and curvature by bin -> a step for every bin.
//!
//! A step is a small tree on the bins, so that each round moves only where the evidence is strongest and noise
//! is left for last: up to three runs of bins on a line, up to four blocks on a grid.

use super::PlusParams;

/// Sums over the rows of a bin: gradient `p - y`, curvature `p (1 - p)`, rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) curvature: f64,
    pub(super) rows: f64,
}

impl Sums {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient + other.gradient,
            curvature: self.curvature + other.curvature,
            rows: self.rows + other.rows,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
            rows: self.rows - other.rows,
        }
    }

    /// What a Newton step of these rows saves, in units of twice the log loss.
    fn gain(self, l2: f64) -> f64 {
        self.gradient * self.gradient / (self.curvature + l2)
    }

    /// The Newton step, shortened by the learning rate.
    fn step(self, params: &PlusParams) -> f64 {
        -params.learning_rate * self.gradient / (self.curvature + params.l2)
    }

    fn enough(self, params: &PlusParams) -> bool {
        self.rows >= params.min_rows as f64
    }
}

/// The bins of one field: `ordered` regular bins in a row, the rest (special, missing) each alone; or all
/// bins without an order of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Ordered { regular: usize },
    Free,
}

/// Most runs of ordered bins that one step tells apart.
const RUNS: usize = 3;

/// The step of every bin of a line.
pub(super) fn line_step(line: Line, sums: &[Sums], params: &PlusParams) -> Vec<f64> {
    let mut steps = vec![0.0; sums.len()];
    let order: Vec<usize> = match line {
        Line::Ordered { regular } => (0..regular).collect(),
        Line::Free => by_slope(sums, params),
    };
    let mut cumulated = vec![Sums::default()];
    for bin in &order {
        cumulated.push(cumulated[cumulated.len() - 1].plus(sums[*bin]));
    }
    let mut edges = vec![0, order.len()];
    while edges.len() <= RUNS {
        let cuts = edges.windows(2).filter_map(|run| best_cut(&cumulated, run[0], run[1], params));
        let best = cuts.reduce(|a, b| if b.1 > a.1 { b } else { a });
        let Some((cut, _)) = best else { break };
        edges.push(cut);
        edges.sort_unstable();
    }
    for run in edges.windows(2) {
        let step = cumulated[run[1]].minus(cumulated[run[0]]).step(params);
        order[run[0]..run[1]].iter().for_each(|bin| steps[*bin] = step);
    }
    if let Line::Ordered { regular } = line {
        let alone = (regular..sums.len()).filter(|bin| sums[*bin].enough(params));
        alone.for_each(|bin| steps[bin] = sums[bin].step(params));
    }
    steps
}

/// The bins with rows, from those that pull down to those that pull up; thin ones, pulled to 0, in the middle.
fn by_slope(sums: &[Sums], params: &PlusParams) -> Vec<usize> {
    let slope = |bin: &usize| sums[*bin].gradient / (sums[*bin].curvature + params.l2 + SMOOTHING);
    let mut order: Vec<usize> = (0..sums.len()).filter(|bin| sums[*bin].rows > 0.0).collect();
    order.sort_by(|a, b| slope(a).total_cmp(&slope(b)));
    order
}

/// Curvature added to a category before it is ordered, as in LightGBM (`cat_smooth`).
const SMOOTHING: f64 = 10.0;

/// The cut of a run that gains most, where it gains anything.
fn best_cut(cumulated: &[Sums], from: usize, to: usize, params: &PlusParams) -> Option<(usize, f64)> {
    let whole = cumulated[to].minus(cumulated[from]);
    let parent = whole.gain(params.l2);
    let mut best: Option<(usize, f64)> = None;
    for cut in from + 1..to {
        let left = cumulated[cut].minus(cumulated[from]);
        let right = whole.minus(left);
        if !left.enough(params) || !right.enough(params) {
            continue;
        }
        let gain = left.gain(params.l2) + right.gain(params.l2) - parent;
        if gain > best.map_or(0.0, |(_, gain)| gain) {
            best = Some((cut, gain));
        }
    }
    best
}

/// Two-way bins, row-major; either side may be cut between any two neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Grid {
    /// Sums of every upper left block: at `i x (columns + 1) + j` those of the first i rows and j columns.
    pub(super) fn cumulate(self, sums: &[Sums]) -> Vec<Sums> {
        let Self { rows, columns } = self;
        let mut blocks = vec![Sums::default(); (rows + 1) * (columns + 1)];
        for i in 0..rows {
            let mut line = Sums::default();
            for j in 0..columns {
                line = line.plus(sums[i * columns + j]);
                blocks[(i + 1) * (columns + 1) + j + 1] = blocks[i * (columns + 1) + j + 1].plus(line);
            }
        }
        blocks
    }
}

/// A block of a grid: rows `top..bottom`, columns `left..right`, in the order of cutting.
#[derive(Clone, Copy, Debug)]
struct Block {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
}

/// The step of every cell of a grid: one cut across the whole, then one cut the other way in each part.
pub(super) fn grid_step(grid: Grid, sums: &[Sums], params: &PlusParams) -> Vec<f64> {
    let blocks = grid.cumulate(sums);
    let Grid { rows, columns } = grid;
    let of = |b: Block| {
        let at = |i: usize, j: usize| blocks[i * (columns + 1) + j];
        at(b.bottom, b.right).minus(at(b.top, b.right)).minus(at(b.bottom, b.left)).plus(at(b.top, b.left))
    };
    let whole = Block { top: 0, bottom: rows, left: 0, right: columns };
    let mut best = (of(whole).gain(params.l2), vec![whole]);
    for upright in [false, true] {
        let length = if upright { columns } else { rows };
        for first in 1..length {
            let (one, other) = cut(whole, upright, first);
            let (gain_one, parts_one) = best_second(one, !upright, &of, params);
            let (gain_other, parts_other) = best_second(other, !upright, &of, params);
            let fine = of(one).enough(params) && of(other).enough(params);
            if fine && gain_one + gain_other > best.0 {
                best = (gain_one + gain_other, [parts_one, parts_other].concat());
            }
        }
    }
    let mut steps = vec![0.0; sums.len()];
    for block in best.1 {
        let step = of(block).step(params);
        for i in block.top..block.bottom {
            for j in block.left..block.right {
                steps[i * columns + j] = step;
            }
        }
    }
    steps
}

fn cut(block: Block, upright: bool, at: usize) -> (Block, Block) {
    if upright {
        (Block { right: at, ..block }, Block { left: at, ..block })
    } else {
        (Block { bottom: at, ..block }, Block { top: at, ..block })
    }
}

/// The best cut of a block one way, or the block whole; with its gain.
fn best_second(
    block: Block,
    upright: bool,
    of: &impl Fn(Block) -> Sums,
    params: &PlusParams,
) -> (f64, Vec<Block>) {
    let (from, to) = if upright { (block.left, block.right) } else { (block.top, block.bottom) };
    let whole = of(block);
    let mut best = (whole.gain(params.l2), None);
    for at in from + 1..to {
        let one = of(cut(block, upright, at).0);
        let other = whole.minus(one);
        if !one.enough(params) || !other.enough(params) {
            continue;
        }
        let gain = one.gain(params.l2) + other.gain(params.l2);
        if gain > best.0 {
            best = (gain, Some(at));
        }
    }
    let parts = best.1.map_or(vec![block], |at| {
        let (one, other) = cut(block, upright, at);
        vec![one, other]
    });
    (best.0, parts)
}
