//! The files of a report: tables that read back, a page that obeys nobody.

use super::{run, standing};
use arrears_assess::{Report, Run, Standing};
use arrears_data::{ReadOptions, Table, read_all};
use std::path::Path;

const EVIL: &str = "<script>alert(1)</script> \"x\" 'y' & </style>";

fn write(folder: &Path, previous: bool) -> arrears_assess::Assessment {
    let mut now = run("2026-09-30", EVIL, &["优秀", EVIL, "at risk, \"bad\""]);
    now.currency = EVIL.into();
    let before = Run { as_of: EVIL.into(), model: format!("{EVIL} 1"), ..now.clone() };
    let mut report = Report::create(folder, &now, previous.then_some(&before), Some(0.4)).unwrap();
    for at in 0..9_000 {
        let customer = format!("{EVIL} {at}");
        let s = |grade: usize| Standing {
            why: (grade == 1).then(|| EVIL.into()),
            ..standing(
                &customer,
                0.01 * (grade + 1) as f64,
                grade,
                [Some(at as f64), Some(100.5)],
                Some(EVIL),
            )
        };
        let b = s(at % 3);
        match at % 10 {
            7 => report.add(Some(&b).filter(|_| previous), None).unwrap(),
            8 => report.reject(Some(&b).filter(|_| previous)).unwrap(),
            _ => report.add(Some(&b).filter(|_| previous && at % 4 > 0), Some(&s(at % 2))).unwrap(),
        }
    }
    report.finish().unwrap()
}

fn table(folder: &Path, name: &str) -> Table {
    read_all(&folder.join(name), &ReadOptions::default()).unwrap().table
}

/// Cells as text, numbers in one form.
fn rows(table: &Table) -> Vec<Vec<String>> {
    let cell = |row: usize, column: usize| {
        let text = table.column_at(column).text(row, &[]).unwrap_or_default().into_owned();
        text.parse::<f64>().map_or(text, |x| x.to_string())
    };
    (0..table.rows())
        .map(|row| (0..table.columns().len()).map(|column| cell(row, column)).collect())
        .collect()
}

#[test]
fn csv_and_parquet_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let a = write(folder.path(), true);
    for name in ["changes", "grades", "tiers", "migration", "limits", "summary"] {
        let csv = table(folder.path(), &format!("{name}.csv"));
        let parquet = table(folder.path(), &format!("{name}.parquet"));
        assert_eq!(csv.columns(), parquet.columns(), "{name}");
        assert_eq!(rows(&csv), rows(&parquet), "{name}");
        assert!(csv.rows() > 0, "{name}");
    }
    let changes = rows(&table(folder.path(), "changes.parquet"));
    let movement = |name: &str| changes.iter().filter(|row| row[3] == name).count() as u64;
    let moves = a.moves.unwrap();
    assert_eq!(movement("downgrade"), moves.downgraded.customers);
    assert_eq!(movement("upgrade"), moves.upgraded.customers);
    assert_eq!(
        (movement("new"), movement("gone"), movement("rejected")),
        (a.customers.new, a.customers.gone, a.customers.rejected_before)
    );
    // Nothing else changed for those who stayed.
    assert_eq!(movement("stable"), 0);
    let migration = rows(&table(folder.path(), "migration.csv"));
    let all: f64 = migration.iter().map(|row| row[7].parse::<f64>().unwrap()).sum();
    let c = a.customers;
    assert_eq!(all as u64, c.kept + c.new + c.gone + c.rejected);
}

#[test]
fn the_page_obeys_nobody() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), true);
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)"));
    assert!(!page.contains("http") && !page.contains("url(") && !page.contains("src="));
    assert_eq!(page.matches("</style>").count(), 1);
    balanced(&page);
}

#[test]
fn a_first_run_has_the_same_files() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(first.path(), false);
    write(second.path(), true);
    let names = |folder: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let mut expected = arrears_assess::report::FILES.to_vec();
    expected.sort_unstable();
    assert_eq!(names(first.path()), expected);
    assert_eq!(names(second.path()), expected);
    let header = |folder: &Path, file: &str| {
        std::fs::read_to_string(folder.join(file)).unwrap().lines().next().unwrap().to_owned()
    };
    for file in expected.iter().filter(|file| file.ends_with(".csv")) {
        assert_eq!(header(first.path(), file), header(second.path(), file));
    }
    balanced(&std::fs::read_to_string(first.path().join("report.html")).unwrap());
}

#[test]
fn a_dropped_report_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let now = run("2026-09-30", "m 1", &["good"]);
    let mut report = Report::create(folder.path(), &now, None, None).unwrap();
    report.add(None, Some(&standing("a", 0.1, 0, [None, None], None))).unwrap();
    drop(report);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Every element that is opened is closed, in order.
#[track_caller]
fn balanced(page: &str) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(page);
    reader.config_mut().check_end_names = false;
    let mut open: Vec<Vec<u8>> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) if matches!(e.name().as_ref(), b"meta" | b"br") => {}
            Event::Start(e) => open.push(e.name().as_ref().to_vec()),
            Event::End(e) => assert_eq!(open.pop().as_deref(), Some(e.name().as_ref())),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
}

/// Customer, movement, notches, limit change, limit difference and tier of each row of `changes`.
fn changes(before: &Run, pairs: &[(Option<Standing>, Option<Standing>)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let now = run("2026-09-30", "m 1", &["good", "fair", "bad"]);
    let mut report = Report::create(folder.path(), &now, Some(before), None).unwrap();
    for (before, now) in pairs {
        report.add(before.as_ref(), now.as_ref()).unwrap();
    }
    report.finish().unwrap();
    let table = rows(&table(folder.path(), "changes.parquet"));
    table.iter().map(|row| [2, 3, 4, 13, 16, 18].map(|at| row[at].as_str()).join("|")).collect()
}

#[test]
fn changes_are_of_grade_limit_or_tier() {
    let s = |customer: &str, grade, limit, tier| {
        Some(standing(customer, 0.1, grade, [Some(limit), Some(7.0)], Some(tier)))
    };
    let held =
        |s: Option<Standing>| s.map(|s| Standing { model_grade: 2, why: Some("hysteresis".into()), ..s });
    let pairs = [
        (s("same", 1, 10.0, "A"), held(s("same", 1, 10.0, "A"))),
        (s("grade", 0, 10.0, "A"), s("grade", 2, 10.0, "A")),
        (s("limit", 1, 0.1, "A"), s("limit", 1, 0.3, "A")),
        (s("tier", 1, 10.0, "A"), s("tier", 1, 10.0, "B")),
        (None, s("new", 1, 10.0, "A")),
        (s("gone", 1, 10.0, "A"), None),
    ];
    let mut before = run("2026-06-30", "m 1", &["good", "fair", "bad"]);
    let found = changes(&before, &pairs);
    let expected = [
        "grade|downgrade|2|unchanged|0|A",
        "limit|stable|0|raised|0.2|A",
        "tier|stable|0|unchanged|0|B",
        "new|new||new|10|A",
        "gone|gone||gone|-10|",
    ];
    assert_eq!(found, expected);
    // Limits in two currencies are not compared.
    before.currency = "EUR".into();
    let found = changes(&before, &pairs);
    let expected = ["grade|downgrade|2|||A", "tier|stable|0|||B", "new|new||||A", "gone|gone||||"];
    assert_eq!(found, expected);
}
