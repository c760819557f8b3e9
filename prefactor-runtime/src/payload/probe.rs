//! The compiler's choice for each value: `Serialize`, else `Debug`, else the name of its type.
//!
//! Generated code calls `(&&&Probe(&value)).__prefactor_captured()`. Method look-up tries the type as written first and
//! takes one reference away at a time, so the trait implemented for the most references wins where its
//! bound holds. This works without naming a bound, in generic functions too, and for unsized values. The
//! value sits inside `Probe` so that none of its own methods or `Deref` targets can get in the way.
//!
//! No lock of ours is held meanwhile. A value whose own `Serialize` or `Debug` waits for a lock that the caller
//! holds waits for ever, as it would anywhere: such an argument is to be skipped.

use std::any::type_name;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use serde::Serialize;

use super::Payload;
use super::limits::Side;
use super::recorder::{self, Scope};
use super::tape::tag;
use super::writer::Writer;
use crate::context;

/// A borrowed value on its way through the choice of trait.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// A value after capture.
#[derive(Debug)]
#[must_use]
pub struct Captured(Place);

#[derive(Debug)]
enum Place {
    /// On the thread's tape, from there to there.
    Shared { start: usize, end: usize },
    /// On a tape of its own. Empty where no values are captured.
    Own(Bytes),
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
        captured(|writer| writer.value(self.0))
    }
}

impl<T: Debug + ?Sized> ViaDebug for &Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        captured(|writer| writer.formatted(format_args!("{:?}", self.0)))
    }
}

impl<T: ?Sized> ViaTypeName for Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        captured(|writer| writer.text(type_name::<T>()))
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
    captured(|writer| writer.formatted(format_args!("{value:?}")))
}

/// `display(argument)`
pub fn display<T: Display + ?Sized>(value: &T) -> Captured {
    captured(|writer| writer.formatted(format_args!("{value}")))
}

/// `redact(argument)`
pub fn redacted() -> Captured {
    captured(|writer| writer.text("[REDACTED]"))
}

/// The arguments of one call, by name. They are on the thread's tape.
#[derive(Debug)]
pub struct Arguments {
    start: usize,
}

impl Arguments {
    /// Adds one argument.
    #[inline]
    pub fn insert(&mut self, name: &'static str, value: Captured) {
        recorder::with(|recorder| {
            let writer = &mut recorder.writer;
            match value.0 {
                // What lies behind it was captured and not inserted.
                Place::Shared { end, .. } => writer.buffer.truncate(end.max(self.start)),
                Place::Own(tape) => writer.buffer.extend_from_slice(&tape),
            }
            writer.name(name);
        });
    }

    /// Adds what an expression of the attribute gives, or a placeholder where that panics.
    pub fn insert_with(&mut self, name: &'static str, value: impl FnOnce() -> Captured) {
        let value = catch_unwind(AssertUnwindSafe(value));
        self.insert(name, value.unwrap_or_else(|_| captured(|writer| writer.tag(tag::PANICKED))));
    }
}

/// Captures a value: where a scope is open, in that, or else on its own.
#[inline]
fn captured(write: impl FnOnce(&mut Writer)) -> Captured {
    let mut recorder = recorder::take();
    let Scope { is_open, side } = recorder.scope;
    if !is_open {
        recorder::put(recorder);
        return Captured(Place::Own(recorder::record(side, write)));
    }
    let start = recorder.writer.position();
    write(&mut recorder.writer);
    let end = recorder.writer.position();
    recorder::put(recorder);
    Captured(Place::Shared { start, end })
}

/// Captures the arguments of a call, with no spans made meanwhile.
pub(crate) fn arguments(side: Side, capture: impl FnOnce(&mut Arguments)) -> Payload {
    if !side.is_captured {
        return Payload::default();
    }
    let (start, outer) = recorder::open(side);
    // Kept out of the closure: a panic of one expression costs that one and what comes after it.
    let mut arguments = Arguments { start };
    let _ = context::suppress(|| capture(&mut arguments));
    recorder::with(|recorder| {
        recorder.scope = outer;
        Payload { tape: recorder.writer.take(start) }
    })
}

/// Runs a closure that captures a result or an error, with no spans made meanwhile.
pub(crate) fn outputs<R>(side: Side, body: impl FnOnce() -> R) -> std::thread::Result<R> {
    let (_, outer) = recorder::open(side);
    let result = context::suppress(body);
    recorder::with(|recorder| recorder.scope = outer);
    result
}

impl Captured {
    /// The value alone, as it is or as the result, to be called before anything else is captured.
    pub(crate) fn into_payload(self) -> Payload {
        match self.0 {
            Place::Own(tape) => Payload::of_value(tape),
            Place::Shared { start, end } => recorder::with(|recorder| {
                recorder.writer.buffer.truncate(end);
                Payload::of_value(recorder.writer.take(start))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Probe, ViaDebug as _, ViaSerialize as _, ViaTypeName as _};

    #[derive(serde::Serialize, Debug)]
    struct Both {
        a: u8,
    }

    #[derive(Debug)]
    struct OnlyDebug;

    struct Neither;

    macro_rules! captured {
        ($value:expr) => {
            (&&&Probe($value)).__prefactor_captured().into_payload().render().get().to_owned()
        };
    }

    fn generic<T>(value: &T) -> String {
        captured!(value)
    }

    #[test]
    fn serialize_wins_over_debug_over_the_name() {
        assert_eq!(captured!(&Both { a: 1 }), r#"{"a":1}"#);
        assert_eq!(captured!(&OnlyDebug), r#"{"result":"OnlyDebug"}"#);
        assert!(captured!(&Neither).ends_with(r#"::Neither"}"#));
        assert_eq!(captured!("text"), r#"{"result":"text"}"#);
        assert_eq!(generic(&1_u8), r#"{"result":"u8"}"#, "a bare type parameter promises nothing");
    }
}
