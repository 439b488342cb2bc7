//! A model with a scorecard for each segment, for people.

use crate::inspect::{points_of, segments};
use crate::show;
use arrears_model::Model;
use arrears_model::points::{Spread, segment_points};
use arrears_model::segmented::{Router, Segmented};

/// The segments with their training rows, and the centres where the nearest one decides; the way through a tree
/// stands in the names.
pub(crate) fn router(model: &Model, segmented: &Segmented) -> String {
    let all: u64 = segmented.segments.iter().map(|s| s.count).sum();
    let rows = segmented.segments.iter().map(|s| {
        let (rows, share) = (show::count(s.count), show::share(s.count, all));
        vec![s.name.clone(), rows, share, show::share(s.bads, s.count)]
    });
    let text = show::table(&["segment", "rows", "share", "bad rate"], rows.collect(), &[1, 2, 3]);
    match &segmented.router {
        Router::Tree(_) => text,
        Router::Centroids(centroids) => format!("{text}\n{}", segments(model, centroids)),
    }
}

/// The points of each segment, a table each; empty for any other model.
pub(crate) fn cards(model: &Model, spread: Spread) -> String {
    let tables = segment_points(model, spread).into_iter().map(|table| {
        let title = show::heading(&format!("Points of {}", show::printable(&table.segment)));
        format!("\n{title}{}", points_of(table.points, table.characteristics))
    });
    tables.collect()
}
