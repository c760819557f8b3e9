//! A receiver of exports that decodes nothing: it records its requests, and answers as a test prescribes.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A request as it arrived.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Received {
    pub path: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub at: Instant,
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A status, further header lines, and a body.
    Status(u16, &'static str, Vec<u8>),
    /// No answer, ever.
    Hang,
    /// The connection is closed without an answer.
    Close,
}

impl Reply {
    /// A status alone.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status(status, "", Vec::new())
    }
}

/// A server on a port of its own, for as long as the process lives.
#[derive(Clone, Debug)]
pub struct Receiver {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Received>,
    script: VecDeque<Reply>,
    always: Option<Reply>,
}

impl Receiver {
    /// Starts one that answers 200 to each request beyond the script.
    #[must_use]
    pub fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State { script: script.into_iter().collect(), ..State::default() };
        let receiver = Self { url, state: Arc::new(Mutex::new(state)) };
        let serving = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.converse(&stream));
            }
        });
        receiver
    }

    /// Starts one that gives the same answer to each request.
    #[must_use]
    pub fn always(reply: Reply) -> Self {
        let receiver = Self::start([]);
        receiver.state.lock().unwrap().always = Some(reply);
        receiver
    }

    /// Returns its address, without a path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its requests so far, refused ones included.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.state.lock().unwrap().requests.clone()
    }

    /// Waits for a request, at most for a minute.
    pub fn wait(&self, count: usize) {
        let begun = Instant::now();
        while self.requests().len() < count {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{} of {count} requests",
                self.requests().len()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn converse(&self, stream: &TcpStream) -> Option<()> {
        let mut input = BufReader::new(stream.try_clone().ok()?);
        loop {
            let request = read(&mut input)?;
            let reply = {
                let mut state = self.state.lock().unwrap();
                state.requests.push(request);
                let scripted = state.script.pop_front();
                scripted.or_else(|| state.always.clone()).unwrap_or_else(|| Reply::status(200))
            };
            match reply {
                Reply::Status(status, headers, body) => {
                    let head =
                        format!("HTTP/1.1 {status} Any\r\n{headers}content-length: {}\r\n\r\n", body.len());
                    let mut out = stream;
                    out.write_all(&[head.as_bytes(), &body].concat()).ok()?;
                }
                Reply::Hang => loop {
                    thread::park();
                },
                Reply::Close => return None,
            }
        }
    }
}

fn read(input: &mut BufReader<TcpStream>) -> Option<Received> {
    let line = |input: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        let read = input.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let path = line(input)?.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    while let Some(header) = line(input).filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':')?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    Some(Received { path, headers, body, at: Instant::now() })
}
