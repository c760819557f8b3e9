use prefactor_local::Server;

use crate::client::{raw, start, start_with, status};

fn ping(server: &Server, authorization: Option<&str>) -> String {
    let host = format!("Host: {}", server.address());
    let authorization = authorization.map(|value| format!("Authorization: {value}"));
    let mut head = vec!["GET /api/v1/ping HTTP/1.1", &host];
    head.extend(authorization.as_deref());
    raw(server, &head, b"")
}

#[test]
fn ping_tells_a_token_from_none() {
    let client = start();
    let answer = client.get("ping");
    assert_eq!(answer.http, 200);
    assert_eq!(answer.text, r#"{"status":"success","details":{"token_type":"api"}}"#);
}

#[test]
fn without_a_token_in_the_header_every_path_of_the_api_is_closed() {
    let client = start();
    for value in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc"), Some("pf_local")] {
        let answer = ping(&client.server, value);
        assert_eq!(status(&answer), 401, "{value:?}");
        assert!(answer.contains(r#""code":"bad_authtoken""#), "{answer}");
    }
}

#[test]
fn any_token_opens_a_server_that_was_given_none() {
    let client = start();
    for value in ["Bearer x", "bearer pf_live_123", "BEARER  padded "] {
        assert_eq!(status(&ping(&client.server, Some(value))), 200, "{value}");
    }
}

#[test]
fn only_the_given_token_opens_a_server_that_has_one() {
    let client = start_with(Server::builder().token("pf_secret"));
    assert_eq!(client.server.token(), "pf_secret");
    assert_eq!(status(&ping(&client.server, Some("Bearer pf_secret"))), 200);
    for value in ["Bearer pf_secre", "Bearer pf_secret2", "Bearer x"] {
        assert_eq!(status(&ping(&client.server, Some(value))), 401, "{value}");
    }
}
