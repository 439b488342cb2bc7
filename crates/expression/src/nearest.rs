//! The name that was meant.

/// The candidate with the fewest edits from `name`: at most a third of its letters, at least one. Of equals the first.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(64).flat_map(char::to_lowercase).collect();
    let allowed = (name.len() / 3).max(1);
    candidates
        .map(|candidate| (edits(&name, candidate), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements of letters between the two, capitals aside (Levenshtein's distance).
fn edits(name: &[char], candidate: &str) -> usize {
    let mut above: Vec<usize> = (0..=name.len()).collect();
    for (row, letter) in candidate.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = above[0];
        above[0] = row + 1;
        for (column, other) in name.iter().enumerate() {
            let replaced = diagonal + usize::from(*other != letter);
            diagonal = above[column + 1];
            above[column + 1] = replaced.min(diagonal + 1).min(above[column] + 1);
        }
    }
    above[name.len()]
}
