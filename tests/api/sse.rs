//! A streamed answer of a web service: made in the handler, polled and dropped outside of it.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::future;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::{AgentInstance, Client, span};
use prefactor_local::Server;
use prefactor_tests::stored::{StoredSpan, list};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::TIMEOUT;

tokio::task_local! {
    /// A guard that lives while a handler runs.
    static HANDLER: ();
}

#[derive(Clone)]
struct Service {
    client: Client,
    runs: Arc<Mutex<Vec<AgentInstance>>>,
}

#[derive(Clone, Copy, Deserialize)]
enum Ask {
    /// The stream ends.
    ToTheEnd,
    /// The stream sends its end marker and stays open; the service stops reading.
    ToTheMarker,
    /// The stream stalls, and its reader leaves.
    Disconnect,
}

const DONE: &str = "[DONE]";

/// Starts one run for each request.
async fn ask(
    State(service): State<Service>,
    Query(asked): Query<Vec<(String, Ask)>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ask = asked[0].1;
    let run = service.client.register("web");
    service.runs.lock().unwrap().push(run.clone());
    let words = HANDLER.scope((), run.scope(agent(ask))).await.unwrap();
    let words = words.take_while(move |word| future::ready(!matches!(ask, Ask::ToTheMarker) || word != DONE));
    Sse::new(words.map(|word| Ok(Event::default().data(word))))
}

type Words = BoxStream<'static, String>;

#[span("sse:agent", skip(ask), stream(end = |word| word == DONE))]
async fn agent(ask: Ask) -> anyhow::Result<Words> {
    model(ask).await
}

#[span("sse:model", skip(ask), stream(end = |word| word == DONE), ret(items))]
async fn model(ask: Ask) -> anyhow::Result<Words> {
    assert!(HANDLER.try_with(|()| ()).is_ok(), "called in the handler");
    let last = if matches!(ask, Ask::Disconnect) { vec![] } else { vec![DONE] };
    let cleanup = Cleanup;
    let words = stream::iter(["why", "because"].into_iter().chain(last)).then(token);
    let rest = if matches!(ask, Ask::ToTheEnd) { stream::empty().boxed() } else { stream::pending().boxed() };
    let words = words.chain(rest).inspect(move |_| {
        let _ = &cleanup;
    });
    Ok(words.boxed())
}

#[span("sse:token")]
async fn token(word: &str) -> String {
    tokio::task::yield_now().await;
    assert!(HANDLER.try_with(|()| ()).is_err(), "polled outside of the handler");
    word.to_owned()
}

/// A guard that is dropped with the stream.
struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        assert!(HANDLER.try_with(|()| ()).is_err(), "dropped outside of the handler");
        span("sse:cleanup").complete(&());
    }
}

fn connect(address: SocketAddr, ask: &str) -> BufReader<TcpStream> {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET /?ask={ask} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    BufReader::new(connection)
}

fn read_whole(address: SocketAddr, ask: &str) -> String {
    let mut text = String::new();
    connect(address, ask).read_to_string(&mut text).unwrap();
    text
}

/// The spans of one run, once its stream has ended.
fn spans_of(server: &Server, client: &Client, run: &AgentInstance) -> Vec<StoredSpan> {
    let begin = Instant::now();
    loop {
        assert!(client.flush(TIMEOUT).is_complete);
        let id = run.id().unwrap();
        let spans: Vec<StoredSpan> = list(server, &format!("agent_spans?agent_instance_id={id}"));
        let model = spans.iter().find(|span| span.schema_name == "sse:model");
        if model.is_some_and(|span| span.status != "active") {
            return spans;
        }
        assert!(begin.elapsed() < TIMEOUT, "the stream does not end: {spans:#?}");
    }
}

fn outline(spans: &[StoredSpan]) -> Vec<(String, String, Option<String>)> {
    let name_of = |id: &String| spans.iter().find(|span| span.id == *id).map(|span| span.schema_name.clone());
    let mut outline: Vec<_> = spans
        .iter()
        .map(|span| {
            let parent = span.parent_span_id.as_ref().and_then(name_of);
            (span.schema_name.clone(), span.status.clone(), parent)
        })
        .collect();
    outline.sort();
    outline
}

fn expected(model: &str, is_dropped: bool, tokens: usize) -> Vec<(String, String, Option<String>)> {
    let row = |name: &str, status: &str, parent: Option<&str>| {
        (name.to_owned(), status.to_owned(), parent.map(str::to_owned))
    };
    let mut rows = vec![row("sse:agent", model, None)];
    // A stream that is read to its end is dropped later than its span, so no span of the cleanup is expected.
    rows.extend(is_dropped.then(|| row("sse:cleanup", "complete", Some("sse:model"))));
    rows.push(row("sse:model", model, Some("sse:agent")));
    rows.extend((0..tokens).map(|_| row("sse:token", "complete", Some("sse:model"))));
    rows
}

fn output(spans: &[StoredSpan]) -> &Value {
    &spans.iter().find(|span| span.schema_name == "sse:model").unwrap().result()["output"]
}

#[test]
fn stream_of_a_web_service_is_in_the_run_of_its_request() {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let service = Service { client: client.clone(), runs: Arc::default() };
    let runs = Arc::clone(&service.runs);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime
        .spawn(axum::serve(listener, Router::new().route("/", get(ask)).with_state(service)).into_future());

    let to_the_end = read_whole(address, "ToTheEnd");
    assert!(to_the_end.contains("data: because") && to_the_end.contains(DONE), "{to_the_end}");
    let to_the_marker = read_whole(address, "ToTheMarker");
    assert!(to_the_marker.contains("data: because") && !to_the_marker.contains(DONE), "{to_the_marker}");
    let mut reader = connect(address, "Disconnect");
    let mut text = String::new();
    while !text.contains("because") {
        assert_ne!(reader.read_line(&mut text).unwrap(), 0, "{text}");
    }
    drop(reader);

    let runs = runs.lock().unwrap().clone();
    let [end, marker, gone] = [0, 1, 2].map(|index| spans_of(&server, &client, &runs[index]));
    assert_eq!(outline(&end), expected("complete", false, 3));
    assert_eq!(output(&end), &json!("whybecause[DONE]"));
    assert_eq!(outline(&marker), expected("complete", true, 3));
    assert_eq!(output(&marker), &json!("whybecause[DONE]"));
    assert_eq!(outline(&gone), expected("cancelled", true, 2));
    assert_eq!(output(&gone), &json!("whybecause"), "what had been said");
    let stats = client.stats();
    assert_eq!((stats.runs.created, stats.outside_of_runs), (3, 0), "{stats}");
    drop(runtime);
    assert!(client.shutdown(TIMEOUT).is_complete);
}
