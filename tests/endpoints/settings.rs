//! The sources of the typed client's settings.

use std::sync::{Arc, Mutex};

use prefactor::Client;
use prefactor::transport::{Method, Request, Response, SendFuture, Transport};
use serde_json::{Value, json};

/// Answers everything with an object, and keeps the requests.
#[derive(Clone, Default)]
struct Echo(Arc<Mutex<Vec<Request>>>);

impl Transport for Echo {
    fn send(&self, request: Request) -> SendFuture<'_> {
        self.0.lock().unwrap().push(request);
        let details = json!({ "id": "i", "agent_id": "a", "name": "n", "status": "active" });
        let body = json!({ "status": "success", "details": details }).to_string();
        Box::pin(async move { Ok(Response::new(200, body)) })
    }
}

impl Echo {
    fn last(&self) -> Request {
        self.0.lock().unwrap().last().cloned().unwrap()
    }
}

#[tokio::test]
async fn identity_of_the_builder_is_in_registrations() {
    let echo = Echo::default();
    let (agent, place) = ("013xrzp12g3nqk8n0000000000000001", "013xrzp12g3nqk8n0000000000000002");
    let builder = Client::builder().transport(echo.clone()).agent_id(agent).environment_id(place);
    let api = builder.api_client().unwrap();
    api.instances().register("tester").await.unwrap();
    let request = echo.last();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((&body["agent_id"], &body["environment_id"]), (&json!(agent), &json!(place)));
    assert!(body["idempotency_key"].as_str().unwrap().len() <= 64);
    assert!(body["agent_version"]["runtime_environment"]["runtime"].as_str().unwrap().starts_with("rust@"));
}

#[tokio::test]
async fn registration_says_whether_its_version_becomes_the_current_one() {
    let echo = Echo::default();
    let api = Client::builder().transport(echo.clone()).api_client().unwrap();
    for update in [true, false] {
        let registration = prefactor::Registration::new("tester").update_current_version(update);
        api.instances().register(registration).await.unwrap();
        let body: Value = serde_json::from_slice(&echo.last().body).unwrap();
        assert_eq!(body["update_current_version"], update);
    }
}

#[tokio::test]
async fn ids_in_paths_are_encoded() {
    let echo = Echo::default();
    let api = Client::builder().transport(echo.clone()).api_client().unwrap();
    api.agents().get("../a b?c").await.unwrap();
    assert_eq!(echo.last().path, "/api/v1/agent/..%2Fa%20b%3Fc");
    api.agents().show_in_environment("a", "e 1").await.unwrap();
    assert!(
        echo.last().path.contains("?agent_id=a&environment_id=e%201&include_counts=true"),
        "{:?}",
        echo.last()
    );
    api.agents().update("x", prefactor::api::AgentChange::new().with_name("n")).await.unwrap();
    assert_eq!(echo.last().method, Method::Put);
    api.agents().delete("x").await.unwrap();
    assert_eq!((echo.last().method, echo.last().body.len()), (Method::Delete, 0));
}

#[test]
fn client_without_a_token_is_an_error_with_the_cure() {
    let error = Client::builder().api_url("http://127.0.0.1:7411").api_client().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("PREFACTOR_API_TOKEN"), "{error}");
}
