//! The targets: the measurement and the demanded value of each.

use anyhow::Result;

use prefactor_benches::table::Line;
use prefactor_benches::{callgrind, instructions};

use crate::contenders::{Contenders, FASTRACE, FASTRACE_JSON, FASTRACE_ONE_TRACE, FLOOR, Name, OWN, TRACING};
use crate::measure;

/// Bytes of a prompt, and of an answer.
const SHORT: u32 = 256;
const LONG: u32 = 4 << 10;

/// Contenders that this crate is compared with, in their order after it.
const ALL: [Name; 6] = [OWN, FASTRACE, FASTRACE_JSON, FASTRACE_ONE_TRACE, TRACING, FLOOR];
const NO_VALGRIND: &str = "valgrind is not installed:";

type Lines = fn(&Contenders) -> Result<Vec<Line>>;

/// The targets by their numbers.
pub(crate) const TARGETS: [(&str, Lines); 6] = [
    ("P1", short_texts),
    ("P2", long_texts),
    ("P3", allocations),
    ("P5", without_client),
    ("P7", eight_threads),
    ("P8", all_threads),
];

fn short_texts(contenders: &Contenders) -> Result<Vec<Line>> {
    caller(contenders, "P1", "256 B + 256 B", SHORT, |measured| {
        let fastrace = measured[1];
        (0.7 * fastrace, 0.5 * fastrace)
    })
}

fn long_texts(contenders: &Contenders) -> Result<Vec<Line>> {
    caller(contenders, "P2", "4 KiB + 4 KiB", LONG, |measured| {
        let fastrace = measured[1];
        (1.5 * fastrace, fastrace)
    })
}

/// Measures the costs of the caller's thread. `target` computes the demanded value and the goal from the values of all
/// contenders.
fn caller(
    contenders: &Contenders,
    number: &'static str,
    texts: &str,
    bytes: u32,
    target: impl Fn(&[f64]) -> (f64, f64),
) -> Result<Vec<Line>> {
    let line = |what: String, measured: Vec<f64>| {
        let measured: Vec<f64> = measured.into_iter().map(f64::round).collect();
        let (must, goal) = target(&measured);
        with_others(Line::new(number, what, measured[0], must.round()).goal(goal.round()), &ALL, &measured)
    };
    let what = format!("{texts}, instructions");
    let instructions = if callgrind::is_there() {
        line(what, measure::instructions(contenders, &ALL, bytes)?)
    } else {
        Line::skipped(number, what, NO_VALGRIND)
    };
    let nanos = measure::nanos(contenders, "caller", &ALL, bytes)?;
    Ok(vec![instructions, line(format!("{texts}, cpu ns"), nanos.concat())])
}

fn allocations(contenders: &Contenders) -> Result<Vec<Line>> {
    let measured = measure::allocations(contenders, &ALL, SHORT)?;
    let measured: Vec<f64> = measured.into_iter().map(|number| (number * 100.0).round() / 100.0).collect();
    let line = Line::new("P3", "256 B + 256 B, allocations", measured[0], 0.0);
    Ok(vec![with_others(line, &ALL, &measured)])
}

/// P3 of this crate alone.
pub(crate) fn smoke(contenders: &Contenders) -> Result<Vec<Line>> {
    let measured = measure::allocations(contenders, &[OWN], SHORT)?;
    let rounded = (measured[0] * 100.0).round() / 100.0;
    Ok(vec![Line::new("P3", "256 B + 256 B, allocations", rounded, 0.0)])
}

/// Measures one call, as the benchmark of the attribute does, so that the compiler merges nothing that a program keeps
/// apart.
fn without_client(_: &Contenders) -> Result<Vec<Line>> {
    let contenders = prefactor_benches::contenders::Contenders::build(crate::SCRATCH)?;
    instructions::lines(&contenders)
}

fn eight_threads(contenders: &Contenders) -> Result<Vec<Line>> {
    const NAMES: [Name; 2] = [OWN, FASTRACE];
    let measured = measure::nanos(contenders, "threads", &NAMES, SHORT)?;
    let [one, eight] = [0, 1].map(|index| measured[0][index].round());
    let line = Line::new("P7", "eight callers, cpu ns ≤ 1.1 of one", eight, (1.1 * one).round());
    let line = line.goal((1.02 * one).round()).other("one caller", one);
    let line = line.other("fastrace, one", measured[1][0].round()).other("eight", measured[1][1].round());
    Ok(vec![line])
}

fn all_threads(contenders: &Contenders) -> Result<Vec<Line>> {
    const NAMES: [Name; 3] = [OWN, FASTRACE, FASTRACE_JSON];
    let mut lines = Vec::new();
    for (texts, bytes, peer, must, goal) in
        [("256 B + 256 B", SHORT, FASTRACE, 0.9, 0.5), ("4 KiB + 4 KiB", LONG, FASTRACE_JSON, 0.5, 0.25)]
    {
        let nanos = measure::nanos(contenders, "process", &NAMES, bytes)?.concat();
        let nanos: Vec<f64> = nanos.into_iter().map(f64::round).collect();
        let peer = NAMES.iter().position(|name| *name == peer).map_or(0.0, |place| nanos[place]);
        let what = format!("all threads, {texts}, cpu ns");
        let line = Line::new("P8", what, nanos[0], (must * peer).round()).goal((goal * peer).round());
        lines.push(with_others(line, &NAMES, &nanos));
    }
    Ok(lines)
}

/// Adds the values of the others after this crate's own.
fn with_others(line: Line, names: &[Name], measured: &[f64]) -> Line {
    names.iter().zip(measured).skip(1).fold(line, |line, (name, number)| line.other(*name, *number))
}
