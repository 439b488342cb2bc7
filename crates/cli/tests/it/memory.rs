//! The memory of `arrears score` does not grow with the file.

use crate::common::Room;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::process::Stdio;
use std::time::Duration;

const MIB: u64 = 1 << 20;

fn customers(room: &Room, name: &str, rows: usize) {
    let mut file = BufWriter::new(std::fs::File::create(room.path(name)).unwrap());
    file.write_all("客户,age,days_late,home,码\n".as_bytes()).unwrap();
    let mut line = String::new();
    for n in 0..rows {
        line.clear();
        let home = ["owner", "rent", "castle"][n % 3];
        writeln!(line, "c{},{},{},{home},{}", n * 7_919 % 1_000_000_007, 20 + n % 60, n % 41, n % 3).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    file.flush().unwrap();
}

/// The most memory that a run had (VmHWM), in bytes.
fn most_memory(room: &Room, args: &[&str]) -> u64 {
    let mut command = room.command(args);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (place, mut most) = (format!("/proc/{}/status", child.id()), 0);
    // The number only rises, so what was seen last before the end is nearly all.
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&place).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = line.map_or(most, |line| line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    most
}

/// A hundred thousand rows and two million; a tenth of each where larger data sets are not tested.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_file() {
    let part = if std::env::var_os("DATASETS_DIR").is_some() { 1 } else { 10 };
    let room = Room::with_model();
    customers(&room, "few.csv", 100_000 / part);
    customers(&room, "many.csv", 2_000_000 / part);
    for format in ["csv", "parquet"] {
        let score = |name: &str| {
            let output = format!("out.{format}");
            most_memory(&room, &["score", "model", &format!("{name}.csv"), "-o", &output])
        };
        let (few, many) = (score("few"), score("many"));
        assert!(few > MIB && many < 300 * MIB, "{format}: {} MiB, {} MiB", few / MIB, many / MIB);
        // Ids wait in memory until there are a million of them, and reading, scoring and writing each have some megabytes under way.
        assert!(many < few + 80 * MIB, "{format}: {} MiB, then {} MiB", few / MIB, many / MIB);
    }
}
