//! The name that was meant, where one is unknown.

/// The message of a TOML error, with the nearest of the names that it lists.
pub(crate) fn with_nearest(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let Some((_, rest)) = error.message().split_once("unknown field `") else { return text };
    let mut names = rest.split('`').step_by(2);
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    match nearest(unknown, known.iter().copied()) {
        Some(name) => format!("{}\ndid you mean `{name}`?", text.trim_end()),
        None => text,
    }
}

/// The nearest of some names, if one is near: at most a third of its letters differ, in either case.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let distances = known.map(|k| (edits(&name, &k.to_lowercase()), k));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= nearest.chars().count().max(name.chars().count())).then_some(nearest)
}

/// Letters to be added, taken away or changed to make one name of the other.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let names = ["customer", "order", "amount"];
        assert_eq!(nearest("Custmer", names.into_iter()), Some("customer"));
        assert_eq!(nearest("oder", names.into_iter()), Some("order"));
        assert_eq!(nearest("price", names.into_iter()), None);
    }
}
