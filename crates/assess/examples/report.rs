//! Writes reports of made-up customers, to look at: `cargo run -p arrears-assess --example report -- FOLDER`.

use arrears_assess::{Report, Run, Standing};
use arrears_data::DataError;
use std::path::Path;

/// Numbers that look random and are the same each time.
struct Made(u64);

impl Made {
    /// From 0 to below 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn run(as_of: &str, model: &str, grades: &[&str]) -> Run {
    Run {
        as_of: as_of.to_owned(),
        model: model.to_owned(),
        grades: grades.iter().map(|g| (*g).to_owned()).collect(),
        currency: "GBP".to_owned(),
    }
}

/// A customer somewhere on the scale; `risk` from 0 to 1.
fn standing(made: &mut Made, customer: &str, risk: f64, grades: usize) -> Standing {
    let grade = ((risk * grades as f64) as usize).min(grades - 1);
    let held = made.next() < 0.05 && grade > 0;
    let limit = (made.next() * 40.0).floor() * 100.0 * (1.0 - risk);
    Standing {
        customer: customer.to_owned(),
        pd: 0.002 + 0.4 * risk * risk,
        score: Some((700.0 - 300.0 * risk).round()),
        model_grade: grade,
        grade: if held { grade - 1 } else { grade },
        limit: (risk < 0.9).then_some(limit.round()),
        tier: Some(["A", "B", "C"][((risk * 3.0) as usize).min(2)].to_owned()),
        exposure: (made.next() < 0.98).then(|| (limit * made.next() * 1.1).round()),
        why: held.then(|| "hysteresis".to_owned()),
    }
}

fn two_runs(folder: &Path, current: &Run, previous: &Run, customers: u64) -> Result<(), DataError> {
    let mut report = Report::create(folder, current, Some(previous), Some(0.45))?;
    let mut made = Made(7);
    for at in 0..customers {
        let customer = format!("C{at:06}");
        let risk = made.next();
        let before =
            (at % 17 != 3).then(|| standing(&mut made, &customer, risk * risk, previous.grades.len()));
        let moved = (risk * risk + (made.next() - 0.46) * 0.25 * made.next()).clamp(0.0, 1.0);
        let now = standing(&mut made, &customer, moved, current.grades.len());
        match at % 41 {
            5 => report.add(before.as_ref(), None)?,
            6 => report.reject(before.as_ref())?,
            _ => report.add(before.as_ref(), Some(&now))?,
        }
    }
    report.finish().map(drop)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base = std::env::args().nth(1).ok_or("name a folder")?;
    let folder = |name: &str| -> std::io::Result<std::path::PathBuf> {
        let folder = Path::new(&base).join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    };
    let four = ["excellent", "good", "fair", "at risk"];
    let ten = ["AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C", "D"];
    let long = [
        "优秀：按时付款且无任何逾期记录的长期客户",
        "良好",
        "acceptable with conditions, to be reviewed by the regional credit desk each quarter",
        "Überwachungsbedürftigkeitsstufe<script>alert(1)</script>",
    ];
    for (name, grades) in [("four", &four[..]), ("ten", &ten[..]), ("long", &long[..])] {
        let (now, before) =
            (run("2026-09-30", "shop 1.2.0", grades), run("2026-06-30", "shop 1.2.0", grades));
        two_runs(&folder(name)?, &now, &before, 40_000)?;
    }
    let (now, before) = (run("2026-09-30", "shop 2.0.0", &four), run("2026-06-30", "shop 1.2.0", &ten[..5]));
    two_runs(&folder("other-model")?, &now, &before, 4_000)?;

    let mut made = Made(3);
    let mut first = Report::create(&folder("first")?, &now, None, None)?;
    for at in 0..3_000 {
        let risk = made.next();
        first.add(None, Some(&standing(&mut made, &format!("C{at}"), risk, 4)))?;
    }
    first.finish()?;

    let mut one = Report::create(&folder("one")?, &now, Some(&now), None)?;
    let (before, after) = (standing(&mut made, "only", 0.3, 4), standing(&mut made, "only", 0.95, 4));
    one.add(Some(&before), Some(&after))?;
    one.finish()?;

    let mut rejected = Report::create(&folder("rejected")?, &now, Some(&now), None)?;
    for at in 0..5 {
        rejected.reject((at < 3).then_some(&before))?;
    }
    rejected.finish()?;
    Ok(())
}
