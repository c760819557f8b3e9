//! Starts a server: checks its settings, opens its database, and listens.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use tokio::sync::oneshot;

use super::{
    builder::Builder,
    handle::Server,
    serving::{SILENCE, Serving, spawn},
};
#[cfg(feature = "oracle")]
use crate::oracle::Observer;
use crate::{Error, app::App, error_response::ErrorResponse, store::Store, tokens::Tokens};

impl Server {
    /// Starts a server on a free port, with a database in memory.
    ///
    /// # Errors
    ///
    /// When the operating system gives no socket, no thread or no random bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// println!("PREFACTOR_API_URL={} PREFACTOR_API_TOKEN={}", server.url(), server.token());
    /// # Ok(())
    /// # }
    /// ```
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }
}

impl Builder {
    /// Starts the server; it answers when this returns.
    ///
    /// # Errors
    ///
    /// When the port is taken, the database cannot be opened, the token cannot be sent in a header, or
    /// the operating system gives no socket, no thread or no random bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Error, Server};
    ///
    /// # fn main() -> Result<(), Error> {
    /// let server = Server::builder().start()?;
    /// let second = Server::builder().port(server.address().port()).start();
    /// assert!(matches!(second, Err(Error::PortInUse { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn start(self) -> Result<Server, Error> {
        if self
            .token
            .as_deref()
            .is_some_and(|token| token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err(Error::Token);
        }
        let ip = self.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        if !ip.is_loopback() && self.token.is_none() {
            return Err(Error::TokenRequired { address: ip });
        }
        let is_name = |name: &&String| name.is_empty() || name.contains([':', '/', '@', ' ', ',']);
        if let Some(name) = self.hosts.iter().find(is_name) {
            return Err(Error::HostName { name: name.clone() });
        }
        let store = Store::open(self.database.as_deref())?;
        let (development, made) = store
            .write_blocking(|work| Ok((work.development()?, work.tokens_to_check()?)))
            .map_err(|error| self.database_error(&error))?;
        let is_token_prescribed = self.token.is_some();
        let token = self.token.clone().unwrap_or_else(|| development.token.clone());
        let tokens = Tokens::new(&token, is_token_prescribed, made);
        let listener = listen(ip, self.port)?;
        let address = listener.local_addr().map_err(|source| Error::Listen { port: self.port, source })?;
        let url = url_of(address);
        let _ = store.announce(&url);
        let app = Arc::new(App { store, address, hosts: self.hosts, tokens, is_token_prescribed });
        let serving = Serving {
            limits: self.limits,
            retention: self.retention,
            silence: self.silence.unwrap_or(SILENCE),
            #[cfg(feature = "oracle")]
            observer: self.oracle.map(|oracle| Observer { oracle, address }),
        };
        let (stop, stopped) = oneshot::channel();
        let thread = spawn(listener, app, serving, stopped).map_err(Error::Thread)?;
        Ok(Server {
            address,
            url,
            token,
            is_token_prescribed,
            development,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn database_error(&self, error: &ErrorResponse) -> Error {
        let path = self.database.clone().unwrap_or_else(|| ":memory:".into());
        Error::Database { path, source: error.to_json().into() }
    }
}

/// The URL by which clients on this machine call the server.
fn url_of(address: SocketAddr) -> String {
    let ip = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    ["http://", &SocketAddr::new(ip, address.port()).to_string()].concat()
}

fn listen(ip: IpAddr, port: u16) -> Result<TcpListener, Error> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse { port },
        _ => Error::Listen { port, source },
    };
    let listener = TcpListener::bind((ip, port)).map_err(refused)?;
    listener.set_nonblocking(true).map_err(|source| Error::Listen { port, source })?;
    Ok(listener)
}
