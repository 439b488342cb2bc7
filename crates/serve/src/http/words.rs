//! The texts of a model's answers as JSON, written once when it is loaded.

use arrears_model::leaves::leaf_table;
use arrears_model::{Model, Predictor};

/// JSON texts by position.
pub(crate) struct Words {
    /// `{"name":...,"version":...,"checksum":...}`.
    pub(crate) model: String,
    /// Names of grades, quoted.
    pub(crate) grades: Vec<String>,
    /// Names of segments, quoted.
    pub(crate) segments: Vec<String>,
    /// For each field `{"field":...,"text":...,"points":`.
    pub(crate) reasons: Vec<String>,
    /// For each field `{"field":...,"what":`.
    pub(crate) flags: Vec<String>,
    /// For each node of a tree its number in the leaf table; 0 where it is no leaf.
    pub(crate) leaves: Vec<i64>,
    /// Whether customers get a pd, score and grade.
    pub(crate) gives_pd: bool,
}

impl Words {
    pub(crate) fn of(model: &Model) -> Self {
        let fields = &model.schema.fields;
        let reason = |field: &arrears_model::Field| {
            format!(r#"{{"field":{},"text":{},"points":"#, quoted(&field.name), quoted(field.reason_text()))
        };
        let flag = |field: &arrears_model::Field| format!(r#"{{"field":{},"what":"#, quoted(&field.name));
        Words {
            model: format!(
                r#"{{"name":{},"version":{},"checksum":{}}}"#,
                quoted(&model.name),
                quoted(&model.version),
                quoted(model.checksum())
            ),
            grades: model.grades.iter().map(|grade| quoted(&grade.name)).collect(),
            segments: model.segment_names().into_iter().map(quoted).collect(),
            reasons: fields.iter().map(reason).collect(),
            flags: fields.iter().map(flag).collect(),
            leaves: leaves(model),
            gives_pd: model.gives_pd(),
        }
    }
}

fn leaves(model: &Model) -> Vec<i64> {
    let (Predictor::Tree(tree), Some(leaves)) = (&model.predictor, leaf_table(model)) else {
        return Vec::new();
    };
    let mut numbers = vec![0; tree.nodes.len()];
    leaves.iter().for_each(|leaf| numbers[leaf.rule.node] = leaf.leaf as i64);
    numbers
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
