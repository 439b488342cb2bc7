use crate::{sample, sample_parts};
use arrears_model::additive::Shape;
use arrears_model::points::{BASE_POINTS, Spread, characteristics, iv, points_table, woe};
use arrears_model::{Model, Predictor, Scorer, Value};

fn close(a: f64, b: f64, within: f64) {
    assert!((a - b).abs() <= within, "{a} is not {b}");
}

/// Age in Siddiqi, Credit Risk Scorecards (2006), chapter 6: counts and bads by bin, and the WoE there
/// in percent. By hand, for the second bin: ln((3040 / 36160) / (960 / 3840)) = ln(0.084071 / 0.25) = -1.08980.
#[test]
fn a_published_table() {
    let counts = [1000, 4000, 6000, 9000, 10_000, 7000, 3000];
    let bads = [140, 960, 1080, 900, 500, 200, 60];
    let published = [-42.719, -108.980, -72.613, -4.526, 70.196, 128.388, 164.934];
    for (found, published) in woe(&counts, &bads).iter().zip(published) {
        close(100.0 * found, published, 0.0011);
    }
    close(iv(&counts, &bads), 0.668, 0.0005);
}

/// Goods 10 and 5 of 15, bads 0 and 5 of 5. Bin 0 has no bads: (10.5 / 15) / (0.5 / 5) = 7.
/// Bin 1: (5 / 15) / (5 / 5) = 1/3. IV = (10/15 - 0) ln 7 + (5/15 - 1) (-ln 3) = 2/3 ln 21.
#[test]
fn a_bin_without_bads_gets_a_half_in_both_cells() {
    let found = woe(&[10, 10], &[0, 5]);
    close(found[0], 7f64.ln(), 1e-15);
    close(found[1], -3f64.ln(), 1e-15);
    close(iv(&[10, 10], &[0, 5]), 2.0 / 3.0 * 21f64.ln(), 1e-15);
}

/// Goods 0 and 10 of 10, bads 2 and 2 of 4. Bin 0: (0.5 / 10) / (2.5 / 4) = 0.08. Bin 1: 1 / 0.5 = 2.
#[test]
fn a_bin_without_goods_gets_a_half_in_both_cells() {
    let found = woe(&[2, 12], &[2, 2]);
    close(found[0], 0.08f64.ln(), 1e-15);
    close(found[1], 2f64.ln(), 1e-15);
}

#[test]
fn nothing_to_compare_says_nothing() {
    assert_eq!(woe(&[10, 0, 10], &[5, 0, 5]), [0.0, 0.0, 0.0]);
    assert_eq!((woe(&[10, 4], &[0, 0]), iv(&[10, 4], &[0, 0])), (vec![0.0, 0.0], 0.0));
    assert_eq!((woe(&[10, 4], &[10, 4]), iv(&[10, 4], &[10, 4])), (vec![0.0, 0.0], 0.0));
    assert_eq!((woe(&[], &[]), iv(&[], &[])), (vec![], 0.0));
}

#[test]
fn a_customers_points_add_up_to_the_score() {
    let model = sample("v1-scorecard");
    let table = points_table(&model, Spread::Characteristics).unwrap();
    let row = [Value::Number(33.0), Value::Number(9998.0), Value::Text("rent"), Value::Missing];
    let bins =
        [("age", "[25, 40.5)"), ("days_late", "= 9998"), ("home", "private rent, rent"), ("码", "missing")];
    let points = |(variable, bin): (&str, &str)| {
        table.iter().find(|r| r.variable == variable && r.bin == bin).unwrap().points
    };
    let sum: f64 = bins.map(points).iter().sum();
    close(sum, Scorer::new(&model).score(&row).unwrap().score.unwrap(), 1e-9);
}

#[test]
fn base_points_in_a_row_of_their_own_leave_every_score_as_it_is() {
    let model = sample("v1-scorecard");
    let spread = points_table(&model, Spread::Characteristics).unwrap();
    let apart = points_table(&model, Spread::Base).unwrap();
    let Predictor::Additive(additive) = &model.predictor else { panic!("a scorecard adds") };
    let base = &apart[0];
    assert_eq!((base.variable.as_str(), base.bin.as_str(), base.count), (BASE_POINTS, "", None));
    close(base.points, model.scale.unwrap().score(additive.intercept), 1e-12);
    assert_eq!(apart.len(), spread.len() + 1);
    for (alone, shared) in apart[1..].iter().zip(&spread) {
        assert_eq!((&alone.variable, &alone.bin), (&shared.variable, &shared.bin));
        close(shared.points - alone.points, base.points / 4.0, 1e-9);
    }
}

#[test]
fn neutral_points_are_the_mean_of_the_training_rows() {
    let model = sample("v1-scorecard");
    for spread in [Spread::Characteristics, Spread::Base] {
        let rows = points_table(&model, spread).unwrap();
        let found = characteristics(&model, spread).unwrap();
        let names: Vec<&str> = found.iter().map(|c| c.variable.as_str()).collect();
        let expected = ["age", "days_late", "home", "码"];
        assert_eq!(names[names.len() - 4..], expected);
        assert_eq!(names.len(), 4 + usize::from(spread == Spread::Base));
        for c in &found {
            let mine = || rows.iter().filter(|row| row.variable == c.variable);
            assert!(mine().all(|row| c.worst <= row.points && row.points <= c.best));
            assert!(mine().any(|row| row.points == c.worst) && mine().any(|row| row.points == c.best));
            match mine().map(|row| row.count).collect::<Option<Vec<u64>>>() {
                // Every training row by itself.
                Some(counts) => {
                    let each = mine().zip(&counts).flat_map(|(row, n)| vec![row.points; *n as usize]);
                    let each: Vec<f64> = each.collect();
                    close(c.neutral.unwrap(), each.iter().sum::<f64>() / each.len() as f64, 1e-9);
                }
                None if c.variable == BASE_POINTS => assert_eq!(c.neutral, Some(c.best)),
                None => assert_eq!(c.neutral, None),
            }
        }
    }
    assert_eq!(characteristics(&sample("v1-tree"), Spread::Base), None);
}

#[test]
fn the_points_table_shows_the_profile_where_there_is_one() {
    let table = points_table(&sample("v1-scorecard"), Spread::Characteristics).unwrap();
    assert_eq!(table.len(), 4 + 6 + 4 + 4);
    assert_eq!((table[0].count, table[0].bads), (Some(40), Some(20)));
    assert_eq!((table[4].count, table[4].bads), (None, None));
    assert_eq!((table[12].bin.as_str(), table[12].count), ("other (unseen)", Some(0)));
}

#[test]
fn the_woe_shown_is_the_one_scored_with() {
    let mut parts = sample_parts("v1-scorecard");
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("a scorecard adds") };
    let Shape::Lookup { values } = &additive.terms[0].shape else { panic!("a scorecard looks up") };
    // Log-odds are coefficient x WoE.
    let expected = values[0] / -0.5;
    additive.terms[0].coefficient = Some(-0.5);
    let table = points_table(&Model::new(parts.clone()).unwrap(), Spread::Characteristics).unwrap();
    close(table[0].woe.unwrap(), expected, 1e-15);
    // Without a coefficient it is that of the training rows. 150 goods, 50 bads; bin 0 holds 20 of each:
    // (20 / 150) / (20 / 50) = 1/3.
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("a scorecard adds") };
    additive.terms[0].coefficient = None;
    additive.terms[1].coefficient = None;
    let table = points_table(&Model::new(parts).unwrap(), Spread::Characteristics).unwrap();
    close(table[0].woe.unwrap(), -3f64.ln(), 1e-15);
    assert_eq!(table[4].woe, None);
}

#[test]
fn only_lookup_models_have_a_points_table() {
    for name in ["v1-logistic", "v1-tree", "v1-segments"] {
        assert_eq!(points_table(&sample(name), Spread::Characteristics), None);
    }
    let mut parts = sample_parts("v1-scorecard");
    parts.profile.fields[0].bads.clear();
    let table = points_table(&Model::new(parts).unwrap(), Spread::Characteristics).unwrap();
    assert_eq!((table[0].count, table[0].bads), (Some(40), None));
}
