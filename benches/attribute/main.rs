//! The costs of `#[span]` where nothing is recorded: instructions, bytes and the compiler's time.
//!
//! Prints one line a target. `cargo bench -p prefactor-benches --bench attribute -- --only P5` measures the targets of
//! one number. `--smoke` measures this crate alone, and leaves out the compiler's time.

mod compile;
mod program;
mod sizes;
mod sources;

use std::alloc::System;
use std::env::args;

use anyhow::Result;
use prefactor_benches::contenders::Contenders;
use prefactor_benches::only::Only;
use prefactor_benches::{child, instructions, own, table};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// The folder in which the packages of the other libraries are built.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<()> {
    if child::answer(&[own::PLAIN, own::PREFACTOR, own::BOXED]) {
        return Ok(());
    }
    let only = Only::read(&["P5", "P6", "C1", "C2"])?;
    table::print_heading();
    if args().any(|argument| argument == "--smoke") {
        let contenders = Contenders::own()?;
        table::print(&instructions::lines(&contenders)?);
        table::print(&sizes::lines(&contenders)?);
        return Ok(());
    }
    if only.wants("P5") || only.wants("P6") {
        let contenders = Contenders::build(SCRATCH)?;
        if only.wants("P5") {
            table::print(&instructions::lines(&contenders)?);
        }
        if only.wants("P6") {
            table::print(&sizes::lines(&contenders)?);
        }
    }
    if only.wants("C1") {
        table::print(&compile::lines()?);
    }
    if only.wants("C2") {
        table::print(&program::lines()?);
    }
    Ok(())
}
