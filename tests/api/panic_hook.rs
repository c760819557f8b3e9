//! A value that panics during its capture does not reach the program's panic hook, which may end the process.

use std::fmt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use prefactor::{Client, span};
use serde::{Serialize, Serializer};

use crate::support::{Recorder, TIMEOUT};

/// Panics in each of its traits.
struct Panicking;

impl Serialize for Panicking {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("Serialize, on purpose");
    }
}

impl fmt::Debug for Panicking {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("Debug, on purpose");
    }
}

impl fmt::Display for Panicking {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("Display, on purpose");
    }
}

#[span("test:serialized", fields(computed = fails()))]
fn serialized(value: &Panicking) -> Panicking {
    let _ = value;
    Panicking
}

#[span("test:formatted", debug(value), display(other))]
fn formatted(value: &Panicking, other: &Panicking) -> Result<(), Panicking> {
    let _ = (value, other);
    Err(Panicking)
}

#[span("test:asked", skip_all, fail_when = |_: &u8| fails())]
fn asked() -> u8 {
    7
}

fn fails() -> bool {
    panic!("an expression, on purpose");
}

#[span("test:program")]
fn program() {
    panic!("of the program, on purpose");
}

/// Each way in which a capture panics, and the settings of its process.
fn work(client: &Client) {
    let run = client.register("tester");
    run.in_scope(|| {
        let _ = (serialized(&Panicking), formatted(&Panicking, &Panicking));
        assert_eq!(asked(), 7);
        span("test:manual").start(&Panicking);
    });
    drop(run);
}

/// A client whose redaction rule panics too, on the worker.
fn client() -> Client {
    Client::builder().transport(Recorder::new()).redact(|_, _| panic!("a rule, on purpose")).build().unwrap()
}

static HEARD: AtomicUsize = AtomicUsize::new(0);

#[test]
fn child_process() {
    let Ok(case) = std::env::var("PREFACTOR_TEST_HOOK") else { return };
    match case.as_str() {
        "before" => {
            std::panic::set_hook(Box::new(|_| std::process::exit(7)));
            let client = client();
            work(&client);
            let report = client.shutdown(TIMEOUT);
            assert_eq!((report.stats.created, report.stats.acknowledged), (4, 4), "{report}");
        }
        "after" => {
            let client = client();
            let ours = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                HEARD.fetch_add(1, Relaxed);
                ours(info);
            }));
            work(&client);
            assert!(client.shutdown(TIMEOUT).is_complete);
            assert!(HEARD.load(Relaxed) >= 7, "a later hook hears of all of them: {HEARD:?}");
        }
        "program" => {
            std::panic::set_hook(Box::new(|info| {
                HEARD.fetch_add(1, Relaxed);
                let message = info.payload().downcast_ref::<&str>().unwrap();
                assert!(message.starts_with("of the program"), "{message}");
            }));
            let client = client();
            work(&client);
            let run = client.register("tester");
            assert!(std::panic::catch_unwind(|| run.in_scope(program)).is_err());
            assert!(std::panic::catch_unwind(|| panic!("of the program, without a span")).is_err());
            assert_eq!(HEARD.load(Relaxed), 2, "the program's own panics");
        }
        _ => unreachable!("{case}"),
    }
    println!("all good");
}

/// Runs a case in a process of its own, and returns its output.
fn run(case: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["panic_hook::child_process", "--exact", "--nocapture"]).env("PREFACTOR_TEST_HOOK", case);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("all good"), "{case}: {:?}: {text}", output.status);
    text.into_owned()
}

#[test]
fn hook_that_ends_the_process_does_not_hear_of_a_capture_that_panics() {
    let text = run("before");
    let lines: Vec<_> = text.lines().filter(|line| line.contains("was caught")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(lines[0].contains("tests/api/panic_hook.rs:"), "{text}");
    assert!(!text.contains("on purpose"), "no message of a value in the log: {text}");
}

#[test]
fn hook_that_is_set_after_the_client_hears_of_every_panic() {
    run("after");
}

#[test]
fn hook_hears_of_the_programs_own_panics() {
    run("program");
}
