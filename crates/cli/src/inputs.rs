//! The files that are named: one by one, or by a pattern that the shell has left to us.

use anyhow::{Context, bail};
use arrears_data::{files_of_pattern, is_pattern};
use std::path::PathBuf;

/// The files that `named` stands for, in this order; those of a pattern by name.
///
/// A path that is there is taken as it is. Otherwise `*` stands for any text, `?` for one character and `[ab]` for one of some,
/// in names and folders; not for a point at the start of a name.
///
/// # Errors
/// When a pattern finds no file.
pub(crate) fn expanded(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::with_capacity(named.len());
    for path in named {
        if !is_pattern(path) || path.exists() {
            files.push(path.clone());
            continue;
        }
        let found =
            files_of_pattern(path).with_context(|| format!("cannot look for `{}`", path.display()))?;
        if found.is_empty() {
            bail!(
                "no file is called as `{}`; expected the name of a file, or a pattern that finds some",
                path.display()
            );
        }
        files.extend(found);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::expanded;
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn files_are_found_in_order_and_none_is_an_error() {
        let room = tempfile::tempdir().unwrap();
        for name in ["x/b.csv", "x/a.csv", "y/c.csv", "x/.hidden.csv", "x/[1].csv", "x/d.txt"] {
            let path = room.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let find = |pattern: &str| {
            let found = expanded(&[room.path().join(pattern)])?;
            let short = |path: PathBuf| path.strip_prefix(room.path()).unwrap().display().to_string();
            anyhow::Ok(found.into_iter().map(short).collect::<Vec<_>>())
        };
        assert_eq!(find("x/*.csv").unwrap(), ["x/[1].csv", "x/a.csv", "x/b.csv"]);
        assert_eq!(find("?/[a-c].csv").unwrap(), ["x/a.csv", "x/b.csv", "y/c.csv"]);
        assert_eq!(find("x/[1].csv").unwrap(), ["x/[1].csv"]);
        assert_eq!(find("x/none.csv").unwrap(), ["x/none.csv"]);
        assert!(find("x/*.parquet").unwrap_err().to_string().contains("*.parquet"));
    }
}
