//! What stands beside the simulated tables: what they are, and the configuration that maps them.

use super::tables::date;
use super::{DAY, RowOrder, Settings, Written};
use arrears_data::Format;
use std::fmt::Write as _;

/// The extension of a format.
pub(super) fn extension(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::CsvGz => "csv.gz",
        Format::Ndjson => "ndjson",
        Format::NdjsonGz => "ndjson.gz",
        Format::Parquet => "parquet",
    }
}

fn day(moment: i64) -> String {
    let (year, month, day) = date(moment.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The configuration for `arrears features` and `arrears labels`.
pub(super) fn config(settings: &Settings) -> String {
    let extension = extension(settings.format);
    format!(
        "# Simulated customers: see README.md. Nothing here is about real people.\n\
         currency = \"EUR\"\n\
         time_zone = \"UTC\"\n\n\
         [customers]\n\
         file = \"customers.{extension}\"\n\
         columns = {{ customer = \"customer\", at = \"joined_at\", born_at = \"born_at\", region = \"region\", group = \"group\" }}\n\n\
         [orders]\n\
         file = \"orders.{extension}\"\n\
         columns = {{ customer = \"customer\", order = \"order\", at = \"ordered_at\", amount = \"amount\", quantity = \"quantity\", \
         discount = \"discount\", category = \"category\", product = \"product\", channel = \"channel\", method = \"method\" }}\n\n\
         [payments]\n\
         file = \"payments.{extension}\"\n\
         columns = {{ customer = \"customer\", payment = \"payment\", order = \"order\", at = \"due_at\", amount = \"amount\", \
         paid_at = \"paid_at\", paid_amount = \"paid_amount\", method = \"method\" }}\n\n\
         [returns]\n\
         file = \"returns.{extension}\"\n\
         columns = {{ customer = \"customer\", return = \"return\", order = \"order\", at = \"returned_at\", amount = \"amount\", \
         quantity = \"quantity\", reason = \"reason\", category = \"category\", product = \"product\" }}\n\n\
         [reports]\n\
         file = \"reports.{extension}\"\n\
         columns = {{ customer = \"customer\", at = \"reported_at\", known_at = \"arrived_at\", agency = \"agency\", score = \"score\", \
         inquiries = \"inquiries\", accounts = \"accounts\", delinquencies = \"delinquencies\", balance = \"balance\", \
         credit_limit = \"credit_limit\", oldest_account_at = \"oldest_account_at\" }}\n\n\
         [financials]\n\
         file = \"financials.{extension}\"\n\
         columns = {{ customer = \"customer\", at = \"period_end\", known_at = \"arrived_at\", income = \"income\", expenses = \"expenses\", \
         debt_service = \"debt_service\", debt = \"debt\", assets = \"assets\", current_assets = \"current_assets\", \
         current_liabilities = \"current_liabilities\", retained_earnings = \"retained_earnings\", ebit = \"ebit\", \
         equity = \"equity\", market_equity = \"market_equity\", sales = \"sales\" }}\n\n\
         [features]\n\
         library = \"all\"\n\
         windows = [\"30d\", \"90d\", \"365d\"]\n\n\
         [label]\n\
         kind = \"past_due\"\n\
         complete_until = \"{}\"\n",
        day(settings.end - DAY),
    )
}

/// What the tables are, said plainly.
pub(super) fn readme(settings: &Settings, written: &Written) -> String {
    let (order, sorted) = match settings.order {
        RowOrder::Customer => ("customer", "by customer, then by time"),
        RowOrder::Time => ("time", "by time, then by customer"),
    };
    let mut text = format!(
        "# Simulated customers\n\n\
         **Nothing here is real.** `arrears simulate` made these tables from a model of customers (docs/simulate.md of arrears). They are for \
         tests, demonstrations and measurements; no conclusion about real customers follows from them. Every row says so in its column `simulated`.\n\n\
         Made by `arrears simulate OUT --customers {} --seed {} --from {} --to {} --orders-per-year {} --format {} --order {order}`. \
         Rows are sorted {sorted}. Amounts are in EUR, times in UTC.\n\n| table | rows |\n|---|---|\n",
        settings.customers,
        settings.seed,
        day(settings.start),
        day(settings.end - DAY),
        settings.orders_per_year,
        extension(settings.format),
    );
    for (name, rows) in &written.tables {
        // writing to a text cannot fail
        let _ = writeln!(text, "| {name} | {rows} |");
    }
    let _ = write!(
        text,
        "\n`config.toml` maps them for `arrears features` and `arrears labels`. `truth` is what no business knows: `pd` is the probability that the \
         customer stops paying within the 365 days before {}, given that it had not before then; `hazard` the rate a year behind it; `stops_paying_at` \
         when it did.\n",
        day(settings.end),
    );
    text
}
