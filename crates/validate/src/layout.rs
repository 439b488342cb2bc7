//! How numbers and tables look on a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// No line of a text report is wider, counted in terminal columns.
pub(crate) const WIDTH: u16 = 100;

/// What stands where a number does not exist.
pub(crate) const ABSENT: &str = "-";

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table that is filled row by row; the columns of words are set left, those of numbers right.
pub struct Grid {
    table: Table,
    texts: Vec<usize>,
}

impl Grid {
    /// A table with this header, whose columns at the positions `texts` hold words.
    pub fn new(header: &[&str], texts: &[usize]) -> Self {
        let mut grid = Self::plain(texts);
        let header = grid.cells(header.iter().map(|title| (*title).to_owned()).collect());
        grid.table.set_header(header);
        grid
    }

    /// A table without a header.
    pub(crate) fn plain(texts: &[usize]) -> Self {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
        Self { table, texts: texts.to_vec() }
    }

    /// Adds a row; control characters in it are replaced.
    pub fn row(&mut self, cells: Vec<String>) {
        let cells = self.cells(cells);
        self.table.add_row(cells);
    }

    fn cells(&self, cells: Vec<String>) -> Vec<Cell> {
        let cell = |(column, text): (usize, String)| {
            let side = if self.texts.contains(&column) { CellAlignment::Left } else { CellAlignment::Right };
            Cell::new(printable(&text)).set_alignment(side)
        };
        cells.into_iter().enumerate().map(cell).collect()
    }

    /// The lines, each with its line end, without blanks at their ends.
    pub fn text(&self) -> String {
        self.table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// Text without control characters, which a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A metric, with 4 decimals.
pub(crate) fn metric(x: f64) -> String {
    format!("{x:.4}")
}

/// A share from 0 to 1 as a percentage with 1 decimal.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

/// A whole number with commas at the thousands: `4,454`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`.
pub(crate) fn rows(n: u64) -> String {
    format!("{} row{}", count(n), if n == 1 { "" } else { "s" })
}

/// `show` of a number that may not exist.
pub(crate) fn maybe(x: Option<f64>, show: impl Fn(f64) -> String) -> String {
    x.map_or(ABSENT.to_owned(), show)
}
