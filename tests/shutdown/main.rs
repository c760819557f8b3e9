//! The ends of programs in every runtime: recorded spans are delivered, once.
//!
//! Tests are named after the cases of the fault matrix. The programs under test are this binary, run again with a
//! variable that names one.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]
#![expect(clippy::print_stdout, reason = "programs under test report their progress")]

mod cancelled;
mod child;
#[cfg(unix)]
mod fork;
mod guard;
mod outage;
mod panics;
mod process_exit;
mod runtime_ends;
mod runtimes;
#[cfg(unix)]
mod service;
mod setup;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod standard_error;
#[cfg(unix)]
mod stopped;
mod support;

use std::process::{ExitCode, Termination as _};

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if let Ok(scenario) = std::env::var(support::SCENARIO) {
        return child::main(&scenario);
    }
    libtest_mimic::run(&Arguments::from_args(), tests()).exit_code().report()
}

/// One test for each function.
macro_rules! trials {
    ($($module:ident: $($test:ident)*;)*) => {
        vec![$($(Trial::test(stringify!($test), || {
            $module::$test();
            Ok(())
        })),*),*]
    };
}

fn tests() -> Vec<Trial> {
    let mut tests = trials! {
        cancelled: f51a_dropped f51a_loser_of_select f51a_timeout f51a_aborted;
        guard: f36_end_of_main f36_error_from_main f36_inside_an_async_function f37_forgotten f37_in_a_static
            f37_forgotten_without_a_hook;
        outage: f02_never_up;
        panics: f39_in_a_sync_function f39_in_an_async_function f39_payload_of_any_type f40_panic_that_aborts
            f41_spans_dropped_by_a_panic f41_logger_that_panics;
        process_exit: f38_process_exit f38_without_a_hook f38_server_that_hangs f38_after_the_guard
            f38_two_clients f38_from_another_thread;
        runtime_ends: f51_runtime_dropped f51_runtime_shut_down_in_the_background;
        setup: f54_use_after_the_shutdown f55_second_init f55_many_inits_at_once f55_clients_side_by_side
            f56_finished_twice f56_finished_by_two_threads
            spans_outside_of_runs_are_told_of_once_and_counted
            annotated_handler_that_registers_its_run_is_told_two_cures f56_finished_after_its_parent;
    };
    #[cfg(unix)]
    tests.extend(trials! {
        fork: f45_both_deliver_their_own f45_span_open_across_the_fork f45_handle_of_a_run f45_grandchild
            f45_init_in_the_child f45_child_that_does_nothing f45_exit_hook_of_the_child f45_held_spans;
        signals: f43_sigterm f43_sigint f43_blocking_wait f43_without f43_second_signal f43_future_dropped
            f43_server_that_hangs f43_guard_dropped_meanwhile f43_drain_timeout_passes f43_disabled f43_in_a_forked_child;
        service: f43_service_answers_what_is_open f43_service_with_a_stream_that_stays_open;
        standard_error: f62_full_at_the_shutdown f62_full_when_the_guard_is_dropped f62_full_at_the_exit
            f62_full_when_nothing_is_set_up f62_full_when_values_and_rules_panic
            f62_closed_where_sigpipe_has_its_default f62_connections_that_close_where_sigpipe_has_its_default
            f63_logger_that_filters f63_logger_that_blocks;
        stopped: f44_stopped_and_continued;
    });
    #[cfg(target_os = "linux")]
    tests.extend(trials! { signals: f43_shut_down_before_the_drain_timeout; });
    tests.extend(trials! { runtimes: f50_server_on_the_same_runtime f50_flush_on_the_worker; });
    tests.extend(runtimes::tests());
    tests
}
