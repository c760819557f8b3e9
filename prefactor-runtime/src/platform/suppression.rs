//! Threads on which no spans are made.
//!
//! User code that is called to capture or redact a value must not trace itself, and nothing that happens on the
//! delivery thread is the program's work. Both enter [`Suppressed`]; every place that makes a span asks [`is_suppressed`] first.

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// How many [`Suppressed`] guards the thread holds.
    static GUARDS: Cell<u32> = const { Cell::new(0) };
}

/// While it lives, this thread makes no spans, in any context.
#[must_use]
pub(crate) struct Suppressed(PhantomData<*const ()>);

impl Suppressed {
    #[inline]
    pub(crate) fn enter() -> Self {
        GUARDS.set(GUARDS.get() + 1);
        Self(PhantomData)
    }
}

impl Drop for Suppressed {
    #[inline]
    fn drop(&mut self) {
        GUARDS.set(GUARDS.get() - 1);
    }
}

/// Whether this thread makes no spans at the moment.
#[inline]
pub(crate) fn is_suppressed() -> bool {
    GUARDS.get() > 0
}

/// Runs a closure that makes no spans, and catches its panic.
pub(crate) fn suppress(body: &mut dyn FnMut()) -> std::thread::Result<()> {
    let _suppressed = Suppressed::enter();
    catch_unwind(AssertUnwindSafe(body))
}
