//! Help, version, usage.

use crate::common::Room;

const COMMANDS: [&str; 10] =
    ["demo", "train", "bin", "inspect", "validate", "score", "replay", "assess", "reports", "completions"];

#[test]
fn of_every_command_has_an_example_that_names_it() {
    let room = Room::new();
    for command in COMMANDS {
        let run = room.run(&[command, "--help"]).ends(0);
        let (_, examples) = run.out.split_once("Examples:").unwrap();
        assert!(examples.contains(&format!("arrears {command}")), "{command}:\n{examples}");
        assert_eq!(run.err, "");
    }
    let run = room.run(&["--help"]).ends(0);
    COMMANDS.iter().for_each(|command| assert!(run.out.contains(command)));
}

/// Help is wrapped to the terminal, 100 columns where there is none: a text that was broken by hand would be broken
/// twice, and an example in two lines cannot be copied.
#[test]
fn is_broken_only_where_a_line_is_full() {
    let room = Room::new();
    for command in COMMANDS {
        let text = room.run(&[command, "--help"]).ends(0).out;
        let (told, examples) = text.split_once("Examples:").unwrap();
        for pair in told.lines().collect::<Vec<_>>().windows(2) {
            let sentence_ends = pair[0].ends_with(['.', ':']) || pair[0].is_empty();
            let goes_on = pair[1].starts_with(|c: char| c.is_lowercase()) && !sentence_ends;
            let word = pair[1].split(' ').next().unwrap_or_default();
            let full = pair[0].chars().count() + 1 + word.chars().count() > 100;
            assert!(!goes_on || full, "{command}:\n{}\n{}", pair[0], pair[1]);
        }
        let examples = examples.lines().skip(1).take_while(|line| !line.is_empty());
        examples.for_each(|line| assert!(line.contains("arrears "), "{command}: {line}"));
    }
}

#[test]
fn of_train_says_where_the_name_comes_from() {
    let room = Room::with_credit();
    room.run(&["train", "--help"]).ends(0).prints(&["`name` in the recipe, else"]);
    let recipe = room.read("recipe.toml");
    let nameless: Vec<&str> = recipe.lines().filter(|line| !line.starts_with("name = \"credit\"")).collect();
    room.file("r.toml", nameless.join("\n"));
    room.run(&["train", "r.toml"]).ends(0);
    assert!(room.path("models/r-scorecard").is_dir());
}

#[test]
fn wrong_usage_is_2() {
    let room = Room::new();
    room.run(&[]).ends(2);
    room.run(&["scor"]).ends(2).says(&["score"]);
    room.run(&["score"]).ends(2);
    room.run(&["score", "model", "data.csv", "--reasons", "5"]).ends(2).says(&["--reasons"]);
    room.run(&["train", "data.csv", "--kind", "forest"]).ends(2).says(&["scorecard"]);
}

#[test]
fn version_is_the_crate_s() {
    let run = Room::new().run(&["--version"]).ends(0);
    assert_eq!(run.out, format!("arrears {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_the_commands() {
    let run = Room::new().run(&["completions", "bash"]).ends(0);
    COMMANDS.iter().for_each(|command| assert!(run.out.contains(command), "{command}"));
}
