//! The terminate button, against an agent that is at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use prefactor::{AgentInstance, Client, span};
use prefactor_local::{
    Server,
    oracle::{Effect, Kind, Ledger, Oracle},
};
use serde_json::Value;

use crate::play;

const REASON: &str = "the reader has seen enough";
const TIMEOUT: Duration = Duration::from_secs(20);

#[span("agent:step")]
async fn step(number: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(20)).await;
    number
}

/// Makes spans until it is stopped. Counts those that it makes although it could know that the run was terminated.
async fn work(instance: AgentInstance, late: &AtomicUsize) {
    for number in 0.. {
        if instance.termination().is_some() {
            late.fetch_add(1, Relaxed);
        }
        step(number).await;
    }
}

/// Waits, and makes no span meanwhile.
#[span("agent:wait")]
async fn wait() {
    std::future::pending::<()>().await;
}

/// What is left of an agent that was terminated on its page.
struct Stopped {
    /// Spans that it made although it could know.
    late: usize,
    ledger: Ledger,
}

/// Starts an agent, presses the button on its page once `rows` of its spans are there, and waits for the agent's end.
fn stopped<F, T>(rows: &str, agent: fn(AgentInstance, Arc<AtomicUsize>) -> F) -> Option<Stopped>
where
    F: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("worker");
    let late = Arc::new(AtomicUsize::new(0));
    let running = {
        let (instance, late) = (instance.clone(), Arc::clone(&late));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(instance.run_value(agent(instance.clone(), late))).err()
        })
    };
    let id = loop {
        let _ = client.flush(TIMEOUT);
        if let Some(id) = instance.id() {
            break id;
        }
    };
    let variables = [("RUN", id.as_str()), ("REASON", REASON), ("ROWS", rows)];
    let seen = play::<Value>("terminate", &server, &variables)?;
    let terminated = running.join().unwrap().expect("the agent was stopped");
    assert!(terminated.to_string().contains(REASON), "{terminated}");
    assert_eq!(seen["isOffered"], false, "a run that has ended cannot be terminated");
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    Some(Stopped { late: late.load(Relaxed), ledger: oracle.ledger() })
}

#[test]
fn terminate_button_stops_an_agent_with_the_answer_to_its_next_span() {
    let Some(Stopped { late, ledger }) =
        stopped("4", |instance, late| async move { work(instance, &late).await })
    else {
        return;
    };
    assert!(late <= 1, "{late} spans were made after the signal");
    let first = ledger.requests().iter().find(|request| request.told_to_stop).unwrap();
    assert_eq!(first.method, "POST", "an answer to a span told it, and no poll");
    let is_later = |effect: &&Effect| effect.kind == Kind::CreateSpan && effect.request > first.number;
    let later = ledger.effects().iter().filter(is_later).count();
    assert!(later <= 2, "{later} spans were accepted after the signalled one");
    assert!(ledger.count(Kind::CreateSpan) > 3, "the agent was at work");
}

#[test]
fn terminate_button_stops_an_idle_agent_with_its_next_poll() {
    let Some(Stopped { ledger, .. }) = stopped("1", |_, _| wait()) else { return };
    let first = ledger.requests().iter().find(|request| request.told_to_stop).unwrap();
    assert_eq!(first.method, "GET", "{first:?}");
    let is_later = |effect: &&Effect| effect.kind == Kind::CreateSpan && effect.request > first.number;
    assert_eq!(ledger.effects().iter().filter(is_later).count(), 0);
}
