//! Section `[decisions.matrix]`: the grade by two scores, and what the training rows say of its cells.

use crate::error::TrainError;
use crate::train::Trained;
use arrears_data::ColumnRef;
use arrears_model::decisions::Decider;
use arrears_model::grade_matrix::{Better, GradeMatrix, MatrixRow, Stale};
use arrears_model::interval::{Z_95, wilson};
use arrears_model::scale::{Grade, grade};
use arrears_model::{Field, Scorer, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Section `[decisions.matrix]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixSection {
    /// CEL formula that gives the external score; the name of a column is one.
    pub external: String,
    /// Which end of it is safer: `high` (default) or `low`.
    #[serde(default)]
    pub better: Better,
    /// Where bands meet, ascending.
    pub cuts: Vec<f64>,
    /// Names of the bands, lowest scores first; one more than cuts.
    pub bands: Vec<String>,
    /// CEL formula that gives the age of a report; beside `stale_after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    /// A report of a greater age is stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_after: Option<f64>,
    /// For each grade by pd the grades it becomes.
    pub grades: BTreeMap<String, RowSection>,
}

fn wrong(key: &'static str, name: &str, expected: &str) -> TrainError {
    TrainError::Decisions { key, name: name.to_owned(), expected: expected.to_owned() }
}

/// What the customers of one grade by pd become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowSection {
    /// In each band, in their order.
    pub bands: Vec<String>,
    /// With a stale report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// Without a report.
    pub none: String,
}

impl MatrixSection {
    /// The matrix over these grades.
    ///
    /// # Errors
    /// [`TrainError::Decisions`]: a name that is no grade, a grade without a row, `age` without `stale_after` or the other way round,
    /// a row with `stale` where nothing can be, or without it where something can.
    pub(crate) fn of(&self, grades: &[Grade]) -> Result<GradeMatrix, TrainError> {
        let known = grades.iter().map(|grade| grade.name.as_str()).collect::<Vec<_>>().join(", ");
        if let Some(name) = self.grades.keys().find(|name| !grades.iter().any(|g| g.name == **name)) {
            return Err(wrong("matrix.grades", name, &known));
        }
        let stale = match (&self.age, self.stale_after) {
            (Some(age), Some(after)) => Some(Stale { age: age.clone(), after }),
            (None, None) => None,
            (Some(age), None) => return Err(wrong("matrix.age", age, "`stale_after` beside it")),
            (None, Some(after)) => {
                return Err(wrong("matrix.stale_after", &after.to_string(), "`age` beside it"));
            }
        };
        let place = |name: &String| {
            let at = grades.iter().position(|grade| grade.name == *name);
            at.ok_or_else(|| wrong("matrix.grades", name, &known))
        };
        let row = |grade: &Grade| {
            let row = self.grades.get(&grade.name);
            let row = row.ok_or_else(|| wrong("matrix.grades", &grade.name, "a row for this grade"))?;
            match (&row.stale, &stale) {
                (None, Some(_)) => {
                    let expected = "`stale` in this row, for a report can be stale";
                    return Err(wrong("matrix.grades", &grade.name, expected));
                }
                (Some(name), None) => return Err(wrong("matrix.grades", name, "`age` and `stale_after`")),
                _ => {}
            }
            Ok(MatrixRow {
                bands: row.bands.iter().map(place).collect::<Result<_, _>>()?,
                stale: row.stale.as_ref().map(place).transpose()?,
                none: place(&row.none)?,
            })
        };
        let rows = grades.iter().map(row).collect::<Result<_, TrainError>>()?;
        let Self { external, better, cuts, bands, .. } = self.clone();
        Ok(GradeMatrix { external, better, cuts, bands, stale, rows })
    }
}

/// What the training rows of one cell were like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatrixCell {
    /// Grade by pd.
    pub by_pd: String,
    /// Band of the external score, `stale` or `no report`.
    pub column: String,
    /// The grade that the cell gives.
    pub grade: String,
    /// Training rows.
    pub rows: u64,
    /// Bads among them.
    pub bads: u64,
    /// Bads over rows; `None` without rows.
    pub bad_rate: Option<f64>,
    /// 95 % Wilson interval of the bad rate.
    pub interval: Option<(f64, f64)>,
}

impl Trained {
    /// The training rows in the cells of the model's matrix, row by row; empty without a matrix or an outcome.
    ///
    /// # Errors
    /// The table lacks a column that the model reads.
    pub fn matrix_cells(&self) -> Result<Vec<MatrixCell>, TrainError> {
        let model = &self.model;
        let (Some(matrix), Some(bad)) =
            (model.decisions.as_ref().and_then(|d| d.matrix.as_ref()), &self.cleaned.bad)
        else {
            return Ok(Vec::new());
        };
        let Some(decider) = Decider::of(model) else { return Ok(Vec::new()) };
        let needed = model.fields_needed();
        let table = &self.cleaned.table;
        let column = |(field, needed): (&Field, bool)| match (table.column(&field.name), needed) {
            (None, true) => Err(TrainError::NoColumn(field.name.clone())),
            (column, _) => Ok(column),
        };
        let columns: Vec<Option<ColumnRef<'_>>> =
            model.schema.inputs().zip(needed).map(column).collect::<Result<_, _>>()?;
        let mut tallies = vec![(0u64, 0u64); model.grades.len() * matrix.columns()];
        let mut scorer = Scorer::new(model);
        for row in &self.split.train {
            let values: Vec<Value<'_>> =
                columns.iter().map(|c| c.map_or(Value::Missing, |c| c.value(*row))).collect();
            let Ok(scored) = scorer.score(&values) else { continue };
            let (Some(pd), Some(score)) = (scored.pd, scored.score) else { continue };
            let cells = scorer.cells();
            let at = (grade(&model.grades, pd), decider.column(|at| cells[at], pd, score));
            if let (Some(by_pd), Some(column)) = at {
                let tally = &mut tallies[by_pd * matrix.columns() + column];
                *tally = (tally.0 + 1, tally.1 + u64::from(bad[*row]));
            }
        }
        Ok(cells(&model.grades, matrix, &tallies))
    }
}

fn cells(grades: &[Grade], matrix: &GradeMatrix, tallies: &[(u64, u64)]) -> Vec<MatrixCell> {
    let places = (0..grades.len()).flat_map(|row| (0..matrix.columns()).map(move |column| (row, column)));
    let columns: Vec<&str> = matrix.column_names().collect();
    let cell = |((row, column), (rows, bads)): ((usize, usize), &(u64, u64))| MatrixCell {
        by_pd: grades[row].name.clone(),
        column: columns[column].to_owned(),
        grade: grades[matrix.grade(row, column)].name.clone(),
        rows: *rows,
        bads: *bads,
        bad_rate: (*rows > 0).then(|| *bads as f64 / *rows as f64),
        interval: wilson(*bads, *rows, Z_95),
    };
    places.zip(tallies).map(cell).collect()
}
