//! The speed of delivery, and its costs for the caller, side by side with OTLP and the official SDKs.
//!
//! Prints one line a target. `cargo bench -p prefactor-benches --bench delivery -- --only E2` measures the targets of
//! one number. `--smoke` runs this crate alone, with a few spans, to see that it still runs.

mod caller_latency;
mod deadlines;
mod resources;
mod targets;

use std::env::args;

use anyhow::Result;
use prefactor_benches::senders::Senders;
use prefactor_benches::{senders, table};

use targets::TARGETS;

/// The folder in which the other senders are built.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

fn main() -> Result<()> {
    if senders::prefactor::answer()? || caller_latency::answer()? || resources::answer()? {
        return Ok(());
    }
    let only = args().skip_while(|argument| argument != "--only").nth(1);
    table::print_heading();
    if args().any(|argument| argument == "--smoke") {
        table::print(&targets::smoke(&Senders::own()?)?);
        return Ok(());
    }
    let is_own =
        matches!(only.as_deref(), Some("E1" | "E7" | "E8" | "G4" | "G5" | "F01" | "F29" | "F31" | "F54"));
    let senders = if is_own { Senders::own()? } else { Senders::build(SCRATCH)? };
    for (target, lines) in TARGETS {
        if only.as_deref().is_none_or(|only| only == target) {
            table::print(&lines(&senders)?);
        }
    }
    Ok(())
}
