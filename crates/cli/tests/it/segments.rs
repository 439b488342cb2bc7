//! Segments on the command line: how many, who is in them, what they are like.

use crate::common::{Room, sample};

/// Two groups, the first twice as large.
fn room() -> Room {
    let mut text = "late,kind\n".to_owned();
    for i in 0..120 {
        let far = i % 3 == 0;
        text += &format!("{},{}\n", if far { 100 } else { 0 } + i % 7, if far { "f" } else { "n" });
    }
    let room = Room::new();
    room.file("made.csv", text);
    room
}

#[test]
fn inspect_shows_the_customers_of_each_segment() {
    let room = Room::new();
    let model = sample("segments").with_file_name("v3-segments.json");
    let run = room.run(&["inspect", model.to_str().unwrap()]).ends(0);
    run.prints(&["Their customers", "108 / 90", "82.5 / 71", "web 67 %", "novel beyond", "3.25", "+1.8"]);
    let json = room.run(&["inspect", model.to_str().unwrap(), "--json"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["segments"]["segments"][1]["profile"][0]["median"], 150.0);
}

#[test]
fn k_is_asked_for_or_left_to_the_rule() {
    let room = room();
    let train = ["train", "made.csv", "--kind", "kmeans", "-o", "m", "--k"];
    let auto = room.run(&[&train[..], &["auto"]].concat()).ends(0);
    auto.prints(&["Number of segments", "taken", "silhouette", "S2: kind = f, high late", "k.svg"]);
    assert!(room.read("m/k.svg").contains("How many segments: 2 taken"));
    assert!(room.read("m/card.md").contains("](k.svg)"));
    let three = room.run(&[&train[..], &["3", "--json"]].concat()).ends(0).out;
    let three: serde_json::Value = serde_json::from_str(&three).unwrap();
    assert_eq!(three["segments"]["segments"].as_array().unwrap().len(), 3);
    assert!(three["choice_of_k"].is_null());
    // A picture of how another number was chosen does not stay beside it.
    assert!(!room.path("m/k.svg").exists());
    room.run(&[&train[..], &["some"]].concat()).ends(2).says(&["expected a whole number"]);
    let tree = ["train", "made.csv", "--target", "kind", "--positive", "f", "--kind", "tree", "--k", "3"];
    room.run(&tree).ends(2).says(&["--k is the number of segments; give --kind kmeans beside it"]);
}
