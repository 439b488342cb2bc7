//! Training with a file of rejected applicants, held to the same thing done by hand.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, Loaded, read_bytes};
use arrears_model::{Model, Predictor, Scorer, Value};
use arrears_train::card::card;
use arrears_train::reject_inference::{RejectMethod, RejectReport};
use arrears_train::{Recipe, TrainError, Trained, train, train_with_rejects};
use arrears_validate::{MeasureOptions, measure};

const CREDIT: &str = include_str!("../../../datasets/credit/data.csv");

/// The credit data cut in two by what a first decision might have looked at: accepted with a column `part`, a fifth
/// of them held out, and rejected without their outcome.
fn applicants() -> (String, String) {
    let mut lines = CREDIT.lines();
    let (id, rest) = lines.next().unwrap().split_once(',').unwrap();
    let mut accepted = format!("{id},{rest},part\n");
    let mut rejected = format!("{id},{}\n", rest.split_once(',').unwrap().1);
    for (row, line) in lines.enumerate() {
        let fields: Vec<&str> = line.split(',').collect();
        let against = [fields[2].parse::<f64>().unwrap() < 3.0, fields[7] == "yes", row % 3 == 0];
        if against.iter().filter(|a| **a).count() < 2 {
            accepted += &format!("{line},{}\n", if row % 5 == 4 { "test" } else { "train" });
        } else {
            rejected += &format!("{},{}\n", fields[0], fields[2..].join(","));
        }
    }
    (accepted, rejected)
}

fn recipe(more: &str, data: &str) -> Recipe {
    let text = format!(
        "[data]\ntarget = \"status\"\npositive = \"bad\"\nid = \"id\"\n{data}\n[clean]\nduplicates = \"keep\"\n\
         [split]\nmethod = \"column\"\ncolumn = \"part\"\ntest_value = \"test\"\n{more}"
    );
    Recipe::from_toml(&text, "recipe.toml", "credit").unwrap()
}

fn loaded(csv: &str) -> Loaded {
    read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap()
}

fn run(accepted: &str, rejected: &str, more: &str) -> Result<Trained, TrainError> {
    train_with_rejects(&recipe(more, ""), loaded(accepted), "data.csv", Some((loaded(rejected), "no.csv")))
}

/// Pd of every row of a CSV file by a model.
fn pds(model: &Model, csv: &str) -> Vec<f64> {
    let table = loaded(csv).table;
    let columns: Vec<_> = model.schema.fields.iter().map(|f| table.column(&f.name).unwrap()).collect();
    let mut scorer = Scorer::new(model);
    let mut pd = |row| {
        let values: Vec<Value<'_>> = columns.iter().map(|c| c.value(row)).collect();
        scorer.score(&values).unwrap().pd.unwrap()
    };
    (0..table.rows()).map(&mut pd).collect()
}

fn measure_held_out(trained: &Trained) -> arrears_validate::Report {
    let (table, rows) = (&trained.cleaned.table, &trained.split.test);
    measure(&trained.model, table, rows, "holdout", "data.csv", &MeasureOptions::default()).unwrap()
}

fn report(trained: &Trained) -> &RejectReport {
    trained.rejects.as_ref().unwrap()
}

/// Fuzzy augmentation by hand: a file with each rejected applicant twice, the pds of the first model as weights.
fn by_hand(accepted: &str, rejected: &str, pd: &[f64]) -> String {
    let mut lines = accepted.lines();
    let mut csv = format!("{},w\n", lines.next().unwrap());
    lines.for_each(|line| csv += &format!("{line},1\n"));
    for (line, pd) in rejected.lines().skip(1).zip(pd) {
        let (id, rest) = line.split_once(',').unwrap();
        csv += &format!("{id},bad,{rest},train,{pd}\n{id},good,{rest},train,{}\n", 1.0 - pd);
    }
    csv
}

#[test]
fn fuzzy_is_what_weighted_rows_by_hand_give() {
    let (accepted, rejected) = applicants();
    for kind in ["scorecard", "logistic"] {
        let model = format!("[model]\nkind = \"{kind}\"\n[scale]\npopulation_bad_rate = 0.1\n");
        // The first model is in terms of its own training rows.
        let first = format!("[model]\nkind = \"{kind}\"\n");
        let first = train(&recipe(&first, ""), loaded(&accepted), "data.csv").unwrap();
        let pd = pds(&first.model, &rejected);
        let hand = by_hand(&accepted, &rejected, &pd);
        let hand = train(&recipe(&model, "weight = \"w\""), loaded(&hand), "data.csv").unwrap();
        let ours = run(&accepted, &rejected, &model).unwrap();
        let (Predictor::Additive(a), Predictor::Additive(b)) = (&ours.model.predictor, &hand.model.predictor)
        else {
            panic!("no sum of terms");
        };
        // After the transforms of the terms come the bins of the profile, which is of the accepted alone.
        let n = a.terms.len();
        assert_eq!((n, &ours.model.transforms[..n]), (b.terms.len(), &hand.model.transforms[..n]));
        assert!((a.intercept - b.intercept).abs() < 1e-9, "{} {}", a.intercept, b.intercept);
        for (ours, hand) in ours.coefficients.iter().zip(&hand.coefficients) {
            assert_eq!(ours.column, hand.column);
            assert!((ours.estimate - hand.estimate).abs() < 1e-9, "{ours:?} {hand:?}");
        }
        let inferred = pd.iter().sum::<f64>() / pd.len() as f64;
        assert!((report(&ours).inferred_bad_rate - inferred).abs() < 1e-12);
        assert!(ours.model.transforms[..n] != first.model.transforms[..n]);
    }
}

#[test]
fn counts_and_the_rows_held_out_are_of_the_accepted() {
    let (accepted, rejected) = applicants();
    let ours = run(&accepted, &rejected, "").unwrap();
    let alone = train(&recipe("", ""), loaded(&accepted), "data.csv").unwrap();
    assert_eq!(ours.model.provenance.rows, alone.model.provenance.rows);
    assert_eq!(ours.split, alone.split);
    assert_eq!(ours.model.grades, alone.model.grades);
    let train_rows = ours.model.provenance.rows.train;
    for profile in &ours.model.profile.fields {
        assert_eq!(profile.counts.iter().sum::<u64>(), train_rows);
        assert_eq!(Some(profile.bads.iter().sum::<u64>()), ours.model.provenance.rows.train_bads);
    }
    assert_eq!(ours.model.profile.score.as_ref().unwrap().counts.iter().sum::<u64>(), train_rows);
    let note = &ours.model.provenance.fit.notes[0];
    let rows = rejected.lines().count() - 1;
    assert!(note.contains(&format!("(fuzzy, prudence 1): {rows} rejected applicants of no.csv")), "{note}");
    assert!(note.contains(&report(&ours).sha256), "{note}");
    assert!(ours.hold_out_remarks()[0].contains("accepted applicants"));
}

#[test]
fn the_sensitivity_report_holds_the_model_and_every_other_choice() {
    let (accepted, rejected) = applicants();
    let asked = "[reject_inference]\nmethod = \"parcelling\"\nprudence = 1.3\nbands = 5\nseed = 3\n";
    let ours = run(&accepted, &rejected, asked).unwrap();
    let sensitivity = &report(&ours).sensitivity;
    let prudences: Vec<f64> = sensitivity.cases.iter().map(|case| case.prudence).take(5).collect();
    assert_eq!((prudences, sensitivity.cases.len()), (vec![1.0, 1.25, 1.3, 1.5, 2.0], 15));
    let measured = |trained: &Trained| {
        let (table, rows) = (&trained.cleaned.table, &trained.split.test);
        measure(&trained.model, table, rows, "holdout", "data.csv", &MeasureOptions::default()).unwrap()
    };
    let used = |case: &&arrears_train::reject_inference::Case| {
        case.method == RejectMethod::Parcelling && case.prudence == 1.3
    };
    let case = sensitivity.cases.iter().find(used).unwrap();
    let holdout = measured(&ours);
    assert_eq!(case.auc, holdout.measured().auc);
    assert_eq!(case.inferred_bad_rate, report(&ours).inferred_bad_rate);
    let alone = train(&recipe("", ""), loaded(&accepted), "data.csv").unwrap();
    assert_eq!(sensitivity.accepted_auc, measured(&alone).measured().auc);
    let after = |name: &str| ours.coefficients.iter().find(|c| c.column == name).map_or(0.0, |c| c.estimate);
    for before in &alone.coefficients[1..] {
        let shift = case.shifts.iter().find(|(name, _)| *name == before.column).unwrap().1;
        assert!((shift - (after(&before.column) - before.estimate)).abs() < 1e-12);
    }
    let card = card(&ours, &holdout);
    for part in ["## Reject inference", "| parcelling | 1.3 |", "## Coefficients", "accepted applicants"] {
        assert!(card.contains(part), "no {part:?} in\n{card}");
    }
    let again = run(&accepted, &rejected, asked).unwrap();
    assert_eq!(ours.model.to_bytes().unwrap(), again.model.to_bytes().unwrap());
    let saved = Recipe::from_toml(&ours.model.provenance.recipe, "recipe.toml", "x").unwrap();
    assert_eq!(saved.reject_inference, ours.recipe.reject_inference);
}

#[test]
fn rows_that_cannot_be_used_are_counted() {
    let (accepted, mut rejected) = applicants();
    let good = rejected.lines().nth(1).unwrap().to_owned();
    let (_, rest) = good.split_once(',').unwrap();
    let rows = rejected.lines().count() as u64 - 1;
    rejected +=
        &format!("odd,about {rest}\n1,{rest}\nnew,{},castle,{}\n", 5, rest.splitn(3, ',').nth(2).unwrap());
    let ours = run(&accepted, &rejected, "").unwrap();
    let cleaning = &report(&ours).cleaning;
    assert_eq!((cleaning.read, cleaning.kept), (rows + 3, rows + 2));
    assert_eq!(cleaning.dropped[0].column.as_deref(), Some("seniority"));
    assert_eq!(
        cleaning.changed.iter().map(|c| (c.column.as_str(), c.unseen)).collect::<Vec<_>>(),
        [("home", 1)]
    );
    assert!(report(&ours).notes.iter().any(|n| n.starts_with("1 rejected applicants have the id")));
    assert_eq!(report(&ours).sensitivity.rejected as u64, cleaning.kept);
}

#[test]
fn what_cannot_be_done_is_said() {
    let (accepted, rejected) = applicants();
    let fails = |rejected: &str, more: &str| run(&accepted, rejected, more).unwrap_err().to_string();
    for kind in ["tree", "kmeans"] {
        let error = fails(&rejected, &format!("[model]\nkind = \"{kind}\"\n"));
        assert!(error.contains("reject inference") && error.contains(kind), "{error}");
    }
    let error = fails(&rejected, "[model]\nengine = \"linfa\"\n");
    assert!(error.contains("linfa") && error.contains("reject inference"), "{error}");
    let error = fails("id,home\n1,rent\n", "");
    assert!(error.contains("no.csv") && error.contains("seniority"), "{error}");
    let error = fails(rejected.lines().next().unwrap(), "");
    assert!(error.contains("no.csv") && error.contains("no rows"), "{error}");
    let error = fails(&rejected, "[reject_inference]\nprudence = 0\n");
    assert!(error.contains("prudence"), "{error}");
    let asked = recipe("[reject_inference]\n", "");
    let missing = train(&asked, loaded(&accepted), "data.csv").unwrap_err();
    assert!(matches!(missing, TrainError::NoRejects));
    let weighted = recipe("", "weight = \"age\"");
    let file = Some((loaded(&rejected), "no.csv"));
    let both = train_with_rejects(&weighted, loaded(&accepted), "data.csv", file).unwrap_err().to_string();
    assert!(both.contains("weight") && both.contains("reject inference"), "{both}");
}

/// The figures of the fit, from the scores the finished model gives its training rows.
#[test]
fn coefficients_and_deviance_are_those_of_the_model() {
    let (accepted, _) = applicants();
    let trained = train(&recipe("", ""), loaded(&accepted), "data.csv").unwrap();
    let Predictor::Additive(additive) = &trained.model.predictor else { panic!("no sum of terms") };
    let estimates: Vec<f64> = trained.coefficients.iter().map(|c| c.estimate).collect();
    let terms = additive.terms.iter().map(|t| t.coefficient.unwrap());
    assert_eq!(estimates, std::iter::once(additive.intercept).chain(terms).collect::<Vec<f64>>());
    let (pd, bad) = (pds(&trained.model, &accepted), trained.cleaned.bad.as_ref().unwrap());
    let loss = |p: f64, bad: bool| if bad { -p.ln() } else { -(1.0 - p).ln() };
    let goodness = trained.goodness.as_ref().unwrap();
    let deviance: f64 = trained.split.train.iter().map(|row| 2.0 * loss(pd[*row], bad[*row])).sum();
    assert!((goodness.deviance - deviance).abs() < 1e-8 * deviance, "{} {deviance}", goodness.deviance);
    let rows = trained.model.provenance.rows;
    let rate = rows.train_bads.unwrap() as f64 / rows.train as f64;
    let null: f64 = trained.split.train.iter().map(|row| 2.0 * loss(rate, bad[*row])).sum();
    assert!((goodness.null_deviance - null).abs() < 1e-8 * null);
    assert!((goodness.aic - (deviance + 2.0 * goodness.degrees)).abs() < 1e-6);
    assert!((goodness.bic - (deviance + (rows.train as f64).ln() * goodness.degrees)).abs() < 1e-6);
    for c in &trained.coefficients {
        let i = c.inference.unwrap();
        assert!((i.z - c.estimate / i.standard_error).abs() < 1e-12 && i.standard_error > 0.0);
        assert!((i.interval.1 - i.interval.0 - 2.0 * 1.959963984540054 * i.standard_error).abs() < 1e-12);
        assert!((i.p_value < 0.05) == (i.interval.0 > 0.0 || i.interval.1 < 0.0), "{c:?}");
    }
    assert!(trained.coefficient_remarks()[0].contains("penalised fit"));
    let l1 = train(&recipe("[logistic]\nl1 = 1\n", ""), loaded(&accepted), "data.csv").unwrap();
    assert!(l1.coefficients.iter().all(|c| c.inference.is_none()) && l1.coefficients.len() > 3);
    assert!(l1.coefficient_remarks()[0].contains("L1"));
    let other = recipe("[model]\nengine = \"smartcore\"\n", "");
    let other = train(&other, loaded(&accepted), "data.csv").unwrap();
    assert!(other.goodness.is_none() && other.coefficient_remarks()[0].contains("smartcore"));
}

#[test]
fn a_cut_off_that_makes_none_bad_is_a_warning_and_0_percent() {
    let (accepted, rejected) = applicants();
    let with = |cutoff: f64| {
        let more = format!("[reject_inference]\nmethod = \"hard_cutoff\"\ncutoff = {cutoff}");
        run(&accepted, &rejected, &more).unwrap()
    };
    let trained = with(0.9999);
    let rate = report(&trained).inferred_bad_rate;
    assert_eq!(rate.to_bits(), 0.0f64.to_bits(), "{rate} shows as 0.0 and not as -0.0");
    let cases = &report(&trained).sensitivity.cases;
    assert!(cases.iter().all(|case| case.inferred_bad_rate.is_sign_positive()));
    let text = card(&trained, &measure_held_out(&trained));
    assert!(!text.contains("-0.0 %") && text.contains("| hard_cutoff | 1 | 0.0 % |"), "{text}");
    let first = train(&recipe("", ""), loaded(&accepted), "data.csv").unwrap();
    let pd = pds(&first.model, &rejected);
    let highest = pd.iter().copied().fold(0.0, f64::max);
    let said = format!(
        "hard_cutoff takes all {} rejected applicants for good: their highest pd is {highest:.4}, below the cut-off of \
         0.9999; lower `cutoff` in [reject_inference], or leave it out",
        pd.len()
    );
    assert_eq!(trained.warnings, std::slice::from_ref(&said));
    assert!(trained.model.provenance.fit.notes.contains(&said));
    assert_eq!(with(highest - 1e-6).warnings, [""; 0]);
}
