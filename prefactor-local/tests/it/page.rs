use serde_json::{Value, json};

use crate::client::{Client, json_of, raw, span, start, status};

const POLICY: &str = "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";

fn open(client: &Client, path: &str) -> String {
    let host = format!("Host: {}", client.server.address());
    raw(&client.server, &[&format!("GET {path} HTTP/1.1"), &host], b"")
}

fn data(client: &Client, path: &str) -> Value {
    json_of(&open(client, path))
}

/// The names of the page's files, from the folder that they are embedded from.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn files() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page");
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "index.html").collect()
}

#[test]
fn every_file_of_the_page_is_served_with_its_type_and_the_policy() {
    let client = start();
    let trace = client.server.trace_url("01m816mgw19nt2an6qc77b6nzss7a2qy");
    let trace = trace.strip_prefix(client.server.url()).unwrap();
    for (path, kind) in [
        ("/", "text/html"),
        (trace, "text/html"),
        ("/compare", "text/html"),
        ("/page/base.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
        ("/page/main.js", "text/javascript"),
        ("/page/runs", "application/json"),
    ] {
        let answer = open(&client, path);
        assert_eq!(status(&answer), 200, "{path}");
        assert!(answer.contains(&format!("content-type: {kind}")), "{path}: {answer}");
        assert!(answer.contains(POLICY), "{path}");
        assert!(answer.contains("x-content-type-options: nosniff\r\n"), "{path}");
        assert!(answer.contains("referrer-policy: no-referrer\r\n"), "{path}");
    }
}

#[test]
fn everything_that_the_page_refers_to_is_served() {
    let client = start();
    let mut waiting = vec!["/".to_owned()];
    let mut seen: Vec<String> = Vec::new();
    while let Some(path) = waiting.pop() {
        let answer = open(&client, &path);
        assert_eq!(status(&answer), 200, "{path}");
        let quoted = answer.split('"').filter(|text| text.starts_with("/page/") && text.contains('.'));
        waiting.extend(quoted.map(str::to_owned).filter(|path| !seen.contains(path)).collect::<Vec<_>>());
        seen.push(path);
    }
    for name in files() {
        assert!(seen.contains(&["/page/", &name].concat()), "{name} is served for nobody: {seen:?}");
    }
}

#[test]
fn page_parses_no_markup_and_has_no_inline_script_or_style() {
    let client = start();
    let paths = files().into_iter().map(|name| ["/page/", &name].concat());
    for path in paths.chain(["/".to_owned()]) {
        let text = open(&client, &path);
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "DOMParser",
            "<style",
            " style=",
            "onclick=",
        ] {
            assert!(!text.contains(forbidden), "{path} contains {forbidden}");
        }
    }
    assert!(open(&client, "/").contains("<script type=\"module\" src=\"/page/main.js\"></script>"));
}

#[test]
fn document_holds_nothing_that_was_recorded() {
    let client = start();
    let (instance, before) = (client.running(), open(&client, "/"));
    client.make("agent_instance/register", &json!({"agent_version": {"name": "</script><script>"}}));
    let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body(&before), body(&open(&client, &format!("/runs/{instance}"))));
}

#[test]
fn page_data_lists_runs_newest_first_and_spans_without_payloads() {
    let client = start();
    let (older, newer) = (client.running(), client.running());
    let mut body = span(&older, "complete");
    body["details"]["payload"] = json!({"deep": [["secret"]]});
    client.make("agent_spans", &body);
    let runs = data(&client, "/page/runs");
    assert_eq!(runs["any_token"], true);
    assert_eq!((&runs["runs"][0]["id"], &runs["runs"][1]["id"]), (&json!(newer), &json!(older)));
    let run = data(&client, &format!("/page/runs/{older}"));
    assert_eq!((&run["run"]["spans"], &run["run"]["open"]), (&json!(1), &json!(0)));
    let spans = data(&client, &format!("/page/runs/{older}/spans"));
    assert_eq!(spans["spans"][0][3], "test:step");
    assert_eq!(spans["next"], Value::Null);
}

#[test]
fn page_data_gives_payloads_as_text_so_that_no_digit_is_lost() {
    let client = start();
    let instance = client.running();
    let body = format!(
        r#"{{"details":{{"agent_instance_id":"{instance}","schema_name":"s","status":"active","payload":{{"b":12345678901234567890.10,"1":0}}}}}}"#
    );
    let id = crate::client::id(&client.post_text("agent_spans", &body).body["details"]);
    let detail = data(&client, &format!("/page/spans/{id}"));
    assert_eq!(detail["payload"], r#"{"b":12345678901234567890.10,"1":0}"#);
    assert_eq!(detail["result"], Value::Null);
}

#[test]
fn page_files_and_lists_take_no_post_and_other_paths_are_not_found() {
    let client = start();
    let host = format!("Host: {}", client.server.address());
    for path in ["/", "/page/runs", "/page/main.js"] {
        let answer =
            raw(&client.server, &[&format!("POST {path} HTTP/1.1"), &host, "Content-Length: 0"], b"");
        assert_eq!(status(&answer), 405, "{path}");
    }
    for path in [
        "/page/",
        "/page/runs/nope",
        "/page/spans/nope",
        "/page/..%2f..%2fCargo.toml",
        "/runs",
        "/favicon.ico",
    ] {
        let answer = open(&client, path);
        assert_eq!(status(&answer), 404, "{path}");
        assert!(answer.contains(r#""code":"not_found""#), "{path}");
    }
}
