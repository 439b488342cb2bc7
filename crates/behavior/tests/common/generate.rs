//! Random events, with ties, missing values and values that are known late.

use super::common::{Cell, Raw, standard_columns};
use arrears_behavior::{EventKind, ValueKind};
use proptest::prelude::*;

pub(crate) const DAY: i64 = 86_400_000_000;
/// 2024-03-20T00:00:00Z
pub(crate) const AROUND: i64 = 19_802 * DAY;
pub(crate) const CUSTOMERS: usize = 3;
const TEXTS: [&str; 6] = ["card", "cash_on_delivery", "a", "b", "defect", "web"];

/// Moments of few different values, so that ties are many: within 800 days before and 40 after a day.
pub(crate) fn moment() -> impl Strategy<Value = i64> {
    let days = prop_oneof![6 => -100_i64..10, 2 => -800_i64..40, 1 => Just(0)];
    (days, prop_oneof![Just(0_i64), 0..24_i64, Just(23)])
        .prop_map(|(day, hour)| AROUND + day * DAY + hour * DAY / 24)
}

fn cell(kind: ValueKind) -> BoxedStrategy<Cell> {
    match kind {
        ValueKind::Number => prop_oneof![
            (-3_i64..40).prop_map(|whole| Cell::Number(whole * 1_000_000)),
            (0_i64..10_000).prop_map(|cents| Cell::Number(cents * 10_000)),
            any::<i32>().prop_map(|odd| Cell::Number(i64::from(odd))),
        ]
        .boxed(),
        ValueKind::Time => moment().prop_map(Cell::Time).boxed(),
        ValueKind::Text => (0..TEXTS.len()).prop_map(|text| Cell::Text(TEXTS[text])).boxed(),
    }
}

pub(crate) fn raw() -> impl Strategy<Value = Raw> {
    (0..6_usize).prop_flat_map(|kind| {
        let kind = EventKind::ALL[kind];
        let cells: Vec<_> = standard_columns(kind)
            .into_iter()
            .map(|(name, (kind, _))| {
                proptest::option::weighted(0.8, cell(kind)).prop_map(move |cell| (name, cell))
            })
            .collect();
        let late = prop_oneof![3 => Just(0_i64), 1 => -5..60_i64];
        (0..CUSTOMERS, moment(), late, cells).prop_map(move |(customer, at, late, cells)| Raw {
            customer,
            kind,
            at,
            known_at: at + late * DAY,
            cells: cells.into_iter().filter_map(|(name, cell)| Some((name, cell?))).collect(),
        })
    })
}

pub(crate) fn raws() -> impl Strategy<Value = Vec<Raw>> {
    proptest::collection::vec(raw(), 0..70)
}
