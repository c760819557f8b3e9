//! The tokens that open the server.
//!
//! Until a token is made or prescribed, any token does: a newcomer's program still has the hosted platform's token in
//! its environment. From then on other tokens are refused.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use sha2::{Digest, Sha256};

use crate::time::Time;

/// SHA-256 of a token.
pub(crate) type Hash = [u8; 32];

/// An active token that was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) hash: Hash,
    pub(crate) expires_at: Option<Time>,
}

/// The accepted tokens. Requests read it; only the routes that change tokens write it.
pub(crate) struct Tokens {
    /// The token that the server was started with, or the development token of its database.
    own: Hash,
    is_prescribed: bool,
    /// The tokens in the database; `None` until one is made.
    made: RwLock<Option<Vec<Made>>>,
}

impl Tokens {
    pub(crate) fn new(own: &str, is_prescribed: bool, made: Option<Vec<Made>>) -> Self {
        Self { own: hash(own), is_prescribed, made: RwLock::new(made) }
    }

    /// Whether any token is accepted.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_prescribed && self.made.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    pub(crate) fn accepts(&self, token: &str) -> bool {
        // Hashes are compared, so that the time of the comparison discloses nothing of the token.
        let hash = hash(token);
        let is_good = |made: &Made| made.hash == hash && made.expires_at.is_none_or(|end| end > Time::now());
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            None if !self.is_prescribed => true,
            made => hash == self.own || made.iter().flatten().any(is_good),
        }
    }

    /// Replaces the tokens by those in the database.
    pub(crate) fn update(&self, made: Option<Vec<Made>>) {
        *self.made.write().unwrap_or_else(PoisonError::into_inner) = made;
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("is_prescribed", &self.is_prescribed).finish_non_exhaustive()
    }
}

pub(crate) fn hash(token: &str) -> Hash {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(token: &str, expires_at: Option<Time>) -> Made {
        Made { hash: hash(token), expires_at }
    }

    #[test]
    fn any_token_is_accepted_until_one_is_made_or_prescribed() {
        let tokens = Tokens::new("own", false, None);
        assert!(tokens.is_open() && tokens.accepts("anything"));
        tokens.update(Some(vec![made("made", None)]));
        assert!(!tokens.is_open());
        assert!(tokens.accepts("own") && tokens.accepts("made"));
        assert!(!tokens.accepts("anything") && !tokens.accepts(""));
        let prescribed = Tokens::new("own", true, None);
        assert!(prescribed.accepts("own") && !prescribed.accepts("anything"));
    }

    #[test]
    fn token_is_refused_once_it_has_expired_or_all_are_gone() {
        let long_ago = Time::parse("2020-01-01T00:00:00Z");
        let tokens = Tokens::new("own", false, Some(vec![made("old", long_ago)]));
        assert!(!tokens.accepts("old"));
        tokens.update(Some(Vec::new()));
        assert!(!tokens.accepts("old") && tokens.accepts("own"));
    }
}
