//! The picture of a tree: sound XML, nothing outside, nothing on top of another.

#![allow(clippy::unwrap_used, reason = "a test ends where its helper fails")]

use arrears_model::leaves::leaf_table;
use arrears_model::tree::{Node, Side, Split, Test, Tree};
use arrears_model::{Kind, Model, Parts, Predictor};
use arrears_train::tree_plot::tree_svg;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

fn model(path: &str) -> Model {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    Model::from_bytes(&std::fs::read(format!("{root}/{path}")).unwrap()).unwrap()
}

fn with_tree(mut parts: Parts, change: impl FnOnce(&mut Tree)) -> Model {
    let Predictor::Tree(tree) = &mut parts.predictor else { panic!("a tree") };
    change(tree);
    Model::new(parts).unwrap()
}

/// What a picture holds, read by an XML reader.
#[derive(Default)]
struct Picture {
    size: (f64, f64),
    /// Left, top, width, height of the boxes, and of the rooms of their texts.
    boxes: Vec<[f64; 4]>,
    rooms: Vec<[f64; 4]>,
    /// The ways of the lines.
    lines: Vec<String>,
    /// Texts beside the lines: where they start. Texts in rooms: where they start, the room's own zero at 0.
    beside: Vec<(f64, f64)>,
    inside: Vec<(f64, f64)>,
    texts: Vec<String>,
    elements: Vec<String>,
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = tag.try_get_attribute(name).unwrap()?.value;
    Some(String::from_utf8(value.to_vec()).unwrap())
}

fn number(tag: &BytesStart<'_>, name: &str) -> f64 {
    attribute(tag, name).unwrap().parse().unwrap()
}

fn read(svg: &str) -> Picture {
    let mut reader = Reader::from_str(svg);
    let (mut picture, mut rooms) = (Picture::default(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return picture,
            Event::End(tag) => rooms -= i32::from(tag.name().as_ref() == b"svg"),
            Event::Text(text) => picture.texts.push(String::from_utf8(text.to_vec()).unwrap()),
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                assert!(tag.attributes().all(|a| !a.unwrap().key.as_ref().starts_with(b"on")));
                let class = attribute(&tag, "class").unwrap_or_default();
                let frame = || ["x", "y", "width", "height"].map(|key| number(&tag, key));
                match name.as_str() {
                    "svg" if rooms == 0 => picture.size = (number(&tag, "width"), number(&tag, "height")),
                    "svg" => picture.rooms.push(frame()),
                    "rect" if class.starts_with("box") && attribute(&tag, "rx").is_some() => {
                        picture.boxes.push(frame())
                    }
                    "path" if class == "line" => picture.lines.push(attribute(&tag, "d").unwrap()),
                    "text" if rooms == 2 => picture.inside.push((number(&tag, "x"), number(&tag, "y"))),
                    "text" if class.is_empty() => picture.beside.push((number(&tag, "x"), number(&tag, "y"))),
                    _ => {}
                }
                rooms += i32::from(name == "svg");
                picture.elements.push(name);
            }
            _ => {}
        }
    }
}

/// `M10 20H30V40H50` as 10, 20, 30, 40, 50.
fn steps(way: &str) -> Vec<f64> {
    way[1..].split([' ', 'H', 'V']).map(|x| x.parse().unwrap()).collect()
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
}

#[test]
fn every_node_has_a_box_and_every_answer_a_line() {
    let model = model("models/credit-tree/1.1.0/model.json");
    let Predictor::Tree(tree) = &model.predictor else { panic!("a tree") };
    let svg = tree_svg(&model).unwrap();
    let picture = read(&svg);
    assert_eq!(picture.boxes.len(), tree.nodes.len());
    assert_eq!(picture.rooms, picture.boxes, "the room of a box's text is the box");
    assert_eq!(picture.lines.len(), tree.nodes.len() - 1);
    assert!(picture.boxes.iter().all(|b| b[0] > 0.0 && b[1] > 0.0));
    assert!(picture.boxes.iter().all(|b| b[0] + b[2] < picture.size.0 && b[1] + b[3] < picture.size.1));
    for (i, a) in picture.boxes.iter().enumerate() {
        assert!(picture.boxes[..i].iter().all(|b| !overlap(*a, *b)), "{a:?}");
    }
    assert!(picture.inside.iter().all(|(x, y)| *x > 0.0 && *x < 188.0 && *y > 10.0 && *y < 46.0));
    // Lines lead from the right of a box to the left of another, from middle to middle.
    let ends = |at: usize, x: f64, y: f64| {
        let found =
            |b: &&[f64; 4]| (b[0] + [b[2], 0.0][at] - x).abs() < 0.2 && (b[1] + b[3] / 2.0 - y).abs() < 0.2;
        picture.boxes.iter().filter(found).count()
    };
    for way in &picture.lines {
        let [x, y, _, down, end] = steps(way)[..] else { panic!("{way}") };
        assert_eq!((ends(0, x, y), ends(1, end, down)), (1, 1), "{way}");
    }
    // Texts beside lines start in no box.
    for (x, y) in &picture.beside {
        assert!(!picture.boxes.iter().any(|b| overlap(*b, [*x, y - 8.0, 1.0, 8.0])), "{x} {y}");
    }
    assert!(picture.beside.len() >= picture.lines.len());
    for leaf in leaf_table(&model).unwrap() {
        assert!(picture.texts.iter().any(|t| t.starts_with(&format!("leaf {}, ", leaf.leaf))));
    }
    assert_eq!(svg, tree_svg(&model).unwrap());
    assert!(svg.contains("prefers-color-scheme"));
}

#[test]
fn a_picture_is_sound_xml_whatever_the_names() {
    let mut parts = model("crates/model/tests/samples/v1-tree.json").into_parts();
    parts.schema.fields[0].name = "<b>&\"'orders WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW".to_owned();
    parts.grades[2].name = "]]><script>alert(1)</script>".to_owned();
    let Kind::Category { categories, .. } = &mut parts.schema.fields[1].kind else { panic!("a category") };
    *categories = ["\u{1}\u{7}bell", "<script>", "一个非常长的类别名称一个非常长的类别名称"]
        .map(str::to_owned)
        .to_vec();
    let svg = tree_svg(&Model::new(parts).unwrap()).unwrap();
    let picture = read(&svg);
    assert!(!picture.elements.iter().any(|name| name == "script" || name == "b"));
    assert!(!svg.chars().any(|c| c.is_control() && c != '\n'));
    assert!(
        picture.texts.iter().any(|t| t.contains("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW")),
        "whole in a tooltip"
    );
    assert!(picture.texts.iter().any(|t| t.ends_with('…') && t.contains("orders")), "cut in its box");
}

#[test]
fn of_many_categories_the_last_are_counted_and_missing_is_said() {
    let mut parts = model("crates/model/tests/samples/v1-tree.json").into_parts();
    let Kind::Category { categories, .. } = &mut parts.schema.fields[1].kind else { panic!("a category") };
    *categories = (100..200).map(|i| format!("town {i}")).collect();
    parts.profile = Default::default();
    parts.transforms.clear();
    let model = with_tree(parts, |tree| {
        let leaf = Node { count: 4, bads: 1, pd: 0.25, split: None };
        let sides = (0..100).map(|i| if i < 60 { Side::Left } else { Side::Right }).collect();
        let test = Test::In { categories: sides, other: Side::Left };
        let split = Split { field: 1, test, missing: Side::Left, left: 1, right: 2 };
        tree.nodes = vec![Node { split: Some(split), ..leaf.clone() }, leaf.clone(), leaf];
    });
    let picture = read(&tree_svg(&model).unwrap());
    let all = picture.texts.join("|");
    assert!(
        all.contains("town 100, ") && all.contains(" more,") && all.contains("other (unseen), missing"),
        "{all}"
    );
    // A line has its answer whole in its tooltip, then what is shown of it: 60 towns shown or counted, and 40.
    let mut answers = Vec::new();
    for line in tree_svg(&model).unwrap().lines().filter(|line| line.starts_with("<text x=")) {
        let text = line.split_once('>').unwrap().1.split_once('<').unwrap().0;
        let more =
            text.split_once("… ").map(|(_, rest)| rest.split(' ').next().unwrap().parse::<usize>().unwrap());
        answers.push((text.matches("town ").count(), more));
    }
    let mut sums = vec![0];
    for (shown, more) in answers {
        *sums.last_mut().unwrap() += shown + more.unwrap_or(0);
        if more.is_some() {
            sums.push(0);
        }
    }
    assert_eq!(sums, [60, 40, 0]);
}

#[test]
fn a_single_leaf_and_a_very_deep_tree_are_drawn_too() {
    let parts = || model("crates/model/tests/samples/v1-tree.json").into_parts();
    let leaf = || Node { count: 0, bads: 0, pd: 0.25, split: None };
    let single = tree_svg(&with_tree(parts(), |tree| tree.nodes = vec![leaf()])).unwrap();
    assert_eq!(read(&single).boxes.len(), 1);
    assert!(single.contains("any customer") && !single.contains("NaN"), "{single}");
    let deep = with_tree(parts(), |tree| {
        tree.nodes = vec![leaf()];
        for level in 0..2000_usize {
            let (here, next) = (2 * level, 2 * level + 1);
            let test = Test::Below { threshold: level as f64, special: vec![Side::Left] };
            tree.nodes[if here == 0 { 0 } else { here }].split =
                Some(Split { field: 0, test, missing: Side::Left, left: next, right: next + 1 });
            tree.nodes.extend([leaf(), leaf()]);
        }
    });
    assert_eq!(read(&tree_svg(&deep).unwrap()).boxes.len(), 4001);
}

#[test]
fn only_trees_are_drawn() {
    for name in ["v1-scorecard", "v1-logistic", "v1-segments"] {
        assert_eq!(tree_svg(&model(&format!("crates/model/tests/samples/{name}.json"))), None);
    }
}
