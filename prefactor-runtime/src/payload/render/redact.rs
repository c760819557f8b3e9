//! The seam for redaction: who may look at what is on its way out, and replace it.

use std::borrow::Cow;

/// Sees the values of a payload on the worker, while they become JSON.
///
/// Every text of every payload passes by: captured values, messages of errors and panics, the texts inside of
/// raw JSON. Implementations take time that is linear in the text.
pub(crate) trait Redact {
    /// What stands in the place of a whole value, whatever its type, by the key it has.
    fn member(&self, key: &str) -> Option<&'static str> {
        let _ = key;
        None
    }

    /// What to show of a text that is no value: a key, the head of a byte string. Owned where it is another.
    fn shape<'a>(&self, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        let _ = is_cut;
        Cow::Borrowed(text)
    }

    /// The text to show, given the nearest key above it, and whether its end is missing.
    fn text<'a>(&self, key: &str, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        let _ = (key, is_cut);
        Cow::Borrowed(text)
    }
}

/// Leaves everything as it is.
pub(crate) struct Keep;

impl Redact for Keep {}
