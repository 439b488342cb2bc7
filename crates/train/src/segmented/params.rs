//! Section `[segments]` of a recipe: how customers are parted, and when a scorecard for each part is taken.

use crate::error::TrainError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most segments of a column; the smaller categories beyond them share the last one.
pub(super) const MOST_SEGMENTS: usize = 20;

/// Section `[segments]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentsParams {
    /// What parts customers. Default `tree`.
    pub by: SegmentsBy,
    /// `tree` and `kmeans`: columns that may part customers; empty means all features.
    pub fields: Vec<String>,
    /// `tree`: most splits between the root and a leaf, 1 to 4; 2 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// `kmeans`: number of segments, 2 to 20; 3 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<usize>,
    /// `column`: the column, a category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// `column`: categories that share a segment; those in no group share the last one. Empty: each has its own.
    pub groups: Vec<Vec<String>>,
    /// Least share of the training rows in a segment, 0 to 0.5. Default 0.05.
    pub min_share: f64,
    /// Least training rows in a segment, at least 1. Default 200.
    pub min_rows: u64,
    /// Least bads in a segment, and least goods; at least 10. Default 30.
    pub min_bads: u64,
    /// When the segmented model is taken. Default `if_better`.
    pub keep: Keep,
    /// Folds of the training rows on which the two models are compared, each held out once; 2 to 20. Default 5.
    pub folds: usize,
    /// How often the rows are dealt into folds anew; 1 to 20. Default 3.
    pub repeats: usize,
    /// Highest two-sided p-value at which a gain of AUC counts; above 0, below 1. Default 0.05.
    pub max_p_value: f64,
    /// Deals the rows into folds; starts k-means.
    pub seed: u64,
}

/// What parts customers into segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentsBy {
    /// The leaves of a small decision tree.
    #[default]
    Tree,
    /// The nearest of k centres.
    Kmeans,
    /// The categories of one column.
    Column,
}

/// When the segmented model is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// When it beats the single scorecard on rows that neither has seen.
    #[default]
    IfBetter,
    /// Always.
    Always,
}

impl fmt::Display for SegmentsBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tree => "tree",
            Self::Kmeans => "kmeans",
            Self::Column => "column",
        })
    }
}

impl Default for SegmentsParams {
    fn default() -> Self {
        Self {
            by: SegmentsBy::Tree,
            fields: Vec::new(),
            depth: None,
            k: None,
            column: None,
            groups: Vec::new(),
            min_share: 0.05,
            min_rows: 200,
            min_bads: 30,
            keep: Keep::IfBetter,
            folds: 5,
            repeats: 3,
            max_p_value: 0.05,
            seed: 0,
        }
    }
}

impl SegmentsParams {
    /// The section with the defaults that depend on `by` filled in.
    pub fn resolved(mut self) -> Self {
        match self.by {
            SegmentsBy::Tree => drop(self.depth.get_or_insert(2)),
            SegmentsBy::Kmeans => drop(self.k.get_or_insert(3)),
            SegmentsBy::Column => {}
        }
        self
    }

    /// # Errors
    /// A key out of its range, absent where `by` needs it, or set where `by` does not read it.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |key, value: String, expected| {
            Err(TrainError::Parameter { section: "segments", key, value, expected })
        };
        let by = |by| self.by == by;
        let given = |set: bool| if set { "given" } else { "absent" }.to_owned();
        if !self.fields.is_empty() && by(SegmentsBy::Column) {
            return wrong("fields", given(true), "`by = \"tree\"` or \"kmeans\" beside it");
        }
        if self.depth.is_some() && !by(SegmentsBy::Tree) {
            return wrong("depth", given(true), "`by = \"tree\"` beside it");
        }
        if self.k.is_some() && !by(SegmentsBy::Kmeans) {
            return wrong("k", given(true), "`by = \"kmeans\"` beside it");
        }
        if self.column.is_some() != by(SegmentsBy::Column) {
            let expected = "the name of a category column with `by = \"column\"`, and only then";
            return wrong("column", given(self.column.is_some()), expected);
        }
        if !self.groups.is_empty() && !by(SegmentsBy::Column) {
            return wrong("groups", given(true), "`by = \"column\"` beside it");
        }
        if self.depth.is_some_and(|depth| !(1..=4).contains(&depth)) {
            return wrong("depth", self.depth.unwrap_or_default().to_string(), "1 to 4");
        }
        if self.k.is_some_and(|k| !(2..=MOST_SEGMENTS).contains(&k)) {
            return wrong("k", self.k.unwrap_or_default().to_string(), "2 to 20");
        }
        if !(0.0..=0.5).contains(&self.min_share) {
            return wrong("min_share", self.min_share.to_string(), "0 to 0.5");
        }
        if self.min_rows == 0 {
            return wrong("min_rows", self.min_rows.to_string(), "1 or more");
        }
        if self.min_bads < 10 {
            let expected = "10 or more: a scorecard of fewer bads is chance";
            return wrong("min_bads", self.min_bads.to_string(), expected);
        }
        if !(2..=20).contains(&self.folds) {
            return wrong("folds", self.folds.to_string(), "2 to 20");
        }
        if !(1..=20).contains(&self.repeats) {
            return wrong("repeats", self.repeats.to_string(), "1 to 20");
        }
        if !(self.max_p_value > 0.0 && self.max_p_value < 1.0) {
            return wrong("max_p_value", self.max_p_value.to_string(), "above 0 and below 1");
        }
        Ok(())
    }
}

/// What a segment has to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) rows: u64,
    /// Of bads, and of goods.
    pub(super) bads: u64,
}

impl Limits {
    /// For `rows` training rows, of which `share` are looked at: a fold's training rows are fewer, and so may its
    /// segments be.
    pub(super) fn of(params: &SegmentsParams, rows: usize, share: f64) -> Self {
        let least = |all: f64| (share * all).ceil() as u64;
        let by_share = (params.min_share * rows as f64).ceil() as u64;
        Self { rows: least(params.min_rows as f64).max(by_share), bads: least(params.min_bads as f64) }
    }

    pub(super) fn kept(&self, count: u64, bads: u64) -> bool {
        count >= self.rows && bads >= self.bads && count - bads >= self.bads
    }
}
