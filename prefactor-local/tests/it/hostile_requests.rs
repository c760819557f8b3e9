//! Requests of a hostile page, program or payload, and the parts that they must not reach.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::client::{Client, json_of, raw, span, start, start_with, status};

fn get(client: &Client, path: &str) -> String {
    let host = format!("Host: {}", client.server.address());
    raw(&client.server, &[&format!("GET {path} HTTP/1.1"), &host, "Authorization: Bearer x"], b"")
}

/// Posts with these headers.
fn post(client: &Client, path: &str, headers: &[&str], body: &[u8]) -> String {
    let (line, host) = (format!("POST {path} HTTP/1.1"), format!("Host: {}", client.server.address()));
    let length = format!("Content-Length: {}", body.len());
    let head: Vec<&str> =
        [line.as_str(), &host, &length].into_iter().chain(headers.iter().copied()).collect();
    raw(&client.server, &head, body)
}

/// A listener on all addresses would answer on each of the loopback network.
#[cfg(target_os = "linux")]
#[test]
fn server_listens_on_the_one_address_that_it_was_given() {
    let client = start();
    assert!(TcpStream::connect(client.server.address()).is_ok());
    assert!(TcpStream::connect(("127.0.0.2", client.server.address().port())).is_err());
    let six = start_with(Server::builder().listen("::1".parse().unwrap()));
    assert!(six.server.url().starts_with("http://[::1]:"), "{}", six.server.url());
    assert_eq!(six.get("ping").http, 200);
}

#[test]
fn body_without_the_type_of_json_is_refused_and_changes_nothing() {
    let client = start();
    let run = client.running();
    let body = span(&run, "complete").to_string();
    let token = "Authorization: Bearer x";
    // The first three types can come from a page of another site without a preflight.
    for kind in [
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: text/plain; application/json",
        "Content-Type: application/jsonp",
        "Accept: application/json",
    ] {
        let answer = post(&client, "/api/v1/agent_spans", &[token, kind], body.as_bytes());
        assert_eq!(status(&answer), 415, "{kind}");
        assert!(answer.contains(r#""code":"unsupported_media_type""#), "{answer}");
        let import = post(&client, "/local/import", &[token, kind], b"{}");
        assert_eq!(status(&import), 415, "{kind}");
    }
    assert_eq!(client.span_count(&run), 0);
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let kind = format!("Content-Type: {kind}");
        assert_eq!(status(&post(&client, "/api/v1/agent_spans", &[token, &kind], body.as_bytes())), 200);
    }
    let finish = format!("/api/v1/agent_instance/{run}/finish");
    assert_eq!(status(&post(&client, &finish, &[token], b"")), 200);
}

#[test]
fn change_by_the_page_needs_its_header_and_the_type_of_json() {
    let client = start();
    let run = client.running();
    let path = format!("/page/runs/{run}/terminate");
    let (json, page) = ("Content-Type: application/json", "prefactor-page: 1");
    let reason = br#"{"reason":"enough"}"#;
    assert_eq!(status(&post(&client, &path, &[json], reason)), 403);
    assert_eq!(status(&post(&client, &path, &["Content-Type: text/plain", page], reason)), 415);
    assert_eq!(client.get(&format!("agent_instance/{run}")).body["details"]["status"], "active");
    assert_eq!(status(&post(&client, &path, &[json, page], reason)), 200);
}

#[test]
fn reading_changes_nothing() {
    let client = start();
    let run = client.running();
    for action in ["start", "finish", "terminate", "record_quality"] {
        assert_eq!(status(&get(&client, &format!("/api/v1/agent_instance/{run}/{action}"))), 405, "{action}");
    }
    for path in ["/api/v1/bulk", "/local/import", &format!("/page/runs/{run}/terminate"), "/page/session"] {
        assert_eq!(status(&get(&client, path)), 405, "{path}");
    }
    assert_eq!(client.get(&format!("agent_instance/{run}")).body["details"]["status"], "active");
}

#[test]
fn token_in_the_query_opens_nothing() {
    let client = start_with(Server::builder().token("pf_right"));
    let host = format!("Host: {}", client.server.address());
    for path in ["/api/v1/ping", "/api/v1/agent", "/page/runs", "/page/events", "/local/spans"] {
        for query in ["token=pf_right", "access_token=pf_right", "authorization=Bearer%20pf_right"] {
            let line = format!("GET {path}?{query} HTTP/1.1");
            assert_eq!(status(&raw(&client.server, &[&line, &host], b"")), 401, "{path}?{query}");
        }
    }
}

#[test]
fn every_answer_forbids_scripts_frames_and_guesses_of_its_type() {
    let client = start();
    let json = "Content-Type: application/json";
    let mut answers: Vec<String> =
        ["/", "/page/main.js", "/page/runs", "/api/v1/ping", "/nope", "/api/v1/nope"]
            .into_iter()
            .map(|path| get(&client, path))
            .collect();
    answers.push(post(&client, "/api/v1/agent_spans", &["Authorization: Bearer x"], b"{}"));
    answers.push(post(&client, "/api/v1/agent_spans", &["Authorization: Bearer x", json], b"{"));
    answers.push(post(&client, "/api/v1/agent_spans", &[json], b"{}"));
    answers.push(raw(&client.server, &["GET / HTTP/1.1", "Host: evil.example"], b""));
    for answer in answers {
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.contains(header), "{header} in {answer}");
        }
    }
}

#[test]
fn path_tricks_reach_no_file() {
    let client = start();
    let long = "a".repeat(20_000);
    for trick in [
        "..",
        "../Cargo.toml",
        "..%2fCargo.toml",
        "..%2f..%2f..%2fetc%2fpasswd",
        "..%252f..%252fetc%252fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%5c..%5cwindows%5cwin.ini",
        "..;/..;/etc/passwd",
        "main.js%00.css",
        "%00",
        "%ff%fe",
        "CON",
        "nul.txt",
        "/etc/passwd",
        "file:///etc/passwd",
        &long,
    ] {
        for folder in ["/", "/page/", "/page/spans/", "/page/runs/", "/api/v1/agent_spans/", "/local/runs/"] {
            let answer = get(&client, &[folder, trick].concat());
            assert!([400, 404, 414].contains(&status(&answer)), "{folder}{trick}: {answer}");
            assert!(!answer.contains("[package]") && !answer.contains("root:"), "{folder}{trick}");
        }
    }
    assert_eq!(client.get("ping").http, 200);
}

#[test]
fn filter_is_compared_as_it_is_whatever_it_holds() {
    let client = start();
    let run = client.running();
    client.span(&run, "complete");
    let nasty = [
        "",
        "%27",
        "'%20OR%20'1'='1",
        "1;DROP%20TABLE%20agent_span",
        "%25",
        "_",
        "%22",
        "%00",
        "?1",
        "NULL",
        "%F0%9F%99%82",
    ];
    for (path, filters) in [
        ("agent", &["risk_profile_id", "team_id", "owner_person_id", "environment_id"][..]),
        ("agent_instance", &["agent_id", "agent_version_id"]),
        ("agent_spans", &["agent_id", "agent_instance_id"]),
        ("agent_version", &["agent_id"]),
        ("agent_schema_version", &["agent_id"]),
        ("agent_deployment", &["agent_id", "environment_id"]),
        ("alerts", &["agent_id", "agent_instance_id", "environment_id", "status", "severity", "name"]),
        ("environment", &["account_id"]),
        ("risk_profile", &["account_id"]),
        ("api_token", &["agent_id", "account_id"]),
    ] {
        for (filter, value) in filters.iter().flat_map(|filter| nasty.map(|value| (filter, value))) {
            let answer = client.get(&format!("{path}?{filter}={value}"));
            assert_eq!(answer.summaries(), [] as [Value; 0], "{path}?{filter}={value}");
            assert_eq!(answer.body["pagination"]["item_count"], 0, "{path}?{filter}={value}");
        }
    }
    for field in ["id;DROP%20TABLE%20agent", "id%20--", "(SELECT%201)", "i.id", "%22id%22"] {
        for query in [format!("sorting={field}"), format!("sorting[field]={field}")] {
            assert_eq!(
                client.get(&format!("agent_instance?{query}")).invalid_fields(),
                ["sorting"],
                "{query}"
            );
        }
    }
    assert_eq!(client.span_count(&run), 1);
}

#[test]
fn filter_of_the_page_is_compared_as_it_is_whatever_it_holds() {
    let client = start();
    let run = client.running();
    client.span(&run, "complete");
    for value in ["'%20OR%20'1'='1", "%27--", "%25", "_", "%22", "%00", "?1", ")%20OR%20(1=1"] {
        for filter in ["agent", "tag"] {
            let page = json_of(&get(&client, &format!("/page/runs?{filter}={value}")));
            assert_eq!(
                (&page["total"], page["runs"].as_array().map(Vec::len)),
                (&json!(0), Some(0)),
                "{value}"
            );
        }
        for filter in ["status", "time", "offset"] {
            let answer = get(&client, &format!("/page/runs?{filter}={value}"));
            assert_eq!(status(&answer), 422, "{filter}={value}: {answer}");
        }
    }
    assert_eq!(json_of(&get(&client, "/page/runs"))["total"], 1);
}

#[test]
fn search_takes_operators_of_the_index_for_words() {
    let client = start();
    let run = client.running();
    client.span(&run, "complete");
    for text in [
        "%22",
        "%22%22%22",
        "*",
        "-x",
        "^test",
        "NEAR(a%20b)",
        "a%20AND",
        "OR",
        "words:test",
        "%7Bwords%7D:x",
        "(",
        "')",
        "%25",
        "test*step",
        "%00",
        "%F0%9F%99%82",
    ] {
        json_of(&get(&client, &format!("/page/runs?q={text}")));
        json_of(&get(&client, &format!("/page/runs/{run}/search?q={text}")));
    }
    let found = json_of(&get(&client, "/page/runs?q=step"));
    assert_eq!(found["total"], 1);
}

/// A body stays as large as it arrived, because nothing is decoded: eight mebibytes arrive and are kept.
#[test]
fn compressed_body_is_refused_and_not_decoded() {
    let client = start();
    let json = "Content-Type: application/json";
    for encoding in ["gzip", "br", "zstd", "deflate", "gzip, gzip", "identity, gzip"] {
        let encoding = format!("Content-Encoding: {encoding}");
        let bomb = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3];
        let answer = post(&client, "/api/v1/bulk", &["Authorization: Bearer x", json, &encoding], &bomb);
        assert_eq!(status(&answer), 415, "{encoding}");
    }
    let plain = ["Authorization: Bearer x", json, "Content-Encoding: identity"];
    assert_eq!(status(&post(&client, "/api/v1/agent_instance/register", &plain, b"{}")), 200);
}

#[test]
fn body_in_chunks_is_bounded_like_one_of_a_stated_length() {
    let client = start();
    let mut connection = TcpStream::connect(client.server.address()).unwrap();
    let host = client.server.address();
    write!(
        connection,
        "POST /api/v1/bulk HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n\
         Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    .unwrap();
    let chunk = ["100000\r\n", &" ".repeat(1 << 20), "\r\n"].concat();
    for _ in 0..9 {
        connection.write_all(chunk.as_bytes()).unwrap();
    }
    connection.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 413, "{answer}");
}

#[test]
fn recorded_markup_is_text_in_every_answer_that_a_browser_may_be_pointed_at() {
    let client = start();
    let run = client.running();
    let mut body = span(&run, "complete");
    let markup = "</script><script>alert(1)</script>";
    body["details"]["payload"] = json!({ markup: markup });
    let id = crate::client::id(&client.make("agent_spans", &body));
    for path in [
        format!("/page/spans/{id}"),
        format!("/page/runs/{run}/spans"),
        format!("/api/v1/agent_spans/{id}"),
        format!("/local/spans?run={run}&after=0"),
    ] {
        let answer = get(&client, &path);
        assert_eq!(status(&answer), 200, "{path}");
        let head = answer.split("\r\n\r\n").next().unwrap_or_default();
        assert!(head.contains("content-type: application/json"), "{path}: {head}");
        assert!(head.contains("nosniff"), "{path}: {head}");
    }
}
