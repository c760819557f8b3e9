//! A server and a JSON client for it, which makes the usual objects.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use prefactor_local::{Builder, Server};
use serde_json::{Value, json};

pub(crate) struct Client {
    pub(crate) server: Server,
    http: ureq::Agent,
}

/// An answer whose body is known to be JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) http: u16,
    pub(crate) text: String,
    pub(crate) body: Value,
}

pub(crate) fn start() -> Client {
    start_with(Server::builder())
}

pub(crate) fn start_with(builder: Builder) -> Client {
    let http = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    Client { server: builder.start().unwrap(), http }
}

impl Client {
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string())
    }

    /// Posts with another token than the server's own.
    pub(crate) fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        let request = self.http.post(self.api(path)).header("Authorization", format!("Bearer {token}"));
        answer(request.header("Content-Type", "application/json").send(&body.to_string()).unwrap())
    }

    pub(crate) fn post_text(&self, path: &str, body: &str) -> Answer {
        let request = self.http.post(self.api(path)).header("Authorization", self.bearer());
        answer(request.header("Content-Type", "application/json").send(body).unwrap())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        answer(self.http.get(self.api(path)).header("Authorization", self.bearer()).call().unwrap())
    }

    /// Any request, with further headers.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &BTreeMap<String, String>,
        body: Option<&str>,
    ) -> Answer {
        let path = path.replace('[', "%5B").replace(']', "%5D");
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.api(&path))
            .header("Authorization", self.bearer());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if body.is_some() && !headers.contains_key("Content-Type") {
            request = request.header("Content-Type", "application/json");
        }
        answer(self.http.run(request.body(body.unwrap_or_default().to_owned()).unwrap()).unwrap())
    }

    /// Posts, expects success, and returns the details.
    pub(crate) fn make(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer.http, 200, "{path} {body}: {}", answer.text);
        answer.body["details"].clone()
    }

    pub(crate) fn register(&self) -> String {
        id(&self.make("agent_instance/register", &json!({"agent_version": {"name": "test"}})))
    }

    /// A registered and started instance.
    pub(crate) fn running(&self) -> String {
        let instance = self.register();
        self.make(&format!("agent_instance/{instance}/start"), &json!({}));
        instance
    }

    pub(crate) fn span(&self, instance: &str, status: &str) -> String {
        id(&self.make("agent_spans", &span(instance, status)))
    }

    pub(crate) fn span_count(&self, instance: &str) -> Value {
        self.get(&format!("agent_instance/{instance}")).body["details"]["span_counts"]["total"].clone()
    }

    fn api(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.server.url())
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.server.token())
    }
}

pub(crate) fn span(instance: &str, status: &str) -> Value {
    json!({"details": {"agent_instance_id": instance, "schema_name": "test:step", "status": status, "payload": {}}})
}

pub(crate) fn id(details: &Value) -> String {
    details["id"].as_str().unwrap().to_owned()
}

impl Answer {
    /// The fields that a validation error names.
    pub(crate) fn invalid_fields(&self) -> Vec<&str> {
        assert_eq!(self.http, 422, "{}", self.text);
        assert_eq!(self.body["code"], "validation_errors");
        self.body["errors"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    /// The rows of a list.
    pub(crate) fn summaries(&self) -> &[Value] {
        assert_eq!(self.http, 200, "{}", self.text);
        self.body["summaries"].as_array().unwrap()
    }

    pub(crate) fn is_error(&self, http: u16, code: &str) -> bool {
        let message = self.body["message"].as_str().is_some_and(|message| !message.is_empty());
        self.http == http && self.body["status"] == "error" && self.body["code"] == code && message
    }
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Answer {
    let http = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let text = response.into_body().read_to_string().unwrap();
    assert!(kind.starts_with("application/json"), "{kind}: {text}");
    Answer { http, body: serde_json::from_str(&text).unwrap(), text }
}

/// Sends `head`, with the line ends of HTTP, and `body`; returns all that comes back.
pub(crate) fn raw(server: &Server, head: &[&str], body: &[u8]) -> String {
    let mut connection = TcpStream::connect(server.address()).unwrap();
    let head = head.join("\r\n") + "\r\nConnection: close\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(body).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

/// Waits until a condition holds, for a minute at most.
pub(crate) fn until(mut has_happened: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !has_happened() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it did not happen within a minute");
        std::thread::yield_now();
    }
}

/// A connection that is kept from one request to the next.
pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) fn to(server: &Server) -> Self {
        Self(TcpStream::connect(server.address()).unwrap())
    }

    /// Sends the whole request, and only then reads an answer: its head and its body.
    pub(crate) fn ask(&mut self, head: &[&str], body: &[u8]) -> String {
        self.0.write_all(format!("{}\r\n\r\n", head.join("\r\n")).as_bytes()).unwrap();
        self.0.write_all(body).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            self.read(&mut answer, 1);
        }
        let head = String::from_utf8(answer.clone()).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        self.read(&mut answer, length.parse().unwrap());
        String::from_utf8(answer).unwrap()
    }

    fn read(&mut self, answer: &mut Vec<u8>, count: usize) {
        let before = answer.len();
        answer.resize(before + count, 0);
        self.0.read_exact(&mut answer[before..]).unwrap();
    }
}

/// The JSON in a raw answer.
pub(crate) fn json_of(answer: &str) -> Value {
    assert_eq!(status(answer), 200, "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// The status in the first line of a raw answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
