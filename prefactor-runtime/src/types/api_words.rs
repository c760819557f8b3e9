//! The details of a refusal by the API.

use std::collections::BTreeMap;
use std::time::Duration;

/// The details of the API's refusal, and how long it asks not to be sent the request again.
#[derive(Default)]
pub(crate) struct ApiWords {
    pub(super) status: Option<u16>,
    pub(super) code: String,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) retry_after: Option<Duration>,
}

impl ApiWords {
    /// The cure of a refusal.
    pub(super) fn cure(&self) -> &'static str {
        match self.status {
            Some(401) => "check the token (PREFACTOR_API_TOKEN): it may be expired, suspended or revoked",
            Some(403) => "use a token that may do it, such as one of the whole account",
            Some(404) => {
                "check the id, that the token is of the same account, and the path of the address (PREFACTOR_API_URL)"
            }
            Some(409) => "look at the object's state first",
            Some(501) => "the server does not have this part of the API",
            _ => "change what the request says",
        }
    }
}
