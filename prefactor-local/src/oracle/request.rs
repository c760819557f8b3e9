//! A request as it arrived, and an effect that a request had.

use std::{fmt, time::Instant};

use axum::http::HeaderMap;

use super::item::{Item, Kind};

/// A request that arrived in full.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// Its place in the ledger, from 0.
    pub number: usize,
    /// The time when its last byte arrived.
    pub arrived: Instant,
    /// `POST` or `GET`.
    pub method: String,
    /// The path without `/api/v1`.
    pub path: String,
    /// The length of its body.
    pub bytes: usize,
    /// The actions that it asks for: one, or those of a bulk request.
    pub items: Vec<Item>,
    /// The status that it was answered with; none while there is no answer, or if there was never one.
    pub answered: Option<u16>,
    /// The number of the first request that arrived after its answer was given, which may be yet to come; none
    /// while there is no answer.
    pub followed_by: Option<usize>,
    /// Whether its answer told the agent that the run is terminated, by the control signal or in the run's status.
    pub told_to_stop: bool,
    pub(super) headers: HeaderMap,
}

/// One effect of a request, which happened once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Effect {
    /// The kind of action.
    pub kind: Kind,
    /// The identifier of the span or run; for a new one, the identifier that the server gave.
    pub id: String,
    /// The type of a new span.
    pub schema_name: Option<String>,
    /// The parent of a new span.
    pub parent: Option<String>,
    /// The agent instance, where the action names it.
    pub instance: Option<String>,
    /// The status that was asked for.
    pub status: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
    /// The number of the request that brought it about.
    pub request: usize,
}

impl Request {
    /// Returns the value of a header, if it is text.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::Oracle};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let oracle = Oracle::new();
    /// let server = Server::builder().oracle(&oracle).start()?;
    /// // A client registers a run, and sends the request once more.
    /// # for _ in 0..2 {
    /// #     ureq::post(format!("{}/api/v1/agent_instance/register", server.url()))
    /// #         .header("Authorization", format!("Bearer {}", server.token()))
    /// #         .header("Content-Type", "application/json")
    /// #         .send(r#"{"agent_version": {"name": "demo"}, "idempotency_key": "register-1"}"#)?;
    /// # }
    /// let ledger = oracle.ledger();
    /// assert_eq!(ledger.requests()[0].header("content-type"), Some("application/json"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for Request {
    /// Leaves the headers out, which hold the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, count) = (format!("{} {}", self.method, self.path), self.items.len());
        f.debug_struct("Request")
            .field("number", &self.number)
            .field("line", &line)
            .field("items", &count)
            .field("answered", &self.answered)
            .finish_non_exhaustive()
    }
}
