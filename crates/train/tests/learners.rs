//! Each learner on small tables whose right answer can be worked out by hand.

use arrears_data::{Format, read_bytes};
use arrears_model::additive::Shape;
use arrears_model::model::Baseline;
use arrears_model::tree::{Side, Test};
use arrears_model::{Cell, Model, ModelKind, Predictor, Scorer, Value};
use arrears_train::{Engine, Recipe, TrainError, Trained, train};
use std::fmt::Write;

const ENGINES: [Engine; 2] = [Engine::Linfa, Engine::Smartcore];

/// The engines that learn a kind of model.
fn engines(kind: ModelKind) -> &'static [Engine] {
    match kind {
        ModelKind::ScorecardPlus => &[Engine::Native],
        _ => &[Engine::Native, Engine::Linfa, Engine::Smartcore],
    }
}

fn run(csv: &str, recipe: &str, kind: ModelKind, engine: Engine) -> Result<Trained, TrainError> {
    let mut recipe = Recipe::from_toml(recipe, "recipe.toml", "test").expect("a sound recipe");
    recipe.model.kind = kind;
    recipe.model.engine = Some(engine);
    let loaded = read_bytes("data.csv", Format::Csv, csv.as_bytes())?;
    train(&recipe, loaded, "data.csv")
}

fn pd(model: &Model, row: &[Value<'_>]) -> f64 {
    Scorer::new(model).score(row).expect("a score").pd.expect("a pd")
}

/// 400 rows: income 1..=400; bad below 100 for three in four, above for one in eight. Every tenth income is
/// missing, and of those every second row is bad. `home` is `rent` for odd rows.
fn credit() -> String {
    let mut csv = "income,home,bad\n".to_owned();
    for i in 1..=400 {
        let bad = match i {
            _ if i % 10 == 0 => i % 20 == 0,
            _ if i < 100 => i % 4 != 0,
            _ => i % 8 == 0,
        };
        let income = if i % 10 == 0 { String::new() } else { i.to_string() };
        let home = if i % 2 == 1 { "rent" } else { "own" };
        let _ = writeln!(csv, "{income},{home},{}", u8::from(bad));
    }
    csv
}

const TARGET: &str = "[data]\ntarget = \"bad\"\n[split]\ntest = 0.1\n";

#[test]
fn a_scorecard_is_coefficient_times_woe() {
    for engine in ENGINES {
        let trained = run(&credit(), TARGET, ModelKind::Scorecard, engine).expect("a scorecard");
        let Predictor::Additive(additive) = &trained.model.predictor else { panic!("no terms") };
        for term in &additive.terms {
            let profile = trained
                .model
                .profile
                .fields
                .iter()
                .find(|p| p.transform == term.transform)
                .expect("a profile");
            let all_bads = profile.bads.iter().sum::<u64>() as f64;
            let all_goods = profile.counts.iter().sum::<u64>() as f64 - all_bads;
            let Shape::Lookup { values } = &term.shape else { panic!("no lookup") };
            let coefficient = term.coefficient.expect("a coefficient");
            assert!(coefficient < 0.0, "WoE is higher for safer bins, so log-odds of bad must fall");
            for ((count, bads), value) in profile.counts.iter().zip(&profile.bads).zip(values) {
                let (bads, goods) = (*bads as f64, (*count - *bads) as f64);
                if bads > 0.0 && goods > 0.0 && *count >= 30 {
                    let woe = ((goods / all_goods) / (bads / all_bads)).ln();
                    assert!((value - coefficient * woe).abs() < 1e-12, "{value} {woe}");
                }
            }
        }
        let low = pd(&trained.model, &[Value::Number(50.0), Value::Text("own")]);
        let high = pd(&trained.model, &[Value::Number(300.0), Value::Text("own")]);
        assert!(low > 0.5 && high < 0.3, "{low} {high}");
    }
}

#[test]
fn a_tree_has_a_branch_for_missing_and_smoothed_leaves() {
    let recipe = format!("{TARGET}[tree]\nmax_depth = 3\nmin_leaf = 5\n");
    for engine in engines(ModelKind::Tree) {
        let trained = run(&credit(), &recipe, ModelKind::Tree, *engine).expect("a tree");
        let Predictor::Tree(tree) = &trained.model.predictor else { panic!("no tree") };
        assert!(tree.nodes.len() >= 5, "{tree:?}");
        // Two rows of the bad rate of all are added.
        let rate = tree.nodes[0].bads as f64 / tree.nodes[0].count as f64;
        for node in &tree.nodes {
            let pd = (node.bads as f64 + 2.0 * rate) / (node.count as f64 + 2.0);
            assert!((node.pd - pd).abs() < 1e-15, "{engine}: {node:?}");
            if let Some(split) = &node.split {
                let (left, right) = (&tree.nodes[split.left], &tree.nodes[split.right]);
                assert_eq!((left.count + right.count, left.bads + right.bads), (node.count, node.bads));
                assert!(left.count >= 5 && right.count >= 5);
            }
        }
        assert_eq!(tree.nodes[0].count, trained.split.train.len() as u64);
        let fields = trained.model.schema.fields.len();
        let missing = pd(&trained.model, &vec![Value::Missing; fields]);
        assert!((0.3..0.7).contains(&missing), "every second missing income is bad: {missing}");
    }
}

#[test]
fn cases_no_row_had_go_to_the_larger_child() {
    let mut csv = "x,c,bad\n".to_owned();
    for i in 0..300 {
        let _ = writeln!(csv, "{i},{},{}", ["a", "b", "d"][i % 3], u8::from(i < 60));
    }
    let recipe =
        "[data]\ntarget = \"bad\"\n[columns.x]\nspecial = [-1]\n[tree]\nmax_depth = 1\nmin_leaf = 5\n";
    for engine in engines(ModelKind::Tree) {
        let trained = run(&csv, recipe, ModelKind::Tree, *engine).expect("a tree");
        let Predictor::Tree(tree) = &trained.model.predictor else { panic!("no tree") };
        let split = tree.nodes[0].split.as_ref().expect("a split");
        let Test::Below { threshold, special } = &split.test else { panic!("a number is split") };
        assert!((59.0..=61.0).contains(threshold), "{threshold}");
        let larger = if tree.nodes[split.left].count > tree.nodes[split.right].count {
            Side::Left
        } else {
            Side::Right
        };
        assert_eq!((split.missing, special.as_slice()), (larger, [larger].as_slice()));
        assert_eq!(split.side(Cell::Missing), Side::Right);
    }
}

#[test]
fn logistic_has_a_value_for_missing_and_for_every_category() {
    for engine in ENGINES {
        let trained = run(&credit(), TARGET, ModelKind::Logistic, engine).expect("a model");
        let Predictor::Additive(additive) = &trained.model.predictor else { panic!("no terms") };
        let Shape::Linear { slope, missing, .. } = &additive.terms[0].shape else {
            panic!("income is linear")
        };
        assert!(*slope < 0.0 && *missing > 0.0, "more income is safer, missing is worse than the mean");
        let Shape::Lookup { values } = &additive.terms[1].shape else { panic!("home is a lookup") };
        // own, rent, other, missing: the most frequent is the reference, other is read like it.
        assert_eq!(values.len(), 4);
        assert_eq!((values[2], values[3]), (0.0, 0.0));
        assert_eq!(values[..2].iter().filter(|v| **v == 0.0).count(), 1);
    }
}

#[test]
fn kmeans_finds_two_plain_groups_without_an_outcome() {
    let mut csv = "id,x,y,kind\n".to_owned();
    for i in 0..100 {
        let far = i % 4 == 0;
        let shift = if far { 100.0 } else { 0.0 };
        let _ = writeln!(
            csv,
            "{i},{},{},{}",
            shift + f64::from(i % 7),
            shift + f64::from(i % 5),
            if far { "f" } else { "n" }
        );
    }
    let recipe = "[data]\nid = \"id\"\n[kmeans]\nk = 2\n";
    for &engine in engines(ModelKind::Kmeans) {
        let trained = run(&csv, recipe, ModelKind::Kmeans, engine).expect("segments");
        let Predictor::Centroids(centroids) = &trained.model.predictor else { panic!("no segments") };
        let counts: Vec<u64> = centroids.segments.iter().map(|s| s.count).collect();
        assert_eq!(counts.iter().sum::<u64>(), trained.split.train.len() as u64);
        assert!(counts[0] > counts[1] && counts[1] > 10, "largest first: {counts:?}");
        assert!(centroids.segments[1].name.starts_with("S2: "), "{:?}", centroids.segments[1].name);
        let scored = Scorer::new(&trained.model)
            .score(&[Value::Number(102.0), Value::Number(103.0), Value::Text("f")])
            .expect("a segment");
        assert_eq!(scored.segment, Some(1));
        assert!(scored.distance.expect("a distance") < 1.0);
    }
}

#[test]
fn baselines_are_the_best_the_mean_or_nothing() {
    for (name, baseline) in [("max", Baseline::Max), ("mean", Baseline::Mean), ("neutral", Baseline::Neutral)]
    {
        let recipe = format!("{TARGET}[model]\nbaseline = \"{name}\"\n");
        let mut recipe = Recipe::from_toml(&recipe, "r.toml", "t").expect("a recipe");
        recipe.model.kind = ModelKind::Scorecard;
        let loaded = read_bytes("d.csv", Format::Csv, credit().as_bytes()).expect("data");
        let model = train(&recipe, loaded, "d.csv").expect("a model").model;
        assert_eq!(model.baseline, baseline);
        let Predictor::Additive(additive) = &model.predictor else { panic!("no terms") };
        for term in &additive.terms {
            let Shape::Lookup { values } = &term.shape else { panic!("no lookup") };
            let profile =
                model.profile.fields.iter().find(|p| p.transform == term.transform).expect("a profile");
            let seen = || values.iter().zip(&profile.counts).filter(|(_, n)| **n > 0);
            let expected = match baseline {
                Baseline::Max => seen().map(|(v, _)| *v).fold(f64::INFINITY, f64::min),
                Baseline::Mean => {
                    seen().map(|(v, n)| v * *n as f64).sum::<f64>()
                        / profile.counts.iter().sum::<u64>() as f64
                }
                Baseline::Neutral => 0.0,
            };
            assert!((term.baseline - expected).abs() < 1e-12, "{name}");
        }
    }
}

/// Two libraries start the polish from different answers; the optimum is one.
#[test]
fn both_engines_end_at_the_same_optimum() {
    for kind in [ModelKind::Scorecard, ModelKind::Logistic] {
        let weights = ENGINES.map(|engine| {
            let trained = run(&credit(), TARGET, kind, engine).expect("a model");
            let Predictor::Additive(additive) = &trained.model.predictor else { panic!("no terms") };
            assert!(trained.model.provenance.fit.gradient_norm.expect("a norm") < 1e-9);
            (additive.intercept, additive.terms.clone())
        });
        assert_eq!(weights[0], weights[1], "{kind}");
    }
}

#[test]
fn what_cannot_be_trained_says_why() {
    let says = |csv: &str, recipe: &str, kind, words: &[&str]| {
        let error = run(csv, recipe, kind, Engine::Linfa).expect_err("no model").to_string();
        for word in words {
            assert!(error.contains(word), "{error:?} does not say {word:?}");
        }
    };
    let one_class = "x,bad\n1,1\n2,1\n3,1\n4,1\n5,1\n6,1\n7,1\n8,1\n";
    says(one_class, TARGET, ModelKind::Tree, &["bad"]);
    says(&credit(), "", ModelKind::Scorecard, &["--target"]);
    says(&credit(), "[data]\ntarget = \"nope\"\n", ModelKind::Scorecard, &["nope"]);
    let noise = (0..200).fold("x,bad\n".to_owned(), |csv, i| format!("{csv}{},{}\n", i % 2, (i / 2) % 2));
    says(&noise, TARGET, ModelKind::Scorecard, &["x (", "IV"]);
    let recipe = format!("{TARGET}[binning]\nmax_bins = 1\n");
    says(&credit(), &recipe, ModelKind::Scorecard, &["max_bins", "2 to 100"]);
    let unknown = Recipe::from_toml("[binning]\nmax_bin = 3\n", "my.toml", "m").expect_err("unknown key");
    let text = unknown.to_string();
    assert!(text.contains("max_bin") && text.contains("my.toml") && text.contains('2'), "{text}");
}

#[test]
fn training_gives_the_same_bytes_on_any_number_of_threads() {
    for kind in [
        ModelKind::Scorecard,
        ModelKind::ScorecardPlus,
        ModelKind::Logistic,
        ModelKind::Tree,
        ModelKind::Kmeans,
    ] {
        for engine in engines(kind) {
            let bytes = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                let trained = pool.install(|| run(&credit(), TARGET, kind, *engine)).expect("a model");
                trained.model.to_bytes().expect("bytes")
            };
            let one = bytes(1);
            assert!(one == bytes(2) && one == bytes(8) && one == bytes(1), "{kind} {engine}");
        }
    }
}

#[test]
fn what_deserves_a_second_look_is_said() {
    let says = |csv: &str, recipe: &str, kind, word: &str| {
        let trained = run(csv, recipe, kind, Engine::Smartcore).expect("a model");
        assert!(trained.warnings.iter().any(|w| w.contains(word)), "{:?}", trained.warnings);
        let notes = &trained.model.provenance.fit.notes;
        assert!(trained.warnings.iter().all(|w| notes.contains(w)), "the model remembers them");
    };
    // Label 1 is guessed to be bad; where it is said, nothing is to be warned of.
    says(&credit(), TARGET, ModelKind::Tree, "counts as bad");
    let said = format!("{TARGET}\n").replace("target = \"bad\"", "target = \"bad\"\npositive = \"1\"");
    let trained = run(&credit(), &said, ModelKind::Logistic, Engine::Smartcore).expect("a model");
    assert_eq!(trained.warnings, [""; 0]);
    // 0 is the good label: with it as bad, most rows are.
    let turned = said.replace("positive = \"1\"", "positive = \"0\"");
    says(&credit(), &turned, ModelKind::Tree, "counts as bad");
    let absurd = credit().replace("\n7,rent", "\n1e300,rent");
    says(&absurd, &said, ModelKind::Logistic, "sets the scale");
    let trained = run(&absurd, &said, ModelKind::Tree, Engine::Smartcore).expect("a tree");
    assert_eq!(trained.warnings, [""; 0], "a tree sees only the order");
    let ids = credit().replace("income,", "shopID,");
    says(&ids, &said, ModelKind::Tree, "identifier");
    // Three ids in four are repeated.
    let repeated = (0..400)
        .fold("id,x,bad\n".to_owned(), |csv, i| format!("{csv}{},{},{}\n", i % 100, i * i % 97, i % 3 / 2));
    says(&repeated, &said.replace("[data]", "[data]\nid = \"id\""), ModelKind::Tree, "dropped");
}

#[test]
fn the_baseline_suits_the_kind() {
    for (kind, baseline) in [
        (ModelKind::Scorecard, Baseline::Max),
        (ModelKind::ScorecardPlus, Baseline::Max),
        (ModelKind::Logistic, Baseline::Mean),
        (ModelKind::Tree, Baseline::Mean),
    ] {
        let trained = run(&credit(), TARGET, kind, engines(kind)[0]).expect("a model");
        assert_eq!(trained.model.baseline, baseline, "{kind}");
        let name = if baseline == Baseline::Max { "max" } else { "mean" };
        assert!(trained.model.provenance.recipe.contains(&format!("baseline = \"{name}\"")));
    }
}

#[test]
fn default_grades_ascend_below_one_at_any_bad_rate() {
    let cuts = |rate| -> Vec<f64> {
        arrears_train::recipe::default_grades(rate).iter().filter_map(|g| g.max_pd).collect()
    };
    assert_eq!(cuts(0.2815), [0.14, 0.28, 0.56]);
    assert_eq!(cuts(0.56), [0.28, 0.56, 0.78]);
    assert_eq!(cuts(0.03857), [0.019, 0.039, 0.077]);
    for rate in [1e-9, 0.001, 0.333, 0.5, 0.9, 0.994, 0.9999] {
        let cuts = cuts(rate);
        assert!(
            cuts.len() == 3 && cuts[0] > 0.0 && cuts.is_sorted_by(|a, b| a < b) && cuts[2] < 1.0,
            "{cuts:?}"
        );
    }
}

#[test]
fn a_scale_may_name_one_key() {
    let recipe = Recipe::from_toml("[scale]\npdo = 40\n", "r.toml", "r").expect("a recipe");
    let scale = recipe.resolved().scale.by_odds();
    assert_eq!((scale.base_score, scale.base_odds, scale.pdo), (600.0, 50.0, 40.0));
}
