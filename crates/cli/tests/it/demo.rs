//! `arrears demo`.

use crate::common::Room;

#[test]
fn trains_validates_and_scores() {
    let room = Room::new();
    let run = room.run(&["demo"]).ends(0);
    let run = run.prints(&["credit-scorecard", "credit-tree", "credit-segments", "PASS", "Next"]);
    let run = run.prints(&["odd-text", "about 120", "odd-years", "from 0 to 60", "home: unseen category"]);
    assert!(!run.out.contains("FAIL"), "{}", run.out);
    let run = run.prints(&[
        "simulated customers (not real people)",
        "shop-tree: AUC",
        "800 customers scored as of 2025-12-31",
    ]);
    assert!(run.out.lines().count() < 75, "more than a screen and a half:\n{}", run.out);
    for model in ["credit-scorecard", "credit-tree", "credit-segments"] {
        assert!(room.path("arrears-demo/models").join(model).join("1.1.0/model.json").is_file());
    }
    // The commands it ends with work as they stand there.
    let next: Vec<&str> = run.out.lines().skip_while(|l| *l != "Next").skip(1).collect();
    for line in &next[..5] {
        let words: Vec<&str> = line.split('#').next().unwrap().split_whitespace().skip(1).collect();
        room.run(&words).ends(0);
    }
}

#[test]
fn scores_every_new_customer_once() {
    let room = Room::new();
    room.run(&["demo", "-o", "d"]).ends(0);
    let rows = |name: &str| room.read(&format!("d/{name}")).lines().count() - 1;
    let new = rows("new-customers.csv");
    for kind in ["scorecard", "tree", "kmeans"] {
        let (scored, rejected) = (format!("scored-{kind}.csv"), format!("scored-{kind}.csv.rejects.csv"));
        assert_eq!(rows(&scored) + rows(&rejected), new, "{kind}");
    }
    assert!(!room.read("d/new-customers.csv").lines().next().unwrap().contains("status"));
}
