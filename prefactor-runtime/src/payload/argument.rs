//! The arguments of a call: a table of values, each by the best of its traits, and what the attribute adds to them.
//!
//! Generated code calls `(&&&Probe(&value)).__prefactor_argument()`, which finds the trait as in [`probe`](super::probe).

use std::any::type_name;
use std::fmt::{self, Debug, Display};

use serde::Serialize;

use super::limits::Side;
use super::probe::{Captured, Captures, Computed, Probe};
use super::recorder::{self, Recorder};
use super::writer::Writer;
use crate::context;

/// An argument, to be captured with others: a table of them is all that an annotated function makes.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    /// As its `Serialize` writes it.
    Serialize(&'a dyn Writes),
    /// As its `Debug` text.
    Debug(&'a dyn Debug),
    /// As its `Display` text.
    Display(&'a dyn Display),
    /// As this text: the name of its type, or what stands for a secret.
    Text(&'static str),
    /// As an expression of the attribute makes it.
    Computed(&'a dyn Captures),
}

/// A value with a `Serialize`, whatever its type.
pub trait Writes {
    /// Writes the value, or a placeholder in its stead.
    fn write(&self, onto: Onto<'_>);
}

/// Where a value is written.
pub struct Onto<'a>(&'a mut Writer);

impl Debug for Onto<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Onto")
    }
}

impl<T: Serialize> Writes for T {
    fn write(&self, onto: Onto<'_>) {
        onto.0.value(self);
    }
}

impl Argument<'_> {
    /// `redact(argument)`
    pub const REDACTED: Self = Self::Text("[REDACTED]");

    /// Writes it with the thread's recorder, which an expression of the attribute finds in its place.
    #[expect(clippy::unnecessary_box_returns, reason = "it goes to and fro, as a pointer")]
    fn write(self, mut recorder: Box<Recorder>) -> Box<Recorder> {
        let writer = &mut recorder.writer;
        match self {
            Self::Serialize(value) => value.write(Onto(writer)),
            Self::Debug(value) => writer.formatted(format_args!("{value:?}")),
            Self::Display(value) => writer.formatted(format_args!("{value}")),
            Self::Text(text) => writer.text(text),
            Self::Computed(value) => {
                let start = writer.position();
                recorder::put(recorder);
                let captured = value.__prefactor_captured();
                recorder = recorder::take();
                recorder.writer.keep(start, captured);
            }
        }
        recorder
    }
}

impl Debug for Argument<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Argument")
    }
}

/// The choice for an argument.
pub trait Argues {
    /// The argument, to be captured by what its type has.
    fn __prefactor_argument(&self) -> Argument<'_>;
}

impl<T: Serialize> Argues for &&Probe<'_, T> {
    #[inline]
    fn __prefactor_argument(&self) -> Argument<'_> {
        Argument::Serialize(self.0)
    }
}

impl<T: Debug> Argues for &Probe<'_, T> {
    #[inline]
    fn __prefactor_argument(&self) -> Argument<'_> {
        Argument::Debug(self.0)
    }
}

impl<T> Argues for Probe<'_, T> {
    #[inline]
    fn __prefactor_argument(&self) -> Argument<'_> {
        Argument::Text(type_name::<T>())
    }
}

/// The arguments of one call, by name. They are on the thread's tape.
#[derive(Debug)]
pub struct Arguments {
    start: usize,
}

impl Arguments {
    /// Adds one argument.
    fn insert(&mut self, name: &'static str, value: Captured) {
        recorder::with(|recorder| {
            recorder.writer.keep(self.start, value);
            recorder.writer.name(name);
        });
    }

    /// Adds what an expression of the attribute gives, or a placeholder where that panics.
    pub fn insert_with(&mut self, name: &'static str, value: impl FnOnce() -> Captured) {
        self.insert(name, Computed::new(value).__prefactor_captured());
    }
}

/// Captures the arguments of a call, with no spans made meanwhile, and what `fields` adds to them. Lends out the tape.
pub(crate) fn with_arguments<R>(
    side: Side,
    names: &[&'static str],
    values: &[Argument<'_>],
    fields: Option<&mut dyn FnMut(&mut Arguments)>,
    lend: impl FnOnce(&[u8]) -> R,
) -> R {
    if !side.is_captured {
        return lend(&[]);
    }
    let mut recorder = recorder::take();
    let (start, outer) = recorder.open(side);
    let (mut own, mut fields) = (Some(recorder), fields);
    let _ = context::suppress(&mut || {
        let Some(mut recorder) = own.take() else { return };
        for (name, value) in names.iter().zip(values) {
            recorder = value.write(recorder);
            recorder.writer.name(name);
        }
        match &mut fields {
            None => own = Some(recorder),
            Some(fields) => {
                recorder::put(recorder);
                // A panic of one expression costs that one and what comes after it.
                fields(&mut Arguments { start });
            }
        }
    });
    let mut recorder = own.unwrap_or_else(recorder::take);
    recorder.scope = outer;
    let result = recorder.writer.lend(start, lend);
    recorder::put(recorder);
    result
}
