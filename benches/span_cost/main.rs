//! What a span costs its caller: `#[span]` with arguments and result, side by side with other libraries and a raw floor.
//!
//! Prints one line a bar. `cargo bench --bench span_cost -- --only P1` measures the bars of one number.

mod bars;
#[path = "../support/callgrind.rs"]
mod callgrind;
#[path = "../attribute/child.rs"]
#[expect(dead_code, reason = "the sizes of futures are measured in the benchmark of the attribute")]
mod child;
#[path = "../attribute/contenders.rs"]
mod contenders;
#[path = "../attribute/generated.rs"]
#[expect(
    dead_code,
    reason = "libraries are replaced, and seconds are counted, in the benchmark of the attribute"
)]
mod generated;
#[path = "../attribute/instructions.rs"]
mod instructions;
mod measure;
mod recorders;
#[path = "../attribute/subjects.rs"]
mod subjects;
#[path = "../attribute/table.rs"]
mod table;
#[path = "../attribute/workload.rs"]
mod workload;

use std::env::args;

use anyhow::Result;

use bars::BARS;
use recorders::Contenders;

fn main() -> Result<()> {
    if child::answer(&[subjects::PLAIN, subjects::PREFACTOR, subjects::BOXED]) {
        return Ok(()); // P5, which is measured in executions of this program
    }
    let only = args().skip_while(|argument| argument != "--only").nth(1);
    let contenders = Contenders::build()?;
    table::print_heading();
    for (bar, lines) in BARS {
        if only.as_deref().is_none_or(|only| only == bar) {
            table::print(&lines(&contenders)?);
        }
    }
    Ok(())
}
