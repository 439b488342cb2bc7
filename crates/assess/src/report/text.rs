//! The report for a terminal.

use super::assessment::{Assessment, Holding, Moves};
use super::html::reading;
use super::numbers::{Style, maybe};
use arrears_validate::layout::Grid;
use std::fmt::Write as _;

/// Grades in the table; more, and the best ones share a line.
const GRADES: usize = 12;

/// Characters of a grade's name; what is longer is cut.
const NAME: usize = 24;

impl Assessment {
    /// The largest total, which decides on decimals.
    pub(crate) fn largest_amount(&self) -> f64 {
        let totals = [Some(self.now), self.before].into_iter().flatten().flat_map(|h| [h.exposure, h.limit]);
        totals.flatten().fold(0.0, f64::max)
    }

    /// The headline figures in at most 25 lines of 100 columns.
    pub fn to_text(&self) -> String {
        let style = Style::terminal(self.largest_amount());
        // Writing to a String does not fail.
        let mut text = String::new();
        let _ = writeln!(text, "Assessment as of {} with {}", self.as_of, self.model);
        let c = &self.customers;
        let _ = write!(text, "{} customers", style.count(c.now));
        if let Some(earlier) = &self.previous {
            let (new, gone, before) = (style.count(c.new), style.count(c.gone), style.count(c.before));
            let _ = write!(text, ", {new} new, {gone} gone; {before} as of {}", earlier.as_of);
        }
        text.push('\n');
        text += &grades(self, &style);
        if let Some(moves) = &self.moves {
            text += &movements(moves, &style);
        }
        if let Some(limits) = &self.limits {
            let row = |at: usize| {
                let row = &limits.all[at];
                format!(
                    "{} {} ({})",
                    style.count(row.customers),
                    row.change.name(),
                    style.difference(row.difference)
                )
            };
            let rows = (0..4).map(row).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "limits: {rows}; net {} {}", style.difference(limits.net), self.currency);
        }
        let psis = [("grades", &self.grade_psi), ("pd", &self.pd_psi)];
        let psi = |(name, drift): (&str, &Option<arrears_validate::Drift>)| {
            let drift = drift.as_ref()?;
            let (psi, chance) = (drift.psi.psi, drift.psi.adjusted_threshold);
            Some(format!("{name} {psi:.4} {} (chance alone {chance:.4})", reading(drift)))
        };
        let psis = psis.into_iter().filter_map(psi).collect::<Vec<_>>();
        if !psis.is_empty() {
            let _ = writeln!(text, "PSI: {}", psis.join(", "));
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {}", printable(note));
        }
        text
    }
}

fn grades(a: &Assessment, style: &Style) -> String {
    let had = a.before.is_some();
    let money = format!("Exposure {}", a.currency);
    let mut header = vec!["Grade", "Customers", "Share"];
    header.extend(had.then_some("Before"));
    header.extend(["Mean pd", &money, "Limit", "Used", "Over limit"]);
    header.extend(a.lgd.map(|_| "Exp. loss"));
    let mut table = Grid::new(&header, &[0]);
    let mut row = |name: String, now: Option<&Holding>, before: Option<&Holding>| {
        let share = |h: Option<&Holding>| maybe(h.and_then(|h| h.share), |share| style.percent(share, 1));
        let money = |x: Option<f64>| maybe(x, |x| style.money(x));
        let count = |n: Option<u64>| n.map_or(super::numbers::ABSENT.to_owned(), |n| style.count(n));
        let mut cells = vec![name, count(now.map(|h| h.customers)), share(now)];
        cells.extend(had.then(|| share(before)));
        cells.extend([
            maybe(now.and_then(|h| h.mean_pd), |pd| style.percent(pd, 2)),
            money(now.and_then(|h| h.exposure)),
            money(now.and_then(|h| h.limit)),
            maybe(now.and_then(|h| h.utilisation), |share| style.percent(share, 1)),
            count(now.map(|h| h.over_limit)),
        ]);
        cells.extend(a.lgd.map(|_| money(now.and_then(|h| h.expected_loss))));
        table.row(cells);
    };
    let folded = if a.grades.len() > GRADES { a.grades.len() - GRADES + 1 } else { 0 };
    for group in &a.grades[folded..] {
        row(short(group.name.as_deref().unwrap_or_default()), group.now.as_ref(), group.before.as_ref());
    }
    row("all".to_owned(), Some(&a.now), a.before.as_ref());
    let more = match folded {
        0 => String::new(),
        _ => format!(" {folded} better grades are in the report\n"),
    };
    table.text() + &more
}

fn movements(moves: &Moves, style: &Style) -> String {
    let share = |moved: &super::Moved| {
        let share = maybe(moved.share, |share| style.percent(share, 1));
        format!("{} ({share})", style.count(moved.customers))
    };
    let ratio = moves.downgrades_per_upgrade.map(|x| format!(", {x:.2} down for each up"));
    let mut text = format!(
        "moved: {} down, {} up, {} the same{}; {} fell into the worst grade\n",
        share(&moves.downgraded),
        share(&moves.upgraded),
        share(&moves.stable),
        ratio.unwrap_or_default(),
        style.count(moves.into_worst.customers)
    );
    let held = moves.causes.iter().filter_map(|row| {
        let (better, worse) = (row.held_from_upgrade, row.held_from_downgrade);
        let name = row.cause.name();
        (better + worse > 0).then(|| {
            format!("{name} {} (the model says worse of {})", style.count(better + worse), style.count(worse))
        })
    });
    let held = held.collect::<Vec<_>>();
    if !held.is_empty() {
        text += &format!("held by {}\n", held.join(", "));
    }
    text
}

fn short(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        None => name.to_owned(),
        Some(_) => name.chars().take(NAME - 1).chain(['…']).collect(),
    }
}

/// Text without control characters, which a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
