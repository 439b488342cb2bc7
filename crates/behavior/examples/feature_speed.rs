//! How fast features are computed, reading left aside: 40 library features in three windows over customers of 20 events
//! each, and the same event by event. Prints seconds of the processor and the size of a state.
//!
//! `cargo run --release -p arrears-behavior --example feature_speed [CUSTOMERS] [EVENTS TO REPLAY] [WINDOWS]`
#![allow(clippy::print_stdout)]

use arrears_behavior::{
    Amount, AsOf, Column, Columns, CustomerState, EventKind, Events, History, Live, LiveEvent, LiveValue,
    Moment, Plan, ValueKind, Values, Zone,
};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

const DAY: i64 = 86_400_000_000;
const FEATURES: [&str; 40] = [
    "orders_count",
    "orders_lines",
    "orders_amount",
    "orders_quantity",
    "orders_basket",
    "orders_line_mean",
    "orders_line_max",
    "orders_active_days",
    "orders_gap_mean",
    "orders_burst",
    "orders_categories",
    "orders_web_share",
    "orders_night_share",
    "orders_cod_share",
    "payments_count",
    "payments_amount",
    "payments_late_count",
    "payments_late_share",
    "payments_late_30_count",
    "payments_late_90_count",
    "payments_missed_count",
    "payments_open_share",
    "payments_delay_mean",
    "payments_delay_max",
    "payments_delay_last",
    "payments_on_time_streak",
    "payments_cured_count",
    "payments_cure_rate",
    "payments_methods",
    "payments_cod_share",
    "payments_card_share",
    "returns_count",
    "returned_orders",
    "returns_amount",
    "return_rate",
    "return_rate_amount",
    "return_days_mean",
    "returns_late_share",
    "returns_reasons",
    "returns_defect_share",
];

/// Numbers that look random and are the same in every run (Steele, Lea and Flood 2014, SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let customers: usize = arguments.next().map_or(Ok(500_000), |text| text.parse())?;
    let replayed: usize = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let windows = arguments.next().unwrap_or("30d,90d,365d".to_owned());
    let windows: Vec<&str> = windows.split(',').collect();
    let selection = format!("library = {FEATURES:?}\nwindows = {windows:?}");
    let plan = Arc::new(Plan::new(&toml::from_str(&selection)?, &[], &Columns::standard())?);
    let zone = Arc::new(Zone::new("Europe/London")?);
    let as_of = AsOf::parse("2026-09-30", &zone)?;
    println!("{} features", plan.names().len());

    let chunk = history(&plan, 4_000, as_of.moment().0);
    let started = Instant::now();
    let mut sum = 0.0;
    for _ in 0..customers.div_ceil(4_000) {
        let table = plan.evaluate(&chunk, &as_of)?;
        sum += table.column(0).iter().sum::<f64>();
    }
    println!("{customers} customers of 20 events: {:.3} s ({sum})", started.elapsed().as_secs_f64());
    if replayed > 0 {
        live(&plan, &chunk, replayed, &as_of)?;
    }
    Ok(())
}

/// 10 lines ordered, 6 payments and 4 returns of each customer within 400 days.
fn history(plan: &Plan, customers: usize, now: i64) -> History {
    let mut random = Random(1);
    let mut events = |kind: EventKind, each: usize| {
        let mut at: Vec<i64> =
            (0..customers * each).map(|_| now - random.below(400 * 86_400) as i64 * 1_000_000).collect();
        at.chunks_mut(each.max(1)).for_each(<[i64]>::sort_unstable);
        let columns =
            plan.columns(kind).iter().map(|name| column(kind, name, plan, &at, &mut random)).collect();
        Events {
            kind,
            starts: (0..=customers).map(|customer| (customer * each) as u32).collect(),
            known_at: at.iter().map(|at| Moment(*at)).collect(),
            at: at.into_iter().map(Moment).collect(),
            columns,
        }
    };
    History {
        events: EventKind::ALL.map(|kind| match kind {
            EventKind::Orders => events(kind, 10),
            EventKind::Payments => events(kind, 6),
            EventKind::Returns => events(kind, 4),
            _ => events(kind, 0),
        }),
        customers: (0..customers).map(|customer| format!("c{customer:06}")).collect(),
    }
}

fn column(kind: EventKind, name: &str, plan: &Plan, at: &[i64], random: &mut Random) -> Column {
    let standard = kind.columns().iter().find(|column| column.name == name).expect("a standard column");
    let days = |random: &mut Random| random.below(40) as i64 * DAY;
    let values = match standard.kind {
        ValueKind::Number if name == "quantity" => {
            Values::Number(at.iter().map(|_| Amount((1 + random.below(4)) as i64 * Amount::ONE)).collect())
        }
        ValueKind::Number => {
            Values::Number(at.iter().map(|_| Amount(random.below(20_000) as i64 * 10_000)).collect())
        }
        ValueKind::Time if name == "ordered_at" => {
            Values::Time(at.iter().map(|at| Moment(at - days(random))).collect())
        }
        ValueKind::Time => Values::Time(at.iter().map(|at| Moment(at - 10 * DAY + days(random))).collect()),
        ValueKind::Text if name == "order" => Values::Text {
            codes: at.iter().enumerate().map(|(row, _)| row as u32 / 2).collect(),
            dictionary: Arc::new(at.iter().enumerate().map(|(row, _)| format!("INV{row:07}")).collect()),
        },
        ValueKind::Text => {
            let texts = ["web", "card", "cash_on_delivery", "defect", "size", "toys", "books", "garden"];
            Values::Text {
                codes: at.iter().map(|_| random.below(texts.len() as u64) as u32).collect(),
                dictionary: Arc::new(texts.into_iter().collect()),
            }
        }
    };
    let late = standard.late.and_then(|late| plan.columns(kind).iter().position(|other| other == late));
    Column { name: name.to_owned(), late, values }
}

/// Delivers the events of the customers of a chunk one by one, each with its features after it.
fn live(plan: &Arc<Plan>, chunk: &History, events: usize, as_of: &AsOf) -> Result<(), Box<dyn Error>> {
    let mut live = Live::new(Arc::clone(plan));
    let mut delivered: Vec<(usize, usize, usize)> = Vec::new();
    for customer in 0..events.div_ceil(20) {
        for kind in EventKind::ALL {
            let rows = chunk.events[kind as usize].rows(customer);
            delivered.extend(rows.map(|row| (customer, kind as usize, row)));
        }
    }
    let values: Vec<Vec<LiveValue<'_>>> =
        delivered.iter().map(|(_, kind, row)| row_values(&chunk.events[*kind], *row)).collect();
    let mut states = vec![CustomerState::default(); events.div_ceil(20)];
    let (mut sum, started) = (0.0, Instant::now());
    for ((customer, kind, row), values) in delivered.iter().zip(&values) {
        let of = &chunk.events[*kind];
        let (kind, id) = (of.kind, *row as u64);
        let event = LiveEvent { kind, id, at: of.at[*row], known_at: of.known_at[*row], values };
        sum += live.event(&mut states[*customer], &event, as_of)?[0];
    }
    let each = started.elapsed().as_secs_f64() / delivered.len() as f64 * 1e6;
    println!("{} events one by one, with all features: {each:.2} us each ({sum})", delivered.len());
    let bytes: usize = states.iter().map(|state| state.bytes().len()).sum();
    println!("state: {} bytes a customer of 20 events", bytes / states.len());
    Ok(())
}

fn row_values(events: &Events, row: usize) -> Vec<LiveValue<'_>> {
    events
        .columns
        .iter()
        .map(|column| match &column.values {
            Values::Number(values) => LiveValue::Number(values[row]),
            Values::Time(values) => LiveValue::Time(values[row]),
            Values::Text { codes, dictionary } => LiveValue::Text(&dictionary[codes[row] as usize]),
        })
        .collect()
}
