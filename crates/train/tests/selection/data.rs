//! German Credit in bins, and what the tests ask of it.

use arrears_train::codes::Codes;
use arrears_train::regression::{Column, Design, Observations, RegressionParams, regress};
use arrears_train::selection::{
    Candidate, Criterion, Decision, Selection, SelectionParams, WrongSign, select,
};
use csv::StringRecord;

/// Binned columns and labels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data {
    pub(crate) names: Vec<String>,
    pub(crate) codes: Vec<Codes>,
    pub(crate) woe: Vec<Vec<f64>>,
    pub(crate) iv: Vec<f64>,
    pub(crate) bad: Vec<bool>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Data {
    pub(crate) fn german() -> Self {
        let text = include_str!("../../../../datasets/german/data.csv");
        let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut lines = reader.into_records().map(Result::unwrap);
        let names = lines.next().unwrap();
        let rows: Vec<StringRecord> = lines.collect();
        let mut data =
            Self { bad: rows.iter().map(|row| &row[row.len() - 1] == "bad").collect(), ..Self::default() };
        for (column, name) in names.iter().enumerate().take(names.len() - 1) {
            let width = match name {
                "duration_in_month" => Some(12),
                "credit_amount" => Some(2000),
                "age_in_years" => Some(10),
                _ => None,
            };
            let bin = |row: &StringRecord| match width {
                Some(width) => (row[column].parse::<u32>().unwrap() / width).to_string(),
                None => row[column].to_owned(),
            };
            let bins: Vec<String> = rows.iter().map(bin).collect();
            let mut levels = bins.clone();
            levels.sort();
            levels.dedup();
            data.push(name, bins.iter().map(|bin| levels.binary_search(bin).unwrap()).collect());
        }
        data
    }

    /// Adds a column by its bins, with the WoE that the labels give them.
    pub(crate) fn push(&mut self, name: &str, bins: Vec<usize>) {
        let count = bins.iter().max().unwrap() + 1;
        let mut cells = vec![[0.0; 2]; count];
        bins.iter().zip(&self.bad).for_each(|(&bin, &bad)| cells[bin][usize::from(bad)] += 1.0);
        let bads = self.bad.iter().filter(|bad| **bad).count() as f64;
        let totals = [self.bad.len() as f64 - bads, bads];
        let (mut woe, mut iv) = (Vec::new(), 0.0);
        for [goods, bads] in cells {
            let half = if goods == 0.0 || bads == 0.0 { 0.5 } else { 0.0 };
            woe.push((((goods + half) / totals[0]) / ((bads + half) / totals[1])).ln());
            iv += (goods / totals[0] - bads / totals[1]) * woe.last().unwrap();
        }
        self.names.push(name.to_owned());
        self.codes.push(Codes::collect(count, bins.into_iter()));
        self.woe.push(woe);
        self.iv.push(iv);
    }

    pub(crate) fn candidates(&self) -> Vec<Candidate<'_>> {
        let bins = |codes: &Codes| {
            let mut seen: Vec<usize> = (0..codes.len()).map(|row| codes.get(row)).collect();
            seen.sort_unstable();
            seen.dedup();
            seen.len()
        };
        let candidate = |i: usize| Candidate {
            name: &self.names[i],
            iv: self.iv[i],
            missing_share: 0.0,
            codes: &self.codes[i],
            woe: &self.woe[i],
            bins: bins(&self.codes[i]),
        };
        (0..self.names.len()).map(candidate).collect()
    }

    pub(crate) fn observations(&self) -> Observations<'_> {
        Observations { bad: &self.bad, weights: self.weights.as_deref(), offset: None, groups: None }
    }

    pub(crate) fn select(&self, params: &SelectionParams) -> Selection {
        select(&self.candidates(), &self.observations(), params, &RegressionParams::default()).unwrap()
    }

    pub(crate) fn kept(&self, selection: &Selection) -> Vec<&str> {
        selection.kept.iter().map(|&i| &*self.names[i]).collect()
    }

    pub(crate) fn decision<'a>(&self, selection: &'a Selection, name: &str) -> &'a Decision {
        &selection.decisions[self.names.iter().position(|known| known == name).unwrap()]
    }

    /// Fits these columns, with the numbers written out.
    pub(crate) fn criterion(&self, members: &[usize], criterion: Criterion) -> f64 {
        let numbers = |&i: &usize| -> Vec<f64> {
            (0..self.bad.len()).map(|row| self.woe[i][self.codes[i].get(row)]).collect()
        };
        let columns: Vec<Vec<f64>> = members.iter().map(numbers).collect();
        let design =
            Design { columns: columns.iter().map(|c| Column::Numbers(c)).collect(), rows: self.bad.len() };
        let fit = regress(&design, &self.observations(), &RegressionParams::default()).unwrap();
        if criterion == Criterion::Bic { fit.bic } else { fit.aic }
    }
}

/// Every step that drops is off.
pub(crate) fn nothing() -> SelectionParams {
    SelectionParams {
        max_missing: 1.0,
        max_iv: f64::INFINITY,
        max_correlation: 1.0,
        wrong_sign: WrongSign::Keep,
        ..SelectionParams::default()
    }
}

pub(crate) fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}
