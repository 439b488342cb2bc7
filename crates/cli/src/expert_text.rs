//! What people see of expert models that are no table of points.

use crate::show;
use arrears_model::points::base_points;
use arrears_model::slopes::linear_points;
use arrears_model::{Model, Predictor};

/// Base points and points for each unit.
pub(crate) fn slopes(model: &Model) -> String {
    let (Predictor::Additive(additive), Some(scale)) = (&model.predictor, &model.scale) else {
        return String::new();
    };
    let base = vec!["(base)".to_owned(), format!("{:.4}", base_points(additive, scale)), String::new()];
    let row = |row: arrears_model::slopes::LinearPoints| {
        let missing = row.missing.map_or("row rejected".to_owned(), |points| format!("{points:.4}"));
        vec![row.variable, format!("{:.4}", row.slope), missing]
    };
    let rows = std::iter::once(base).chain(linear_points(model).into_iter().map(row)).collect();
    show::table(&["variable", "points", "missing"], rows, &[1])
}
