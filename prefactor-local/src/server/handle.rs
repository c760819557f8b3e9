//! The handle of a running server: its addresses, its token, and its end.

use std::{fmt, net::SocketAddr, sync::mpsc, thread::JoinHandle};

use tokio::sync::oneshot;

use super::serving::Stop;
use crate::store::Development;

/// A running server; dropping it stops it and waits for its thread.
///
/// Its methods block. The server runs on a thread of its own with its own runtime, so any program can start one, and a
/// caller that blocks its own runtime cannot starve the server that it waits for.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), prefactor_local::Error> {
/// let server = prefactor_local::Server::start()?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// server.stop();
/// # Ok(())
/// # }
/// ```
#[must_use = "the server stops when this is dropped"]
pub struct Server {
    pub(super) address: SocketAddr,
    pub(super) url: String,
    pub(super) token: String,
    pub(super) is_token_prescribed: bool,
    pub(super) development: Development,
    /// Taken once, by the owner who ends the server; the thread waits on the other end.
    pub(super) stop: Option<oneshot::Sender<Stop>>,
    pub(super) thread: Option<JoinHandle<()>>,
}

/// The identifiers of a server's account; the same for the same database.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Account<'a> {
    /// The value of `account_id` in requests.
    pub account_id: &'a str,
    /// The value of `environment_id` in requests.
    pub environment_id: &'a str,
    /// The value of `agent_id` in requests of a program whose agent has no identifier yet.
    pub agent_id: &'a str,
}

impl Server {
    /// Returns the base URL without a trailing slash, `http://127.0.0.1:PORT`: the value of `PREFACTOR_API_URL`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// assert_eq!(server.url(), format!("http://{}", server.address()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address that the server listens on.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// assert!(server.address().ip().is_loopback());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a token that the server accepts: the value of `PREFACTOR_API_TOKEN`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = prefactor_local::Server::start()?;
    /// let agents = ureq::get(format!("{}/api/v1/agent", server.url()))
    ///     .header("Authorization", format!("Bearer {}", server.token()))
    ///     .call()?;
    /// assert_eq!(agents.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the identifiers that a client names when its token is for the whole account, as the development token is.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// println!("PREFACTOR_AGENT_ID={}", server.account().agent_id);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn account(&self) -> Account<'_> {
        let Development { account_id, environment_id, agent_id, .. } = &self.development;
        Account { account_id, environment_id, agent_id }
    }

    /// Returns the address of the page.
    ///
    /// With a prescribed token the address opens the page as well: the token is in the fragment, which browsers keep to
    /// themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().token("pf_test").start()?;
    /// assert!(server.page_url().ends_with("/#token=pf_test"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn page_url(&self) -> String {
        if self.is_token_prescribed {
            [&self.url, "/#token=", &self.token].concat()
        } else {
            [&self.url, "/"].concat()
        }
    }

    /// Returns the address of the page of one run.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// let run = "01hzy0q5pfm0abcdefghjkmnpqrstvwx";
    /// assert_eq!(server.trace_url(run), format!("{}/runs/{run}", server.url()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn trace_url(&self, instance_id: &str) -> String {
        [&self.url, "/runs/", instance_id].concat()
    }

    /// Blocks until the process is asked to end (ctrl-c, or `SIGTERM`), then stops cleanly.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::builder().port(4000).start()?;
    /// println!("traces: {}", server.page_url());
    /// server.wait();
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(self) {
        self.wait_with(|_| ());
    }

    /// Blocks like [`wait`](Self::wait), and calls `ready` once the server listens for the signals.
    ///
    /// A program that hears of the server in `ready`, and then signals, stops it cleanly.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// server.wait_with(|server| println!("ready: {}", server.url()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_with(mut self, ready: impl FnOnce(&Self)) {
        let (listening, listens) = mpsc::channel();
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(Stop::OnSignal(listening));
        }
        let _ = listens.recv();
        ready(&self);
        self.join();
    }

    /// Stops the server and blocks until its thread has ended. Answers under way have half a second.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let server = prefactor_local::Server::start()?;
    /// let address = server.address();
    /// server.stop();
    /// assert!(std::net::TcpStream::connect(address).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(self) {
        drop(self);
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(Stop::Now);
        }
        self.join();
    }
}

impl fmt::Debug for Server {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}
