//! The texts of a model's answers as JSON, written once when it is loaded.

use crate::output::leaf_numbers;
use arrears_model::Model;

/// JSON texts by position.
pub(crate) struct Words {
    /// `{"name":...,"version":...,"checksum":...}`.
    pub(crate) model: String,
    /// Names of grades, quoted.
    pub(crate) grades: Vec<String>,
    /// Names of segments, quoted.
    pub(crate) segments: Vec<String>,
    /// For each field `{"field":...,"text":...,"points":`; of a model of amounts `"amount":` at the end.
    pub(crate) reasons: Vec<String>,
    /// For each field `{"field":...,"what":`.
    pub(crate) flags: Vec<String>,
    /// For each node of a tree its number in the leaf table; 0 where it is no leaf.
    pub(crate) leaves: Vec<i64>,
    /// Whether customers get a pd, score and grade.
    pub(crate) gives_pd: bool,
    /// Whether customers get a credit limit.
    pub(crate) gives_limit: bool,
    /// The name of each tier, and its strategy.
    pub(crate) tiers: Vec<(String, String)>,
    /// Whether customers get an expected amount.
    pub(crate) gives_amount: bool,
}

impl Words {
    pub(crate) fn of(model: &Model) -> Self {
        let fields = &model.schema.fields;
        let unit = if model.gives_amount() { "amount" } else { "points" };
        let reason = |field: &arrears_model::Field| {
            let (name, text) = (quoted(&field.name), quoted(field.reason_text()));
            format!(r#"{{"field":{name},"text":{text},"{unit}":"#)
        };
        let flag = |field: &arrears_model::Field| format!(r#"{{"field":{},"what":"#, quoted(&field.name));
        let tiers = model.decisions.iter().flat_map(|d| &d.tiers).flat_map(|tiers| &tiers.tiers);
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
            leaves: leaf_numbers(model).unwrap_or_default(),
            gives_pd: model.gives_pd(),
            gives_limit: model.decisions.as_ref().is_some_and(|d| d.limit.is_some()),
            tiers: tiers.map(|tier| (quoted(&tier.name), quoted(&tier.strategy()))).collect(),
            gives_amount: model.gives_amount(),
        }
    }
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
