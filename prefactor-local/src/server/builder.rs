//! The settings of a server that is to be started.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use super::handle::Server;
#[cfg(feature = "oracle")]
use crate::oracle::Oracle;
use crate::{
    connections::Limits,
    store::{Retention, Silence},
};

impl Server {
    /// Makes a [`Builder`], for a fixed port, a database file or a token.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().token("pf_test").start()?;
    /// assert_eq!(server.token(), "pf_test");
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// The settings of a [`Server`] that is to be started.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), prefactor_local::Error> {
/// let server = prefactor_local::Server::builder().token("pf_test").start()?;
/// assert_eq!(server.token(), "pf_test");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "nothing runs before `start`"]
pub struct Builder {
    pub(super) port: u16,
    pub(super) database: Option<PathBuf>,
    pub(super) token: Option<String>,
    pub(super) address: Option<IpAddr>,
    pub(super) hosts: Vec<String>,
    pub(super) retention: Retention,
    pub(super) limits: Limits,
    #[cfg(feature = "oracle")]
    pub(super) oracle: Option<Oracle>,
    pub(super) silence: Option<Silence>,
}

impl Builder {
    /// Sets the port to listen on; 0, the default, takes a free one.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().port(4000).start()?;
    /// assert_eq!(server.url(), "http://127.0.0.1:4000");
    /// # Ok(())
    /// # }
    /// ```
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the SQLite file that keeps the runs; without one they end with the server.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// use prefactor_local::Server;
    ///
    /// let file = std::env::temp_dir().join(format!("traces-{}.db", std::process::id()));
    /// let token = Server::builder().database(&file).start()?.token().to_owned();
    /// assert_eq!(Server::builder().database(&file).start()?.token(), token);
    /// # let _ = std::fs::remove_file(&file);
    /// # Ok(())
    /// # }
    /// ```
    pub fn database(mut self, file: impl Into<PathBuf>) -> Self {
        self.database = Some(file.into());
        self
    }

    /// Prescribes a token, which the server then asks of clients and of the page.
    ///
    /// Tokens that `POST /api_token` makes are accepted beside it. Without a prescribed token any token is accepted until
    /// one is made, and [`Server::token`] is the same for the same database.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().token("pf_test").start()?;
    /// let answer = ureq::get(format!("{}/api/v1/agent", server.url()))
    ///     .header("Authorization", "Bearer another")
    ///     .call();
    /// assert!(matches!(answer, Err(ureq::Error::StatusCode(401))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the address to listen on, 127.0.0.1 by default.
    ///
    /// Other machines, and containers, may reach any address but a loopback one, so it needs a [`token`](Self::token).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Error, Server};
    /// use std::net::Ipv4Addr;
    ///
    /// let refused = Server::builder().listen(Ipv4Addr::UNSPECIFIED.into()).start();
    /// assert!(matches!(refused, Err(Error::TokenRequired { .. })));
    /// ```
    pub fn listen(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Allows clients to call the server by a name, such as `host.docker.internal`, besides those of this machine.
    ///
    /// Requests that call it by any other name are refused.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// use prefactor_local::{Error, Server};
    ///
    /// let server = Server::builder().allow_host("host.docker.internal").start()?;
    /// let refused = Server::builder().allow_host("http://host.docker.internal").start();
    /// assert!(matches!(refused, Err(Error::HostName { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Deletes runs that ended longer ago than `age`. All runs are kept by default.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// use std::time::Duration;
    ///
    /// let week = Duration::from_secs(7 * 24 * 60 * 60);
    /// let server = prefactor_local::Server::builder().keep_for(week).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep_for(mut self, age: Duration) -> Self {
        self.retention.age = Some(age);
        self
    }

    /// Deletes the oldest runs that have ended while all rows take more than `bytes`. All runs are kept by default.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().keep_bytes(500 * 1024 * 1024).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep_bytes(mut self, bytes: u64) -> Self {
        self.retention.bytes = Some(bytes);
        self
    }

    /// Sets how many connections are served at the same time, 512 by default.
    ///
    /// One connection more is answered with 503 and a `Retry-After` of a second, and closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().max_connections(16).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn max_connections(mut self, count: usize) -> Self {
        self.limits.connections = count;
        self
    }

    /// Sets how long the head of a request may take to arrive, a minute by default.
    ///
    /// A connection that is idle for as long is closed as well.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// use std::time::Duration;
    ///
    /// let server = prefactor_local::Server::builder().head_timeout(Duration::from_secs(5)).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.limits.head = timeout;
        self
    }

    /// Sets how long an active run may be silent until it is marked (10 minutes by default), and until it is ended as
    /// `complete` (24 hours).
    ///
    /// A span or a finish that comes later takes both back.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// use std::time::Duration;
    ///
    /// let hour = Duration::from_secs(60 * 60);
    /// let server = prefactor_local::Server::builder().silent_runs(hour, 7 * 24 * hour).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn silent_runs(mut self, mark_after: Duration, end_after: Duration) -> Self {
        self.silence = Some(Silence { mark_after, end_after });
        self
    }

    /// Lets an [`Oracle`] watch the requests and interfere with them; for tests of clients.
    ///
    /// Such a server also answers to proxies on other ports of this machine.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// use prefactor_local::{Server, oracle::Oracle};
    ///
    /// let oracle = Oracle::new();
    /// let server = Server::builder().oracle(&oracle).start()?;
    /// // … let the client under test send spans to `server.url()` …
    /// oracle.ledger().check().expect("each span once, parents first");
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "oracle")]
    #[cfg_attr(docsrs, doc(cfg(feature = "oracle")))]
    pub fn oracle(mut self, oracle: &Oracle) -> Self {
        self.oracle = Some(oracle.clone());
        self
    }
}

impl fmt::Debug for Builder {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
