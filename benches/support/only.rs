//! The option `--only` of the benchmarks: the numbers of the targets to measure.

use std::env::args;

use anyhow::{Context as _, Result, ensure};

use crate::table::{self, Line};

/// The numbers that are asked for: those of `--only P1,P8`, or all.
#[derive(Debug)]
pub struct Only(Option<String>);

impl Only {
    /// Reads the arguments of the program, whose targets have these numbers.
    pub fn read(numbers: &[&str]) -> Result<Self> {
        let mut arguments = args().skip_while(|argument| argument != "--only");
        if arguments.next().is_none() {
            return Ok(Self(None));
        }
        let asked = arguments.next().context("--only needs numbers of targets, such as --only P1,P8")?;
        for number in asked.split(',') {
            ensure!(numbers.contains(&number), "{number:?} is no target: there are {}", numbers.join(", "));
        }
        Ok(Self(Some(asked)))
    }

    /// Returns whether a target is asked for.
    #[must_use]
    pub fn wants(&self, number: &str) -> bool {
        self.0.as_ref().is_none_or(|asked| asked.split(',').any(|asked| asked == number))
    }

    /// Prints those of the lines that are asked for: some measurements answer several targets.
    pub fn print(&self, lines: &[Line]) {
        lines.iter().filter(|line| self.wants(line.target())).for_each(table::print_line);
    }
}
