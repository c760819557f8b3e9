//! The thread's own tape, and whose values are on it at the moment.
//!
//! While a value is captured the recorder is out of its place: a `Serialize` that captures something itself
//! finds none there, and makes another.

use std::cell::Cell;

use bytes::Bytes;

use super::limits::Side;
use super::writer::Writer;

/// Captures inside of captures, where a value may contain itself.
const MAX_NESTED: u8 = 8;

thread_local! {
    static RECORDER: Cell<Option<Box<Recorder>>> = const { Cell::new(None) };
    static NESTED: Cell<u8> = const { Cell::new(0) };
}

#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub(super) writer: Writer,
    pub(super) scope: Scope,
}

/// What captures are part of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope {
    /// Where the arguments of a call begin on the tape, while they are being captured.
    pub(super) arguments_from: Option<usize>,
    /// What may be captured.
    pub(super) side: Side,
}

/// Works with the thread's recorder.
#[inline]
pub(super) fn with<R>(work: impl FnOnce(&mut Recorder) -> R) -> R {
    let mut recorder = RECORDER.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let result = work(&mut recorder);
    // Not at the end of the thread, whose locals are gone.
    let _ = RECORDER.try_with(|place| place.set(Some(recorder)));
    result
}

/// Captures values of that side in the closure, and gives back what was asked of before.
pub(super) fn in_scope<R>(scope: impl FnOnce(&mut Recorder) -> Scope, body: impl FnOnce() -> R) -> R {
    let outer = with(|recorder| {
        let scope = scope(recorder);
        std::mem::replace(&mut recorder.scope, scope)
    });
    let _restore = Restore(outer);
    body()
}

struct Restore(Scope);

impl Drop for Restore {
    fn drop(&mut self) {
        with(|recorder| recorder.scope = self.0);
    }
}

/// Records a payload of its own. Empty where captures lie inside of each other without an end.
pub(super) fn record(side: Side, write: impl FnOnce(&mut Writer)) -> Bytes {
    let depth = NESTED.try_with(Cell::get).unwrap_or(0);
    if depth >= MAX_NESTED || !side.is_captured {
        return Bytes::new();
    }
    let _ = NESTED.try_with(|nested| nested.set(depth + 1));
    let tape = with(|recorder| {
        let writer = &mut recorder.writer;
        let from = writer.position();
        writer.begin(side);
        write(writer);
        writer.take(from)
    });
    let _ = NESTED.try_with(|nested| nested.set(depth));
    tape
}

/// What may be captured at the moment.
pub(super) fn side() -> Side {
    with(|recorder| recorder.scope.side)
}
