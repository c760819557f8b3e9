//! One type of spans.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::risk::DataRisk;

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
/// assert_eq!(search.name(), "tool:search");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it says nothing until a registry has it"]
pub struct SpanType {
    name: String,
    params: Value,
    result: Option<Value>,
    title: Option<String>,
    description: Option<String>,
    template: Option<String>,
    risk: Option<DataRisk>,
}

impl SpanType {
    /// A type of that name, whose payloads and results may be anything.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            params: json!({ "type": "object" }),
            result: None,
            title: None,
            description: None,
            template: None,
            risk: None,
        }
    }

    /// Sets the JSON Schema of payloads. What cannot be written as JSON counts as a schema that takes anything.
    pub fn params<S: Serialize + ?Sized>(mut self, schema: &S) -> Self {
        self.params = to_value(schema);
        self
    }

    /// Sets the JSON Schema of results.
    pub fn result<S: Serialize + ?Sized>(mut self, schema: &S) -> Self {
        self.result = Some(to_value(schema));
        self
    }

    /// Sets the title that the platform shows, in place of the name.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the Liquid template of the summary. It sees the members of the payload and of the result, the result's over the
    /// payload's.
    pub fn template(mut self, template: impl Into<String>) -> Self {
        self.template = Some(template.into());
        self
    }

    /// Says what the work may touch.
    pub fn data_risk(mut self, risk: DataRisk) -> Self {
        self.risk = Some(risk);
        self
    }

    /// The name that spans of the type have.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The JSON Schema of payloads, as JSON text.
    #[must_use]
    pub fn params_json(&self) -> String {
        self.params.to_string()
    }

    /// The JSON Schema of results, as JSON text. `None` where a result may be anything.
    #[must_use]
    pub fn result_json(&self) -> Option<String> {
        self.result.as_ref().map(Value::to_string)
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("name".into(), self.name.clone().into());
        json.insert("params_schema".into(), self.params.clone());
        put(&mut json, "result_schema", self.result.clone());
        put(&mut json, "title", self.title.clone().map(Value::from));
        put(&mut json, "description", self.description.clone().map(Value::from));
        put(&mut json, "template", self.template.clone().map(Value::from));
        put(&mut json, "data_risk", self.risk.as_ref().map(DataRisk::to_json));
        Value::Object(json)
    }
}

pub(super) fn put(json: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        json.insert(name.into(), value);
    }
}

pub(super) fn to_value<S: Serialize + ?Sized>(schema: &S) -> Value {
    serde_json::to_value(schema).unwrap_or_else(|_| json!({}))
}
