//! The thread's own tape, and whose values are on it at the moment.
//!
//! While a value is captured the recorder is out of its place: a `Serialize` that captures something itself
//! finds none there, and makes another.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use crate::payload::capture::writer::Writer;
use crate::payload::limits::SideLimits;

/// Captures inside of captures, where a value may contain itself.
const MAX_NESTED: u8 = 8;

thread_local! {
    /// Kept until the very end of the thread: destructors of its other locals may still call annotated functions.
    static RECORDER: ManuallyDrop<Cell<Option<Box<Recorder>>>> = const { ManuallyDrop::new(Cell::new(None)) };
    static CLEANER: Cleaner = const { Cleaner };
    static NESTED: Cell<u8> = const { Cell::new(0) };
}

/// Lets go of the recorder where the thread's locals are destroyed. What uses it later leaves some memory behind.
struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        drop(RECORDER.with(|place| place.take()));
    }
}

#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) writer: Writer,
    pub(crate) scope: Scope,
    /// The call whose arguments are being captured.
    pub(crate) call: Option<OpenCall>,
}

/// A call whose arguments are being captured.
#[derive(Debug)]
pub(crate) struct OpenCall {
    /// The names that are still to come.
    pub(crate) names: &'static [&'static str],
    /// Where the first of them begins on the tape.
    pub(crate) start: usize,
    pub(crate) outer: Scope,
}

/// What captures are part of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scope {
    /// Whether values go onto the tape as they come, to be taken off by whoever has opened the scope.
    pub(crate) is_open: bool,
    /// What may be captured.
    pub(crate) side: SideLimits,
}

/// Works with the thread's recorder.
#[inline]
pub(crate) fn with<R>(work: impl FnOnce(&mut Recorder) -> R) -> R {
    let mut recorder = take();
    let result = work(&mut recorder);
    put(recorder);
    result
}

/// Takes the recorder out of its place, to be put back.
#[inline]
pub(crate) fn take() -> Box<Recorder> {
    RECORDER.with(|place| place.take()).unwrap_or_else(|| {
        let _ = CLEANER.try_with(|_| ());
        Box::default()
    })
}

#[inline]
pub(crate) fn put(recorder: Box<Recorder>) {
    RECORDER.with(|place| place.set(Some(recorder)));
}

impl Recorder {
    /// Opens a scope for values of that side, and gives where it begins on the tape, and the scope outside.
    #[inline]
    pub(crate) fn open(&mut self, side: SideLimits) -> (usize, Scope) {
        if !self.scope.is_open {
            self.writer.buffer.clear();
        }
        let start = self.writer.position();
        self.writer.begin(side);
        (start, std::mem::replace(&mut self.scope, Scope { is_open: side.is_captured, side }))
    }

    /// Says whose value was written last.
    pub(crate) fn name(&mut self) {
        if let Some(name) = self.next_name() {
            self.writer.name(name);
        }
    }

    /// Goes past the name of the next argument, whether or not there is a value.
    pub(crate) fn next_name(&mut self) -> Option<&'static str> {
        let call = self.call.as_mut()?;
        let (name, rest) = call.names.split_first()?;
        call.names = rest;
        Some(name)
    }
}

/// Records a payload of its own, and lends it out. Empty where captures lie inside of each other without an end.
pub(crate) fn record<R>(
    side: SideLimits,
    write: impl FnOnce(&mut Writer),
    lend: impl FnOnce(&[u8]) -> R,
) -> R {
    let depth = NESTED.try_with(Cell::get).unwrap_or(0);
    if depth >= MAX_NESTED || !side.is_captured {
        return lend(&[]);
    }
    with(|recorder| {
        let writer = &mut recorder.writer;
        let from = writer.position();
        writer.begin(side);
        let _ = NESTED.try_with(|nested| nested.set(depth + 1));
        write(writer);
        let _ = NESTED.try_with(|nested| nested.set(depth));
        writer.lend(from, lend)
    })
}

/// What may be captured at the moment.
pub(crate) fn side() -> SideLimits {
    with(|recorder| recorder.scope.side)
}
