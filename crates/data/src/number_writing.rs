//! Numbers in a writing that is not read: decimal commas, commas between thousands, per cent signs.

use crate::columns::shorten;
use crate::infer::ColumnType;

/// Texts of a column that are looked at; a column writes its numbers in one way.
const LOOKED_AT: usize = 1_000;

/// That a column of text would be one of numbers if they were written plainly: nine of ten of its first texts or more
/// are numbers, in either writing.
pub(crate) fn numbers_in_other_writing(kind: ColumnType, texts: &[&str]) -> Option<String> {
    if kind != ColumnType::Category {
        return None;
    }
    let texts = &texts[..texts.len().min(LOOKED_AT)];
    let other: Vec<&str> = texts.iter().copied().filter(|text| is_other_writing(text)).collect();
    let plain = texts.iter().filter(|text| text.parse().is_ok_and(f64::is_finite)).count();
    let example = other.first().filter(|_| (other.len() + plain) * 10 >= texts.len() * 9)?;
    Some(format!(
        "most values look like numbers with a comma or a per cent sign, such as {:?}, and are read as text: write \
         them with a point for the decimals and no other sign",
        shorten(example)
    ))
}

/// `6,5`, `6,288`, `1,234,567.5`, `1.234,5`, `12%` and `12,5 %`, with or without a sign; not `1,2,3`.
fn is_other_writing(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (body, percent) = match body.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (body, false),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let groups: Vec<&str> = body.split(',').collect();
    let three = |group: &&str| group.split('.').next().is_some_and(|whole| whole.len() == 3);
    body.starts_with(|c: char| c.is_ascii_digit())
        && groups.iter().all(|group| !group.is_empty() && digits(group))
        && match groups.len() {
            1 => percent,
            2 => true,
            _ => groups[1..].iter().all(three),
        }
}

#[cfg(test)]
mod tests {
    use super::is_other_writing;

    #[test]
    fn what_looks_like_a_number() {
        let yes = ["6,5", "-6,5", "6,288", "1,234,567", "1,234,567.5", "1.234,5", "12%", "12.5 %", "+12,5%"];
        yes.iter().for_each(|text| assert!(is_other_writing(text), "{text}"));
        let no =
            ["", "%", ",", "5,", ",5", "6.5", "1,2,3", "a,b", "1,a", "12 % p.a.", "3-5", "1e5", "2024-01-01"];
        no.iter().for_each(|text| assert!(!is_other_writing(text), "{text}"));
    }
}
