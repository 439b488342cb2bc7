//! What `train` and `bin` are told: a recipe that names its data, or a data file alone.

use crate::place::{beside, stem};
use anyhow::Context;
use arrears_train::Recipe;
use std::fs;
use std::path::{Path, PathBuf};

/// The recipe and the data file. `source` is either of them; `data` goes before the file that a recipe names.
pub(crate) fn recipe_and_data(source: &Path, data: Option<&Path>) -> anyhow::Result<(Recipe, PathBuf)> {
    let (recipe, data) = recipe_with_data(source, data)?;
    Ok((recipe, data.with_context(|| no_data(source))?))
}

/// What to do about a recipe without data.
pub(crate) fn no_data(source: &Path) -> String {
    let file = source.display();
    format!("recipe `{file}` names no data: give --data FILE, or set `path` in its section [data]")
}

/// The recipe and the data file where there is one; see [`recipe_and_data`].
pub(crate) fn recipe_with_data(
    source: &Path,
    data: Option<&Path>,
) -> anyhow::Result<(Recipe, Option<PathBuf>)> {
    let from_recipe = source.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let file = source.display().to_string();
    if from_recipe {
        let text = fs::read_to_string(source).with_context(|| format!("cannot read recipe `{file}`"))?;
        let recipe = Recipe::from_toml(&text, &file, &stem(source))?;
        let named = recipe.preparation.data.path.as_ref().map(|path| beside(source, path));
        Ok((recipe, data.map(Path::to_path_buf).or(named)))
    } else {
        anyhow::ensure!(
            data.is_none(),
            "`{file}` is a data file and --data names another: --data goes with a recipe (.toml)"
        );
        Ok((Recipe::from_toml("", &file, &stem(source))?, Some(source.to_path_buf())))
    }
}

/// What the options say of the roles of columns; each goes before the recipe.
pub(crate) struct Columns<'a> {
    pub(crate) target: &'a Option<String>,
    pub(crate) positive: &'a Option<String>,
    pub(crate) id: &'a Option<String>,
    pub(crate) weight: &'a Option<String>,
    pub(crate) exclude: &'a Option<Vec<String>>,
}

impl Columns<'_> {
    pub(crate) fn put_over(&self, recipe: &mut Recipe) {
        let columns = &mut recipe.preparation.data;
        if let Some(target) = self.target {
            // A label belongs to its column: another column has other labels.
            if columns.target.as_ref() != Some(target) {
                columns.positive = None;
            }
            columns.target = Some(target.clone());
        }
        columns.positive = self.positive.clone().or(columns.positive.take());
        columns.id = self.id.clone().or(columns.id.take());
        columns.weight = self.weight.clone().or(columns.weight.take());
        columns.exclude = self.exclude.clone().unwrap_or(std::mem::take(&mut columns.exclude));
        // What the recipe says of a column that is now left out no longer matters.
        let left_out = self.exclude.iter().flatten().chain(self.id).chain(self.target).chain(self.weight);
        for column in left_out {
            recipe.preparation.columns.remove(column);
            recipe.binning.variables.remove(column);
            recipe.selection.force_in.retain(|name| name != column);
            recipe.selection.force_out.retain(|name| name != column);
        }
    }
}
