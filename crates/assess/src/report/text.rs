//! The report for a terminal.

use super::assessment::{Assessment, Holding, LimitRow, Moved, Moves};
use super::html::reading;
use super::numbers::{ABSENT, Style, maybe};
use arrears_validate::Drift;
use arrears_validate::layout::Grid;

/// Lines of a report.
const LINES: usize = 25;

/// Terminal columns of a grade's name; what is longer is cut.
const NAME: usize = 16;

impl Assessment {
    /// The largest total, which decides on decimals.
    pub(crate) fn largest_amount(&self) -> f64 {
        let totals = [Some(self.now), self.before].into_iter().flatten().flat_map(|h| [h.exposure, h.limit]);
        totals.flatten().fold(0.0, f64::max)
    }

    /// The headline figures in at most 25 lines, the table of grades 100 columns wide at most.
    pub fn to_text(&self) -> String {
        let style = Style::terminal(self.largest_amount());
        let unit = style.unit_of(&self.currency);
        let c = &self.customers;
        let head = format!("Assessment as of {} with {}, amounts in {unit}", self.as_of, self.model);
        let mut text = printable(&head);
        text.push('\n');
        text += &format!("{} customers", style.count(c.now));
        if let Some(earlier) = &self.previous {
            let (new, gone, before) = (style.count(c.new), style.count(c.gone), style.count(c.before));
            text += &format!(", {new} new, {gone} gone; {before} as of {}", earlier.as_of);
        }
        text.push('\n');
        let figures = figures(self, &style);
        // The header has two lines, all customers have one.
        let room = LINES - 5 - figures.len();
        text += &grades(self, &style, room);
        for line in figures {
            text += &printable(&line);
            text.push('\n');
        }
        text
    }
}

/// The lines below the table.
fn figures(a: &Assessment, style: &Style) -> Vec<String> {
    let mut lines = a.moves.as_ref().map_or(Vec::new(), |moves| movements(moves, style));
    if let Some(limits) = &a.limits {
        let row = |row: &LimitRow| {
            let (customers, by) = (style.count(row.customers), style.difference(row.difference));
            format!("{customers} {} ({by})", row.change.name())
        };
        let rows = limits.all[..4].iter().map(row).collect::<Vec<_>>().join(", ");
        lines.push(format!("limits: {rows}; net {}", style.difference(limits.net)));
    }
    if let Some((lgd, loss)) = a.lgd.zip(a.now.expected_loss) {
        let before = a.before.and_then(|h| h.expected_loss);
        let before = before.map_or(String::new(), |loss| format!(", {} before", style.money(loss)));
        lines.push(format!(
            "expected loss: {}{before}, at an LGD of {}",
            style.money(loss),
            style.percent(lgd, 1)
        ));
    }
    let psi = |(name, drift): (&str, &Option<Drift>)| {
        let drift = drift.as_ref()?;
        let (psi, chance) = (drift.psi.psi, drift.psi.adjusted_threshold);
        Some(format!("{name} {psi:.4} {} (by chance up to {chance:.4})", reading(drift)))
    };
    let psis = [("grades", &a.grade_psi), ("pd", &a.pd_psi)].into_iter().filter_map(psi).collect::<Vec<_>>();
    if !psis.is_empty() {
        lines.push(format!("PSI: {}", psis.join(", ")));
    }
    lines.extend(a.notes.iter().map(|note| format!("note: {note}")));
    lines
}

/// The table of grades in `room` lines besides header and sum; of too many grades the best share a line.
fn grades(a: &Assessment, style: &Style, room: usize) -> String {
    let had = a.before.is_some();
    let mut header = vec!["Grade", "Customers", "Share"];
    header.extend(had.then_some("Before"));
    header.extend(["Mean pd", "Exposure", "Limit", "Used", "> limit"]);
    let mut table = Grid::new(&header, &[0]);
    let mut row = |name: &str, now: Option<&Holding>, before: Option<&Holding>| {
        let percent = |share: Option<f64>, decimals| maybe(share, |share| style.percent(share, decimals));
        let money = |x: Option<f64>| maybe(x, |x| style.money(x));
        let count = |n: Option<u64>| n.map_or(ABSENT.to_owned(), |n| style.count(n));
        let share = |h: Option<&Holding>| percent(h.and_then(|h| h.share), 1);
        let mut cells = vec![short(name), count(now.map(|h| h.customers)), share(now)];
        cells.extend(had.then(|| share(before)));
        cells.extend([
            percent(now.and_then(|h| h.mean_pd), 2),
            money(now.and_then(|h| h.exposure)),
            money(now.and_then(|h| h.limit)),
            percent(now.and_then(|h| h.utilisation), 1),
            count(now.map(|h| h.over_limit)),
        ]);
        table.row(cells);
    };
    let folded = if a.grades.len() > room { a.grades.len() + 1 - room } else { 0 };
    for group in &a.grades[folded..] {
        row(group.name.as_deref().unwrap_or_default(), group.now.as_ref(), group.before.as_ref());
    }
    row("all", Some(&a.now), a.before.as_ref());
    let better =
        if folded > 0 { format!(" {folded} better grades are in the report\n") } else { String::new() };
    table.text() + &better
}

fn movements(moves: &Moves, style: &Style) -> Vec<String> {
    let share = |moved: &Moved| {
        let share = maybe(moved.share, |share| style.percent(share, 1));
        format!("{} ({share})", style.count(moved.customers))
    };
    let ratio = moves.downgrades_per_upgrade.map(|x| format!(", {x:.2} down for each up"));
    let mut lines = vec![format!(
        "moved: {} down, {} up, {} the same{}; {} into the worst",
        share(&moves.downgraded),
        share(&moves.upgraded),
        share(&moves.stable),
        ratio.unwrap_or_default(),
        style.count(moves.into_worst.customers)
    )];
    let held = moves.causes.iter().filter_map(|row| {
        let (better, worse) = (row.held_from_upgrade, row.held_from_downgrade);
        let (all, worse_text) = (style.count(better + worse), style.count(worse));
        let text = format!("{} {all} (the model says worse of {worse_text})", row.cause.name());
        (better + worse > 0).then_some(text)
    });
    let held = held.collect::<Vec<_>>();
    if !held.is_empty() {
        lines.push(format!("held by {}", held.join(", ")));
    }
    lines
}

/// A name cut to [`NAME`] terminal columns.
fn short(name: &str) -> String {
    if name.chars().map(columns).sum::<usize>() <= NAME {
        return name.to_owned();
    }
    let mut width = 1;
    let fits = |c: &char| {
        width += columns(*c);
        width <= NAME
    };
    name.chars().take_while(fits).chain(['…']).collect()
}

/// Wide characters, of East Asia and pictures, take two columns.
fn columns(c: char) -> usize {
    if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffef}' | '\u{1f000}'..) { 2 } else { 1 }
}

/// Text without control characters, which a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
