//! What was planted gets its reason; what cannot be asked for is refused.

use crate::data::{Data, nothing};
use arrears_train::codes::Codes;
use arrears_train::regression::RegressionParams;
use arrears_train::selection::{Criterion, Decision, SelectionParams, Step, Stepwise, WrongSign, select};

/// German Credit with a copy, a sum, a constant and a leak.
fn planted() -> Data {
    let mut data = Data::german();
    let bins = |data: &Data, i: usize| -> Vec<usize> {
        (0..data.bad.len()).map(|row| data.codes[i].get(row)).collect()
    };
    let rows = data.bad.len();
    let checking = bins(&data, 0);
    data.push("copy", checking.clone());
    data.push(
        "nearly",
        checking.iter().enumerate().map(|(row, &b)| if row % 50 == 0 { 0 } else { b }).collect(),
    );
    data.push("constant", vec![0; rows]);
    let leak = (0..rows).map(|row| if row % 10 == 0 { 2 } else { usize::from(data.bad[row]) }).collect();
    data.push("leak", leak);
    data.push("noise", (0..rows).map(|row| row * 7919 % 13 % 3).collect());
    data
}

#[test]
fn what_was_planted_gets_its_reason() {
    let data = planted();
    let params =
        SelectionParams { min_iv: 0.005, drop_leaks: true, max_iv: 1.0, ..SelectionParams::default() };
    let selection = data.select(&params);
    let of = |name| data.decision(&selection, name);
    assert_eq!(of("copy").dropped_by, Some(Step::Correlation));
    assert_eq!(of("copy").correlated_with.unwrap().0, 0);
    assert!(
        of("copy").reason.contains("+1.000 with `status_of_existing_checking_account`"),
        "{:?}",
        of("copy")
    );
    assert_eq!(of("nearly").dropped_by, Some(Step::Correlation));
    assert_eq!(of("constant").dropped_by, Some(Step::SingleValue));
    assert_eq!(of("leak").dropped_by, Some(Step::Leak));
    assert_eq!(of("noise").dropped_by, Some(Step::LowIv));
    assert!(of("duration_in_month").kept() && of("duration_in_month").flags.is_empty());
    let kept = data.select(&SelectionParams { drop_leaks: false, ..params });
    let leak = data.decision(&kept, "leak");
    assert!(leak.kept() && leak.flags[0].starts_with("likely leak: IV"), "{leak:?}");
}

#[test]
fn collinear_columns_have_infinite_inflation() {
    let mut data = Data::german();
    data.names.truncate(2);
    // A column of WoE a + b for every pair of bins of the first two: their exact sum.
    let width = data.woe[1].len();
    let bins: Vec<usize> =
        (0..data.bad.len()).map(|row| data.codes[0].get(row) * width + data.codes[1].get(row)).collect();
    let sums: Vec<f64> = data.woe[0].iter().flat_map(|a| data.woe[1].iter().map(move |b| a + b)).collect();
    let names = vec![data.names[0].clone(), data.names[1].clone(), "sum".to_owned()];
    let codes =
        vec![data.codes[0].clone(), data.codes[1].clone(), Codes::collect(sums.len(), bins.into_iter())];
    let woe = vec![data.woe[0].clone(), data.woe[1].clone(), sums];
    let data = Data { names, codes, woe, iv: vec![0.6, 0.5, 0.1], bad: data.bad, weights: None };
    let inflated = data.select(&SelectionParams { max_vif: Some(10.0), ..nothing() });
    assert_eq!(inflated.decisions[2].dropped_by, Some(Step::Inflation));
    assert_eq!(inflated.decisions[2].vif, Some(f64::INFINITY));
    let unchecked = data.select(&nothing());
    assert_eq!(unchecked.decisions[2].dropped_by, Some(Step::Zero));
    assert!(unchecked.decisions[2].reason.contains("combination"), "{:?}", unchecked.decisions[2]);
    assert_eq!(unchecked.kept, [0, 1]);
}

#[test]
fn forced_variables_stay_and_are_flagged() {
    let data = planted();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let params = SelectionParams {
        force_in: names(&["nearly", "noise", "constant"]),
        force_out: names(&["duration_in_month", "leak"]),
        min_iv: 0.005,
        max_p_value: Some(0.01),
        ..SelectionParams::default()
    };
    let selection = data.select(&params);
    let of = |name| data.decision(&selection, name);
    assert!(of("nearly").kept() && of("noise").kept());
    assert!(of("noise").reason.starts_with("forced in; "));
    assert!(of("noise").flags[0].starts_with("forced in, although: IV 0.00"), "{:?}", of("noise"));
    assert!(of("noise").flags.iter().any(|flag| flag.contains("above 0.01")), "{:?}", of("noise"));
    assert_eq!(of("constant").dropped_by, Some(Step::SingleValue));
    assert_eq!(of("duration_in_month").dropped_by, Some(Step::ForceOut));
    // The better original gives way to what was forced in.
    let original = of("status_of_existing_checking_account");
    assert_eq!(original.dropped_by, Some(Step::Correlation));
    assert!(original.reason.contains("`nearly`, which stays (forced in"), "{}", original.reason);
}

#[test]
fn wrong_signs_are_dropped_constrained_or_kept() {
    let mut data = Data::german();
    // Safer by its WoE, but worse beside the column that it was made of.
    let rows = data.bad.len();
    let (first, bad) = (data.codes[0].clone(), data.bad.clone());
    let spoilt =
        (0..rows).map(|row| if row % 5 < 3 { first.get(row) } else { 4 + usize::from(bad[row]) * (row % 2) });
    data.push("spoilt", spoilt.collect());
    let last = data.names.len() - 1;
    data.woe[last] = data.woe[last].iter().map(|woe| woe / 4.0).collect();
    let flipped: Vec<f64> = data.woe[1].iter().map(|woe| -woe).collect();
    data.woe[1] = flipped;
    let with = |wrong_sign, force_in| data.select(&SelectionParams { wrong_sign, force_in, ..nothing() });
    let dropped = with(WrongSign::Drop, Vec::new());
    assert_eq!(dropped.decisions[1].dropped_by, Some(Step::WrongSign));
    assert!(dropped.decisions[1].reason.contains("coefficient +"), "{}", dropped.decisions[1].reason);
    assert!(dropped.fit.coefficients.iter().all(|c| *c < 0.0));
    let constrained = with(WrongSign::Constrain, Vec::new());
    assert_eq!(constrained.decisions[1].dropped_by, Some(Step::Zero));
    assert!(constrained.decisions[1].reason.contains("sign constraint"));
    assert!(constrained.fit.coefficients.iter().all(|c| *c < 0.0));
    let kept = with(WrongSign::Keep, Vec::new());
    assert!(kept.decisions[1].kept() && kept.decisions[1].flags[0].contains("wrong sign"));
    let forced = with(WrongSign::Drop, vec![data.names[1].clone()]);
    assert!(forced.decisions[1].kept() && forced.decisions[1].flags[0].contains("wrong sign"));
    let held = with(WrongSign::Constrain, vec![data.names[1].clone()]);
    assert_eq!(held.decisions[1].coefficient, Some(0.0));
    assert!(held.decisions[1].kept() && held.decisions[1].flags[0].contains("sign constraint"));
}

#[test]
fn missing_values_count() {
    let data = Data::german();
    let mut candidates = data.candidates();
    candidates[3].missing_share = 0.96;
    let params = RegressionParams::default();
    let selection = select(&candidates, &data.observations(), &SelectionParams::default(), &params).unwrap();
    assert_eq!(selection.decisions[3].dropped_by, Some(Step::Missing));
    assert_eq!(selection.decisions[3].reason, "96.00 % of its values are missing, more than 95.00 %");
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let data = planted();
    // Long enough for several blocks of rows.
    let times = 10;
    let many = |codes: &Codes| {
        let rows = (0..times * codes.len()).map(|row| codes.get(row % codes.len()));
        Codes::collect(256, rows)
    };
    let long = Data {
        codes: data.codes.iter().map(many).collect(),
        bad: data.bad.repeat(times),
        weights: Some((0..times * data.bad.len()).map(|row| 0.1 + (row % 7) as f64 * 0.3).collect()),
        ..data.clone()
    };
    let params = SelectionParams {
        stepwise: Stepwise::Both,
        criterion: Criterion::Bic,
        max_vif: Some(5.0),
        max_p_value: Some(0.001),
        force_out: vec!["leak".to_owned()],
        ..SelectionParams::default()
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        format!("{:?}", pool.install(|| long.select(&params)))
    };
    let one = on(1);
    assert!(one == on(2) && one == on(8));
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let data = Data::german();
    let refused = |params: SelectionParams, regression: RegressionParams| {
        select(&data.candidates(), &data.observations(), &params, &regression).unwrap_err().to_string()
    };
    let plain = RegressionParams::default;
    let default = SelectionParams::default;
    let typo = SelectionParams { force_in: vec!["age_in_yaers".to_owned()], ..default() };
    assert_eq!(
        refused(typo, plain()),
        "[selection] force_in: there is no column `age_in_yaers`; the closest is `age_in_years`"
    );
    let both = vec!["job".to_owned()];
    let both = SelectionParams { force_in: both.clone(), force_out: both, ..default() };
    assert!(refused(both, plain()).contains("no name that is in force_out too"));
    let p = SelectionParams { p_enter: 0.1, ..default() };
    assert!(refused(p, plain()).contains("p_enter = 0.1: expected above 0, at most p_remove"));
    let lasso = RegressionParams { l1: 1.0, ..plain() };
    let stepwise = SelectionParams { stepwise: Stepwise::Both, ..default() };
    assert!(refused(stepwise, lasso).contains("stepwise = both: expected none with an L1 penalty"));
    let clusters = SelectionParams { clusters: Some(3), cluster_height: Some(0.5), ..default() };
    assert!(refused(clusters, plain()).contains("only one of"));
}

#[test]
fn a_separating_column_is_told() {
    let mut data = Data::german();
    let answer = data.bad.iter().map(|&bad| usize::from(bad)).collect();
    data.push("answer", answer);
    let selection = data.select(&SelectionParams { stepwise: Stepwise::Backward, ..nothing() });
    assert!(selection.notes[0].starts_with("no stepwise selection: "), "{:?}", selection.notes);
    assert!(selection.notes.iter().all(|note| note.contains("`answer`")), "{:?}", selection.notes);
    assert!(!selection.fit.converged);
}

#[test]
fn an_l1_penalty_selects_too() {
    let data = Data::german();
    let lasso = RegressionParams { l1: 15.0, ..RegressionParams::default() };
    let selection = select(&data.candidates(), &data.observations(), &nothing(), &lasso).unwrap();
    let dropped: Vec<&Decision> = selection.decisions.iter().filter(|d| !d.kept()).collect();
    assert!(!dropped.is_empty() && dropped.len() < data.names.len());
    assert!(dropped.iter().all(|d| d.reason == "the L1 penalty holds its coefficient at 0"));
}

#[test]
fn the_section_is_read_and_written() {
    let text = "force_in = [\"age\"]\nmax_vif = 5\ncluster_height = 0.3\nstepwise = \"both\"\n\
                criterion = \"p_value\"\nwrong_sign = \"constrain\"\nmax_iv = inf\n";
    let params: SelectionParams = toml::from_str(text).unwrap();
    let expected = SelectionParams {
        force_in: vec!["age".to_owned()],
        max_vif: Some(5.0),
        cluster_height: Some(0.3),
        stepwise: Stepwise::Both,
        criterion: Criterion::PValue,
        wrong_sign: WrongSign::Constrain,
        max_iv: f64::INFINITY,
        ..SelectionParams::default()
    };
    assert_eq!(params, expected);
    assert_eq!(toml::from_str::<SelectionParams>(&toml::to_string(&params).unwrap()).unwrap(), expected);
    assert!(toml::from_str::<SelectionParams>("stepwize = \"both\"").is_err());
}
