//! `arrears train`.

use crate::common::Room;
use std::fs;

#[test]
fn from_a_recipe_writes_a_model_folder() {
    let room = Room::with_credit();
    let run = room.run(&["train", "recipe.toml"]).ends(0);
    run.prints(&["4454  rows read", "seniority", "kept", "AUC", "models/credit-scorecard/1.1.0/model.json"]);
    for file in ["model.json", "card.md", "vectors.ndjson", "recipe.toml"] {
        assert!(room.path("models/credit-scorecard/1.1.0").join(file).is_file(), "{file}");
    }
}

#[test]
fn twice_gives_the_same_bytes_and_another_seed_others() {
    let room = Room::with_credit();
    let model = |args: &[&str], dir: &str| {
        room.run(&[&["train", "recipe.toml", "--kind", "tree", "-o", dir], args].concat()).ends(0);
        fs::read(room.path(dir).join("model.json")).unwrap()
    };
    let first = model(&[], "a");
    assert!(first == model(&[], "b"));
    assert!(first != model(&["--seed", "8"], "c"));
}

#[test]
fn a_scorecard_plus_is_asked_for_by_name() {
    let room = Room::with_credit();
    room.run(&["train", "recipe.toml", "--kind", "scorecard-plus", "-o", "plus"]).ends(0);
    let model: serde_json::Value = serde_json::from_str(&room.read("plus/model.json")).unwrap();
    assert_eq!((&model["format_version"], &model["model"]["kind"]), (&2.into(), &"scorecard_plus".into()));
    assert_eq!(model["model"]["provenance"]["engine"], "native");
    assert!(room.read("plus/recipe.toml").contains("[plus]\nmax_pairs = 10\n"));
    assert!(room.read("plus/card.md").contains("## Points"));
}

#[test]
fn an_optimal_tree_is_asked_for_by_name() {
    let room = Room::with_credit();
    room.file("r.toml", format!("{}\n[tree]\nmax_depth = 4\noptimal_bins = 6\n", room.read("recipe.toml")));
    let levels = |option: &str, dir: &str| {
        let run = room.run(&["train", "r.toml", "--kind", "tree", option, "-o", dir]).ends(0);
        run.prints(&[
            // Three levels over so few bins are no better than split by split; the note says which it is.
            "of all trees over at most 6 intervals of a column",
            "the impurity by",
        ]);
        room.read(&format!("{dir}/recipe.toml"))
    };
    assert!(levels("--optimal", "a").contains("\noptimal = 3\n"));
    assert!(levels("--optimal=2", "b").contains("\noptimal = 2\n"));
    let tree = ["train", "r.toml", "--kind", "tree"];
    room.run(&[&tree[..], &["--optimal=4"]].concat()).ends(2).says(&["tree.optimal", "0, 2 or 3"]);
    let linfa = ["--optimal=2", "--engine", "linfa"];
    room.run(&[&tree[..], &linfa].concat()).ends(2).says(&["tree.optimal", "linfa"]);
    room.run(&["train", "r.toml", "--optimal"]).ends(2).says(&["--kind tree"]);
}

#[test]
fn from_data_and_options() {
    let room = Room::with_credit();
    let args = ["train", "data.csv", "--target", "status", "--positive", "bad", "--id", "id"];
    let more = ["--exclude", "marital,age", "--name", "loans", "--kind", "logistic", "--engine", "smartcore"];
    let run = room.run(&[&args[..], &more, &["--json", "-o", "made"]].concat()).ends(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&json["name"], &json["kind"]), (&"loans-logistic".into(), &"logistic".into()));
    assert!(json["validation"]["discrimination"]["auc"].as_f64().unwrap() > 0.7);
    let model: serde_json::Value = serde_json::from_str(&room.read("made/model.json")).unwrap();
    let fields = model["model"]["schema"]["fields"].as_array().unwrap();
    assert!(fields.iter().all(|f| f["name"] != "marital" && f["name"] != "age" && f["name"] != "id"));
    assert_eq!(model["model"]["provenance"]["engine"], "smartcore");
}

#[test]
fn says_what_is_missing() {
    let room = Room::with_credit();
    room.run(&["train", "data.csv"]).ends(2).says(&["--target"]);
    room.run(&["train", "data.csv", "--target", "stat"]).ends(2).says(&["stat", "seniority"]);
    room.run(&["train", "data.csv", "--target", "home"]).ends(2).says(&["home"]);
    room.run(&["train", "data.csv", "--target", "status", "--positive", "worse"]).ends(2).says(&["worse"]);
    room.run(&["train", "nowhere.toml"]).ends(2).says(&["nowhere.toml"]);
    room.file("typo.toml", "[data]\npath = \"data.csv\"\ntraget = \"status\"\n");
    room.run(&["train", "typo.toml"]).ends(2).says(&["traget"]);
    room.file("bare.toml", "name = \"bare\"\n");
    room.run(&["train", "bare.toml"]).ends(2).says(&["bare.toml", "path", "[data]"]);
    assert!(!room.path("models").exists());
}

#[test]
fn the_saved_recipe_trains_the_same_model_again() {
    let room = Room::with_credit();
    let first = ["train", "data.csv", "--target", "status", "--positive", "bad", "--id", "id", "-o", "a"];
    room.run(&first).ends(0);
    room.run(&["train", "a/recipe.toml", "-o", "deep/down/b"]).ends(0);
    assert_eq!(room.read("a/model.json"), room.read("deep/down/b/model.json"));
    assert!(
        room.read("a/recipe.toml").contains("path = \"../data.csv\"\n"),
        "{}",
        room.read("a/recipe.toml")
    );
    let deep = room.read("deep/down/b/recipe.toml");
    assert!(deep.contains("path = \"../../../data.csv\"\n"), "{deep}");
    let model = room.read("a/model.json");
    assert!(model.contains("path = \\\"data.csv\\\"") && !model.contains(".."), "the model knows no folders");

    // The same data elsewhere.
    fs::rename(room.path("data.csv"), room.path("deep/data.csv")).unwrap();
    room.run(&["train", "a/recipe.toml", "-o", "c"]).ends(2).says(&["data.csv"]);
    room.run(&["train", "a/recipe.toml", "--data", "deep/data.csv", "-o", "c"]).ends(0);
    assert_eq!(room.read("a/model.json"), room.read("c/model.json"));
    assert!(room.read("c/recipe.toml").contains("path = \"../deep/data.csv\"\n"));
    room.run(&["train", "data.csv", "--data", "other.csv"]).ends(2).says(&["data.csv", "--data"]);
}

#[test]
fn a_declared_column_can_be_left_out() {
    let room = Room::with_credit();
    room.run(&["train", "recipe.toml", "--exclude", "age,home", "-o", "m"]).ends(0);
    let model: serde_json::Value = serde_json::from_str(&room.read("m/model.json")).unwrap();
    let fields = model["model"]["schema"]["fields"].as_array().unwrap();
    assert!(!fields.is_empty() && fields.iter().all(|f| f["name"] != "age" && f["name"] != "home"));
}

#[test]
fn a_guessed_bad_label_is_warned_of() {
    let room = Room::with_credit();
    let flags = room.read("data.csv").replace(",good,", ",0,").replace(",bad,", ",1,");
    room.file("flags.csv", flags);
    let args = ["train", "flags.csv", "--target", "status", "--id", "id", "--kind", "tree", "-o", "m"];
    room.run(&args).ends(0).says(&["warning: label `1` of `status` counts as bad"]);
    let told = room.run(&[&args[..], &["--positive", "1"]].concat()).ends(0);
    assert!(!told.err.contains("warning"), "{}", told.err);
}

/// The credit data cut in two by the row, the second part without its outcome and with one value that is no number.
fn with_rejects() -> Room {
    let room = Room::with_credit();
    let data = room.read("data.csv");
    let (mut accepted, mut rejected) = (String::new(), String::new());
    for (row, line) in data.lines().enumerate() {
        let fields: Vec<&str> = line.split(',').collect();
        if row % 4 != 1 {
            accepted += &format!("{line}\n");
        }
        if row % 4 == 1 || row == 0 {
            let years = if row == 1 { "many" } else { fields[2] };
            rejected += &format!("{},{years},{}\n", fields[0], fields[3..].join(","));
        }
    }
    room.file("data.csv", accepted);
    room.file("rejected.csv", rejected);
    room
}

#[test]
fn rejected_applicants_join_from_a_file() {
    let room = with_rejects();
    let args = ["train", "recipe.toml", "--rejects-data", "rejected.csv", "-o", "m"];
    let run = room.run(&args).ends(0);
    run.prints(&[
        "Rejected applicants (rejected.csv)",
        "column `seniority`",
        "accepted alone",
        "fuzzy (used)",
    ])
    .prints(&[
        "hard_cutoff",
        "reject inference (fuzzy, prudence 1)",
        "held out are accepted applicants",
    ]);
    let json = room.run(&[&args[..], &["--json"]].concat()).ends(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let rejects = &json["rejects"];
    assert_eq!((&rejects["method"], &rejects["cleaning"]["kept"]), (&"fuzzy".into(), &1113.into()));
    assert_eq!(rejects["sensitivity"]["cases"].as_array().unwrap().len(), 12);
    assert!(room.read("m/card.md").contains("## Reject inference"));

    // The recipe names the file and says more; the saved recipe does it again.
    fs::create_dir(room.path("sub")).unwrap();
    let recipe = room.read("recipe.toml").replace("data.csv", "../data.csv");
    let section = "\n[reject_inference]\npath = \"../rejected.csv\"\nmethod = \"hard_cutoff\"\n";
    room.file("sub/recipe.toml", recipe + section);
    room.run(&["train", "sub/recipe.toml", "-o", "n"]).ends(0).prints(&["hard_cutoff (used)"]);
    room.run(&["train", "n/recipe.toml", "-o", "o"]).ends(0);
    assert_eq!(room.read("n/model.json"), room.read("o/model.json"));
    assert!(room.read("o/recipe.toml").contains("path = \"../rejected.csv\"\n"));
    let again = ["--data", "data.csv", "--rejects-data", "rejected.csv", "-o", "o"];
    room.run(&[&["train", "n/recipe.toml"], &again[..]].concat()).ends(0);
    assert_eq!(room.read("n/model.json"), room.read("o/model.json"));
    room.run(&["train", "sub/recipe.toml", "--kind", "tree"]).ends(2).says(&["reject inference", "tree"]);
    room.run(&["train", "recipe.toml", "--rejects-data", "none.csv"]).ends(2).says(&["none.csv"]);
    room.file("asked.toml", room.read("recipe.toml") + "\n[reject_inference]\n");
    room.run(&["train", "asked.toml"]).ends(2).says(&["no rejected applicants", "--rejects-data"]);
}

#[test]
fn shows_coefficients_and_goodness_and_keeps_them_out_of_the_model() {
    let room = Room::with_credit();
    let run = room.run(&["train", "recipe.toml", "-o", "m"]).ends(0);
    run.prints(&["Coefficients", "95% interval", "deviance", "AIC", "penalised fit"]);
    let card = room.read("m/card.md");
    assert!(
        card.contains("## Coefficients\n") && card.contains("| intercept | -") && card.contains("| BIC |")
    );
    assert!(!room.read("m/model.json").contains("standard_error"));
    let json = room.run(&["train", "recipe.toml", "-o", "m", "--json"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let intercept = &json["coefficients"][0];
    assert_eq!(intercept["column"], "intercept");
    assert!(intercept["standard_error"].as_f64().unwrap() > 0.0 && intercept["interval"][0].is_number());
    assert!(json["goodness"]["deviance"].as_f64() < json["goodness"]["null_deviance"].as_f64());
    assert!(json["rejects"].is_null());
    let tree = room.run(&["train", "recipe.toml", "--kind", "tree", "-o", "t"]).ends(0);
    assert!(!tree.out.contains("Coefficients"), "{}", tree.out);
}

#[test]
fn a_column_of_weights_is_used_and_told() {
    let room = Room::with_credit();
    let args = ["train", "recipe.toml", "--weight", "amount", "-o", "m"];
    let run = room.run(&args).ends(0);
    run.prints(&["rows are weighted by `amount`", "counts once, whatever its weight", "weight"]);
    let model: serde_json::Value = serde_json::from_str(&room.read("m/model.json")).unwrap();
    assert!(model["model"]["schema"]["fields"].as_array().unwrap().iter().all(|f| f["name"] != "amount"));
    room.run(&[&args[..], &["--kind", "tree"]].concat()).ends(0).prints(&["rows are weighted by `amount`"]);
    room.run(&[&args[..], &["--kind", "kmeans"]].concat()).ends(2).says(&["weights of rows", "kmeans"]);
    room.run(&[&args[..], &["--engine", "linfa"]].concat()).ends(2).says(&["linfa", "weights"]);
}

#[test]
fn a_rejects_file_without_rows_is_an_error_that_names_it() {
    let room = Room::with_credit();
    let header = room.read("data.csv").lines().next().unwrap().to_owned();
    for (name, text, said) in [
        ("empty.csv", "", "`empty.csv` is empty; expected UTF-8 CSV with a header line"),
        ("header.csv", header.as_str(), "`header.csv`: no rows: the file has a header and nothing below it"),
    ] {
        room.file(name, text);
        let run = room.run(&["train", "recipe.toml", "--rejects-data", name, "-o", "m"]).ends(2);
        run.says(&["error: rejected applicants", said]);
    }
}

#[test]
fn rows_that_are_all_ragged_say_how_such_rows_are_handled() {
    let room = Room::new();
    room.file("ragged.csv", "a,status\n1,good,x\n2,bad,x\n");
    room.run(&["train", "ragged.csv", "--target", "status", "-o", "m"]).ends(2).says(&[
        "none of the 2 rows below the header can be read",
        "line 2: expected 2 fields as in the header, found 3",
        "check the delimiter, the quotes and the header",
        "A row that cannot be read is left out and counted",
    ]);
}

#[test]
fn a_bad_cell_is_named_where_no_other_column_is_left() {
    let room = Room::new();
    let row = |i: u32| match i {
        3 => "abc,good\n".to_owned(),
        _ => format!("{},{}\n", f64::from(i) * 1.25, if i.is_multiple_of(3) { "bad" } else { "good" }),
    };
    room.file("cell.csv", format!("x,status\n{}", (0..200).map(row).collect::<String>()));
    let run = room.run(&["train", "cell.csv", "--target", "status", "-o", "m"]).ends(2);
    run.says(&[
        "no column is left to learn from: `x` is not used: 199 of 200 values are numbers; line 5 is \"abc\": declare \
         type = \"number\"",
    ]);
}

/// 300 customers; `x` has one text, `z` says who is bad.
fn one_text() -> String {
    let row = |i: u32| {
        let x = if i == 3 { "abc".to_owned() } else { format!("{}", i * 7 % 40) };
        format!("{x},{},{}\n", i * 37 % 100, if i * 37 % 100 < 30 { "bad" } else { "good" })
    };
    format!("x,z,status\n{}", (0..300).map(row).collect::<String>())
}

#[test]
fn a_number_column_that_one_text_makes_a_category_is_a_warning() {
    let room = Room::new();
    room.file("cell.csv", one_text());
    let run = room.run(&["train", "cell.csv", "--target", "status", "--positive", "bad", "-o", "m"]).ends(0);
    let warning = "column `x` is used as text: 299 of 300 values are numbers; line 5 is \"abc\": declare type = \"number\"";
    assert_eq!(run.out.matches(warning).count(), 1, "{}", run.out);
    run.says(&[&format!("warning: {warning}")]);
}

#[test]
fn words_for_high_and_low_values_make_no_number_of_a_text_column() {
    let room = Room::new();
    room.file("cell.csv", one_text());
    let recipe = |x: &str| {
        let data = "[data]\npath = \"cell.csv\"\ntarget = \"status\"\npositive = \"bad\"\n[model]\nkind = \"kmeans\"\n";
        room.file("r.toml", format!("{data}[columns.x]\nhigh = \"old\"\n{x}"));
        room.run(&["train", "r.toml", "-o", "m"])
    };
    recipe("").ends(2).says(&["columns.x: high, low", "this one holds text (299 of 300 values are numbers"]);
    recipe("type = \"number\"\n").ends(0);
}

#[test]
fn a_segment_of_a_few_rows_is_a_warning() {
    let room = Room::new();
    let row = |i: u32| match i {
        0 => "1000,1000\n".to_owned(),
        _ => format!("{},{}\n", i * 7 % 40, i * 37 % 101),
    };
    room.file("far.csv", format!("x,y\n{}", (0..400).map(row).collect::<String>()));
    // The far row must be trained on.
    room.file(
        "r.toml",
        "[data]\npath = \"far.csv\"\n[model]\nkind = \"kmeans\"\n[kmeans]\nk = 3\n[split]\ntest = 0.01\n",
    );
    room.run(&["train", "r.toml", "-o", "m"])
        .ends(0)
        .says(&["warning: fewer than 30 rows in S3: high ", "(1 row): look for values far from all others"]);
}

/// 600 customers; `late` was known only after the outcome.
fn known_after() -> String {
    let row = |i: u32| {
        let bad = i * 37 % 100 < 30;
        let late = if bad { 30 + i % 9 } else { i % 9 };
        format!("{late},{},{},{}\n", i * 7 % 40, late * 10, if bad { "bad" } else { "good" })
    };
    format!("late,x,loss,status\n{}", (0..600).map(row).collect::<String>())
}

#[test]
fn a_tree_that_knows_the_outcome_is_a_warning() {
    let room = Room::new();
    room.file("late.csv", known_after());
    room.run(&[
        "train",
        "late.csv",
        "--target",
        "status",
        "--positive",
        "bad",
        "--kind",
        "tree",
        "--exclude",
        "loss",
        "-o",
        "m",
    ])
    .ends(0)
    .says(&[
        "warning: on the rows it was trained on the tree has an AUC of 1.0000",
        "look at `late`, which is asked first",
    ]);
    room.run(&[
        "train",
        "late.csv",
        "--target",
        "loss",
        "--kind",
        "amount-tree",
        "--exclude",
        "status",
        "-o",
        "m",
    ])
    .ends(0)
    .says(&["the tree has an R2 of 0.99", "look at `late`"]);
    let run = room
        .run(&[
            "train",
            "late.csv",
            "--target",
            "status",
            "--positive",
            "bad",
            "--kind",
            "tree",
            "--exclude",
            "loss,late",
            "-o",
            "m",
        ])
        .ends(0);
    assert!(!run.err.contains("known only after"), "{}", run.err);
}

#[test]
fn an_amount_that_is_none_is_a_warning_or_an_error() {
    let room = Room::new();
    let row = |i: u32| format!("{},{},\"{},{:03}.50\"\n", i * 7 % 40, i % 2, i % 9 + 1, i * 13 % 1000);
    room.file("sums.csv", format!("x,label,sum\n{}", (0..60).map(row).collect::<String>()));
    let run = |target: &str, more: &[&str]| {
        room.run(
            &[&["train", "sums.csv", "--kind", "amount-tree", "--target", target, "-o", "m"], more].concat(),
        )
    };
    run("label", &["--exclude", "sum"]).ends(0).says(&[
        "only 45 rows to train on",
        "all amounts are 0 or 1: if these say who is bad, --kind tree with --positive",
        "no split keeps the limits of [tree]",
    ]);
    run("sum", &[])
        .ends(2)
        .says(&["no row has a finite number", "most values look like numbers with a comma"]);
    run("label", &["--positive", "1"]).ends(2).says(&["`--positive` names the label of a bad outcome"]);
}

#[test]
fn a_tree_is_reported_as_a_policy() {
    let room = Room::with_credit();
    let run = room.run(&["train", "recipe.toml", "--kind", "tree", "-o", "m"]).ends(0);
    run.prints(&["Leaves, riskiest first", "95% interval", "Rules\n", " -> pd 0.", "of bads"]);
    let card = room.read("m/card.md");
    assert!(
        card.contains("## Tree\n") && card.contains("## Rules\n") && card.contains("| of rows | of bads |"),
        "{card}"
    );
}
