//! Selection of variables against numpy, statsmodels and scipy on German Credit, against every subset on small
//! cases, and against what was planted.
//!
//! `reference/selection.json` is made by `reference/make_selection.py`.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_train::codes::Codes;
use arrears_train::regression::{Column, Design, Observations, RegressionParams, regress};
use arrears_train::selection::{
    Candidate, Criterion, Decision, Selection, SelectionParams, Step, Stepwise, WrongSign, select,
};
use proptest::prelude::*;
use serde_json::Value;

/// Binned columns and labels.
#[derive(Clone, Debug, Default)]
struct Data {
    names: Vec<String>,
    codes: Vec<Codes>,
    woe: Vec<Vec<f64>>,
    iv: Vec<f64>,
    bad: Vec<bool>,
    weights: Option<Vec<f64>>,
}

impl Data {
    fn german() -> Self {
        let mut lines = include_str!("../../../datasets/german/data.csv").lines().map(fields);
        let names = lines.next().unwrap();
        let rows: Vec<Vec<String>> = lines.collect();
        let mut data =
            Self { bad: rows.iter().map(|row| row.last().unwrap() == "bad").collect(), ..Self::default() };
        for (column, name) in names.iter().enumerate().take(names.len() - 1) {
            let width = match name.as_str() {
                "duration_in_month" => Some(12),
                "credit_amount" => Some(2000),
                "age_in_years" => Some(10),
                _ => None,
            };
            let bin = |row: &Vec<String>| match width {
                Some(width) => (row[column].parse::<u32>().unwrap() / width).to_string(),
                None => row[column].clone(),
            };
            let bins: Vec<String> = rows.iter().map(bin).collect();
            let mut levels = bins.clone();
            levels.sort();
            levels.dedup();
            data.push(name, bins.iter().map(|bin| levels.binary_search(bin).unwrap()).collect());
        }
        data
    }

    /// Adds a column by its bins, with the WoE that the labels give them.
    fn push(&mut self, name: &str, bins: Vec<usize>) {
        let count = bins.iter().max().unwrap() + 1;
        let mut cells = vec![[0.0; 2]; count];
        bins.iter().zip(&self.bad).for_each(|(&bin, &bad)| cells[bin][usize::from(bad)] += 1.0);
        let bads = self.bad.iter().filter(|bad| **bad).count() as f64;
        let totals = [self.bad.len() as f64 - bads, bads];
        let (mut woe, mut iv) = (Vec::new(), 0.0);
        for [goods, bads] in cells {
            let half = if goods == 0.0 || bads == 0.0 { 0.5 } else { 0.0 };
            woe.push((((goods + half) / totals[0]) / ((bads + half) / totals[1])).ln());
            iv += (goods / totals[0] - bads / totals[1]) * woe.last().unwrap();
        }
        self.names.push(name.to_owned());
        self.codes.push(Codes::collect(count, bins.into_iter()));
        self.woe.push(woe);
        self.iv.push(iv);
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        let bins = |codes: &Codes| {
            let mut seen: Vec<usize> = (0..codes.len()).map(|row| codes.get(row)).collect();
            seen.sort_unstable();
            seen.dedup();
            seen.len()
        };
        let candidate = |i: usize| Candidate {
            name: &self.names[i],
            iv: self.iv[i],
            missing_share: 0.0,
            codes: &self.codes[i],
            woe: &self.woe[i],
            bins: bins(&self.codes[i]),
        };
        (0..self.names.len()).map(candidate).collect()
    }

    fn observations(&self) -> Observations<'_> {
        Observations { bad: &self.bad, weights: self.weights.as_deref(), offset: None }
    }

    fn select(&self, params: &SelectionParams) -> Selection {
        select(&self.candidates(), &self.observations(), params, &RegressionParams::default()).unwrap()
    }

    fn kept(&self, selection: &Selection) -> Vec<&str> {
        selection.kept.iter().map(|&i| &*self.names[i]).collect()
    }

    fn decision<'a>(&self, selection: &'a Selection, name: &str) -> &'a Decision {
        &selection.decisions[self.names.iter().position(|known| known == name).unwrap()]
    }

    /// Fits these columns, with the numbers written out.
    fn criterion(&self, members: &[usize], criterion: Criterion) -> f64 {
        let numbers = |&i: &usize| -> Vec<f64> {
            (0..self.bad.len()).map(|row| self.woe[i][self.codes[i].get(row)]).collect()
        };
        let columns: Vec<Vec<f64>> = members.iter().map(numbers).collect();
        let design =
            Design { columns: columns.iter().map(|c| Column::Numbers(c)).collect(), rows: self.bad.len() };
        let fit = regress(&design, &self.observations(), &RegressionParams::default()).unwrap();
        if criterion == Criterion::Bic { fit.bic } else { fit.aic }
    }
}

/// The fields of a line of CSV; a quoted one may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut quoted = false;
    let mut fields = vec![String::new()];
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(letter),
        }
    }
    fields
}

/// Every step that drops is off.
fn nothing() -> SelectionParams {
    SelectionParams {
        max_missing: 1.0,
        max_iv: f64::INFINITY,
        max_correlation: 1.0,
        wrong_sign: WrongSign::Keep,
        ..SelectionParams::default()
    }
}

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/selection.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}

#[test]
fn correlations_agree_with_numpy() {
    let reference = reference();
    let mut data = Data::german();
    assert!(data.iv.iter().zip(numbers(&reference["iv"])).all(|(a, b)| close(*a, b, 1e-12)));
    let weights = (0..data.bad.len()).map(|row| (row % 4) as f64).collect();
    for (key, weights) in [("plain", None), ("weighted", Some(weights))] {
        data.weights = weights;
        let rows: Vec<Vec<f64>> =
            reference["correlations"][key].as_array().unwrap().iter().map(numbers).collect();
        let selection = data.select(&nothing());
        assert_eq!(selection.kept.len(), data.names.len());
        for (i, decision) in selection.decisions.iter().enumerate() {
            let (partner, r) = decision.correlated_with.unwrap();
            assert!(close(r, rows[i][partner], 1e-12), "{key} {i} {partner}: {r} {}", rows[i][partner]);
            assert!((0..rows.len()).all(|j| j == i || rows[i][j].abs() <= r.abs() + 1e-12), "{key} {i}");
        }
    }
}

#[test]
fn variance_inflation_agrees_with_statsmodels() {
    let (reference, data) = (reference(), Data::german());
    let all = data.select(&nothing());
    for (decision, expected) in all.decisions.iter().zip(numbers(&reference["vif"])) {
        assert!(close(decision.vif.unwrap(), expected, 1e-10), "{:?} {expected}", decision.vif);
    }
    let some = data.select(&SelectionParams { max_vif: Some(1.15), ..nothing() });
    assert_eq!(data.kept(&some), texts(&reference["vif_below_1.15"]));
    let dropped = some.decisions.iter().find(|d| !d.kept()).unwrap();
    assert_eq!(dropped.dropped_by, Some(Step::Inflation));
    assert!(dropped.vif.unwrap() > 1.15 && dropped.reason.contains("above 1.15"), "{}", dropped.reason);
}

#[test]
fn clusters_agree_with_scipy() {
    let (reference, data) = (reference(), Data::german());
    let asked = [
        ("eight", SelectionParams { clusters: Some(8), ..nothing() }),
        ("height", SelectionParams { cluster_height: Some(0.85), ..nothing() }),
    ];
    for (key, params) in asked {
        let expected = numbers(&reference["clusters"][key]);
        let selection = data.select(&params);
        let found: Vec<usize> = selection.decisions.iter().map(|d| d.cluster.unwrap()).collect();
        for i in 0..found.len() {
            for j in 0..i {
                assert_eq!(found[i] == found[j], expected[i] == expected[j], "{key}: {i} and {j}");
            }
            let better = (0..found.len()).any(|j| found[j] == found[i] && data.iv[j] > data.iv[i]);
            assert_eq!(selection.decisions[i].kept(), !better, "{key}: {i}");
        }
    }
}

#[test]
fn stepwise_agrees_with_the_best_of_all_moves_in_statsmodels() {
    let (reference, data) = (reference(), Data::german());
    for (name, expected) in reference["stepwise"].as_object().unwrap() {
        let (direction, criterion) = name.split_once(' ').unwrap();
        let stepwise = match direction {
            "forward" => Stepwise::Forward,
            "backward" => Stepwise::Backward,
            _ => Stepwise::Both,
        };
        let criterion = if criterion == "aic" { Criterion::Aic } else { Criterion::Bic };
        let selection = data.select(&SelectionParams { stepwise, criterion, ..nothing() });
        assert_eq!(data.kept(&selection), texts(&expected["kept"]), "{name}");
        let found = if criterion == Criterion::Aic { selection.fit.aic } else { selection.fit.bic };
        assert!(close(found, expected["criterion"].as_f64().unwrap(), 1e-9), "{name}: {found}");
        assert!(close(selection.path.last().unwrap().criterion.1, found, 1e-12), "{name}");
    }
}

#[test]
fn p_values_enter_and_stay_as_in_statsmodels() {
    let (reference, data) = (reference(), Data::german());
    let params = SelectionParams { stepwise: Stepwise::Both, criterion: Criterion::PValue, ..nothing() };
    let selection = data.select(&params);
    let entered: Vec<&str> =
        selection.path.iter().filter(|m| m.entered).map(|m| &*data.names[m.candidate]).collect();
    assert_eq!(entered, texts(&reference["p_value"]["entered"]));
    assert_eq!(data.kept(&selection), texts(&reference["p_value"]["kept"]));
    assert!(selection.decisions.iter().all(|d| !d.kept() || d.p_value.unwrap() <= 0.05));
}

/// Noise, signal, near copies and sums: bins of six columns and labels.
fn small() -> impl Strategy<Value = Data> {
    let column = prop::collection::vec(0usize..4, 60..160);
    (prop::collection::vec(column, 4), any::<u64>()).prop_map(|(columns, seed)| {
        let rows = columns.iter().map(Vec::len).min().unwrap();
        let mut noise = seed | 1;
        let mut draw = || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            (noise >> 11) as f64 / (1u64 << 53) as f64
        };
        let risk = |row: usize| 0.15 + 0.12 * columns[0][row] as f64 + 0.08 * columns[1][row] as f64;
        let mut data = Data { bad: (0..rows).map(|row| draw() < risk(row)).collect(), ..Data::default() };
        data.bad[0] = true;
        data.bad[1] = false;
        for (i, column) in columns.iter().enumerate() {
            data.push(&format!("c{i}"), column[..rows].to_vec());
        }
        let near = |row: usize| if draw() < 0.2 { columns[2][row] } else { columns[0][row] };
        data.push("near", (0..rows).map(near).collect());
        data.push("sum", (0..rows).map(|row| columns[0][row] + columns[1][row]).collect());
        data
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// No single addition or removal improves the result; `backward` and `forward` in their own direction.
    #[test]
    fn stepwise_ends_where_no_move_improves(data in small(), bic in any::<bool>()) {
        let criterion = if bic { Criterion::Bic } else { Criterion::Aic };
        let n = data.names.len();
        let all: Vec<f64> = (0..1usize << n)
            .map(|set| data.criterion(&(0..n).filter(|i| set >> i & 1 == 1).collect::<Vec<_>>(), criterion))
            .collect();
        for stepwise in [Stepwise::Forward, Stepwise::Backward, Stepwise::Both] {
            let selection = data.select(&SelectionParams { stepwise, criterion, ..nothing() });
            prop_assert!(selection.notes.is_empty());
            let set: usize = selection.kept.iter().map(|i| 1 << i).sum();
            let value = if bic { selection.fit.bic } else { selection.fit.aic };
            prop_assert!(close(value, all[set], 1e-9));
            for i in 0..n {
                let inside = set >> i & 1 == 1;
                if (inside && stepwise != Stepwise::Forward) || (!inside && stepwise != Stepwise::Backward) {
                    prop_assert!(all[set ^ 1 << i] > all[set] - 1e-6, "{stepwise}: {set:b} without or with {i}");
                }
            }
            let visited = selection.path.windows(2).all(|pair| pair[0].criterion.1 == pair[1].criterion.0);
            prop_assert!(visited && selection.path.iter().all(|m| m.criterion.1 < m.criterion.0));
            for decision in &selection.decisions {
                prop_assert!(!decision.reason.is_empty());
                prop_assert!(decision.kept() || decision.dropped_by == Some(Step::Stepwise));
            }
        }
    }

    /// Whatever is asked for, it ends, and every variable has one reason.
    #[test]
    fn every_variable_has_a_reason(
        data in small(),
        p_value in any::<bool>(),
        sign in prop::sample::select(vec![WrongSign::Drop, WrongSign::Constrain, WrongSign::Keep]),
        stepwise in prop::sample::select(vec![Stepwise::None, Stepwise::Forward, Stepwise::Backward, Stepwise::Both]),
        forced in 0usize..6,
    ) {
        let params = SelectionParams {
            force_in: vec![data.names[forced].clone()],
            stepwise,
            criterion: if p_value { Criterion::PValue } else { Criterion::Aic },
            wrong_sign: sign,
            max_vif: Some(3.0),
            max_p_value: p_value.then_some(0.1),
            ..SelectionParams::default()
        };
        let selection = data.select(&params);
        prop_assert!(selection.kept.contains(&forced));
        let kept: Vec<usize> =
            (0..data.names.len()).filter(|&i| selection.decisions[i].kept()).collect();
        prop_assert_eq!(&kept, &selection.kept);
        prop_assert_eq!(selection.fit.coefficients.len(), kept.len());
        for (i, decision) in selection.decisions.iter().enumerate() {
            prop_assert!(!decision.reason.is_empty());
            if decision.kept() && i != forced && sign != WrongSign::Keep {
                prop_assert!(decision.coefficient.unwrap() < 0.0);
            }
            if decision.kept() && i != forced && p_value {
                prop_assert!(decision.p_value.unwrap() <= 0.1);
            }
        }
    }
}

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
