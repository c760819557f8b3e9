//! The builder's methods for redaction and schemas.

use crate::client::builder::ClientBuilder;
use crate::types::redaction_mode::RedactionMode;
use crate::types::schema::registry::SchemaRegistry;

impl ClientBuilder {
    /// The action of the built-in redaction rules on a secret, `PREFACTOR_REDACT`: `hide` (or `true`), `mark`, `off` (or
    /// `false`). Default: hide it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Client, RedactionMode};
    ///
    /// let builder = Client::builder().redaction(RedactionMode::Mark); // the platform shows marks to those who may see them
    /// # drop(builder);
    /// ```
    pub fn redaction(mut self, mode: RedactionMode) -> Self {
        self.settings.redact = Some(mode);
        self
    }

    /// Adds a rule of redaction to the built-in ones, which hide texts under the names of secrets and texts in the shape of
    /// keys.
    ///
    /// The rule gets the name and the text of each value that is left, on the delivery thread, and may return another text.
    /// If it panics, the text is hidden. [`allow`](ClientBuilder::allow) is the opposite.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().redact(|name, _text| (name == "email").then(|| "[hidden]".to_owned()));
    /// # drop(builder);
    /// ```
    pub fn redact(mut self, rule: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.redaction.add(rule);
        self
    }

    /// Exempts the values under a name from the built-in rules of redaction, whether they go by the name or by the shape.
    ///
    /// Case, `_` and `-` do not count: `session_token` is `sessionToken`, too. The texts of a list under the name are
    /// exempt; in an object the names of its own members decide. Rules of the program see the values as ever.
    /// `PREFACTOR_REDACT_ALLOW` adds names, with commas between them.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().allow("pairing_code").allow("pin");
    /// # drop(builder);
    /// ```
    pub fn allow(mut self, name: impl Into<String>) -> Self {
        self.redaction.allow(name.into());
        self
    }

    /// Sets the schemas of the agent's spans, qualities and alerts, which each registration sends. Default: the types of annotated functions with
    /// the feature `schemas`, else none, so that the platform takes spans as they come and shows no summaries.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::schema::{SchemaRegistry, SpanType};
    ///
    /// let mut schemas = SchemaRegistry::new();
    /// schemas.add(SpanType::new("agent:llm_call").title("Model call").template("{{ prompt | truncate: 80 }}"))?;
    /// let builder = Client::builder().schemas(schemas);
    /// # drop(builder);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn schemas(mut self, schemas: SchemaRegistry) -> Self {
        self.schemas = schemas;
        self
    }
}
