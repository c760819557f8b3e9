//! F39: panics that unwind. F40: panics that abort. F41: no panic on top of another.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use prefactor::{Client, span};
use prefactor_local::Server;
use prefactor_tests::nested_cargo;
use serde::{Serialize, Serializer};

use crate::child::{init, many, wait_to_go};
use crate::support::{Program, StoredSpan};

pub(crate) fn program(way: &str) -> ExitCode {
    match way {
        "sync" => {
            let _prefactor = init();
            many(100);
            fails(&"x".repeat(100_000));
        }
        "async" => {
            let _prefactor = init();
            many(100);
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(fails_later(&"x".repeat(100_000)));
        }
        "spans" => {
            let _prefactor = init();
            many(100);
            let outer = span("exits:outer");
            outer.start(&());
            let _entered = outer.enter();
            let _prepared = span("exits:prepared");
            let _reports = ReportsOnDrop;
            panic!("on purpose");
        }
        "logger" => {
            log::set_logger(&Panics).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
            let url = "http://127.0.0.1:1";
            let client = Client::builder().api_url(url).shutdown_timeout(Duration::ZERO);
            let _prefactor = client.install().unwrap();
            many(100);
            while PANICS.load(Relaxed) < 2 {
                std::thread::sleep(Duration::from_millis(1));
            }
            println!("ready");
            wait_to_go();
            panic!("on purpose");
        }
        _ => unreachable!("{way}"),
    }
    ExitCode::SUCCESS
}

#[span("exits:fails", skip_all)]
fn fails(message: &str) {
    panic!("{message}");
}

#[span("exits:fails", skip_all)]
async fn fails_later(message: &str) {
    tokio::task::yield_now().await;
    panic!("{message}");
}

fn ends_by_a_panic(way: &str) {
    let ended = Program::start(&format!("panic:{way}")).end();
    assert_eq!(ended.status.code(), Some(101));
    assert_eq!(ended.errors.matches("panicked at").count(), 1, "{}", ended.errors);
    let stored = ended.stored.assert_numbered("exits:many", 100).assert_instance("failed");
    assert_failed(stored.span("exits:fails"), 10_000);
}

fn assert_failed(span: &StoredSpan, length: usize) {
    let result = span.result_payload.as_ref().unwrap();
    assert_eq!((span.status.as_str(), &result["error_type"]), ("failed", &"panic".into()));
    let message = result["message"].as_str().unwrap();
    assert!(message.starts_with("xxx") && message.contains("... [truncated"), "{message}");
    assert!(message.len() <= length + 20, "{} bytes", message.len());
}

pub(crate) fn f39_in_a_sync_function() {
    ends_by_a_panic("sync");
}

pub(crate) fn f39_in_an_async_function() {
    ends_by_a_panic("async");
}

#[derive(Debug, PartialEq)]
struct Custom(u32);

#[span("exits:custom")]
fn panics_with(number: u32) {
    panic_any(Custom(number));
}

#[span("exits:custom")]
async fn panics_later_with(number: u32) {
    tokio::task::yield_now().await;
    panic_any(Custom(number));
}

pub(crate) fn f39_payload_of_any_type() {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("tester");
    let sync = catch_unwind(|| instance.in_scope(|| panics_with(1))).unwrap_err();
    let later = AssertUnwindSafe(|| pollster::block_on(instance.scope(panics_later_with(2))));
    let later = catch_unwind(later).unwrap_err();
    assert_eq!((sync.downcast_ref(), later.downcast_ref()), (Some(&Custom(1)), Some(&Custom(2))));
    assert!(client.shutdown(crate::support::TIMEOUT).is_complete);
    let stored = crate::support::Stored::of(&server);
    assert!(stored.of_kind("exits:custom").iter().all(|span| span.status == "failed"), "{stored:?}");
    assert_eq!(stored.spans.len(), 2);
}

/// Builds `tests/shutdown/abort` in a profile in which panics abort, and runs it.
pub(crate) fn f40_panic_that_aborts() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("abort");
    let profile = "profile.dev.panic='abort'";
    let _ = nested_cargo::run(&target, &["build", "--quiet", "-p", "prefactor-abort", "--config", profile]);

    let server = Server::start().unwrap();
    let url = server.url().to_owned();
    let ended = Program::run(Command::new(target.join("debug/prefactor-abort")), server, &url).end();
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(ended.status.signal(), Some(nix::sys::signal::Signal::SIGABRT as i32));
    }
    assert_eq!(ended.errors.matches("panicked at").count(), 1, "{}", ended.errors);
    let stored = ended.stored.assert_numbered("abort:done", 100).assert_instance("failed");
    for (kind, parent) in [("abort:outer", None), ("abort:inner", Some("abort:outer"))] {
        let span = stored.span(kind);
        assert_eq!(span.status, "failed");
        assert_eq!(span.result_payload.as_ref().unwrap()["message"], "panicked on purpose");
        assert_eq!(span.parent_span_id.as_ref(), parent.map(|parent| &stored.span(parent).id));
    }
}

/// Makes spans while it is dropped, of a value that panics.
struct ReportsOnDrop;

struct PanicsWhenRead;

impl Serialize for PanicsWhenRead {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("in the value");
    }
}

impl Drop for ReportsOnDrop {
    fn drop(&mut self) {
        let span = span("exits:reported");
        span.start(&PanicsWhenRead);
        span.complete(&PanicsWhenRead);
    }
}

pub(crate) fn f41_spans_dropped_by_a_panic() {
    let ended = Program::start("panic:spans").end();
    assert_eq!(ended.status.code(), Some(101), "{}", ended.errors);
    let stored = ended.stored.assert_numbered("exits:many", 100).assert_instance("failed");
    let states = ["outer", "prepared", "reported"].map(|kind| &stored.span(&format!("exits:{kind}")).status);
    assert_eq!(states, ["failed", "failed", "complete"]);
}

struct Panics;

/// Counts its panics.
static PANICS: AtomicUsize = AtomicUsize::new(0);

impl log::Log for Panics {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.target() == "prefactor" {
            PANICS.fetch_add(1, Relaxed);
            panic!("in the logger");
        }
    }

    fn flush(&self) {}
}

pub(crate) fn f41_logger_that_panics() {
    let mut program = Program::start("panic:logger");
    program.ready();
    #[cfg(target_os = "linux")]
    program.wait_for_thread_to_end("prefactor-log");
    program.go();
    let ended = program.end();
    assert_eq!(ended.status.code(), Some(101), "{}", ended.errors);
    assert!(ended.errors.contains("a panic at tests/shutdown/panics.rs"), "{}", ended.errors);
}
