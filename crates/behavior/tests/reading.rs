//! Tables as histories, held against what a plain reading of the rules makes of the same rows.

mod shop;

use arrears_behavior::{Config, EventKind, ReadSettings};
use proptest::prelude::*;
use shop::{Form, Shop, expected, histories};

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
