//! A small server that answers requests as a test prescribes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// One request, as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// As in `POST /api/v1/agent_spans HTTP/1.1`.
    pub(crate) line: String,
    /// In lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Writes an answer, the head included.
pub(crate) type Reply = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send>;

/// A listening server. It lives as long as the process.
#[derive(Clone)]
pub(crate) struct Origin {
    address: SocketAddr,
    is_tls: bool,
    connections: Arc<AtomicUsize>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Origin {
    /// Starts one that accepts everything, as the API would.
    pub(crate) fn accepting() -> Self {
        Self::answering(|received| accept(received))
    }

    pub(crate) fn answering(reply: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, reply)
    }

    pub(crate) fn with_tls(
        config: Arc<ServerConfig>,
        reply: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(config), reply)
    }

    fn start(
        tls: Option<Arc<ServerConfig>>,
        reply: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = Self {
            address: listener.local_addr().unwrap(),
            is_tls: tls.is_some(),
            connections: Arc::default(),
            received: Arc::default(),
        };
        let (server, reply) = (origin.clone(), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                server.connections.fetch_add(1, SeqCst);
                let (server, reply, tls) = (server.clone(), Arc::clone(&reply), tls.clone());
                thread::spawn(move || match tls {
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        server.serve(StreamOwned::new(connection, stream), &*reply)
                    }
                    None => server.serve(stream, &*reply),
                });
            }
        });
        origin
    }

    fn serve(&self, stream: impl Read + Write, reply: &dyn Fn(&Received) -> Reply) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(received) = read(&mut stream)? {
            let reply = reply(&received);
            self.received.lock().unwrap().push(received);
            reply(stream.get_mut())?;
            stream.get_mut().flush()?;
        }
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        self.url_at("127.0.0.1")
    }

    pub(crate) fn url_at(&self, host: &str) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{host}:{}", self.address.port())
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Asserts that it has never been sent anything.
    pub(crate) fn assert_untouched(&self) {
        // A connection through the accept queue: the server has accepted all earlier ones when it accepts this one.
        let probe = TcpStream::connect(self.address).unwrap();
        super::until("the probe is accepted", || self.connections() > 0);
        assert_eq!((self.connections(), self.received().len()), (1, 0));
        drop(probe);
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The next request, or nothing at the end of the connection.
fn read(stream: &mut impl BufRead) -> io::Result<Option<Received>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut received = Received { line: line.trim_end().to_owned(), headers, body: Vec::new() };
    let length = received.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    received.body = vec![0; length];
    stream.read_exact(&mut received.body)?;
    Ok(Some(received))
}

/// The API's success, for any request.
pub(crate) fn accept(received: &Received) -> Reply {
    let path = received.line.split(' ').nth(1).unwrap_or_default();
    if path.ends_with("/bulk") {
        let refusal = r#"{"status":"error","code":"not_found","message":"no such path"}"#;
        return answer("404 Not Found", &[("content-type", "application/json")], refusal);
    }
    let sent: Value = serde_json::from_slice(&received.body).unwrap_or_default();
    let in_path = path.split('/').nth(4).filter(|segment| *segment != "register");
    let id = in_path.or_else(|| sent.pointer("/details/id")?.as_str());
    let id = id.unwrap_or("013xrzp12g3nqk8n0000000000000000");
    let mark = &sent["external_identifier"];
    let body =
        json!({ "status": "success", "details": { "id": id, "external_identifier": mark } }).to_string();
    answer("200 OK", &[("content-type", "application/json")], body)
}

/// An answer of known length.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
    let body = body.into();
    let lines: String = headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{lines}\r\n", body.len());
    Box::new(move |stream| {
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body)
    })
}
