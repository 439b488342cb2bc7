//! What `train` and `bin` are told: a recipe that names its data, or a data file alone.

use crate::place::{beside, stem};
use anyhow::Context;
use arrears_train::Recipe;
use std::fs;
use std::path::{Path, PathBuf};

/// The recipe and the data file. `source` is either of them; `data` goes before the file that a recipe names.
pub(crate) fn recipe_and_data(source: &Path, data: Option<&Path>) -> anyhow::Result<(Recipe, PathBuf)> {
    let from_recipe = source.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let file = source.display().to_string();
    if from_recipe {
        let text = fs::read_to_string(source).with_context(|| format!("cannot read recipe `{file}`"))?;
        let recipe = Recipe::from_toml(&text, &file, &stem(source))?;
        let named = recipe.preparation.data.path.as_ref().map(|path| beside(source, path));
        let data = data.map(Path::to_path_buf).or(named).with_context(|| {
            format!("recipe `{file}` names no data: give --data FILE, or set `path` in its section [data]")
        })?;
        Ok((recipe, data))
    } else {
        anyhow::ensure!(
            data.is_none(),
            "`{file}` is a data file and --data names another: --data goes with a recipe (.toml)"
        );
        Ok((Recipe::from_toml("", &file, &stem(source))?, source.to_path_buf()))
    }
}
