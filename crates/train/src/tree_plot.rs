//! A tree as an SVG: boxes from left to right, the answers on the lines between them.
//!
//! Plain SVG with a style sheet: no scripts, no fonts to load, colours that follow the reader's light or dark mode. A
//! box says how many customers come to it and how many of them are bad, in figures and as a bar; its tint repeats what
//! the bar says, so nothing is told by colour alone. Whatever is cut stands whole in a tooltip.

use crate::amount_plot::amount_picture;
use crate::binning::plot::escape;
use arrears_model::leaves::{LeafRow, leaf_table};
use arrears_model::outline::OutlineRow;
use arrears_model::tree::{Node, Side, Split, Tree};
use arrears_model::{Model, Predictor, Schema};
use arrears_validate::layout::count;
use std::fmt::Write as _;

/// Sizes in units of the picture: a box, the way to the next column, from leaf to leaf, and what is around it all.
const BOX: (f64, f64) = (188.0, 46.0);
const GAP: f64 = 178.0;
const ROW: f64 = 60.0;
const EDGE: f64 = 24.0;
const TOP: f64 = 100.0;
/// From a box to where its lines part.
const STEM: f64 = 14.0;
/// Room inside a box, from its sides to its text.
const PAD: f64 = 9.0;
/// No picture is narrower, for title and legend to find room.
const NARROWEST: f64 = 760.0;

/// Plain colours, because many viewers know no CSS variables; those that know dark mode take the second set.
const STYLE: &str = "\
text{font:11px system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans CJK SC',sans-serif;fill:#1f2430}
.title{font-size:16px;font-weight:600}
.name{font-size:12px;font-weight:600}
.quiet{fill:#4b5361}
.paper{fill:#ffffff}
.line{fill:none;stroke:#9aa2af}
.box{stroke:#7d8694;stroke-width:1}
.leaf{stroke:#1f2430;stroke-width:1.8}
.track{fill:#ffffff;stroke:#7d8694;stroke-width:.8}
.rate{fill:#1f2430}
.mean{stroke:#1f2430;stroke-width:1.2}
.t0{fill:#b7d3f0}
.t1{fill:#dce9f6}
.t2{fill:#f6f6f4}
.t3{fill:#fbe3cc}
.t4{fill:#f3bf8f}
@media (prefers-color-scheme:dark){text{fill:#f0f2f5}.quiet{fill:#c3c9d2}.paper{fill:#15181d}
.line{stroke:#6b7380}.box{stroke:#8b93a0}.leaf{stroke:#f0f2f5}.track{fill:#15181d;stroke:#8b93a0}
.rate{fill:#f0f2f5}.mean{stroke:#f0f2f5}.t0{fill:#1f4a78}.t1{fill:#24384e}.t2{fill:#2a2e35}.t3{fill:#54381f}
.t4{fill:#7d4a17}}
";

/// Tints, by the bad rate against that of all customers: at most so many times as high; above the last the fifth.
const TINTS: [f64; 4] = [0.5, 0.8, 1.25, 2.0];

/// What a picture shows of a tree.
pub(crate) struct Picture<'a> {
    /// Its nodes, in file order.
    pub(crate) boxes: Vec<TreeBox<'a>>,
    /// Positions of its leaves, in reading order.
    pub(crate) leaves: Vec<usize>,
    /// All nodes with the answers that lead to them.
    pub(crate) outline: Vec<OutlineRow>,
    /// What stands below the title.
    pub(crate) facts: String,
    /// What the last tint says, and what the bars do.
    pub(crate) legend: [&'static str; 2],
    /// Where the mark of all customers stands on the bars, from 0 to 1.
    pub(crate) mark: Option<f64>,
}

/// A node as it is drawn.
pub(crate) struct TreeBox<'a> {
    pub(crate) split: Option<&'a Split>,
    pub(crate) count: u64,
    pub(crate) words: Words,
    /// How long its bar is, from 0 to 1.
    pub(crate) bar: Option<f64>,
    pub(crate) tint: usize,
}

/// What a box says: a name, a figure and a remark, and all of it in the tooltip.
pub(crate) struct Words {
    pub(crate) name: String,
    pub(crate) figure: String,
    pub(crate) remark: String,
    pub(crate) tooltip: String,
}

/// The picture of a tree of pds or of amounts; `None` of a model that is none.
///
/// Leaves stand one below the other, numbered as in the leaf table; every other box stands halfway between the two it
/// leads to. The same model gives the same bytes.
pub fn tree_svg(model: &Model) -> Option<String> {
    let picture = match &model.predictor {
        Predictor::Tree(tree) => picture(model, tree),
        Predictor::AmountTree(tree) => amount_picture(model, tree),
        Predictor::Additive(_) | Predictor::Centroids(_) | Predictor::Segmented(_) => return None,
    };
    let boxes = &picture.boxes;
    let places = places(&picture);
    let deepest = places.iter().fold(0.0, |most: f64, place| most.max(place.0));
    let width = (2.0 * EDGE + deepest + BOX.0).max(NARROWEST);
    let height = TOP + ROW * picture.leaves.len() as f64 + EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
        escape(&model.name)
    );
    head(&mut svg, model, &picture);
    let mut answers = vec![Vec::new(); boxes.len()];
    picture.outline.iter().for_each(|row| answers[row.node].clone_from(&row.pieces));
    for (one, from) in boxes.iter().zip(&places) {
        let Some(split) = one.split else { continue };
        for side in [Side::Left, Side::Right] {
            let to = split.child(side);
            let share = boxes[to].count as f64 / boxes[0].count.max(1) as f64;
            line(&mut svg, *from, places[to], share, &answers[to]);
        }
    }
    for (one, place) in boxes.iter().zip(&places) {
        draw_box(&mut svg, *place, one, picture.mark);
    }
    Some(svg + "</svg>\n")
}

/// A tree of pds.
fn picture<'a>(model: &Model, tree: &'a Tree) -> Picture<'a> {
    let leaves = leaf_table(model).unwrap_or_default();
    let mut leaf_of = vec![None; tree.nodes.len()];
    leaves.iter().for_each(|leaf| leaf_of[leaf.rule.node] = Some(leaf));
    let root = &tree.nodes[0];
    let one = |(node, leaf): (&'a Node, Option<&LeafRow>)| TreeBox {
        split: node.split.as_ref(),
        count: node.count,
        words: leaf.map_or_else(|| of_question(node, &model.schema), |leaf| of_leaf(leaf, node)),
        bar: rate(node),
        tint: tint(rate(node), rate(root)),
    };
    Picture {
        boxes: tree.nodes.iter().zip(leaf_of).map(one).collect(),
        leaves: tree.rules(&model.schema).iter().map(|rule| rule.node).collect(),
        outline: tree.outline(&model.schema),
        facts: format!(
            "{} customers, {} bad ({}), {}",
            count(root.count),
            count(root.bads),
            rate_text(root),
            leaves_text(leaves.len())
        ),
        legend: ["over twice the bad rate of all", "bad rate; mark: all"],
        mark: rate(root),
    }
}

/// `1 leaf`, `33 leaves`.
pub(crate) fn leaves_text(leaves: usize) -> String {
    format!("{leaves} {}", if leaves == 1 { "leaf" } else { "leaves" })
}

/// Left and middle of every node's box.
fn places(picture: &Picture<'_>) -> Vec<(f64, f64)> {
    let mut places = vec![(EDGE, 0.0); picture.boxes.len()];
    for (at, leaf) in picture.leaves.iter().enumerate() {
        places[*leaf].1 = TOP + ROW * (at as f64 + 0.5);
    }
    // A child stands after its parent in the file.
    for (at, one) in picture.boxes.iter().enumerate() {
        for child in one.split.iter().flat_map(|s| [s.left, s.right]) {
            places[child].0 = places[at].0 + BOX.0 + GAP;
        }
    }
    for (at, one) in picture.boxes.iter().enumerate().rev() {
        if let Some(split) = one.split {
            places[at].1 = (places[split.left].1 + places[split.right].1) / 2.0;
        }
    }
    places
}

/// Title, what is counted, and what the signs mean.
fn head(svg: &mut String, model: &Model, picture: &Picture<'_>) {
    let title = fit(&format!("{} {}", model.name, model.version), 16.0, NARROWEST - 2.0 * EDGE);
    let _ = writeln!(svg, "<text class=\"title\" x=\"{EDGE}\" y=\"32\">{}</text>", escape(&title));
    let (facts, [highest, bar]) = (escape(&picture.facts), picture.legend);
    let _ = writeln!(svg, "<text class=\"quiet\" x=\"{EDGE}\" y=\"51\">{facts}</text>");
    let mut x = EDGE;
    let names = ["up to half", "0.5 to 0.8", "0.8 to 1.25", "1.25 to 2", highest];
    for (tint, name) in names.into_iter().enumerate() {
        let _ = writeln!(
            svg,
            "<rect class=\"box t{tint}\" x=\"{x}\" y=\"63\" width=\"14\" height=\"12\"/>\
             <text class=\"quiet\" x=\"{}\" y=\"73\">{name}</text>",
            x + 20.0
        );
        x += 34.0 + text_width(name, 11.0);
    }
    let _ = writeln!(
        svg,
        "<rect class=\"track\" x=\"{x}\" y=\"66\" width=\"40\" height=\"6\"/>\
         <rect class=\"rate\" x=\"{x}\" y=\"66\" width=\"22\" height=\"6\"/>\
         <path class=\"mean\" d=\"M{} 63v12\"/>\
         <text class=\"quiet\" x=\"{}\" y=\"73\">{bar}</text>",
        x + 12.0,
        x + 48.0
    );
}

/// A line between two boxes, as wide as its share of the customers, and the answer beside it.
fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), share: f64, pieces: &[String]) {
    let (start, parting) = (from.0 + BOX.0, from.0 + BOX.0 + STEM);
    let width = 1.0 + 5.0 * share;
    let whole = if pieces.is_empty() { "nobody".to_owned() } else { pieces.join(", ") };
    let _ = writeln!(
        svg,
        "<g><title>{}</title><path class=\"line\" stroke-width=\"{width:.2}\" d=\"M{start:.1} {:.1}H{parting:.1}V{:.1}H{:.1}\"/>",
        escape(&whole),
        from.1,
        to.1,
        to.0
    );
    let downs = [-5.0 - width / 2.0, 11.0 + width / 2.0, 24.0 + width / 2.0];
    for (text, down) in answer_lines(pieces).iter().zip(downs) {
        let (x, y) = (parting + 6.0, to.1 + down);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(text));
    }
    svg.push_str("</g>\n");
}

fn of_leaf(leaf: &LeafRow, node: &Node) -> Words {
    let grade = leaf.grade.as_ref().map_or(String::new(), |grade| format!(", {grade}"));
    let interval = leaf.interval.map_or(String::new(), |(low, high)| {
        format!(", 95 % interval {} to {}", percent(low), percent(high))
    });
    let rate = leaf.bad_rate.map_or("-".to_owned(), percent);
    Words {
        name: format!("leaf {}{grade}", leaf.leaf),
        figure: rate_text(node),
        remark: format!("PD {:.3}", leaf.pd),
        tooltip: format!(
            "leaf {}: {} -> PD {:.4}{grade}; {} customers, {} bad, bad rate {rate}{interval}",
            leaf.leaf,
            leaf.words,
            leaf.pd,
            count(leaf.count),
            count(leaf.bads)
        ),
    }
}

fn of_question(node: &Node, schema: &Schema) -> Words {
    let name = node.split.as_ref().map_or("", |split| &schema.fields[split.field].name);
    let tooltip = format!("{name}? {} customers, {} bad", count(node.count), count(node.bads));
    Words { name: format!("{name}?"), figure: rate_text(node), remark: String::new(), tooltip }
}

fn draw_box(svg: &mut String, at: (f64, f64), one: &TreeBox<'_>, mark: Option<f64>) {
    let (width, height) = BOX;
    let (words, is_leaf) = (&one.words, one.split.is_none());
    let class = if is_leaf { "box leaf" } else { "box" };
    let radius = if is_leaf { 0.0 } else { 9.0 };
    let (x, y) = (at.0, at.1 - height / 2.0);
    // A box of its own for the text: whatever font the reader has, nothing is written outside.
    let _ = writeln!(
        svg,
        "<g><title>{}</title><rect class=\"{class} t{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\
         <svg x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width}\" height=\"{height}\">",
        escape(&words.tooltip),
        one.tint,
    );
    let (right, inside) = (width - PAD, width - 2.0 * PAD);
    let figure = &words.figure;
    let name = fit(&words.name, 12.0, inside - text_width(figure, 12.0) - 8.0);
    let _ = writeln!(
        svg,
        "<text class=\"name\" x=\"{PAD}\" y=\"17\">{}</text>\
         <text class=\"name\" x=\"{right}\" y=\"17\" text-anchor=\"end\">{figure}</text>",
        escape(&name)
    );
    let room = inside - text_width(&words.remark, 11.0) - 6.0;
    let long = format!("{} customers", count(one.count));
    let customers = if text_width(&long, 11.0) <= room { long } else { count(one.count) };
    let _ = writeln!(
        svg,
        "<text x=\"{PAD}\" y=\"31\">{customers}</text>\
         <text x=\"{right}\" y=\"31\" text-anchor=\"end\">{}</text>",
        words.remark
    );
    let _ = writeln!(svg, "<rect class=\"track\" x=\"{PAD}\" y=\"36\" width=\"{inside}\" height=\"5\"/>");
    if let Some(bar) = one.bar {
        let _ = writeln!(
            svg,
            "<rect class=\"rate\" x=\"{PAD}\" y=\"36\" width=\"{:.1}\" height=\"5\"/>",
            inside * bar
        );
    }
    if let Some(mean) = mark {
        let _ = writeln!(svg, "<path class=\"mean\" d=\"M{:.1} 34v9\"/>", PAD + inside * mean);
    }
    svg.push_str("</svg></g>\n");
}

fn rate(node: &Node) -> Option<f64> {
    (node.count > 0).then(|| node.bads as f64 / node.count as f64)
}

fn rate_text(node: &Node) -> String {
    rate(node).map_or("-".to_owned(), percent)
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

/// The tint of a bad rate or mean beside that of all customers; the middle one where there is nothing to compare.
pub(crate) fn tint(rate: Option<f64>, all: Option<f64>) -> usize {
    match (rate, all) {
        (Some(rate), Some(all)) if all > 0.0 => TINTS.partition_point(|times| times * all < rate),
        _ => 2,
    }
}

/// Width of a text in units of the picture, rather too wide than too narrow: fonts differ.
fn text_width(text: &str, size: f64) -> f64 {
    let share = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.36,
        'f' | 'r' | 't' | '(' | ')' | '-' => 0.46,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.1,
        'A'..='Z' | '<' | '>' | '=' | '…' => 0.78,
        c if c < '\u{1100}' => 0.62,
        _ => 1.05,
    };
    size * text.chars().map(share).sum::<f64>()
}

/// Cuts a text to a width, with an ellipsis where it was cut.
fn fit(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut width = text_width("…", size);
    let fits = |c: &char| {
        width += text_width(c.encode_utf8(&mut [0; 4]), size);
        width <= room
    };
    let cut: String = text.chars().take_while(fits).collect();
    format!("{}…", cut.trim_end())
}

/// An answer in at most three lines. Where there is no room for all names, the last ones are counted, never what is
/// said of unseen and missing values.
fn answer_lines(pieces: &[String]) -> Vec<String> {
    /// More names than this never fit.
    const MOST: usize = 24;
    // A category of that name would stand in quotes.
    let beside = |piece: &&String| matches!(piece.as_str(), "other (unseen)" | "missing");
    let names = pieces.len() - pieces.iter().rev().take_while(beside).count();
    let mut lines = wrapped(pieces);
    for shown in (0..names.min(MOST)).rev() {
        if lines.len() <= 3 {
            break;
        }
        let more = format!("… {} more", names - shown);
        lines = wrapped(&[&pieces[..shown], &[more], &pieces[names..]].concat());
    }
    if pieces.is_empty() { vec!["nobody".to_owned()] } else { lines }
}

/// Pieces with commas between them, in lines that fit beside a line of the picture; a piece that is too long is cut.
fn wrapped(pieces: &[String]) -> Vec<String> {
    const SIZE: f64 = 11.0;
    let room = GAP - STEM - 12.0;
    let mut lines: Vec<String> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let comma = if at + 1 < pieces.len() { "," } else { "" };
        let piece = fit(piece, SIZE, room - text_width(comma, SIZE)) + comma;
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {piece}"), SIZE) <= room => {
                *line += &format!(" {piece}")
            }
            _ => lines.push(piece),
        }
    }
    lines
}
