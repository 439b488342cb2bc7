//! What may not change a label.

use crate::build::{Row, history};
use arrears_behavior::labels::{LabelKind, LabelSettings, labels};
use arrears_behavior::{AsOf, EventKind, Zone};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

const DAY: i64 = 86_400;

static ZONE: LazyLock<Arc<Zone>> = LazyLock::new(|| Arc::new(Zone::new("America/New_York").unwrap()));

/// The observation: the end of 2024-06-30 in New York.
fn as_of() -> AsOf {
    AsOf::parse("2024-06-30", &ZONE).unwrap()
}

fn seconds(as_of: &AsOf) -> i64 {
    as_of.moment().0.div_euclid(1_000_000)
}

/// Any event, by its days from the observation.
fn row(days: std::ops::Range<i64>) -> impl Strategy<Value = Row> {
    let kinds = [EventKind::Customers, EventKind::Orders, EventKind::Payments, EventKind::Returns];
    let time = days.prop_flat_map(|day| (Just(day), 0..DAY));
    (
        prop::sample::select(kinds.to_vec()),
        time,
        0..40_i64,
        prop::option::of(-5..200_i64),
        1..50_u32,
        0..6_u32,
    )
        .prop_map(|(kind, (day, second), known, delay, amount, id)| {
            let at = seconds(&as_of()) + 1 + day * DAY + second;
            Row {
                kind,
                customer: "a".to_owned(),
                at,
                known_at: at + known * DAY / 8,
                id: if id == 0 { String::new() } else { format!("{id}") },
                amount: f64::from(amount),
                paid_at: delay.map(|delay| at + delay * DAY + 7),
            }
        })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(-400..200), 1..24)
}

fn settings() -> impl Strategy<Value = LabelSettings> {
    (any::<bool>(), 1..120_u32, 1..100_u32, prop::sample::select(vec![0.0, 20.0, 60.0])).prop_map(
        |(returns, window, bad, materiality)| LabelSettings {
            kind: if returns { LabelKind::SerialReturner } else { LabelKind::PastDue },
            performance_days: window,
            bad_days: bad,
            indeterminate_days: bad.div_ceil(2),
            materiality,
            bad_returns: 1 + bad % 3,
            already_bad_days: Some(3650),
            ..LabelSettings::past_due("2024-12-31")
        },
    )
}

fn label(rows: &[Row], settings: &LabelSettings) -> (&'static str, String) {
    let labels = labels(&history(rows), settings, &as_of()).unwrap();
    (labels.outcomes[0].name(), format!("{:?}", labels.worst))
}

/// The same day by day: for each day the oldest open bill, if they are more than the materiality together.
fn worst_by_day(rows: &[Row], settings: &LabelSettings) -> i64 {
    let complete = AsOf::parse("2024-12-31", &ZONE).unwrap();
    let day = |second: i64| ZONE.day(arrears_behavior::Moment(second * 1_000_000));
    let known = |second: i64| second * 1_000_000 <= complete.moment().0;
    let today = as_of().day();
    let late_on = |today: i64| {
        let open = rows.iter().filter(|row| {
            let is_open = row.paid_at.is_none_or(|paid| !known(paid) || day(paid) > today);
            row.kind == EventKind::Payments
                && known(row.at)
                && known(row.known_at)
                && day(row.at) < today
                && is_open
        });
        let open: Vec<&Row> = open.collect();
        let amount: f64 = open.iter().map(|row| row.amount).sum();
        match open.iter().map(|row| today - day(row.at)).max() {
            Some(days) if amount > settings.materiality => days,
            _ => 0,
        }
    };
    (today + 1..=today + i64::from(settings.performance_days)).map(late_on).max().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stretches_are_what_days_one_by_one_are(rows in rows(), settings in settings()) {
        let settings = LabelSettings { kind: LabelKind::PastDue, ..settings };
        let (outcome, worst) = label(&rows, &settings);
        if ["good", "bad", "indeterminate"].contains(&outcome) {
            prop_assert_eq!(worst, format!("[{:?}]", worst_by_day(&rows, &settings) as f64));
        }
    }

    /// What was over by the observation date, bills paid by then included, has no say in the label.
    #[test]
    fn what_was_over_before_the_observation_does_not_change_a_label(
        rows in rows(), settings in settings(), more in prop::collection::vec(row(-400..0), 1..8),
    ) {
        let (outcome, worst) = label(&rows, &settings);
        let end = seconds(&as_of());
        let over = more.into_iter().map(|row| Row { paid_at: Some(row.paid_at.map_or(row.at, |paid| paid.min(end))), ..row });
        let with = label(&rows.iter().cloned().chain(over).collect::<Vec<_>>(), &settings);
        if !outcome.starts_with("not yet") {
            prop_assert_eq!((outcome, worst), with);
        }
    }

    /// What happens after the performance window, or becomes known after the last complete day, has no say either.
    #[test]
    fn what_comes_after_the_window_does_not_change_a_label(
        rows in rows(), settings in settings(), more in prop::collection::vec(row(0..300), 1..8),
    ) {
        let after = more.into_iter().filter_map(|row| {
            let window_over = seconds(&as_of()) + i64::from(settings.performance_days) * DAY + 2 * DAY;
            let complete_over = seconds(&as_of()) + 190 * DAY;
            match row.at % 2 {
                0 => (row.at > window_over).then_some(row),
                _ => Some(Row { known_at: row.at.max(complete_over), ..row }),
            }
        });
        let before = label(&rows, &settings);
        prop_assert_eq!(before, label(&rows.iter().cloned().chain(after).collect::<Vec<_>>(), &settings));
    }

    /// Who is labelled and who is left out is known at the observation.
    #[test]
    fn what_is_not_known_at_the_observation_leaves_nobody_out(
        rows in rows(), settings in settings(), more in prop::collection::vec(row(-400..200), 1..8),
    ) {
        let settings = LabelSettings { min_history_days: 30, activity_days: Some(60), already_bad_days: Some(30), ..settings };
        let later = seconds(&as_of()) + 1;
        let unknown = more.into_iter().map(|row| Row { known_at: row.known_at.max(later), ..row });
        let (outcome, _) = label(&rows, &settings);
        let (with, _) = label(&rows.iter().cloned().chain(unknown).collect::<Vec<_>>(), &settings);
        let excluded = |name: &str| !["good", "bad", "indeterminate"].contains(&name);
        prop_assert_eq!(excluded(outcome), excluded(with));
        prop_assert!(!excluded(outcome) || outcome == with);
    }
}
