//! The memory of the SDK, counted by the allocator.
//!
//! The allocator is the whole process's, so one test runs at a time.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod after;
mod bursts;
mod full_queue;

use std::alloc::System;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

static TURN: Mutex<()> = Mutex::new(());

const MIB: usize = 1 << 20;
/// The time limit of waits that end by themselves, on the slowest of machines.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Waits until no other test runs.
fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that are allocated and not freed.
fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}

/// Runs some work, and returns the peak of the bytes allocated meanwhile, over those before.
fn peak_of<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let (before, is_over) = (live(), AtomicBool::new(false));
    thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut peak = 0;
            while !is_over.load(SeqCst) {
                peak = peak.max(live());
                thread::sleep(Duration::from_micros(200));
            }
            peak.saturating_sub(before)
        });
        // `scope` waits for the sampler thread, so the sampler must end when the work panics.
        let done = catch_unwind(AssertUnwindSafe(work));
        is_over.store(true, SeqCst);
        let peak = sampler.join().unwrap();
        (peak, done.unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
