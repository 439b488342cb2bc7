//! Many variables that fail, in one message that can be read.

use arrears_model::label::short_list;

/// One clause a cause: `12 variables (age, income, ... 10 more), such as age: ...`. `failed` holds of each variable
/// its name, its cause, and the reason in words and figures; the causes come in the order of their first variable.
pub(crate) fn by_cause<C: PartialEq>(failed: &[(&str, C, String)]) -> String {
    let mut clauses: Vec<String> = Vec::new();
    for (at, (first, cause, reason)) in failed.iter().enumerate() {
        if failed[..at].iter().any(|(_, earlier, _)| earlier == cause) {
            continue;
        }
        let alike: Vec<&str> = failed.iter().filter(|(_, other, _)| other == cause).map(|f| f.0).collect();
        clauses.push(match alike.len() {
            1 => format!("{first} ({reason})"),
            n => format!("{n} variables ({}), such as {first}: {reason}", short_list(&alike)),
        });
    }
    clauses.join("; ")
}

#[cfg(test)]
mod tests {
    use super::by_cause;

    #[test]
    fn one_sentence_a_cause() {
        let names: Vec<String> = (0..40).map(|i| format!("v{i}")).collect();
        let mut failed: Vec<(&str, u8, String)> =
            names.iter().map(|name| (name.as_str(), 1, format!("{name} is too thin"))).collect();
        failed.insert(1, ("home", 2, "one value".to_owned()));
        let text = by_cause(&failed);
        assert!(text.starts_with("40 variables (v0, v1, "), "{text}");
        assert!(text.ends_with(" more), such as v0: v0 is too thin; home (one value)"), "{text}");
    }
}
