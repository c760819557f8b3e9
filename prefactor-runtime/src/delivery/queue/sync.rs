//! Locks, atomics, notifications and thread-locals of the queue: those of `std` and tokio, or loom's in a model check.
//!
//! The model check is built with `--cfg prefactor_loom`. Loom treats a `SeqCst` access as acquire and release only, so its
//! atomics are wrapped: a fence on either side gives the single total order that `SeqCst` promises.

#[cfg(not(all(test, prefactor_loom)))]
pub(super) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64},
};
#[cfg(not(all(test, prefactor_loom)))]
pub(super) use tokio::sync::Notify;

#[cfg(all(test, prefactor_loom))]
pub(super) use loom::sync::{Mutex, MutexGuard};
#[cfg(all(test, prefactor_loom))]
pub(super) use model::{AtomicBool, AtomicU64, Notify, OWN_SHARD, own_shard};

/// The one of so many shards that the thread tries first.
#[cfg(not(all(test, prefactor_loom)))]
#[inline]
pub(super) fn own_shard(shards: usize) -> usize {
    crate::platform::thread::number() % shards
}

#[cfg(all(test, prefactor_loom))]
mod model {
    use std::cell::Cell;
    use std::sync::atomic::Ordering;

    use loom::sync::atomic::fence;

    #[derive(Debug)]
    pub(crate) struct AtomicBool(loom::sync::atomic::AtomicBool);

    #[derive(Debug, Default)]
    pub(crate) struct AtomicU64(loom::sync::atomic::AtomicU64);

    /// Runs an access of that ordering.
    fn ordered<T>(ordering: Ordering, access: impl FnOnce() -> T) -> T {
        if ordering != Ordering::SeqCst {
            return access();
        }
        fence(Ordering::SeqCst);
        let value = access();
        fence(Ordering::SeqCst);
        value
    }

    impl AtomicBool {
        pub(crate) fn new(value: bool) -> Self {
            Self(loom::sync::atomic::AtomicBool::new(value))
        }

        pub(crate) fn load(&self, ordering: Ordering) -> bool {
            ordered(ordering, || self.0.load(acquire(ordering)))
        }

        pub(crate) fn store(&self, value: bool, ordering: Ordering) {
            // loom lets a plain store take effect before another thread's exchange that has already read the replaced value.
            // An exchange prevents this, and x86 compiles a `SeqCst` store to one.
            ordered(ordering, || self.0.swap(value, Ordering::AcqRel));
        }

        pub(crate) fn swap(&self, value: bool, ordering: Ordering) -> bool {
            ordered(ordering, || self.0.swap(value, ordering))
        }
    }

    impl AtomicU64 {
        pub(crate) fn load(&self, ordering: Ordering) -> u64 {
            ordered(ordering, || self.0.load(acquire(ordering)))
        }

        pub(crate) fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
            ordered(ordering, || self.0.fetch_add(value, ordering))
        }
    }

    loom::thread_local! {
        /// Set by the test: all threads of a model run on one thread of the system, and each iteration has to repeat the last.
        pub(crate) static OWN_SHARD: Cell<usize> = Cell::new(0);
    }

    pub(crate) fn own_shard(_shards: usize) -> usize {
        OWN_SHARD.with(Cell::get)
    }

    fn acquire(ordering: Ordering) -> Ordering {
        if ordering == Ordering::SeqCst { Ordering::Acquire } else { ordering }
    }

    /// Tokio's `Notify`, as far as the queue uses it: one permit, one waiter.
    #[derive(Debug)]
    pub(crate) struct Notify(loom::sync::Notify);

    impl Notify {
        pub(crate) fn new() -> Self {
            Self(loom::sync::Notify::new())
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify();
        }

        #[expect(clippy::unused_async, reason = "its twin is a future")]
        pub(crate) async fn notified(&self) {
            self.0.wait();
        }
    }
}
