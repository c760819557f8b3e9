//! The thread's own tape, and whose values are on it at the moment.
//!
//! While a value is captured the recorder is borrowed: a `Serialize` that captures something itself finds it taken, and
//! gets one of its own for the moment.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use crate::payload::capture::writer::Writer;
use crate::payload::limits::SideLimits;
use crate::payload::tape::tag;

/// Captures inside of captures, where a value may contain itself.
const MAX_NESTED: u8 = 8;

thread_local! {
    /// Kept until the very end of the thread: destructors of its other locals may still call annotated functions.
    static RECORDER: ManuallyDrop<RefCell<Recorder>> = const { ManuallyDrop::new(RefCell::new(Recorder::NEW)) };
    static CLEANER: Cleaner = const { Cleaner };
    static NESTED: Cell<u8> = const { Cell::new(0) };
}

/// Frees the recorder's memory when the thread's locals are destroyed. A later use leaks.
struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        drop(with(std::mem::take));
    }
}

#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) writer: Writer,
    pub(crate) scope: Scope,
    /// The call whose arguments are being captured.
    pub(crate) call: Option<OpenCall>,
}

/// A call whose arguments are being captured.
#[derive(Debug)]
pub(crate) struct OpenCall {
    /// Arguments that are still to come.
    pub(crate) left: usize,
    /// Whether none has been captured so far.
    pub(crate) is_empty: bool,
    /// Where it begins on the tape.
    pub(crate) start: usize,
    pub(crate) outer: Scope,
}

/// The call or value that captures are part of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// Whether values go onto the tape as they come, to be taken off by whoever has opened the scope.
    pub(crate) is_open: bool,
    /// The capture limits.
    pub(crate) side: SideLimits,
}

/// Works with the thread's recorder.
#[inline]
pub(crate) fn with<R>(work: impl FnOnce(&mut Recorder) -> R) -> R {
    RECORDER.with(|recorder| match recorder.try_borrow_mut() {
        Ok(mut recorder) => work(&mut recorder),
        Err(_) => work(&mut Recorder::default()),
    })
}

impl Recorder {
    const NEW: Self = Self { writer: Writer::NEW, scope: Scope::CLOSED, call: None };

    /// Opens a scope for values of that side, and gives where it begins on the tape, and the scope outside.
    #[inline]
    pub(crate) fn open(&mut self, side: SideLimits) -> (usize, Scope) {
        if !self.scope.is_open {
            self.writer.buffer.clear();
        }
        self.register_cleaner();
        let start = self.writer.position();
        self.writer.begin(side);
        (start, std::mem::replace(&mut self.scope, Scope { is_open: side.is_captured, side }))
    }

    /// To be called before the first memory is taken.
    #[inline]
    fn register_cleaner(&self) {
        if self.writer.buffer.capacity() == 0 {
            let _ = CLEANER.try_with(|_| ());
        }
    }

    /// Counts an argument whose value was written.
    #[inline]
    pub(crate) fn taken(&mut self) {
        if let Some(call) = &mut self.call {
            call.left = call.left.saturating_sub(1);
            call.is_empty = false;
        }
    }

    /// Counts an argument that is not captured.
    pub(crate) fn omit(&mut self) {
        if let Some(call) = &mut self.call {
            call.left = call.left.saturating_sub(1);
            self.writer.tag(tag::OMITTED);
        }
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::NEW
    }
}

impl Scope {
    const CLOSED: Self = Self { is_open: false, side: SideLimits::DEFAULT };
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
        recorder.register_cleaner();
        let writer = &mut recorder.writer;
        let from = writer.position();
        writer.begin(side);
        let _ = NESTED.try_with(|nested| nested.set(depth + 1));
        write(writer);
        let _ = NESTED.try_with(|nested| nested.set(depth));
        writer.lend(from, lend)
    })
}

/// The capture limits at this moment.
pub(crate) fn side() -> SideLimits {
    with(|recorder| recorder.scope.side)
}
