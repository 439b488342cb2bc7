//! The library is whole and documented, what it lacks is left out and told, and mistakes are named.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use arrears_behavior::features::{DERIVED_COLUMNS, groups, library};
use arrears_behavior::{Columns, Declaration, EventKind, OneOrMany, Plan, Selection, Window};

fn selection(names: &[&str]) -> Selection {
    let library = OneOrMany(names.iter().map(|name| (*name).to_owned()).collect());
    Selection { library, ..Selection::default() }
}

fn declared(text: &str) -> Result<Plan, String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        feature: Vec<Declaration>,
    }
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    Plan::new(&Selection::default(), &file.feature, &Columns::standard()).map_err(|error| error.to_string())
}

#[test]
fn every_feature_of_the_library_is_possible_and_documented() {
    assert!(library().len() >= 60);
    let plan = Plan::new(&selection(&["all"]), &[], &Columns::standard()).unwrap();
    assert!(plan.left_out().is_empty());
    for feature in library() {
        for text in [&feature.group, &feature.meaning, &feature.unit, &feature.why] {
            assert!(!text.is_empty(), "{}", feature.name);
        }
        assert_eq!(
            library().iter().filter(|other| other.name == feature.name).count(),
            1,
            "{}",
            feature.name
        );
    }
    let mut sorted = groups();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), groups().len(), "groups stand together");
}

#[test]
fn what_is_not_mapped_is_left_out_of_groups_and_refused_alone() {
    let mut columns = Columns::standard();
    columns.tables[EventKind::Returns as usize] = None;
    let orders = columns.tables[EventKind::Orders as usize].as_mut().unwrap();
    orders.retain(|column| column.name != "channel");
    let plan = Plan::new(&selection(&["all"]), &[], &columns).unwrap();
    assert!(!plan.reads(EventKind::Returns));
    assert!(plan.names().iter().all(|name| !name.starts_with("return") && !name.starts_with("orders_web")));
    let told: Vec<String> = plan.left_out().iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|text| text.contains("`return_rate`: table `returns` is not mapped")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|text| text.contains("`orders_web_share`") && text.contains("`channel`")),
        "{told:?}"
    );
    let alone = Plan::new(&selection(&["returns_count"]), &[], &columns).unwrap_err();
    assert!(alone.to_string().contains("add a section [returns]"), "{alone}");
}

#[test]
fn only_what_is_needed_is_read() {
    let plan = Plan::new(&selection(&["payments_delay_max"]), &[], &Columns::standard()).unwrap();
    assert_eq!(plan.columns(EventKind::Payments), ["paid_at"]);
    assert!(!plan.reads(EventKind::Orders));
    let windows = ["30d", "90d", "365d", "all"].map(|window| format!("payments_delay_max_{window}"));
    assert_eq!(plan.names(), windows);
    let plan = Plan::new(&selection(&["report_score"]), &[], &Columns::standard()).unwrap();
    assert_eq!(plan.names(), ["report_score"]);
}

#[test]
fn mistakes_are_named_and_mended() {
    let orders = "[[feature]]\nname = 'x'\nevent = 'orders'\n";
    let cases = [
        (
            format!("{orders}aggregate = 'sum'\nof = 'amuont'"),
            "no column of orders `amuont`; did you mean `amount`?",
        ),
        (format!("{orders}aggregate = 'sum'\nof = 'channel'"), "sum needs numbers, and `channel` is text"),
        (format!("{orders}aggregate = 'sum'"), "sum needs a column: write for example `of = \"amount\"`"),
        (format!("{orders}aggregate = 'streak'"), "streak needs a condition"),
        (format!("{orders}aggregate = 'quantile'\nof = 'amount'\nq = 2.0"), "`q` from 0 to 1"),
        (format!("{orders}aggregate = 'count'\nq = 0.5"), "`q` belongs to quantile alone"),
        (format!("{orders}aggregate = 'count'\nwhere = 'amount'"), "a condition is needed here"),
        (format!("{orders}aggregate = 'count'\nwhere = 'chanel == \"web\"'"), "did you mean `channel`?"),
        (format!("{orders}aggregate = 'count'\nwhere = 'gap_days > 1'"), "there is no column `gap_days`"),
        (format!("{orders}aggregate = 'count'\nwindow = '90'"), "expected `all` or days as `90d`"),
        (
            format!("{orders}aggregate = 'count'\nwindow = 'all'\ncompare = 'past'"),
            "compare needs a window of days",
        ),
        (format!("{orders}aggregate = 'cuont'"), "unknown variant `cuont`"),
        (format!("{orders}aggregate = 'count'\nwindows = '30d'"), "unknown field `windows`"),
        (
            format!("{orders}aggregate = 'count'\n{orders}aggregate = 'count'"),
            "there is already a column `x_30d`",
        ),
        (
            "[[feature]]\nname = 'x'\nevent = 'order'\naggregate = 'count'".to_owned(),
            "expected one of customers, orders",
        ),
        ("[[feature]]\nname = 'x'\naggregate = 'count'".to_owned(), "no event"),
        ("[[feature]]\nname = 'X'\nevent = 'orders'\naggregate = 'count'".to_owned(), "lower-case letters"),
        (
            "[[feature]]\nname = 'x'\naggregate = 'ratio'\nof = 'orders_amont / orders_count'".to_owned(),
            "did you mean `orders_amount`?",
        ),
        (
            "[[feature]]\nname = 'x'\naggregate = 'ratio'\nof = 'return_rate / orders_count'".to_owned(),
            "is a ratio itself",
        ),
    ];
    for (text, expected) in cases {
        let error = declared(&text).expect_err(&text);
        assert!(error.contains(expected), "{text}\n{error}\nexpected {expected}");
    }
    let error = Plan::new(&selection(&["purchas"]), &[], &Columns::standard()).unwrap_err().to_string();
    assert!(error.contains("did you mean `purchase`?"), "{error}");
}

#[test]
fn one_may_be_written_for_many() {
    let config: Selection = toml::from_str("library = 'all'\nwindows = '7d'").unwrap();
    assert_eq!(config.windows.0, [Window::Days(7)]);
    assert_eq!(toml::from_str::<Selection>("").unwrap(), Selection::default());
}

/// Writes the tables of docs/feature-library.md; with ARREARS_WRITE_DOCS they are put there.
#[test]
fn the_docs_hold_the_library() {
    const BEGIN: &str = "<!-- the tables below are made from library.toml -->\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/feature-library.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (head, tables) = text.split_once(BEGIN).expect("a mark");
    let expected = tables_of_docs();
    if std::env::var_os("ARREARS_WRITE_DOCS").is_some() {
        std::fs::write(path, format!("{head}{BEGIN}{expected}")).unwrap();
    } else {
        assert!(
            tables == expected,
            "docs/feature-library.md is stale: run this test with ARREARS_WRITE_DOCS=1"
        );
    }
}

fn tables_of_docs() -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut text = String::from("\n## Derived columns\n\n| column | table | what it is |\n|---|---|---|\n");
    for column in DERIVED_COLUMNS {
        let of = column.of.map_or("every", EventKind::name);
        text += &format!("| `{}` | {of} | {} |\n", column.name, cell(column.meaning));
    }
    for group in groups() {
        text += &format!(
            "\n## Library: {group}\n\n| feature | meaning | formula | unit | why it matters |\n|---|---|---|---|---|\n"
        );
        for feature in library().iter().filter(|feature| feature.group == group) {
            let bare = feature.window.0[..] == [Window::All];
            let name = if bare { format!("`{}`", feature.name) } else { format!("`{}_…`", feature.name) };
            let (meaning, formula) = (cell(&feature.meaning), cell(&feature.formula()));
            text += &format!(
                "| {name} | {meaning} | `{formula}` | {} | {} |\n",
                feature.unit,
                cell(&feature.why)
            );
        }
    }
    text
}

/// Sums that no 64 bits hold: three times nine million million.
#[test]
fn the_largest_numbers_add_up() {
    use arrears_behavior::{Amount, AsOf, Column, Events, History, Moment, Values, Zone};
    let selection: Selection = toml::from_str(
        "library = ['orders_amount', 'orders_line_mean', 'orders_cod_amount']\nwindows = 'all'",
    )
    .unwrap();
    let plan = Plan::new(&selection, &[], &Columns::standard()).unwrap();
    let texts = std::sync::Arc::new(["cash_on_delivery"].into_iter().collect::<arrears_behavior::Texts>());
    let column = |name: &String| Column {
        name: name.clone(),
        late: None,
        values: match name.as_str() {
            "amount" => Values::Number(vec![Amount(9_000_000_000_000_000_000); 3]),
            _ => Values::Text { codes: vec![0; 3], dictionary: texts.clone() },
        },
    };
    let events = |kind: EventKind| {
        let rows = if kind == EventKind::Orders { 3 } else { 0 };
        let (at, columns) = (vec![Moment(0); rows], plan.columns(kind).iter().map(column).collect());
        Events { kind, starts: vec![0, rows as u32], known_at: at.clone(), at, columns }
    };
    let history = History { customers: ["c"].into_iter().collect(), events: EventKind::ALL.map(events) };
    let zone = std::sync::Arc::new(Zone::new("UTC").unwrap());
    let table = plan.evaluate(&history, &AsOf::parse("2026-09-30", &zone).unwrap()).unwrap();
    assert_eq!([0, 1, 2].map(|feature| table.column(feature)[0]), [27e12, 9e12, 27e12]);
}
