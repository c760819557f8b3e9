//! What a span costs its caller: `#[span]` with arguments and result, side by side with other libraries and a raw floor.
//!
//! Prints one line a bar. `cargo bench --bench span_cost -- --only P1` measures the bars of one number.

mod bars;
#[path = "../support/callgrind.rs"]
mod callgrind;
mod contenders;
#[path = "../attribute/generated.rs"]
#[expect(
    dead_code,
    reason = "libraries are replaced, and seconds are counted, in the benchmark of the attribute"
)]
mod generated;
mod measure;
#[path = "../attribute/table.rs"]
mod table;

use std::env::args;

use anyhow::Result;

use bars::BARS;
use contenders::Contenders;

fn main() -> Result<()> {
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
