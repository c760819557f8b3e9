//! Some traces are recorded and the others are counted, each as a whole, whatever happens in it.

use std::cell::Cell;
use std::process::Command;

use prefactor::{AgentInstance, Client, DropReason, FlushReport, InstanceStatus, current_span, span};
use prefactor_local::Server;
use serde::{Serialize, Serializer};

use crate::support::{Recorder, TIMEOUT};

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Counts how often it is captured.
struct Counted;

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        READS.set(READS.get() + 1);
        serializer.serialize_unit()
    }
}

#[span("test:outer")]
fn outer(argument: &Counted) -> Counted {
    let _ = argument;
    let (parent, before) = (current_span(), span("test:manual"));
    before.start(argument);
    before.set_result(argument);
    // The client may learn the account's partition between the two reads, which changes the ids once.
    assert!((0..2).any(|_| before.parent_id() == parent.id()));
    let _ = inner(argument);
    Counted
}

#[span("test:inner")]
fn inner(argument: &Counted) -> Result<(), Counted> {
    let _ = argument;
    assert_eq!(current_span().schema_name(), "test:inner");
    Err(Counted)
}

#[span("test:asynchronous")]
async fn asynchronous(argument: &Counted) -> Counted {
    let _ = argument;
    tokio::task::yield_now().await;
    outer(argument)
}

/// Three spans, and then four, of which two are open when their children start.
fn work(instance: &AgentInstance) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    instance.start();
    instance.in_scope(|| outer(&Counted));
    let _ = runtime.block_on(instance.run_value(asynchronous(&Counted))).unwrap();
}

const SPANS: u64 = 7;

/// Checks `created = acknowledged + dropped + unknown + outstanding`, with no drop but those of the sample rate.
fn assert_law(report: &FlushReport) -> (u64, u64) {
    let stats = &report.stats;
    let (delivered, left_out) = (stats.acknowledged, stats.dropped(DropReason::SampledOut));
    assert!(report.is_complete, "{report}");
    assert_eq!(stats.dropped_total(), left_out, "{report}");
    assert_eq!(stats.created, delivered + left_out + stats.unknown + stats.outstanding, "{report}");
    (delivered, left_out)
}

fn recorded(rate: f64) -> (Client, Recorder) {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).sample_rate(rate).build().unwrap();
    (client, recorder)
}

#[test]
fn left_out_run_is_neither_sent_nor_read() {
    let (client, recorder) = recorded(0.0);
    let instance = client.register("tester");
    READS.set(0);
    work(&instance);
    instance.finish(InstanceStatus::Failed);
    assert_eq!(instance.id(), None);
    drop(instance);
    let report = client.shutdown(TIMEOUT);
    assert_eq!(assert_law(&report), (0, SPANS));
    assert_eq!(READS.get(), 0, "no value was captured");
    assert_eq!(report.to_string(), format!("0 of {SPANS} spans delivered, {SPANS} dropped (sampled_out)"));
    let requests = recorder.requests();
    assert!(requests.iter().all(|request| request.path.ends_with("/ping")), "{requests:?}");
}

#[test]
fn everything_is_recorded_at_the_rate_of_one() {
    let (client, _recorder) = recorded(1.0);
    let instances: Vec<_> = (0..20).map(|_| client.register("tester")).collect();
    instances.iter().for_each(work);
    assert_eq!(assert_law(&client.shutdown(TIMEOUT)), (20 * SPANS, 0));
}

#[test]
fn trace_is_recorded_as_a_whole_or_not_at_all() {
    let server = Server::start().unwrap();
    let builder = Client::builder().api_url(server.url()).api_token(server.token());
    let client = builder.sample_rate(0.5).build().unwrap();
    // All 64 runs are decided alike once in 2^63 tries.
    let instances: Vec<_> = (0..64).map(|_| client.register("tester")).collect();
    instances.iter().for_each(work);
    let (delivered, left_out) = assert_law(&client.shutdown(TIMEOUT));
    let ids: Vec<_> = instances.iter().filter_map(AgentInstance::id).collect();
    assert!((1..64).contains(&ids.len()), "{} of 64", ids.len());
    assert_eq!((delivered, left_out), (ids.len() as u64 * SPANS, (64 - ids.len() as u64) * SPANS));
    for id in ids {
        let url = format!("{}/api/v1/agent_spans?agent_instance_id={id}", server.url());
        let request = ureq::get(&url).header("authorization", &format!("Bearer {}", server.token()));
        let body: serde_json::Value = request.call().unwrap().body_mut().read_json().unwrap();
        assert_eq!(body["summaries"].as_array().unwrap().len() as u64, SPANS);
    }
}

#[test]
fn left_out_spans_are_counted_after_the_shutdown_too() {
    let (client, _recorder) = recorded(0.0);
    let instance = client.register("tester");
    let open = instance.span("test:open");
    open.start(&1);
    assert_eq!(assert_law(&client.shutdown(TIMEOUT)), (0, 1));
    drop(open);
    work(&instance);
    assert_eq!(client.stats().dropped(DropReason::SampledOut), 1 + SPANS);
    assert_eq!(client.stats().outstanding, 0);
}

#[test]
fn child_environment() {
    if std::env::var_os("PREFACTOR_TEST_CHILD").is_some() {
        let guard = Client::builder().transport(Recorder::new().with_bulk()).install().unwrap();
        READS.set(0);
        outer(&Counted);
        assert_eq!(READS.get(), 0);
        assert_eq!(assert_law(&guard.shutdown(TIMEOUT)), (0, 3));
        let guard =
            Client::builder().transport(Recorder::new().with_bulk()).sample_rate(1.0).install().unwrap();
        outer(&Counted);
        assert_eq!(assert_law(&guard.shutdown(TIMEOUT)), (3, 0), "the builder comes first");
        println!("all good");
    }
}

#[test]
fn variable_decides_where_the_builder_does_not_and_no_loss_is_reported() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["sampling::child_environment", "--exact", "--nocapture"])
        .env("PREFACTOR_TEST_CHILD", "1")
        .env("PREFACTOR_SAMPLE_RATE", "0");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("all good") && !text.contains("prefactor: "), "{text}");
}
