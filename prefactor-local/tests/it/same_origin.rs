use crate::client::{Client, raw, start, status};

const PATHS: [&str; 4] = ["/", "/api/v1/ping", "/page/runs", "/nope"];

fn ask(client: &Client, path: &str, headers: &[&str]) -> u16 {
    let line = format!("GET {path} HTTP/1.1");
    let mut head = vec![line.as_str(), "Authorization: Bearer x"];
    head.extend(headers);
    let answer = raw(&client.server, &head, b"");
    if status(&answer) == 403 {
        assert!(answer.contains(r#""code":"forbidden""#), "{answer}");
        assert!(answer.contains("content-security-policy"), "{answer}");
    }
    status(&answer)
}

#[test]
fn only_the_names_of_this_machine_with_the_port_are_accepted_as_host() {
    let client = start();
    let port = client.server.address().port();
    for name in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
        let host = format!("Host: {name}:{port}");
        assert_eq!(ask(&client, "/api/v1/ping", &[&host]), 200, "{host}");
        assert_eq!(ask(&client, "/", &[&host]), 200, "{host}");
    }
    let other = port ^ 1;
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1.nip.io:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::]:{port}"),
        format!("127.0.0.1:{other}"),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        String::new(),
        format!("localhost:{port}.evil.example"),
        format!("user@localhost:{port}"),
    ] {
        for path in PATHS {
            let status = ask(&client, path, &[&format!("Host: {host}")]);
            assert!(status == 403 || status == 400, "{host:?} {path}: {status}");
        }
    }
}

#[test]
fn two_hosts_or_none_are_refused() {
    let client = start();
    let ours = format!("Host: {}", client.server.address());
    for headers in
        [vec![], vec![ours.as_str(), "Host: evil.example"], vec!["Host: evil.example", ours.as_str()]]
    {
        let status = ask(&client, "/api/v1/ping", &headers);
        assert!(status == 403 || status == 400, "{headers:?}: {status}");
    }
}

#[test]
fn request_from_another_origin_is_refused_everywhere() {
    let client = start();
    let address = client.server.address();
    let host = format!("Host: {address}");
    for origin in [format!("http://{address}"), format!("http://localhost:{}", address.port())] {
        assert_eq!(ask(&client, "/page/runs", &[&host, &format!("Origin: {origin}")]), 200, "{origin}");
    }
    for origin in [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        format!("https://{address}"),
        "http://localhost".to_owned(),
        String::new(),
    ] {
        for path in PATHS {
            assert_eq!(ask(&client, path, &[&host, &format!("Origin: {origin}")]), 403, "{origin:?} {path}");
        }
    }
}

#[test]
fn no_answer_invites_other_origins() {
    let client = start();
    let address = client.server.address();
    for method in ["GET", "OPTIONS"] {
        let line = format!("{method} /api/v1/ping HTTP/1.1");
        let (host, origin) = (format!("Host: {address}"), format!("Origin: http://{address}"));
        let answer = raw(&client.server, &[&line, &host, &origin, "Authorization: Bearer x"], b"");
        assert!(!answer.contains("access-control-"), "{answer}");
    }
}

#[test]
fn listening_beyond_this_machine_needs_a_token() {
    for address in ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "::ffff:0.0.0.0", "169.254.1.1"] {
        let error = prefactor_local::Server::builder().listen(address.parse().unwrap()).start().unwrap_err();
        assert!(matches!(error, prefactor_local::Error::TokenRequired { .. }), "{address}: {error:?}");
        assert!(error.to_string().contains("--token"), "{error}");
    }
    let anywhere = std::net::IpAddr::from([0, 0, 0, 0]);
    let client = crate::client::start_with(prefactor_local::Server::builder().listen(anywhere).token("pf_x"));
    assert!(client.server.url().starts_with("http://127.0.0.1:"));
    assert_eq!(client.get("ping").http, 200);
}

#[test]
fn name_that_was_allowed_is_accepted_on_any_port_and_no_other_is() {
    for name in ["", "a:1", "http://a", "a b"] {
        let error = prefactor_local::Server::builder().allow_host(name).start().unwrap_err();
        assert!(matches!(error, prefactor_local::Error::HostName { .. }), "{name:?}: {error:?}");
    }
    let builder = prefactor_local::Server::builder().allow_host("host.docker.internal");
    let client = crate::client::start_with(builder);
    for host in ["host.docker.internal", "host.docker.internal:80", "Host.Docker.Internal:4000"] {
        assert_eq!(ask(&client, "/api/v1/ping", &[&format!("Host: {host}")]), 200, "{host}");
    }
    for host in ["evil.example", "host.docker.internal.evil.example", "x.host.docker.internal:4000"] {
        assert_eq!(ask(&client, "/api/v1/ping", &[&format!("Host: {host}")]), 403, "{host}");
    }
}
