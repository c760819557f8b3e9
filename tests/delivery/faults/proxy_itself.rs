//! Each effect of the proxy on a connection, as both of its ends see it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use prefactor_tests::proxy::{Flow, Plan, Proxy};

/// Both ends of one connection through a proxy.
struct Ends {
    client: TcpStream,
    server: TcpStream,
    proxy: Proxy,
}

impl Ends {
    fn of(plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::new(listener.local_addr().unwrap());
        proxy.plan(plan);
        let client = TcpStream::connect(proxy.address()).unwrap();
        let (server, _) = listener.accept().unwrap();
        assert_eq!(proxy.connections(), 1);
        Self { client, server, proxy }
    }

    fn of_response(response: Flow) -> Self {
        Self::of(Plan { response, ..Plan::default() })
    }

    fn of_request(request: Flow) -> Self {
        Self::of(Plan { request, ..Plan::default() })
    }
}

fn rest(mut stream: &TcpStream) -> Result<Vec<u8>, ErrorKind> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map(|_| bytes).map_err(|error| error.kind())
}

fn some(mut stream: &TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

#[test]
fn passes_on_what_is_sent_and_the_ends_of_both() {
    let mut ends = Ends::of(Plan::default());
    let bytes: Vec<_> = (0_u32..100_000).flat_map(u32::to_le_bytes).collect();
    ends.client.write_all(&bytes).unwrap();
    ends.client.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&ends.server).unwrap() == bytes);
    ends.server.write_all(b"answer").unwrap();
    ends.server.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&ends.client).unwrap(), b"answer");
}

#[test]
fn resets_both_ends_in_the_middle_of_a_request() {
    let mut ends = Ends::of_request(Flow::ResetAt(3));
    ends.client.write_all(b"request").unwrap();
    assert_eq!(rest(&ends.client), Err(ErrorKind::ConnectionReset));
    assert_eq!(rest(&ends.server), Err(ErrorKind::ConnectionReset));
}

#[test]
fn resets_before_the_first_byte_of_a_response() {
    let mut ends = Ends::of_response(Flow::ResetAt(0));
    ends.client.write_all(b"request").unwrap();
    assert_eq!(some(&ends.server, 7), b"request");
    ends.server.write_all(b"answer").unwrap();
    assert_eq!(rest(&ends.client), Err(ErrorKind::ConnectionReset));
}

#[test]
fn closes_in_the_middle_of_a_response() {
    let mut ends = Ends::of_response(Flow::CloseAt(3));
    ends.server.write_all(b"answer").unwrap();
    assert_eq!(rest(&ends.client).unwrap(), b"ans");
}

#[test]
fn closes_one_direction_and_keeps_the_other() {
    let mut ends = Ends::of_response(Flow::HalfCloseAt(3));
    ends.server.write_all(b"answer").unwrap();
    assert_eq!(rest(&ends.client).unwrap(), b"ans");
    ends.client.write_all(b"more").unwrap();
    assert_eq!(some(&ends.server, 4), b"more");
}

#[test]
fn swallows_a_response() {
    let mut ends = Ends::of_response(Flow::SwallowAt(3));
    ends.server.write_all(b"answer").unwrap();
    drop(ends.server);
    assert_eq!(rest(&ends.client).unwrap(), b"ans");
}

#[test]
fn drips() {
    let mut ends = Ends::of_response(Flow::Drip(Duration::from_millis(10)));
    let begin = Instant::now();
    ends.server.write_all(b"drops").unwrap();
    assert_eq!(some(&ends.client, 1), b"d");
    assert_eq!(some(&ends.client, 4), b"rops");
    assert!(begin.elapsed() >= Duration::from_millis(50));
}

#[test]
fn delays_in_both_directions() {
    let mut ends = Ends::of(Plan { latency: Duration::from_millis(30), ..Plan::default() });
    let begin = Instant::now();
    ends.client.write_all(b"request").unwrap();
    some(&ends.server, 7);
    ends.server.write_all(b"answer").unwrap();
    some(&ends.client, 6);
    assert!(begin.elapsed() >= Duration::from_millis(60));
}

#[test]
fn black_hole_accepts_and_never_reads() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::new(listener.local_addr().unwrap());
    proxy.next([Plan { is_black_hole: true, ..Plan::default() }]);
    let mut client = TcpStream::connect(proxy.address()).unwrap();
    client.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    let bytes = vec![0; 1 << 16];
    let error =
        std::iter::repeat_with(|| client.write_all(&bytes)).take(1_000).find_map(Result::err).unwrap();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    listener.set_nonblocking(false).unwrap();
    let mut client = TcpStream::connect(proxy.address()).unwrap();
    client.write_all(b"request").unwrap();
    assert_eq!(some(&listener.accept().unwrap().0, 7), b"request");
}

#[test]
fn refuses_while_it_is_away_and_comes_back_on_its_port() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut proxy = Proxy::new(listener.local_addr().unwrap());
    let (address, client) = (proxy.address(), TcpStream::connect(proxy.address()).unwrap());
    assert_eq!(proxy.url(), format!("http://{address}"));
    let (server, _) = listener.accept().unwrap();
    proxy.kill();
    assert!(rest(&client).is_ok_and(|bytes| bytes.is_empty()), "connections end with it");
    assert!(rest(&server).is_ok_and(|bytes| bytes.is_empty()));
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    proxy.restart();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"again").unwrap();
    assert_eq!(some(&listener.accept().unwrap().0, 5), b"again");
    assert_eq!(proxy.connections(), 2);
}

#[test]
fn breaks_connections_so_that_writes_are_to_a_broken_pipe() {
    let mut ends = Ends::of(Plan::default());
    ends.client.write_all(b"request").unwrap();
    assert_eq!(some(&ends.server, 7), b"request");
    ends.proxy.break_connections();
    // The system decides when the two segments arrive.
    let error = loop {
        if let Err(error) = ends.client.write(b"more") {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}
