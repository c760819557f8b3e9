//! The load driver: its own account of its spans agrees with the server's ledger.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::process::{Command, Output};
use std::time::Duration;

use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Kind, Oracle, Rule, Tally};
use prefactor_tests::nested_cargo;
use prefactor_tests::nobody::Nobody;
use serde::Deserialize;

/// The last line of the driver's output.
#[derive(Debug, Deserialize)]
struct FlushReport {
    created: usize,
    acknowledged: usize,
    dropped: BTreeMap<String, usize>,
    unknown: usize,
    outstanding: usize,
    runs: Runs,
    caller_delay_us: Delays,
    seconds: f64,
    requests: usize,
}

#[derive(Debug, Deserialize)]
struct Runs {
    created: usize,
    registered: usize,
    started: usize,
    finished: usize,
    lost: usize,
    unknown: usize,
    outstanding: usize,
}

#[derive(Debug, Deserialize)]
struct Delays {
    p50: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

/// A span as the server has stored it.
#[derive(Debug, Deserialize)]
struct Stored {
    id: String,
    parent_span_id: Option<String>,
    status: String,
    payload: Payload,
}

#[derive(Debug, Deserialize)]
struct Payload {
    number: usize,
    parent: Option<usize>,
    task: usize,
    text: String,
}

/// The names of variables of this process.
fn inherited(is_meant: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
    env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(move |name| is_meant(name))
}

fn run(variables: &[(&str, &str)], options: &[&str]) -> Output {
    let mut command = Command::new(nested_cargo::program("load"));
    for name in inherited(|name| name.starts_with("PREFACTOR_")) {
        command.env_remove(name);
    }
    command.args(options).envs(variables.iter().copied()).output().unwrap()
}

fn report(url: &str, token: &str, options: &[&str]) -> FlushReport {
    report_of(&run(&[("PREFACTOR_API_URL", url), ("PREFACTOR_API_TOKEN", token)], options))
}

fn report_of(output: &Output) -> FlushReport {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    let report: FlushReport = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let settled =
        report.acknowledged + report.dropped.values().sum::<usize>() + report.unknown + report.outstanding;
    assert_eq!(report.created, settled, "{report:?}");
    let runs = &report.runs;
    assert_eq!(runs.created, runs.finished + runs.lost + runs.unknown + runs.outstanding, "{report:?}");
    assert_eq!((runs.created, runs.outstanding), (1, 0), "it is over: {report:?}");
    assert!(output.status.success(), "{report:?}");
    let Delays { p50, p99, p999, max } = report.caller_delay_us;
    assert!(0.0 < p50 && p50 <= p99 && p99 <= p999 && p999 <= max, "{report:?}");
    report
}

/// Checks the invariants, and that acknowledged spans and runs are those that the server finished.
fn tally(oracle: &Oracle, report: &FlushReport) -> Tally {
    let (ledger, runs) = (oracle.ledger(), &report.runs);
    let tally = ledger.check().unwrap();
    assert_eq!(tally.finished, report.acknowledged, "{report:?}");
    let finished = ledger.count(Kind::FinishInstance);
    assert!((runs.finished..=runs.finished + runs.unknown).contains(&finished), "{finished}: {report:?}");
    assert!(runs.registered <= ledger.count(Kind::Register), "{report:?}");
    assert!(runs.started <= ledger.count(Kind::StartInstance), "{report:?}");
    tally
}

/// All spans of the one instance, by their numbers.
fn stored(server: &Server, oracle: &Oracle) -> BTreeMap<usize, Stored> {
    #[derive(Deserialize)]
    struct Page {
        summaries: Vec<Stored>,
        pagination: Pagination,
    }
    #[derive(Deserialize)]
    struct Pagination {
        next_page_offset: Option<u64>,
    }
    let ledger = oracle.ledger();
    let instance = ledger.effects().iter().find(|effect| effect.kind == Kind::Register).unwrap();
    let mut spans = BTreeMap::new();
    let mut offset = Some(0);
    while let Some(from) = offset {
        let page: Page = ureq::get(format!(
            "{}/api/v1/agent_spans?agent_instance_id={}&pagination[page_size]=100&pagination[offset]={from}",
            server.url(),
            instance.id
        ))
        .header("authorization", format!("Bearer {}", server.token()))
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();
        offset = page.pagination.next_page_offset;
        for span in page.summaries {
            assert!(spans.insert(span.payload.number, span).is_none(), "a number is one span's");
        }
    }
    spans
}

/// Checks that each span has the parent that its payload names.
fn assert_is_tree(spans: &BTreeMap<usize, Stored>) {
    let numbers: HashMap<&str, usize> =
        spans.values().map(|span| (span.id.as_str(), span.payload.number)).collect();
    for span in spans.values() {
        let parent = span.parent_span_id.as_ref().map(|id| numbers[id.as_str()]);
        assert_eq!(parent, span.payload.parent, "{span:?}");
        if let Some(parent) = parent {
            assert_eq!(spans[&parent].payload.task, span.payload.task, "{span:?}");
        }
    }
}

/// Spans from a root down to this one.
fn depth(span: &Stored, spans: &BTreeMap<usize, Stored>) -> usize {
    1 + span.payload.parent.map_or(0, |parent| depth(&spans[&parent], spans))
}

#[test]
fn every_span_arrives_in_its_place() {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let options = ["--spans=401", "--tasks=4", "--depth=3", "--fail-ratio=0.25", "--payload-bytes=100"];
    let report = report(server.url(), server.token(), &options);
    assert_eq!((report.created, report.acknowledged), (401, 401), "{report:?}");
    let tally = tally(&oracle, &report);
    assert_eq!((tally.spans, tally.requests), (401, report.requests));
    let runs = &report.runs;
    assert_eq!((runs.registered, runs.started, runs.finished), (1, 1, 1), "{report:?}");

    let spans = stored(&server, &oracle);
    assert!(spans.keys().copied().eq(1..=401), "{:?}", spans.keys());
    assert_is_tree(&spans);
    assert_eq!(spans.values().filter(|span| span.status == "failed").count(), 100);
    assert!(spans.values().all(|span| span.payload.text.len() == 100));
    for task in 0..4 {
        let of_task = spans.values().filter(|span| span.payload.task == task);
        assert_eq!(of_task.count(), if task == 0 { 101 } else { 100 });
    }
    assert_eq!(spans.values().map(|span| depth(span, &spans)).max(), Some(3));
}

#[test]
fn answers_that_get_lost_change_nothing_about_the_account() {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    oracle.inject(Rule::new(Fault::reset().applied()).path("/bulk").times(1));
    oracle.inject(Rule::new(Fault::status(503)).path("/bulk").times(1));
    let report = report(server.url(), server.token(), &["--spans=300", "--deadline=30"]);
    assert_eq!(report.acknowledged, 300, "{report:?}");
    assert!(tally(&oracle, &report).resent > 0);
    assert_is_tree(&stored(&server, &oracle));
}

#[test]
fn spans_over_the_queue_are_counted_apart_from_those_after_the_deadline() {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    oracle.inject(Rule::new(Fault::applied_after(Duration::from_secs(60))).path("/agent_instance/register"));
    let options = ["--spans=6000", "--payload-bytes=0", "--queue=10000", "--deadline=0.2"];
    let variables = [("PREFACTOR_API_URL", server.url()), ("PREFACTOR_API_TOKEN", server.token())];
    let output = run(&variables, &options);
    let report = report_of(&output);
    let errors = std::str::from_utf8(&output.stderr).unwrap();
    assert!(errors.contains("the queue is full") && errors.contains("PREFACTOR_MAX_QUEUE_BYTES"), "{errors}");
    assert!(report.dropped["queue_full"] > 0, "{report:?}");
    assert!(report.dropped["shutdown_deadline"] > 0, "{report:?}");
    assert_eq!((report.acknowledged, tally(&oracle, &report).spans), (0, 0), "{report:?}");
}

#[test]
fn without_a_server_the_shutdown_ends_at_its_deadline_with_every_span_counted() {
    let nobody = Nobody::new();
    let report = report(&nobody.url(), "token", &["--spans=500", "--deadline=0.5"]);
    assert_eq!((report.created, report.acknowledged, report.outstanding), (500, 0, 0), "{report:?}");
    assert!(report.seconds >= 0.5, "it tries to the last: {report:?}");
    assert!(report.dropped["shutdown_deadline"] > 0, "{report:?}");
    assert_eq!((report.runs.registered, report.runs.lost), (0, 1), "{report:?}");
}

#[test]
fn rate_is_kept() {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let report =
        report(server.url(), server.token(), &["--spans=60", "--tasks=2", "--depth=1", "--rate=100"]);
    assert!(report.seconds >= 0.58, "{report:?}");
    assert_eq!(report.acknowledged, 60, "{report:?}");
}

#[test]
fn wrong_argument_is_an_error_with_its_cure() {
    let token = ("PREFACTOR_API_TOKEN", "token");
    let disabled = ("PREFACTOR_DISABLED", "true");
    for (variables, options, cure) in [
        (&[][..], &[][..], "PREFACTOR_API_TOKEN"),
        (&[token, disabled], &[], "unset it"),
        (&[token], &["--tasks=0"], "--help"),
        (&[token], &["--fail-ratio=2"], "--help"),
        (&[token], &["--deadline=-1"], "--help"),
        (&[token], &["--spam=1"], "--help"),
    ] {
        let output = run(variables, options);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(cure), "{message}");
        assert!(output.stdout.is_empty(), "{message}");
    }
    let help = run(&[], &["--help"]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for option in ["--spans", "--tasks", "--depth", "--fail-ratio", "--payload-bytes", "--deadline"] {
        assert!(help.contains(option), "{help}");
    }
}
