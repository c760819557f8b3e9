//! The API's answers without a store: every call is accepted, after a while, and nothing is kept. Memory and work are
//! so small that a test measures the client's.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// The id of every run.
const RUN: &str = "013xrzp12g3nqk8n0000000000000000";

/// A server on a port of its own, for as long as the process lives.
#[derive(Clone, Debug)]
pub struct Stub {
    url: String,
    /// The number of accepted calls of spans.
    calls: Arc<AtomicUsize>,
}

impl Stub {
    /// Starts one that answers after `delay`.
    #[must_use]
    pub fn answering_after(delay: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counter = Arc::clone(&counter);
                thread::spawn(move || drop(converse(&stream, delay, &counter)));
            }
        });
        Self { url, calls }
    }

    /// Returns its address, without a path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Counts accepted creates and finishes of spans, those in bulk requests one by one.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Relaxed)
    }
}

fn converse(stream: &TcpStream, delay: Duration, calls: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut body, mut length) = (String::new(), Vec::new(), 0);
        reader.read_line(&mut first)?;
        if first.is_empty() {
            return Ok(());
        }
        let mut line = first.clone();
        while !line.trim().is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        reader.by_ref().take(length).read_to_end(&mut body)?;
        thread::sleep(delay);
        let path = first.split(' ').nth(1).unwrap();
        let answer = answer(path.trim_start_matches("/api/v1/"), std::str::from_utf8(&body).unwrap(), calls);
        let mut stream = stream;
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len())?;
    }
}

fn answer(path: &str, body: &str, calls: &AtomicUsize) -> String {
    let done = |id: &str| format!(r#"{{"status":"success","details":{{"id":"{id}"}}}}"#);
    let parts: Vec<_> = path.split('/').collect();
    match parts[..] {
        ["bulk"] => {
            let outputs: Vec<_> = texts(body, "idempotency_key")
                .map(|key| format!(r#""{key}":{{"status":"success","details":{{}}}}"#))
                .collect();
            calls.fetch_add(outputs.len(), Relaxed);
            format!(r#"{{"status":"success","outputs":{{{}}}}}"#, outputs.join(","))
        }
        ["agent_spans"] => {
            calls.fetch_add(1, Relaxed);
            done(texts(body, "id").next().unwrap())
        }
        ["agent_spans", id, _] => {
            calls.fetch_add(1, Relaxed);
            done(id)
        }
        ["agent_instance", id, _] => done(id),
        _ => done(RUN),
    }
}

/// Returns the texts under a name. The client writes no white space.
fn texts<'a>(body: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let begin = format!(r#""{name}":""#);
    let rest = body.split(&begin).skip(1).collect::<Vec<_>>();
    rest.into_iter().filter_map(|rest| rest.split('"').next())
}
