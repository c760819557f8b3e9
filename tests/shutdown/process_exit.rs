//! F38: `std::process::exit`, which drops no guard.

use std::process::ExitCode;
use std::time::Duration;

use prefactor::{Client, span};
use prefactor_local::Server;

use crate::child::{init, init_with_hook, many, ready, wait_to_go};
use crate::support::{Ended, Gate, Program, TIMEOUT};

/// The longest that the hook may take.
const HOOK: Duration = Duration::from_secs(2);

pub(crate) fn program(way: &str) -> ExitCode {
    match way {
        "with_a_hook" => {
            let _prefactor = init_with_hook();
            many(500);
            ready();
            std::process::exit(3)
        }
        "without_a_hook" => {
            let _prefactor = init();
            many(500);
            ready();
            wait_to_go();
            std::process::exit(3)
        }
        "a_long_hook" => {
            let _prefactor = Client::builder().shutdown_on_exit(Duration::from_secs(60)).install().unwrap();
            many(500);
            let _open = span("exits:open");
            ready();
            wait_to_go();
            std::process::exit(3)
        }
        "after_the_guard" => {
            let prefactor =
                Client::builder().shutdown_on_exit(HOOK).shutdown_timeout(TIMEOUT).install().unwrap();
            many(500);
            drop(prefactor);
            ready();
            std::process::exit(3)
        }
        "two_clients" => {
            let _prefactor = init_with_hook();
            let other = Client::builder().shutdown_on_exit(HOOK).build().unwrap();
            let instance = other.register("other");
            instance.in_scope(|| span("exits:other").complete(&()));
            many(100);
            std::process::exit(3)
        }
        "another_thread" => {
            let _prefactor = init_with_hook();
            many(100);
            std::thread::spawn(|| std::process::exit(3)).join().unwrap();
            unreachable!("the process has ended")
        }
        _ => unreachable!("{way}"),
    }
}

fn ended(way: &str) -> Ended {
    let mut program = Program::start(&format!("exit:{way}"));
    program.ready();
    program.end()
}

pub(crate) fn f38_process_exit() {
    let ended = ended("with_a_hook");
    ended.quietly(3).assert_numbered("exits:many", 500).assert_instance("complete");
}

fn ended_behind_a_gate(way: &str) -> Ended {
    let server = Server::start().unwrap();
    let gate = Gate::closed(&server);
    let mut program = Program::start_with(&format!("exit:{way}"), server, &gate.url());
    program.ready();
    program.go();
    program.end()
}

/// The documentation says that these spans are lost.
pub(crate) fn f38_without_a_hook() {
    assert!(ended_behind_a_gate("without_a_hook").quietly(3).spans.is_empty());
}

pub(crate) fn f38_server_that_hangs() {
    let ended = ended_behind_a_gate("a_long_hook");
    assert_eq!(ended.status.code(), Some(3));
    let line = "prefactor: shut down with losses: 0 of 500 spans delivered, 500 dropped (shutdown_deadline), 1 of 1 \
                runs lost\n";
    assert_eq!(ended.errors, line);
    assert!(ended.took >= HOOK, "{:?}", ended.took);
}

pub(crate) fn f38_after_the_guard() {
    ended("after_the_guard").quietly(3).assert_numbered("exits:many", 500).assert_instance("complete");
}

pub(crate) fn f38_two_clients() {
    let ended = Program::start("exit:two_clients").end();
    let stored = ended.quietly(3).assert_numbered("exits:many", 100);
    assert_eq!(stored.span("exits:other").status, "complete");
    assert!(stored.instances.iter().all(|instance| instance.status == "complete"), "{stored:?}");
    assert_eq!(stored.instances.len(), 2);
}

pub(crate) fn f38_from_another_thread() {
    let ended = Program::start("exit:another_thread").end();
    ended.quietly(3).assert_numbered("exits:many", 100).assert_instance("complete");
}
