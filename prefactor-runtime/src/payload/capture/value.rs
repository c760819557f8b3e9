//! Values that are captured on their own, apart from the arguments of a call: results, and values of expressions.
//!
//! No lock of ours is held meanwhile. A value whose own `Serialize` or `Debug` waits for a lock that the caller holds waits for
//! ever, as it would anywhere: such a value is to be skipped. The locks of `std` are tried ([`lock`](super::lock)).

use std::fmt::{Debug, Display};

use serde::Serialize;

use crate::payload::capture::recorder::{self, Scope};
use crate::payload::capture::writer::Writer;
use crate::payload::limits::SideLimits;
use crate::payload::tape::one_value;
use crate::payload::text::Form;
use crate::platform::suppression::suppress;

/// A value after capture.
#[derive(Debug)]
#[must_use]
pub struct Captured(Place);

#[derive(Debug)]
enum Place {
    /// On the thread's tape, from there to there.
    Shared { start: usize, end: usize },
    /// On a tape of its own. Empty where no values are captured.
    Own(Vec<u8>),
}

/// A value as its `Serialize` writes it.
pub(crate) fn serialize<T: Serialize + ?Sized>(value: &T) -> Captured {
    captured(&mut |writer| writer.value(value))
}

/// `debug(argument)`, `ret(debug)`
pub fn debug<T: Debug + ?Sized>(value: &T) -> Captured {
    captured(&mut |writer| writer.formatted(Form::Debug, format_args!("{value:?}")))
}

/// `display(argument)`
pub fn display<T: Display + ?Sized>(value: &T) -> Captured {
    captured(&mut |writer| writer.formatted(Form::Display, format_args!("{value}")))
}

/// Stands for the trait that a value lacks which an option of the attribute names. No type implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded: it implements neither `Serialize` nor `Debug`",
    label = "derive one of them, or remove the option that names the value"
)]
pub trait Shown {}

impl Writer {
    /// Puts a value last on the tape, where it may be already. A value that begins there stays.
    pub(crate) fn keep(&mut self, start: usize, value: Captured) {
        match value.0 {
            // The bytes behind `end` were captured but not inserted.
            Place::Shared { end, .. } => self.buffer.truncate(end.max(start)),
            Place::Own(tape) => self.buffer.extend_from_slice(&tape),
        }
    }
}

/// Captures a value: where a scope is open, in that, or else on its own.
pub(crate) fn captured(write: &mut dyn FnMut(&mut Writer)) -> Captured {
    let place = recorder::with(|recorder| {
        let Scope { is_open, side } = recorder.scope;
        if !is_open {
            return Err(side);
        }
        let start = recorder.writer.position();
        write(&mut recorder.writer);
        Ok(Place::Shared { start, end: recorder.writer.position() })
    });
    Captured(place.unwrap_or_else(|side| Place::Own(recorder::record(side, write, <[u8]>::to_vec))))
}

/// Runs a closure that makes no spans, and whose captures are results and errors.
pub(crate) fn with_output_scope(side: SideLimits, body: &mut dyn FnMut()) -> std::thread::Result<()> {
    let (_, outer) = recorder::with(|recorder| recorder.open(side));
    let result = suppress(body);
    recorder::with(|recorder| recorder.scope = outer);
    result
}

impl Captured {
    /// Lends out the value as the result of a span: `null` and `{}` are none.
    pub(crate) fn with_tape<R>(self, lend: impl FnOnce(&[u8]) -> R) -> R {
        self.with_value(|tape| lend(one_value(tape)))
    }

    /// Lends out the value, to be called before anything else is captured.
    pub(crate) fn with_value<R>(self, lend: impl FnOnce(&[u8]) -> R) -> R {
        match self.0 {
            Place::Own(tape) => lend(&tape),
            Place::Shared { start, end } => recorder::with(|recorder| {
                recorder.writer.buffer.truncate(end);
                recorder.writer.lend(start, lend)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::payload::value;

    #[derive(serde::Serialize, Debug)]
    struct Both {
        a: u8,
    }

    #[derive(Debug)]
    struct OnlyDebug;

    struct Neither;

    macro_rules! captured {
        ($value:expr) => {
            value($value)
                .__prefactor_strategies()
                .__prefactor_captured()
                .map(|captured: super::Captured| captured.into_payload().render().get().to_owned())
        };
    }

    fn generic<T>(value: &T) -> Option<String> {
        captured!(value)
    }

    #[test]
    fn serialize_wins_over_debug_over_nothing() {
        assert_eq!(captured!(&Both { a: 1 }).unwrap(), r#"{"a":1}"#);
        assert_eq!(captured!(&OnlyDebug).unwrap(), r#"{"result":"OnlyDebug"}"#);
        assert_eq!(captured!(&Neither), None);
        assert_eq!(captured!("text").unwrap(), r#"{"result":"text"}"#);
        assert_eq!(generic(&1_u8), None, "a bare type parameter promises nothing");
    }
}
