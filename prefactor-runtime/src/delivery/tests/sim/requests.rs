//! Requests as JSON, and in short.

use serde_json::Value;

use super::super::model::INSTANCE_ID;
use crate::transport::Request;

pub(crate) fn json(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or(Value::Null)
}

/// Requests in short: what of which span, and bulk requests in brackets.
pub(crate) fn brief(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|request| words(request.path.rsplit('/').next().unwrap(), &json(request))).collect()
}

fn words(path: &str, body: &Value) -> String {
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match path {
        "agent_spans" | "create" => format!("{} {}", text("/details/schema_name"), text("/details/status")),
        "finish" => format!("finish {}", text("/status")),
        "bulk" => {
            let items = body["items"].as_array().unwrap().iter();
            let items =
                items.map(|item| words(item["_type"].as_str().unwrap().rsplit('/').next().unwrap(), item));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        INSTANCE_ID => "poll".into(),
        other => other.into(),
    }
}
