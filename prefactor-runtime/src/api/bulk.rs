//! `/bulk`: several actions in one request.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::answer::refusal;
use crate::api::call::{Call, new_key};
use crate::api::connection::Connection;
use crate::api::fields::Fields;
use crate::api::instances::Instances;
use crate::api::spans::{NewSpan, SpanEnd};
use crate::types::error::Error;
use crate::types::json::Json;
use crate::types::registration::Registration;

/// Actions for one request, which the API does in their order, up to the first that it refuses.
///
/// # Examples
///
/// ```no_run
/// # async fn record(api: prefactor::api::ApiClient, run: &str) -> Result<(), prefactor::Error> {
/// use prefactor::SpanStatus;
/// use prefactor::api::{Bulk, BulkResult, NewSpan};
///
/// let mut bulk = Bulk::new();
/// for question in ["Why?", "How?"] {
///     let span = NewSpan::new(run, "agent:llm_call").with_payload(&serde_json::json!({ "question": question }));
///     bulk.create_span(span.with_status(SpanStatus::Complete));
/// }
/// bulk.register("judge").action("agents/show", &serde_json::json!({ "external_identifier": "res-1" }));
/// println!("{} actions", bulk.len());
/// for (number, result) in api.bulk(bulk).await?.iter().enumerate() {
///     match result {
///         BulkResult::Done(_) => {}
///         BulkResult::Refused(error) => println!("{number}: {error}"),
///         _ => println!("{number} was not tried"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is sent"]
pub struct Bulk {
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
enum Item {
    Ready(Fields),
    /// It takes the client's ids and schemas.
    Register(Box<Registration>),
}

/// The outcome of one action.
#[derive(Debug)]
#[non_exhaustive]
pub enum BulkResult {
    /// It was done. The value is the object that a request of its own would have answered with.
    Done(Json),
    /// The API refused it.
    Refused(Error),
    /// It was not tried, because one before it was refused.
    NotTried,
}

impl BulkResult {
    /// Whether it was done.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn send(api: prefactor::api::ApiClient, bulk: prefactor::api::Bulk) -> Result<(), prefactor::Error> {
    /// let results = api.bulk(bulk).await?;
    /// println!("{} done", results.iter().filter(|result| result.is_done()).count());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

impl Bulk {
    /// Without actions.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many actions it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Registers a run.
    pub fn register(&mut self, registration: impl Into<Registration>) -> &mut Self {
        self.items.push(Item::Register(Box::new(registration.into())));
        self
    }

    /// Records a span.
    pub fn create_span(&mut self, span: NewSpan) -> &mut Self {
        self.push("agent_spans/create", span.into_fields().wrapped())
    }

    /// Ends a span.
    pub fn finish_span(&mut self, id: impl std::fmt::Display, end: SpanEnd) -> &mut Self {
        let mut fields = end.fields;
        fields.set("agent_span_id", id.to_string());
        self.push("agent_spans/finish", fields)
    }

    /// Any other action: its name in the API, such as `agents/show`, and its members, as an object.
    pub fn action<T: Serialize + ?Sized>(&mut self, name: &str, members: &T) -> &mut Self {
        let members = serde_json::to_value(members).ok();
        self.push(name, Fields(members.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()))
    }

    fn push(&mut self, name: &str, fields: Fields) -> &mut Self {
        self.items.push(Item::Ready(item(name, fields, new_key())));
        self
    }

    /// Sends it; the results are in the order of the actions.
    pub(super) async fn send(self, instances: Instances<'_>) -> Result<Vec<BulkResult>, Error> {
        if self.items.is_empty() {
            return Ok(Vec::new());
        }
        let items = self.items.into_iter().map(|item_| match item_ {
            Item::Ready(fields) => fields,
            Item::Register(of) => {
                let fields = instances.registration(&of);
                item("agent_instances/register", fields, new_key())
            }
        });
        let items: Vec<_> = items.map(|fields| fields.0).collect();
        results(instances.connection, items).await
    }
}

fn item(name: &str, mut fields: Fields, key: String) -> Fields {
    fields.set("_type", name);
    fields.set("idempotency_key", key);
    fields
}

async fn results(connection: &Connection, items: Vec<Map<String, Value>>) -> Result<Vec<BulkResult>, Error> {
    let keys: Vec<_> =
        items.iter().filter_map(|item| Some(item.get("idempotency_key")?.as_str()?.to_owned())).collect();
    let mut body = Fields::default();
    body.set("items", items);
    let call = Call::with_keys("do several things at once", "/bulk", body);
    let mut outputs: Map<String, Value> = connection.send(&call).await?.member("outputs")?;
    let result = |output: Option<Value>| match output {
        Some(Value::Object(members)) if members.get("status").is_some_and(|status| status == "error") => {
            BulkResult::Refused(refusal("do one of several things", None, &members))
        }
        Some(Value::Object(mut members)) => {
            BulkResult::Done(Json::of(&members.remove("details").unwrap_or(Value::Object(members))))
        }
        _ => BulkResult::NotTried,
    };
    Ok(keys.iter().map(|key| result(outputs.remove(key))).collect())
}
