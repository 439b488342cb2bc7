//! A spinner on standard error, on terminals only.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

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
