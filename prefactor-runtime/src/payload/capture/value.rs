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

use serde::Serialize;

use crate::payload::capture::recorder::{self, Scope};
use crate::payload::capture::writer::Writer;
use crate::payload::limits::SideLimits;
use crate::payload::suppression::suppress;
use crate::payload::tape::one_value;

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
    Own(Vec<u8>),
}

/// The choice, and any other way to capture a value.
pub trait Captures {
    /// The value, captured.
    fn __prefactor_captured(&self) -> Captured;
}

/// First choice: the value as its `Serialize` writes it.
impl<T: Serialize + ?Sized> Captures for &&Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        captured(&mut |writer| writer.value(self.0))
    }
}

/// Second choice: the value's `Debug` text.
impl<T: Debug + ?Sized> Captures for &Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        debug(self.0)
    }
}

/// Last choice: the name of the value's type.
impl<T: ?Sized> Captures for Probe<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        captured(&mut |writer| writer.text(type_name::<T>()))
    }
}

/// `debug(argument)`
#[derive(Debug)]
pub struct Debugged<'a, T: ?Sized>(pub &'a T);

impl<T: Debug + ?Sized> Captures for Debugged<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        debug(self.0)
    }
}

/// `display(argument)`
#[derive(Debug)]
pub struct Displayed<'a, T: ?Sized>(pub &'a T);

impl<T: Display + ?Sized> Captures for Displayed<'_, T> {
    fn __prefactor_captured(&self) -> Captured {
        captured(&mut |writer| writer.formatted(format_args!("{}", self.0)))
    }
}

/// The choice where `ret` alone demands that there is something to show.
pub trait Demanded {
    /// A capture, or [`NotShown`].
    type Shown;

    /// The value, captured if that is possible.
    fn __prefactor_demanded(&self) -> Self::Shown;
}

impl<T: Serialize + ?Sized> Demanded for &&Probe<'_, T> {
    type Shown = Captured;

    fn __prefactor_demanded(&self) -> Captured {
        self.__prefactor_captured()
    }
}

impl<T: Debug + ?Sized> Demanded for &Probe<'_, T> {
    type Shown = Captured;

    fn __prefactor_demanded(&self) -> Captured {
        debug(self.0)
    }
}

impl<T: ?Sized> Demanded for Probe<'_, T> {
    type Shown = NotShown;

    fn __prefactor_demanded(&self) -> NotShown {
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

/// `ret(debug)`
pub fn debug<T: Debug + ?Sized>(value: &T) -> Captured {
    captured(&mut |writer| writer.formatted(format_args!("{value:?}")))
}

impl Writer {
    /// Puts a value last on the tape, where it may be already. What begins there stays.
    pub(crate) fn keep(&mut self, start: usize, value: Captured) {
        match value.0 {
            // What lies behind it was captured and not inserted.
            Place::Shared { end, .. } => self.buffer.truncate(end.max(start)),
            Place::Own(tape) => self.buffer.extend_from_slice(&tape),
        }
    }
}

/// Captures a value: where a scope is open, in that, or else on its own.
fn captured(write: &mut dyn FnMut(&mut Writer)) -> Captured {
    let mut recorder = recorder::take();
    let Scope { is_open, side } = recorder.scope;
    if !is_open {
        recorder::put(recorder);
        return Captured(Place::Own(recorder::record(side, write, <[u8]>::to_vec)));
    }
    let start = recorder.writer.position();
    write(&mut recorder.writer);
    let end = recorder.writer.position();
    recorder::put(recorder);
    Captured(Place::Shared { start, end })
}

/// Runs a closure that makes no spans, and whose captures are results and errors.
pub(crate) fn with_output_scope(side: SideLimits, body: &mut dyn FnMut()) -> std::thread::Result<()> {
    let (_, outer) = recorder::with(|recorder| recorder.open(side));
    let result = suppress(body);
    recorder::with(|recorder| recorder.scope = outer);
    result
}

impl Captured {
    /// Lends out the value alone, as it is or as the result, to be called before anything else is captured.
    pub(crate) fn with_tape<R>(self, lend: impl FnOnce(&[u8]) -> R) -> R {
        let lend = |tape: &[u8]| lend(one_value(tape));
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
    use super::{Captures as _, Probe};

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
