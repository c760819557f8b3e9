//! The errors of failed requests.

use prefactor::api::{Instance, NewAgent};
use prefactor::{Client, Error};
use prefactor_local::oracle::Fault;
use serde_json::json;

use crate::Case;

fn refusal(status: u16, body: &serde_json::Value) -> Fault {
    Fault::body(status, "application/json", body.to_string())
}

async fn refused(case: &Case, status: u16, body: serde_json::Value) -> Error {
    case.oracle.next(1, refusal(status, &body));
    case.api.agents().get("x").await.unwrap_err()
}

#[tokio::test]
async fn refusal_answers_the_questions_of_its_status() {
    let case = Case::new();
    let ask = |error: &Error| {
        [
            error.is_unauthorized(),
            error.is_forbidden(),
            error.is_not_found(),
            error.is_conflict(),
            error.is_invalid(),
        ]
    };
    for (status, code, place) in [
        (401, "bad_authtoken", Some(0)),
        (403, "forbidden", Some(1)),
        (404, "not_found", Some(2)),
        (409, "invalid_action", Some(3)),
        (400, "bad_request", Some(4)),
        (422, "validation_errors", Some(4)),
        (413, "too_large", None),
    ] {
        let body = json!({ "status": "error", "code": code, "message": "because" });
        let error = refused(&case, status, body).await;
        let expected: Vec<_> = (0..5).map(|number| Some(number) == place).collect();
        assert_eq!(ask(&error).to_vec(), expected, "{error}");
        assert!(error.is_refused() && !error.is_unavailable() && !error.is_configuration(), "{error}");
        assert_eq!((error.http_status(), error.code()), (Some(status), Some(code)));
        let text = error.to_string();
        assert!(text.contains("show an agent") && text.contains("because") && text.contains(code), "{text}");
    }
}

#[tokio::test]
async fn refusal_names_the_fields_at_fault_in_either_form() {
    let case = Case::new();
    for errors in [
        json!({ "name": ["can't be blank", "is odd"], "age": ["is negative"] }),
        json!({ "name": { "status": "error", "code": "required", "message": "can't be blank, is odd" }, "age": "is negative" }),
    ] {
        let body =
            json!({ "status": "error", "code": "validation_errors", "message": "no", "errors": errors });
        let error = refused(&case, 422, body).await;
        let fields: Vec<_> = error.field_errors().collect();
        assert_eq!(fields, [("age", "is negative"), ("name", "can't be blank, is odd")]);
        assert!(error.to_string().contains("name can't be blank, is odd"), "{error}");
    }
    let real = case.api.agents().create(NewAgent::new("")).await.unwrap_err();
    assert!(real.is_invalid() && real.field_errors().any(|(field, _)| field == "name"), "{real}");
}

/// The local server answers any path in the API's words.
#[tokio::test]
async fn address_with_a_wrong_path_is_named_in_the_error() {
    let case = Case::new();
    let url = format!("{}/wrong", case.server.url());
    let api = Client::builder().api_url(url).api_token(case.server.token()).api_client().unwrap();
    let error = api.agents().get("x").await.unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("PREFACTOR_API_URL"), "{error}");
}

#[tokio::test]
async fn words_of_the_server_are_bounded_and_lack_the_token() {
    let case = Case::new();
    let token = case.server.token();
    let long = format!("{token}\u{1b}[31m\n{}", "x".repeat(100_000));
    let body = json!({ "status": "error", "code": token, "message": long, "errors": { token: [long] } });
    let error = refused(&case, 422, body).await;
    let texts =
        format!("{error} {error:?} {:?} {:?}", error.code(), error.field_errors().collect::<Vec<_>>());
    assert!(!texts.contains(token) && !texts.contains('\u{1b}') && texts.len() < 10_000, "{texts}");
}

#[tokio::test]
async fn answer_that_lacks_what_it_must_have_says_which_member() {
    let case = Case::new();
    for body in
        [json!({ "status": "success" }), json!({ "status": "success", "details": { "id": 7, "name": "n" } })]
    {
        let error = refused(&case, 200, body).await;
        assert!(error.is_protocol() && error.to_string().contains("`details`"), "{error}");
    }
}

#[tokio::test]
async fn unknown_members_and_words_are_kept() {
    let case = Case::new();
    let details = json!({
        "id": "i", "agent_id": "a", "status": "paused", "purpose": null, "quality_payloads": null,
        "mood": { "is": ["good"] },
    });
    case.oracle.next(1, refusal(200, &json!({ "status": "success", "details": details })));
    let run: Instance = case.api.instances().get("i").await.unwrap();
    assert_eq!((run.status.as_str(), run.status.is_final()), ("paused", false));
    assert_eq!(run.other["mood"].get::<serde_json::Value>(), Some(json!({ "is": ["good"] })));
    let written = serde_json::to_value(&run).unwrap();
    assert_eq!((&written["mood"], &written["status"]), (&json!({ "is": ["good"] }), &json!("paused")));
}

#[test]
fn request_outside_of_tokio_is_an_error_and_no_panic() {
    let api = Client::builder().api_url("http://127.0.0.1:9").api_token("a-token").api_client().unwrap();
    let error = pollster::block_on(api.ping()).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("tokio"), "{error}");
}

#[tokio::test]
async fn futures_can_be_sent_to_other_threads() {
    let case = Case::new();
    let api = case.api.clone();
    tokio::spawn(async move { api.agents().create(NewAgent::new("a")).await }).await.unwrap().unwrap();
    assert!(!format!("{:?} {:?}", case.api, case.api.agents()).contains(case.server.token()));
}
