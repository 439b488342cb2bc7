//! The files that are named: one by one, or by a pattern that the shell has left to us.

use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};

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
        let pattern = path.to_str().is_some_and(|text| text.contains(['*', '?', '[']));
        if !pattern || path.exists() {
            files.push(path.clone());
            continue;
        }
        let found = found(path).with_context(|| format!("cannot look for `{}`", path.display()))?;
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

/// The files of a pattern, sorted.
fn found(pattern: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut places = vec![PathBuf::new()];
    for part in pattern.components() {
        let name = part.as_os_str().to_string_lossy();
        let mut next = Vec::new();
        for place in places {
            if !name.contains(['*', '?', '[']) {
                next.push(place.join(part));
                continue;
            }
            let folder = if place.as_os_str().is_empty() { Path::new(".") } else { &place };
            if !folder.is_dir() {
                continue;
            }
            for entry in fs::read_dir(folder)? {
                let entry = entry?.file_name();
                let text = entry.to_string_lossy();
                if matches(&name, &text) && (name.starts_with('.') || !text.starts_with('.')) {
                    next.push(place.join(&entry));
                }
            }
        }
        places = next;
    }
    places.retain(|path| path.is_file());
    places.sort();
    Ok(places)
}

/// Whether a name is one of a pattern's.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the latest star stood, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if let Some(next) = one(&pattern, p, name[n]) {
            (p, n) = (next, n + 1);
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, n) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Where the pattern goes on when the part at `at` takes the character; `None` when it does not.
fn one(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '[' => {
            let rest = &pattern[at + 1..];
            // A bracket right behind the first is a character.
            let Some(length) = rest.iter().skip(1).position(|c| *c == ']').map(|end| end + 1) else {
                return (c == '[').then_some(at + 1);
            };
            let (set, none) = match rest[..length].split_first() {
                Some(('!' | '^', set)) if !set.is_empty() => (set, true),
                _ => (&rest[..length], false),
            };
            let ranges = set.windows(3).any(|w| w[1] == '-' && (w[0]..=w[2]).contains(&c));
            ((set.contains(&c) || ranges) != none).then_some(at + length + 2)
        }
        same => (*same == c).then_some(at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{expanded, matches};
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn patterns() {
        let yes = [
            ("*", ""),
            ("*.csv", "a.csv"),
            ("a*b*c", "axxbyybzc"),
            ("?.csv", "中.csv"),
            ("[ab].csv", "b.csv"),
            ("[!ab]", "c"),
            ("2024-0[1-6]*", "2024-03.csv"),
            ("[", "["),
            ("a**", "a"),
            ("[]]", "]"),
        ];
        yes.iter().for_each(|(pattern, name)| assert!(matches(pattern, name), "{pattern} {name}"));
        let no = [
            ("*.csv", "a.csv.gz"),
            ("?.csv", "ab.csv"),
            ("[ab]", "c"),
            ("[!ab]", "a"),
            ("a*b", "a"),
            ("", "a"),
            ("2024-0[1-6]*", "2024-07.csv"),
            ("*a", "b"),
        ];
        no.iter().for_each(|(pattern, name)| assert!(!matches(pattern, name), "{pattern} {name}"));
    }

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
