//! The master scale builder against every way there is to cut, and the properties it promises.

use arrears_model::points::iv;
use arrears_model::scale::grade;
use arrears_train::binning::significance::proportions_p_value;
use arrears_train::grading::{GradingParams, propose};
use proptest::prelude::*;

/// All ways to cut `bins` neighbours into `parts` runs.
fn ways(bins: usize, parts: usize) -> Vec<Vec<usize>> {
    if parts == 1 {
        return vec![vec![bins]];
    }
    let first = 1..=bins - (parts - 1);
    first.flat_map(|n| ways(bins - n, parts - 1).into_iter().map(move |w| [vec![n], w].concat())).collect()
}

/// The largest information value of all ways that keep the limits; `None` where none does.
fn by_brute_force(counts: &[(u64, u64)], params: &GradingParams) -> Option<f64> {
    let all: u64 = counts.iter().map(|(n, _)| n).sum();
    let mut best = None;
    for parts in params.min_grades..=params.max_grades.min(counts.len()) {
        for way in ways(counts.len(), parts) {
            let mut from = 0;
            let joined: Vec<(u64, u64)> = way
                .iter()
                .map(|n| {
                    let run = &counts[from..from + n];
                    from += n;
                    run.iter().fold((0, 0), |(n, b), (m, c)| (n + m, b + c))
                })
                .collect();
            let sizes = joined.iter().all(|(n, b)| {
                let share = *n as f64 / all as f64;
                share >= params.min_share
                    && share <= params.max_share
                    && *b as f64 >= params.min_bads
                    && (n - b) as f64 >= params.min_bads
            });
            let apart = joined.windows(2).all(|w| {
                let ([a, b], rate) = ([w[0], w[1]], |(n, b): (u64, u64)| b as f64 / n as f64);
                let p = proportions_p_value([a.1 as f64, b.1 as f64], [a.0 as f64, b.0 as f64]);
                rate(b) > rate(a) && p.is_some_and(|p| p <= params.max_p_value)
            });
            if sizes && apart {
                let (n, b): (Vec<u64>, Vec<u64>) = joined.into_iter().unzip();
                best = Some(iv(&n, &b).max(best.unwrap_or(f64::MIN)));
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn no_way_to_cut_is_better(
        counts in prop::collection::vec((20u64..200, 0u64..60), 4..9),
        max_grades in 2usize..6,
        max_share in 0.3f64..1.0,
        max_p_value in prop::sample::select(vec![0.01, 0.05, 0.3, 1.0]),
    ) {
        let counts: Vec<(u64, u64)> = counts.into_iter().map(|(n, b)| (n, b.min(n - 1))).collect();
        let (mut pd, mut bad) = (Vec::new(), Vec::new());
        for (at, (n, b)) in counts.iter().enumerate() {
            for row in 0..*n {
                pd.push(0.013 * (at + 1) as f64);
                bad.push(row < *b);
            }
        }
        let params = GradingParams {
            min_grades: 2, max_grades, max_share, max_p_value, min_share: 0.05, min_bads: 2.0, fine: 500,
        };
        prop_assume!(bad.contains(&true));
        let expected = by_brute_force(&counts, &params);
        match propose(&pd, &bad, &params) {
            Err(_) => prop_assert_eq!(expected, None),
            Ok(found) => {
                let best = expected.expect("a way was found");
                prop_assert!((found.iv - best).abs() < 1e-9 * best.max(1.0), "{} against {}", found.iv, best);
                let grades: Vec<_> = found.grades.iter().map(|g| g.grade.clone()).collect();
                arrears_model::scale::check_grades(&grades).unwrap();
                // The cuts send every customer where the table counts it.
                for (at, g) in found.grades.iter().enumerate() {
                    let members: Vec<usize> =
                        (0..pd.len()).filter(|row| grade(&grades, pd[*row]) == Some(at)).collect();
                    prop_assert_eq!(members.len() as u64, g.rows);
                    prop_assert_eq!(members.iter().filter(|row| bad[**row]).count() as u64, g.bads);
                    prop_assert!(g.share <= max_share && g.p_value.is_none_or(|p| p <= max_p_value));
                }
                let shares: f64 = found.grades.iter().map(|g| g.share * g.share).sum();
                prop_assert!((found.herfindahl - shares).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn four_grades_have_the_names_of_the_house() {
    let (mut pd, mut bad) = (Vec::new(), Vec::new());
    for i in 0..4000u32 {
        let p = f64::from(i) / 5000.0;
        pd.push(p);
        bad.push(f64::from(i * 7919 % 1000) / 1000.0 < p);
    }
    let params = GradingParams { min_grades: 4, max_grades: 4, ..GradingParams::default() };
    let found = propose(&pd, &bad, &params).unwrap();
    let names: Vec<&str> = found.grades.iter().map(|g| g.grade.name.as_str()).collect();
    assert_eq!(names, ["excellent", "good", "fair", "at risk"]);
    let toml = found.to_toml().unwrap();
    let recipe = arrears_train::Recipe::from_toml(&toml, "grades.toml", "x").unwrap();
    assert_eq!(recipe.grades, found.grades.iter().map(|g| g.grade.clone()).collect::<Vec<_>>());
    let none = GradingParams { max_share: 0.2, ..params };
    assert!(propose(&pd, &bad, &none).unwrap_err().to_string().contains("pd"));
}
