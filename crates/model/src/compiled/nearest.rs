//! k-means in blocks: coordinates by slot or by number, distances to all centres at once.

use super::block::{BLOCK, Block};
use super::line::Line;
use super::slots::{Slot, Slots};
use crate::centroids::{Centroids, Place};
use crate::model::Model;
use pulp::{Arch, NullaryFnOnce};

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
    /// `values[coordinate * BLOCK + row]`.
    values: Vec<f64>,
    squared: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
    segment: Vec<u64>,
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
        points.clear(block.rows);
        for (at, segment) in self.centroids.segments.iter().enumerate() {
            points.squared.fill(0.0);
            for (center, values) in segment.center.iter().zip(points.values.chunks_exact(BLOCK)) {
                arch.dispatch(AddSquares { center: *center, values, squared: &mut points.squared });
            }
            arch.dispatch(Compare { at: at as u64, points });
        }
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
        self.squared.resize(rows, 0.0);
        for distances in [&mut self.first, &mut self.second] {
            distances.clear();
            distances.resize(rows, f64::INFINITY);
        }
        self.segment.clear();
        self.segment.resize(rows, 0);
    }
}

/// Adds the squared distances along one coordinate.
struct AddSquares<'a> {
    center: f64,
    values: &'a [f64],
    squared: &'a mut [f64],
}

impl NullaryFnOnce for AddSquares<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let rows = self.squared.iter_mut().zip(self.values);
        rows.for_each(|(sum, x)| *sum += (x - self.center) * (x - self.center));
    }
}

/// Keeps the nearest and the second nearest centre; of equally near ones the first.
struct Compare<'a> {
    at: u64,
    points: &'a mut Points,
}

impl NullaryFnOnce for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Points { squared, first, second, segment, .. } = self.points;
        let rows = first.iter_mut().zip(second).zip(segment).zip(squared);
        for (((first, second), segment), squared) in rows {
            let nearer = *squared < *first;
            let other = if nearer { *first } else { *squared };
            *second = if other < *second { other } else { *second };
            *segment = if nearer { self.at } else { *segment };
            *first = if nearer { *squared } else { *first };
        }
    }
}
