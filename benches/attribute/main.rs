//! What `#[span]` costs where nothing is recorded: instructions, bytes and the compiler's time.
//!
//! Prints one line a bar. `cargo bench --bench attribute -- --only P5` measures the bars of one number.

#[path = "../support/callgrind.rs"]
mod callgrind;
mod child;
mod compile;
mod contenders;
mod generated;
mod instructions;
mod sizes;
mod sources;
mod subjects;
mod table;
mod workload;

use std::env::args;

use anyhow::Result;
use contenders::Contenders;

fn main() -> Result<()> {
    if child::answer(&[subjects::PLAIN, subjects::PREFACTOR, subjects::BOXED]) {
        return Ok(());
    }
    let only = args().skip_while(|argument| argument != "--only").nth(1);
    let is_wanted = |bar: &str| only.as_deref().is_none_or(|only| only == bar);
    table::print_heading();
    if is_wanted("P5") || is_wanted("P6") {
        let contenders = Contenders::build()?;
        if is_wanted("P5") {
            table::print(&instructions::lines(&contenders)?);
        }
        if is_wanted("P6") {
            table::print(&sizes::lines(&contenders)?);
        }
    }
    if is_wanted("C1") {
        table::print(&compile::lines()?);
    }
    Ok(())
}
