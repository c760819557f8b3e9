//! The fixed texts with which secrets begin, and where one may be in a text.

use crate::payload::markers::CUT_MARK;
use crate::redaction::formats::FORMATS;
use crate::redaction::prefilter::{Prefilter, three};
use crate::redaction::shape::Shape;

pub(super) const PEM: &str = "-----BEGIN ";

const WORDS: [(&str, Shape); 34] = [
    (CUT_MARK, Shape::Cut),
    ("eyJ", Shape::Jwt),
    ("bearer", Shape::Bearer),
    (PEM, Shape::Pem),
    ("://", Shape::Address),
    ("-u ", Shape::Command),
    ("--user", Shape::Command),
    ("mysql", Shape::Command),
    ("mariadb", Shape::Command),
    ("sshpass", Shape::Command),
    ("IDENTIFIED BY", Shape::Command),
    ("passw", Shape::Name),
    ("pass", Shape::Name),
    ("phrase", Shape::Name),
    ("mnemonic", Shape::Name),
    ("code", Shape::Name),
    ("pwd", Shape::Name),
    ("psk", Shape::Name),
    ("secret", Shape::Name),
    ("token", Shape::Name),
    ("key", Shape::Name),
    ("auth", Shape::Name),
    ("cookie", Shape::Name),
    ("credential", Shape::Name),
    ("session", Shape::Name),
    ("otp", Shape::Name),
    ("pin", Shape::Name),
    ("cvv", Shape::Name),
    ("cvc", Shape::Name),
    ("card", Shape::Name),
    ("ssn", Shape::Name),
    ("iban", Shape::Name),
    ("jwt", Shape::Name),
    ("sig", Shape::Name),
];

/// All beginnings, in the order of their first three bytes, the longest of those that share them first.
pub(crate) static BEGINNINGS: [(&str, Shape); WORDS.len() + FORMATS.len()] = sorted();

const fn sorted() -> [(&'static str, Shape); WORDS.len() + FORMATS.len()] {
    let mut sorted = [("", Shape::Name); WORDS.len() + FORMATS.len()];
    let mut len = 0;
    while len < sorted.len() {
        let next = if len < WORDS.len() { WORDS[len] } else { FORMATS[len - WORDS.len()] };
        let mut place = len;
        while place > 0 && is_before(next.0, sorted[place - 1].0) {
            sorted[place] = sorted[place - 1];
            place -= 1;
        }
        sorted[place] = next;
        len += 1;
    }
    sorted
}

const fn is_before(one: &str, other: &str) -> bool {
    let (three_of_one, three_of_other) = (three(one.as_bytes()), three(other.as_bytes()));
    three_of_one < three_of_other || three_of_one == three_of_other && one.len() > other.len()
}

/// Places of beginnings: for each combination of three bytes the first that has it, where its hash says or after that. By search
/// among all of them, a look took as long as the rest of a text.
static PLACES: [Option<(usize, usize)>; PLACES_LEN] = {
    let sorted = sorted();
    let mut places = [None; PLACES_LEN];
    let mut number = sorted.len();
    while number > 0 {
        number -= 1;
        let key = three(sorted[number].0.as_bytes());
        let mut place = place_of(key);
        while let Some((other, _)) = places[place] {
            if other == key {
                break;
            }
            place = (place + 1) % PLACES_LEN;
        }
        places[place] = Some((key, number));
    }
    places
};

/// Some times as many as there are beginnings.
const PLACES_LEN: usize = 1 << 10;

const fn place_of(key: usize) -> usize {
    ((key * 40_503) >> 6) % PLACES_LEN
}

/// The first beginning that has those three bytes.
pub(super) fn first_of(key: usize) -> Option<usize> {
    let mut place = place_of(key);
    while let Some((other, first)) = PLACES[place] {
        if other == key {
            return Some(first);
        }
        place = (place + 1) % PLACES_LEN;
    }
    None
}

/// Where one of the beginnings may be.
pub(super) static PREFILTER: Prefilter = {
    let sorted = sorted();
    let mut prefilter = Prefilter::NONE;
    let mut number = 0;
    while number < sorted.len() {
        prefilter = prefilter.with(sorted[number].0, sorted[number].1.is_any_case());
        number += 1;
    }
    prefilter.with_numbers()
};
