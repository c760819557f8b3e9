//! F65: a server that keeps runs in memory is killed, and another is started on its port.

use std::process::{Child, Command, Stdio};

use prefactor::{AgentInstance, Client, InstanceStatus};
use prefactor_tests::nested_cargo;
use serde_json::{Deserializer, Value, json};

use crate::case::TIMEOUT;

const TOKEN: &str = "a-token-of-the-test";
const SPANS: u64 = 10;
const RESTARTS: u64 = 3;

/// A process with the server in it.
struct Running {
    process: Child,
    url: String,
}

impl Running {
    /// Starts the process, which is ready when this returns.
    fn on_port(port: &str) -> Self {
        let mut process = Command::new(nested_cargo::program("prefactor-local"))
            .args(["--json", "--token", TOKEN, "--port", port])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = process.stdout.take().unwrap();
        let said = Deserializer::from_reader(said).into_iter::<Value>().next().unwrap().unwrap();
        Self { process, url: said["url"].as_str().unwrap().to_owned() }
    }

    fn kill_and_start_anew(&mut self) {
        self.kill();
        let port = self.url.rsplit(':').next().unwrap().to_owned();
        *self = Self::on_port(&port);
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Spans that the server has of a run.
    fn spans(&self, run: &AgentInstance) -> u64 {
        let id = run.id().unwrap();
        let url = format!("{}/api/v1/agent_spans?agent_instance_id={id}&pagination[page_size]=100", self.url);
        let page: Value = ureq::get(url)
            .header("authorization", format!("Bearer {TOKEN}"))
            .call()
            .unwrap()
            .body_mut()
            .read_json()
            .unwrap();
        page["summaries"].as_array().unwrap().len() as u64
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spans(run: &AgentInstance) {
    for number in 0..SPANS {
        run.span("test:step").complete(&json!({ "number": number }));
    }
}

fn flush(client: &Client) {
    let report = client.flush(TIMEOUT);
    assert!(report.is_complete, "{report}");
}

#[test]
fn f65_server_killed_and_started_anew_takes_new_runs_and_is_noticed_once() {
    let mut server = Running::on_port("0");
    let client = Client::builder().api_url(&server.url).api_token(TOKEN).build().unwrap();
    for restarts in 0..=RESTARTS {
        for _ in 0..2 {
            let run = client.register("new");
            spans(&run);
            run.finish(InstanceStatus::Complete);
            flush(&client);
            assert_eq!(server.spans(&run), SPANS);
        }
        assert_eq!(client.stats().server_restarts, restarts);
        if restarts < RESTARTS {
            server.kill_and_start_anew();
        }
    }
    let stats = client.shutdown(TIMEOUT).stats;
    let runs = 2 * (RESTARTS + 1);
    assert_eq!((stats.created, stats.acknowledged), (runs * SPANS, runs * SPANS), "{stats}");
    assert_eq!((stats.runs.registered, stats.runs.finished), (runs, runs), "{stats}");
}

#[test]
fn f65_run_that_goes_on_is_registered_again_with_the_server_that_was_started_anew() {
    let mut server = Running::on_port("0");
    let client = Client::builder().api_url(&server.url).api_token(TOKEN).build().unwrap();
    let run = client.register("lasting");
    for restarts in 0..=RESTARTS {
        spans(&run);
        flush(&client);
        assert_eq!(client.stats().server_restarts, restarts);
        if restarts < RESTARTS {
            server.kill_and_start_anew();
        }
    }
    run.finish(InstanceStatus::Complete);
    let stats = client.shutdown(TIMEOUT).stats;
    let all = (RESTARTS + 1) * SPANS;
    assert_eq!((stats.created, stats.acknowledged, stats.runs.finished), (all, all, 1), "{stats}");
}
