//! Secrets told by the name that they go under.

use super::prefilter::Quick;

/// Words that name secrets, alone or within a longer name.
const SECRET: [&[&str]; 30] = [
    &["passwords"],
    &["pwd"],
    &["passphrase"],
    &["secret"],
    &["secrets"],
    &["apikey"],
    &["apikeys"],
    &["api", "key"],
    &["api", "keys"],
    &["access", "key"],
    &["access", "keys"],
    &["private", "key"],
    &["private", "keys"],
    &["signing", "key"],
    &["encryption", "key"],
    &["authorization"],
    &["auth"],
    &["cookie"],
    &["cookies"],
    &["credential"],
    &["credentials"],
    &["session"],
    &["bearer"],
    &["otp"],
    &["pin"],
    &["cvv"],
    &["cvc"],
    &["card", "number"],
    &["ssn"],
    &["jwt"],
];

/// Ends of words that name secrets: `PGPASSWORD`, `accesstoken`.
const SECRET_END: [&str; 3] = ["password", "passwd", "token"];

/// What may follow `token` where it is a unit of text and not a secret: usage data of language models.
const COUNTED: [&str; 10] =
    ["count", "counts", "usage", "limit", "budget", "length", "ids", "type", "details", "per"];

/// The longest name that is looked at in place.
const MAX_ASCII: usize = 192;

/// Whether what goes under that name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    may_be_secret(name) && has_secret_word(name)
}

/// The first letters of a word in each name of a secret.
static QUICK: Quick = Quick::new([
    "pas", "pwd", "pin", "sec", "ses", "ssn", "key", "aut", "coo", "cre", "cvv", "cvc", "car", "bea", "otp",
    "jwt", "tok",
]);

/// A quick look that most names do not pass: whether a word that names secrets may begin anywhere.
fn may_be_secret(name: &str) -> bool {
    // Some letters beyond ASCII are ASCII in lower case.
    !name.is_ascii() || QUICK.find(name.as_bytes(), 0).is_some()
}

fn has_secret_word(name: &str) -> bool {
    if name.is_ascii() && name.len() <= MAX_ASCII {
        // Every name of every value comes by here, and every one that seems to stand in a text: nothing is allocated.
        let mut spaced = [b' '; 2 * MAX_ASCII];
        let length = space(name.as_bytes(), &mut spaced);
        return is_any_secret(spaced[..length].split(|byte| *byte == b' ').filter(|word| !word.is_empty()));
    }
    is_any_secret(words(name).iter().map(String::as_bytes))
}

fn is_any_secret<'a>(mut words: impl Iterator<Item = &'a [u8]> + Clone) -> bool {
    while let Some(word) = words.next() {
        let next = words.clone().next();
        let is_counted =
            word == b"token" && next.is_some_and(|next| COUNTED.iter().any(|word| word.as_bytes() == next));
        let is_ended = SECRET_END.iter().any(|end| word.ends_with(end.as_bytes())) && !is_counted;
        // The first word decides in nearly all cases.
        let is_named = |secret: &&[&str]| {
            let first = secret[0].as_bytes();
            // Cheaper than a comparison: of thirty words one begins like that.
            first.first() == word.first()
                && first == word
                && secret.get(1).is_none_or(|second| next.is_some_and(|next| next == second.as_bytes()))
        };
        if is_ended || SECRET.iter().any(is_named) {
            return true;
        }
    }
    false
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_secrets_are_found_in_any_spelling() {
        for name in [
            "password",
            "Password",
            "db_password",
            "userPassword",
            "PASSWD",
            "pwd",
            "secret",
            "client_secret",
            "clientSecret",
            "token",
            "api_token",
            "refreshToken",
            "id_token",
            "access-token",
            "apikey",
            "api_key",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "OPENAI_API_KEY",
            "aws.access_key_id",
            "privateKey",
            "Authorization",
            "auth",
            "auth_header",
            "Cookie",
            "set-cookie",
            "Set-Cookie",
            "credential",
            "credentials",
            "session",
            "session_id",
            "bearer",
            "otp",
            "pin",
            "cvv",
            "card_number",
            "cardNumber",
            "ssn",
            "jwt",
            "HTTPToken",
            "PGPASSWORD",
            "accesstoken",
            "passwords",
            "api_keys",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn names_have_the_same_words_in_place(name in "([a-zA-Z]{1,4}|[0-9 _.-]|KEY|Api|token){0,12}") {
            let mut spaced = [b' '; 2 * MAX_ASCII];
            let length = space(name.as_bytes(), &mut spaced);
            let in_place: Vec<_> = std::str::from_utf8(&spaced[..length]).unwrap().split_whitespace().collect();
            prop_assert_eq!(in_place, words(&name));
        }
    }

    #[test]
    fn no_secret_has_more_than_two_words() {
        assert!(SECRET.iter().all(|words| (1..=2).contains(&words.len())));
    }

    #[test]
    fn the_quick_look_lets_every_word_of_a_secret_pass() {
        // The last word decides where it takes several.
        for word in SECRET.iter().filter_map(|words| words.last()).chain(&SECRET_END) {
            let is_last_word_of_card = *word == "number";
            assert!(is_last_word_of_card || may_be_secret(word), "{word}");
            assert!(is_last_word_of_card || may_be_secret(&format!("x{}x", word.to_uppercase())), "{word}");
        }
        assert!(may_be_secret("card_number"));
        assert!(is_secret("api_\u{212a}ey"), "a sign for kelvin is a k in lower case");
        assert!(!may_be_secret("temperature"));
    }

    #[test]
    fn names_of_usage_and_of_ordinary_things_are_left() {
        for name in [
            "tokens",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "max_tokens",
            "maxTokens",
            "token_count",
            "tokenCount",
            "token_usage",
            "token_limit",
            "tokenizer",
            "author",
            "authors",
            "authored_by",
            "pinned",
            "spin",
            "opinion",
            "secretary",
            "keyboard",
            "key",
            "public_key_id",
            "primary_key",
            "model",
            "prompt",
            "passwordless",
            "cookiecutter",
            "sessions_total",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
