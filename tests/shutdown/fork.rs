//! F45: the process is forked, with a client and its queue in it.

use std::collections::HashSet;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use prefactor::{Client, DropReason, ShutdownGuard, span};
use prefactor_local::Server;
use serde_json::json;

use crate::child::{Numbered as _, init, init_with_hook, many, ready};
use crate::support::{Gate, Program, Stored, TIMEOUT};

pub(crate) fn program(case: &str) -> ExitCode {
    let prefactor = match case {
        "exit_hook" => init_with_hook(),
        "held" => {
            let builder = Client::builder().sample_rate(0.0).keep_failures(true);
            builder.shutdown_timeout(TIMEOUT).install().unwrap()
        }
        _ => init(),
    };
    match case {
        "both" => {
            many(100);
            let forked = fork();
            if forked.is_parent() {
                (200..300).for_each(|number| span("exits:many").complete_numbered(number));
                ready();
            } else {
                (100..200).for_each(|number| span("exits:many").complete_numbered(number));
                #[cfg(target_os = "linux")]
                assert_eq!(std::fs::read_dir("/proc/self/task").unwrap().count(), 2);
                let stats = prefactor.stats();
                assert_eq!((stats.created, stats.outstanding), (100, 100), "it counts its own only");
            }
            wait_for(forked, prefactor);
        }
        "open_span" => {
            let open = span("exits:open");
            open.start(&());
            let entered = open.enter();
            let forked = fork();
            if forked.is_parent() {
                span("exits:of_parent").complete(&());
            } else {
                span("exits:of_child").complete(&());
                open.fail(&"the parent's to end");
            }
            drop((entered, open));
            wait_for(forked, prefactor);
        }
        "handle" => {
            let instance = prefactor.register("forking");
            instance.span("exits:of_parent").complete(&());
            assert!(prefactor.flush(TIMEOUT).is_complete);
            let id = instance.id();
            let forked = fork();
            if forked.is_child() {
                assert_eq!(instance.id(), None, "it has no run yet");
                instance.in_scope(|| span("exits:of_child").in_scope(|| span("exits:inner").complete(&())));
                assert!(prefactor.flush(TIMEOUT).is_complete);
                assert!(instance.id().is_some() && instance.id() != id);
            }
            wait_for(forked, (instance, prefactor));
        }
        "grandchild" => grandchild(prefactor),
        "init" => {
            span("exits:many").complete_numbered(0);
            let forked = fork();
            if forked.is_child() {
                span("exits:many").complete_numbered(1);
                let own = Client::builder().agent("child").shutdown_timeout(TIMEOUT).install().unwrap();
                span("exits:many").complete_numbered(2);
                drop(own);
            }
            wait_for(forked, prefactor);
        }
        "nothing" => {
            many(100);
            let forked = fork();
            if forked.is_child() {
                assert!(prefactor.flush(TIMEOUT).is_complete);
                assert!(pollster::block_on(prefactor.flush_async(TIMEOUT)).is_complete);
                assert_eq!(prefactor.shutdown(TIMEOUT).stats, prefactor::Stats::default());
                drop(prefactor);
                return ExitCode::SUCCESS;
            }
            wait_for(forked, prefactor);
        }
        "exit_hook" => {
            span("exits:many").complete_numbered(0);
            let forked = fork();
            if forked.is_child() {
                span("exits:many").complete_numbered(1);
                std::process::exit(0);
            }
            wait_for(forked, prefactor);
        }
        "held" => held(prefactor),
        _ => unreachable!("{case}"),
    }
    ExitCode::SUCCESS
}

fn grandchild(prefactor: ShutdownGuard) {
    span("exits:many").complete_numbered(0);
    let child = fork();
    if child.is_child() {
        span("exits:many").complete_numbered(1);
        let grandchild = fork();
        if grandchild.is_child() {
            span("exits:many").complete_numbered(2);
        }
        wait_for(grandchild, prefactor);
        return;
    }
    wait_for(child, prefactor);
}

/// Spans that the sample rate leaves out are held in the process that made them.
fn held(prefactor: ShutdownGuard) {
    let open = span("exits:open");
    open.start(&());
    let entered = open.enter();
    let forked = fork();
    let name = if forked.is_parent() { "exits:of_parent" } else { "exits:of_child" };
    span("exits:quiet").complete(&());
    let own = span(name);
    own.start(&());
    own.in_scope(|| span("exits:inner").fail(&"broken"));
    own.complete(&());
    drop((own, entered));
    if forked.is_child() {
        open.fail(&"the parent's to end");
        drop(open);
        let stats = prefactor.flush(TIMEOUT).stats;
        assert_eq!((stats.created, stats.dropped(DropReason::SampledOut)), (3, 1), "{stats}");
    } else {
        open.complete(&());
        drop(open);
    }
    wait_for(forked, prefactor);
}

fn fork() -> fork::Fork {
    fork::fork().unwrap()
}

/// Both processes drop their spans. The parent waits for the child's good end, and then tells the test.
fn wait_for<T>(forked: fork::Fork, kept: T) {
    if let Some(child) = forked.child_pid() {
        let status = ExitStatus::from_raw(fork::waitpid(child).unwrap());
        assert!(status.success(), "the child ended by {status:?}");
    }
    drop(kept);
}

fn stored(case: &str) -> Stored {
    let ended = Program::start(&format!("fork:{case}")).end();
    ended.quietly(0);
    ended.stored
}

/// Runs of different processes, whose spans do not name each other.
fn assert_runs(stored: &Stored, count: usize) {
    let runs: HashSet<_> = stored.instances.iter().map(|instance| &instance.id).collect();
    assert_eq!((runs.len(), stored.instances.len()), (count, count), "{:#?}", stored.instances);
    assert!(stored.instances.iter().all(|instance| instance.status == "complete"), "{:#?}", stored.instances);
}

pub(crate) fn f45_both_deliver_their_own() {
    let server = Server::start().unwrap();
    let gate = Gate::closed(&server);
    let mut program = Program::start_with("fork:both", server, &gate.url());
    program.ready();
    gate.wait_for_held(2);
    gate.open();
    let ended = program.end();
    let stored = ended.quietly(0).assert_numbered("exits:many", 300);
    assert_runs(stored, 2);
    let drawn: HashSet<_> = stored.spans.iter().map(|span| &span.id[16..]).collect();
    assert_eq!(drawn.len(), 300);
}

pub(crate) fn f45_span_open_across_the_fork() {
    let stored = stored("open_span");
    let open = stored.span("exits:open");
    assert_eq!(open.status, "complete", "the child's end does not count");
    assert_eq!(stored.span("exits:of_parent").parent_span_id.as_ref(), Some(&open.id));
    let of_child = stored.span("exits:of_child");
    assert_eq!(of_child.parent_span_id, None);
    assert_ne!(of_child.agent_instance_id, open.agent_instance_id);
    assert_eq!((stored.spans.len(), &of_child.payload), (3, &json!({})));
    assert_runs(&stored, 2);
}

pub(crate) fn f45_handle_of_a_run() {
    let stored = stored("handle");
    let [of_parent, of_child, inner] =
        ["of_parent", "of_child", "inner"].map(|kind| stored.span(&format!("exits:{kind}")));
    assert_ne!(of_parent.agent_instance_id, of_child.agent_instance_id);
    assert_eq!(inner.agent_instance_id, of_child.agent_instance_id);
    assert_eq!(inner.parent_span_id.as_ref(), Some(&of_child.id));
    assert_runs(&stored, 2);
}

pub(crate) fn f45_grandchild() {
    let stored = stored("grandchild");
    assert_runs(stored.assert_numbered("exits:many", 3), 3);
}

pub(crate) fn f45_init_in_the_child() {
    let stored = stored("init");
    assert_runs(stored.assert_numbered("exits:many", 3), 3);
}

pub(crate) fn f45_child_that_does_nothing() {
    let stored = stored("nothing");
    assert_runs(stored.assert_numbered("exits:many", 100), 1);
}

pub(crate) fn f45_exit_hook_of_the_child() {
    let stored = stored("exit_hook");
    assert_runs(stored.assert_numbered("exits:many", 2), 2);
}

pub(crate) fn f45_held_spans() {
    let stored = stored("held");
    let [open, of_parent, of_child] =
        ["open", "of_parent", "of_child"].map(|kind| stored.span(&format!("exits:{kind}")));
    assert_eq!((&*open.status, &of_parent.parent_span_id), ("complete", &Some(open.id.clone())));
    assert_eq!(of_child.parent_span_id, None, "the span above is another process's");
    assert_ne!(of_child.agent_instance_id, of_parent.agent_instance_id);
    let inner: Vec<_> = stored.spans.iter().filter(|span| span.schema_name == "exits:inner").collect();
    assert!(inner.iter().all(|span| span.status == "failed"), "{inner:#?}");
    assert_eq!((inner.len(), stored.spans.len()), (2, 5), "{:#?}", stored.spans);
    assert_runs(&stored, 2);
}
