//! What an answer means for the request that it belongs to.

use std::fmt;
use std::time::Duration;

use crate::transport::{Response, SendResult};
use crate::wire::{self, ResponseBody};

/// What is to become of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Class<'a> {
    /// It took effect.
    Accepted(ResponseBody<'a>),
    /// It never will: the item is given up, and nothing else.
    Refused { status: u16, body: ResponseBody<'a> },
    /// The token is not accepted at present.
    Unauthorized,
    /// It has to be sent again, the same bytes under the same key.
    RetryCause { after: Option<Duration>, cause: RetryCause },
}

/// Why a request has to be sent again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RetryCause {
    /// The server is overloaded or broken.
    Status(u16),
    /// An answer that is not of the API: a captive portal, a proxy's page, half a body.
    Protocol(u16),
    /// No answer.
    Unknown(String),
    /// No answer over a connection that has ended.
    Closed(String),
}

impl RetryCause {
    /// Whether something in the request may be the cause, rather than the state of the server.
    pub(crate) fn may_be_an_item(&self) -> bool {
        match self {
            Self::Status(status) => *status == 500,
            Self::Protocol(_) | Self::Unknown(_) | Self::Closed(_) => true,
        }
    }
}

impl fmt::Display for RetryCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "HTTP {status}"),
            Self::Protocol(status) => write!(formatter, "HTTP {status} with an answer that is not the API's"),
            Self::Unknown(cause) | Self::Closed(cause) => formatter.write_str(cause),
        }
    }
}

impl<'a> From<&'a SendResult> for Class<'a> {
    fn from(answer: &'a SendResult) -> Self {
        let (status, body, retry_after) = match answer {
            Ok(Response { status, body, retry_after }) => (*status, body, *retry_after),
            Err(error) => {
                let kind =
                    if error.is_connection_closed() { RetryCause::Closed } else { RetryCause::Unknown };
                return Self::RetryCause { after: None, cause: kind(error.to_string()) };
            }
        };
        match (status, wire::read(body)) {
            (401, _) => Self::Unauthorized,
            // Not implemented now will not be later.
            (501, body) => Self::Refused { status, body: body.unwrap_or_default().1 },
            (408 | 429 | 500.., _) => {
                Self::RetryCause { after: retry_after, cause: RetryCause::Status(status) }
            }
            (400..=499, body) => Self::Refused { status, body: body.unwrap_or_default().1 },
            (200..=299, Some((true, body))) => Self::Accepted(body),
            // A redirect counts as well: following one would turn the POST into a GET.
            _ => Self::RetryCause { after: None, cause: RetryCause::Protocol(status) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "what a transport returns")]
    fn answer(status: u16, body: &str) -> SendResult {
        Ok(Response::new(status, body))
    }

    #[test]
    fn only_a_success_of_the_api_is_accepted() {
        assert!(matches!(
            Class::from(&answer(200, r#"{"status":"success","details":{}}"#)),
            Class::Accepted(_)
        ));
        for (status, body) in
            [(200, "<html>"), (200, ""), (200, r#"{"status":"error"}"#), (302, ""), (204, "")]
        {
            assert!(
                matches!(
                    Class::from(&answer(status, body)),
                    Class::RetryCause { cause: RetryCause::Protocol(_), .. }
                ),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn client_errors_cost_the_item_and_server_errors_a_repeat() {
        for status in [400, 403, 404, 409, 413, 422, 501] {
            assert!(
                matches!(Class::from(&answer(status, "not even JSON")), Class::Refused { .. }),
                "{status}"
            );
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(
                matches!(
                    Class::from(&answer(status, "")),
                    Class::RetryCause { cause: RetryCause::Status(_), .. }
                ),
                "{status}"
            );
        }
        assert_eq!(Class::from(&answer(401, "")), Class::Unauthorized);
    }
}
