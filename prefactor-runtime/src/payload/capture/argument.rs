//! The arguments of a call, each by the best of its traits, written one after the other.
//!
//! A value that implements neither `Serialize` nor `Debug`, such as a closure or a handle, is left out.
//!
//! Generated code opens a call, puts each argument by `argument(&value).__prefactor_strategies().__prefactor_put()`, and takes the captured
//! arguments. Where the type's name tells that it is no lock, `data(&value)` has the strategies at once, and a primitive value needs none:
//! `put_primitive(&value)`.
//!
//! The look-up of methods finds the trait: it follows `Deref` from a type to the next where a bound does not hold, and
//! methods of types need no trait in scope. An argument goes by reference into a function for its type, so that an
//! annotated function has one call for each argument and no table.

#![expect(improper_ctypes_definitions, reason = "no other language calls these functions")]

use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Serialize;

use crate::payload::argument_names;
use crate::payload::capture::lock::{self, Debugged, Lock, Locked, Serialized, Tape, WriteBehind};
use crate::payload::capture::recorder::{self, OpenCall, Recorder};
use crate::payload::capture::value::{self, Captured, Shown};
use crate::payload::capture::writer::Writer;
use crate::payload::limits::SideLimits;
use crate::payload::markers::REDACTED;
use crate::payload::tape::tag;
use crate::payload::text::Form;
use crate::platform::suppression::{Suppressed, suppress};

/// Opens a call with arguments of those names.
pub(crate) fn open_call(side: SideLimits, names: &'static [&'static str]) {
    recorder::with(|recorder| {
        let (start, outer) = recorder.open(side);
        if side.is_captured {
            recorder.writer.number(tag::ARGUMENTS, argument_names::number_of(names).to_le_bytes());
            recorder.call = Some(OpenCall { left: names.len(), is_empty: true, start, outer });
        } else {
            recorder.scope = outer;
        }
    });
}

/// Closes the call that was opened last, and lends its captured arguments.
pub(crate) fn close_call<R>(lend: impl FnOnce(&[u8]) -> R) -> R {
    recorder::with(|recorder| match recorder.call.take() {
        None => lend(&[]),
        Some(OpenCall { left, is_empty, start, outer }) => {
            recorder.scope = outer;
            if is_empty {
                recorder.writer.buffer.truncate(start);
                return lend(&[]);
            }
            for _ in 0..left {
                recorder.writer.tag(tag::OMITTED);
            }
            recorder.writer.lend(start, lend)
        }
    })
}

/// An argument, by its `Serialize`, if it has one.
#[derive(Clone, Copy, Debug)]
pub struct SerializedArgument<'a, T: ?Sized>(DebuggedArgument<'a, T>);

/// An argument, by its `Debug`, if it has one.
#[derive(Clone, Copy, Debug)]
pub struct DebuggedArgument<'a, T: ?Sized>(OmittedArgument<'a, T>);

/// An argument that is left out.
#[derive(Clone, Copy, Debug)]
pub struct OmittedArgument<'a, T: ?Sized>(&'a T);

/// An argument that is a lock, if it is one whose value the strategy `S` can write. Otherwise the argument is `N`.
#[derive(Clone, Copy, Debug)]
pub struct LockArgument<'a, T: ?Sized, S, N>(&'a T, PhantomData<S>, N);

/// An argument that may be a lock. The compiler asks that first, so that it tries the strategies for locks with locks alone. With all
/// arguments, they took three tenths of what checking an annotated function with three of them takes.
#[derive(Clone, Copy, Debug)]
pub struct AnyLock<'a, T: ?Sized>(NoLock<'a, T>);

/// An argument that is no lock.
#[derive(Clone, Copy, Debug)]
pub struct NoLock<'a, T: ?Sized>(&'a T);

/// A lock behind a lock, else a lock.
pub(crate) type LockStrategies<'a, T> = OrLock<
    'a,
    T,
    Locked<Serialized>,
    OrLock<
        'a,
        T,
        Locked<Debugged>,
        OrLock<'a, T, Serialized, OrLock<'a, T, Debugged, SerializedArgument<'a, T>>>,
    >,
>;

type OrLock<'a, T, S, N> = LockArgument<'a, T, Locked<S>, N>;

impl<T: ?Sized, S, N> Deref for LockArgument<'_, T, S, N> {
    type Target = N;

    #[inline]
    fn deref(&self) -> &N {
        &self.2
    }
}

impl<'a, T: ?Sized> Deref for SerializedArgument<'a, T> {
    type Target = DebuggedArgument<'a, T>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, T: ?Sized> Deref for DebuggedArgument<'a, T> {
    type Target = OmittedArgument<'a, T>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, T: ?Sized> Deref for AnyLock<'a, T> {
    type Target = NoLock<'a, T>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// An argument, to be captured by the best of its traits: `__prefactor_strategies` has these.
#[inline]
pub const fn argument<T: ?Sized>(value: &T) -> AnyLock<'_, T> {
    AnyLock(NoLock(value))
}

/// As [`argument`], for any other value.
#[inline]
pub const fn value<T: ?Sized>(value: &T) -> AnyLock<'_, T> {
    argument(value)
}

/// An argument of a type that its name tells to be no lock, such as `&str`.
#[inline]
pub const fn data<T: ?Sized>(value: &T) -> SerializedArgument<'_, T> {
    SerializedArgument(DebuggedArgument(OmittedArgument(value)))
}

impl<'a, T: Lock + ?Sized> AnyLock<'a, T> {
    /// The strategies for a lock. Those for a lock behind a lock come first.
    #[inline]
    #[must_use]
    pub const fn __prefactor_strategies(&self) -> LockStrategies<'a, T> {
        let value = self.0.0;
        let no_lock = SerializedArgument(DebuggedArgument(OmittedArgument(value)));
        let lock = LockArgument(value, PhantomData, LockArgument(value, PhantomData, no_lock));
        LockArgument(value, PhantomData, LockArgument(value, PhantomData, lock))
    }
}

impl<'a, T: ?Sized> NoLock<'a, T> {
    /// The strategies for any other value.
    #[inline]
    #[must_use]
    pub const fn __prefactor_strategies(&self) -> SerializedArgument<'a, T> {
        SerializedArgument(DebuggedArgument(OmittedArgument(self.0)))
    }
}

impl<T: ?Sized, S: WriteBehind<T>, N> LockArgument<'_, T, S, N> {
    /// Captures the value behind the lock on its own.
    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "the last of the chain captures nothing")]
    pub fn __prefactor_captured(&self) -> Option<Captured> {
        Some(lock::by::<S, T>(self.0))
    }

    /// The same, where an option names the value.
    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "as the other method")]
    pub fn __prefactor_named(&self) -> Option<Captured> {
        Some(lock::by::<S, T>(self.0))
    }

    /// Captures the argument.
    #[inline]
    pub fn __prefactor_put(&self) {
        put_locked::<S, T>(self.0);
    }

    /// The same, where an option names the argument.
    #[inline]
    pub fn __prefactor_put_named(&self) {
        put_locked::<S, T>(self.0);
    }
}

impl<T: Serialize + ?Sized> SerializedArgument<'_, T> {
    /// Captures the value on its own.
    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "the last of the chain captures nothing")]
    pub fn __prefactor_captured(&self) -> Option<Captured> {
        Some(value::serialize(self.0.0.0))
    }

    /// The same, where an option names the value.
    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "as the other method")]
    pub fn __prefactor_named(&self) -> Option<Captured> {
        Some(value::serialize(self.0.0.0))
    }

    /// Captures the argument. Compiled once for each type.
    #[cold]
    #[inline(never)]
    pub extern "C" fn __prefactor_put(self) {
        put(&mut |writer| writer.value(self.0.0.0));
    }

    /// The same, where an option names the argument.
    #[inline]
    pub fn __prefactor_put_named(self) {
        self.__prefactor_put();
    }
}

impl<T: Debug + ?Sized> DebuggedArgument<'_, T> {
    /// Captures the value on its own.
    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "the last of the chain captures nothing")]
    pub fn __prefactor_captured(&self) -> Option<Captured> {
        Some(value::debug(self.0.0))
    }

    /// The same, where an option names the value.
    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "as the other method")]
    pub fn __prefactor_named(&self) -> Option<Captured> {
        Some(value::debug(self.0.0))
    }
}

impl<T: Debug> DebuggedArgument<'_, T> {
    /// Captures the argument.
    #[inline]
    pub fn __prefactor_put(&self) {
        put_briefly(self.0.0);
    }

    /// The same, where an option names the argument.
    #[inline]
    pub fn __prefactor_put_named(&self) {
        put_briefly(self.0.0);
    }
}

#[expect(clippy::unused_self, reason = "method look-up goes by the type")]
impl<T: ?Sized> OmittedArgument<'_, T> {
    /// There is no capture.
    #[inline]
    pub const fn __prefactor_captured(&self) -> Option<Captured> {
        None
    }

    /// Does not compile: an option names the value. The bound is the method's own, so that look-up ends here.
    #[inline]
    pub const fn __prefactor_named(&self) -> Option<Captured>
    where
        T: Shown,
    {
        None
    }

    /// Leaves the argument out.
    #[inline]
    pub fn __prefactor_put(&self) {
        put_nothing();
    }

    /// Does not compile: an option names the argument.
    #[inline]
    pub const fn __prefactor_put_named(&self)
    where
        T: Shown,
    {
    }
}

/// An argument of a primitive type, which needs no choice. Compiled once for each type.
#[cold]
#[inline(never)]
pub extern "C" fn put_primitive<T: Serialize>(value: &T) {
    put(&mut |writer| writer.value(value));
}

#[cold]
#[inline(never)]
extern "C" fn put_locked<S: WriteBehind<T>, T: ?Sized>(value: &T) {
    put(&mut |writer| S::write(value, Tape(writer)));
}

#[cold]
#[inline(never)]
extern "C" fn put_briefly(value: &dyn Debug) {
    put(&mut |writer| writer.formatted_briefly(format_args!("{value:?}")));
}

/// `debug(argument)`
#[cold]
#[inline(never)]
pub extern "C" fn put_debug(value: &dyn Debug) {
    put(&mut |writer| writer.formatted(Form::Debug, format_args!("{value:?}")));
}

/// `display(argument)`
#[cold]
#[inline(never)]
pub extern "C" fn put_display(value: &dyn Display) {
    put(&mut |writer| writer.formatted(Form::Display, format_args!("{value}")));
}

#[cold]
#[inline(never)]
extern "C" fn put_nothing() {
    recorder::with(Recorder::omit);
}

/// `redact(argument)`
pub fn put_redacted() {
    put(&mut |writer| writer.text(REDACTED));
}

/// `sensitive(argument)`
pub fn put_sensitive(compute: impl FnOnce() -> Option<Captured>) {
    let (mut compute, start) = (Some(compute), recorder::with(|recorder| recorder.writer.position()));
    put_captured(&mut || compute.take().and_then(|compute| compute()), &mut |writer| {
        writer.buffer.insert(start.min(writer.position()), tag::SENSITIVE);
        writer.tag(tag::END);
    });
}

/// The value of an attribute's expression, if it can be captured, or a placeholder where it panics.
pub fn put_computed(compute: impl FnOnce() -> Option<Captured>) {
    let mut compute = Some(compute);
    put_captured(&mut || compute.take().and_then(|compute| compute()), &mut |_| {});
}

fn put_captured(compute: &mut dyn FnMut() -> Option<Captured>, wrap: &mut dyn FnMut(&mut Writer)) {
    // Takes the call out meanwhile, so that functions in the expression add no arguments to it.
    let (call, start) = recorder::with(|recorder| (recorder.call.take(), recorder.writer.position()));
    if call.is_none() {
        return;
    }
    let mut captured = None;
    let _ = suppress(&mut || captured = Some(compute()));
    recorder::with(|recorder| {
        recorder.call = call;
        match captured {
            Some(Some(captured)) => recorder.writer.keep(start, captured),
            Some(None) => {
                recorder.writer.buffer.truncate(start);
                return recorder.omit();
            }
            None => {
                recorder.writer.buffer.truncate(start);
                recorder.writer.tag(tag::PANICKED);
            }
        }
        wrap(&mut recorder.writer);
        recorder.taken();
    });
}

/// Captures one argument, if a call is open here, with no spans made meanwhile.
fn put(write: &mut dyn FnMut(&mut Writer)) {
    recorder::with(|recorder| {
        if recorder.call.is_some() {
            let suppressed = Suppressed::enter();
            write(&mut recorder.writer);
            drop(suppressed);
            recorder.taken();
        }
    });
}
