//! Several agent instances at once, each with its own spans, run and ended.

use prefactor::{Agent, Client, InstanceStatus, SpanFutureExt as _, Terminated, check_terminated, span};
use serde_json::json;

use crate::support::{TIMEOUT, Trace, post};

#[span("test:work")]
async fn work(number: u32) -> u32 {
    tokio::task::yield_now().await;
    number
}

#[tokio::test]
async fn several_instances_run_at_once_in_one_process() {
    let trace = Trace::new();
    let others: Vec<_> =
        (0..5).map(|_| trace.client.register(Agent::new("other").with_version("2.0.0"))).collect();
    let runs: Vec<_> = others
        .iter()
        .cloned()
        .zip(0..)
        .map(|(instance, number)| tokio::spawn(async move { instance.run_value(work(number)).await }))
        .collect();
    for (run, number) in runs.into_iter().zip(0..) {
        assert_eq!(run.await.unwrap().unwrap(), number);
    }
    assert!(trace.client.flush_async(TIMEOUT).await.is_complete);
    for (instance, number) in others.into_iter().zip(0..) {
        let stored = trace.stored_of(&instance);
        assert_eq!(stored.instance["status"], "complete");
        assert_eq!(stored.span("test:work").payload, json!({ "number": number }));
    }
}

#[test]
fn register_start_and_finish_are_what_the_server_stored() {
    let trace = Trace::new();
    assert!(trace.client.flush(TIMEOUT).is_complete);
    let instance = trace.flushed().instance;
    assert_eq!((instance["status"].as_str(), instance["started_at"].as_str()), (Some("pending"), None));
    trace.instance.start();
    trace.instance.start();
    assert_eq!(trace.flushed().instance["status"], "active");
    trace.instance.finish(InstanceStatus::Failed);
    trace.instance.finish(InstanceStatus::Complete);
    assert_eq!(trace.finish().instance["status"], "failed");
}

#[test]
fn spans_made_before_the_registration_is_answered_are_sent_after_it() {
    let stored = Trace::of(|| span("test:early").complete(&json!({})));
    assert_eq!(stored.spans.len(), 1);
    assert_eq!(stored.instance["status"], "complete");
}

#[test]
fn instance_that_is_dropped_is_finished() {
    let trace = Trace::new();
    let id = {
        let instance = trace.client.register("dropped");
        instance.start();
        assert!(trace.client.flush(TIMEOUT).is_complete);
        instance.id().unwrap()
    };
    assert!(trace.client.flush(TIMEOUT).is_complete);
    let (_, answer) = post(&trace.server, &format!("/api/v1/agent_instance/{id}/finish"), "{}");
    assert_eq!(answer["code"], "invalid_action", "it was finished already");
}

#[tokio::test]
async fn run_that_is_terminated_drops_its_future() {
    let trace = Trace::new();
    let (instance, client) = (trace.instance.clone(), trace.client.clone());
    let (alive, dropped) = tokio::sync::oneshot::channel::<()>();
    let agent = tokio::spawn(async move {
        instance
            .run_value(async move {
                let _alive = alive;
                loop {
                    work(1).await;
                    let _ = client.flush_async(TIMEOUT).await;
                }
            })
            .await
    });
    let id = loop {
        match trace.instance.id() {
            Some(id) => break id,
            None => tokio::task::yield_now().await,
        }
    };
    let path = format!("/api/v1/agent_instance/{id}/terminate");
    loop {
        let (status, _) = post(&trace.server, &path, r#"{"reason":"budget spent"}"#);
        if status == 200 {
            break;
        }
        tokio::task::yield_now().await; // not started yet
    }
    let terminated = agent.await.unwrap().unwrap_err();
    assert_eq!(terminated.reason.as_deref(), Some("budget spent"));
    assert_eq!(terminated.to_string(), "the agent instance was terminated: budget spent");
    assert!(dropped.await.is_err(), "the future is gone");
    assert_eq!(trace.finish().instance["status"], "terminated");
}

#[test]
fn f59_a_loop_that_awaits_nothing_asks_whether_it_is_terminated() {
    fn agent() -> Result<(), Terminated> {
        loop {
            check_terminated()?;
            span("test:step").complete(&json!({}));
            std::thread::yield_now();
        }
    }
    let trace = Trace::new();
    trace.instance.start();
    assert!(trace.client.flush(TIMEOUT).is_complete);
    assert_eq!(trace.instance.in_scope(check_terminated), Ok(()));
    assert_eq!(check_terminated(), Ok(()), "outside of any run");
    let id = trace.instance.id().unwrap();
    let path = format!("/api/v1/agent_instance/{id}/terminate");
    assert_eq!(post(&trace.server, &path, r#"{"reason":"budget spent"}"#).0, 200);
    let terminated = trace.instance.in_scope(agent).unwrap_err();
    assert_eq!(terminated.reason.as_deref(), Some("budget spent"));
}

#[test]
fn spans_of_an_instance_stay_with_it_in_another_ones_scope() {
    let (one, two) = (Trace::new(), Trace::new());
    one.instance.in_scope(|| {
        two.instance.span("test:two").start(&json!({}));
        let outer = span("test:outer");
        let _entered = outer.enter();
        one.instance.span("test:inner").start(&json!({}));
    });
    assert_eq!(one.finish().parent_of("test:inner"), Some("test:outer"));
    assert_eq!(two.finish().spans.len(), 1);
}

#[test]
fn handles_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    fn is_send<T: Send>(_: &T) {}
    check::<Client>();
    check::<prefactor::AgentInstance>();
    check::<prefactor::Span>();
    check::<prefactor::Context>();
    check::<prefactor::ShutdownGuard>();
    check::<prefactor::Error>();
    is_send(&work(1).with_current_span());
}

#[tokio::test]
async fn run_whose_agent_returns_an_error_is_failed() {
    type Answer = Result<u8, &'static str>;
    let trace = Trace::new();
    let output = trace.instance.run(async { Err::<(), _>("no") }).await;
    assert_eq!(output, Ok(Err("no")));
    assert_eq!(trace.finish().instance["status"], "failed");
    let trace = Trace::new();
    let agent: std::pin::Pin<Box<dyn Future<Output = Answer>>> = Box::pin(async { Err("no") });
    assert_eq!(trace.instance.run(agent).await, Ok(Err("no")));
    assert_eq!(trace.finish().instance["status"], "failed");
}

#[tokio::test]
async fn run_whose_agent_returns_a_value_is_complete() {
    let trace = Trace::new();
    assert_eq!(trace.instance.run(async { Ok::<_, ()>(1) }).await, Ok(Ok(1)));
    assert_eq!(trace.finish().instance["status"], "complete");
    let trace = Trace::new();
    assert_eq!(trace.instance.run_value(async { 1 }).await, Ok(1));
    assert_eq!(trace.finish().instance["status"], "complete");
}

#[tokio::test]
async fn run_that_is_finished_before_any_span_keeps_its_status() {
    for (status, expected) in [
        (InstanceStatus::Failed, "failed"),
        (InstanceStatus::Complete, "complete"),
        (InstanceStatus::Cancelled, "cancelled"),
    ] {
        let trace = Trace::new();
        trace.instance.finish(status);
        assert_eq!(trace.finish().instance["status"], expected);
    }
}

async fn panics() -> Result<(), ()> {
    panic!("no")
}

#[tokio::test]
async fn run_whose_agent_panics_or_is_dropped_is_failed() {
    let trace = Trace::new();
    let run = trace.instance.clone();
    let agent = async move { run.run(panics()).await };
    assert!(tokio::spawn(agent).await.unwrap_err().is_panic());
    assert_eq!(trace.finish().instance["status"], "failed");
    let trace = Trace::new();
    let mut agent = Box::pin(trace.instance.run(std::future::pending::<Result<(), ()>>()));
    tokio::select! {
        biased;
        _ = &mut agent => unreachable!("it waits for ever"),
        () = std::future::ready(()) => {}
    }
    drop(agent);
    assert_eq!(trace.finish().instance["status"], "failed");
}
