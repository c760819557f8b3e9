//! The owner of a journal. Operations are sent only to the server, and with the token, that they were recorded for.

use serde_json::{Value, json};
#[cfg(feature = "http")]
use sha2::{Digest as _, Sha256};

/// Where the spans of a journal belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The address of the API, without path.
    pub(crate) origin: String,
    /// The fingerprint of the token, from which the token cannot be computed.
    pub(crate) token: Option<String>,
    pub(crate) agent: String,
    pub(crate) agent_id: Option<String>,
    pub(crate) environment_id: Option<String>,
}

impl Owner {
    #[cfg(feature = "http")]
    /// The first half of a token's hash: 64 bits, of a text that nobody guesses.
    pub(crate) fn fingerprint(origin: &str, token: &str) -> String {
        let mut hash = Sha256::new();
        for part in ["prefactor spool", origin, token] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let half = hash.finalize().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{half:016x}")
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        json!({
            "origin": self.origin,
            "token_fingerprint": self.token,
            "agent": self.agent,
            "agent_id": self.agent_id,
            "environment_id": self.environment_id,
            "pid": std::process::id(),
            "sdk": concat!("prefactor-rust@", env!("CARGO_PKG_VERSION")),
        })
        .to_string()
        .into_bytes()
    }

    pub(crate) fn of_json(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            origin: text("origin")?,
            token: text("token_fingerprint"),
            agent: text("agent")?,
            agent_id: text("agent_id"),
            environment_id: text("environment_id"),
        })
    }

    /// Whether what belongs to `other` may be sent as this one: the same server and agent, and the same token or an account that
    /// is known to be the same.
    pub(crate) fn is_same(&self, other: &Self, is_same_account: bool) -> bool {
        let place = |owner: &Self| {
            let Self { origin, agent, agent_id, environment_id, .. } = owner.clone();
            (origin, agent, agent_id, environment_id)
        };
        place(self) == place(other) && (self.token == other.token || is_same_account)
    }
}
