//! Accepts connections and serves requests on them, within limits.
//!
//! axum's own server has no limit on connections and none on the time for the head of a request. A program on the same
//! machine, or a web page in its browser, could hold all of the server's sockets.

use std::{
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    select,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower_service::Service;

/// The limits on connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at the same time; one beyond is answered with 503 and closed.
    pub(crate) connections: usize,
    /// The time for the head of a request to arrive, counted from the end of the answer before it. An idle connection
    /// is closed after the same time.
    pub(crate) head: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 512, head: Duration::from_secs(60) }
    }
}

/// Turns an accepted connection into a stream to read requests from, and a mark for each of its requests.
pub(crate) trait Prepare {
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    type Mark: Clone + Send + Sync + 'static;

    fn prepare(stream: TcpStream) -> (Self::Io, Self::Mark);
}

/// Leaves a connection as it is.
#[derive(Debug)]
pub(crate) struct Plain;

impl Prepare for Plain {
    type Io = TcpStream;
    type Mark = ();

    fn prepare(stream: TcpStream) -> (TcpStream, ()) {
        (stream, ())
    }
}

/// The number of clients that are answered at the same time that there are too many connections.
const MOST_TOLD: usize = 64;
/// The time for which the server reads from such a client, so that it sees the answer instead of a reset.
const TELLING: Duration = Duration::from_secs(1);
const TOO_MANY: &str = "HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/json; charset=utf-8\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 129\r\n\r\n\
    {\"status\":\"error\",\"code\":\"service_unavailable\",\"message\":\"too many connections: close some, or send requests \
    over fewer of them\"}";

/// The wait after the operating system gave no connection, most often for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `closing` is ready, then finishes the answers under way for at most `grace`.
pub(crate) async fn serve<P: Prepare>(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    closing: impl Future<Output = ()>,
    grace: Duration,
) {
    let free = Arc::new(Semaphore::new(limits.connections));
    let telling = Arc::new(Semaphore::new(MOST_TOLD));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    let mut closing = pin!(closing);
    loop {
        let accepted = select! {
            () = &mut closing => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(_) => {
                sleep(BREATH).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&free).try_acquire_owned() else {
            if let Ok(place) = Arc::clone(&telling).try_acquire_owned() {
                open.spawn(async move {
                    let _place = place;
                    let _ = timeout(TELLING, refuse(stream)).await;
                });
            }
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (stream, mark) = P::prepare(stream);
        let service = Marked { router: router.clone(), mark };
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        open.spawn(async move {
            let _place = place;
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = timeout(grace, graceful.shutdown()).await;
}

/// Answers a connection over the limit, and reads from it until the client has read the answer.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(TOO_MANY.as_bytes()).await?;
    stream.shutdown().await?;
    let mut ignored = [0; 4096];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// The routes, with the connection's mark in every request.
#[derive(Clone)]
struct Marked<M> {
    router: Router,
    mark: M,
}

impl<M: Clone + Send + Sync + 'static> Service<Request<Incoming>> for Marked<M> {
    type Response = <Router as Service<Request<Body>>>::Response;
    type Error = <Router as Service<Request<Body>>>::Error;
    type Future = <Router as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<Body>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.mark.clone());
        self.router.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_to_one_connection_too_many_states_its_own_length() {
        let (head, body) = TOO_MANY.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
