//! Two scores, one grade: the model's own grade and the band of a second score meet in a matrix.
//!
//! Rows are the grades by pd, columns the bands of the external score, and two more for a report that is too old and for none.

use crate::error::{ModelError, invalid};
use crate::scale::Grade;
use serde::{Deserialize, Serialize};

/// The grade from the model's pd and an external score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeMatrix {
    /// CEL formula that gives the external score; the name of a column is one.
    pub external: String,
    /// Which end of the external score is the safer one.
    pub better: Better,
    /// Where bands meet, ascending: band i holds `cuts[i-1] <= score < cuts[i]`.
    pub cuts: Vec<f64>,
    /// Names of the bands, lowest scores first; one more than cuts.
    pub bands: Vec<String>,
    /// Which reports are too old to go by; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Stale>,
    /// For each grade by pd, in their order.
    pub rows: Vec<MatrixRow>,
}

/// Which end of a score is the safer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Higher is safer, as of most agencies' scores.
    #[default]
    High,
    /// Lower is safer, as of a pd.
    Low,
}

/// When a report is too old.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stale {
    /// CEL formula that gives the age of the report.
    pub age: String,
    /// A report of a greater age is stale, and so is one whose age is not known.
    pub after: f64,
}

/// The grades of the customers of one grade by pd, as positions in the model's grades.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRow {
    /// In each band, in their order.
    pub bands: Vec<usize>,
    /// With a stale report; present exactly where reports can be stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<usize>,
    /// Without a report, or with one that has no score.
    pub none: usize,
}

impl GradeMatrix {
    /// Number of columns: the bands, then stale reports where there can be some, then no report.
    pub fn columns(&self) -> usize {
        self.bands.len() + usize::from(self.stale.is_some()) + 1
    }

    /// What the columns are called, in their order.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        let stale = self.stale.iter().map(|_| "stale");
        self.bands.iter().map(String::as_str).chain(stale).chain(["no report"])
    }

    /// The column of an external score and its age, each `None` where it is not known.
    pub fn column(&self, score: Option<f64>, age: Option<f64>) -> usize {
        let Some(score) = score else { return self.columns() - 1 };
        match &self.stale {
            Some(stale) if age.is_none_or(|age| age > stale.after) => self.bands.len(),
            _ => self.cuts.partition_point(|cut| *cut <= score),
        }
    }

    /// The grade in a cell: `row` is a grade by pd, `column` as [`GradeMatrix::column`] gives it.
    pub fn grade(&self, row: usize, column: usize) -> usize {
        let cells = &self.rows[row];
        match cells.bands.get(column) {
            Some(grade) => *grade,
            None if column + 1 == self.columns() => cells.none,
            None => cells.stale.unwrap_or(cells.none),
        }
    }

    /// Shape, bounds, and that a better band of either score never gives a worse grade.
    pub(crate) fn check(&self, grades: &[Grade]) -> Result<(), ModelError> {
        let fail = |what: &str| Err(invalid(format!("decisions: matrix: {what}")));
        if self.cuts.iter().any(|cut| !cut.is_finite()) || !self.cuts.is_sorted_by(|a, b| a < b) {
            return fail("`cuts` must be finite numbers that ascend");
        }
        if self.bands.len() != self.cuts.len() + 1 {
            return fail("there must be one more band than cuts");
        }
        if self.stale.as_ref().is_some_and(|stale| !(0.0..=1e9).contains(&stale.after)) {
            return fail("`after` must be 0 to 1e9");
        }
        let fits = |row: &MatrixRow| {
            let all = row.bands.iter().chain(&row.stale).chain([&row.none]);
            row.bands.len() == self.bands.len()
                && row.stale.is_some() == self.stale.is_some()
                && all.into_iter().all(|grade| *grade < grades.len())
        };
        if self.rows.len() != grades.len() || !self.rows.iter().all(fits) {
            return fail(
                "it needs for each grade a grade in each band, without a report, and with a stale one where `stale` is",
            );
        }
        self.check_order(grades)
    }

    /// Grades stand best first, so a worse one has a higher position.
    fn check_order(&self, grades: &[Grade]) -> Result<(), ModelError> {
        let name = |grade: usize| grades[grade].name.as_str();
        let columns: Vec<&str> = self.column_names().collect();
        for (column, column_name) in columns.iter().enumerate() {
            for row in 1..grades.len() {
                let (better, worse) = (self.grade(row - 1, column), self.grade(row, column));
                if better > worse {
                    return Err(invalid(format!(
                        "decisions: matrix: in column `{column_name}` grade `{}` by pd has `{}`, and the worse `{}` has the better \
                         `{}`: a better pd never gives a worse grade",
                        name(row - 1),
                        name(better),
                        name(row),
                        name(worse)
                    )));
                }
            }
        }
        for (row, cells) in self.rows.iter().enumerate() {
            for band in 1..cells.bands.len() {
                let (safer, riskier) = match self.better {
                    Better::High => (band, band - 1),
                    Better::Low => (band - 1, band),
                };
                if cells.bands[safer] > cells.bands[riskier] {
                    return Err(invalid(format!(
                        "decisions: matrix: of grade `{}` by pd the safer band `{}` has `{}`, and `{}` has the better `{}`: a better \
                         band never gives a worse grade",
                        name(row),
                        self.bands[safer],
                        name(cells.bands[safer]),
                        self.bands[riskier],
                        name(cells.bands[riskier])
                    )));
                }
            }
        }
        Ok(())
    }
}
