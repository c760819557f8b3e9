//! The API token, and where it comes from.

use std::error::Error as StdError;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

#[cfg(feature = "http")]
use crate::config::variable;
#[cfg(feature = "http")]
use crate::types::error::Error;

type Provider = dyn Fn() -> Result<String, Box<dyn StdError + Send + Sync>> + Send + Sync;

/// Where the token comes from.
#[derive(Clone)]
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only requests over HTTP carry a token"))]
pub(crate) enum TokenSource {
    Fixed(Zeroizing<String>),
    /// Read again when the API refuses the token, and now and then.
    File(PathBuf),
    /// Asked again when the API refuses the token, and now and then.
    Provider(Arc<Provider>),
}

impl TokenSource {
    /// Whether another token may come of it while the program runs.
    #[cfg(feature = "http")]
    pub(crate) fn can_change(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }

    /// Whether it can be read where the client is built, without running code of the program.
    #[cfg(feature = "http")]
    pub(crate) fn is_at_hand(&self) -> bool {
        !matches!(self, Self::Provider(_))
    }

    /// The token as it is now.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is empty or has characters that no token has. The text says nothing of its value.
    #[cfg(feature = "http")]
    pub(crate) fn read(&self) -> Result<ApiToken, Error> {
        match self {
            Self::Fixed(token) => ApiToken::new(token),
            Self::File(path) => {
                let token = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|cause| {
                    Error::configuration(format!(
                        "the file of {} cannot be read ({}): check that it exists, and that the program may read it",
                        variable::API_TOKEN_FILE,
                        cause.kind()
                    ))
                    .caused_by(cause)
                })?;
                ApiToken::new(&token)
            }
            // Drops the provider's error: its text may hold what the provider read.
            Self::Provider(provide) => {
                let token = provide()
                    .map(Zeroizing::new)
                    .map_err(|_| {
                        Error::configuration(
                            "the program's provider of the API token failed: let the closure of api_token_provider \
                             return a token, and look at its own error where it makes one",
                        )
                    })?;
                ApiToken::new(&token)
            }
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenSource(***)")
    }
}

/// The API token. It is printed by nothing, has no copies of its own, and is wiped when it is dropped.
#[cfg(feature = "http")]
pub(crate) struct ApiToken(pub(super) Zeroizing<String>);

#[cfg(feature = "http")]
impl ApiToken {
    pub(crate) fn new(token: &str) -> Result<Self, Error> {
        let (token, name) = (token.trim(), variable::API_TOKEN);
        if token.is_empty() {
            return Err(Error::configuration(format!(
                "{name} is not set: create a token on the platform (or start `cargo run -p prefactor-local`, which \
                 prints one) and export it, or set {}=true to run without telemetry",
                variable::DISABLED
            )));
        }
        // Other bytes could end the HTTP header and begin another one.
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Self::malformed());
        }
        Ok(Self(Zeroizing::new(token.to_owned())))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn malformed() -> Error {
        Error::configuration(format!(
            "{} contains characters that no token has: copy it again, on one line and without the word Bearer",
            variable::API_TOKEN
        ))
    }
}

#[cfg(feature = "http")]
impl fmt::Debug for ApiToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiToken(***)")
    }
}

#[cfg(all(test, feature = "http"))]
mod tests;
