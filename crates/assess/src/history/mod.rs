//! The runs that there were, in two tables: `arrears_runs`, a row a run, and `arrears_standings`, a row a customer and run.
//!
//! A run is written in one transaction, so it is there whole or not at all. Both tables are the same in SQLite and in PostgreSQL.

mod postgres;
mod record;
mod sqlite;

pub use record::RunRecord;

use crate::error::AssessError;
use crate::hysteresis::{Calls, Held};
use crate::previous::Previous;
use crate::settings::Place;
use crate::standing::Standing;
use arrears_data::arrow::array::RecordBatch;
use arrears_data::{Form, Table};
use arrears_model::Value;
use postgres::PostgresStore;
use sqlite::SqliteStore;

/// Makes the tables where they are not there.
const TABLES: &str = "\
create table if not exists arrears_runs (
  run bigint not null primary key, as_of text not null, as_of_moment bigint not null,
  model text not null, model_version text not null, model_sha256 text not null,
  config_sha256 text not null, overrides_sha256 text, program text not null,
  currency text not null, grades text not null, margin double precision not null, upgrade_runs bigint not null,
  customers bigint not null, assessed bigint not null, rejected bigint not null, unknown bigint not null, gone bigint not null);
create table if not exists arrears_standings (
  run bigint not null, customer text not null, pd double precision not null, score double precision,
  model_grade text not null, grade text not null, previous_grade text,
  grade_rank bigint not null, previous_grade_rank bigint, held_grade text not null, calls text not null,
  credit_limit double precision, previous_limit double precision, tier text, exposure double precision, why text,
  reason_1 text, reason_2 text, reason_3 text, reason_4 text,
  primary key (run, customer));";

/// A database in which a transaction is open. What was not committed when it is dropped never was.
trait Store: Send {
    /// Whether the tables were there before.
    fn has_tables(&mut self) -> Result<bool, AssessError>;

    /// The rows of a query, some at a time; `columns` are its columns, in its order.
    fn read(
        &mut self,
        sql: &str,
        columns: &[(&str, Form)],
        take: &mut dyn FnMut(&Table) -> Result<(), AssessError>,
    ) -> Result<(), AssessError>;

    /// Runs a statement.
    fn execute(&mut self, sql: &str) -> Result<(), AssessError>;

    /// Adds rows to a table; the columns are found by name.
    fn append(&mut self, table: &str, batch: &RecordBatch) -> Result<(), AssessError>;

    /// Keeps what was done.
    fn commit(self: Box<Self>) -> Result<(), AssessError>;
}

/// The history, open for one more run. Nobody else can write one meanwhile. Those that there are can be read, in a SQLite file but
/// for moments in which it is written.
pub struct History {
    store: Option<Box<dyn Store>>,
    write: bool,
    place: String,
    runs: Vec<RunRecord>,
}

impl History {
    /// Opens a history to write a run, or (`write` false) only to read; one that is not there yet has no runs.
    ///
    /// # Errors
    /// When it cannot be opened or another run is being written.
    pub fn open(place: &Place, write: bool) -> Result<History, AssessError> {
        let store: Option<Box<dyn Store>> = match place {
            Place::File(path) if !write && !path.exists() => None,
            Place::File(path) => Some(Box::new(SqliteStore::open(path, write)?)),
            Place::Postgres(address) => Some(Box::new(PostgresStore::open(address, write)?)),
        };
        let mut history = History { store, write, place: place.name(), runs: Vec::new() };
        let mut runs = Vec::new();
        let all = format!("select {} from arrears_runs order by run", names(&RunRecord::COLUMNS));
        history.read(&all, &RunRecord::COLUMNS, &mut |table| {
            (0..table.rows()).try_for_each(|row| RunRecord::of(table, row).map(|run| runs.push(run)))
        })?;
        Ok(History { runs, ..history })
    }

    /// The runs, oldest first.
    pub fn runs(&self) -> &[RunRecord] {
        &self.runs
    }

    fn read(
        &mut self,
        sql: &str,
        columns: &[(&str, Form)],
        take: &mut dyn FnMut(&Table) -> Result<(), String>,
    ) -> Result<(), AssessError> {
        let failed = |problem: String| AssessError::History { place: self.place.clone(), problem };
        let Some(store) = &mut self.store else { return Ok(()) };
        if !store.has_tables()? {
            return Ok(());
        }
        store.read(sql, columns, &mut |table| take(table).map_err(failed))
    }

    /// The standings of a run.
    ///
    /// # Errors
    /// When they cannot be read, or are not what this program writes.
    pub(crate) fn standings(&mut self, run: &RunRecord) -> Result<Previous, AssessError> {
        let mut previous = Previous::new(run.run());
        let sql = format!("select {} from arrears_standings where run = {}", names(&STANDING), run.number);
        self.read(&sql, &STANDING, &mut |table| {
            for row in 0..table.rows() {
                let (standing, held) = standing(table, row, &run.grades)?;
                if previous.find(&standing.customer).is_some() {
                    return Err(format!("run {} has customer `{}` twice", run.number, standing.customer));
                }
                previous.push(&standing, held);
            }
            Ok(())
        })?;
        if previous.len() as i64 != run.assessed {
            let problem = format!(
                "run {} has {} standings and counts {}: it was changed by someone else; restore the history, or replace the run with --replace",
                run.number,
                previous.len(),
                run.assessed
            );
            return Err(AssessError::History { place: self.place.clone(), problem });
        }
        Ok(previous)
    }

    /// Removes a run and all after it.
    pub(crate) fn remove_from(&mut self, number: i64) -> Result<(), AssessError> {
        let Some(store) = self.store.as_mut().filter(|_| self.write) else { return Ok(()) };
        ["arrears_standings", "arrears_runs"]
            .iter()
            .try_for_each(|table| store.execute(&format!("delete from {table} where run >= {number}")))
    }

    /// Adds standings of the run that is being written.
    pub(crate) fn append(&mut self, standings: &RecordBatch) -> Result<(), AssessError> {
        let store = self.store.as_mut().filter(|_| self.write);
        store.map_or(Ok(()), |store| store.append("arrears_standings", standings))
    }

    /// Writes the run and keeps it, if the history was opened to write.
    pub(crate) fn commit(self, run: &RunRecord) -> Result<(), AssessError> {
        let Some(mut store) = self.store.filter(|_| self.write) else { return Ok(()) };
        store.append("arrears_runs", &run.batch()?)?;
        store.commit()
    }
}

/// What is read of a standing.
const STANDING: [(&str, Form); 11] = [
    ("customer", Form::Text),
    ("pd", Form::Number),
    ("score", Form::Number),
    ("model_grade", Form::Text),
    ("grade", Form::Text),
    ("held_grade", Form::Text),
    ("calls", Form::Text),
    ("credit_limit", Form::Number),
    ("tier", Form::Text),
    ("exposure", Form::Number),
    ("why", Form::Text),
];

fn names(columns: &[(&str, Form)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The text of a column of a table as it was read.
fn text<'t>(table: &'t Table, name: &str, row: usize) -> Option<&'t str> {
    match table.column(name)?.value(row) {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The number of a column of a table as it was read.
fn number(table: &Table, name: &str, row: usize) -> Option<f64> {
    match table.column(name)?.value(row) {
        Value::Number(x) => Some(x).filter(|x| !x.is_nan()),
        _ => None,
    }
}

fn standing(table: &Table, row: usize, grades: &[String]) -> Result<(Standing, Held), String> {
    let customer = text(table, "customer", row).ok_or("a standing has no customer")?.to_owned();
    let grade = |column: &str| {
        let name = text(table, column, row).unwrap_or_default();
        let at = grades.iter().position(|grade| grade == name);
        at.ok_or_else(|| {
            format!(
                "customer `{customer}`: {column} `{name}` is not a grade of the run: {}",
                grades.join(", ")
            )
        })
    };
    let (model_grade, held, now) = (grade("model_grade")?, grade("held_grade")?, grade("grade")?);
    let calls: Option<Calls> = text(table, "calls", row).unwrap_or_default().parse().ok();
    let calls = calls.filter(|calls| calls.grades().iter().all(|grade| usize::from(*grade) < grades.len()));
    let calls =
        calls.ok_or_else(|| format!("customer `{customer}`: calls are not ranks of grades such as 3,2"))?;
    let pd = number(table, "pd", row).ok_or_else(|| format!("customer `{customer}` has no pd"))?;
    let own = |column: &str| text(table, column, row).map(str::to_owned);
    let (tier, why) = (own("tier"), own("why"));
    let standing = Standing {
        pd,
        score: number(table, "score", row),
        model_grade,
        grade: now,
        limit: number(table, "credit_limit", row),
        tier,
        exposure: number(table, "exposure", row),
        why,
        customer,
    };
    Ok((standing, Held { grade: held, calls }))
}

#[cfg(test)]
mod tests;
