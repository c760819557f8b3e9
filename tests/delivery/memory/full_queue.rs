//! F30, G6: the memory of the SDK while nothing can be delivered.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use prefactor::{Client, DropReason};
use prefactor_tests::invariants::assert_conserved;

use crate::{MIB, TIMEOUT, peak_of, turn};

/// Bytes of the queue, of a request in flight (4 MiB) and its repetition, of the connections' write buffers (some 400
/// KiB each), of two batches, and of the long text that a caller is copying.
const BOUND: usize = 32 * MIB + 2 * 4 * MIB + 2 * MIB + 2 * MIB + MIB;
const PROMPTS: u64 = 1_000;

/// A server that registers and starts runs, and answers nothing else but whether it takes bulk requests. Its memory is
/// a few kilobytes.
struct Server {
    url: String,
    /// Requests with spans that came in.
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(takes_bulk: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counter = Arc::clone(&counter);
                thread::spawn(move || drop(converse(&stream, takes_bulk, &counter)));
            }
        });
        Self { url, requests }
    }
}

fn converse(stream: &TcpStream, takes_bulk: bool, requests: &AtomicUsize) -> std::io::Result<()> {
    const DONE: &str = r#"{"status":"success","details":{"id":"00000001018qxxx_ABCDEFGHIJKLMNOP"}}"#;
    const UNKNOWN: &str = r#"{"status":"error","code":"not_found"}"#;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
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
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        let (status, answer) = match first.split(' ').nth(1).unwrap().rsplit('/').next().unwrap() {
            "bulk" if !takes_bulk => ("404 Not Found", UNKNOWN),
            "bulk" | "agent_spans" => {
                requests.fetch_add(1, SeqCst);
                std::io::copy(&mut reader, &mut std::io::sink())?;
                return Ok(());
            }
            _ => ("200 OK", DONE),
        };
        let mut stream = stream;
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len())?;
    }
}

/// Fills the queue with prompts that nobody takes, and returns the peak of the allocated bytes.
fn peak(takes_bulk: bool) -> usize {
    let server = Server::start(takes_bulk);
    let prompt = "x".repeat(MIB);
    peak_of(|| fill(&server, &prompt)).0
}

fn fill(server: &Server, prompt: &str) {
    let builder = Client::builder().api_url(&server.url).api_token("token").max_input_length(2 * MIB);
    let builder = builder.max_queue_bytes(32 * MIB).request_timeout(Duration::from_millis(300));
    let client = builder.build().unwrap();
    let instance = client.register("tester");
    for _ in 0..PROMPTS {
        instance.span("test:prompt").with_default_payload(prompt).complete(&());
    }
    let stats = client.stats();
    let (full, outstanding) = (stats.dropped(DropReason::QueueFull), stats.outstanding);
    assert_eq!(
        (stats.created, stats.dropped_total(), full + outstanding),
        (PROMPTS, full, PROMPTS),
        "{stats}"
    );
    assert_conserved(&stats);
    // A payload is cut to 448 KiB, and the queue has room for 73 of them.
    assert!((70..=73).contains(&outstanding), "{stats}");

    let begin = Instant::now();
    while server.requests.load(SeqCst) < 4 || client.stats().retries < 2 {
        assert!(begin.elapsed() < TIMEOUT, "it does not try again");
        thread::sleep(Duration::from_millis(1));
    }
    let stats = client.shutdown(Duration::from_millis(300)).stats;
    let late = stats.dropped(DropReason::ShutdownDeadline);
    assert_eq!((stats.dropped(DropReason::QueueFull), late + stats.unknown), (full, outstanding), "{stats}");
    assert_eq!((stats.acknowledged, stats.outstanding, stats.created), (0, 0, PROMPTS), "{stats}");
    assert_conserved(&stats);
    let runs = stats.runs;
    assert_eq!((runs.created, runs.registered, runs.started, runs.lost), (1, 1, 1, 1), "{runs:?}");
}

#[test]
fn f30_a_queue_full_by_bytes_is_bounded_and_its_drops_are_exact() {
    let _turn = turn();
    for takes_bulk in [true, false] {
        let peak = peak(takes_bulk);
        assert!(
            peak <= BOUND,
            "{} KiB are too much, where bulk requests are taken: {takes_bulk}",
            peak >> 10
        );
        println!("{} KiB", peak >> 10);
    }
}
