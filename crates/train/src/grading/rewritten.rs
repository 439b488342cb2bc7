//! A model with other grades or decisions, as a new version beside the old one.

use crate::card::rewritten_card;
use crate::decisions::regraded;
use crate::error::TrainError;
use crate::recipe::Recipe;
use crate::vectors::{Vector, expected, synthetic_vectors};
use arrears_data::outcome::outcomes;
use arrears_data::{ColumnRef, Table, atomic_write};
use arrears_model::scale::Grade;
use arrears_model::{Model, Scorer, Value};
use std::path::Path;

/// A model that another was made into.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// The new version.
    pub model: Model,
    /// Checksum of the model it was made from.
    pub from: String,
}

/// The pds and outcomes of the rows that the model scores and whose outcome is known, and how many were left out.
///
/// # Errors
/// The model gives no pd or names no outcome, or the table lacks a column.
pub fn known_outcomes(
    model: &Model,
    table: &Table,
    rows: &[usize],
) -> Result<(Vec<f64>, Vec<bool>, usize), TrainError> {
    let Some(target) = model.schema.target.as_ref().filter(|_| model.gives_pd()) else {
        return Err(TrainError::NoTarget {
            kind: format!("a master scale of the {} `{}`", model.kind, model.name),
        });
    };
    let outcome = outcomes(table, target, &model.schema.missing)?;
    let columns: Vec<ColumnRef<'_>> =
        model.schema.inputs().map(|field| table.require(&field.name)).collect::<Result<_, _>>()?;
    let mut scorer = Scorer::new(model);
    let (mut pds, mut bads) = (Vec::new(), Vec::new());
    for row in rows {
        let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(*row)).collect();
        let pd = scorer.score(&values).ok().and_then(|scored| scored.pd);
        if let (Some(bad), Some(pd)) = (outcome[*row], pd) {
            pds.push(pd);
            bads.push(bad);
        }
    }
    let left_out = rows.len() - pds.len();
    Ok((pds, bads, left_out))
}

/// `model` with these grades as version `version`; `note` says where they come from, and stands among its fit notes.
///
/// Limits and tiers stay with the names of their grades, in the model and in its recipe, which makes the new version when it is
/// trained again.
///
/// # Errors
/// The version is that of the model, the grades do not suit it, or its decisions know nothing of one of them.
pub fn rewritten(
    model: &Model,
    grades: Vec<Grade>,
    version: &str,
    note: String,
) -> Result<Rewritten, TrainError> {
    if model.version == version {
        return Err(TrainError::Parameter {
            section: "model",
            key: "version",
            value: version.to_owned(),
            expected: "another one than the model has",
        });
    }
    let from = model.checksum().to_owned();
    let mut parts = model.clone().into_parts();
    if let Ok(mut recipe) = Recipe::from_toml(&parts.provenance.recipe, "recipe", &parts.name) {
        recipe.version = version.to_owned();
        recipe.grades.clone_from(&grades);
        recipe.decisions.iter_mut().for_each(|section| section.keep_grades(&grades));
        if let Some(expert) = &mut recipe.expert {
            expert.zones.clear();
            // Otherwise those of the preset would come back.
            expert.preset = None;
        }
        parts.provenance.recipe = recipe.to_toml()?;
    }
    parts.decisions = parts.decisions.map(|of| regraded(of, &parts.grades, &grades)).transpose()?;
    parts.grades = grades;
    parts.version = version.to_owned();
    parts.provenance.fit.notes.push(format!("made from version {} (checksum {from}): {note}", model.version));
    Ok(Rewritten { model: Model::new(parts)?, from })
}

impl Rewritten {
    /// Writes the folder of the new version: model, card, recipe and vectors. The vectors are those of `earlier`, the folder of
    /// the model it was made from, where it has some, with what the new version says.
    ///
    /// # Errors
    /// When the folder or a file cannot be written.
    pub fn write(&self, earlier: &Path, folder: &Path) -> Result<(), TrainError> {
        let model = &self.model;
        std::fs::create_dir_all(folder)
            .map_err(|source| TrainError::Write { what: format!("folder {}", folder.display()), source })?;
        let old = std::fs::read_to_string(earlier.join("vectors.ndjson")).unwrap_or_default();
        let rows: Vec<Vector> = old.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let rows = if rows.is_empty() { synthetic_vectors(model) } else { rows };
        let mut lines = String::new();
        for mut vector in rows {
            vector.expected = expected(model, &vector.values(model));
            lines += &serde_json::to_string(&vector).map_err(arrears_model::ModelError::Json)?;
            lines.push('\n');
        }
        atomic_write(&folder.join("recipe.toml"), model.provenance.recipe.as_bytes())?;
        atomic_write(&folder.join("vectors.ndjson"), lines.as_bytes())?;
        atomic_write(&folder.join("card.md"), rewritten_card(model).as_bytes())?;
        atomic_write(&folder.join("model.json"), &model.to_bytes()?)?;
        Ok(())
    }
}
