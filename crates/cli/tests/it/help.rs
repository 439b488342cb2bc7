//! Help, version, usage.

use crate::common::Room;

const COMMANDS: [&str; 7] = ["demo", "train", "bin", "inspect", "validate", "score", "completions"];

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
