//! The payload of a span: captured values on their way to the worker.
//!
//! [`Payload`] is opaque. Callers put values in and the worker takes JSON text out. In between it is a [`tape`], a form
//! that is cheap to write: [`capture`] writes it into a buffer of the thread, and [`render`] turns it into JSON. Nothing
//! outside of this folder knows the tape.

mod argument_names;
pub(crate) mod byte_arena;
mod byte_string;
mod capture;
mod item_list;
mod json_text;
mod limits;
pub(crate) mod markers;
mod members;
mod object;
mod render;
mod rendering;
mod tape;
mod text;

#[cfg(test)]
mod tests;

pub use capture::argument::{
    argument, data, put_computed, put_debug, put_display, put_primitive, put_redacted, put_sensitive, value,
};
pub use capture::value::{debug, display};

pub(crate) use capture::argument::{close_call, open_call};
pub(crate) use capture::lock;
pub(crate) use capture::value::{Captured, serialize, with_output_scope};
pub(crate) use capture::value_text::{debug_text, display_text};
pub(crate) use item_list::ItemList;
#[cfg(feature = "otlp")]
pub(crate) use json_text::PLACE;
pub(crate) use json_text::{JsonText, MemberPlaces};
pub(crate) use limits::{CaptureLimits, SideLimits};
pub(crate) use object::{MAX_SHARED, Payload};
pub(crate) use render::escape::write as write_text;
pub(crate) use render::known_names::KnownNames;
pub(crate) use render::known_texts::KnownTexts;
pub(crate) use render::redact::{Redact, WithoutSensitive};
pub(crate) use render::secrecy::Secrecy;
