//! The terminate button, against an agent that is at work.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use prefactor::{Client, span};
use prefactor_local::{
    Server,
    oracle::{Effect, Item, Kind, Oracle},
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

/// Makes spans until it is stopped.
async fn work() {
    for number in 0.. {
        step(number).await;
    }
}

/// When the run ended, in microseconds since 1970.
fn ended_at(server: &Server, id: &str) -> u64 {
    let address = [server.url(), "/page/runs/", id].concat();
    let text = ureq::get(address).call().unwrap().body_mut().read_to_string().unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["run"]["finished"].as_u64().unwrap()
}

#[test]
fn terminate_button_stops_an_agent_with_the_answer_to_its_next_span() {
    // The ledger has the monotonic clock's instants, the run has dates.
    let (epoch, since_epoch) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap());
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("worker");
    let agent = {
        let instance = instance.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(instance.run_value(work()))
        })
    };
    let id = loop {
        let _ = client.flush(TIMEOUT);
        if let Some(id) = instance.id() {
            break id;
        }
    };
    let Some(seen) = play::<Value>("terminate", &server, &[("RUN", &id), ("REASON", REASON)]) else { return };
    let terminated = agent.join().unwrap().expect_err("the agent was stopped");
    assert!(terminated.to_string().contains(REASON), "{terminated}");
    assert_eq!(seen["isOffered"], false, "a run that has ended cannot be terminated");

    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    let ledger = oracle.ledger();
    let requests = ledger.requests();
    let terminated_at =
        epoch + Duration::from_micros(ended_at(&server, &id)).checked_sub(since_epoch).unwrap();
    let is_of_spans = |item: &Item| matches!(item.kind, Kind::CreateSpan | Kind::FinishSpan);
    let mut later = requests
        .iter()
        .filter(|request| request.arrived > terminated_at && request.items.iter().any(is_of_spans));
    let signalled = later.next().unwrap().number;
    // The span that was under way when the answer came has begun already.
    let is_late = |effect: &&Effect| effect.kind == Kind::CreateSpan && effect.request > signalled;
    let late = ledger.effects().iter().filter(is_late).count();
    assert!(late <= 1, "{late} spans were made after the signal");
    assert!(ledger.count(Kind::CreateSpan) > 3, "the agent was at work");
}
