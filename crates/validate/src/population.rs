//! The bad rate a model's pd is in terms of, where its training rows held more or fewer bads on purpose.

use arrears_model::Model;

/// Bad rate of the population that `[scale]` in the model's recipe names; `None` where it names none.
pub(crate) fn population_rate(model: &Model) -> Option<f64> {
    let recipe: toml::Table = model.provenance.recipe.parse().ok()?;
    let scale = recipe.get("scale")?;
    let number = |key: &str| scale.get(key).and_then(|v| v.as_float().or(v.as_integer().map(|n| n as f64)));
    let rate = number("population_bad_rate").or(number("population_odds").map(|odds| 1.0 / (1.0 + odds)))?;
    (rate > 0.0 && rate < 1.0).then_some(rate)
}
