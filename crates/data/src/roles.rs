//! The part each column plays, and the fields that become features.

use crate::cleaning_report::{ColumnReport, Role};
use crate::error::DataError;
use crate::infer::{ColumnType, Inferred, infer};
use crate::preparation::{ColumnRecipe, Preparation};
use crate::table::Table;
use arrears_model::schema::{Field, Kind};

/// Most categories of a text column that was not declared to be a category.
const MOST_CATEGORIES: usize = 1_000;

/// Rows with a value above which a text column with more categories than half of them is left out.
const ROWS_TO_TELL_FREE_TEXT: usize = 50;

/// What each column of a table is for, in file order.
pub(crate) fn roles(
    table: &Table,
    preparation: &Preparation,
    missing: &[String],
) -> Result<Vec<ColumnReport>, DataError> {
    check_names(table, preparation)?;
    let columns: Vec<ColumnReport> =
        infer(table, missing).into_iter().map(|column| report(column, preparation)).collect();
    columns.iter().try_for_each(|column| check_words(column, preparation))?;
    Ok(columns)
}

/// Words for high and low values are of numbers.
fn check_words(column: &ColumnReport, preparation: &Preparation) -> Result<(), DataError> {
    let said = preparation.columns.get(&column.column);
    let words = said.is_some_and(|said| said.high.is_some() || said.low.is_some());
    if !words || matches!(column.kind, ColumnType::Number | ColumnType::Empty) {
        return Ok(());
    }
    let why = column.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    let problem = format!(
        "belong to a column of numbers; this one holds {}{why}",
        match column.kind {
            ColumnType::Date => "dates",
            _ => "text",
        }
    );
    Err(DataError::recipe(format!("columns.{}: high, low", column.column), problem))
}

/// The features, with their declared policies; categories are not filled in yet.
pub(crate) fn fields(columns: &[ColumnReport], preparation: &Preparation) -> Vec<Field> {
    let features = columns.iter().filter(|c| c.role == Role::Feature);
    let own = |c: &ColumnReport| preparation.columns.get(&c.column).cloned().unwrap_or_default();
    features.map(|c| field(c, own(c), &preparation.clean.special)).collect()
}

fn field(column: &ColumnReport, recipe: ColumnRecipe, special_everywhere: &[f64]) -> Field {
    let kind = match column.kind {
        ColumnType::Number => {
            let special = recipe.special_codes(special_everywhere);
            let out_of_range = recipe.out_of_range.unwrap_or_default();
            Kind::Number { min: recipe.min, max: recipe.max, out_of_range, special }
        }
        _ => Kind::Category { categories: Vec::new(), unseen: recipe.unseen.unwrap_or_default() },
    };
    Field { name: column.column.clone(), kind, reason: recipe.reason, required: false, formula: None }
}

fn check_names(table: &Table, preparation: &Preparation) -> Result<(), DataError> {
    let data = &preparation.data;
    let split = &preparation.split;
    let named = [&data.target, &data.id, &data.as_of, &data.weight, &split.column, &split.group];
    let named = named.into_iter().flatten();
    for name in named.chain(&data.exclude).chain(preparation.columns.keys()) {
        table.require(name)?;
    }
    for name in preparation.columns.keys() {
        let key = || format!("columns.{name}");
        if data.target.as_ref() == Some(name) || data.id.as_ref() == Some(name) {
            return Err(DataError::recipe(key(), "is the target or the id, so it cannot be a feature"));
        }
        if data.as_of.as_ref() == Some(name) || split.group.as_ref() == Some(name) {
            let problem = "is data.as_of or split.group, so it cannot be a feature";
            return Err(DataError::recipe(key(), problem));
        }
        if data.weight.as_ref() == Some(name) {
            return Err(DataError::recipe(key(), "holds the weights, so it cannot be a feature"));
        }
        if data.exclude.contains(name) {
            return Err(DataError::recipe(key(), "is listed in data.exclude, so it cannot be a feature"));
        }
    }
    let others = [&data.target, &data.id, &data.weight];
    if data.as_of.is_some() && others.contains(&&data.as_of) {
        let problem = "is the target, the id or the weight too; name another column";
        return Err(DataError::recipe("data.as_of", problem));
    }
    if split.group.is_some() && [&data.target, &data.weight].contains(&&split.group) {
        let problem = "is the target or the weight too; name another column";
        return Err(DataError::recipe("split.group", problem));
    }
    match (&data.target, &data.id, &data.weight) {
        (Some(target), Some(id), _) if target == id => {
            Err(DataError::recipe("data.id", format!("`{id}` is the target too; name another column")))
        }
        (target, id, Some(weight)) if target.as_ref() == Some(weight) || id.as_ref() == Some(weight) => {
            let problem = format!("`{weight}` is the target or the id too; name another column");
            Err(DataError::recipe("data.weight", problem))
        }
        _ => Ok(()),
    }
}

fn report(inferred: Inferred, preparation: &Preparation) -> ColumnReport {
    let data = &preparation.data;
    let name = &inferred.column;
    let recipe = preparation.columns.get(name);
    let kind = match recipe.and_then(ColumnRecipe::declared) {
        Some(declared) if inferred.kind != ColumnType::Empty => declared,
        _ => inferred.kind,
    };
    let (role, note) = if data.target.as_ref() == Some(name) {
        (Role::Target, None)
    } else if data.id.as_ref() == Some(name) {
        (Role::Id, None)
    } else if data.as_of.as_ref() == Some(name) {
        (Role::AsOf, None)
    } else if data.weight.as_ref() == Some(name) {
        (Role::Weight, None)
    } else if data.exclude.contains(name) {
        (Role::Excluded, None)
    } else if preparation.split.column.as_ref() == Some(name) {
        (Role::Split, None)
    } else if preparation.split.group.as_ref() == Some(name) {
        (Role::Group, None)
    } else {
        match why_left_out(&inferred, kind, recipe.is_some()) {
            Some(why) => (Role::LeftOut, Some(why)),
            // A declared type answers the question that the note raises.
            None if recipe.is_some_and(|r| r.declared().is_some()) => (Role::Feature, None),
            None => (Role::Feature, inferred.note.clone()),
        }
    };
    let doubt = inferred.note.as_ref().zip(note.as_ref());
    let doubtful = doubt.is_some_and(|(doubt, note)| note.contains(doubt.as_str()));
    let Inferred { column, distinct, missing, .. } = inferred;
    ColumnReport { column, kind, role, distinct, missing, note, doubtful }
}

fn why_left_out(column: &Inferred, kind: ColumnType, declared: bool) -> Option<String> {
    if kind == ColumnType::Empty {
        return Some("no row has a value".to_owned());
    }
    if column.distinct == 1 && column.missing == 0 {
        return Some("all rows have one value".to_owned());
    }
    if kind == ColumnType::Date {
        return Some("dates are not features".to_owned());
    }
    if declared {
        return None;
    }
    if column.looks_like_id {
        let why = "names rows; declare it as data.id, or under [columns] to use it";
        return Some(column.note.iter().fold(why.to_owned(), |why, note| format!("{why}; {note}")));
    }
    let many = column.distinct > MOST_CATEGORIES
        || (column.present > ROWS_TO_TELL_FREE_TEXT && column.distinct * 2 > column.present);
    // Numbers but for a few cells are no free text.
    let texts = || format!("{} different texts; declare it under [columns] to use it", column.distinct);
    (kind == ColumnType::Category && many).then(|| column.note.clone().unwrap_or_else(texts))
}
