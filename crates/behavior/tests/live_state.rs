//! The state of a customer, event by event, against the batch; and no feature knows the future.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/generate.rs"]
mod generate;

use arrears_behavior::{
    AsOf, Columns, CustomerState, Declaration, Live, LiveEvent, LiveValue, Moment, OneOrMany, Plan,
    Selection, Zone,
};
use common::{Cell, Raw, history, live_value};
use generate::{AROUND, CUSTOMERS, DAY, moment, raw, raws};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// The whole library, and a feature of each aggregate that it does not use.
static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let own = r#"
        [[feature]]
        name = "own_change"
        event = "orders"
        aggregate = "sum"
        of = "amount"
        window = ["30d", "90d"]
        compare = ["past", "change"]
    "#;
    #[derive(serde::Deserialize)]
    struct Own {
        feature: Vec<Declaration>,
    }
    let own: Own = toml::from_str(own).unwrap();
    let selection = Selection { library: OneOrMany(vec!["all".to_owned()]), ..Selection::default() };
    let plan = Plan::new(&selection, &own.feature, &Columns::standard()).unwrap();
    assert!(plan.left_out().is_empty());
    Arc::new(plan)
});
static UTC: LazyLock<Arc<Zone>> = LazyLock::new(|| Arc::new(Zone::new("UTC").unwrap()));

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Delivers an event with the values chosen by `some`.
fn deliver(live: &mut Live, state: &mut CustomerState, raw: &Raw, id: u64, some: impl Fn(&str) -> bool) {
    let column = |name: &String| if some(name) { live_value(raw, name) } else { LiveValue::Missing };
    let values: Vec<LiveValue<'_>> = PLAN.columns(raw.kind).iter().map(column).collect();
    let (at, known_at) = (Moment(raw.at), Moment(raw.known_at));
    live.update(state, &LiveEvent { kind: raw.kind, id, at, known_at, values: &values }).unwrap();
}

fn features(raws: &[Raw], as_of: &AsOf) -> Vec<Vec<u64>> {
    let table = PLAN.evaluate(&history(raws, CUSTOMERS, &PLAN), as_of).unwrap();
    let of = |customer| (0..table.width()).map(|column| table.column(column)[customer]).collect::<Vec<_>>();
    (0..CUSTOMERS).map(|customer| bits(&of(customer))).collect()
}

fn as_of(day: i64) -> AsOf {
    AsOf::end_of_day(AROUND / DAY + day, &UTC).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Replay in any order, with parts delivered late and everything delivered again, gives the bits of the batch.
    #[test]
    fn replay_is_batch(raws in raws(), shuffle in any::<u64>(), day in -30_i64..5) {
        let batch = features(&raws, &as_of(day));
        let mut live = Live::new(PLAN.clone());
        let mut deliveries: Vec<(usize, bool)> = (0..raws.len()).flat_map(|row| [(row, true), (row, false), (row, false)]).collect();
        deliveries.sort_by_key(|(row, first)| (*row as u64 * 2 + u64::from(*first)).wrapping_mul(shuffle | 1).rotate_left(29));
        let mut states = vec![CustomerState::default(); CUSTOMERS];
        for (row, part) in deliveries {
            let raw = &raws[row];
            deliver(&mut live, &mut states[raw.customer], raw, row as u64, |name| !part || !name.starts_with("paid"));
        }
        for (state, batch) in states.iter().zip(&batch) {
            let state = live.read(state.bytes()).unwrap();
            prop_assert_eq!(&bits(live.features(&state, &as_of(day)).unwrap()), batch);
        }
    }

    /// Merged in any order and grouping, with events in both: the same bytes.
    #[test]
    fn merge_order_does_not_show(raws in raws(), parts in proptest::collection::vec(0_u8..8, 70)) {
        let mut live = Live::new(PLAN.clone());
        let mut of = |which: u8| {
            let mut state = CustomerState::default();
            for (row, raw) in raws.iter().enumerate().filter(|(_, raw)| raw.customer == 0) {
                if parts[row] & which != 0 || which == 7 {
                    deliver(&mut live, &mut state, raw, row as u64, |_| true);
                }
            }
            state
        };
        let (all, a, b, c) = (of(7), of(1), of(2), of(4));
        let mut merge = |states: [&CustomerState; 3]| {
            let mut into = states[0].clone();
            states[1..].iter().for_each(|other| live.merge(&mut into, other).unwrap());
            into
        };
        let merged = merge([&a, &b, &c]);
        prop_assert_eq!(&merged, &merge([&c, &a, &b]));
        let right = merge([&b, &c, &CustomerState::default()]);
        prop_assert_eq!(&merged, &merge([&a, &right, &a]));
        if raws.iter().zip(&parts).all(|(raw, part)| raw.customer != 0 || *part != 0) {
            prop_assert_eq!(merged, all);
        }
    }

    /// Events that happen or become known later, and values that become known later, change no bit.
    #[test]
    fn nobody_peeks(mut past in raws(), future in proptest::collection::vec((raw(), any::<bool>(), 1_i64..300 * DAY), 1..30), paid in proptest::collection::vec(moment(), 70), day in -30_i64..5) {
        let as_of = as_of(day);
        let before = features(&past, &as_of);
        for (raw, paid) in past.iter_mut().zip(paid) {
            let open = match raw.cells.get("paid_at") {
                Some(Cell::Time(paid)) => *paid > as_of.moment().0,
                _ => true,
            };
            if raw.kind == arrears_behavior::EventKind::Payments && open {
                raw.cells.insert("paid_at", Cell::Time(as_of.moment().0 + 1 + (paid - AROUND).abs()));
                raw.cells.insert("paid_amount", Cell::Number(paid));
            }
        }
        past.extend(future.into_iter().map(|(raw, happened, later)| {
            let later = as_of.moment().0 + later;
            match happened {
                true => Raw { known_at: later, at: raw.at.min(later), ..raw },
                false => Raw { known_at: raw.known_at.min(later), at: later, ..raw },
            }
        }));
        prop_assert_eq!(features(&past, &as_of), before);
    }

    /// What was forgotten was not needed.
    #[test]
    fn forgetting_changes_nothing(raws in raws(), day in -30_i64..0, later in 0_i64..30) {
        let selection = toml::from_str("library = ['payments_count', 'payments_delay_max', 'payments_late_streak']\nwindows = ['30d', '90d']");
        let plan = Arc::new(Plan::new(&selection.unwrap(), &[], &Columns::standard()).unwrap());
        let mut live = Live::new(plan.clone());
        let mut whole = CustomerState::default();
        let mut short = CustomerState::default();
        for (row, raw) in raws.iter().enumerate().filter(|(_, raw)| raw.kind == arrears_behavior::EventKind::Payments) {
            let values: Vec<LiveValue<'_>> = plan.columns(raw.kind).iter().map(|name| live_value(raw, name)).collect();
            let event = LiveEvent { kind: raw.kind, id: row as u64, at: Moment(raw.at), known_at: Moment(raw.known_at), values: &values };
            live.update(&mut whole, &event).unwrap();
            live.update(&mut short, &event).unwrap();
            live.forget(&mut short, &as_of(day)).unwrap();
        }
        let expected = bits(live.features(&whole, &as_of(day + later)).unwrap());
        prop_assert_eq!(bits(live.features(&short, &as_of(day + later)).unwrap()), expected);
        if !short.bytes().is_empty() {
            prop_assert!(live.features(&short, &as_of(day - 1)).is_err());
        }
        prop_assert!(short.bytes().len() <= whole.bytes().len() + 60);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut live = Live::new(PLAN.clone());
        if let Ok(state) = live.read(&bytes) {
            let _ = live.features(&state, &as_of(0));
        }
    }

    /// Bytes that were a state until one of them changed.
    #[test]
    fn no_damage_panics(raws in raws(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut live = Live::new(PLAN.clone());
        let mut state = CustomerState::default();
        raws.iter().enumerate().for_each(|(row, raw)| deliver(&mut live, &mut state, raw, row as u64, |_| true));
        let mut bytes = state.bytes().to_vec();
        if !bytes.is_empty() {
            let place = place.index(bytes.len());
            bytes[place] = byte;
            prop_assert!(live.read(&bytes[..place]).is_err() || place == 0);
        }
        if let Ok(mut state) = live.read(&bytes) {
            let _ = live.features(&state, &as_of(0));
            let _ = live.merge(&mut state, &CustomerState::default());
        }
    }
}
