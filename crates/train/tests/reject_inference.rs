//! Reject inference where the truth is known: simulated applicants, and the bundled credit data cut by a first score.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::{Scorer, Value};
use arrears_train::reject_inference::{
    Accepted, Augmented, INTERCEPT, PRUDENCES, Refit, RejectMethod, RejectParams, augment, prudent,
    sensitivity,
};
use arrears_train::{Recipe, TrainError, Trained, train};

/// An applicant: what the model reads, what only the first decision knew, and how it ended.
struct Applicant {
    x: [f64; 2],
    hidden: f64,
    bad: bool,
}

/// Uniform numbers, the same everywhere (splitmix64).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Log-odds of bad are -1.5 + x1 + 0.5 x2 + `hidden_effect` x hidden, all three uniform on [-2, 2].
fn applicants(n: usize, hidden_effect: f64) -> Vec<Applicant> {
    let mut uniform = Uniform(11);
    let one = |_| {
        let mut wide = || 4.0 * uniform.next() - 2.0;
        let (x, hidden) = ([wide(), wide()], wide());
        let bad = uniform.next() < sigmoid(-1.5 + x[0] + 0.5 * x[1] + hidden_effect * hidden);
        Applicant { x, hidden, bad }
    };
    (0..n).map(one).collect()
}

/// Weighted logistic regression by Newton's method: intercept and two slopes. The oracle of this file.
fn fit(rows: &[([f64; 2], bool, f64)]) -> [f64; 3] {
    let mut beta = [0.0; 3];
    for _ in 0..30 {
        let (mut gradient, mut hessian) = ([0.0; 3], [[0.0; 3]; 3]);
        for (x, bad, weight) in rows {
            let row = [1.0, x[0], x[1]];
            let p = pd(&beta, *x);
            for i in 0..3 {
                gradient[i] += weight * (f64::from(u8::from(*bad)) - p) * row[i];
                (0..3).for_each(|j| hessian[i][j] += weight * p * (1.0 - p) * row[i] * row[j]);
            }
        }
        let step = solve(hessian, gradient);
        (0..3).for_each(|i| beta[i] += step[i]);
    }
    beta
}

fn pd(beta: &[f64; 3], x: [f64; 2]) -> f64 {
    sigmoid(beta[0] + beta[1] * x[0] + beta[2] * x[1])
}

/// Three equations, by Cramer's rule.
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> [f64; 3] {
    let det = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    [0, 1, 2].map(|column| {
        let mut m = a;
        (0..3).for_each(|row| m[row][column] = b[row]);
        det(m) / det(a)
    })
}

/// Accepted (with weight 1) and rejected, by a rule.
fn decide(all: &[Applicant], accept: impl Fn(&Applicant) -> bool) -> (Vec<&Applicant>, Vec<&Applicant>) {
    all.iter().partition(|a| accept(a))
}

fn known(accepted: &[&Applicant]) -> Vec<([f64; 2], bool, f64)> {
    accepted.iter().map(|a| (a.x, a.bad, 1.0)).collect()
}

fn with(
    accepted: &[&Applicant],
    rejected: &[&Applicant],
    augmented: &[Augmented],
) -> Vec<([f64; 2], bool, f64)> {
    let mut rows = known(accepted);
    rows.extend(augmented.iter().map(|part| (rejected[part.row].x, part.bad, part.weight)));
    rows
}

fn bad_rate(applicants: &[&Applicant]) -> f64 {
    applicants.iter().filter(|a| a.bad).count() as f64 / applicants.len() as f64
}

fn inferred(augmented: &[Augmented]) -> f64 {
    augmented.iter().filter(|part| part.bad).map(|part| part.weight).sum()
}

fn params(method: RejectMethod, prudence: f64) -> RejectParams {
    RejectParams { method, prudence, ..RejectParams::default() }
}

/// The rejected add `weight x (bad - p)` to the gradient, which is p (1 - p) - (1 - p) p = 0 for each of them at the
/// model that gave p: it stays the optimum.
#[test]
fn fuzzy_augmentation_without_prudence_gives_the_same_model_back() {
    let all = applicants(6000, 0.0);
    let (accepted, rejected) = decide(&all, |a| a.x[0] + a.x[1] < 0.5);
    let before = fit(&known(&accepted));
    let p: Vec<f64> = rejected.iter().map(|a| pd(&before, a.x)).collect();
    let after = fit(&with(&accepted, &rejected, &augment(&p, &params(RejectMethod::Fuzzy, 1.0)).unwrap()));
    for (after, before) in after.iter().zip(before) {
        assert!((after - before).abs() < 1e-10, "{after} {before}");
    }
    let prudent = fit(&with(&accepted, &rejected, &augment(&p, &params(RejectMethod::Fuzzy, 2.0)).unwrap()));
    assert!(prudent[1] > before[1] + 0.05 && prudent[2] > before[2] + 0.05, "{prudent:?} {before:?}");
}

#[test]
fn where_the_model_saw_what_the_decision_saw_the_truth_is_found() {
    let all = applicants(40_000, 0.0);
    let (accepted, rejected) = decide(&all, |a| a.x[0] + a.x[1] < 0.5);
    let before = fit(&known(&accepted));
    let p: Vec<f64> = rejected.iter().map(|a| pd(&before, a.x)).collect();
    let truth = bad_rate(&rejected);
    assert!(truth > 2.0 * bad_rate(&accepted), "{truth}");
    for method in [RejectMethod::Fuzzy, RejectMethod::Parcelling, RejectMethod::HardCutoff] {
        let found = inferred(&augment(&p, &params(method, 1.0)).unwrap()) / p.len() as f64;
        let gap = truth - bad_rate(&accepted);
        assert!((found - truth).abs() < 0.1 * gap, "{method}: {found} {truth}");
    }
}

#[test]
fn where_it_did_not_prudence_is_needed() {
    let all = applicants(40_000, 0.8);
    let (accepted, rejected) = decide(&all, |a| a.x[0] + a.hidden < 0.5);
    let before = fit(&known(&accepted));
    let p: Vec<f64> = rejected.iter().map(|a| pd(&before, a.x)).collect();
    let truth = bad_rate(&rejected);
    let rates = [1.0, 2.0, 4.0, 8.0].map(|prudence| {
        inferred(&augment(&p, &params(RejectMethod::Fuzzy, prudence)).unwrap()) / p.len() as f64
    });
    assert!(rates.is_sorted(), "{rates:?}");
    assert!(rates[0] < truth - 0.05 && rates[3] > truth, "{rates:?} {truth}");
    // The factor that is right in the bad rate brings the slope nearer to that of all applicants.
    let full = fit(&known(&all.iter().collect::<Vec<_>>()));
    let right = (100..800).map(|k| f64::from(k) / 100.0).min_by(|a, b| {
        let gap = |k: f64| (p.iter().map(|p| prudent(*p, k)).sum::<f64>() / p.len() as f64 - truth).abs();
        gap(*a).total_cmp(&gap(*b))
    });
    let after =
        fit(&with(&accepted, &rejected, &augment(&p, &params(RejectMethod::Fuzzy, right.unwrap())).unwrap()));
    assert!((after[1] - full[1]).abs() < (before[1] - full[1]).abs(), "{after:?} {before:?} {full:?}");
}

#[test]
fn prudence_multiplies_the_odds() {
    for (pd, k) in [(0.2, 1.0), (0.2, 1.25), (0.5, 2.0), (0.99, 3.0)] {
        let p = prudent(pd, k);
        let (odds, expected) = (p / (1.0 - p), k * pd / (1.0 - pd));
        assert!((odds / expected - 1.0).abs() < 1e-12);
    }
    assert_eq!((prudent(0.0, 2.0), prudent(1.0, 2.0)), (0.0, 1.0));
}

#[test]
fn parts_by_hand() {
    let pd = [0.2, 0.9, 0.5];
    let part = |row, bad, weight| Augmented { row, bad, weight };
    let found = augment(&pd, &params(RejectMethod::Fuzzy, 1.0)).unwrap();
    let expected = [
        part(0, true, 0.2),
        part(0, false, 0.8),
        part(1, true, 0.9),
        part(1, false, 1.0 - 0.9),
        part(2, true, 0.5),
        part(2, false, 0.5),
    ];
    assert_eq!(found, expected);
    // A certain outcome is one row.
    assert_eq!(augment(&[1.0], &params(RejectMethod::Fuzzy, 1.5)).unwrap(), [part(0, true, 1.0)]);
    let bads = |params: &RejectParams| {
        let found = augment(&pd, params).unwrap();
        assert!(found.iter().enumerate().all(|(row, part)| part.row == row && part.weight == 1.0));
        found.iter().map(|part| part.bad).collect::<Vec<bool>>()
    };
    let hard = |cutoff, prudence| RejectParams { cutoff, ..params(RejectMethod::HardCutoff, prudence) };
    assert_eq!(bads(&hard(Some(0.5), 1.0)), [false, true, true]);
    assert_eq!(bads(&hard(Some(0.51), 1.0)), [false, true, false]);
    // Odds of 1 become odds of 2: pd 2/3.
    assert_eq!(bads(&hard(Some(0.66), 2.0)), [false, true, true]);
    // The pds add up to 1.6: two bads, the riskiest.
    assert_eq!(bads(&hard(None, 1.0)), [false, true, true]);
    assert_eq!(augment(&[], &params(RejectMethod::Parcelling, 1.0)).unwrap(), []);
}

#[test]
fn a_hard_cutoff_of_its_own_parts_no_equal_pds() {
    let hard = params(RejectMethod::HardCutoff, 1.0);
    let bads = |pd: &[f64]| augment(pd, &hard).unwrap().iter().map(|part| part.bad).collect::<Vec<bool>>();
    // The sums are 1.5. Two bads or four; one or four; one or two, both as near.
    assert_eq!(bads(&[0.25, 0.5, 0.25, 0.5]), [false, true, false, true]);
    assert_eq!(bads(&[0.25, 0.75, 0.25, 0.25]), [false, true, false, false]);
    assert_eq!(bads(&[0.75, 0.5, 0.25]), [true, true, false]);
    // 0.3 is nearer to none than to three, 1.8 nearer to three.
    assert_eq!(bads(&[0.1; 3]), [false; 3]);
    assert_eq!(bads(&[0.6; 3]), [true; 3]);
    let mut uniform = Uniform(19);
    for distinct in [1.0, 2.0, 5.0, 20.0] {
        let pd: Vec<f64> = (0..190).map(|_| (uniform.next() * distinct).floor() / (1.7 * distinct)).collect();
        let found = bads(&pd);
        // Every distinct pd tried as the cut-off, and none at all; of two as near the lower.
        let sum: f64 = pd.iter().sum();
        let gap = |cutoff: f64| (pd.iter().filter(|p| **p >= cutoff).count() as f64 - sum).abs();
        let mut cutoffs = pd.clone();
        cutoffs.push(1.0);
        cutoffs.sort_unstable_by(f64::total_cmp);
        let best = cutoffs.iter().copied().min_by(|a, b| gap(*a).total_cmp(&gap(*b))).unwrap();
        assert_eq!(found, pd.iter().map(|p| *p >= best).collect::<Vec<bool>>());
        let backwards: Vec<f64> = pd.iter().rev().copied().collect();
        assert!(bads(&backwards).iter().rev().eq(&found), "{distinct} distinct pds");
    }
}

#[test]
fn parcelling_keeps_the_bad_rate_of_every_band() {
    let mut uniform = Uniform(5);
    let pd: Vec<f64> = (0..997).map(|_| (uniform.next() * 50.0).round() / 60.0 + 0.01).collect();
    for (bands, prudence) in [(1, 1.0), (7, 1.0), (10, 1.5), (2000, 1.0)] {
        let params = RejectParams { bands, prudence, seed: 3, ..params(RejectMethod::Parcelling, 1.0) };
        let found = augment(&pd, &params).unwrap();
        assert_eq!(found, augment(&pd, &params).unwrap());
        let sum: f64 = pd.iter().map(|p| prudent(*p, prudence)).sum();
        assert!((inferred(&found) - sum).abs() <= 0.5 + 1e-9);
        // At the end of every band the bads so far are the rounded sum so far.
        let mut order: Vec<usize> = (0..pd.len()).collect();
        order.sort_by(|a, b| pd[*a].total_cmp(&pd[*b]));
        for band in 1..=bands {
            let even = (band * pd.len()).div_ceil(bands);
            let end = (even..pd.len()).find(|at| pd[order[*at]] != pd[order[*at - 1]]).unwrap_or(pd.len());
            let expected: f64 = order[..end].iter().map(|row| prudent(pd[*row], prudence)).sum();
            let bads = order[..end].iter().filter(|row| found[**row].bad).count() as f64;
            assert!((expected - bads).abs() <= 0.5 + 1e-9, "{band} of {bands}: {expected} {bads}");
        }
    }
    let chosen =
        |seed| augment(&pd, &RejectParams { seed, ..params(RejectMethod::Parcelling, 1.0) }).unwrap();
    assert_ne!(chosen(1), chosen(2));
    assert_eq!(inferred(&chosen(1)), inferred(&chosen(2)));
}

#[test]
fn what_cannot_be_inferred_is_refused() {
    let key = |params: RejectParams| match augment(&[0.5], &params) {
        Err(TrainError::Parameter { section: "reject_inference", key, .. }) => key,
        other => panic!("{other:?}"),
    };
    let usual = RejectParams::default;
    assert_eq!(key(RejectParams { prudence: 0.0, ..usual() }), "prudence");
    assert_eq!(key(RejectParams { prudence: f64::INFINITY, ..usual() }), "prudence");
    assert_eq!(key(RejectParams { bands: 0, ..usual() }), "bands");
    assert_eq!(key(RejectParams { cutoff: Some(1.0), ..usual() }), "cutoff");
    for wrong in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(augment(&[0.5, wrong], &usual()), Err(TrainError::RejectPd { row: 1, .. })));
    }
    assert!(toml::from_str::<RejectParams>("method = \"guess\"").is_err());
    let read: RejectParams =
        toml::from_str("method = \"hard_cutoff\"\npath = \"r.csv\"\ncutoff = 0.3").unwrap();
    assert_eq!((read.method, read.cutoff, read.prudence), (RejectMethod::HardCutoff, Some(0.3), 1.0));
}

#[test]
fn the_sensitivity_report_is_what_each_refit_says() {
    let all = applicants(4000, 0.8);
    let (accepted, rejected) = decide(&all, |a| a.x[0] + a.hidden < 0.5);
    let (train, held_out) = accepted.split_at(accepted.len() / 2);
    let refit = |beta: [f64; 3]| Refit {
        coefficients: [INTERCEPT, "x1", "x2"].iter().zip(beta).map(|(n, b)| ((*n).to_owned(), b)).collect(),
        held_out_pd: held_out.iter().map(|a| pd(&beta, a.x)).collect(),
    };
    let beta = fit(&known(train));
    let p: Vec<f64> = rejected.iter().map(|a| pd(&beta, a.x)).collect();
    let outcomes: Vec<bool> = held_out.iter().map(|a| a.bad).collect();
    let bads = accepted.iter().filter(|a| a.bad).count() as f64;
    let known_ones = Accepted { rows: accepted.len() as f64, bads, held_out: &outcomes };
    let report =
        sensitivity(&p, &known_ones, &refit(beta), &RejectParams::default(), &PRUDENCES, |augmented| {
            Ok(refit(fit(&with(train, &rejected, augmented))))
        })
        .unwrap();
    assert_eq!(report.cases.len(), 3 * PRUDENCES.len());
    assert_eq!(report.accepted_bad_rate, bads / accepted.len() as f64);
    let (first, last) = (&report.cases[0], &report.cases[PRUDENCES.len() - 1]);
    assert_eq!((first.method, first.prudence, last.prudence), (RejectMethod::Fuzzy, 1.0, 2.0));
    assert!(first.largest_shift.abs() < 1e-10, "{first:?}");
    assert_eq!(first.auc.map(|auc| (1e6 * auc).round()), report.accepted_auc.map(|auc| (1e6 * auc).round()));
    for case in &report.cases {
        let augmented = augment(&p, &params(case.method, case.prudence)).unwrap();
        let bads_inferred = inferred(&augmented);
        assert_eq!(case.inferred_bad_rate, bads_inferred / p.len() as f64);
        assert!((case.door_bad_rate - (bads + bads_inferred) / all.len() as f64).abs() < 1e-12);
        let after = fit(&with(train, &rejected, &augmented));
        let shifts: Vec<f64> = case.shifts.iter().map(|s| s.1).collect();
        let expected: Vec<f64> = after.iter().zip(beta).map(|(a, b)| a - b).collect();
        assert_eq!(shifts, expected);
        assert!(shifts.contains(&case.largest_shift));
        assert!(shifts.iter().all(|s| s.abs() <= case.largest_shift.abs()));
        assert!(report.to_markdown().contains(&format!("| {} | {} |", case.method, case.prudence)));
    }
    let none = sensitivity(&[], &known_ones, &refit(beta), &RejectParams::default(), &PRUDENCES, |_| {
        panic!("nothing to fit")
    });
    assert!(matches!(none, Err(TrainError::NoRejects)));
}

#[test]
fn a_variable_that_comes_or_goes_shifts_from_or_to_0() {
    let refit = |coefficients: &[(&str, f64)]| Refit {
        coefficients: coefficients.iter().map(|(n, b)| ((*n).to_owned(), *b)).collect(),
        held_out_pd: vec![],
    };
    let known_ones = Accepted { rows: 10.0, bads: 2.0, held_out: &[] };
    let before = refit(&[(INTERCEPT, -1.0), ("income", -0.5)]);
    let report = sensitivity(&[0.5], &known_ones, &before, &RejectParams::default(), &[1.0], |_| {
        Ok(refit(&[("age", 0.25), (INTERCEPT, -0.75)]))
    })
    .unwrap();
    let named = |name: &str, shift: f64| (name.to_owned(), shift);
    assert_eq!(report.cases[0].shifts, [named(INTERCEPT, 0.25), named("income", 0.5), named("age", 0.25)]);
    assert_eq!((report.cases[0].largest_shift, report.cases[0].auc), (0.5, None));
}

const CREDIT: &str = include_str!("../../../datasets/credit/data.csv");

fn credit(csv: &str) -> Trained {
    let recipe = include_str!("../../../datasets/credit/recipe.toml");
    let recipe = Recipe::from_toml(recipe, "recipe.toml", "credit").unwrap();
    train(&recipe, read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap(), "data.csv").unwrap()
}

/// Pd of every cleaned row of `data` under the model of `trained`.
fn pds(trained: &Trained, data: &Trained) -> Vec<f64> {
    let fields = trained.model.schema.fields.iter();
    let columns: Vec<_> = fields.map(|field| data.cleaned.table.column(&field.name).unwrap()).collect();
    let mut scorer = Scorer::new(&trained.model);
    let mut pd = |row| {
        let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(row)).collect();
        scorer.score(&values).unwrap().pd.unwrap()
    };
    (0..data.cleaned.table.rows()).map(&mut pd).collect()
}

/// The riskiest fifth by a first model is rejected; a second one learns from the others only.
#[test]
fn rejected_applicants_of_the_credit_data_turn_out_as_inferred() {
    let all = credit(CREDIT);
    let first = pds(&all, &all);
    let mut sorted = first.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let bar = sorted[sorted.len() * 4 / 5];
    let lines: Vec<&str> = CREDIT.lines().collect();
    let mut csv = lines[0].to_owned();
    for row in (0..first.len()).filter(|row| first[*row] < bar) {
        csv.push('\n');
        csv.push_str(lines[all.cleaned.table.line(row) as usize - 1]);
    }
    let accepted = credit(&csv);
    let second = pds(&accepted, &all);
    let rejected: Vec<usize> = (0..first.len()).filter(|row| first[*row] >= bar).collect();
    let bad = all.cleaned.bad.as_ref().unwrap();
    let n = rejected.len() as f64;
    let truth = rejected.iter().filter(|row| bad[**row]).count() as f64 / n;
    let known = accepted.cleaned.bad.as_ref().unwrap();
    let accepted_rate = known.iter().filter(|b| **b).count() as f64 / known.len() as f64;
    let p: Vec<f64> = rejected.iter().map(|row| second[*row]).collect();
    for method in RejectMethod::ALL {
        let found = inferred(&augment(&p, &params(method, 1.0)).unwrap()) / n;
        println!("{method}: inferred {found:.4}, truth {truth:.4}, accepted {accepted_rate:.4}");
        assert!(
            (found - truth).abs() < 0.25 * (truth - accepted_rate),
            "{method}: {found} {truth} {accepted_rate}"
        );
    }
}
