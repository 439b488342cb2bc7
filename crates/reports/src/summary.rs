//! What became of every customer.

use crate::cache::Cache;
use crate::fetch::Fetched;
use crate::settings::Agency;
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of one customer at one agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A report came.
    Fetched,
    /// The cache has one that is new enough.
    Cached,
    /// The agency has none.
    NoReport,
    /// The agency had none not long ago.
    NoReportCached,
    /// There is a report that is too old, and no newer one could be had.
    StaleUsed(String),
    /// Nothing could be had.
    Failed(String),
}

impl Fate {
    /// Why an answer could not be had.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::StaleUsed(why) | Self::Failed(why) => Some(why),
            _ => None,
        }
    }
}

/// The counts of a run; those of customers add up to `customers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Name of the agency.
    pub agency: String,
    /// Customers.
    pub customers: u64,
    /// New reports.
    pub fetched: u64,
    /// Reports from the cache.
    pub cached: u64,
    /// Customers of whom the agency says that it has no report.
    pub no_report: u64,
    /// Customers of whom it said so not long ago.
    pub no_report_cached: u64,
    /// Customers with an old report that stands in for one that could not be had.
    pub stale_used: u64,
    /// Customers without an answer.
    pub failed: u64,
    /// Requests made.
    pub requests: u64,
    /// Those among them that repeated another.
    pub repeated: u64,
    /// Bytes of an interrupted run that were cut off the cache.
    pub cut_off: u64,
    /// Why answers could not be had, and of how many customers; most first.
    pub causes: Vec<(String, u64)>,
}

impl Summary {
    /// Counts the fates of a run.
    pub fn of(agency: &Agency, fetched: &Fetched, cache: &Cache) -> Self {
        let mut summary = Self {
            agency: agency.name.clone(),
            customers: fetched.fates.len() as u64,
            requests: fetched.requests,
            repeated: fetched.repeated,
            cut_off: cache.cut_off,
            ..Self::default()
        };
        let mut causes: BTreeMap<&str, u64> = BTreeMap::new();
        for fate in &fetched.fates {
            *match fate {
                Fate::Fetched => &mut summary.fetched,
                Fate::Cached => &mut summary.cached,
                Fate::NoReport => &mut summary.no_report,
                Fate::NoReportCached => &mut summary.no_report_cached,
                Fate::StaleUsed(_) => &mut summary.stale_used,
                Fate::Failed(_) => &mut summary.failed,
            } += 1;
            fate.cause().into_iter().for_each(|why| *causes.entry(why).or_default() += 1);
        }
        summary.causes = causes.into_iter().map(|(why, count)| (why.to_owned(), count)).collect();
        // Stable: of equals in the order of their texts.
        summary.causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        summary
    }

    /// A few lines for people.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {} customers\n", self.agency, self.customers);
        let counts = [
            (self.fetched, "reports fetched"),
            (self.cached, "reports from the cache"),
            (self.no_report, "without a report"),
            (self.no_report_cached, "without a report, as the cache knows"),
            (self.stale_used, "with a stale report, for no newer one could be had"),
            (self.failed, "failed"),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            text += &format!("{count:>10}  {what}\n");
        }
        text += &format!("{:>10}  requests, {} of them repetitions\n", self.requests, self.repeated);
        if self.cut_off > 0 {
            text += &format!("{:>10}  bytes of an interrupted run were cut off the cache\n", self.cut_off);
        }
        for (why, count) in self.causes.iter().take(10) {
            text += &format!("{count:>10}  could not be had: {why}\n");
        }
        text
    }
}
