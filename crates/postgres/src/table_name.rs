//! The name of a table as SQL reads it: `NAME` or `SCHEMA.NAME`, each plain or in double quotes.

use crate::error::PostgresError;
use std::fmt;

/// Most bytes of a name; PostgreSQL cuts longer ones off.
pub(crate) const MAX_NAME: usize = 63;

/// The name of a table. Written with [`fmt::Display`] it is SQL that stands for this table and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
}

impl TableName {
    /// Reads a name. Plain names are brought to lower case, as SQL does.
    ///
    /// # Errors
    /// [`PostgresError::TableName`] when it is none.
    pub fn parse(text: &str) -> Result<TableName, PostgresError> {
        let bad = |problem: &str| PostgresError::TableName { problem: format!("`{text}` {problem}") };
        let mut names = Vec::new();
        let mut rest = text;
        loop {
            let (name, behind) = first(rest).ok_or_else(|| bad("is none"))?;
            if name.is_empty() || name.contains('\0') {
                return Err(bad("has an empty part"));
            }
            if name.len() > MAX_NAME {
                return Err(bad("has a part of more than 63 bytes"));
            }
            names.push(name);
            match behind.strip_prefix('.') {
                Some(next) => rest = next,
                None if behind.is_empty() => break,
                None => return Err(bad("is none")),
            }
        }
        let table = names.pop().unwrap_or_default();
        match (names.pop(), names.pop()) {
            (schema, None) => Ok(TableName { schema, table }),
            (_, Some(_)) => Err(bad("has too many parts; the database stands in the address")),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", quoted(schema))?;
        }
        f.write_str(&quoted(&self.table))
    }
}

/// A name in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The first name of a text, and what follows it.
fn first(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = text.find(|c| !plain(c)).unwrap_or(text.len());
        let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
        return starts.then(|| (text[..end].to_ascii_lowercase(), &text[end..]));
    };
    let (mut name, mut rest) = (String::new(), quoted);
    loop {
        let (part, behind) = rest.split_once('"')?;
        name.push_str(part);
        match behind.strip_prefix('"') {
            Some(next) => {
                name.push('"');
                rest = next;
            }
            None => return Some((name, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TableName, quoted};
    use proptest::prelude::*;

    #[test]
    fn names() {
        let sql = |text: &str| TableName::parse(text).map(|name| name.to_string()).ok();
        assert_eq!(sql("Scores").as_deref(), Some("\"scores\""));
        assert_eq!(sql("risk.scores_2024").as_deref(), Some("\"risk\".\"scores_2024\""));
        assert_eq!(sql("\"Risk\".\"a\"\"b. c\"").as_deref(), Some("\"Risk\".\"a\"\"b. c\""));
        assert_eq!(sql("客户").as_deref(), Some("\"客户\""));
        let none = [
            "", ".", "a.", ".a", "a b", "a;b", "1a", "a.b.c", "\"a", "\"\"", "a\"b\"", "a--", "\"a\0\"", "a'",
        ];
        none.iter().for_each(|text| assert_eq!(sql(text), None, "{text}"));
        assert_eq!(sql(&"x".repeat(64)), None);
        assert!(sql(&"x".repeat(63)).is_some());
    }

    proptest! {
        /// What is written is read again as the same name, whatever it is.
        #[test]
        fn written_names_are_read_again(table in "[^\0]{1,15}", schema in prop::option::of("[^\0]{1,15}")) {
            let name = TableName { schema, table };
            prop_assert_eq!(TableName::parse(&name.to_string()).unwrap(), name);
        }

        /// Any text is refused or becomes at most two quoted names.
        #[test]
        fn any_text_is_at_most_a_name(text in "[a-b\"'.; \\-]{0,12}") {
            if let Ok(TableName { schema, table }) = TableName::parse(&text) {
                let sql = schema.map(|s| quoted(&s) + ".").unwrap_or_default() + &quoted(&table);
                let inside = sql.replace("\"\"", "");
                let quotes = inside.matches('"').count();
                prop_assert!(quotes == 2 || quotes == 4, "{}", sql);
            }
        }
    }
}
