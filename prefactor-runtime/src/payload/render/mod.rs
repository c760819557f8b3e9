//! From the tape to JSON text, redacted and within bounds.

pub(crate) mod arguments;
pub(crate) mod escape;
pub(crate) mod json_writer;
pub(crate) mod known_names;
pub(crate) mod known_texts;
pub(crate) mod raw_json;
pub(crate) mod redact;
pub(crate) mod secrecy;
mod siblings;
pub(crate) mod tape_renderer;
