//! Which format fits times that were refused.

use crate::times::TimeFormat;

/// Days as they are usually written, beside ISO 8601.
const DAYS: [&str; 9] = [
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d", "%d/%m/%y", "%m/%d/%y",
];

/// Clocks as they are usually written behind a day.
const CLOCKS: [&str; 4] = ["", " %H:%M", " %H:%M:%S", " %I:%M %p"];

/// Refused values looked at.
const MOST: usize = 1_000;

/// The formats that fit all refused values so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suggestions {
    fitting: Option<Vec<String>>,
    seen: usize,
    /// Whether somebody said how they are written: then values that fit nothing are no times, and there is nothing to declare.
    declared: bool,
}

impl Suggestions {
    pub(crate) fn refused(&mut self, text: &str, declared: bool) {
        self.declared |= declared;
        if self.seen == MOST {
            return;
        }
        self.seen += 1;
        let all =
            || CLOCKS.iter().flat_map(|clock| DAYS.iter().map(move |day| format!("{day}{clock}"))).collect();
        let fitting = self.fitting.get_or_insert_with(all);
        fitting.retain(|pattern| TimeFormat::Pattern(pattern.clone()).parse(text).is_some());
    }

    /// What to declare; `None` where nothing was refused, or nothing fits values of a format that was declared.
    pub(crate) fn text(&self) -> Option<String> {
        let fitting = self.fitting.as_deref()?;
        Some(match fitting {
            [] if self.declared => return None,
            [] => "no usual format fits all of them: declare each one that is used, as in time_format = [\"iso\", \"%d/%m/%Y\"]".to_owned(),
            [one] => format!("all of them are times by {one}: if that is meant, say time_format = [\"iso\", \"{one}\"]"),
            some => format!(
                "they are times by {}, which may say different days: say which is meant, as in time_format = \"{}\"",
                some.join(" and by "),
                some[0]
            ),
        })
    }
}
