//! The builder's methods for redaction and schemas.

use crate::client::builder::ClientBuilder;
use crate::types::redaction_mode::RedactionMode;
use crate::types::schema::registry::SchemaRegistry;

impl ClientBuilder {
    /// What the built-in rules of redaction do with a secret, `PREFACTOR_REDACT`: `hide` (or `true`), `mark`, `off` (or
    /// `false`). Default: hide it.
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

    /// Says ahead of time what the agent's spans are: sent with each registration. Default: the types of annotated functions with
    /// the feature `schemas`, else none, so that the platform takes spans as they come and shows no summaries.
    pub fn schemas(mut self, schemas: SchemaRegistry) -> Self {
        self.schemas = schemas;
        self
    }
}
