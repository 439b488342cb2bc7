//! Random formulas over the fields of a schema, and random decisions that go by them.

use arrears_model::decisions::{Decisions, GradeLimit, Limit, Rounding, Tier, Tiers};
use arrears_model::grade_matrix::{Better, GradeMatrix, MatrixRow, Stale};
use arrears_model::schema::{Field, OutOfRange};
use arrears_model::{Kind, Schema, Special};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// What a formula may name: numbers, and categories each with those that training saw.
#[derive(Clone, Debug, Default)]
struct Names {
    numbers: Vec<String>,
    texts: Vec<(String, Vec<String>)>,
}

impl Names {
    fn of(schema: &Schema) -> Self {
        let mut names = Self::default();
        for field in schema.inputs().filter(|field| field.name.starts_with('c')) {
            match &field.kind {
                Kind::Number { .. } => names.numbers.push(field.name.clone()),
                Kind::Category { categories, .. } => {
                    names.texts.push((field.name.clone(), categories.clone()));
                }
            }
        }
        names
    }
}

/// A text as a literal, every letter by its code point.
fn literal(text: &str) -> String {
    let letters: String = text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
    format!("'{letters}'")
}

/// What a formula is made of, byte by byte; 0 where there are no more, which makes it short.
struct Picks<'a> {
    bytes: std::slice::Iter<'a, u8>,
    names: &'a Names,
}

impl Picks<'_> {
    fn one(&mut self, of: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) % of
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.one(all.len())]
    }

    fn constant(&mut self) -> String {
        let x = self.of(&[0.0, 1.0, 2.5, 0.1, 7.0, 100.0, 1e300, 5e-324]);
        if self.one(2) == 1 { format!("(-{x:?})") } else { format!("{x:?}") }
    }

    fn leaf(&mut self) -> String {
        match self.names.numbers.len() {
            0 => self.constant(),
            n if self.one(4) < 3 => self.names.numbers[self.one(n)].clone(),
            _ => self.constant(),
        }
    }

    fn number(&mut self, depth: usize) -> String {
        let kind = if depth == 0 { 0 } else { self.one(5) };
        match kind {
            0 => self.leaf(),
            1 => {
                let (a, sign) = (self.number(depth - 1), self.of(&["+", "-", "*", "/", "%"]));
                format!("({a} {sign} {})", self.number(depth - 1))
            }
            2 => {
                let (name, a) = (self.of(&["min", "max"]), self.number(depth - 1));
                format!("{name}({a}, {})", self.number(depth - 1))
            }
            3 => format!("{}({})", self.of(&["abs", "floor", "ceil", "round", "-"]), self.number(depth - 1)),
            _ => {
                let (c, a) = (self.condition(depth - 1), self.number(depth - 1));
                format!("({c} ? {a} : {})", self.number(depth - 1))
            }
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        let kind = self.one(if depth == 0 { 3 } else { 5 });
        match kind {
            0 => {
                let (a, sign) = (self.leaf(), self.of(&["==", "!=", "<", "<=", ">", ">="]));
                format!("{a} {sign} {}", self.leaf())
            }
            1 => format!("has({})", self.leaf()),
            2 => self.text_test(),
            3 => {
                let (a, sign) = (self.condition(depth - 1), self.of(&["&&", "||"]));
                format!("({a} {sign} {})", self.condition(depth - 1))
            }
            _ => format!("!({})", self.condition(depth - 1)),
        }
    }

    fn text_test(&mut self) -> String {
        let texts = &self.names.texts;
        if texts.is_empty() {
            return "true".to_owned();
        }
        let (name, seen) = &texts[self.one(texts.len())];
        let word = if seen.is_empty() { "other" } else { &seen[self.one(seen.len())] };
        let word = literal(word);
        match self.one(6) {
            0 => format!("{name} == {word}"),
            1 => format!("{name} != {word}"),
            2 => format!("{name} in [{word}, 'x']"),
            3 => format!("{name} == null"),
            4 => format!("{name}.startsWith({word})"),
            _ => format!("size({name}) > 1"),
        }
    }
}

/// A formula that gives a number.
fn number(names: &Names, depth: usize) -> impl Strategy<Value = String> + use<> {
    let names = names.clone();
    vec(any::<u8>(), 0..40).prop_map(move |bytes| Picks { bytes: bytes.iter(), names: &names }.number(depth))
}

/// The schema with up to two more fields that are a formula over the others.
pub(crate) fn with_formulas(schema: Schema) -> BoxedStrategy<Schema> {
    let policy = select(vec![OutOfRange::Reject, OutOfRange::Missing, OutOfRange::Clip]);
    let range = option::of((-1e4..0.0f64, 0.0..1e4f64));
    let field = (number(&Names::of(&schema), 3), policy, range, any::<bool>(), prop::bool::weighted(0.2));
    vec(field, 0..3)
        .prop_map(move |fields| {
            let mut schema = schema.clone();
            for (formula, out_of_range, range, coded, required) in fields {
                let (min, max) = (range.map(|r| r.0), range.map(|r| r.1));
                let special = if coded { vec![Special::Value(0.0)] } else { vec![] };
                schema.fields.push(Field {
                    name: format!("f{}", schema.fields.len()),
                    kind: Kind::Number { min, max, out_of_range, special },
                    reason: None,
                    required,
                    formula: Some(formula),
                });
            }
            schema
        })
        .boxed()
}

/// Decisions of a model with so many grades, over its fields (calculated ones too), `pd` and `score`.
pub(crate) fn decisions(schema: &Schema, grades: usize) -> BoxedStrategy<Option<Decisions>> {
    if grades == 0 {
        return Just(None).boxed();
    }
    let mut names = Names::of(schema);
    let calculated = schema.fields.iter().filter(|field| field.formula.is_some());
    names.numbers.extend(calculated.map(|field| field.name.clone()));
    names.numbers.extend(["pd".to_owned(), "score".to_owned()]);
    (
        option::of(matrix(&names, grades)),
        option::of(limit(&names, grades)),
        option::of(tiers(&names, grades)),
        any::<bool>(),
    )
        .prop_map(|(matrix, limit, tiers, any)| any.then_some(Decisions { matrix, limit, tiers }))
        .boxed()
}

/// Each band moves the grade by so much, as far as there are grades: the safer bands up at least as far.
fn matrix(names: &Names, grades: usize) -> impl Strategy<Value = GradeMatrix> + use<> {
    let cuts = prop_oneof![Just(vec![]), Just(vec![0.5]), Just(vec![-2.5, 0.5, 100.0])];
    let age = option::of((number(names, 2), select(vec![0.0, 7.5, 1e9])));
    let better = select(vec![Better::High, Better::Low]);
    (number(names, 2), better, cuts, age, vec(-2i32..3, 6)).prop_map(
        move |(external, better, cuts, age, mut moves)| {
            let (stale, none) = (moves.pop().unwrap_or(0), moves.pop().unwrap_or(0));
            moves.truncate(cuts.len() + 1);
            moves.sort_unstable();
            if better == Better::High {
                moves.reverse();
            }
            let to = |row: usize, by: i32| (row as i32 + by).clamp(0, grades as i32 - 1) as usize;
            let row = |row: usize| MatrixRow {
                bands: moves.iter().map(|by| to(row, *by)).collect(),
                stale: age.is_some().then(|| to(row, stale)),
                none: to(row, none),
            };
            GradeMatrix {
                external,
                better,
                bands: (0..=cuts.len()).map(|i| format!("b{i}")).collect(),
                rows: (0..grades).map(row).collect(),
                stale: age.map(|(age, after)| Stale { age, after }),
                cuts,
            }
        },
    )
}

fn limit(names: &Names, grades: usize) -> impl Strategy<Value = Limit> + use<> {
    let of_grade = (number(names, 2), 0..20u32, 0..50u32);
    let rounding = select(vec![Rounding::Down, Rounding::Nearest]);
    let step = select(vec![0.01, 0.1, 1.0, 50.0]);
    let missing = option::of(select(vec![0.0, 7.5, 1e9]));
    (vec(of_grade, grades), step, rounding, missing, any::<bool>()).prop_map(
        |(grades, step, rounding, missing, monotone)| {
            let grade = |(formula, low, more): (String, u32, u32)| GradeLimit {
                formula,
                floor: f64::from(low) * step,
                cap: f64::from(low + more) * step,
            };
            Limit { grades: grades.into_iter().map(grade).collect(), step, rounding, missing, monotone }
        },
    )
}

fn tiers(names: &Names, grades: usize) -> impl Strategy<Value = Tiers> + use<> {
    let cuts = prop_oneof![Just(vec![]), Just(vec![0.0]), Just(vec![-2.5, 0.5, 100.0])];
    (number(names, 2), cuts, any::<prop::sample::Index>(), vec(any::<u8>(), 4 * grades)).prop_map(
        |(value, cuts, missing, picks)| {
            let segments = cuts.len() + 1;
            let tier = |name: &str| Tier { name: name.to_owned(), ..Tier::default() };
            let cells =
                picks.chunks(4).map(|row| row[..segments].iter().map(|at| usize::from(at % 2)).collect());
            Tiers {
                value,
                segments: (0..segments).map(|i| format!("s{i}")).collect(),
                missing: missing.index(segments),
                tiers: vec![tier("A"), tier("B")],
                cells: cells.collect(),
                cuts,
            }
        },
    )
}
