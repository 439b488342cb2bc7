//! The scorecards that ship with the program, written in the language of everybody's own.

use crate::error::TrainError;
use toml::{Table, Value};

/// Names and texts of the presets.
pub const PRESETS: [(&str, &str); 9] = [
    ("altman-z", include_str!("../../presets/altman-z.toml")),
    ("altman-z-amounts", include_str!("../../presets/altman-z-amounts.toml")),
    ("altman-z1", include_str!("../../presets/altman-z1.toml")),
    ("altman-z1-amounts", include_str!("../../presets/altman-z1-amounts.toml")),
    ("altman-z2", include_str!("../../presets/altman-z2.toml")),
    ("altman-z2-amounts", include_str!("../../presets/altman-z2-amounts.toml")),
    ("altman-z2-em", include_str!("../../presets/altman-z2-em.toml")),
    ("altman-z2-em-amounts", include_str!("../../presets/altman-z2-em-amounts.toml")),
    ("fico-style", include_str!("../../presets/fico-style.toml")),
];

/// A recipe with a section `[expert]` or `[blend]` as it is meant: of kind `expert` or `logistic` where it names none, and with its preset below it: a
/// key of the recipe goes before the same key of the preset, a list in place of the list. `None` of any other recipe.
///
/// # Errors
/// There is no preset of that name. A text that is not TOML is left to its reader.
pub(crate) fn completed(text: &str, file: &str) -> Result<Option<String>, TrainError> {
    let wrong = |why: String| TrainError::Recipe { name: file.to_owned(), why };
    let Ok(mut own) = text.parse::<Table>() else { return Ok(None) };
    let kind = match (own.contains_key("expert"), own.contains_key("blend")) {
        (true, _) => "expert",
        (false, true) => "logistic",
        (false, false) => return Ok(None),
    };
    let preset = own.get("expert").and_then(|expert| expert.get("preset"));
    let preset = preset.and_then(Value::as_str).map(str::to_owned);
    if let Value::Table(model) = own.entry("model").or_insert_with(|| Value::Table(Table::new())) {
        model.entry("kind").or_insert_with(|| kind.into());
    }
    let Some(name) = preset else { return toml::to_string(&own).map(Some).map_err(|e| wrong(e.to_string())) };
    let Some((_, preset)) = PRESETS.iter().find(|(known, _)| **known == name) else {
        let known: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        return Err(wrong(format!(
            "[expert] preset: there is no `{name}`; expected one of {}",
            known.join(", ")
        )));
    };
    let mut below: Table = preset.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
    put_over(&mut below, own);
    toml::to_string(&below).map(Some).map_err(|e| wrong(e.to_string()))
}

fn put_over(below: &mut Table, own: Table) {
    for (key, value) in own {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(own)) => put_over(below, own),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}
