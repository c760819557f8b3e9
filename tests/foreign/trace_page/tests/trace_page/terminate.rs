//! The terminate button, against an agent that is at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use prefactor::{AgentInstance, Client, span};
use prefactor_local::{
    Server,
    oracle::{Effect, Kind, Ledger, Oracle, Request},
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

/// Makes a span, waits for the answers about it, makes the next.
async fn work_in_step(client: Client) {
    for number in 0.. {
        step(number).await;
        let _ = client.flush_async(TIMEOUT).await;
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
    /// When it was gone.
    at: SystemTime,
    ledger: Ledger,
}

impl Stopped {
    /// The first request whose answer told of the termination.
    fn told(&self) -> &Request {
        self.ledger.requests().iter().find(|request| request.told_to_stop).unwrap()
    }

    /// The spans that the server accepted by requests that came after the first whose answer told of the termination.
    fn accepted_later(&self) -> impl Iterator<Item = &Effect> {
        let told = self.told().number;
        let is_later = move |effect: &&Effect| effect.kind == Kind::CreateSpan && effect.request > told;
        self.ledger.effects().iter().filter(is_later)
    }
}

/// Starts an agent, presses the button on its page once `rows` of its spans are there, and waits for the agent's end.
fn stopped<F, T>(rows: &str, agent: fn(AgentInstance, Client, Arc<AtomicUsize>) -> F) -> Option<Stopped>
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
        let (instance, client, late) = (instance.clone(), client.clone(), Arc::clone(&late));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let ended = runtime.block_on(instance.run_value(agent(instance.clone(), client, late)));
            (ended.err(), SystemTime::now())
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
    let (terminated, at) = running.join().unwrap();
    let terminated = terminated.expect("the agent was stopped");
    assert!(terminated.to_string().contains(REASON), "{terminated}");
    assert_eq!(seen["isOffered"], false, "a run that has ended cannot be terminated");
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    Some(Stopped { late: late.load(Relaxed), at, ledger: oracle.ledger() })
}

#[test]
fn terminate_button_stops_an_agent_with_the_answer_to_its_next_span() {
    let Some(stopped) = stopped("4", |_, client, _| work_in_step(client)) else { return };
    assert_eq!(stopped.told().method, "POST", "an answer to a span told it, and no poll");
    let later: Vec<_> = stopped.accepted_later().collect();
    assert!(later.is_empty(), "accepted after the signalled answer: {later:?}");
    assert!(stopped.ledger.count(Kind::CreateSpan) > 3, "the agent was at work");
}

/// What is on its way when the signal comes, the server accepts: it happened. After the signal nothing happens any more.
#[test]
fn terminate_button_stops_an_agent_that_waits_for_no_answer() {
    let Some(stopped) = stopped("4", |instance, _, late| async move { work(instance, &late).await }) else {
        return;
    };
    // The signal may come while the agent is polled, and the poll goes on to its next wait.
    assert!(stopped.late <= 1, "{} spans were made after the signal", stopped.late);
    assert_eq!(stopped.told().method, "POST", "an answer to a span told it, and no poll");
    let at = Timestamp::try_from(stopped.at).unwrap();
    for item in stopped.ledger.items().filter(|item| item.kind == Kind::CreateSpan) {
        let started = item.field("started_at").unwrap();
        let started: Timestamp = started.trim_matches('"').parse().unwrap();
        assert!(started <= at, "made after the agent was gone: {started}, {at}");
    }
}

#[test]
fn terminate_button_stops_an_idle_agent_with_its_next_poll() {
    let Some(stopped) = stopped("1", |_, _, _| wait()) else { return };
    assert_eq!(stopped.told().method, "GET");
    assert_eq!(stopped.accepted_later().count(), 0);
}
