//! rotel, an independent receiver of OTLP, takes the requests and prints them.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use prefactor::Client;
use prefactor::export::otlp;

use crate::corpus;

/// A process that is killed at the end of the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn rotel_takes_every_span_of_the_corpus() {
    let Some(printed) = prefactor_foreign_support::folders!().install() else { return };
    let python = printed.last().unwrap();
    let find = "import rotel, os; print(os.path.join(os.path.dirname(rotel.__file__), 'rotel-agent'))";
    let agent = Command::new(python).args(["-c", find]).output().unwrap();
    let agent = String::from_utf8(agent.stdout).unwrap();
    assert!(Path::new(agent.trim()).exists(), "{agent}");
    let (http, grpc) = (free_port(), free_port());
    let mut child = Command::new(agent.trim())
        .args([
            "start",
            "--exporter",
            "blackhole",
            "--debug-log",
            "traces",
            "--debug-log-verbosity",
            "detailed",
        ])
        .args([
            "--otlp-http-endpoint",
            &format!("127.0.0.1:{http}"),
            "--otlp-grpc-endpoint",
            &format!("127.0.0.1:{grpc}"),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (out, log) = (child.stdout.take().unwrap(), Arc::new(Mutex::new(String::new())));
    let _running = Running(child);
    let theirs = Arc::clone(&log);
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let mut log = theirs.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    });
    let memory = corpus::record(
        Client::builder().otlp(otlp::collector().endpoint(format!("http://127.0.0.1:{http}/v1/traces"))),
    );
    let ids: Vec<_> = memory.spans().iter().map(|span| span.span_id.to_string()).collect();
    let begun = Instant::now();
    let missing = || ids.iter().filter(|id| !log.lock().unwrap().contains(id.as_str())).count();
    while missing() > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{} of {} are missing: {}",
            missing(),
            ids.len(),
            log.lock().unwrap()
        );
        thread::sleep(Duration::from_millis(50));
    }
    let log = log.lock().unwrap();
    for text in ["chat gpt-4o-mini", "execute_tool search", "gen_ai.usage.input_tokens", "session-1"] {
        assert!(log.contains(text), "{text}");
    }
}
