//! What the recipe declares of single variables (`[binning.variables.NAME]`), held against the data.

use super::params::{BinningParams, VariableParams};
use crate::error::TrainError;
use crate::selection::edits;
use arrears_data::{Cleaned, Role};
use arrears_model::label::short_list;
use arrears_model::{Field, Kind};

/// Checks that every variable that is declared is a feature, and every category in its `groups` is one of its own in
/// some row that cleaning keeps.
///
/// # Errors
/// [`TrainError::VariableBins`] for the first that is not, with the nearest names there are.
pub fn check_declared(binning: &BinningParams, cleaned: &Cleaned) -> Result<(), TrainError> {
    let grouped = binning.variables.values().any(|own| own.groups.is_some());
    let rows: Vec<usize> = if grouped { (0..cleaned.table.rows()).collect() } else { Vec::new() };
    let schema = cleaned.schema_for(&rows);
    let fields = &schema.fields;
    for (name, own) in &binning.variables {
        let fail = |why: String| Err(TrainError::VariableBins { column: name.clone(), why });
        let Some(field) = fields.iter().find(|field| field.name == *name) else {
            return fail(no_feature(cleaned, name, fields));
        };
        let categories: Vec<&str> = field.categories().iter().map(String::as_str).collect();
        let named = own.groups.iter().flatten().flatten();
        let unknown = named.filter(|_| matches!(field.kind, Kind::Category { .. }));
        if let Some(unknown) = unknown.into_iter().find(|category| !categories.contains(&category.as_str())) {
            return fail(format!(
                "`groups` names {unknown:?}, which is no category of it; {}",
                there_are(unknown, &categories)
            ));
        }
    }
    Ok(())
}

/// Why a name is not that of a feature.
fn no_feature(cleaned: &Cleaned, name: &str, fields: &[Field]) -> String {
    let column = cleaned.report.types.iter().find(|column| column.column == name);
    match column.map(|column| (column.role, &column.note)) {
        Some((Role::Excluded, _)) => {
            "the column is excluded; leave this section out, or the column out of `exclude` in [data]"
                .to_owned()
        }
        Some((Role::LeftOut, Some(note))) => {
            format!("the column is no feature ({note}); leave this section out")
        }
        Some((role, _)) => {
            format!("the column is no feature, but: {}; leave this section out", role.describe())
        }
        None => {
            let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            format!("there is no such column; {}", there_are(name, &names))
        }
    }
}

/// The names nearest to one that is not among them; where none is near, what there is.
fn there_are(name: &str, known: &[&str]) -> String {
    let most = name.chars().count().div_ceil(2);
    let mut near: Vec<(usize, &str)> = known.iter().map(|known| (edits(name, known), *known)).collect();
    near.retain(|(edits, _)| *edits <= most);
    near.sort_by_key(|(edits, _)| *edits);
    let near: Vec<String> = near.iter().take(3).map(|(_, known)| format!("`{known}`")).collect();
    match near.len() {
        0 => format!("there are {}", short_list(known)),
        _ => format!("the closest: {}", near.join(", ")),
    }
}

/// What is declared of a variable's bins and changes nothing, in words. `field` knows the categories of the rows that
/// are binned.
pub fn without_effect(field: &Field, own: &VariableParams) -> Vec<String> {
    let category = matches!(field.kind, Kind::Category { .. });
    let given = if category { own.groups.is_some() } else { own.splits.is_some() };
    let limits = [
        ("trend", own.trend.is_some() && !category),
        ("min_bins", own.min_bins.is_some()),
        ("max_bins", own.max_bins.is_some()),
        ("min_share", own.min_share.is_some()),
        ("max_p_value", own.max_p_value.is_some()),
    ];
    let set: Vec<String> = limits.iter().filter(|(_, set)| *set).map(|(key, _)| format!("`{key}`")).collect();
    let mut notes = Vec::new();
    let mut say = |when: bool, text: String| notes.extend(when.then_some(text));
    say(
        category && own.trend.is_some(),
        "`trend` has no effect: the bins of a category stand in order of their bad rate".to_owned(),
    );
    say(
        category && own.special.is_some(),
        "`special` has no effect: a category has no special codes".to_owned(),
    );
    let bins = if category { "groups" } else { "splits" };
    let (verb, what) = (if set.len() == 1 { "has" } else { "have" }, set.join(", "));
    say(
        given && !own.merge && !set.is_empty(),
        format!(
            "{what} {verb} no effect: `{bins}` are the bins as given; with merge = true they may be joined"
        ),
    );
    say(own.merge && !given, format!("`merge` has no effect without `{bins}`"));
    let named = own.groups.iter().flatten().flatten().filter(|_| category);
    let gone: Vec<&str> =
        named.map(String::as_str).filter(|name| !field.categories().iter().any(|c| c == name)).collect();
    say(!gone.is_empty(), format!("no training row has {} of `groups`: taken for unseen", short_list(&gone)));
    notes
}
