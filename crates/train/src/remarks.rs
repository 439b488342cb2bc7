//! How figures of a training run are to be read: said beside them on the terminal and in the card.

use crate::engine::Engine;
use crate::rows::Rows;
use crate::scaling::PointsForm;
use crate::train::Trained;
use arrears_model::ModelKind;

impl Trained {
    /// What to know of [`Trained::coefficients`] and [`Trained::goodness`]; empty where there are none.
    pub fn coefficient_remarks(&self) -> Vec<String> {
        let recipe = &self.recipe;
        let (logistic, engine) = (&recipe.logistic, recipe.model.engine());
        let mut remarks = Vec::new();
        if self.coefficients.is_empty() {
            return remarks;
        }
        let mut say = |when: bool, text: String| remarks.extend(when.then_some(text));
        let errors = self.coefficients.iter().any(|c| c.inference.is_some());
        let other = engine != Engine::Native;
        say(other, format!("engine {engine} gives no standard errors and no deviance; native does"));
        let l1 = !errors && !other && logistic.l1 > 0.0;
        say(l1, "no standard errors: with an L1 penalty no sound ones exist".to_owned());
        let penalised = "standard errors are those of the penalised fit (l2), which pulls coefficients towards 0; \
                         for maximum likelihood set [logistic] l2 = 0";
        say(errors && logistic.l2 > 0.0, penalised.to_owned());
        let bins = errors && recipe.model.kind == ModelKind::Scorecard;
        say(
            bins,
            "p-values take the bins as given, but these rows chose them: they are too small".to_owned(),
        );
        let weighted = errors && recipe.preparation.data.weight.is_some();
        say(weighted, "a row of weight 2 counts as two independent rows".to_owned());
        let inferred = "inferred outcomes of the rejected are taken as known: standard errors are too small";
        say(errors && self.rejects.is_some(), inferred.to_owned());
        let shifted = "the intercept stands before the shift to the population's odds";
        say(recipe.scale.population_rate().is_some(), shifted.to_owned());
        let rounded = recipe.scale.points == PointsForm::Integer;
        say(rounded, "they stand before the rounding of points".to_owned());
        remarks
    }

    /// What to know of the validation on the rows held out.
    pub fn hold_out_remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.recipe.preparation.data.weight.is_some() {
            remarks.push("every row held out counts once, whatever its weight".to_owned());
        }
        if self.rejects.is_some() {
            let accepted = "the rows held out are accepted applicants; how well the model ranks the rejected is not \
                            known";
            remarks.push(accepted.to_owned());
        }
        remarks
    }
}

/// What weights did, for the fit notes; `None` without weights.
pub(crate) fn weight_note(column: Option<&str>, kind: ModelKind, rows: &Rows<'_>) -> Option<String> {
    let column = column?;
    if kind == ModelKind::AmountTree {
        let weights = rows.weights.as_ref()?;
        let (all, text) = (
            weights.iter().sum::<f64>(),
            "rows, means and intervals of leaves are of rows, splits and expected",
        );
        return Some(format!(
            "rows are weighted by `{column}`: {} training rows of total weight {all}; {text} amounts of weights",
            rows.len()
        ));
    }
    let (goods, bads) = rows.goods_and_bads();
    let read = match kind {
        ModelKind::Tree => {
            "rows, bads, bad rates and intervals of leaves are of rows, splits and pds of weights"
        }
        _ => "counts, bad rates and neutral points by bin are of rows, WoE and IV of weights",
    };
    rows.weights.is_some().then(|| {
        format!(
            "rows are weighted by `{column}`: {} training rows of total weight {}, bad rate {:.2} % by weight; {read}",
            rows.len(),
            goods + bads,
            100.0 * bads / (goods + bads)
        )
    })
}
