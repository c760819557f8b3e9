//! The speed of delivery, and its costs for the caller, side by side with OTLP and the official SDKs.
//!
//! Prints one line a target. `cargo bench -p prefactor-benches --bench delivery -- --only E2` measures the targets of
//! one number, `--only E4,E5` those of several. `--smoke` runs this crate alone, with a few spans, to see that it still runs.

mod caller_latency;
mod deadlines;
mod resources;
mod targets;

use std::env::args;

use anyhow::Result;
use prefactor_benches::only::Only;
use prefactor_benches::senders::Senders;
use prefactor_benches::{senders, table};

use targets::TARGETS;

/// The folder in which the other senders are built.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// Targets that are compared with other senders, which are built for them.
const WITH_OTHERS: [&str; 5] = ["E2", "E3", "E4", "E5", "E6"];

fn main() -> Result<()> {
    if senders::prefactor::answer()? || caller_latency::answer()? || resources::answer()? {
        return Ok(());
    }
    let numbers: Vec<_> = TARGETS.iter().flat_map(|(numbers, _)| *numbers).copied().collect();
    let only = Only::read(&numbers)?;
    table::print_heading();
    if args().any(|argument| argument == "--smoke") {
        table::print(&targets::smoke(&Senders::own()?)?);
        return Ok(());
    }
    let has_others = WITH_OTHERS.iter().any(|number| only.wants(number));
    let senders = if has_others { Senders::build(SCRATCH)? } else { Senders::own()? };
    for (numbers, lines) in TARGETS {
        if numbers.iter().any(|number| only.wants(number)) {
            only.print(&lines(&senders)?);
        }
    }
    Ok(())
}
