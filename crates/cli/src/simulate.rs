//! `arrears simulate`: customers that do not exist, with a known risk.

use crate::exit::Outcome;
use crate::place::FormatName;
use crate::progress::Spinner;
use crate::show;
use arrears_behavior::simulate::{RowOrder, Settings, simulate};
use clap::ValueEnum;
use std::path::PathBuf;

/// Make simulated customers with a known risk: the six tables, and the truth behind them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Written into OUT: customers, orders, payments, returns, reports, financials, truth (what no business knows: each customer's probability to stop paying), config.toml for `arrears features`, and README.md. Every row says in its column `simulated` that it is not real.

The same settings and seed give the same bytes, on any number of threads. Memory does not grow with the number of customers.

Examples:
  arrears simulate shop/
  arrears simulate shop/ --customers 500000 --orders-per-year 4
  arrears simulate shop/ --customers 2000 --format csv --from 2024-01-01 --to 2025-12-31 --order time")]
pub(crate) struct Args {
    /// Folder for the tables
    out: PathBuf,
    /// How many customers
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    customers: u64,
    /// Start of chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// First day
    #[arg(long, value_name = "DATE", default_value = "2022-01-01", value_parser = day)]
    from: i64,
    /// Last day
    #[arg(long, value_name = "DATE", default_value = "2025-12-31", value_parser = day)]
    to: i64,
    /// Orders a year of the average customer
    #[arg(long, value_name = "N", default_value_t = 6.0)]
    orders_per_year: f64,
    /// Format of the tables
    #[arg(long, value_enum, default_value = "parquet")]
    format: FormatName,
    /// How rows are sorted
    #[arg(long, value_enum, default_value = "customer")]
    order: OrderName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderName {
    /// By customer, then by time
    Customer,
    /// By time, then by customer
    Time,
}

/// Seconds from 1970 to the start of a day.
fn day(text: &str) -> Result<i64, String> {
    arrears_behavior::simulate::start_of_day(text)
        .ok_or_else(|| "expected a day such as 2024-01-31".to_owned())
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let settings = Settings {
        customers: args.customers,
        seed: args.seed,
        start: args.from,
        end: args.to + 86_400,
        orders_per_year: args.orders_per_year,
        format: args.format.into(),
        order: match args.order {
            OrderName::Customer => RowOrder::Customer,
            OrderName::Time => RowOrder::Time,
        },
    };
    let spinner = Spinner::new(format!("simulating {} customers", show::count(args.customers)));
    let written = simulate(&settings, &args.out)?;
    drop(spinner);
    let rows =
        written.tables.iter().map(|(name, rows)| vec![(*name).to_owned(), show::count(*rows)]).collect();
    show::say(&format!(
        "{}Simulated, not real. Written to {}",
        show::table(&["table", "rows"], rows, &[1]),
        args.out.display()
    ));
    Ok(Outcome::Done)
}
