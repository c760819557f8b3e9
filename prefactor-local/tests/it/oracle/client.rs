//! A client of a server with an oracle.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
};

use prefactor_local::{
    Server,
    oracle::{Kind, Oracle, Tally},
};
use serde_json::{Value, json};

use crate::client::{Client, span, start_with};

pub(super) struct Watched {
    pub(super) oracle: Oracle,
    pub(super) client: Client,
    pub(super) instance: String,
}

pub(super) fn watched() -> Watched {
    let oracle = Oracle::new();
    let client = start_with(Server::builder().oracle(&oracle));
    let instance = client.running();
    Watched { oracle, client, instance }
}

impl Watched {
    pub(super) fn create(&self, key: &str, status: &str) -> Value {
        let mut body = span(&self.instance, status);
        body["idempotency_key"] = key.into();
        body
    }

    pub(super) fn item(&self, key: &str, status: &str) -> Value {
        let mut item = self.create(key, status);
        item["_type"] = "agent_spans/create".into();
        item
    }

    /// Posts, and returns all that comes back until the connection ends.
    pub(super) fn post_raw(&self, path: &str, body: &Value) -> io::Result<String> {
        let (address, token, body) =
            (self.client.server.address(), self.client.server.token(), body.to_string());
        let mut connection = TcpStream::connect(address)?;
        write!(
            connection,
            "POST /api/v1/{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        Ok(String::from_utf8(answer).unwrap())
    }

    pub(super) fn spans(&self) -> usize {
        self.oracle.ledger().count(Kind::CreateSpan)
    }

    pub(super) fn tally(&self) -> Tally {
        self.oracle.ledger().check().unwrap()
    }
}

pub(super) fn bulk(items: &[Value]) -> Value {
    json!({ "items": items })
}
