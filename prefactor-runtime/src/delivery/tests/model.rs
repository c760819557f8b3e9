//! A model of the API that keeps the ledger: what took effect, once or more than once, in which order.
//!
//! It judges the client by its own books. A re-send with other bytes, a second effect, a child before its parent or a
//! finish before its start fails the test at once.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::transport::{Request, Response, SendResult};

pub(super) const INSTANCE_ID: &str = "013xrzp12g3nqk8n0000000000000000";

/// The id of the run after the server has started anew, in another partition.
pub(super) const NEXT_INSTANCE_ID: &str = "013xrzp12g3nqk9n0000000000000001";

/// Why the model refuses an item.
pub(super) type Rule = Box<dyn Fn(&Item<'_>) -> Option<(u16, Value)> + Send>;

/// One call, alone or out of a bulk request.
pub(super) struct Item<'a> {
    pub(super) what: &'a str,
    pub(super) id: Option<&'a str>,
    pub(super) body: &'a Value,
    pub(super) is_in_bulk: bool,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Model {
    /// Spans by id, and whether they have ended.
    spans: HashMap<String, bool>,
    /// The payloads of spans that say that others are missing.
    pub(super) notices: Vec<Value>,
    /// How many runs were registered, started and finished.
    runs: HashMap<String, u64>,
    /// The request and the answer under each key.
    keys: HashMap<String, (Value, Option<Value>)>,
    pub(super) rules: Vec<Rule>,
    /// Largest body, in bytes.
    pub(super) max_bytes: Option<usize>,
    pub(super) refuses_bulk: bool,
    /// Most items of a bulk request.
    pub(super) max_items: Option<usize>,
    pub(super) makes_ids: bool,
    /// Whether it looks at the partition of ids before it looks for the run.
    pub(super) checks_partition: bool,
    /// Whether the server has started anew, with empty tables.
    has_restarted: bool,
    /// Requests and items that came in, and bytes.
    pub(super) requests: usize,
    pub(super) items: usize,
    pub(super) bytes: usize,
}

impl Item<'_> {
    /// The schema name of a span that is made.
    pub(super) fn schema_name(&self) -> &str {
        self.body.pointer("/details/schema_name").and_then(Value::as_str).unwrap_or_default()
    }
}

impl Model {
    /// Refuses items for which the rule gives a status and an error.
    pub(super) fn refuse(&mut self, rule: impl Fn(&Item<'_>) -> Option<(u16, Value)> + Send + 'static) {
        self.rules.push(Box::new(rule));
    }

    /// Forgets what was said under which key, as the API does after some time.
    pub(super) fn forget_keys(&mut self) {
        self.keys.clear();
    }

    /// Starts the server anew, with empty tables and another partition.
    pub(super) fn restart(&mut self) {
        self.spans.clear();
        self.keys.clear();
        self.has_restarted = true;
    }

    fn instance_id(&self) -> &'static str {
        if self.has_restarted { NEXT_INSTANCE_ID } else { INSTANCE_ID }
    }

    /// Spans whose final state took effect.
    pub(super) fn ended(&self) -> u64 {
        self.spans.values().filter(|has_ended| **has_ended).count() as u64
    }

    /// How often a run was registered, started or finished.
    pub(super) fn runs(&self, what: &str) -> u64 {
        self.runs.get(what).copied().unwrap_or(0)
    }

    /// Applies a request and answers it.
    pub(super) fn answer(&mut self, request: &Request) -> SendResult {
        self.requests += 1;
        self.bytes += request.body.len();
        if self.max_bytes.is_some_and(|max| request.body.len() > max) {
            self.items += 1;
            return response(413, &error("payload_too_large"));
        }
        let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let path = request.path.strip_prefix("/api/v1/").unwrap();
        let parts: Vec<_> = path.split('/').collect();
        match parts[..] {
            ["bulk"] if self.refuses_bulk => response(404, &error("not_found")),
            ["bulk"] if self.max_items.is_some_and(|max| body["items"].as_array().unwrap().len() > max) => {
                response(422, &error("validation_errors"))
            }
            ["bulk"] => response(200, &self.bulk(&body)),
            ["ping"] => response(200, &success(INSTANCE_ID)),
            ["agent_instance", question] if question.starts_with("show?") => {
                response(200, &success(self.instance_id()))
            }
            ["agent_instance", id] | ["agent_instance", id, _]
                if id != self.instance_id() && id != "register" =>
            {
                response(404, &forgotten())
            }
            ["agent_instance", id] if id != "register" => response(200, &success(id)),
            ["agent_instance", "register"] => self.instance("register", &body),
            ["agent_instance", _, what] => self.instance(what, &body),
            ["agent_spans"] => self.alone("agent_spans/create", None, &body),
            ["agent_spans", id, "finish"] => self.alone("agent_spans/finish", Some(id), &body),
            _ => panic!("no such path: {path}"),
        }
    }

    fn bulk(&mut self, body: &Value) -> Value {
        let mut outputs = Map::new();
        for item in body["items"].as_array().unwrap() {
            let mut fields = item.clone();
            let fields_map = fields.as_object_mut().unwrap();
            let what = fields_map.remove("_type").unwrap();
            let id = fields_map.remove("agent_span_id");
            let item = Item {
                what: what.as_str().unwrap(),
                id: id.as_ref().and_then(Value::as_str),
                body: &fields,
                is_in_bulk: true,
            };
            let (status, output) = self.item(&item);
            outputs.insert(fields["idempotency_key"].as_str().unwrap().to_owned(), output);
            if status != 200 {
                break;
            }
        }
        json!({ "status": "success", "outputs": outputs })
    }

    fn alone(&mut self, what: &str, id: Option<&str>, body: &Value) -> SendResult {
        let (status, answer) = self.item(&Item { what, id, body, is_in_bulk: false });
        response(status, &answer)
    }

    fn instance(&mut self, what: &str, body: &Value) -> SendResult {
        let refused = Item { what, id: None, body, is_in_bulk: false };
        if let Some((status, refusal)) = self.rules.iter().find_map(|rule| rule(&refused)) {
            return response(status, &refusal);
        }
        let key = body["idempotency_key"].as_str().unwrap().to_owned();
        let is_new = !self.keys.contains_key(&key);
        let (via, _) = self.keys.entry(key).or_insert_with(|| (body.clone(), None));
        assert_eq!(via, body, "the same key with other words");
        *self.runs.entry(what.to_owned()).or_default() += u64::from(is_new);
        let mut answer = success(self.instance_id());
        answer["details"]["external_identifier"] = body["external_identifier"].clone();
        match what {
            "register" => answer["details"]["status"] = "pending".into(),
            "start" => answer["details"]["status"] = "active".into(),
            "finish" => answer["details"]["status"] = body["status"].clone(),
            _ => {}
        }
        response(200, &answer)
    }

    fn item(&mut self, item: &Item<'_>) -> (u16, Value) {
        self.items += 1;
        let key = item.body["idempotency_key"].as_str().unwrap().to_owned();
        assert!((8..=64).contains(&key.len()), "{key}");
        let (via, answer) = self.keys.entry(key.clone()).or_insert_with(|| (item.body.clone(), None));
        assert_eq!(via, item.body, "the same key with other words");
        if let Some(answer) = answer {
            return (200, answer.clone());
        }
        let run = item.body.pointer("/details/agent_instance_id").and_then(Value::as_str);
        if run.is_some_and(|run| run != self.instance_id()) {
            if self.checks_partition && item.body.pointer("/details/id").is_some() {
                let mut refusal = error("validation_errors");
                refusal["errors"] = json!({ "id": ["must have the partition of the account"] });
                return (422, refusal);
            }
            return (404, forgotten());
        }
        if let Some(refusal) = self.rules.iter().find_map(|rule| rule(item)) {
            return refusal;
        }
        let outcome = match item.what {
            "agent_spans/create" => self.create(&key, item),
            "agent_spans/finish" => self.finish(item),
            what => panic!("no such item: {what}"),
        };
        match outcome {
            Ok(id) => {
                let mut answer = success(&id);
                for name in ["agent_instance_id", "schema_name", "started_at", "status"] {
                    if let Some(value) = item.body["details"].get(name) {
                        answer["details"][name] = value.clone();
                    }
                }
                if item.what == "agent_spans/finish" {
                    answer["details"]["status"] = item.body["status"].clone();
                }
                self.keys.insert(key, (item.body.clone(), Some(answer.clone())));
                (200, answer)
            }
            Err(code) => (409, error(code)),
        }
    }

    fn create(&mut self, key: &str, item: &Item<'_>) -> Result<String, &'static str> {
        let details = &item.body["details"];
        if let Some(parent) = details["parent_span_id"].as_str() {
            assert!(self.spans.contains_key(parent), "a child before its parent");
        }
        let id = match details["id"].as_str() {
            Some(id) if !self.makes_ids => id.to_owned(),
            _ => format!("theirs-{key}"),
        };
        if self.spans.contains_key(&id) {
            return Err("conflict");
        }
        if details["schema_name"] == "prefactor:lost" {
            self.notices.push(details["payload"].clone());
            return Ok(id);
        }
        let has_ended = !matches!(details["status"].as_str(), Some("active" | "pending"));
        self.spans.insert(id.clone(), has_ended);
        Ok(id)
    }

    fn finish(&mut self, item: &Item<'_>) -> Result<String, &'static str> {
        let id = item.id.expect("a finish says of what");
        let has_ended = self.spans.get_mut(id).expect("a finish before its start");
        if std::mem::replace(has_ended, true) { Err("invalid_action") } else { Ok(id.to_owned()) }
    }
}

pub(super) fn success(id: &str) -> Value {
    json!({ "status": "success", "details": { "id": id } })
}

pub(super) fn error(code: &str) -> Value {
    json!({ "status": "error", "code": code, "message": "no" })
}

/// The answer of a server that does not know the run.
fn forgotten() -> Value {
    json!({ "status": "error", "code": "not_found", "message": "agent instance not found" })
}

#[expect(clippy::unnecessary_wraps, reason = "what a transport returns")]
pub(super) fn response(status: u16, body: &Value) -> SendResult {
    Ok(Response::new(status, body.to_string()))
}
