//! The contenders of other libraries, as a binary of its own: `fastrace` can be on or off in one build, not both.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

mod child;
mod workload;

workload::subject!(plain, "plain", [], []);
workload::subject!(fastrace, "fastrace", [#[::fastrace::trace]], [#[::fastrace::trace]]);
workload::subject!(tracing, "tracing", [#[::tracing::instrument]], [#[::tracing::instrument]]);

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    child::answer(&[plain::SUBJECT, fastrace::SUBJECT, tracing::SUBJECT]);
}
