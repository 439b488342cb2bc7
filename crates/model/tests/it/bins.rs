use crate::sample;
use arrears_model::centroids::{Centroids, Place, Segment};
use arrears_model::transform::{LARGEST, Transform};
use arrears_model::{Cell, Field, Kind, Special};

fn number(special: &[f64]) -> Field {
    let kind = Kind::Number {
        min: None,
        max: None,
        out_of_range: Default::default(),
        special: special.iter().map(|x| Special::Value(*x)).collect(),
    };
    Field { name: "x".to_owned(), kind, reason: None, required: false, formula: None }
}

#[test]
fn bins_hold_their_left_edge_and_not_their_right() {
    let field = number(&[-9.0, 99.0]);
    let transform = Transform::Intervals { field: 0, splits: vec![-1.0, 0.0, 2.5] };
    let bin = |x: f64| transform.bin(&field, Cell::Number(x));
    assert_eq!([f64::MIN, (-1.0f64).next_down(), -1.0, (-1.0f64).next_up()].map(bin), [0, 0, 1, 1]);
    assert_eq!([-5e-324, -0.0, 0.0, 5e-324].map(bin), [1, 2, 2, 2]);
    assert_eq!([2.5f64.next_down(), 2.5, f64::MAX].map(bin), [2, 3, 3]);
}

#[test]
fn special_codes_and_missing_follow_the_intervals() {
    let field = number(&[-9.0, 99.0]);
    let transform = Transform::Intervals { field: 0, splits: vec![0.0] };
    let cells = [Cell::Number(-1.0), Cell::Number(1.0), Cell::Special(0), Cell::Special(1), Cell::Missing];
    assert_eq!(cells.map(|c| transform.bin(&field, c)), [0, 1, 2, 3, 4]);
    assert_eq!((transform.bins(&field), transform.regular_bins()), (Some(5), 2));
    let labels = (0..5).map(|b| transform.bin_label(&field, b)).collect::<Vec<_>>();
    assert_eq!(labels, ["(-inf, 0)", "[0, inf)", "= -9", "= 99", "missing"]);
    assert_eq!(transform.bin(&field, Cell::Category(0)), 4);
}

#[test]
fn without_splits_there_is_one_interval() {
    let transform = Transform::Intervals { field: 0, splits: vec![] };
    assert_eq!(transform.bin(&number(&[]), Cell::Number(-1e300)), 0);
    assert_eq!(transform.bin(&number(&[]), Cell::Missing), 1);
    assert_eq!(transform.bin_label(&number(&[]), 0), "(-inf, inf)");
}

#[test]
fn other_and_missing_follow_the_groups() {
    let model = sample("v1-scorecard");
    let (field, transform) = (&model.schema.fields[2], &model.transforms[2]);
    let cells = [0, 1, 2, 3].map(Cell::Category);
    assert_eq!(cells.map(|c| transform.bin(field, c)), [0, 0, 1, 1]);
    assert_eq!(transform.bin(field, Cell::Unseen), 2);
    assert_eq!(transform.bin(field, Cell::Missing), 3);
    let labels = (0..4).map(|b| transform.bin_label(field, b)).collect::<Vec<_>>();
    assert_eq!(labels, ["owner, parents", "private rent, rent", "other (unseen)", "missing"]);
}

#[test]
fn standardised_numbers_are_held_within_bounds() {
    let transform = Transform::Standardise { field: 0, center: 10.0, scale: 4.0 };
    assert_eq!(transform.number(Cell::Number(12.0)), 0.5);
    assert_eq!([Cell::Missing, Cell::Special(0)].map(|c| transform.number(c)), [0.0, 0.0]);
    assert_eq!(transform.number(Cell::Number(f64::MAX)), LARGEST);
    let narrow = Transform::Standardise { field: 0, center: f64::MAX, scale: 5e-324 };
    assert_eq!(narrow.number(Cell::Number(f64::MIN)), -LARGEST);
    assert_eq!(narrow.number(Cell::Number(f64::MAX)), 0.0);
}

#[test]
fn an_indicator_knows_one_category() {
    let transform = Transform::Indicator { field: 0, category: 1, scale: 0.25 };
    let cells = [Cell::Category(0), Cell::Category(1), Cell::Unseen, Cell::Missing];
    assert_eq!(cells.map(|c| transform.number(c)), [0.0, 4.0, 0.0, 0.0]);
}

/// Centres at 1 and -1 of the first coordinate; a row at 0 is as near to both, one at -0.5 nearer to the second.
#[test]
fn the_first_of_equally_near_segments_is_taken_and_the_next_gives_the_margin() {
    let segment =
        |x: f64| Segment { name: String::new(), center: vec![x, 2.0], count: 0, bads: None, novelty: None };
    let segments = vec![segment(1.0), segment(-1.0)];
    let mut centroids = Centroids { coordinates: vec![0, 1], segments, typical: vec![] };
    let place = |segment, distance, margin, novel| Place { segment, distance, margin: Some(margin), novel };
    assert_eq!(centroids.place(&[0.0, 2.0]), place(0, 1.0, 0.0, None));
    assert_eq!(centroids.place(&[-0.5, 2.0]), place(1, 0.5, 1.0, None));
    // Of three equally far ones the second is as far as the first.
    centroids.segments.extend([segment(1.0), segment(9.0)]);
    assert_eq!(centroids.place(&[4.0, -2.0]), place(0, 5.0, 0.0, None));
    centroids.segments.truncate(2);
    centroids.segments.iter_mut().for_each(|s| s.novelty = Some(5.0));
    let far = 41.0_f64.sqrt();
    assert_eq!(centroids.place(&[4.0, -2.0]), place(0, 5.0, far - 5.0, Some(false)));
    assert_eq!(centroids.place(&[-4.0, -2.0]), place(1, 5.0, far - 5.0, Some(false)));
    assert_eq!(centroids.place(&[4.0, -2.1]).novel, Some(true));
    // Each segment has its own limit.
    centroids.segments[0].novelty = Some(5.5);
    assert_eq!(centroids.place(&[4.0, -2.1]).novel, Some(false));
    assert_eq!(centroids.place(&[-4.0, -2.1]).novel, Some(true));
    centroids.segments.truncate(1);
    assert_eq!(centroids.place(&[4.0, -2.0]).margin, None);
}
