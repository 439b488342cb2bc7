//! Files that are named where a model is expected.

use arrears_model::file::FORMAT;

/// First bytes by which other kinds of files are known.
const HEADS: [(&[u8], &str); 11] = [
    (b"PAR1", "is a Parquet file"),
    (b"\x1f\x8b", "is compressed with gzip"),
    (b"PK\x03\x04", "is a zip file or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "is an old spreadsheet"),
    (b"\x89PNG", "is an image (PNG)"),
    (b"\xff\xd8\xff", "is an image (JPEG)"),
    (b"GIF8", "is an image (GIF)"),
    (b"<svg", "is an image (SVG)"),
    (b"%PDF", "is a PDF document"),
    (b"\xff\xfe", "is text in UTF-16"),
    (b"\xfe\xff", "is text in UTF-16"),
];

/// Bytes looked at; a first line that is longer is not told apart.
const HEAD: usize = 1 << 16;

/// What bytes are that no model file begins with; `None` where they begin like one.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("is empty");
    }
    if let Some((_, found)) = HEADS.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Some(found);
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    // The last character may be cut.
    let valid = std::str::from_utf8(head).or_else(|e| match e.error_len() {
        None => std::str::from_utf8(&head[..e.valid_up_to()]),
        Some(_) => Err(e),
    });
    let Ok(text) = valid else { return Some("is binary, of no kind known here") };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        return other_json(text);
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines.next() else { return Some("holds only blanks") };
    let section = |line: &str| line.starts_with('[') && line.ends_with(']');
    if section(first) || (first.contains(" = ") && lines.any(section)) {
        return Some("looks like a recipe (TOML), which `arrears train` takes");
    }
    if first.contains([',', ';', '\t']) {
        return Some("looks like CSV");
    }
    Some("is text of another kind")
}

/// JSON that is no model; `None` where the format is named, as in a model that was cut.
fn other_json(text: &str) -> Option<&'static str> {
    if text.contains(&format!("\"{FORMAT}\"")) {
        return None;
    }
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let whole = |line: &str| line.trim_end().ends_with('}');
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) if whole(first) && second.starts_with('{') => Some("looks like NDJSON"),
        _ => Some("is JSON of another kind"),
    }
}
