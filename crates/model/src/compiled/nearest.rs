//! k-means in blocks: coordinates by slot or by number, distances to all centres at once.

use super::block::{BLOCK, Block, MOST_LANES};
use super::line::Line;
use super::slots::{Slot, Slots};
use crate::centroids::{Centroids, Place};
use crate::model::Model;
use pulp::{Arch, Simd, WithSimd};

/// Centres, and what makes a row a point among them.
#[derive(Clone, Debug)]
pub(super) struct Nearest {
    coordinates: Vec<Coordinate>,
    centroids: Centroids,
}

#[derive(Clone, Debug)]
enum Coordinate {
    /// Of a category: by slot.
    Table {
        field: usize,
        values: Vec<f64>,
    },
    Line(Line),
}

/// Working memory: the points of a block and what is nearest.
#[derive(Debug, Default)]
pub(super) struct Points {
    /// `values[coordinate * BLOCK + row]`; what is beyond the last row is left over.
    values: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
    /// Positions of segments, exact as numbers.
    segment: Vec<f64>,
}

impl Nearest {
    pub(super) fn new(model: &Model, centroids: &Centroids, slots: &[Slots]) -> Self {
        let coordinate = |at: &usize| {
            let transform = &model.transforms[*at];
            let field = transform.field();
            let values = || slots[field].parts.iter().map(|part| transform.number(part.cell)).collect();
            match Line::new(transform, 1.0, &slots[field], values) {
                Some(line) => Coordinate::Line(line),
                None => Coordinate::Table { field, values: values() },
            }
        };
        let coordinates = centroids.coordinates.iter().map(coordinate).collect();
        // What customers of a segment are like is not asked when rows are scored.
        Self { coordinates, centroids: Centroids { typical: Vec::new(), ..centroids.clone() } }
    }

    /// Entries that the tables would have.
    pub(super) fn size(model: &Model, centroids: &Centroids, slots: &[Slots]) -> usize {
        let of = |at: &usize| slots[model.transforms[*at].field()].parts.len();
        centroids.coordinates.iter().map(of).sum()
    }

    /// Fields whose numbers are calculated with.
    pub(super) fn number_fields(&self) -> impl Iterator<Item = usize> + '_ {
        self.coordinates.iter().filter_map(|coordinate| match coordinate {
            Coordinate::Line(line) => Some(line.field()),
            Coordinate::Table { .. } => None,
        })
    }

    /// Where one row lies; its coordinates are left in `point`.
    pub(super) fn at(&self, slots: &[Slot], numbers: &[f64], point: &mut Vec<f64>) -> Place {
        point.clear();
        point.extend(self.coordinates.iter().map(|coordinate| match coordinate {
            Coordinate::Table { field, values } => values[usize::from(slots[*field])],
            Coordinate::Line(line) => line.at(slots[line.field()], numbers[line.field()]),
        }));
        self.centroids.place(point)
    }

    /// Finds the nearest and the second nearest centre of each row of a block.
    pub(super) fn read(&self, arch: Arch, block: &Block, points: &mut Points) {
        points.values.resize(self.coordinates.len() * BLOCK, 0.0);
        for (coordinate, values) in self.coordinates.iter().zip(points.values.chunks_exact_mut(BLOCK)) {
            let values = &mut values[..block.rows];
            match coordinate {
                Coordinate::Line(line) => line.read(arch, block, values),
                Coordinate::Table { field, values: table } => {
                    let rows = values.iter_mut().zip(block.slots(*field));
                    rows.for_each(|(value, slot)| *value = table[usize::from(*slot)]);
                }
            }
        }
        points.clear(block.rows.next_multiple_of(MOST_LANES));
        arch.dispatch(Compare { centroids: &self.centroids, points });
    }

    /// The segment of a row of the block read last.
    pub(super) fn segment(&self, points: &Points, row: usize) -> usize {
        points.segment[row] as usize
    }

    /// Where a row of the block read last lies.
    pub(super) fn place(&self, points: &Points, row: usize) -> Place {
        let segment = self.segment(points, row);
        let distance = points.first[row].sqrt();
        let margin = (self.centroids.segments.len() > 1).then(|| points.second[row].sqrt() - distance);
        let limit = self.centroids.segments[segment].novelty;
        Place { segment, distance, margin, novel: limit.map(|limit| distance > limit) }
    }
}

impl Points {
    fn clear(&mut self, rows: usize) {
        for distances in [&mut self.first, &mut self.second] {
            distances.clear();
            distances.resize(rows, f64::INFINITY);
        }
        self.segment.clear();
        self.segment.resize(rows, 0.0);
    }
}

/// Keeps the nearest and the second nearest centre; of equally near ones the first. Squares are added in the order of the
/// coordinates.
struct Compare<'a> {
    centroids: &'a Centroids,
    points: &'a mut Points,
}

impl WithSimd for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Points { values, first, second, segment } = self.points;
        let first = S::as_mut_simd_f64s(first).0;
        let second = S::as_mut_simd_f64s(second).0;
        let segment = S::as_mut_simd_f64s(segment).0;
        let columns = S::as_simd_f64s(values).0;
        for at in 0..first.len() {
            for (index, of) in self.centroids.segments.iter().enumerate() {
                let mut squared = simd.splat_f64s(0.0);
                let columns = columns.chunks_exact(BLOCK / S::F64_LANES);
                for (center, column) in of.center.iter().zip(columns) {
                    let off = simd.sub_f64s(column[at], simd.splat_f64s(*center));
                    squared = simd.add_f64s(squared, simd.mul_f64s(off, off));
                }
                let nearer = simd.less_than_f64s(squared, first[at]);
                let other = simd.select_f64s(nearer, first[at], squared);
                let second_nearer = simd.less_than_f64s(other, second[at]);
                second[at] = simd.select_f64s(second_nearer, other, second[at]);
                segment[at] = simd.select_f64s(nearer, simd.splat_f64s(index as f64), segment[at]);
                first[at] = simd.select_f64s(nearer, squared, first[at]);
            }
        }
    }
}
