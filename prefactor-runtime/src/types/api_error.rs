//! Errors of the typed client.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::platform::untrusted_text::untrusted;
use crate::types::api_words::ApiWords;
use crate::types::error::{Error, Kind};

/// Characters of the API's own words that are kept of each text.
const MAX_CHARACTERS: usize = 500;
/// Fields of which the API's complaint is kept.
const MAX_FIELDS: usize = 50;

impl Error {
    /// The API's own error: its HTTP status, unless it is that of an item of a bulk request, its code, its text, and its
    /// complaints about single fields.
    pub(crate) fn refused(
        what: &str,
        status: Option<u16>,
        code: &str,
        text: &str,
        fields: BTreeMap<&str, String>,
    ) -> Self {
        let shown = |text: &str| untrusted(text, MAX_CHARACTERS);
        let fields: BTreeMap<_, _> = fields
            .into_iter()
            .take(MAX_FIELDS)
            .map(|(field, problem)| (shown(field), shown(&problem)))
            .collect();
        let words = ApiWords { status, code: shown(code), fields, retry_after: None };
        let (code, text) = (&words.code, shown(text));
        let status = status.map(|status| format!("HTTP {status} ")).unwrap_or_default();
        let complaints: Vec<_> =
            words.fields.iter().map(|(field, problem)| format!("{field} {problem}")).collect();
        let complaints =
            if complaints.is_empty() { String::new() } else { format!(": {}", complaints.join("; ")) };
        let message =
            format!("the API refused to {what} ({status}{code}: {text}){complaints}; {}", words.cure());
        Self::of_api(Kind::Refused, message, words)
    }

    /// No answer in the API's protocol, after all tries.
    pub(crate) fn unavailable(what: &str, cause: &str, retry_after: Option<Duration>) -> Self {
        let message = format!(
            "the API gave no answer to the request to {what} ({cause}): check its address (PREFACTOR_API_URL) and the \
             network, and try again later"
        );
        Self::of_api(Kind::Unavailable, message, ApiWords { retry_after, ..ApiWords::default() })
    }

    /// A success that lacks a member, or has something else in its place.
    pub(crate) fn protocol(what: &str, member: &str, cause: &str) -> Self {
        let message = format!(
            "the API's answer to the request to {what} has no usable `{member}` ({}): check that the address is that of a \
             Prefactor API, or update this crate",
            untrusted(cause, MAX_CHARACTERS)
        );
        Self::of_api(Kind::Protocol, message, ApiWords::default())
    }

    fn of_api(kind: Kind, message: String, words: ApiWords) -> Self {
        Self { kind, message, source: None, api: Some(Box::new(words)) }
    }

    fn words(&self) -> Option<&ApiWords> {
        self.api.as_deref()
    }

    fn has(&self, statuses: &[u16], codes: &[&str]) -> bool {
        let has = |words: &ApiWords| match words.status {
            Some(status) => statuses.contains(&status),
            None => codes.contains(&&*words.code),
        };
        self.is_refused() && self.words().is_some_and(has)
    }

    /// Whether the API itself refused a request.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn delete(api: prefactor::api::ApiClient, agent: &str) -> Result<(), prefactor::Error> {
    /// match api.agents().delete(agent).await {
    ///     Err(error) if error.is_not_found() => println!("it is gone already"),
    ///     Err(error) if error.is_refused() => println!("{:?}: {error}", error.code()),
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }

    /// Whether the API does not accept the token: HTTP 401.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.has(&[401], &["unauthorized", "bad_authtoken"])
    }

    /// Whether the token lacks the right to the request: HTTP 403.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.has(&[403], &["forbidden"])
    }

    /// Whether the API knows no such object: HTTP 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.has(&[404], &["not_found"])
    }

    /// Whether the object's state does not allow the request, or another object has the same id: HTTP 409.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has(&[409], &["conflict", "invalid_action"])
    }

    /// Whether something in the request is at fault: HTTP 400 and 422. [`Error::field_errors`] names it.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.has(&[400, 422], &["bad_request", "validation_error", "validation_errors"])
    }

    /// Whether no answer came in the API's protocol, after all tries. The request may have been done.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::api::NewAgent;
    ///
    /// # async fn create(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// match api.agents().create(NewAgent::new("")).await {
    ///     Err(error) if error.is_invalid() => {
    ///         for (field, problem) in error.field_errors() {
    ///             println!("{field} {problem}");
    ///         }
    ///     }
    ///     Err(error) if error.is_unauthorized() || error.is_forbidden() => println!("another token is needed"),
    ///     Err(error) if error.is_conflict() => println!("there is one already"),
    ///     Err(error) if error.is_unavailable() => println!("try again in {:?}", error.retry_after()),
    ///     Err(error) if error.is_protocol() => println!("is this a Prefactor API? {error}"),
    ///     Err(error) => println!("HTTP {:?}: {error}", error.http_status()),
    ///     Ok(agent) => println!("{}", agent.id),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether an answer of the API lacks a required member.
    #[must_use]
    pub fn is_protocol(&self) -> bool {
        self.kind == Kind::Protocol
    }

    /// The HTTP status of a refusal. `None` for an action that was refused within a bulk request, and for all other errors.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.words()?.status
    }

    /// The API's code of a refusal, as in `not_found`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.words().map(|words| &*words.code).filter(|code| !code.is_empty())
    }

    /// The API's complaints about single fields, by the names of the fields.
    pub fn field_errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.words().into_iter().flat_map(|words| &words.fields).map(|(field, text)| (&**field, &**text))
    }

    /// How long the API asked not to be sent the request again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.words()?.retry_after
    }
}
