//! Values behind the locks of `std`, read only where nobody has to be waited for.
//!
//! serde's implementations for [`Mutex`] and [`RwLock`] wait for the lock, for ever when the caller holds it. So a lock that is
//! an argument, a field or a result itself is tried, and is recorded as [`LOCKED`](crate::payload::markers::LOCKED) where that
//! fails. A poisoned lock counts as held: its value may be half changed. A panic of the value itself is caught
//! while the lock is held, so a capture poisons no lock.
//!
//! [`Lock`] finds the lock behind pointers. A [`WriteBehind`] strategy says how the value is read. [`Locked`] is such a strategy
//! itself, for a lock behind a lock.

use std::fmt::Debug;
use std::rc::{self, Rc};
use std::sync::{self, Arc, Mutex, RwLock};

use serde::Serialize;

use crate::payload::capture::value::{Captured, captured};
use crate::payload::capture::writer::Writer;
use crate::payload::tape::tag;
use crate::payload::text::Form;

/// A lock, or a pointer to one.
pub trait Lock {
    /// The value behind the lock.
    type Value: ?Sized;

    /// Shows the value, if the lock is free.
    fn try_look(&self, look: &mut dyn FnMut(&Self::Value)) -> Look;
}

/// The result of trying a lock.
#[derive(Clone, Copy, Debug)]
pub enum Look {
    /// The value was shown.
    Shown,
    /// The lock is held, or poisoned.
    Held,
    /// There is no lock: the pointer is empty.
    Absent,
}

impl<T: ?Sized> Lock for Mutex<T> {
    type Value = T;

    fn try_look(&self, look: &mut dyn FnMut(&T)) -> Look {
        let Ok(value) = self.try_lock() else { return Look::Held };
        look(&value);
        Look::Shown
    }
}

impl<T: ?Sized> Lock for RwLock<T> {
    type Value = T;

    fn try_look(&self, look: &mut dyn FnMut(&T)) -> Look {
        let Ok(value) = self.try_read() else { return Look::Held };
        look(&value);
        Look::Shown
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<L: Lock + ?Sized> Lock for $pointer {
            type Value = L::Value;

            fn try_look(&self, look: &mut dyn FnMut(&L::Value)) -> Look {
                (**self).try_look(look)
            }
        }
    )*};
}

pointers! { &L, &mut L, Box<L>, Rc<L>, Arc<L> }

impl<L: Lock> Lock for Option<L> {
    type Value = L::Value;

    fn try_look(&self, look: &mut dyn FnMut(&L::Value)) -> Look {
        self.as_ref().map_or(Look::Absent, |lock| lock.try_look(look))
    }
}

macro_rules! weak_pointers {
    ($($pointer:ty),*) => {$(
        impl<L: Lock + ?Sized> Lock for $pointer {
            type Value = L::Value;

            fn try_look(&self, look: &mut dyn FnMut(&L::Value)) -> Look {
                self.upgrade().map_or(Look::Absent, |lock| lock.try_look(look))
            }
        }
    )*};
}

weak_pointers! { rc::Weak<L>, sync::Weak<L> }

/// The tape, for strategies.
#[derive(Debug)]
pub struct Tape<'a>(pub(super) &'a mut Writer);

/// A strategy that writes a value while its lock is held.
pub trait WriteBehind<T: ?Sized> {
    /// Writes the value, or a placeholder in its stead.
    fn write(value: &T, tape: Tape<'_>);
}

macro_rules! strategies {
    ($($strategy:ident: $doc:literal)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $strategy;
    )*};
}

strategies! {
    Serialized: "By `Serialize`."
    Debugged: "By `Debug`."
}

/// A lock, whose value is written by `S`.
#[derive(Clone, Copy, Debug)]
pub struct Locked<S>(S);

impl<T: Serialize + ?Sized> WriteBehind<T> for Serialized {
    fn write(value: &T, Tape(writer): Tape<'_>) {
        writer.value(value);
    }
}

impl<T: Debug + ?Sized> WriteBehind<T> for Debugged {
    fn write(value: &T, Tape(writer): Tape<'_>) {
        writer.formatted(Form::Debug, format_args!("{value:?}"));
    }
}

impl<L: Lock + ?Sized, S: WriteBehind<L::Value>> WriteBehind<L> for Locked<S> {
    fn write(lock: &L, Tape(writer): Tape<'_>) {
        match lock.try_look(&mut |value| S::write(value, Tape(writer))) {
            Look::Shown => {}
            Look::Held => writer.tag(tag::LOCKED),
            Look::Absent => writer.tag(tag::NULL),
        }
    }
}

/// Captures a value on its own, as the strategy writes it.
pub(crate) fn by<S: WriteBehind<T>, T: ?Sized>(value: &T) -> Captured {
    captured(&mut |writer| S::write(value, Tape(writer)))
}
