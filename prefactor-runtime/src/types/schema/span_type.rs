//! One type of spans.

use serde::Serialize;

use super::labels::{Labels, with_labels};
use super::risk::DataRisk;
use crate::types::json::Json;

/// A type of spans, under the schema name that those spans have: the schemas of their payloads and results, and how the platform
/// shows them.
///
/// Without a schema of its own a payload or a result may be anything.
///
/// # Examples
///
/// ```
/// use prefactor::schema::{Classification, DataRisk, SpanType};
/// use serde_json::json;
///
/// let search = SpanType::new("tool:search")
///     .title("Web search")
///     .template("{{ query }}: {{ hits }} pages")
///     .params(&json!({ "type": "object", "properties": { "query": { "type": "string" } } }))
///     .result(&json!({ "type": "object", "properties": { "hits": { "type": "integer" } } }))
///     .description("Asks a search engine")
///     .data_risk(DataRisk::new().result(Classification::Public));
/// assert_eq!((search.name(), search.title_text()), ("tool:search", Some("Web search")));
/// assert_eq!(search.description_text(), Some("Asks a search engine"));
/// assert!(search.risk().is_some() && search.result_json().is_some() && !search.params_json().is_null());
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

    /// Sets the JSON Schema of payloads. A schema that cannot be written as JSON allows anything.
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
