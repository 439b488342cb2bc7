//! `arrears serve` as a process, and a connection to it.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A process that is killed when this is dropped.
pub(crate) struct Service {
    child: Child,
    lines: Receiver<Value>,
}

impl Service {
    /// Serves models with a decision log of 1 MiB a segment, on a free port. Files that grow too large give an error and
    /// no signal.
    pub(crate) fn start(models: &Path, log: &Path) -> Service {
        let mut child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
            .arg(assert_cmd::cargo::cargo_bin!("arrears"))
            .arg("serve")
            .arg(models)
            .args(["--listen", "127.0.0.1:0", "--decision-segment", "1", "--decision-log"])
            .arg(log)
            .env_remove("ARREARS_TOKENS")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        Service { child, lines }
    }

    /// Waits for a line of its log.
    pub(crate) fn says(&self, event: &str) -> Value {
        self.hears(event, Duration::from_secs(60))
            .unwrap_or_else(|| panic!("the service does not say {event}"))
    }

    /// Waits so long for a line of its log.
    pub(crate) fn hears(&self, event: &str, patience: Duration) -> Option<Value> {
        let start = std::time::Instant::now();
        loop {
            let line = self.lines.recv_timeout(patience.saturating_sub(start.elapsed())).ok()?;
            if line["event"] == event {
                return Some(line);
            }
        }
    }

    /// Where it listens, once it does.
    pub(crate) fn address(&self) -> String {
        address(&self.says("listening"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// SIGTERM; waits for its end.
    pub(crate) fn stop(mut self) {
        signal(self.id(), "TERM");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in the line that says so.
pub(crate) fn address(listening: &Value) -> String {
    listening["address"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned()
}

pub(crate) fn signal(process: u32, name: &str) {
    let _ =
        Command::new("kill").args([&format!("-{name}"), &process.to_string()]).stderr(Stdio::null()).status();
}

/// A connection that is kept alive.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn to(address: &str) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Connection(BufReader::new(stream)))
    }

    /// Sends a request and reads its whole answer: status and body.
    pub(crate) fn request(&mut self, line: &str, body: &str) -> io::Result<(u16, String)> {
        let head = format!("{line} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
        self.0.get_mut().write_all((head + body).as_bytes())?;
        let (mut head, mut line) = (Vec::new(), String::new());
        while line != "\r\n" {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            head.push(line.to_ascii_lowercase());
        }
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.trim().parse().unwrap()];
        self.0.read_exact(&mut body)?;
        Ok((status, String::from_utf8(body).unwrap()))
    }
}
