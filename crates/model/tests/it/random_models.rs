use crate::random_formulas::{decisions, with_formulas};
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::amount_tree::{AmountNode, AmountTree, LARGEST_AMOUNT};
use arrears_model::centroids::{Centroids, Segment};
use arrears_model::model::Baseline;
use arrears_model::profile::{FieldProfile, Profile, ScoreProfile};
use arrears_model::provenance::{Fit, Provenance, Rows};
use arrears_model::scale::{Grade, Scale};
use arrears_model::schema::{OutOfRange, Target, Unseen};
use arrears_model::segmented::{Router, SegmentCard, Segmented};
use arrears_model::transform::{LARGEST, Transform};
use arrears_model::tree::{Node, Side, Split, Test, Tree};
use arrears_model::typical::{Typical, TypicalField};
use arrears_model::{
    Field, Kind, Model, ModelKind, Parts, Predictor, Schema, Scored, Scorer, Special, Value,
};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

/// Any finite number, the odd ones often.
fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    let odd = [-0.0, 5e-324, -2.2250738585072014e-308, 1e308, f64::MAX, f64::MIN, 0.1, 1e21, 1e-7, 1e16];
    prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, prop::sample::select(odd.to_vec())]
}

fn bounded() -> impl Strategy<Value = f64> {
    prop_oneof![finite().prop_filter("beyond the bound", |x| x.abs() <= LARGEST), -5.0..5.0, Just(LARGEST)]
}

fn positive() -> impl Strategy<Value = f64> {
    finite().prop_map(f64::abs).prop_filter("above 0", |x| *x > 0.0)
}

fn share() -> impl Strategy<Value = f64> {
    prop_oneof![1e-9..0.999f64, Just(5e-324), Just(1.0f64.next_down())]
}

fn ascending(most: usize) -> impl Strategy<Value = Vec<f64>> {
    vec(finite(), 0..most).prop_map(|mut xs| {
        xs.sort_by(f64::total_cmp);
        xs.dedup_by(|a, b| a == b);
        xs
    })
}

/// Some single codes, some ranges: of ascending numbers, two neighbours are joined where the flag says so.
fn special() -> impl Strategy<Value = Vec<Special>> {
    (ascending(5), vec(prop::bool::weighted(0.3), 5)).prop_map(|(xs, joined)| {
        let mut codes = Vec::new();
        let mut rest = xs.into_iter().zip(joined).peekable();
        while let Some((x, join)) = rest.next() {
            codes.push(match rest.next_if(|_| join) {
                Some((to, _)) => Special::Range([x, to]),
                None => Special::Value(x),
            });
        }
        codes
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    let policy = prop::sample::select(vec![OutOfRange::Reject, OutOfRange::Missing, OutOfRange::Clip]);
    let range = (option::of(finite()), option::of(finite())).prop_map(|(a, b)| match (a, b) {
        (Some(a), Some(b)) => (Some(a.min(b)), Some(a.max(b))),
        other => other,
    });
    let number = (range, policy, special()).prop_map(|((min, max), out_of_range, special)| Kind::Number {
        min,
        max,
        out_of_range,
        special,
    });
    let unseen = prop::sample::select(vec![Unseen::Other, Unseen::Missing, Unseen::Reject]);
    let category = (btree_set(any::<String>(), 0..4), unseen)
        .prop_map(|(seen, unseen)| Kind::Category { categories: seen.into_iter().collect(), unseen });
    prop_oneof![number, category]
}

fn schema(fields: std::ops::Range<usize>) -> impl Strategy<Value = Schema> {
    let field = (any::<String>(), kind(), option::of(any::<String>()));
    (vec(field, fields), vec(any::<String>(), 0..3), any::<bool>()).prop_map(|(fields, missing, named)| {
        Schema {
            id: named.then(|| "id".to_owned()),
            target: named.then(|| Target {
                column: "y\"\n".to_owned(),
                bad: "1".to_owned(),
                good: String::new(),
            }),
            amount: None,
            missing,
            fields: (0..)
                .zip(fields)
                .map(|(i, (name, kind, reason))| Field {
                    // Some have a name that stands in a formula.
                    name: if i % 2 == 0 { format!("c{i}") } else { format!("{i}{name}") },
                    kind,
                    reason,
                    required: i % 5 == 4,
                    formula: None,
                })
                .collect(),
        }
    })
}

/// For each field one transform that bins (at its position) and one that gives numbers (after all of those).
fn transforms(schema: &Schema) -> impl Strategy<Value = Vec<Transform>> + use<> {
    let bins = schema.fields.iter().enumerate().map(|(field, f)| match &f.kind {
        Kind::Number { .. } => {
            ascending(4).prop_map(move |splits| Transform::Intervals { field, splits }).boxed()
        }
        Kind::Category { categories, .. } => {
            let (n, most) = (categories.len(), categories.len().max(1));
            vec(0..most, n).prop_map(move |group_of| Transform::Groups { field, groups: n, group_of }).boxed()
        }
    });
    let numbers = schema.fields.iter().enumerate().map(|(field, f)| match &f.kind {
        Kind::Category { categories, .. } if !categories.is_empty() => {
            let scale = prop_oneof![Just(1e-9f64.next_up()), 0.1..10.0, Just(f64::MAX)];
            (0..categories.len(), scale)
                .prop_map(move |(category, scale)| Transform::Indicator { field, category, scale })
                .boxed()
        }
        Kind::Category { .. } => Just(Transform::Groups { field, groups: 0, group_of: vec![] }).boxed(),
        Kind::Number { .. } => (finite(), positive(), any::<bool>())
            .prop_map(move |(center, scale, log)| match log {
                true => Transform::LogStandardise { field, center, scale },
                false => Transform::Standardise { field, center, scale },
            })
            .boxed(),
    });
    bins.chain(numbers).collect::<Vec<_>>()
}

fn additive(schema: &Schema, transforms: &[Transform]) -> BoxedStrategy<Predictor> {
    let terms = transforms.iter().enumerate().map(|(transform, t)| {
        let field = &schema.fields[t.field()];
        let shape = match t.bins(field) {
            Some(bins) => vec(bounded(), bins).prop_map(|values| Some(Shape::Lookup { values })).boxed(),
            None if matches!(t, Transform::Standardise { .. }) => {
                (bounded(), bounded(), vec(bounded(), field.special().len()))
                    .prop_map(|(slope, missing, special)| Some(Shape::Linear { slope, missing, special }))
                    .boxed()
            }
            None => Just(None).boxed(),
        };
        (shape, option::of(bounded()), bounded()).prop_map(move |(shape, coefficient, baseline)| {
            shape.map(|shape| Term { transform, coefficient, baseline, shape })
        })
    });
    (terms.collect::<Vec<_>>(), vec(pair(schema, transforms), 0..3), bounded())
        .prop_map(|(terms, pairs, intercept)| {
            let terms = terms.into_iter().chain(pairs).flatten().collect();
            Predictor::Additive(Additive { intercept, terms })
        })
        .boxed()
}

/// A pair of the first field's bins and any other field's; none where there is but one field.
fn pair(schema: &Schema, transforms: &[Transform]) -> BoxedStrategy<Option<Term>> {
    let bins = |field: usize| transforms[field].bins(&schema.fields[field]).unwrap_or(0);
    let fields = schema.fields.len();
    if fields < 2 {
        return Just(None).boxed();
    }
    let sizes: Vec<usize> = (0..fields).map(bins).collect();
    (1..fields)
        .prop_flat_map(move |with| (Just(with), vec(bounded(), sizes[0] * sizes[with]), bounded()))
        .prop_map(|(with, values, baseline)| {
            Some(Term { transform: 0, coefficient: None, baseline, shape: Shape::Pair { with, values } })
        })
        .boxed()
}

/// A tree in which node i asks and its answers are 2i + 1 and 2i + 2.
fn tree(schema: &Schema) -> BoxedStrategy<Predictor> {
    let side = || prop::sample::select(vec![Side::Left, Side::Right]);
    let schema = schema.clone();
    let question = (0..schema.fields.len()).prop_flat_map(move |field| {
        let test = match &schema.fields[field].kind {
            Kind::Number { special, .. } => (finite(), vec(side(), special.len()))
                .prop_map(|(threshold, special)| Test::Below { threshold, special })
                .boxed(),
            Kind::Category { categories, .. } => (vec(side(), categories.len()), side())
                .prop_map(|(categories, other)| Test::In { categories, other })
                .boxed(),
        };
        (Just(field), test, side())
    });
    vec(question, 0..4)
        .prop_flat_map(|questions| {
            let nodes = 2 * questions.len() + 1;
            (Just(questions), vec((share(), 0..=1u64 << 49), nodes))
        })
        .prop_map(|(questions, nodes)| {
            let splits = questions.into_iter().enumerate().map(|(i, (field, test, missing))| {
                Some(Split { field, test, missing, left: 2 * i + 1, right: 2 * i + 2 })
            });
            let splits = splits.chain(std::iter::repeat(None));
            let node = |((pd, count), split)| Node { count, bads: count / 3, pd, split };
            Predictor::Tree(Tree { nodes: nodes.into_iter().zip(splits).map(node).collect() })
        })
        .boxed()
}

/// The same questions with any amounts in the nodes.
fn amount_tree(schema: &Schema) -> BoxedStrategy<Predictor> {
    let amount = || prop_oneof![finite().prop_filter("beyond", |x| x.abs() <= LARGEST_AMOUNT), -50.0..5e4];
    let numbers = vec((amount(), amount(), amount().prop_map(f64::abs), any::<bool>()), 7);
    (tree(schema), numbers)
        .prop_map(|(tree, numbers)| {
            let Predictor::Tree(Tree { nodes }) = tree else { unreachable!("a tree") };
            let node = |(node, (mean, value, deviation, few)): (Node, (f64, f64, f64, bool))| {
                let count = if few { node.count % 3 } else { node.count };
                let deviation = (count > 1).then_some(deviation);
                AmountNode { count, mean, deviation, value, split: node.split }
            };
            Predictor::AmountTree(AmountTree { nodes: nodes.into_iter().zip(numbers).map(node).collect() })
        })
        .boxed()
}

fn centroids(schema: &Schema, transforms: &[Transform]) -> BoxedStrategy<Predictor> {
    let coordinates: Vec<usize> = (0..transforms.len()).filter(|i| transforms[*i].gives_number()).collect();
    let schema = schema.clone();
    let novelty = option::of(finite().prop_map(f64::abs));
    let segment = (any::<String>(), vec(bounded(), coordinates.len()), 0..1u64 << 50, any::<bool>(), novelty);
    vec(segment, 1..4)
        .prop_flat_map(move |segments| (typical(&schema, segments.len()), Just(segments)))
        .prop_map(move |(typical, segments)| {
            let segments = segments.into_iter().map(|(name, center, count, known, novelty)| Segment {
                name,
                center,
                count,
                bads: known.then_some(count),
                novelty,
            });
            let (coordinates, segments) = (coordinates.clone(), segments.collect());
            Predictor::Centroids(Centroids { coordinates, segments, typical })
        })
        .boxed()
}

/// What segments are like, for some of the fields.
fn typical(schema: &Schema, segments: usize) -> BoxedStrategy<Vec<TypicalField>> {
    let fields = schema.fields.iter().enumerate().map(|(field, f)| {
        let value = match &f.kind {
            Kind::Category { categories, .. } if categories.is_empty() => Just(None).boxed(),
            Kind::Category { categories, .. } => {
                let share = prop_oneof![share(), Just(1.0)];
                let category = (0..categories.len(), share);
                option::of(category.prop_map(|(category, share)| Typical::Category { category, share }))
                    .boxed()
            }
            Kind::Number { .. } => {
                let number = (finite(), finite());
                option::of(number.prop_map(|(mean, median)| Typical::Number { mean, median })).boxed()
            }
        };
        let entry = (value.clone(), vec(value, segments), vec(bounded(), segments));
        let entry = entry.prop_map(move |(all, segments, differences)| TypicalField {
            field,
            all,
            segments,
            differences,
        });
        option::of(entry)
    });
    fields.collect::<Vec<_>>().prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
}

/// A scorecard for each leaf of a random tree, or for each random centre.
fn segmented(schema: &Schema, transforms: &[Transform]) -> BoxedStrategy<Predictor> {
    let bins = |t: usize| transforms[t].bins(&schema.fields[transforms[t].field()]).unwrap_or(0);
    let sizes: Vec<usize> = (0..schema.fields.len()).map(bins).collect();
    let terms = sizes.iter().enumerate().map(|(transform, bins)| {
        let term = (vec(bounded(), *bins), option::of(bounded()), bounded(), any::<bool>());
        term.prop_map(move |(values, coefficient, baseline, there)| {
            let shape = Shape::Lookup { values };
            there.then_some(Term { transform, coefficient, baseline, shape })
        })
    });
    let card = (terms.collect::<Vec<_>>(), bounded(), any::<String>(), any::<bool>());
    let router = prop_oneof![tree(schema), centroids(schema, transforms)];
    (router, vec(card, 4))
        .prop_map(move |(router, cards)| {
            let (router, tallies) = routed(router);
            let one = |(i, ((count, bads), (terms, intercept, name, known)))| {
                let first = |of: u64| (0..sizes[0]).map(|bin| if bin == 0 { of } else { 0 }).collect();
                let profile = FieldProfile { transform: 0, counts: first(count), bads: first(bads) };
                let terms: Vec<Option<Term>> = terms;
                let additive = Additive { intercept, terms: terms.into_iter().flatten().collect() };
                let profile = if known { vec![profile] } else { vec![] };
                SegmentCard { name: format!("{i}{name}"), count, bads, additive, profile }
            };
            let segments: Vec<SegmentCard> = tallies.into_iter().zip(cards).enumerate().map(one).collect();
            let router = match router {
                Router::Centroids(mut centroids) => {
                    let pairs = centroids.segments.iter_mut().zip(&segments);
                    pairs.for_each(|(centre, segment)| centre.name.clone_from(&segment.name));
                    Router::Centroids(centroids)
                }
                tree => tree,
            };
            Predictor::Segmented(Segmented { router, segments })
        })
        .boxed()
}

/// The router, and rows and bads of its segments.
fn routed(predictor: Predictor) -> (Router, Vec<(u64, u64)>) {
    match predictor {
        Predictor::Tree(tree) => {
            let tallies = tree.leaves().map(|leaf| (tree.nodes[leaf].count, tree.nodes[leaf].bads)).collect();
            (Router::Tree(tree), tallies)
        }
        Predictor::Centroids(mut centroids) => {
            centroids.segments.iter_mut().for_each(|s| s.bads = Some(s.count / 2));
            let tallies = centroids.segments.iter().map(|s| (s.count, s.count / 2)).collect();
            (Router::Centroids(centroids), tallies)
        }
        _ => unreachable!("only these two route"),
    }
}

fn scale() -> impl Strategy<Value = Scale> {
    (bounded(), positive(), bounded().prop_map(f64::abs).prop_filter("above 0", |x| *x > 0.0))
        .prop_map(|(base_score, base_odds, pdo)| Scale { base_score, base_odds, pdo, whole_points: false })
}

fn grades() -> impl Strategy<Value = Vec<Grade>> {
    (vec(share(), 0..4), any::<bool>()).prop_map(|(mut bounds, any)| {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let bounds = bounds.into_iter().map(Some).chain([None]);
        let grade = |max_pd| Grade { name: "g".to_owned(), label: Some("级".to_owned()), max_pd };
        if any { bounds.map(grade).collect() } else { vec![] }
    })
}

fn profile(schema: &Schema, transforms: &[Transform]) -> BoxedStrategy<Profile> {
    let bins = transforms.iter().enumerate();
    let bins = bins.filter_map(|(i, t)| t.bins(&schema.fields[t.field()]).map(|bins| (i, bins)));
    let fields = bins.map(|(transform, bins)| {
        (vec(0..1u64 << 48, bins), any::<bool>()).prop_map(move |(counts, known)| {
            let bads = if known { counts.iter().map(|n| n / 2).collect() } else { vec![] };
            FieldProfile { transform, counts, bads }
        })
    });
    let score = ascending(4)
        .prop_flat_map(|splits| (vec(0..1u64 << 48, splits.len() + 1), Just(splits)))
        .prop_map(|(counts, splits)| ScoreProfile { splits, counts });
    (fields.collect::<Vec<_>>(), option::of(score))
        .prop_map(|(fields, score)| Profile { fields, score })
        .boxed()
}

fn provenance() -> impl Strategy<Value = Provenance> {
    let fit = (option::of(any::<bool>()), option::of(finite()), vec(any::<String>(), 0..2));
    (any::<[u64; 4]>(), option::of(any::<u64>()), any::<String>(), fit).prop_map(
        |([read, kept, train, test], train_bads, recipe, (converged, gradient_norm, notes))| Provenance {
            program: "arrears".to_owned(),
            engine: String::new(),
            data: "\u{2028}\u{7f}\\".to_owned(),
            data_sha256: String::new(),
            rows: Rows { read, kept, train, train_bads, test },
            recipe,
            fit: Fit { converged, gradient_norm, notes },
        },
    )
}

pub(crate) fn model() -> impl Strategy<Value = Model> {
    model_of(1..4)
}

/// A model with so many fields.
pub(crate) fn model_of(fields: std::ops::Range<usize>) -> impl Strategy<Value = Model> {
    let schema = schema(fields).prop_flat_map(with_formulas);
    let shape = schema.prop_flat_map(|schema| (transforms(&schema), Just(schema)));
    let whole = shape.prop_flat_map(|(transforms, schema)| {
        let predictor = prop_oneof![
            additive(&schema, &transforms),
            tree(&schema),
            centroids(&schema, &transforms),
            amount_tree(&schema),
            segmented(&schema, &transforms)
        ];
        let profile = profile(&schema, &transforms);
        let graded = grades().prop_flat_map({
            let schema = schema.clone();
            move |grades| (decisions(&schema, grades.len()), Just(grades))
        });
        (Just(schema), Just(transforms), predictor, profile, scale(), graded, provenance())
    });
    let baseline = prop::sample::select(vec![Baseline::Max, Baseline::Mean, Baseline::Neutral]);
    (whole, baseline, "[a-z信][a-z0-9_.+-]{0,5}").prop_map(|(whole, baseline, name)| {
        let (mut schema, transforms, predictor, profile, scale, (decided, mut grades), provenance) = whole;
        if let Predictor::AmountTree(_) = &predictor {
            (schema.target, schema.amount) = (None, Some("amount \u{2028}".to_owned()));
            grades.clear();
        }
        let (kind, scale) = match &predictor {
            Predictor::Additive(_) if baseline == Baseline::Max => (ModelKind::ScorecardPlus, Some(scale)),
            Predictor::Additive(_) => (ModelKind::Logistic, Some(scale)),
            Predictor::Tree(_) => (ModelKind::Tree, Some(scale)),
            Predictor::Centroids(_) => (ModelKind::Kmeans, None),
            Predictor::Segmented(_) => (ModelKind::Scorecard, Some(scale)),
            Predictor::AmountTree(_) => (ModelKind::AmountTree, None),
        };
        let version = "1".to_owned();
        let decisions = decided.filter(|_| scale.is_some() && !grades.is_empty());
        let parts = Parts {
            name,
            version,
            kind,
            schema,
            transforms,
            predictor,
            scale,
            grades,
            decisions,
            baseline,
            profile,
            provenance,
        };
        Model::new(parts).expect("the generator makes valid models")
    })
}

#[derive(Clone, Debug)]
enum Raw {
    Missing,
    Number(f64),
    Text(String),
    /// This category or special code of the field, as far as there are so many.
    Known(usize),
}

fn raw() -> impl Strategy<Value = Raw> {
    prop_oneof![
        Just(Raw::Missing),
        finite().prop_map(Raw::Number),
        any::<String>().prop_map(Raw::Text),
        finite().prop_map(|x| Raw::Text(x.to_string())),
        (0..4usize).prop_map(Raw::Known),
    ]
}

fn text_of(raw: &Raw, field: &Field) -> Option<String> {
    match raw {
        Raw::Missing | Raw::Number(_) => None,
        Raw::Text(text) => Some(text.clone()),
        Raw::Known(i) => field
            .categories()
            .get(*i)
            .cloned()
            .or_else(|| field.special().get(*i).map(|code| code.bounds()[i % 2].to_string())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn writing_and_reading_changes_nothing(model in model()) {
        let bytes = model.to_bytes().unwrap();
        let again = Model::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&again, &model);
        // Equal bytes also tell 0.0 from -0.0, which are equal as numbers.
        prop_assert_eq!(again.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn any_row_gets_a_sound_answer_or_a_refusal(model in model(), rows in vec(vec(raw(), 4), 1..8)) {
        let mut scorer = Scorer::new(&model);
        for row in &rows {
            let texts: Vec<_> = row.iter().zip(&model.schema.fields).map(|(raw, f)| text_of(raw, f)).collect();
            let values: Vec<_> = row.iter().zip(&texts).map(|(raw, text)| match (raw, text) {
                (Raw::Number(x), _) => Value::Number(*x),
                (_, Some(text)) => Value::Text(text),
                _ => Value::Missing,
            }).collect();
            let Ok(scored) = scorer.score(&values) else { continue };
            prop_assert_eq!(scored.pd.is_some(), model.gives_pd());
            prop_assert_eq!(scored.segment.is_some(), !model.segment_names().is_empty());
            prop_assert!(scored.pd.is_none_or(|pd| (0.0..=1.0).contains(&pd)));
            prop_assert!(scored.score.is_none_or(f64::is_finite));
            prop_assert!(scored.distance.is_none_or(|d| d.is_finite() && d >= 0.0));
            prop_assert!(scored.margin.is_none_or(|m| m.is_finite() && m >= 0.0));
            if let Predictor::Centroids(centroids) = &model.predictor {
                prop_assert_eq!(scored.margin.is_some(), centroids.segments.len() > 1);
                let own = &centroids.segments[scored.segment.expect("a segment")];
                prop_assert_eq!(scored.novel.is_some(), own.novelty.is_some());
            }
            prop_assert_eq!(scored.grade.is_some(), model.gives_pd() && !model.grades.is_empty());
            prop_assert_eq!(scored.amount.is_some(), model.gives_amount());
            sound_decision(&model, &scored)?;
            if let Predictor::AmountTree(tree) = &model.predictor {
                let leaf = &tree.nodes[scored.leaf.expect("a leaf")];
                prop_assert_eq!(scored.amount, Some(leaf.value));
                let rules = tree.rules(&model.schema);
                let taken: Vec<_> = rules.iter().filter(|rule| rule.holds(scorer.cells())).collect();
                prop_assert_eq!(taken.iter().map(|rule| rule.node).collect::<Vec<_>>(), [scored.leaf.unwrap()]);
            }
            prop_assert!(scored.reasons.len() <= 4 && scored.reasons.iter().all(|r| r.loss > 0.0));
        }
    }
}

fn sound_decision(model: &Model, scored: &Scored) -> Result<(), TestCaseError> {
    let decisions = model.decisions.clone().unwrap_or_default();
    match (&decisions.limit, scored.decided.limit) {
        (Some(limit), Some(amount)) => {
            let grade = scored.grade.expect("a grade");
            let graded = if limit.monotone { &limit.grades[..=grade] } else { &limit.grades[grade..=grade] };
            let floor = graded.iter().map(|of| of.floor).fold(f64::INFINITY, f64::min);
            let least = limit.missing.map_or(floor, |missing| missing.min(floor));
            let most = limit.missing.map_or(0.0, |missing| missing).max(limit.grades[grade].cap);
            prop_assert!(amount >= least && amount <= most, "{} beyond {}..{}", amount, least, most);
        }
        (limit, amount) => {
            prop_assert!(amount.is_none() && limit.as_ref().is_none_or(|l| l.missing.is_none()))
        }
    }
    let cells = decisions.tiers.map(|tiers| tiers.cells[scored.grade.expect("a grade")].clone());
    prop_assert_eq!(cells.is_some(), scored.decided.tier.is_some());
    prop_assert!(cells.is_none_or(|cells| cells.contains(&scored.decided.tier.expect("a tier"))));
    Ok(())
}

/// The generator reaches what it claims to reach.
#[test]
fn odd_numbers_keep_their_bits() {
    for x in [-0.0, 5e-324, -2.2250738585072014e-308, 1e308, f64::MAX, 0.1 + 0.2, 1e21, 9007199254740993.0] {
        let kind = Kind::Number { min: Some(x), max: None, out_of_range: OutOfRange::Clip, special: vec![] };
        let mut parts = crate::sample_parts("v1-tree");
        parts.schema.fields.push(Field {
            name: "odd".to_owned(),
            kind,
            reason: None,
            required: false,
            formula: None,
        });
        let model = Model::from_bytes(&Model::new(parts).unwrap().to_bytes().unwrap()).unwrap();
        let Kind::Number { min: Some(found), .. } = model.schema.fields[2].kind else { panic!("no min") };
        assert_eq!(found.to_bits(), x.to_bits());
    }
}
