//! The compiler's choice for each value: `Serialize`, else `Debug`, else the name of its type.
//!
//! Generated code calls `(&&&Probe(&value)).__prefactor_captured()`. Method look-up tries the type as written first and
//! takes one reference away at a time, so the trait implemented for the most references wins where its
//! bound holds. This works without naming a bound, in generic functions too, and for unsized values. The
//! value sits inside `Probe` so that none of its own methods or `Deref` targets can get in the way.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use super::Payload;
use super::capture::{CAPTURE_PANICKED, debug_text, display_text, json_text};

/// A borrowed value on its way through the choice of trait.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// A value after capture: JSON text.
#[derive(Debug)]
pub struct Captured {
    json: String,
}

/// First choice.
pub trait ViaSerialize {
    /// The value as its `Serialize` writes it.
    fn __prefactor_captured(&self) -> Captured;
}

/// Second choice.
pub trait ViaDebug {
    /// The value's `Debug` text.
    fn __prefactor_captured(&self) -> Captured;
}

/// Last choice.
pub trait ViaTypeName {
    /// The name of the value's type.
    fn __prefactor_captured(&self) -> Captured;
}

impl<T: Serialize + ?Sized> ViaSerialize for &&Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        Captured { json: json_text(self.0) }
    }
}

impl<T: Debug + ?Sized> ViaDebug for &Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        Captured { json: json_text(&debug_text(self.0)) }
    }
}

impl<T: ?Sized> ViaTypeName for Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        Captured { json: json_text(type_name::<T>()) }
    }
}

/// Last choice where `ret` alone demands that there is something to show.
pub trait ViaNothing {
    /// Not a capture.
    fn __prefactor_captured(&self) -> NotShown;
}

impl<T: ?Sized> ViaNothing for Probe<'_, T> {
    fn __prefactor_captured(&self) -> NotShown {
        NotShown
    }
}

/// A value that nothing can show.
#[derive(Debug)]
pub struct NotShown;

/// What `ret` alone demands.
#[diagnostic::on_unimplemented(
    message = "`ret` is for values that can be shown: by `Serialize`, or by `Debug`",
    label = "remove `ret`, or derive one of them for the returned type"
)]
pub trait IsShown {
    /// The capture.
    fn shown(self) -> Captured;
}

impl IsShown for Captured {
    fn shown(self) -> Captured {
        self
    }
}

/// `ret`
pub fn demand_shown(captured: impl IsShown) -> Captured {
    captured.shown()
}

/// `debug(argument)`
pub fn debug<T: Debug + ?Sized>(value: &T) -> Captured {
    Captured { json: json_text(&debug_text(value)) }
}

/// `display(argument)`
pub fn display<T: Display + ?Sized>(value: &T) -> Captured {
    Captured { json: json_text(&display_text(value)) }
}

/// `redact(argument)`
#[must_use]
pub fn redacted() -> Captured {
    Captured { json: json_text("[REDACTED]") }
}

/// The arguments of one call, by name.
#[derive(Debug, Default)]
pub struct Arguments {
    payload: Payload,
}

impl Arguments {
    /// Adds one argument.
    pub fn insert(&mut self, name: &'static str, value: Captured) {
        self.payload.insert_json(Cow::Borrowed(name), value.json);
    }

    /// Adds what an expression of the attribute gives, or a placeholder where that panics.
    pub fn insert_with(&mut self, name: &'static str, value: impl FnOnce() -> Captured) {
        let value = catch_unwind(AssertUnwindSafe(value));
        self.insert(name, value.unwrap_or_else(|_| Captured { json: json_text(CAPTURE_PANICKED) }));
    }

    pub(crate) fn into_payload(self) -> Payload {
        self.payload
    }
}

impl Captured {
    pub(crate) fn into_payload(self) -> Payload {
        Payload::of_json(self.json)
    }
}

#[cfg(test)]
#[expect(clippy::needless_borrow, reason = "written as generated code writes it, for all types")]
mod tests {
    use super::{Probe, ViaDebug as _, ViaSerialize as _, ViaTypeName as _};

    #[derive(serde::Serialize, Debug)]
    struct Both {
        a: u8,
    }

    #[derive(Debug)]
    struct OnlyDebug;

    struct Neither;

    fn generic<T>(value: &T) -> String {
        (&&&Probe(value)).__prefactor_captured().json
    }

    #[test]
    fn serialize_wins_over_debug_over_the_name() {
        assert_eq!((&&&Probe(&Both { a: 1 })).__prefactor_captured().json, r#"{"a":1}"#);
        assert_eq!((&&&Probe(&OnlyDebug)).__prefactor_captured().json, r#""OnlyDebug""#);
        assert!((&&&Probe(&Neither)).__prefactor_captured().json.ends_with(r#"::Neither""#));
        assert_eq!((&&&Probe("text")).__prefactor_captured().json, r#""text""#);
        assert_eq!(generic(&1_u8), r#""u8""#, "a bare type parameter promises nothing");
    }
}
