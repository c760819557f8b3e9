use std::{
    io::{Read, Write},
    net::TcpStream,
};

use prefactor_local::{Error, Server};

use crate::client::{start, start_with};

#[test]
fn server_can_be_shared_between_threads_and_hides_its_token() {
    fn shared<T: Send + Sync + std::fmt::Debug + 'static>(_: &T) {}
    let builder = Server::builder().token("pf_secret");
    assert!(!format!("{builder:?}").contains("pf_secret"));
    let client = start_with(builder);
    shared(&client.server);
    assert!(!format!("{:?}", client.server).contains("pf_secret"));
}

#[test]
fn two_servers_have_two_ports_and_two_random_tokens() {
    let (one, two) = (Server::start().unwrap(), Server::start().unwrap());
    assert_ne!(one.address(), two.address());
    assert_ne!(one.token(), two.token());
    for server in [&one, &two] {
        assert!(server.token().starts_with("pf_local_"));
        assert_eq!(server.url(), format!("http://{}", server.address()));
        assert_eq!(server.trace_url("x"), format!("{}/runs/x", server.url()));
        assert!(server.address().ip().is_loopback());
    }
}

#[test]
fn port_in_use_is_named_with_the_cure() {
    let one = Server::start().unwrap();
    let error = Server::builder().port(one.address().port()).start().unwrap_err();
    assert!(matches!(error, Error::PortInUse { port } if port == one.address().port()));
    assert!(error.to_string().contains("choose another port"), "{error}");
}

#[test]
fn token_that_no_header_can_carry_is_refused() {
    for token in ["", "a b", "a\nb", "tökén"] {
        assert!(matches!(Server::builder().token(token).start(), Err(Error::Token)), "{token:?}");
    }
}

#[test]
fn dropping_a_server_frees_its_port_even_with_connections_open() {
    let client = start();
    client.get("ping");
    let address = client.server.address();
    let mut half_a_request = TcpStream::connect(address).unwrap();
    half_a_request.write_all(b"POST /api/v1/bulk HTTP/1.1\r\n").unwrap();
    drop(client);
    let ended = half_a_request.read(&mut [0; 1]);
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    let again = Server::builder().port(address.port()).start().unwrap();
    assert_eq!(again.address(), address);
}

#[test]
fn runtime_that_is_blocked_does_not_starve_the_server() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let client = start();
        assert_eq!(client.get("ping").http, 200);
    });
}
