//! Stability of a model on new rows: its score and its features against the training profile.

use arrears_model::{Model, Predictor};
use serde::Serialize;

use crate::observe::Observed;
use crate::{Error, Psi, psi};

/// The PSI of the score, and of each feature, against the training rows kept in the model's profile.
///
/// Counted over every row that could be scored, whether its outcome is known or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stability {
    /// The bands of the score, or of the predicted amount; for k-means the shares of the segments.
    pub score: Option<Drift>,
    /// The features, in the order of the profile.
    pub features: Vec<Drift>,
    /// Features whose PSI could not be computed; `notes` says why.
    pub unknown: Vec<String>,
}

/// How far one distribution moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// `score`, `amount`, `segment`, or the name of the feature.
    pub name: String,
    /// The index and how to read it; `parts` has the order of `bins`.
    #[serde(flatten)]
    pub psi: Psi,
    /// The counts it was made of.
    pub bins: Vec<DriftBin>,
}

/// The rows in one bin, then and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriftBin {
    /// Label of the bin.
    pub bin: String,
    /// Training rows.
    pub expected: u64,
    /// Rows of this measurement.
    pub actual: u64,
}

impl Drift {
    /// The PSI of two counts over the same bins, with the bins' labels; see [`psi`].
    ///
    /// # Errors
    /// As [`psi`].
    pub fn new(name: &str, labels: Vec<String>, expected: &[u64], actual: &[u64]) -> Result<Self, Error> {
        let psi = psi(expected, actual)?;
        let counts = expected.iter().zip(actual);
        let bin = |(bin, (&expected, &actual)): (String, (&u64, &u64))| DriftBin { bin, expected, actual };
        Ok(Self { name: name.to_owned(), psi, bins: labels.into_iter().zip(counts).map(bin).collect() })
    }
}

/// Compares the observed rows with the model's profile; what cannot be compared goes to `notes`.
pub(crate) fn stability(model: &Model, observed: &Observed, notes: &mut Vec<String>) -> Stability {
    let score = match score_drift(model, observed) {
        Some(Ok(drift)) => Some(drift),
        Some(Err(error)) => {
            notes.push(format!("score PSI: {error}"));
            None
        }
        None => {
            notes.push("score PSI: the model keeps no score counts of its training rows".to_owned());
            None
        }
    };
    let mut result = Stability { score, ..Stability::default() };
    let used = model.fields_used();
    for (position, field) in model.schema.fields.iter().enumerate() {
        let reads =
            |entry: usize| model.transforms[model.profile.fields[entry].transform].field() == position;
        let entries: Vec<usize> = (0..model.profile.fields.len()).filter(|entry| reads(*entry)).collect();
        // What only decisions read has no counts, and needs none.
        if entries.is_empty() && used[position] {
            notes.push(format!("PSI of `{}`: the model keeps no counts of its training rows", field.name));
            result.unknown.push(field.name.clone());
        }
        for entry in entries {
            match feature_drift(model, observed, entry) {
                Ok(drift) => result.features.push(drift),
                Err(error) => {
                    notes.push(format!("PSI of `{}`: {error}", field.name));
                    result.unknown.push(field.name.clone());
                }
            }
        }
    }
    result
}

/// `None` where the model keeps nothing to compare with.
fn score_drift(model: &Model, observed: &Observed) -> Option<Result<Drift, Error>> {
    if let Predictor::Centroids(centroids) = &model.predictor {
        let names = centroids.segments.iter().map(|s| s.name.clone()).collect();
        let expected: Vec<u64> = centroids.segments.iter().map(|s| s.count).collect();
        return Some(Drift::new("segment", names, &expected, &observed.segment_rows(expected.len())));
    }
    let profile = model.profile.score.as_ref()?;
    let labels = (0..profile.counts.len()).map(|band| {
        let low = if band == 0 { "(-inf".to_owned() } else { format!("[{}", profile.splits[band - 1]) };
        format!("{low}, {})", profile.splits.get(band).map_or("inf".to_owned(), f64::to_string))
    });
    let name = if model.gives_amount() { "amount" } else { "score" };
    Some(Drift::new(name, labels.collect(), &profile.counts, &observed.score_bands))
}

fn feature_drift(model: &Model, observed: &Observed, entry: usize) -> Result<Drift, Error> {
    let profile = &model.profile.fields[entry];
    let transform = &model.transforms[profile.transform];
    let field = &model.schema.fields[transform.field()];
    let labels = (0..profile.counts.len()).map(|bin| transform.bin_label(field, bin)).collect();
    Drift::new(&field.name, labels, &profile.counts, &observed.field_bins[entry])
}
