//! The model's folder: `model.json`, `card.md`, `vectors.ndjson`, `recipe.toml`, and `k.svg` where k was chosen.

use crate::card::card;
use crate::error::TrainError;
use crate::recipe::Recipe;
use crate::segments::k_plot_svg;
use crate::train::Trained;
use crate::vectors::vectors;
use arrears_data::atomic_write;
use arrears_validate::Report;
use std::path::{Component, Path};

/// Where the files of a training run lie, so that the recipe in the folder finds them again. `None`: it names them
/// without folders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The data.
    pub data: Option<&'a Path>,
    /// The rejected applicants.
    pub rejects: Option<&'a Path>,
}

/// The picture of how the number of segments was chosen.
pub const K_PLOT: &str = "k.svg";

/// Writes the folder of a trained model; `report` is its validation on the held-out rows.
///
/// `recipe.toml` names each of the `sources` by its way from the folder, or not at all where the two have no folder in
/// common but the root: that way would be the machine's. Each file appears whole or not at all; `model.json` comes last, so a folder with a model is complete.
/// The same training run writes the same bytes.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_folder(
    trained: &Trained,
    report: &Report,
    sources: Sources<'_>,
    folder: &Path,
) -> Result<(), TrainError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| TrainError::Write { what: format!("folder {}", folder.display()), source })?;
    let mut lines = String::new();
    for vector in vectors(&trained.model, &trained.cleaned.table, &trained.split.test) {
        let line = serde_json::to_string(&vector).map_err(arrears_model::ModelError::Json)?;
        lines.push_str(&line);
        lines.push('\n');
    }
    atomic_write(&folder.join("recipe.toml"), recipe_in(folder, trained, sources).to_toml()?.as_bytes())?;
    atomic_write(&folder.join("vectors.ndjson"), lines.as_bytes())?;
    atomic_write(&folder.join("card.md"), card(trained, report).as_bytes())?;
    let plot = folder.join(K_PLOT);
    match &trained.choice_of_k {
        Some(choice) => atomic_write(&plot, k_plot_svg(choice).as_bytes())?,
        // One of an earlier model would tell of other segments.
        None if plot.exists() => std::fs::remove_file(&plot)
            .map_err(|source| TrainError::Write { what: format!("remove {}", plot.display()), source })?,
        None => {}
    }
    atomic_write(&folder.join("model.json"), &trained.model.to_bytes()?)?;
    Ok(())
}

/// The recipe as it stands in the folder.
fn recipe_in(folder: &Path, trained: &Trained, sources: Sources<'_>) -> Recipe {
    let mut recipe = trained.recipe.clone();
    if let Some(data) = sources.data {
        recipe.preparation.data.path = way(folder, data);
    }
    if let (Some(section), Some(rejects)) = (&mut recipe.reject_inference, sources.rejects) {
        section.path = way(folder, rejects);
    }
    recipe
}

/// The way from a folder to a file, `../../data.csv`, the same on every system; `None` where they have only the root in
/// common, one of them cannot be found, or a name on the way is no UTF-8.
fn way(folder: &Path, file: &Path) -> Option<String> {
    // `..` leads out of where a link leads to, so links are followed first.
    let (folder, file) = (folder.canonicalize().ok()?, file.canonicalize().ok()?);
    let pairs = folder.components().zip(file.components());
    let shared: Vec<Component<'_>> = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    shared.iter().find(|part| matches!(part, Component::Normal(_)))?;
    let up = folder.components().skip(shared.len()).map(|_| Some(".."));
    let down = file.components().skip(shared.len()).map(|part| part.as_os_str().to_str());
    Some(up.chain(down).collect::<Option<Vec<&str>>>()?.join("/"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::way;
    use std::fs;
    use std::path::Path;

    #[test]
    fn ways_are_relative_and_never_the_machines() {
        let room = tempfile::tempdir().unwrap();
        let at = |name: &str| room.path().join(name);
        fs::create_dir_all(at("models/a")).unwrap();
        fs::create_dir_all(at("raw")).unwrap();
        fs::write(at("raw/data.csv"), "").unwrap();
        assert_eq!(way(&at("models/a"), &at("raw/data.csv")).as_deref(), Some("../../raw/data.csv"));
        assert_eq!(way(&at("raw"), &at("models/../raw/data.csv")).as_deref(), Some("data.csv"));
        assert_eq!(way(&at("models/a"), &at("none.csv")), None);
        assert_eq!(way(Path::new("/usr"), Path::new("/etc/passwd")), None);
        // `..` counts from where the folder is, not from the link to it.
        std::os::unix::fs::symlink(at("models/a"), at("link")).unwrap();
        assert_eq!(way(&at("link"), &at("raw/data.csv")).as_deref(), Some("../../raw/data.csv"));
    }
}
