//! F32, G5: a redaction rule that never returns blocks the worker, and delays no deadline.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use prefactor::{Client, DropReason, FlushReport};
use serde_json::json;
use tokio::runtime::Builder;

use crate::case::{Case, TIMEOUT, assert_invariants, wait_for};

const DEADLINE: Duration = Duration::from_millis(200);
const SPANS: u64 = 10;

/// Starts a case whose worker waits in a rule until the sender is dropped.
fn blocked() -> (Case, Sender<()>) {
    let ((release, released), (enter, entered)) = (channel::<()>(), channel());
    let released = Mutex::new(released);
    let case = Case::with(|builder| {
        builder.redact(move |_, _| {
            let _ = enter.send(());
            let _ = released.lock().unwrap().recv();
            None
        })
    });
    for _ in 0..SPANS {
        case.instance
            .span("test:ruled")
            .with_default_payload(&json!({ "text": "seen by the rule" }))
            .complete(&());
    }
    entered.recv_timeout(TIMEOUT).unwrap();
    (case, release)
}

/// Every way to wait, on every kind of runtime: those of tokio without timers, which nobody has to switch on.
const WAYS: [(&str, Wait); 5] = [
    ("blocking", ask_blocking),
    ("pollster", |client, shuts_down| pollster::block_on(ask(client, shuts_down))),
    ("smol", |client, shuts_down| smol::block_on(ask(client, shuts_down))),
    ("current_thread", |client, shuts_down| {
        Builder::new_current_thread().build().unwrap().block_on(ask(client, shuts_down))
    }),
    ("multi_thread", |client, shuts_down| {
        let (client, runtime) =
            (client.clone(), Builder::new_multi_thread().worker_threads(2).build().unwrap());
        let task = runtime.spawn(async move { ask(&client, shuts_down).await });
        runtime.block_on(task).unwrap()
    }),
];

type Wait = fn(&Client, bool) -> FlushReport;

fn ask_blocking(client: &Client, shuts_down: bool) -> FlushReport {
    if shuts_down { client.shutdown(DEADLINE) } else { client.flush(DEADLINE) }
}

async fn ask(client: &Client, shuts_down: bool) -> FlushReport {
    if shuts_down { client.shutdown_async(DEADLINE).await } else { client.flush_async(DEADLINE).await }
}

/// Waits in one way. The rule goes on, so a wait that returns was ended by its deadline.
fn assert_ended_by_the_deadline(case: &Case, (name, wait): (&str, Wait), shuts_down: bool) {
    let begin = Instant::now();
    let report = wait(&case.client, shuts_down);
    let took = begin.elapsed();
    assert!(took >= DEADLINE, "{name}: {took:?}");
    let stats = &report.stats;
    assert_eq!(
        (report.is_complete, stats.created, stats.outstanding),
        (false, SPANS, SPANS),
        "{name}: {report}"
    );
    assert_invariants(stats, &case.oracle.ledger());
}

#[test]
fn f32_a_rule_that_blocks_costs_a_flush_its_deadline_in_every_form() {
    let (case, release) = blocked();
    for way in WAYS {
        assert_ended_by_the_deadline(&case, way, false);
    }
    drop(release);
    case.end().assert_all_delivered(10);
}

#[test]
fn f32_a_rule_that_blocks_costs_a_shutdown_its_deadline_in_every_form() {
    for way in WAYS {
        let (case, release) = blocked();
        assert_ended_by_the_deadline(&case, way, true);
        drop(release);
        wait_for(|| case.client.stats().outstanding == 0);
        let stats = case.client.stats();
        assert_invariants(&stats, &case.oracle.ledger());
        let lost = stats.unknown + stats.dropped(DropReason::ShutdownDeadline);
        assert_eq!((stats.created, stats.acknowledged + lost), (SPANS, SPANS), "{}: {stats}", way.0);
    }
}
