//! Random expressions on random rows: our program by row, our program by column and the `cel` crate's interpreter say
//! the same. A missing value is a variable that the interpreter does not know: what it makes of the error is what we
//! make of missing.

use arrears_expression::{Columns, Expression, Kind, Truth, Value};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const COLUMNS: [(&str, Kind); 7] = [
    ("a", Kind::Number),
    ("b", Kind::Number),
    ("name", Kind::Text),
    ("place", Kind::Text),
    ("vip", Kind::Bool),
    ("from", Kind::Time),
    ("to", Kind::Time),
];

/// One row; moments in whole seconds, as the peer has them as numbers.
#[derive(Clone, Debug)]
struct Row {
    a: Option<f64>,
    b: Option<f64>,
    name: Option<String>,
    place: Option<String>,
    vip: Option<bool>,
    from: Option<i64>,
    to: Option<i64>,
}

/// The same expression for us and for the peer: the peer's arithmetic asks for finite results by itself.
#[derive(Clone, Debug)]
struct Pair {
    ours: String,
    theirs: String,
}

fn pair(ours: impl Into<String>, theirs: impl Into<String>) -> Pair {
    Pair { ours: ours.into(), theirs: theirs.into() }
}

fn same(text: impl Into<String>) -> Pair {
    let text = text.into();
    pair(text.clone(), text)
}

fn joined(left: &Pair, sign: &str, right: &Pair) -> Pair {
    pair(
        format!("({} {sign} {})", left.ours, right.ours),
        format!("({} {sign} {})", left.theirs, right.theirs),
    )
}

fn chosen(condition: &Pair, yes: &Pair, no: &Pair) -> Pair {
    pair(
        format!("({} ? {} : {})", condition.ours, yes.ours, no.ours),
        format!("({} ? {} : {})", condition.theirs, yes.theirs, no.theirs),
    )
}

fn number_leaf() -> impl Strategy<Value = Pair> {
    prop_oneof![
        Just(same("a")),
        Just(same("b")),
        (-20..20_i32).prop_map(|n| pair(format!("{n}"), format!("{n}.0"))),
        (0..4000_u32).prop_map(|n| same(format!("{:?}", f64::from(n) / 8.0))),
        Just(pair("0x1f", "31.0")),
        Just(same("1.5e-3")),
        Just(pair("null_number", "nothing").replaced()),
        Just(pair("size(name)", "double(size(name))")),
        Just(pair("place.size()", "double(size(place))")),
        Just(pair("days(to, from)", "((to - from) / 86400.0)")),
    ]
}

impl Pair {
    /// A missing number in our words.
    fn replaced(self) -> Pair {
        Pair { ours: "(true ? null : 0)".to_owned(), theirs: self.theirs }
    }
}

fn text() -> impl Strategy<Value = Pair> {
    let leaf = prop_oneof![
        Just(same("name")),
        Just(same("place")),
        prop::sample::select(vec!["'toys'", "\"a'b\"", r"'\u00e9t\u00e9'", r"r'a\b'", "''", "'''x'''"])
            .prop_map(same),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        (Just(same("vip")), inner.clone(), inner).prop_map(|(c, y, n)| chosen(&c, &y, &n))
    })
}

fn number(condition: BoxedStrategy<Pair>) -> BoxedStrategy<Pair> {
    number_leaf()
        .prop_recursive(4, 32, 3, move |inner| {
            let two = (inner.clone(), inner.clone());
            prop_oneof![
                (two.clone(), prop::sample::select(vec!["+", "-", "*"]))
                    .prop_map(|((l, r), sign)| joined(&l, sign, &r)),
                two.clone().prop_map(|(l, r)| pair(
                    format!("({} / {})", l.ours, r.ours),
                    format!("({1} == 0.0 ? nothing : {0} / {1})", l.theirs, r.theirs)
                )),
                two.clone().prop_map(|(l, r)| pair(
                    format!("({} % {})", l.ours, r.ours),
                    format!("({1} == 0.0 ? nothing : rest({0}, {1}))", l.theirs, r.theirs)
                )),
                two.clone().prop_map(|(l, r)| pair(
                    format!("min({}, {})", l.ours, r.ours),
                    format!("({0} < {1} ? {0} : {1})", l.theirs, r.theirs)
                )),
                two.prop_map(|(l, r)| pair(
                    format!("max({0}, {1}, {0})", l.ours, r.ours),
                    format!("({0} > {1} ? {0} : {1})", l.theirs, r.theirs)
                )),
                inner.clone().prop_map(|x| pair(format!("-({})", x.ours), format!("-({})", x.theirs))),
                (inner.clone(), prop::sample::select(vec!["abs", "floor", "ceil", "round"]))
                    .prop_map(|(x, f)| pair(format!("{f}({})", x.ours), format!("our_{f}({})", x.theirs))),
                (condition.clone(), inner.clone(), inner).prop_map(|(c, y, n)| chosen(&c, &y, &n)),
            ]
        })
        .boxed()
}

fn plain_condition() -> BoxedStrategy<Pair> {
    let order = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let numbers = number_leaf();
    prop_oneof![
        Just(same("vip")),
        Just(same("true")),
        Just(same("false")),
        (numbers, number_leaf(), order.clone()).prop_map(|(l, r, sign)| joined(&l, sign, &r)),
        (text(), text(), order.clone()).prop_map(|(l, r, sign)| joined(&l, sign, &r)),
        order.prop_map(|sign| same(format!("(from {sign} to)"))),
        Just(pair("(to >= timestamp('1970-01-02T00:00:00+00:00'))", "(to >= 86400.0)")),
        Just(pair("(a in [1, 2.5, -3])", "(a in [1.0, 2.5, -3.0])")),
        Just(same("(name in ['toys', 'books', ''])")),
        (
            text(),
            prop::sample::select(vec!["startsWith", "endsWith", "contains"]),
            prop::sample::select(vec!["t", "s", "", "oo"])
        )
            .prop_map(|(t, f, x)| pair(
                format!("({}).{f}('{x}')", t.ours),
                format!("({}).{f}('{x}')", t.theirs)
            )),
        prop::sample::select(COLUMNS.map(|(name, _)| name).to_vec()).prop_flat_map(|name| {
            prop::sample::select(vec![
                pair(format!("({name} == null)"), format!("!has_{name}")),
                pair(format!("(null != {name})"), format!("has_{name}")),
                pair(format!("has({name})"), format!("has_{name}")),
            ])
        }),
    ]
    .boxed()
}

fn condition() -> BoxedStrategy<Pair> {
    plain_condition()
        .prop_recursive(4, 32, 3, |inner| {
            let order = prop::sample::select(vec!["==", "!=", "<", ">="]);
            prop_oneof![
                (inner.clone(), inner.clone(), prop::sample::select(vec!["&&", "||", "==", "!="]))
                    .prop_map(|(l, r, sign)| joined(&l, sign, &r)),
                prop::collection::vec(inner.clone(), 3).prop_map(|p| {
                    let all = |text: fn(&Pair) -> &str| p.iter().map(text).collect::<Vec<_>>().join(" && ");
                    pair(format!("({})", all(|p| &p.ours)), format!("({})", all(|p| &p.theirs)))
                }),
                inner.clone().prop_map(|x| pair(format!("!({})", x.ours), format!("!({})", x.theirs))),
                (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, y, n)| chosen(&c, &y, &n)),
                (number(inner.clone()), number(inner), order).prop_map(|(l, r, sign)| joined(&l, sign, &r)),
            ]
        })
        .boxed()
}

fn row() -> impl Strategy<Value = Row> {
    let number = || prop::option::weighted(0.8, (-40..40_i32).prop_map(|n| f64::from(n) / 4.0));
    let text = || {
        prop::option::weighted(
            0.8,
            prop::sample::select(vec!["toys", "books", "", "été", "a'b", r"a\b", "x"]),
        )
    };
    let time = || prop::option::weighted(0.8, -3..4_i64);
    (number(), number(), text(), text(), prop::option::weighted(0.8, any::<bool>()), time(), time()).prop_map(
        |(a, b, name, place, vip, from, to)| Row {
            a,
            b,
            name: name.map(str::to_owned),
            place: place.map(str::to_owned),
            vip,
            from: from.map(|days| days * 43_200),
            to: to.map(|days| days * 43_200),
        },
    )
}

fn values(row: &Row) -> [Value<'_>; 7] {
    let number = |n: Option<f64>| n.map_or(Value::Missing, Value::Number);
    let time = |t: Option<i64>| t.map_or(Value::Missing, |t| Value::Time(t * 1_000_000));
    fn text(t: &Option<String>) -> Value<'_> {
        t.as_deref().map_or(Value::Missing, Value::Text)
    }
    let vip = row.vip.map_or(Value::Missing, Value::Bool);
    [number(row.a), number(row.b), text(&row.name), text(&row.place), vip, time(row.from), time(row.to)]
}

/// The peer's answer; an error of a name that it does not know is missing, any other error a failure of this test.
fn peer(program: &cel::Program, row: &Row) -> Option<cel::Value> {
    let mut context = cel::Context::default();
    let functions = [
        ("our_abs", f64::abs as fn(f64) -> f64),
        ("our_floor", f64::floor),
        ("our_ceil", f64::ceil),
        ("our_round", f64::round),
    ];
    for (name, function) in functions {
        context.add_function(name, function).expect("a new name");
    }
    context.add_function("rest", |a: f64, b: f64| a % b).expect("a new name");
    for ((name, _), value) in COLUMNS.iter().zip(values(row)) {
        context.add_variable_from_value(format!("has_{name}"), value != Value::Missing);
        match value {
            Value::Missing => {}
            Value::Number(n) => context.add_variable_from_value(*name, n),
            Value::Text(t) => context.add_variable_from_value(*name, t.to_owned()),
            Value::Bool(t) => context.add_variable_from_value(*name, t),
            Value::Time(t) => context.add_variable_from_value(*name, t as f64 / 1e6),
        }
    }
    match program.execute(&context) {
        Ok(value) => Some(value),
        Err(cel::ExecutionError::UndeclaredReference(_)) => None,
        Err(other) => panic!("the peer cannot evaluate it: {other}"),
    }
}

/// Rows as columns; the dictionary has texts that no row has, some twice, and codes of both ends.
struct Table {
    rows: Vec<Row>,
    dictionary: Vec<String>,
}

impl Columns for Table {
    fn numbers(&self, column: usize, start: usize, out: &mut [f64]) {
        let pick = |row: &Row| if column == 0 { row.a } else { row.b };
        out.iter_mut().zip(&self.rows[start..]).for_each(|(out, row)| *out = pick(row).unwrap_or(f64::NAN));
    }

    fn times(&self, column: usize, start: usize, out: &mut [i64]) {
        let pick = |row: &Row| if column == 5 { row.from } else { row.to };
        out.iter_mut()
            .zip(&self.rows[start..])
            .for_each(|(out, row)| *out = pick(row).map_or(i64::MIN, |t| t * 1_000_000));
    }

    fn codes(&self, column: usize, start: usize, out: &mut [u32]) {
        for ((at, row), out) in self.rows.iter().enumerate().skip(start).zip(out) {
            let text = if column == 2 { &row.name } else { &row.place };
            let same = |text: &String| {
                let mut codes = self.dictionary.iter().enumerate().filter(|(_, other)| *other == text);
                // of a text with several codes now the one, now the other
                if at % 2 == 0 { codes.next() } else { codes.next_back() }
            };
            let code = text.as_ref().map(|text| same(text).expect("its text").0);
            *out = code.map_or(u32::MAX, |code| code as u32);
        }
    }

    fn texts(&self, _: usize) -> usize {
        self.dictionary.len()
    }

    fn text(&self, _: usize, code: u32) -> &str {
        &self.dictionary[code as usize]
    }

    fn truths(&self, _: usize, start: usize, out: &mut [Truth]) {
        out.iter_mut()
            .zip(&self.rows[start..])
            .for_each(|(out, row)| *out = row.vip.map_or(Truth::Missing, Truth::from));
    }
}

fn dictionary() -> Vec<String> {
    ["zebra", "toys", "été", "books", "", "a'b", r"a\b", "x", "oo", "toys", "zebra"]
        .map(str::to_owned)
        .to_vec()
}

/// The peer's parser takes some hundred KB of stack a level of brackets.
fn on_a_large_stack<S>(strategy: fn() -> S, test: fn(S::Value) -> Result<(), TestCaseError>)
where
    S: Strategy + 'static,
    S::Value: 'static,
{
    let run = move || {
        let config = ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config).run(&strategy(), test).expect("both say the same");
    };
    std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("both say the same");
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..6)
}

#[test]
fn conditions_as_the_peer_has_them() {
    on_a_large_stack(
        || (condition(), rows()),
        |(pair, rows)| {
            let ours = Expression::compile_as(Kind::Bool, &pair.ours, &COLUMNS).unwrap();
            let theirs = cel::Program::compile(&pair.theirs).unwrap();
            let table = Table { rows, dictionary: dictionary() };
            let mut truths = vec![Truth::Missing; table.rows.len()];
            ours.bind(&table).truths(&table, 0..table.rows.len(), &mut truths);
            let mut few = vec![Truth::Missing; table.rows.len()];
            ours.of_few().truths(&table, 0..table.rows.len(), &mut few);
            prop_assert_eq!(&few, &truths, "{} on {:?}", pair.ours, table.rows);
            for (row, truth) in table.rows.iter().zip(&truths) {
                let expected = match peer(&theirs, row) {
                    None => Truth::Missing,
                    Some(cel::Value::Bool(truth)) => truth.into(),
                    Some(other) => panic!("the peer gives {other:?}"),
                };
                let by_row = match ours.row(&values(row)) {
                    Value::Bool(truth) => truth.into(),
                    _ => Truth::Missing,
                };
                prop_assert_eq!(by_row, expected, "{} and {} on {:?}", pair.ours, pair.theirs, row);
                prop_assert_eq!(*truth, expected, "by column: {} on {:?}", pair.ours, row);
            }
            Ok(())
        },
    );
}

#[test]
fn numbers_as_the_peer_has_them() {
    on_a_large_stack(
        || (number(condition()), rows()),
        |(pair, rows)| {
            let ours = Expression::compile_as(Kind::Number, &pair.ours, &COLUMNS).unwrap();
            let theirs = cel::Program::compile(&pair.theirs).unwrap();
            let table = Table { rows, dictionary: dictionary() };
            let mut numbers = vec![0.0; table.rows.len()];
            ours.bind(&table).numbers(&table, 0..table.rows.len(), &mut numbers);
            for (row, number) in table.rows.iter().zip(&numbers) {
                let expected = match peer(&theirs, row) {
                    None => Value::Missing,
                    Some(cel::Value::Float(n)) => Value::Number(n),
                    Some(other) => panic!("the peer gives {other:?}"),
                };
                prop_assert_eq!(
                    ours.row(&values(row)),
                    expected,
                    "{} and {} on {:?}",
                    pair.ours,
                    pair.theirs,
                    row
                );
                let by_column = if number.is_nan() { Value::Missing } else { Value::Number(*number) };
                prop_assert_eq!(by_column, expected, "by column: {} on {:?}", pair.ours, row);
            }
            Ok(())
        },
    );
}

#[test]
fn blocks_of_rows_join_without_a_seam() {
    let rows: Vec<Row> = (0..5000)
        .map(|n| Row {
            a: Some(f64::from(n)),
            b: None,
            name: Some(if n % 3 == 0 { "toys" } else { "x" }.to_owned()),
            place: None,
            vip: None,
            from: None,
            to: None,
        })
        .collect();
    let table = Table { rows, dictionary: dictionary() };
    let expression = Expression::compile("name == 'toys' ? a % 7 : -a", &COLUMNS).unwrap();
    let bound = expression.bind(&table);
    let mut numbers = vec![0.0; 4321];
    bound.numbers(&table, 600..4921, &mut numbers);
    let expected = |n: i32| f64::from(if n % 3 == 0 { n % 7 } else { -n });
    assert!(numbers.iter().zip(600..).all(|(found, n)| *found == expected(n)));
}

/// Codes that the dictionary does not have are missing: its length as well as the code of no text.
struct Codes(Vec<u32>, Vec<String>);

impl Columns for Codes {
    fn numbers(&self, _: usize, _: usize, _: &mut [f64]) {
        unreachable!("there are no numbers")
    }

    fn times(&self, _: usize, _: usize, _: &mut [i64]) {
        unreachable!("there are no moments")
    }

    fn codes(&self, _: usize, start: usize, out: &mut [u32]) {
        out.copy_from_slice(&self.0[start..start + out.len()]);
    }

    fn texts(&self, _: usize) -> usize {
        self.1.len()
    }

    fn text(&self, _: usize, code: u32) -> &str {
        &self.1[code as usize]
    }
}

#[test]
fn codes_beyond_the_dictionary_are_missing() {
    let codes = Codes(vec![0, 1, 2, u32::MAX], vec!["x".to_owned(), "y".to_owned()]);
    let cases = [
        ("name == 'y'", [Truth::False, Truth::True, Truth::Missing, Truth::Missing]),
        ("name in ['y']", [Truth::False, Truth::True, Truth::Missing, Truth::Missing]),
        ("name == 'z'", [Truth::False, Truth::False, Truth::Missing, Truth::Missing]),
        ("name == null", [Truth::False, Truth::False, Truth::True, Truth::True]),
    ];
    for (text, expected) in cases {
        let expression = Expression::compile(text, &[("name", Kind::Text)]).expect("it compiles");
        let mut truths = [Truth::Missing; 4];
        expression.bind(&codes).truths(&codes, 0..4, &mut truths);
        assert_eq!(truths, expected, "{text}");
    }
}
