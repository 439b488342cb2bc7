//! A sum of terms in tables by slot.

use super::block::{Block, MOST_LANES};
use super::line::Line;
use super::lookup::{BATCH, Lookup, PLACES, look_up};
use super::probability::Verdict;
use super::reasons::{Best, Key, Ranks, Top};
use super::slots::{Slot, Slots};
use crate::additive::{Additive, Shape, Term};
use crate::model::Model;
use crate::score::MAX_REASONS;
use crate::transform::Transform;
use crate::value::Cell;
use pulp::{Arch, NullaryFnOnce};

/// A sum of terms: log-odds of bad.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    intercept: f64,
    pub(super) terms: Vec<Tabled>,
    /// The reasons, where the losses of all slots could be ranked beforehand: a lookup a field and no other terms.
    ranks: Option<Ranks>,
    /// Fields that lose points, ascending.
    fields: Vec<usize>,
}

/// One term.
#[derive(Clone, Debug)]
pub(super) struct Tabled {
    shape: Of,
    baseline: f64,
    /// Positions in [`Terms::fields`] and parts of the loss.
    shares: Vec<(usize, f64)>,
}

#[derive(Clone, Debug)]
enum Of {
    /// Log-odds by slot.
    Lookup(Lookup),
    /// Log-odds at `first[slot] + second[slot]`.
    Pair {
        fields: [usize; 2],
        places: [Vec<usize>; 2],
        values: Vec<f64>,
    },
    Line(Line),
}

impl Tabled {
    fn new(model: &Model, slots: &[Slots], term: &Term) -> Self {
        let transform = &model.transforms[term.transform];
        let field = transform.field();
        let mut cells = vec![Cell::Missing; slots.len()];
        let mut value = |cell| {
            cells[field] = cell;
            term.value(&model.schema, &model.transforms, &cells)
        };
        let shape = match &term.shape {
            Shape::Lookup { .. } => {
                let values = slots[field].parts.iter().map(|part| value(part.cell)).collect();
                Of::Lookup(Lookup::new(field, values))
            }
            Shape::Linear { slope, .. } => {
                let by_slot = || slots[field].parts.iter().map(|part| value(part.cell)).collect();
                let line = Line::new(transform, *slope, &slots[field], by_slot);
                Of::Line(line.expect("a checked linear term standardises its field"))
            }
            Shape::Pair { with, values } => {
                let second = &model.transforms[*with];
                let width = second.bins(&model.schema.fields[second.field()]).unwrap_or(0);
                let places = |transform: &Transform, times: usize| -> Vec<usize> {
                    let field = transform.field();
                    let bin = |cell| transform.bin(&model.schema.fields[field], cell) * times;
                    slots[field].parts.iter().map(|part| bin(part.cell)).collect()
                };
                let places = [places(transform, width), places(second, 1)];
                Of::Pair { fields: [field, second.field()], places, values: values.clone() }
            }
        };
        Self { shape, baseline: term.baseline, shares: term.shares(&model.transforms).collect() }
    }

    /// The table, where it is a lookup.
    fn lookup(&self) -> Option<&Lookup> {
        match &self.shape {
            Of::Lookup(lookup) => Some(lookup),
            Of::Pair { .. } | Of::Line(_) => None,
        }
    }

    /// Entries of its tables.
    fn size(model: &Model, slots: &[Slots], term: &Term) -> usize {
        let of = |transform: usize| slots[model.transforms[transform].field()].parts.len();
        match &term.shape {
            Shape::Lookup { .. } | Shape::Linear { .. } => of(term.transform).max(PLACES),
            Shape::Pair { with, values } => of(term.transform) + of(*with) + values.len(),
        }
    }

    /// The log-odds of one row.
    fn at(&self, slots: &[Slot], numbers: &[f64]) -> (f64, Key) {
        match &self.shape {
            Of::Lookup(lookup) => lookup.at(slots[lookup.field]),
            Of::Pair { fields, places, values } => {
                let [first, second] = [0, 1].map(|side| places[side][usize::from(slots[fields[side]])]);
                (values[first + second], 0)
            }
            Of::Line(line) => (line.at(slots[line.field()], numbers[line.field()]), 0),
        }
    }

    /// The log-odds of a block.
    fn read(&self, arch: Arch, block: &Block, values: &mut [f64]) {
        match &self.shape {
            Of::Lookup(lookup) => lookup.read(block, values),
            Of::Pair { fields, places, values: table } => {
                let sides = block.slots(fields[0]).iter().zip(block.slots(fields[1]));
                for (value, (a, b)) in values.iter_mut().zip(sides) {
                    *value = table[places[0][usize::from(*a)] + places[1][usize::from(*b)]];
                }
            }
            Of::Line(line) => line.read(arch, block, values),
        }
    }
}

/// Working memory of a sum of terms: one number a row of each.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) log_odds: Vec<f64>,
    values: Vec<f64>,
    keys: [Vec<Key>; BATCH],
    /// `losses[position of the field * room + row]`; room is for whole registers of rows.
    losses: Vec<f64>,
    pub(super) best: Best,
}

impl Terms {
    /// The tables of a sum. `slots` are those of all fields.
    pub(super) fn new(model: &Model, slots: &[Slots], additive: &Additive, verdict: &Verdict) -> Self {
        let mut terms: Vec<Tabled> =
            additive.terms.iter().map(|term| Tabled::new(model, slots, term)).collect();
        let mut fields: Vec<usize> = terms.iter().flat_map(|t| &t.shares).map(|(field, _)| *field).collect();
        fields.sort_unstable();
        fields.dedup();
        let lookups = terms.iter().all(|term| matches!(term.shape, Of::Lookup(_)));
        let ranks = if lookups && fields.len() == terms.len() { rank(&mut terms, verdict) } else { None };
        for (field, _) in terms.iter_mut().flat_map(|t| &mut t.shares) {
            *field = fields.binary_search(field).expect("it was collected above");
        }
        Self { intercept: additive.intercept, terms, ranks, fields }
    }

    /// Entries that the tables of a sum would have.
    pub(super) fn size(model: &Model, slots: &[Slots], additive: &Additive) -> usize {
        additive.terms.iter().map(|term| Tabled::size(model, slots, term)).sum()
    }

    /// Fields whose numbers are calculated with.
    pub(super) fn number_fields(&self) -> impl Iterator<Item = usize> + '_ {
        self.terms.iter().filter_map(|term| match &term.shape {
            Of::Line(line) => Some(line.field()),
            Of::Lookup(_) | Of::Pair { .. } => None,
        })
    }

    /// Fields that are read.
    pub(super) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// Log-odds and, where they are asked for, reasons of a block.
    pub(super) fn read(&self, arch: Arch, block: &Block, reasons: bool, factor: f64, sums: &mut Sums) {
        sums.log_odds.clear();
        sums.log_odds.resize(block.rows, self.intercept);
        sums.values.resize(block.rows, 0.0);
        match &self.ranks {
            Some(ranks) => self.read_ranked(arch, block, reasons.then_some(ranks), sums),
            None => self.read_any(arch, block, reasons.then_some(factor), sums),
        }
    }

    fn read_ranked(&self, arch: Arch, block: &Block, ranks: Option<&Ranks>, sums: &mut Sums) {
        sums.keys.iter_mut().for_each(|keys| keys.resize(block.rows, 0));
        if ranks.is_some() {
            sums.best.clear_keys(block.rows);
        }
        let mut lookups = self.terms.iter().filter_map(Tabled::lookup);
        let mut keys = sums.keys.each_mut().map(Vec::as_mut_slice);
        loop {
            match [lookups.next(), lookups.next(), lookups.next(), lookups.next()] {
                [Some(a), Some(b), Some(c), Some(d)] => {
                    look_up([a, b, c, d], block, &mut sums.log_odds, keys.each_mut().map(|keys| &mut **keys));
                    if ranks.is_some() {
                        sums.best.insert_keys(arch, keys.each_ref().map(|keys| &**keys));
                    }
                }
                last => {
                    for lookup in last.into_iter().flatten() {
                        look_up([lookup], block, &mut sums.log_odds, [&mut *keys[0]]);
                        if ranks.is_some() {
                            sums.best.insert_keys(arch, [&*keys[0]]);
                        }
                    }
                    return;
                }
            }
        }
    }

    fn read_any(&self, arch: Arch, block: &Block, factor: Option<f64>, sums: &mut Sums) {
        let room = block.rows.next_multiple_of(MOST_LANES);
        if factor.is_some() {
            sums.losses.clear();
            sums.losses.resize(self.fields.len() * room, 0.0);
        }
        for term in &self.terms {
            term.read(arch, block, &mut sums.values);
            arch.dispatch(Add { values: &sums.values, sums: &mut sums.log_odds });
            for (field, share) in term.shares.iter().filter(|_| factor.is_some()) {
                let losses = &mut sums.losses[field * room..][..block.rows];
                arch.dispatch(Lose { values: &sums.values, share: *share, baseline: term.baseline, losses });
            }
        }
        if let Some(factor) = factor {
            sums.best.clear_losses(room);
            for (at, field) in self.fields.iter().enumerate() {
                sums.best.insert_losses(arch, &sums.losses[at * room..][..room], factor, *field);
            }
        }
    }

    /// Tells the reasons of each row of the block read last, and their losses.
    #[inline]
    pub(super) fn name(&self, sums: &Sums, tell: impl FnMut(usize, [(f64, u32); MAX_REASONS])) {
        sums.best.each(self.ranks.as_ref(), sums.log_odds.len(), tell);
    }

    /// The log-odds of each term of a block, row by row, into `terms`: those of a row at `place(row)`.
    pub(super) fn spread(
        &self,
        arch: Arch,
        block: &Block,
        values: &mut Sums,
        terms: &mut [f64],
        place: impl Fn(usize) -> usize,
    ) {
        for (at, term) in self.terms.iter().enumerate() {
            term.read(arch, block, &mut values.values);
            values.values.iter().enumerate().for_each(|(row, value)| terms[place(row) + at] = *value);
        }
    }

    /// Log-odds of one row, those of each term in `terms`, losses by position of the field in `losses`.
    pub(super) fn at(&self, slots: &[Slot], numbers: &[f64], factor: f64, row: &mut super::row::Sum) -> f64 {
        let mut sum = self.intercept;
        row.terms.clear();
        row.best = Top::NONE;
        if self.ranks.is_none() {
            row.losses.clear();
            row.losses.resize(self.fields.len(), 0.0);
        }
        for term in &self.terms {
            let (value, key) = term.at(slots, numbers);
            sum += value;
            row.terms.push(value);
            if self.ranks.is_some() {
                row.best.insert(key);
            } else {
                term.shares.iter().for_each(|(at, share)| row.losses[*at] += share * (value - term.baseline));
            }
        }
        match &self.ranks {
            Some(ranks) => row.best.name(ranks),
            None => row.best.choose(self.fields.iter().zip(&row.losses).map(|(f, loss)| (*f, loss * factor))),
        }
        sum
    }
}

/// Ranks what each slot of each lookup loses; `None` where there are more different losses than keys.
fn rank(terms: &mut [Tabled], verdict: &Verdict) -> Option<Ranks> {
    let loss = |value: f64, baseline: f64| {
        // As the plain scorer sums it up.
        let mut loss = 0.0;
        loss += 1.0 * (value - baseline);
        loss * verdict.factor()
    };
    let lookups = terms.iter().filter_map(|term| Some((term.lookup()?, term.baseline)));
    let losses = lookups.flat_map(|(lookup, baseline)| {
        lookup.values().iter().map(move |value| (loss(*value, baseline), lookup.field))
    });
    let ranks = Ranks::new(losses)?;
    for term in terms {
        if let Of::Lookup(lookup) = &mut term.shape {
            lookup.rank(&ranks, |value| loss(value, term.baseline));
        }
    }
    Some(ranks)
}

struct Add<'a> {
    values: &'a [f64],
    sums: &'a mut [f64],
}

impl NullaryFnOnce for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.sums.iter_mut().zip(self.values).for_each(|(sum, value)| *sum += value);
    }
}

struct Lose<'a> {
    values: &'a [f64],
    share: f64,
    baseline: f64,
    losses: &'a mut [f64],
}

impl NullaryFnOnce for Lose<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let rows = self.losses.iter_mut().zip(self.values);
        rows.for_each(|(loss, value)| *loss += self.share * (value - self.baseline));
    }
}
