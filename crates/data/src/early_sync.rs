//! Bytes on their way to the disk while others are still made, so that little is left to wait for at the end.

use std::fs::File;
use std::io;
use std::thread::JoinHandle;

/// Bytes after which the disk is asked for them.
const STEP: u64 = 16 << 20;

/// Follows what is written to one file.
#[derive(Default)]
pub(crate) struct EarlySync {
    waiting: u64,
    running: Option<JoinHandle<io::Result<()>>>,
}

impl EarlySync {
    /// Notes that bytes were written. Where enough wait and no earlier request is under way, a thread asks the disk to take them.
    ///
    /// # Errors
    /// An earlier request failed: the system tells of it once, so it must not be lost.
    pub(crate) fn written(&mut self, file: &File, bytes: usize) -> io::Result<()> {
        self.waiting += bytes as u64;
        if self.waiting < STEP || self.running.as_ref().is_some_and(|running| !running.is_finished()) {
            return Ok(());
        }
        self.wait()?;
        self.waiting = 0;
        let file = file.try_clone()?;
        self.running = std::thread::Builder::new().spawn(move || file.sync_data()).ok();
        Ok(())
    }

    /// Waits for the request under way.
    ///
    /// # Errors
    /// It failed.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        running.join().unwrap_or_else(|_| Err(io::Error::other("the thread that syncs a file ended early")))
    }
}
