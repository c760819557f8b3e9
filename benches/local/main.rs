//! The local server's speed of storing spans, the growth of its file, and the speed of the page's views.
//!
//! Prints one line a target. The client runs on the same cores as the server and sends prepared bytes, so that the
//! server takes most of the time. `cargo bench -p prefactor-benches --bench local -- --only L1` measures the targets of
//! one number; `--smoke` runs each target with a few spans, to see that it still runs.

mod client;
mod ingest;
mod spans;
mod table;
mod views;

use std::env::args;

use anyhow::Result;
use prefactor_benches::only::Only;

use table::Bar;

/// The amount of work.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Spans of the targets L1 and L3, and pairs of requests of L2.
    pub(crate) spans: usize,
    /// Spans in the file whose views are timed.
    pub(crate) stored: usize,
    /// Spans of the largest run in that file.
    pub(crate) largest: usize,
}

const FULL: Size = Size { spans: 50_000, stored: 1_000_000, largest: 100_000 };
const SMOKE: Size = Size { spans: 400, stored: 1_000, largest: 200 };

type Measure = fn(Size) -> Result<Vec<Bar>>;

const BARS: [(&[&str], Measure); 3] =
    [(&["L1", "L3"], ingest::bulk), (&["L2"], ingest::single), (&["V"], views::measure)];

fn main() -> Result<()> {
    let size = if args().any(|argument| argument == "--smoke") { SMOKE } else { FULL };
    let only = Only::read(&BARS.map(|(numbers, _)| numbers).concat())?;
    table::print_heading();
    for (numbers, measure) in BARS {
        if numbers.iter().any(|number| only.wants(number)) {
            measure(size)?.iter().filter(|bar| only.wants(bar.number)).for_each(table::print);
        }
    }
    Ok(())
}
