//! What each kind reads of a recipe, and that nothing which was set is passed over in silence.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::ModelKind;
use arrears_train::settings::without_unread;
use arrears_train::{Recipe, TrainError, Trained, train};
use std::fmt::Write;

const KINDS: [&str; 5] = ["scorecard", "scorecard_plus", "logistic", "tree", "kmeans"];

/// 600 rows: `income` tells much, `age` and `home` something, `noise` next to nothing, `one` nothing.
fn customers() -> String {
    let mut csv = "id,income,age,home,noise,one,w,bad\n".to_owned();
    for i in 0..600_u64 {
        let drawn =
            |n: u64, below: u64| (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(n as u32) % below;
        let (income, age, noise) = (drawn(7, 100), drawn(23, 50), drawn(41, 30));
        let home = ["own", "rent", "parents"][drawn(3, 3) as usize];
        let risk = 60 - income / 2 + u64::from(age < 20) * 15 + u64::from(home == "rent") * 15;
        let _ = writeln!(csv, "c{i},{income},{age},{home},{noise},7,1,{}", u8::from(drawn(53, 100) < risk));
    }
    csv
}

fn recipe(kind: &str, data: &str, more: &str) -> Recipe {
    let data = format!("[data]\nid = \"id\"\ntarget = \"bad\"\npositive = \"1\"\n{data}\n");
    let sections = "[split]\ntest = 0.2\n[tree]\nmin_leaf = 10\n[plus]\nrounds = 50\n";
    let text = format!("{data}{sections}[model]\nkind = \"{kind}\"\n{more}");
    Recipe::from_toml(&text, "recipe.toml", "test").unwrap()
}

fn run(recipe: &Recipe) -> Result<Trained, TrainError> {
    train(recipe, read_bytes("data.csv", Format::Csv, customers().as_bytes()).unwrap(), "data.csv")
}

fn refusal(recipe: &Recipe) -> String {
    run(recipe).unwrap_err().to_string()
}

#[test]
fn forced_out_is_left_out_of_every_kind() {
    for kind in KINDS {
        let forced = recipe(kind, "exclude = [\"w\"]", "[selection]\nforce_out = [\"home\", \"income\"]");
        let forced = run(&forced).unwrap();
        let excluded = run(&recipe(kind, "exclude = [\"w\", \"home\", \"income\"]", "")).unwrap();
        assert_eq!(forced.model.predictor, excluded.model.predictor, "{kind}");
        assert_eq!(forced.model.schema, excluded.model.schema, "{kind}");
        let names: Vec<&str> = forced.variables.iter().map(|v| v.variable.as_str()).collect();
        assert_eq!(names, ["income", "age", "home", "noise"], "{kind}");
        for variable in [&forced.variables[0], &forced.variables[2]] {
            assert!(!variable.kept && variable.reason == "left out by `force_out`", "{kind}: {variable:?}");
        }
        let all = "[selection]\nforce_out = [\"age\", \"home\", \"income\", \"noise\"]";
        let why = refusal(&recipe(kind, "exclude = [\"w\"]", all));
        assert!(why.starts_with("no column is left to learn from: ") && why.contains("force_out"), "{why}");
    }
}

/// Every key of the two sections, each with a value that is not its default.
const BINNING: [&str; 18] = [
    "prebinning = \"tree\"",
    "prebins = 20",
    "objective = \"js\"",
    "trend = \"ascending\"",
    "min_bins = 2",
    "max_bins = 5",
    "min_share = 0.1",
    "max_share = 0.9",
    "min_bads = 2",
    "min_goods = 2",
    "min_difference = 0.01",
    "max_p_value = 0.5",
    "missing = \"riskiest\"",
    "special = \"riskiest\"",
    "min_special_rows = 10",
    "min_iv = 0.01",
    "variables.age.max_bins = 3",
    "variables.home.groups = [[\"own\"], [\"rent\"]]",
];
const SELECTION: [&str; 17] = [
    "force_in = [\"age\"]",
    "force_out = [\"age\"]",
    "max_missing = 0.9",
    "min_iv = 0.01",
    "max_iv = 0.6",
    "drop_leaks = true",
    "max_correlation = 0.9",
    "clusters = 3",
    "cluster_height = 0.3",
    "max_vif = 5",
    "stepwise = \"both\"",
    "criterion = \"bic\"",
    "p_enter = 0.01",
    "p_remove = 0.1",
    "wrong_sign = \"keep\"",
    "max_p_value = 0.5",
    "max_iv = inf",
];

#[test]
fn what_a_kind_does_not_read_is_refused_by_name() {
    let read = [
        ("scorecard_plus", vec!["min_special_rows", "force_out", "max_iv"]),
        ("logistic", vec!["force_out"]),
        ("tree", vec!["force_out"]),
        ("kmeans", vec!["force_out"]),
    ];
    for (kind, read) in read {
        let sections = BINNING.map(|line| ("binning", line)).into_iter();
        for (section, line) in sections.chain(SELECTION.map(|line| ("selection", line))) {
            let key = line.split(['.', ' ']).next().unwrap();
            let recipe = recipe(kind, "", &format!("[{section}]\n{line}\n"));
            if read.contains(&key) {
                assert_eq!(without_unread(&recipe).unwrap().1, [""; 0], "{kind}: {line}");
                continue;
            }
            let refused = run(&recipe).unwrap_err();
            assert!(matches!(refused, TrainError::Unread { .. }), "{kind}: {line}: {refused}");
            let shown = kind.replace('_', "-");
            let expected = format!("kind `{shown}` does not use [{section}] {key}: ");
            assert!(refused.to_string().starts_with(&expected), "{refused}");
        }
    }
    let several =
        recipe("tree", "", "[binning]\ntrend = \"peak\"\n[selection]\nmax_vif = 5\nstepwise = \"both\"\n");
    let expected = "does not use [binning] trend, [selection] max_vif, [selection] stepwise: ";
    assert!(refusal(&several).contains(expected), "{}", refusal(&several));
}

#[test]
fn a_scorecard_reads_every_key_and_a_default_is_no_setting() {
    let lines = |lines: &[&str]| lines.join("\n");
    let every = format!("[binning]\n{}\n[selection]\n{}", lines(&BINNING), lines(&SELECTION[..16]));
    assert_eq!(without_unread(&recipe("scorecard", "", &every)).unwrap().1, [""; 0]);
    // A written recipe has every default in it.
    for kind in KINDS {
        let first = run(&recipe(kind, "exclude = [\"w\"]", "")).unwrap();
        let written = Recipe::from_toml(&first.recipe.to_toml().unwrap(), "recipe.toml", "test").unwrap();
        assert!(
            run(&written).unwrap().model.to_bytes().unwrap() == first.model.to_bytes().unwrap(),
            "{kind}"
        );
    }
}

#[test]
fn a_recipe_for_another_kind_can_be_stripped_of_what_is_not_read() {
    let more = "[binning]\ntrend = \"peak\"\nmin_special_rows = 5\n[selection]\nmax_vif = 5\nforce_out = [\"age\"]\n";
    let mut recipe = recipe("scorecard", "exclude = [\"w\"]", more);
    recipe.model.kind = ModelKind::ScorecardPlus;
    assert!(refusal(&recipe).contains("max_vif"));
    let (stripped, names) = without_unread(&recipe).unwrap();
    assert_eq!(names, ["[binning] trend", "[selection] max_vif"]);
    assert_eq!((stripped.binning.min_special_rows, stripped.selection.force_out.len()), (5, 1));
    assert_eq!((stripped.binning.trend, stripped.selection.max_vif), (Default::default(), None));
    assert!(run(&stripped).is_ok());
}

#[test]
fn a_setting_without_a_say_is_refused() {
    let refused = |more: &str, expected: &str| {
        let why = refusal(&recipe("scorecard", "", more));
        assert!(why.contains(expected), "{more}: {why}");
    };
    refused(
        "[reject_inference]\ncutoff = 0.3",
        "[reject_inference] cutoff = 0.3: expected `method = \"hard_cutoff\"`",
    );
    refused(
        "[reject_inference]\nbands = 5",
        "[reject_inference] bands = 5: expected `method = \"parcelling\"`",
    );
    refused("[reject_inference]\nmethod = \"parcelling\"\ncutoff = 0.3", "cutoff = 0.3");
    refused("[selection]\ncriterion = \"bic\"", "[selection] criterion = BIC: expected `stepwise`");
    refused(
        "[selection]\nstepwise = \"both\"\np_enter = 0.01",
        "[selection] p_enter = 0.01: expected `criterion = ",
    );
    refused(
        "[selection]\nstepwise = \"both\"\np_remove = 0.2",
        "[selection] p_remove = 0.2: expected `criterion = ",
    );
    let splits = "[binning.variables.age]\nsplits = [10, 20]\n";
    let fine = "[selection]\nstepwise = \"both\"\ncriterion = \"p_value\"\np_enter = 0.02\np_remove = 0.2\n";
    run(&recipe("scorecard", "", &format!("{fine}{splits}trend = \"auto\"\nmerge = true"))).unwrap();
}

#[test]
fn what_is_forced_has_to_be_a_variable() {
    for kind in KINDS {
        for key in ["force_in", "force_out"] {
            // Of the others `force_in` is refused whatever it names.
            if key == "force_in" && kind != "scorecard" {
                continue;
            }
            let refused = |name: &str, expected: &str| {
                let weight = if kind == "scorecard" { "weight = \"w\"" } else { "" };
                let data = format!("{weight}\nexclude = [\"noise\"]");
                let why =
                    refusal(&recipe(kind, &data, &format!("[selection]\n{key} = [\"age\", \"{name}\"]")));
                assert!(
                    why.starts_with(&format!("[selection] {key}: ")) && why.contains(expected),
                    "{kind}: {why}"
                );
            };
            refused("incom", "there is no column `incom`; the closest is `income`");
            refused("bad", "`bad` is no variable; it holds the outcome");
            refused("id", "`id` is no variable; it is the id");
            refused("noise", "`noise` is no variable; it is listed in `exclude`");
            if kind == "scorecard" {
                refused("w", "`w` is no variable; it holds the weights");
            }
        }
    }
    let one = |key: &str| recipe("scorecard", "", &format!("[selection]\n{key} = [\"one\"]"));
    assert!(refusal(&one("force_in")).contains("cleaning leaves it out: all rows have one value"));
    run(&one("force_out")).unwrap();
    // Out is out, also where its bins cannot be made.
    let more = "[binning.variables.home]\nsplits = [1]\n[selection]\nforce_out = [\"home\"]";
    let trained = run(&recipe("scorecard", "exclude = [\"w\"]", more)).unwrap();
    assert_eq!(trained.variables[2].reason, "left out by `force_out`");
}

#[test]
fn stepwise_tells_its_way() {
    for (criterion, stepwise) in [("aic", "forward"), ("bic", "both"), ("p_value", "backward")] {
        let more = format!("[selection]\nstepwise = \"{stepwise}\"\ncriterion = \"{criterion}\"\n");
        let trained =
            run(&recipe("scorecard", "exclude = [\"w\"]", &(more + "[binning]\nmin_iv = 0\n"))).unwrap();
        let moves = &trained.stepwise;
        assert!(!moves.is_empty(), "{criterion}");
        // From nothing (backward: from all) the moves lead to what is in the model.
        for variable in trained.variables.iter().filter(|v| v.reason.contains("stepwise") || v.kept) {
            let last = moves.iter().rev().find(|made| made.variable == variable.variable);
            assert_eq!(
                last.map_or(stepwise == "backward", |made| made.entered),
                variable.kept,
                "{variable:?}"
            );
        }
        if criterion == "p_value" {
            assert!(moves.iter().all(|made| made.before.is_none() && made.after > 0.05));
        } else {
            assert!(moves.iter().all(|made| made.before.unwrap() > made.after));
            assert!(moves.windows(2).all(|pair| pair[1].before == Some(pair[0].after)));
            let goodness = trained.goodness.as_ref().unwrap();
            let end = if criterion == "bic" { goodness.bic } else { goodness.aic };
            assert!((moves.last().unwrap().after - end).abs() < 1e-6 * end, "{moves:?} {end}");
        }
    }
    assert!(run(&recipe("scorecard", "", "")).unwrap().stepwise.is_empty());
}

#[test]
fn a_likely_leak_is_warned_of() {
    let income = |more: &str| {
        let warnings = run(&recipe("scorecard", "exclude = [\"w\"]", more)).unwrap().warnings;
        let known_after =
            |w: &String| w.contains("likely known only after the outcome") && w.contains("`income`");
        warnings.into_iter().filter(known_after).collect::<Vec<String>>()
    };
    let found = income("[selection]\nmax_iv = 0.1");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains(" above 0.1"), "{found:?}");
    assert!(found[0].contains("drop_leaks = true"), "{found:?}");
    assert_eq!(income("[selection]\nmax_iv = inf"), [""; 0]);
    assert_eq!(income("[selection]\nmax_iv = 0.1\ndrop_leaks = true"), [""; 0]);
    let plus =
        run(&recipe("scorecard_plus", "exclude = [\"w\"]", "[selection]\nmax_iv = 0.1")).unwrap().warnings;
    assert!(
        plus.iter().any(|w| w.contains("`income`") && w.contains("likely") && !w.contains("drop_leaks")),
        "{plus:?}"
    );
}

#[test]
fn kinds_are_spelled_as_in_models_or_as_on_the_command_line() {
    let read = |kind| Recipe::from_toml(&format!("[model]\nkind = \"{kind}\""), "recipe.toml", "test");
    for kind in ["scorecard_plus", "scorecard-plus"] {
        let recipe = read(kind).unwrap();
        assert_eq!(recipe.model.kind, ModelKind::ScorecardPlus);
        assert!(recipe.to_toml().unwrap().contains("kind = \"scorecard_plus\"\n"));
    }
    let why = read("scorecards").unwrap_err().to_string();
    assert!(why.contains("unknown kind `scorecards`; expected scorecard, scorecard-plus"), "{why}");
}

#[test]
fn a_model_does_not_know_where_its_data_lay() {
    let bytes = |data: &str| run(&recipe("tree", data, "")).unwrap().model.to_bytes().unwrap();
    let model = bytes("path = \"../2024/raw/data.csv\"");
    assert!(model == bytes("") && model == bytes("path = \"data.csv\""));
}
