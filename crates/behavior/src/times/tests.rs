use super::*;
use crate::Zone;
use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

fn reader(zone: &str, formats: &[&str]) -> TimeReader {
    let formats = formats.iter().map(|f| TimeFormat::new(f).unwrap()).collect();
    TimeReader::new(formats, &Arc::new(Zone::new(zone).unwrap()))
}

fn utc(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_microsecond()
}

#[test]
fn iso_with_and_without_zone() {
    let mut read = reader("Asia/Shanghai", &[]);
    for (written, moment) in [
        ("2024-02-29", "2024-02-28T16:00:00Z"),
        ("2024-02-29 08:30", "2024-02-29T00:30:00Z"),
        ("2024-02-29T08:30:05.25", "2024-02-29T00:30:05.25Z"),
        ("2024-02-29T08:30:05.1234567Z", "2024-02-29T08:30:05.123456Z"),
        ("2024-02-29T08:30:05+02", "2024-02-29T06:30:05Z"),
        ("2024-02-29T08:30:05 -0330", "2024-02-29T12:00:05Z"),
        ("2024-02-29T08:30+05:30", "2024-02-29T03:00:00Z"),
        ("0001-01-02", "0001-01-01T15:54:17Z"),
    ] {
        assert_eq!(read.moment(written), Ok(utc(moment)), "{written}");
    }
    for wrong in [
        "2023-02-29",
        "2024-13-01",
        "2024-01-00",
        "24-01-01",
        "2024-01-01T24:00",
        "2024-01-01T10",
        "2024-01-01x",
        "",
        "2024/01/01",
        "2024-01-01T10:00:00.Z",
        "2024-01-01T10:00+99",
    ] {
        assert_eq!(read.moment(wrong), Err(TimeFault::Unknown), "{wrong}");
    }
    assert_eq!(read.moment("0001-01-01"), Ok(-719_162 * DAY - (8 * 3600 + 5 * 60 + 43) * 1_000_000));
    assert_eq!(read.moment("9999-12-31"), Ok(2_932_896 * DAY - 8 * 3_600_000_000));
    assert_eq!(day("1970-01-02"), Some(1));
    assert_eq!(day("1970-01-02T00:00"), None);
}

/// The moments are those of Python's zoneinfo with fold=0: in a gap the offset before it holds.
#[test]
fn gaps_and_folds_of_local_clocks() {
    let mut read = reader("Europe/London", &[]);
    assert_eq!(read.moment("2024-03-31 00:59:59"), Ok(utc("2024-03-31T00:59:59Z")));
    assert_eq!(read.moment("2024-03-31 01:30"), Ok(utc("2024-03-31T01:30:00Z")));
    assert_eq!(read.moment("2024-03-31 02:00"), Ok(utc("2024-03-31T01:00:00Z")));
    assert_eq!(read.moment("2024-10-27 01:30"), Ok(utc("2024-10-27T00:30:00Z")));
    assert_eq!(read.moment("2024-10-27 02:00"), Ok(utc("2024-10-27T02:00:00Z")));
    // Samoa had no 30 December 2011.
    let mut read = reader("Pacific/Apia", &[]);
    assert_eq!(read.moment("2011-12-30"), Ok(utc("2011-12-30T10:00:00Z")));
    assert_eq!(read.moment("2011-12-31"), Ok(utc("2011-12-30T10:00:00Z")));
}

#[test]
fn declared_formats_and_numbers() {
    let mut read = reader("UTC", &["%d/%m/%Y %H:%M"]);
    assert_eq!(read.moment("01/12/2010 08:26"), Ok(utc("2010-12-01T08:26:00Z")));
    assert_eq!(read.moment("2010-12-01 08:26"), Err(TimeFault::Unknown));
    let mut read = reader("UTC", &["%Y%m%d"]);
    assert_eq!(read.moment("19970105"), Ok(utc("1997-01-05T00:00:00Z")));
    assert!(read.has_pattern());
    let mut read = reader("UTC", &["%d/%m/%Y %z"]);
    assert_eq!(read.moment("01/12/2010 +0200"), Ok(utc("2010-11-30T22:00:00Z")));
    let mut read = reader("Asia/Shanghai", &["epoch_ms"]);
    assert_eq!(read.moment("1500"), Ok(1_500_000));
    assert_eq!(read.moment("1500.5"), Ok(1_500_500));
    assert_eq!(read.of_number(-1, read.epoch().unwrap()), Some(-1_000));
    assert_eq!(reader("UTC", &["epoch_ns"]).of_number(-1, 1_000_000_000), Some(-1));
    assert_eq!(reader("UTC", &["epoch_s"]).of_number(i64::MAX, 1), None);
    for wrong in ["dd/mm/yyyy", "%H:%M", "%d/%m", "epoch"] {
        assert!(TimeFormat::new(wrong).is_err(), "{wrong}");
    }
}

/// Text dates in three formats are told apart where one of them fits, and refused where two say different days.
#[test]
fn three_formats_at_once() {
    let mut read = reader("UTC", &["iso", "%d/%m/%Y", "%m/%d/%Y"]);
    assert_eq!(read.moment("2024-05-01"), Ok(utc("2024-05-01T00:00:00Z")));
    assert_eq!(read.moment("31/12/2024"), Ok(utc("2024-12-31T00:00:00Z")));
    assert_eq!(read.moment("12/31/2024"), Ok(utc("2024-12-31T00:00:00Z")));
    assert_eq!(read.moment("05/05/2024"), Ok(utc("2024-05-05T00:00:00Z")));
    let Err(TimeFault::Ambiguous(why)) = read.moment("05/04/2024") else { panic!("it has two meanings") };
    assert!(why.contains("%d/%m/%Y") && why.contains("%m/%d/%Y"), "{why}");
}

#[test]
fn refused_times_say_which_format_fits() {
    let told = |values: &[&str], declared: bool| {
        let mut suggestions = Suggestions::default();
        values.iter().for_each(|value| suggestions.refused(value, declared));
        suggestions.text()
    };
    let text = |values: &[&str]| told(values, false);
    assert_eq!(text(&[]), None);
    let one = text(&["05/04/2024", "31/12/2024"]).unwrap();
    assert!(one.contains("time_format = [\"iso\", \"%d/%m/%Y\"]"), "{one}");
    let two = text(&["05/04/2024"]).unwrap();
    assert!(two.contains("%d/%m/%Y and by %m/%d/%Y"), "{two}");
    assert!(text(&["05/04/2024", "yesterday"]).unwrap().contains("no usual format"));
    assert_eq!(told(&["31/02/2025"], true), None);
    assert!(told(&["31/12/2025"], true).unwrap().contains("%d/%m/%Y"));
    assert!(text(&["12/1/10 8:26"]).unwrap().contains("%m/%d/%y %H:%M"));
}

#[test]
fn placeholder_days_in_utc_and_locally() {
    let days = ["1970-01-01", "9999-12-31"].map(str::to_owned);
    let of = Placeholders::new(&days, &Zone::new("America/New_York").unwrap());
    for (moment, holds) in [
        ("1970-01-01T00:00:00Z", true),
        ("1970-01-01T23:59:59Z", true),
        ("1970-01-02T04:59:59Z", true),
        ("1970-01-02T05:00:00Z", false),
        ("1969-12-31T23:59:59Z", false),
        ("2024-01-01T00:00:00Z", false),
        ("9999-12-30T21:59:59Z", false),
    ] {
        assert_eq!(of.holds(utc(moment)), holds, "{moment}");
    }
    let last = 2_932_896 * DAY;
    let held =
        [last - 1, last, last + DAY, last + DAY + 5 * 3_600_000_000 - 1, last + DAY + 5 * 3_600_000_000];
    assert_eq!(held.map(|moment| of.holds(moment)), [false, true, true, true, false]);
    assert!(!Placeholders::new(&[], &Zone::new("UTC").unwrap()).holds(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// ISO 8601 as jiff reads it.
    #[test]
    fn iso_agrees_with_jiff(at in -62_135_596_800_000_000i64..253_402_300_799_999_999) {
        let text = Timestamp::from_microsecond(at).unwrap().to_string();
        prop_assert_eq!(iso::parse(text.as_bytes()), Some(Written::Utc(at)));
    }
}
