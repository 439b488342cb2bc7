//! An expert model with data: the points stay, the pd is calibrated on the outcome, the profile is filled.

use super::build::{Built, build};
use super::calibrate::{Calibration, calibrate};
use super::declared::DECLARED;
use super::section::{CharacteristicSection, ExpertSection};
use super::{ENGINE, baseline, section};
use crate::assemble::assemble;
use crate::decisions::with_decisions;
use crate::error::TrainError;
use crate::fitted::{Fitted, VariableReport, log_odds_by_row};
use crate::recipe::Recipe;
use crate::rows::Rows;
use crate::settings;
use crate::train::{Trained, check_outcome, name_sources};
use arrears_data::preparation::{ColumnRecipe, DeclaredType};
use arrears_data::{Cleaned, ColumnRef, Loaded, Split, Table, clean};
use arrears_model::formula::Formulas;
use arrears_model::provenance::{Fit, Provenance, Rows as RowCounts};
use arrears_model::scale::Scale;
use arrears_model::{Cell, Field, Predictor, Schema, Value};

/// Reads the data by the columns of the section, calibrates on the training rows where the recipe names an outcome, and
/// holds the others out.
///
/// # Errors
/// See [`TrainError`].
pub(crate) fn train_expert(recipe: Recipe, loaded: Loaded, data_name: &str) -> Result<Trained, TrainError> {
    settings::check(&recipe)?;
    recipe.scale.check(recipe.model.kind)?;
    let section = section(&recipe)?.clone();
    section.check()?;
    let recipe = name_sources(with_columns(recipe, &section, &loaded), data_name, None);
    let mut cleaned = clean(loaded, &recipe.preparation)?;
    let split = cleaned.split(&recipe.preparation.split)?;
    let declared = recipe.scale.by_odds();
    let built = build(&section, &declared, baseline(&recipe))?;
    let schema = Schema { fields: built.fields.clone(), ..cleaned.schema_for(&[]) };
    cleaned.table = with_results(&cleaned.table, &schema)?;
    let scorable = scorable(&schema, &cleaned, &split)?;
    if scorable.is_empty() {
        return Err(TrainError::NoFeatures(
            "no training row has all that the characteristics need".to_owned(),
        ));
    }
    let rows = Rows::from_table(&schema, &cleaned.table, &scorable, cleaned.bad.as_deref(), None)?;
    let mut notes = section.notes.clone();
    let lost = split.train.len() - scorable.len();
    if lost > 0 {
        notes.push(format!(
            "{lost} of {} training rows cannot be scored: a value is missing or refused",
            split.train.len()
        ));
    }
    let built = match rows.bad.is_empty() {
        true => {
            notes.push(DECLARED.to_owned());
            built
        }
        false => {
            check_outcome(&recipe, &rows)?;
            let found = on_rows(&built, &rows)?;
            notes.push(calibrated(&found, &rows, &declared));
            build(&section, &found.scale(declared.base_score), baseline(&recipe))?
        }
    };
    let fit = Fit { converged: (!rows.bad.is_empty()).then_some(true), gradient_norm: None, notes };
    let provenance = Provenance {
        program: concat!("arrears ", env!("CARGO_PKG_VERSION")).to_owned(),
        engine: ENGINE.to_owned(),
        data: data_name.to_owned(),
        data_sha256: cleaned.fingerprint.clone(),
        rows: row_counts(&cleaned, &split),
        recipe: recipe.to_toml()?,
        fit: fit.clone(),
    };
    let variables = used(&section);
    let mut of_grades = recipe.clone();
    of_grades.model.baseline = Some(baseline(&recipe));
    if recipe.grades.is_empty() {
        of_grades.grades = built.grades;
    }
    let fitted = Fitted {
        transforms: built.transforms,
        codes: Vec::new(),
        predictor: Predictor::Additive(built.additive),
        fit,
        coefficients: Vec::new(),
        goodness: None,
        variables: variables.clone(),
        stepwise: Vec::new(),
    };
    let model = with_decisions(assemble(&of_grades, &rows, fitted, Some(built.scale), provenance)?, &recipe)?;
    Ok(Trained {
        model,
        recipe,
        warnings: Vec::new(),
        variables,
        stepwise: Vec::new(),
        coefficients: Vec::new(),
        goodness: None,
        segments: None,
        rejects: None,
        choice_of_k: None,
        blend: Vec::new(),
        cleaned,
        split,
    })
}

pub(crate) fn row_counts(cleaned: &Cleaned, split: &Split) -> RowCounts {
    let bads = |bad: &Vec<bool>| split.train.iter().filter(|row| bad[**row]).count() as u64;
    RowCounts {
        read: cleaned.report.read,
        kept: cleaned.table.rows() as u64,
        train: split.train.len() as u64,
        train_bads: cleaned.bad.as_ref().map(bads),
        test: split.test.len() as u64,
    }
}

/// Every characteristic is in the model, for somebody wrote it down.
fn used(section: &ExpertSection) -> Vec<VariableReport> {
    let one = |c: &CharacteristicSection| {
        let weight = c.weight.map(|weight| format!("weight {weight}"));
        let what = weight.or(c.slope.map(|slope| format!("{slope} points for each unit")));
        let reason = [c.group.clone(), what].into_iter().flatten().collect::<Vec<_>>().join(", ");
        VariableReport { variable: section.column(c).to_owned(), kept: true, iv: None, reason }
    };
    section.characteristics.iter().map(one).collect()
}

/// The table with a column for each formula.
pub(crate) fn with_results(table: &Table, schema: &Schema) -> Result<Table, TrainError> {
    // A formula is looked at before it is run.
    schema.check()?;
    let formulas = Formulas::of(schema);
    if formulas.is_empty() {
        return Ok(table.clone());
    }
    let inputs = schema.inputs().map(|field| {
        let column = table.column(&field.name);
        Ok((field, column.ok_or_else(|| TrainError::NoColumn(field.name.clone()))?))
    });
    let inputs: Vec<_> = inputs.collect::<Result<_, TrainError>>()?;
    let mut results = vec![Vec::with_capacity(table.rows()); schema.fields.len()];
    for row in 0..table.rows() {
        let cell = |(field, column): &(&Field, ColumnRef<'_>)| {
            field.ingest(&schema.missing, column.value(row)).map_or(Cell::Missing, |(cell, _)| cell)
        };
        let cells: Vec<Cell> = inputs.iter().map(cell).collect();
        for (field, value) in formulas.results(schema, &cells) {
            results[field].push(if let Value::Number(x) = value { Some(x) } else { None });
        }
    }
    let mut table = table.clone();
    for (field, results) in schema.fields.iter().zip(results).filter(|(field, _)| field.formula.is_some()) {
        table = table.with_column(&field.name, results)?;
    }
    Ok(table)
}

/// The rows as the split deals them, those left out that the model refuses.
pub(crate) fn scorable(schema: &Schema, cleaned: &Cleaned, split: &Split) -> Result<Vec<usize>, TrainError> {
    let columns = schema.fields.iter().map(|field| {
        let column = cleaned.table.column(&field.name);
        Ok((field, column.ok_or_else(|| TrainError::NoColumn(field.name.clone()))?))
    });
    let columns: Vec<_> = columns.collect::<Result<_, TrainError>>()?;
    let takes = |row: &usize| {
        columns.iter().all(|(field, column)| {
            let value: Value<'_> = column.value(*row);
            field.ingest(&schema.missing, value).is_ok()
        })
    };
    Ok(split.train.iter().copied().filter(takes).collect())
}

fn on_rows(built: &Built, rows: &Rows<'_>) -> Result<Calibration, TrainError> {
    let log_odds = log_odds_by_row(&built.additive, rows, &built.transforms, &[]);
    let scores: Vec<f64> = log_odds.into_iter().map(|log_odds| built.scale.score(log_odds)).collect();
    calibrate(&scores, &rows.bad)
}

fn calibrated(found: &Calibration, rows: &Rows<'_>, declared: &Scale) -> String {
    let [low, high] = found.held;
    format!(
        "the pd is calibrated on {} training rows, {} of them bad: log-odds of bad = {:.6} - {:.6} x score, scores below {low:.4} \
         and above {high:.4} (1st and 99th percentile) counted as these; that is {:.4} points to double the odds, where the \
         recipe declares {:.4}; the points are as written",
        rows.len(),
        rows.bads(),
        found.intercept,
        found.slope,
        std::f64::consts::LN_2 / found.slope,
        declared.pdo
    )
}

/// What cleaning has to know: the characteristics are the features, of these types, and no other column is one.
fn with_columns(mut recipe: Recipe, section: &ExpertSection, loaded: &Loaded) -> Recipe {
    let data = &mut recipe.preparation.data;
    if let (None, Some(outcome)) = (&data.target, &section.outcome) {
        data.target = Some(outcome.column.clone());
        data.positive = Some(outcome.bad.clone());
    }
    let split = recipe.preparation.split.column.clone();
    let inputs = section.inputs.iter().map(|input| input.column.as_str());
    let of_section: Vec<&str> =
        section.characteristics.iter().map(|c| section.column(c)).chain(inputs).collect();
    let other = |name: &String| {
        let role = [&data.target, &data.id, &data.weight, &split].into_iter().flatten().any(|r| r == name);
        !role && !of_section.contains(&name.as_str())
    };
    let excluded: Vec<String> = loaded.table.columns().iter().filter(|name| other(name)).cloned().collect();
    data.exclude = excluded;
    for input in &section.inputs {
        let column = ColumnRecipe {
            kind: Some(DeclaredType::Number),
            min: input.min,
            max: input.max,
            ..ColumnRecipe::default()
        };
        recipe.preparation.columns.insert(input.column.clone(), column);
    }
    for characteristic in section.characteristics.iter().filter(|c| c.formula.is_none()) {
        let number = characteristic.groups.is_empty();
        let kind = if number { DeclaredType::Number } else { DeclaredType::Category };
        let column = ColumnRecipe {
            kind: Some(kind),
            min: characteristic.min,
            max: characteristic.max,
            out_of_range: characteristic.out_of_range,
            special: characteristic.special.iter().map(|code| code.code).collect(),
            ..ColumnRecipe::default()
        };
        recipe.preparation.columns.insert(section.column(characteristic).to_owned(), column);
    }
    recipe
}
