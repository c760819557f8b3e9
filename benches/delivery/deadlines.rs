//! Times that tests cannot assert, because they depend on the clock: set-up, deadlines, and values of any size.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prefactor::{Client, span};
use prefactor_benches::table::Line;

use prefactor_benches::senders::Senders;
use prefactor_benches::senders::prefactor::builder;

const ROUNDS: usize = 15;
const DEADLINE: Duration = Duration::from_millis(200);
const MEBIBYTES: usize = 50;

/// An address that accepts connections and never answers.
fn silent() -> Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Returns the median of some rounds, in milliseconds.
fn middle(round: impl FnMut(usize) -> Result<Duration>) -> Result<f64> {
    let mut rounds = (0..ROUNDS).map(round).collect::<Result<Vec<_>>>()?;
    rounds.sort_unstable();
    Ok(rounds[ROUNDS / 2].as_secs_f64() * 1e3)
}

/// F01: the time to set up a client whose server does not answer.
pub(crate) fn set_up(_: &Senders) -> Result<Vec<Line>> {
    let (_listener, url) = silent()?;
    let took = middle(|_| {
        let begin = Instant::now();
        let client = builder(&url).build()?;
        let took = begin.elapsed();
        drop(client.shutdown(Duration::ZERO));
        Ok(took)
    })?;
    Ok(vec![Line::new("F01", "set-up, server does not answer, ms", took, 50.0)])
}

/// G5: the delay of a flush and of a shutdown whose server does not answer.
pub(crate) fn late(_: &Senders) -> Result<Vec<Line>> {
    let (_listener, url) = silent()?;
    let late = |wait: fn(&Client) -> bool| {
        middle(|_| {
            let client = builder(&url).build()?;
            client.register("agent").in_scope(|| span("agent:unheard").complete(&()));
            let begin = Instant::now();
            ensure!(!wait(&client), "nobody can have answered");
            let late = begin.elapsed().checked_sub(DEADLINE).context("it returned before its deadline")?;
            drop(client.shutdown(Duration::ZERO));
            Ok(late)
        })
    };
    let flush = late(|client| client.flush(DEADLINE).is_complete)?;
    let shutdown = late(|client| client.shutdown(DEADLINE).is_complete)?;
    Ok(vec![
        Line::new("G5", "flush, server does not answer, ms after its deadline", flush, 250.0),
        Line::new("G5", "shutdown, server does not answer, ms after its deadline", shutdown, 250.0),
    ])
}

/// F31: the caller's time for an argument that is far larger than the kept part of it.
pub(crate) fn huge_text(_: &Senders) -> Result<Vec<Line>> {
    let (_listener, url) = silent()?;
    let client = Client::builder().api_url(&url).api_token("token").build()?;
    let instance = client.register("agent");
    let text = "x".repeat(MEBIBYTES << 20);
    let took = middle(|_| {
        let begin = Instant::now();
        instance.span("agent:huge").with_default_payload(&text).complete(&());
        Ok(begin.elapsed())
    })?;
    drop(client.shutdown(Duration::ZERO));
    Ok(vec![Line::new("F31", format!("a text of {MEBIBYTES} MiB as payload, ms"), took, 1_000.0)])
}
