//! A TCP proxy that spoils connections: slow, cut, reset, silent, or absent.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The fate of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Accepted, and nothing read.
    pub is_black_hole: bool,
    /// A fault before anything is passed on, in either direction.
    pub latency: Duration,
    /// From the client to the server.
    pub request: Flow,
    /// From the server to the client.
    pub response: Flow,
}

/// The fate of one direction of a connection. A number is that of the bytes that are passed on; the fault follows when
/// the next byte has arrived.
#[derive(Clone, Copy, Debug, Default)]
pub enum Flow {
    /// Everything is passed on.
    #[default]
    Pass,
    /// One byte a period.
    Drip(Duration),
    /// Both sides of the connection are reset.
    ResetAt(usize),
    /// Both sides of the connection are closed.
    CloseAt(usize),
    /// The receiver reads an end, and may still send.
    HalfCloseAt(usize),
    /// The rest is read and thrown away.
    SwallowAt(usize),
}

/// A running proxy. Dropping it ends it, with all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    commands: Option<mpsc::UnboundedSender<(Command, oneshot::Sender<()>)>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The fates of the next connections, one each, before `plan`.
    next: Mutex<VecDeque<Plan>>,
    plan: Mutex<Plan>,
    /// The number of answers that are to be lost.
    losses: AtomicUsize,
    connections: AtomicUsize,
    /// Wakes the connections that are to break.
    breaking: Notify,
}

#[derive(Debug)]
enum Command {
    Kill,
    Restart,
    Break,
}

impl Proxy {
    /// Starts a proxy that passes everything on, until it is told otherwise.
    #[must_use]
    pub fn new(target: SocketAddr) -> Self {
        // A bound socket that does not listen reserves the port while the listener is away.
        let placeholder = socket((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = placeholder.local_addr().unwrap();
        let (commands, orders) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        let state = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let _placeholder = placeholder;
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(address, target, state, orders));
        });
        let mut proxy = Self { address, shared, commands: Some(commands), thread: Some(thread) };
        proxy.restart();
        proxy
    }

    /// Returns the address for clients that use the proxy.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address that the proxy listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the fate of all connections from now on.
    pub fn plan(&self, plan: Plan) {
        *self.shared.plan.lock().unwrap() = plan;
    }

    /// Sets the fates of the next connections, one each.
    pub fn next(&self, plans: impl IntoIterator<Item = Plan>) {
        self.shared.next.lock().unwrap().extend(plans);
    }

    /// Closes connections just before their next answers are passed on, `count` of them.
    pub fn lose_answers(&self, count: usize) {
        self.shared.losses.store(count, Relaxed);
    }

    /// Connections accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Relaxed)
    }

    /// Ends all connections; new ones are refused.
    pub fn kill(&mut self) {
        self.order(Command::Kill);
    }

    /// Accepts again, on the same port.
    pub fn restart(&mut self) {
        self.order(Command::Restart);
    }

    /// Ends all connections for good. When this returns, clients can know: what they write next goes to a broken pipe.
    pub fn break_connections(&self) {
        self.order(Command::Break);
    }

    fn order(&self, command: Command) {
        let (done, is_done) = oneshot::channel();
        self.commands.as_ref().unwrap().send((command, done)).ok().unwrap();
        // On a thread of its own, for the caller may be one of a runtime, which must not block.
        thread::scope(|scope| scope.spawn(|| is_done.blocking_recv().unwrap()).join().unwrap());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.thread.take().unwrap().join();
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    #[cfg(not(unix))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn serve(
    address: SocketAddr,
    target: SocketAddr,
    shared: Arc<Shared>,
    mut orders: mpsc::UnboundedReceiver<(Command, oneshot::Sender<()>)>,
) {
    let mut listener: Option<TcpListener> = None;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some((command, done)) = order else { return };
                match command {
                    Command::Kill => {
                        listener = None;
                        connections.shutdown().await;
                    }
                    Command::Restart => listener = Some(socket(address).unwrap().listen(1_024).unwrap()),
                    Command::Break => {
                        shared.breaking.notify_waiters();
                        while connections.join_next().await.is_some() {}
                    }
                }
                let _ = done.send(());
            }
            accepted = async { listener.as_ref().unwrap().accept().await }, if listener.is_some() => {
                let Ok((client, _)) = accepted else { continue };
                shared.connections.fetch_add(1, Relaxed);
                let plan = shared.next.lock().unwrap().pop_front();
                let plan = plan.unwrap_or_else(|| *shared.plan.lock().unwrap());
                connections.spawn(connection(client, target, plan, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// The end of one direction.
enum End {
    /// By itself; the other one goes on.
    Orderly,
    Close,
    Reset,
    /// First by its end, then by a reset.
    Break,
}

async fn connection(mut client: TcpStream, target: SocketAddr, plan: Plan, shared: Arc<Shared>) {
    let breaking = shared.breaking.notified();
    tokio::pin!(breaking);
    if plan.is_black_hole {
        return breaking.await;
    }
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let end = {
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        let is_lost = || shared.losses.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        let request = pump(from_client, to_server, plan.request, plan.latency, || false);
        let response = pump(from_server, to_client, plan.response, plan.latency, is_lost);
        tokio::pin!(request, response);
        tokio::select! {
            end = &mut request => if let End::Orderly = end { response.await } else { end },
            end = &mut response => if let End::Orderly = end { request.await } else { end },
            () = breaking => End::Break,
        }
    };
    match end {
        End::Orderly | End::Close => {}
        End::Reset => drop((client.set_zero_linger(), server.set_zero_linger())),
        End::Break => drop((client.shutdown().await, client.set_zero_linger())),
    }
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    flow: Flow,
    latency: Duration,
    is_lost: impl Fn() -> bool,
) -> End {
    let mut left = match flow {
        Flow::Pass | Flow::Drip(_) => usize::MAX,
        Flow::ResetAt(bytes) | Flow::CloseAt(bytes) | Flow::HalfCloseAt(bytes) | Flow::SwallowAt(bytes) => {
            bytes
        }
    };
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            let _ = to.shutdown().await;
            return End::Orderly;
        }
        if is_lost() {
            return End::Close;
        }
        sleep(latency).await;
        let (passed, rest) = buffer[..read].split_at(read.min(left));
        left -= passed.len();
        let written = match flow {
            Flow::Drip(period) => drip(&mut to, passed, period).await,
            _ => to.write_all(passed).await,
        };
        if written.is_err() {
            return End::Close;
        }
        match flow {
            _ if rest.is_empty() => {}
            Flow::ResetAt(_) => return End::Reset,
            Flow::CloseAt(_) => return End::Close,
            Flow::HalfCloseAt(_) => {
                let _ = to.shutdown().await;
            }
            Flow::Pass | Flow::Drip(_) | Flow::SwallowAt(_) => {}
        }
    }
}

async fn drip(to: &mut WriteHalf<'_>, bytes: &[u8], period: Duration) -> io::Result<()> {
    for byte in bytes {
        sleep(period).await;
        to.write_all(&[*byte]).await?;
    }
    Ok(())
}
