//! A client that sends prepared bytes over a connection that it keeps, and reads the answers.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use anyhow::{Context as _, Result, ensure};
use prefactor_local::Server;

pub(crate) struct Client {
    stream: TcpStream,
    address: SocketAddr,
    token: String,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn to(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(server.address())?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address: server.address(), token: server.token().to_owned(), received: Vec::new() })
    }

    /// The bytes of a `POST` below `/api/v1`.
    pub(crate) fn request(&self, path: &str, body: &str) -> Vec<u8> {
        format!(
            "POST /api/v1/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.token,
            body.len(),
        )
        .into_bytes()
    }

    pub(crate) fn post(&mut self, path: &str, body: &str) -> Result<String> {
        let request = self.request(path, body);
        self.send(&request)
    }

    pub(crate) fn get(&mut self, path: &str) -> Result<String> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            self.address, self.token
        );
        self.send(request.as_bytes())
    }

    /// Sends a whole request, and returns the body of its answer, which must be a success.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<String> {
        self.stream.write_all(request)?;
        self.received.clear();
        let mut buffer = vec![0; 64 << 10];
        let (head, length) = loop {
            let count = self.stream.read(&mut buffer)?;
            ensure!(count > 0, "the server closed the connection");
            self.received.extend_from_slice(&buffer[..count]);
            let Some(head) = memchr::memmem::find(&self.received, b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.received[..head])?;
            ensure!(
                text.starts_with("HTTP/1.1 200"),
                "{} was answered with {}",
                String::from_utf8_lossy(&request[..request.len().min(200)]),
                String::from_utf8_lossy(&self.received)
            );
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            break (head + 4, length.context("the answer has a length")?.parse::<usize>()?);
        };
        while self.received.len() < head + length {
            let count = self.stream.read(&mut buffer)?;
            ensure!(count > 0, "the server closed the connection");
            self.received.extend_from_slice(&buffer[..count]);
        }
        Ok(String::from_utf8(self.received[head..].to_vec())?)
    }
}
