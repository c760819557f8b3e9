//! The targets: the measurement and the demanded value of each.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::caller_latency::{self, Latency};
use crate::deadlines;
use crate::resources;
use prefactor_benches::senders::prefactor;
use prefactor_benches::senders::{Run, Sender, Senders};
use prefactor_benches::stub::Manner;
use prefactor_benches::table::Line;

/// The targets in their order, by their numbers.
pub(crate) const TARGETS: [(&[&str], Target); 13] = [
    (&["E1"], caller_latency),
    (&["E2"], in_bulk),
    (&["E3"], one_by_one),
    (&["E4", "E5"], on_the_wire),
    (&["E6"], shutdown),
    (&["E7"], resources::memory),
    (&["E8"], resources::idle_minute),
    (&["G4"], longest),
    (&["G5"], deadlines::late),
    (&["F01"], deadlines::set_up),
    (&["F29"], burst),
    (&["F31"], deadlines::huge_text),
    (&["F54"], after_shutdown),
];

type Target = fn(&Senders) -> Result<Vec<Line>>;

const NEAR: Manner = Manner { latency: Duration::ZERO, takes_bulk: true, hangs: false };
const FAR: Manner = Manner { latency: Duration::from_millis(50), takes_bulk: true, hangs: false };
/// Spans that keep fast and slow senders under load for a while.
const MANY: u32 = 50_000;
const FEW: u32 = 2_000;
const FEWEST: u32 = 100;
const ROUNDS: usize = 5;

/// The senders beside this crate.
const OTHERS: [Sender; 3] = [Sender::Otlp, Sender::Python, Sender::TypeScript];

/// Returns the number of spans for a sender, by the latency of its server.
fn spans(sender: Sender, manner: Manner) -> u32 {
    match (sender, manner.latency.is_zero()) {
        (Sender::Own | Sender::OwnOtlp | Sender::Otlp, true) => MANY,
        (Sender::Own | Sender::OwnOtlp | Sender::Otlp, false) => MANY / 2,
        (_, true) => FEW,
        (_, false) => FEWEST,
    }
}

/// Returns the median run, by the time of a span. The senders take turns, so that a slow moment of the machine affects
/// all of them.
fn runs(senders: &Senders, manner: Manner) -> Result<Vec<(Sender, Run)>> {
    let all = [Sender::Own].into_iter().chain(OTHERS).filter(|sender| senders.missing(*sender).is_none());
    let mut runs: Vec<(Sender, Vec<Run>)> = all.map(|sender| (sender, Vec::new())).collect();
    for round in 0..ROUNDS {
        for (sender, runs) in &mut runs {
            if round == 0 || matches!(sender, Sender::Own | Sender::Otlp) {
                runs.extend(senders.run(*sender, Some(manner), spans(*sender, manner))?);
            }
        }
    }
    Ok(runs.into_iter().map(|(sender, runs)| (sender, middle(runs, |run| run.each))).collect())
}

fn middle(mut runs: Vec<Run>, by: impl Fn(&Run) -> f64) -> Run {
    runs.sort_by(|one, other| by(one).total_cmp(&by(other)));
    runs[runs.len() / 2]
}

fn of(runs: &[(Sender, Run)], sender: Sender) -> Option<Run> {
    runs.iter().find(|(other, _)| *other == sender).map(|(_, run)| *run)
}

fn own(runs: &[(Sender, Run)]) -> Result<Run> {
    of(runs, Sender::Own).context("this crate sends")
}

/// A line with all others beside this crate.
fn beside(line: Line, runs: &[(Sender, Run)], what: impl Fn(&Run) -> f64) -> Line {
    let others = runs.iter().filter(|(sender, _)| *sender != Sender::Own);
    others.fold(line, |line, (sender, run)| line.other(sender.name(), what(run)))
}

/// A line whose target is another sender's: skipped where that is missing.
fn against(
    senders: &Senders,
    runs: &[(Sender, Run)],
    (target, what): (&'static str, &str),
    (sender, share): (Sender, f64),
    measure: impl Fn(&Run) -> f64,
) -> Result<Line> {
    let measured = measure(&own(runs)?);
    Ok(match of(runs, sender) {
        Some(other) => beside(Line::new(target, what, measured, share * measure(&other)), runs, measure),
        None => {
            let why = senders.missing(sender).unwrap_or_default();
            Line::skipped(
                target,
                what,
                format!("measured {measured:.2}, but {} is missing: {why},", sender.name()),
            )
        }
    })
}

/// This crate alone, with a few spans: those of E4, and what is measured in this process.
pub(crate) fn smoke(senders: &Senders) -> Result<Vec<Line>> {
    let run = senders.run(Sender::Own, Some(NEAR), FEW)?.context("this crate sends")?;
    let mut lines = vec![Line::new("E4", "requests for 1,000 spans", run.requests * 1_000.0, 5.0)];
    lines.extend(resources::memory_of(FEW)?);
    lines.extend(resources::idle_for(1)?);
    for rows in [deadlines::late, deadlines::set_up, deadlines::huge_text, after_shutdown] {
        lines.extend(rows(senders)?);
    }
    Ok(lines)
}

/// E1: the time that a span takes its caller.
fn caller_latency(_: &Senders) -> Result<Vec<Line>> {
    let latency = caller_latency::measure(&[NEAR, FAR])?;
    let whats = [
        "caller, p99, µs, server at 0 ms",
        "caller, p99, µs, server at 50 ms",
        "caller, p99, µs, server dead",
    ];
    let line = |(what, latency): (_, &Latency)| {
        Line::new("E1", what, latency.tail, 1.0).goal(0.4).other("its own p50", latency.middle)
    };
    let mut lines: Vec<_> = whats.into_iter().zip(&latency).map(line).collect();
    let tails = || latency.iter().map(|latency| latency.tail);
    let (least, most) = (tails().fold(f64::MAX, f64::min), tails().fold(0.0, f64::max));
    lines.push(Line::new("E1", "caller, p99, the largest in multiples of the least", most / least, 1.05));
    Ok(lines)
}

/// E2: microseconds a span, where the API takes bulk requests.
fn in_bulk(senders: &Senders) -> Result<Vec<Line>> {
    let (near, far) = (runs(senders, NEAR)?, runs(senders, FAR)?);
    let each = |run: &Run| run.each;
    let [otlp, otlp_far] = [&near, &far].map(|runs| of(runs, Sender::Otlp).context("OTLP sends"));
    let (otlp, otlp_far) = (otlp?, otlp_far?);
    Ok(vec![
        against(
            senders,
            &near,
            ("E2", "bulk, 0 ms, µs a span ≤ Python / 100"),
            (Sender::Python, 0.01),
            each,
        )?,
        against(senders, &near, ("E2", "bulk, 0 ms, µs a span ≤ OTLP / 2"), (Sender::Otlp, 0.5), each)?
            .goal(otlp.each / 4.0),
        against(senders, &far, ("E2", "bulk, 50 ms, µs a span ≤ OTLP / 6"), (Sender::Otlp, 1.0 / 6.0), each)?
            .goal(otlp_far.each / 10.0),
        against(
            senders,
            &far,
            ("E2", "bulk, 50 ms, µs a span ≤ Python / 1,000"),
            (Sender::Python, 0.001),
            each,
        )?,
    ])
}

/// E3: the same where it does not.
fn one_by_one(senders: &Senders) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (manner, what, share, spans) in [
        (NEAR, "one by one, 0 ms, µs a span ≤ Python / 15", 15.0, 10_000),
        (FAR, "one by one, 50 ms, µs a span ≤ Python / 30", 30.0, FEW),
    ] {
        let mut runs = Vec::new();
        let others = [Sender::Python, Sender::TypeScript];
        for sender in others {
            let spans = self::spans(sender, manner);
            runs.extend(senders.run(sender, Some(manner), spans)?.map(|run| (sender, run)));
        }
        let single = Manner { takes_bulk: false, ..manner };
        let run = senders.run(Sender::Own, Some(single), spans)?.context("this crate sends")?;
        runs.push((Sender::Own, run));
        lines.push(against(senders, &runs, ("E3", what), (Sender::Python, 1.0 / share), |run| run.each)?);
    }
    Ok(lines)
}

/// E4 and E5: requests and bytes.
fn on_the_wire(senders: &Senders) -> Result<Vec<Line>> {
    let runs = runs(senders, NEAR)?;
    let requests = |run: &Run| run.requests * 1_000.0;
    let bytes = |run: &Run| run.bytes;
    let otlp = of(&runs, Sender::Otlp).context("OTLP sends")?;
    Ok(vec![
        beside(Line::new("E4", "requests for 1,000 spans", requests(&own(&runs)?), 5.0), &runs, requests),
        against(senders, &runs, ("E5", "bytes a span ≤ 0.55 Python"), (Sender::Python, 0.55), bytes)?
            .goal(1.2 * otlp.bytes),
    ])
}

/// E6: the time of a shutdown after a burst of spans.
fn shutdown(senders: &Senders) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (spans, what, must) in
        [(2_000, "shutdown, 50 ms, 2,000 spans, s", 0.3), (50_000, "shutdown, 50 ms, 50,000 spans, s", 1.0)]
    {
        let mut runs = Vec::new();
        for sender in [Sender::Own, Sender::Otlp] {
            let repeated = (0..ROUNDS).map(|_| senders.run(sender, Some(FAR), spans));
            let repeated: Vec<_> = repeated.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
            runs.push((sender, middle(repeated, |run| run.delivery)));
        }
        let line = Line::new("E6", what, own(&runs)?.delivery, must);
        lines.push(beside(line, &runs, |run| run.delivery));
    }
    Ok(lines)
}

/// G4 of the fault matrix: the longest delay of a caller by a server that is down, hangs or answers late.
fn longest(senders: &Senders) -> Result<Vec<Line>> {
    let late = Manner { latency: Duration::from_secs(30), ..NEAR };
    let mut lines = Vec::new();
    for (manner, server) in
        [(None, "down"), (Some(Manner { hangs: true, ..NEAR }), "hanging"), (Some(late), "after 30 s")]
    {
        let runs = (0..ROUNDS).map(|_| senders.run(Sender::Own, manner, MANY));
        let runs: Vec<_> = runs.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        let longest = runs.iter().map(|run| run.longest).fold(0.0, f64::max);
        let rare = middle(runs, |run| run.rare).rare;
        lines.push(Line::new("G4", format!("caller, p99.9, µs, server {server}"), rare, 1_000.0));
        lines.push(Line::new("G4", format!("caller, longest, µs, server {server}"), longest, 10_000.0));
    }
    Ok(lines)
}

/// F29: a million spans of one thread, beside a server that answers after 5 ms.
fn burst(senders: &Senders) -> Result<Vec<Line>> {
    let manner = Manner { latency: Duration::from_millis(5), ..NEAR };
    let run = senders.run(Sender::Own, Some(manner), 1_000_000)?.context("this crate sends")?;
    let made = run.each - run.delivery;
    Ok(vec![
        Line::new("F29", "a million spans are made in, s", made, 2.0),
        Line::new("F29", "meanwhile a caller, p99.9, µs", run.rare, 1_000.0),
    ])
}

/// F54: spans after the shutdown.
fn after_shutdown(_: &Senders) -> Result<Vec<Line>> {
    Ok(vec![Line::new("F54", "a span after the shutdown, µs", prefactor::after_shutdown()?, 1.0)])
}
