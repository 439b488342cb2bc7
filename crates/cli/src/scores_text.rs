//! What `train` says of two scores: how a blend ranks, and what the cells of a matrix were like, for people.

use crate::show;
use arrears_train::Trained;
use arrears_train::grade_matrix::MatrixCell;
use arrears_validate::AucDifference;

/// The scores alone and together; empty of a model that is no blend.
pub(crate) fn blend(trained: &Trained) -> String {
    if trained.blend.is_empty() {
        return String::new();
    }
    let rows = trained.blend.iter().map(|c| {
        let auc = |found: Option<f64>| found.map_or("-".to_owned(), |auc| format!("{auc:.4}"));
        let mut row = vec![c.part.to_owned(), c.rows_are.clone(), show::count(c.rows), show::count(c.bads)];
        row.push(auc(c.over_internal.map(|d| d.second)));
        row.push(auc(c.over_external.map(|d| d.second)));
        row.push(auc(c.over_internal.map(|d| d.first)));
        row.extend([gain(c.over_internal), gain(c.over_external)]);
        row
    });
    let header =
        ["", "rows", "n", "bads", "internal", "external", "blend", "blend - internal", "blend - external"];
    show::heading("AUC of the scores alone and together (DeLong's test)")
        + &show::table(&header, rows.collect(), &[2, 3, 4, 5, 6, 7, 8])
}

fn gain(difference: Option<AucDifference>) -> String {
    let Some(d) = difference else { return "-".to_owned() };
    let p = if d.p_value < 0.0001 { "p < 0.0001".to_owned() } else { format!("p {:.4}", d.p_value) };
    format!("{:+.4} ({p})", d.difference)
}

/// The training rows in the cells of the matrix; empty of a model without one.
pub(crate) fn matrix(cells: &[MatrixCell]) -> String {
    if cells.is_empty() {
        return String::new();
    }
    let rows = cells.iter().map(|cell| {
        let percent = |share: f64| format!("{:.1}%", 100.0 * share);
        vec![
            cell.by_pd.clone(),
            cell.column.clone(),
            cell.grade.clone(),
            show::count(cell.rows),
            show::count(cell.bads),
            cell.bad_rate.map_or("-".to_owned(), percent),
            cell.interval
                .map_or(String::new(), |(low, high)| format!("{} to {}", percent(low), percent(high))),
        ]
    });
    let header = ["grade by pd", "external score", "grade", "rows", "bads", "bad rate", "95% interval"];
    show::heading("Grades by two scores, on the training rows")
        + &show::table(&header, rows.collect(), &[3, 4, 5, 6])
}
