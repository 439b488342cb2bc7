//! The exact optimiser on pre-bins of real data, against a search that tries every partition and against
//! optbinning. `reference/make_optimal.py` makes `reference/optimal.json` and says where the two differ.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_train::binning::bins::Worth;
use arrears_train::binning::optimal::optimise;
use arrears_train::binning::params::Objective;
use arrears_train::binning::tally::{Moments, Tally};
use arrears_train::binning::{BinningParams, Trend};
use serde_json::Value;

const REFERENCE: &str = include_str!("reference/optimal.json");

fn prebins(counts: &Value) -> Vec<Moments> {
    let numbers = |key: &str| counts[key].as_array().unwrap().iter().map(|n| n.as_u64().unwrap());
    numbers("goods").zip(numbers("bads")).map(|(g, b)| Tally { count: g + b, bads: b }.into()).collect()
}

fn limits(case: &Value, rows: f64) -> BinningParams {
    let trend: Trend = serde_json::from_value(case["trend"].clone()).unwrap();
    let mut params = BinningParams { trend, max_bins: 100, min_share: 0.0, ..BinningParams::default() };
    for (name, value) in case["constraints"].as_object().unwrap() {
        let number = value.as_f64().unwrap();
        match name.as_str() {
            "min_n_bins" => params.min_bins = number as usize,
            "max_n_bins" => params.max_bins = number as usize,
            "min_bin_size" => params.min_share = number,
            // The reference rounds the share up to whole rows.
            "max_bin_size" => params.max_share = (number * rows).ceil() / rows,
            "min_bin_n_event" => params.min_bads = number,
            "min_event_rate_diff" => params.min_difference = number,
            "max_pvalue" => params.max_p_value = number,
            _ => panic!("unknown constraint {name}"),
        }
    }
    params
}

#[test]
fn the_optimum_is_that_of_every_partition_and_never_below_optbinning() {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let cases = reference["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 80);
    for case in cases.iter().filter(|case| case["trend"] != "auto") {
        let prebins = prebins(&reference["prebins"][case["prebins"].as_str().unwrap()]);
        let whole = prebins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
        let found =
            optimise(&prebins, whole, Worth::Distance(Objective::Iv), &limits(case, whole.weight), &[]);
        let Some(best) = case["best"].as_f64() else {
            assert!(found.is_err(), "{case}: {found:?}");
            continue;
        };
        let found = found.unwrap_or_else(|why| panic!("{case}: {why}"));
        assert!((found.worth - best).abs() <= 1e-9, "{case}: {found:?}");
        assert!(found.worth >= case["optbinning"].as_f64().unwrap() - 1e-9, "{case}: {found:?}");
        let mut end = 0;
        let ends: Vec<usize> = found
            .runs
            .iter()
            .map(|run| {
                end += run;
                end - 1
            })
            .collect();
        let expected: Vec<usize> = serde_json::from_value(case["ends"].clone()).unwrap();
        assert_eq!(ends, expected, "{case}");
    }
}
