//! A quality or an alert that runs may have.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::risk::DataRisk;
use super::span_type::{put, to_value};

/// The schema of a quality or of an alert, by its name.
///
/// # Examples
///
/// ```
/// use prefactor::schema::NamedSchema;
/// use serde_json::json;
///
/// let rating = NamedSchema::new("rating").schema(&json!({ "type": "object" })).template("{{ stars }} stars");
/// assert_eq!(rating.name(), "rating");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it says nothing until a registry has it"]
pub struct NamedSchema {
    name: String,
    schema: Value,
    title: Option<String>,
    description: Option<String>,
    template: Option<String>,
    risk: Option<DataRisk>,
}

impl NamedSchema {
    /// One whose payload may be any object.
    pub fn new(name: impl Into<String>) -> Self {
        let schema = json!({ "type": "object" });
        Self { name: name.into(), schema, title: None, description: None, template: None, risk: None }
    }

    /// Sets the JSON Schema of its payload.
    pub fn schema<S: Serialize + ?Sized>(mut self, schema: &S) -> Self {
        self.schema = to_value(schema);
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

    /// Sets the Liquid template of the summary.
    pub fn template(mut self, template: impl Into<String>) -> Self {
        self.template = Some(template.into());
        self
    }

    /// Says what data is in it.
    pub fn data_risk(mut self, risk: DataRisk) -> Self {
        self.risk = Some(risk);
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("name".into(), self.name.clone().into());
        json.insert("schema".into(), self.schema.clone());
        put(&mut json, "title", self.title.clone().map(Value::from));
        put(&mut json, "description", self.description.clone().map(Value::from));
        put(&mut json, "template", self.template.clone().map(Value::from));
        put(&mut json, "data_risk", self.risk.as_ref().map(DataRisk::to_json));
        Value::Object(json)
    }
}
