//! Panics of the Arrow and Parquet readers over damaged bytes: each becomes an error of the file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

thread_local! {
    /// Whether a panic of this thread is about to be caught.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What a step gives; `None` where it panicked. What it worked on is not to be used again then.
pub(crate) fn caught<T>(step: impl FnOnce() -> T) -> Option<T> {
    let outer = CAUGHT.replace(true);
    let given = catch_unwind(AssertUnwindSafe(step)).ok();
    CAUGHT.set(outer);
    given
}

/// Keeps panics that this crate catches from being printed, as Rust prints every panic by itself; all others are printed as
/// before. For programs, once at their start: whoever sends a service damaged bytes does not write into its log.
pub fn hide_caught_panics() {
    let print = take_hook();
    set_hook(Box::new(move |panic| {
        if !CAUGHT.get() {
            print(panic);
        }
    }));
}
