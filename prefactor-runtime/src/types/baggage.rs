//! W3C baggage: names and values that a program passes on beside the trace context.

use crate::types::carrier::{Extractor, Injector};

const HEADER: &str = "baggage";
/// Members that are kept.
const MAX_MEMBERS: usize = 64;
/// Bytes of the header.
const MAX_BYTES: usize = 8_192;

/// Names and values that travel beside the trace context, for the program's own use.
///
/// The SDK reads, records and passes on none of it by itself: everybody on the way sees it, and incoming baggage is written by
/// strangers. At most 64 members and 8,192 bytes are kept; the rest is dropped.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
///
/// use prefactor::propagation::Baggage;
///
/// let mut headers = HashMap::new();
/// Baggage::new().with("city", "New York").inject(&mut headers);
/// assert_eq!(headers["baggage"], "city=New%20York");
///
/// let received = Baggage::extract(&headers);
/// assert_eq!(received.get("city"), Some("New York"));
/// assert_eq!(received.iter().collect::<Vec<_>>(), [("city", "New York")]);
/// assert!(Baggage::new().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it does nothing until it is injected"]
pub struct Baggage {
    members: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    value: String,
    /// The text behind a semicolon, passed on unchanged.
    properties: Option<String>,
}

impl Baggage {
    /// Makes empty baggage.
    pub const fn new() -> Self {
        Self { members: Vec::new() }
    }

    /// Reads the `baggage` of headers, a map or a message. Malformed members are passed over; of a name the last counts.
    ///
    /// Only `%XX` is decoded: a plus stays a plus, though Python writes one for a space.
    pub fn extract<C: Extractor + ?Sized>(carrier: &C) -> Self {
        let mut baggage = Self::new();
        for member in carrier.values(HEADER).into_iter().flat_map(|header| header.split(',')) {
            let (member, properties) = match member.split_once(';') {
                Some((member, properties)) => (member, Some(properties.trim().to_owned())),
                None => (member, None),
            };
            if let Some((name, value)) = member.split_once('=') {
                baggage.set(Member {
                    name: name.trim().to_owned(),
                    value: decoded(value.trim()),
                    properties: properties
                        .filter(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte))),
                });
            }
        }
        baggage
    }

    /// Adds a member, in the place of one of that name. A name that HTTP has no token for is passed over.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(Member { name: name.into(), value: value.into(), properties: None });
        self
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(present, _)| *present == name).map(|(_, value)| value)
    }

    /// All names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().map(|member| (&*member.name, &*member.value))
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Writes it into headers, a map or a message, in the place of baggage that is there already.
    pub fn inject<C: Injector + ?Sized>(&self, carrier: &mut C) {
        let mut header = String::new();
        for Member { name, value, properties } in &self.members {
            let mut member = format!("{name}={}", encoded(value));
            if let Some(properties) = properties {
                member.extend([";", properties]);
            }
            let comma = usize::from(!header.is_empty());
            if header.len() + comma + member.len() > MAX_BYTES {
                break;
            }
            header.extend([&","[..comma], &member]);
        }
        if header.is_empty() {
            carrier.remove(HEADER);
        } else {
            carrier.set(HEADER, header);
        }
    }

    fn set(&mut self, member: Member) {
        if member.name.is_empty() || !member.name.bytes().all(is_token) {
            return;
        }
        match self.members.iter().position(|present| present.name == member.name) {
            Some(place) => self.members[place] = member,
            None if self.members.len() < MAX_MEMBERS => self.members.push(member),
            None => {}
        }
    }
}

/// Whether a byte may be part of a name in an HTTP header.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Everything but letters, digits and `-._~` is encoded: all readers agree on that.
fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend(
                [byte >> 4, byte & 0xf].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])),
            );
        }
    }
    encoded
}

/// Decodes `%XX`. A text that is not UTF-8 then stays as it came.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.first_chunk::<2>().filter(|_| *first == b'%');
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| value.to_owned())
}
