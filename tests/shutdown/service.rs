//! F43: a web service with open requests and streams is asked to end.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitCode;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::{Stream, StreamExt as _, stream};
use nix::sys::signal::Signal;
use prefactor::{Client, InstanceStatus, span};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::child::ready;
use crate::support::{Program, Stored, TIMEOUT};

const DRAIN: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Service {
    client: Client,
    /// Becomes true when the service is told to end. Requests from before are answered after that.
    is_told: watch::Receiver<bool>,
}

pub(crate) fn program() -> ExitCode {
    let builder = Client::builder().shutdown_timeout(TIMEOUT).drain_timeout(DRAIN);
    let prefactor = builder.install().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (tell, is_told) = watch::channel(false);
        let signal = prefactor.shutdown_on_signal().unwrap();
        let service = Service { client: prefactor.client().clone(), is_told };
        let routes = Router::new()
            .route("/slow", get(slow))
            .route("/stream", get(ends_when_told))
            .route("/silent", get(never_ends));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        axum::serve(listener, routes.with_state(service))
            .with_graceful_shutdown(async move {
                signal.await;
                tell.send_replace(true);
            })
            .await
            .unwrap();
    });
    drop(prefactor);
    ExitCode::SUCCESS
}

async fn slow(State(service): State<Service>) -> String {
    service.client.register("slow").run_value(answer(service.is_told)).await.unwrap()
}

#[span("service:answer", skip(is_told))]
async fn answer(is_told: watch::Receiver<bool>) -> String {
    model("before").await;
    ready();
    told(is_told).await;
    model("after").await;
    "answered".to_owned()
}

#[span("service:model")]
async fn model(when: &str) -> &str {
    when
}

async fn told(mut is_told: watch::Receiver<bool>) {
    is_told.wait_for(|is_told| *is_told).await.unwrap();
}

#[span("service:stream", skip(is_told))]
fn words(is_told: watch::Receiver<bool>) -> impl Stream<Item = String> + Send + use<> {
    let last = stream::once(async move {
        told(is_told).await;
        "last".to_owned()
    });
    stream::iter(["first".to_owned()]).chain(last)
}

#[span("service:stream")]
fn endless() -> impl Stream<Item = String> + Send + use<> {
    stream::iter(["first".to_owned()]).chain(stream::pending())
}

type Events<S> = Sse<stream::Map<S, fn(String) -> Result<Event, Infallible>>>;

fn events<S: Stream<Item = String> + Send + 'static>(words: S) -> Events<S> {
    Sse::new(words.map(|word| Ok(Event::default().data(word))))
}

async fn ends_when_told(
    State(service): State<Service>,
) -> Events<impl Stream<Item = String> + Send + 'static> {
    let run = service.client.register("stream");
    let words = run.in_scope(|| words(service.is_told));
    let end = stream::once(async move { run.finish(InstanceStatus::Complete) });
    events(words.chain(end.filter_map(|()| async { None })))
}

async fn never_ends(State(service): State<Service>) -> Events<impl Stream<Item = String> + Send + 'static> {
    let run = service.client.register("stream");
    events(run.in_scope(endless).chain(stream::pending().inspect(move |_| drop(run.clone()))))
}

/// Sends a request, waits for the first bytes of its answer, and leaves the rest to a thread.
fn ask(address: &str, path: &str, is_streamed: bool) -> JoinHandle<String> {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = BufReader::new(connection);
    let mut text = String::new();
    while is_streamed && !text.contains("first") {
        assert_ne!(answer.read_line(&mut text).unwrap(), 0, "{text}");
    }
    thread::spawn(move || {
        // On some systems the read fails when the process's end closes the connection.
        let _ = answer.read_to_string(&mut text);
        text
    })
}

fn assert_answered(answers: Vec<JoinHandle<String>>, with: &str) {
    for answer in answers {
        let answer = answer.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(with), "{answer}");
    }
}

fn assert_complete(stored: &Stored, schema_name: &str, count: usize) {
    let statuses: Vec<_> = stored.of_kind(schema_name).iter().map(|span| span.status.as_str()).collect();
    assert_eq!(statuses, vec!["complete"; count], "{schema_name}");
}

pub(crate) fn f43_service_answers_what_is_open() {
    let mut program = Program::start("service:");
    let address = program.line();
    let slow: Vec<_> = (0..8).map(|_| ask(&address, "/slow", false)).collect();
    let streams: Vec<_> = (0..4).map(|_| ask(&address, "/stream", true)).collect();
    (0..8).for_each(|_| program.ready());
    program.signal(Signal::SIGTERM);
    let ended = program.end();
    assert_answered(slow, "answered");
    assert_answered(streams, "last");
    let stored = ended.quietly(0);
    assert_complete(stored, "service:answer", 8);
    assert_complete(stored, "service:model", 16);
    assert_complete(stored, "service:stream", 4);
    let statuses: Vec<_> = stored.instances.iter().map(|instance| instance.status.as_str()).collect();
    assert_eq!(statuses, ["complete"; 12]);
}

/// A reader that stays keeps the server open, for axum waits without limit.
pub(crate) fn f43_service_with_a_stream_that_stays_open() {
    let mut program = Program::start("service:");
    let address = program.line();
    let silent = ask(&address, "/silent", true);
    let slow: Vec<_> = (0..8).map(|_| ask(&address, "/slow", false)).collect();
    (0..8).for_each(|_| program.ready());
    program.signal(Signal::SIGTERM);
    let ended = program.end();
    assert_answered(slow, "answered");
    assert!(silent.join().unwrap().contains("first"));
    assert_eq!(ended.status.signal(), Some(Signal::SIGTERM as i32), "{:?}", ended.status);
    assert!(ended.took >= DRAIN, "{:?}", ended.took);
    assert!(ended.errors.contains("the program still runs 2s after SIGTERM"), "{}", ended.errors);
    let stored = &ended.stored;
    assert_complete(stored, "service:answer", 8);
    assert_complete(stored, "service:model", 16);
    let stream = stored.span("service:stream");
    assert_eq!(stream.status, "cancelled");
    let statuses: Vec<_> = stored.instances.iter().map(|instance| instance.status.as_str()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "failed").count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == "complete").count(), 8, "{statuses:?}");
}
