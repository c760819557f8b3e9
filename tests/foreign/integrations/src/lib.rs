//! A model on loopback that gives prepared answers in their order.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

/// An answer to one request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status and a JSON body.
    Whole(u16, Value),
    /// No answer: the connection stays open.
    Never,
    /// A status, a content type and a body.
    Typed(u16, &'static str, String),
    /// Server-sent events, then the end of the answer.
    Events(Vec<String>),
    /// Server-sent events, then the end of the connection in the middle of the answer.
    Cut(Vec<String>),
    /// Server-sent events, then nothing: the connection stays open.
    Open(Vec<String>),
}

impl Answer {
    /// These events alone, in the place of all that an [`Events`](Self::Events) has.
    ///
    /// # Panics
    ///
    /// If it has no events.
    #[must_use]
    pub fn first(self, count: usize) -> Vec<String> {
        match self {
            Self::Events(mut events) => {
                events.truncate(count);
                events
            }
            other => panic!("{other:?} has no events"),
        }
    }
}

/// A request of the stub.
#[derive(Clone, Debug)]
struct Request {
    /// The head, in lower case.
    head: String,
    body: Value,
}

/// The stub: its address, and the bodies of its requests.
#[derive(Debug)]
pub struct Model {
    /// Ends in `/v1/`.
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Model {
    /// Answers the requests one after another.
    ///
    /// # Panics
    ///
    /// If the operating system gives no port.
    #[must_use]
    pub fn serve(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/v1/", listener.local_addr().expect("its address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            let mut open = Vec::new();
            for (answer, connection) in answers.into_iter().zip(listener.incoming()) {
                let Ok(connection) = connection else { return };
                if let Some(request) = read(&connection) {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                    let _ = write(&connection, &answer);
                    if matches!(answer, Answer::Never | Answer::Open(_)) {
                        open.push(connection);
                    }
                }
            }
            while !open.is_empty() {
                thread::park();
            }
        });
        Self { url, requests }
    }

    /// The bodies of the requests until now.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.seen(|request| request.body.clone())
    }

    /// A header of each request until now.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<Option<String>> {
        let start = format!("{name}:");
        self.seen(|request| {
            request.head.lines().find_map(|line| Some(line.strip_prefix(&start)?.trim().to_owned()))
        })
    }

    fn seen<T>(&self, part: impl Fn(&Request) -> T) -> Vec<T> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter().map(part).collect()
    }
}

fn read(connection: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    let mut head = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
        head.push('\n');
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { head, body: serde_json::from_slice(&body).ok()? })
}

fn write(mut connection: &TcpStream, answer: &Answer) -> std::io::Result<()> {
    let whole = |events: &[String]| {
        let events: Vec<_> = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        events.concat()
    };
    let (status, kind, body, missing) = match answer {
        Answer::Never => return Ok(()),
        Answer::Whole(status, body) => (*status, "application/json", body.to_string(), 0),
        Answer::Typed(status, kind, body) => (*status, *kind, body.clone(), 0),
        Answer::Events(events) => (200, "text/event-stream", whole(events), 0),
        Answer::Cut(events) | Answer::Open(events) => (200, "text/event-stream", whole(events), 1),
    };
    let length = body.len() + missing;
    write!(
        connection,
        "HTTP/1.1 {status} status\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A chat completion with that message.
#[must_use]
pub fn completion(message: &Value, reason: &str) -> Answer {
    Answer::Whole(
        200,
        json!({
            "id": "answer-1", "object": "chat.completion", "created": 1, "model": "small-1-2026",
            "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
            "usage": { "prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17 },
        }),
    )
}

/// A chat completion that is a text.
#[must_use]
pub fn text(content: &str) -> Answer {
    completion(&json!({ "role": "assistant", "content": content }), "stop")
}

/// A chat completion that calls a tool.
#[must_use]
pub fn tool_call(name: &str, arguments: &Value) -> Answer {
    let function = json!({ "name": name, "arguments": arguments.to_string() });
    let call = json!({ "id": "call-1", "type": "function", "function": function });
    completion(&json!({ "role": "assistant", "content": null, "tool_calls": [call] }), "tool_calls")
}

/// The chunks of a streamed text, its usage and its marker.
#[must_use]
pub fn stream(words: &[&str]) -> Answer {
    let chunk = |delta: Value, reason: Value| {
        json!({
            "id": "answer-1", "object": "chat.completion.chunk", "created": 1, "model": "small-1-2026",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }],
        })
    };
    let mut events: Vec<_> = words
        .iter()
        .map(|word| chunk(json!({ "role": "assistant", "content": word }), Value::Null).to_string())
        .collect();
    events.push(chunk(json!({}), "stop".into()).to_string());
    let usage = json!({ "prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17 });
    events.push(
        json!({
            "id": "answer-1", "object": "chat.completion.chunk", "created": 1, "model": "small-1-2026",
            "choices": [], "usage": usage,
        })
        .to_string(),
    );
    events.push("[DONE]".to_owned());
    Answer::Events(events)
}
