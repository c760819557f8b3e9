//! Secrets told by the name that they stand under.
//!
//! A name is read as a compound: its words, with the last one as the head. `db_password` is a password, and
//! `password_length` is a length. Words that name nothing but secrets (`password`, `api_key`) make a secret of every text;
//! words that ordinary data uses too (`token`, `auth`) leave the decision to the looks of the text.

use super::prefilter::Prefilter;
use crate::payload::Secrecy;

/// The longest name that is looked at in place.
const MAX_ASCII: usize = 192;

/// The most words of a name that are looked at.
const MAX_WORDS: usize = 24;

/// How secret the values under that name are.
pub(super) fn secrecy(name: &str) -> Secrecy {
    if !may_be_secret(name) {
        return Secrecy::Open;
    }
    // A shell's working folder, which every program's environment has.
    if name == "PWD" || name == "OLDPWD" {
        return Secrecy::Open;
    }
    if name.is_ascii() && name.len() <= MAX_ASCII {
        // Every name of every value comes by here, and every one that seems to stand in a text: nothing is allocated.
        let mut spaced = [b' '; 2 * MAX_ASCII];
        let length = space(name.as_bytes(), &mut spaced);
        return of_words(spaced[..length].split(|byte| *byte == b' '));
    }
    let words = words(name);
    of_words(words.iter().map(String::as_bytes))
}

fn of_words<'a>(all: impl Iterator<Item = &'a [u8]>) -> Secrecy {
    let mut words: [&[u8]; MAX_WORDS] = [&[]; MAX_WORDS];
    let mut count = 0;
    for word in all.filter(|word| !word.is_empty()).take(MAX_WORDS) {
        words[count] = word;
        count += 1;
    }
    classify(&words[..count])
}

/// The first letters of a word in each name of a secret.
static PREFILTER: Prefilter = Prefilter::new([
    "aut", "bea", "car", "cod", "coo", "cre", "csc", "cvc", "cvv", "iba", "jwt", "key", "mne", "num", "otp",
    "pas", "phr", "pin", "psk", "pwd", "sec", "ses", "ssn", "tok",
]);

/// A quick look that most names do not pass: whether a word that names secrets may begin anywhere.
fn may_be_secret(name: &str) -> bool {
    // Some letters beyond ASCII are ASCII in lower case.
    !name.is_ascii() || PREFILTER.find(name.as_bytes(), 0).is_some()
}

/// Heads that say what a value is, and change nothing about its secrecy: `password_value`, `TOKEN_PROD`.
const NEUTRAL: &[&str] = &[
    "b64",
    "backup",
    "base64",
    "bytes",
    "current",
    "data",
    "default",
    "dev",
    "header",
    "hex",
    "live",
    "new",
    "old",
    "plain",
    "plaintext",
    "previous",
    "primary",
    "prod",
    "production",
    "raw",
    "secondary",
    "staging",
    "str",
    "string",
    "test",
    "text",
    "val",
    "value",
    "values",
];

/// Words after the name of a secret that make something about it of the whole: `password_length`, `api_key_source`.
const ABOUT: &[&str] = &[
    "age",
    "alg",
    "algorithm",
    "arn",
    "at",
    "attempts",
    "audience",
    "by",
    "change",
    "changed",
    "column",
    "cost",
    "count",
    "counts",
    "created",
    "date",
    "days",
    "description",
    "details",
    "dir",
    "disabled",
    "enabled",
    "endpoint",
    "env",
    "error",
    "errors",
    "exp",
    "expiration",
    "expire",
    "expired",
    "expires",
    "expiry",
    "field",
    "fields",
    "file",
    "filename",
    "fingerprint",
    "flow",
    "form",
    "format",
    "free",
    "help",
    "hint",
    "id",
    "ids",
    "in",
    "index",
    "input",
    "invalid",
    "issuer",
    "kind",
    "label",
    "labels",
    "last4",
    "len",
    "length",
    "less",
    "limit",
    "manager",
    "mask",
    "masked",
    "max",
    "maximum",
    "message",
    "method",
    "methods",
    "min",
    "minimum",
    "missing",
    "mode",
    "name",
    "names",
    "on",
    "optional",
    "owner",
    "param",
    "parameter",
    "path",
    "placeholder",
    "policies",
    "policy",
    "position",
    "prefix",
    "present",
    "prompt",
    "provider",
    "public",
    "redacted",
    "ref",
    "reference",
    "required",
    "requirements",
    "reset",
    "retries",
    "rotated",
    "rotation",
    "rule",
    "rules",
    "santa",
    "scanning",
    "schema",
    "scheme",
    "schemes",
    "scope",
    "scopes",
    "score",
    "set",
    "size",
    "source",
    "state",
    "status",
    "store",
    "strength",
    "suffix",
    "time",
    "title",
    "ttl",
    "type",
    "types",
    "updated",
    "uri",
    "url",
    "usage",
    "user",
    "username",
    "valid",
    "var",
    "variable",
    "version",
];

/// Words before the name of a secret that make a statement about it of the whole: `has_api_key`.
const STATEMENT: &[&str] = &[
    "allow", "allows", "enable", "forgot", "has", "hide", "invalid", "is", "max", "min", "missing", "needs",
    "no", "num", "requires", "show", "skip", "supports", "use", "uses", "without",
];

/// What goes before `key` where the key is a secret.
const KEY_OF: &[&str] = &[
    "access",
    "account",
    "admin",
    "aes",
    "anthropic",
    "api",
    "app",
    "application",
    "auth",
    "authentication",
    "aws",
    "azure",
    "cipher",
    "client",
    "cohere",
    "consumer",
    "crypt",
    "crypto",
    "decrypt",
    "decryption",
    "deploy",
    "deployment",
    "ed25519",
    "elevenlabs",
    "encrypt",
    "encryption",
    "functions",
    "gcp",
    "gemini",
    "github",
    "google",
    "gpg",
    "groq",
    "hmac",
    "host",
    "ingest",
    "jwt",
    "langfuse",
    "langsmith",
    "licence",
    "license",
    "master",
    "mistral",
    "openai",
    "openrouter",
    "pgp",
    "pinecone",
    "private",
    "recovery",
    "role",
    "root",
    "rsa",
    "sas",
    "secret",
    "security",
    "serper",
    "server",
    "service",
    "session",
    "shared",
    "sign",
    "signing",
    "ssh",
    "ssl",
    "storage",
    "stripe",
    "subscription",
    "symmetric",
    "tavily",
    "tls",
    "vapid",
    "voyage",
    "wallet",
    "webhook",
    "write",
];

/// What goes before `token` where the token is a secret beyond doubt.
const TOKEN_OF: &[&str] = &[
    "access",
    "api",
    "app",
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "bot",
    "csrf",
    "deploy",
    "github",
    "gitlab",
    "hf",
    "id",
    "jwt",
    "oauth",
    "personal",
    "pat",
    "private",
    "refresh",
    "sas",
    "secret",
    "security",
    "service",
    "session",
    "slack",
    "verification",
    "vault",
    "webhook",
    "xsrf",
];

/// What goes before `token` where it is a unit of text, or a place in a list of results.
const TEXT_TOKEN: &[&str] = &[
    "after",
    "audio",
    "before",
    "begin",
    "bos",
    "cache",
    "cached",
    "cancel",
    "cancellation",
    "cls",
    "completion",
    "continuation",
    "cursor",
    "decoder",
    "delta",
    "each",
    "end",
    "eom",
    "eos",
    "eot",
    "every",
    "fim",
    "first",
    "forced",
    "idempotency",
    "image",
    "input",
    "lang",
    "language",
    "last",
    "mask",
    "max",
    "middle",
    "min",
    "new",
    "next",
    "output",
    "pad",
    "page",
    "pagination",
    "per",
    "prev",
    "previous",
    "progress",
    "prompt",
    "reasoning",
    "resume",
    "resumption",
    "sep",
    "special",
    "start",
    "stop",
    "streamed",
    "sub",
    "suffix",
    "sync",
    "text",
    "think",
    "thinking",
    "to",
    "tool",
    "total",
    "unk",
    "video",
    "vision",
    "watch",
];

/// What goes before `pass` where it is a password.
const PASS_OF: &[&str] = &[
    "account", "admin", "amqp", "app", "auth", "basic", "database", "db", "email", "ftp", "http", "imap",
    "key", "ldap", "login", "mail", "mongo", "mongodb", "my", "mysql", "pg", "pop3", "postgres", "proxy",
    "rabbitmq", "redis", "root", "service", "sftp", "smtp", "ssh", "store", "sudo", "svc", "user", "wifi",
];

/// Names that are run together.
const KEY_ENDS: &[&str] = &[
    "accesskey",
    "accesskeyid",
    "accountkey",
    "apikey",
    "apikeys",
    "authkey",
    "encryptionkey",
    "masterkey",
    "privatekey",
    "secretkey",
    "servicekey",
    "sharedkey",
    "signingkey",
    "storagekey",
    "subscriptionkey",
];
const TOKEN_ENDS: &[&str] = &[
    "accesstoken",
    "apitoken",
    "authtoken",
    "bearertoken",
    "bottoken",
    "csrftoken",
    "idtoken",
    "refreshtoken",
    "sessiontoken",
];
const PASSWORD_ENDS: &[&str] = &["password", "passwords", "passwd", "passphrase", "dbpass", "userpass"];
const SECRET_ENDS: &[&str] = &["secret", "secrets"];

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
fn classify(words: &[&[u8]]) -> Secrecy {
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
        // The id of an access key of AWS is half of the credential.
        b"access" => next == Some(b"key"),
        b"seed" | b"recovery" | b"pass" => next == Some(b"phrase"),
        b"mnemonic" | b"psk" => true,
        _ => {
            ends_in_any(word, PASSWORD_ENDS) || ends_in_any(word, SECRET_ENDS) || ends_in_any(word, KEY_ENDS)
        }
    }
}

/// What the last word says with the word before it, where that decides.
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
/// Writes an ASCII name in lower case with a space between its words, and says how long that is.
fn space(name: &[u8], spaced: &mut [u8; 2 * MAX_ASCII]) -> usize {
    let (mut length, mut previous) = (0, b' ');
    for (place, &byte) in name.iter().enumerate() {
        let next_is_lower = name.get(place + 1).is_some_and(u8::is_ascii_lowercase);
        let starts_word = byte.is_ascii_uppercase()
            && (previous.is_ascii_lowercase() || previous.is_ascii_uppercase() && next_is_lower);
        // What is skipped is a space.
        length += usize::from(starts_word);
        if byte.is_ascii_alphanumeric() {
            spaced[length] = byte.to_ascii_lowercase();
        }
        length += 1;
        previous = byte;
    }
    length
}

/// The words of a name in lower case: parted by anything that is no letter or digit, and by `camelCase`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    let mut characters = name.chars().take(256).peekable();
    while let Some(character) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
        let starts_word =
            character.is_uppercase() && (previous.is_lowercase() || previous.is_uppercase() && next_is_lower);
        if !character.is_alphanumeric() || starts_word {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            let word = words.last_mut().into_iter();
            if character.is_ascii() {
                word.for_each(|word| word.push(character.to_ascii_lowercase()));
            } else {
                word.for_each(|word| word.extend(character.to_lowercase()));
            }
        }
        previous = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests;
