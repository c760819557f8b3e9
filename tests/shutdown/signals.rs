//! F43: the process is asked to end by a signal.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use nix::sys::signal::Signal;
use prefactor::{Client, span};
use prefactor_local::Server;

use crate::child::{init, many, ready, wait_to_go};
use crate::support::{Ended, Gate, Program, TIMEOUT};

const SHUTDOWN: Duration = Duration::from_secs(1);

pub(crate) fn program(case: &str) -> ExitCode {
    let prefactor = init();
    match case {
        "select" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            return runtime.block_on(async {
                let signal = prefactor.shutdown_on_signal().unwrap();
                tokio::select! {
                    () = agent() => ExitCode::SUCCESS,
                    signal = signal => {
                        println!("{signal}");
                        ExitCode::from(signal.exit_code() - 100)
                    }
                }
            });
        }
        "wait" => {
            let signal = prefactor.shutdown_on_signal().unwrap();
            many(500);
            ready();
            return signal.wait().into();
        }
        "without" => {
            many(500);
            ready();
            wait_to_go();
        }
        "drop" => {
            drop(prefactor.shutdown_on_signal().unwrap());
            drop(prefactor.shutdown_on_signal().unwrap());
            many(500);
            ready();
            wait_to_go();
        }
        "grace" => {
            drop(prefactor);
            let prefactor = Client::builder().shutdown_timeout(SHUTDOWN).install().unwrap();
            let signal = prefactor.shutdown_on_signal().unwrap();
            many(500);
            ready();
            return signal.wait().into();
        }
        "guard" => {
            drop(prefactor);
            let prefactor = builder().drain_timeout(Duration::ZERO).install().unwrap();
            let _signal = prefactor.shutdown_on_signal().unwrap();
            many(500);
            ready();
            while prefactor.is_enabled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            ready();
        }
        "overdue" => {
            drop(prefactor);
            let prefactor = builder().drain_timeout(Duration::from_millis(1)).install().unwrap();
            let other = builder().drain_timeout(Duration::from_millis(200)).build().unwrap();
            let _signals = [&prefactor, &other].map(|client| client.shutdown_on_signal().unwrap());
            many(500);
            let open = span("exits:open");
            open.start(&());
            let other = other.register("other").span("exits:other");
            other.start(&());
            ready();
            loop {
                std::thread::park();
            }
        }
        "drained" => {
            drop(prefactor);
            let prefactor = builder().drain_timeout(Duration::from_millis(100)).install().unwrap();
            let signal = prefactor.shutdown_on_signal().unwrap();
            many(500);
            ready();
            let signal = signal.wait();
            drop(prefactor);
            wait_to_go();
            return signal.into();
        }
        "disabled" => {
            drop(prefactor);
            let client = builder().disabled(true).drain_timeout(Duration::from_millis(1)).build().unwrap();
            let _signal = client.shutdown_on_signal().unwrap();
            ready();
            loop {
                std::thread::park();
            }
        }
        "fork" => {
            let _signal = prefactor.shutdown_on_signal().unwrap();
            let forked = fork::fork().unwrap();
            let Some(child) = forked.child_pid() else {
                nix::sys::signal::raise(Signal::SIGTERM).unwrap();
                std::process::exit(0)
            };
            println!("{:?}", ExitStatus::from_raw(fork::waitpid(child).unwrap()).signal());
        }
        _ => unreachable!("{case}"),
    }
    ExitCode::SUCCESS
}

fn builder() -> prefactor::ClientBuilder {
    Client::builder().shutdown_timeout(TIMEOUT)
}

#[span("exits:agent")]
async fn agent() {
    many(500);
    ready();
    std::future::pending::<()>().await;
}

fn signalled(case: &str, signal: Signal) -> Ended {
    let mut program = Program::start(&format!("signal:{case}"));
    program.ready();
    program.signal(signal);
    program.end()
}

pub(crate) fn f43_sigterm() {
    let ended = signalled("select", Signal::SIGTERM);
    let stored = ended.quietly(43).assert_numbered("exits:many", 500).assert_instance("complete");
    assert_eq!(
        (stored.span("exits:agent").status.as_str(), ended.output.as_str()),
        ("cancelled", "SIGTERM\n")
    );
}

pub(crate) fn f43_sigint() {
    let ended = signalled("select", Signal::SIGINT);
    ended.quietly(30).assert_numbered("exits:many", 500).assert_instance("complete");
    assert_eq!(ended.output, "SIGINT\n");
}

pub(crate) fn f43_blocking_wait() {
    signalled("wait", Signal::SIGTERM)
        .quietly(143)
        .assert_numbered("exits:many", 500)
        .assert_instance("complete");
}

fn behind_a_gate(case: &str) -> (Program, Gate) {
    let server = Server::start().unwrap();
    let gate = Gate::closed(&server);
    let mut program = Program::start_with(&format!("signal:{case}"), server, &gate.url());
    program.ready();
    (program, gate)
}

fn assert_killed(ended: &Ended) {
    assert_eq!(ended.status.signal(), Some(Signal::SIGTERM as i32), "{:?}", ended.status);
    // A shutdown that waited for the server would have logged the lost spans.
    assert_eq!(ended.errors, "");
    assert!(ended.stored.spans.is_empty());
}

/// The documentation says that these spans are lost.
pub(crate) fn f43_without() {
    let (mut program, _gate) = behind_a_gate("without");
    program.signal(Signal::SIGTERM);
    assert_killed(&program.end());
}

/// The first one waits for a server that hangs, and the second does not.
pub(crate) fn f43_second_signal() {
    let (mut program, _gate) = behind_a_gate("wait");
    program.signal(Signal::SIGTERM);
    // The signal is repeated, because the kernel merges a second one with a first one that is still pending.
    let begin = std::time::Instant::now();
    let ended = loop {
        program.signal(Signal::SIGTERM);
        if let Some(ended) = program.has_ended() {
            break ended;
        }
        assert!(begin.elapsed() < TIMEOUT, "it does not end");
        std::thread::sleep(Duration::from_millis(1));
    };
    assert_eq!(ended.signal(), Some(Signal::SIGTERM as i32));
}

pub(crate) fn f43_future_dropped() {
    let (mut program, _gate) = behind_a_gate("drop");
    program.signal(Signal::SIGTERM);
    assert_killed(&program.end());
}

pub(crate) fn f43_server_that_hangs() {
    let (mut program, gate) = behind_a_gate("grace");
    program.signal(Signal::SIGTERM);
    let ended = program.end();
    drop(gate);
    assert_eq!(ended.status.code(), Some(143));
    assert_eq!(ended.errors.matches("500 dropped (shutdown_deadline)").count(), 1, "{}", ended.errors);
    assert!(ended.took >= SHUTDOWN, "{:?}", ended.took);
}

/// The program ends by itself while the shutdown is under way. In either order everything is delivered.
pub(crate) fn f43_guard_dropped_meanwhile() {
    let (mut program, gate) = behind_a_gate("guard");
    program.signal(Signal::SIGTERM);
    program.ready();
    gate.open();
    let ended = program.end();
    let how = (ended.status.code(), ended.status.signal());
    assert!(matches!(how, (Some(0), None) | (None, Some(15))), "{how:?}");
    ended.stored.assert_numbered("exits:many", 500);
}

/// The program does not end by itself: each client cancels its open spans and delivers, then the signal ends the
/// process.
pub(crate) fn f43_drain_timeout_passes() {
    let ended = signalled("overdue", Signal::SIGTERM);
    assert_eq!(ended.status.signal(), Some(Signal::SIGTERM as i32), "{:?}", ended.status);
    assert_eq!(ended.errors.matches("the program still runs").count(), 2, "{}", ended.errors);
    let stored = ended.stored.assert_numbered("exits:many", 500);
    let statuses = [stored.span("exits:open"), stored.span("exits:other")].map(|span| span.status.as_str());
    assert_eq!(statuses, ["cancelled"; 2]);
    assert!(stored.instances.iter().all(|instance| instance.status == "failed"), "{:?}", stored.instances);
}

/// Once the client is shut down, the signal does not end the process any more.
#[cfg(target_os = "linux")]
pub(crate) fn f43_shut_down_before_the_drain_timeout() {
    let mut program = Program::start("signal:drained");
    program.ready();
    program.signal(Signal::SIGTERM);
    program.wait_for_thread_to_end("prefactor-signal");
    program.go();
    program.end().quietly(143).assert_numbered("exits:many", 500).assert_instance("complete");
}

/// A disabled client limits the time to drain too.
pub(crate) fn f43_disabled() {
    let ended = signalled("disabled", Signal::SIGINT);
    assert_eq!(ended.status.signal(), Some(Signal::SIGINT as i32), "{:?}", ended.status);
}

pub(crate) fn f43_in_a_forked_child() {
    let ended = Program::start("signal:fork").end();
    ended.quietly(0);
    assert_eq!(ended.output, "Some(15)\n", "the child ends as if nothing had been called");
}
