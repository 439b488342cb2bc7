//! Rows of a customer as of several dates: none is a duplicate, and no customer is on both sides of a split.

use crate::csv;
use arrears_data::{
    Cleaned, DataError, DropReason, Preparation, Role, Split, Table, clean, know_snapshots, split,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn preparation(text: &str) -> Preparation {
    Preparation::from_toml(text).unwrap()
}

fn divided(table: &Table, bad: Option<&[bool]>, text: &str) -> Result<Split, DataError> {
    split(table, bad, &preparation(&format!("[split]\n{text}")).split, &["NA".to_owned()])
}

/// A table with the group and the day of each row.
fn grouped(rows: &[(u8, u8)]) -> Table {
    let lines: String = rows.iter().map(|(group, day)| format!("c{group},2024-01-0{day}\n")).collect();
    csv(format!("who,day\n{lines}")).table
}

fn sides(rows: &[(u8, u8)], split: &Split) -> [BTreeSet<u8>; 2] {
    [&split.train, &split.test].map(|side| side.iter().map(|row| rows[*row].0).collect())
}

proptest! {
    #[test]
    fn a_group_is_on_one_side(
        rows in prop::collection::vec((0u8..40, 1u8..6), 30..200),
        bads in prop::collection::vec(any::<bool>(), 200),
        share in 0.2f64..0.8,
    ) {
        let bad = &bads[..rows.len()];
        let table = grouped(&rows);
        let split = divided(&table, Some(bad), &format!("group = \"who\"\ntest = {share}")).unwrap();
        let [train, test] = sides(&rows, &split);
        prop_assert!(train.is_disjoint(&test) && split.neither.is_empty());
        prop_assert_eq!(split.train.len() + split.test.len(), rows.len());
        // The share is of groups, among those with a bad row and among the others.
        let with_bad: BTreeSet<u8> = rows.iter().zip(bad).filter(|(_, bad)| **bad).map(|(row, _)| row.0).collect();
        for is_bad in [false, true] {
            let of = |side: &BTreeSet<u8>| side.iter().filter(|g| with_bad.contains(g) == is_bad).count();
            let expected = (share * (of(&train) + of(&test)) as f64).round() as usize;
            prop_assert_eq!(of(&test), expected);
        }
    }

    #[test]
    fn groups_of_one_row_are_dealt_as_rows(
        bad in prop::collection::vec(any::<bool>(), 20..100),
        seed in any::<u32>(),
    ) {
        let lines: String = (0..bad.len()).map(|row| format!("{}\n", 1000 - row)).collect();
        let table = csv(format!("who\n{lines}")).table;
        let plain = divided(&table, Some(&bad), &format!("seed = {seed}")).unwrap();
        let in_groups = divided(&table, Some(&bad), &format!("seed = {seed}\ngroup = \"who\"")).unwrap();
        prop_assert_eq!(plain, in_groups);
    }

    #[test]
    fn by_time_a_group_is_before_or_after_the_cut(rows in prop::collection::vec((0u8..40, 1u8..6), 60..200)) {
        let table = grouped(&rows);
        let text = "method = \"time\"\ncolumn = \"day\"\nfrom = \"2024-01-04\"\ntest = 0.4";
        let split = divided(&table, None, &format!("{text}\ngroup = \"who\"")).unwrap();
        let [train, test] = sides(&rows, &split);
        prop_assert!(train.is_disjoint(&test));
        prop_assert!(split.train.iter().all(|row| rows[*row].1 < 4) && split.test.iter().all(|row| rows[*row].1 >= 4));
        let mut all = [&split.train[..], &split.test, &split.neither].concat();
        all.sort_unstable();
        prop_assert_eq!(all, Vec::from_iter(0..rows.len()));
        // What is on neither side is of the wrong side of the cut for its group, and nothing else is.
        for row in &split.neither {
            let (group, day) = rows[*row];
            let its_side = if day < 4 { &train } else { &test };
            prop_assert!(!its_side.contains(&group));
        }
        // Groups are drawn whatever their days: as at random, of all groups the share that is asked for.
        let drawn = divided(&table, None, "group = \"who\"\ntest = 0.4").unwrap();
        let [others, drawn] = sides(&rows, &drawn);
        prop_assert!(test.is_subset(&drawn) && train.is_subset(&others));
    }
}

#[test]
fn a_row_without_a_group_goes_alone() {
    let lines = "NA\n".repeat(20) + &"a\n".repeat(20);
    let split = divided(&csv(format!("who\n{lines}")).table, None, "group = \"who\"").unwrap();
    let alone = split.test.iter().filter(|row| **row < 20).count();
    assert!((4..=6).contains(&alone), "{alone}");
    assert!([0, 20].contains(&split.test.iter().filter(|row| **row >= 20).count()));
}

#[test]
fn keys_that_do_not_go_together_are_refused() {
    let fault = |text: &str| Preparation::from_toml(text).unwrap_err().to_string();
    let column = "method = \"column\"\ncolumn = \"a\"\ntest_value = 1\ngroup = \"b\"";
    assert!(fault(&format!("[split]\n{column}")).contains("split.group"));
    assert!(fault("[split]\nmethod = \"time\"\ncolumn = \"a\"\nfrom = 1\ntest = 0.5").contains("split.from"));
    assert!(fault("[data]\nas_of = \"day\"").contains("data.as_of"));
    let wrong = |text: &str| clean(csv(FEATURES), &preparation(text)).unwrap_err().to_string();
    assert!(wrong("[data]\nid = \"customer\"\nas_of = \"customer\"").contains("data.as_of"));
    assert!(wrong("[data]\ntarget = \"bad\"\n[split]\ngroup = \"bad\"").contains("split.group"));
    assert!(wrong("[split]\ngroup = \"x\"\n[columns.x]\nmin = 0").contains("columns.x"));
    assert!(wrong("[split]\ngroup = \"y\"").contains("no column `y`"));
}

/// Two customers as of two dates, and the first row once more with another value.
const FEATURES: &str = "\
customer,as_of,bad,x
17,2024-01-31,0,5
17,2024-02-29,1,5
17,2024-01-31,0,6
18,2024-01-31,1,5
18,2024-02-29,0,7
";

fn known(text: &str, csv_text: &str) -> (Preparation, Cleaned) {
    let loaded = csv(csv_text);
    let mut preparation = preparation(text);
    know_snapshots(&loaded.table, &mut preparation);
    let cleaned = clean(loaded, &preparation).unwrap();
    (preparation, cleaned)
}

#[test]
fn a_table_of_features_is_known_by_its_first_columns() {
    let (preparation, cleaned) = known("[data]\ntarget = \"bad\"", FEATURES);
    assert_eq!(preparation.data.id.as_deref(), Some("customer"));
    assert_eq!(preparation.data.as_of.as_deref(), Some("as_of"));
    assert_eq!(preparation.split.group.as_deref(), Some("customer"));
    assert_eq!(preparation.data.positive.as_deref(), Some("1"));
    let roles: Vec<Role> = cleaned.report.types.iter().map(|column| column.role).collect();
    assert_eq!(roles, [Role::Id, Role::AsOf, Role::Target, Role::Feature]);
    // The second date of a customer is no duplicate, the second row of a date is.
    let [dropped] = &cleaned.report.dropped[..] else { panic!("{:?}", cleaned.report.dropped) };
    assert_eq!(
        (dropped.reason, dropped.rows, dropped.examples[0].line),
        (DropReason::RepeatedIdAndDate, 1, 4)
    );
    assert_eq!(cleaned.report.kept, 4);
}

#[test]
fn what_the_recipe_says_goes_first() {
    let said = |text: &str, data: &str| {
        let mut said = preparation(text);
        know_snapshots(&csv(data).table, &mut said);
        (said.data.id, said.data.as_of, said.split.group)
    };
    let some = |text: &str| Some(text.to_owned());
    let by_time = "[split]\nmethod = \"time\"\ncolumn = \"as_of\"";
    assert_eq!(said(by_time, FEATURES), (some("customer"), some("as_of"), None));
    let own = "[data]\nid = \"x\"";
    assert_eq!(said(own, FEATURES), (some("x"), None, None));
    assert_eq!(said("[data]\nexclude = [\"customer\", \"as_of\"]", FEATURES), (None, None, None));
    assert_eq!(said("[columns.customer]\ntype = \"category\"", FEATURES), (None, None, None));
    // A column of that name alone says nothing.
    assert_eq!(said("", "x,customer,as_of\n1,2,3\n"), (None, None, None));
    // Columns of other names are said once, and rows of an id go together.
    let named = "[data]\nid = \"who\"\nas_of = \"day\"";
    assert_eq!(said(named, "who,day,x\n1,2,3\n"), (some("who"), some("day"), some("who")));
    let other = "[data]\nid = \"who\"\nas_of = \"day\"\n[split]\ngroup = \"x\"";
    assert_eq!(said(other, "who,day,x\n1,2,3\n"), (some("who"), some("day"), some("x")));
}
