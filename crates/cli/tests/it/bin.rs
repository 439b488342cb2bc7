//! `arrears bin`.

use crate::common::Room;
use serde_json::Value;

fn json(room: &Room, args: &[&str]) -> Value {
    let run = room.run(&[&["bin"], args, &["--json"]].concat()).ends(0);
    serde_json::from_str(&run.out).unwrap()
}

fn variable<'a>(json: &'a Value, name: &str) -> &'a Value {
    let variables = json["variables"].as_array().unwrap();
    variables.iter().find(|v| v["variable"] == name).unwrap()
}

#[test]
fn all_variables_the_best_first() {
    let room = Room::with_credit();
    let run = room.run(&["bin", "recipe.toml"]).ends(0);
    let run = run.prints(&["4454  rows read", "4454  rows kept", "variable", "Gini", "descending"]);
    let line =
        |name: &str| run.out.lines().position(|l| l.trim_start().starts_with(&format!("{name} "))).unwrap();
    assert!(line("seniority") < line("marital") && line("marital") < line("debt"), "{}", run.out);
    let seniority = run.out.lines().nth(line("seniority")).unwrap();
    assert!(seniority.contains("likely leak"), "{seniority}");
    assert!(run.out.lines().all(|line| line.chars().count() <= 110), "{}", run.out);
}

#[test]
fn a_table_with_splits_of_the_user() {
    let room = Room::with_credit();
    let args = ["recipe.toml", "--var", "income", "--splits", "100,200"];
    let run = room.run(&[&["bin"], &args[..]].concat()).ends(0);
    run.prints(&[
        "status = bad by income",
        "(-inf, 100)",
        "[100, 200)",
        "[200, inf)",
        "missing",
        "total",
        "WoE",
    ]);
    let json = json(&room, &args);
    let income = variable(&json, "income");
    assert_eq!(income["splits"], serde_json::json!([100.0, 200.0]));
    let bins = income["table"]["bins"].as_array().unwrap();
    assert_eq!(
        bins.iter().map(|b| b["kind"].as_str().unwrap()).collect::<Vec<_>>(),
        ["regular", "regular", "regular", "missing"]
    );
    // Counted straight from the file.
    let data = room.read("data.csv");
    let mut expected = [[0_u64; 2]; 4];
    for row in data.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
        let at = row[10].parse::<f64>().map_or(3, |x| usize::from(x >= 100.0) + usize::from(x >= 200.0));
        expected[at][0] += 1;
        expected[at][1] += u64::from(row[1] == "bad");
    }
    for (bin, [count, bads]) in bins.iter().zip(expected) {
        assert_eq!(bin["count"], count);
        assert_eq!(bin["bads"], bads as f64);
    }
    let total: f64 = bins.iter().map(|b| b["iv"].as_f64().unwrap()).sum();
    assert!((total - income["table"]["total"]["iv"].as_f64().unwrap()).abs() < 1e-12);
    assert_eq!(income["summary"]["p_values"].as_array().unwrap().len(), 2);
}

#[test]
fn from_data_and_options() {
    let room = Room::with_credit();
    let from_data = ["data.csv", "--target", "status", "--positive", "bad", "--id", "id"];
    let whole = json(&room, &from_data);
    assert_eq!(whole["target"], serde_json::json!({"column": "status", "bad": "bad", "good": "good"}));
    assert_eq!(whole["data"], "data.csv");
    assert_eq!(whole["variables"].as_array().unwrap().len(), 13);
    let more = ["--exclude", "marital,age", "--max-bins", "3", "--min-share", "0.1", "--trend", "ascending"];
    let less = json(&room, &[&from_data[..], &more].concat());
    assert_eq!(less["variables"].as_array().unwrap().len(), 11);
    assert_eq!((&less["binning"]["max_bins"], &less["binning"]["trend"]), (&3.into(), &"ascending".into()));
    for v in less["variables"].as_array().unwrap() {
        assert!(v["summary"]["bins"].as_u64().unwrap() <= 3, "{v}");
    }
    let twice = json(&room, &["recipe.toml", "--var", "age", "--var", "home", "--var", "age"]);
    assert_eq!(twice["variables"].as_array().unwrap().len(), 2);
    assert!(variable(&twice, "home")["groups"].as_array().unwrap().len() > 1);
    // A column that looks like an id is binned when it is asked for.
    assert_eq!(
        json(&room, &["data.csv", "--target", "status", "--var", "id"])["variables"][0]["variable"],
        "id"
    );
}

#[test]
fn special_codes_and_missing_texts() {
    let room = Room::with_credit();
    let json =
        json(&room, &["recipe.toml", "--var", "assets", "--special", "-1,0", "--missing", ",NA,3000.0"]);
    let assets = variable(&json, "assets");
    let bins = assets["table"]["bins"].as_array().unwrap();
    let kinds: Vec<_> = bins.iter().map(|b| b["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[kinds.len() - 3..], ["special", "special", "missing"]);
    let data = room.read("data.csv");
    let of = |text: &[&str]| {
        data.lines().skip(1).filter(|l| text.contains(&l.split(',').nth(11).unwrap())).count()
    };
    let count = |back: usize| bins[bins.len() - back]["count"].as_u64().unwrap() as usize;
    let negative = self::json(&room, &["recipe.toml", "--var", "seniority", "--splits", "-1,5"]);
    assert_eq!(variable(&negative, "seniority")["table"]["bins"][0]["count"], 0);
    assert_eq!((count(3), count(2), count(1)), (0, of(&["0.0"]), of(&["", "3000.0"])));
}

#[test]
fn weights_and_rows_without_one() {
    let room = Room::new();
    let mut data = String::from("x,w,y\n");
    (0..40).for_each(|i| {
        data += &format!("{},{},{}\n", i % 8, if i < 20 { "2" } else { "0.5" }, u8::from(i % 3 == 0))
    });
    data += "1,-1,0\n2,,1\n3,inf,1\n";
    room.file("w.csv", data);
    let args = ["w.csv", "--target", "y", "--weight", "w", "--var", "x", "--splits", "4"];
    let run = room.run(&[&["bin"], &args[..]].concat()).ends(0);
    run.prints(&["weight below 0", "weight missing", "infinite number", "40  rows kept", "weight"]);
    let json = json(&room, &args);
    assert_eq!(json["weight"], "w");
    let total = &json["variables"][0]["table"]["total"];
    assert_eq!((&total["count"], &total["weight"]), (&40.into(), &50.0.into()));
    assert_eq!(json["cleaning"]["dropped"].as_array().unwrap().len(), 3);
}

#[test]
fn an_amount_as_target() {
    let room = Room::with_credit();
    let args = ["data.csv", "--target", "amount", "--id", "id", "--var", "term_months", "--var", "job"];
    let run = room.run(&[&["bin"], &args[..]].concat()).ends(0);
    run.prints(&["Mean amount by term_months", "mean", "std", "total", "ascending"]);
    let json = json(&room, &args);
    assert_eq!(json["target"], serde_json::json!({"column": "amount"}));
    let job = variable(&json, "job");
    let data = room.read("data.csv");
    let rows: Vec<Vec<&str>> = data.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let holds = |group: &Value, job: &str| group.as_array().unwrap().iter().any(|name| name == job);
    for (group, bin) in job["groups"].as_array().unwrap().iter().zip(job["table"]["bins"].as_array().unwrap())
    {
        let amounts: Vec<f64> =
            rows.iter().filter(|r| holds(group, r[8])).map(|r| r[13].parse().unwrap()).collect();
        let mean = amounts.iter().sum::<f64>() / amounts.len() as f64;
        assert!((bin["mean"].as_f64().unwrap() - mean).abs() < 1e-9 * mean, "{bin}");
    }
    assert!(job["summary"]["gini"].is_null() && job["summary"]["status"].is_null());
    room.run(&["bin", "data.csv", "--target", "amount", "--positive", "1000"])
        .ends(2)
        .says(&["without --positive"]);
}

#[test]
fn plots_are_files_beside_each_other() {
    let room = Room::with_credit();
    let run = room.run(&["bin", "recipe.toml", "--plot", "new/plots"]).ends(0).says(&["13 plots written to"]);
    assert!(run.out.contains("Variables"));
    let svg = room.read("new/plots/term_months.svg");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    room.file("odd.csv", "a/b,A-B,y\n1,5,0\n2,6,1\n1,6,0\n2,5,1\n");
    let json = json(&room, &["odd.csv", "--target", "y", "--plot", "odd"]);
    let mut files: Vec<_> =
        json["variables"].as_array().unwrap().iter().map(|v| v["plot"].as_str().unwrap()).collect();
    files.iter().for_each(|file| assert!(room.path("odd").join(file).is_file(), "{file}"));
    files.sort_unstable();
    assert!(["A-B-2.svg", "a-b.svg"] == files[..] || ["A-B.svg", "a-b-2.svg"] == files[..], "{files:?}");
    room.file("taken", "");
    room.run(&["bin", "odd.csv", "--target", "y", "--plot", "taken/x"]).ends(2).says(&["taken"]);
}

#[test]
fn the_same_bytes_every_time() {
    let room = Room::with_credit();
    let run = || room.run(&["bin", "recipe.toml", "--json"]).ends(0).out;
    assert!(run() == run());
}

#[test]
fn says_what_is_wrong() {
    let room = Room::with_credit();
    let fails = |args: &[&str], parts: &[&str]| {
        let run = room.run(&[&["bin"], args].concat()).ends(2).says(parts);
        assert_eq!(run.out, "");
    };
    fails(&["data.csv"], &["a binning table needs an outcome", "--target"]);
    fails(&["recipe.toml", "--var", "incom"], &["no column `incom`", "income"]);
    fails(&["recipe.toml", "--var", "status"], &["columns.status", "target"]);
    fails(
        &["recipe.toml", "--var", "income", "--splits", "200,100"],
        &["splits", "each above the one before"],
    );
    fails(&["recipe.toml", "--var", "income", "--splits", "10,ten"], &["--splits", "ten"]);
    fails(&["recipe.toml", "--var", "home", "--splits", "1"], &["`home` is a category"]);
    fails(&["recipe.toml", "--var", "age", "--var", "income", "--splits", "1"], &["2 are to be binned"]);
    fails(&["recipe.toml", "--splits", "1,2"], &["--var"]);
    fails(&["recipe.toml", "--trend", "up"], &["--trend", "ascending"]);
    fails(&["recipe.toml", "--max-bins", "1"], &["max_bins = 1", "2 to 100"]);
    fails(&["recipe.toml", "--weight", "job"], &["no rows", "text in a number column"]);
    fails(&["recipe.toml", "--weight", "status"], &["data.weight"]);
    fails(&["recipe.toml", "--special", "x"], &["--special"]);
    fails(&["data.csv", "--target", "home"], &["home", "--target"]);
    fails(&["nowhere.csv", "--target", "y"], &["nowhere.csv", "cannot open"]);
    fails(&["data.csv", "--data", "other.csv", "--target", "status"], &["--data"]);
}

#[test]
fn the_label_of_bad_stands_above_the_tables_and_a_guess_is_a_warning() {
    let room = Room::with_credit();
    let line = "1254  of them bad (28.2%): status = bad; good: status = good";
    for args in [&["bin", "recipe.toml"][..], &["bin", "recipe.toml", "--var", "income"]] {
        let run = room.run(args).ends(0).prints(&[line]);
        assert!(run.out.find(line) < run.out.find("income") && !run.err.contains("warning"), "{}", run.err);
    }
    let data = room.read("data.csv").replace(",good,", ",0,").replace(",bad,", ",1,");
    room.file("numbers.csv", data);
    let args = ["numbers.csv", "--target", "status", "--id", "id"];
    let said =
        "label `1` of `status` counts as bad, 28.2 % of the rows; if good is meant, name the bad label";
    let run = room.run(&[&["bin"], &args[..]].concat()).ends(0).says(&["warning: ", said]);
    run.prints(&["1254  of them bad (28.2%): status = 1; good: status = 0"]);
    assert!(json(&room, &args)["warnings"][0].as_str().unwrap().starts_with(said));
    let named = [&args[..], &["--positive", "1"]].concat();
    assert_eq!(json(&room, &named)["warnings"], serde_json::json!([]));
    // Who named the label is not asked to name it, even where most rows bear it.
    let most = [&["bin"], &args[..], &["--positive", "0"]].concat();
    let run = room.run(&most).ends(0);
    let run =
        run.says(&["label `0` of `status` counts as bad, 71.8 % of the rows; check that it is the bad one"]);
    assert!(!run.err.contains("--positive"), "{}", run.err);
    // As training says it.
    room.run(&[&["train"], &args[..], &["-o", "m"]].concat())
        .ends(0)
        .says(&["warning: label `1` of `status`"]);
}

#[test]
fn a_target_of_many_labels_says_how_to_make_two() {
    let room = Room::new();
    let rows: String = (0..40).map(|i| format!("{i},{}\n", ["A", "B", "C", "D"][i % 4])).collect();
    room.file("loans.csv", format!("x,status\n{rows}"));
    for command in ["bin", "train"] {
        let run = room.run(&[command, "loans.csv", "--target", "status", "--positive", "D"]).ends(2);
        let run = run.says(&["expected two labels, found 4", "labels are not merged: make a column"]);
        // Both were given.
        assert!(!run.err.contains("--positive"), "{}", run.err);
    }
    // Where the label is what is missing, it is asked for.
    let rows: String = (0..40).map(|i| format!("{i},{}\n", ["A", "B"][i % 2])).collect();
    room.file("two.csv", format!("x,status\n{rows}"));
    room.run(&["bin", "two.csv", "--target", "status"]).ends(2).says(&["name the bad one with --positive"]);
}

/// A name in two pieces is not found again by who reads the output of a pipe.
#[test]
fn no_line_is_broken_where_no_terminal_reads() {
    let room = Room::with_credit();
    let name = "income_of_the_applicant_".repeat(6);
    room.file("long.csv", room.read("data.csv").replace("income", &name));
    let run = room.run(&["bin", "long.csv", "--target", "status", "--positive", "bad", "--id", "id"]).ends(0);
    run.prints(&[&format!(" {name}  ")]);
}

/// The same bins, counts and bads as in the points table of the scorecard that training makes.
#[test]
fn with_part_train_the_tables_are_those_of_training() {
    let room = Room::with_credit();
    room.run(&["train", "recipe.toml", "-o", "m"]).ends(0);
    let model: Value = serde_json::from_str(&room.run(&["inspect", "m", "--json"]).ends(0).out).unwrap();
    let bins = json(&room, &["recipe.toml", "--part", "train"]);
    assert_eq!(bins["training_rows"], model["model"]["provenance"]["rows"]["train"]);
    let points = model["points"].as_array().unwrap();
    assert!(points.len() > 20);
    for row in points {
        let table = variable(&bins, row["variable"].as_str().unwrap())["table"]["bins"].as_array().unwrap();
        let bin = table.iter().find(|bin| bin["bin"] == row["bin"]).unwrap_or_else(|| panic!("{row}"));
        assert_eq!(bin["count"], row["count"], "{row}");
        assert_eq!(bin["bads"].as_f64(), row["bads"].as_f64(), "{row}");
    }
    let rows = bins["training_rows"].as_u64().unwrap();
    let run = room.run(&["bin", "recipe.toml", "--part", "train"]).ends(0);
    run.prints(&[&format!("{rows}  of them train a model and are binned here"), "status = bad; good"]);
    // All rows give other counts.
    let all = json(&room, &["recipe.toml"]);
    assert_eq!(all["training_rows"], Value::Null);
    assert_eq!(all["variables"][0]["table"]["total"]["count"], 4454);
}
