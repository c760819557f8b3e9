//! F54: use after the shutdown. F55: clients that are set up more than once. F56: spans that end more than once.

use std::process::ExitCode;
use std::sync::Barrier;
use std::time::Instant;

use prefactor::{Client, DropReason, SpanFutureExt as _, span};
use prefactor_local::Server;

use crate::child::{Numbered as _, init, many};
use crate::support::{Program, Stored, TIMEOUT};

pub(crate) fn program(case: &str) -> ExitCode {
    match case {
        "after_the_shutdown" => {
            let first = init();
            assert!(first.shutdown(TIMEOUT).is_complete);
            let begin = Instant::now();
            many(1_000);
            println!("{:?} each", begin.elapsed() / 1_000);
            assert_eq!(first.stats().dropped(DropReason::AfterShutdown), 1_000);
            let second = init();
            many(100);
            let report = second.shutdown(TIMEOUT);
            assert_eq!((report.is_complete, report.stats.acknowledged), (true, 100), "{report}");
            assert_eq!(first.stats().created, 1_000, "each counts its own");
        }
        "second_init" => {
            let first = init();
            let error = prefactor::init().unwrap_err();
            assert!(error.is_already_installed());
            drop(error);
            many(100);
            drop(first);
            drop(prefactor::init().unwrap());
        }
        "many_inits" => {
            let barrier = Barrier::new(64);
            let init = || {
                barrier.wait();
                Client::builder().shutdown_timeout(TIMEOUT).install()
            };
            let results: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..64).map(|_| scope.spawn(init)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            many(100);
            let (guards, errors): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert_eq!((guards.len(), errors.len()), (1, 63));
            assert!(errors.iter().all(|error| error.as_ref().unwrap_err().is_already_installed()));
        }
        "strays" => strays(),
        "handlers" => handlers(),
        _ => unreachable!("{case}"),
    }
    ExitCode::SUCCESS
}

/// A program that registers its runs, and spawns tasks without the context of the run.
fn strays() {
    let prefactor = init();
    many(2);
    assert_eq!(prefactor.stats().outside_of_runs, 0, "no run was registered before");
    let run = prefactor.register("service");
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(run.scope(async {
        tokio::spawn(async { span("exits:carried").complete_numbered(0) }.with_current_span()).await.unwrap();
        assert_eq!(prefactor.stats().outside_of_runs, 0);
        for number in 0..3 {
            tokio::spawn(async move { span("exits:stray").complete_numbered(number) }).await.unwrap();
        }
    }));
    prefactor.default_instance().in_scope(|| span("exits:meant").complete_numbered(0));
    assert_eq!(prefactor.stats().outside_of_runs, 3);
}

/// A service whose annotated handler registers the run of its request, so that its own span begins before the run.
fn handlers() {
    #[span("exits:handler", skip_all)]
    async fn handle(client: &Client, number: u64) {
        let run = client.register("service");
        run.run_value(async { span("exits:answer").complete_numbered(number) }).await.unwrap();
    }

    let prefactor = init();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(handle(prefactor.client(), 0));
    assert_eq!(prefactor.stats().outside_of_runs, 0, "no run was registered before");
    runtime.block_on(handle(prefactor.client(), 1));
    assert_eq!(prefactor.stats().outside_of_runs, 1);
}

pub(crate) fn f54_use_after_the_shutdown() {
    let ended = Program::start("setup:after_the_shutdown").end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    let (line, others) = ended.errors.split_once('\n').unwrap();
    assert!(line.contains("started after the shutdown"), "{line}");
    assert_eq!(others, "", "one line");
    ended.stored.assert_numbered("exits:many", 100);
}

pub(crate) fn f55_second_init() {
    Program::start("setup:second_init").end().quietly(0).assert_numbered("exits:many", 100);
}

pub(crate) fn f55_many_inits_at_once() {
    Program::start("setup:many_inits").end().quietly(0).assert_numbered("exits:many", 100);
}

/// The spans are delivered in the default run, and one log line names them.
pub(crate) fn spans_outside_of_runs_are_told_of_once_and_counted() {
    let ended = Program::start("setup:strays").end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    let (line, others) = ended.errors.split_once('\n').unwrap();
    assert!(line.contains("outside of any run") && line.contains(".with_current_span()"), "{line}");
    assert_eq!(others, "", "one line");
    ended.stored.assert_numbered("exits:stray", 3).assert_numbered("exits:many", 2);
    let run_of = |schema_name| ended.stored.of_kind(schema_name)[0].agent_instance_id.clone();
    assert_eq!(run_of("exits:stray"), run_of("exits:meant"));
    assert_ne!(run_of("exits:stray"), run_of("exits:carried"));
}

pub(crate) fn annotated_handler_that_registers_its_run_is_told_two_cures() {
    let ended = Program::start("setup:handlers").end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    let line = ended.errors.trim_end();
    for part in
        ["a request handler that registers the run", "run.run(…)", "run_per_request", "counts such spans"]
    {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert_eq!(line.lines().count(), 1, "{line}");
    ended.stored.assert_numbered("exits:answer", 2);
}

fn client(server: &Server) -> Client {
    Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap()
}

/// Like tests of one program that have a client each.
pub(crate) fn f55_clients_side_by_side() {
    let barrier = Barrier::new(8);
    let test = || {
        let server = Server::start().unwrap();
        let client = client(&server);
        let instance = client.register("tester");
        barrier.wait();
        instance.in_scope(|| many(50));
        assert!(client.shutdown(TIMEOUT).is_complete);
        Stored::of(&server).assert_numbered("exits:many", 50).assert_instance("complete");
    };
    std::thread::scope(|scope| {
        (0..8).map(|_| scope.spawn(test)).for_each(drop);
    });
}

/// Runs a closure in a run of its own.
fn stored(body: impl FnOnce()) -> Stored {
    let server = Server::start().unwrap();
    let client = client(&server);
    client.register("tester").in_scope(body);
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == report.stats.created, "{report}");
    Stored::of(&server)
}

pub(crate) fn f56_finished_twice() {
    let stored = stored(|| {
        let span = span("exits:twice");
        span.start(&());
        span.complete(&1);
        span.fail(&2);
        span.cancel();
        span.start(&3);
        drop(span);
    });
    let span = stored.span("exits:twice");
    assert_eq!(
        (span.status.as_str(), span.result_payload.as_ref().unwrap()["result"].as_u64()),
        ("complete", Some(1))
    );
}

pub(crate) fn f56_finished_by_two_threads() {
    let stored = stored(|| {
        for number in 0..100 {
            let span = span("exits:raced");
            span.start(&serde_json::json!({ "number": number }));
            let barrier = Barrier::new(2);
            let finish = |finish: fn(&prefactor::Span)| {
                barrier.wait();
                finish(&span);
            };
            std::thread::scope(|scope| {
                scope.spawn(|| finish(|span| span.complete(&1)));
                scope.spawn(|| finish(|span| span.fail(&2)));
            });
        }
    });
    let spans = stored.of_kind("exits:raced");
    assert_eq!(spans.len(), 100);
    for span in spans {
        let result = span.result_payload.as_ref().unwrap()["result"].as_u64();
        assert!(
            matches!((span.status.as_str(), result), ("complete", Some(1)) | ("failed", Some(2))),
            "{span:?}"
        );
    }
}

pub(crate) fn f56_finished_after_its_parent() {
    let stored = stored(|| {
        let parent = span("exits:parent");
        parent.start(&());
        let child = parent.in_scope(|| span("exits:child"));
        child.start(&());
        parent.complete(&());
        child.complete_numbered(0);
    });
    let (parent, child) = (stored.span("exits:parent"), stored.span("exits:child"));
    assert_eq!((parent.status.as_str(), child.status.as_str()), ("complete", "complete"));
    assert_eq!(child.parent_span_id.as_ref(), Some(&parent.id));
}
