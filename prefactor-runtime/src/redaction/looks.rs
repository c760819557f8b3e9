//! Whether a text looks like a secret. It decides under names that ordinary data uses too.

use crate::payload::Secrecy;

/// Words before the credentials of a header.
const SCHEMES: [&str; 9] =
    ["bearer", "basic", "digest", "token", "negotiate", "apikey", "ssws", "hmac", "aws4-hmac-sha256"];

/// Terms with digits in them.
const TERMS: [&str; 30] = [
    "2fa",
    "aes128",
    "aes256",
    "argon2",
    "auth0",
    "base32",
    "base58",
    "base64",
    "ed25519",
    "es256",
    "h2c",
    "hs256",
    "hs512",
    "http2",
    "ipv4",
    "ipv6",
    "latin1",
    "md5",
    "oauth1",
    "oauth2",
    "oauth2.0",
    "oauth2_code",
    "rs256",
    "rs512",
    "sha1",
    "sha256",
    "sha512",
    "utf16",
    "utf8",
    "x509",
];

/// Values that stand for the kind of a value, or for none: in schemas, in settings, in code.
const PLACEHOLDERS: [&str; 34] = [
    "any",
    "basic",
    "bearer",
    "bool",
    "boolean",
    "char",
    "default",
    "digest",
    "empty",
    "false",
    "hidden",
    "include",
    "int",
    "integer",
    "invalid",
    "missing",
    "none",
    "null",
    "number",
    "object",
    "omit",
    "option",
    "optional",
    "required",
    "same-origin",
    "str",
    "string",
    "text",
    "true",
    "undefined",
    "unknown",
    "unset",
    "varchar",
    "void",
];

/// The shortest text that is a secret by its looks.
const MIN: usize = 6;

/// Letters and digits in a row that no word has.
const MAX_WORD: usize = 16;

/// Whether a text under the name of a secret is none: it is empty, names its own kind, or was replaced before.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    !text.contains(char::is_alphanumeric)
        || text.starts_with("[REDACTED")
        || text.starts_with("${")
        || text.starts_with("{{")
        || text.starts_with('<') && text.ends_with('>')
        || PLACEHOLDERS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a text under a name of that secrecy is a secret.
pub(super) fn is_secret(secrecy: Secrecy, text: &str, is_cut: bool) -> bool {
    match secrecy {
        Secrecy::Open | Secrecy::Allowed => false,
        Secrecy::Secret => !is_placeholder(text),
        Secrecy::NotAPath => !is_placeholder(text) && !is_path(text.trim()),
        Secrecy::Digits => is_number(text) || is_like_one(text, is_cut),
        Secrecy::Doubtful | Secrecy::DoubtfulAll => is_like_one(text, is_cut),
        Secrecy::DoubtfulId => is_like_one(text, is_cut) && !is_uuid(text.trim()),
    }
}

/// Whether a number, by its digits, is one of a card, a bank account or a person.
pub(super) fn is_secret_number(secrecy: Secrecy, digits: &str) -> bool {
    secrecy == Secrecy::Digits && digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text is a number in groups, or has so many digits that it holds one.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_grouped = text.bytes().all(|byte| byte.is_ascii_digit() || b" -./".contains(&byte));
    digits >= 6 || digits >= 3 && is_grouped
}

/// Whether a text has the looks of a key, a password or a header with one, and not those of prose or of an identifier.
pub(super) fn is_like_one(text: &str, is_cut: bool) -> bool {
    let text = text.trim();
    if let Some(credentials) = after_scheme(text) {
        return !is_placeholder(credentials) && (is_cut || is_credentials(credentials));
    }
    let Some((first, rest)) = text.split_once([' ', '\t', '\n']) else {
        return is_word_like_one(text) || is_cut && text.len() >= 3;
    };
    first.ends_with(';')
        && first.contains('=')
        && (is_word_like_one(first) || rest.split(' ').any(is_word_like_one))
}

/// The text after the scheme of a header.
fn after_scheme(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once([' ', '\t'])?;
    let rest = rest.trim_start();
    (is_scheme(first) && !rest.is_empty()).then_some(rest)
}

pub(super) fn is_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// Parameters follow after the first word, or nothing does.
fn is_credentials(text: &str) -> bool {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let has = |is: fn(&u8) -> bool| first.as_bytes().iter().any(is);
    let is_mixed =
        first.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    first.len() >= MIN && (first.contains('=') || has(u8::is_ascii_digit) || is_mixed)
        || rest.is_empty() && first.len() >= MAX_WORD
}

/// The same for a text without blanks.
pub(super) fn is_word_like_one(text: &str) -> bool {
    let text = text.trim_end_matches([',', ';', '.', ')', ']', '}']);
    if text.len() < MIN || is_path(text) || is_placeholder(text) || text.contains("://") {
        return false;
    }
    let value = text.split_once('=').map_or(text, |(_, value)| if value.len() >= MIN { value } else { text });
    value.split(|byte: char| !byte.is_ascii_alphanumeric() && !"+!@#$%^&*".contains(byte)).any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        let is_term = TERMS.iter().any(|term| term.eq_ignore_ascii_case(part));
        part.len() >= MIN && digits > 0 && letters > 0 && !is_term && !is_date(part)
            || letters >= MAX_WORD && digits == 0 && !is_camel_case(part)
            || part.len() > 2 * MAX_WORD
    })
}

/// A word of a program: `GetSecretValueRequest`.
fn is_camel_case(part: &str) -> bool {
    let capitals = part.bytes().filter(u8::is_ascii_uppercase).count();
    part.len() <= 48 && capitals >= 1 && capitals * 4 <= part.len() && part.len() / (capitals + 1) >= 3
}

/// `2026-11-29T12:00:00Z` without its signs.
fn is_date(part: &str) -> bool {
    part.len() <= 8
        && part.starts_with("20")
        && part
            .as_bytes()
            .get(2..)
            .is_some_and(|rest| rest.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z')))
}

fn is_path(text: &str) -> bool {
    text.starts_with(['/', '~', '.'])
        || text.as_bytes().get(1..3).is_some_and(|drive| drive == b":\\" || drive == b":/")
}

/// Five groups of hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let lens = text.split('-').map(str::len);
    lens.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
