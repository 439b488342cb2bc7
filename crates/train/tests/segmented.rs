//! A scorecard for each segment: what parts customers, what each gets, and when it is taken.

#![allow(clippy::unwrap_used, reason = "tests")]

use arrears_data::{Format, Table, read_bytes};
use arrears_model::points::segment_points;
use arrears_model::segmented::{Router, Segmented};
use arrears_model::tree::Side;
use arrears_model::{Model, Predictor, Scorer, Value};
use arrears_train::segmented::SegmentsReport;
use arrears_train::{Recipe, TrainError, Trained, train};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Numbers from 0 to 1, the same on every machine (Steele and others' SplitMix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// One row: product, part (train or test), and the text of the line.
type Line = (String, String);

/// `x` raises the risk of cards and lowers that of loans by `opposite` of its effect; `z` and `home` mean the same for
/// all. One row in three is held out.
fn lines(rows: usize, opposite: f64, seed: u64) -> Vec<Line> {
    let mut draw = Draw(seed);
    let line = |i: usize| {
        let product = ["card", "card", "loan", "loan", "lease", "gift"][(draw.next() * 5.05) as usize];
        let (x, z) = (draw.next() * 4.0 - 2.0, draw.next() * 4.0 - 2.0);
        let home = ["own", "rent", "parents"][(draw.next() * 3.0) as usize];
        let way = if product == "card" { 1.0 } else { 1.0 - 2.0 * opposite };
        let lift = if product == "loan" { 0.8 } else { 0.0 };
        let odds: f64 = -1.5 + lift + way * x + 0.5 * z + if home == "rent" { 0.6 } else { 0.0 };
        let bad = draw.next() < 1.0 / (1.0 + (-odds).exp());
        let part = if i.is_multiple_of(3) { "test" } else { "train" };
        (product.to_owned(), format!("{product},{x:.3},{z:.3},{home},{part},{}", u8::from(bad)))
    };
    (0..rows).map(line).collect()
}

fn csv<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    let mut text = "product,x,z,home,part,bad\n".to_owned();
    lines.into_iter().for_each(|(_, line)| writeln!(text, "{line}").unwrap());
    text
}

const HEAD: &str = "[data]\ntarget = \"bad\"\npositive = \"1\"\n[clean]\nduplicates = \"keep\"\n[split]\nmethod = \"column\"\n\
    column = \"part\"\ntest_value = \"test\"\n[binning]\nprebins = 20\n";

const BY_PRODUCT: &str = "[segments]\nby = \"column\"\ncolumn = \"product\"\nrepeats = 1\nmin_rows = 100\n";

fn run(csv: &str, sections: &str) -> Result<Trained, TrainError> {
    let recipe = Recipe::from_toml(&format!("{HEAD}{sections}"), "recipe.toml", "test")?;
    train(&recipe, read_bytes("data.csv", Format::Csv, csv.as_bytes())?, "data.csv")
}

fn segmented(model: &Model) -> &Segmented {
    let Predictor::Segmented(segmented) = &model.predictor else { panic!("a single scorecard") };
    segmented
}

fn report(trained: &Trained) -> &SegmentsReport {
    trained.segments.as_ref().unwrap()
}

/// Each row of the table as the model reads it.
fn values<'t>(model: &Model, table: &'t Table) -> Vec<Vec<Value<'t>>> {
    let columns: Vec<_> = model.schema.fields.iter().map(|f| table.column(&f.name).unwrap()).collect();
    (0..table.rows()).map(|row| columns.iter().map(|c| c.value(row)).collect()).collect()
}

#[test]
fn a_row_scores_as_by_a_scorecard_trained_on_its_segment_alone() {
    let lines = lines(4500, 1.0, 1);
    let sections = format!("[model]\nbaseline = \"mean\"\n{BY_PRODUCT}keep = \"always\"\n");
    let trained = run(&csv(&lines), &sections).unwrap();
    let model = &trained.model;
    // `gift` has too few rows for a segment, and so has it any other product: they go with the largest.
    let names = ["S1: product = lease", "S2: product = loan", "S3: product in {card, gift} or any other"];
    assert_eq!(model.segment_names(), names);
    let parts = [vec!["lease"], vec!["loan"], vec!["card", "gift"]];
    let alone: Vec<Trained> = parts
        .iter()
        .map(|own| {
            let own = lines.iter().filter(|(product, _)| own.contains(&product.as_str()));
            run(&csv(own), "[model]\nbaseline = \"mean\"\n").unwrap()
        })
        .collect();
    let table = &trained.cleaned.table;
    let mut seen = [0; 3];
    for (row, values) in values(model, table).iter().enumerate() {
        let mut scorer = Scorer::new(model);
        let found = scorer.score(values).unwrap();
        let segment = found.segment.unwrap();
        let product = table.column("product").unwrap().text(row, &[]).unwrap().into_owned();
        assert!(parts[segment].contains(&product.as_str()), "{product} {segment}");
        let single = &alone[segment].model;
        let fields = single.schema.fields.iter();
        let own = fields.map(|f| table.column(&f.name).unwrap().value(row)).collect::<Vec<_>>();
        let expected = Scorer::new(single).score(&own).unwrap();
        assert_eq!(found.pd.unwrap().to_bits(), expected.pd.unwrap().to_bits());
        assert_eq!(found.score, expected.score);
        let named = |model: &Model, reasons: &[arrears_model::score::Reason]| -> Vec<(String, f64)> {
            reasons.iter().map(|r| (model.schema.fields[r.field].name.clone(), r.loss)).collect()
        };
        assert_eq!(named(model, &found.reasons), named(single, &expected.reasons));
        seen[segment] += 1;
    }
    assert!(seen.iter().all(|rows| *rows > 500), "{seen:?}");
    // Counts of the points table are of the segment's own training rows, as of the scorecard alone.
    for (table, alone) in segment_points(model, Default::default()).iter().zip(&alone) {
        let own = arrears_model::points::points_table(&alone.model, Default::default()).unwrap();
        assert_eq!(table.points, own);
    }
}

#[test]
fn the_column_routes_by_hand() {
    let trained =
        run(&csv(&lines(4500, 1.0, 2)), &format!("{BY_PRODUCT}groups = [[\"loan\", \"gift\"]]\n")).unwrap();
    let model = &trained.model;
    let names = ["S1: product in {loan, gift}", "S2: product in {card, lease} or any other"];
    assert_eq!(model.segment_names(), names);
    let Router::Tree(tree) = &segmented(model).router else { panic!("a tree") };
    let split = tree.nodes[0].split.as_ref().unwrap();
    assert_eq!((tree.nodes.len(), split.missing), (3, Side::Right));
    let mut scorer = Scorer::new(model);
    let at = model.schema.fields.iter().position(|f| f.name == "product").unwrap();
    for (product, segment) in [("gift", 0), ("loan", 0), ("card", 1), ("lease", 1), ("yacht", 1), ("", 1)] {
        let mut row = vec![Value::Number(0.5); model.schema.fields.len()];
        model.schema.fields.iter().enumerate().for_each(|(i, f)| {
            if f.name == "home" {
                row[i] = Value::Text("own");
            }
        });
        row[at] = Value::Text(product);
        assert_eq!(scorer.score(&row).unwrap().segment, Some(segment), "{product}");
    }
    // Counted by hand over the training rows.
    let mut counted: BTreeMap<bool, (u64, u64)> = BTreeMap::new();
    for row in &trained.split.train {
        let text =
            |column| trained.cleaned.table.column(column).unwrap().text(*row, &[]).unwrap().into_owned();
        let tally = counted.entry(["gift", "loan"].contains(&text("product").as_str())).or_default();
        *tally = (tally.0 + 1, tally.1 + u64::from(text("bad") == "1"));
    }
    let found: Vec<(u64, u64)> = segmented(model).segments.iter().map(|s| (s.count, s.bads)).collect();
    assert_eq!(found, [counted[&true], counted[&false]]);
}

#[test]
fn where_segments_matter_they_are_taken_and_where_not_the_single_scorecard() {
    let trained = run(&csv(&lines(4500, 1.0, 3)), BY_PRODUCT).unwrap();
    let report = report(&trained);
    let comparison = report.comparison.as_ref().unwrap();
    assert!(report.taken && comparison.auc.difference > 0.05 && comparison.auc.p_value < 1e-6, "{report:?}");
    assert!(comparison.log_loss[0] < comparison.log_loss[1]);
    assert!(comparison.segments.iter().all(|s| s.auc.is_some_and(|[own, single]| own > single)));
    assert_eq!(comparison.agreement, 1.0);
    assert_eq!(trained.model.provenance.fit.notes[0], report.verdict);
    assert!(
        report.verdict.starts_with("a scorecard for each segment: 3 segments by column"),
        "{}",
        report.verdict
    );

    // Nothing differs between products: three scorecards of a third of the rows each are worse than one.
    let lines = lines(4500, 0.0, 3);
    let trained = run(&csv(&lines), BY_PRODUCT).unwrap();
    let report = self::report(&trained);
    assert!(!report.taken && matches!(trained.model.predictor, Predictor::Additive(_)));
    assert!(report.verdict.starts_with("a single scorecard, not one for each segment"), "{}", report.verdict);
    assert_eq!(trained.model.provenance.fit.notes[0], report.verdict);
    // But for the notes and the recipe it is the model without the section.
    let plain = run(&csv(&lines), "").unwrap().model.into_parts();
    let mut kept = trained.model.clone().into_parts();
    kept.provenance = plain.provenance.clone();
    assert_eq!(kept, plain);
    let always = run(&csv(&lines), &format!("{BY_PRODUCT}keep = \"always\"\n")).unwrap();
    let report = self::report(&always);
    assert!(report.taken && report.verdict.contains("although it is no better"), "{}", report.verdict);
    assert!(always.warnings.contains(&report.verdict));
    assert_eq!(segmented(&always.model).segments.len(), 3);
}

#[test]
fn segments_of_trees_and_centres_hold_what_they_must() {
    let csv = csv(&lines(3000, 1.0, 4));
    for by in ["by = \"tree\"\ndepth = 2", "by = \"kmeans\"\nk = 4\nfields = [\"x\", \"z\"]"] {
        let sections =
            format!("[segments]\n{by}\nmin_share = 0.1\nmin_rows = 150\nrepeats = 1\nkeep = \"always\"\n");
        let trained = run(&csv, &sections).unwrap();
        let model = &trained.model;
        let parted = segmented(model);
        assert!((2..=4).contains(&parted.segments.len()));
        let mut counted = vec![(0u64, 0u64); parted.segments.len()];
        let rows = values(model, &trained.cleaned.table);
        for row in &trained.split.train {
            let bad = trained.cleaned.bad.as_ref().unwrap()[*row];
            let segment = Scorer::new(model).score(&rows[*row]).unwrap().segment.unwrap();
            counted[segment] = (counted[segment].0 + 1, counted[segment].1 + u64::from(bad));
        }
        for (segment, (count, bads)) in parted.segments.iter().zip(counted) {
            assert_eq!((segment.count, segment.bads), (count, bads), "{by}");
            assert!(count >= 200 && bads >= 30 && count - bads >= 30, "{by}: {count} {bads}");
        }
        if by.contains("kmeans") {
            let Router::Centroids(centroids) = &parted.router else { panic!("centres") };
            let fields: Vec<&str> = parted
                .router
                .fields(&model.transforms)
                .iter()
                .map(|f| model.schema.fields[*f].name.as_str())
                .collect();
            assert_eq!((fields.as_slice(), centroids.coordinates.len()), (&["x", "z"][..], 2));
        }
    }
}

#[test]
fn without_two_segments_there_is_a_single_scorecard_or_an_error() {
    let csv = csv(&lines(900, 1.0, 5));
    let sections = "[segments]\nby = \"tree\"\nmin_rows = 400\n";
    let trained = run(&csv, sections).unwrap();
    let report = report(&trained);
    assert!(!report.taken && report.comparison.is_none());
    let said = "a single scorecard, not one for each segment: by tree no two segments have 400 rows, 5 % of all, and 30 bads \
                and goods each";
    assert_eq!(report.verdict, said);
    assert_eq!(trained.model.provenance.fit.notes[0], said);
    let error = run(&csv, &format!("{sections}keep = \"always\"\n")).unwrap_err();
    assert!(matches!(error, TrainError::NoSegments { .. }) && error.to_string().contains("lower the limits"));
}

#[test]
fn whole_points_hold_in_every_segment_and_one_score_is_one_pd() {
    let sections = format!("{BY_PRODUCT}[scale]\npoints = \"integer\"\n");
    for sections in [sections.clone(), format!("{sections}spread = \"base\"\npopulation_bad_rate = 0.05\n")] {
        let trained = run(&csv(&lines(4500, 1.0, 6)), &sections).unwrap();
        let model = &trained.model;
        assert_eq!(segmented(model).segments.len(), 3);
        let mut pds: BTreeMap<i64, (u64, Vec<usize>)> = BTreeMap::new();
        for row in values(model, &trained.cleaned.table) {
            let scored = Scorer::new(model).score(&row).unwrap();
            let (score, pd) = (scored.score.unwrap(), scored.pd.unwrap());
            assert_eq!(score.fract(), 0.0);
            let known = pds.entry(score as i64).or_insert((pd.to_bits(), Vec::new()));
            assert_eq!(known.0, pd.to_bits(), "score {score} has two pds");
            known.1.push(scored.segment.unwrap());
        }
        // Some score is reached in all three segments.
        assert!(pds.values().any(|(_, segments)| (0..3).all(|s| segments.contains(&s))));
        let notes = &model.provenance.fit.notes;
        assert_eq!(
            notes.iter().filter(|note| note.contains("points are whole numbers")).count(),
            3,
            "{notes:?}"
        );
    }
}

#[test]
fn the_ends_of_the_scale_are_those_of_all_segments() {
    let ends = format!("{BY_PRODUCT}[scale]\nmin_score = 300\nmax_score = 850\n");
    let trained = run(&csv(&lines(4500, 1.0, 7)), &ends).unwrap();
    let tables = segment_points(&trained.model, Default::default());
    let sum = |of: fn(&arrears_model::points::Characteristic) -> f64| -> Vec<f64> {
        tables.iter().map(|table| table.characteristics.iter().map(of).sum()).collect()
    };
    let (worst, best) = (sum(|c| c.worst), sum(|c| c.best));
    assert!((worst.iter().copied().fold(f64::INFINITY, f64::min) - 300.0).abs() < 1e-6, "{worst:?}");
    assert!((best.iter().copied().fold(0.0, f64::max) - 850.0).abs() < 1e-6, "{best:?}");
}

#[test]
fn drift_is_counted_over_all_training_rows_on_the_finest_bins() {
    let trained = run(&csv(&lines(4500, 1.0, 8)), BY_PRODUCT).unwrap();
    let model = &trained.model;
    let train = trained.split.train.len() as u64;
    let mut fields: Vec<usize> = Vec::new();
    for entry in &model.profile.fields {
        assert_eq!(entry.counts.iter().sum::<u64>(), train);
        let field = model.transforms[entry.transform].field();
        let bins = |t: &arrears_model::transform::Transform| {
            if t.field() == field { t.regular_bins() } else { 0 }
        };
        let finest = model.transforms.iter().map(bins).max().unwrap();
        assert_eq!(model.transforms[entry.transform].regular_bins(), finest);
        fields.push(field);
    }
    fields.sort_unstable();
    // Also the column that only routes.
    assert_eq!(fields, (0..model.schema.fields.len()).collect::<Vec<_>>());
    assert_eq!(model.profile.score.as_ref().unwrap().counts.iter().sum::<u64>(), train);
    let product = trained.variables.iter().find(|v| v.variable == "product").unwrap();
    assert!(product.kept && product.reason.starts_with("tells segments apart"), "{}", product.reason);
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let csv = csv(&lines(1800, 1.0, 9));
    for by in [
        "by = \"tree\"",
        "by = \"kmeans\"\nfields = [\"x\", \"product\"]",
        "by = \"column\"\ncolumn = \"product\"",
    ] {
        let sections =
            format!("[segments]\n{by}\nmin_rows = 100\nrepeats = 1\nfolds = 2\nkeep = \"always\"\n");
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let trained = pool.install(|| run(&csv, &sections)).unwrap();
            (trained.model.to_bytes().unwrap(), trained.segments)
        };
        let one = on(1);
        assert!(one == on(2) && one == on(8), "{by}");
        // And the model is read again as it was written.
        assert_eq!(Model::from_bytes(&one.0).unwrap().to_bytes().unwrap(), one.0);
    }
}

#[test]
fn what_does_not_go_with_segments_is_refused() {
    let csv = csv(&lines(600, 1.0, 10));
    let said = |sections: &str| run(&csv, sections).unwrap_err().to_string();
    for kind in ["logistic", "tree", "kmeans", "scorecard_plus"] {
        let said = said(&format!("[model]\nkind = \"{kind}\"\n[segments]\n"));
        assert!(said.contains("does not use") && said.contains("[segments]"), "{said}");
    }
    assert!(
        said("[segments]\n[reject_inference]\n").contains("reject inference cannot be used with [segments]")
    );
    let weighted = format!("{}[segments]\n", HEAD.replace("[clean]", "weight = \"z\"\n[clean]"));
    let recipe = Recipe::from_toml(&weighted, "recipe.toml", "test").unwrap();
    let loaded = read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap();
    let error = train(&recipe, loaded, "data.csv").unwrap_err().to_string();
    assert!(error.contains("weights of rows cannot be used with [segments]"), "{error}");
    for (section, key) in [
        ("depth = 5", "depth = 5"),
        ("k = 3", "k = given"),
        ("by = \"kmeans\"\nk = 1", "k = 1"),
        ("by = \"kmeans\"\ndepth = 1", "depth = given"),
        ("column = \"product\"", "column = given"),
        ("by = \"column\"", "column = absent"),
        ("by = \"column\"\ncolumn = \"product\"\nfields = [\"x\"]", "fields = given"),
        ("groups = [[\"a\"]]", "groups = given"),
        ("min_share = 0.6", "min_share = 0.6"),
        ("min_rows = 0", "min_rows = 0"),
        ("min_bads = 9", "min_bads = 9"),
        ("folds = 1", "folds = 1"),
        ("repeats = 0", "repeats = 0"),
        ("max_p_value = 1.0", "max_p_value = 1"),
    ] {
        let said = said(&format!("[segments]\n{section}\n"));
        assert!(said.starts_with(&format!("[segments] {key}: expected ")), "{said}");
    }
    for (section, why) in [
        ("fields = [\"y\"]", "fields: `y`: expected one of: "),
        ("by = \"column\"\ncolumn = \"x\"", "column: `x`: it is a number; "),
        (
            "by = \"column\"\ncolumn = \"product\"\ngroups = [[\"lon\"]]",
            "groups: `lon`: expected one of: card, ",
        ),
        (
            "by = \"column\"\ncolumn = \"product\"\ngroups = [[\"loan\"], [\"loan\"]]",
            "groups: `loan`: a category can be in one group only",
        ),
    ] {
        let said = said(&format!("[segments]\n{section}\n"));
        assert!(said.starts_with(&format!("[segments] {why}")), "{said}");
    }
}
