//! From the files of a simulated business to labels: every customer once, and more bad ones where the known risk is high.

use arrears_behavior::labels::LabelRun;
use arrears_behavior::simulate::{RowOrder, Settings, simulate};
use arrears_behavior::{Config, ReadSettings};
use arrears_data::{Format, TableWriter};
use std::collections::BTreeMap;
use std::path::Path;

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn labelled(folder: &Path, dates: &[String]) -> (Vec<BTreeMap<String, String>>, Vec<[u64; 8]>) {
    let config = Config::read(&folder.join("config.toml")).unwrap();
    let run = LabelRun::new(&config, dates).unwrap();
    let out = folder.join("labels.csv");
    let writer = TableWriter::create(&out, None, LabelRun::schema()).unwrap();
    let summary = run.write(ReadSettings::default(), Some(writer)).unwrap();
    let total: u64 = summary.roll_rates.total().iter().flatten().sum();
    assert!(total > 0 && !summary.vintages.cells().is_empty());
    (rows(&out), summary.as_of.iter().map(|(_, counts)| counts.0).collect())
}

#[test]
fn labels_of_simulated_customers_follow_the_known_risk_in_either_order_of_rows() {
    let dates = ["2024-06-30", "2024-12-31", "2025-06-30"].map(str::to_owned);
    let settings = Settings { customers: 3_000, format: Format::Csv, ..Settings::default() };
    let folder = tempfile::tempdir().unwrap();
    simulate(&settings, folder.path()).unwrap();
    let (labels, counts) = labelled(folder.path(), &dates);
    let by_time = tempfile::tempdir().unwrap();
    simulate(&Settings { order: RowOrder::Time, format: Format::Parquet, ..settings }, by_time.path())
        .unwrap();
    assert_eq!(
        (&labels, &counts),
        (&labelled(by_time.path(), &dates).0, &labelled(by_time.path(), &dates).1)
    );

    for (date, counts) in dates.iter().zip(&counts) {
        assert_eq!(counts.iter().sum::<u64>(), 3_000, "{date}");
        let written = labels.iter().filter(|row| row["as_of"] == *date).count() as u64;
        assert_eq!(written, 3_000 - counts[3], "all but those not yet known");
    }
    assert!(counts[2][4] > 2_000, "the window after 2025-06-30 is not over");
    let hazards: BTreeMap<String, f64> = rows(&folder.path().join("truth.csv"))
        .into_iter()
        .map(|row| (row["customer"].clone(), row["hazard"].parse().unwrap()))
        .collect();
    let mean = |bad: &str| {
        let of = labels.iter().filter(|row| row["as_of"] == "2024-12-31" && row["bad"] == bad);
        let hazards: Vec<f64> = of.map(|row| hazards[&row["customer"]].ln()).collect();
        assert!(hazards.len() > 20);
        hazards.iter().sum::<f64>() / hazards.len() as f64
    };
    assert!(mean("1") > mean("0") + 0.3, "{} {}", mean("1"), mean("0"));
}
