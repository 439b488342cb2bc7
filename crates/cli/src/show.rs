//! Results to standard output, messages to standard error; colours on terminals only.
//!
//! `anstream` takes the colours out where the stream is no terminal or `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};
pub(crate) use arrears_validate::layout::count;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableStyle};
use std::io::{self, IsTerminal, Write};

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Most steps that a very deep tree is set in by.
pub(crate) const DEEPEST_INDENT: usize = 30;

/// Prints a result to standard output.
///
/// # Errors
/// When it cannot be written; a reader that went away is [`io::ErrorKind::BrokenPipe`].
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints a message to standard error. A message that cannot be written is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end());
}

/// Prints an error with its causes, and what to do about it where that is known.
pub(crate) fn error(lines: &[String], help: Option<&str>) {
    let mut err = anstream::stderr().lock();
    for (n, line) in lines.iter().enumerate() {
        let word = if n == 0 { "error" } else { "  cause" };
        let _ = writeln!(err, "{RED}{word}:{RED:#} {line}");
    }
    if let Some(help) = help {
        let _ = writeln!(err, "{CYAN}help:{CYAN:#} {help}");
    }
}

/// A line that stands above a part of the output.
pub(crate) fn heading(text: &str) -> String {
    format!("{BOLD}{text}{BOLD:#}\n")
}

/// A report with its verdicts in colour.
pub(crate) fn verdicts(report: &str) -> String {
    report.replace("PASS", &format!("{GREEN}PASS{GREEN:#}")).replace("FAIL", &format!("{RED}FAIL{RED:#}"))
}

/// On a terminal no table is wider, in columns; longer texts go on in the next line. Elsewhere every row is one line,
/// for a name in two pieces is not found again.
const WIDTH: u16 = 110;

/// A table as aligned text; the columns at `numbers` are aligned right. An empty header leaves it out.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>, numbers: &[usize]) -> String {
    let side = |column| match numbers.contains(&column) {
        true => CellAlignment::Right,
        false => CellAlignment::Left,
    };
    let cells = |row: Vec<String>| {
        let cell = |(column, text): (usize, String)| Cell::new(printable(&text)).set_alignment(side(column));
        row.into_iter().enumerate().map(cell).collect::<Vec<_>>()
    };
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    }
    if !header.is_empty() {
        table.set_header(cells(header.iter().map(|title| (*title).to_owned()).collect()));
    }
    for row in rows {
        table.add_row(cells(row));
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Clauses behind a label; on a terminal those that find no room go on below, set in. A clause stays in one line
/// where it can.
pub(crate) fn hanging(label: &str, clauses: &[&str]) -> String {
    let indent = label.chars().count();
    let room = match io::stdout().is_terminal() {
        true => usize::from(WIDTH).saturating_sub(indent).max(20),
        false => usize::MAX,
    };
    format!("{label}{}\n", filled(clauses, room).join(&format!("\n{}", " ".repeat(indent))))
}

/// Clauses with blanks between them, in lines of at most so many characters; only a single word may be longer.
fn filled(clauses: &[&str], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |piece: &str| match lines.last_mut() {
        Some(line) if line.chars().count() + 1 + piece.chars().count() <= room => {
            *line += &format!(" {piece}")
        }
        _ => lines.push(piece.to_owned()),
    };
    for clause in clauses {
        let clause = printable(clause);
        match clause.chars().count() <= room {
            true => add(&clause),
            false => clause.split(' ').for_each(&mut add),
        }
    }
    lines
}

/// Text without control characters, which a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A share of a whole as percent with one decimal; `-` of nothing.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1}%", 100.0 * part as f64 / whole as f64) }
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn lines_break_between_clauses_and_inside_those_that_are_too_long() {
        let clauses = ["age < 40 and", "income < 93.5", "-> pd 0.5"];
        assert_eq!(filled(&clauses, usize::MAX), ["age < 40 and income < 93.5 -> pd 0.5"]);
        assert_eq!(filled(&clauses, 20), ["age < 40 and", "income < 93.5", "-> pd 0.5"]);
        assert_eq!(filled(&clauses, 26), ["age < 40 and income < 93.5", "-> pd 0.5"]);
        assert_eq!(filled(&clauses, 12), ["age < 40 and", "income <", "93.5", "-> pd 0.5"]);
        assert_eq!(filled(&["a\u{1b}b"], 2), ["a\u{fffd}b"]);
    }
}
