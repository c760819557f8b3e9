use serde_json::{Map, Value, json};

use crate::client::{Answer, Client, span, start};

fn ids(answer: &Answer) -> Vec<String> {
    answer.summaries().iter().map(crate::client::id).collect()
}

fn spans(client: &Client, instance: &str, names: &[&str]) -> Vec<String> {
    let make = |(second, name): (usize, &&str)| {
        let mut body = span(instance, "complete");
        body["details"]["schema_name"] = (*name).into();
        body["details"]["started_at"] = format!("2026-01-01T00:00:0{}Z", 9 - second).into();
        crate::client::id(&client.make("agent_spans", &body))
    };
    names.iter().enumerate().map(make).collect()
}

#[test]
fn lists_are_oldest_first_with_all_nine_pagination_keys() {
    let client = start();
    let instance = client.running();
    let made = spans(&client, &instance, &["a", "b", "c"]);
    let answer = client.get(&format!("agent_spans?agent_instance_id={instance}&include_summaries=true"));
    assert_eq!(ids(&answer), made);
    assert_eq!(answer.body["status"], "success");
    assert_eq!(answer.body["sorting"], json!({"field": "id", "direction": "asc"}));
    let expected = json!({"item_count": 3, "item_start": 1, "item_end": 3, "next_page_offset": null,
        "previous_page_offset": null, "page_count": 1, "page_index": 1, "page_offset": 0, "page_size": 50});
    assert_eq!(answer.body["pagination"], expected);
}

#[test]
fn following_next_page_offset_visits_every_item_once() {
    let client = start();
    let instance = client.running();
    let made = spans(&client, &instance, &["a", "b", "c", "d", "e"]);
    let (mut seen, mut offset) = (Vec::new(), json!(0));
    while !offset.is_null() {
        let page = format!("pagination[offset]={offset}&pagination[page_size]=2");
        let answer = client.get(&format!("agent_spans?agent_instance_id={instance}&{page}"));
        seen.extend(ids(&answer));
        offset = answer.body["pagination"]["next_page_offset"].clone();
    }
    assert_eq!(seen, made);
}

#[test]
fn page_has_1_to_100_items() {
    let client = start();
    for bad in [
        "pagination[page_size]=0",
        "pagination[page_size]=101",
        "pagination[page_size]=x",
        "pagination[offset]=-1",
    ] {
        let answer = client.get(&format!("agent_spans?{bad}"));
        assert_eq!(answer.invalid_fields(), [bad.split('=').next().unwrap()], "{bad}");
    }
    assert_eq!(client.get("agent_spans?pagination[page_size]=100").body["pagination"]["page_size"], 100);
    let beyond = client.get("agent_spans?pagination[offset]=4294967295&pagination[page_size]=100");
    assert_eq!(beyond.body["summaries"], json!([]));
}

#[test]
fn both_ways_to_write_an_order_are_understood() {
    let client = start();
    let instance = client.running();
    let made = spans(&client, &instance, &["b", "a"]);
    let reversed: Vec<_> = made.iter().rev().cloned().collect();
    for (sorting, expected) in [
        ("sorting=id", &made),
        ("sorting=-id", &reversed),
        ("sorting[field]=id&sorting[direction]=desc", &reversed),
        ("sorting[field]=schema_name", &reversed),
        ("sorting=-schema_name", &made),
        ("sorting[field]=started_at&sorting[direction]=asc", &reversed),
    ] {
        assert_eq!(&ids(&client.get(&format!("agent_spans?{sorting}"))), expected, "{sorting}");
    }
}

#[test]
fn every_list_takes_every_field_that_the_api_documents_in_both_syntaxes() {
    let client = start();
    client.span(&client.running(), "complete");
    let fields = "id last_seen status title timestamp started_at finished_at email name external_identifier";
    for list in [
        "agent",
        "agent_instance",
        "agent_spans",
        "agent_version",
        "agent_schema_version",
        "agent_deployment",
        "alerts",
        "api_token",
        "environment",
        "account",
        "risk_profile",
        "team",
        "person",
        "admin_user",
        "admin_user_invite",
        "account_integration",
    ] {
        for field in fields.split(' ') {
            for sorting in
                [format!("sorting=-{field}"), format!("sorting[field]={field}&sorting[direction]=desc")]
            {
                let answer = client.get(&format!("{list}?{sorting}"));
                assert_eq!(answer.http, 200, "{list}?{sorting}: {}", answer.text);
                assert_eq!(answer.body["pagination"].as_object().map(Map::len), Some(9), "{list}");
                assert_eq!(answer.body["sorting"], json!({"field": field, "direction": "desc"}), "{list}");
            }
        }
    }
}

#[test]
fn order_by_anything_else_is_invalid() {
    let client = start();
    for list in ["agent", "agent_instance", "agent_spans"] {
        for field in ["payload", "nope", "id%3BDROP%20TABLE%20agent", "(SELECT%201)"] {
            assert_eq!(
                client.get(&format!("{list}?sorting={field}")).invalid_fields(),
                ["sorting"],
                "{field}"
            );
        }
        let answer = client.get(&format!("{list}?sorting[field]=id&sorting[direction]=up"));
        assert_eq!(answer.invalid_fields(), ["sorting[direction]"]);
    }
}

#[test]
fn spans_are_filtered_by_instance_agent_and_time() {
    let client = start();
    let (instance, other) = (client.running(), client.running());
    let made = spans(&client, &instance, &["a", "b", "c"]);
    client.span(&other, "active");
    let agent = client.get(&format!("agent_instance/{instance}")).body["details"]["agent_id"].clone();
    let count = |query: &str| ids(&client.get(&format!("agent_spans?{query}"))).len();
    assert_eq!(count(""), 4);
    assert_eq!(count(&format!("agent_instance_id={instance}")), 3);
    assert_eq!(count(&format!("agent_id={}", agent.as_str().unwrap())), 4);
    assert_eq!(count("agent_id=nope"), 0);
    assert_eq!(count("agent_id="), 0, "nothing has an empty identifier");
    assert_eq!(count("sorting=&pagination[offset]=&start_time=&include_summaries="), 4);
    assert_eq!(count("agent_instance_id=x'%20OR%20'1'='1"), 0);
    let window = "start_time=2026-01-01T00:00:08Z&end_time=2026-01-01T01:00:08%2B01:00";
    assert_eq!(ids(&client.get(&format!("agent_spans?{window}"))), made[1..2]);
    assert_eq!(client.get("agent_spans?start_time=now").invalid_fields(), ["start_time"]);
}

#[test]
fn instances_are_filtered_by_agent_and_version() {
    let client = start();
    let register = |name: &str, version: &str| {
        let version = json!({"name": name, "external_identifier": version});
        client.make("agent_instance/register", &json!({"agent_version": version}))
    };
    let (first, second, third) = (register("a", "1"), register("a", "2"), register("b", "1"));
    let listed = |field: &str, of: &Value| {
        ids(&client.get(&format!("agent_instance?{field}={}", of[field].as_str().unwrap())))
    };
    let id = crate::client::id;
    assert_eq!(listed("agent_id", &first), [id(&first), id(&second)]);
    assert_eq!(listed("agent_version_id", &second), [id(&second)]);
    assert_eq!(listed("agent_id", &third), [id(&third)]);
}

#[test]
fn agents_are_listed_and_shown_with_their_instances_counted() {
    let client = start();
    client.running();
    let listed = client.get("agent").body["summaries"][0].clone();
    assert_eq!(
        (&listed["type"], &listed["name"], &listed["status"]),
        (&json!("agent"), &json!("test"), &json!("active"))
    );
    let shown = client.get(&format!("agent/{}", crate::client::id(&listed))).body["details"].clone();
    assert_eq!(shown["instance_counts"]["active"], 1);
    assert_eq!(shown["instance_counts"]["total"], 1);
}

/// Asks with each filter of the API alone: the value of what is there lists it, another one lists nothing.
#[test]
fn each_filter_of_each_list_is_applied_and_one_that_nothing_matches_lists_nothing() {
    let client = start();
    let account = client.server.account();
    let make =
        |path: &str, details: Value| crate::client::id(&client.make(path, &json!({"details": details})));
    let (team, person) =
        (make("team", json!({"name": "t"})), make("person", json!({"name": "p", "email": "p@x.org"})));
    let template =
        client.get("risk_profile/template?template_name=default").body["details"]["ruleset"].clone();
    let profile = make("risk_profile", json!({"name": "r", "ruleset": template}));
    let agent = make(
        "agent",
        json!({"name": "a", "team_id": team, "owner_person_id": person, "risk_profile_id": profile}),
    );
    make("agent", json!({"name": "another"}));
    make("api_token", json!({"agent_id": agent}));
    let schema = json!({"external_identifier": "1", "alert_schemas": [{"name": "leak", "schema": {}}]});
    let run =
        client.make("agent_instance/register", &json!({"agent_id": agent, "agent_schema_version": schema}));
    let (id, field) = (crate::client::id(&run), |name: &str| run[name].as_str().unwrap().to_owned());
    let mut body = span(&id, "complete");
    body["details"]["started_at"] = "2026-01-31T12:00:00Z".into();
    client.make("agent_spans", &body);
    let alert = json!({"agent_instance_id": id, "name": "leak", "severity": "error", "payload": {}});
    let alert_at = |time: &str| {
        let mut alert = alert.clone();
        alert["raised_at"] = time.into();
        client.make("alerts/raise", &alert);
    };
    alert_at("2026-01-31T12:00:00Z");
    client.make(
        "alerts/clear",
        &json!({"agent_instance_id": id, "name": "leak", "cleared_at": "2026-01-31T13:00:00Z"}),
    );

    let nobody = "00000000000000000000000000000000";
    let (before, within, after) = ("2026-01-31T11:00:00Z", "2026-01-31T12:00:00Z", "2026-01-31T14:00:00Z");
    let cases = [
        ("agent", "team_id", team.as_str(), nobody),
        ("agent", "owner_person_id", &person, nobody),
        ("agent", "risk_profile_id", &profile, nobody),
        ("agent", "environment_id", &field("environment_id"), nobody),
        ("agent_instance", "agent_id", &agent, nobody),
        ("agent_instance", "agent_version_id", &field("agent_version_id"), nobody),
        ("agent_spans", "agent_id", &agent, nobody),
        ("agent_spans", "agent_instance_id", &id, nobody),
        ("agent_spans", "start_time", within, after),
        ("agent_spans", "end_time", within, before),
        ("alerts", "agent_instance_id", &id, nobody),
        ("alerts", "agent_id", &agent, nobody),
        ("alerts", "environment_id", &field("environment_id"), nobody),
        ("alerts", "status", "cleared", "raised"),
        ("alerts", "severity", "error", "critical"),
        ("alerts", "name", "leak", "leaks"),
        ("alerts", "active_during[start_at]", within, after),
        ("alerts", "active_during[finish_at]", within, before),
        ("agent_version", "agent_id", &agent, nobody),
        ("agent_schema_version", "agent_id", &agent, nobody),
        ("agent_deployment", "agent_id", &agent, nobody),
        ("api_token", "account_id", account.account_id, nobody),
        ("environment", "account_id", account.account_id, nobody),
        ("risk_profile", "account_id", account.account_id, nobody),
        ("team", "account_id", account.account_id, nobody),
        ("person", "account_id", account.account_id, nobody),
    ];
    for (list, filter, matching, other) in cases {
        let count = |value: &str| {
            client.get(&format!("{list}?{filter}={value}")).body["pagination"]["item_count"].clone()
        };
        assert_eq!((count(matching), count(other)), (json!(1), json!(0)), "{list}?{filter}");
    }
    for (filter, other) in
        [("agent_instance_id", nobody), ("severity", "critical"), ("environment_id", nobody)]
    {
        client.post("alerts/raise", &alert);
        let count = |query: &str| client.get(&format!("alerts/count{query}")).body["count"].clone();
        assert_eq!((count(""), count(&format!("?{filter}={other}"))), (json!(1), json!(0)), "{filter}");
    }
}
