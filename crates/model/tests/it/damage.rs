use crate::{SAMPLES, sample_bytes};
use arrears_model::file::{body, seal_body};
use arrears_model::{Model, ModelError};

fn resealed(from: &str, to: &str) -> Result<Model, ModelError> {
    let text = String::from_utf8(sample_bytes("v1-tree")).unwrap();
    let body = text.rsplit_once(",\n  \"sha256\"").unwrap().0;
    assert!(body.contains(from), "{from}");
    Model::from_bytes(&seal_body(body.replacen(from, to, 1).as_bytes()))
}

fn message(result: Result<Model, ModelError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for name in SAMPLES {
        let bytes = sample_bytes(name);
        for length in 0..bytes.len() {
            assert!(Model::from_bytes(&bytes[..length]).is_err(), "{name} cut to {length} bytes");
        }
    }
}

#[test]
fn a_body_cut_anywhere_is_an_error_also_under_a_right_checksum() {
    for name in SAMPLES {
        let bytes = sample_bytes(name);
        let body = body(&bytes).unwrap();
        for length in 0..body.len() {
            let result = Model::from_bytes(&seal_body(&body[..length]));
            assert!(matches!(result, Err(ModelError::Json(_))), "{name} cut to {length} bytes");
        }
        assert!(Model::from_bytes(&seal_body(body)).is_ok());
    }
}

#[test]
fn a_flipped_bit_anywhere_is_an_error() {
    for name in SAMPLES {
        let mut bytes = sample_bytes(name);
        let body = body(&bytes).unwrap().len();
        for at in 0..bytes.len() {
            bytes[at] ^= 1 << (at % 8);
            let result = Model::from_bytes(&bytes);
            if at < body {
                assert!(matches!(result, Err(ModelError::Checksum { .. })), "{name} byte {at}");
            } else {
                assert!(matches!(result, Err(ModelError::Checksum { .. } | ModelError::NoChecksum)));
            }
            bytes[at] ^= 1 << (at % 8);
        }
        assert!(Model::from_bytes(&bytes).is_ok());
    }
}

#[test]
fn a_file_with_something_added_is_an_error() {
    for added in ["\n", " ", "\0", "{}", "\u{feff}"] {
        let bytes = sample_bytes("v1-tree");
        assert!(Model::from_bytes(&[added.as_bytes(), &bytes].concat()).is_err());
        assert!(Model::from_bytes(&[&bytes, added.as_bytes()].concat()).is_err());
    }
    let dos = String::from_utf8(sample_bytes("v1-tree")).unwrap().replace('\n', "\r\n");
    assert!(matches!(Model::from_bytes(dos.as_bytes()), Err(ModelError::NoChecksum)));
}

#[test]
fn the_checksum_error_shows_both_sums() {
    let bytes = sample_bytes("v1-tree");
    let model = Model::from_bytes(&bytes).unwrap();
    let changed = String::from_utf8(bytes).unwrap().replace("0.25", "0.26");
    let text = message(Model::from_bytes(changed.as_bytes()));
    assert!(text.starts_with(&format!("checksum mismatch: the file says {}, its content", model.sha256())));
    assert!(text.ends_with("train again, or fetch the file again"));
}

#[test]
fn a_file_that_is_no_model_says_so() {
    for bytes in ["", "{}", "a,b\n1,2\n"] {
        let text = message(Model::from_bytes(bytes.as_bytes()));
        assert!(text.starts_with("the last line must be the file's `sha256`"), "{text}");
    }
    let text = message(Model::from_bytes(&seal_body(b"{")));
    assert!(text.starts_with("not a model file: "), "{text}");
}

#[test]
fn another_format_is_named_before_its_content_is_read() {
    let text = message(resealed("\"format_version\": 1", "\"format_version\": 5"));
    assert_eq!(
        text,
        "format `arrears-model` version 5 is not known here; this program reads `arrears-model` versions 1 to 4"
    );
    let other = br#"{"format": "other", "format_version": 1, "weights": []"#;
    let text = message(Model::from_bytes(&seal_body(other)));
    assert!(text.starts_with("format `other` version 1 is not known here"), "{text}");
    let long = format!(r#"{{"format": "{}", "format_version": 1"#, "很".repeat(500));
    assert!(message(Model::from_bytes(&seal_body(long.as_bytes()))).len() < 400);
}

#[test]
fn keys_must_be_known_present_and_single() {
    for (from, to, expected) in [
        ("\"kind\": \"tree\"", "\"kind\": \"tree\", \"colour\": 1", "unknown field `colour`"),
        ("\"count\": 100", "\"count\": 100, \"extra\": 1", "unknown field `extra`"),
        ("\"kind\": \"tree\",", "", "missing field `kind`"),
        ("\"kind\": \"tree\"", "\"kind\": \"tree\", \"kind\": \"tree\"", "duplicate field `kind`"),
        ("\"kind\": \"tree\"", "\"kind\": \"forest\"", "unknown variant `forest`"),
        ("\"count\": 100", "\"count\": -1", "invalid value"),
        ("\"count\": 100", "\"count\": 1.5", "invalid type"),
        ("\"pd\": 0.25", "\"pd\": 1e999", "number out of range"),
        ("\"pd\": 0.25", "\"pd\": NaN", "expected value"),
        ("\"pd\": 0.25", "\"pd\": \"0.25\"", "invalid type"),
    ] {
        let text = message(resealed(from, to));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn keys_of_no_value_may_be_left_out_and_stand_in_any_order() {
    let model = Model::from_bytes(&sample_bytes("v1-tree")).unwrap();
    let without = resealed("\"label\": null,", "").unwrap();
    let moved = resealed("\"name\": \"sample-tree\",", "").unwrap_err();
    assert!(moved.to_string().contains("missing field `name`"));
    let moved = resealed("\"format\": \"arrears-model\",", "").unwrap_err();
    assert!(moved.to_string().contains("missing field `format`"));
    assert_eq!(without.clone().into_parts(), model.clone().into_parts());
    assert_ne!(without.sha256(), model.sha256());
    // A JSON object of serde_json has its keys in the order of the alphabet.
    let sorted: serde_json::Value = serde_json::from_slice(&sample_bytes("v1-tree")).unwrap();
    let mut sorted = sorted.as_object().unwrap().clone();
    sorted.remove("sha256");
    let text = serde_json::to_string(&sorted).unwrap();
    let again = Model::from_bytes(&seal_body(text.strip_suffix('}').unwrap().as_bytes())).unwrap();
    assert_eq!(again.into_parts(), model.into_parts());
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for place in ["\"nodes\": [", "\"fields\": [", "\"grades\": ["] {
        let to = format!("\"deep\": {}, {place}", deep(100_000));
        let text = message(resealed(place, &to));
        assert!(text.contains("recursion limit") || text.contains("unknown field `deep`"), "{text}");
        let to = format!("{place}{}, ", deep(100_000));
        assert!(message(resealed(place, &to)).starts_with("not a model file: "));
    }
}
