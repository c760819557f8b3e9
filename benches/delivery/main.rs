//! How fast spans are delivered, and what an agent feels of it: side by side with OTLP and the official SDKs.
//!
//! Prints one line a bar. `cargo bench --bench delivery -- --only E2` measures the bars of one number.

mod bars;
mod felt;
#[path = "../attribute/generated.rs"]
#[expect(
    dead_code,
    reason = "libraries are replaced, and seconds are counted, in the benchmark of the attribute"
)]
mod generated;
mod senders;
mod stub;
#[path = "../attribute/table.rs"]
mod table;
mod work;

use std::env::args;

use anyhow::Result;

use bars::BARS;
use senders::Senders;

fn main() -> Result<()> {
    if senders::prefactor::answer()? || felt::answer()? {
        return Ok(());
    }
    let only = args().skip_while(|argument| argument != "--only").nth(1);
    let senders = Senders::build()?;
    table::print_heading();
    for (bar, lines) in BARS {
        if only.as_deref().is_none_or(|only| only == bar) {
            table::print(&lines(&senders)?);
        }
    }
    Ok(())
}
