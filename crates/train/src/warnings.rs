//! What went through but deserves a second look: said on the terminal, in the card and in the model.

use crate::binning::declared::without_effect;
use crate::fitted::{Fitted, VariableReport};
use crate::recipe::Recipe;
use crate::rows::Rows;
use crate::segments::Scaling;
use crate::standardise::standardise;
use arrears_data::{Cleaned, ColumnReport, Preparation, Role};
use arrears_model::transform::Transform;
use arrears_model::{Kind, ModelKind, Predictor};

/// A cleaning that drops more than this share of the rows is worth a warning.
const MUCH_DROPPED: f64 = 0.05;
/// With this share of a column's squared deviations in one row, that row alone sets the scale.
const ONE_ROW_RULES: f64 = 0.9;
/// With this share of the amounts' squared deviations in one row, splits are about that row.
const ONE_AMOUNT_RULES: f64 = 0.5;
/// With fewer bads (or goods) than this, what is learned from them is mostly chance.
const FEWEST_OF_AN_OUTCOME: u64 = 50;
/// Segments of fewer rows are a handful of customers, not a kind of them.
const FEWEST_OF_A_SEGMENT: u64 = 30;
/// With fewer rows any value may carry much of the spread.
const ENOUGH_ROWS: usize = 50;

/// Warnings about the rows a model is trained on.
pub fn warnings(recipe: &Recipe, cleaned: &Cleaned, rows: &Rows<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(polarity(recipe, cleaned, rows));
    warnings.extend(much_dropped(cleaned));
    warnings.extend(doubtful(cleaned));
    // Trees and bins see only the order of a number; means and deviations feel every value.
    if matches!(recipe.model.kind, ModelKind::Logistic | ModelKind::Kmeans) {
        let eased = |field: &usize| {
            let (kmeans, name) = (&recipe.kmeans, &rows.field(*field).name);
            let robust = kmeans.scaling == Some(Scaling::Robust) || kmeans.log.contains(name);
            recipe.model.kind == ModelKind::Kmeans && robust
        };
        let fields = (0..rows.schema.fields.len()).filter(|field| !eased(field));
        warnings.extend(fields.filter_map(|field| one_row_rules(rows, field)));
    }
    if recipe.model.kind == ModelKind::AmountTree {
        warnings.extend(one_amount_rules(recipe, rows));
    }
    if recipe.model.kind == ModelKind::Scorecard {
        warnings.extend(declared_in_vain(recipe, rows));
    }
    let declared = &recipe.preparation.columns;
    let undeclared = rows.schema.fields.iter().filter(|f| !declared.contains_key(&f.name));
    let numbers = undeclared.filter(|f| matches!(f.kind, Kind::Number { .. }) && named_like_id(&f.name));
    warnings.extend(numbers.map(|f| {
        format!(
            "column `{}` is used as a number although its name says identifier; leave it out with --exclude \
             or `exclude` in [data]",
            f.name
        )
    }));
    warnings
}

/// That there are too few bads or goods to train on, or none among the rows held out (`test`) to measure by.
pub fn too_few(cleaned: &Cleaned, test: &[usize], rows: &Rows<'_>) -> Vec<String> {
    let Some(bad) = &cleaned.bad else { return Vec::new() };
    let bads = rows.bads();
    let mut warnings = Vec::new();
    for (outcome, number) in [("bads", bads), ("goods", rows.len() as u64 - bads)] {
        if number < FEWEST_OF_AN_OUTCOME {
            let one = if number == 1 { outcome.trim_end_matches('s') } else { outcome };
            warnings.push(format!(
                "only {number} {one} to train on: with fewer than {FEWEST_OF_AN_OUTCOME} of them bins, coefficients \
                 and figures are mostly chance; gather more rows"
            ));
        }
    }
    let held_out = test.iter().filter(|row| bad[**row]).count();
    for (outcome, number) in [("bads", held_out), ("goods", test.len() - held_out)] {
        if number == 0 && !test.is_empty() {
            warnings.push(format!(
                "no {outcome} among the {} rows held out: nothing there can tell how well the model parts good from \
                 bad",
                test.len()
            ));
        }
    }
    warnings
}

/// Variables of the model that tell so much that they may have been known only after the outcome, in one warning.
pub fn leaks(recipe: &Recipe, variables: &[VariableReport]) -> Option<String> {
    let limit = recipe.selection.max_iv;
    let drop = match recipe.model.kind {
        ModelKind::Scorecard => ", or set drop_leaks = true in [selection]",
        _ => "",
    };
    let high: Vec<(&str, f64)> = (variables.iter().filter(|v| v.kept))
        .filter_map(|v| Some((v.variable.as_str(), v.iv.filter(|iv| *iv > limit)?)))
        .collect();
    let told = match &high[..] {
        [] => return None,
        [(variable, iv)] => format!("`{variable}` has IV {iv:.2}, above {limit}"),
        _ => {
            let named: Vec<String> =
                high.iter().map(|(variable, iv)| format!("`{variable}` ({iv:.2})")).collect();
            format!("{} variables have an IV above {limit}: {}", high.len(), named.join(", "))
        }
    };
    Some(format!(
        "{told}: likely known only after the outcome; look, and leave out with --exclude or `exclude` in [data]{drop}"
    ))
}

/// Segments of k-means that hold too few rows to say what their customers are like.
pub fn small_segments(fitted: &Fitted) -> Option<String> {
    let Predictor::Centroids(centroids) = &fitted.predictor else { return None };
    let small = centroids.segments.iter().filter(|segment| segment.count < FEWEST_OF_A_SEGMENT);
    let named = small.map(|segment| match segment.count {
        1 => format!("{} (1 row)", segment.name),
        rows => format!("{} ({rows} rows)", segment.name),
    });
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| {
        format!(
            "fewer than {FEWEST_OF_A_SEGMENT} rows in {}: look for values far from all others, which `min` and `max`, \
             scaling = \"robust\" or `log` in [kmeans] keep from making segments, or take a smaller k",
            named.join("; ")
        )
    })
}

fn declared_in_vain(recipe: &Recipe, rows: &Rows<'_>) -> Vec<String> {
    let fields = rows.schema.fields.iter();
    let declared = fields.filter_map(|field| Some((field, recipe.binning.variables.get(&field.name)?)));
    let notes = declared.flat_map(|(field, own)| {
        let named = |note| format!("[binning.variables] `{}`: {note}", field.name);
        without_effect(field, own).into_iter().map(named)
    });
    notes.collect()
}

fn polarity(recipe: &Recipe, cleaned: &Cleaned, rows: &Rows<'_>) -> Option<String> {
    label_warning(&recipe.preparation, cleaned, rows.bads(), rows.len())
}

/// That the label of the bad outcome was guessed, or that more than half of the `rows` bear it. Who named the label is
/// not asked to name it.
pub fn label_warning(preparation: &Preparation, cleaned: &Cleaned, bads: u64, rows: usize) -> Option<String> {
    let target = cleaned.target.as_ref()?;
    let rate = bads as f64 / rows.max(1) as f64;
    // `1` may be either; `bad` says itself what it is.
    let plain = ["bad", "default"].contains(&target.bad.to_lowercase().as_str());
    let named = preparation.data.positive.is_some();
    let advice = match named {
        true => "check that it is the bad one",
        false => "if good is meant, name the bad label with --positive or `positive` in [data]",
    };
    let check = format!(
        "label `{}` of `{}` counts as bad, {:.1} % of the rows; {advice}",
        target.bad,
        target.column,
        100.0 * rate
    );
    let guessed = !named && !plain;
    (guessed || rate > 0.5).then_some(check)
}

fn much_dropped(cleaned: &Cleaned) -> Option<String> {
    let report = &cleaned.report;
    let lost = report.read - report.kept;
    (lost as f64 > MUCH_DROPPED * report.read as f64)
        .then(|| format!("{lost} of {} rows were dropped by cleaning; the report says why", report.read))
}

/// Columns that are text, or not used at all, for a few cells or the writing of their numbers.
fn doubtful(cleaned: &Cleaned) -> Vec<String> {
    let columns = cleaned.report.types.iter().filter(|column| column.doubtful);
    let warning = |column: &ColumnReport| {
        let used = if column.role == Role::LeftOut { "not used" } else { "used as text" };
        format!("column `{}` is {used}: {}", column.column, column.note.as_deref().unwrap_or_default())
    };
    columns.map(warning).collect()
}

fn one_row_rules(rows: &Rows<'_>, field: usize) -> Option<String> {
    let Some(Transform::Standardise { center, scale, .. }) = standardise(rows, field) else { return None };
    let numbers = rows.numbers(field);
    let deviation = |x: f64| ((x - center) / scale).abs();
    let farthest = numbers.iter().copied().max_by(|a, b| deviation(*a).total_cmp(&deviation(*b)))?;
    // In standard deviations the squares of all rows add up to the number of rows.
    let share = deviation(farthest).powi(2) / numbers.len() as f64;
    (numbers.len() >= ENOUGH_ROWS && share > ONE_ROW_RULES).then(|| {
        format!(
            "column `{}`: the one value {farthest:e} sets the scale for all {} rows; declare what is possible with \
             `min` and `max`",
            rows.field(field).name,
            numbers.len()
        )
    })
}

/// Splits go by squares: an amount far from all others decides them.
fn one_amount_rules(recipe: &Recipe, rows: &Rows<'_>) -> Option<String> {
    let count = rows.amounts.len();
    let mean = rows.amounts.iter().sum::<f64>() / count as f64;
    let square = |amount: f64| (amount - mean) * (amount - mean);
    let farthest = rows.amounts.iter().copied().max_by(|a, b| square(*a).total_cmp(&square(*b)))?;
    let share = square(farthest) / rows.amounts.iter().copied().map(square).sum::<f64>();
    let column = recipe.preparation.data.target.as_deref().unwrap_or_default();
    (count >= ENOUGH_ROWS && share > ONE_AMOUNT_RULES).then(|| {
        format!(
            "the one amount {farthest} makes {:.0} % of the spread of `{column}` over all {count} rows, and splits go by \
             squares; check it, or cap the column",
            100.0 * share
        )
    })
}

/// `id`, `customer_id`, `CustomerID`, `ID`; not `paid` or `Bid`.
fn named_like_id(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower == "id"
        || lower.ends_with("_id")
        || name.ends_with("ID")
        || (name.ends_with("Id") && name.len() > 2)
}
