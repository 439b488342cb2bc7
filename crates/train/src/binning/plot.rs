//! One variable as an SVG: bars for the rows of each bin, a line for the bad rate (or the mean).
//!
//! Plain SVG with a style sheet: no scripts, no fonts to load, colours that follow the reader's light or dark
//! mode. Bins that are no interval or group stand apart, hatched, their points off the line.

use super::analysis::{AnyTable, VariableBins};
use super::table::BinKind;
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 64.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 330.0;
/// Widest label under a bar, about; the whole text stands in the tooltip.
const LABEL: f64 = 125.0;
/// Slope of labels that are wider than their bar: sine of 38 degrees.
const SLOPE: f64 = 0.616;

/// Plain colours, because many viewers know no CSS variables; those that know dark mode take the second set.
const STYLE: &str = "\
text{font:12px system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans CJK SC',sans-serif;fill:#5c6472}
.title{font-size:16px;font-weight:600;fill:#1f2430}
.paper{fill:#ffffff}
.grid{stroke:#d9dde3;stroke-width:1}
.good{fill:#8db4dd}
.bad{fill:#e0813b}
.hatch{stroke:#ffffff;stroke-width:2.5;opacity:.55}
.rate{fill:none;stroke:#1f2430;stroke-width:2}
.dot{fill:#1f2430;stroke:#ffffff;stroke-width:1.5}
.halo{font-size:11px;fill:#ffffff;stroke:#ffffff;stroke-width:3px;stroke-linejoin:round}
.value{font-size:11px;fill:#1f2430}
@media (prefers-color-scheme:dark){text{fill:#a8b0bd}.title,.value{fill:#e8eaee}.paper{fill:#15181d}
.grid{stroke:#3a404b}.good{fill:#3f6c9e}.bad{fill:#c96f2c}.hatch{stroke:#15181d}.rate{stroke:#f5f6f8}
.dot{fill:#f5f6f8;stroke:#15181d}.halo{fill:#15181d;stroke:#15181d}}
";

/// A bin as it is drawn.
struct Bar {
    label: String,
    regular: bool,
    /// Weight drawn at the foot and on top of it.
    parts: [f64; 2],
    rate: Option<f64>,
    tooltip: String,
}

/// What the plot says besides its bars.
struct Words {
    rate: &'static str,
    parts: &'static [&'static str],
    percent: bool,
}

/// The plot of one variable. Bins without rows are left out, but for regular ones.
pub fn plot_svg(variable: &VariableBins) -> String {
    let (bars, words) = bars(variable);
    let slanted = bars.iter().any(|bar| text_width(&bar.label) > step(&bars) - 6.0);
    let widest = bars.iter().map(|bar| text_width(&bar.label)).fold(0.0, f64::max);
    let height = BOTTOM + if slanted { 34.0 + SLOPE * widest } else { 40.0 };
    let height = height.ceil();
    let most = bars.iter().map(|bar| bar.parts[0] + bar.parts[1]).fold(0.0, f64::max);
    let counts = Axis::over(0.0, most);
    let rates = bars.iter().filter_map(|bar| bar.rate);
    let (low, high) = rates.fold((f64::INFINITY, 0.0_f64), |(low, high), r| (low.min(r), high.max(r)));
    let rates = Axis::over(low.min(0.0), high);
    let name = escape(&variable.variable);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{name}\">\n<style>\n{STYLE}</style>\n\
         <defs><pattern id=\"hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V8\"/></pattern></defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"26\">{name}</text>\n"
    );
    let figures = format!("IV {:.3}", variable.summary.iv);
    let _ = writeln!(svg, "<text x=\"{RIGHT}\" y=\"26\" text-anchor=\"end\">{figures}</text>");
    legend(&mut svg, &words);
    axes(&mut svg, &counts, &rates, &words);
    for (at, bar) in bars.iter().enumerate() {
        draw_bar(&mut svg, bar, middle(&bars, at), step(&bars), &counts, slanted);
    }
    draw_line(&mut svg, &bars, &rates, &words);
    svg + "</svg>\n"
}

fn bars(variable: &VariableBins) -> (Vec<Bar>, Words) {
    let iv = |iv: Option<f64>| iv.map_or(String::new(), |iv| format!(", IV {iv:.4}"));
    let shown = |kind, weight: f64| kind == BinKind::Regular || weight > 0.0;
    match &variable.table {
        AnyTable::Binary(table) => {
            let rows = table.bins.iter().filter(|b| shown(b.kind, b.weight)).map(|b| Bar {
                label: shorten(&b.bin),
                regular: b.kind == BinKind::Regular,
                parts: [b.goods, b.bads],
                rate: b.bad_rate,
                tooltip: format!("{}: {} rows, WoE {:.3}{}", b.bin, b.count, b.woe, iv(b.iv)),
            });
            (rows.collect(), Words { rate: "bad rate", parts: &["goods", "bads"], percent: true })
        }
        AnyTable::Mean(table) => {
            let rows = table.bins.iter().filter(|b| shown(b.kind, b.weight)).map(|b| Bar {
                label: shorten(&b.bin),
                regular: b.kind == BinKind::Regular,
                parts: [b.weight, 0.0],
                rate: b.mean,
                tooltip: format!("{}: {} rows, mean {}", b.bin, b.count, short(b.mean.unwrap_or(0.0))),
            });
            (rows.collect(), Words { rate: "mean", parts: &["rows"], percent: false })
        }
    }
}

/// A scale with round ticks.
struct Axis {
    low: f64,
    high: f64,
    tick: f64,
}

impl Axis {
    /// Covers `low..=high` with three to six steps of 1, 2 or 5 times a power of ten.
    fn over(low: f64, high: f64) -> Self {
        let span = if high > low { high - low } else { 1.0 };
        let power = libm::pow(10.0, libm::log10(span / 5.0).floor());
        let tick = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
        let tick = tick.into_iter().find(|tick| span / tick <= 6.0).unwrap_or(10.0 * power);
        let top = if high > low { high } else { low + 1.0 };
        Self { low: (low / tick).floor() * tick, high: (top * 1.02 / tick).ceil() * tick, tick }
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        // A span beyond all numbers has no ticks to end.
        let steps = ((self.high - self.low) / self.tick).round().min(12.0) as usize;
        (0..=steps).map(|i| self.low + i as f64 * self.tick)
    }
}

/// Width given to a bin; half of one more parts the bins that stand apart.
fn step(bars: &[Bar]) -> f64 {
    let apart = bars.iter().any(|bar| !bar.regular);
    (RIGHT - LEFT) / (bars.len() as f64 + if apart { 0.5 } else { 0.0 }).max(1.0)
}

fn middle(bars: &[Bar], at: usize) -> f64 {
    LEFT + step(bars) * (at as f64 + 0.5 + if bars[at].regular { 0.0 } else { 0.5 })
}

fn legend(svg: &mut String, words: &Words) {
    let mut x = LEFT;
    for (name, class) in words.parts.iter().zip(["good", "bad"]) {
        let _ = writeln!(svg, "<rect class=\"{class}\" x=\"{x}\" y=\"38\" width=\"11\" height=\"11\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"48\">{name}</text>", x + 16.0);
        x += 70.0;
    }
    let _ = writeln!(svg, "<path class=\"rate\" d=\"M{x} 44h22\"/>");
    let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{}\" cy=\"44\" r=\"4\"/>", x + 11.0);
    let _ = writeln!(svg, "<text x=\"{}\" y=\"48\">{} (right axis)</text>", x + 28.0, words.rate);
}

fn axes(svg: &mut String, counts: &Axis, rates: &Axis, words: &Words) {
    for tick in counts.ticks() {
        let y = counts.y(tick);
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>");
        let (x, y, text) = (LEFT - 8.0, y + 4.0, short(tick));
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{text}</text>");
    }
    for tick in rates.ticks() {
        let (x, y) = (RIGHT + 8.0, rates.y(tick) + 4.0);
        let text = if words.percent { format!("{}%", short(100.0 * tick)) } else { short(tick) };
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y:.1}\">{text}</text>");
    }
}

fn draw_bar(svg: &mut String, bar: &Bar, x: f64, step: f64, counts: &Axis, slanted: bool) {
    let width = (step * 0.72).min(90.0);
    let left = x - width / 2.0;
    let _ = writeln!(svg, "<g><title>{}</title>", escape(&bar.tooltip));
    let mut foot = 0.0;
    for (part, class) in bar.parts.iter().zip(["good", "bad"]).filter(|(part, _)| **part > 0.0) {
        let (y, height) = (counts.y(foot + part), counts.y(foot) - counts.y(foot + part));
        foot += part;
        let at = format!("x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"");
        let _ = writeln!(svg, "<rect class=\"{class}\" {at}/>");
        if !bar.regular {
            let _ = writeln!(svg, "<rect fill=\"url(#hatch)\" {at}/>");
        }
    }
    let label = escape(&bar.label);
    let _ = match slanted {
        false => {
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", BOTTOM + 20.0)
        }
        true => writeln!(
            svg,
            "<text transform=\"translate({:.1} {}) rotate(-38)\" text-anchor=\"end\">{label}</text>",
            x + 6.0,
            BOTTOM + 16.0
        ),
    };
    svg.push_str("</g>\n");
}

fn draw_line(svg: &mut String, bars: &[Bar], rates: &Axis, words: &Words) {
    let point = |at: usize| Some((middle(bars, at), rates.y(bars[at].rate?), bars[at].rate?));
    let line = (0..bars.len()).filter(|at| bars[*at].regular).filter_map(point);
    let line: Vec<String> = line.map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(svg, "<polyline class=\"rate\" points=\"{}\"/>", line.join(" "));
    for (x, y, rate) in (0..bars.len()).filter_map(point) {
        let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        let text = if words.percent { format!("{:.1}%", 100.0 * rate) } else { short(rate) };
        for class in ["halo", "value"] {
            let _ = writeln!(
                svg,
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
                y - 9.0
            );
        }
    }
}

/// A number in few characters: at most four digits and the ending k, M, G or T.
fn short(x: f64) -> String {
    const ENDINGS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    let (unit, ending) = ENDINGS.into_iter().find(|(unit, _)| x.abs() >= *unit).unwrap_or((1.0, ""));
    let x = x / if ending == "k" { 1e3 } else { unit };
    let decimals = if x.abs() >= 100.0 || x == x.round() {
        0
    } else if x.abs() >= 1.0 {
        1
    } else {
        3
    };
    let text = format!("{x:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{ending}")
}

/// Width of a character in units of the plot, about; those outside Latin, Greek and Cyrillic fill a square.
fn character_width(c: char) -> f64 {
    if c < '\u{1100}' { 6.2 } else { 12.0 }
}

fn text_width(text: &str) -> f64 {
    text.chars().map(character_width).sum()
}

/// Cuts a text to the width of a label, with an ellipsis where it was cut.
fn shorten(text: &str) -> String {
    if text_width(text) <= LABEL {
        return text.to_owned();
    }
    let mut width = 0.0;
    let fits = |c: &char| {
        width += character_width(*c);
        width < LABEL - 12.0
    };
    let cut: String = text.chars().take_while(fits).collect();
    format!("{}…", cut.trim_end())
}

/// Text as XML holds it; what XML cannot hold becomes the replacement character.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                escaped.push(char::REPLACEMENT_CHARACTER)
            }
            c => escaped.push(c),
        }
    }
    escaped
}
