//! Tells the API's own answers from anything else, before their meaning is decided.
//!
//! Only the API's own word settles anything. Its success has `"status":"success"` and the changed object; its error has
//! `"status":"error"` and a `code`. A gateway's page, an empty body or a redirect under any HTTP status are not its protocol.

use std::fmt;
use std::time::Duration;

use crate::transport::{SendError, SendResult};
use crate::wire::response::{self, ResponseBody};

/// The result of a request, classified.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Class<'a> {
    /// The API's success. Whether it is about the sent call is not known yet.
    Success(ResponseBody<'a>),
    /// The API's error, with its HTTP status.
    Error { status: u16, body: ResponseBody<'a> },
    /// No settlement: the request is sent again, the same bytes under the same key.
    Retry { after: Option<Duration>, cause: RetryCause },
}

/// Why a request has to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RetryCause {
    /// The server, or a gateway before it, is overloaded or broken: 408, 429 and 5xx.
    Busy { status: u16, is_api: bool },
    /// A response that is not the API's protocol.
    Odd { status: u16 },
    /// No response within the request's timeout.
    TimedOut(String),
    /// No response.
    Unanswered(String),
    /// No response over a connection that has ended.
    Closed(String),
    /// No connection, so that nothing was sent.
    NotSent(String),
}

impl RetryCause {
    /// Whether something in the request may be the cause, rather than the state of the server.
    pub(crate) fn may_be_an_item(&self) -> bool {
        match self {
            Self::Busy { status, .. } => *status == 500,
            Self::NotSent(_) => false,
            Self::Odd { .. } | Self::TimedOut(_) | Self::Unanswered(_) | Self::Closed(_) => true,
        }
    }

    /// Whether the server may have applied the request. It has not where it says so itself, or where it was not sent.
    pub(crate) fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::NotSent(_) | Self::Busy { status: 429 | 503, is_api: true })
    }

    /// Whether a call that keeps meeting it alone, while others pass, is given up. 408 and 429 ask for time, and a response
    /// that did not come says nothing.
    pub(crate) fn is_fault(&self) -> bool {
        match self {
            Self::Busy { status, .. } => !matches!(status, 408 | 429),
            Self::Odd { .. } => true,
            Self::TimedOut(_) | Self::Unanswered(_) | Self::Closed(_) | Self::NotSent(_) => false,
        }
    }
}

impl fmt::Display for RetryCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { status, .. } => write!(formatter, "HTTP {status}"),
            Self::Odd { status } => write!(formatter, "HTTP {status}, not in the API's protocol"),
            Self::TimedOut(cause) | Self::Unanswered(cause) | Self::Closed(cause) | Self::NotSent(cause) => {
                formatter.write_str(cause)
            }
        }
    }
}

impl From<&SendError> for RetryCause {
    fn from(error: &SendError) -> Self {
        let cause = error.to_string();
        if error.is_not_sent() {
            Self::NotSent(cause)
        } else if error.is_connection_closed() {
            Self::Closed(cause)
        } else if error.is_timed_out() {
            Self::TimedOut(cause)
        } else {
            Self::Unanswered(cause)
        }
    }
}

/// The meaning of a complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Success,
    Error,
    Busy,
    Odd,
}

/// Judges an HTTP status together with its body: `Some(true)` is the API's success, `Some(false)` its error, `None` anything
/// else.
///
/// | HTTP status | the API's success | the API's error | anything else |
/// |---|---|---|---|
/// | 2xx | success | odd | odd |
/// | 401 | odd | error | odd |
/// | 408, 429 | busy | busy | busy |
/// | 421, 425 | odd | odd | odd |
/// | other 4xx, 501 | odd | error | odd |
/// | other 5xx | busy | busy | busy |
/// | 1xx, 3xx | odd | odd | odd |
pub(crate) fn verdict(status: u16, is_success: Option<bool>) -> Verdict {
    match (status, is_success) {
        (200..=299, Some(true)) => Verdict::Success,
        // Only a gateway answers 421 and 425, whatever the body says.
        (421 | 425, _) => Verdict::Odd,
        (408 | 429, _) => Verdict::Busy,
        (400..=499 | 501, Some(false)) => Verdict::Error,
        (500.., _) => Verdict::Busy,
        // A redirect is odd, too: following one would turn the POST into a GET.
        _ => Verdict::Odd,
    }
}

/// Classifies the result of a request of delivery.
pub(crate) fn classify(result: &SendResult) -> Class<'_> {
    let response = match result {
        Ok(response) => response,
        Err(error) => return Class::Retry { after: None, cause: error.into() },
    };
    let (status, after) = (response.status, response.retry_after);
    let body = response::read(&response.body);
    let is_success = body.as_ref().map(|(is_success, _)| *is_success);
    match (verdict(status, is_success), body) {
        (Verdict::Success, Some((_, body))) => Class::Success(body),
        (Verdict::Error, Some((_, body))) => Class::Error { status, body },
        (Verdict::Busy, _) => {
            let cause = RetryCause::Busy { status, is_api: is_success == Some(false) };
            Class::Retry { after, cause }
        }
        _ => Class::Retry { after, cause: RetryCause::Odd { status } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Response, SendError};

    const SUCCESS: &str = r#"{"status":"success","details":{"id":"x"}}"#;
    const ERROR: &str = r#"{"status":"error","code":"not_found","message":"no"}"#;

    fn name(status: u16, body: &str) -> &'static str {
        let result = Ok(Response::new(status, body));
        match classify(&result) {
            Class::Success(_) => "success",
            Class::Error { .. } => "error",
            Class::Retry { cause: RetryCause::Busy { .. }, .. } => "busy",
            Class::Retry { cause: RetryCause::Odd { .. }, .. } => "odd",
            Class::Retry { .. } => "other",
        }
    }

    #[test]
    fn every_status_and_body_has_its_class() {
        let others = [
            "",
            "<html><body>no such site</body></html>",
            "{",
            "7",
            "[]",
            "{}",
            r#"{"message":"Not Found"}"#,
            r#"{"status":"error"}"#,
            r#"{"status":"error","code":7}"#,
            r#"{"status":404,"code":"not_found"}"#,
            r#"{"status":"success"}"#,
        ];
        for status in 200..=599 {
            let [success, error, other] = match status {
                200..=299 => ["success", "odd", "odd"],
                408 | 429 => ["busy", "busy", "busy"],
                421 | 425 | 300..=399 => ["odd", "odd", "odd"],
                400..=499 => ["odd", "error", "odd"],
                501 => ["busy", "error", "busy"],
                _ => ["busy", "busy", "busy"],
            };
            assert_eq!((name(status, SUCCESS), name(status, ERROR)), (success, error), "{status}");
            for body in others {
                assert_eq!(name(status, body), other, "{status} {body}");
            }
        }
    }

    #[test]
    fn missing_response_says_why_it_is_missing() {
        let cause = |error| match classify(&Err(error)) {
            Class::Retry { cause, after: None } => cause,
            class => panic!("{class:?}"),
        };
        assert_eq!(cause(SendError::unanswered("a")), RetryCause::Unanswered("a".into()));
        assert_eq!(cause(SendError::timed_out("b")), RetryCause::TimedOut("b".into()));
        assert_eq!(cause(SendError::not_sent("c")), RetryCause::NotSent("c".into()));
        assert_eq!(cause(SendError::connection_closed("c")), RetryCause::Closed("c".into()));
    }
}
