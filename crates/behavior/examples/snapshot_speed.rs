//! How long a snapshot of features takes, from files to a file: for profiles, without the rest of the program.
//!
//! `cargo run --release -p arrears-behavior --example snapshot_speed CONFIG AS_OF OUT`
#![allow(clippy::print_stdout)]

use arrears_behavior::{Config, ReadSettings, Snapshot};
use arrears_data::TableWriter;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, as_of, out] = arguments.as_slice() else { return Err("expected CONFIG AS_OF OUT".into()) };
    let started = Instant::now();
    let config = Config::read(Path::new(config))?;
    let snapshot = Snapshot::new(&config, std::slice::from_ref(as_of))?;
    let writer = TableWriter::create(Path::new(out), None, snapshot.schema())?;
    let summary = snapshot.write(ReadSettings::default(), writer, |_| {})?;
    println!("{}\n{:.3} s", summary.to_text(out), started.elapsed().as_secs_f64());
    Ok(())
}
