//! Against every subset of small cases.

use crate::data::{Data, close, nothing};
use arrears_train::selection::{Criterion, SelectionParams, Step, Stepwise, WrongSign};
use proptest::prelude::*;

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

    /// Every move is the best of all, and no single addition or removal improves the result; `backward` and `forward`
    /// in their own direction.
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
            let mut inside = if stepwise == Stepwise::Backward { (1 << n) - 1 } else { 0usize };
            for made in &selection.path {
                let allowed = |i: &usize| match stepwise {
                    Stepwise::Forward => inside >> i & 1 == 0,
                    Stepwise::Backward => inside >> i & 1 == 1,
                    _ => true,
                };
                let best = (0..n).filter(allowed).map(|i| all[inside ^ 1 << i]).fold(f64::INFINITY, f64::min);
                prop_assert!(made.criterion.1 < best + 1e-6, "{stepwise}: {made:?} from {inside:b}, not {best}");
                inside ^= 1 << made.candidate;
            }
            for decision in &selection.decisions {
                prop_assert!(!decision.reason.is_empty());
                // Taking out a column of one value, or a combination of others, changes no criterion.
                let by = [None, Some(Step::Stepwise), Some(Step::Zero)];
                prop_assert!(by.contains(&decision.dropped_by), "{stepwise}: {decision:?}");
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
