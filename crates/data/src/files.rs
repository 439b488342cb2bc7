//! The files that a pattern stands for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files of a pattern, sorted by name; those that are no files are left out.
///
/// `*` stands for any text, `?` for one character and `[ab]` for one of some, in names and folders; not for a point at the start of a
/// name.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_of_pattern(pattern: &Path) -> io::Result<Vec<PathBuf>> {
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

/// Whether a path is a pattern: it has one of `*`, `?` and `[`.
pub fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
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
    use super::matches;

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
}
