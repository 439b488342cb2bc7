//! From rows with scores and outcomes to the model.

use super::fields::{log_odds, without};
use super::fit::{Place, fit};
use super::section::BlendSection;
use crate::assemble::assemble;
use crate::blend::compared::compared;
use crate::decisions::with_decisions;
use crate::error::TrainError;
use crate::expert::measured::{row_counts, scorable, with_results};
use crate::recipe::Recipe;
use crate::rows::Rows;
use crate::scaling::scale_fitted;
use crate::settings;
use crate::train::{Trained, check_outcome, name_sources};
use crate::warnings::too_few;
use arrears_data::preparation::DeclaredType;
use arrears_data::{Cleaned, Loaded, Split, clean};
use arrears_model::provenance::Provenance;
use arrears_model::{Kind, Schema};

/// Fits the blend that the recipe asks for.
///
/// # Errors
/// See [`TrainError`].
pub(crate) fn train_blend(recipe: Recipe, loaded: Loaded, data_name: &str) -> Result<Trained, TrainError> {
    settings::check(&recipe)?;
    let Some(section) = recipe.blend.clone() else {
        return Err(TrainError::NoFeatures("there is no section [blend]".to_owned()));
    };
    section.check(&recipe)?;
    recipe.scale.check(recipe.model.kind)?;
    let recipe = name_sources(with_columns(recipe, &section, &loaded), data_name, None);
    let mut cleaned = clean(loaded, &recipe.preparation)?;
    let split = cleaned.split(&recipe.preparation.split)?;
    let mut schema = scores(&section, &cleaned)?;
    cleaned.table = with_results(&cleaned.table, &schema)?;
    let mut lost = split.train.len();
    let train = with_score(&schema, &cleaned, &split)?;
    lost -= train.len();
    let internal = if log_odds(&section).is_some() { schema.fields.len() - 1 } else { 0 };
    let mut places = Vec::new();
    {
        let rows = rows_of(&schema, &cleaned, &train)?;
        check_outcome(&recipe, &rows)?;
        for (at, external) in section.external.iter().enumerate() {
            let without = without(&rows, internal, at + 1);
            let own = without.own(external.missing);
            places.push(Place { external, field: at + 1, without, own, slope: None });
        }
    }
    for place in places.iter_mut().filter(|place| place.own == Some(super::section::Own::Slope)) {
        place.slope = Some(schema.fields.len());
        schema.fields.push(place.without.slope(&section, &place.external.column));
    }
    cleaned.table = with_results(&cleaned.table, &schema)?;
    let rows = rows_of(&schema, &cleaned, &train)?;
    let mut fitted = fit(&rows, &section, internal, &places, &recipe.logistic, recipe.model.baseline())?;
    let mut warnings = too_few(&cleaned, &split.test, &rows);
    if lost > 0 {
        warnings.push(format!(
            "{lost} of {} training rows have no usable `{}` and are left out",
            split.train.len(),
            section.internal.column()
        ));
    }
    let scale = scale_fitted(&recipe, &rows, &mut fitted)?;
    fitted.fit.notes.extend(warnings.iter().cloned());
    let provenance = Provenance {
        program: concat!("arrears ", env!("CARGO_PKG_VERSION")).to_owned(),
        engine: recipe.model.engine().to_string(),
        data: data_name.to_owned(),
        data_sha256: cleaned.fingerprint.clone(),
        rows: row_counts(&cleaned, &split),
        recipe: recipe.to_toml()?,
        fit: fitted.fit.clone(),
    };
    let (variables, coefficients) = (fitted.variables.clone(), fitted.coefficients.clone());
    let goodness = fitted.goodness.clone();
    let model = with_decisions(assemble(&recipe, &rows, fitted, scale, provenance)?, &recipe)?;
    drop(rows);
    let compared = compared(&section, &model, &cleaned, &split)?;
    Ok(Trained {
        model,
        recipe,
        warnings,
        variables,
        stepwise: Vec::new(),
        coefficients,
        goodness,
        segments: None,
        rejects: None,
        choice_of_k: None,
        blend: compared,
        cleaned,
        split,
    })
}

fn rows_of<'t>(schema: &Schema, cleaned: &'t Cleaned, train: &'t [usize]) -> Result<Rows<'t>, TrainError> {
    Rows::from_table(schema, &cleaned.table, train, cleaned.bad.as_deref(), cleaned.weights.as_deref())
}

/// The fields of the scores in the order of the section, the internal one first and required, then its log-odds.
fn scores(section: &BlendSection, cleaned: &Cleaned) -> Result<Schema, TrainError> {
    let all = cleaned.schema_for(&[]);
    let field = |column: &str| {
        let field = all.fields.iter().find(|field| field.name == column).cloned();
        let field = field.ok_or_else(|| TrainError::NoColumn(column.to_owned()))?;
        match field.kind {
            Kind::Number { .. } => Ok(field),
            Kind::Category { .. } => Err(TrainError::Blend {
                column: column.to_owned(),
                why: "it holds texts; a score is a number".to_owned(),
            }),
        }
    };
    let mut fields = section.columns().map(field).collect::<Result<Vec<_>, _>>()?;
    fields[0].required = true;
    fields.extend(log_odds(section));
    let schema = Schema { fields, ..all };
    schema.check()?;
    Ok(schema)
}

/// The training rows that the model can answer and whose weight is above 0.
fn with_score(schema: &Schema, cleaned: &Cleaned, split: &Split) -> Result<Vec<usize>, TrainError> {
    let mut rows = scorable(schema, cleaned, split)?;
    if let Some(weights) = &cleaned.weights {
        rows.retain(|row| weights[*row] > 0.0);
    }
    match rows.is_empty() {
        true => Err(TrainError::NoFeatures("no training row has an internal score".to_owned())),
        false => Ok(rows),
    }
}

/// What cleaning has to know: the scores are the features, numbers all, and no other column is one.
fn with_columns(mut recipe: Recipe, section: &BlendSection, loaded: &Loaded) -> Recipe {
    let data = &mut recipe.preparation.data;
    let split = recipe.preparation.split.column.clone();
    let other = |name: &String| {
        let role = [&data.target, &data.id, &data.weight, &split].into_iter().flatten().any(|r| r == name);
        !role && !section.columns().any(|column| column == name)
    };
    data.exclude = loaded.table.columns().iter().filter(|name| other(name)).cloned().collect();
    for column in section.columns() {
        let declared = recipe.preparation.columns.entry(column.to_owned()).or_default();
        declared.kind = Some(DeclaredType::Number);
    }
    recipe
}
