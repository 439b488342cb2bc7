//! JSON as Python writes it: `NaN` and `Infinity` stand bare. The clients of MLflow and Triton send it so.

use std::borrow::Cow;

/// The words, and what they become: NaN is missing, an infinite number a text that is refused as one.
const WORDS: [(&str, &str); 3] = [("NaN", "null"), ("-Infinity", "\"-inf\""), ("Infinity", "\"inf\"")];

/// The same as strict JSON; texts within quotes stay as they are.
pub(crate) fn strict(text: &str) -> Cow<'_, str> {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text;
    // Quotes part the text: what lies between is outside and inside a string in turns.
    while let Some(open) = rest.find('"') {
        replace(&rest[..open], &mut out);
        let string = string_end(&rest[open + 1..]).map_or(rest.len(), |end| open + 1 + end);
        out.push_str(&rest[open..string]);
        rest = &rest[string..];
    }
    replace(rest, &mut out);
    Cow::Owned(out)
}

/// Where a string ends, behind its closing quote.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn replace(mut text: &str, out: &mut String) {
    while let Some(at) = text.find(['N', 'I', '-']) {
        out.push_str(&text[..at]);
        text = &text[at..];
        let found = WORDS.iter().find(|(word, _)| text.starts_with(word));
        // The three first letters are single bytes.
        let (length, with) = found.map_or((1, &text[..1]), |(word, with)| (word.len(), *with));
        out.push_str(with);
        text = &text[length..];
    }
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::strict;

    #[test]
    fn bare_words_only() {
        for (python, json) in [
            ("[1, 2]", "[1, 2]"),
            ("[NaN,-Infinity, Infinity, -1]", "[null,\"-inf\", \"inf\", -1]"),
            (r#"{"NaN": "a NaN \" NaN", "b": NaN}"#, r#"{"NaN": "a NaN \" NaN", "b": null}"#),
            (r#"["\\", NaN, "Infinity"#, r#"["\\", null, "Infinity"#),
            ("Na NInfinityé-", "Na N\"inf\"é-"),
        ] {
            assert_eq!(strict(python), json);
        }
    }
}
