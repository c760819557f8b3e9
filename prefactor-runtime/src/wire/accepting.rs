//! The response of an API that accepts everything, for transports of tests.

use serde_json::{Map, Value, json};

use crate::transport::{Request, Response};

impl Response {
    /// The response of an API that accepts the request: a success that names the sent object.
    ///
    /// Delivery takes a response for an acknowledgement only if it names the sent object, so a
    /// [`Transport`](crate::transport::Transport) of a test answers with this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::Client;
    /// use prefactor::transport::{Request, Response, SendFuture, Transport};
    ///
    /// struct Accepting;
    ///
    /// impl Transport for Accepting {
    ///     fn send(&self, request: Request) -> SendFuture<'_> {
    ///         Box::pin(async move { Ok(Response::accepting(&request)) })
    ///     }
    /// }
    ///
    /// let client = Client::builder().transport(Accepting).build()?;
    /// client.register("tester").in_scope(|| prefactor::span("test:one").complete(&1));
    /// assert_eq!(client.shutdown(Duration::from_secs(5)).stats.acknowledged, 1);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[must_use]
    pub fn accepting(request: &Request) -> Self {
        let sent = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let body = match sent["items"].as_array() {
            Some(items) => {
                let outputs = items.iter().filter_map(|item| {
                    Some((item["idempotency_key"].as_str()?.to_owned(), success(item, None)))
                });
                json!({ "status": "success", "outputs": outputs.collect::<Map<_, _>>() })
            }
            None => success(&sent, id_in(&request.path)),
        };
        Self::new(200, body.to_string())
    }
}

/// The id in a path such as `/api/v1/agent_spans/{id}/finish`.
fn id_in(path: &str) -> Option<&str> {
    path.split('/').nth(4).filter(|segment| *segment != "register")
}

fn success(sent: &Value, id: Option<&str>) -> Value {
    let own = || sent.pointer("/details/id").or_else(|| sent.get("agent_span_id"))?.as_str();
    let made = || sent["idempotency_key"].as_str()?.split('-').next();
    let mut details = sent["details"].as_object().cloned().unwrap_or_default();
    details.remove("payload");
    details.remove("result_payload");
    details.insert("id".into(), id.or_else(own).or_else(made).unwrap_or_default().into());
    if let Some(run) = sent.get("agent_instance_id") {
        details.insert("agent_instance_id".into(), run.clone());
    }
    if let Some(mark) = sent.get("external_identifier") {
        details.insert("external_identifier".into(), mark.clone());
    }
    json!({ "status": "success", "details": details })
}
