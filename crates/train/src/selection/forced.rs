//! `force_in` and `force_out` against the columns there are, for every kind of model.

use super::{FORCED_OUT, SelectionParams};
use crate::error::TrainError;
use crate::fitted::VariableReport;
use crate::recipe::Recipe;
use arrears_data::{Cleaned, Role};
use arrears_model::{ModelKind, Schema};

/// Checks that what is forced in or out is a variable. What cleaning left out of its own accord may be forced out:
/// whether it does depends on the rows.
///
/// # Errors
/// [`TrainError::UnknownVariable`] with the closest variable, or [`TrainError::NoVariable`] with what the column is.
pub(crate) fn check_forced(params: &SelectionParams, cleaned: &Cleaned) -> Result<(), TrainError> {
    let columns = &cleaned.report.types;
    let features = columns.iter().filter(|c| c.role == Role::Feature).map(|c| c.column.as_str());
    let features: Vec<&str> = features.collect();
    for (key, wanted) in [("force_in", &params.force_in), ("force_out", &params.force_out)] {
        for name in wanted {
            let Some(column) = columns.iter().find(|c| c.column == *name) else {
                return Err(super::params::unknown(key, name, &features));
            };
            let why = match column.role {
                Role::Feature => continue,
                Role::LeftOut if key == "force_out" => continue,
                Role::LeftOut => {
                    let note = column.note.as_deref().unwrap_or("it is of no use");
                    format!("cleaning leaves it out: {note}")
                }
                Role::Target => "it holds the outcome".to_owned(),
                Role::Id => "it is the id".to_owned(),
                Role::Weight => "it holds the weights of the rows".to_owned(),
                Role::Split => "it says which rows are held out".to_owned(),
                Role::AsOf => "it is the date that rows are as of".to_owned(),
                Role::Group => "its rows are kept together, by `group` in [split]".to_owned(),
                Role::Excluded => "it is listed in `exclude` in [data], or after --exclude".to_owned(),
            };
            return Err(TrainError::NoVariable { key, name: name.clone(), why });
        }
    }
    Ok(())
}

/// Takes what is forced out out of the schema, but for a scorecard, whose selection does it and tells the IV. Gives the
/// place and name of each.
///
/// # Errors
/// When nothing is left.
pub(crate) fn leave_forced_out(
    recipe: &Recipe,
    schema: &mut Schema,
) -> Result<Vec<(usize, String)>, TrainError> {
    let out = |name: &str| recipe.selection.force_out.iter().any(|forced| forced == name);
    if recipe.model.kind == ModelKind::Scorecard {
        return Ok(Vec::new());
    }
    let names = schema.fields.iter().map(|f| f.name.clone()).enumerate();
    let forced: Vec<(usize, String)> = names.filter(|(_, name)| out(name)).collect();
    schema.fields.retain(|f| !out(&f.name));
    if schema.fields.is_empty() && !forced.is_empty() {
        return Err(TrainError::NoFeatures("`force_out` in [selection] names every one".to_owned()));
    }
    Ok(forced)
}

/// Puts what was forced out back among the variables, in its place.
pub(crate) fn tell_forced_out(forced: Vec<(usize, String)>, variables: &mut Vec<VariableReport>) {
    for (place, variable) in forced {
        let reason = FORCED_OUT.to_owned();
        variables
            .insert(place.min(variables.len()), VariableReport { variable, kept: false, iv: None, reason });
    }
}
