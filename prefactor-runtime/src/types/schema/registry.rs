//! All schemas of an agent version.

use std::collections::BTreeMap;

use serde::Serialize;
#[cfg(feature = "enabled")]
use serde_json::{Map, Value};

#[cfg(feature = "enabled")]
use super::identifier;
use super::named::NamedSchema;
use super::span_type::SpanType;
use super::tool;
use crate::types::error::Error;

/// The types of spans, qualities and alerts of an agent, which [`ClientBuilder::schemas`](crate::ClientBuilder::schemas) sends with
/// each registration.
///
/// The platform keeps them as a schema version, under an identifier that follows from their content: the same types have the
/// same version, from every build, and a change makes another. Spans whose type is not among them are taken all the same.
///
/// # Examples
///
/// ```
/// use prefactor::Client;
/// use prefactor::schema::{NamedSchema, SchemaRegistry, SpanType};
/// use serde_json::json;
///
/// let mut schemas = SchemaRegistry::new();
/// schemas
///     .add(SpanType::new("agent:llm_call").title("Model call").template("{{ prompt | truncate: 80 }}"))?
///     .add_quality(NamedSchema::new("rating"))?
///     .add_alert(NamedSchema::new("budget"))?
///     .add_tool("acme", "search", "search", &json!({ "type": "object" }))?;
/// assert_eq!(schemas.tool_type("acme", "search"), "acme:tool:search");
/// assert_eq!((schemas.qualities().count(), schemas.alerts().count()), (1, 1));
/// let builder = Client::builder().schemas(schemas);
/// # drop(builder);
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaRegistry {
    types: BTreeMap<String, SpanType>,
    qualities: BTreeMap<String, NamedSchema>,
    alerts: BTreeMap<String, NamedSchema>,
    /// The type of each tool, by provider and name.
    tools: BTreeMap<(String, String), String>,
    external_identifier: Option<String>,
}

impl SchemaRegistry {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a type of spans.
    ///
    /// # Errors
    ///
    /// When the name is empty, or stands for another type already ([`Error::is_configuration`]). The same type may be added twice.
    pub fn add(&mut self, span_type: SpanType) -> Result<&mut Self, Error> {
        let name = span_type.name().to_owned();
        insert(&mut self.types, "span type", name, span_type)?;
        Ok(self)
    }

    /// Adds a quality that runs may have.
    ///
    /// # Errors
    ///
    /// As [`add`](SchemaRegistry::add).
    pub fn add_quality(&mut self, quality: NamedSchema) -> Result<&mut Self, Error> {
        let name = quality.name().to_owned();
        insert(&mut self.qualities, "quality", name, quality)?;
        Ok(self)
    }

    /// Adds an alert that runs may raise.
    ///
    /// # Errors
    ///
    /// As [`add`](SchemaRegistry::add).
    pub fn add_alert(&mut self, alert: NamedSchema) -> Result<&mut Self, Error> {
        let name = alert.name().to_owned();
        insert(&mut self.alerts, "alert", name, alert)?;
        Ok(self)
    }

    /// Adds the type of a tool's spans, `<provider>:tool:<span type>`, with the schema of its arguments.
    ///
    /// # Errors
    ///
    /// As [`add`](SchemaRegistry::add), and when two tools of one provider would have one type.
    pub fn add_tool<S: Serialize + ?Sized>(
        &mut self,
        provider: &str,
        tool: &str,
        span_type: &str,
        input_schema: &S,
    ) -> Result<&mut Self, Error> {
        let name = tool::type_name(provider, span_type).ok_or_else(|| {
            Error::configuration(format!(
                "the span type {span_type:?} of the tool {tool:?} names nothing: use e.g. {provider}:tool:search"
            ))
        })?;
        let key = (provider.to_owned(), tool.to_owned());
        if self.tools.iter().any(|(other, of)| *of == name && *other != key) {
            return Err(Error::configuration(format!(
                "two tools have the span type {name:?}: give the tool {tool:?} another"
            )));
        }
        self.add(tool::span_type(name.clone(), tool, input_schema))?;
        self.tools.insert(key, name);
        Ok(self)
    }

    /// Adds all of another registry.
    ///
    /// # Errors
    ///
    /// When a name stands for something else in both. Nothing is added then.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::schema::{SchemaRegistry, SpanType};
    ///
    /// let (mut ours, mut theirs) = (SchemaRegistry::new(), SchemaRegistry::new());
    /// ours.add(SpanType::new("agent:llm_call"))?;
    /// theirs.add(SpanType::new("tool:search"))?;
    /// ours.merge(theirs)?;
    /// assert_eq!(ours.types().count(), 2);
    ///
    /// let mut conflict = SchemaRegistry::new();
    /// conflict.add(SpanType::new("tool:search").title("Another search"))?;
    /// assert!(ours.merge(conflict).unwrap_err().is_configuration());
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn merge(&mut self, other: Self) -> Result<&mut Self, Error> {
        let mut merged = self.clone();
        for (name, span_type) in other.types {
            insert(&mut merged.types, "span type", name, span_type)?;
        }
        for (name, quality) in other.qualities {
            insert(&mut merged.qualities, "quality", name, quality)?;
        }
        for (name, alert) in other.alerts {
            insert(&mut merged.alerts, "alert", name, alert)?;
        }
        for (key, name) in other.tools {
            match merged.tools.get(&key) {
                Some(present) if *present != name => {
                    return Err(Error::configuration(format!(
                        "the tool {:?} has the span types {present:?} and {name:?}: keep one of them",
                        key.1
                    )));
                }
                _ => merged.tools.insert(key, name),
            };
        }
        merged.external_identifier = other.external_identifier.or(merged.external_identifier);
        *self = merged;
        Ok(self)
    }

    /// Sets the identifier of the version, in place of the one that follows from the content. A change of the content then
    /// needs another identifier, since the platform keeps the content that it saw first.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::schema::SchemaRegistry;
    ///
    /// let mut schemas = SchemaRegistry::new();
    /// schemas.set_external_identifier("release-2.1.0");
    /// assert_eq!(schemas.external_identifier(), "release-2.1.0");
    /// ```
    pub fn set_external_identifier(&mut self, identifier: impl Into<String>) -> &mut Self {
        self.external_identifier = Some(identifier.into());
        self
    }

    /// The type of that name.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::schema::{NamedSchema, SchemaRegistry, SpanType};
    ///
    /// let mut schemas = SchemaRegistry::new();
    /// assert!(schemas.is_empty());
    /// schemas.add(SpanType::new("agent:llm_call").title("Model call"))?;
    /// schemas.add_quality(NamedSchema::new("rating"))?;
    /// schemas.add_alert(NamedSchema::new("budget"))?;
    /// assert_eq!(schemas.get("agent:llm_call").and_then(SpanType::title_text), Some("Model call"));
    /// assert!(schemas.quality("rating").is_some() && schemas.alert("budget").is_some());
    /// assert_eq!(schemas.get("tool:search"), None);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SpanType> {
        self.types.get(name)
    }

    /// The quality of that name.
    #[must_use]
    pub fn quality(&self, name: &str) -> Option<&NamedSchema> {
        self.qualities.get(name)
    }

    /// The alert of that name.
    #[must_use]
    pub fn alert(&self, name: &str) -> Option<&NamedSchema> {
        self.alerts.get(name)
    }

    /// The types of spans, in the order of their names.
    pub fn types(&self) -> impl Iterator<Item = &SpanType> {
        self.types.values()
    }

    /// The qualities, in the order of their names.
    pub fn qualities(&self) -> impl Iterator<Item = &NamedSchema> {
        self.qualities.values()
    }

    /// The alerts, in the order of their names.
    pub fn alerts(&self) -> impl Iterator<Item = &NamedSchema> {
        self.alerts.values()
    }

    /// The tools that have a type of their own, as provider, name of the tool and name of the type.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::schema::SchemaRegistry;
    ///
    /// let mut schemas = SchemaRegistry::new();
    /// schemas.add_tool("acme", "search", "search", &serde_json::json!({ "type": "object" }))?;
    /// assert_eq!(schemas.tools().collect::<Vec<_>>(), [("acme", "search", "acme:tool:search")]);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn tools(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.tools.iter().map(|((provider, tool), name)| (&**provider, &**tool, &**name))
    }

    /// The name that spans of a tool have: its own type, or `<provider>:tool` where it has none.
    #[must_use]
    pub fn tool_type(&self, provider: &str, tool: &str) -> String {
        let own = self.tools.get(&(provider.to_owned(), tool.to_owned()));
        own.cloned().unwrap_or_else(|| format!("{provider}:tool"))
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.qualities.is_empty() && self.alerts.is_empty()
    }

    /// The identifier of the version, as it is sent. Without the feature `enabled` nothing is sent, and only one that was set is
    /// known.
    #[must_use]
    pub fn external_identifier(&self) -> String {
        self.external_identifier.clone().unwrap_or_else(|| {
            #[cfg(feature = "enabled")]
            return identifier::of(&Value::Object(self.content()));
            #[cfg(not(feature = "enabled"))]
            String::new()
        })
    }
}

#[cfg(feature = "schemas")]
impl SchemaRegistry {
    /// Adds a type, in the place of one of its name.
    pub(super) fn put(&mut self, span_type: SpanType) {
        self.types.insert(span_type.name().to_owned(), span_type);
    }

    /// The same with types that say nothing but those names, unless the program names the version itself: its content is
    /// what the program says, then.
    pub(super) fn with_names(&self, names: Vec<String>) -> Self {
        let mut all = self.clone();
        if self.external_identifier.is_none() {
            for name in names {
                all.put(SpanType::new(name));
            }
        }
        all
    }
}

#[cfg(feature = "enabled")]
impl SchemaRegistry {
    /// The schema version as the API takes it.
    pub(crate) fn to_json(&self) -> Value {
        let mut json = self.content();
        json.insert("external_identifier".into(), self.external_identifier().into());
        Value::Object(json)
    }

    fn content(&self) -> Map<String, Value> {
        let types = self.types.values().map(SpanType::to_json).collect();
        let mut json = Map::from_iter([("span_type_schemas".to_owned(), Value::Array(types))]);
        for (name, schemas) in [("quality_schemas", &self.qualities), ("alert_schemas", &self.alerts)] {
            if !schemas.is_empty() {
                json.insert(name.into(), schemas.values().map(NamedSchema::to_json).collect());
            }
        }
        json
    }
}

fn insert<T: PartialEq>(
    all: &mut BTreeMap<String, T>,
    what: &str,
    name: String,
    value: T,
) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::configuration(format!("a {what} needs a name, e.g. \"agent:llm_call\"")));
    }
    match all.get(&name) {
        Some(present) if *present != value => Err(Error::configuration(format!(
            "the {what} {name:?} is described twice, and differently: keep one of them, or give the other another name"
        ))),
        _ => {
            all.insert(name, value);
            Ok(())
        }
    }
}
