//! The SDK reads no argument and no result where no span will be recorded.

use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt as _};
use prefactor::{Client, DropReason, InstanceStatus, span};
use serde::{Serialize, Serializer};

use crate::support::{Recorder, TIMEOUT};

/// Counts how often it is captured.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Counted {
    fn read(&self) -> usize {
        self.0.fetch_add(1, Relaxed)
    }
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.read();
        serializer.serialize_unit()
    }
}

#[span("test:sync", fields(computed = argument.read()))]
fn sync(argument: &Counted) -> &Counted {
    argument
}

#[span("test:failing", fail_when = |value| value.read() == usize::MAX, ret)]
fn failing(argument: &Counted) -> &Counted {
    argument
}

#[span("test:asynchronous")]
async fn asynchronous(argument: &Counted) -> &Counted {
    tokio::task::yield_now().await;
    argument
}

#[span("test:future")]
fn future(argument: &Counted) -> impl Future<Output = &Counted> {
    std::future::ready(argument)
}

#[span("test:tracked")]
#[track_caller]
fn tracked(argument: &Counted) -> &Counted {
    argument
}

#[span("test:closure")]
fn closure(argument: &Counted) -> impl Fn() + '_ {
    move || {
        let _ = argument;
    }
}

#[span("test:boxed")]
fn boxed(argument: &Counted) -> Pin<Box<dyn Future<Output = &Counted> + Send + '_>> {
    Box::pin(std::future::ready(argument))
}

#[span("test:boxed_body", boxed)]
async fn boxed_body(argument: &Counted) -> Option<&Counted> {
    Some(argument)
}

#[span("test:stream", ret(items))]
fn stream(argument: &Counted) -> impl Stream<Item = &Counted> + use<'_> {
    futures_util::stream::iter([argument])
}

#[span("test:stream_in_result", sensitive(argument), stream(end = |item| item.read() == usize::MAX))]
async fn stream_in_result(argument: &Counted) -> Result<impl Stream<Item = &Counted>, &Counted> {
    Ok(futures_util::stream::iter([argument]))
}

#[span("test:failed", root, with(argument = read), err(with = read))]
fn failed(argument: &Counted) -> Result<(), &Counted> {
    Err(argument)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the options pass a reference")]
fn read(argument: &&Counted) -> String {
    argument.read().to_string()
}

impl Counted {
    #[span("test:method", fields(this = self.read()), ret(with = read))]
    fn method(&self) -> &Self {
        self
    }
}

const CALLS: u64 = 12;

/// Makes a call of every form, and returns how often their values were read.
fn reads() -> usize {
    let argument = Counted::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _ = (sync(&argument), failing(&argument), tracked(&argument), failed(&argument), argument.method());
    closure(&argument)();
    runtime.block_on(async {
        let _ = (asynchronous(&argument).await, future(&argument).await);
        let _ = (boxed(&argument).await, boxed_body(&argument).await, stream(&argument).count().await);
        if let Ok(items) = stream_in_result(&argument).await {
            items.count().await;
        }
    });
    argument.0.load(Relaxed)
}

fn client() -> Client {
    Client::builder().transport(Recorder::new()).build().unwrap()
}

#[test]
fn values_are_read_where_they_are_recorded() {
    let client = client();
    assert_eq!(client.register("tester").in_scope(reads), 25);
    assert_eq!(client.shutdown(TIMEOUT).stats.acknowledged, CALLS);
}

#[test]
fn values_are_not_read_outside_of_runs_without_an_installed_client() {
    let client = client();
    assert_eq!(reads(), 0);
    let run = client.register("tester");
    assert_eq!(reads(), 0);
    drop(run);
    assert_eq!(client.shutdown(TIMEOUT).stats.created, 0);
}

#[test]
fn values_are_not_read_in_runs_of_disabled_clients() {
    let (client, other) = (Client::builder().disabled(true).build().unwrap(), client());
    let run = other.register("tester");
    assert_eq!(client.register("tester").in_scope(reads), 0);
    drop(run);
}

#[test]
fn values_are_not_read_after_the_shutdown_and_spans_are_counted() {
    let client = client();
    let run = client.register("tester");
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!(run.in_scope(reads), 0);
    assert_eq!(client.stats().dropped(DropReason::AfterShutdown), CALLS);
}

#[test]
fn values_are_not_read_in_finished_runs_and_spans_are_counted() {
    let client = client();
    let run = client.register("tester");
    let (before, context) = (run.span("test:before"), run.context());
    before.start(&());
    run.finish(InstanceStatus::Complete);
    assert_eq!(context.in_scope(reads), 0);
    assert_eq!(before.in_scope(reads), 0, "a span of before is over soon, its children never begin");
    before.complete(&());
    let report = client.shutdown(TIMEOUT);
    let stats = &report.stats;
    assert_eq!((stats.acknowledged, stats.dropped(DropReason::RunFinished)), (1, 2 * CALLS), "{stats}");
    assert_eq!(stats.created, 1 + 2 * CALLS);
}

#[test]
fn results_are_not_read_of_spans_that_were_dropped() {
    let builder = Client::builder().transport(Recorder::new()).max_queue_operations(2);
    let client = builder.max_queue_bytes(1).build().unwrap();
    let run = client.register("tester");
    let argument = Counted::default();
    run.in_scope(|| failing(&argument));
    assert_eq!(argument.0.load(Relaxed), 1, "the argument, before the queue was asked");
    drop(run);
    assert_eq!(client.shutdown(TIMEOUT).stats.dropped(DropReason::QueueFull), 1);
}

#[test]
fn child_process() {
    let Ok(case) = std::env::var("PREFACTOR_TEST_UNREAD") else { return };
    let is_enabled = prefactor::__private::is_enabled;
    assert!(!is_enabled(), "there is no client");
    match case.as_str() {
        "not_installed" => {
            let client = client();
            assert!(!is_enabled(), "a client without a run");
            let run = client.register("tester");
            assert!(is_enabled());
            drop(run);
            assert!(client.flush(TIMEOUT).is_complete);
            assert!(!is_enabled(), "the run is over");
        }
        "disabled" => {
            let guard = Client::builder().disabled(true).install().unwrap();
            assert!(!is_enabled());
            assert_eq!(reads(), 0);
            drop(guard);
        }
        "closed" => {
            let guard = Client::builder().transport(Recorder::new()).install().unwrap();
            assert!(is_enabled());
            assert!(guard.shutdown(TIMEOUT).is_complete);
            assert_eq!(reads(), 0);
            assert_eq!(guard.stats().dropped(DropReason::AfterShutdown), CALLS);
        }
        "sampling" => {
            // A rate of one run in 10^15 records none, so the first call, which registers the run, is not read either.
            let rate = 1e-15;
            let guard = Client::builder().transport(Recorder::new()).sample_rate(rate).install().unwrap();
            assert_eq!(reads(), 0);
            assert_eq!(guard.shutdown(TIMEOUT).stats.dropped(DropReason::SampledOut), CALLS);
        }
        "named" => {
            #[span("test:named", client = client)]
            fn named(client: &Client) {
                let _ = client;
            }
            let client = client();
            named(&client);
            assert_eq!(client.shutdown(Duration::from_secs(60)).stats.acknowledged, 1, "its first run");
        }
        _ => unreachable!("{case}"),
    }
    println!("all good");
}

#[test]
fn process_wide_states_answer_the_first_question() {
    for case in ["not_installed", "disabled", "closed", "sampling", "named"] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["unread::child_process", "--exact", "--nocapture"]).env("PREFACTOR_TEST_UNREAD", case);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("all good"), "{case}: {text}");
    }
}
