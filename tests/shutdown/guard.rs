//! F36: the guard is dropped. F37: it is forgotten.

use std::process::ExitCode;
use std::sync::OnceLock;

use prefactor::ShutdownGuard;

use crate::child::{init, init_with_hook, many, ready};
use crate::support::{Gate, Program};

pub(crate) fn program(way: &str) -> ExitCode {
    static KEPT: OnceLock<ShutdownGuard> = OnceLock::new();
    match way {
        "end_of_main" => {
            let _prefactor = init();
            many(100);
        }
        "error_from_main" => return std::process::Termination::report(fails()),
        "async" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let _prefactor = init();
                tokio::spawn(async { many(100) }).await.unwrap();
            });
        }
        "forgotten" => {
            #[expect(clippy::mem_forget, reason = "under test")]
            std::mem::forget(init_with_hook());
            many(100);
            ready();
        }
        "static" => {
            KEPT.set(init_with_hook()).unwrap();
            many(100);
            ready();
        }
        "forgotten_without_a_hook" => {
            KEPT.set(init()).unwrap();
            many(100);
            ready();
        }
        _ => unreachable!("{way}"),
    }
    ExitCode::SUCCESS
}

/// A `main` that returns an error: it is printed, and the code is 1.
fn fails() -> Result<(), String> {
    let _prefactor = init();
    many(100);
    Err("on purpose".to_owned())
}

fn ends_well(way: &str) {
    let ended = Program::start(&format!("guard:{way}")).end();
    ended.quietly(0).assert_numbered("exits:many", 100).assert_instance("complete");
}

pub(crate) fn f36_end_of_main() {
    ends_well("end_of_main");
}

pub(crate) fn f36_error_from_main() {
    let ended = Program::start("guard:error_from_main").end();
    assert_eq!((ended.status.code(), ended.errors.as_str()), (Some(1), "Error: \"on purpose\"\n"));
    ended.stored.assert_numbered("exits:many", 100).assert_instance("complete");
}

pub(crate) fn f36_inside_an_async_function() {
    ends_well("async");
}

/// The hook delivers everything.
fn ends_by_the_hook(way: &str) {
    let mut program = Program::start(&format!("guard:{way}"));
    program.ready();
    program.end().quietly(0).assert_numbered("exits:many", 100).assert_instance("complete");
}

pub(crate) fn f37_forgotten() {
    ends_by_the_hook("forgotten");
}

pub(crate) fn f37_in_a_static() {
    ends_by_the_hook("static");
}

/// The documentation says that these spans are lost.
pub(crate) fn f37_forgotten_without_a_hook() {
    let server = prefactor_local::Server::start().unwrap();
    let gate = Gate::closed(&server);
    let mut program = Program::start_with("guard:forgotten_without_a_hook", server, &gate.url());
    program.ready();
    assert!(program.end().quietly(0).spans.is_empty());
}
