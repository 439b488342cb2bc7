//! Expert models, decisions, grades and overrides through the binary.

use crate::common::Room;
use std::fs;

const SHOP: &str = r#"
name = "shop"
[data]
id = "customer"
[[expert.zones]]
name = "good"
min_score = 20
[[expert.zones]]
name = "fair"
[[expert.characteristics]]
column = "points"
bins = [{ below = 5, points = 10 }, { points = 30 }]
[decisions]
inputs = [{ column = "income" }]
[decisions.limit]
formula = "0.1 * income"
cap = 1000
step = 10
missing = "none"
[decisions.limit.grades.fair]
cap = 100
[decisions.tiers]
value = "income"
cuts = [5000]
segments = ["low", "high"]
missing = "low"
tiers = [{ name = "A", service = "adviser" }, { name = "B" }]
[decisions.tiers.matrix]
good = ["B", "A"]
fair = ["B", "B"]
"#;

const ROWS: &str = "customer,points,income\nC1,7,6000\nC2,1,6000\nC3,7,\nC4,,100\n";

fn room() -> Room {
    let room = Room::new();
    fs::write(room.path("shop.toml"), SHOP).unwrap();
    fs::write(room.path("new.csv"), ROWS).unwrap();
    room.run(&["train", "shop.toml", "-o", "shop"]).ends(0).prints(&[
        "written by hand",
        "Decisions",
        "0.1 * income",
    ]);
    room
}

#[test]
fn a_model_decides_limit_tier_and_strategy() {
    let room = room();
    let run = room.run(&["score", "shop", "new.csv", "--reasons", "0"]).ends(0);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "customer,pd,score,grade,limit,tier,strategy,flags,model");
    let tail = |line: &str| line.split(',').skip(2).take(6).collect::<Vec<_>>().join(",");
    assert_eq!(tail(lines[1]), "30,good,600,A,service: adviser,");
    assert_eq!(tail(lines[2]), "10,fair,100,B,,");
    let flags = "income: the limit cannot be worked out and is that of its policy; income: the customer's value is not known and \
                 the tier is that of its policy";
    assert_eq!(tail(lines[3]), format!("30,good,,B,,{flags}"));
    assert_eq!(lines.len(), 4);
    run.says(&["1 rejected", "the model has no answer without one"]);
    room.run(&["inspect", "shop"])
        .ends(0)
        .prints(&["limit of fair: 0.1 * income, from 0 to 100", "tiers of good: low B, high A"]);
}

#[test]
fn overrides_hold_until_they_expire_and_say_who_and_why() {
    let room = room();
    let file = "customer,field,value,reason,author,expires\n\
        C2,grade,good,long known,credit desk,2026-09-30\n\
        C1,limit,123,agreed,credit desk,2026-12-31\n\
        C9,limit,5,gone,credit desk,2026-12-31\n\
        C1,grade,fair,old,credit desk,2026-09-29\n";
    fs::write(room.path("over.csv"), file).unwrap();
    let with = |as_of: &str| {
        room.run(&["score", "shop", "new.csv", "--reasons", "0", "--overrides", "over.csv", "--as-of", as_of])
    };
    let run = with("2026-09-30").ends(0);
    let lines: Vec<Vec<&str>> = run.out.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0][3..10].join(","), "grade,limit,tier,strategy,model_grade,model_limit,override");
    assert_eq!(lines[1][3..8].join(","), "good,123,A,service: adviser,good");
    assert!(run.out.contains("600,\"limit by credit desk, until 2026-12-31: agreed\""), "{}", run.out);
    // The grade brings its limit and tier: 0.1 x 6000 below the cap of good.
    assert_eq!(lines[2][3..9].join(","), "good,600,A,service: adviser,fair,100");
    assert!(run.out.contains("\"grade by credit desk, until 2026-09-30: long known\""), "{}", run.out);
    run.says(&[
        "2 overrides applied as of 2026-09-30",
        "1 override expired before 2026-09-30: line 5",
        "1 override is of a customer that was not scored: line 4",
    ]);
    let later = with("2026-10-01").ends(0);
    assert!(later.out.contains("fair,100,B,,fair,100,,"), "{}", later.out);
    // A limit holds on its last day, and not on the next.
    assert!(with("2026-12-31").ends(0).out.contains("good,123,A,"));
    assert!(with("2027-01-01").ends(0).out.contains("good,600,A,"));
    for (from, to, said) in [
        ("grade,good", "grade,gold", "line 2: grade \"gold\": expected one of good, fair"),
        ("limit,123", "limit,-3", "line 3: limit \"-3\""),
        ("limit,123", "colour,123", "expected grade or limit"),
        ("2026-12-31\nC9", "2026-02-30\nC9", "line 3: expires"),
        ("agreed,credit desk", "agreed,", "must not be empty"),
        ("C9,limit", "C1,limit", "line 3 overrides the same"),
        ("reason,author", "reasons,author", "reason"),
    ] {
        fs::write(room.path("over.csv"), file.replacen(from, to, 1)).unwrap();
        with("2026-09-30").ends(2).says(&[said]);
    }
    with("yesterday").ends(2).says(&["--as-of"]);
    room.run(&["score", "shop", "new.csv", "--overrides", "over.csv"]).ends(2).says(&["--as-of"]);
}

#[test]
fn overrides_go_for_all_files_of_a_folder() {
    let room = room();
    let file = "customer,field,value,reason,author,expires\n\
        C2,grade,good,long known,credit desk,2026-09-30\n\
        D1,limit,7,agreed,credit desk,2026-12-31\n\
        C9,limit,5,gone,credit desk,2026-12-31\n";
    fs::write(room.path("over.csv"), file).unwrap();
    fs::write(room.path("more.csv"), "customer,points,income\nD1,7,6000\nD2,1,6000\n").unwrap();
    let with = |more: &[&str]| {
        let run =
            ["score", "shop", "new.csv", "more.csv", "-o", "out/", "--overrides", "over.csv", "--as-of"];
        room.run(&[&run[..], &["2026-09-30"], more].concat()).ends(0)
    };
    let said =
        ["2 overrides applied as of 2026-09-30", "1 override is of a customer that was not scored: line 4"];
    with(&[]).says(&said);
    let one = |name: &str| fs::read_to_string(room.path("out").join(name)).unwrap();
    let alone = |name: &str| {
        let alone =
            ["score", "shop", name, "-o", "alone.csv", "--overrides", "over.csv", "--as-of", "2026-09-30"];
        room.run(&alone).ends(0);
        fs::read_to_string(room.path("alone.csv")).unwrap()
    };
    for name in ["new.csv", "more.csv"] {
        assert_eq!(one(name), alone(name));
    }
    assert!(one("more.csv").contains("good,7,A,") && one("new.csv").contains("until 2026-09-30: long known"));
    // What an earlier run finished counts; with other overrides it does not.
    with(&["--resume"]).says(&[&said[..], &["2 of them earlier"]].concat());
    fs::write(room.path("over.csv"), file.replace(",7,", ",8,")).unwrap();
    let run = with(&["--resume"]);
    assert!(!run.err.contains("earlier") && one("more.csv").contains("good,8,A,"), "{}", run.err);
}

#[test]
fn too_many_rejects_fail_the_check() {
    let room = room();
    let ends = |most: &str, code| {
        room.run(&["score", "shop", "new.csv", "-o", "out.csv", "--max-rejects", most]).ends(code)
    };
    ends("1", 0);
    ends("25%", 0);
    ends("0", 1).says(&["1 of 4 rows were rejected, more than --max-rejects 0"]);
    ends("24.9%", 1).says(&["more than --max-rejects 24.9%"]);
    assert!(room.path("out.csv").exists(), "the output is written all the same");
    ends("-1", 2);
    ends("101%", 2).says(&["a share such as 0.5%"]);
    let many = ["score", "shop", "new.csv", "-o", "folder/", "--max-rejects", "0"];
    room.run(&many).ends(1);
}

#[test]
fn grades_are_proposed_and_written_as_a_new_version() {
    let room = room();
    let mut rows = "customer,points,income,status\n".to_owned();
    for i in 0..2000 {
        let points = i % 10;
        rows += &format!(
            "C{i},{points},100,{}\n",
            if i / 10 * 37 % 100 < 40 - 4 * points { "bad" } else { "good" }
        );
    }
    fs::write(room.path("past.csv"), rows).unwrap();
    let train = [
        "train",
        "past.csv",
        "--target",
        "status",
        "--positive",
        "bad",
        "--id",
        "customer",
        "--exclude",
        "income",
        "-o",
        "card",
    ];
    room.run(&train).ends(0);
    let run = room
        .run(&["grade", "card", "past.csv", "-o", "graded"])
        .ends(0)
        .prints(&["[[grades]]", "Herfindahl index"]);
    assert!(run.err.contains("written to"), "{}", run.err);
    room.run(&["inspect", "graded"]).ends(0).prints(&[
        "1.1.0",
        "made from version 1.0.0",
        "grades proposed on 2000 customers",
    ]);
    room.run(&["validate", "graded", "past.csv"]).ends(0);
    room.run(&["grade", "card", "past.csv", "-o", "graded"]).ends(2).says(&["holds a model already"]);
    room.run(&["grade", "card", "past.csv", "--grades", "29"]).ends(2).says(&["no grades keep all limits"]);
}
