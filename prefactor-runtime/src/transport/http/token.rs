//! The token as a header, read anew when it may have changed.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::config::token::{ApiToken, TokenSource};
use crate::platform::untrusted_text::{self, HiddenToken};
use crate::types::error::Error;

/// How long a token that can change is used before it is read again.
const MAX_AGE: Duration = Duration::from_secs(60);

/// The token of one transport.
pub(super) struct Token {
    source: TokenSource,
    /// Written where the transport is made and on the delivery thread, read on that.
    current: Mutex<Option<Current>>,
}

/// A token as it was read.
struct Current {
    header: HeaderValue,
    since: Instant,
    /// Responses may repeat the token.
    hidden: HiddenToken,
    /// The one before, which late responses may repeat.
    hidden_before: Option<HiddenToken>,
}

impl Token {
    /// Reads the token where that runs no code of the program.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn new(source: TokenSource) -> Result<Self, Error> {
        let current = if source.is_at_hand() { Some(read(&source)?) } else { None };
        Ok(Self { source, current: Mutex::new(current) })
    }

    /// The header as it is now.
    ///
    /// # Errors
    ///
    /// When the token cannot be read.
    pub(super) fn header(&self) -> Result<HeaderValue, Error> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &*current {
            if !self.source.can_change() || current.since.elapsed() < MAX_AGE {
                return Ok(current.header.clone());
            }
        }
        match read(&self.source) {
            Ok(read) => Ok(replace(&mut current, read)),
            // Keeps the last token, which may still be valid while its file is being replaced.
            Err(error) => current.as_ref().map(|current| current.header.clone()).ok_or(error),
        }
    }

    /// After the API refused the token: the one that has taken its place, if there is another.
    pub(super) fn renewed(&self) -> Option<HeaderValue> {
        if !self.source.can_change() {
            return None;
        }
        let read = read(&self.source).ok()?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = current.as_ref().is_none_or(|current| current.header != read.header);
        let header = replace(&mut current, read);
        is_other.then_some(header)
    }
}

fn replace(current: &mut Option<Current>, mut read: Current) -> HeaderValue {
    let header = read.header.clone();
    read.hidden_before = current.take().map(|before| before.hidden);
    *current = Some(read);
    header
}

fn read(source: &TokenSource) -> Result<Current, Error> {
    let token = source.read()?;
    let mut line = Zeroizing::new(Vec::with_capacity("Bearer ".len() + token.expose().len()));
    line.extend_from_slice(b"Bearer ");
    line.extend_from_slice(token.expose().as_bytes());
    // All clones of the header share this copy, which is wiped with the last of them.
    let mut header =
        HeaderValue::from_maybe_shared(Bytes::from_owner(line)).map_err(|_| ApiToken::malformed())?;
    header.set_sensitive(true);
    let hidden = untrusted_text::hide(token.expose());
    Ok(Current { header, since: Instant::now(), hidden, hidden_before: None })
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sensitive")
    }
}
