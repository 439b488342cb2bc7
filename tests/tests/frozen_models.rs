//! The models in `models/`: their vectors are replayed bit for bit, and training again gives the same bytes.

use arrears_model::Model;
use arrears_tests::{hold_out_report, root, train_and_measure};
use arrears_train::Recipe;
use arrears_train::folder::write_folder;
use arrears_train::vectors::{Vector, expected};
use std::path::PathBuf;

const MODELS: [&str; 3] = ["credit-scorecard", "credit-tree", "credit-segments"];

fn folder(name: &str) -> PathBuf {
    root().join("models").join(name).join("1.0.0")
}

fn read(name: &str, file: &str) -> String {
    std::fs::read_to_string(folder(name).join(file)).unwrap_or_else(|e| panic!("{name}/{file}: {e}"))
}

#[test]
fn vectors_replay_bit_for_bit() {
    for name in MODELS {
        let model = Model::from_bytes(read(name, "model.json").as_bytes()).expect("a sound model");
        let lines = read(name, "vectors.ndjson");
        let mut refused = 0;
        for (i, line) in lines.lines().enumerate() {
            let vector: Vector = serde_json::from_str(line).expect("a vector");
            let said = expected(&model, &vector.values(&model));
            // Equality of f64 is equality of bits here: a score is never NaN, and -0 and 0 cannot both occur.
            assert_eq!(said, vector.expected, "{name}, vector {}", i + 1);
            refused += usize::from(said.refused.is_some());
        }
        assert!(lines.lines().count() > 100, "{name}: too few vectors");
        assert!(refused > 0, "{name}: no vector is refused, so the refusals are not tested");
    }
}

#[test]
fn training_again_gives_the_same_bytes() {
    for name in MODELS {
        let text = read(name, "recipe.toml");
        let recipe = Recipe::from_toml(&text, "recipe.toml", "credit").expect("a sound recipe");
        let data = root().join("datasets/credit/data.csv");
        let (trained, _) = train_and_measure(&recipe, &data).expect("a model");
        let again = tempfile::tempdir().expect("a folder");
        write_folder(&trained, &hold_out_report(&trained), again.path()).expect("a written folder");
        for file in ["model.json", "vectors.ndjson", "recipe.toml", "card.md"] {
            let new = std::fs::read_to_string(again.path().join(file)).expect(file);
            assert!(new == read(name, file), "{name}: {file} differs after training again");
        }
    }
}
