//! The interface of redaction: it sees every name and text of a payload on the worker, and may replace a text.

use std::borrow::Cow;

use super::known_names::KnownNames;
use super::known_texts::KnownTexts;
use super::secrecy::Secrecy;

/// Sees the values of a payload on the worker, while they become JSON.
///
/// Every text of every payload passes by: captured values, messages of errors and panics, the texts inside of
/// raw JSON. Implementations take time that is linear in the text.
pub(crate) trait Redact {
    /// How secret the values under that name are.
    fn secrecy(&self, name: &str) -> Secrecy {
        let _ = name;
        Secrecy::Open
    }

    /// The replacement of a number under a name of that secrecy.
    fn number(&self, secrecy: Secrecy, digits: &str) -> Option<&'static str> {
        let _ = (secrecy, digits);
        None
    }

    /// Whether values that the program calls sensitive go out, with the platform's mark. If not they are hidden.
    fn shows_sensitive(&self) -> bool {
        true
    }

    /// Whether delivery shows the same of a payload without sensitive values.
    fn is_as_sent(&self) -> bool {
        true
    }

    /// Whether a text goes out with the mark of a sensitive value, instead of being hidden.
    fn is_marked(&self, secrecy: Secrecy, text: &str) -> bool {
        let _ = (secrecy, text);
        false
    }

    /// Whether a number under a name of that secrecy goes out with the mark of a sensitive value.
    fn is_number_marked(&self, secrecy: Secrecy, digits: &str) -> bool {
        let _ = (secrecy, digits);
        false
    }

    /// The texts that are shown as they are, whatever name they stand under that says nothing. `None` where a rule looks at the
    /// name.
    fn known_texts(&self) -> Option<&KnownTexts> {
        None
    }

    /// The names that these rules leave as they are, with their secrecy.
    fn known_names(&self) -> Option<&KnownNames> {
        None
    }

    /// The shown form of a text that is not a value: a key, the head of a byte string. Owned where it is another.
    fn shape<'a>(&self, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        let _ = is_cut;
        Cow::Borrowed(text)
    }

    /// The text to show, given the nearest name above it and that name's secrecy. Where the text was cut, a mark in it
    /// says so.
    fn text<'a>(&self, name: &str, secrecy: Secrecy, text: &'a str) -> Cow<'a, str> {
        let _ = (name, secrecy);
        Cow::Borrowed(text)
    }
}

/// Leaves everything as it is.
pub(crate) struct Keep;

impl Redact for Keep {}

/// The same rules for a payload that has no store for sensitive values: they are hidden.
pub(crate) struct WithoutSensitive<'a>(pub(crate) &'a dyn Redact);

impl Redact for WithoutSensitive<'_> {
    fn secrecy(&self, name: &str) -> Secrecy {
        self.0.secrecy(name)
    }

    fn number(&self, secrecy: Secrecy, digits: &str) -> Option<&'static str> {
        self.0.number(secrecy, digits)
    }

    fn known_texts(&self) -> Option<&KnownTexts> {
        self.0.known_texts()
    }

    fn known_names(&self) -> Option<&KnownNames> {
        self.0.known_names()
    }

    fn shows_sensitive(&self) -> bool {
        false
    }

    fn shape<'a>(&self, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        self.0.shape(text, is_cut)
    }

    fn text<'a>(&self, name: &str, secrecy: Secrecy, text: &'a str) -> Cow<'a, str> {
        self.0.text(name, secrecy, text)
    }
}
