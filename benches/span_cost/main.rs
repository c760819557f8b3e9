//! The caller's costs of a span: `#[span]` with arguments and result, side by side with other libraries and a raw
//! floor.
//!
//! Prints one line a target. `cargo bench -p prefactor-benches --bench span_cost -- --only P1` measures the targets of
//! one number. `--smoke` counts the allocations of this crate alone; `--plot docs/performance.svg` draws P1 into that
//! file of the repository.

mod contenders;
mod measure;
mod targets;

use std::alloc::System;
use std::env::args;
use std::fs;
use std::path::Path;

use anyhow::Result;
use prefactor_benches::generated::ROOT;
use prefactor_benches::only::Only;
use prefactor_benches::{child, own, plot, table};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use contenders::Contenders;
use targets::TARGETS;

/// The folder in which the packages of the contenders are built.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// The number whose lines are drawn.
const PLOTTED: &str = "P1";

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<()> {
    if child::answer(&[own::PLAIN, own::PREFACTOR, own::BOXED]) {
        return Ok(()); // P5, which is measured in executions of this program
    }
    let plot = args().skip_while(|argument| argument != "--plot").nth(1);
    let only = Only::read(&TARGETS.map(|(number, _)| number))?;
    table::print_heading();
    if args().any(|argument| argument == "--smoke") {
        table::print(&targets::smoke(&Contenders::build_own()?)?);
        return Ok(());
    }
    let contenders = Contenders::build()?;
    for (target, lines) in TARGETS {
        if only.wants(target) {
            let lines = lines(&contenders)?;
            table::print(&lines);
            if let Some(path) = plot.as_ref().filter(|_| target == PLOTTED) {
                fs::write(Path::new(ROOT).join(path), plot::svg(&lines))?;
            }
        }
    }
    Ok(())
}
