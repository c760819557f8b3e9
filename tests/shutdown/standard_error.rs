//! F62: a standard error that nobody reads, or that is closed. F63: a logger that filters, or that blocks for ever.

use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{ExitCode, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use log::LevelFilter;
use prefactor::{Client, DropReason, FlushReport, span};
use prefactor_local::Server;
use prefactor_tests::proxy::Proxy;
use prefactor_tests::stub::Stub;
use serde::{Serialize, Serializer};

use crate::child::many;
use crate::support::{Program, TIMEOUT};

const SPANS: u64 = 1_000;
/// A time longer than any test waits, so that a wait for the log would be ended.
const DEADLINE: Duration = Duration::from_millis(500);

/// Connections that break under the worker's hands.
const BREAKS: u64 = 5;

/// The address has no server, so that there is something to log.
const NOBODY: &str = "http://127.0.0.1:1";

pub(crate) fn program(case: &str) -> ExitCode {
    match case {
        "shutdown" => {
            let client = lossy();
            println!("{}", lost(&client.shutdown(DEADLINE)));
        }
        "shutdown_async" => {
            let client = lossy();
            println!("{}", lost(&pollster::block_on(client.shutdown_async(DEADLINE))));
        }
        "guard" => drop(lossy()),
        "exit" => {
            let _prefactor = lossy();
            std::process::exit(0)
        }
        "nothing_is_set_up" => drop(Client::builder().install().unwrap()),
        "panics" => {
            let prefactor = Client::builder().redact(|_, _| panic!("in the rule")).install().unwrap();
            span("exits:value").complete(&PanicsWhenRead);
            span("exits:rule").complete(&"a text");
            println!("{}", prefactor.shutdown(TIMEOUT).stats.acknowledged);
        }
        "logger_that_filters" | "logger_that_filters_all" => {
            static LOGGER: Filters = Filters { _level: LevelFilter::Error };
            log::set_logger(&LOGGER).unwrap();
            let is_all = case == "logger_that_filters_all";
            log::set_max_level(if is_all { LevelFilter::Off } else { LevelFilter::Error });
            println!("{}", lost(&lossy().shutdown(DEADLINE)));
        }
        "logger_that_blocks" => {
            log::set_logger(&Blocks).unwrap();
            log::set_max_level(LevelFilter::Warn);
            println!("{}", lost(&lossy().shutdown(DEADLINE)));
        }
        "sigpipe" => {
            sigpipe::reset();
            println!("{}", lost(&lossy().shutdown(DEADLINE)));
        }
        "sigpipe_connection" => {
            sigpipe::reset();
            // The server answers to no name but its own, which the proxy's is not.
            let stub = Stub::answering_after(Duration::ZERO);
            let proxy = Proxy::new(stub.url().trim_start_matches("http://").parse().unwrap());
            let (url, breaks) = (proxy.url(), Mutex::new(proxy));
            // A rule sees a text after the worker has taken the span, and before it writes the span to the connection it has.
            let rule = move |_: &str, text: &str| {
                if text.starts_with("broken") {
                    breaks.lock().unwrap().break_connections();
                }
                None
            };
            let prefactor = Client::builder().api_url(url).redact(rule).install().unwrap();
            for round in 0..BREAKS {
                for text in ["whole", "broken"] {
                    span("exits:text").complete(&format!("{text} {round}"));
                    assert!(prefactor.flush(TIMEOUT).is_complete);
                }
            }
            let stats = prefactor.shutdown(TIMEOUT).stats;
            println!("{} of {}, repeated: {}", stats.acknowledged, stats.created, stats.retries >= BREAKS);
        }
        _ => unreachable!("{case}"),
    }
    ExitCode::SUCCESS
}

/// A client with more spans than its queue takes, and without delivery.
fn lossy() -> prefactor::ShutdownGuard {
    let client = Client::builder().max_queue_operations(100).shutdown_timeout(DEADLINE);
    let prefactor = client.shutdown_on_exit(DEADLINE).install().unwrap();
    many(SPANS);
    prefactor
}

fn lost(report: &FlushReport) -> String {
    let [full, late] =
        [DropReason::QueueFull, DropReason::ShutdownDeadline].map(|reason| report.stats.dropped(reason));
    format!("created {}, lost {}", report.stats.created, full + late + report.stats.unknown)
}

struct PanicsWhenRead;

impl Serialize for PanicsWhenRead {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("in the value");
    }
}

/// A logger with the maximum level `Error`. It has a size, as most loggers do.
struct Filters {
    _level: LevelFilter,
}

impl log::Log for Filters {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Error
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let _ = writeln!(std::io::stderr(), "{}", record.args());
        }
    }

    fn flush(&self) {}
}

struct Blocks;

impl log::Log for Blocks {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.target() == "prefactor" {
            loop {
                thread::park();
            }
        }
    }

    fn flush(&self) {}
}

/// A standard error that takes nothing more, and the end that nobody reads.
fn full() -> (Stdio, UnixStream) {
    let (unread, mut written) = UnixStream::pair().unwrap();
    written.set_nonblocking(true).unwrap();
    // The buffer is filled to the last byte: a large write may be refused where a small one still fits.
    for size in [1 << 12, 1] {
        while written.write(&vec![b'.'; size]).is_ok() {}
    }
    written.set_nonblocking(false).unwrap();
    (OwnedFd::from(written).into(), unread)
}

fn with_full_standard_error(case: &str) -> String {
    let server = Server::start().unwrap();
    let url = match case {
        "panics" => server.url().to_owned(),
        "nothing_is_set_up" => String::new(),
        _ => NOBODY.to_owned(),
    };
    let (errors, _unread) = full();
    let ended = Program::start_with_errors(&format!("stderr:{case}"), server, &url, errors).end();
    assert_eq!(ended.status.code(), Some(0));
    ended.output
}

pub(crate) fn f62_full_at_the_shutdown() {
    for case in ["shutdown", "shutdown_async"] {
        assert_eq!(with_full_standard_error(case), format!("created {SPANS}, lost {SPANS}\n"), "{case}");
    }
}

pub(crate) fn f62_full_when_the_guard_is_dropped() {
    with_full_standard_error("guard");
}

pub(crate) fn f62_full_at_the_exit() {
    with_full_standard_error("exit");
}

pub(crate) fn f62_full_when_nothing_is_set_up() {
    with_full_standard_error("nothing_is_set_up");
}

pub(crate) fn f62_full_when_values_and_rules_panic() {
    assert_eq!(with_full_standard_error("panics"), "2\n");
}

pub(crate) fn f62_closed_where_sigpipe_has_its_default() {
    let server = Server::start().unwrap();
    let (unread, written) = UnixStream::pair().unwrap();
    drop(unread);
    let errors = OwnedFd::from(written).into();
    let ended = Program::start_with_errors("stderr:sigpipe", server, NOBODY, errors).end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.status);
    assert_eq!(ended.output, format!("created {SPANS}, lost {SPANS}\n"));
}

pub(crate) fn f62_connections_that_close_where_sigpipe_has_its_default() {
    let ended = Program::start("stderr:sigpipe_connection").end();
    assert_eq!(ended.status.code(), Some(0), "{}: {}", ended.status, ended.errors);
    assert_eq!(ended.output, format!("{0} of {0}, repeated: true\n", 2 * BREAKS));
}

pub(crate) fn f63_logger_that_filters() {
    for case in ["logger_that_filters", "logger_that_filters_all"] {
        let ended = Program::start_with(&format!("stderr:{case}"), Server::start().unwrap(), NOBODY).end();
        ended.quietly(0);
        assert_eq!(ended.output, format!("created {SPANS}, lost {SPANS}\n"));
    }
}

pub(crate) fn f63_logger_that_blocks() {
    let ended = Program::start_with("stderr:logger_that_blocks", Server::start().unwrap(), NOBODY).end();
    ended.quietly(0);
    assert_eq!(ended.output, format!("created {SPANS}, lost {SPANS}\n"));
}
