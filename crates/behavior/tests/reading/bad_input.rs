//! Tables as companies have them: each fault is told, each row accounted for, and what the policies say is done.

use crate::shop::{Lines, histories};
use arrears_behavior::clean::{Rejected, TableReport};
use arrears_behavior::{CleaningReport, Config, Error, EventKind, EventReader, ReadSettings};
use std::fs;
use std::sync::{Arc, Mutex};

const HEAD: &str = "currency = \"GBP\"\ntime_zone = \"UTC\"\n";

/// A folder with files, and its configuration.
struct Case {
    room: tempfile::TempDir,
    text: String,
}

impl Case {
    fn new(text: &str, files: &[(&str, &str)]) -> Case {
        let room = tempfile::tempdir().expect("a sound case");
        files.iter().for_each(|(name, text)| fs::write(room.path().join(name), text).expect("a sound case"));
        Case { room, text: format!("{HEAD}{text}") }
    }

    fn config(&self) -> Config {
        Config::from_toml(&self.text, "shop.toml", self.room.path()).expect("a sound case")
    }

    fn read(&self) -> (Lines, CleaningReport) {
        let found = histories(&self.config(), ReadSettings::default());
        for table in &found.1.tables {
            let left: u64 = table.left_out.iter().map(|cause| cause.rows).sum();
            assert_eq!(table.read, table.filtered + table.used + left, "{table:?}");
        }
        found
    }

    fn error(&self) -> String {
        let config = self.config();
        let all = |kind: EventKind| -> Vec<String> {
            config.columns().tables[kind as usize]
                .iter()
                .flatten()
                .map(|column| column.name.clone())
                .collect()
        };
        let reader = EventReader::open(&config, all, ReadSettings::default());
        let ended = reader.and_then(|reader| reader.for_each(|_| Ok::<_, Error>(()), |()| Ok(())));
        ended.expect_err("an error").to_string()
    }
}

fn lines(found: &Lines, customer: &str) -> Vec<String> {
    found.iter().find(|(id, _)| id == customer).map(|(_, lines)| lines.clone()).unwrap_or_default()
}

fn left_out(table: &TableReport) -> Vec<(u64, &str)> {
    table.left_out.iter().map(|cause| (cause.rows, cause.why.as_str())).collect()
}

fn noted(table: &TableReport) -> Vec<(u64, &str)> {
    table.noted.iter().map(|cause| (cause.rows, cause.why.as_str())).collect()
}

const ORDERS: &str =
    "[orders]\nfile = \"o.csv\"\ncolumns = { customer = \"c\", order = \"o\", at = \"t\", amount = \"a\" }\n";

#[test]
fn mixed_currencies_are_refused_or_left_out() {
    let file = "c,o,t,a,cur\n1,1,2024-01-01,5,GBP\n1,2,2024-01-02,6,EUR\n2,3,2024-01-03,7,\n2,4,2024-01-03,7,EUR\n2,x,never,7,EUR\n";
    let orders = ORDERS.replace("amount = \"a\"", "amount = \"a\", currency = \"cur\"");
    let why = Case::new(&orders, &[("o.csv", file)]).error();
    assert!(
        why.contains("none (1 rows), EUR (3 rows)")
            && why.contains("declares GBP")
            && why.contains("foreign_currency"),
        "{why}"
    );
    let (found, report) =
        Case::new(&format!("{orders}[clean]\nforeign_currency = \"drop\"\n"), &[("o.csv", file)]).read();
    assert_eq!(lines(&found, "1"), ["orders 2024-01-01T00:00:00Z 2024-01-01T00:00:00Z 1 5"]);
    assert_eq!(left_out(&report.tables[0]), [(1, "no currency is given"), (3, "amounts in EUR")]);
}

#[test]
fn text_dates_in_three_formats() {
    let file = "c,o,t,a\n1,1,2024-01-05,1\n1,2,31/01/2024,2\n1,3,01/02/2024,3\n1,4,02/31/2024,4\n1,5,,5\n";
    // Nothing is declared: what is not ISO 8601 is left out, with a hint.
    let (found, report) = Case::new(ORDERS, &[("o.csv", file)]).read();
    assert_eq!(lines(&found, "1").len(), 1);
    assert_eq!(
        left_out(&report.tables[0]),
        [(3, "at: expected a time by iso"), (1, "at: expected a time; it is missing")]
    );
    assert!(report.tables[0].notes[0].contains("declare each one"), "{:?}", report.tables[0].notes);
    // Two of the formats say different days of one of the values.
    let formats = format!("{ORDERS}time_format = [\"iso\", \"%d/%m/%Y\", \"%m/%d/%Y\"]\n");
    let (found, report) = Case::new(&formats, &[("o.csv", file)]).read();
    assert_eq!(lines(&found, "1").len(), 2);
    let causes = left_out(&report.tables[0]);
    let ambiguous =
        "at: expected a time with one meaning; it is one time by %d/%m/%Y and another by %m/%d/%Y";
    assert!(causes.contains(&(1, ambiguous)), "{causes:?}");
    // All of one format, not declared: the error says which.
    let why = Case::new(ORDERS, &[("o.csv", "c,o,t,a\n1,1,31/12/2024,1\n1,2,01/02/2024,2\n")]).error();
    assert!(
        why.contains("none of its 2 rows") && why.contains("time_format = [\"iso\", \"%d/%m/%Y\"]"),
        "{why}"
    );
}

#[test]
fn days_of_1970_and_9999_are_missing_and_told() {
    let payments = "[payments]\nfile = \"p.csv\"\ncolumns = { customer = \"c\", at = \"due\", amount = \"a\", paid_at = \"paid\" }\n";
    let file = "c,due,a,paid\n1,2024-01-05,1,9999-12-31\n1,2024-01-06,2,2024-01-07\n1,1970-01-01,3,2024-01-07\n1,9999-12-31T23:59:59Z,4,\n1,1970-01-02,5,\n";
    let (found, report) = Case::new(payments, &[("p.csv", file)]).read();
    let expected = [
        "payments 1970-01-02T00:00:00Z 1970-01-02T00:00:00Z 5 ",
        "payments 2024-01-05T00:00:00Z 2024-01-05T00:00:00Z 1 ",
        "payments 2024-01-06T00:00:00Z 2024-01-06T00:00:00Z 2 2024-01-07T00:00:00Z",
    ];
    assert_eq!(lines(&found, "1"), expected);
    let why = "at: it is a day that stands for a missing one (placeholder_dates)";
    assert_eq!(left_out(&report.tables[0]), [(2, why)]);
    assert_eq!(noted(&report.tables[0]), [(1, "a placeholder date was read as missing")]);
    let (found, _) =
        Case::new(&format!("{payments}[clean]\nplaceholder_dates = []\n"), &[("p.csv", file)]).read();
    assert_eq!(lines(&found, "1").len(), 5);
}

/// By default; who names that day means births too.
#[test]
fn people_were_born_on_the_first_of_january_1970() {
    let customers = "[customers]\nfile = \"c.csv\"\ncolumns = { customer = \"c\", at = \"joined\", born_at = \"born\" }\n";
    let file = "c,joined,born\n1,2024-01-05,1970-01-01\n2,1970-01-01,1980-02-03\n3,2024-01-05,1900-01-01\n";
    let read = |text: &str| {
        let (found, report) = Case::new(&format!("{customers}{text}"), &[("c.csv", file)]).read();
        let born = |customer: &str| lines(&found, customer)[0].ends_with("1970-01-01T00:00:00Z");
        (born("1"), left_out(&report.tables[0]).len(), noted(&report.tables[0]).first().map(|noted| noted.0))
    };
    assert_eq!(read(""), (true, 1, Some(1)));
    assert_eq!(read("[clean]\nplaceholder_dates = [\"1970-01-01\"]\n"), (false, 1, Some(1)));
}

#[test]
fn repeated_rows_and_ids_count_once() {
    let payments = "[payments]\nfile = \"p.csv\"\ncolumns = { customer = \"c\", payment = \"p\", at = \"due\", amount = \"a\", paid_at = \"paid\", known_at = \"k\" }\n";
    let file = "c,p,due,a,paid,k\n1,7,2024-01-05,1,,2024-01-01\n1,7,2024-01-05,1,2024-01-09,2024-01-01\n1,8,2024-01-05,1,,2024-01-01\n\
                1,8,2024-01-05,1,,2024-01-01\n1,9,2024-02-05,3,,2024-01-01\n1,9,2024-01-25,4,,2024-01-02\n2,9,2024-01-25,4,,2024-01-02\n\
                2,,2024-01-26,4,,2024-01-02\n2,,2024-01-27,4,,2024-01-02\n";
    let (found, report) = Case::new(payments, &[("p.csv", file)]).read();
    let expected = [
        "payments 2024-01-05T00:00:00Z 2024-01-01T00:00:00Z 7 1 2024-01-09T00:00:00Z",
        "payments 2024-01-05T00:00:00Z 2024-01-01T00:00:00Z 8 1 ",
        "payments 2024-01-25T00:00:00Z 2024-01-02T00:00:00Z 9 4 ",
    ];
    assert_eq!(lines(&found, "1"), expected);
    assert_eq!(lines(&found, "2").len(), 3);
    let causes = left_out(&report.tables[0]);
    assert_eq!(
        causes,
        [
            (2, "the same id is there again, with other values known later"),
            (1, "the same row was there already")
        ]
    );
    let (found, report) = Case::new(&format!("{payments}duplicates = \"keep\"\n"), &[("p.csv", file)]).read();
    assert_eq!(
        (lines(&found, "1").len(), noted(&report.tables[0])),
        (6, vec![(1, "the same row was there already")])
    );
}

#[test]
fn negative_amounts_and_one_file_for_orders_and_returns() {
    let file = "c,o,t,q,p\n1,A1,2024-01-05,2,10\n1,C1,2024-01-06,-1,10\n2,A2,2024-01-06,3,\n";
    let text = |orders: &str, returns: &str| {
        format!(
            "[orders]\nfile = \"o.csv\"\n{orders}\nkinds = {{ p = \"number\" }}\n[orders.columns]\ncustomer = \"c\"\norder = \"o\"\nat = \"t\"\nquantity = \"q\"\n\
             amount = {{ formula = \"q * p\" }}\n\
             [returns]\nfile = \"o.csv\"\nwhere = \"q < 0\"\n{returns}\ncolumns = {{ customer = \"c\", at = \"t\", quantity = \"q\" }}\n"
        )
    };
    let (found, report) =
        Case::new(&text("where = \"q > 0\"", "negative = \"absolute\""), &[("o.csv", file)]).read();
    let expected = [
        "orders 2024-01-05T00:00:00Z 2024-01-05T00:00:00Z A1 20 2",
        "returns 2024-01-06T00:00:00Z 2024-01-06T00:00:00Z 1",
    ];
    assert_eq!(lines(&found, "1"), expected);
    let [orders, returns] = report.tables.as_slice() else { panic!("two tables") };
    assert_eq!((orders.filtered, returns.filtered, orders.used, returns.used), (1, 2, 2, 1));
    assert_eq!(noted(returns), [(1, "a number below zero lost its sign")]);
    assert_eq!(returns.notes, ["not held against orders: `order` is not mapped"]);
    // Without a condition the negative row is left out of the orders, with advice.
    let (found, report) = Case::new(&text("", "negative = \"keep\""), &[("o.csv", file)]).read();
    assert_eq!(lines(&found, "1")[1], "returns 2024-01-06T00:00:00Z 2024-01-06T00:00:00Z -1");
    assert!(report.tables[0].left_out[0].why.contains("belong into [returns]"), "{:?}", report.tables[0]);
    let why = Case::new(&text("", "").replace("kinds = { p = \"number\" }", ""), &[("o.csv", file)]).error();
    assert!(why.contains("columns.amount = `q * p`") && why.contains("kinds = {"), "{why}");
}

#[test]
fn customers_that_are_not_in_customers() {
    let customers = "[customers]\nfile = \"c.csv\"\ncolumns = { customer = \"c\", at = \"t\" }\n";
    let files = [
        ("c.csv", "c,t\n1,2020-01-01\n3,2020-01-01\n"),
        ("o.csv", "c,o,t,a\n1,1,2024-01-05,1\n2,2,2024-01-05,2\n,3,2024-01-06,1\n"),
    ];
    let (found, report) = Case::new(&format!("{customers}{ORDERS}"), &files).read();
    assert_eq!(
        found.iter().map(|(id, lines)| (id.as_str(), lines.len())).collect::<Vec<_>>(),
        [("1", 2), ("2", 1), ("3", 1)]
    );
    assert_eq!(noted(&report.tables[1]), [(1, "the customer is not in customers")]);
    assert_eq!(left_out(&report.tables[1]), [(1, "customer: expected the id of a customer; it is missing")]);
    let (found, report) =
        Case::new(&format!("{customers}{ORDERS}[clean]\nunknown_customers = \"drop\"\n"), &files).read();
    assert_eq!(
        (found.len(), report.customers, left_out(&report.tables[1])[1]),
        (2, 2, (1, "the customer is not in customers"))
    );
}

/// Orders are looked up by id as they were known: not yet, too late, never.
#[test]
fn payments_and_returns_against_their_orders() {
    let text = format!(
        "{}[payments]\nfile = \"p.csv\"\ncolumns = {{ order = \"o\", at = \"t\", amount = \"a\", paid_at = \"paid\" }}\n\
         [returns]\nfile = \"r.csv\"\ncolumns = {{ customer = \"c\", order = \"o\", at = \"t\" }}\n",
        ORDERS.replace("amount = \"a\"", "amount = \"a\", known_at = \"k\"")
    );
    let files = [
        (
            "o.csv",
            "c,o,t,a,k\n1,A,2024-01-05,1,2024-01-05\n1,A,2024-01-06,1,2024-01-08\n2,B,2024-01-05,2,2024-03-01\n3,D,2024-01-05,2,2024-01-05\n4,D,2024-01-05,2,2024-01-05\n",
        ),
        (
            "p.csv",
            "o,t,a,paid\nA,2024-02-05,1,2024-01-04\nA,2024-02-06,1,\nC,2024-02-05,1,\nD,2024-02-05,1,\nA,2024-01-02,9,\nB,2024-02-05,1,\n",
        ),
        ("r.csv", "c,o,t\n1,A,2024-01-10\n1,A,2024-01-04\n1,B,2024-04-01\n2,B,2024-02-01\n2,B,2024-03-01\n"),
    ];
    let (found, report) = Case::new(&text, &files).read();
    let of = |customer: &str, kind: &str| -> Vec<String> {
        lines(&found, customer)
            .iter()
            .filter(|line| line.starts_with(kind))
            .map(|line| line.split(' ').skip(3).collect::<Vec<_>>().join(" "))
            .collect()
    };
    assert_eq!(of("1", "returns"), ["A ", "A 2024-01-05T00:00:00Z", "B "]);
    assert_eq!(of("2", "returns"), ["B ", "B 2024-01-05T00:00:00Z"]);
    assert_eq!(of("1", "payments"), ["A 9 ", "A 1 2024-01-04T00:00:00Z", "A 1 "]);
    assert_eq!(of("2", "payments"), ["B 1 "]);
    let [_, payments, returns] = report.tables.as_slice() else { panic!("three tables") };
    assert_eq!(
        left_out(payments),
        [(2, "order: expected the id of a known order, by which the customer is found")]
    );
    assert_eq!(
        noted(payments),
        [
            (2, "the order of the payment is not known by then"),
            (1, "due or paid before the order was placed")
        ]
    );
    assert_eq!(noted(returns), [(3, "the order of the return is not known by then")]);
    let drop = format!("{text}[clean]\nreturns_without_order = \"drop\"\npayments_before_order = \"drop\"\n");
    let (found, report) = Case::new(&drop, &files).read();
    assert_eq!(lines(&found, "1").iter().filter(|line| line.starts_with("returns")).count(), 1);
    assert_eq!(left_out(&report.tables[1])[1], (1, "due or paid before the order was placed"));
}

#[test]
fn units_and_times_of_knowing() {
    let text = ORDERS.replace("amount = \"a\"", "amount = \"a\", known_at = \"k\"") + "unit = 0.01\n";
    let file = "c,o,t,a,k\n1,1,2024-01-05,500,\n1,2,2024-01-06,700,2024-01-01\n1,3,2024-01-07,10 pounds,2024-01-07\n";
    let (found, report) = Case::new(&text, &[("o.csv", file)]).read();
    assert_eq!(lines(&found, "1"), ["orders 2024-01-06T00:00:00Z 2024-01-01T00:00:00Z 2 7"]);
    let mut causes = left_out(&report.tables[0]);
    causes.sort();
    let expected =
        [(1, "amount: expected a number such as 12.50"), (1, "known_at: expected a time; it is missing")];
    assert_eq!(causes, expected);
    assert_eq!(noted(&report.tables[0]), [(1, "known before it happened")]);
    let (found, _) =
        Case::new(&format!("{text}[clean]\nmissing_known_at = \"at\"\n"), &[("o.csv", file)]).read();
    assert_eq!(lines(&found, "1")[0], "orders 2024-01-05T00:00:00Z 2024-01-05T00:00:00Z 1 5");
}

/// The rows that are left out come with their place, in the order of the file.
#[test]
fn rejects_say_where() {
    let file = "c,o,t,a\n1,1,2024-01-05,1\n1,1,2024-01-05,1\n2,,2024-01-05,1\n\"3\n4\",9,2024-01-05,-2\n5,5,2024-01-05\n";
    let case = Case::new(ORDERS, &[("o.csv", file)]);
    let rows: Arc<Mutex<Vec<Rejected>>> = Arc::default();
    let taken = rows.clone();
    let sink = move |row| {
        taken.lock().expect("a sound case").push(row);
        Ok(())
    };
    let settings = ReadSettings { rejects: Some(Box::new(sink)), ..ReadSettings::default() };
    let (_, report) = histories(&case.config(), settings);
    assert_eq!((report.tables[0].read, report.tables[0].used), (5, 1));
    let rows = rows.lock().expect("a sound case");
    let words: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.customer.as_str(), row.column.as_str(), row.value.as_str()))
        .collect();
    let expected = [
        (4, "", "order", ""),
        (5, "", "amount", "-2"),
        (7, "", "", "5,5,2024-01-05"),
        (0, "1", "at", "2024-01-05T00:00:00Z"),
    ];
    assert_eq!(words, expected);
    assert!(
        rows[0].file.ends_with("o.csv") && rows[0].table == "orders" && rows[0].why.contains("missing"),
        "{:?}",
        rows[0]
    );
}

#[test]
fn a_column_or_a_file_that_is_not_there() {
    let why = Case::new(ORDERS, &[("o.csv", "c,o,T,a\n1,1,2024-01-05,1\n")]).error();
    assert!(why.contains("no column `t`: did you mean `T`?"), "{why}");
    let why = Case::new(ORDERS, &[]).error();
    assert!(why.contains("cannot open"), "{why}");
}
