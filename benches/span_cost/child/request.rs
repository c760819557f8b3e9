//! The work that the benchmark asks of one execution.

use std::env::args;

use crate::contenders;
use crate::session::Session;

pub(crate) struct Request {
    /// The measurement.
    pub(crate) what: String,
    contender: String,
    /// Bytes of a prompt, and of an answer.
    bytes: usize,
    /// Calls of one round.
    calls: u32,
    pub(crate) rounds: u32,
}

impl Request {
    /// Reads the arguments of the process.
    pub(crate) fn read() -> Self {
        let mut arguments = args().skip(1);
        let mut next = || arguments.next().expect("what, contender, bytes, calls, rounds");
        let (what, contender) = (next(), next());
        let mut number = || next().parse().expect("a number");
        let (bytes, calls, rounds) = (number(), number(), number());
        Self { what, contender, bytes: bytes as usize, calls, rounds }
    }

    /// The contender, ready to work.
    pub(crate) fn session(&self) -> Session {
        let contender = contenders::of_name(&self.contender).expect("a contender");
        Session::new(contender, self.bytes, self.calls)
    }
}
