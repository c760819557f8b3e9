//! Actions of requests in one form, whether they came alone or in bulk.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::value::RawValue;

/// The effect that an action asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Registers an agent instance.
    Register,
    /// Starts an agent instance.
    StartInstance,
    /// Finishes an agent instance.
    FinishInstance,
    /// Creates a span.
    CreateSpan,
    /// Finishes a span.
    FinishSpan,
    /// Anything else that is posted, such as a termination.
    Other,
}

/// One action that a client asked for: a request of its own, or an item of a bulk request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Item {
    /// The kind of effect.
    pub kind: Kind,
    /// Whether it came in a bulk request.
    pub in_bulk: bool,
    /// The idempotency key, outside or inside of `details`.
    pub key: Option<String>,
    /// The identifier of the object that it acts on, or the one that it asks for.
    pub id: Option<String>,
    /// The type of a span to create.
    pub schema_name: Option<String>,
    /// The parent of a span to create.
    pub parent: Option<String>,
    /// The agent instance of a span to create, or the one to act on.
    pub instance: Option<String>,
    /// The status that it gives to what it acts on.
    pub status: Option<String>,
    /// Its JSON text, as it was sent.
    pub text: Arc<str>,
    /// The same text without its envelope, which differs between single requests and bulk ones: the type, the key, and
    /// the identifier that is in the path of a single request.
    pub(super) content: Arc<str>,
}

type Fields<'a> = BTreeMap<String, &'a RawValue>;

impl Item {
    /// Returns the JSON text of one of its fields, or of one of its details.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::Oracle};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let oracle = Oracle::new();
    /// let server = Server::builder().oracle(&oracle).start()?;
    /// // A client registers a run, and sends the request once more.
    /// # for _ in 0..2 {
    /// #     ureq::post(format!("{}/api/v1/agent_instance/register", server.url()))
    /// #         .header("Authorization", format!("Bearer {}", server.token()))
    /// #         .header("Content-Type", "application/json")
    /// #         .send(r#"{"agent_version": {"name": "demo"}, "idempotency_key": "register-1"}"#)?;
    /// # }
    /// let ledger = oracle.ledger();
    /// assert_eq!(ledger.requests()[0].items[0].field("agent_version").as_deref(), Some(r#"{"name": "demo"}"#));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let fields: Fields<'_> = serde_json::from_str(&self.text).ok()?;
        let details: Fields<'_> = inner(&fields);
        details.get(name).or_else(|| fields.get(name)).map(|value| value.get().to_owned())
    }

    /// The items of a `POST`. A bulk request that cannot be read has none.
    pub(super) fn all(path: &str, body: &str) -> Vec<Self> {
        let segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let (kind, id) = match segments[..] {
            ["bulk"] => return bulk(body),
            ["agent_instance", "register"] => (Kind::Register, None),
            ["agent_instance", id, "start"] => (Kind::StartInstance, Some(id)),
            ["agent_instance", id, "finish"] => (Kind::FinishInstance, Some(id)),
            ["agent_spans"] => (Kind::CreateSpan, None),
            ["agent_spans", id, "finish"] => (Kind::FinishSpan, Some(id)),
            _ => (Kind::Other, None),
        };
        vec![Self::read(kind, id.map(str::to_owned), body, false)]
    }

    fn read(kind: Kind, path_id: Option<String>, text: &str, in_bulk: bool) -> Self {
        let fields: Fields<'_> = serde_json::from_str(text).unwrap_or_default();
        let details = inner(&fields);
        let word = |name| {
            let value = details.get(name).or_else(|| fields.get(name))?;
            serde_json::from_str::<String>(value.get()).ok()
        };
        let id = path_id.or_else(|| word("id")).or_else(|| match kind {
            Kind::FinishSpan => word("agent_span_id"),
            Kind::StartInstance | Kind::FinishInstance => word("agent_instance_id"),
            _ => None,
        });
        let is_envelope = |name: &str| match name {
            "_type" | "idempotency_key" => true,
            "id" | "agent_span_id" => kind == Kind::FinishSpan,
            _ => false,
        };
        let content: Vec<_> = fields
            .iter()
            .filter(|(name, _)| !is_envelope(name))
            .map(|(name, value)| format!("{name}:{}", value.get()))
            .collect();
        let instance = match kind {
            Kind::StartInstance | Kind::FinishInstance => id.clone(),
            _ => word("agent_instance_id"),
        };
        Self {
            kind,
            in_bulk,
            key: word("idempotency_key"),
            schema_name: word("schema_name"),
            parent: word("parent_span_id"),
            instance,
            status: word("status"),
            id,
            text: text.into(),
            content: content.join(",").into(),
        }
    }
}

fn inner<'a>(fields: &Fields<'a>) -> Fields<'a> {
    fields.get("details").and_then(|details| serde_json::from_str(details.get()).ok()).unwrap_or_default()
}

fn bulk(body: &str) -> Vec<Item> {
    let items = items(body).unwrap_or_default();
    items.into_iter().map(|text| Item::read(kind(text), None, text, true)).collect()
}

/// The texts of the items of a bulk request.
pub(super) fn items(body: &str) -> Option<Vec<&str>> {
    let fields: Fields<'_> = serde_json::from_str(body).ok()?;
    let items: Vec<&RawValue> = serde_json::from_str(fields.get("items")?.get()).ok()?;
    Some(items.into_iter().map(RawValue::get).collect())
}

fn kind(text: &str) -> Kind {
    let fields: Fields<'_> = serde_json::from_str(text).unwrap_or_default();
    match fields.get("_type").map_or("", |kind| kind.get().trim_matches('"')) {
        "agent_instances/register" => Kind::Register,
        "agent_instances/start" => Kind::StartInstance,
        "agent_instances/finish" => Kind::FinishInstance,
        "agent_spans/create" => Kind::CreateSpan,
        "agent_spans/finish" => Kind::FinishSpan,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_alone_and_in_bulk_has_the_same_content() {
        for (path, alone, item) in [
            (
                "/agent_spans",
                r#"{"details":{"id":"s","status":"active"},"idempotency_key":"k"}"#,
                r#"{"_type":"agent_spans/create","idempotency_key":"k","details":{"id":"s","status":"active"}}"#,
            ),
            (
                "/agent_spans/s/finish",
                r#"{"status":"active","timestamp":"t","idempotency_key":"k"}"#,
                r#"{"_type":"agent_spans/finish","id":"s","timestamp":"t","status":"active","idempotency_key":"k"}"#,
            ),
        ] {
            let body = format!(r#"{{"items":[{item}]}}"#);
            let (alone, in_bulk) = (&Item::all(path, alone)[0], &Item::all("/bulk", &body)[0]);
            assert_eq!(alone.content, in_bulk.content);
            assert_eq!(alone.kind, in_bulk.kind);
            for item in [alone, in_bulk] {
                let words = (item.id.as_deref(), item.key.as_deref(), item.status.as_deref());
                assert_eq!(words, (Some("s"), Some("k"), Some("active")), "{item:?}");
            }
            assert!(in_bulk.in_bulk && !alone.in_bulk);
        }
    }

    #[test]
    fn action_that_cannot_be_read_has_no_key() {
        assert_eq!(Item::all("/agent_spans", "{").len(), 1);
        assert_eq!(Item::all("/agent_spans", "{")[0].key, None);
        assert!(Item::all("/bulk", "[]").is_empty());
    }
}
