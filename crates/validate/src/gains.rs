//! The gains table: how many of the bads are found in the riskiest bands.

use serde::Serialize;

use crate::{Error, Ranked};

/// One band of a gains table. Shares and rates are from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GainsRow {
    /// Number of the band, from 1 for the riskiest.
    pub band: usize,
    /// Highest risk in the band.
    pub highest_risk: f64,
    /// Lowest risk in the band.
    pub lowest_risk: f64,
    /// Rows in the band; never 0.
    pub rows: u64,
    /// Bad rows in the band.
    pub bads: u64,
    /// `bads / rows`.
    pub bad_rate: f64,
    /// Share of all rows in this band and the riskier ones.
    pub cumulative_row_share: f64,
    /// Share of all bads in this band and the riskier ones.
    pub cumulative_bad_share: f64,
    /// Share of all goods in this band and the riskier ones.
    pub cumulative_good_share: f64,
    /// Bad rate of the band over the bad rate of all rows.
    pub lift: f64,
    /// Bad rate of this band and the riskier ones over the bad rate of all rows.
    pub cumulative_lift: f64,
    /// | cumulative bad share - cumulative good share | at the end of the band.
    pub ks: f64,
}

/// Cuts the rows into at most `bands` bands of about equal size, riskiest first.
///
/// Rows of equal risk are never split: band k closes with the tie that holds row number `k * rows / bands`
/// (rounded up), so large ties make some bands larger, and can make the bands fewer than asked for.
///
/// # Errors
/// `bands` is 0.
pub fn gains(ranked: &Ranked, bands: usize) -> Result<Vec<GainsRow>, Error> {
    let (all, all_bads, all_goods) = (ranked.rows() as f64, ranked.bads() as f64, ranked.goods() as f64);
    let overall = all_bads / all;
    let (mut cumulative_rows, mut cumulative_bads) = (0, 0);
    let mut table = Vec::new();
    for (index, band) in ranked.bands(bands)?.into_iter().enumerate() {
        let rows: u64 = band.iter().map(|tie| tie.rows()).sum();
        let bads: u64 = band.iter().map(|tie| tie.bads).sum();
        cumulative_rows += rows;
        cumulative_bads += bads;
        let bad_rate = bads as f64 / rows as f64;
        let cumulative_bad_share = cumulative_bads as f64 / all_bads;
        let cumulative_good_share = (cumulative_rows - cumulative_bads) as f64 / all_goods;
        table.push(GainsRow {
            band: index + 1,
            highest_risk: band[0].risk,
            lowest_risk: band[band.len() - 1].risk,
            rows,
            bads,
            bad_rate,
            cumulative_row_share: cumulative_rows as f64 / all,
            cumulative_bad_share,
            cumulative_good_share,
            lift: bad_rate / overall,
            cumulative_lift: cumulative_bads as f64 / cumulative_rows as f64 / overall,
            ks: (cumulative_bad_share - cumulative_good_share).abs(),
        });
    }
    Ok(table)
}
