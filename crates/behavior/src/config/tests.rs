use super::*;
use std::path::PathBuf;

fn read(text: &str) -> Result<Config, String> {
    Config::from_toml(text, "shop.toml", Path::new("data")).map_err(|error| error.to_string())
}

const HEAD: &str = "currency = \"GBP\"\ntime_zone = \"Europe/London\"\n";
const ORDERS: &str = "[orders]\nfile = \"orders.csv\"\ncolumns = { customer = \"c\", order = \"o\", at = \"t\", amount = \"a\" }\n";

fn columns_of(config: &Config, kind: EventKind) -> Option<Vec<(String, ValueKind)>> {
    let columns = config.columns().tables[kind as usize].clone()?;
    Some(columns.into_iter().map(|column| (column.name, column.kind)).collect())
}

#[test]
fn a_table_is_mapped() {
    let text = format!(
        "{HEAD}[orders]\nfile = [\"a.csv\", \"b.csv\"]\nunit = 0.01\ntime_format = \"%d/%m/%Y\"\nwhere = \"q > 0\"\n\
         [orders.columns]\ncustomer = \"c\"\norder = {{ from = [\"c\", \"t\"] }}\nat = \"t\"\namount = {{ formula = \"q * p\" }}\n\
         vip = {{ from = \"VIP\", kind = \"text\" }}\nfee = {{ from = \"f\", kind = \"money\" }}\n[label]\nanything = 1\n"
    );
    let config = read(&text).unwrap();
    let orders = config.table(EventKind::Orders).unwrap();
    assert_eq!(orders.files, [PathBuf::from("data/a.csv"), PathBuf::from("data/b.csv")]);
    assert_eq!((orders.unit, orders.condition.as_deref()), (10_000, Some("q > 0")));
    let columns = columns_of(&config, EventKind::Orders).unwrap();
    let expected = [
        ("order", ValueKind::Text),
        ("amount", ValueKind::Number),
        ("fee", ValueKind::Number),
        ("vip", ValueKind::Text),
    ];
    let expected = expected.map(|(name, kind)| (name.to_owned(), kind));
    assert_eq!(columns, expected);
    assert_eq!(orders.columns[0].source, ColumnSource::Columns(vec!["c".into(), "t".into()]));
    assert_eq!(orders.columns[1].source, ColumnSource::Formula("q * p".into()));
    let money: Vec<bool> = orders.columns.iter().map(|column| column.money).collect();
    assert_eq!(money, [false, true, true, false]);
    assert_eq!(columns_of(&config, EventKind::Returns), None);
}

#[test]
fn returns_find_their_order() {
    let returns = "[returns]\nfile = \"r.csv\"\ncolumns = { order = \"o\", at = \"t\" }\n";
    let config = read(&format!("{HEAD}{ORDERS}{returns}")).unwrap();
    let expected = [("order".to_owned(), ValueKind::Text), ("ordered_at".to_owned(), ValueKind::Time)];
    assert_eq!(columns_of(&config, EventKind::Returns).unwrap(), expected);
    let why = read(&format!("{HEAD}{returns}")).unwrap_err();
    assert!(why.contains("[returns] maps no `customer`"), "{why}");
}

/// Each mistake is told with its place and how to mend it.
#[test]
fn mistakes() {
    let columns = |columns: &str| format!("{HEAD}[orders]\nfile = \"o.csv\"\ncolumns = {{ {columns} }}\n");
    let all = "customer = \"c\", order = \"o\", at = \"t\"";
    let payments = |columns: &str| {
        format!(
            "{HEAD}[payments]\nfile = \"p.csv\"\ncolumns = {{ customer = \"c\", at = \"t\", amount = \"a\", {columns} }}\n"
        )
    };
    let cases = [
        (format!("time_zone = \"UTC\"\n{ORDERS}"), "currency = \"GBP\""),
        (format!("currency = \"GBP\"\n{ORDERS}"), "time_zone = \"Europe/London\""),
        (format!("currency = \"GBP\"\ntime_zone = \"Europe/Londno\"\n{ORDERS}"), "Europe/Londno"),
        (HEAD.to_owned(), "names no table"),
        (format!("{HEAD}[ordres]\nfile = \"x.csv\"\n"), "did you mean `orders`?"),
        (format!("{HEAD}{ORDERS}tiem_format = \"iso\"\n"), "did you mean `time_format`?"),
        (columns("customer = \"c\", at = \"t\""), "has no `order`: id of the order"),
        (columns("customer = \"c\", order = \"o\""), "has no `at`"),
        (columns("order = \"o\", at = \"t\""), "maps no `customer`"),
        (columns(&format!("{all}, amuont = \"a\"")), "did you mean `amount`?"),
        (columns(&format!("{all}, vip = \"v\"")), "vip = { from = \"...\", kind = \"number\" }"),
        (columns(&format!("{all}, vip = {{ from = \"v\", kind = \"txt\" }}")), "did you mean `text`?"),
        (columns(&format!("{all}, amount = {{ from = \"a\", kind = \"text\" }}")), "leave `kind` out"),
        (columns(&format!("{all}, amount = {{ from = \"a\", formula = \"b\" }}")), "either `from`"),
        (columns(&format!("{all}, amount = 5")), "the name of a column"),
        (columns(&format!("{all}, \"a b\" = {{ from = \"v\", kind = \"text\" }}")), "`a b` is no name"),
        (columns("customer = { formula = \"c\" }, order = \"o\", at = \"t\""), "no formula"),
        (payments("paid_amount = \"pa\""), "known from the time in `paid_at` on"),
        (format!("{HEAD}{ORDERS}unit = 0\n"), "for amounts in cents it is 0.01"),
        (format!("{HEAD}{ORDERS}time_format = \"dd/mm/yyyy\"\n"), "\"%d/%m/%Y\" for dd/mm/yyyy"),
        (format!("{HEAD}{ORDERS}currency = \"EUR\"\n"), "the table is in EUR and the configuration in GBP"),
        (format!("{HEAD}{}", ORDERS.replace("orders.csv", "*.nothing")), "no file is called as `*.nothing`"),
        (format!("{HEAD}{ORDERS}[clean]\nplaceholder_dates = [\"1.1.1970\"]\n"), "`1.1.1970` is no day"),
        (format!("{HEAD}{ORDERS}[clean]\nunknown_customers = \"dorp\"\n"), "dorp"),
    ];
    for (text, expected) in cases {
        let why = read(&text).err().unwrap_or_else(|| panic!("it is taken: {text}"));
        assert!(why.starts_with("configuration `shop.toml`") && why.contains(expected), "{text}\n{why}");
    }
}
