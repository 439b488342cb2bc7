//! The output of `arrears bin` as people read it.

use crate::bin::bads_and_rows;
use crate::show;
use arrears_data::Cleaned;
use arrears_train::binning::analysis::{AnyTable, VariableBins};
use arrears_train::binning::mean_table::{MeanRow, MeanTable};
use arrears_train::binning::table::{BinKind, BinningTable};

/// The whole output: cleaning, then the tables asked for or all variables in a line each.
pub(crate) fn text(
    target: &str,
    cleaned: &Cleaned,
    rows: Option<&[usize]>,
    variables: &[VariableBins],
    tables: bool,
) -> String {
    let mut text = format!("{}{}", show::heading("Rows"), cleaned.report);
    if let Some(rows) = rows {
        text += &format!("{:>10}  of them train a model and are binned here\n", rows.len());
    }
    text += &bads(target, cleaned, rows);
    cleaned.notes.iter().for_each(|note| text += &format!("  {note}\n"));
    if !tables {
        return text + &format!("\n{}{}", show::heading("Variables"), overview(variables));
    }
    for variable in variables {
        let title = format!("{} by {}", target_in_words(target, cleaned), variable.variable);
        text += &format!("\n{}", show::heading(&show::printable(&title)));
        text += &match &variable.table {
            AnyTable::Binary(table) => binary(table, cleaned.weights.is_some()),
            AnyTable::Mean(table) => mean(table, cleaned.weights.is_some()),
        };
        text += &format!("\n{}", figures(variable));
        variable.notes.iter().for_each(|note| text += &format!("  {note}\n"));
    }
    text
}

/// Which label is bad, and how many rows bear it.
fn bads(target: &str, cleaned: &Cleaned, rows: Option<&[usize]>) -> String {
    let counted = bads_and_rows(cleaned, rows);
    let (Some(labels), Some((bads, rows))) = (&cleaned.target, counted) else { return String::new() };
    let line = format!(
        "{bads:>10}  of them bad ({}): {target} = {}; good: {target} = {}",
        show::share(bads, rows as u64),
        labels.bad,
        labels.good
    );
    show::printable(&line) + "\n"
}

fn target_in_words(target: &str, cleaned: &Cleaned) -> String {
    match &cleaned.target {
        Some(labels) => format!("{target} = {}", labels.bad),
        None => format!("Mean {target}"),
    }
}

/// A line a variable. The rest of the figures stand under each table and in the JSON.
fn overview(variables: &[VariableBins]) -> String {
    let binary = variables.iter().any(|v| v.summary.gini.is_some());
    let values = amounts(variables.iter().map(|v| v.summary.iv));
    let rows = variables.iter().zip(values).map(|(v, amount)| {
        let s = &v.summary;
        let iv = if binary { format!("{:.4}", s.iv) } else { amount };
        let mut row = vec![v.variable.clone(), s.bins.to_string(), percent(s.missing_share), iv];
        row.extend([s.gini, s.ks].into_iter().flatten().map(|x| format!("{x:.4}")));
        row.push(format!("{:.3}", s.quality));
        row.push(s.trend.map(|course| course.describe().to_owned()).unwrap_or_default());
        row.push(s.status.map(|status| status.describe().to_owned()).unwrap_or_default());
        row
    });
    let mut header = vec!["variable", "bins", "missing", "IV"];
    header.extend(if binary { &["Gini", "KS"][..] } else { &[] });
    let numbers: Vec<usize> = (1..=header.len()).collect();
    header.extend(["quality", "trend", ""]);
    show::table(&header, rows.collect(), &numbers)
}

fn binary(table: &BinningTable, weighted: bool) -> String {
    let mut header = vec!["bin", "count"];
    header.extend(weighted.then_some("weight"));
    header.extend(["share", "goods", "bads", "bad rate", "WoE", "IV", "JS"]);
    let shown = table.bins.iter().filter(|b| b.kind == BinKind::Regular || b.count > 0);
    let mut rows: Vec<Vec<String>> = shown
        .map(|b| {
            let mut row =
                vec![label(&b.short, b.merged_with.map(|at| &*table.bins[at].short)), show::count(b.count)];
            row.extend(weighted.then(|| weight(b.weight)));
            row.extend([percent(b.share), weight(b.goods), weight(b.bads)]);
            row.push(b.bad_rate.map_or("-".to_owned(), percent));
            row.push(format!("{:.4}", b.woe));
            row.extend([b.iv, b.js].map(|x| x.map_or("-".to_owned(), |x| format!("{x:.4}"))));
            row
        })
        .collect();
    let t = &table.total;
    let mut row = vec!["total".to_owned(), show::count(t.count)];
    row.extend(weighted.then(|| weight(t.weight)));
    row.extend([percent(1.0), weight(t.goods), weight(t.bads)]);
    row.push(t.bad_rate.map_or("-".to_owned(), percent));
    row.extend([String::new(), format!("{:.4}", t.iv), format!("{:.4}", t.js)]);
    rows.push(row);
    aligned(&header, rows)
}

fn mean(table: &MeanTable, weighted: bool) -> String {
    let mut header = vec!["bin", "count"];
    header.extend(weighted.then_some("weight"));
    header.extend(["share", "mean", "sum", "std", "WoE", "IV"]);
    let shown: Vec<&MeanRow> =
        table.bins.iter().filter(|b| b.kind == BinKind::Regular || b.count > 0).collect();
    let t = &table.total;
    let known = |of: fn(&MeanRow) -> Option<f64>, total: Option<f64>| {
        amounts(shown.iter().map(|b| of(b).unwrap_or(f64::NAN)).chain([total.unwrap_or(f64::NAN)]))
    };
    let (means, stds) = (known(|b| b.mean, t.mean), known(|b| b.std, t.std));
    let sums = amounts(shown.iter().map(|b| b.sum).chain([t.sum]));
    let woe = amounts(shown.iter().map(|b| b.woe).chain([t.woe]));
    let iv = amounts(shown.iter().map(|b| b.iv.unwrap_or(f64::NAN)).chain([t.iv]));
    let bin = |b: &&MeanRow| {
        let merged = b.merged_with.map(|at| &*table.bins[at].short);
        (label(&b.short, merged), b.count, b.weight, b.share)
    };
    let heads = shown.iter().map(bin).chain([("total".to_owned(), t.count, t.weight, 1.0)]);
    let row = |(at, (label, count, sum, share)): (usize, (String, u64, f64, f64))| {
        let mut row = vec![label, show::count(count)];
        row.extend(weighted.then(|| weight(sum)));
        row.push(percent(share));
        row.extend([&means, &sums, &stds, &woe, &iv].map(|column| column[at].clone()));
        row
    };
    aligned(&header, heads.enumerate().map(row).collect())
}

fn aligned(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let numbers: Vec<usize> = (1..header.len()).collect();
    show::table(header, rows, &numbers)
}

/// The summary under a table.
fn figures(variable: &VariableBins) -> String {
    let s = &variable.summary;
    let optional = [("Gini", s.gini), ("KS", s.ks), ("Cramer's V", s.cramers_v)];
    let mut parts: Vec<String> =
        optional.iter().filter_map(|(n, x)| Some(format!("{n} {:.4}", (*x)?))).collect();
    parts.push(format!("HHI {:.4} (normalised {:.4})", s.hhi, s.hhi_normalised));
    parts.push(format!("quality {:.3}", s.quality));
    parts.extend(s.trend.map(|course| course.describe().to_owned()));
    parts.extend(s.status.map(|status| status.describe().to_owned()));
    let mut text = format!("  {}\n", parts.join(", "));
    if !s.p_values.is_empty() {
        let p = |p: &Option<f64>| p.map_or("-".to_owned(), p_value);
        let values: Vec<String> = s.p_values.iter().map(p).collect();
        text += &format!("  p-values of neighbouring bins: {}\n", values.join(", "));
    }
    text
}

fn label(bin: &str, merged_with: Option<&str>) -> String {
    merged_with.map_or(bin.to_owned(), |with| format!("{bin} (as {with})"))
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

fn p_value(p: f64) -> String {
    if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") }
}

/// A sum of weights: whole where it is.
fn weight(x: f64) -> String {
    if x == x.round() && x.abs() < 1e15 { show::count(x as u64) } else { format!("{x:.1}") }
}

/// Numbers of one column in units of the target, all with the same decimals: about five digits of the largest.
/// NaN stands for none.
fn amounts(column: impl Iterator<Item = f64>) -> Vec<String> {
    let column: Vec<f64> = column.collect();
    let largest = column.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let decimals = match largest {
        _ if largest >= 1e4 => 0,
        _ if largest >= 100.0 => 1,
        _ if largest >= 1.0 => 3,
        _ => 5,
    };
    let scientific = largest >= 1e12 || (largest > 0.0 && largest < 1e-3);
    let one = |x: &f64| match x {
        x if x.is_nan() => "-".to_owned(),
        x if scientific => format!("{x:.3e}"),
        x => format!("{x:.decimals$}"),
    };
    column.iter().map(one).collect()
}
