//! The data of the page and its changes: runs, spans, prices, and who may read them.

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::client::{Client, id, json_of, raw, span, start, start_with, status, until};

fn ask(client: &Client, method: &str, path: &str, headers: &[&str], body: &str) -> String {
    let (line, host) = (format!("{method} {path} HTTP/1.1"), format!("Host: {}", client.server.address()));
    let length = format!("Content-Length: {}", body.len());
    let mut head = vec![line.as_str(), &host, &length];
    if method != "GET" {
        head.extend(["Content-Type: application/json", "prefactor-page: 1"]);
    }
    head.extend(headers);
    raw(&client.server, &head, body.as_bytes())
}

fn data(client: &Client, path: &str) -> Value {
    json_of(&ask(client, "GET", path, &[], ""))
}

/// Registers a run of an agent and gives it one span without a parent.
fn run_with(client: &Client, agent: &str, payload: &Value, more: &Value) -> String {
    let run = id(&client.make("agent_instance/register", &json!({"agent_version": {"name": agent}})));
    client.make(&format!("agent_instance/{run}/start"), &json!({}));
    let mut body = span(&run, "complete");
    body["details"]["payload"] = payload.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        body["details"][name] = value.clone();
    }
    client.make("agent_spans", &body);
    run
}

fn ids(list: &Value) -> Vec<&str> {
    list["runs"].as_array().into_iter().flatten().filter_map(|run| run["id"].as_str()).collect()
}

#[test]
fn run_tells_its_question_session_tags_and_usage_by_model() {
    let client = start();
    let payload = json!({"model": "m-1", "question": "Why?", "tags": ["prod"], "metadata": {"session_id": "s", "user_id": "u"}});
    let result = json!({"usage": {"input_tokens": 10, "output_tokens": 5}});
    let run = run_with(&client, "asker", &payload, &json!({"result_payload": result}));
    let seen = &data(&client, &format!("/page/runs/{run}"))["run"];
    assert_eq!((&seen["question"], &seen["agent"]), (&json!("Why?"), &json!("asker")));
    assert_eq!(
        (&seen["session"], &seen["user"], &seen["tags"]),
        (&json!("s"), &json!("u"), &json!(["prod"]))
    );
    let models = json!([{"model": "m-1", "calls": 1, "input": 10, "output": 5, "cached": 0, "cost": null}]);
    assert_eq!(seen["models"], models);
}

#[test]
fn usage_in_a_result_that_comes_later_is_counted_once() {
    let client = start();
    let run = client.running();
    let mut body = span(&run, "active");
    body["details"]["payload"] =
        json!({"model": "m", "token_usage": {"prompt_tokens": 1, "completion_tokens": 1}});
    let span = id(&client.make("agent_spans", &body));
    let end = json!({"result_payload": {"token_usage": {"prompt_tokens": 7, "completion_tokens": 3}}});
    client.make(&format!("agent_spans/{span}/finish"), &end);
    let seen = &data(&client, &format!("/page/runs/{run}"))["run"]["models"][0];
    assert_eq!((&seen["calls"], &seen["input"], &seen["output"]), (&json!(1), &json!(7), &json!(3)));
}

#[test]
fn usage_of_turns_and_tasks_counts_where_no_span_below_has_one() {
    let client = start();
    let used = |run: &str, schema_name: &str, parent: Option<&str>, tokens: u32| {
        let mut body = span(run, "complete");
        body["details"]["schema_name"] = json!(schema_name);
        body["details"]["parent_span_id"] = json!(parent);
        body["details"]["payload"] = json!({"model": "m"});
        body["details"]["result_payload"] =
            json!({"token_usage": {"prompt_tokens": tokens, "completion_tokens": 1}});
        id(&client.make("agent_spans", &body))
    };
    let counted = |run: &str| {
        let seen = data(&client, &format!("/page/runs/{run}"))["run"]["models"][0].clone();
        let costs = client.get(&format!("agent_instance/{run}")).body["details"]["cost_breakdown"].clone();
        assert_eq!(seen["input"], costs["input"], "the page and the API agree");
        (seen["calls"].clone(), seen["input"].clone())
    };

    let whole = client.running();
    let task = used(&whole, "agent:task", None, 200);
    for _ in 0..2 {
        let turn = used(&whole, "agent:turn", Some(&task), 100);
        used(&whole, "agent:llm_call", Some(&turn), 100);
    }
    assert_eq!(counted(&whole), (json!(2), json!(200)), "the two calls");

    let turns = client.running();
    let task = used(&turns, "agent:task", None, 200);
    used(&turns, "agent:turn", Some(&task), 100);
    used(&turns, "agent:turn", Some(&task), 100);
    assert_eq!(counted(&turns), (json!(2), json!(200)), "the two turns");

    let alone = client.running();
    used(&alone, "agent:task", None, 200);
    assert_eq!(counted(&alone), (json!(1), json!(200)), "the task");

    let nested = client.running();
    let call = used(&nested, "agent:llm_call", None, 100);
    used(&nested, "agent:llm_call", Some(&call), 50);
    assert_eq!(counted(&nested), (json!(2), json!(150)), "a call within a call has tokens of its own");
}

#[test]
fn run_tells_quality_raised_alerts_and_lost_spans() {
    let client = start();
    let schemas = json!({
        "external_identifier": "q", "span_type_schemas": [],
        "quality_schemas": [{"name": "score", "schema": {"type": "object"}, "template": "{{stars}} stars"}],
        "alert_schemas": [{"name": "budget", "schema": {"type": "object"}}],
    });
    let body = json!({"agent_version": {"name": "rated"}, "agent_schema_version": schemas});
    let run = id(&client.make("agent_instance/register", &body));
    client.make(&format!("agent_instance/{run}/start"), &json!({}));
    client.make(
        &format!("agent_instance/{run}/record_quality"),
        &json!({"name": "score", "payload": {"stars": 4}}),
    );
    let alert = json!({"agent_instance_id": run, "name": "budget", "severity": "warning", "payload": {}});
    client.make("alerts/raise", &alert);
    let mut lost = span(&run, "complete");
    lost["details"]["schema_name"] = json!("prefactor:lost");
    lost["details"]["payload"] = json!({"spans": 12});
    client.make("agent_spans", &lost);
    let seen = &data(&client, "/page/runs")["runs"][0];
    assert_eq!(seen["quality"], json!({"score": "4 stars"}));
    assert_eq!(seen["alerts"], json!([{"name": "budget", "severity": "warning"}]));
    assert_eq!(seen["lost"], 12);
    client.make("alerts/clear", &json!({"agent_instance_id": run, "name": "budget"}));
    assert_eq!(data(&client, "/page/runs")["runs"][0]["alerts"], json!([]));
}

#[test]
fn search_finds_words_in_names_payloads_and_results_and_identifiers() {
    let client = start();
    let first = run_with(&client, "a", &json!({"question": "the quick fox"}), &json!({}));
    let more = json!({"schema_name": "tool:zebra", "result_payload": {"deep": [{"text": "jumps Über"}]}});
    let second = run_with(&client, "b", &json!({"n": 1}), &more);
    let spans = data(&client, &format!("/page/runs/{second}/spans"));
    let span = spans["spans"][0][1].as_str().unwrap();
    let digits = span[19..].bytes().fold(0_u128, |bits, byte| {
        bits << 5
            | u128::try_from(b"0123456789abcdefghjkmnpqrstvwxyz".iter().position(|at| *at == byte).unwrap())
                .unwrap()
    });
    let w3c = format!("{:016x}", digits & u128::from(u64::MAX));
    for (text, found) in [
        ("quick", vec![&first]),
        ("FOX+the", vec![&first]),
        ("zeb", vec![&second]),
        ("uber+jumps", vec![&second]),
        ("quick+zebra", vec![]),
        ("%22quick%22+OR+NEAR(", vec![]),
        ("*%3A%5E-", vec![]),
        (&first, vec![&first]),
        (span, vec![&second]),
        (&w3c, vec![&second]),
    ] {
        let list = data(&client, &format!("/page/runs?q={text}"));
        assert_eq!(ids(&list), found, "{text}");
        assert_eq!(list["total"], found.len(), "{text}");
    }
    let inside = data(&client, &format!("/page/runs/{second}/search?q=uber"));
    assert_eq!(inside["ids"], json!([span]));
    assert_eq!(data(&client, &format!("/page/runs/{first}/search?q=uber"))["ids"], json!([]));
}

#[test]
fn names_of_any_length_leave_the_lists_short_and_are_filtered_by_their_beginning() {
    let client = start();
    let long = "ä".repeat(1 << 18);
    let version = json!({"name": long, "external_identifier": long});
    let run = client
        .make("agent_instance/register", &json!({"agent_version": version, "external_identifier": long}));
    let run = id(&run);
    let mut body = span(&run, "complete");
    body["details"]["schema_name"] = long.clone().into();
    body["details"]["payload"] = json!({"name": long, "question": long, "tags": [long]});
    let span_id = id(&client.make("agent_spans", &body));
    let list = data(&client, "/page/runs");
    let agent = "ä".repeat(256);
    assert_eq!((&list["runs"][0]["agent"], &list["agents"]), (&json!(agent), &json!([agent])));
    assert_eq!(data(&client, &format!("/page/runs?agent={}", "%C3%A4".repeat(256)))["total"], 1);
    let rows = data(&client, &format!("/page/runs/{run}/spans"));
    for answer in [&list, &data(&client, &format!("/page/runs/{run}")), &rows] {
        assert!(answer.to_string().len() < 8000, "{} bytes", answer.to_string().len());
    }
    assert_eq!(data(&client, &format!("/page/spans/{span_id}"))["kind"], long);
}

#[test]
fn filters_narrow_the_list_and_pages_lead_to_the_last_run() {
    let client = start();
    let tagged = json!({"tags": ["nightly"]});
    let failed = run_with(&client, "a", &json!({}), &json!({"status": "failed"}));
    let nightly = run_with(&client, "b", &tagged, &json!({}));
    // A run may fail while no span of it does.
    let ended = client.running();
    client.make(&format!("agent_instance/{ended}/finish"), &json!({"status": "failed"}));
    for _ in 0..120 {
        client.register();
    }
    for (query, found) in [
        ("errors=1", vec![&ended, &failed]),
        ("agent=b", vec![&nightly]),
        ("tag=nightly", vec![&nightly]),
        ("status=active", vec![&nightly, &failed]),
        ("agent=b&errors=1", vec![]),
        ("agent=a&time=1h&q=step", vec![&failed]),
        ("offset=120", vec![&ended, &nightly, &failed]),
    ] {
        assert_eq!(ids(&data(&client, &format!("/page/runs?{query}"))), found, "{query}");
    }
    let all = data(&client, "/page/runs");
    assert_eq!((ids(&all).len(), &all["total"]), (100, &json!(123)));
    for query in ["status=odd", "time=soon", "time=", "offset=-1", "time=%C3%A4"] {
        let answer = ask(&client, "GET", &format!("/page/runs?{query}"), &[], "");
        let expected = if query == "time=" { 200 } else { 422 };
        assert_eq!(status(&answer), expected, "{query}: {answer}");
    }
}

#[test]
fn spans_come_in_parts_that_make_up_the_run() {
    let client = start();
    let run = client.running();
    let item = |number: u32| {
        let details = json!({"agent_instance_id": run, "schema_name": "s", "status": "complete", "payload": {"n": number}});
        json!({"_type": "agent_spans/create", "idempotency_key": format!("number-{number:08}"), "details": details})
    };
    for from in (0..4500).step_by(500) {
        let items: Vec<_> = (from..from + 500).map(item).collect();
        assert_eq!(client.post("bulk", &json!({"items": items})).http, 200);
    }
    let (mut after, mut texts, mut parts) = (json!(0), Vec::new(), 0);
    while !after.is_null() {
        let part = data(&client, &format!("/page/runs/{run}/spans?after={after}"));
        texts.extend(part["spans"].as_array().unwrap().iter().map(|row| row[8].as_str().unwrap().to_owned()));
        after = part["next"].clone();
        parts += 1;
    }
    assert_eq!(parts, 3);
    assert_eq!(texts, (0..4500).map(|number| format!("n {number}")).collect::<Vec<_>>());
}

#[test]
fn span_shows_its_summary_its_schema_and_what_does_not_fit_it() {
    let client = start();
    let kind = json!({"name": "tool:look", "title": "Look up", "template": "looks for {{what}}",
        "params_schema": {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["where"]}});
    let schemas = json!({"external_identifier": "s", "span_type_schemas": [kind]});
    let body = json!({"agent_version": {"name": "typed"}, "agent_schema_version": schemas});
    let run = id(&client.make("agent_instance/register", &body));
    let mut body = span(&run, "complete");
    body["details"]["schema_name"] = json!("tool:look");
    body["details"]["payload"] = json!({"what": "keys"});
    let span = id(&client.make("agent_spans", &body));
    let detail = data(&client, &format!("/page/spans/{span}"));
    assert_eq!((&detail["title"], &detail["summary"]), (&json!("Look up"), &json!("looks for keys")));
    assert!(detail["schema"].as_str().unwrap().contains("params_schema"), "{detail}");
    assert!(detail["problems"][0].as_str().unwrap().starts_with("Payload: "), "{detail}");
    let rows = data(&client, &format!("/page/runs/{run}/spans"));
    assert_eq!(rows["spans"][0][8], "looks for keys");
}

#[test]
fn page_terminates_a_run_with_a_reason_and_nothing_without_one() {
    let client = start();
    let run = client.running();
    let path = format!("/page/runs/{run}/terminate");
    for body in ["", "{}", r#"{"reason":" "}"#] {
        assert_eq!(status(&ask(&client, "POST", &path, &[], body)), 422, "{body}");
    }
    let foreign = ask(&client, "POST", &path, &["Origin: http://example.com"], r#"{"reason":"x"}"#);
    assert_eq!(status(&foreign), 403);
    let answer = json_of(&ask(&client, "POST", &path, &[], r#"{"reason":"enough"}"#));
    assert_eq!(answer["details"]["status"], "terminated");
    let next = client.post("agent_spans", &span(&run, "complete"));
    assert_eq!(next.body["control"], json!({"terminate": true, "reason": "enough"}));
    assert_eq!(status(&ask(&client, "POST", &path, &[], r#"{"reason":"again"}"#)), 409);
}

#[test]
fn run_says_since_when_nothing_was_heard_of_it() {
    let silence = std::time::Duration::from_millis(40);
    let client = start_with(Server::builder().silent_runs(silence, silence * 1_000_000));
    let run = client.running();
    let seen = || data(&client, &format!("/page/runs/{run}"))["run"].clone();
    until(|| seen()["silent_since"].is_i64());
    assert_eq!(seen()["status"], "active");
    client.make(&format!("agent_instance/{run}/finish"), &json!({}));
    assert_eq!(seen()["silent_since"], Value::Null);
}

#[test]
fn list_tells_the_size_of_a_database_file() {
    let folder = crate::folder::Folder::new("size");
    let client = start_with(Server::builder().database(folder.file("runs.db")));
    assert!(data(&client, "/page/runs")["file_bytes"].as_i64().is_some_and(|bytes| bytes > 4096));
    assert_eq!(data(&start(), "/page/runs")["file_bytes"], Value::Null, "in memory");
}

#[test]
fn price_table_is_replaced_as_a_whole_and_checked() {
    let client = start();
    assert_eq!(data(&client, "/page/prices"), json!({"prices": []}));
    let price = |model: &str, input: f64, as_of: &str| json!({"model": model, "input": input, "cached": null, "output": 2.0, "as_of": as_of});
    let good = json!({"prices": [price("m", 1.5, "2026-01-31")]});
    assert_eq!(status(&ask(&client, "PUT", "/page/prices", &[], &good.to_string())), 200);
    for (bad, code) in [
        (json!({"prices": [price("", 1.0, "2026-01-31")]}), 422),
        (json!({"prices": [price("m", -1.0, "2026-01-31")]}), 422),
        (json!({"prices": [price("m", 1.0, "yesterday")]}), 422),
        (json!({"prices": [{"model": "m"}]}), 400),
        (json!([]), 400),
    ] {
        assert_eq!(status(&ask(&client, "PUT", "/page/prices", &[], &bad.to_string())), code, "{bad}");
    }
    assert_eq!(data(&client, "/page/prices"), good);
}

#[test]
fn prescribed_token_guards_the_data_and_opens_it_by_a_cookie() {
    let client = start_with(Server::builder().token("pf_right"));
    let run = client.running();
    let paths = [
        "/page/runs".to_owned(),
        format!("/page/runs/{run}"),
        "/page/events".to_owned(),
        "/page/prices".to_owned(),
    ];
    for path in &paths {
        let answer = ask(&client, "GET", path, &[], "");
        assert_eq!(status(&answer), 401, "{path}");
        assert!(!answer.contains(&run), "{path}");
    }
    assert_eq!(status(&ask(&client, "GET", "/", &[], "")), 200, "the files hold nothing that was recorded");
    let terminate = format!("/page/runs/{run}/terminate");
    assert_eq!(status(&ask(&client, "POST", &terminate, &[], r#"{"reason":"x"}"#)), 401);

    for wrong in ["Authorization: Bearer pf_wrong", "Accept: */*"] {
        assert_eq!(status(&ask(&client, "POST", "/page/session", &[wrong], "")), 401, "{wrong}");
    }
    let opened = ask(&client, "POST", "/page/session", &["Authorization: Bearer pf_right"], "");
    let cookie = opened.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains("pf_right"), "the cookie goes to every port and is not the token");
    let cookie = format!("Cookie: other=1; {}", cookie.split(';').next().unwrap());
    assert_eq!(status(&ask(&client, "GET", &paths[1], &[&cookie], "")), 200);
    assert_eq!(status(&ask(&client, "GET", &paths[1], &["Cookie: prefactor_page=1"], "")), 401);
}
