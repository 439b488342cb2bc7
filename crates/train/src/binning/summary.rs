//! One variable in a few figures: how well its bins part the outcome, and how sure that is.
//!
//! Bins with one WoE count as one; bins without rows do not count. Quality score and its constants are
//! those of optbinning 1.0 (`BinningTable.analysis`, G. Navas-Palencia).

use super::evidence::Evidence;
use super::mean_table::MeanTable;
use super::significance::{means_p_value, proportions_p_value};
use super::table::{BinKind, BinningTable, part};
use serde::Serialize;

/// Above this information value a variable may know the outcome rather than foretell it.
pub const LEAK_IV: f64 = 0.5;

/// Figures of one variable. Those that only a binary target has are `None` for an amount.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Regular bins.
    pub bins: usize,
    /// Share of the weight in the bin of missing values.
    pub missing_share: f64,
    /// Information value; for an amount the mean of |mean of the bin - mean of all|, in units of the target.
    pub iv: f64,
    /// Jensen-Shannon divergence of goods and bads, in nats.
    pub js: Option<f64>,
    /// Gini coefficient of the bins taken as a score: `2 AUC - 1`, rows of one bin tied.
    pub gini: Option<f64>,
    /// Kolmogorov-Smirnov distance of goods and bads, the bins in order of their bad rate.
    pub ks: Option<f64>,
    /// Cramer's V: `sqrt(chi-square / n)` of bins by outcome, over all bins.
    pub cramers_v: Option<f64>,
    /// Herfindahl-Hirschman index of the bins' shares: 1/n where all are alike, 1 where one holds all.
    pub hhi: f64,
    /// `(HHI - 1/n) / (1 - 1/n)`; 1 for a single bin.
    pub hhi_normalised: f64,
    /// How the bad rate (the mean) runs over the regular bins of a number.
    pub trend: Option<Course>,
    /// For each pair of neighbouring regular bins the p-value that they differ: two-proportion z-test, for an
    /// amount Welch's t-test. `None` where a bin is too thin to tell.
    pub p_values: Vec<Option<f64>>,
    /// 0 to 1: strength x product of (1 - p-value) x (1 - HHI normalised).
    pub quality: f64,
    /// What the information value says, for a binary target.
    pub status: Option<Status>,
}

/// How the bad rate runs over neighbouring bins. Equal neighbours are no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Up.
    Ascending,
    /// Down.
    Descending,
    /// Up, then down.
    Peak,
    /// Down, then up.
    Valley,
    /// All the same.
    Flat,
    /// More than one turn.
    Mixed,
}

impl Course {
    /// In a word.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
            Self::Peak => "peak",
            Self::Valley => "valley",
            Self::Flat => "flat",
            Self::Mixed => "mixed",
        }
    }
}

/// Bands of the information value (N. Siddiqi, Credit Risk Scorecards, 2006, chapter 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Fewer than two bins with rows.
    SingleBin,
    /// Below 0.02.
    Unpredictive,
    /// 0.02 to 0.1.
    Weak,
    /// 0.1 to 0.3.
    Medium,
    /// 0.3 to [`LEAK_IV`].
    Strong,
    /// Above [`LEAK_IV`]: look whether the variable was known before the outcome.
    LikelyLeak,
}

impl Status {
    fn of(bins: usize, iv: f64) -> Self {
        match iv {
            _ if bins < 2 => Self::SingleBin,
            iv if iv < 0.02 => Self::Unpredictive,
            iv if iv < 0.1 => Self::Weak,
            iv if iv < 0.3 => Self::Medium,
            iv if iv <= LEAK_IV => Self::Strong,
            _ => Self::LikelyLeak,
        }
    }

    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::SingleBin => "single bin",
            Self::Unpredictive => "unpredictive",
            Self::Weak => "weak",
            Self::Medium => "medium",
            Self::Strong => "strong",
            Self::LikelyLeak => "likely leak",
        }
    }
}

/// The summary of a binning table. `number` says whether the bins have an order of their own.
pub fn summary(table: &BinningTable, number: bool) -> Summary {
    let groups = group(table.bins.iter().map(|b| (b.evidence, [b.goods, b.bads])));
    let regular: Vec<_> = table.bins.iter().filter(|b| b.kind == BinKind::Regular).collect();
    let test = |pair: &[&super::table::BinRow]| {
        proportions_p_value([pair[0].bads, pair[1].bads], [pair[0].weight, pair[1].weight])
    };
    let p_values: Vec<Option<f64>> = regular.windows(2).map(test).collect();
    let shares = groups.iter().map(|group| part(group.rows(), table.total.weight));
    let (hhi, hhi_normalised) = concentration(shares);
    let (gini, ks) = ranking(&groups, table.total.goods, table.total.bads);
    let iv = table.total.iv;
    let missing = table.bins.iter().filter(|b| b.kind == BinKind::Missing);
    Summary {
        bins: regular.len(),
        missing_share: missing.map(|b| b.share).sum(),
        iv,
        js: Some(table.total.js),
        gini: Some(gini),
        ks: Some(ks),
        cramers_v: Some(cramers_v(&groups, table.total.goods, table.total.bads)),
        hhi,
        hhi_normalised,
        trend: number.then(|| course(regular.iter().filter_map(|b| b.bad_rate))).flatten(),
        quality: iv_strength(iv) * confidence(&p_values) * (1.0 - hhi_normalised),
        p_values,
        status: Some(Status::of(groups.len(), iv)),
    }
}

/// The summary of a table of means. `number` says whether the bins have an order of their own.
pub fn mean_summary(table: &MeanTable, number: bool) -> Summary {
    let groups = group(table.bins.iter().map(|b| (b.evidence, [b.weight, 0.0])));
    let regular: Vec<_> = table.bins.iter().filter(|b| b.kind == BinKind::Regular).collect();
    let test = |pair: &[&super::mean_table::MeanRow]| {
        let both = |of: fn(&super::mean_table::MeanRow) -> Option<f64>| Some([of(pair[0])?, of(pair[1])?]);
        means_p_value(both(|b| b.mean)?, both(|b| b.std)?, [pair[0].weight, pair[1].weight])
    };
    let p_values: Vec<Option<f64>> = regular.windows(2).map(test).collect();
    let (hhi, hhi_normalised) = concentration(groups.iter().map(|g| part(g.rows(), table.total.weight)));
    let missing = table.bins.iter().filter(|b| b.kind == BinKind::Missing);
    // Sum of |WoE| in units of the mean; a mean of 0 is no unit.
    let mean = table.total.mean.unwrap_or(0.0).abs();
    let spread = if mean > 0.0 { table.total.woe / mean } else { table.total.woe };
    let strength = if spread > 0.0 { (1.0 - 1.0 / spread).max(0.0) } else { 0.0 };
    Summary {
        bins: regular.len(),
        missing_share: missing.map(|b| b.share).sum(),
        iv: table.total.iv,
        js: None,
        gini: None,
        ks: None,
        cramers_v: None,
        hhi,
        hhi_normalised,
        trend: number.then(|| course(regular.iter().filter_map(|b| b.mean))).flatten(),
        quality: strength * confidence(&p_values) * (1.0 - hhi_normalised),
        p_values,
        status: None,
    }
}

/// Bins that no score can tell apart.
struct Group {
    /// Goods and bads of all of them.
    counts: [f64; 2],
    /// Goods and bads that their common WoE comes from.
    told: [f64; 2],
}

impl Group {
    fn rows(&self) -> f64 {
        self.counts[0] + self.counts[1]
    }

    fn told_rate(&self) -> f64 {
        part(self.told[1], self.told[0] + self.told[1])
    }
}

/// Adds up the bins with one WoE and leaves out what is empty. Those without evidence are one group, told by all rows.
fn group(rows: impl Iterator<Item = (Evidence, [f64; 2])>) -> Vec<Group> {
    let rows: Vec<_> = rows.collect();
    let add = |sum: &mut [f64; 2], counts: [f64; 2]| *sum = [sum[0] + counts[0], sum[1] + counts[1]];
    let mut groups: Vec<Group> = Vec::new();
    groups.resize_with(rows.len() + 1, || Group { counts: [0.0; 2], told: [0.0; 2] });
    let neutral = rows.len();
    for (at, (evidence, counts)) in rows.into_iter().enumerate() {
        let (group, tells) = match evidence {
            Evidence::Own => (at, true),
            Evidence::Pooled(other) => (other, true),
            Evidence::Taken(other) => (other, false),
            Evidence::Neutral => (neutral, false),
        };
        add(&mut groups[group].counts, counts);
        if tells {
            add(&mut groups[group].told, counts);
        }
        add(&mut groups[neutral].told, counts);
    }
    groups.retain(|group| group.rows() > 0.0);
    groups
}

fn concentration(shares: impl Iterator<Item = f64>) -> (f64, f64) {
    let squares: Vec<f64> = shares.map(|share| share * share).collect();
    let (hhi, least) = (squares.iter().sum::<f64>(), 1.0 / squares.len() as f64);
    (hhi, if squares.len() > 1 { (hhi - least) / (1.0 - least) } else { 1.0 })
}

/// Gini and KS of the groups as a score, riskiest first.
fn ranking(groups: &[Group], goods: f64, bads: f64) -> (f64, f64) {
    if goods <= 0.0 || bads <= 0.0 {
        return (0.0, 0.0);
    }
    let mut order: Vec<&Group> = groups.iter().collect();
    order.sort_by(|a, b| b.told_rate().total_cmp(&a.told_rate()));
    let (mut gini, mut ks, mut good_before, mut bad_before) = (0.0, 0.0_f64, 0.0, 0.0);
    for [good, bad] in order.into_iter().map(|group| group.counts) {
        // Pairs won less pairs lost: bads before this group's goods, and this group's bads after goods before.
        gini += (good / goods) * (bad_before / bads) - (bad / bads) * (good_before / goods);
        good_before += good;
        bad_before += bad;
        ks = ks.max((bad_before / bads - good_before / goods).abs());
    }
    (gini, ks)
}

fn cramers_v(groups: &[Group], goods: f64, bads: f64) -> f64 {
    let all = goods + bads;
    if goods <= 0.0 || bads <= 0.0 {
        return 0.0;
    }
    let cell = |found: f64, weight: f64, column: f64| {
        let expected = weight * column / all;
        (found - expected) * (found - expected) / expected
    };
    let row = |g: &Group| cell(g.counts[0], g.rows(), goods) + cell(g.counts[1], g.rows(), bads);
    (groups.iter().map(row).sum::<f64>() / all).sqrt()
}

/// How a series runs; `None` below two values.
fn course(values: impl Iterator<Item = f64>) -> Option<Course> {
    let values: Vec<f64> = values.collect();
    let mut steps: Vec<bool> =
        values.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| pair[0] < pair[1]).collect();
    steps.dedup();
    (values.len() > 1).then_some(match steps[..] {
        [] => Course::Flat,
        [true] => Course::Ascending,
        [false] => Course::Descending,
        [true, false] => Course::Peak,
        [false, true] => Course::Valley,
        _ => Course::Mixed,
    })
}

/// Rises to 1 at an IV of 0.396 and falls beyond it, where a leak grows likely.
fn iv_strength(iv: f64) -> f64 {
    const BEST: f64 = 0.39573882184806863;
    // Below 0 where bins have a WoE that misleads.
    let x = iv.max(0.0) / BEST;
    x * libm::exp((1.0 - x * x) / 2.0)
}

fn confidence(p_values: &[Option<f64>]) -> f64 {
    p_values.iter().flatten().map(|p| 1.0 - p).product()
}
