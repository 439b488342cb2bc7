//! Tables as histories, held against what a plain reading of the rules makes of the same rows.

use crate::shop::{Form, Shop, expected, histories};
use arrears_behavior::{AsOf, Config, Error, EventKind, EventReader, Events, Moment, Plan, ReadSettings};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn shop() -> impl Strategy<Value = Shop> {
    let order = (0u8..12, 0u8..8, 0i64..6, prop::option::of(0i64..6), -2i64..6, 0u8..3);
    let back = (0u8..12, 0u8..8, 0i64..8, 0i64..6, 0u8..3);
    (prop::collection::vec(order, 0..40), prop::collection::vec(back, 0..20))
        .prop_map(|(orders, returns)| Shop::new(&orders, &returns))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Sorted by customer and read as it is, unsorted in memory, unsorted with every batch on the disk, as CSV: the same histories,
    /// and those that the rules say.
    #[test]
    fn the_same_histories_from_any_file(shop in shop(), numbers in any::<bool>()) {
        let expected = expected(&shop, numbers);
        for form in [Form::Sorted, Form::Shuffled, Form::Csv, Form::Ndjson] {
            // Ids of text files are texts.
            if numbers && matches!(form, Form::Csv | Form::Ndjson) {
                continue;
            }
            for (memory, batch) in [(1 << 30, 1 << 16), (1 << 30, 3), (1, 4)] {
                let room = tempfile::tempdir().unwrap();
                let config = shop.written(room.path(), form, numbers);
                let settings = ReadSettings { memory, batch, ..ReadSettings::default() };
                let (found, report) = histories(&config, settings);
                prop_assert_eq!(&found, &expected, "{:?} {} {}", form, memory, batch);
                for table in &report.tables {
                    let left: u64 = table.left_out.iter().map(|cause| cause.rows).sum();
                    prop_assert_eq!(table.read, table.filtered + table.used + left, "{:?}", table);
                }
            }
        }
    }
}

/// What is known of each customer as of a moment: whether anything, and the features in a window.
fn as_known(config: &Config, as_of: &AsOf, within: Option<(Moment, Moment)>) -> BTreeMap<String, Vec<u64>> {
    let selection = toml::from_str(
        "library = ['orders_lines', 'orders_amount', 'orders_categories', 'orders_count']\nwindows = '3d'",
    )
    .expect("a sound case");
    let tables = config.columns();
    let plan = Plan::new(&selection, &[], &tables).expect("a sound case");
    let open = EventReader::open(config, |kind| plan.columns(kind).to_vec(), ReadSettings::default())
        .expect("a sound case");
    let mut all = BTreeMap::new();
    let done = open.within(|_| within).for_each(
        |history| {
            let table = plan.evaluate(history, as_of).expect("a sound case");
            let known = |customer: usize| {
                let seen = |of: &Events| {
                    let mut rows = of.rows(customer);
                    rows.any(|row| of.at[row].max(of.known_at[row]) <= as_of.moment())
                };
                history.events.iter().any(seen)
            };
            let features = |customer: usize| (0..4).map(move |at| (at, customer));
            let row = |customer: usize| {
                let values = features(customer).map(|(at, customer)| table.column(at)[customer].to_bits());
                (
                    history.customers[customer].to_owned(),
                    std::iter::once(u64::from(known(customer))).chain(values).collect(),
                )
            };
            Ok((0..history.customers.len()).map(row).collect::<Vec<(String, Vec<u64>)>>())
        },
        |rows| {
            all.extend(rows);
            Ok::<(), Error>(())
        },
    );
    done.expect("a sound case");
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Rows outside of all windows left out, features are the same, and so is of whom something was known.
    #[test]
    fn rows_that_no_window_needs_do_not_show(shop in shop(), day in 1u32..9) {
        let room = tempfile::tempdir().unwrap();
        let config = shop.written(room.path(), Form::Sorted, false);
        if config.table(EventKind::Orders).is_none() {
            return Ok(());
        }
        // Day 19,000 since 1970 is 2022-01-08, the first of the shop.
        let as_of = AsOf::parse(&format!("2022-01-{:02}", 8 + day), &config.zone).unwrap();
        let within = Some((as_of.before(3), as_of.moment()));
        prop_assert_eq!(as_known(&config, &as_of, within), as_known(&config, &as_of, None));
    }
}

/// More rows than a chunk and than what is read ahead, from several files, and one customer with more than either.
#[test]
fn many_rows_and_a_customer_larger_than_a_chunk() {
    let orders: Vec<_> = (0..120_000u32)
        .map(|i| {
            ((i % 7919 % 50) as u8, (i % 251) as u8, i64::from(i), None, i64::from(i % 5), (i % 3) as u8)
        })
        .chain((0..60_000u32).map(|i| (51, 0, i64::from(i), None, 1, 0)))
        .collect();
    let shop = Shop::new(&orders, &[]);
    let expected = expected(&shop, false);
    for form in [Form::Sorted, Form::Shuffled] {
        for memory in [1 << 30, 1 << 20] {
            let room = tempfile::tempdir().unwrap();
            let config = shop.written(room.path(), form, false);
            let settings = ReadSettings { memory, batch: 10_000, ..ReadSettings::default() };
            let (found, _) = histories(&config, settings);
            assert!(found == expected, "{form:?} {memory}");
        }
    }
}

#[test]
fn columns_that_are_not_there() {
    let room = tempfile::tempdir().unwrap();
    let shop = Shop::new(&[(1, 1, 1, None, 1, 0)], &[]);
    let config: Config = shop.written(room.path(), Form::Csv, false);
    let open = |kind: EventKind, column: &str| {
        let asked = |of| if of == kind { vec![column.to_owned()] } else { Vec::new() };
        let opened = arrears_behavior::EventReader::open(&config, asked, ReadSettings::default());
        opened.err().expect("an error").to_string()
    };
    let why = open(EventKind::Payments, "amount");
    assert!(why.contains("there is no table `payments`") && why.contains("[payments]"), "{why}");
    let why = open(EventKind::Orders, "channel");
    assert!(why.contains("[orders] maps no column `channel`") && why.contains("order, amount"), "{why}");
}
