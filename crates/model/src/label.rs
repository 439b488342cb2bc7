//! Lists of categories as people read them: whole, or cut with a count of the rest.

use crate::schema::Field;
use crate::transform::Transform;

/// A short label has at most so many characters.
const SHORT: usize = 44;

/// The categories with commas between them; where that is longer than 44 characters, the first few and how many more
/// there are: `owner, rent, ... 97 more`. A single name that is longer is cut itself.
pub fn short_list(names: &[&str]) -> String {
    let whole = names.join(", ");
    if whole.chars().count() <= SHORT {
        return whole;
    }
    let mut text = String::new();
    for (shown, name) in names.iter().enumerate() {
        let more = format!("... {} more", names.len() - shown);
        let taken = text.chars().count() + more.chars().count();
        let room = SHORT.saturating_sub(taken);
        if name.chars().count() + 2 <= room {
            text += &format!("{name}, ");
        } else if shown == 0 {
            let rest =
                if names.len() > 1 { format!(", ... {} more", names.len() - 1) } else { String::new() };
            let cut: String = name.chars().take(SHORT - 1 - rest.chars().count()).collect();
            let mark = if cut.len() < name.len() { "…" } else { "" };
            return format!("{}{mark}{rest}", cut.trim_end());
        } else {
            return text + &more;
        }
    }
    text
}

impl Transform {
    /// [`Transform::bin_label`] for tables: a long list of categories is cut as [`short_list`] does it.
    pub fn short_bin_label(&self, field: &Field, bin: usize) -> String {
        match self {
            Self::Groups { group_of, .. } if bin < self.regular_bins() => {
                let members = field.categories().iter().zip(group_of).filter(|(_, group)| **group == bin);
                short_list(&members.map(|(category, _)| category.as_str()).collect::<Vec<_>>())
            }
            _ => self.bin_label(field, bin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::short_list;

    #[test]
    fn long_lists_are_cut_between_names_and_counted() {
        assert_eq!(short_list(&[]), "");
        assert_eq!(short_list(&["owner", "rent"]), "owner, rent");
        let names: Vec<String> = (100..200).map(|i| format!("town {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(short_list(&names), "town 100, town 101, town 102, ... 97 more");
        // Four names are 38 characters: nothing to cut.
        assert_eq!(short_list(&names[..4]), names[..4].join(", "));
        let long = "é".repeat(500);
        assert_eq!(short_list(&[&long]), format!("{}…", "é".repeat(43)));
        let two = short_list(&[&long, "x"]);
        assert!(two.ends_with("é…, ... 1 more") && two.chars().count() == 44, "{two}");
    }

    #[test]
    fn no_label_is_too_long_and_the_count_is_right() {
        for length in 1..80 {
            for count in 1..120_usize {
                let name = "n".repeat(length);
                let text = short_list(&vec![name.as_str(); count]);
                assert!(text.chars().count() <= 44, "{text}");
                let shown = text.split(", ").filter(|part| part.starts_with('n')).count();
                let more =
                    text.rsplit_once("... ").map_or(0, |(_, rest)| rest[..rest.len() - 5].parse().unwrap());
                assert_eq!(shown + more, count, "{text}");
            }
        }
    }
}
