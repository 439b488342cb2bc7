//! What can stop a training run.

use arrears_model::ModelError;
use arrears_model::value::RefusalKind;

/// Why no model could be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The data could not be read or cleaned.
    #[error(transparent)]
    Data(#[from] arrears_data::DataError),
    /// The recipe is not TOML, or has a key or value that does not exist.
    #[error("recipe {name}: {why}")]
    Recipe {
        /// File name of the recipe.
        name: String,
        /// Position and cause.
        why: String,
    },
    /// A parameter is out of its range.
    #[error("[{section}] {key} = {value}: expected {expected}")]
    Parameter {
        /// Section of the recipe.
        section: &'static str,
        /// Key in the section.
        key: &'static str,
        /// The value found.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A field of the schema is not in the table.
    #[error("the data have no column `{0}`")]
    NoColumn(String),
    /// A variable is to be binned that is no feature.
    #[error("cannot bin `{column}`: {why}")]
    NotAFeature {
        /// The column asked for.
        column: String,
        /// Why it is none.
        why: String,
    },
    /// The split points given cannot be used.
    #[error("splits: {0}")]
    Splits(String),
    /// A value was refused after cleaning.
    #[error("line {line}, column `{column}`: {value:?}: {why}")]
    Value {
        /// Line in the source.
        line: u64,
        /// Name of the column.
        column: String,
        /// The value as text.
        value: String,
        /// Why it was refused.
        why: RefusalKind,
    },
    /// The outcome is needed and was not named.
    #[error("{kind} needs an outcome: name its column with --target, or `target` in [data]")]
    NoTarget {
        /// What was asked for.
        kind: String,
    },
    /// All training rows have the same outcome, or there are none.
    #[error("{rows} training rows with {bads} bads: a model needs good and bad rows to tell apart")]
    OneClass {
        /// Rows to train on.
        rows: usize,
        /// Bads among them.
        bads: u64,
    },
    /// All training rows have the same amount.
    #[error("all {rows} training rows have the amount {amount}: there is nothing to predict")]
    OneAmount {
        /// Rows to train on.
        rows: usize,
        /// Their amount.
        amount: f64,
    },
    /// More bins than can be coded.
    #[error(
        "column `{column}` makes {bins} bins; at most 65,536 are possible: exclude it, or group its values"
    )]
    TooManyBins {
        /// Name of the column.
        column: String,
        /// Bins it would need.
        bins: usize,
    },
    /// The limits on bins cannot be kept.
    #[error("column `{column}`: {why}")]
    Infeasible {
        /// Name of the column.
        column: String,
        /// Which limits, and what there is to bin.
        why: crate::binning::infeasible::Infeasible,
    },
    /// The limits on the bins of several columns cannot be kept.
    #[error("{0}; loosen the limits, or leave out these columns")]
    InfeasibleLimits(String),
    /// What the recipe says of the bins of one column does not suit it.
    #[error("[binning.variables] `{column}`: {why}")]
    VariableBins {
        /// Name of the column.
        column: String,
        /// What is wrong, and what is possible.
        why: String,
    },
    /// A recipe names a variable that is no candidate for the model.
    #[error("[selection] {key}: `{name}` is no variable; {why}")]
    NoVariable {
        /// Key in the section.
        key: &'static str,
        /// The name given.
        name: String,
        /// What the column is instead.
        why: String,
    },
    /// The kind of model does not read settings that were set.
    #[error("kind `{kind}` does not use {keys}: take that out of the recipe, or train a kind that does")]
    Unread {
        /// Kind of model asked for.
        kind: arrears_model::ModelKind,
        /// The settings, each with its section.
        keys: String,
    },
    /// A recipe names a variable that does not exist.
    #[error("[{section}] {key}: there is no column `{name}`; the closest is `{closest}`")]
    UnknownVariable {
        /// Section of the recipe.
        section: &'static str,
        /// Key in the section.
        key: &'static str,
        /// The name given.
        name: String,
        /// The column whose name is nearest.
        closest: String,
    },
    /// Scaled by its middle half, a column has values that would rule every distance.
    #[error(
        "column `{column}`: with scaling = \"robust\" its root mean square is {size:.0}, so a few far values would decide \
         every segment; name it in `log` of [kmeans], give it a `max` with out_of_range = \"clip\", or use \
         scaling = \"standard\""
    )]
    FarValues {
        /// Name of the column.
        column: String,
        /// Root mean square of the scaled values.
        size: f64,
    },
    /// Section `[segments]` names a column or category that cannot part customers.
    #[error("[segments] {key}: `{name}`: {why}")]
    NoRoute {
        /// Key in the section.
        key: &'static str,
        /// The name given.
        name: String,
        /// What is wrong, and what is possible.
        why: String,
    },
    /// Segments are asked for whatever they are worth, and there are none.
    #[error("{why}; lower the limits in [segments], or leave out `keep = \"always\"`")]
    NoSegments {
        /// What they would have to hold.
        why: String,
    },
    /// The scorecard of one segment cannot be fitted.
    #[error("segment `{name}`: {source}")]
    Segment {
        /// Name of the segment.
        name: String,
        /// Why.
        source: Box<TrainError>,
    },
    /// No column is left to learn from.
    #[error("no column is left to learn from: {0}")]
    NoFeatures(String),
    /// Reject inference without rejected applicants.
    #[error(
        "there are no rejected applicants; leave out [reject_inference], or check its `path` (or --rejects-data)"
    )]
    NoRejects,
    /// The file of the rejected applicants cannot be used.
    #[error("rejected applicants, `{name}`: {source}")]
    Rejects {
        /// The file's name.
        name: String,
        /// What is wrong with it.
        source: arrears_data::DataError,
    },
    /// The recipe asks for something that this kind of model, or these rows, do not go with.
    #[error("{what} cannot be used with {with}: {mend}")]
    Together {
        /// What was asked for.
        what: &'static str,
        /// What it does not go with.
        with: String,
        /// What to do.
        mend: &'static str,
    },
    /// A rejected applicant was given something that is no probability.
    #[error("rejected applicant {row} has pd {value}; expected a probability from 0 to 1")]
    RejectPd {
        /// Position among the rejected, from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// A characteristic of an expert model cannot be used as it is written.
    #[error("[[expert.characteristics]] `{column}`: {why}")]
    Characteristic {
        /// Name of its column.
        column: String,
        /// What is wrong, and what is possible.
        why: &'static str,
    },
    /// Section `[decisions]` names something that there is not.
    #[error("[decisions] {key}: `{name}`: expected {expected}")]
    Decisions {
        /// Key in the section.
        key: &'static str,
        /// The name given.
        name: String,
        /// What there is.
        expected: String,
    },
    /// The decisions of a model have nothing for a grade that it is to get.
    #[error(
        "its decisions know the grades {known}, not `{grade}`: ask for other grades, or write these and their [decisions] \
         into the recipe and train it again"
    )]
    Regraded {
        /// The new grade.
        grade: String,
        /// The old ones.
        known: String,
    },
    /// Section `[blend]` does not go with the rows.
    #[error("[blend] `{column}`: {why}")]
    Blend {
        /// Column of the score, or key of the section.
        column: String,
        /// What is wrong, and how to mend it.
        why: String,
    },
    /// The scores of an expert model have no pd in these data.
    #[error("the pd cannot be calibrated on {rows} rows: {why}")]
    Calibration {
        /// Rows with a score.
        rows: usize,
        /// Why, and what to look at.
        why: &'static str,
    },
    /// The engine could not fit.
    #[error(transparent)]
    Engine(#[from] crate::engine::EngineError),
    /// The fitted parts do not make a model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// An output could not be written.
    #[error("{what}: {source}")]
    Write {
        /// What was written where.
        what: String,
        /// The system's cause.
        source: std::io::Error,
    },
}
