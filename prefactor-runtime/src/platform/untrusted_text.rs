//! Texts that others wrote, before they are logged, shown or returned: error codes, reasons, names in certificates.
//!
//! A server may repeat the token that it was sent, forge lines of a log, or send a mebibyte. [`untrusted`] is the one
//! function that all such texts pass.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use zeroize::Zeroizing;

use crate::platform::per_process::{PerProcess, Succeed};

/// In the place of a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// A shorter text is found by chance in others.
#[cfg(feature = "http")]
const MIN_TOKEN_BYTES: usize = 8;

/// The tokens of the clients of this process.
#[derive(Debug, Default)]
struct Tokens {
    process: PerProcess<Self>,
    /// Written where a transport is made, read for each text.
    tokens: Mutex<Vec<Weak<Zeroizing<String>>>>,
}

static TOKENS: LazyLock<Arc<Tokens>> = LazyLock::new(Arc::default);

/// Keeps a token out of all texts while it lives. The copy is wiped when it is dropped.
#[cfg(feature = "http")]
#[must_use]
pub(crate) struct HiddenToken {
    _token: Arc<Zeroizing<String>>,
}

#[cfg(feature = "http")]
pub(crate) fn hide(token: &str) -> HiddenToken {
    let token = Arc::new(Zeroizing::new(token.to_owned()));
    if token.len() >= MIN_TOKEN_BYTES {
        let mut tokens = TOKENS.current().lock();
        tokens.retain(|token| token.strong_count() > 0);
        tokens.push(Arc::downgrade(&token));
    }
    HiddenToken { _token: token }
}

/// The text without tokens, its control characters escaped, at most so many characters of it.
pub(crate) fn untrusted(text: &str, max_characters: usize) -> String {
    let mut tokens = TOKENS.current().lock().iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
    // Replaces longer tokens first: a token may be the beginning of another.
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    let mut found = tokens.iter().filter(|token| text.contains(token.as_str())).peekable();
    if found.peek().is_none() {
        return printable(text, max_characters);
    }
    // Hides tokens before the text is cut: the cut could leave a part of a token.
    let hidden = found.fold(Zeroizing::new(text.to_owned()), |text, token| {
        Zeroizing::new(text.replace(token.as_str(), REDACTED))
    });
    printable(&hidden, max_characters)
}

/// The text with its control characters escaped, at most so many characters of it.
fn printable(text: &str, max_characters: usize) -> String {
    let mut printable = String::new();
    let mut left = max_characters;
    for character in text.chars() {
        let is_plain = !character.is_control() && !reorders(character);
        let length = if is_plain { 1 } else { character.escape_unicode().len() };
        if length > left {
            break;
        }
        left -= length;
        if is_plain {
            printable.push(character);
        } else {
            printable.extend(character.escape_unicode());
        }
    }
    printable
}

/// Whether a terminal may show what follows in another place or on another line.
fn reorders(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Tokens {
    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Zeroizing<String>>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Succeed for Tokens {
    fn process(&self) -> &PerProcess<Self> {
        &self.process
    }

    fn needs_successor(&self) -> bool {
        true
    }

    /// A forked process makes transports of its own.
    fn succeed(&self) -> Arc<Self> {
        Arc::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_with_what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(untrusted("plain, déjà vu", 200), "plain, déjà vu");
        let forged = "a\nprefactor: all is well\r\u{1b}[2J\u{9b}1m\u{202e}";
        let shown = untrusted(forged, 200);
        assert_eq!(shown, "a\\u{a}prefactor: all is well\\u{d}\\u{1b}[2J\\u{9b}1m\\u{202e}");
    }

    #[test]
    #[cfg(feature = "http")]
    fn text_with_tokens_hides_them_also_where_it_is_cut() {
        let hidden = [hide("canary-one"), hide("canary-one-and-more"), hide("short")];
        assert_eq!(untrusted("canary-one, canary-one-and-more, short", 200), "[REDACTED], [REDACTED], short");
        for max in 0..60 {
            let shown = untrusted("the token is canary-one-and-more", max);
            assert!(!shown.contains("canary") && shown.chars().count() <= max, "{shown}");
        }
        drop(hidden);
        assert_eq!(untrusted("canary-one", 200), "canary-one");
    }

    proptest! {
        #[test]
        fn no_text_exceeds_its_length(text in any::<String>(), max in 0_usize..300) {
            let shown = untrusted(&text, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(|character| character.is_control() || reorders(character)));
        }
    }
}
