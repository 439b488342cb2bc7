//! The choice of k as a picture: four small plots, one a figure, the chosen number marked in each.
//!
//! Plain SVG with a style sheet, like the plots of bins: no scripts, no fonts to load, light and dark mode.

use super::choose_k::{CandidateK, ChoiceOfK};
use std::fmt::Write as _;

/// Width and height of one plot's axes.
const SIDE: (f64, f64) = (270.0, 150.0);
/// Left upper corners of the axes of the four plots.
const CORNERS: [(f64, f64); 4] = [(70.0, 86.0), (430.0, 86.0), (70.0, 306.0), (430.0, 306.0)];

const STYLE: &str = "\
text{font:12px system-ui,-apple-system,'Segoe UI','Noto Sans',sans-serif;fill:#5c6472}
.title{font-size:16px;font-weight:600;fill:#1f2430}
.name{font-size:13px;font-weight:600;fill:#1f2430}
.paper{fill:#ffffff}
.grid{stroke:#d9dde3;stroke-width:1;fill:none}
.line{fill:none;stroke:#3f6c9e;stroke-width:2}
.error{stroke:#3f6c9e;stroke-width:1}
.limit{stroke:#5c6472;stroke-width:1;stroke-dasharray:4 3}
.dot{fill:#3f6c9e}
.chosen{fill:#e0813b}
.mark{stroke:#e0813b;stroke-width:1;stroke-dasharray:2 3}
@media (prefers-color-scheme:dark){text{fill:#a8b0bd}.title,.name{fill:#e8eaee}.paper{fill:#15181d}
.grid{stroke:#3a404b}.line,.error{stroke:#8db4dd}.dot{fill:#8db4dd}.limit{stroke:#a8b0bd}}
";

/// One figure over k.
struct Plot<'a> {
    name: &'a str,
    /// k, value, and reach of its error.
    points: Vec<(usize, f64, f64)>,
    /// A value that is marked by a line.
    limit: Option<f64>,
}

/// The four figures of a choice of k, over k.
pub fn k_plot_svg(choice: &ChoiceOfK) -> String {
    let of = |value: &dyn Fn(&CandidateK) -> Option<(f64, f64)>| {
        let point = |c: &CandidateK| value(c).map(|(x, error)| (c.k, x, error));
        choice.candidates.iter().filter_map(point).collect()
    };
    let inertia = format!("Inertia (elbow at {})", choice.elbow);
    let gap = choice.gap.map_or("Gap".to_owned(), |k| format!("Gap (speaks for {k})"));
    let plots = [
        Plot { name: &inertia, points: of(&|c| Some((c.inertia, 0.0))), limit: None },
        Plot { name: "Silhouette", points: of(&|c| Some((c.silhouette?, 0.0))), limit: None },
        Plot { name: &gap, points: of(&|c| c.gap.map(|g| (g.gap, g.error))), limit: None },
        Plot {
            name: "Stability (bootstrap ARI; 0.8 is stable)",
            points: of(&|c| Some((c.stability?, 0.0))),
            limit: Some(0.8),
        },
    ];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 496\" role=\"img\" \
         aria-label=\"number of segments\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"720\" height=\"496\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"24\" y=\"28\">How many segments: {} taken</text>\n\
         <text x=\"24\" y=\"46\">measured on {} of {} rows</text>\n",
        choice.k, choice.rows_measured, choice.rows
    );
    let last = choice.candidates.last().map_or(1, |c| c.k);
    for (plot, corner) in plots.iter().zip(CORNERS) {
        draw(&mut svg, plot, corner, last, choice.k);
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, plot: &Plot<'_>, (left, top): (f64, f64), last: usize, chosen: usize) {
    let (width, height) = SIDE;
    let _ = writeln!(svg, "<text class=\"name\" x=\"{left}\" y=\"{}\">{}</text>", top - 12.0, plot.name);
    let ends = plot.points.iter().flat_map(|(_, y, error)| [y - error, y + error]).chain(plot.limit);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), y| (l.min(y), h.max(y)));
    let span = if high > low { high - low } else { 1.0 };
    let x = |k: usize| left + (k as f64 - 0.5) / last as f64 * width;
    let y = |value: f64| top + height - (value - low) / span * (height - 16.0) - 8.0;
    let bottom = top + height;
    let _ = writeln!(svg, "<path class=\"grid\" d=\"M{left} {top}V{bottom}H{}\"/>", left + width);
    let _ = writeln!(svg, "<path class=\"mark\" d=\"M{:.1} {top}V{bottom}\"/>", x(chosen));
    for k in 1..=last {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{k}</text>",
            x(k),
            bottom + 16.0
        );
    }
    if let Some(limit) = plot.limit {
        let _ = writeln!(svg, "<path class=\"limit\" d=\"M{left} {:.1}H{}\"/>", y(limit), left + width);
    }
    if plot.points.is_empty() {
        return;
    }
    for value in [low, high] {
        let at = y(value) + 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{at:.1}\" text-anchor=\"end\">{}</text>",
            left - 6.0,
            short(value)
        );
    }
    let line: Vec<String> =
        plot.points.iter().map(|(k, value, _)| format!("{:.1},{:.1}", x(*k), y(*value))).collect();
    let _ = writeln!(svg, "<polyline class=\"line\" points=\"{}\"/>", line.join(" "));
    for (k, value, error) in &plot.points {
        if *error > 0.0 {
            let (from, to) = (y(value - error), y(value + error));
            let _ = writeln!(svg, "<path class=\"error\" d=\"M{:.1} {from:.1}V{to:.1}\"/>", x(*k));
        }
        let (class, r) = if *k == chosen { ("chosen", 5) } else { ("dot", 3) };
        let _ = writeln!(
            svg,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{r}\"><title>k = {k}: {}</title></circle>",
            x(*k),
            y(*value),
            short(*value)
        );
    }
}

/// Four digits, or as many as a large number has.
fn short(x: f64) -> String {
    if x.abs() >= 100.0 { format!("{x:.0}") } else { format!("{x:.3}") }
}
