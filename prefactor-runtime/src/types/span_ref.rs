//! A span that another process may finish.

use std::fmt;
use std::str::FromStr;

use crate::types::error::Error;
use crate::types::pfid::Pfid;

/// Names a span that stays open beyond its process: made by [`AgentInstance::create_span`](crate::AgentInstance::create_span),
/// ended by [`AgentInstance::finish_span`](crate::AgentInstance::finish_span) anywhere.
///
/// Its text is the span's id in the API, but for the account's partition, which is zero where the client did not know it yet.
///
/// # Examples
///
/// ```
/// use prefactor::SpanRef;
///
/// let text = "013xrzp12g3nqk8n0000000000000001";
/// let span: SpanRef = text.parse()?;
/// assert_eq!(span.to_string(), text);
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanRef(pub(crate) Pfid);

impl From<Pfid> for SpanRef {
    fn from(id: Pfid) -> Self {
        Self(id)
    }
}

impl FromStr for SpanRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for SpanRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
