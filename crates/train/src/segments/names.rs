//! From what sets a segment apart to a name that a manager reads.

use super::effects::Effect;
use arrears_data::ColumnRecipe;
use arrears_model::Schema;
use arrears_model::transform::Transform;
use std::collections::BTreeMap;

/// An effect from this size on is worth a word; Cohen (1988) calls it medium.
const NOTABLE: f64 = 0.5;
/// Words of a name, where two are enough to tell the segments apart.
const WORDS: usize = 2;
/// Words at most.
const MOST_WORDS: usize = 4;
/// A category that fewer have is one the segment does not have.
const HARDLY_ANY: f64 = 0.05;

/// `S1: low income, home = rent` for each segment: its number, then its largest effects, at most one a column. Two words, and
/// more (up to four) where other segments have the same.
///
/// `effects` are by segment and coordinate, coordinates as `transforms`; `columns` may hold words of the recipe for high and
/// low values.
pub(crate) fn names(
    effects: &[Vec<Effect>],
    transforms: &[Transform],
    schema: &Schema,
    columns: &BTreeMap<String, ColumnRecipe>,
) -> Vec<String> {
    let words: Vec<Vec<String>> = effects.iter().map(|e| words(e, transforms, schema, columns)).collect();
    let mut lengths: Vec<usize> = words.iter().map(|w| w.len().min(WORDS)).collect();
    let text = |at: usize, lengths: &[usize]| words[at][..lengths[at]].join(", ");
    loop {
        let texts: Vec<String> = (0..words.len()).map(|at| text(at, &lengths)).collect();
        let shared = |at: &usize| texts.iter().filter(|other| **other == texts[*at]).count() > 1;
        let longer = |at: &usize| lengths[*at] < words[*at].len().min(MOST_WORDS);
        let again: Vec<usize> = (0..words.len()).filter(shared).filter(longer).collect();
        if again.is_empty() {
            let named = texts.into_iter().enumerate().map(|(at, text)| match text.is_empty() {
                true => format!("S{}: near the average", at + 1),
                false => format!("S{}: {text}", at + 1),
            });
            return named.collect();
        }
        again.into_iter().for_each(|at| lengths[at] += 1);
    }
}

/// A word for each column with a notable effect, largest first; what a segment has goes before what it lacks.
fn words(
    effects: &[Effect],
    transforms: &[Transform],
    schema: &Schema,
    columns: &BTreeMap<String, ColumnRecipe>,
) -> Vec<String> {
    let mut order: Vec<usize> = (0..effects.len()).filter(|c| effects[*c].size.abs() >= NOTABLE).collect();
    // Of a column with two categories one is as much there as the other is not. A stable sort keeps further ties in
    // the order of the columns.
    order.sort_by(|a, b| {
        let (a, b) = (effects[*a].size, effects[*b].size);
        b.abs().total_cmp(&a.abs()).then(b.total_cmp(&a))
    });
    let mut taken = Vec::new();
    let mut words = Vec::new();
    for at in order {
        let field = transforms[at].field();
        if taken.contains(&field) {
            continue;
        }
        taken.push(field);
        let at = there_is(at, effects, transforms, schema);
        let (name, more) = (&schema.fields[field].name, effects[at].size > 0.0);
        let said = columns.get(name);
        words.push(match &transforms[at] {
            Transform::Indicator { category, scale, .. } => {
                let category = &schema.fields[field].categories()[*category];
                let word = match (more, scale * effects[at].mean) {
                    (true, share) if share >= 0.5 => "=",
                    (true, _) => "often",
                    (false, share) if share < HARDLY_ANY => "not",
                    (false, _) => "seldom",
                };
                format!("{name} {word} {category}")
            }
            _ if more => said.and_then(|c| c.high.clone()).unwrap_or_else(|| format!("high {name}")),
            _ => said.and_then(|c| c.low.clone()).unwrap_or_else(|| format!("low {name}")),
        });
    }
    words
}

/// Of a column with two categories the one that the segment has more of than others, in place of the one it lacks.
fn there_is(at: usize, effects: &[Effect], transforms: &[Transform], schema: &Schema) -> usize {
    let field = transforms[at].field();
    let two = schema.fields[field].categories().len() == 2;
    let other =
        |other: &usize| *other != at && transforms[*other].field() == field && effects[*other].size > 0.0;
    let lacks = two && effects[at].size < 0.0;
    lacks.then(|| (0..transforms.len()).find(other)).flatten().unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::{Effect, names};
    use arrears_data::ColumnRecipe;
    use arrears_model::schema::{OutOfRange, Unseen};
    use arrears_model::transform::Transform;
    use arrears_model::{Field, Kind, Schema};
    use std::collections::BTreeMap;
    use std::f64::consts::SQRT_2;

    fn schema() -> Schema {
        let number =
            || Kind::Number { min: None, max: None, out_of_range: OutOfRange::Reject, special: vec![] };
        let home = vec!["owner".to_owned(), "rent".to_owned()];
        let home = Kind::Category { categories: home, unseen: Unseen::Other };
        let kinds = [("days_late", number()), ("returns", number()), ("income", number()), ("home", home)];
        let field = |(name, kind): (&str, Kind)| Field {
            name: name.to_owned(),
            kind,
            reason: None,
            required: false,
            formula: None,
        };
        let fields = kinds.into_iter().map(field).collect();
        Schema { id: None, target: None, amount: None, missing: vec![], fields }
    }

    fn named(effects: &[[f64; 5]], shares: &[[f64; 2]]) -> Vec<String> {
        let mut transforms: Vec<Transform> =
            (0..3).map(|field| Transform::Standardise { field, center: 0.0, scale: 1.0 }).collect();
        let one = |category| Transform::Indicator { field: 3, category, scale: SQRT_2 };
        transforms.extend((0..2).map(one));
        let means: Vec<Vec<f64>> =
            shares.iter().map(|s| vec![0.0, 0.0, 0.0, s[0] / SQRT_2, s[1] / SQRT_2]).collect();
        let join = |(sizes, means): (&[f64; 5], &Vec<f64>)| {
            sizes.iter().zip(means).map(|(size, mean)| Effect { size: *size, mean: *mean }).collect()
        };
        let effects: Vec<Vec<Effect>> = effects.iter().zip(&means).map(join).collect();
        let late = ColumnRecipe {
            high: Some("pays late".to_owned()),
            low: Some("pays on time".to_owned()),
            ..ColumnRecipe::default()
        };
        let columns = BTreeMap::from([("days_late".to_owned(), late)]);
        names(&effects, &transforms, &schema(), &columns)
    }

    #[test]
    fn the_largest_effects_make_the_name_in_the_words_of_the_recipe() {
        let effects = [
            [1.5, 2.0, 0.4, 0.0, 0.0],
            [-0.6, 0.1, 0.0, 0.9, -0.9],
            [0.0, 0.0, 0.0, -0.7, 0.7],
            [0.49, 0.0, 0.0, 0.0, 0.0],
        ];
        let shares = [[0.5, 0.5], [0.8, 0.2], [0.6, 0.4], [0.5, 0.5]];
        let found = named(&effects, &shares);
        let expected = [
            "S1: high returns, pays late",
            "S2: home = owner, pays on time",
            "S3: home often rent",
            "S4: near the average",
        ];
        assert_eq!(found, expected);
        // Of two categories the name says which one there is, also where missing values make the other effect larger.
        let lacks =
            named(&[[0.0, 0.0, 0.0, -0.9, 0.3], [0.0, 0.0, 0.0, -0.6, 0.3]], &[[0.04, 0.6], [0.1, 0.3]]);
        assert_eq!(lacks, ["S1: home = rent", "S2: home often rent"]);
        // Where neither is there more than elsewhere, as where many are missing, it is the one that is lacking.
        let lacks =
            named(&[[0.0, 0.0, 0.0, -0.9, -0.3], [0.0, 0.0, 0.0, -0.6, 0.0]], &[[0.04, 0.3], [0.1, 0.3]]);
        assert_eq!(lacks, ["S1: home not owner", "S2: home seldom owner"]);
    }

    #[test]
    fn names_grow_until_they_differ() {
        let same = [-2.0, -1.5, 1.0, 0.0, 0.0];
        let found = named(&[same, [-2.0, -1.5, -1.0, 0.0, 0.0], [2.0, 1.5, 0.0, 0.0, 0.0]], &[[0.0; 2]; 3]);
        let expected = [
            "S1: pays on time, low returns, high income",
            "S2: pays on time, low returns, low income",
            "S3: pays late, high returns",
        ];
        assert_eq!(found, expected);
        // Where nothing more tells them apart the number does.
        let found = named(&[same, same], &[[0.0; 2]; 2]);
        assert_ne!(found[0], found[1]);
        assert_eq!(found[0].trim_start_matches("S1"), found[1].trim_start_matches("S2"));
    }
}
