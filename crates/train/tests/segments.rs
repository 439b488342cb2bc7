//! What a k-means model declares, shows and flags, on data made here.

#![allow(clippy::unwrap_used, reason = "tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::centroids::Centroids;
use arrears_model::segment_table::{ValueShown, segment_table};
use arrears_model::transform::Transform;
use arrears_model::{Predictor, Scorer, Value};
use arrears_train::segments::k_plot_svg;
use arrears_train::{Recipe, TrainError, Trained, train};

/// Three groups: (late, returns, region) around (0, 0, north), (10, 0, south) and (0, 10, north); `spend` runs over powers of
/// ten, and is 0 for every tenth customer.
fn csv(rows: usize) -> String {
    let mut text = "late,returns,spend,region,flat\n".to_owned();
    for i in 0..rows {
        // Eighths of a golden-ratio sequence: no pattern across the columns, and numbers that are exact in binary.
        let step = |factor: f64| (((i as f64 * factor).fract() - 0.5) * 8.0).round() / 8.0 * 4.0;
        let (late, returns, region) = match i % 6 {
            0..3 => (0.0, 0.0, "north"),
            3 | 4 => (10.0, 0.0, "south"),
            _ => (0.0, 10.0, "north"),
        };
        let spend = if i % 10 == 0 { 0 } else { 10_u64.pow((i % 7) as u32) };
        let (late, returns) = (late + step(0.618_033_988_7), returns + step(0.754_877_666_2));
        text += &format!("{late},{returns},{spend},{region},1\n");
    }
    text
}

fn run(rows: usize, recipe: &str) -> Result<Trained, TrainError> {
    let recipe = format!("[model]\nkind = \"kmeans\"\n{recipe}");
    let recipe = Recipe::from_toml(&recipe, "recipe.toml", "made").unwrap();
    train(&recipe, read_bytes("made.csv", Format::Csv, csv(rows).as_bytes()).unwrap(), "made.csv")
}

fn message(recipe: &str) -> String {
    run(120, recipe).unwrap_err().to_string()
}

fn centroids(trained: &Trained) -> &Centroids {
    let Predictor::Centroids(centroids) = &trained.model.predictor else { panic!("no segments") };
    centroids
}

/// The numbers of the training rows of a column.
fn numbers(trained: &Trained, column: &str) -> Vec<f64> {
    let column = trained.cleaned.table.column(column).unwrap();
    let number = |row: &usize| match column.value(*row) {
        Value::Number(x) => x,
        other => panic!("{other:?}"),
    };
    trained.split.train.iter().map(number).collect()
}

fn scaling(trained: &Trained, column: &str) -> (bool, f64, f64) {
    let of = |t: &&Transform| trained.model.schema.fields[t.field()].name == column && t.gives_number();
    match trained.model.transforms.iter().find(of).unwrap() {
        Transform::Standardise { center, scale, .. } => (false, *center, *scale),
        Transform::LogStandardise { center, scale, .. } => (true, *center, *scale),
        other => panic!("{other:?}"),
    }
}

#[test]
fn scaling_and_logarithms_are_declared_in_the_model() {
    let robust = "[kmeans]\nk = 3\nscaling = \"robust\"\nlog = [\"spend\"]\n";
    let trained = run(600, robust).unwrap();
    let mut late = numbers(&trained, "late");
    late.sort_by(f64::total_cmp);
    // 450 rows: the quartiles lie between rows 112 and 113, 224 and 225, 336 and 337, counted from 0.
    assert_eq!(late.len(), 450);
    let [low, middle, high] = [(112, 0.25), (224, 0.5), (336, 0.75)]
        .map(|(at, part): (usize, f64)| late[at] + part * (late[at + 1] - late[at]));
    let (log, center, scale) = scaling(&trained, "late");
    assert_eq!((log, center), (false, middle));
    assert!((scale - (high - low) / 1.349).abs() < 1e-12 * scale);
    let (log, center, _) = scaling(&trained, "spend");
    let mut spend: Vec<f64> = numbers(&trained, "spend").into_iter().map(|x| (1.0 + x).ln()).collect();
    spend.sort_by(f64::total_cmp);
    assert!(log && (center - (spend[224] + spend[225]) / 2.0).abs() < 1e-12);
    assert!(trained.model.provenance.recipe.contains("scaling = \"robust\"\nlog = [\"spend\"]\n"));

    let standard = run(600, "[kmeans]\nk = 3\nlog = [\"spend\"]\n").unwrap();
    let (_, center, scale) = scaling(&standard, "spend");
    let mean = spend.iter().sum::<f64>() / 450.0;
    let deviation = (spend.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 450.0).sqrt();
    assert!((center - mean).abs() < 1e-12 && (scale - deviation).abs() < 1e-12);
    // The default is written out for segments, and for nothing else.
    assert!(standard.model.provenance.recipe.contains("scaling = \"standard\"\n"));
}

#[test]
fn a_recipe_that_does_not_fit_the_columns_says_how_to_mend_it() {
    let unknown = "[kmeans] log: there is no column `spent`; the closest is `spend`";
    assert_eq!(message("[kmeans]\nlog = [\"spent\"]\n"), unknown);
    let category = "[kmeans] log = region: expected columns of numbers; this one is a category";
    assert_eq!(message("[kmeans]\nlog = [\"region\"]\n"), category);
    let idle = "[kmeans] max_k = 5: expected `k = \"auto\"` beside it, without which it has no say";
    assert_eq!(message("[kmeans]\nk = 3\nmax_k = 5\n"), idle);
    assert_eq!(message("[kmeans]\nk = \"auto\"\nmax_k = 31\n"), "[kmeans] max_k = 31: expected 3 to 30");
    let wrong = Recipe::from_toml("[kmeans]\nk = \"many\"\n", "r.toml", "r").unwrap_err().to_string();
    assert!(wrong.contains("expected a whole number, or \"auto\""), "{wrong}");
    let words = Recipe::from_toml("[columns.region]\ntype = \"category\"\nhigh = \"x\"\n", "r.toml", "r");
    assert!(words.unwrap_err().to_string().contains("belong to type = \"number\""));
    // One customer in fifty with a number a thousand times as far as the middle half reaches.
    let mut text = "x,y\n".to_owned();
    for i in 0..200 {
        text += &format!("{},{}\n", if i % 50 == 0 { 1e6 } else { f64::from(i % 9) }, i % 7);
    }
    let recipe = "[model]\nkind = \"kmeans\"\n[kmeans]\nk = 2\nscaling = \"robust\"\n";
    let recipe = Recipe::from_toml(recipe, "r.toml", "r").unwrap();
    let far =
        train(&recipe, read_bytes("x.csv", Format::Csv, text.as_bytes()).unwrap(), "x.csv").unwrap_err();
    assert!(matches!(&far, TrainError::FarValues { column, .. } if column == "x"), "{far}");
    assert!(far.to_string().contains("name it in `log` of [kmeans]"), "{far}");
}

/// By definition: of each segment's training rows at most one in a thousand is novel, and the farthest that is not lies
/// on the limit; counts, bads and typical values are those of the rows that the scorer puts there.
#[test]
fn what_the_model_says_of_its_segments_is_what_scoring_gives() {
    let recipe = "[data]\nexclude = [\"spend\"]\n[columns.late]\nhigh = \"pays late\"\n[columns.returns]\nhigh = \"returns often\"\n[kmeans]\nk = 3\n";
    let trained = run(6000, recipe).unwrap();
    let (model, table) = (&trained.model, &trained.cleaned.table);
    let columns: Vec<_> = model.schema.fields.iter().map(|f| table.column(&f.name).unwrap()).collect();
    let mut scorer = Scorer::new(model);
    let mut distances = vec![Vec::new(); 3];
    let mut late = vec![Vec::new(); 3];
    for row in &trained.split.train {
        let values: Vec<Value<'_>> = columns.iter().map(|c| c.value(*row)).collect();
        let scored = scorer.score(&values).unwrap();
        let segment = scored.segment.unwrap();
        distances[segment].push(scored.distance.unwrap());
        assert_eq!(scored.novel, Some(scored.distance > centroids(&trained).segments[segment].novelty));
        let Value::Number(x) = values[0] else { panic!("no number") };
        late[segment].push(x);
    }
    let shown = segment_table(model).unwrap();
    for (s, segment) in centroids(&trained).segments.iter().enumerate() {
        let limit = segment.novelty.unwrap();
        assert_eq!(segment.count, distances[s].len() as u64);
        let beyond = distances[s].iter().filter(|d| **d > limit).count();
        assert!(beyond * 1000 <= distances[s].len(), "{beyond} of {}", distances[s].len());
        assert!(distances[s].contains(&limit));
        let nearer = distances[s].iter().filter(|d| **d < limit).count();
        assert!(nearer * 1000 < distances[s].len() * 999, "a smaller limit would do");
        late[s].sort_by(f64::total_cmp);
        let n = late[s].len();
        let (mean, middle) =
            (late[s].iter().sum::<f64>() / n as f64, (late[s][(n - 1) / 2] + late[s][n / 2]) / 2.0);
        let Some(ValueShown::Number { mean: found, median }) = shown.segments[s].profile[0].value else {
            panic!("no number")
        };
        assert!((found - mean).abs() < 1e-9 && median == middle, "{found} {mean} {median} {middle}");
    }
    let names: Vec<&str> = centroids(&trained).segments.iter().map(|s| s.name.as_str()).collect();
    assert!(names[0].starts_with("S1: ") && !names[0].contains("pays late"), "{names:?}");
    assert!(names[1].starts_with("S2: ") && names[1].contains("pays late"), "{names:?}");
    assert_eq!(names[1].matches("region").count(), usize::from(names[1].contains("region = south")));
    assert!(names[2].starts_with("S3: returns often"), "{names:?}");
}

#[test]
fn the_number_of_segments_is_found_where_there_is_one() {
    let recipe = "[data]\nexclude = [\"spend\", \"region\", \"flat\"]\n[kmeans]\nk = \"auto\"\nmax_k = 6\nrestarts = 2\n";
    let trained = run(400, recipe).unwrap();
    let choice = trained.choice_of_k.as_ref().unwrap();
    assert_eq!((choice.k, choice.elbow, choice.gap), (3, 3, Some(3)), "{choice:?}");
    assert_eq!(centroids(&trained).segments.len(), 3);
    let ks: Vec<usize> = choice.candidates.iter().map(|c| c.k).collect();
    assert_eq!(ks, [1, 2, 3, 4, 5, 6]);
    assert!(choice.candidates.windows(2).all(|pair| pair[0].inertia > pair[1].inertia));
    // Three groups that lie far apart come back whole from every sample.
    assert!(choice.candidates[2].stability.unwrap() > 0.99, "{choice:?}");
    assert!(trained.model.provenance.fit.notes.contains(&choice.why));
    assert!(trained.model.provenance.recipe.contains("k = \"auto\"\nmax_k = 6\n"));
    let svg = k_plot_svg(choice);
    let mut reader = quick_xml::Reader::from_str(&svg);
    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    assert_eq!(svg.matches("class=\"chosen\"").count(), 4, "one in each plot");
    let again = run(400, recipe).unwrap();
    assert_eq!(again.model.sha256(), trained.model.sha256());
    assert_eq!(again.choice_of_k, trained.choice_of_k);
}
