//! The models in `models/`: their vectors are replayed bit for bit, and training again gives the same bytes.

use arrears_model::Model;
use arrears_tests::{hold_out_report, root, train_and_measure};
use arrears_train::Recipe;
use arrears_train::folder::{Sources, write_folder};
use arrears_train::vectors::{Vector, expected};

/// Every frozen model and version; those of the newest version can be trained again.
const FROZEN: [(&str, &str); 7] = [
    ("credit-scorecard", "1.0.0"),
    ("credit-tree", "1.0.0"),
    ("credit-segments", "1.0.0"),
    ("credit-scorecard", NEWEST),
    ("credit-scorecard-plus", NEWEST),
    ("credit-tree", NEWEST),
    ("credit-segments", NEWEST),
];
const NEWEST: &str = "1.1.0";
/// Segments whose vectors were written before there were margins.
const BEFORE_MARGINS: (&str, &str) = ("credit-segments", "1.0.0");

fn read((name, version): (&str, &str), file: &str) -> String {
    let path = root().join("models").join(name).join(version).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn no_frozen_model_is_forgotten() {
    let folders = |path: std::path::PathBuf| std::fs::read_dir(path).expect("a folder");
    let names = folders(root().join("models")).map(|entry| entry.expect("an entry").path());
    let versions: usize = names.filter(|path| path.is_dir()).map(|path| folders(path).count()).sum();
    assert_eq!(versions, FROZEN.len());
}

#[test]
fn vectors_replay_bit_for_bit() {
    for frozen in FROZEN {
        let model = Model::from_bytes(read(frozen, "model.json").as_bytes()).expect("a sound model");
        let lines = read(frozen, "vectors.ndjson");
        let mut refused = 0;
        for (i, line) in lines.lines().enumerate() {
            let vector: Vector = serde_json::from_str(line).expect("a vector");
            let mut said = expected(&model, &vector.values(&model));
            if frozen == BEFORE_MARGINS {
                // What the program has learned to say since then; its vectors cannot ask for it.
                assert_eq!(said.margin.take().is_some(), said.refused.is_none());
            }
            // Equality of f64 is equality of bits here: a score is never NaN, and -0 and 0 cannot both occur.
            assert_eq!(said, vector.expected, "{frozen:?}, vector {}", i + 1);
            refused += usize::from(said.refused.is_some());
        }
        assert!(lines.lines().count() > 100, "{frozen:?}: too few vectors");
        assert!(refused > 0, "{frozen:?}: no vector is refused, so the refusals are not tested");
    }
}

#[test]
fn training_again_gives_the_same_bytes() {
    for frozen in FROZEN.into_iter().filter(|(_, version)| *version == NEWEST) {
        let text = read(frozen, "recipe.toml");
        let recipe = Recipe::from_toml(&text, "recipe.toml", "credit").expect("a sound recipe");
        let data = root().join("datasets/credit/data.csv");
        let (trained, _) = train_and_measure(&recipe, &data).expect("a model");
        let again = tempfile::tempdir().expect("a folder");
        write_folder(&trained, &hold_out_report(&trained), Sources::default(), again.path())
            .expect("a written folder");
        for file in ["model.json", "vectors.ndjson", "recipe.toml", "card.md"] {
            let new = std::fs::read_to_string(again.path().join(file)).expect(file);
            assert!(new == read(frozen, file), "{frozen:?}: {file} differs after training again");
        }
    }
}
