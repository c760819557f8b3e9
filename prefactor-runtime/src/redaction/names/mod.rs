//! Secrets told by the name that they stand under.
//!
//! A name is read as a compound: its words, with the last one as the head. `db_password` is a password, and
//! `password_length` is a length. Words that name nothing but secrets (`password`, `api_key`) make a secret of every text;
//! words that ordinary data uses too (`token`, `auth`) leave the decision to the looks of the text.

mod compound;
mod known_names;
mod vocabulary;

use super::prefilter::Prefilter;
use crate::payload::Secrecy;
use compound::classify;
use known_names::Found;

/// The longest name that is looked at in place.
const MAX_ASCII: usize = 192;

/// The most words of a name that are looked at.
const MAX_WORDS: usize = 24;

/// How secret the values under that name are.
pub(super) fn secrecy(name: &str) -> Secrecy {
    known_names::found(name, look_up).secrecy
}

/// Whether a text is a name that is too short to be a secret: most keys are. The shortest format has fifteen characters.
pub(super) fn is_short(text: &str) -> bool {
    text.len() < 15 && known_names::found(text, look_up).is_short
}

fn look_up(name: &str) -> Found {
    let bytes = name.as_bytes();
    let is_short = bytes.len() < 15
        && bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    Found { secrecy: secrecy_of(name), is_short }
}

fn secrecy_of(name: &str) -> Secrecy {
    if !may_be_secret(name) {
        return Secrecy::Open;
    }
    if name == "PWD" || name == "OLDPWD" {
        return Secrecy::Open;
    }
    if name.is_ascii() && name.len() <= MAX_ASCII {
        // Does not allocate: this runs for each name of a value, and for each possible name in a text.
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
    // Some letters beyond ASCII, such as the Kelvin sign, are ASCII in lower case.
    !name.is_ascii() || PREFILTER.find(name.as_bytes(), 0).is_some()
}

/// Writes an ASCII name in lower case with a space between its words, and says how long that is.
fn space(name: &[u8], spaced: &mut [u8; 2 * MAX_ASCII]) -> usize {
    let (mut length, mut previous) = (0, b' ');
    for (place, &byte) in name.iter().enumerate() {
        let next_is_lower = name.get(place + 1).is_some_and(u8::is_ascii_lowercase);
        let starts_word = byte.is_ascii_uppercase()
            && (previous.is_ascii_lowercase() || previous.is_ascii_uppercase() && next_is_lower);
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
