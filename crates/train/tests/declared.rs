//! `[binning.variables.NAME]`: what it may say, and what becomes of names, categories and limits that do not fit.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, Loaded, clean, read_bytes};
use arrears_train::binning::analysis::{AnalysisOptions, AnyTable, VariableBins, analyse};
use arrears_train::{Recipe, TrainError, Trained, train};

/// 1,200 rows: `income` and `age` tell the outcome, `home` and `job` are categories, `branch` is excluded, `same`
/// has one value; a fifth of the ages are missing.
fn customers() -> String {
    let mut csv = String::from("income,age,home,job,branch,same,y\n");
    for i in 0..1200_u64 {
        let (income, draw) = ((i * 31) % 200, (i * 7919) % 100);
        let age = if i % 5 == 0 { String::new() } else { (20 + (i * 17) % 50).to_string() };
        let (home, job) = (["owner", "rent", "parents"][i as usize % 3], ["fixed", "free"][i as usize % 2]);
        let risk = 50 - income / 5 + 10 * (i % 3) + if age.is_empty() { 15 } else { 0 };
        csv += &format!("{income},{age},{home},{job},{},1,{}\n", i % 7, u8::from(draw < risk));
    }
    csv
}

fn loaded() -> Loaded {
    read_bytes("t.csv", Format::Csv, customers().as_bytes()).unwrap()
}

fn recipe(more: &str) -> Recipe {
    let text = format!(
        "[data]\ntarget = \"y\"\nexclude = [\"branch\"]\n[clean]\nduplicates = \"keep\"\n[selection]\n\
         force_in = [\"income\"]\n{more}"
    );
    Recipe::from_toml(&text, "recipe.toml", "t").unwrap()
}

fn run(more: &str) -> Result<Trained, TrainError> {
    train(&recipe(more), loaded(), "t.csv")
}

fn tables(more: &str) -> Result<Vec<VariableBins>, TrainError> {
    let recipe = recipe(more);
    let cleaned = clean(loaded(), &recipe.preparation).unwrap();
    let options = AnalysisOptions { binning: recipe.binning, ..AnalysisOptions::default() };
    Ok(analyse(&cleaned, &options)?.variables)
}

/// Both training and tables refuse it, with all of these words.
#[track_caller]
fn refused(more: &str, words: &[&str]) {
    for error in [run(more).unwrap_err().to_string(), tables(more).unwrap_err().to_string()] {
        for word in words {
            assert!(error.contains(word), "no {word:?} in: {error}");
        }
    }
}

fn variable<'a>(tables: &'a [VariableBins], name: &str) -> &'a VariableBins {
    tables.iter().find(|v| v.variable == name).unwrap()
}

fn shares(variable: &VariableBins) -> Vec<f64> {
    let AnyTable::Binary(table) = &variable.table else { panic!("a table of means") };
    table.bins[..variable.summary.bins].iter().map(|b| b.share).collect()
}

#[test]
fn limits_and_policies_of_one_variable() {
    let plain = tables("").unwrap();
    let least = tables("[binning.variables.income]\nmin_share = 0.3").unwrap();
    assert!(shares(variable(&plain, "income")).len() > 3, "{plain:?}");
    let income = shares(variable(&least, "income"));
    assert!(income.iter().all(|share| *share >= 0.3), "{income:?}");
    assert_eq!(shares(variable(&plain, "age")), shares(variable(&least, "age")), "only that variable");
    let many =
        tables("[binning]\nmax_bins = 4\n[binning.variables.income]\nmax_bins = 9\nmin_bins = 7").unwrap();
    assert!(shares(variable(&many, "income")).len() >= 7);
    assert!(shares(variable(&many, "age")).len() <= 4);
    let sure = tables("[binning.variables.income]\nmax_p_value = 1e-6").unwrap();
    let p_values = &variable(&sure, "income").summary.p_values;
    assert!(p_values.iter().all(|p| p.unwrap() < 1e-5), "{p_values:?}");
    assert!(p_values.len() < variable(&plain, "income").summary.p_values.len());
    let merged = |tables: &[VariableBins], name| {
        let AnyTable::Binary(table) = &variable(tables, name).table else { panic!("a table of means") };
        table.bins.last().unwrap().merged_with
    };
    let own =
        tables("[binning]\nmissing = \"riskiest\"\n[binning.variables.age]\nmissing = \"own\"").unwrap();
    assert_eq!(merged(&own, "age"), None);
    assert!(merged(&own, "income").is_some());
    let risky = tables("[binning.variables.age]\nmissing = \"riskiest\"").unwrap();
    assert!(merged(&risky, "age").is_some() && merged(&risky, "income").is_none());
    // The recipe that is written out has them again.
    let text = "[binning.variables.age]\nmin_share = 0.1\nmin_bins = 2\nmissing = \"riskiest\"\nspecial = \"own\"\n\
                max_p_value = 0.5";
    let again = Recipe::from_toml(&recipe(text).to_toml().unwrap(), "r.toml", "t").unwrap();
    assert_eq!(again.binning, recipe(text).binning);
}

#[test]
fn limits_of_one_variable_are_checked_like_those_of_all() {
    let cases = [
        ("min_share = 0.7", "min_share = 0.7: expected 0 to 0.5"),
        ("min_bins = 9", "min_bins = 9: expected 1 to max_bins"),
        ("min_bins = 4\nmax_bins = 3", "min_bins = 4: expected 1 to max_bins"),
        ("max_bins = 1", "max_bins = 1: expected 2 to 100"),
        ("max_p_value = 0.0", "max_p_value = 0: expected above 0, at most 1"),
        ("splits = [2, 1]", "splits = [2.0, 1.0]: expected finite numbers that ascend"),
    ];
    for (text, expected) in cases {
        let more = format!("[binning.variables.income]\n{text}");
        refused(&more, &["[binning.variables] `income`", expected]);
    }
    let wrong = Recipe::from_toml("[binning.variables.income]\nmissing = \"worst\"", "r.toml", "t");
    assert!(wrong.unwrap_err().to_string().contains("most_alike"));
}

#[test]
fn names_and_categories_that_are_not_there_are_refused() {
    refused("[binning.variables.incme]\nmax_bins = 3", &["`incme`: there is no such column", "`income`"]);
    refused("[binning.variables.AGE]\nmax_bins = 3", &["`AGE`: there is no such column", "`age`"]);
    let far = &["there is no such column", "there are income, age, home, job"];
    refused("[binning.variables.qqqqqqqqqq]\nmax_bins = 3", far);
    refused("[binning.variables.branch]\nmax_bins = 3", &["`branch`: the column is excluded", "`exclude`"]);
    refused("[binning.variables.same]\nmax_bins = 3", &["`same`: the column is no feature", "one value"]);
    refused("[binning.variables.y]\nmax_bins = 3", &["`y`: the column is no feature", "target"]);
    let groups = "[binning.variables.home]\ngroups = [[\"owner\"], [\"rentt\", \"parents\"]]";
    refused(groups, &["`home`", "\"rentt\", which is no category of it", "`rent`"]);
    let far = "[binning.variables.home]\ngroups = [[\"castle\"]]";
    refused(far, &["\"castle\"", "there are owner, parents, rent"]);
}

#[test]
fn what_has_no_effect_is_said() {
    let more = "[binning.variables.home]\ntrend = \"ascending\"\nspecial = \"own\"\n\
                [binning.variables.income]\nsplits = [50, 100]\ntrend = \"descending\"\nmin_share = 0.1\n\
                [binning.variables.age]\nmerge = true\n\
                [binning.variables.job]\ngroups = [[\"fixed\"], [\"free\"]]\nmax_bins = 3";
    let expected = [
        ("home", "`trend` has no effect: the bins of a category"),
        ("home", "`special` has no effect"),
        ("income", "`trend`, `min_share` have no effect: `splits` are the bins as given"),
        ("age", "`merge` has no effect without `splits`"),
        ("job", "`max_bins` has no effect: `groups` are"),
    ];
    let trained = run(more).unwrap();
    let tables = tables(more).unwrap();
    for (name, note) in expected {
        let whole = format!("[binning.variables] `{name}`: {note}");
        assert!(trained.warnings.iter().any(|w| w.starts_with(&whole)), "{whole}: {:?}", trained.warnings);
        let notes = &variable(&tables, name).notes;
        assert!(notes.iter().any(|n| n.starts_with(note)), "{note}: {notes:?}");
    }
    assert_eq!(trained.warnings.iter().filter(|w| w.contains("no effect")).count(), expected.len());
    // What has an effect is not talked about.
    let more = "[binning.variables.income]\nsplits = [50, 100, 150]\nmerge = true\ntrend = \"descending\"";
    assert!(!run(more).unwrap().warnings.iter().any(|w| w.contains("no effect")));
}

#[test]
fn variables_that_fail_alike_are_told_together() {
    let mut csv = String::new();
    let names: Vec<String> = (0..30).map(|i| format!("flag_{i}")).collect();
    csv += &format!("{},y\n", names.join(","));
    for row in 0..600_u64 {
        let flags = (0..30).map(|i| ((row * 7919 + i * 131) % (2 + i) > i / 2).to_string());
        csv += &format!("{},{}\n", flags.collect::<Vec<_>>().join(","), u8::from((row * 37) % 100 < 30));
    }
    let text = "[data]\ntarget = \"y\"\n[clean]\nduplicates = \"keep\"\n[binning]\nmin_bins = 4";
    let recipe = Recipe::from_toml(text, "recipe.toml", "t").unwrap();
    let loaded = || read_bytes("t.csv", Format::Csv, csv.as_bytes()).unwrap();
    let trained = train(&recipe, loaded(), "t.csv").unwrap_err().to_string();
    let cleaned = clean(loaded(), &recipe.preparation).unwrap();
    let binning = recipe.binning.clone();
    let tables = analyse(&cleaned, &AnalysisOptions { binning, ..AnalysisOptions::default() });
    for error in [trained, tables.unwrap_err().to_string()] {
        assert!(error.contains("30 variables (flag_0, flag_1, "), "{error}");
        assert!(error.contains(" more), such as flag_0: no binning keeps `min_bins = 4`"), "{error}");
        assert!(error.chars().count() < 350, "{error}");
    }
}

#[test]
fn splits_that_are_asked_for_are_the_bins_whatever_the_recipe_suggests() {
    let recipe = recipe("[binning.variables.income]\nsplits = [50, 100]\nmerge = true");
    let cleaned = clean(loaded(), &recipe.preparation).unwrap();
    let splits = Some((1..20).map(|i| f64::from(i) * 10.0).collect());
    let variables = vec!["income".to_owned()];
    let options = AnalysisOptions { variables, splits, binning: recipe.binning, rows: None };
    assert_eq!(shares(&analyse(&cleaned, &options).unwrap().variables[0]).len(), 20);
}

#[test]
fn a_category_of_held_out_rows_only_is_no_mistake() {
    let csv: String = customers()
        .lines()
        .enumerate()
        .map(|(i, line)| match i {
            0 => format!("{line},part\n"),
            i if i % 4 == 0 => line.replace("parents", "boat") + ",test\n",
            _ => format!("{line},train\n"),
        })
        .collect();
    let text = "[data]\ntarget = \"y\"\nexclude = [\"branch\"]\n[clean]\nduplicates = \"keep\"\n[split]\n\
                method = \"column\"\ncolumn = \"part\"\ntest_value = \"test\"\n[binning.variables.home]\n\
                groups = [[\"owner\"], [\"rent\", \"boat\"]]";
    let recipe = Recipe::from_toml(text, "recipe.toml", "t").unwrap();
    let loaded = read_bytes("t.csv", Format::Csv, csv.as_bytes()).unwrap();
    let trained = train(&recipe, loaded, "t.csv").unwrap();
    let said = "[binning.variables] `home`: no training row has boat of `groups`: taken for unseen";
    assert!(trained.warnings.iter().any(|w| w == said), "{:?}", trained.warnings);
}
