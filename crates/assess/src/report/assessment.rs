//! What a run found, and what changed since the run before: the figures behind every page and table.

use arrears_validate::Drift;
use serde::Serialize;

/// Figures of a run against the one before. Money is in [`Assessment::currency`]; a number that does not exist is `None`,
/// never 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// The date or moment of the run.
    pub as_of: String,
    /// Name and version of the model.
    pub model: String,
    /// Currency of all amounts.
    pub currency: String,
    /// Loss given default, 0 to 1, where one is declared.
    pub lgd: Option<f64>,
    /// The run before; without one there is nothing on changes.
    pub previous: Option<Earlier>,
    /// How the customers of both runs are accounted for.
    pub customers: Customers,
    /// All customers assessed now.
    pub now: Holding,
    /// All customers assessed before.
    pub before: Option<Holding>,
    /// By grade: those of this run, best first, then those that only the run before had.
    pub grades: Vec<Group>,
    /// By tier, names ascending, customers without a tier first.
    pub tiers: Vec<Group>,
    /// Customers in both runs whose tier changed.
    pub tier_changes: u64,
    /// From which grade to which.
    pub migration: Option<Migration>,
    /// Up, down and held.
    pub moves: Option<Moves>,
    /// How limits changed; `None` without a run before, or where its currency is another.
    pub limits: Option<LimitChanges>,
    /// PSI of the shares of grades, the run before as expected.
    pub grade_psi: Option<Drift>,
    /// PSI of pd in tenths of the run before; none where all pds before are alike.
    pub pd_psi: Option<Drift>,
    /// The downgraded customers with the largest exposure, largest first, ties by id; at most [`TOP`](super::TOP).
    pub top_downgrades: Vec<Downgrade>,
    /// What else a reader must know.
    pub notes: Vec<String>,
}

/// The run before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// Its date or moment.
    pub as_of: String,
    /// Name and version of its model.
    pub model: String,
}

/// How customers are accounted for: `now = kept + new`, `before = kept + gone + rejected_before`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Customers {
    /// Assessed now.
    pub now: u64,
    /// Assessed before.
    pub before: u64,
    /// Assessed now and before.
    pub kept: u64,
    /// Assessed now, not before.
    pub new: u64,
    /// Assessed before, not there any more.
    pub gone: u64,
    /// There, but could not be assessed now.
    pub rejected: u64,
    /// Of the rejected, those assessed before.
    pub rejected_before: u64,
}

/// Counts and amounts of a group of customers in one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Holding {
    /// Customers in the group.
    pub customers: u64,
    /// Of all customers of the run.
    pub share: Option<f64>,
    /// Mean probability of default.
    pub mean_pd: Option<f64>,
    /// Customers whose exposure is known.
    pub with_exposure: u64,
    /// Sum of the exposures that are known.
    pub exposure: Option<f64>,
    /// Of the exposure of all customers of the run.
    pub exposure_share: Option<f64>,
    /// Customers with a limit.
    pub with_limit: u64,
    /// Sum of their limits.
    pub limit: Option<f64>,
    /// Exposure / limit over the customers whose exposure and limit are both known.
    pub utilisation: Option<f64>,
    /// Customers with an exposure above their limit.
    pub over_limit: u64,
    /// By how much, all of them together.
    pub over_limit_amount: f64,
    /// Sum of pd x exposure x LGD, where an LGD is declared.
    pub expected_loss: Option<f64>,
}

/// A grade or tier, now and before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Name of the grade or tier; `None` for customers without a tier.
    pub name: Option<String>,
    /// Now; `None` where this run has no such grade.
    pub now: Option<Holding>,
    /// Before; `None` where that run had no such grade, or there was none.
    pub before: Option<Holding>,
}

/// Counts from each grade to each grade.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Migration {
    /// The grades of the run before, best first. The last row of `cells` are the customers who were not in it.
    pub from: Vec<String>,
    /// The grades of this run, best first. The last two columns of `cells` are the gone and the rejected.
    pub to: Vec<String>,
    /// Cells by row and column.
    pub cells: Vec<Vec<Cell>>,
}

/// The customers who went from one grade to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// What the way from row to column is.
    pub movement: Movement,
    /// Customers.
    pub customers: u64,
    /// Of the customers of the row.
    pub share: Option<f64>,
    /// Exposure in the run before; of new customers, in this one. `None` where the currency before was another.
    pub exposure: Option<f64>,
    /// Of the exposure of the row.
    pub exposure_share: Option<f64>,
}

/// What happened to a customer's grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// The same grade.
    Stable,
    /// A better grade.
    Upgrade,
    /// A worse grade.
    Downgrade,
    /// The earlier grade does not exist any more: neither better nor worse.
    Unmatched,
    /// Not assessed before.
    New,
    /// Not there any more.
    Gone,
    /// There, but could not be assessed now.
    Rejected,
}

impl Movement {
    /// The word for it in tables.
    pub fn name(self) -> &'static str {
        match self {
            Movement::Stable => "stable",
            Movement::Upgrade => "upgrade",
            Movement::Downgrade => "downgrade",
            Movement::Unmatched => "unmatched",
            Movement::New => "new",
            Movement::Gone => "gone",
            Movement::Rejected => "rejected",
        }
    }
}

/// How the customers assessed in both runs moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moves {
    /// Customers in both runs whose two grades can be compared: `stable + upgraded + downgraded`.
    pub compared: u64,
    /// Those with the same grade.
    pub stable: Moved,
    /// Those with a better grade.
    pub upgraded: Moved,
    /// Those with a worse grade.
    pub downgraded: Moved,
    /// Those whose earlier grade does not exist any more.
    pub unmatched: Moved,
    /// Those who fell into the worst grade.
    pub into_worst: Moved,
    /// Downgrades for each upgrade; `None` without upgrades.
    pub downgrades_per_upgrade: Option<f64>,
    /// Mean of the steps of the compared, worse is positive.
    pub mean_notches: Option<f64>,
    /// Customers by steps, worse is positive, those with none left out.
    pub notches: Vec<Notch>,
    /// Who decided: the model, hysteresis, an override.
    pub causes: Vec<CauseRow>,
}

/// Customers who moved, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// Customers.
    pub customers: u64,
    /// Of the compared customers.
    pub share: Option<f64>,
    /// Their exposure in this run.
    pub exposure: f64,
}

/// Customers who moved by so many grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Notch {
    /// Grades down (positive) or up (negative).
    pub notches: i64,
    /// Customers.
    pub customers: u64,
}

/// Who decided on the grade that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It is the model's.
    Model,
    /// Hysteresis holds another than the model's.
    Hysteresis,
    /// An override holds another than the model's.
    Override,
}

impl Cause {
    /// The word for it in tables.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Model => "model",
            Cause::Hysteresis => "hysteresis",
            Cause::Override => "override",
        }
    }
}

/// Compared customers by who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CauseRow {
    /// Who decided.
    pub cause: Cause,
    /// Customers with a better grade.
    pub upgraded: u64,
    /// Customers with a worse grade.
    pub downgraded: u64,
    /// Customers who stay although the model's grade is better.
    pub held_from_upgrade: u64,
    /// Customers who stay although the model's grade is worse.
    pub held_from_downgrade: u64,
}

/// How limits changed. A limit of 0 and none are alike: no credit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitChanges {
    /// Sum of all limits now less before, gone and new customers included.
    pub net: f64,
    /// A row for each [`LimitChange`].
    pub all: Vec<LimitRow>,
    /// The same by grade (now; of the gone and rejected, before), rows without customers left out.
    pub by_grade: Vec<(String, Vec<LimitRow>)>,
}

/// What happened to limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitChange {
    /// In both runs, and higher now.
    Raised,
    /// In both runs, and lower now.
    Cut,
    /// Now, and no credit before.
    Granted,
    /// No credit now, and a limit before.
    Withdrawn,
    /// The same as before.
    Unchanged,
    /// The customer is new.
    New,
    /// The customer is gone.
    Gone,
    /// The customer could not be assessed.
    Rejected,
}

impl LimitChange {
    /// All, in the order of tables.
    pub const ALL: [LimitChange; 8] = [
        LimitChange::Raised,
        LimitChange::Cut,
        LimitChange::Granted,
        LimitChange::Withdrawn,
        LimitChange::Unchanged,
        LimitChange::New,
        LimitChange::Gone,
        LimitChange::Rejected,
    ];

    /// The word for it in tables.
    pub fn name(self) -> &'static str {
        match self {
            LimitChange::Raised => "raised",
            LimitChange::Cut => "cut",
            LimitChange::Granted => "granted",
            LimitChange::Withdrawn => "withdrawn",
            LimitChange::Unchanged => "unchanged",
            LimitChange::New => "new",
            LimitChange::Gone => "gone",
            LimitChange::Rejected => "rejected",
        }
    }
}

/// Customers with one kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LimitRow {
    /// What happened.
    pub change: LimitChange,
    /// Customers.
    pub customers: u64,
    /// Sum of their limits before.
    pub before: f64,
    /// Sum of their limits now.
    pub now: f64,
    /// `now - before`, exact to a millionth.
    pub difference: f64,
}

/// A customer whose grade became worse.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Downgrade {
    /// The customer's id.
    pub customer: String,
    /// Grade before.
    pub from: String,
    /// Grade now.
    pub to: String,
    /// Grades down.
    pub notches: i64,
    /// Probability of default before.
    pub pd_before: f64,
    /// Probability of default now.
    pub pd: f64,
    /// Exposure now.
    pub exposure: Option<f64>,
    /// Limit before; `None` also where the currency was another.
    pub limit_before: Option<f64>,
    /// Limit now.
    pub limit: Option<f64>,
    /// Why the grade is not the model's.
    pub why: Option<String>,
}
