//! Good requests changed at random, the same in every run.

use crate::changed_bodies::{Change, PIECES, changed, seeds};
use crate::client::Answer;
use crate::running::{CUSTOMER, Running, SCORECARD, SEGMENTS, TREE};
use crate::{MEMORY, alone};
use std::thread;
use std::time::{Duration, Instant};

/// Requests that are sent before the first answer is awaited.
const TOGETHER: usize = 16;

/// Bytes that may be held more after all requests than after the first of them.
const MORE_HELD: usize = 256 << 10;

fn requests() -> u64 {
    match (std::env::var("ARREARS_FUZZ_BODIES"), std::env::var_os("DATASETS_DIR")) {
        (Ok(count), _) => count.parse().expect("a number"),
        (Err(_), Some(_)) => 1_000_000,
        (Err(_), None) => 20_000,
    }
}

/// Numbers that follow from where they begin (splitmix64, Steele and others 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.roll() % most as u64) as usize
    }

    fn change(&mut self) -> Change {
        let at = self.roll() as usize;
        match self.below(4) {
            0 => Change::Set(at, self.roll() as u8),
            1 => Change::Cut(at, self.below(64)),
            2 => Change::Repeat(at, self.below(64), 1 + self.below(39)),
            _ => Change::Insert(at, PIECES[self.below(PIECES.len())]),
        }
    }
}

/// Kinds of body and of answer that a request may claim besides its own.
const KINDS: [&str; 6] = [
    "application/json",
    "text/csv",
    "application/x-ndjson",
    "application/vnd.apache.arrow.stream",
    "",
    "*/*;q=x",
];

/// The request of a number, as bytes.
fn request(number: u64, seeds: &[(&str, &str, Vec<u8>)]) -> Vec<u8> {
    let mut dice = Dice(number);
    let (path, kind, body) = &seeds[dice.below(seeds.len())];
    let changes: Vec<Change> = (0..1 + dice.below(5)).map(|_| dice.change()).collect();
    let body = changed(body.clone(), &changes);
    let kind = if dice.below(16) == 0 { KINDS[dice.below(KINDS.len())] } else { kind };
    let accept = KINDS[dice.below(KINDS.len())];
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\ncontent-type: {kind}\r\naccept: {accept}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), &body].concat()
}

fn check(number: u64, answer: &Answer) {
    assert!(answer.status < 500, "request {number}: {} {}", answer.status, answer.text());
    if answer.status != 200 {
        let fault = answer.json();
        assert!(fault["code"].is_string() && fault["error"].is_string(), "request {number}: {fault}");
    }
}

/// Sends requests and checks that each gets an answer.
fn send(running: &Running, numbers: std::ops::Range<u64>) {
    let seeds = seeds();
    let mut client = running.client();
    let mut next = numbers.start;
    while next < numbers.end {
        let last = numbers.end.min(next + TOGETHER as u64);
        let together: Vec<u8> = (next..last).flat_map(|number| request(number, &seeds)).collect();
        let sent = client.send(&together).is_ok();
        while sent && next < last {
            let Ok(answer) = client.answer() else { break };
            check(next, &answer);
            next += 1;
        }
        if next < last {
            // An answer such as 413 closes the connection, and takes others that were on their way with it: alone, each has one.
            client = running.client();
            client.send(&request(next, &seeds)).unwrap();
            check(next, &client.answer().unwrap_or_else(|error| panic!("request {next}: {error}")));
            next += 1;
            client = running.client();
        }
    }
}

fn send_all(running: &Running, numbers: std::ops::Range<u64>) {
    let middle = u64::midpoint(numbers.start, numbers.end);
    thread::scope(|scope| {
        scope.spawn(|| send(running, numbers.start..middle));
        scope.spawn(|| send(running, middle..numbers.end));
    });
}

/// Kilobytes of memory that the process has; none where the system does not say.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn malformed_requests_get_answers_and_memory_stays_flat() {
    let _alone = alone();
    // What libraries panic over is answered with 400. Printed, it would be kept in memory by the test harness.
    arrears_data::hide_caught_panics();
    let running = Running::with(&[TREE, SCORECARD, SEGMENTS], |options, _| {
        options.champion = Some("credit-tree".to_owned());
        options.challenger = Some("credit-scorecard".to_owned());
    });
    let all = requests();
    send_all(&running, 0..all / 10);
    let answered = || {
        running.metric("arrears_shadow_scored_total{champion=\"credit-tree/1.1.0\",challenger=\"credit-scorecard/1.1.0\"}")
    };
    let scored = answered();
    assert!(scored > 0.0, "some of them are good enough to be scored");
    let (held, before) = (MEMORY.current_usage(), resident());
    MEMORY.reset_peak_usage();
    send_all(&running, all / 10..all);
    // The challenger may have bodies waiting.
    let start = Instant::now();
    while MEMORY.current_usage() > held + MORE_HELD && start.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(20));
    }
    let more = MEMORY.current_usage().saturating_sub(held);
    assert!(more <= MORE_HELD, "{more} bytes more are held than the {held} after a tenth of the requests");
    assert!(MEMORY.peak_usage() < held + (128 << 20), "{} bytes at once", MEMORY.peak_usage());
    let grown = resident().zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
    assert!(grown < 64 << 10, "the process has {grown} kB more than after a tenth of the requests");
    assert!(answered() > 5.0 * scored);
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200);
    assert!(!running.log.text().contains("panic"), "{}", running.log.text());
}
