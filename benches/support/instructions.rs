//! P5: the instructions of a call when no client is installed.

use std::path::Path;

use anyhow::Result;

use crate::callgrind;
use crate::child::{self, Shape};
use crate::contenders::Contenders;
use crate::own::{self, PLAIN, PREFACTOR};
use crate::table::Line;

const MUST: f64 = 25.0;
const GOAL: f64 = 12.0;

/// Calls of the shorter and of the longer run. The difference is the cost of the calls between them: the set-up of a
/// first call is the same in both.
const COUNTS: [u64; 2] = [1_000, 11_000];

pub fn lines(contenders: &Contenders) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for shape in Shape::ALL {
        lines.push(instructions(contenders, shape)?);
    }
    for shape in Shape::ALL {
        lines.push(allocations(contenders, shape)?);
    }
    let touches = as_float(own::touches(COUNTS[0]))?;
    lines.push(Line::new("P5", "arguments and results looked at", touches, 0.0));
    Ok(lines)
}

fn instructions(contenders: &Contenders, shape: Shape) -> Result<Line> {
    let what = format!("{}, instructions added a call", shape.name());
    if !callgrind::is_there() {
        return Ok(Line::skipped("P5", what, "valgrind is not installed:"));
    }
    let added = |binary: &Path, subject| {
        anyhow::Ok(
            instructions_of_call(binary, subject, shape)? - instructions_of_call(binary, PLAIN.name, shape)?,
        )
    };
    let mut line = Line::new("P5", what, added(&contenders.own, PREFACTOR.name)?, MUST).goal(GOAL);
    for peer in &contenders.peers {
        line = line.other(peer.title, added(&peer.binary, peer.subject)?);
    }
    Ok(line)
}

fn allocations(contenders: &Contenders, shape: Shape) -> Result<Line> {
    let [count, _] = COUNTS;
    let of = |binary: &Path, subject| as_float(child::allocations(binary, subject, shape, count)?);
    let added = |binary: &Path, subject| anyhow::Ok(of(binary, subject)? - of(binary, PLAIN.name)?);
    let what = format!("{}, allocations added in {count} calls", shape.name());
    let mut line = Line::new("P5", what, added(&contenders.own, PREFACTOR.name)?, 0.0);
    for peer in &contenders.peers {
        line = line.other(peer.title, added(&peer.binary, peer.subject)?);
    }
    Ok(line)
}

/// The instructions of one call, to the nearest whole one.
fn instructions_of_call(binary: &Path, subject: &str, shape: Shape) -> Result<f64> {
    let [fewer, more] = COUNTS;
    // Only the loop counts: at the start some libraries measure the speed of the clock.
    let of = |count| callgrind::instructions(binary, &child::run(subject, shape, count), "workload::repeat");
    Ok((as_float(of(more)? - of(fewer)?)? / as_float(more - fewer)?).round())
}

/// A count as a number to divide. Those of a benchmark are small.
fn as_float(count: u64) -> Result<f64> {
    Ok(f64::from(u32::try_from(count)?))
}
