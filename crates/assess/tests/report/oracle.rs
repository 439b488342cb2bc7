//! All counts and amounts against the slow way: filter the list of customers for each figure.

use arrears_assess::report::{Cause, Cell, Holding, LimitChange, Movement, TOP};
use arrears_assess::{Assessment, Movements, Run, Standing};
use arrears_validate::psi;
use proptest::prelude::*;
use proptest::sample::select;

/// A customer of the test: amounts in pence and pds in thousandths, so that sums are exact either way.
#[derive(Clone, Debug)]
struct Customer {
    before: Option<Standing>,
    now: Option<Standing>,
    rejected: bool,
}

fn pence(x: f64) -> i64 {
    (x * 100.0).round() as i64
}

fn thousandths(pd: f64) -> i64 {
    (pd * 1000.0).round() as i64
}

fn amount() -> impl Strategy<Value = Option<f64>> {
    let pence = prop_oneof![Just(0_i64), 1..300_i64, 0..1_000_000_i64];
    prop::option::weighted(0.85, pence.prop_map(|p| p as f64 / 100.0))
}

fn standing(grades: usize) -> impl Strategy<Value = Standing> {
    let tier = prop::option::weighted(0.8, select(vec!["A", "B", "C"]));
    let why = select(vec![None, Some("hysteresis"), Some("agreed <on> the telephone")]);
    let held = (0..grades, 0..grades, any::<bool>());
    (0..=1000_i64, held, amount(), amount(), tier, why).prop_map(
        |(pd, (model, other, own), limit, exposure, tier, why)| Standing {
            customer: String::new(),
            pd: pd as f64 / 1000.0,
            score: None,
            model_grade: model,
            grade: if own { model } else { other },
            limit,
            tier: tier.map(Into::into),
            exposure,
            why: why.map(Into::into),
        },
    )
}

fn customers(now: usize, before: usize) -> impl Strategy<Value = Vec<Customer>> {
    let customer = (prop::option::weighted(0.8, standing(before)), standing(now), 0..8_u8);
    prop::collection::vec(customer, 0..120).prop_map(|all| {
        let named = |(at, (before, now, kind)): (usize, (Option<Standing>, Standing, u8))| {
            // Ids descend, so that ties by id are not ties by order.
            let name = |s: Standing| Standing { customer: format!("C{:03}", 999 - at), ..s };
            let (there, rejected) = match (&before, kind) {
                (Some(_), 0) => (false, false),
                (_, 1) => (false, true),
                _ => (true, false),
            };
            Customer { before: before.map(name), now: there.then(|| name(now)), rejected }
        };
        all.into_iter().enumerate().map(named).collect()
    })
}

fn assess<'a>(now: &Run, before: Option<&Run>, customers: impl Iterator<Item = &'a Customer>) -> Assessment {
    let mut movements = Movements::new(now, before, Some(0.5));
    for c in customers {
        match c.rejected {
            true => movements.reject(c.before.as_ref()),
            false => movements.add(c.before.as_ref(), c.now.as_ref()),
        }
    }
    movements.finish()
}

fn holding<'a>(group: impl Iterator<Item = &'a Standing>, all: &[&Standing]) -> Holding {
    let group: Vec<&Standing> = group.collect();
    let over =
        |s: &&&Standing| s.exposure.zip(s.limit).map(|(e, l)| pence(e) - pence(l)).filter(|over| *over > 0);
    let sum = |of: &dyn Fn(&Standing) -> Option<f64>, group: &[&Standing]| {
        let known: Vec<i64> = group.iter().filter_map(|s| of(s)).map(pence).collect();
        (!known.is_empty()).then(|| known.iter().sum::<i64>() as f64 / 100.0)
    };
    let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let exposure = sum(&|s| s.exposure, &group);
    let expected: i64 = group.iter().filter_map(|s| Some(thousandths(s.pd) * pence(s.exposure?))).sum();
    let n = group.len() as f64;
    Holding {
        customers: group.len() as u64,
        share: ratio(n, all.len() as f64),
        mean_pd: ratio(group.iter().map(|s| thousandths(s.pd)).sum::<i64>() as f64 / 1000.0, n),
        with_exposure: group.iter().filter(|s| s.exposure.is_some()).count() as u64,
        exposure,
        exposure_share: exposure.and_then(|x| ratio(x, sum(&|s| s.exposure, all).unwrap_or(0.0))),
        with_limit: group.iter().filter(|s| s.limit.is_some()).count() as u64,
        limit: sum(&|s| s.limit, &group),
        utilisation: ratio(
            sum(&|s| s.limit.and(s.exposure), &group).unwrap_or(0.0),
            sum(&|s| s.exposure.and(s.limit), &group).unwrap_or(0.0),
        ),
        over_limit: group.iter().filter(|s| over(s).is_some()).count() as u64,
        over_limit_amount: group.iter().filter_map(|s| over(&s)).sum::<i64>() as f64 / 100.0,
        expected_loss: exposure.map(|_| 0.5 * (expected as f64 / 1e5)),
    }
}

/// Up, down or neither, from the names alone.
fn movement(now: &Run, before: &Run, c: &Customer) -> Movement {
    let (b, n) = match (&c.before, &c.now) {
        (_, None) if c.rejected => return Movement::Rejected,
        (_, None) => return Movement::Gone,
        (None, Some(_)) => return Movement::New,
        (Some(b), Some(n)) => (b, n),
    };
    match now.grades.iter().position(|name| *name == before.grades[b.grade]) {
        None => Movement::Unmatched,
        Some(was) if n.grade > was => Movement::Downgrade,
        Some(was) if n.grade < was => Movement::Upgrade,
        Some(_) => Movement::Stable,
    }
}

fn limit_change(c: &Customer) -> Option<LimitChange> {
    let credit = |s: &Standing| s.limit.map_or(0, pence);
    Some(match (&c.before, &c.now) {
        (None, None) => return None,
        (Some(_), None) if c.rejected => LimitChange::Rejected,
        (Some(_), None) => LimitChange::Gone,
        (None, Some(_)) => LimitChange::New,
        (Some(b), Some(n)) => match (credit(b), credit(n)) {
            (b, n) if b == n => LimitChange::Unchanged,
            (0, _) => LimitChange::Granted,
            (_, 0) => LimitChange::Withdrawn,
            (b, n) if n > b => LimitChange::Raised,
            _ => LimitChange::Cut,
        },
    })
}

fn scales() -> impl Strategy<Value = (Vec<&'static str>, Vec<&'static str>)> {
    prop_oneof![
        Just((vec!["A", "B", "C", "D"], vec!["A", "B", "C", "D"])),
        Just((vec!["A", "B", "C"], vec!["C", "X", "A"])),
        Just((vec!["优秀"], vec!["优秀", "风险"])),
    ]
}

/// Both scales and a list of customers on them.
fn case() -> impl Strategy<Value = (Run, Run, Vec<Customer>)> {
    scales().prop_flat_map(|(now, before)| {
        let list = customers(now.len(), before.len());
        let runs = (super::run("2026-09-30", "m 2", &now), super::run("2026-06-30", "m 1", &before));
        list.prop_map(move |list| (runs.0.clone(), runs.1.clone(), list))
    })
}

proptest! {
    #[test]
    fn groups_are_those_of_the_list((now, before, list) in case()) {
        let a = assess(&now, Some(&before), list.iter());
        let all_now: Vec<&Standing> = list.iter().filter_map(|c| c.now.as_ref()).collect();
        let all_before: Vec<&Standing> = list.iter().filter_map(|c| c.before.as_ref()).collect();
        prop_assert_eq!(a.now, holding(all_now.iter().copied(), &all_now));
        prop_assert_eq!(a.before.unwrap(), holding(all_before.iter().copied(), &all_before));
        for group in &a.grades {
            let name = group.name.clone().unwrap();
            let of = |run: &Run, all: &[&Standing]| run.grades.contains(&name)
                .then(|| holding(all.iter().copied().filter(|s| run.grades[s.grade] == name), all));
            prop_assert_eq!(group.now, of(&now, &all_now));
            prop_assert_eq!(group.before, of(&before, &all_before));
        }
        for tier in &a.tiers {
            let of = |all: &[&Standing]| holding(all.iter().copied().filter(|s| s.tier == tier.name), all);
            prop_assert_eq!(tier.now.unwrap(), of(&all_now));
            prop_assert_eq!(tier.before.unwrap(), of(&all_before));
        }
        let tiers: u64 = a.tiers.iter().map(|t| t.now.unwrap().customers).sum();
        prop_assert_eq!(tiers, a.now.customers);
        prop_assert!(a.tiers.is_sorted_by(|x, y| x.name < y.name));
        let changed = list.iter().filter(|c| c.before.is_some() && c.now.is_some())
            .filter(|c| c.before.as_ref().unwrap().tier != c.now.as_ref().unwrap().tier).count();
        prop_assert_eq!(a.tier_changes, changed as u64);
    }

    #[test]
    fn the_matrix_adds_up_to_both_runs((now, before, list) in case()) {
        let a = assess(&now, Some(&before), list.iter());
        let matrix = a.migration.as_ref().unwrap();
        let cell = |c: &Customer| {
            let row = c.before.as_ref().map_or(before.grades.len(), |s| s.grade);
            (row, c.now.as_ref().map_or(now.grades.len() + usize::from(c.rejected), |s| s.grade))
        };
        for (row, cells) in matrix.cells.iter().enumerate() {
            let in_row: Vec<&Customer> = list.iter().filter(|c| cell(c).0 == row).collect();
            let exposure = |c: &&Customer| c.before.as_ref().or(c.now.as_ref()).and_then(|s| s.exposure).map_or(0, pence);
            let row_exposure = in_row.iter().map(exposure).sum::<i64>() as f64 / 100.0;
            for (column, found) in cells.iter().enumerate() {
                let here: Vec<&Customer> = in_row.iter().copied().filter(|c| cell(c).1 == column).collect();
                let sum = here.iter().map(exposure).sum::<i64>() as f64 / 100.0;
                let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
                let expected = Cell {
                    movement: here.first().map_or(found.movement, |c| movement(&now, &before, c)),
                    customers: here.len() as u64,
                    share: ratio(here.len() as f64, in_row.len() as f64),
                    exposure: Some(sum),
                    exposure_share: ratio(sum, row_exposure),
                };
                prop_assert_eq!(*found, expected);
            }
            // Rows are the distribution before.
            if let Some(name) = matrix.from.get(row) {
                let group = a.grades.iter().find(|g| g.name.as_ref() == Some(name)).unwrap().before.unwrap();
                prop_assert_eq!(cells.iter().map(|c| c.customers).sum::<u64>(), group.customers);
                prop_assert_eq!(row_exposure, group.exposure.unwrap_or(0.0));
            }
        }
        // Columns are the distribution now.
        for column in 0..now.grades.len() {
            let sum: u64 = matrix.cells.iter().map(|row| row[column].customers).sum();
            prop_assert_eq!(sum, a.grades[column].now.unwrap().customers);
        }
        let c = a.customers;
        prop_assert_eq!(c.now, c.kept + c.new);
        prop_assert_eq!(c.before, c.kept + c.gone + c.rejected_before);
        let all: u64 = matrix.cells.iter().flatten().map(|c| c.customers).sum();
        prop_assert_eq!(all, list.iter().filter(|c| c.rejected || c.before.is_some() || c.now.is_some()).count() as u64);
        prop_assert_eq!(all, c.kept + c.new + c.gone + c.rejected);
    }

    #[test]
    fn moves_are_those_of_the_list((now, before, list) in case()) {
        let a = assess(&now, Some(&before), list.iter());
        let moves = a.moves.as_ref().unwrap();
        let of = |wanted: Movement| -> Vec<&Customer> {
            list.iter().filter(|c| movement(&now, &before, c) == wanted).collect()
        };
        let compared = [Movement::Stable, Movement::Upgrade, Movement::Downgrade].map(|m| of(m).len()).iter().sum::<usize>();
        prop_assert_eq!(moves.compared, compared as u64);
        let worst: Vec<&Customer> = of(Movement::Downgrade).into_iter()
            .filter(|c| c.now.as_ref().unwrap().grade == now.grades.len() - 1).collect();
        for (found, list) in [
            (moves.stable, of(Movement::Stable)), (moves.upgraded, of(Movement::Upgrade)),
            (moves.downgraded, of(Movement::Downgrade)), (moves.unmatched, of(Movement::Unmatched)), (moves.into_worst, worst),
        ] {
            prop_assert_eq!(found.customers, list.len() as u64);
            let exposure: i64 = list.iter().filter_map(|c| c.now.as_ref().unwrap().exposure).map(pence).sum();
            prop_assert_eq!(found.exposure, exposure as f64 / 100.0);
            prop_assert_eq!(found.share, (compared > 0).then(|| list.len() as f64 / compared as f64));
        }
        prop_assert_eq!(moves.notches.iter().map(|n| n.customers).sum::<u64>(), moves.compared);
        let steps: i64 = moves.notches.iter().map(|n| n.notches * n.customers as i64).sum();
        let expected: i64 = list.iter().filter_map(|c| {
            let name = &before.grades[c.before.as_ref()?.grade];
            let was = now.grades.iter().position(|g| g == name)?;
            Some(c.now.as_ref()?.grade as i64 - was as i64)
        }).sum();
        prop_assert_eq!(steps, expected);
        for row in &moves.causes {
            let cause = |c: &&&Customer| {
                let s = c.now.as_ref().unwrap();
                let cause = match (s.grade == s.model_grade, s.why.as_deref()) {
                    (true, _) => Cause::Model,
                    (_, Some("hysteresis")) => Cause::Hysteresis,
                    _ => Cause::Override,
                };
                cause == row.cause
            };
            let count = |m: Movement| of(m).iter().filter(cause).count() as u64;
            prop_assert_eq!((row.upgraded, row.downgraded), (count(Movement::Upgrade), count(Movement::Downgrade)));
            let stable = of(Movement::Stable);
            let held = |worse: bool| stable.iter().filter(cause).filter(|c| {
                let s = c.now.as_ref().unwrap();
                if worse { s.model_grade > s.grade } else { s.model_grade < s.grade }
            }).count() as u64;
            prop_assert_eq!((row.held_from_downgrade, row.held_from_upgrade), (held(true), held(false)));
        }
        let mut downgraded = of(Movement::Downgrade);
        downgraded.sort_by_key(|c| {
            let s = c.now.as_ref().unwrap();
            (std::cmp::Reverse(s.exposure.map_or(0, pence)), s.customer.clone())
        });
        let expected: Vec<&str> = downgraded.iter().take(TOP).map(|c| c.now.as_ref().unwrap().customer.as_str()).collect();
        let found: Vec<&str> = a.top_downgrades.iter().map(|d| d.customer.as_str()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn limits_are_those_of_the_list((now, before, list) in case()) {
        let a = assess(&now, Some(&before), list.iter());
        let limits = a.limits.as_ref().unwrap();
        let sum = |list: &[&Customer], of: fn(&Customer) -> Option<&Standing>| {
            list.iter().filter_map(|c| of(c)?.limit).map(pence).sum::<i64>()
        };
        let check = |row: &arrears_assess::report::LimitRow, list: &[&Customer]| -> Result<(), TestCaseError> {
            let (b, n) = (sum(list, |c| c.before.as_ref()), sum(list, |c| c.now.as_ref()));
            prop_assert_eq!(row.customers, list.len() as u64);
            prop_assert_eq!((row.before, row.now), (b as f64 / 100.0, n as f64 / 100.0));
            prop_assert_eq!(row.difference, (n - b) as f64 / 100.0);
            Ok(())
        };
        prop_assert_eq!(limits.all.len(), LimitChange::ALL.len());
        for row in &limits.all {
            let here: Vec<&Customer> = list.iter().filter(|c| limit_change(c) == Some(row.change)).collect();
            check(row, &here)?;
        }
        for (grade, rows) in &limits.by_grade {
            for change in LimitChange::ALL {
                let here: Vec<&Customer> = list.iter().filter(|c| limit_change(c) == Some(change)).filter(|c| {
                    let name = c.now.as_ref().map(|s| &now.grades[s.grade]);
                    name.or(c.before.as_ref().map(|s| &before.grades[s.grade])) == Some(grade)
                }).collect();
                match rows.iter().find(|row| row.change == change) {
                    Some(row) => check(row, &here)?,
                    None => prop_assert!(here.is_empty()),
                }
            }
        }
        let net = a.now.limit.unwrap_or(0.0) - a.before.unwrap().limit.unwrap_or(0.0);
        prop_assert!((limits.net - net).abs() < 1e-6);
    }

    /// The order of customers, and with it the cutting into chunks and threads, changes nothing.
    #[test]
    fn order_changes_nothing((now, before, list) in case()) {
        let forward = assess(&now, Some(&before), list.iter());
        prop_assert_eq!(&assess(&now, Some(&before), list.iter().rev()), &forward);
    }

    #[test]
    fn the_psi_is_that_of_the_library((now, before, list) in case()) {
        let a = assess(&now, Some(&before), list.iter());
        let names: Vec<String> = a.grades.iter().filter_map(|g| g.name.clone()).collect();
        let count = |run: &Run, of: fn(&Customer) -> Option<&Standing>| -> Vec<u64> {
            let grades: Vec<&String> = list.iter().filter_map(of).map(|s| &run.grades[s.grade]).collect();
            names.iter().map(|name| grades.iter().filter(|g| **g == name).count() as u64).collect()
        };
        let expected = psi(&count(&before, |c| c.before.as_ref()), &count(&now, |c| c.now.as_ref())).ok();
        prop_assert_eq!(a.grade_psi.as_ref().map(|d| d.psi.clone()), expected);
        prop_assert!(a.pd_psi.is_none() || a.grade_psi.is_some());
    }
}
