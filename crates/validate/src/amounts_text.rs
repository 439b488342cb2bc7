//! Predicted against actual amounts for people.

use arrears_model::amount_text::{amount_decimals, amount_text};

use crate::layout::{Grid, count, maybe, metric, percent};
use crate::{AmountBand, Amounts};

impl Amounts {
    /// Name, value and remark of each figure, those that say most first.
    pub fn figures(&self) -> Vec<[String; 3]> {
        let show = shown(self);
        let alone = |amount: f64| format!("the training mean for all: {}", show(amount));
        let mut figures = vec![
            ["MAE".to_owned(), show(self.mae), alone(self.mean_alone.mae)],
            ["RMSE".to_owned(), show(self.rmse), alone(self.mean_alone.rmse)],
        ];
        let ranks = [("R2", self.r2), ("Spearman", self.spearman)];
        figures.extend(ranks.map(|(name, value)| [name.to_owned(), maybe(value, metric), String::new()]));
        let interval = self
            .mean_error_interval
            .map(|(low, high)| format!("95% interval {} to {}; ", show(low), show(high)))
            .unwrap_or_default();
        let means =
            format!("mean predicted {}, actual {}", show(self.mean_predicted), show(self.mean_actual));
        figures.push(["Mean error".to_owned(), show(self.mean_error), interval + &means]);
        let apart = self.total_ratio.map(|ratio| format!(", {:+.1}%", 100.0 * (ratio - 1.0)));
        let totals = format!("actual {}{}", show(self.total_actual), apart.unwrap_or_default());
        figures.push(["Total predicted".to_owned(), show(self.total_predicted), totals]);
        figures
    }
}

/// The bands as a table: mean predicted and actual amounts.
pub(crate) fn bands(amounts: &Amounts) -> String {
    let show = shown(amounts);
    let header = ["Band", "Rows", "Predicted", "Actual", "95% interval", "Predicted is", "Of total"];
    let mut table = Grid::new(&header, &[5]);
    for band in &amounts.bands {
        table.row(vec![
            band.band.to_string(),
            count(band.rows),
            show(band.mean_predicted),
            show(band.mean_actual),
            band.interval.map(|(low, high)| format!("{} to {}", show(low), show(high))).unwrap_or_default(),
            verdict(band).to_owned(),
            maybe(band.cumulative_share, percent),
        ]);
    }
    table.text()
}

/// How the predicted mean stands to the interval of the actual one.
fn verdict(band: &AmountBand) -> &'static str {
    match band.interval {
        Some((low, _)) if band.mean_predicted < low => "too low",
        Some((_, high)) if band.mean_predicted > high => "too high",
        Some(_) => "in line",
        None => "",
    }
}

/// Amounts with the decimals that suit those that happened.
fn shown(amounts: &Amounts) -> impl Fn(f64) -> String {
    let spread = amounts.deviation.filter(|deviation| *deviation > 0.0).unwrap_or(amounts.mean_actual.abs());
    let decimals = amount_decimals(spread);
    move |amount| amount_text(amount, decimals)
}
