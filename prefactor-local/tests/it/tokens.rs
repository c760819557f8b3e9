//! Tokens: which are accepted, whose they are, and that none is stored.

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::{
    client::{Client, raw, start, start_with, status},
    folder::Folder,
};

fn opens(client: &Client, token: &str) -> bool {
    let host = format!("Host: {}", client.server.address());
    let authorization = format!("Authorization: Bearer {token}");
    match status(&raw(&client.server, &["GET /api/v1/ping HTTP/1.1", &host, &authorization], b"")) {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

/// Makes a token, and returns it with its details.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn make(client: &Client, details: &Value) -> (String, Value) {
    let answer = client.post("api_token", &json!({"details": details}));
    assert_eq!(answer.http, 200, "{}", answer.text);
    (answer.body["token"].as_str().unwrap().to_owned(), answer.body["details"].clone())
}

#[test]
fn any_token_opens_the_server_until_one_is_made_and_then_only_good_ones() {
    let client = start();
    assert!(opens(&client, "whatever"));
    let (token, details) = make(&client, &json!({"token_scope": "account"}));
    assert_eq!(details["type"], "api_token");
    assert_eq!((&details["status"], &details["agent_id"]), (&json!("active"), &json!(null)));
    assert!(opens(&client, &token) && opens(&client, client.server.token()));
    assert!(!opens(&client, "whatever") && !opens(&client, &format!("{token}0")));
}

#[test]
fn token_that_is_suspended_revoked_or_expired_does_not_open_the_server() {
    let client = start();
    let (token, details) = make(&client, &json!({"agent_name": "a"}));
    let act = |action: &str| {
        client.post(&format!("api_token/{}/{action}", details["id"].as_str().unwrap()), &json!({}))
    };
    assert_eq!(act("suspend").body["details"]["status"], "suspended");
    assert!(!opens(&client, &token));
    assert!(act("suspend").is_error(409, "invalid_action"));
    assert_eq!(act("activate").http, 200);
    assert!(opens(&client, &token));
    assert_eq!(act("revoke").http, 200);
    assert!(!opens(&client, &token));
    assert!(act("activate").is_error(409, "invalid_action"));
    let (expired, _) = make(&client, &json!({"agent_name": "a", "expires_at": "2020-01-01T00:00:00Z"}));
    assert!(!opens(&client, &expired));
    let listed = client.get("api_token");
    assert_eq!(listed.summaries().len(), 2);
    assert!(!listed.text.contains(&token));
}

#[test]
fn token_without_an_agent_or_with_two_is_refused_by_field() {
    let client = start();
    for details in [
        json!({"token_scope": "agent_deployment"}),
        json!({"agent_id": "x", "agent_name": "y"}),
        json!({"token_scope": "account", "agent_name": "y"}),
    ] {
        let answer = client.post("api_token", &json!({"details": details}));
        assert_eq!(answer.invalid_fields(), ["agent_id"], "{details}");
    }
    assert!(opens(&client, "whatever"), "nothing was made");
}

#[test]
fn tokens_and_the_identifiers_of_the_account_are_the_same_after_a_restart_and_in_no_file() {
    let folder = Folder::new("tokens");
    let server = || Server::builder().database(folder.file("runs.db"));
    let client = start_with(server());
    let (token, _) = make(&client, &json!({"agent_name": "a"}));
    let (own, agent) = (client.server.token().to_owned(), client.server.account().agent_id.to_owned());
    client.server.stop();

    let client = start_with(server());
    assert_eq!((client.server.token(), client.server.account().agent_id), (own.as_str(), agent.as_str()));
    assert!(opens(&client, &token) && opens(&client, &own) && !opens(&client, "whatever"));
    for (path, bytes) in folder.contents() {
        assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()), "{}", path.display());
    }
}

#[test]
fn key_of_a_request_that_makes_a_token_does_not_have_the_token_stored() {
    let folder = Folder::new("token-key");
    let client = start_with(Server::builder().database(folder.file("runs.db")));
    let body = json!({"details": {"token_scope": "account"}, "idempotency_key": "k"});
    let (one, two) = (client.post("api_token", &body), client.post("api_token", &body));
    assert_ne!(one.body["token"], two.body["token"]);
    let token = one.body["token"].as_str().unwrap().as_bytes();
    for (path, bytes) in folder.contents() {
        assert!(!bytes.windows(token.len()).any(|part| part == token), "{}", path.display());
    }
}

#[test]
fn page_address_carries_a_prescribed_token_in_its_fragment_only() {
    let client = start_with(Server::builder().token("pf_secret"));
    assert_eq!(client.server.page_url(), format!("{}/#token=pf_secret", client.server.url()));
    assert_eq!(start().server.page_url().split_once('#'), None);
}

#[test]
fn token_of_an_agent_says_which_agent_a_run_is_of_even_after_a_version_renames_it() {
    let client = start();
    let (token, details) = make(&client, &json!({"agent_name": "billing"}));
    let register = |body: &Value| client.post_as(&token, "agent_instance/register", body);
    for name in ["billing", "billing, renamed", "something else"] {
        let run = register(&json!({"agent_version": {"name": name, "external_identifier": name}}));
        assert_eq!(run.http, 200, "{}", run.text);
        assert_eq!(run.body["details"]["agent_id"], details["agent_id"], "{name}");
        assert_eq!(run.body["details"]["environment_id"], details["environment_id"]);
        assert_eq!(run.body["details"]["agent_deployment_id"], details["agent_deployment_id"]);
    }
    let other = client.server.account().agent_id;
    assert_eq!(register(&json!({"agent_id": other})).invalid_fields(), ["agent_id"]);
    assert_eq!(register(&json!({"environment_id": other})).invalid_fields(), ["environment_id"]);
    let (token, _) = make(&client, &json!({"token_scope": "account"}));
    let run = client.post_as(&token, "agent_instance/register", &json!({"agent_id": other}));
    assert_eq!(run.body["details"]["agent_id"], other, "{}", run.text);
}
