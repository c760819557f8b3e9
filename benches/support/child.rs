//! Runs one contender in a binary that is executed with arguments that choose it.
//!
//! Each measurement has a process of its own, so that nothing else runs in it and the start is the same each time.

use std::env::args;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region};

use crate::workload::Subject;

/// The first argument of such an execution.
const CHILD: &str = "--child";

/// A kind of function.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Sync,
    Async,
}

impl Shape {
    pub const ALL: [Self; 2] = [Self::Sync, Self::Async];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Async => "async",
        }
    }
}

/// Does the work, if the arguments ask for it, and returns whether they did.
#[expect(clippy::print_stdout, reason = "the parent reads the answer there")]
pub fn answer(subjects: &[Subject]) -> bool {
    let mut arguments = args().skip_while(|argument| argument != CHILD).skip(1);
    let (Some(request), Some(name)) = (arguments.next(), arguments.next()) else { return false };
    let Some(subject) = subjects.iter().find(|subject| subject.name == name) else { return true };
    let shape = arguments.next();
    let count = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(0);
    let run = if shape.as_deref() == Some(Shape::Async.name()) { subject.finish } else { subject.call };
    match request.as_str() {
        "run" => run(count),
        "allocations" => {
            let region = Region::new(&INSTRUMENTED_SYSTEM);
            run(count);
            let change = region.change();
            println!("{}", change.allocations + change.reallocations);
        }
        _ => {
            let sizes: Vec<String> = (subject.chain)().iter().map(ToString::to_string).collect();
            println!("{} {}", sizes.join(" "), (subject.large)());
        }
    }
    true
}

/// The arguments that make a binary run the function of a contender.
#[must_use]
pub fn run(subject: &str, shape: Shape, count: u64) -> [String; 5] {
    request("run", subject, shape, count)
}

/// Counts a contender's allocations in `calls` calls.
pub fn allocations(binary: &Path, subject: &str, shape: Shape, count: u64) -> Result<u64> {
    Ok(ask(binary, &request("allocations", subject, shape, count))?[0])
}

/// The bytes of a contender's chains of one to ten futures, and of its future with an argument of 1 KiB.
pub fn sizes(binary: &Path, subject: &str) -> Result<(Vec<u64>, u64)> {
    let mut sizes = ask(binary, &request("sizes", subject, Shape::Async, 0))?;
    let large = sizes.pop().context("the contender has no sizes")?;
    Ok((sizes, large))
}

fn request(what: &str, subject: &str, shape: Shape, count: u64) -> [String; 5] {
    [CHILD, what, subject, shape.name(), &count.to_string()].map(str::to_owned)
}

fn ask(binary: &Path, request: &[String]) -> Result<Vec<u64>> {
    let output = Command::new(binary).args(request).output()?;
    let answer = String::from_utf8(output.stdout)?;
    let numbers = answer.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    ensure!(!numbers.is_empty(), "{} knows nothing of {request:?}", binary.display());
    Ok(numbers)
}
