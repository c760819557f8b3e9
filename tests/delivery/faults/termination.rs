//! F59: the platform ends a run.

use std::sync::Arc;
use std::time::Duration;

use prefactor::{AgentInstance, SpanFutureExt as _, span};
use prefactor_local::oracle::{Fault, Gate, Kind, Rule};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::case::{Case, TIMEOUT, post};

/// Code of the program that makes a span when it is dropped.
struct Unwinding(AgentInstance);

impl Drop for Unwinding {
    fn drop(&mut self) {
        self.0.span("test:unwinding").complete(&json!({}));
    }
}

/// Makes spans until it is dropped.
async fn agent(instance: AgentInstance) {
    let _unwinding = Unwinding(instance);
    let outer = span("test:outer");
    async {
        loop {
            span("test:step").complete(&json!({}));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    .with_span(&outer)
    .await;
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn f59_a_run_ends_within_a_second_of_the_answer_that_says_so() {
    let case = Case::new();
    let other = case.client.register("other");
    other.start();
    case.instance.start();
    case.flush();
    let path = format!("agent_instance/{}/terminate", case.instance.id().unwrap());
    let (terminated, before) = block_on(async {
        let running = case.instance.run_value(agent(case.instance.clone()));
        tokio::pin!(running);
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut running).await.is_err());
        assert_eq!(post(&case.server, &path, &json!({ "reason": "budget spent" })), 200);
        let before = case.oracle.ledger().requests().len();
        let terminated = tokio::time::timeout(TIMEOUT, running).await.unwrap().unwrap_err();
        (terminated, before)
    });
    assert_eq!(terminated.reason.as_deref(), Some("budget spent"));
    let requests = &case.oracle.ledger().requests()[before..].to_vec();
    assert!(requests.len() <= 8, "{requests:?}");
    assert_eq!(other.termination(), None, "the signal of another run");
    case.flush();
    let outcome = case.end();
    assert_eq!(outcome.stats.acknowledged, outcome.stats.created, "what was made while it ended as well");
    let named = |name: &str| {
        let named = format!("\"{name}\"");
        let is_it = |item: &&prefactor_local::oracle::Item| {
            item.kind == Kind::CreateSpan
                && item.field("schema_name").is_some_and(|text| text.contains(&named))
        };
        outcome.ledger.items().filter(is_it).count()
    };
    assert_eq!((named("test:unwinding"), named("test:outer")), (1, 1));
}

/// While nobody waits for the end of an idle run, the worker asks for nothing.
#[test]
fn f59_an_idle_run_hears_of_its_end_once_somebody_waits_for_it() {
    let case = Case::new();
    case.instance.start();
    case.flush();
    let path = format!("agent_instance/{}/terminate", case.instance.id().unwrap());
    assert_eq!(post(&case.server, &path, &json!({ "reason": "budget spent" })), 200);
    // Longer than the round that follows the last news. Where that one comes later, it finds who waits, and the test shows less.
    std::thread::sleep(Duration::from_secs(17));
    let waiting = async { tokio::time::timeout(TIMEOUT, case.instance.terminated()).await };
    assert_eq!(block_on(waiting).unwrap().reason.as_deref(), Some("budget spent"));
    case.end();
}

#[test]
fn f59_no_span_is_accepted_after_the_answer_that_ended_the_run() {
    let case = Case::new();
    case.instance.start();
    case.flush();
    let path = format!("agent_instance/{}/terminate", case.instance.id().unwrap());
    let terminated = block_on(case.instance.run_value(async {
        for number in 0.. {
            span("test:step").complete(&json!({ "number": number }));
            assert!(case.client.flush_async(TIMEOUT).await.is_complete);
            if number == 3 {
                assert_eq!(post(&case.server, &path, &json!({ "reason": "budget spent" })), 200);
            }
        }
    }));
    assert_eq!(terminated.unwrap_err().reason.as_deref(), Some("budget spent"));
    let ledger = case.end().ledger;
    let told =
        ledger.requests().iter().find(|request| request.told_to_stop && request.path != format!("/{path}"));
    let told = told.unwrap().number;
    let spans = ledger.effects().iter().filter(|effect| effect.kind == Kind::CreateSpan);
    let (before, after): (Vec<_>, Vec<_>) = spans.partition(|effect| effect.request <= told);
    assert_eq!((before.len(), after.len()), (5, 0), "the fifth was the signalled one: {after:?}");
}

/// The server accepts calls that are under way when it answers, because they happened. From the answer on the client
/// sends nothing.
#[test]
fn f59_an_agent_that_waits_for_no_answer_makes_no_span_once_it_was_told() {
    let case = Case::new();
    case.instance.start();
    case.flush();
    let path = format!("/agent_instance/{}/terminate", case.instance.id().unwrap());
    case.oracle.inject(Rule::new(Fault::none()).path(&path));
    case.oracle.inject(Rule::new(Fault::status(503)).method("GET"));
    let gate = Gate::new();
    case.oracle.inject(Rule::new(Fault::signal_held(&gate)));
    let turns = Arc::new(Semaphore::new(0));
    let running = {
        let (instance, turns) = (case.instance.clone(), Arc::clone(&turns));
        std::thread::spawn(move || {
            block_on(instance.run_value(async {
                loop {
                    let step = span("test:step");
                    step.start(&json!({}));
                    turns.acquire().await.unwrap().forget();
                    step.complete(&json!({}));
                }
            }))
        })
    };
    let accepted = |count| case.oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) == count);
    for made in 1..=6 {
        assert!(accepted(made));
        if made == 3 {
            assert_eq!(post(&case.server, &path[1..], &json!({ "reason": "budget spent" })), 200);
        }
        if made < 6 {
            turns.add_permits(1);
        }
    }
    assert_eq!(case.instance.termination(), None, "it goes on, for the answer is held back");
    gate.open();
    block_on(case.instance.terminated());
    turns.add_permits(100);
    assert_eq!(running.join().unwrap().unwrap_err().reason.as_deref(), Some("budget spent"));
    let outcome = case.end();
    outcome.assert_all_delivered(6);
    let is_told = |request: &&prefactor_local::oracle::Request| request.told_to_stop && request.path != path;
    let told = outcome.ledger.requests().iter().find(is_told).unwrap();
    let is_span = |effect: &&prefactor_local::oracle::Effect| effect.kind == Kind::CreateSpan;
    let effects = outcome.ledger.effects().iter().filter(|effect| effect.request > told.number);
    assert!(effects.filter(is_span).count() >= 2, "they arrived while the answer was on its way");
    let later: Vec<_> = outcome.ledger.effects_after(told).filter(is_span).collect();
    assert!(later.is_empty(), "accepted after the signalled answer: {later:?}");
}

#[test]
fn f59_a_control_signal_that_is_none_ends_nothing() {
    for control in
        [json!(7), json!({ "terminate": "yes" }), json!([true]), json!({ "terminate": false, "reason": "r" })]
    {
        for fault in [Fault::control(control.clone()), Fault::control_at_top(control.clone())] {
            let case = Case::new();
            case.oracle.inject(Rule::new(fault));
            case.spans(20);
            case.flush();
            assert_eq!(case.instance.termination(), None, "{control}");
            case.end().assert_all_delivered(20);
        }
    }
}

#[test]
fn f59_a_signal_that_is_repeated_ends_the_run_once() {
    let case = Case::new();
    case.oracle
        .inject(Rule::new(Fault::control(json!({ "terminate": true, "reason": "first" }))).skip(3).times(1));
    case.oracle.inject(Rule::new(Fault::control(json!({ "terminate": true, "reason": "later" }))).skip(3));
    for _ in 0..5 {
        case.spans(10);
        case.flush();
    }
    assert_eq!(case.instance.termination().unwrap().reason.as_deref(), Some("first"));
    case.end().assert_all_delivered(50);
}
