//! Answers of the API, read whole into the crate's objects.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::transport::SendResult;
use crate::types::error::Error;
use crate::types::json::Json;
use crate::types::status::Terminated;
use crate::wire;
use crate::wire::classify::{RetryCause, Verdict, verdict};

/// The answer to a request.
pub(super) enum Judged {
    Success(Answer),
    /// The API's own error.
    Refused(Error),
    /// No answer yet.
    Retry {
        cause: RetryCause,
        after: Option<Duration>,
    },
}

pub(super) fn judge(result: &SendResult, what: &'static str, is_document: bool) -> Judged {
    let response = match result {
        Ok(response) => response,
        Err(error) => return Judged::Retry { cause: error.into(), after: None },
    };
    let (status, after) = (response.status, response.retry_after);
    if status == 204 {
        return Judged::Success(Answer::empty(what));
    }
    let members = serde_json::from_slice::<Map<String, Value>>(&response.body).unwrap_or_default();
    let is_success = match members.get("status").and_then(Value::as_str) {
        Some("success") => Some(true),
        Some("error") if members.get("code").is_some_and(Value::is_string) => Some(false),
        None if is_document && !members.is_empty() => Some(true),
        _ => None,
    };
    match verdict(status, is_success) {
        Verdict::Success => Judged::Success(Answer { what, members }),
        Verdict::Error => Judged::Refused(refusal(what, Some(status), &members)),
        Verdict::Busy => {
            Judged::Retry { cause: RetryCause::Busy { status, is_api: is_success == Some(false) }, after }
        }
        Verdict::Odd => Judged::Retry { cause: RetryCause::Odd { status }, after },
    }
}

/// The API's error, of a request or of an item of one.
pub(super) fn refusal(what: &str, status: Option<u16>, members: &Map<String, Value>) -> Error {
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    let problems = members.get("errors").and_then(Value::as_object);
    let problems: BTreeMap<_, _> =
        problems.into_iter().flatten().map(|(field, problem)| (field.as_str(), plain(problem))).collect();
    Error::refused(what, status, text("code"), text("message"), problems)
}

/// The complaint about a field: a text, a list of texts, or an object with a message.
fn plain(problem: &Value) -> String {
    match problem {
        Value::String(text) => text.clone(),
        Value::Array(texts) => texts.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.get("message").map(plain).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// A success.
pub(super) struct Answer {
    what: &'static str,
    members: Map<String, Value>,
}

impl Answer {
    pub(super) fn empty(what: &'static str) -> Self {
        Self { what, members: Map::new() }
    }

    pub(super) fn details<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        self.member("details")
    }

    /// # Errors
    ///
    /// When the answer lacks that member, or the member has another type.
    pub(super) fn member<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        let value = self.members.remove(name).unwrap_or_default();
        serde_json::from_value(value).map_err(|cause| Error::protocol(self.what, name, &cause.to_string()))
    }

    /// A member that may be absent.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Error> {
        if self.members.get(name).is_none_or(Value::is_null) {
            return Ok(None);
        }
        self.member(name).map(Some)
    }

    /// All of it.
    pub(super) fn document(self) -> Json {
        Json::of(&self.members)
    }

    /// The signal to end the run, beside the details.
    pub(super) fn terminated(&self) -> Option<Terminated> {
        wire::termination(self.members.get("control"))
    }
}

impl Answer {
    /// The members that were not read.
    pub(super) fn rest(self) -> BTreeMap<String, Json> {
        let rest = self.members.into_iter().filter(|(name, _)| name != "status");
        rest.map(|(name, value)| (name, Json::of(&value))).collect()
    }
}
