//! An HTTP proxy that answers oddly: in place of the server, or after it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The treatment of a request.
#[derive(Clone, Debug)]
pub enum Treatment {
    /// The server answers it.
    Pass,
    /// The proxy answers it, and the server does not get it.
    Answer(u16, String),
    /// The server gets it, and the client gets this answer instead of the server's.
    Replace(u16, String),
    /// The server gets it, and the client gets the answer to another request.
    OutOfStep,
    /// The connection is closed, and the server does not get it.
    Close,
    /// The server gets it, and the connection is closed.
    CloseAfter,
}

/// A request, with the parts that its treatment depends on.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `POST` or `GET`.
    pub method: String,
    /// The path without `/api/v1`.
    pub path: String,
    /// The number of equal requests before.
    pub repeats: usize,
}

/// A running proxy, which ends with the process.
#[derive(Debug)]
pub struct Middlebox {
    address: SocketAddr,
}

type Treat = dyn FnMut(&Seen) -> Treatment + Send;

struct Shared {
    target: SocketAddr,
    treat: Mutex<Box<Treat>>,
    seen: Mutex<HashMap<u64, usize>>,
    /// The last answer of the server, whole.
    last: Mutex<Option<Vec<u8>>>,
}

impl Middlebox {
    /// Starts a proxy in front of that server. `treat` is called for each request, in the order of their arrival.
    #[must_use]
    pub fn new(target: SocketAddr, treat: impl FnMut(&Seen) -> Treatment + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target,
            treat: Mutex::new(Box::new(treat)),
            seen: Mutex::default(),
            last: Mutex::default(),
        });
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
        Self { address }
    }

    /// Returns the address for clients that use the proxy.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve(client: &TcpStream, shared: &Shared) -> io::Result<()> {
    let _ = client.set_nodelay(true);
    let mut reader = BufReader::new(client);
    let mut client = client;
    loop {
        let Some((head, body)) = message(&mut reader)? else { return Ok(()) };
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut hasher = DefaultHasher::new();
        (path, &body).hash(&mut hasher);
        let repeats = {
            let mut seen = shared.seen.lock().unwrap();
            let count = seen.entry(hasher.finish()).or_default();
            *count += 1;
            *count - 1
        };
        let path = path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
        let seen = Seen { method: method.to_owned(), path, repeats };
        let treatment = (shared.treat.lock().unwrap())(&seen);
        match treatment {
            Treatment::Pass => client.write_all(&forward(shared, &head, &body)?)?,
            Treatment::Answer(status, text) => client.write_all(&answer(status, &text))?,
            Treatment::Replace(status, text) => {
                forward(shared, &head, &body)?;
                client.write_all(&answer(status, &text))?;
            }
            Treatment::OutOfStep => {
                let other = shared.last.lock().unwrap().clone();
                let own = forward(shared, &head, &body)?;
                client.write_all(&other.unwrap_or(own))?;
            }
            Treatment::Close => return Ok(()),
            Treatment::CloseAfter => return forward(shared, &head, &body).map(drop),
        }
    }
}

/// Sends a request to the server over a connection of its own, under the server's name, and returns its answer.
fn forward(shared: &Shared, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(shared.target)?;
    let lines = head.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        !line.is_empty() && !line.starts_with("host:") && !line.starts_with("connection:")
    });
    let lines = lines.collect::<Vec<_>>().join("\r\n");
    let request = format!("{lines}\r\nhost: {}\r\nconnection: close\r\n\r\n", shared.target);
    server.write_all(request.as_bytes())?;
    server.write_all(body)?;
    let (head, body) = message(&mut BufReader::new(&server))?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = head.to_ascii_lowercase().replace("connection: close\r\n", "");
    let head = head.replacen("http/", "HTTP/", 1);
    let whole = [head.as_bytes(), &body].concat();
    *shared.last.lock().unwrap() = Some(whole.clone());
    Ok(whole)
}

/// A head with its empty line, and the body of its length. `None` at the end of the connection.
fn message(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<(String, Vec<u8>)>> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let begin = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        let line = head[begin..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let (length, body) = if matches!(status, 204 | 304) {
        (String::new(), "")
    } else {
        (format!("content-length: {}\r\n", body.len()), body)
    };
    format!("HTTP/1.1 {status} Odd\r\n{length}\r\n{body}").into_bytes()
}
