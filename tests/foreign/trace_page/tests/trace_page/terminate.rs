//! The terminate button, against a working agent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use prefactor::{AgentInstance, Client, Terminated, span};
use prefactor_local::{
    Server,
    oracle::{Effect, Fault, Gate, Kind, Ledger, Oracle, Request, Rule},
};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::play;

const REASON: &str = "the reader has seen enough";
const TIMEOUT: Duration = Duration::from_secs(60);

/// Work that ends when the test says so.
struct Work {
    /// A permit for each span that may end.
    turns: Semaphore,
    /// Spans that were begun.
    begun: AtomicUsize,
}

#[span("agent:step", skip_all)]
async fn step(work: &Work) {
    work.begun.fetch_add(1, Relaxed);
    work.turns.acquire().await.unwrap().forget();
}

/// Makes one span after another without waiting for answers.
async fn work_on(work: Arc<Work>) {
    loop {
        step(&work).await;
    }
}

#[span("agent:step")]
async fn short_step(number: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(20)).await;
    number
}

/// Makes a span, waits for the answers about it, and makes the next.
async fn work_in_step(client: Client) {
    for number in 0.. {
        short_step(number).await;
        let _ = client.flush_async(TIMEOUT).await;
    }
}

/// Waits, and makes no span meanwhile.
#[span("agent:wait")]
async fn wait() {
    std::future::pending::<()>().await;
}

/// An agent on a thread of its own.
struct Agent {
    oracle: Oracle,
    server: Server,
    client: Client,
    instance: AgentInstance,
    running: JoinHandle<Option<Terminated>>,
}

impl Agent {
    fn start<F: Future<Output: Send + 'static> + 'static>(
        agent: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Self {
        let oracle = Oracle::new();
        let server = Server::builder().oracle(&oracle).start().unwrap();
        let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
        let instance = client.register("worker");
        let running = {
            let (instance, client) = (instance.clone(), client.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(instance.run_value(agent(client))).err()
            })
        };
        Self { oracle, server, client, instance, running }
    }

    /// Waits until the server has accepted so many spans.
    fn accepted(&self, spans: usize) {
        assert!(self.oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) == spans));
    }

    /// Presses the button on the run's page, once `rows` of its spans are there.
    fn terminate(&self, rows: &str) -> Option<()> {
        let id = loop {
            let _ = self.client.flush(TIMEOUT);
            if let Some(id) = self.instance.id() {
                break id;
            }
        };
        let variables = [("RUN", id.as_str()), ("REASON", REASON), ("ROWS", rows)];
        let seen = play::<Value>("terminate", &self.server, &variables)?;
        assert_eq!(seen["isOffered"], false, "a run that has ended cannot be terminated");
        Some(())
    }

    /// Waits for the agent's end, and for the delivery of all that it made.
    fn end(self) -> Ledger {
        let terminated = self.running.join().unwrap().expect("the agent was stopped");
        assert!(terminated.to_string().contains(REASON), "{terminated}");
        let report = self.client.shutdown(TIMEOUT);
        assert!(report.is_complete, "{report}");
        self.oracle.ledger()
    }
}

/// The first request whose answer told of the termination.
fn told(ledger: &Ledger) -> &Request {
    ledger.requests().iter().find(|request| request.told_to_stop).unwrap()
}

fn is_span(effect: &Effect) -> bool {
    effect.kind == Kind::CreateSpan
}

/// The spans that the server accepted by requests that came after the first whose answer told of the termination.
fn accepted_later(ledger: &Ledger) -> Vec<&Effect> {
    let told = told(ledger).number;
    ledger.effects().iter().filter(|effect| is_span(effect)).filter(|effect| effect.request > told).collect()
}

#[test]
fn terminate_button_stops_an_agent_with_the_answer_to_its_next_span() {
    let agent = Agent::start(work_in_step);
    let Some(()) = agent.terminate("4") else { return };
    let ledger = agent.end();
    assert_eq!(told(&ledger).method, "POST", "an answer to a span told it, and no poll");
    let later = accepted_later(&ledger);
    assert!(later.is_empty(), "accepted after the signalled answer: {later:?}");
    assert!(ledger.count(Kind::CreateSpan) > 3, "the agent was at work");
}

/// The server accepts calls that are under way when it answers, because they happened. From the answer on the client
/// sends nothing.
#[test]
fn terminate_button_stops_an_agent_that_waits_for_no_answer() {
    let work = Arc::new(Work { turns: Semaphore::new(0), begun: AtomicUsize::new(0) });
    let agent = {
        let work = Arc::clone(&work);
        Agent::start(|_| work_on(work))
    };
    for spans in 1..4 {
        agent.accepted(spans);
        work.turns.add_permits(1);
    }
    agent.accepted(4);
    // The answers that tell of the termination are on their way for long, and no poll tells of it.
    let gate = Gate::new();
    agent.oracle.inject(Rule::new(Fault::status(503)).method("GET"));
    agent.oracle.inject(Rule::new(Fault::signal_held(&gate)));
    let Some(()) = agent.terminate("4") else { return };
    for spans in 5..8 {
        work.turns.add_permits(1);
        agent.accepted(spans);
    }
    assert_eq!(agent.instance.termination(), None, "it goes on, for the answers are held back");
    gate.open();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(agent.instance.terminated());
    work.turns.add_permits(100);
    let ledger = agent.end();
    assert_eq!(work.begun.load(Relaxed), 7, "spans were begun after the agent was told");
    assert_eq!(ledger.count(Kind::CreateSpan), 7);
    assert_eq!(told(&ledger).method, "POST", "an answer to a span told it, and no poll");
    let meanwhile = accepted_later(&ledger);
    assert!(meanwhile.len() >= 2, "they arrived while the answer was on its way: {meanwhile:?}");
    let later: Vec<_> = ledger.effects_after(told(&ledger)).filter(|effect| is_span(effect)).collect();
    assert!(later.is_empty(), "accepted after the signalled answer: {later:?}");
}

#[test]
fn terminate_button_stops_an_idle_agent_with_its_next_poll() {
    let agent = Agent::start(|_| wait());
    let Some(()) = agent.terminate("1") else { return };
    let ledger = agent.end();
    assert_eq!(told(&ledger).method, "GET");
    assert_eq!(accepted_later(&ledger).len(), 0);
}
