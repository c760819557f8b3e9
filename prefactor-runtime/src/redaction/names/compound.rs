//! The secrecy of a name of several words: the last one is the head, those before it modify it.

use super::vocabulary::{
    ABOUT, KEY_ENDS, KEY_OF, NEUTRAL, PASS_OF, PASSWORD_ENDS, SECRET_ENDS, STATEMENT, TEXT_TOKEN, TOKEN_ENDS,
    TOKEN_OF,
};
use crate::payload::Secrecy;

fn is_any(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|other| other.as_bytes() == word)
}

fn ends_in_any(word: &[u8], ends: &[&str]) -> bool {
    ends.iter().any(|end| word.ends_with(end.as_bytes()))
}

fn is_number(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit)
}

/// The secrecy of a name with those words, in lower case.
pub(super) fn classify(words: &[&[u8]]) -> Secrecy {
    let mut end = words.len();
    while end > 1 && (is_any(words[end - 1], NEUTRAL) || is_number(words[end - 1])) {
        end -= 1;
    }
    let Some((last, before)) = words[..end].split_last() else { return Secrecy::Open };
    let modifier = before.last().copied().unwrap_or_default();
    if before.first().is_some_and(|first| is_any(first, STATEMENT)) {
        return Secrecy::Open;
    }
    if let Some(secrecy) = head(last, modifier, before) {
        return secrecy;
    }
    let is_strong = (0..end).rev().any(|at| {
        let modifier = at.checked_sub(1).map(|before| words[before]).unwrap_or_default();
        is_strong(words[at], modifier, words[at + 1..end].first().copied()) && !is_about(&words[at + 1..end])
    });
    if is_strong { Secrecy::Secret } else { Secrecy::Open }
}

/// Whether those words after the name of a secret tell of something about it.
fn is_about(after: &[&[u8]]) -> bool {
    after.iter().any(|word| is_any(word, ABOUT))
}

/// Whether a word names a secret wherever in the name it stands.
fn is_strong(word: &[u8], modifier: &[u8], next: Option<&[u8]>) -> bool {
    match word {
        b"key" | b"keys" => is_any(modifier, KEY_OF),
        // The id of an AWS access key is half of the credential.
        b"access" => next == Some(b"key"),
        b"seed" | b"recovery" | b"pass" => next == Some(b"phrase"),
        b"mnemonic" | b"psk" => true,
        _ => {
            ends_in_any(word, PASSWORD_ENDS) || ends_in_any(word, SECRET_ENDS) || ends_in_any(word, KEY_ENDS)
        }
    }
}

/// The secrecy of the last two words, where they decide.
fn head(last: &[u8], modifier: &[u8], before: &[&[u8]]) -> Option<Secrecy> {
    let is_secret = |is_secret| if is_secret { Secrecy::Secret } else { Secrecy::Doubtful };
    Some(match last {
        b"token" if is_any(modifier, TEXT_TOKEN) => Secrecy::Open,
        b"token" => is_secret(is_any(modifier, TOKEN_OF)),
        b"tokens" if is_any(modifier, &["access", "api", "auth", "refresh", "bearer"]) => Secrecy::Doubtful,
        b"pwd" => {
            if modifier.is_empty() {
                Secrecy::NotAPath
            } else {
                Secrecy::Secret
            }
        }
        b"pass" => is_secret(is_any(modifier, PASS_OF)),
        b"session" => Secrecy::DoubtfulId,
        b"auth" | b"oauth" | b"authorization" | b"bearer" | b"jwt" => Secrecy::Doubtful,
        b"cookie" | b"cookies" | b"credential" | b"credentials" | b"creds" => Secrecy::DoubtfulAll,
        b"id" if modifier == b"key" && before.ends_with(&[b"access", b"key"]) => Secrecy::Secret,
        b"code" if is_any(modifier, &["authorization"]) => Secrecy::Doubtful,
        b"code" | b"codes" if is_any(modifier, &["backup", "recovery"]) => Secrecy::Secret,
        b"code" | b"codes"
            if is_any(modifier, &["2fa", "mfa", "otp", "security", "sms", "totp", "verification"])
                || before.ends_with(&[b"one", b"time"]) =>
        {
            Secrecy::Digits
        }
        b"key" if before.len() >= 2 && before[0] == b"x" => {
            let is_ordinary = is_any(
                modifier,
                &["axis", "cache", "correlation", "idempotency", "request", "routing", "surrogate", "trace"],
            );
            if is_ordinary { Secrecy::Open } else { Secrecy::Secret }
        }
        b"pin" | b"pins" if is_any(modifier, &["gpio", "led", "map", "output", "input"]) => Secrecy::Open,
        b"otp" | b"totp" | b"pin" | b"passcode" | b"cvv" | b"cvv2" | b"cvc" | b"csc" | b"ssn" | b"iban"
        | b"creditcard" | b"cardnumber" | b"debitcard" => Secrecy::Digits,
        b"card" if is_any(modifier, &["credit", "debit", "payment", "bank"]) => Secrecy::Digits,
        b"number" | b"num" | b"no" if is_any(modifier, &["card", "creditcard", "security"]) => {
            Secrecy::Digits
        }
        _ if ends_in_any(last, TOKEN_ENDS) => Secrecy::Secret,
        _ if last.len() > 5 && last.ends_with(b"token") => Secrecy::Doubtful,
        _ => return None,
    })
}
