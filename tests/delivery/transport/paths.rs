//! S7: requests stay on the paths of the API, whatever id a server gives.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use prefactor::Client;
use prefactor::transport::{Request, Response, SendFuture, Transport};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{shut_down, until};

/// Answers each creation with that id.
struct Naming {
    id: String,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Transport for Naming {
    fn send(&self, request: Request) -> SendFuture<'_> {
        self.paths.lock().unwrap().push(request.path.clone());
        let body = json!({ "status": "success", "details": { "id": self.id } }).to_string();
        Box::pin(async move { Ok(Response::new(200, body)) })
    }
}

fn paths(id: &str) -> Vec<String> {
    let paths: Arc<Mutex<Vec<String>>> = Arc::default();
    let transport = Naming { id: id.to_owned(), paths: Arc::clone(&paths) };
    let client = Client::builder().transport(transport).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:named").complete(&()));
    until("it has been tried", || paths.lock().unwrap().len() > 2);
    let _ = shut_down(&client, Duration::ZERO);
    paths.lock().unwrap().clone()
}

fn is_safe(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn is_of_the_api(path: &str) -> bool {
    path.starts_with("/api/v1/") && path.split('/').skip(1).all(is_safe)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s7_no_id_leads_off_the_paths_of_the_api(
        id in prop_oneof![
            any::<String>(),
            "[A-Za-z0-9_-]{1,64}",
            "[A-Za-z0-9_-]{0,8}[./%?#@:\\\\ \u{0}\r\n]{1,3}[A-Za-z0-9_-]{0,8}",
            "[a-z]{65,80}",
            Just("../../admin".to_owned()),
            Just("..%2f..%2fadmin".to_owned()),
            Just("..".to_owned()),
        ]
    ) {
        for path in paths(&id) {
            prop_assert!(is_of_the_api(&path), "{path:?}");
        }
    }
}

#[test]
fn s7_a_safe_id_is_used() {
    assert!(paths("run-7_B").contains(&"/api/v1/agent_instance/run-7_B/start".to_owned()));
}
