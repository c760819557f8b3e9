//! A quality or an alert that runs may have.

use serde::Serialize;

use super::labels::{Labels, with_labels};
use super::risk::DataRisk;
use crate::types::json::Json;

/// The schema of a quality or of an alert, by its name.
///
/// # Examples
///
/// ```
/// use prefactor::schema::NamedSchema;
/// use serde_json::json;
///
/// let schema = json!({ "type": "object", "properties": { "stars": { "type": "integer" } } });
/// let rating = NamedSchema::new("rating").schema(&schema).template("{{ stars }} stars");
/// assert_eq!((rating.name(), rating.template_text()), ("rating", Some("{{ stars }} stars")));
/// assert_eq!(rating.schema_json().get(), Some(schema));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it says nothing until a registry has it"]
pub struct NamedSchema {
    name: String,
    schema: Json,
    labels: Labels,
}

impl NamedSchema {
    /// One whose payload may be any object.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), schema: Json::any_object(), labels: Labels::default() }
    }

    /// Sets the JSON Schema of its payload. A schema that cannot be written as JSON allows anything.
    pub fn schema<S: Serialize + ?Sized>(mut self, schema: &S) -> Self {
        self.schema = Json::of(schema);
        self
    }

    with_labels!();

    /// The JSON Schema of its payload.
    #[must_use]
    pub const fn schema_json(&self) -> &Json {
        &self.schema
    }

    #[cfg(feature = "enabled")]
    pub(super) fn to_json(&self) -> serde_json::Value {
        let mut json = serde_json::Map::new();
        json.insert("name".into(), self.name.clone().into());
        json.insert("schema".into(), self.schema.as_schema());
        self.labels.put_into(&mut json);
        json.into()
    }
}
