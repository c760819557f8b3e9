//! The programs under test, from the inside.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use prefactor::{Client, ShutdownGuard, span};
use serde_json::json;

use crate::support::TIMEOUT;
use crate::{guard, outage, panics, process_exit, runtimes, setup};

/// Runs one of them, and returns the result of `main`.
pub(crate) fn main(scenario: &str) -> ExitCode {
    match scenario.split_once(':').unwrap() {
        ("guard", way) => guard::program(way),
        ("exit", way) => process_exit::program(way),
        ("panic", way) => panics::program(way),
        ("runtime", cell) => runtimes::program(cell),
        ("outage", _) => outage::program(),
        ("setup", case) => setup::program(case),
        #[cfg(unix)]
        ("fork", case) => crate::fork::program(case),
        #[cfg(unix)]
        ("signal", case) => crate::signals::program(case),
        #[cfg(unix)]
        ("service", _) => crate::service::program(),
        #[cfg(unix)]
        ("stderr", case) => crate::standard_error::program(case),
        #[cfg(unix)]
        ("stopped", _) => crate::stopped::program(),
        _ => panic!("there is no program {scenario}"),
    }
}

/// A shutdown timeout that a busy machine keeps.
pub(crate) fn init() -> ShutdownGuard {
    Client::builder().shutdown_timeout(TIMEOUT).install().unwrap()
}

pub(crate) fn init_with_hook() -> ShutdownGuard {
    Client::builder().shutdown_on_exit(Duration::from_secs(2)).install().unwrap()
}

/// Spans with the numbers `0 .. count`.
pub(crate) fn many(count: u64) {
    (0..count).for_each(|number| span("exits:many").complete_numbered(number));
}

pub(crate) trait Numbered {
    fn complete_numbered(&self, number: u64);
}

impl Numbered for prefactor::Span {
    fn complete_numbered(&self, number: u64) {
        self.start(&json!({ "number": number }));
        self.complete(&number);
    }
}

/// Tells the test that everything up to here has happened.
pub(crate) fn ready() {
    println!("ready");
    std::io::stdout().flush().unwrap();
}

/// Waits until the test has seen it.
pub(crate) fn wait_to_go() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
