//! A spinner on standard error, on terminals only.

use crate::show::count;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Spins until it is dropped.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    /// Starts to spin beside `message`; nothing is shown where standard error is no terminal.
    pub(crate) fn new(message: impl Into<String>) -> Spinner {
        let bar = ProgressBar::new_spinner().with_message(message.into());
        bar.set_style(ProgressStyle::default_spinner());
        bar.enable_steady_tick(Duration::from_millis(100));
        Spinner(bar)
    }

    /// Changes the message.
    pub(crate) fn say(&self, message: String) {
        self.0.set_message(message);
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How fast rows pass, and how long the rest will take.
pub(crate) struct Pace(Instant);

impl Pace {
    /// The clock starts now.
    pub(crate) fn start() -> Pace {
        Pace(Instant::now())
    }

    /// Rows so far, rows a second and the time left; `read` is how much of the input was read, where that is known.
    pub(crate) fn text(&self, rows: u64, read: Option<f64>) -> String {
        text(self.0.elapsed(), rows, read)
    }
}

fn text(elapsed: Duration, rows: u64, read: Option<f64>) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds < 0.2 {
        return format!("{} rows", count(rows));
    }
    let left = read.filter(|read| *read > 0.0).map(|read| {
        let left = (seconds * (1.0 - read) / read).ceil() as u64;
        let time = match left {
            0..60 => format!("{left} s"),
            60..3600 => format!("{} min {:02} s", left / 60, left % 60),
            _ => format!("{} h {:02} min", left / 3600, left / 60 % 60),
        };
        format!(", {:.0} % read, {time} left", 100.0 * read)
    });
    format!(
        "{} rows, {} rows/s{}",
        count(rows),
        count((rows as f64 / seconds) as u64),
        left.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::text;
    use std::time::Duration;

    #[test]
    fn pace_in_words() {
        let of = |seconds, rows, read| text(Duration::from_secs_f64(seconds), rows, read);
        assert_eq!(of(0.1, 500, Some(0.5)), "500 rows");
        assert_eq!(of(2.0, 3_000_000, Some(0.25)), "3,000,000 rows, 1,500,000 rows/s, 25 % read, 6 s left");
        assert_eq!(of(10.0, 1_000, None), "1,000 rows, 100 rows/s");
        assert_eq!(of(10.0, 1_000, Some(0.1)), "1,000 rows, 100 rows/s, 10 % read, 1 min 30 s left");
        assert_eq!(of(100.0, 0, Some(0.01)), "0 rows, 0 rows/s, 1 % read, 2 h 45 min left");
    }
}
