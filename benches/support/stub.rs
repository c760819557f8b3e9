//! A server that accepts every call: just enough of the Prefactor API, and of OTLP over HTTP, at almost no cost of its
//! own.
//!
//! It reads the parts of a body that its answer needs, and counts its requests.

use std::io;
use std::net::{Ipv4Addr, TcpListener as Listener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Result;
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const INSTANCE: &str = "00000001018qxxx_ABCDEFGHIJKLMNOP";
const OWN_SPAN: &str = "00000002018qxxx_ABCDEFGHIJKLMNOP";
const MAX_HEAD: usize = 16 << 10;

/// The behaviour of the server.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// The delay before each answer.
    pub latency: Duration,
    pub takes_bulk: bool,
    /// Accepts connections, and never reads from them.
    pub hangs: bool,
}

/// The requests of the server so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub requests: u64,
    /// Bytes of heads and bodies.
    pub bytes: u64,
    /// Spans whose end has arrived.
    pub ended: u64,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
    ended: AtomicU64,
}

/// A running server, on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Stub {
    url: String,
    counters: Arc<Counters>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    pub fn start(manner: Manner) -> Result<Self> {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let counters = Arc::new(Counters::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let counting = Arc::clone(&counters);
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = serve(listener, manner, counting) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { url, counters, stop: Some(stop), thread: Some(thread) })
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        let Counters { requests, bytes, ended } = &*self.counters;
        Counts { requests: requests.load(Relaxed), bytes: bytes.load(Relaxed), ended: ended.load(Relaxed) }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: Listener, manner: Manner, counters: Arc<Counters>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let counters = Arc::clone(&counters);
        tokio::spawn(async move { converse(stream, manner, &counters).await });
    }
}

async fn converse(mut stream: TcpStream, manner: Manner, counters: &Counters) -> io::Result<()> {
    if manner.hangs {
        return std::future::pending().await;
    }
    let mut input = Vec::with_capacity(1 << 20);
    let mut answer = Vec::new();
    while let Some((head, end)) = request(&mut stream, &mut input).await? {
        let (line, body) = (first_line(&input), &input[head..end]);
        counters.requests.fetch_add(1, Relaxed);
        counters.bytes.fetch_add(end as u64, Relaxed);
        answer.clear();
        let ended = reply(line, body, manner.takes_bulk, &mut answer);
        counters.ended.fetch_add(ended, Relaxed);
        if !manner.latency.is_zero() {
            tokio::time::sleep(manner.latency).await;
        }
        stream.write_all(&answer).await?;
        input.drain(..end);
    }
    Ok(())
}

/// Reads one request, and returns the ends of its head and of its body.
async fn request(stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<Option<(usize, usize)>> {
    let head = loop {
        if let Some(head) = memmem::find(input, b"\r\n\r\n") {
            break head + 4;
        }
        if input.len() > MAX_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if stream.read_buf(input).await? == 0 {
            return Ok(None);
        }
    };
    let end = head + content_length(&input[..head]);
    while input.len() < end {
        if stream.read_buf(input).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((head, end)))
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    line.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

fn first_line(input: &[u8]) -> &str {
    let end = memchr::memchr(b'\r', input).unwrap_or(0);
    std::str::from_utf8(&input[..end]).unwrap_or_default()
}

/// Writes the answer, and returns the number of spans that ended.
fn reply(line: &str, body: &[u8], takes_bulk: bool, answer: &mut Vec<u8>) -> u64 {
    let path = line.split(' ').nth(1).unwrap_or_default();
    match path.strip_prefix("/api/v1/").unwrap_or(path) {
        "/v1/traces" => {
            write(answer, "200 OK", "application/x-protobuf", b"");
            memmem::find_iter(body, b"agent:llm_call").count() as u64
        }
        "bulk" if takes_bulk => {
            let (outputs, ended) = outputs(body);
            write(answer, "200 OK", JSON, &outputs);
            ended
        }
        "bulk" => {
            let body = br#"{"status":"error","code":"not_found","message":"there is no such path"}"#;
            write(answer, "404 Not Found", JSON, body);
            0
        }
        "agent_spans" => {
            let id = after(body, br#""details":{"id":""#).unwrap_or(OWN_SPAN.as_bytes());
            let is_complete = [COMPLETE, SPACED].iter().any(|status| memmem::find(body, status).is_some());
            write(answer, "200 OK", JSON, &thing("agent_span", id, if is_complete { ENDED } else { ACTIVE }));
            u64::from(is_complete)
        }
        path => {
            let mut segments = path.split('/');
            let mut next = || segments.next().unwrap_or_default();
            let (what, id, verb) = (next(), next(), next());
            let status = if verb == "finish" { ENDED } else { ACTIVE };
            let (kind, id) = match (what, id) {
                (_, "register") => {
                    let key = after(body, br#""idempotency_key":""#).and_then(|key| key.get(..32));
                    ("agent_instance", key.unwrap_or(INSTANCE.as_bytes()))
                }
                ("agent_instance", id) if id.len() == INSTANCE.len() => ("agent_instance", id.as_bytes()),
                ("agent_spans", id) => ("agent_span", id.as_bytes()),
                _ => ("agent_instance", INSTANCE.as_bytes()),
            };
            write(answer, "200 OK", JSON, &thing(kind, id, status));
            u64::from(kind == "agent_span")
        }
    }
}

const JSON: &str = "application/json";
const COMPLETE: &[u8] = br#""status":"complete""#;
/// As Python writes it.
const SPACED: &[u8] = br#""status": "complete""#;

const ACTIVE: &[u8] = b"active";
const ENDED: &[u8] = b"complete";

fn thing(kind: &str, id: &[u8], status: &[u8]) -> Vec<u8> {
    let of_a_run: &[u8] = if kind == "agent_span" { OF_A_RUN } else { b"" };
    let kind = kind.as_bytes();
    let begin = br#"{"status":"success","details":{"type":""#;
    let parts: [&[u8]; 9] =
        [begin, kind, br#"","id":""#, id, MORE, of_a_run, br#","status":""#, status, br#""}}"#];
    parts.concat()
}

/// The fields of an answer that the official SDKs need.
const MORE: &[u8] = br#"","account_id":"a","agent_id":"a","agent_version_id":"a","environment_id":"a","agent_deployment_id":"a","inserted_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z""#;

/// The fields of a run that they need. An object that has them is no run.
const OF_A_RUN: &[u8] = br#","agent_instance_id":"a","schema_name":"s""#;

/// An output for each item, and the number of those that end a span.
fn outputs(body: &[u8]) -> (Vec<u8>, u64) {
    let mut outputs = br#"{"status":"success","outputs":{"#.to_vec();
    let (mut ended, mut item) = (0, 0);
    for at in memmem::find_iter(body, br#""idempotency_key":""#) {
        let Some(key) = after(&body[at..], br#""idempotency_key":""#) else { continue };
        let is_finish = key.ends_with(b"-finish");
        ended += u64::from(is_finish || memmem::find(&body[item..at], COMPLETE).is_some());
        item = at;
        let id = key.split(|byte| *byte == b'-').next().unwrap_or_default();
        if outputs.last() == Some(&b'}') {
            outputs.push(b',');
        }
        for part in [b"\"".as_slice(), key, br#"":{"status":"success","details":{"id":""#, id, br#""}}"#] {
            outputs.extend_from_slice(part);
        }
    }
    outputs.extend_from_slice(b"}}");
    (outputs, ended)
}

/// The text between a beginning and the next quote.
fn after<'a>(body: &'a [u8], beginning: &[u8]) -> Option<&'a [u8]> {
    let rest = &body[memmem::find(body, beginning)? + beginning.len()..];
    rest.get(..memchr::memchr(b'"', rest)?)
}

fn write(answer: &mut Vec<u8>, status: &str, kind: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
    answer.extend_from_slice(head.as_bytes());
    answer.extend_from_slice(body);
}
