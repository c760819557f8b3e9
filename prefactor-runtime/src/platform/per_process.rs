//! Values that a forked process replaces by its own.
//!
//! A fork copies memory but only the calling thread. A value that depends on a thread of the parent process (a span manager
//! and its worker, a run and its delivery) stays with the parent. The child makes a successor on first use, and all
//! calls go to the successor.

use std::sync::{Arc, OnceLock};

use crate::platform::fork;

/// Which process a value belongs to, and its successor in a forked process.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    generation: u32,
    /// Written once, by the first thread of a forked process that needs it; read by all.
    successor: OnceLock<Arc<T>>,
}

/// A value that contains a [`PerProcess`] of its own type.
pub(crate) trait Succeed: Sized {
    fn process(&self) -> &PerProcess<Self>;

    /// Whether a forked process needs a value of its own. Without one it goes on with the inherited value.
    fn needs_successor(&self) -> bool;

    /// Makes the value of a forked process.
    fn succeed(&self) -> Arc<Self>;

    /// Whether the value was made by the process from which this one was forked.
    #[inline]
    fn is_inherited(&self) -> bool {
        self.process().generation != fork::generation()
    }

    /// The value of this process: itself, unless it is inherited.
    #[inline]
    fn current(self: &Arc<Self>) -> &Arc<Self> {
        if self.is_inherited() { successor(self) } else { self }
    }

    /// As [`Succeed::current`], if this process has done anything that needs a value.
    fn current_if_any(self: &Arc<Self>) -> Option<&Arc<Self>> {
        if self.is_inherited() { self.process().successor.get()?.current_if_any() } else { Some(self) }
    }
}

#[cold]
fn successor<T: Succeed>(inherited: &Arc<T>) -> &Arc<T> {
    let successor = &inherited.process().successor;
    if successor.get().is_none() && !inherited.needs_successor() {
        return inherited;
    }
    // The successor may be inherited too, in a process that was forked from a forked process.
    successor.get_or_init(|| inherited.succeed()).current()
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self { generation: fork::generation(), successor: OnceLock::new() }
    }
}
