use crate::random_models::model;
use arrears_model::schema::{OutOfRange, Unseen};
use arrears_model::tree::{Node, Side, Split, Test, Tree};
use arrears_model::{Cell, Field, Kind, Predictor, Schema, Special, Value};
use proptest::collection::vec;
use proptest::prelude::*;

fn number(name: &str, special: Vec<Special>) -> Field {
    let kind = Kind::Number { min: None, max: None, out_of_range: OutOfRange::Reject, special };
    Field { name: name.to_owned(), kind, reason: None, required: false, formula: None }
}

fn category(name: &str, categories: &[&str], unseen: Unseen) -> Field {
    let categories = categories.iter().map(|c| (*c).to_owned()).collect();
    Field {
        name: name.to_owned(),
        kind: Kind::Category { categories, unseen },
        reason: None,
        required: false,
        formula: None,
    }
}

/// Codes among the numbers and outside them; unseen categories that have a branch, and some that have none.
fn schema() -> Schema {
    let fields = vec![
        number("income", vec![]),
        number("late", vec![Special::Range([-9.0, -7.0]), Special::Value(3.0), Special::Value(9999.0)]),
        number("limit", vec![Special::Value(-1.0)]),
        category("home", &["other", "owner", "rent"], Unseen::Other),
        category("records", &["no", "yes"], Unseen::Missing),
    ];
    Schema { id: None, target: None, amount: None, missing: vec![], fields }
}

fn side() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![Side::Left, Side::Right])
}

/// Trees in which one field is often asked again, with answers that contradict each other.
fn tree() -> impl Strategy<Value = Tree> {
    let threshold = prop_oneof![
        6 => (-11..12i32).prop_map(f64::from),
        1 => prop::sample::select(vec![f64::MIN, -0.0, 9999.0, 9999.5]),
    ];
    let question = (0..5usize, threshold, vec(side(), 3), side(), side(), any::<prop::sample::Index>());
    vec(question, 0..20).prop_map(|questions| {
        let fields = schema().fields;
        let leaf = || Node { count: 2, bads: 1, pd: 0.5, split: None };
        let (mut nodes, mut leaves) = (vec![leaf()], vec![0]);
        for (field, threshold, sides, other, missing, at) in questions {
            let here = leaves.swap_remove(at.index(leaves.len()));
            let (left, right) = (nodes.len(), nodes.len() + 1);
            let test = match &fields[field].kind {
                Kind::Number { special, .. } => {
                    Test::Below { threshold, special: sides[..special.len()].to_vec() }
                }
                Kind::Category { categories, .. } => {
                    Test::In { categories: sides[..categories.len()].to_vec(), other }
                }
            };
            nodes[here].split = Some(Split { field, test, missing, left, right });
            nodes.extend([leaf(), leaf()]);
            leaves.extend([left, right]);
        }
        Tree { nodes }
    })
}

/// A raw value of each field; `None` is missing.
#[derive(Clone, Debug)]
enum Raw {
    Number(f64),
    Text(&'static str),
}

fn row() -> impl Strategy<Value = Vec<Option<Raw>>> {
    let number = || {
        prop_oneof![
            2 => (-24..24i32).prop_map(|x| Some(Raw::Number(f64::from(x) / 2.0))),
            1 => prop::sample::select(vec![-9.0, -7.0, -1.0, 3.0, 9998.0, 9999.0, 1e300, f64::MIN])
                .prop_map(|x| Some(Raw::Number(x))),
            1 => Just(None),
        ]
    };
    let text = |names: &'static [&'static str]| {
        prop::sample::select(names).prop_map(|name| (!name.is_empty()).then_some(Raw::Text(name)))
    };
    let texts = (text(&["other", "owner", "rent", "boat", ""]), text(&["no", "yes", "perhaps", ""]));
    (number(), number(), number(), texts).prop_map(|(a, b, c, (d, e))| vec![a, b, c, d, e])
}

fn cells(schema: &Schema, row: &[Option<Raw>]) -> Vec<Cell> {
    let value = |raw: &Option<Raw>| match raw {
        None => Value::Missing,
        Some(Raw::Number(x)) => Value::Number(*x),
        Some(Raw::Text(text)) => Value::Text(text),
    };
    schema.fields.iter().zip(row).map(|(field, raw)| field.ingest(&[], value(raw)).unwrap().0).collect()
}

/// Reads a sentence as its reader would, from the values as they are written: an oracle that knows the words
/// and nothing of rules.
fn is_true(text: &str, row: &[Option<Raw>]) -> bool {
    match text {
        "any customer" => return true,
        "no customer can come here" => return false,
        _ => {}
    }
    if let Some(inner) = whole_in_parentheses(text) {
        return is_true(inner, row);
    }
    if let Some((base, alternative)) = split_outside(text, " or ") {
        let name =
            ["income", "late", "limit", "home", "records"].into_iter().find(|n| base.contains(n)).unwrap();
        let alternative = match alternative {
            "missing" => format!("{name} is missing"),
            words if words.starts_with("= ") || words.starts_with("in ") => format!("{name} {words}"),
            range => format!("{name} in {{{range}}}"),
        };
        return is_true(base, row) || is_true(&alternative, row);
    }
    if let Some((first, rest)) = split_outside(text, " and ") {
        return is_true(first, row) && is_true(rest, row);
    }
    atom(text, row)
}

fn depth_at(text: &str, end: usize) -> i32 {
    let step = |c| i32::from(matches!(c, '(' | '{')) - i32::from(matches!(c, ')' | '}'));
    text[..end].chars().map(step).sum()
}

fn split_outside<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (at, _) = text.match_indices(word).find(|(at, _)| depth_at(text, *at) == 0)?;
    Some((&text[..at], &text[at + word.len()..]))
}

fn whole_in_parentheses(text: &str) -> Option<&str> {
    let closes =
        (1..text.len()).filter(|end| text.is_char_boundary(*end)).find(|end| depth_at(text, *end) == 0);
    (text.starts_with('(') && closes.is_none()).then(|| &text[1..text.len() - 1])
}

fn atom(text: &str, row: &[Option<Raw>]) -> bool {
    let schema = schema();
    let value = |name: &str| row[schema.position(name).unwrap_or_else(|| panic!("{text}"))].clone();
    let below = |name: &str, x: f64| matches!(value(name), Some(Raw::Number(v)) if v < x);
    let from = |name: &str, x: f64| matches!(value(name), Some(Raw::Number(v)) if v >= x);
    let known = |name: &str| match value(name) {
        // Its schema reads an unseen category as missing.
        Some(Raw::Text(text)) => name != "records" || text != "perhaps",
        value => value.is_some(),
    };
    let is = |name: &str, what: &str| match (what.split_once(" to "), value(name)) {
        _ if what == "missing" => !known(name),
        _ if what == "other (unseen)" => matches!(value(name), Some(Raw::Text("boat"))),
        (Some((low, high)), _) => {
            from(name, low.parse().unwrap()) && below(name, high.parse::<f64>().unwrap().next_up())
        }
        (None, Some(Raw::Number(v))) => v == what.parse::<f64>().unwrap(),
        (None, Some(Raw::Text(v))) => v == what,
        (None, None) => false,
    };
    let members =
        |list: &str| -> Vec<String> { list.trim_end_matches('}').split(", ").map(str::to_owned).collect() };
    let words: Vec<&str> = text.splitn(3, ' ').collect();
    match words[..] {
        [name, "is", "missing"] => !known(name),
        [name, "is", "known"] => known(name),
        [name, "<", x] => below(name, x.parse().unwrap()),
        [name, ">=", x] => from(name, x.parse().unwrap()),
        [low, "<=", rest] => {
            let (name, high) = rest.split_once(" < ").unwrap();
            from(name, low.parse().unwrap()) && below(name, high.parse().unwrap())
        }
        [name, "=", what] => is(name, what),
        [name, "!=", what] => !is(name, what),
        [name, "in", list] => members(&list[1..]).iter().any(|m| is(name, m)),
        [name, "not", list] => !members(&list["in {".len()..]).iter().any(|m| is(name, m)),
        _ => panic!("no sentence: {text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_row_satisfies_the_rule_of_its_leaf_and_no_other(tree in tree(), rows in vec(row(), 16)) {
        let schema = schema();
        let rules = tree.rules(&schema);
        prop_assert_eq!(rules.len(), tree.leaves().count());
        for row in &rows {
            let cells = cells(&schema, row);
            let leaf = tree.descend(&cells, &mut vec![]);
            for rule in &rules {
                let words = rule.words(&schema);
                prop_assert_eq!(rule.holds(&cells), rule.node == leaf, "{:?} {}", row, words);
                prop_assert_eq!(is_true(&words, row), rule.node == leaf, "{:?} {}", row, words);
                // Lists here are short, so nothing is cut.
                prop_assert_eq!(rule.short_words(&schema), words);
            }
        }
    }

    #[test]
    fn an_outline_is_true_of_who_passes_and_of_nobody_who_turns_off(tree in tree(), rows in vec(row(), 16)) {
        let schema = schema();
        let outline = tree.outline(&schema);
        let mut nodes: Vec<usize> = outline.iter().map(|line| line.node).collect();
        prop_assert_eq!(outline[0].depth, 0);
        nodes.sort_unstable();
        prop_assert_eq!(nodes, (0..tree.nodes.len()).collect::<Vec<_>>());
        let line = |node: usize| outline.iter().find(|line| line.node == node).unwrap();
        for row in &rows {
            let mut path = vec![];
            tree.descend(&cells(&schema, row), &mut path);
            for (depth, step) in path.windows(2).enumerate() {
                let split = tree.nodes[step[0]].split.as_ref().unwrap();
                let (taken, other) = (line(step[1]), line(split.left + split.right - step[1]));
                prop_assert!(taken.words.starts_with("any ") || is_true(&taken.words, row), "{:?} {:?}", row, taken);
                prop_assert!(!other.words.starts_with("any ") && !is_true(&other.words, row), "{:?} {:?}", row, other);
                prop_assert!(!taken.pieces.is_empty(), "{:?} {:?}", row, taken);
                prop_assert_eq!((taken.depth, other.depth), (depth + 1, depth + 1));
            }
        }
    }

    #[test]
    fn so_it_is_in_any_model(model in model(), seeds in vec(any::<[u8; 8]>(), 32)) {
        let Predictor::Tree(tree) = &model.predictor else { return Ok(()) };
        let thresholds = tree.nodes.iter().filter_map(|n| match n.split.as_ref()?.test {
            Test::Below { threshold, .. } => Some(threshold),
            Test::In { .. } => None,
        });
        let numbers: Vec<f64> =
            thresholds.chain([0.0]).flat_map(|t| [t, t.next_down(), t.next_up()]).filter(|x| x.is_finite()).collect();
        let rules = tree.rules(&model.schema);
        for seed in seeds {
            let cell = |(field, pick): (&Field, &u8)| {
                let pick = usize::from(*pick);
                let (codes, names) = (field.special().len(), field.categories().len());
                match (&field.kind, pick % 4) {
                    (_, 0) => Cell::Missing,
                    (Kind::Number { .. }, 1) if codes > 0 => Cell::Special(pick / 4 % codes),
                    (Kind::Number { .. }, _) => Cell::Number(numbers[pick / 4 % numbers.len()]),
                    (Kind::Category { .. }, 1 | 2) if names > 0 => Cell::Category(pick / 4 % names),
                    (Kind::Category { .. }, _) => Cell::Unseen,
                }
            };
            let cells: Vec<Cell> = model.schema.fields.iter().zip(&seed).map(cell).collect();
            let leaf = tree.descend(&cells, &mut vec![]);
            let found: Vec<usize> = rules.iter().filter(|r| r.holds(&cells)).map(|r| r.node).collect();
            prop_assert_eq!(found, vec![leaf]);
        }
    }
}

const L: Side = Side::Left;
const R: Side = Side::Right;

fn below(field: usize, threshold: f64, special: &[Side], missing: Side) -> (usize, Test, Side) {
    (field, Test::Below { threshold, special: special.to_vec() }, missing)
}

fn within(field: usize, categories: &[Side], other: Side, missing: Side) -> (usize, Test, Side) {
    (field, Test::In { categories: categories.to_vec(), other }, missing)
}

/// The words of all leaves of a tree that asks one question after the other; every question but the first is asked
/// of those who were on the left of the one before.
fn words(questions: &[(usize, Test, Side)]) -> Vec<String> {
    let leaf = || Node { count: 2, bads: 1, pd: 0.5, split: None };
    let mut nodes = vec![leaf()];
    let mut here = 0;
    for (field, test, missing) in questions {
        let (left, right) = (nodes.len(), nodes.len() + 1);
        nodes[here].split = Some(Split { field: *field, test: test.clone(), missing: *missing, left, right });
        nodes.extend([leaf(), leaf()]);
        here = left;
    }
    let tree = Tree { nodes };
    tree.rules(&schema()).iter().map(|rule| rule.words(&schema())).collect()
}

#[test]
fn questions_about_one_field_become_one_condition() {
    let asked = [below(0, 120.0, &[], L), within(4, &[R, L], L, R), below(0, 45.5, &[], R)];
    assert_eq!(
        words(&asked),
        [
            "income < 45.5 and records = yes",
            "(45.5 <= income < 120 or missing) and records = yes",
            "(income < 120 or missing) and records != yes",
            "income >= 120",
        ]
    );
    assert_eq!(words(&[]), ["any customer"]);
}

#[test]
fn categories_are_named_the_shorter_way() {
    assert_eq!(words(&[within(3, &[R, L, L], L, L)]), ["home != other", "home = other"]);
    assert_eq!(
        words(&[within(3, &[L, L, R], R, R)]),
        ["home in {other, owner}", "home not in {other, owner}"]
    );
    assert_eq!(
        words(&[within(3, &[R, R, L], L, R)]),
        ["home in {rent, other (unseen)}", "home in {other, owner, missing}"]
    );
    assert_eq!(words(&[within(3, &[R, R, R], R, L)]), ["home is missing", "home is known"]);
    // An unseen category is read as missing here, so nobody is led by `other`.
    assert_eq!(words(&[within(4, &[L, L], R, L)]), ["any customer", "no customer can come here"]);
    assert_eq!(words(&[within(4, &[L, R], R, R)]), ["records = no", "records != no"]);
}

#[test]
fn codes_and_missing_values_are_named_where_the_numbers_do_not_tell() {
    // Codes of `late`: -9 to -7, 3 and 9999.
    assert_eq!(words(&[below(1, 5.0, &[L, L, R], R)]), ["late < 5", "late >= 5 or missing"]);
    assert_eq!(
        words(&[below(1, 5.0, &[R, R, L], L)]),
        [
            "(late < 5 and late not in {-9 to -7, 3}) or in {9999, missing}",
            "late >= 5 and late != 9999 or in {-9 to -7, 3}"
        ]
        .map(|text| text.replace("late >= 5 and late != 9999 or", "(late >= 5 and late != 9999) or"))
    );
    assert_eq!(
        words(&[below(1, f64::MIN, &[L, L, R], L)]),
        ["late in {-9 to -7, 3, missing}", "late is known and late not in {-9 to -7, 3}"]
    );
    assert_eq!(words(&[below(2, f64::MIN, &[L], R)]), ["limit = -1", "limit != -1"]);
    assert_eq!(words(&[below(2, f64::MIN, &[R], L)]), ["limit is missing", "limit is known"]);
    assert_eq!(
        words(&[below(2, -3.0, &[L], R)]),
        ["limit < -3 or = -1", "(limit >= -3 and limit != -1) or missing"]
    );
}

#[test]
fn answers_that_contradict_each_other_let_only_missing_values_through() {
    // Below 5, then not below 7: no number; missing goes that way both times.
    let leaf = || Node { count: 1, bads: 0, pd: 0.5, split: None };
    let ask = |threshold, missing, left, right| Split {
        field: 0,
        test: Test::Below { threshold, special: vec![] },
        missing,
        left,
        right,
    };
    for (second, expected) in [
        (R, ["income < 5", "income is missing"]),
        (L, ["income < 5 or missing", "no customer can come here"]),
    ] {
        let mut nodes = vec![leaf(); 5];
        nodes[0].split = Some(ask(5.0, L, 1, 2));
        nodes[1].split = Some(ask(7.0, second, 3, 4));
        let tree = Tree { nodes };
        let rules = tree.rules(&schema());
        assert_eq!(rules.iter().map(|r| r.node).collect::<Vec<_>>(), [3, 4, 2]);
        assert_eq!(rules.iter().map(|r| r.words(&schema())).collect::<Vec<_>>()[..2], expected);
    }
}

#[test]
fn odd_names_stay_apart_from_the_words_around_them() {
    for (names, expected) in [
        (["missing", "x"], [r#"home = "missing""#, r#"home != "missing""#]),
        (["", "x"], [r#"home = """#, r#"home != """#]),
        (["other (unseen)", "x"], [r#"home = "other (unseen)""#, r#"home != "other (unseen)""#]),
        (["a, b}\n", "x"], [r#"home = "a, b}\n""#, r#"home != "a, b}\n""#]),
        (["a or b", "x"], [r#"home = "a or b""#, r#"home != "a or b""#]),
    ] {
        let mut schema = schema();
        schema.fields[3] = category("home", &names, Unseen::Other);
        let leaf = Node { count: 1, bads: 0, pd: 0.5, split: None };
        let (field, test, missing) = within(3, &[L, R], R, R);
        let root = Node { split: Some(Split { field, test, missing, left: 1, right: 2 }), ..leaf.clone() };
        let rules = Tree { nodes: vec![root, leaf.clone(), leaf] }.rules(&schema);
        assert_eq!(rules.iter().map(|r| r.words(&schema)).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn long_lists_are_cut_but_not_what_is_said_of_missing_values() {
    let towns: Vec<String> = (100..200).map(|i| format!("town {i}")).collect();
    let mut schema = schema();
    schema.fields[3] = category("town", &towns.iter().map(String::as_str).collect::<Vec<_>>(), Unseen::Other);
    let sides: Vec<Side> = (0..100).map(|i| if i < 50 { L } else { R }).collect();
    let leaf = Node { count: 1, bads: 0, pd: 0.5, split: None };
    let split =
        Split { field: 3, test: Test::In { categories: sides, other: L }, missing: R, left: 1, right: 2 };
    let tree = Tree { nodes: vec![Node { split: Some(split), ..leaf.clone() }, leaf.clone(), leaf] };
    let rules = tree.rules(&schema);
    assert_eq!(
        rules[0].short_words(&schema),
        "town not in {town 150, town 151, town 152, ... 47 more, missing}"
    );
    assert!(rules[0].words(&schema).contains("town 198"));
    assert_eq!(rules[1].short_words(&schema), "town in {town 150, town 151, town 152, ... 47 more, missing}");
}

/// What was answered above is not said again as if it could still come.
#[test]
fn an_outline_names_only_what_can_come() {
    let split = |(field, test, missing), left, right| Node {
        count: 2,
        bads: 1,
        pd: 0.5,
        split: Some(Split { field, test, missing, left, right }),
    };
    let leaf = || Node { count: 2, bads: 1, pd: 0.5, split: None };
    let homes = |sides: [Side; 3]| Test::In { categories: sides.to_vec(), other: R };
    let nodes = vec![
        split(below(1, -10.0, &[L, R, R], L), 1, 2),
        split((3, homes([L, L, R]), R), 3, 4),
        split(below(1, 5.0, &[L, L, R], L), 5, 6),
        split((3, homes([R, L, L]), L), 7, 8),
        leaf(),
        leaf(),
        leaf(),
        leaf(),
        leaf(),
    ];
    let schema = schema();
    let outline = Tree { nodes }.outline(&schema);
    let shown: Vec<(usize, &str, Vec<&str>)> = outline
        .iter()
        .map(|o| (o.node, &o.words[..], o.pieces.iter().map(String::as_str).collect()))
        .collect();
    let expected: Vec<(usize, &str, Vec<&str>)> = vec![
        (0, "all customers", vec![]),
        (1, "late < -10 or in {-9 to -7, missing}", vec!["< -10", "-9 to -7", "missing"]),
        (3, "home in {other, owner}", vec!["other", "owner"]),
        // Neither missing homes nor those that rent come to node 3.
        (7, "home = owner", vec!["owner"]),
        (8, "home = other", vec!["other"]),
        (4, "home not in {other, owner}", vec!["rent", "other (unseen)", "missing"]),
        // Of the codes and missing values only 3 and 9999 come to node 2.
        (2, "late >= -10 and late not in {-9 to -7}", vec![">= -10", "= 3", "= 9999"]),
        (5, "-10 <= late < 5 and late not in {-9 to -7}", vec!["< 5", "= 3"]),
        (6, "late >= 5", vec![">= 5", "= 9999"]),
    ];
    assert_eq!(shown, expected);
}
