//! The running server: a thread with its own runtime, stopped by its owner.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime,
    sync::oneshot,
    time::{MissedTickBehavior, interval},
};

#[cfg(feature = "oracle")]
use crate::oracle::{self, Observer, Oracle};
use crate::{
    Error,
    app::App,
    connections::{self, Limits, Plain},
    error_response::ErrorResponse,
    routes,
    signal::Signals,
    store::{Development, Retention, Silence, Store},
    tokens::Tokens,
};

/// When a run of which nothing is heard is marked as silent, and when it is ended.
const SILENCE: Silence =
    Silence { mark_after: Duration::from_secs(10 * 60), end_after: Duration::from_secs(24 * 60 * 60) };

/// How often it is looked for silent runs, at most and at least.
const LOOKS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(30));

/// How often it is looked for runs that are not kept.
const RETENTION_LOOKS: Duration = Duration::from_secs(5);

/// How long answers under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_millis(500);

/// A running server; dropping it stops it and waits for its thread.
///
/// It blocks on the outside and runs on a thread of its own with its own runtime. So it can be started
/// from any program, and a caller that blocks its own runtime cannot starve the server it waits for.
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
    address: SocketAddr,
    url: String,
    token: String,
    is_token_prescribed: bool,
    development: Development,
    /// Taken once, by whoever ends the server; the thread waits on the other end.
    stop: Option<oneshot::Sender<Stop>>,
    thread: Option<JoinHandle<()>>,
}

/// The identifiers of a server's account; the same for the same database.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Account<'a> {
    /// What `account_id` takes.
    pub account_id: &'a str,
    /// What `environment_id` takes.
    pub environment_id: &'a str,
    /// What `agent_id` takes, for a program whose agent has no identifier yet.
    pub agent_id: &'a str,
}

enum Stop {
    Now,
    /// When the process is asked to end. The channel hears of it once that is listened for.
    OnSignal(mpsc::Sender<()>),
}

impl Server {
    /// Starts a server on a free port, with a database in memory.
    ///
    /// # Errors
    ///
    /// When the operating system gives no socket, no thread or no random bytes.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// Sets up a server with a fixed port, a database file or a token.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL without a trailing slash, `http://127.0.0.1:PORT`: what `PREFACTOR_API_URL` takes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A token that it accepts: what `PREFACTOR_API_TOKEN` takes.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The identifiers that a client names which uses an account-wide token, as the development token is.
    #[must_use]
    pub fn account(&self) -> Account<'_> {
        let Development { account_id, environment_id, agent_id, .. } = &self.development;
        Account { account_id, environment_id, agent_id }
    }

    /// The address of the page. With a prescribed token it opens the page as well: the token is in the fragment,
    /// which browsers send to nobody.
    #[must_use]
    pub fn page_url(&self) -> String {
        if self.is_token_prescribed {
            [&self.url, "/#token=", &self.token].concat()
        } else {
            [&self.url, "/"].concat()
        }
    }

    /// The address of the page of one run.
    #[must_use]
    pub fn trace_url(&self, instance_id: &str) -> String {
        [&self.url, "/runs/", instance_id].concat()
    }

    /// Blocks until the process is asked to end (ctrl-c, or `SIGTERM`), then stops cleanly.
    pub fn wait(self) {
        self.wait_with(|_| ());
    }

    /// Like [`wait`](Self::wait), and calls `ready` once the signals are listened for: whoever is told
    /// then how to stop the server stops it cleanly.
    pub fn wait_with(mut self, ready: impl FnOnce(&Self)) {
        let (listening, listens) = mpsc::channel();
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(Stop::OnSignal(listening));
        }
        let _ = listens.recv();
        ready(&self);
        self.join();
    }

    /// Stops the server and waits for its thread.
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

/// What a [`Server`] is to be started with.
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
    port: u16,
    database: Option<PathBuf>,
    token: Option<String>,
    address: Option<IpAddr>,
    hosts: Vec<String>,
    retention: Retention,
    limits: Limits,
    #[cfg(feature = "oracle")]
    oracle: Option<Oracle>,
    silence: Option<Silence>,
}

impl Builder {
    /// The port to listen on; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The SQLite file to keep runs in; without one they end with the server.
    pub fn database(mut self, file: impl Into<PathBuf>) -> Self {
        self.database = Some(file.into());
        self
    }

    /// The token to accept, besides those that are made by `POST /api_token`; it guards what the page shows as well.
    /// Without it any token is accepted until one is made, and [`Server::token`] is the same for the same database.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The address to listen on, 127.0.0.1 by default. Any other than a loopback address needs a
    /// [`token`](Self::token), for it may be reached from other machines: a container reaches its host so.
    pub fn listen(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// A name by which clients may call the server, besides those of this machine: `host.docker.internal`, say.
    /// Requests that call it by any other name are refused.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Deletes runs that ended longer ago than this; without it, or [`keep_bytes`](Self::keep_bytes), all are kept.
    pub fn keep_for(mut self, age: Duration) -> Self {
        self.retention.age = Some(age);
        self
    }

    /// Deletes the oldest runs that have ended while the rows take more than so many bytes.
    pub fn keep_bytes(mut self, bytes: u64) -> Self {
        self.retention.bytes = Some(bytes);
        self
    }

    /// How many connections are served at the same time, 512 by default. One beyond is answered with 503, a
    /// `Retry-After` of a second, and closed.
    pub fn most_connections(mut self, most: usize) -> Self {
        self.limits.connections = most;
        self
    }

    /// How long the head of a request may take to arrive, a minute by default. A connection that is idle for as long
    /// is closed as well.
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.limits.head = timeout;
        self
    }

    /// When an active run of which nothing is heard is marked as silent (10 minutes by default), and when it is ended as
    /// `complete` (24 hours). A span or a finish that comes later takes either back.
    pub fn silent_runs(mut self, mark_after: Duration, end_after: Duration) -> Self {
        self.silence = Some(Silence { mark_after, end_after });
        self
    }

    /// Has an [`Oracle`] watch the requests and interfere with them; for tests of clients.
    ///
    /// Such a server also answers to proxies on other ports of this machine.
    #[cfg(feature = "oracle")]
    #[cfg_attr(docsrs, doc(cfg(feature = "oracle")))]
    pub fn oracle(mut self, oracle: &Oracle) -> Self {
        self.oracle = Some(oracle.clone());
        self
    }

    fn database_error(&self, error: &ErrorResponse) -> Error {
        let path = self.database.clone().unwrap_or_else(|| ":memory:".into());
        Error::Database { path, source: error.to_json().into() }
    }

    /// Starts the server; it answers when this returns.
    ///
    /// # Errors
    ///
    /// When the port is taken, the database cannot be opened, the token cannot be sent in a header, or
    /// the operating system gives no socket, no thread or no random bytes.
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
            #[cfg(feature = "oracle")]
            observer: self.oracle.map(|oracle| Observer { oracle, address }),
        };
        let retention = self.retention;
        let silence = self.silence.unwrap_or(SILENCE);
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
        let thread = thread::Builder::new()
            .name("prefactor-local".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let looking = tokio::spawn(end_silent_runs(Arc::clone(&app), silence));
                    let keeping = tokio::spawn(delete_old_runs(Arc::clone(&app), retention));
                    serve(listener, app, serving, stopped).await;
                    looking.abort();
                    keeping.abort();
                });
                runtime.shutdown_timeout(GRACE);
            })
            .map_err(Error::Thread)?;
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

/// What clients on this machine call the server by.
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

/// Looks for silent runs, now and then.
async fn end_silent_runs(app: Arc<App>, silence: Silence) {
    let (least, most) = LOOKS;
    let mut looks = interval((silence.mark_after / 4).clamp(least, most));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let _ = app.store.write(0, move |work| work.end_silent_runs(silence)).await;
    }
}

/// Deletes what is not kept, a little at a time, now and then.
async fn delete_old_runs(app: Arc<App>, retention: Retention) {
    if retention.age.is_none() && retention.bytes.is_none() {
        return;
    }
    let mut looks = interval(RETENTION_LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let mut has_deleted = false;
        while let Ok(true) = app.store.write(0, move |work| work.delete_old_runs(retention)).await {
            has_deleted = true;
        }
        if !has_deleted {
            continue;
        }
        let mut after = i64::MIN;
        while let Ok(Some(last)) = app.store.write(0, move |work| work.forget_keys(after)).await {
            after = last;
        }
        let mut has_more = true;
        while has_more {
            has_more =
                app.store.write(0, move |work| Ok(has_more && work.shrink_file()?)).await.unwrap_or(false);
        }
    }
}

/// How requests are taken.
struct Serving {
    limits: Limits,
    #[cfg(feature = "oracle")]
    observer: Option<Observer>,
}

/// Serves until told to stop; answers under way get [`GRACE`], idle connections are closed at once.
async fn serve(listener: TcpListener, app: Arc<App>, serving: Serving, stopped: oneshot::Receiver<Stop>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let router = routes::router(app);
    let stopped = stop_requested(stopped);
    #[cfg(feature = "oracle")]
    if let Some(observer) = serving.observer {
        let router = oracle::observed(router, observer);
        connections::serve::<oracle::Intercepted>(listener, router, serving.limits, stopped, GRACE).await;
        return;
    }
    connections::serve::<Plain>(listener, router, serving.limits, stopped, GRACE).await;
}

/// Waits until the owner stops the server, or until the process is asked to end if the owner waits for that.
async fn stop_requested(stopped: oneshot::Receiver<Stop>) {
    if let Ok(Stop::OnSignal(listening)) = stopped.await {
        let signals = Signals::install();
        let _ = listening.send(());
        match signals {
            Ok(signals) => signals.received().await,
            Err(_) => std::future::pending().await,
        }
    }
}
