//! Which of two versions is newer.

use std::cmp::Ordering;

/// Orders versions as semantic versioning does (semver.org, 2.0.0, item 11): numbers by size, a pre-release
/// before its release, what stands after `+` counts for nothing. A version of another form is ordered by the
/// same rules as far as they go, and texts that differ are never equal.
pub(crate) fn newer(a: &str, b: &str) -> Ordering {
    let (core_a, pre_a) = parts(a);
    let (core_b, pre_b) = parts(b);
    let pre = match (pre_a, pre_b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => dotted(a, b),
    };
    dotted(core_a, core_b).then(pre).then_with(|| a.cmp(b))
}

/// The part before `-`, and the pre-release after it.
fn parts(version: &str) -> (&str, Option<&str>) {
    let version = version.split('+').next().unwrap_or_default();
    let version = version.strip_prefix('v').unwrap_or(version);
    match version.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (version, None),
    }
}

fn dotted(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match one(a, b) {
                Ordering::Equal => {}
                other => return other,
            },
        }
    }
}

/// Numbers by size, however long; a number before a text.
fn one(a: &str, b: &str) -> Ordering {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match (number(a), number(b)) {
        (true, true) => {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        }
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::newer;

    #[test]
    fn the_order_of_the_specification() {
        // The example of item 11.4, and what people write besides.
        let ascending = [
            "0.9.12",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "v1.0.1",
            "1.2.0",
            "1.10.0",
            "2.0.0",
            "10.0.0",
            "99999999999999999999999.0.0",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(newer(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert!(newer("1.0.0+b", "1.0.0+a").is_gt(), "build metadata only keeps the order total");
    }
}
