//! The terminate button, against an agent that is at work.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use prefactor::{AgentInstance, Client, span};
use prefactor_local::{
    Server,
    oracle::{Kind, Oracle},
};
use serde_json::Value;

use crate::play;

const REASON: &str = "the reader has seen enough";
const TIMEOUT: Duration = Duration::from_secs(20);

#[span("agent:step")]
async fn step(number: u32) -> u32 {
    // The time of a call to a model.
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

#[test]
fn terminate_button_stops_an_agent_with_the_answer_to_its_next_span() {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("worker");
    let agent = {
        let instance = instance.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let late = AtomicUsize::new(0);
            let output = runtime.block_on(instance.run_value(work(instance.clone(), &late)));
            (output, late.into_inner())
        })
    };
    let id = loop {
        let _ = client.flush(TIMEOUT);
        if let Some(id) = instance.id() {
            break id;
        }
    };
    let Some(seen) = play::<Value>("terminate", &server, &[("RUN", &id), ("REASON", REASON)]) else { return };
    let (output, late) = agent.join().unwrap();
    let terminated = output.expect_err("the agent was stopped");
    assert!(terminated.to_string().contains(REASON), "{terminated}");
    assert_eq!(seen["isOffered"], false, "a run that has ended cannot be terminated");

    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    let ledger = oracle.ledger();
    // The answer may come while a poll of the agent is under way, which goes on to its next wait.
    assert!(late <= 1, "{late} spans were made after the signal");
    assert!(ledger.count(Kind::CreateSpan) > 3, "the agent was at work");
}
