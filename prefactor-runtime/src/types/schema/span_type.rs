//! One type of spans.

use serde::Serialize;

use super::labels::{Labels, with_labels};
use super::risk::DataRisk;
use crate::types::json::Json;

/// A type of spans, by the name that spans have: what is in their payloads and results, and how the platform shows them.
///
/// Without a schema of its own a payload or a result may be anything.
///
/// # Examples
///
/// ```
/// use prefactor::schema::SpanType;
/// use serde_json::json;
///
/// let search = SpanType::new("tool:search")
///     .title("Web search")
///     .template("{{ query }}: {{ hits }} pages")
///     .params(&json!({ "type": "object", "properties": { "query": { "type": "string" } } }))
///     .result(&json!({ "type": "object", "properties": { "hits": { "type": "integer" } } }));
/// assert_eq!((search.name(), search.title_text()), ("tool:search", Some("Web search")));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it says nothing until a registry has it"]
pub struct SpanType {
    name: String,
    params: Json,
    result: Option<Json>,
    labels: Labels,
}

impl SpanType {
    /// A type of that name, whose payloads and results may be anything.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), params: Json::any_object(), result: None, labels: Labels::default() }
    }

    /// Sets the JSON Schema of payloads. What cannot be written as JSON counts as a schema that takes anything.
    pub fn params<S: Serialize + ?Sized>(mut self, schema: &S) -> Self {
        self.params = Json::of(schema);
        self
    }

    /// Sets the JSON Schema of results.
    pub fn result<S: Serialize + ?Sized>(mut self, schema: &S) -> Self {
        self.result = Some(Json::of(schema));
        self
    }

    with_labels!();

    /// The JSON Schema of payloads.
    #[must_use]
    pub const fn params_json(&self) -> &Json {
        &self.params
    }

    /// The JSON Schema of results. `None` where a result may be anything.
    #[must_use]
    pub const fn result_json(&self) -> Option<&Json> {
        self.result.as_ref()
    }

    #[cfg(feature = "enabled")]
    pub(super) fn to_json(&self) -> serde_json::Value {
        let mut json = serde_json::Map::new();
        json.insert("name".into(), self.name.clone().into());
        json.insert("params_schema".into(), self.params.as_schema());
        if let Some(result) = &self.result {
            json.insert("result_schema".into(), result.as_schema());
        }
        self.labels.put_into(&mut json);
        json.into()
    }
}
