//! What single options of `arrears train` mean.

use arrears_model::ModelKind;
use arrears_train::Recipe;
use arrears_train::segmented::SegmentsBy;

/// `--optimal` over what the recipe says of trees.
pub(crate) fn put_optimal(levels: Option<usize>, recipe: &mut Recipe) -> anyhow::Result<()> {
    if recipe.model.kind != ModelKind::Tree {
        anyhow::bail!("`--optimal` is of kind tree, and this is {}: add `--kind tree`", recipe.model.kind);
    }
    recipe.tree.optimal = levels.unwrap_or(recipe.tree.max_depth.min(3));
    Ok(())
}

/// What `--segments` says: `tree`, `kmeans`, or `column:NAME`.
pub(crate) fn segments_by(text: &str) -> Result<(SegmentsBy, Option<String>), String> {
    match (text, text.split_once(':')) {
        ("tree", _) => Ok((SegmentsBy::Tree, None)),
        ("kmeans", _) => Ok((SegmentsBy::Kmeans, None)),
        (_, Some(("column", name))) if !name.is_empty() => Ok((SegmentsBy::Column, Some(name.to_owned()))),
        _ => Err("expected tree, kmeans, or column:NAME with the name of a category column".to_owned()),
    }
}
